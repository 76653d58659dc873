/* Functions with words inside: CAST, CONVERT, EXTRACT, INTERVAL arithmetic, TRIM, CASE, DEFAULT. */
#include "sql/parse/parse.h"
#include "sql/resolve/resolver.h"
#include "type/convert.h"

/* ------------------------------------------------------------------ CAST */

static struct tree_expr *retyped(struct scope *scope, struct tree_expr *operand, struct column_type type)
{
	struct tree_expr *expr = node_new(scope, TREE_CONVERT, operand->class);
	expr->convert.operand = operand;
	expr->convert.reason = CONVERT_CAST;
	expr->type = type;
	expr->coercibility = COERCIBLE_IMPLICIT;
	node_adopt(expr, operand);
	return expr;
}

static struct tree_expr *cast_to_text(struct scope *scope, struct tree_expr *operand, const struct ast_type *ast)
{
	struct column_type type;
	struct ast_type wanted = *ast;
	bool limited = ast->length >= 0;
	if (wanted.kind == AST_TYPE_BINARY && !limited)
		wanted.kind = AST_TYPE_VARBINARY;
	if (wanted.kind == AST_TYPE_CHAR)
		wanted.kind = AST_TYPE_VARCHAR;
	wanted.length = -1;
	if (resolve_type(&wanted, scope->resolver->environment->collation_connection, "cast", scope->resolver->arena, &type,
			 scope->resolver->diag) != 0)
		return NULL;
	enum type_kind kind = type.kind;
	uint64_t length = limited ? (uint64_t)ast->length : type_characters(&operand->type);
	if (type.collation == collation_binary && operand->class == CLASS_TEXT && !limited)
		length *= operand->type.collation->charset->max_char_size;
	type = type_text(length, type.collation);
	if (limited && kind == TYPE_BINARY)
		type.kind = TYPE_BINARY;
	struct tree_expr *out = convert_to_type(scope, operand, &type, CONVERT_CAST);
	if (out == NULL || out->class == CLASS_NULL)
		return out;
	return retyped(scope, out, type);
}

static struct tree_expr *cast_to_json(struct scope *scope, struct tree_expr *operand)
{
	if (operand->class != CLASS_TEXT)
		return convert_to_class(scope, operand, CLASS_JSON);
	struct tree_expr *expr = node_new(scope, TREE_CONVERT, CLASS_JSON);
	expr->type = (struct column_type){.kind = TYPE_JSON, .collation = collation_utf8mb4_bin};
	expr->convert.operand = operand;
	expr->convert.reason = CONVERT_CAST;
	expr->convert.name = "gm_json_parse";
	expr->convert.extras = arena_array(scope->resolver->arena, struct tree_extra, 2);
	expr->convert.extras[0].number = 1;
	expr->convert.extras[1] = (struct tree_extra){.is_text = true, .text = "cast_as_json"};
	expr->convert.extra_count = 2;
	node_adopt(expr, operand);
	return expr;
}

struct tree_expr *resolve_cast(struct scope *scope, const struct ast_expr *ast)
{
	const struct ast_type *wanted = ast->cast.type;
	struct column_type type;
	struct tree_expr *operand = resolve_expr(scope, ast->cast.operand);
	if (operand == NULL)
		return NULL;
	switch (wanted->kind) {
	case AST_TYPE_CAST_SIGNED: case AST_TYPE_CAST_UNSIGNED:
		type = type_bigint(wanted->kind == AST_TYPE_CAST_SIGNED ? 21 : 20, wanted->kind == AST_TYPE_CAST_UNSIGNED);
		break;
	case AST_TYPE_CHAR: case AST_TYPE_VARCHAR: case AST_TYPE_BINARY: case AST_TYPE_VARBINARY:
		return cast_to_text(scope, operand, wanted);
	case AST_TYPE_JSON:
		return cast_to_json(scope, operand);
	default:
		if (resolve_type(wanted, scope->resolver->environment->collation_connection, "cast",
				 scope->resolver->arena, &type, scope->resolver->diag) != 0)
			return NULL;
	}
	struct tree_expr *out = convert_to_type(scope, operand, &type, CONVERT_CAST);
	if (out == NULL || out->class == CLASS_NULL)
		return out;
	out = retyped(scope, out, type);
	out->coercibility = COERCIBLE_NUMERIC;
	return out;
}

struct tree_expr *resolve_convert_using(struct scope *scope, const struct ast_expr *ast)
{
	const struct charset *charset = charset_find(bytes_of_string(ast->convert.charset));
	struct tree_expr *operand = resolve_expr(scope, ast->convert.operand);
	if (operand == NULL)
		return NULL;
	if (charset == NULL)
		return FAIL(scope, ER_UNKNOWN_CHARACTER_SET, ast->convert.charset);
	const struct collation *connection = scope->resolver->environment->collation_connection;
	const struct collation *collation = connection->charset == charset ? connection : charset->default_collation;
	struct column_type type = type_text(type_characters(&operand->type), collation);
	struct tree_expr *out = convert_to_type(scope, operand, &type, CONVERT_CAST);
	return out == NULL || out->class == CLASS_NULL ? out : retyped(scope, out, type);
}

struct tree_expr *resolve_collate(struct scope *scope, const struct ast_expr *ast)
{
	const struct collation *collation = collation_find(bytes_of_string(ast->collate.collation));
	struct tree_expr *operand = resolve_expr(scope, ast->collate.operand);
	if (operand == NULL)
		return NULL;
	if (collation == NULL)
		return FAIL(scope, ER_UNKNOWN_COLLATION, ast->collate.collation);
	if (operand->class == CLASS_NULL)
		return operand;
	if (operand->class != CLASS_BINARY)
		operand = convert_to_class(scope, operand, CLASS_TEXT);
	if (operand->type.collation->charset != collation->charset && !operand->is_hex)
		return FAIL(scope, ER_COLLATION_CHARSET_MISMATCH, collation->name,
			    operand->type.collation->charset->name);
	if (operand->class == CLASS_BINARY && collation != collation_binary) {
		struct column_type type = type_text(type_characters(&operand->type), collation);
		operand = convert_to_type(scope, operand, &type, CONVERT_IMPLICIT);
	}
	struct tree_expr *expr = node_new(scope, TREE_COLLATE, operand->class);
	expr->collate.operand = operand;
	expr->type = operand->type;
	expr->type.collation = collation;
	expr->coercibility = COERCIBLE_EXPLICIT;
	node_adopt(expr, operand);
	return expr;
}

/* ------------------------------------------------------------------ times */

static struct tree_expr *interval_amount(struct scope *scope, const struct ast_expr *ast, enum ast_interval_unit unit)
{
	struct tree_expr *amount = resolve_expr(scope, ast);
	if (unit >= AST_UNIT_SECOND_MICROSECOND)
		return convert_to_class(scope, amount, CLASS_TEXT);
	return convert_to_class(scope, amount, unit == AST_UNIT_SECOND ? CLASS_DECIMAL : CLASS_INTEGER);
}

static struct tree_expr *date_add(struct scope *scope, const struct ast_expr *ast, const struct ast_expr *date,
				  const struct ast_expr *amount, enum ast_interval_unit unit, bool subtract)
{
	struct tree_expr *arguments[2];
	arguments[0] = resolve_expr(scope, date);
	arguments[1] = arguments[0] ? interval_amount(scope, amount, unit) : NULL;
	struct tree_expr *expr = call_build(scope, "$date_add", ast, arguments, arguments[0] ? 2 : 1);
	if (expr == NULL)
		return NULL;
	expr->call.extras[expr->call.extra_count++] = (struct tree_extra){.number = subtract ? -1 : 1};
	expr->call.extras[expr->call.extra_count++] = (struct tree_extra){.number = expr->type.decimals};
	return expr;
}

struct tree_expr *resolve_date_add(struct scope *scope, const struct ast_expr *ast)
{
	return date_add(scope, ast, ast->date_add.date, ast->date_add.amount, ast->date_add.unit, ast->date_add.subtract);
}

struct tree_expr *resolve_extract(struct scope *scope, const struct ast_expr *ast)
{
	struct tree_expr *operand = resolve_expr(scope, ast->extract.operand);
	return call_build(scope, "$extract", ast, &operand, 1);
}

struct tree_expr *resolve_date_difference(struct scope *scope, const struct ast_expr *ast)
{
	struct tree_expr *arguments[2];
	arguments[0] = resolve_expr(scope, ast->date_difference.from);
	arguments[1] = arguments[0] ? resolve_expr(scope, ast->date_difference.to) : NULL;
	return call_build(scope, "$timestampdiff", ast, arguments, 2);
}

struct tree_expr *resolve_trim(struct scope *scope, const struct ast_expr *ast)
{
	struct tree_expr *arguments[2];
	arguments[0] = resolve_expr(scope, ast->trim.operand);
	if (arguments[0] == NULL)
		return NULL;
	if (ast->trim.removed) {
		arguments[1] = resolve_expr(scope, ast->trim.removed);
	} else {
		arguments[1] = node_text(scope, bytes_of_string(" "), scope->resolver->environment->collation_connection);
		arguments[1]->coercibility = COERCIBLE_IGNORABLE;
	}
	struct tree_expr *expr = call_build(scope, "$trim", ast, arguments, 2);
	if (expr != NULL)
		expr->call.extras[expr->call.extra_count++] = (struct tree_extra){.number = ast->trim.side};
	return expr;
}

/* ------------------------------------------------------------------ CASE */

static struct tree_expr *case_finish(struct scope *scope, struct tree_arm *arms, unsigned count,
				     struct tree_expr *otherwise)
{
	struct tree_expr **results = arena_array(scope->resolver->arena, struct tree_expr *, count + 1);
	struct tree_expr *expr = node_new(scope, TREE_CASE, CLASS_NULL);
	unsigned result_count = 0, coercibility;
	for (unsigned i = 0; i < count; i++) {
		results[result_count++] = arms[i].result;
		expr->facts |= arms[i].condition->facts;
	}
	if (otherwise != NULL)
		results[result_count++] = otherwise;
	if (result_of_many(scope, results, result_count, "case", &expr->type, &coercibility) != 0)
		return NULL;
	expr->class = class_of_type(&expr->type);
	expr->coercibility = (uint8_t)coercibility;
	expr->nullable = otherwise == NULL;
	for (unsigned i = 0; i < count; i++) {
		arms[i].result = convert_to_type(scope, arms[i].result, &expr->type, CONVERT_IMPLICIT);
		if (arms[i].result == NULL)
			return NULL;
		node_adopt(expr, arms[i].result);
	}
	if (otherwise != NULL) {
		otherwise = convert_to_type(scope, otherwise, &expr->type, CONVERT_IMPLICIT);
		if (otherwise == NULL)
			return NULL;
		node_adopt(expr, otherwise);
	}
	expr->conditional.arms = arms;
	expr->conditional.arm_count = count;
	expr->conditional.otherwise = otherwise;
	return expr;
}

/* WHEN compares texts where MySQL's = compares JSON: CASE j->'$.a' WHEN 'null' is how its null is found. */
static struct tree_expr *case_condition(struct scope *scope, struct tree_expr *value, struct tree_expr *when)
{
	if (when == NULL)
		return NULL;
	if (value->class == CLASS_JSON && (when->class == CLASS_JSON || when->class == CLASS_TEXT))
		value = convert_to_class(scope, value, CLASS_TEXT);
	if (when->class == CLASS_JSON && (value->class == CLASS_JSON || value->class == CLASS_TEXT))
		when = convert_to_class(scope, when, CLASS_TEXT);
	return value && when ? compare_build(scope, AST_OP_EQUAL, value, when) : NULL;
}

struct tree_expr *resolve_case(struct scope *scope, const struct ast_expr *ast)
{
	const struct ast_case *from = ast->conditional;
	struct tree_arm *arms = arena_array(scope->resolver->arena, struct tree_arm, from->arm_count);
	struct tree_expr *value = NULL, *otherwise = NULL;
	if (from->value != NULL && (value = resolve_expr(scope, from->value)) == NULL)
		return NULL;
	for (size_t i = 0; i < from->arm_count; i++) {
		if (value != NULL) {
			arms[i].condition = case_condition(scope, value, resolve_expr(scope, from->arms[i].when));
		} else {
			arms[i].condition = resolve_condition(scope, from->arms[i].when);
		}
		arms[i].result = arms[i].condition ? resolve_expr(scope, from->arms[i].then) : NULL;
		if (arms[i].result == NULL)
			return NULL;
	}
	if (from->otherwise != NULL && (otherwise = resolve_expr(scope, from->otherwise)) == NULL)
		return NULL;
	return case_finish(scope, arms, (unsigned)from->arm_count, otherwise);
}

/* ------------------------------------------------------------------ DEFAULT(c), VALUES(c) */

static struct tree_expr *stored_default(struct scope *scope, const struct column *column)
{
	struct resolver *resolver = scope->resolver;
	struct value value;
	if (convert_from_packed(&column->type, column->default_field, resolver->environment->time_zone, resolver->arena,
				&value, resolver->diag) != 0)
		return NULL;
	return node_of_value(scope, &value);
}

static struct tree_expr *default_expression(struct scope *scope, const struct column *column)
{
	struct resolver *resolver = scope->resolver;
	struct parse_input input = {.text = column->default_text, .size = strlen(column->default_text)};
	struct ast_expr *ast;
	if (parse_expression(&input, resolver->arena, &ast, resolver->diag) != 0)
		return NULL;
	return resolve_expr(scope, ast);
}

struct tree_expr *resolve_default_of(struct scope *scope, const struct ast_expr *ast)
{
	if (ast->column.name == NULL)
		return FAIL(scope, ER_WRONG_USAGE, "DEFAULT", "expression");
	struct tree_expr *node = resolve_column(scope, ast);
	if (node == NULL)
		return NULL;
	if (node->kind != TREE_COLUMN || node->column.source->table == NULL)
		return FAIL(scope, ER_NO_DEFAULT_FOR_FIELD, ast->column.name);
	const struct column *column = &node->column.source->table->columns[node->column.column];
	switch (column->default_kind) {
	case DEFAULT_VALUE:
		return stored_default(scope, column);
	case DEFAULT_NOW: {
		struct tree_expr *fsp = node_int(scope, column->type.decimals);
		return call_build(scope, "now", NULL, &fsp, 1);
	}
	case DEFAULT_EXPRESSION:
		return default_expression(scope, column);
	default:
		if (column->nullable)
			return node_null(scope);
		if (column->auto_increment)
			return node_int(scope, 0);
		return FAIL(scope, ER_NO_DEFAULT_FOR_FIELD, column->name);
	}
}

struct tree_expr *resolve_values_of(struct scope *scope, const struct ast_expr *ast)
{
	struct scope *at = scope;
	while (at != NULL && at->new_row == NULL)
		at = at->outer;
	if (at == NULL) {
		struct tree_expr *column = resolve_column(scope, ast);
		if (column == NULL)
			return NULL;
		struct tree_expr *null = node_null(scope);
		null->type = column->type;
		return null;
	}
	/* By the table's names: the row alias may have others. */
	int column = table_find_column(at->new_row->table, bytes_of_string(ast->column.name));
	if (column < 0)
		return FAIL(scope, ER_BAD_FIELD_ERROR, ast->column.name, "field list");
	return node_column(scope, at->new_row, (unsigned)column);
}

/* ------------------------------------------------------------------ other things in disguise */

static struct tree_expr *argument_at(struct scope *scope, const struct ast_expr *ast, unsigned i)
{
	return resolve_expr(scope, ast->call->arguments.items[i]);
}

static struct tree_expr *disguised_nullif(struct scope *scope, const struct ast_expr *ast)
{
	struct tree_arm *arm = NEW_NODE(scope, struct tree_arm);
	struct tree_expr *value = argument_at(scope, ast, 0);
	struct tree_expr *other = value ? argument_at(scope, ast, 1) : NULL;
	arm->condition = other ? compare_build(scope, AST_OP_EQUAL, value, other) : NULL;
	arm->result = node_null(scope);
	return arm->condition ? case_finish(scope, arm, 1, value) : NULL;
}

static struct tree_expr *disguised_date(struct scope *scope, const struct ast_expr *ast)
{
	return convert_to_class(scope, argument_at(scope, ast, 0), CLASS_DATE);
}

static struct tree_expr *disguised_time(struct scope *scope, const struct ast_expr *ast)
{
	return convert_to_class(scope, argument_at(scope, ast, 0), CLASS_TIME);
}

static struct tree_expr *disguised_hex(struct scope *scope, const struct ast_expr *ast)
{
	struct tree_expr *argument = argument_at(scope, ast, 0);
	if (argument == NULL)
		return NULL;
	bool number = argument->class == CLASS_INTEGER || argument->class == CLASS_REAL ||
		      argument->class == CLASS_DECIMAL;
	return call_build(scope, number ? "$hex_int" : "$hex_text", ast, &argument, 1);
}

static struct tree_expr *disguised_char(struct scope *scope, const struct ast_expr *ast)
{
	const struct ast_call *call = ast->call;
	struct tree_expr **arguments = arena_array(scope->resolver->arena, struct tree_expr *, call->arguments.count);
	for (unsigned i = 0; i < call->arguments.count; i++)
		if ((arguments[i] = argument_at(scope, ast, i)) == NULL)
			return NULL;
	struct tree_expr *bytes = call_build(scope, "$char_using", ast, arguments, (unsigned)call->arguments.count);
	if (bytes == NULL)
		return NULL;
	bytes->nullable = false;
	if (call->charset == NULL)
		return bytes;
	const struct charset *charset = charset_find(bytes_of_string(call->charset));
	if (charset == NULL)
		return FAIL(scope, ER_UNKNOWN_CHARACTER_SET, call->charset);
	struct column_type type = type_text(type_characters(&bytes->type), charset->default_collation);
	return convert_to_type(scope, bytes, &type, CONVERT_IMPLICIT);
}

/* FIELD compares as texts when all are, as integers when all are, else as doubles. */
static struct tree_expr *disguised_field(struct scope *scope, const struct ast_expr *ast)
{
	const struct ast_exprs *list = &ast->call->arguments;
	struct tree_expr **arguments = arena_array(scope->resolver->arena, struct tree_expr *, list->count);
	unsigned texts = 0, integers = 0, decimals = 0;
	for (unsigned i = 0; i < list->count; i++) {
		if ((arguments[i] = argument_at(scope, ast, i)) == NULL)
			return NULL;
		enum value_class class = arguments[i]->class;
		integers += class == CLASS_INTEGER || class == CLASS_NULL;
		decimals += class == CLASS_INTEGER || class == CLASS_DECIMAL || class == CLASS_NULL;
		texts += class != CLASS_INTEGER && class != CLASS_DECIMAL && class != CLASS_REAL;
	}
	const char *name = texts == list->count ? "$field_text" : integers == list->count ? "$field_int"
		: decimals == list->count ? "$field_dec" : "$field_real";
	return call_build(scope, name, ast, arguments, (unsigned)list->count);
}

static struct tree_expr *disguised_adddate(struct scope *scope, const struct ast_expr *ast)
{
	const struct ast_call *call = ast->call;
	return date_add(scope, ast, call->arguments.items[0], call->arguments.items[1], AST_UNIT_DAY,
			call->name[0] == 's');
}

static struct tree_expr *disguised_timediff(struct scope *scope, const struct ast_expr *ast)
{
	struct tree_expr *arguments[2];
	unsigned times = 0, dates = 0;
	for (unsigned i = 0; i < 2; i++) {
		if ((arguments[i] = argument_at(scope, ast, i)) == NULL)
			return NULL;
		times += arguments[i]->class == CLASS_TIME;
		dates += arguments[i]->class == CLASS_DATETIME || arguments[i]->class == CLASS_DATE;
	}
	return call_build(scope, times == 2 ? "$timediff_time" : dates == 2 ? "$timediff_dt" : "$timediff_text", ast,
			  arguments, 2);
}

static struct tree_expr *disguised_isnull(struct scope *scope, const struct ast_expr *ast)
{
	struct tree_expr *expr = node_truth(scope, TREE_IS);
	expr->is.test = AST_TEST_NULL;
	if ((expr->is.operand = argument_at(scope, ast, 0)) == NULL)
		return NULL;
	node_adopt(expr, expr->is.operand);
	expr->nullable = false;
	return expr;
}

/* CHARSET, COLLATION and COERCIBILITY are known here and now. */
static struct tree_expr *disguised_collation(struct scope *scope, const struct ast_expr *ast)
{
	struct tree_expr *argument = argument_at(scope, ast, 0);
	if (argument == NULL)
		return NULL;
	struct collation_pick pick = collation_of(scope, argument);
	if (pick.coercibility == COERCIBLE_NUMERIC && argument->class != CLASS_TEXT)
		pick.collation = collation_binary;
	if (strcmp(ast->call->name, "coercibility") == 0)
		return node_int(scope, pick.coercibility);
	const char *name = strcmp(ast->call->name, "charset") == 0 ? pick.collation->charset->name : pick.collation->name;
	struct tree_expr *expr = node_text(scope, bytes_of_string(name), collation_utf8mb3_general);
	expr->coercibility = COERCIBLE_SYSCONST;
	return expr;
}

struct tree_expr *resolve_disguised(struct scope *scope, const struct ast_expr *ast, bool *is_disguised)
{
	static const struct {
		const char *name;
		size_t min, max;
		struct tree_expr *(*resolve)(struct scope *scope, const struct ast_expr *ast);
	} table[] = {
		{"nullif", 2, 2, disguised_nullif}, {"date", 1, 1, disguised_date}, {"time", 1, 1, disguised_time},
		{"hex", 1, 1, disguised_hex}, {"char", 1, SIZE_MAX, disguised_char},
		{"field", 2, SIZE_MAX, disguised_field}, {"adddate", 2, 2, disguised_adddate},
		{"subdate", 2, 2, disguised_adddate}, {"timediff", 2, 2, disguised_timediff},
		{"isnull", 1, 1, disguised_isnull}, {"charset", 1, 1, disguised_collation},
		{"collation", 1, 1, disguised_collation}, {"coercibility", 1, 1, disguised_collation},
	};
	const struct ast_call *call = ast->call;
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		if (strcmp(call->name, table[i].name) != 0)
			continue;
		*is_disguised = true;
		if (call->arguments.count < table[i].min || call->arguments.count > table[i].max)
			return FAIL(scope, ER_WRONG_PARAMCOUNT_TO_NATIVE_FCT, call->name);
		return table[i].resolve(scope, ast);
	}
	return NULL;
}
