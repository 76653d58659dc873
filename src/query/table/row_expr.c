#include "query/table/row_expr.h"

#include <math.h>
#include <string.h>

#include "query/function/tools.h"
#include "query/table/field_cell.h"

typedef int evaluate_fn(const struct row_expr *expr, const struct bytes *const *rows, struct cell *out);
typedef bool fits_fn(const struct tree_expr *expr);

struct row_expr {
	evaluate_fn *evaluate;
	struct evaluator_handle *handle;
	unsigned row, column;
	const struct column_type *type; /* of the column */
	field_cell_fn *cell_of_field;
	struct cell constant;
	const char *text;	      /* of the expression, for error 1690 */
	struct row_expr *operands[2]; /* owned by the arena, as all */
	uint8_t *room;		      /* of a DECIMAL that is not small */
};

/* ------------------------------------------------------------------ evaluating */

int row_expr_evaluate(const struct row_expr *expr, const struct bytes *const *rows, struct cell *out)
{
	return expr->evaluate(expr, rows, out);
}

static int set_null(struct cell *out)
{
	out->type = SQLITE_NULL;
	return 0;
}

static int evaluate_constant(const struct row_expr *expr, const struct bytes *const *rows, struct cell *out)
{
	*out = expr->constant;
	return 0;
}

static int evaluate_column(const struct row_expr *expr, const struct bytes *const *rows, struct cell *out)
{
	struct bytes field = rows[expr->row][expr->column];
	if (field.data == NULL)
		return set_null(out);
	if (expr->cell_of_field(expr->handle, expr->type, field, out))
		return 0;
	return diag_set(&expr->handle->diag, ER_GET_ERRNO, 0, "a field's bytes are not of its column's type");
}

/* Both operands; *out is NULL where one of them is. */
static inline int evaluate_two(const struct row_expr *expr, const struct bytes *const *rows, struct cell *a,
			       struct cell *b, struct cell *out)
{
	if (row_expr_evaluate(expr->operands[0], rows, a) != 0 || row_expr_evaluate(expr->operands[1], rows, b) != 0)
		return -1;
	out->type = cell_is_null(a) || cell_is_null(b) ? SQLITE_NULL : a->type;
	return 0;
}

static int out_of_range(const struct row_expr *expr, const char *type)
{
	return diag_set(&expr->handle->diag, ER_DATA_OUT_OF_RANGE, type, expr->text);
}

/* BIGINT UNSIGNED constants above INT64_MAX are BLOBs. */
#define INTEGER_OPERATION(name, operation)                                                              \
	static int name(const struct row_expr *expr, const struct bytes *const *rows, struct cell *out) \
	{                                                                                               \
		struct cell a, b;                                                                       \
		if (evaluate_two(expr, rows, &a, &b, out) != 0)                                         \
			return -1;                                                                      \
		if (cell_is_null(out))                                                                  \
			return 0;                                                                       \
		bool is_small = a.type == SQLITE_INTEGER && b.type == SQLITE_INTEGER;                   \
		out->type = SQLITE_INTEGER;                                                             \
		if (is_small ? !operation(a.integer, b.integer, &out->integer)                          \
			     : !operation(cell_wide(&a), cell_wide(&b), &out->integer))                 \
			return 0;                                                                       \
		return out_of_range(expr, "BIGINT");                                                    \
	}
INTEGER_OPERATION(evaluate_add_int, __builtin_add_overflow)
INTEGER_OPERATION(evaluate_sub_int, __builtin_sub_overflow)
INTEGER_OPERATION(evaluate_mul_int, __builtin_mul_overflow)

#define REAL_OPERATION(name, operator)                                                                  \
	static int name(const struct row_expr *expr, const struct bytes *const *rows, struct cell *out) \
	{                                                                                               \
		struct cell a, b;                                                                       \
		if (evaluate_two(expr, rows, &a, &b, out) != 0)                                         \
			return -1;                                                                      \
		if (cell_is_null(out))                                                                  \
			return 0;                                                                       \
		out->type = SQLITE_FLOAT;                                                               \
		out->real = cell_real(&a) operator cell_real(&b);                                       \
		return isfinite(out->real) ? 0 : out_of_range(expr, "DOUBLE");                          \
	}
REAL_OPERATION(evaluate_add_real, +)
REAL_OPERATION(evaluate_sub_real, -)
REAL_OPERATION(evaluate_mul_real, *)

static bool scale_up(struct cell *cell, unsigned scale)
{
	static const int64_t power10[] = {1,	       10,	     100,	   1000,      10000,
					  100000,      1000000,	     10000000,	   100000000, 1000000000,
					  10000000000, 100000000000, 1000000000000};
	unsigned digits = scale - cell->scale;
	cell->scale = (uint8_t)scale;
	return digits < sizeof power10 / sizeof power10[0] &&
	       !__builtin_mul_overflow(cell->integer, power10[digits], &cell->integer);
}

/* Of numbers that stay small; false: they do not. */
static inline bool align_small(struct cell *a, struct cell *b)
{
	if (a->type != CELL_DECIMAL || b->type != CELL_DECIMAL)
		return false;
	if (a->scale == b->scale)
		return true;
	return a->scale < b->scale ? scale_up(a, b->scale) : scale_up(b, a->scale);
}

typedef enum decimal_status decimal_operation(const struct decimal *a, const struct decimal *b, struct decimal *out);

static int operate_on_large(const struct row_expr *expr, decimal_operation *operation, const struct cell *a,
			    const struct cell *b, struct cell *out)
{
	struct decimal one, other, result;
	if (!cell_decimal(a, &one) || !cell_decimal(b, &other))
		return set_null(out);
	if (operation(&one, &other, &result) == DECIMAL_OVERFLOW)
		return out_of_range(expr, "DECIMAL");
	if (cell_make_small(&result, out))
		return 0;
	out->type = SQLITE_BLOB;
	out->string = bytes_of(expr->room, decimal_sortable(&result, expr->room));
	return 0;
}

#define DECIMAL_SUM(name, small, large)                                                                 \
	static int name(const struct row_expr *expr, const struct bytes *const *rows, struct cell *out) \
	{                                                                                               \
		struct cell a, b;                                                                       \
		if (evaluate_two(expr, rows, &a, &b, out) != 0)                                         \
			return -1;                                                                      \
		if (cell_is_null(out))                                                                  \
			return 0;                                                                       \
		struct cell one = a, other = b;                                                         \
		if (!align_small(&one, &other) || small(one.integer, other.integer, &out->integer))     \
			return operate_on_large(expr, large, &a, &b, out);                              \
		out->scale = one.scale;                                                                 \
		return 0;                                                                               \
	}
DECIMAL_SUM(evaluate_add_dec, __builtin_add_overflow, decimal_add)
DECIMAL_SUM(evaluate_sub_dec, __builtin_sub_overflow, decimal_subtract)

static int evaluate_mul_dec(const struct row_expr *expr, const struct bytes *const *rows, struct cell *out)
{
	struct cell a, b;
	if (evaluate_two(expr, rows, &a, &b, out) != 0)
		return -1;
	if (cell_is_null(out))
		return 0;
	if (a.type != CELL_DECIMAL || b.type != CELL_DECIMAL || a.scale + b.scale > decimal_scale_max ||
	    __builtin_mul_overflow(a.integer, b.integer, &out->integer))
		return operate_on_large(expr, decimal_multiply, &a, &b, out);
	out->scale = a.scale + b.scale;
	return 0;
}

static int evaluate_dec_of_int(const struct row_expr *expr, const struct bytes *const *rows, struct cell *out)
{
	if (row_expr_evaluate(expr->operands[0], rows, out) != 0)
		return -1;
	if (!cell_is_null(out))
		out->type = CELL_DECIMAL;
	out->scale = 0;
	return 0;
}

static int evaluate_real_of_int(const struct row_expr *expr, const struct bytes *const *rows, struct cell *out)
{
	if (row_expr_evaluate(expr->operands[0], rows, out) != 0)
		return -1;
	if (cell_is_null(out))
		return 0;
	out->type = SQLITE_FLOAT;
	out->real = (double)out->integer;
	return 0;
}

static int evaluate_left(const struct row_expr *expr, const struct bytes *const *rows, struct cell *out)
{
	struct cell text, count;
	if (evaluate_two(expr, rows, &text, &count, out) != 0)
		return -1;
	if (cell_is_null(out))
		return 0;
	__int128 characters = cell_wide(&count);
	out->string = text.string;
	out->string.size = characters > 0 ? utf8_prefix(text.string, (uint64_t)characters) : 0;
	return 0;
}

static int evaluate_char_length(const struct row_expr *expr, const struct bytes *const *rows, struct cell *out)
{
	struct cell text;
	if (row_expr_evaluate(expr->operands[0], rows, &text) != 0)
		return -1;
	if (cell_is_null(&text))
		return set_null(out);
	out->type = SQLITE_INTEGER;
	out->integer = (int64_t)utf8_count(text.string);
	return 0;
}

/* ------------------------------------------------------------------ which nodes */

static bool is_text(const struct tree_expr *expr)
{
	return expr->class == CLASS_TEXT;
}

static bool first_is_text(const struct tree_expr *expr)
{
	return is_text(expr->call.arguments.items[0]);
}

/* Integers that fit an int64. BIGINT UNSIGNED may not. */
static bool is_int(const struct tree_expr *expr)
{
	return expr->class == CLASS_INTEGER && (!expr->type.is_unsigned || expr->type.kind != TYPE_BIGINT);
}

static bool are_ints(const struct tree_expr *expr)
{
	return is_int(expr->call.arguments.items[0]) && is_int(expr->call.arguments.items[1]);
}

/* The digits behind the point are all kept. */
static bool keeps_scale(const struct tree_expr *expr)
{
	return expr->call.arguments.items[0]->type.decimals + expr->call.arguments.items[1]->type.decimals <=
	       decimal_scale_max;
}

/* As many digits as it has. */
static bool is_not_cut(const struct tree_expr *expr)
{
	return expr->convert.extra_count > 0 && expr->convert.extras[0].number == 0 && is_int(expr->convert.operand);
}

static bool is_of_int(const struct tree_expr *expr)
{
	return is_int(expr->convert.operand);
}

struct operation {
	const char *name; /* the evaluator's */
	unsigned operand_count;
	evaluate_fn *evaluate;
	bool may_fail;
	fits_fn *fits; /* or NULL: always */
};

static const struct operation calls[] = {
	{"gm_add_int", 2, evaluate_add_int, true, are_ints},
	{"gm_sub_int", 2, evaluate_sub_int, true, are_ints},
	{"gm_mul_int", 2, evaluate_mul_int, true, are_ints},
	{"gm_add_real", 2, evaluate_add_real, true, NULL},
	{"gm_sub_real", 2, evaluate_sub_real, true, NULL},
	{"gm_mul_real", 2, evaluate_mul_real, true, NULL},
	{"gm_add_dec", 2, evaluate_add_dec, true, NULL},
	{"gm_sub_dec", 2, evaluate_sub_dec, true, NULL},
	{"gm_mul_dec", 2, evaluate_mul_dec, true, keeps_scale},
	{"gm_left", 2, evaluate_left, false, first_is_text},
	{"gm_char_length", 1, evaluate_char_length, false, first_is_text},
};
static const struct operation conversions[] = {
	{"gm_dec_from_int", 1, evaluate_dec_of_int, false, is_not_cut},
	{"gm_real_from_int", 1, evaluate_real_of_int, false, is_of_int},
};

#define FIND(table, wanted) find(table, sizeof(table) / sizeof(table)[0], wanted)
static const struct operation *find(const struct operation *operations, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(operations[i].name, name) == 0)
			return &operations[i];
	return NULL;
}

/* NULL: it is none of them, or with operands it does not take. */
static const struct operation *operation_of(const struct tree_expr *expr, struct tree_expr *const **out_operands)
{
	const struct operation *operation = NULL;
	if (expr->kind == TREE_CALL && expr->call.over == NULL && !expr->call.distinct) {
		operation = FIND(calls, expr->call.name);
		*out_operands = expr->call.arguments.items;
		if (operation && expr->call.arguments.count != operation->operand_count)
			return NULL;
	} else if (expr->kind == TREE_CONVERT) {
		operation = FIND(conversions, expr->convert.name);
		*out_operands = &expr->convert.operand;
	}
	return operation && (operation->fits == NULL || operation->fits(expr)) ? operation : NULL;
}

const struct tree_expr *row_expr_bare(const struct tree_expr *expr)
{
	for (;;) {
		if (expr->kind == TREE_COLLATE)
			expr = expr->collate.operand;
		else if (expr->kind == TREE_CONVERT && expr->convert.name == NULL)
			expr = expr->convert.operand;
		else
			return expr;
	}
}

bool row_expr_is_constant(const struct tree_expr *expr)
{
	return tree_is_constant(expr) && !(expr->facts & FACT_EFFECT);
}

static int row_of(const struct row_sources *sources, const struct tree_source *source)
{
	for (unsigned i = 0; i < sources->count; i++)
		if (sources->items[i] == source)
			return (int)i;
	return -1;
}

static bool column_fits(const struct tree_expr *expr, struct row_sources *sources)
{
	const struct tree_source *source = expr->column.source;
	unsigned column = expr->column.column;
	if (source->kind != SOURCE_TABLE || field_cell_of(source->table->types[column]) == NULL)
		return false;
	int row = row_of(sources, source);
	if (row < 0) {
		if (sources->count == row_sources_max)
			return false;
		row = (int)sources->count++;
		sources->items[row] = source;
		sources->last_columns[row] = 0;
	}
	if (sources->last_columns[row] < column)
		sources->last_columns[row] = column;
	return true;
}

enum { depth_max = 12 };

static bool fits(const struct tree_expr *expr, struct row_sources *sources, unsigned depth)
{
	struct tree_expr *const *operands;
	if (row_expr_is_constant(expr))
		return true;
	expr = row_expr_bare(expr);
	if (expr->kind == TREE_COLUMN)
		return column_fits(expr, sources);
	const struct operation *operation = operation_of(expr, &operands);
	if (operation == NULL || depth == depth_max)
		return false;
	for (unsigned i = 0; i < operation->operand_count; i++)
		if (!fits(operands[i], sources, depth + 1))
			return false;
	return true;
}

bool row_expr_fits(const struct tree_expr *expr, struct row_sources *sources)
{
	struct row_sources all = *sources;
	if (expr->facts & FACT_OUTER || !fits(expr, &all, 0))
		return false;
	*sources = all;
	return true;
}

bool row_expr_may_fail(const struct tree_expr *expr)
{
	struct tree_expr *const *operands;
	if (row_expr_is_constant(expr))
		return false;
	const struct operation *operation = operation_of(row_expr_bare(expr), &operands);
	bool may_fail = operation && operation->may_fail;
	for (unsigned i = 0; operation && i < operation->operand_count; i++)
		may_fail |= row_expr_may_fail(operands[i]);
	return may_fail;
}

int row_expr_each_constant(const struct tree_expr *expr,
			   int (*visit)(const struct tree_expr *constant, void *argument), void *argument)
{
	struct tree_expr *const *operands;
	if (row_expr_is_constant(expr))
		return visit(expr, argument);
	const struct operation *operation = operation_of(row_expr_bare(expr), &operands);
	for (unsigned i = 0; operation && i < operation->operand_count; i++)
		if (row_expr_each_constant(operands[i], visit, argument) != 0)
			return -1;
	return 0;
}

/* ------------------------------------------------------------------ making */

static void set_constant(struct row_expr *expr, enum value_class class, const struct argument *value)
{
	struct cell *cell = &expr->constant;
	struct decimal decimal;
	expr->evaluate = evaluate_constant;
	*cell = cell_of_argument(value);
	if (class == CLASS_DECIMAL && cell_decimal(cell, &decimal) && cell_make_small(&decimal, cell))
		return;
	if (cell_extra_size(cell))
		cell->string.data = arena_copy(&expr->handle->arena, cell->string.data, cell->string.size);
}

static void set_column(struct row_expr *expr, const struct tree_expr *column, const struct row_sources *sources)
{
	expr->evaluate = evaluate_column;
	expr->row = (unsigned)row_of(sources, column->column.source);
	expr->column = column->column.column;
	expr->type = column->column.source->table->types[expr->column];
	expr->cell_of_field = field_cell_of(expr->type);
}

static const char *text_of_call(const struct tree_expr *expr)
{
	for (unsigned i = 0; expr->kind == TREE_CALL && i < expr->call.extra_count; i++)
		if (expr->call.extras[i].is_text)
			return expr->call.extras[i].text;
	return "";
}

struct row_expr *row_expr_make(struct evaluator_handle *handle, const struct tree_expr *expr,
			       const struct row_sources *sources, const struct argument **values)
{
	struct row_expr *made = arena_new(&handle->arena, struct row_expr);
	struct tree_expr *const *operands;
	made->handle = handle;
	if (row_expr_is_constant(expr)) {
		set_constant(made, expr->class, (*values)++);
		return made;
	}
	expr = row_expr_bare(expr);
	if (expr->kind == TREE_COLUMN) {
		set_column(made, expr, sources);
		return made;
	}
	const struct operation *operation = operation_of(expr, &operands);
	made->evaluate = operation->evaluate;
	made->text = text_of_call(expr);
	if (expr->class == CLASS_DECIMAL)
		made->room = arena_alloc(&handle->arena, 48);
	for (unsigned i = 0; i < operation->operand_count; i++)
		made->operands[i] = row_expr_make(handle, operands[i], sources, values);
	return made;
}
