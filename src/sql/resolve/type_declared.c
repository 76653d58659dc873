/* Types as they are written in column definitions and CASTs. */
#include "sql/resolve/resolver.h"

enum { char_max = 255, row_bytes_max = 65535, width_max = 255, bit_max = 64, fsp_max = 6 };

static int pick_collation(const struct ast_type *ast, const struct collation *default_collation,
			  const struct collation **out, struct diag *diag)
{
	const struct charset *charset = NULL;
	*out = default_collation;
	if (ast->charset != NULL) {
		charset = charset_find(bytes_of_string(ast->charset));
		if (charset == NULL)
			return diag_set(diag, ER_UNKNOWN_CHARACTER_SET, ast->charset);
		*out = charset->default_collation;
	}
	if (ast->collation != NULL) {
		const struct collation *collation = collation_find(bytes_of_string(ast->collation));
		if (collation == NULL)
			return diag_set(diag, ER_UNKNOWN_COLLATION, ast->collation);
		if (charset != NULL && collation->charset != charset)
			return diag_set(diag, ER_COLLATION_CHARSET_MISMATCH, collation->name, charset->name);
		*out = collation;
	}
	if (ast->binary)
		*out = (*out)->charset->binary_collation;
	return 0;
}

static int set_decimal(const struct ast_type *ast, const char *name, struct column_type *out, struct diag *diag)
{
	int64_t precision = ast->length < 0 ? 10 : ast->length == 0 ? 10 : ast->length;
	int scale = ast->decimals < 0 ? 0 : ast->decimals;
	if (scale > decimal_scale_max)
		return diag_set(diag, ER_TOO_BIG_SCALE, scale, name, (unsigned long)decimal_scale_max);
	if (precision > decimal_precision_max)
		return diag_set(diag, ER_TOO_BIG_PRECISION, (int)precision, name, (unsigned long)decimal_precision_max);
	if (precision < scale)
		return diag_set(diag, ER_M_BIGGER_THAN_D, name);
	out->length = (uint32_t)precision;
	out->decimals = (uint8_t)scale;
	return 0;
}

static int set_float(const struct ast_type *ast, const char *name, struct column_type *out, struct diag *diag)
{
	out->decimals = 31;
	if (ast->decimals < 0)
		return 0;
	if (ast->decimals > decimal_scale_max)
		return diag_set(diag, ER_TOO_BIG_SCALE, ast->decimals, name, (unsigned long)decimal_scale_max);
	if (ast->length > width_max)
		return diag_set(diag, ER_TOO_BIG_DISPLAYWIDTH, name, (unsigned long)width_max);
	if (ast->length < ast->decimals)
		return diag_set(diag, ER_M_BIGGER_THAN_D, name);
	out->length = (uint32_t)ast->length;
	out->decimals = (uint8_t)ast->decimals;
	return 0;
}

/* TEXT(n) and BLOB(n): the smallest kind that holds n. */
static enum type_kind blob_kind(enum type_kind kind, const struct ast_type *ast, const struct charset *charset)
{
	if (ast->length < 0 || (kind != TYPE_TEXT && kind != TYPE_BLOB))
		return kind;
	uint64_t bytes = (uint64_t)ast->length * (kind == TYPE_TEXT ? charset->max_char_size : 1);
	enum type_kind tiny = kind == TYPE_TEXT ? TYPE_TINYTEXT : TYPE_TINYBLOB;
	return bytes < 256 ? tiny : bytes < 65536 ? tiny + 1 : bytes < 16777216 ? tiny + 2 : tiny + 3;
}

static int set_string(const struct ast_type *ast, const char *name, struct column_type *out, struct diag *diag)
{
	bool fixed = out->kind == TYPE_CHAR || out->kind == TYPE_BINARY;
	unsigned long most = fixed ? char_max : row_bytes_max / out->collation->charset->max_char_size;
	int64_t length = ast->length < 0 ? 1 : ast->length;
	if ((uint64_t)length > most)
		return diag_set(diag, ER_TOO_BIG_FIELDLENGTH, name, most);
	out->length = (uint32_t)length;
	return 0;
}

static struct bytes member_text(const struct charset *charset, struct bytes text, struct arena *arena)
{
	struct buf converted;
	while (text.size > 0 && text.data[text.size - 1] == ' ')
		text.size--;
	buf_init(&converted);
	charset_convert(charset_get(CHARSET_UTF8MB4), text, charset, &converted);
	struct bytes copy = bytes_of(arena_copy_text(arena, (const char *)converted.data, converted.size), converted.size);
	buf_deinit(&converted);
	return copy;
}

static int set_members(const struct ast_type *ast, const char *name, struct arena *arena, struct column_type *out,
		       struct diag *diag)
{
	struct bytes *names = arena_array(arena, struct bytes, ast->values.count + 1);
	if (out->kind == TYPE_SET && ast->values.count > 64)
		return diag_set(diag, ER_TOO_BIG_SET, name);
	for (size_t i = 0; i < ast->values.count; i++) {
		names[i] = member_text(out->collation->charset, ast->values.items[i], arena);
		for (size_t k = 0; k < i; k++)
			if (collation_compare(out->collation, names[i], names[k]) == 0)
				return diag_set(diag, ER_DUPLICATED_VALUE_IN_TYPE, name,
						arena_copy_text(arena, (const char *)names[i].data, names[i].size),
						out->kind == TYPE_SET ? "SET" : "ENUM");
	}
	out->names = names;
	out->name_count = (uint16_t)ast->values.count;
	return 0;
}

static const enum type_kind kinds[] = {
	[AST_TYPE_TINYINT] = TYPE_TINYINT, [AST_TYPE_SMALLINT] = TYPE_SMALLINT, [AST_TYPE_MEDIUMINT] = TYPE_MEDIUMINT,
	[AST_TYPE_INT] = TYPE_INT, [AST_TYPE_BIGINT] = TYPE_BIGINT, [AST_TYPE_DECIMAL] = TYPE_DECIMAL,
	[AST_TYPE_FLOAT] = TYPE_FLOAT, [AST_TYPE_DOUBLE] = TYPE_DOUBLE, [AST_TYPE_BIT] = TYPE_BIT,
	[AST_TYPE_CHAR] = TYPE_CHAR, [AST_TYPE_VARCHAR] = TYPE_VARCHAR, [AST_TYPE_BINARY] = TYPE_BINARY,
	[AST_TYPE_VARBINARY] = TYPE_VARBINARY, [AST_TYPE_TINYTEXT] = TYPE_TINYTEXT, [AST_TYPE_TEXT] = TYPE_TEXT,
	[AST_TYPE_MEDIUMTEXT] = TYPE_MEDIUMTEXT, [AST_TYPE_LONGTEXT] = TYPE_LONGTEXT,
	[AST_TYPE_TINYBLOB] = TYPE_TINYBLOB, [AST_TYPE_BLOB] = TYPE_BLOB, [AST_TYPE_MEDIUMBLOB] = TYPE_MEDIUMBLOB,
	[AST_TYPE_LONGBLOB] = TYPE_LONGBLOB, [AST_TYPE_ENUM] = TYPE_ENUM, [AST_TYPE_SET] = TYPE_SET,
	[AST_TYPE_DATE] = TYPE_DATE, [AST_TYPE_TIME] = TYPE_TIME, [AST_TYPE_DATETIME] = TYPE_DATETIME,
	[AST_TYPE_TIMESTAMP] = TYPE_TIMESTAMP, [AST_TYPE_YEAR] = TYPE_YEAR, [AST_TYPE_JSON] = TYPE_JSON,
	[AST_TYPE_GEOMETRY] = TYPE_NULL, [AST_TYPE_CAST_SIGNED] = TYPE_BIGINT, [AST_TYPE_CAST_UNSIGNED] = TYPE_BIGINT,
};

/* CHAR, VARCHAR and TEXT in the binary character set are the binary types. */
static enum type_kind as_binary(enum type_kind kind)
{
	if (kind == TYPE_CHAR || kind == TYPE_VARCHAR)
		return kind - TYPE_CHAR + TYPE_BINARY;
	if (kind >= TYPE_TINYTEXT && kind <= TYPE_LONGTEXT)
		return kind - TYPE_TINYTEXT + TYPE_TINYBLOB;
	return kind;
}

static int set_number(const struct ast_type *ast, const char *name, struct column_type *out, struct diag *diag)
{
	out->is_unsigned = ast->is_unsigned;
	out->zerofill = ast->zerofill;
	if (out->kind == TYPE_DECIMAL)
		return set_decimal(ast, name, out, diag);
	if (out->kind == TYPE_FLOAT || out->kind == TYPE_DOUBLE)
		return set_float(ast, name, out, diag);
	if (out->kind == TYPE_BIT) {
		if (ast->length > bit_max)
			return diag_set(diag, ER_TOO_BIG_DISPLAYWIDTH, name, (unsigned long)bit_max);
		out->length = ast->length <= 0 ? 1 : (uint32_t)ast->length;
		return 0;
	}
	if (ast->length > width_max)
		return diag_set(diag, ER_TOO_BIG_DISPLAYWIDTH, name, (unsigned long)width_max);
	out->length = ast->length < 0 ? 0 : (uint32_t)ast->length;
	if (out->zerofill && out->length == 0) {
		struct column_type natural = *out;
		natural.is_unsigned = true;
		out->length = (uint32_t)type_characters(&natural);
	}
	return 0;
}

int resolve_type(const struct ast_type *ast, const struct collation *default_collation, const char *name,
		 struct arena *arena, struct column_type *out_type, struct diag *diag)
{
	struct column_type type = {.kind = kinds[ast->kind], .collation = collation_binary};
	int status = 0;
	if (ast->kind == AST_TYPE_GEOMETRY)
		return diag_set(diag, ER_NOT_SUPPORTED_YET, "spatial types");
	if (type.kind == TYPE_YEAR) {
		type.length = 4;
	} else if (type_is_numeric(type.kind)) {
		status = set_number(ast, name, &type, diag);
	} else if (type_is_temporal(type.kind)) {
		if (ast->length > fsp_max)
			return diag_set(diag, ER_TOO_BIG_PRECISION, (int)ast->length, name, (unsigned long)fsp_max);
		type.decimals = type.kind == TYPE_DATE || ast->length < 0 ? 0 : (uint8_t)ast->length;
	} else if (type.kind == TYPE_JSON) {
		type.collation = collation_utf8mb4_bin;
	} else {
		if (type_is_text(type.kind) &&
		    pick_collation(ast, default_collation, &type.collation, diag) != 0)
			return -1;
		if (type.collation == collation_binary)
			type.kind = as_binary(type.kind);
		type.kind = blob_kind(type.kind, ast, type.collation->charset);
		if (type.kind == TYPE_ENUM || type.kind == TYPE_SET)
			status = set_members(ast, name, arena, &type, diag);
		else if (!type_is_blob(type.kind))
			status = set_string(ast, name, &type, diag);
	}
	if (status == 0)
		*out_type = type;
	return status;
}
