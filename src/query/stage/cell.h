/*
 * Values of SQLite's that are kept, and the keys that tell which are equal.
 */
#pragma once

#include "query/handle.h"
#include "type/collation.h"

struct cell {
	int type; /* SQLite's */
	union {
		int64_t integer;
		double real;
		struct bytes string; /* TEXT and BLOB */
	};
};

/* The bytes are the value's own. */
static inline struct cell cell_of(sqlite3_value *value)
{
	struct cell cell = {.type = sqlite3_value_type(value)};
	switch (cell.type) {
	case SQLITE_NULL: break;
	case SQLITE_INTEGER: cell.integer = sqlite3_value_int64(value); break;
	case SQLITE_FLOAT: cell.real = sqlite3_value_double(value); break;
	default: cell.string = text_of(value);
	}
	return cell;
}

static inline size_t cell_extra_size(const struct cell *cell)
{
	return cell->type == SQLITE_TEXT || cell->type == SQLITE_BLOB ? cell->string.size : 0;
}

void cell_result(const struct cell *cell, sqlite3_context *context);
int cell_bind(const struct cell *cell, sqlite3_stmt *statement, int parameter);

/* For files: cells behind each other. The unpacked one's bytes are borrowed; false at the end, or when it does not fit. */
void cell_pack(const struct cell *cell, struct buf *out);
bool cell_unpack(struct bytes *packed, struct cell *out);

/*
 * Appends bytes that are equal for values that are, and that no other value's begin with: NULL is NULL, -0.0 is 0.0, texts
 * are equal by their collation.
 */
void cell_put_key(const struct cell *cell, const struct collation *collation, struct buf *out);
/* The same by the bytes alone: equal only for values that are the same. */
void cell_put_image(const struct cell *cell, struct buf *out);
