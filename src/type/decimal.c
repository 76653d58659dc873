#include "type/decimal.h"

#include <assert.h>
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "type/value.h"

/*
 * Invariants of every struct decimal that leaves this file:
 *   scale <= 30, at most 65 digits before the point, at most 9 groups of nine digits counted from the point to
 *   both sides (MySQL's own bound), no leading zero limbs, zero is not negative, limbs past limb_count are 0.
 *
 * Work in between happens in a struct wide, which holds any product or shifted dividend of two such numbers.
 */

enum { limb_base = 1000000000, limb_digits = 9, wide_limbs = 40, groups_max = 9, digits_kept = 120 };

struct wide {
	uint32_t limb[wide_limbs];
	unsigned count;
};

static const uint32_t power10[10] = {1,      10,      100,      1000,      10000,
				     100000, 1000000, 10000000, 100000000, 1000000000};

static void trim(struct wide *wide)
{
	while (wide->count > 0 && wide->limb[wide->count - 1] == 0)
		wide->count--;
}

static void multiply_small(struct wide *wide, uint32_t factor, uint32_t addend)
{
	uint64_t carry = addend;
	for (unsigned i = 0; i < wide->count; i++) {
		carry += (uint64_t)wide->limb[i] * factor;
		wide->limb[i] = (uint32_t)(carry % limb_base);
		carry /= limb_base;
	}
	if (carry) {
		assert(wide->count < wide_limbs);
		wide->limb[wide->count++] = (uint32_t)carry;
	}
}

static uint32_t divide_small(struct wide *wide, uint32_t divisor)
{
	uint64_t rest = 0;
	for (unsigned i = wide->count; i-- > 0;) {
		rest = rest * limb_base + wide->limb[i];
		wide->limb[i] = (uint32_t)(rest / divisor);
		rest %= divisor;
	}
	trim(wide);
	return (uint32_t)rest;
}

static void shift_up(struct wide *wide, unsigned digits)
{
	unsigned whole = digits / limb_digits;
	if (wide->count == 0)
		return;
	if (whole) {
		assert(wide->count + whole <= wide_limbs);
		memmove(wide->limb + whole, wide->limb, wide->count * sizeof *wide->limb);
		memset(wide->limb, 0, whole * sizeof *wide->limb);
		wide->count += whole;
	}
	if (digits % limb_digits)
		multiply_small(wide, power10[digits % limb_digits], 0);
}

struct dropped {
	bool any;  /* something but zeros went */
	bool half; /* its first digit was 5 or more */
};

static void drop_limbs(struct wide *wide, unsigned whole, struct dropped *dropped)
{
	if (whole > wide->count)
		whole = wide->count;
	for (unsigned i = 0; i < whole; i++)
		dropped->any |= wide->limb[i] != 0;
	memmove(wide->limb, wide->limb + whole, (wide->count - whole) * sizeof *wide->limb);
	wide->count -= whole;
}

/* Divides by 10^digits, downwards. */
static struct dropped shift_down(struct wide *wide, unsigned digits)
{
	struct dropped dropped = {0};
	if (digits == 0 || wide->count == 0)
		return dropped;
	drop_limbs(wide, (digits - 1) / limb_digits, &dropped);
	if ((digits - 1) % limb_digits)
		dropped.any |= divide_small(wide, power10[(digits - 1) % limb_digits]) != 0;
	uint32_t digit = divide_small(wide, 10);
	dropped.any |= digit != 0;
	dropped.half = digit >= 5;
	return dropped;
}

static void add_one(struct wide *wide)
{
	unsigned i = 0;
	while (i < wide->count && wide->limb[i] == limb_base - 1)
		wide->limb[i++] = 0;
	if (i == wide->count) {
		assert(wide->count < wide_limbs);
		wide->limb[wide->count++] = 0;
	}
	wide->limb[i]++;
}

static bool shift_down_rounded(struct wide *wide, unsigned digits)
{
	struct dropped dropped = shift_down(wide, digits);
	if (dropped.half)
		add_one(wide);
	return dropped.any;
}

static unsigned limb_width(uint32_t limb)
{
	unsigned width = 0;
	while (width < limb_digits && limb >= power10[width])
		width++;
	return width;
}

static unsigned count_digits(const uint32_t *limb, unsigned count)
{
	return count ? (count - 1) * limb_digits + limb_width(limb[count - 1]) : 0;
}

static int compare_limbs(const uint32_t *a, unsigned a_count, const uint32_t *b, unsigned b_count)
{
	if (a_count != b_count)
		return a_count < b_count ? -1 : 1;
	for (unsigned i = a_count; i-- > 0;)
		if (a[i] != b[i])
			return a[i] < b[i] ? -1 : 1;
	return 0;
}

static void widen(const struct decimal *value, struct wide *out)
{
	memcpy(out->limb, value->limb, value->limb_count * sizeof *out->limb);
	out->count = value->limb_count;
}

static void set_nines(struct decimal *out, unsigned digits, unsigned scale, bool negative)
{
	*out = (struct decimal){.scale = (uint8_t)scale, .negative = negative && digits};
	unsigned whole = digits / limb_digits;
	for (unsigned i = 0; i < whole; i++)
		out->limb[i] = limb_base - 1;
	out->limb_count = (uint8_t)whole;
	if (digits % limb_digits)
		out->limb[out->limb_count++] = power10[digits % limb_digits] - 1;
}

static unsigned groups_of(unsigned digits)
{
	return (digits + limb_digits - 1) / limb_digits;
}

/* Brings an intermediate under the invariants above and stores it. */
static enum decimal_status finish(struct wide *wide, unsigned scale, bool negative, struct decimal *out)
{
	bool lost = false;
	trim(wide);
	if (scale > decimal_scale_max) {
		lost |= shift_down_rounded(wide, scale - decimal_scale_max);
		scale = decimal_scale_max;
	}
	unsigned digits = count_digits(wide->limb, wide->count);
	unsigned whole = digits > scale ? digits - scale : 0;
	if (whole > decimal_precision_max) {
		set_nines(out, decimal_precision_max, 0, negative);
		return DECIMAL_OVERFLOW;
	}
	if (groups_of(whole) + groups_of(scale) > groups_max) {
		unsigned kept = (groups_max - groups_of(whole)) * limb_digits;
		lost |= shift_down(wide, scale - kept).any;
		scale = kept;
	}
	*out = (struct decimal){.limb_count = (uint8_t)wide->count, .scale = (uint8_t)scale};
	assert(wide->count <= decimal_limbs);
	memcpy(out->limb, wide->limb, wide->count * sizeof *out->limb);
	out->negative = negative && wide->count;
	return lost ? DECIMAL_TRUNCATED : DECIMAL_OK;
}

/*
 * Nearly all numbers are small: magnitudes of two limbs, a machine word. What two of them make, at these scales, is under
 * every bound above, and stored as it is.
 */
enum { small_limbs = 2, small_scale = 18 };

static inline bool is_small(const struct decimal *value)
{
	return value->limb_count <= small_limbs && value->scale <= small_scale;
}

static inline uint64_t small_magnitude(const struct decimal *value)
{
	return value->limb[0] + (uint64_t)value->limb[1] * limb_base;
}

static enum decimal_status store_small(unsigned __int128 magnitude, unsigned scale, bool negative, struct decimal *out)
{
	*out = (struct decimal){.scale = (uint8_t)scale, .negative = negative && magnitude};
	for (; magnitude > UINT64_MAX; magnitude /= limb_base)
		out->limb[out->limb_count++] = (uint32_t)(magnitude % limb_base);
	for (uint64_t rest = (uint64_t)magnitude; rest; rest /= limb_base)
		out->limb[out->limb_count++] = (uint32_t)(rest % limb_base);
	return DECIMAL_OK;
}

void decimal_from_uint(struct decimal *out, uint64_t value)
{
	*out = (struct decimal){0};
	for (; value; value /= limb_base)
		out->limb[out->limb_count++] = (uint32_t)(value % limb_base);
}

void decimal_from_int(struct decimal *out, int64_t value)
{
	decimal_from_uint(out, value < 0 ? -(uint64_t)value : (uint64_t)value);
	out->negative = value < 0;
}

enum decimal_status decimal_from_double(struct decimal *out, double value)
{
	if (isnan(value)) {
		*out = (struct decimal){0};
		return DECIMAL_BAD;
	}
	if (isinf(value)) {
		set_nines(out, decimal_precision_max, 0, value < 0);
		return DECIMAL_OVERFLOW;
	}
	char text[64];
	size_t size = double_print(value, text);
	return decimal_parse(out, bytes_of(text, size), NULL);
}

/* The parts of a written number. */
struct written {
	uint8_t digits[digits_kept]; /* from the first that is not 0 */
	unsigned count;              /* digits kept; those behind are past any scale */
	long point;                  /* digits before the point, could be negative: 0.001 has -2 */
	long fraction;               /* digits written behind the point, less the exponent */
	bool negative;
	bool lost; /* a digit that was not kept was not 0 */
};

static size_t read_digits(struct bytes text, size_t at, struct written *out, bool behind_point)
{
	for (; at < text.size && isdigit(text.data[at]); at++) {
		uint8_t digit = text.data[at] - '0';
		out->fraction += behind_point;
		if (out->count == 0 && digit == 0) {
			out->point -= behind_point;
			continue;
		}
		out->point += !behind_point;
		if (out->count < digits_kept)
			out->digits[out->count++] = digit;
		else
			out->lost |= digit != 0;
	}
	return at;
}

static size_t read_exponent(struct bytes text, size_t at, struct written *out)
{
	size_t next = at + 1;
	bool negative = false;
	if (next < text.size && (text.data[next] == '-' || text.data[next] == '+'))
		negative = text.data[next++] == '-';
	if (next >= text.size || !isdigit(text.data[next]))
		return at;
	long exponent = 0;
	for (; next < text.size && isdigit(text.data[next]); next++)
		if (exponent < 100000)
			exponent = exponent * 10 + (text.data[next] - '0');
	out->point += negative ? -exponent : exponent;
	out->fraction -= negative ? -exponent : exponent;
	return next;
}

static bool read_number(struct bytes text, struct written *out, size_t *out_used)
{
	size_t at = 0;
	while (at < text.size && isspace(text.data[at]))
		at++;
	if (at < text.size && (text.data[at] == '-' || text.data[at] == '+'))
		out->negative = text.data[at++] == '-';
	size_t start = at;
	at = read_digits(text, at, out, false);
	size_t digits = at - start;
	if (at < text.size && text.data[at] == '.') {
		size_t end = read_digits(text, at + 1, out, true);
		digits += end - at - 1;
		at = end;
	}
	if (digits == 0)
		return false;
	if (at < text.size && (text.data[at] | 0x20) == 'e')
		at = read_exponent(text, at, out);
	*out_used = at;
	return true;
}

/* The first `count` kept digits (zeros where none were kept) as one number. */
static void digits_to_wide(const struct written *written, unsigned count, struct wide *out)
{
	out->count = groups_of(count);
	memset(out->limb, 0, out->count * sizeof *out->limb);
	for (unsigned i = 0; i < count && i < written->count; i++) {
		unsigned from_end = count - 1 - i;
		out->limb[from_end / limb_digits] += written->digits[i] * power10[from_end % limb_digits];
	}
}

enum decimal_status decimal_parse(struct decimal *out, struct bytes text, size_t *out_used)
{
	struct written written;
	written.count = 0;
	written.point = written.fraction = 0;
	written.negative = written.lost = false;
	size_t used = 0;
	bool found = read_number(text, &written, &used);
	if (out_used)
		*out_used = used;
	if (!found) {
		*out = (struct decimal){0};
		return DECIMAL_BAD;
	}
	if (written.count && written.point > decimal_precision_max) {
		set_nines(out, decimal_precision_max, 0, written.negative);
		return DECIMAL_OVERFLOW;
	}
	/* One digit more than the largest scale decides the rounding. */
	long scale = written.fraction < 0 ? 0 : written.fraction;
	bool lost = written.lost;
	if (scale > decimal_scale_max + 1) {
		scale = decimal_scale_max + 1;
		for (unsigned i = 0; i < written.count && !lost; i++)
			lost = written.digits[i] && (long)i >= written.point + scale;
	}
	struct wide wide;
	long count = written.count ? written.point + scale : 0;
	digits_to_wide(&written, count > 0 ? (unsigned)count : 0, &wide);
	enum decimal_status status = finish(&wide, (unsigned)scale, written.negative, out);
	return status == DECIMAL_OK && lost ? DECIMAL_TRUNCATED : status;
}

size_t decimal_print(const struct decimal *value, char out[decimal_precision_max + 8 + 80])
{
	char digits[decimal_limbs * limb_digits + decimal_scale_max + 2];
	unsigned count = decimal_digits(value);
	if (count <= value->scale)
		count = value->scale + 1u;
	for (unsigned i = 0; i < count; i++) {
		unsigned limb = i / limb_digits;
		uint32_t part = limb < value->limb_count ? value->limb[limb] : 0;
		digits[count - 1 - i] = (char)('0' + part / power10[i % limb_digits] % 10);
	}
	char *at = out;
	if (value->negative)
		*at++ = '-';
	size_t whole = count - value->scale;
	memcpy(at, digits, whole);
	at += whole;
	if (value->scale) {
		*at++ = '.';
		memcpy(at, digits + whole, value->scale);
		at += value->scale;
	}
	*at = 0;
	return (size_t)(at - out);
}

/* The rounded magnitude; false past 2^64 - 1. */
static bool magnitude(const struct decimal *value, uint64_t *out)
{
	struct wide wide;
	widen(value, &wide);
	shift_down_rounded(&wide, value->scale);
	__uint128_t sum = 0;
	if (wide.count > 3)
		return false;
	for (unsigned i = wide.count; i-- > 0;)
		sum = sum * limb_base + wide.limb[i];
	*out = (uint64_t)sum;
	return sum <= UINT64_MAX;
}

enum decimal_status decimal_to_int(const struct decimal *value, int64_t *out)
{
	uint64_t size;
	uint64_t limit = (uint64_t)INT64_MAX + value->negative;
	if (!magnitude(value, &size) || size > limit) {
		*out = value->negative ? INT64_MIN : INT64_MAX;
		return DECIMAL_OVERFLOW;
	}
	*out = value->negative ? (int64_t)-size : (int64_t)size;
	return DECIMAL_OK;
}

enum decimal_status decimal_to_uint(const struct decimal *value, uint64_t *out)
{
	uint64_t size;
	bool fits = magnitude(value, &size);
	if (value->negative && !(fits && size == 0)) {
		*out = 0;
		return DECIMAL_OVERFLOW;
	}
	*out = fits ? size : UINT64_MAX;
	return fits ? DECIMAL_OK : DECIMAL_OVERFLOW;
}

double decimal_to_double(const struct decimal *value)
{
	static const double exact[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
				       1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
	if (value->limb_count == 0)
		return 0;
	/* Both operands are exact doubles, so that one division rounds once. */
	if (value->limb_count == 1 && value->scale < sizeof exact / sizeof *exact) {
		double result = value->limb[0] / exact[value->scale];
		return value->negative ? -result : result;
	}
	char text[decimal_precision_max + 8 + 80];
	decimal_print(value, text);
	return strtod(text, NULL);
}

bool decimal_is_zero(const struct decimal *value)
{
	return value->limb_count == 0;
}

unsigned decimal_digits(const struct decimal *value)
{
	unsigned digits = count_digits(value->limb, value->limb_count);
	return digits > value->scale ? digits : value->scale;
}

void decimal_negate(struct decimal *value)
{
	value->negative = !value->negative && value->limb_count;
}

static int compare_magnitude(const struct decimal *a, const struct decimal *b)
{
	if (a->scale == b->scale)
		return compare_limbs(a->limb, a->limb_count, b->limb, b->limb_count);
	struct wide wide_a, wide_b;
	widen(a, &wide_a);
	widen(b, &wide_b);
	if (a->scale < b->scale)
		shift_up(&wide_a, b->scale - a->scale);
	else
		shift_up(&wide_b, a->scale - b->scale);
	return compare_limbs(wide_a.limb, wide_a.count, wide_b.limb, wide_b.count);
}

int decimal_compare(const struct decimal *a, const struct decimal *b)
{
	if (a->negative != b->negative)
		return a->negative ? -1 : 1;
	int order = compare_magnitude(a, b);
	return a->negative ? -order : order;
}

enum rounding { ROUND_HALF_UP, ROUND_DOWN, ROUND_UP /* away from zero */ };

static void reduce_scale(struct decimal *value, int scale, enum rounding rounding)
{
	if (scale >= value->scale)
		return;
	if (scale < -decimal_precision_max - 1)
		scale = -decimal_precision_max - 1;
	struct wide wide;
	widen(value, &wide);
	struct dropped dropped = shift_down(&wide, (unsigned)(value->scale - scale));
	if (rounding == ROUND_HALF_UP ? dropped.half : rounding == ROUND_UP && dropped.any)
		add_one(&wide);
	if (scale < 0)
		shift_up(&wide, (unsigned)-scale);
	finish(&wide, scale < 0 ? 0 : (unsigned)scale, value->negative, value);
}

void decimal_round(struct decimal *value, int scale)
{
	reduce_scale(value, scale, ROUND_HALF_UP);
}

void decimal_truncate(struct decimal *value, int scale)
{
	reduce_scale(value, scale, ROUND_DOWN);
}

void decimal_floor(struct decimal *value)
{
	reduce_scale(value, 0, value->negative ? ROUND_UP : ROUND_DOWN);
}

void decimal_ceil(struct decimal *value)
{
	reduce_scale(value, 0, value->negative ? ROUND_DOWN : ROUND_UP);
}

enum decimal_status decimal_fit(struct decimal *value, unsigned precision, unsigned scale)
{
	assert(precision <= decimal_precision_max && scale <= decimal_scale_max && scale <= precision);
	bool lost = false;
	if (value->scale != scale) {
		struct wide wide;
		widen(value, &wide);
		if (value->scale > scale)
			lost = shift_down_rounded(&wide, value->scale - scale);
		else
			shift_up(&wide, scale - value->scale);
		if (count_digits(wide.limb, wide.count) > precision) {
			set_nines(value, precision, scale, value->negative);
			return DECIMAL_OVERFLOW;
		}
		finish(&wide, scale, value->negative, value);
	} else if (count_digits(value->limb, value->limb_count) > precision) {
		set_nines(value, precision, scale, value->negative);
		return DECIMAL_OVERFLOW;
	}
	return lost ? DECIMAL_TRUNCATED : DECIMAL_OK;
}

/* a + b, magnitudes. */
static void add_wide(struct wide *a, const struct wide *b)
{
	uint32_t carry = 0;
	for (unsigned i = 0; i < b->count || carry; i++) {
		if (i == a->count)
			a->limb[a->count++] = 0;
		uint32_t sum = a->limb[i] + carry + (i < b->count ? b->limb[i] : 0);
		carry = sum >= limb_base;
		a->limb[i] = sum - carry * limb_base;
	}
}

/* a - b, magnitudes, a >= b. */
static void subtract_wide(struct wide *a, const struct wide *b)
{
	uint32_t borrow = 0;
	for (unsigned i = 0; i < a->count; i++) {
		uint32_t take = borrow + (i < b->count ? b->limb[i] : 0);
		borrow = a->limb[i] < take;
		a->limb[i] = a->limb[i] + borrow * limb_base - take;
	}
	trim(a);
}

static enum decimal_status add_small(const struct decimal *a, const struct decimal *b, bool b_negative, unsigned scale,
				     struct decimal *out)
{
	__int128 sum = (__int128)small_magnitude(a) * power10[scale - a->scale];
	__int128 other = (__int128)small_magnitude(b) * power10[scale - b->scale];
	sum = a->negative ? -sum : sum;
	sum += b_negative ? -other : other;
	return store_small(sum < 0 ? -(unsigned __int128)sum : (unsigned __int128)sum, scale, sum < 0, out);
}

static enum decimal_status add_signed(const struct decimal *a, const struct decimal *b, bool b_negative,
				      struct decimal *out)
{
	unsigned scale = a->scale > b->scale ? a->scale : b->scale;
	if (is_small(a) && is_small(b) && scale - a->scale <= limb_digits && scale - b->scale <= limb_digits)
		return add_small(a, b, b_negative, scale, out);
	struct wide wide_a, wide_b;
	widen(a, &wide_a);
	widen(b, &wide_b);
	shift_up(&wide_a, scale - a->scale);
	shift_up(&wide_b, scale - b->scale);
	if (a->negative == b_negative) {
		add_wide(&wide_a, &wide_b);
		return finish(&wide_a, scale, a->negative, out);
	}
	if (compare_limbs(wide_a.limb, wide_a.count, wide_b.limb, wide_b.count) >= 0) {
		subtract_wide(&wide_a, &wide_b);
		return finish(&wide_a, scale, a->negative, out);
	}
	subtract_wide(&wide_b, &wide_a);
	return finish(&wide_b, scale, b_negative, out);
}

enum decimal_status decimal_add(const struct decimal *a, const struct decimal *b, struct decimal *out)
{
	return add_signed(a, b, b->negative, out);
}

enum decimal_status decimal_subtract(const struct decimal *a, const struct decimal *b, struct decimal *out)
{
	return add_signed(a, b, !b->negative, out);
}

enum decimal_status decimal_multiply(const struct decimal *a, const struct decimal *b, struct decimal *out)
{
	bool negative = a->negative != b->negative;
	if (is_small(a) && is_small(b) && a->scale + b->scale <= small_scale)
		return store_small((unsigned __int128)small_magnitude(a) * small_magnitude(b), a->scale + b->scale, negative,
				   out);
	struct wide product = {.count = a->limb_count + b->limb_count};
	for (unsigned i = 0; i < a->limb_count; i++) {
		uint64_t carry = 0;
		for (unsigned j = 0; j < b->limb_count; j++) {
			carry += product.limb[i + j] + (uint64_t)a->limb[i] * b->limb[j];
			product.limb[i + j] = (uint32_t)(carry % limb_base);
			carry /= limb_base;
		}
		product.limb[i + b->limb_count] = (uint32_t)carry;
	}
	return finish(&product, a->scale + b->scale, negative, out);
}

/* One digit (limb) of the quotient: subtracts it times the divisor from the window, at most one too large. */
static uint32_t divide_step(uint32_t *window, const struct wide *divisor)
{
	unsigned n = divisor->count;
	uint64_t top = (uint64_t)window[n] * limb_base + window[n - 1];
	uint64_t digit = top / divisor->limb[n - 1];
	uint64_t rest = top % divisor->limb[n - 1];
	while (digit >= limb_base || digit * divisor->limb[n - 2] > rest * limb_base + window[n - 2]) {
		digit--;
		rest += divisor->limb[n - 1];
		if (rest >= limb_base)
			break;
	}
	int64_t borrow = 0;
	for (unsigned i = 0; i <= n; i++) {
		int64_t take = borrow + (i < n ? (int64_t)(digit * divisor->limb[i]) : 0);
		int64_t left = (int64_t)window[i] - take % limb_base;
		borrow = take / limb_base + (left < 0);
		window[i] = (uint32_t)(left < 0 ? left + limb_base : left);
	}
	if (borrow) {
		uint32_t carry = 0;
		digit--;
		for (unsigned i = 0; i <= n; i++) {
			uint32_t sum = window[i] + carry + (i < n ? divisor->limb[i] : 0);
			carry = sum >= limb_base;
			window[i] = sum - carry * limb_base;
		}
	}
	return (uint32_t)digit;
}

/* Knuth's long division (TAOCP 4.3.1 D). The remainder stays in a. */
static void divide_wide(struct wide *a, const struct wide *b, struct wide *quotient)
{
	*quotient = (struct wide){0};
	if (compare_limbs(a->limb, a->count, b->limb, b->count) < 0)
		return;
	if (b->count == 1) {
		*quotient = *a;
		uint32_t rest = divide_small(quotient, b->limb[0]);
		a->limb[0] = rest;
		a->count = rest != 0;
		return;
	}
	uint32_t factor = limb_base / (b->limb[b->count - 1] + 1);
	struct wide divisor = *b;
	multiply_small(&divisor, factor, 0);
	unsigned steps = a->count - b->count + 1;
	unsigned count = a->count;
	assert(count < wide_limbs);
	multiply_small(a, factor, 0);
	if (a->count == count)
		a->limb[a->count++] = 0;
	for (unsigned i = steps; i-- > 0;)
		quotient->limb[i] = divide_step(a->limb + i, &divisor);
	quotient->count = steps;
	trim(quotient);
	trim(a);
	divide_small(a, factor);
}

enum decimal_status decimal_divide(const struct decimal *a, const struct decimal *b, unsigned scale_increment,
				   struct decimal *out)
{
	if (b->limb_count == 0)
		return DECIMAL_DIVISION_BY_ZERO;
	unsigned scale = a->scale + scale_increment;
	if (scale > decimal_scale_max)
		scale = decimal_scale_max;
	/* One digit more than asked for, then rounded. */
	struct wide dividend, divisor, quotient;
	widen(a, &dividend);
	widen(b, &divisor);
	unsigned wanted = scale + 1 + b->scale;
	if (wanted >= a->scale)
		shift_up(&dividend, wanted - a->scale);
	else
		shift_up(&divisor, a->scale - wanted);
	divide_wide(&dividend, &divisor, &quotient);
	shift_down_rounded(&quotient, 1);
	return finish(&quotient, scale, a->negative != b->negative, out);
}

enum decimal_status decimal_modulo(const struct decimal *a, const struct decimal *b, struct decimal *out)
{
	if (b->limb_count == 0)
		return DECIMAL_DIVISION_BY_ZERO;
	unsigned scale = a->scale > b->scale ? a->scale : b->scale;
	struct wide rest, divisor, quotient;
	widen(a, &rest);
	widen(b, &divisor);
	shift_up(&rest, scale - a->scale);
	shift_up(&divisor, scale - b->scale);
	divide_wide(&rest, &divisor, &quotient);
	return finish(&rest, scale, a->negative, out);
}
