/* Columns on the drawing board: types, defaults, generation. */
#include <stdio.h>

#include "base/buf.h"
#include "exec/evaluate_value.h"
#include "exec/definition/table_draft.h"
#include "type/convert.h"
#include "type/sql_mode.h"

enum { name_length_max = 64, column_comment_max = 1024, columns_max = 4096, row_size_max = 65535 };

bool draft_same_name(const char *a, const char *b)
{
	return collation_compare(collation_utf8mb3_general, bytes_of_string(a), bytes_of_string(b)) == 0;
}

struct draft_column *draft_find_column(const struct table_draft *draft, const char *name)
{
	struct draft_column *column = draft->columns;
	while (column && !draft_same_name(column->column.name, name))
		column = column->next;
	return column;
}

struct draft_column *draft_last_column(struct table_draft *draft)
{
	struct draft_column *column = draft->columns;
	while (column && column->next)
		column = column->next;
	return column;
}

void draft_insert_column(struct table_draft *draft, struct draft_column *column, struct draft_column *after)
{
	struct draft_column **place = after ? &after->next : &draft->columns;
	column->next = *place;
	*place = column;
}

static const char *print_expression(struct table_draft *draft, const struct ast_expr *expr)
{
	struct buf text;
	buf_init(&text);
	ast_expr_print(expr, &text);
	const char *copy = arena_copy_text(draft->statement->arena, (const char *)text.data, text.size);
	buf_deinit(&text);
	return copy;
}

/* ------------------------------------------------------------------ types */

/* The octets that a VARCHAR or VARBINARY of this declaration may hold, 0 for other types. */
static uint64_t declared_octets(const struct table_draft *draft, const struct ast_type *ast, bool *out_binary)
{
	const struct collation *collation = draft->collation;
	*out_binary = ast->kind == AST_TYPE_VARBINARY;
	if ((ast->kind != AST_TYPE_VARCHAR && !*out_binary) || ast->length < 0)
		return 0;
	const struct charset *charset = ast->charset ? charset_find(bytes_of_string(ast->charset)) : NULL;
	if (charset == NULL && ast->collation)
		collation = collation_find(bytes_of_string(ast->collation));
	if (charset == NULL)
		charset = collation ? collation->charset : draft->collation->charset;
	if (charset->id == CHARSET_BINARY)
		*out_binary = true;
	return (uint64_t)ast->length * (*out_binary ? 1 : charset->max_char_size);
}

/*
 * A VARCHAR that no row could hold becomes the TEXT that can. MySQL does so outside of strict mode only; schemas
 * written for it rely on it, and there is nothing to lose, so here it is done always.
 */
static const struct ast_type *widen_type(struct table_draft *draft, const struct ast_type *ast, const char *name)
{
	bool binary;
	uint64_t octets = declared_octets(draft, ast, &binary);
	if (octets <= row_size_max)
		return ast;
	struct ast_type *wide = arena_copy(draft->statement->arena, ast, sizeof *ast);
	wide->length = -1;
	bool medium = octets < 1u << 24;
	if (binary)
		wide->kind = medium ? AST_TYPE_MEDIUMBLOB : AST_TYPE_LONGBLOB;
	else
		wide->kind = medium ? AST_TYPE_MEDIUMTEXT : AST_TYPE_LONGTEXT;
	warnings_add(&draft->statement->session->warnings, WARNING_NOTE, ER_AUTO_CONVERT, name,
		     binary ? "VARBINARY" : "VARCHAR", binary ? "BLOB" : "TEXT");
	return wide;
}

static int set_type(struct table_draft *draft, struct column *column, const struct ast_type *ast)
{
	struct statement *statement = draft->statement;
	return resolve_type(widen_type(draft, ast, column->name), draft->collation, column->name, statement->arena,
			    &column->type, statement->diag);
}

/* ------------------------------------------------------------------ defaults */

static bool is_now(const struct ast_expr *expr)
{
	return expr->kind == AST_CALL && strcmp(expr->call->name, "now") == 0 && expr->call->database == NULL;
}

/* now() and now(n) fit a DATETIME or TIMESTAMP of the same precision. */
static bool now_fits(const struct ast_expr *now, const struct column_type *type)
{
	uint64_t fsp = 0;
	if (type->kind != TYPE_DATETIME && type->kind != TYPE_TIMESTAMP)
		return false;
	if (now->call->arguments.count == 1) {
		const struct ast_expr *argument = now->call->arguments.items[0];
		if (argument->kind != AST_LITERAL || argument->literal->kind != AST_LITERAL_INTEGER)
			return false;
		fsp = argument->literal->integer;
	}
	return fsp == type->decimals;
}

static const char *bit_text(struct arena *arena, const struct column_type *type, struct bytes field)
{
	uint64_t value = bytes_load_uint_be(field.data, field.size);
	char digits[68] = "b'0'";
	unsigned highest = 0;
	for (unsigned i = 0; i < type->length; i++)
		if (value >> i & 1)
			highest = i;
	size_t used = 2;
	for (unsigned i = highest + 1; i-- > 0;)
		digits[used++] = value >> i & 1 ? '1' : '0';
	digits[used++] = '\'';
	digits[used] = 0;
	return arena_copy_string(arena, digits);
}

static const char *default_text(struct statement *statement, const struct column_type *type, struct bytes field)
{
	struct diag ignored = DIAG_INIT;
	struct buf text, utf8;
	if (type->kind == TYPE_BIT)
		return bit_text(statement->arena, type, field);
	buf_init(&text);
	buf_init(&utf8);
	convert_text_from_packed(type, field, statement->session->variables.time_zone, &text, &ignored);
	const struct charset *from = type_is_text(type->kind) ? type->collation->charset : charset_get(CHARSET_BINARY);
	charset_convert(from, buf_bytes(&text), charset_get(CHARSET_UTF8MB4), &utf8);
	const char *copy = arena_copy_text(statement->arena, (const char *)utf8.data, utf8.size);
	buf_deinit(&text);
	buf_deinit(&utf8);
	return copy;
}

/* A default that had to be changed to fit is an error in every sql_mode; zero dates are the mode's to judge. */
static int set_value_default(struct table_draft *draft, struct column *column, const struct value *value)
{
	struct statement *statement = draft->statement;
	struct convert_context context;
	struct diag diag = DIAG_INIT;
	struct buf packed;
	session_convert_context(statement->session, &context);
	if (!sql_mode_is_strict(context.sql_mode))
		context.sql_mode &= ~(uint64_t)(SQL_MODE_NO_ZERO_DATE | SQL_MODE_NO_ZERO_IN_DATE);
	context.sql_mode |= SQL_MODE_STRICT_ALL_TABLES;
	context.warnings = NULL;
	buf_init(&packed);
	if (convert_to_packed(value, &column->type, column->name, &context, &packed, &diag) != 0) {
		buf_deinit(&packed);
		return diag_set(statement->diag, ER_INVALID_DEFAULT, column->name);
	}
	column->default_kind = DEFAULT_VALUE;
	column->default_field = bytes_of(arena_copy(statement->arena, packed.data, packed.size), packed.size);
	column->default_text = default_text(statement, &column->type, column->default_field);
	buf_deinit(&packed);
	return 0;
}

int draft_convert_default(struct table_draft *draft, struct draft_column *draft_column)
{
	struct column *column = &draft_column->column;
	if (column->default_kind != DEFAULT_VALUE || column->type.kind == TYPE_BIT)
		return 0;
	struct value value = value_string(bytes_of_string(column->default_text), collation_utf8mb4_default);
	return set_value_default(draft, column, &value);
}

static bool may_be_ignored(struct table_draft *draft, const struct value *value)
{
	return !session_is_strict(draft->statement->session) && value->kind == VALUE_STRING && value->string.size == 0;
}

static int set_literal_default(struct table_draft *draft, struct column *column, const struct ast_expr *expr)
{
	struct statement *statement = draft->statement;
	struct value value;
	if (evaluate_constant(statement, expr, &value) != 0)
		return -1;
	if (value.kind == VALUE_NULL) {
		column->default_kind = DEFAULT_NULL;
		return 0;
	}
	if (!type_is_blob(column->type.kind))
		return set_value_default(draft, column, &value);
	/* A source that is a MariaDB has such columns, and what it says of them holds here too. */
	if (statement->session->is_internal) {
		column->default_kind = DEFAULT_EXPRESSION;
		column->default_text = print_expression(draft, expr);
		return 0;
	}
	if (!may_be_ignored(draft, &value))
		return diag_set(statement->diag, ER_BLOB_CANT_HAVE_DEFAULT, column->name);
	warnings_add(&statement->session->warnings, WARNING_WARNING, ER_BLOB_CANT_HAVE_DEFAULT, column->name);
	return 0;
}

int draft_set_default(struct table_draft *draft, struct draft_column *draft_column, const struct ast_expr *expr,
		      bool is_expression)
{
	struct column *column = &draft_column->column;
	struct diag *diag = draft->statement->diag;
	draft_column->default_given = true;
	column->default_kind = DEFAULT_NONE;
	column->default_text = NULL;
	column->default_field = (struct bytes){0};
	if (column->auto_increment)
		return diag_set(diag, ER_INVALID_DEFAULT, column->name);
	if (column->generated != GENERATED_NONE)
		return diag_set(diag, ER_WRONG_USAGE, "DEFAULT", "generated column");
	if (is_now(expr) && !is_expression) {
		if (!now_fits(expr, &column->type))
			return diag_set(diag, ER_INVALID_DEFAULT, column->name);
		column->default_kind = DEFAULT_NOW;
		return 0;
	}
	/* MariaDB writes functions without parentheses, and its dumps shall load. */
	if (is_expression || (expr->kind != AST_LITERAL && expr->kind != AST_UNARY)) {
		column->default_kind = DEFAULT_EXPRESSION;
		column->default_text = print_expression(draft, expr);
		return 0;
	}
	return set_literal_default(draft, column, expr);
}

/* ------------------------------------------------------------------ one column */

/* explicit_defaults_for_timestamp=OFF: a TIMESTAMP is NOT NULL until told otherwise. */
static void settle_timestamp(struct table_draft *draft, const struct ast_column_def *ast, struct draft_column *made)
{
	if (draft->statement->session->variables.explicit_defaults_for_timestamp ||
	    made->column.type.kind != TYPE_TIMESTAMP || made->column.generated != GENERATED_NONE)
		return;
	if (ast->nullability == AST_NULL_UNSPECIFIED)
		made->column.nullable = false;
	made->wants_timestamp = !made->column.nullable && ast->default_value == NULL;
}

static int set_generation(struct table_draft *draft, const struct ast_column_def *ast, struct column *column)
{
	if (ast->generated == NULL)
		return 0;
	column->generated = ast->generation == AST_GENERATED_STORED ? GENERATED_STORED : GENERATED_VIRTUAL;
	column->generated_expression = print_expression(draft, ast->generated);
	if (ast->auto_increment)
		return diag_set(draft->statement->diag, ER_WRONG_USAGE, "AUTO_INCREMENT", "generated column");
	return 0;
}

static int set_auto_increment(struct table_draft *draft, const struct ast_column_def *ast, struct column *column)
{
	enum type_kind kind = column->type.kind;
	if (!ast->auto_increment)
		return 0;
	if (!type_is_integer(kind) && kind != TYPE_FLOAT && kind != TYPE_DOUBLE)
		return diag_set(draft->statement->diag, ER_WRONG_FIELD_SPEC, column->name);
	column->auto_increment = true;
	column->nullable = false;
	return 0;
}

static int set_on_update(struct table_draft *draft, const struct ast_column_def *ast, struct column *column)
{
	if (ast->on_update == NULL)
		return 0;
	if (!is_now(ast->on_update) || !now_fits(ast->on_update, &column->type))
		return diag_set(draft->statement->diag, ER_INVALID_ON_UPDATE, column->name);
	column->on_update_now = true;
	return 0;
}

static int set_comment(struct table_draft *draft, const struct ast_column_def *ast, struct column *column)
{
	struct statement *statement = draft->statement;
	column->comment = ast->comment.data ? arena_copy_text(statement->arena, (const char *)ast->comment.data,
							      ast->comment.size)
					    : "";
	if (charset_length(charset_get(CHARSET_UTF8MB4), ast->comment) > column_comment_max)
		return diag_set(statement->diag, ER_TOO_LONG_FIELD_COMMENT, column->name,
				(unsigned long)column_comment_max);
	return 0;
}

static int check_column_name(struct table_draft *draft, const char *name)
{
	struct diag *diag = draft->statement->diag;
	size_t size = strlen(name);
	if (size == 0 || name[size - 1] == ' ')
		return diag_set(diag, ER_WRONG_COLUMN_NAME, name);
	if (charset_length(charset_get(CHARSET_UTF8MB4), bytes_of_string(name)) > name_length_max)
		return diag_set(diag, ER_TOO_LONG_IDENT, name);
	return 0;
}

static int settle_null_default(struct table_draft *draft, const struct ast_column_def *ast, struct column *column)
{
	bool primary = ast->primary;
	if (column->default_kind == DEFAULT_NULL && (!column->nullable || primary))
		return diag_set(draft->statement->diag, ER_INVALID_DEFAULT, column->name);
	if (column->default_kind == DEFAULT_NONE && column->nullable && column->generated == GENERATED_NONE)
		column->default_kind = DEFAULT_NULL;
	return 0;
}

int draft_make_column(struct table_draft *draft, const struct ast_column_def *ast, struct draft_column **out)
{
	struct draft_column *made = arena_new(draft->statement->arena, struct draft_column);
	struct column *column = &made->column;
	*column = (struct column){.name = ast->name.text, .nullable = ast->nullability != AST_NOT_NULL,
				  .invisible = ast->invisible};
	made->old_position = -1;
	made->null_given = ast->nullability == AST_NULL;
	if (check_column_name(draft, column->name) != 0 || set_type(draft, column, ast->type) != 0 ||
	    set_generation(draft, ast, column) != 0 || set_auto_increment(draft, ast, column) != 0)
		return -1;
	settle_timestamp(draft, ast, made);
	if (ast->default_value && draft_set_default(draft, made, ast->default_value, ast->default_is_expression) != 0)
		return -1;
	if (set_on_update(draft, ast, column) != 0 || set_comment(draft, ast, column) != 0 ||
	    settle_null_default(draft, ast, column) != 0)
		return -1;
	*out = made;
	return 0;
}

/* ------------------------------------------------------------------ all columns */

/* The first TIMESTAMP without a word about its default follows the clock, the others begin at zero. */
static int give_timestamps(struct table_draft *draft)
{
	bool is_first = true;
	for (struct draft_column *it = draft->columns; it; it = it->next) {
		struct column *column = &it->column;
		if (column->type.kind != TYPE_TIMESTAMP || column->nullable)
			continue;
		bool promotes = is_first && !column->on_update_now;
		is_first = false;
		if (!it->wants_timestamp)
			continue;
		it->wants_timestamp = false;
		if (promotes) {
			column->default_kind = DEFAULT_NOW;
			column->on_update_now = true;
			continue;
		}
		struct value zero = value_string(bytes_of_string("0000-00-00 00:00:00"), collation_utf8mb4_default);
		if (set_value_default(draft, column, &zero) != 0)
			return -1;
	}
	return 0;
}

/* A row as MySQL's server lays it out: what 65535 bounds. Long texts stand outside of it. */
static uint64_t row_bytes(const struct column_type *type)
{
	if (!type_is_blob(type->kind))
		return type_packed_size_max(type);
	switch (type->kind) {
	case TYPE_TINYTEXT:
	case TYPE_TINYBLOB: return 9;
	case TYPE_TEXT:
	case TYPE_BLOB: return 10;
	case TYPE_MEDIUMTEXT:
	case TYPE_MEDIUMBLOB: return 11;
	default: return 12;
	}
}

int draft_check_columns(struct table_draft *draft)
{
	struct diag *diag = draft->statement->diag;
	unsigned count = 0, automatic = 0, visible = 0;
	uint64_t size = 0;
	if (give_timestamps(draft) != 0)
		return -1;
	for (struct draft_column *it = draft->columns; it; it = it->next) {
		if (draft_find_column(draft, it->column.name) != it)
			return diag_set(diag, ER_DUP_FIELDNAME, it->column.name);
		count++;
		automatic += it->column.auto_increment;
		visible += !it->column.invisible;
		size += row_bytes(&it->column.type);
	}
	if (count == 0)
		return diag_set(diag, ER_TABLE_MUST_HAVE_COLUMNS);
	if (visible == 0)
		return diag_set(diag, ER_TABLE_MUST_HAVE_A_VISIBLE_COLUMN);
	if (count > columns_max)
		return diag_set(diag, ER_TOO_MANY_FIELDS);
	if (automatic > 1)
		return diag_set(diag, ER_WRONG_AUTO_KEY);
	if (size + (count + 7) / 8 > row_size_max)
		return diag_set(diag, ER_TOO_BIG_ROWSIZE, (long)row_size_max);
	return 0;
}
