/*
 * DECIMAL: exact decimal numbers of up to 65 digits, 30 behind the point.
 *
 * Held as an unscaled magnitude in base 10^9 limbs, least significant first, so that every operation
 * is plain integer arithmetic. The packed form is MySQL's (9 digits in 4 bytes, sign bit flipped), the
 * one of row events and of our store.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"

enum { decimal_limbs = 16, decimal_precision_max = 65, decimal_scale_max = 30 };

struct decimal {
	uint32_t limb[decimal_limbs]; /* base 10^9, least significant first, unused ones 0 */
	uint8_t limb_count;           /* limbs in use, 0 for zero */
	uint8_t scale;                /* digits behind the point */
	bool negative;                /* never set for zero */
};

enum decimal_status { DECIMAL_OK, DECIMAL_TRUNCATED /* rounded */, DECIMAL_OVERFLOW /* became the largest */,
		      DECIMAL_BAD /* no number there */, DECIMAL_DIVISION_BY_ZERO };

void decimal_from_int(struct decimal *out, int64_t value);
void decimal_from_uint(struct decimal *out, uint64_t value);
enum decimal_status decimal_from_double(struct decimal *out, double value); /* shortest digits that read back the same */
/* Reads [space][sign]digits[.digits][e[sign]digits]; out_used is how many bytes belonged to it. */
enum decimal_status decimal_parse(struct decimal *out, struct bytes text, size_t *out_used);
size_t decimal_print(const struct decimal *value, char out[decimal_precision_max + 8 + 80]); /* size without the zero */
enum decimal_status decimal_to_int(const struct decimal *value, int64_t *out);   /* rounds half away from zero */
enum decimal_status decimal_to_uint(const struct decimal *value, uint64_t *out);
double decimal_to_double(const struct decimal *value);

bool decimal_is_zero(const struct decimal *value);
unsigned decimal_digits(const struct decimal *value); /* significant digits of the magnitude, at least scale */
int decimal_compare(const struct decimal *a, const struct decimal *b);
void decimal_negate(struct decimal *value);
/* Half away from zero; a negative scale rounds before the point. */
void decimal_round(struct decimal *value, int scale);
void decimal_truncate(struct decimal *value, int scale);
void decimal_floor(struct decimal *value);
void decimal_ceil(struct decimal *value);
/* Scale becomes exactly `scale`, value fits DECIMAL(precision, scale) or becomes the nearest that does. */
enum decimal_status decimal_fit(struct decimal *value, unsigned precision, unsigned scale);

enum decimal_status decimal_add(const struct decimal *a, const struct decimal *b, struct decimal *out);
enum decimal_status decimal_subtract(const struct decimal *a, const struct decimal *b, struct decimal *out);
enum decimal_status decimal_multiply(const struct decimal *a, const struct decimal *b, struct decimal *out);
/* Result scale is a->scale + scale_increment, rounded. */
enum decimal_status decimal_divide(const struct decimal *a, const struct decimal *b, unsigned scale_increment,
				   struct decimal *out);
enum decimal_status decimal_modulo(const struct decimal *a, const struct decimal *b, struct decimal *out);

size_t decimal_packed_size(unsigned precision, unsigned scale);
/* The value must fit (decimal_fit). Appends decimal_packed_size bytes; memcmp order is numeric order. */
void decimal_pack(const struct decimal *value, unsigned precision, unsigned scale, struct buf *out);
/* data holds decimal_packed_size bytes. DECIMAL_BAD when digits are out of range. */
enum decimal_status decimal_unpack(const uint8_t *data, unsigned precision, unsigned scale, struct decimal *out);

/* The digits of a packed number as one, without the point; precision is 18 at most. False: digits are out of range. */
bool decimal_unscaled_of_packed(const uint8_t *data, unsigned precision, unsigned scale, int64_t *out);

/* Order-preserving and canonical (1.0 and 1.00 give the same bytes): the evaluator's form. At most 48 bytes. */
size_t decimal_sortable(const struct decimal *value, uint8_t out[48]);
/* The same of a packed number, at once. 0: digits are out of range. */
size_t decimal_sortable_of_packed(const uint8_t *data, unsigned precision, unsigned scale, uint8_t out[48]);
enum decimal_status decimal_from_sortable(struct bytes sortable, struct decimal *out);
