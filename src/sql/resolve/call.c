/*
 * Function calls: what functions.def says of a function is done to its arguments here.
 *
 * The order matters: classes of the argument groups, then the result's type (which looks at the arguments as they
 * arrived), then the conversions, then the evaluator's name and the constants behind the arguments.
 */
#include "base/buf.h"
#include "sql/resolve/resolver.h"

struct letters {
	const char *all;
	const char *repeat; /* what begins again at the end: the last letter, or what stands behind a '+' */
};

static struct letters letters_of(const char *arguments)
{
	const char *plus = strchr(arguments, '+');
	size_t size = strlen(arguments);
	return (struct letters){arguments, plus ? plus + 1 : size ? arguments + size - 1 : arguments};
}

static char letter_at(const struct letters *letters, unsigned argument)
{
	const char *at = letters->all;
	for (unsigned i = 0;; i++) {
		if (*at == '+')
			at++;
		if (*at == 0)
			at = letters->repeat;
		if (i == argument)
			return *at ? *at : '*';
		at++;
	}
}

/* ------------------------------------------------------------------ before: what the arguments are together */

static int classify_strings(struct function_call *call, const struct letters *letters)
{
	struct tree_expr **texts = arena_array(call->scope->resolver->arena, struct tree_expr *, call->count + 1);
	unsigned count = 0;
	for (unsigned i = 0; i < call->count; i++)
		if (letter_at(letters, i) == 's')
			texts[count++] = call->arguments[i];
	bool must_compare = (call->function->flags & FUNCTION_COMPARES) != 0;
	const char *name = call->function->name[0] == '$' ? call->function->evaluator_name + 3 : call->function->name;
	if (collation_aggregate(call->scope, texts, count, name, must_compare, &call->text) != 0)
		return -1;
	for (unsigned i = 0; i < count && call->text.collation == collation_binary; i++)
		call->is_binary |= texts[i]->class == CLASS_BINARY;
	return 0;
}

static void classify_numbers(struct function_call *call, const struct letters *letters)
{
	call->numeric = CLASS_INTEGER;
	for (unsigned i = 0; i < call->count; i++) {
		if (letter_at(letters, i) != 'N' || call->arguments[i]->class == CLASS_NULL)
			continue;
		enum value_class class = numeric_class(call->arguments[i]);
		if (class == CLASS_REAL || (class == CLASS_DECIMAL && call->numeric == CLASS_INTEGER))
			call->numeric = class;
	}
}

static void classify_times(struct function_call *call, const struct letters *letters)
{
	call->temporal = CLASS_TEXT;
	for (unsigned i = 0; i < call->count; i++) {
		enum value_class class = call->arguments[i]->class;
		if (letter_at(letters, i) == 'V' && (class == CLASS_DATE || class == CLASS_TIME || class == CLASS_DATETIME))
			call->temporal = class;
	}
}

/* ------------------------------------------------------------------ after: conversions */

static struct tree_expr *json_document(struct function_call *call, struct tree_expr *argument, unsigned number)
{
	struct scope *scope = call->scope;
	const char *name = call->function->name[0] == '$' ? call->function->evaluator_name + 3 : call->function->name;
	if (argument->class == CLASS_JSON || argument->class == CLASS_NULL)
		return argument;
	if (argument->class == CLASS_BINARY)
		return FAIL(scope, ER_INVALID_JSON_CHARSET, "binary");
	if (argument->class != CLASS_TEXT && argument->class != CLASS_ENUM && argument->class != CLASS_SET)
		return FAIL(scope, ER_INVALID_TYPE_FOR_JSON, number + 1, name);
	argument = convert_to_class(scope, argument, CLASS_TEXT);
	struct tree_expr *expr = node_new(scope, TREE_CONVERT, CLASS_JSON);
	expr->type = (struct column_type){.kind = TYPE_JSON, .collation = collation_utf8mb4_bin};
	expr->convert.operand = argument;
	expr->convert.name = "gm_json_parse";
	expr->convert.extras = arena_array(scope->resolver->arena, struct tree_extra, 2);
	expr->convert.extras[0].number = number + 1;
	expr->convert.extras[1] = (struct tree_extra){.is_text = true, .text = name};
	expr->convert.extra_count = 2;
	node_adopt(expr, argument);
	return expr;
}

static struct tree_expr *string_argument(struct function_call *call, struct tree_expr *argument)
{
	if (call->is_binary)
		return convert_to_class(call->scope, argument, CLASS_BINARY);
	if (argument->class == CLASS_BINARY) {
		struct column_type type = type_text(0, call->text.collation);
		return convert_to_type(call->scope, argument, &type, CONVERT_IMPLICIT);
	}
	return convert_to_class(call->scope, argument, CLASS_TEXT);
}

static struct tree_expr *temporal_argument(struct function_call *call, struct tree_expr *argument)
{
	if (argument->class == CLASS_DATE || argument->class == CLASS_TIME || argument->class == CLASS_DATETIME)
		return argument;
	return convert_to_class(call->scope, argument, CLASS_TEXT);
}

static struct tree_expr *bytes_argument(struct scope *scope, struct tree_expr *argument)
{
	if (argument->class == CLASS_BINARY || argument->class == CLASS_NULL)
		return argument;
	bool is_bits = argument->class == CLASS_INTEGER && argument->type.kind == TYPE_BIT;
	struct tree_expr *text = is_bits ? argument : convert_to_class(scope, argument, CLASS_TEXT);
	if (text == NULL)
		return NULL;
	unsigned charset = text->class == CLASS_TEXT ? text->type.collation->charset->id : CHARSET_BINARY;
	bool is_utf8 = charset == CHARSET_UTF8MB4 || charset == CHARSET_UTF8MB3;
	return is_utf8 ? text : convert_to_class(scope, text, CLASS_BINARY);
}

static struct tree_expr *convert_argument(struct function_call *call, char letter, unsigned number)
{
	struct tree_expr *argument = call->arguments[number];
	struct scope *scope = call->scope;
	switch (letter) {
	case 'i': return convert_to_class(scope, argument, CLASS_INTEGER);
	case 'r': return convert_to_class(scope, argument, CLASS_REAL);
	case 'n': return convert_to_class(scope, argument, CLASS_DECIMAL);
	case 't': return convert_to_class(scope, argument, CLASS_TEXT);
	case 'b': return convert_to_class(scope, argument, CLASS_BINARY);
	case 'B': return bytes_argument(scope, argument);
	case 'd': return convert_to_class(scope, argument, CLASS_DATE);
	case 'm': return convert_to_class(scope, argument, CLASS_TIME);
	case 'D': return convert_to_class(scope, argument, CLASS_DATETIME);
	case 'J': return convert_to_class(scope, argument, CLASS_JSON);
	case 'N': return convert_to_class(scope, argument, call->numeric);
	case 'T': return convert_to_truth(scope, argument);
	case 's': return string_argument(call, argument);
	case 'V': return temporal_argument(call, argument);
	case 'A': return convert_to_type(scope, argument, &call->expr->type, CONVERT_IMPLICIT);
	case 'j': return json_document(call, argument, number);
	default:
		if (argument->class == CLASS_ENUM || argument->class == CLASS_SET)
			return convert_to_class(scope, argument, CLASS_TEXT);
		return argument;
	}
}

static const char *name_with_suffix(const struct function_call *call)
{
	const struct function *function = call->function;
	const char *suffix = NULL;
	if (function->flags & FUNCTION_RESULT_SUFFIX)
		suffix = class_name(call->expr->class);
	else if (strchr(function->arguments, 'N') != NULL)
		suffix = call->numeric == CLASS_INTEGER && call->expr->class == CLASS_INTEGER && call->expr->type.is_unsigned
			? "uint" : class_name(call->numeric);
	else if (strchr(function->arguments, 'V') != NULL)
		suffix = class_name(call->temporal);
	if (suffix == NULL)
		return function->evaluator_name;
	return arena_printf(call->scope->resolver->arena, "%s_%s", function->evaluator_name, suffix);
}

static const char *printed(struct function_call *call)
{
	struct buf text;
	if (call->ast == NULL)
		return "";
	buf_init(&text);
	if (!tree_print_call(call->function, call->arguments, call->count, &text)) {
		buf_clear(&text);
		ast_expr_print(call->ast, &text);
	}
	const char *copy = arena_copy_text(call->scope->resolver->arena, (const char *)text.data, text.size);
	buf_deinit(&text);
	return copy;
}

static char class_letter(enum value_class class)
{
	static const char letters[] = {
		[CLASS_NULL] = '0', [CLASS_INTEGER] = 'i', [CLASS_REAL] = 'r', [CLASS_DECIMAL] = 'n', [CLASS_TEXT] = 't',
		[CLASS_BINARY] = 'b', [CLASS_DATE] = 'd', [CLASS_TIME] = 'm', [CLASS_DATETIME] = 'D', [CLASS_JSON] = 'j',
		[CLASS_ENUM] = 't', [CLASS_SET] = 't',
	};
	return letters[class];
}

static const char *letters_of_arguments(struct function_call *call)
{
	char *text = arena_alloc(call->scope->resolver->arena, call->count + 1);
	for (unsigned i = 0; i < call->count; i++)
		text[i] = class_letter(call->arguments[i]->class);
	return text;
}

static struct tree_extra extra_of(struct function_call *call, char letter)
{
	const struct column_type *type = &call->expr->type;
	const struct tree_expr *first = call->count ? call->arguments[0] : NULL;
	switch (letter) {
	case 's': case 'f': return (struct tree_extra){.number = type->decimals};
	case 'S': return (struct tree_extra){.number = first->type.decimals};
	case 'F': return (struct tree_extra){.number = type_fsp(&first->type)};
	case 'c': return (struct tree_extra){.number = call->is_binary ? collation_binary->id : call->text.collation->id};
	case 'C':
		if (call->expr->class != CLASS_TEXT && first != NULL) /* ORD: of the argument */
			return (struct tree_extra){.number = first->type.collation->id};
		return (struct tree_extra){.number = type->collation->id};
	case 'u': return (struct tree_extra){.number = first->type.is_unsigned};
	case 'l': return (struct tree_extra){.number = (int64_t)type_characters(type)};
	case 'w': return (struct tree_extra){.is_text = true, .text = printed(call)};
	case 'm': return (struct tree_extra){.is_text = true, .text = letters_of_arguments(call)};
	case 'r': return (struct tree_extra){.is_text = true, .text = class_name(call->expr->class)};
	default: break;
	}
	enum ast_interval_unit unit = call->ast->kind == AST_EXTRACT ? call->ast->extract.unit
		: call->ast->kind == AST_DATE_ADD ? call->ast->date_add.unit
		: call->ast->kind == AST_DATE_DIFFERENCE ? call->ast->date_difference.unit : AST_UNIT_DAY;
	return (struct tree_extra){.is_text = true, .text = ast_interval_unit_name(unit)};
}

static void put_extras(struct function_call *call)
{
	const char *letters = call->function->extras;
	size_t count = strlen(letters);
	call->expr->call.extras = arena_array(call->scope->resolver->arena, struct tree_extra, count + 2);
	for (size_t i = 0; i < count; i++)
		call->expr->call.extras[call->expr->call.extra_count++] = extra_of(call, letters[i]);
}

/* ------------------------------------------------------------------ all of it */

static void put_facts(struct function_call *call)
{
	static const struct { unsigned flag, fact; } map[] = {
		{FUNCTION_NONDETERMINISTIC, FACT_NONDETERMINISTIC}, {FUNCTION_SESSION, FACT_SESSION},
		{FUNCTION_UNSAFE, FACT_UNSAFE}, {FUNCTION_EFFECT, FACT_EFFECT | FACT_NONDETERMINISTIC},
	};
	unsigned flags = call->function->flags;
	for (unsigned i = 0; i < call->count; i++)
		node_adopt(call->expr, call->arguments[i]);
	for (size_t i = 0; i < sizeof map / sizeof map[0]; i++)
		if (flags & map[i].flag)
			call->expr->facts |= map[i].fact;
	if (flags & FUNCTION_NOT_NULL)
		call->expr->nullable = false;
	else if (flags & FUNCTION_NULLABLE)
		call->expr->nullable = true;
	call->scope->resolver->environment->facts |=
		call->expr->facts & (FACT_NONDETERMINISTIC | FACT_SESSION | FACT_UNSAFE | FACT_EFFECT);
}

struct tree_expr *call_finish(struct function_call *call)
{
	const struct function *function = call->function;
	struct letters letters = letters_of(function->arguments);
	call->expr = node_new(call->scope, TREE_CALL, CLASS_NULL);
	call->expr->call.function = function;
	call->expr->type.collation = collation_binary;
	put_facts(call);
	classify_numbers(call, &letters);
	classify_times(call, &letters);
	if (classify_strings(call, &letters) != 0)
		return NULL;
	if (function->result(call, function->parameter, call->scope->resolver->diag) != 0)
		return NULL;
	put_extras(call);
	for (unsigned i = 0; i < call->count; i++) {
		struct tree_expr *argument = convert_argument(call, letter_at(&letters, i), i);
		if (argument == NULL)
			return NULL;
		exprs_add(call->scope, &call->expr->call.arguments, argument);
		/* A conversion may lack a value where the argument has one. */
		if (!call->nullable_known && (function->flags & (FUNCTION_NOT_NULL | FUNCTION_NULLABLE)) == 0)
			call->expr->nullable |= argument->nullable;
		call->expr->facts |= argument->facts;
	}
	call->expr->call.name = name_with_suffix(call);
	return call->expr;
}

struct tree_expr *call_build(struct scope *scope, const char *name, const struct ast_expr *ast,
			     struct tree_expr **arguments, unsigned count)
{
	struct function_call call = {.scope = scope, .function = function_find(bytes_of_string(name)), .ast = ast,
				     .count = count};
	call.arguments = arena_array(scope->resolver->arena, struct tree_expr *, count + 2);
	for (unsigned i = 0; i < count; i++) {
		if (arguments[i] == NULL)
			return NULL;
		call.arguments[i] = arguments[i];
	}
	return call_finish(&call);
}

static bool has_arity(const struct function *function, size_t count)
{
	return (int)count >= function->min && (function->max < 0 || (int)count <= function->max);
}

static struct tree_expr *no_such_function(struct scope *scope, const struct ast_call *call)
{
	const char *database = call->database ? call->database : scope->resolver->database;
	const char *name = database[0] == 0 ? call->name
		: arena_printf(scope->resolver->arena, "%s.%s", database, call->name);
	return FAIL(scope, ER_SP_DOES_NOT_EXIST, "FUNCTION", name);
}

static bool is_odd(const struct ast_call *call)
{
	return strcmp(call->name, "json_object") == 0 && call->arguments.count % 2 != 0;
}

struct tree_expr *resolve_call(struct scope *scope, const struct ast_expr *ast)
{
	const struct ast_call *call = ast->call;
	const struct function *function = function_find(bytes_of_string(call->name));
	bool is_disguised = false;
	if (call->database == NULL) {
		struct tree_expr *expr = resolve_disguised(scope, ast, &is_disguised);
		if (is_disguised)
			return expr;
	}
	if (strcmp(call->name, "grouping") == 0 && call->database == NULL)
		return FAIL(scope, ER_NOT_SUPPORTED_YET, "GROUPING()");
	if (function == NULL || call->database != NULL || call->name[0] == '$')
		return no_such_function(scope, call);
	if (!call->star && (!has_arity(function, call->arguments.count) || is_odd(call)))
		return FAIL(scope, ER_WRONG_PARAMCOUNT_TO_NATIVE_FCT, call->name);
	if (function->flags & (FUNCTION_AGGREGATE | FUNCTION_WINDOW))
		return resolve_aggregate(scope, ast, function);
	if (call->over != NULL || call->distinct || call->star)
		return FAIL(scope, ER_NOT_SUPPORTED_YET, call->over ? "OVER with a function that is no aggregate"
			    : "DISTINCT with a function that is no aggregate");
	struct function_call resolved = {.scope = scope, .function = function, .ast = ast,
					 .count = (unsigned)call->arguments.count};
	resolved.arguments = arena_array(scope->resolver->arena, struct tree_expr *, resolved.count + 2);
	for (unsigned i = 0; i < resolved.count; i++) {
		resolved.arguments[i] = resolve_expr(scope, call->arguments.items[i]);
		if (resolved.arguments[i] == NULL)
			return NULL;
	}
	return call_finish(&resolved);
}
