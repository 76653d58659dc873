/*
 * JSON paths, MySQL's: $.name  $."any name"  $.*  $[3]  $[last]  $[last-2]  $[1 to 3]  $[*]  $**.name
 *
 * A path is one block of memory, to be freed with memory_free. Everything else is pure, any thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"

enum json_leg_kind {
	JSON_LEG_NAME, JSON_LEG_CELL, JSON_LEG_RANGE, JSON_LEG_ANY_NAME, JSON_LEG_ANY_CELL, JSON_LEG_ANY_DEPTH,
};

struct json_cell {
	uint32_t index;
	bool from_end; /* last - index */
};

struct json_leg {
	enum json_leg_kind kind;
	struct bytes name;       /* NAME, escapes resolved; in the path's memory */
	struct json_cell cell;   /* CELL, RANGE's first */
	struct json_cell to;     /* RANGE's last */
};

struct json_path {
	unsigned count;
	bool has_wildcard;       /* may mean several places */
	bool may_repeat;         /* may find one place several times */
	struct json_leg legs[];
};

/* NULL: no path; *out_bad is about where, in bytes. */
struct json_path *json_path_parse(struct bytes text, size_t *out_bad);

/* The value at the first leg_count legs, none of them a wildcard; data NULL: there is none. A slice of the document. */
struct bytes json_path_find(const struct json_path *path, unsigned leg_count, struct bytes document);
/* Where the cell is in an array of that many elements; false when outside. A cell before the first is 0, one behind the
   last is size. */
bool json_cell_place(struct json_cell cell, size_t size, size_t *out_place);

/* Calls visit for each place in the document's order until it says false. */
typedef bool json_visit(struct bytes value, void *argument);
void json_path_visit(const struct json_path *path, struct bytes document, json_visit *visit, void *argument);

/* Appends a leg as a path shows it: .name, ."a name", [3]. */
void json_path_put_name(struct bytes raw_name, struct buf *out);
void json_path_put_cell(size_t index, struct buf *out);
