#include "type/log_type.h"

#include "type/convert.h"
#include "type/json_binary.h"
#include "type/sql_mode.h"
#include "type/temporal_packed.h"

/* The two bytes of a STRING: see put_string_metadata in column_type.c for the fold. */
static void read_string_metadata(uint8_t first, uint8_t second, struct log_type *out)
{
	if ((first & 0x30) != 0x30) {
		out->type = FIELD_STRING;
		out->length = second | (uint32_t)((first & 0x30) ^ 0x30) << 4;
		return;
	}
	out->type = first == FIELD_ENUM || first == FIELD_SET ? (enum field_type)first : FIELD_STRING;
	out->length = second;
}

static uint32_t fixed_size(enum field_type type)
{
	switch (type) {
	case FIELD_TINY:
	case FIELD_YEAR: return 1;
	case FIELD_SHORT: return 2;
	case FIELD_INT24:
	case FIELD_DATE:
	case FIELD_NEWDATE:
	case FIELD_TIME:
	case FIELD_TIME2: return 3;
	case FIELD_LONG:
	case FIELD_FLOAT:
	case FIELD_TIMESTAMP:
	case FIELD_TIMESTAMP2: return 4;
	case FIELD_DATETIME2: return 5;
	case FIELD_LONGLONG:
	case FIELD_DOUBLE:
	case FIELD_DATETIME: return 8;
	default: return 0;
	}
}

/* Metadata that can be: sizes and digits that the types have. */
static bool is_sound(const struct log_type *type)
{
	switch (type->type) {
	case FIELD_FLOAT: return type->length == 4;
	case FIELD_DOUBLE: return type->length == 8;
	case FIELD_TIME2:
	case FIELD_DATETIME2:
	case FIELD_TIMESTAMP2: return type->decimals <= 6;
	case FIELD_NEWDECIMAL:
		return type->length > 0 && type->length <= decimal_precision_max &&
		       type->decimals <= decimal_scale_max && type->decimals <= type->length;
	case FIELD_BIT: return type->length > 0 && type->length <= 64;
	case FIELD_ENUM: return type->length == 1 || type->length == 2;
	case FIELD_SET: return type->length > 0 && type->length <= 8;
	case FIELD_BLOB:
	case FIELD_JSON:
	case FIELD_GEOMETRY: return type->length > 0 && type->length <= 4;
	default: return true;
	}
}

int log_type_read(uint8_t type_byte, struct cursor *metadata, bool is_unsigned, struct log_type *out,
		  struct diag *diag)
{
	uint8_t first;
	*out = (struct log_type){.type = type_byte, .is_unsigned = is_unsigned};
	out->length = fixed_size(out->type);
	switch (type_byte) {
	case FIELD_TINY_BLOB:
	case FIELD_MEDIUM_BLOB:
	case FIELD_LONG_BLOB: out->type = FIELD_BLOB; /* fall through */
	case FIELD_FLOAT:
	case FIELD_DOUBLE:
	case FIELD_BLOB:
	case FIELD_JSON:
	case FIELD_GEOMETRY: out->length = cursor_u8(metadata); break;
	case FIELD_TIME2:
	case FIELD_DATETIME2:
	case FIELD_TIMESTAMP2: out->decimals = cursor_u8(metadata); break;
	case FIELD_VAR_STRING: out->type = FIELD_VARCHAR; /* fall through */
	case FIELD_VARCHAR: out->length = cursor_u16(metadata); break;
	case FIELD_NEWDECIMAL:
		out->length = cursor_u8(metadata);
		out->decimals = cursor_u8(metadata);
		break;
	case FIELD_BIT:
		first = cursor_u8(metadata);
		out->length = first + 8u * cursor_u8(metadata);
		break;
	case FIELD_STRING:
	case FIELD_ENUM:
	case FIELD_SET:
		first = cursor_u8(metadata);
		read_string_metadata(first, cursor_u8(metadata), out);
		break;
	case FIELD_NULL: break;
	case FIELD_NEWDATE: out->type = FIELD_DATE; break;
	default:
		if (out->length == 0)
			return diag_set_message(diag, ER_SLAVE_FATAL_ERROR,
						"Fatal error: a table map names the unknown column type %u",
						type_byte);
	}
	if (metadata->failed || !is_sound(out))
		return diag_set_message(diag, ER_SLAVE_FATAL_ERROR,
					"Fatal error: a table map's metadata of column type %u is malformed",
					type_byte);
	return 0;
}

void log_type_of(const struct column_type *type, struct log_type *out)
{
	uint8_t memory[4];
	struct buf metadata = {.data = memory, .capacity = sizeof memory};
	struct diag diag = DIAG_INIT;
	type_put_log_metadata(type, &metadata);
	struct cursor cursor = cursor_of(buf_bytes(&metadata));
	log_type_read((uint8_t)type_log_type(type), &cursor, type->is_unsigned || type->zerofill, out, &diag);
}

static unsigned prefix_size(const struct log_type *type)
{
	switch (type->type) {
	case FIELD_STRING:
	case FIELD_VARCHAR: return type->length > 255 ? 2 : 1;
	case FIELD_BLOB:
	case FIELD_JSON:
	case FIELD_GEOMETRY: return type->length;
	default: return 0;
	}
}

int64_t log_type_field_size(const struct log_type *type, const uint8_t *data, size_t left)
{
	unsigned prefix = prefix_size(type);
	uint64_t size = type->length;
	if (prefix) {
		if (left < prefix)
			return -1;
		size = prefix + bytes_load_uint(data, prefix);
	} else if (type->type == FIELD_NEWDECIMAL) {
		size = decimal_packed_size(type->length, type->decimals);
	} else if (type->type == FIELD_BIT) {
		size = (type->length + 7) / 8;
	} else {
		size += (type->decimals + 1u) / 2;
	}
	return size <= left ? (int64_t)size : -1;
}

static const char *plain_name(enum field_type type)
{
	switch (type) {
	case FIELD_TINY: return "tinyint";
	case FIELD_SHORT: return "smallint";
	case FIELD_INT24: return "mediumint";
	case FIELD_LONG: return "int";
	case FIELD_LONGLONG: return "bigint";
	case FIELD_FLOAT: return "float";
	case FIELD_DOUBLE: return "double";
	case FIELD_YEAR: return "year";
	case FIELD_DATE: return "date";
	case FIELD_TIME:
	case FIELD_TIME2: return "time";
	case FIELD_DATETIME:
	case FIELD_DATETIME2: return "datetime";
	case FIELD_TIMESTAMP:
	case FIELD_TIMESTAMP2: return "timestamp";
	case FIELD_ENUM: return "enum";
	case FIELD_SET: return "set";
	case FIELD_JSON: return "json";
	case FIELD_GEOMETRY: return "geometry";
	case FIELD_NULL: return "null";
	default: return "unknown";
	}
}

void log_type_print(const struct log_type *type, struct buf *out)
{
	static const char *const blobs[] = {"tinyblob", "blob", "mediumblob", "longblob"};
	switch (type->type) {
	case FIELD_STRING: buf_printf(out, "char(%u(bytes))", type->length); break;
	case FIELD_VARCHAR: buf_printf(out, "varchar(%u(bytes))", type->length); break;
	case FIELD_NEWDECIMAL: buf_printf(out, "decimal(%u,%u)", type->length, type->decimals); break;
	case FIELD_BIT: buf_printf(out, "bit(%u)", type->length); break;
	case FIELD_BLOB: buf_put_string(out, blobs[(type->length - 1) & 3]); break;
	default: buf_put_string(out, plain_name(type->type));
	}
	if (type->decimals && type->type != FIELD_NEWDECIMAL)
		buf_printf(out, "(%u)", type->decimals);
}

/* Families: conversions happen within one, with few exceptions. */
enum family { FAMILY_INTEGER, FAMILY_REAL, FAMILY_DECIMAL, FAMILY_STRING, FAMILY_BIT, FAMILY_ENUM, FAMILY_SET,
	      FAMILY_DATE, FAMILY_TIME, FAMILY_DATETIME, FAMILY_TIMESTAMP, FAMILY_YEAR, FAMILY_JSON, FAMILY_OTHER };

static enum family family_of(enum field_type type)
{
	switch (type) {
	case FIELD_TINY:
	case FIELD_SHORT:
	case FIELD_INT24:
	case FIELD_LONG:
	case FIELD_LONGLONG: return FAMILY_INTEGER;
	case FIELD_FLOAT:
	case FIELD_DOUBLE: return FAMILY_REAL;
	case FIELD_NEWDECIMAL: return FAMILY_DECIMAL;
	case FIELD_STRING:
	case FIELD_VARCHAR:
	case FIELD_BLOB: return FAMILY_STRING;
	case FIELD_BIT: return FAMILY_BIT;
	case FIELD_ENUM: return FAMILY_ENUM;
	case FIELD_SET: return FAMILY_SET;
	case FIELD_DATE: return FAMILY_DATE;
	case FIELD_TIME:
	case FIELD_TIME2: return FAMILY_TIME;
	case FIELD_DATETIME:
	case FIELD_DATETIME2: return FAMILY_DATETIME;
	case FIELD_TIMESTAMP:
	case FIELD_TIMESTAMP2: return FAMILY_TIMESTAMP;
	case FIELD_YEAR: return FAMILY_YEAR;
	case FIELD_JSON: return FAMILY_JSON;
	default: return FAMILY_OTHER;
	}
}

static bool equal_types(const struct log_type *a, const struct log_type *b)
{
	bool signs_differ = a->is_unsigned != b->is_unsigned && family_of(a->type) == FAMILY_INTEGER;
	return a->type == b->type && a->length == b->length && a->decimals == b->decimals && !signs_differ;
}

/* The same text has other bytes. What is binary on either side has no characters. */
static bool charsets_differ(const struct log_type *from, const struct column_type *to)
{
	return from->collation && family_of(from->type) == FAMILY_STRING && type_is_text(to->kind) &&
	       to->kind != TYPE_JSON && from->collation != collation_binary && to->collation != collation_binary &&
	       from->collation->charset != to->collation->charset;
}

bool log_type_same(const struct log_type *from, const struct column_type *to)
{
	struct log_type local;
	log_type_of(to, &local);
	return equal_types(from, &local) && !charsets_differ(from, to);
}

/* Largest content of a string type. */
static uint64_t string_bytes(const struct log_type *type)
{
	return type->type == FIELD_BLOB ? (UINT64_C(1) << (8 * type->length)) - 1 : type->length;
}

/* Some value of `from` does not fit `to`; both of one family. */
static bool is_narrower(const struct log_type *from, const struct log_type *to)
{
	switch (family_of(from->type)) {
	case FAMILY_INTEGER:
		if (from->is_unsigned == to->is_unsigned)
			return to->length < from->length;
		return !from->is_unsigned || to->length <= from->length;
	case FAMILY_DECIMAL:
		return to->decimals < from->decimals || to->length - to->decimals < from->length - from->decimals;
	case FAMILY_STRING: return string_bytes(to) < string_bytes(from);
	case FAMILY_TIME:
	case FAMILY_DATETIME:
	case FAMILY_TIMESTAMP: return to->decimals < from->decimals;
	default: return to->length < from->length;
	}
}

enum log_type_match log_type_match(const struct log_type *from, const struct column_type *to, unsigned policy)
{
	struct log_type local;
	log_type_of(to, &local);
	if (equal_types(from, &local))
		return charsets_differ(from, to) ? LOG_TYPE_CONVERTS : LOG_TYPE_SAME;
	enum family source = family_of(from->type), target = family_of(local.type);
	if (source == FAMILY_JSON)
		return to->kind == TYPE_JSON ? LOG_TYPE_CONVERTS : LOG_TYPE_REFUSED;
	bool numbers = source <= FAMILY_DECIMAL && target <= FAMILY_DECIMAL;
	bool lossy = true;
	if (source == target && source != FAMILY_OTHER && to->kind != TYPE_JSON) {
		/* The same moments in the form before MySQL 5.6: no policy is asked. */
		bool old_form = from->type != local.type && source >= FAMILY_TIME && source <= FAMILY_TIMESTAMP;
		if (old_form && from->decimals == local.decimals)
			return LOG_TYPE_CONVERTS;
		lossy = is_narrower(from, &local);
	} else if (!numbers || source == target) {
		return LOG_TYPE_REFUSED;
	}
	return policy & (lossy ? LOG_TYPE_ALL_LOSSY : LOG_TYPE_ALL_NON_LOSSY) ? LOG_TYPE_CONVERTS : LOG_TYPE_REFUSED;
}

static struct value integer_value(const struct log_type *type, const uint8_t *data)
{
	uint64_t bits = bytes_load_uint(data, type->length);
	if (type->is_unsigned)
		return value_uint(bits);
	unsigned unused = 64 - 8 * type->length;
	return value_int((int64_t)(bits << unused) >> unused);
}

static struct value real_value(const struct log_type *type, const uint8_t *data)
{
	if (type->type == FIELD_FLOAT) {
		uint32_t bits = (uint32_t)bytes_load_uint(data, 4);
		float narrow;
		memcpy(&narrow, &bits, sizeof narrow);
		return value_double(narrow);
	}
	uint64_t bits = bytes_load_uint(data, 8);
	double real;
	memcpy(&real, &bits, sizeof real);
	return value_double(real);
}

static struct value temporal_value(enum value_kind kind, const struct log_type *type, int64_t packed)
{
	return (struct value){.kind = kind, .decimals = type->decimals, .packed = packed};
}

/* A number of the forms before MySQL 5.6: hhmmss, YYYYMMDDhhmmss. What is no time becomes zero. */
static struct value old_time_value(const struct log_type *type, const uint8_t *data)
{
	int64_t packed = 0;
	if (type->type == FIELD_TIME) {
		int64_t number = (int64_t)(bytes_load_uint(data, 3) << 40) >> 40;
		time_from_number(number, &packed);
		return temporal_value(VALUE_TIME, type, packed);
	}
	uint64_t number = bytes_load_uint(data, 8);
	if (number <= INT64_MAX)
		datetime_from_number((int64_t)number, TEMPORAL_INVALID_DATES, &packed);
	return temporal_value(VALUE_DATETIME, type, packed);
}

static struct value timestamp_value(const struct log_type *type, int64_t epoch_us)
{
	int64_t packed = epoch_us ? time_zone_to_local(time_zone_utc(), epoch_us) : 0;
	return temporal_value(VALUE_DATETIME, type, packed);
}

static bool read_value(const struct log_type *type, struct bytes field, const struct column_type *to,
		       struct arena *arena, struct value *out)
{
	const uint8_t *data = field.data;
	unsigned prefix = prefix_size(type);
	struct decimal *decimal;
	switch (type->type) {
	case FIELD_TINY:
	case FIELD_SHORT:
	case FIELD_INT24:
	case FIELD_LONG:
	case FIELD_LONGLONG: *out = integer_value(type, data); return true;
	case FIELD_FLOAT:
	case FIELD_DOUBLE: *out = real_value(type, data); return true;
	case FIELD_NEWDECIMAL:
		decimal = arena_new(arena, struct decimal);
		*out = (struct value){.kind = VALUE_DECIMAL, .decimals = type->decimals, .decimal = decimal};
		return decimal_unpack(data, type->length, type->decimals, decimal) == DECIMAL_OK;
	case FIELD_BIT: *out = value_uint(bytes_load_uint_be(data, field.size)); return true;
	case FIELD_ENUM:
	case FIELD_SET: *out = value_uint(bytes_load_uint(data, field.size)); return true;
	case FIELD_YEAR: *out = value_int(data[0] ? data[0] + 1900 : 0); return true;
	case FIELD_DATE: *out = temporal_value(VALUE_DATE, type, packed_get_date(data)); return true;
	case FIELD_TIME2:
		*out = temporal_value(VALUE_TIME, type, packed_get_time(data, type->decimals));
		return true;
	case FIELD_DATETIME2:
		*out = temporal_value(VALUE_DATETIME, type, packed_get_datetime(data, type->decimals));
		return true;
	case FIELD_TIMESTAMP2: *out = timestamp_value(type, packed_get_timestamp(data, type->decimals)); return true;
	case FIELD_TIMESTAMP: *out = timestamp_value(type, (int64_t)bytes_load_uint(data, 4) * 1000000); return true;
	case FIELD_TIME:
	case FIELD_DATETIME: *out = old_time_value(type, data); return true;
	case FIELD_STRING:
	case FIELD_VARCHAR:
	case FIELD_BLOB:
		*out = value_string(bytes_of(data + prefix, field.size - prefix),
				    charsets_differ(type, to) ? type->collation
				    : to->collation	      ? to->collation
							      : collation_binary);
		return true;
	default: return false;
	}
}

/* MySQL's binary JSON becomes our text. */
static enum log_type_match convert_json(const struct log_type *from, struct bytes field, struct buf *out)
{
	unsigned prefix = prefix_size(from);
	size_t at = out->size;
	buf_put_u32(out, 0);
	if (!json_binary_print(bytes_of(field.data + prefix, field.size - prefix), out)) {
		out->size = at;
		return LOG_TYPE_REFUSED;
	}
	bytes_store_uint(out->data + at, out->size - at - 4, 4);
	return LOG_TYPE_CONVERTS;
}

enum log_type_match log_type_convert(const struct log_type *from, struct bytes field, const struct column_type *to,
				     struct arena *arena, struct buf *out)
{
	struct value value;
	struct diag diag = DIAG_INIT;
	if (field.size == 0 || log_type_field_size(from, field.data, field.size) != (int64_t)field.size)
		return LOG_TYPE_REFUSED;
	if (from->type == FIELD_JSON)
		return to->kind == TYPE_JSON ? convert_json(from, field, out) : LOG_TYPE_REFUSED;
	if (!read_value(from, field, to, arena, &value))
		return LOG_TYPE_REFUSED;
	/* No strictness: the source has decided that the value is one. */
	struct convert_context context = {.sql_mode = SQL_MODE_ALLOW_INVALID_DATES, .zone = time_zone_utc(),
					  .arena = arena};
	return convert_to_packed(&value, to, "", &context, out, &diag) == 0 ? LOG_TYPE_CONVERTS : LOG_TYPE_REFUSED;
}
