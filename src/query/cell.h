/*
 * Values as our own loops pass them: those of SQLite, without its bookkeeping, and small DECIMALs as what they are. And the
 * keys that tell which are equal. Private to this folder.
 */
#pragma once

#include "query/argument.h"
#include "query/handle.h"
#include "type/collation.h"

/* The value is cell.integer / 10^cell.scale. To SQLite it is a BLOB, as all of the class (value_sqlite.c). */
enum { CELL_DECIMAL = SQLITE_NULL + 1 };

struct cell {
	uint8_t type;  /* SQLite's, or CELL_DECIMAL */
	uint8_t scale; /* CELL_DECIMAL: 0 to decimal_scale_max */
	union {
		int64_t integer;
		double real;
		struct bytes string; /* TEXT and BLOB */
	};
};

/* The bytes are the value's own. */
static inline struct cell cell_of(sqlite3_value *value)
{
	struct cell cell = {.type = (uint8_t)sqlite3_value_type(value)};
	switch (cell.type) {
	case SQLITE_NULL: break;
	case SQLITE_INTEGER: cell.integer = sqlite3_value_int64(value); break;
	case SQLITE_FLOAT: cell.real = sqlite3_value_double(value); break;
	default: cell.string = text_of(value);
	}
	return cell;
}

static inline struct cell cell_of_argument(const struct argument *argument)
{
	struct cell cell = {.type = (uint8_t)argument->type};
	switch (cell.type) {
	case SQLITE_NULL: break;
	case SQLITE_INTEGER: cell.integer = argument->integer; break;
	case SQLITE_FLOAT: cell.real = argument->real; break;
	default: cell.string = argument->bytes;
	}
	return cell;
}

static inline bool cell_is_null(const struct cell *cell)
{
	return cell->type == SQLITE_NULL;
}

static inline size_t cell_extra_size(const struct cell *cell)
{
	return cell->type == SQLITE_TEXT || cell->type == SQLITE_BLOB ? cell->string.size : 0;
}

/* Of the classes INTEGER (above INT64_MAX: a BLOB), REAL and DECIMAL; not NULL. */
__int128 cell_wide(const struct cell *cell);
static inline double cell_real(const struct cell *cell)
{
	return cell->type == SQLITE_FLOAT ? cell->real : cell->type == SQLITE_INTEGER ? (double)cell->integer : 0;
}
bool cell_decimal(const struct cell *cell, struct decimal *out);
/* The same number as CELL_DECIMAL; false: it is too large. */
bool cell_make_small(const struct decimal *value, struct cell *out);

void cell_result(const struct cell *cell, sqlite3_context *context);

/* For files: cells behind each other. The unpacked one's bytes are borrowed; false at the end, or when it does not fit. */
void cell_pack(const struct cell *cell, struct buf *out);
bool cell_unpack(struct bytes *packed, struct cell *out);

/* As SQLite orders values of one class, TEXT by that collation: <0, 0, >0. Neither is NULL. */
int cell_compare(const struct cell *a, const struct cell *b, const struct collation *collation);

/*
 * Appends bytes that are equal for values that are, and that no other value's begin with: NULL is NULL, -0.0 is 0.0, texts
 * are equal by their collation.
 */
void cell_put_key(const struct cell *cell, const struct collation *collation, struct buf *out);
/* The same by the bytes alone: equal only for values that are the same. */
void cell_put_image(const struct cell *cell, struct buf *out);
