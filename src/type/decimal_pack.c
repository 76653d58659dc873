/*
 * DECIMAL's two byte forms.
 *
 * Packed (MySQL's, of a known precision and scale): the digits before the point in groups of nine counted from
 * the point, then those behind it in groups of nine counted from the point. A full group is 4 bytes big endian,
 * a short one (the first, the last) as few bytes as its digits need. The top bit is flipped for positive
 * numbers, all bits are for negative ones without that: memcmp order is numeric order.
 *
 * Sortable (of any number): one byte of sign and group exponent, then the groups of nine that are between the
 * first and the last that is not zero, 4 bytes big endian each. Zero is 0x80. A negative number is the
 * complement of its magnitude and a final 0xff, which is above every complemented group's first byte.
 */
#include <assert.h>

#include "type/decimal.h"

enum { limb_base = 1000000000, limb_digits = 9, aligned_limbs = decimal_limbs + 2, sortable_zero = 0x80,
       sortable_bias = 0x85 };

static const uint8_t group_size[limb_digits + 1] = {0, 1, 1, 2, 2, 3, 3, 4, 4, 4};
static const uint32_t power10[10] = {1,      10,      100,      1000,      10000,
				     100000, 1000000, 10000000, 100000000, 1000000000};

/* The magnitude with the point on a limb border: limb[fraction] is the group before the point. */
struct aligned {
	uint32_t limb[aligned_limbs];
	unsigned fraction; /* limbs behind the point */
	unsigned count;    /* limbs in all, leading zeros not counted */
};

static void align(const struct decimal *value, struct aligned *out)
{
	unsigned loose = value->scale % limb_digits;
	uint32_t factor = loose ? power10[limb_digits - loose] : 1;
	uint64_t carry = 0;
	memset(out->limb, 0, sizeof out->limb);
	for (unsigned i = 0; i < value->limb_count; i++) {
		carry += (uint64_t)value->limb[i] * factor;
		out->limb[i] = (uint32_t)(carry % limb_base);
		carry /= limb_base;
	}
	out->limb[value->limb_count] = (uint32_t)carry;
	out->count = value->limb_count + (carry != 0);
	out->fraction = (value->scale + limb_digits - 1u) / limb_digits;
}

static enum decimal_status unalign(const struct aligned *aligned, unsigned scale, bool negative, struct decimal *out)
{
	unsigned loose = scale % limb_digits;
	uint32_t divisor = loose ? power10[limb_digits - loose] : 1;
	uint64_t rest = 0;
	if (aligned->count > decimal_limbs)
		return DECIMAL_BAD;
	*out = (struct decimal){.scale = (uint8_t)scale};
	for (unsigned i = aligned->count; i-- > 0;) {
		rest = rest * limb_base + aligned->limb[i];
		out->limb[i] = (uint32_t)(rest / divisor);
		rest %= divisor;
		if (out->limb[i] && out->limb_count == 0)
			out->limb_count = (uint8_t)(i + 1);
	}
	out->negative = negative && out->limb_count;
	return DECIMAL_OK;
}

size_t decimal_packed_size(unsigned precision, unsigned scale)
{
	unsigned whole = precision - scale;
	return whole / limb_digits * 4u + group_size[whole % limb_digits] + scale / limb_digits * 4u +
	       group_size[scale % limb_digits];
}

static uint8_t *put_group(uint8_t *at, uint32_t group, unsigned digits)
{
	bytes_store_uint_be(at, group, group_size[digits]);
	return at + group_size[digits];
}

void decimal_pack(const struct decimal *value, unsigned precision, unsigned scale, struct buf *out)
{
	assert(value->scale == scale && decimal_digits(value) <= precision);
	struct aligned aligned;
	align(value, &aligned);
	unsigned whole = precision - scale;
	size_t size = decimal_packed_size(precision, scale);
	uint8_t *start = buf_extend(out, size);
	uint8_t *at = start;
	unsigned loose = scale % limb_digits;
	unsigned next = aligned.fraction + whole / limb_digits;
	if (whole % limb_digits)
		at = put_group(at, aligned.limb[next], whole % limb_digits);
	while (next > (loose != 0))
		at = put_group(at, aligned.limb[--next], limb_digits);
	if (loose)
		at = put_group(at, aligned.limb[0] / power10[limb_digits - loose], loose);
	assert(at == start + size);
	start[0] ^= 0x80;
	if (value->negative)
		for (size_t i = 0; i < size; i++)
			start[i] = (uint8_t)~start[i];
}

struct unpacker {
	const uint8_t *at;
	uint8_t flip;  /* xor of every byte */
	uint8_t first; /* xor of the first, besides */
	bool bad;
};

static uint32_t take_group(struct unpacker *unpacker, unsigned digits)
{
	uint32_t group = 0;
	for (unsigned i = 0; i < group_size[digits]; i++) {
		group = group << 8 | (uint8_t)(*unpacker->at++ ^ unpacker->flip ^ unpacker->first);
		unpacker->first = 0;
	}
	unpacker->bad |= group >= power10[digits];
	return group;
}

/* Leading zeros are counted. False: not a number. */
static bool unpack_aligned(const uint8_t *data, unsigned precision, unsigned scale, struct aligned *out, bool *out_negative)
{
	unsigned whole = precision - scale, loose = scale % limb_digits;
	struct unpacker unpacker = {.at = data, .flip = data[0] & 0x80 ? 0 : 0xff, .first = 0x80};
	out->fraction = (scale + limb_digits - 1) / limb_digits;
	unsigned next = out->count = out->fraction + (whole + limb_digits - 1) / limb_digits;
	if (whole % limb_digits)
		out->limb[--next] = take_group(&unpacker, whole % limb_digits);
	while (next > (loose != 0))
		out->limb[--next] = take_group(&unpacker, limb_digits);
	if (loose)
		out->limb[0] = take_group(&unpacker, loose) * power10[limb_digits - loose];
	*out_negative = unpacker.flip != 0;
	return !unpacker.bad;
}

bool decimal_unscaled_of_packed(const uint8_t *data, unsigned precision, unsigned scale, int64_t *out)
{
	unsigned whole = precision - scale;
	struct unpacker unpacker = {.at = data, .flip = data[0] & 0x80 ? 0 : 0xff, .first = 0x80};
	int64_t digits = take_group(&unpacker, whole % limb_digits);
	for (unsigned i = whole / limb_digits + scale / limb_digits; i > 0; i--)
		digits = digits * limb_base + take_group(&unpacker, limb_digits);
	if (scale % limb_digits)
		digits = digits * power10[scale % limb_digits] + take_group(&unpacker, scale % limb_digits);
	*out = unpacker.flip ? -digits : digits;
	return !unpacker.bad;
}

enum decimal_status decimal_unpack(const uint8_t *data, unsigned precision, unsigned scale, struct decimal *out)
{
	struct aligned aligned;
	bool negative;
	if (!unpack_aligned(data, precision, scale, &aligned, &negative))
		return DECIMAL_BAD;
	return unalign(&aligned, scale, negative, out);
}

/* Leading zeros are not counted. */
static size_t put_sortable(const struct aligned *aligned, bool negative, uint8_t out[48])
{
	if (aligned->count == 0) {
		out[0] = sortable_zero;
		return 1;
	}
	unsigned last = 0;
	while (aligned->limb[last] == 0)
		last++;
	size_t size = 1;
	out[0] = (uint8_t)(sortable_bias + (int)aligned->count - (int)aligned->fraction);
	for (unsigned i = aligned->count; i-- > last; size += 4)
		bytes_store_uint_be(out + size, aligned->limb[i], 4);
	if (negative) {
		for (size_t i = 0; i < size; i++)
			out[i] = (uint8_t)~out[i];
		out[size++] = 0xff;
	}
	assert(size <= 48);
	return size;
}

size_t decimal_sortable(const struct decimal *value, uint8_t out[48])
{
	struct aligned aligned;
	align(value, &aligned);
	return put_sortable(&aligned, value->negative, out);
}

/* Both forms have their groups of nine counted from the point: no digit changes its group. */
size_t decimal_sortable_of_packed(const uint8_t *data, unsigned precision, unsigned scale, uint8_t out[48])
{
	struct aligned aligned;
	bool negative;
	if (!unpack_aligned(data, precision, scale, &aligned, &negative))
		return 0;
	while (aligned.count > 0 && aligned.limb[aligned.count - 1] == 0)
		aligned.count--;
	return put_sortable(&aligned, negative, out);
}

/* Zeros at the end of a group; 0 has none. Divisions by constants are multiplications. */
static unsigned zeros_of(uint32_t limb)
{
	unsigned zeros = 0;
	if (limb == 0)
		return 0;
	for (; limb % 10000 == 0; limb /= 10000)
		zeros += 4;
	if (limb % 100 == 0) {
		limb /= 100;
		zeros += 2;
	}
	return zeros + (limb % 10 == 0);
}

/* Zeros at the end of the fraction go: the sortable form does not know how many there were. */
static unsigned least_scale(const struct aligned *aligned)
{
	return aligned->fraction ? aligned->fraction * limb_digits - zeros_of(aligned->limb[0]) : 0;
}

/* Of one or two groups, with the point behind the first, before, or behind the last: nearly all numbers there are. */
static bool small_from_sortable(struct bytes sortable, struct decimal *out)
{
	bool is_two = sortable.size == 9;
	unsigned whole = (unsigned)sortable.data[0] - sortable_bias; /* groups before the point */
	if ((sortable.size != 5 && !is_two) || whole > 1u + is_two)
		return false;
	uint32_t first = (uint32_t)bytes_load_uint_be(sortable.data + 1, 4);
	uint32_t last = is_two ? (uint32_t)bytes_load_uint_be(sortable.data + 5, 4) : first;
	if (first >= limb_base || last >= limb_base)
		return false;
	uint64_t magnitude = is_two ? (uint64_t)first * limb_base + last : first;
	unsigned fraction = 1u + is_two - whole, zeros = fraction ? zeros_of(last) : 0;
	if (zeros)
		magnitude /= power10[zeros];
	out->scale = (uint8_t)(fraction * limb_digits - zeros);
	out->limb[0] = (uint32_t)(magnitude % limb_base);
	out->limb[1] = (uint32_t)(magnitude / limb_base);
	out->limb_count = out->limb[1] ? 2 : out->limb[0] != 0;
	return true;
}

enum decimal_status decimal_from_sortable(struct bytes sortable, struct decimal *out)
{
	*out = (struct decimal){0};
	if (sortable.size == 1 && sortable.data[0] == sortable_zero)
		return DECIMAL_OK;
	if (sortable.size > 0 && small_from_sortable(sortable, out))
		return DECIMAL_OK;
	bool negative = sortable.size > 0 && sortable.data[0] < sortable_zero;
	size_t groups = sortable.size < 5 ? 0 : (sortable.size - 1 - negative) / 4;
	if (groups == 0 || groups > 9 || sortable.size != 1u + groups * 4 + negative)
		return DECIMAL_BAD;
	uint8_t flip = negative ? 0xff : 0;
	int exponent = (sortable.data[0] ^ flip) - sortable_bias;
	if (exponent < -3 || exponent > 8)
		return DECIMAL_BAD;
	struct aligned aligned = {0};
	aligned.fraction = (int)groups > exponent ? (unsigned)((int)groups - exponent) : 0;
	aligned.count = (unsigned)((int)aligned.fraction + exponent);
	if (aligned.fraction > 4)
		return DECIMAL_BAD;
	for (size_t i = 0; i < groups; i++) {
		uint8_t bytes[4];
		for (unsigned j = 0; j < 4; j++)
			bytes[j] = sortable.data[1 + i * 4 + j] ^ flip;
		aligned.limb[aligned.count - 1 - i] = (uint32_t)bytes_load_uint_be(bytes, 4);
		if (aligned.limb[aligned.count - 1 - i] >= limb_base)
			return DECIMAL_BAD;
	}
	unsigned scale = least_scale(&aligned);
	return scale > decimal_scale_max ? DECIMAL_BAD : unalign(&aligned, scale, negative, out);
}
