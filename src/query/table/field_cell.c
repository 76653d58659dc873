#include "query/table/field_cell.h"

#include "sql/resolve/tree.h"
#include "type/row.h"
#include "type/temporal_packed.h"

enum { small_precision_max = 18 };

static bool signed_cell(struct evaluator_handle *handle, const struct column_type *type, struct bytes field,
			struct cell *out)
{
	unsigned unused = 64 - 8 * (unsigned)field.size;
	out->type = SQLITE_INTEGER;
	out->integer = (int64_t)(bytes_load_uint(field.data, field.size) << unused) >> unused;
	return true;
}

static bool unsigned_cell(struct evaluator_handle *handle, const struct column_type *type, struct bytes field,
			  struct cell *out)
{
	out->type = SQLITE_INTEGER;
	out->integer = (int64_t)bytes_load_uint(field.data, field.size);
	return true;
}

static bool year_cell(struct evaluator_handle *handle, const struct column_type *type, struct bytes field,
		      struct cell *out)
{
	out->type = SQLITE_INTEGER;
	out->integer = field.data[0] ? field.data[0] + 1900 : 0;
	return true;
}

static bool real_cell(struct evaluator_handle *handle, const struct column_type *type, struct bytes field,
		      struct cell *out)
{
	uint64_t bits = bytes_load_uint(field.data, 8);
	out->type = SQLITE_FLOAT;
	memcpy(&out->real, &bits, sizeof out->real);
	return true;
}

static bool narrow_real_cell(struct evaluator_handle *handle, const struct column_type *type, struct bytes field,
			     struct cell *out)
{
	uint32_t bits = (uint32_t)bytes_load_uint(field.data, 4);
	float narrow;
	memcpy(&narrow, &bits, sizeof narrow);
	out->type = SQLITE_FLOAT;
	out->real = narrow;
	return true;
}

static bool decimal_cell(struct evaluator_handle *handle, const struct column_type *type, struct bytes field,
			 struct cell *out)
{
	out->type = CELL_DECIMAL;
	out->scale = type->decimals;
	return decimal_unscaled_of_packed(field.data, type->length, type->decimals, &out->integer);
}

static bool date_cell(struct evaluator_handle *handle, const struct column_type *type, struct bytes field,
		      struct cell *out)
{
	out->type = SQLITE_INTEGER;
	out->integer = packed_get_date(field.data);
	return true;
}

static bool time_cell(struct evaluator_handle *handle, const struct column_type *type, struct bytes field,
		      struct cell *out)
{
	out->type = SQLITE_INTEGER;
	out->integer = packed_get_time(field.data, type->decimals);
	return true;
}

static bool datetime_cell(struct evaluator_handle *handle, const struct column_type *type, struct bytes field,
			  struct cell *out)
{
	out->type = SQLITE_INTEGER;
	out->integer = packed_get_datetime(field.data, type->decimals);
	return true;
}

static bool timestamp_cell(struct evaluator_handle *handle, const struct column_type *type, struct bytes field,
			   struct cell *out)
{
	int64_t epoch_us = packed_get_timestamp(field.data, type->decimals);
	out->type = SQLITE_INTEGER;
	out->integer = epoch_us ? time_zone_to_local(handle->session->variables.time_zone, epoch_us) : 0;
	return true;
}

static bool text_cell(struct evaluator_handle *handle, const struct column_type *type, struct bytes field,
		      struct cell *out)
{
	out->type = SQLITE_TEXT;
	out->string = row_field_content(type, field);
	return true;
}

static bool binary_cell(struct evaluator_handle *handle, const struct column_type *type, struct bytes field,
			struct cell *out)
{
	out->type = SQLITE_BLOB;
	out->string = row_field_content(type, field);
	return true;
}

static field_cell_fn *integer_cell_of(const struct column_type *type)
{
	if (!type->is_unsigned && !type->zerofill)
		return signed_cell;
	return type->kind == TYPE_BIGINT ? NULL : unsigned_cell;
}

static field_cell_fn *string_cell_of(const struct column_type *type)
{
	if (class_of_type(type) == CLASS_BINARY)
		return binary_cell;
	enum charset_id charset = type->collation->charset->id;
	bool is_utf8 = charset == CHARSET_UTF8MB4 || charset == CHARSET_UTF8MB3 || charset == CHARSET_ASCII;
	return is_utf8 ? text_cell : NULL;
}

field_cell_fn *field_cell_of(const struct column_type *type)
{
	switch (type->kind) {
	case TYPE_TINYINT:
	case TYPE_SMALLINT:
	case TYPE_MEDIUMINT:
	case TYPE_INT:
	case TYPE_BIGINT: return integer_cell_of(type);
	case TYPE_ENUM: return unsigned_cell;
	case TYPE_YEAR: return year_cell;
	case TYPE_FLOAT: return narrow_real_cell;
	case TYPE_DOUBLE: return real_cell;
	case TYPE_DECIMAL: return type->length <= small_precision_max ? decimal_cell : NULL;
	case TYPE_DATE: return date_cell;
	case TYPE_TIME: return time_cell;
	case TYPE_DATETIME: return datetime_cell;
	case TYPE_TIMESTAMP: return timestamp_cell;
	case TYPE_CHAR:
	case TYPE_VARCHAR:
	case TYPE_VARBINARY: return string_cell_of(type);
	case TYPE_TINYTEXT:
	case TYPE_TEXT:
	case TYPE_MEDIUMTEXT:
	case TYPE_LONGTEXT: return string_cell_of(type);
	case TYPE_TINYBLOB:
	case TYPE_BLOB:
	case TYPE_MEDIUMBLOB:
	case TYPE_LONGBLOB: return string_cell_of(type);
	default: return NULL; /* BIT and SET may be above INT64_MAX; BINARY is padded */
	}
}
