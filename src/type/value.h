/*
 * One value outside of any table: a literal, a parameter, a column on its way to or from a client.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "type/collation.h"
#include "type/decimal.h"

enum value_kind { VALUE_NULL, VALUE_INT, VALUE_UINT, VALUE_DOUBLE, VALUE_DECIMAL, VALUE_STRING, VALUE_DATE,
		  VALUE_TIME, VALUE_DATETIME };

struct value {
	enum value_kind kind;
	uint8_t decimals;                  /* of DOUBLE (31 = as many as needed), TIME, DATETIME: digits of fraction */
	const struct collation *collation; /* of STRING: its charset and collation; binary strings: collation_binary */
	union {
		int64_t integer;               /* INT */
		uint64_t uinteger;             /* UINT */
		double real;                   /* DOUBLE */
		const struct decimal *decimal; /* DECIMAL, in the arena of whoever made the value */
		struct bytes string;           /* STRING, borrowed */
		int64_t packed;                /* DATE, TIME, DATETIME: see temporal.h */
	};
};

static inline struct value value_null(void) { return (struct value){.kind = VALUE_NULL}; }
static inline struct value value_int(int64_t i) { return (struct value){.kind = VALUE_INT, .integer = i}; }
static inline struct value value_uint(uint64_t u) { return (struct value){.kind = VALUE_UINT, .uinteger = u}; }
static inline struct value value_double(double d)
{
	return (struct value){.kind = VALUE_DOUBLE, .decimals = 31, .real = d};
}
static inline struct value value_string(struct bytes s, const struct collation *collation)
{
	return (struct value){.kind = VALUE_STRING, .collation = collation, .string = s};
}

/* The text MySQL would print for it, in the arena (or borrowed from the value). NULL gives {NULL, 0}. */
struct bytes value_text(const struct value *value, struct arena *arena);
/* MySQL's numeric readings: leading number of a string, 20240131 of a date. */
int64_t value_to_int(const struct value *value);
double value_to_double(const struct value *value);
struct value value_copy(const struct value *value, struct arena *arena); /* deep */
/* Decimal digits. Size without the zero. */
size_t integer_print(uint64_t magnitude, bool negative, char out[24]);
size_t int_print(int64_t value, char out[24]);
/* Shortest text that reads back as the same double, in MySQL's notation (1e20 not 1e+20). Size without the zero. */
size_t double_print(double value, char out[64]);
/* The same, with fewer digits where it would not fit the width; still wider when no digits are few enough. */
size_t double_print_within(double value, size_t width, char out[64]);
size_t float_print(float value, char out[64]); /* six digits, as MySQL shows FLOAT columns */
size_t double_print_fixed(double value, unsigned decimals, char out[400]);
