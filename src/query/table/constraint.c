#include "query/table/constraint.h"

#include <math.h>
#include <string.h>

#include "type/key.h"
#include "type/sql_mode.h"
#include "type/temporal.h"
#include "type/temporal_packed.h"

/* The value, and its packed field in `field`. */
struct fitting {
	struct evaluator_handle *handle;
	const struct column_type *type;
	const struct argument *value;
	struct buf *field;
};

static enum constraint_fit put_unsigned(struct fitting *fitting, uint64_t value, uint64_t max, unsigned size)
{
	if (value > max)
		return FIT_ABOVE;
	buf_put_uint(fitting->field, value, size);
	return FIT_EXACT;
}

static enum constraint_fit put_signed(struct fitting *fitting, int64_t value, unsigned bits)
{
	int64_t max = (int64_t)(~UINT64_C(0) >> (65 - bits));
	if (value > max)
		return FIT_ABOVE;
	if (value < -max - 1)
		return FIT_BELOW;
	buf_put_uint(fitting->field, (uint64_t)value & (~UINT64_C(0) >> (64 - bits)), bits / 8);
	return FIT_EXACT;
}

static unsigned integer_bits(const struct column_type *type)
{
	switch (type->kind) {
	case TYPE_TINYINT: return 8;
	case TYPE_SMALLINT: return 16;
	case TYPE_MEDIUMINT: return 24;
	case TYPE_INT: return 32;
	default: return 64;
	}
}

static enum constraint_fit put_bit(struct fitting *fitting, uint64_t value)
{
	unsigned bits = fitting->type->length ? fitting->type->length : 1;
	if (bits < 64 && value >> bits)
		return FIT_ABOVE;
	bytes_store_uint_be(buf_extend(fitting->field, (bits + 7) / 8), value, (bits + 7) / 8);
	return FIT_EXACT;
}

static enum constraint_fit put_year(struct fitting *fitting, uint64_t value)
{
	if (value > 2155)
		return FIT_ABOVE;
	if (value > 0 && value < 1901) {
		buf_put_u8(fitting->field, 1);
		return FIT_NEAR;
	}
	buf_put_u8(fitting->field, (uint8_t)(value ? value - 1900 : 0));
	return FIT_EXACT;
}

static unsigned set_size(unsigned names)
{
	unsigned size = (names + 7) / 8;
	return size > 4 ? 8 : size;
}

static enum constraint_fit put_whole(struct fitting *fitting, uint64_t bits, bool is_big)
{
	const struct column_type *type = fitting->type;
	if (type_is_integer(type->kind) && !type->is_unsigned && !type->zerofill)
		return is_big ? FIT_ABOVE : put_signed(fitting, (int64_t)bits, integer_bits(type));
	if (!is_big && (int64_t)bits < 0)
		return FIT_BELOW;
	switch (type->kind) {
	case TYPE_BIT: return put_bit(fitting, bits);
	case TYPE_YEAR: return put_year(fitting, bits);
	case TYPE_ENUM: return put_unsigned(fitting, bits, type->name_count, type->name_count < 256 ? 1 : 2);
	case TYPE_SET: {
		unsigned size = set_size(type->name_count);
		return put_unsigned(fitting, bits, ~UINT64_C(0) >> (64 - 8 * size), size);
	}
	default: break;
	}
	unsigned size = integer_bits(type);
	return put_unsigned(fitting, bits, ~UINT64_C(0) >> (64 - size), size / 8);
}

/* INTEGER columns, compared with an INTEGER, a BLOB of one above INT64_MAX, or a REAL. */
static enum constraint_fit fit_integer(struct fitting *fitting)
{
	uint64_t bits;
	if (fitting->value->type != SQLITE_FLOAT) {
		bool is_big = argument_bits(fitting->value, &bits);
		return put_whole(fitting, bits, is_big);
	}
	double real = argument_real(fitting->value);
	if (real >= 18446744073709551616.0)
		return FIT_ABOVE;
	if (real < -9223372036854775808.0)
		return FIT_BELOW;
	double whole = floor(real);
	bool is_big = whole >= 9223372036854775808.0;
	bits = is_big ? (uint64_t)whole : (uint64_t)(int64_t)whole;
	enum constraint_fit fit = put_whole(fitting, bits, is_big);
	return fit == FIT_EXACT && whole != real ? FIT_FLOOR : fit;
}

static enum constraint_fit fit_real(struct fitting *fitting)
{
	double real = argument_real(fitting->value);
	bool exact = fitting->value->type == SQLITE_FLOAT || fabs(real) <= 9007199254740992.0;
	if (fitting->type->kind == TYPE_FLOAT) {
		float narrow = (float)real;
		uint32_t bits;
		memcpy(&bits, &narrow, sizeof bits);
		buf_put_u32(fitting->field, bits);
		return exact && (double)narrow == real ? FIT_EXACT : FIT_NEAR;
	}
	uint64_t bits;
	memcpy(&bits, &real, sizeof bits);
	buf_put_u64(fitting->field, bits);
	return exact ? FIT_EXACT : FIT_NEAR;
}

static enum constraint_fit fit_decimal(struct fitting *fitting)
{
	struct decimal decimal;
	if (!argument_decimal(fitting->value, &decimal))
		return FIT_ABOVE;
	bool negative = decimal.negative;
	enum decimal_status status = decimal_fit(&decimal, fitting->type->length, fitting->type->decimals);
	if (status == DECIMAL_OVERFLOW || (fitting->type->is_unsigned && negative))
		return negative ? FIT_BELOW : FIT_ABOVE;
	decimal_pack(&decimal, fitting->type->length, fitting->type->decimals, fitting->field);
	return status == DECIMAL_OK ? FIT_EXACT : FIT_NEAR;
}

static const int64_t micro_bits = INT64_C(1) << 24;

/* The fraction cut to fsp digits; true when that lost something. */
static bool cut_fraction(int64_t *packed, unsigned fsp)
{
	static const int64_t steps[] = {1000000, 100000, 10000, 1000, 100, 10, 1};
	int64_t magnitude = *packed < 0 ? -*packed : *packed;
	int64_t lost = magnitude % micro_bits % steps[fsp > 6 ? 6 : fsp];
	*packed += *packed < 0 ? lost : -lost;
	return lost != 0;
}

static const int64_t datetime_end = ((INT64_C(10000) * 13) << 22) * micro_bits; /* year 10000 */

static enum constraint_fit fit_date(struct fitting *fitting)
{
	int64_t packed = argument_integer(fitting->value);
	if (packed < 0)
		return FIT_BELOW;
	if (packed >= datetime_end)
		return FIT_ABOVE;
	int64_t time_bits = INT64_C(1) << 41; /* 17 bits of time, 24 of fraction */
	packed_put_date(packed / time_bits * time_bits, fitting->field);
	return packed % time_bits == 0 ? FIT_EXACT : FIT_NEAR;
}

static enum constraint_fit fit_datetime(struct fitting *fitting)
{
	int64_t packed = argument_integer(fitting->value);
	if (packed < 0)
		return FIT_BELOW;
	if (packed >= datetime_end)
		return FIT_ABOVE;
	bool lost = cut_fraction(&packed, fitting->type->decimals);
	packed_put_datetime(packed, fitting->type->decimals, fitting->field);
	return lost ? FIT_NEAR : FIT_EXACT;
}

static enum constraint_fit fit_timestamp(struct fitting *fitting)
{
	const struct time_zone *zone = fitting->handle->session->variables.time_zone;
	int64_t packed = argument_integer(fitting->value), epoch_us = 0;
	if (packed < 0)
		return FIT_BELOW;
	if (packed > 0 && !time_zone_to_epoch(zone, packed, &epoch_us)) {
		if (packed > time_zone_to_local(zone, 1000000))
			return FIT_ABOVE;
		packed_put_timestamp(0, fitting->type->decimals, fitting->field);
		return FIT_NEAR;
	}
	/* Local times that clocks went through twice, or not at all, are nobody's exact instant. */
	bool lost = packed > 0 && time_zone_to_local(zone, epoch_us) != packed;
	packed = epoch_us;
	static const int64_t steps[] = {1000000, 100000, 10000, 1000, 100, 10, 1};
	int64_t step = steps[fitting->type->decimals > 6 ? 6 : fitting->type->decimals];
	packed_put_timestamp(epoch_us - epoch_us % step, fitting->type->decimals, fitting->field);
	return lost || epoch_us % step != 0 ? FIT_NEAR : FIT_EXACT;
}

static enum constraint_fit fit_time(struct fitting *fitting)
{
	int64_t packed = argument_integer(fitting->value);
	int64_t most = time_pack(&(struct datetime){.hour = 838, .minute = 59, .second = 59, .microsecond = 999999});
	if (packed > most)
		return FIT_ABOVE;
	if (packed < -most)
		return FIT_BELOW;
	bool lost = cut_fraction(&packed, fitting->type->decimals);
	packed_put_time(packed, fitting->type->decimals, fitting->field);
	return lost ? FIT_NEAR : FIT_EXACT;
}

static struct bytes without_trailing(struct bytes content, uint8_t pad)
{
	while (content.size > 0 && content.data[content.size - 1] == pad)
		content.size--;
	return content;
}

/* The field of a text or binary string in LONGTEXT's form, which takes every length. */
static void put_content(struct fitting *fitting, struct bytes content)
{
	buf_put_u32(fitting->field, (uint32_t)content.size);
	buf_put_bytes(fitting->field, content);
}

static struct bytes in_column_charset(struct evaluator_handle *handle, const struct column_type *type, struct bytes text,
				      bool *out_lost)
{
	const struct charset *charset = type->collation->charset;
	*out_lost = false;
	if (charset->id == CHARSET_UTF8MB4 || text.size == 0)
		return text;
	buf_clear(&handle->convert);
	*out_lost = charset_convert(charset_get(CHARSET_UTF8MB4), text, charset, &handle->convert) > 0;
	return buf_bytes(&handle->convert);
}

static enum constraint_fit fit_text(struct fitting *fitting)
{
	bool lost;
	struct bytes text = in_column_charset(fitting->handle, fitting->type, fitting->value->bytes, &lost);
	if (fitting->type->kind == TYPE_CHAR && fitting->type->collation->charset->min_char_size == 1)
		text = without_trailing(text, ' ');
	put_content(fitting, text);
	return lost ? FIT_NEAR : FIT_EXACT;
}

static enum constraint_fit fit_binary(struct fitting *fitting)
{
	struct bytes content = fitting->value->bytes;
	if (fitting->type->kind == TYPE_BINARY)
		content = without_trailing(content, 0);
	put_content(fitting, content);
	return fitting->type->kind == TYPE_BINARY ? FIT_NEAR : FIT_EXACT;
}

/* SQLite orders numbers before texts before blobs; 0 when the value is of the column's own kind. */
static int class_order(enum value_class class, int type)
{
	int rank = type == SQLITE_TEXT ? 1 : type == SQLITE_BLOB ? 2 : 0;
	int own = class == CLASS_TEXT || class == CLASS_JSON ? 1 : class == CLASS_DECIMAL || class == CLASS_BINARY ? 2 : 0;
	bool big_unsigned = rank == 2 && (class == CLASS_INTEGER || class == CLASS_SET || class == CLASS_ENUM);
	return big_unsigned ? 0 : rank - own;
}

enum constraint_fit constraint_kind_fit(const struct column_type *type, const struct argument *value)
{
	int order = class_order(class_of_type(type), value->type);
	return order == 0 ? FIT_EXACT : order < 0 ? FIT_BELOW : FIT_ABOVE;
}

static enum constraint_fit fit(struct fitting *fitting, enum value_class class)
{
	enum constraint_fit kind = constraint_kind_fit(fitting->type, fitting->value);
	if (kind != FIT_EXACT)
		return kind;
	switch (class) {
	case CLASS_REAL: return fit_real(fitting);
	case CLASS_DECIMAL: return fit_decimal(fitting);
	case CLASS_TEXT: return fit_text(fitting);
	case CLASS_BINARY: return fit_binary(fitting);
	case CLASS_TIME: return fit_time(fitting);
	case CLASS_DATE: return fit_date(fitting);
	case CLASS_DATETIME: return fitting->type->kind == TYPE_TIMESTAMP ? fit_timestamp(fitting) : fit_datetime(fitting);
	default: return fit_integer(fitting);
	}
}

enum constraint_fit constraint_put_field(struct evaluator_handle *handle, const struct column_type *type,
					 const struct argument *value, struct buf *out)
{
	struct fitting fitting = {.handle = handle, .type = type, .value = value, .field = out};
	return fit(&fitting, class_of_type(type));
}

/* The type whose packed form put_content writes. */
static struct column_type key_type(const struct column_type *type, enum value_class class)
{
	struct column_type out = *type;
	if (class == CLASS_TEXT)
		out.kind = TYPE_LONGTEXT;
	if (class == CLASS_BINARY)
		out.kind = TYPE_LONGBLOB;
	return out;
}

enum constraint_fit constraint_put_key(struct evaluator_handle *handle, const struct column_type *type, bool nullable,
				       uint32_t prefix_length, const struct argument *value, struct buf *out)
{
	buf_clear(&handle->field);
	enum constraint_fit how = constraint_put_field(handle, type, value, &handle->field);
	if (how == FIT_BELOW || how == FIT_ABOVE)
		return how;
	struct column_type written = key_type(type, class_of_type(type));
	key_put_field(&written, nullable, prefix_length, buf_bytes(&handle->field), out);
	return prefix_length > 0 ? FIT_NEAR : how;
}

/* ------------------------------------------------------------------ LIKE */

/* The pattern up to its first wildcard, without escapes. */
static void put_literal_prefix(struct bytes pattern, bool backslash, struct buf *out)
{
	for (size_t i = 0; i < pattern.size; i++) {
		uint8_t byte = pattern.data[i];
		if (byte == '%' || byte == '_')
			return;
		if (backslash && byte == '\\' && i + 1 < pattern.size)
			byte = pattern.data[++i];
		buf_put_u8(out, byte);
	}
}

/* At most that many characters, of UTF-8. */
static size_t cut_characters(struct bytes text, uint32_t characters)
{
	return charset_prefix_size(charset_get(CHARSET_UTF8MB4), text, characters);
}

bool constraint_put_like_prefix(struct evaluator_handle *handle, const struct column_type *type, bool nullable,
				uint32_t prefix_length, struct bytes pattern, struct buf *out)
{
	bool backslash = !(handle->session->variables.sql_mode & SQL_MODE_NO_BACKSLASH_ESCAPES);
	bool is_text = class_of_type(type) == CLASS_TEXT;
	bool lost = false;
	struct buf literal;
	buf_init(&literal);
	put_literal_prefix(pattern, backslash, &literal);
	struct bytes prefix = buf_bytes(&literal);
	if (prefix_length > 0)
		prefix.size = is_text ? cut_characters(prefix, prefix_length)
				      : prefix.size < prefix_length ? prefix.size : prefix_length;
	/* What stands for spaces (zeros) at the end of a key depends on what follows them: leave them out. */
	prefix = without_trailing(prefix, is_text ? ' ' : 0);
	if (is_text)
		prefix = in_column_charset(handle, type, prefix, &lost);
	bool known = prefix.size > 0 && !lost;
	if (known) {
		struct column_type written = key_type(type, is_text ? CLASS_TEXT : CLASS_BINARY);
		struct buf empty;
		size_t begin = out->size;
		buf_clear(&handle->field);
		buf_put_u32(&handle->field, (uint32_t)prefix.size);
		buf_put_bytes(&handle->field, prefix);
		key_put_field(&written, nullable, 0, buf_bytes(&handle->field), out);
		/* Without what ends the key: as long as the empty text's, which is nothing else. */
		buf_init(&empty);
		buf_clear(&handle->field);
		buf_put_u32(&handle->field, 0);
		key_put_field(&written, false, 0, buf_bytes(&handle->field), &empty);
		out->size -= empty.size;
		known = out->size > begin + nullable;
		buf_deinit(&empty);
	}
	buf_deinit(&literal);
	return known;
}
