/*
 * A value in SQLite's representation (enum value_class says which one) outside of SQLite: what a table's cursor is asked
 * for. Private to this folder.
 */
#pragma once

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "type/decimal.h"

struct argument {
	int type;            /* SQLITE_NULL, _INTEGER, _FLOAT, _TEXT, _BLOB */
	int64_t integer;     /* INTEGER */
	double real;         /* FLOAT */
	struct bytes bytes;  /* TEXT and BLOB: borrowed */
	const void *pointer; /* NULL: what it carries, of the one kind that was asked for */
};

/* pointer_kind: the one that a NULL may carry. */
static inline struct argument argument_of(sqlite3_value *value, const char *pointer_kind)
{
	struct argument argument = {.type = sqlite3_value_type(value)};
	switch (argument.type) {
	case SQLITE_INTEGER: argument.integer = sqlite3_value_int64(value); break;
	case SQLITE_FLOAT: argument.real = sqlite3_value_double(value); break;
	case SQLITE_NULL: argument.pointer = sqlite3_value_pointer(value, pointer_kind); break;
	default:
		/* Of a TEXT its bytes as they lie; sqlite3_value_text would add a zero to them. */
		argument.bytes.data = sqlite3_value_blob(value);
		argument.bytes.size = (size_t)sqlite3_value_bytes(value);
		break;
	}
	return argument;
}

/* Of numbers. */
static inline int64_t argument_integer(const struct argument *argument)
{
	if (argument->type != SQLITE_FLOAT)
		return argument->type == SQLITE_INTEGER ? argument->integer : 0;
	if (argument->real < -9223372036854775808.0)
		return INT64_MIN;
	return argument->real >= 9223372036854775808.0 ? INT64_MAX : (int64_t)argument->real;
}

static inline double argument_real(const struct argument *argument)
{
	return argument->type == SQLITE_FLOAT ? argument->real : (double)argument_integer(argument);
}

/* INTEGER class: true when it is unsigned above INT64_MAX; *out has the 64 bits either way. Not NULL. */
static inline bool argument_bits(const struct argument *argument, uint64_t *out)
{
	if (argument->type != SQLITE_BLOB) {
		*out = (uint64_t)argument_integer(argument);
		return false;
	}
	*out = argument->bytes.size == 8 ? bytes_load_uint_be(argument->bytes.data, 8) : 0;
	return true;
}

/* DECIMAL class. False when the bytes are none. */
static inline bool argument_decimal(const struct argument *argument, struct decimal *out)
{
	return argument->type == SQLITE_BLOB && decimal_from_sortable(argument->bytes, out) == DECIMAL_OK;
}
