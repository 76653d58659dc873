#include "type/temporal_packed.h"

#include "type/packed_layout.h"
#include "type/temporal.h"

enum { micro_bits = 24 };

static const int64_t time_bias = 0x800000;
static const int64_t datetime_bias = INT64_C(0x8000000000);

/* Microseconds that one unit of a fraction of 0, 1, 2, 3 bytes stands for. */
static const int32_t fraction_unit[4] = {1000000, 10000, 100, 1};

static uint8_t *put_fraction(uint8_t *at, uint32_t micro, unsigned size)
{
	bytes_store_uint_be(at, micro / (uint32_t)fraction_unit[size], size);
	return at + size;
}

static uint32_t get_fraction(const uint8_t *at, unsigned size)
{
	uint32_t micro = (uint32_t)bytes_load_uint_be(at, size) * (uint32_t)fraction_unit[size];
	return micro < 1000000 ? micro : 999999;
}

void packed_put_date(int64_t packed, struct buf *out)
{
	struct datetime value;
	datetime_unpack(packed, &value);
	bytes_store_uint(buf_extend(out, 3), value.year << 9 | value.month << 5 | value.day, 3);
}

int64_t packed_get_date(const uint8_t *data)
{
	uint32_t bits = (uint32_t)bytes_load_uint(data, 3);
	struct datetime value = {.year = bits >> 9, .month = bits >> 5 & 15, .day = bits & 31};
	if (value.month > 12)
		value.month = 12;
	return datetime_pack(&value);
}

void packed_put_time(int64_t packed, unsigned fsp, struct buf *out)
{
	unsigned size = packed_fraction_size(fsp);
	uint8_t *at = buf_extend(out, 3 + size);
	/* Both follow the sign: the whole part goes down, the fraction is what its bytes wrap to. */
	int64_t whole = packed >> micro_bits;
	int32_t micro = (int32_t)(packed % (1 << micro_bits));
	if (size == 3) {
		bytes_store_uint_be(at, (uint64_t)(packed + (time_bias << micro_bits)), 6);
		return;
	}
	bytes_store_uint_be(at, (uint64_t)(whole + time_bias), 3);
	if (size)
		bytes_store_uint_be(at + 3, (uint64_t)(int64_t)(micro / fraction_unit[size]), size);
}

int64_t packed_get_time(const uint8_t *data, unsigned fsp)
{
	unsigned size = packed_fraction_size(fsp);
	if (size == 3)
		return (int64_t)bytes_load_uint_be(data, 6) - (time_bias << micro_bits);
	int64_t whole = (int64_t)bytes_load_uint_be(data, 3) - time_bias;
	int64_t fraction = size ? (int64_t)bytes_load_uint_be(data + 3, size) : 0;
	if (whole < 0 && fraction) {
		whole++;
		fraction -= INT64_C(1) << (8 * size);
	}
	return whole * (1 << micro_bits) + fraction * fraction_unit[size];
}

void packed_put_datetime(int64_t packed, unsigned fsp, struct buf *out)
{
	unsigned size = packed_fraction_size(fsp);
	uint8_t *at = buf_extend(out, 5 + size);
	bytes_store_uint_be(at, (uint64_t)((packed >> micro_bits) + datetime_bias), 5);
	put_fraction(at + 5, (uint32_t)(packed & ((1 << micro_bits) - 1)), size);
}

int64_t packed_get_datetime(const uint8_t *data, unsigned fsp)
{
	int64_t whole = (int64_t)bytes_load_uint_be(data, 5) - datetime_bias;
	int64_t micro = get_fraction(data + 5, packed_fraction_size(fsp));
	return whole < 0 ? 0 : (whole << micro_bits) + micro;
}

void packed_put_timestamp(int64_t epoch_us, unsigned fsp, struct buf *out)
{
	unsigned size = packed_fraction_size(fsp);
	uint8_t *at = buf_extend(out, 4 + size);
	bytes_store_uint_be(at, (uint64_t)(epoch_us / 1000000), 4);
	put_fraction(at + 4, (uint32_t)(epoch_us % 1000000), size);
}

int64_t packed_get_timestamp(const uint8_t *data, unsigned fsp)
{
	return (int64_t)bytes_load_uint_be(data, 4) * 1000000 + get_fraction(data + 4, packed_fraction_size(fsp));
}
