#include "query/table/row_condition.h"

#include "query/function/like.h"
#include "query/table/row_expr.h"
#include "query/value_sqlite.h"

struct row_condition {
	enum truth (*evaluate)(const struct row_condition *condition, const struct bytes *fields);
	bool negated;
	unsigned column, last_column;
	struct evaluator_handle *handle;
	const struct column_type *type; /* of the column */
	struct row_test test;
	struct {
		struct operand *items;
		unsigned count;
		bool has_null;
	} list;
	struct like_pattern like;
	struct {
		const struct row_expr *expr; /* compared with any of the constants */
		const struct collation *collation;
		struct cell *constants; /* none is NULL */
		unsigned count;
		bool has_null;
		uint8_t orders;
	} computed;
	struct {
		unsigned column;
		const struct column_type *type;
		const struct collation *collation;
		uint8_t orders;
		bool is_null_safe;
	} other;
	const struct row_condition **parts;
	unsigned part_count;
};

/* ------------------------------------------------------------------ evaluating */

static inline enum truth negated_if(bool negated, enum truth truth)
{
	return negated && truth != TRUTH_UNKNOWN ? truth_of(truth == TRUTH_FALSE) : truth;
}

static enum truth evaluate_test(const struct row_condition *condition, const struct bytes *fields)
{
	return negated_if(condition->negated, row_test_truth(&condition->test, fields[condition->column]));
}

static enum truth evaluate_list(const struct row_condition *condition, const struct bytes *fields)
{
	struct bytes field = fields[condition->column];
	if (field.data == NULL)
		return TRUTH_UNKNOWN;
	for (unsigned i = 0; i < condition->list.count; i++) {
		const struct operand *item = &condition->list.items[i];
		if (item->compare(item, field) == 0)
			return truth_of(!condition->negated);
	}
	return condition->list.has_null ? TRUTH_UNKNOWN : truth_of(condition->negated);
}

/* It cannot fail (pushdown.c). */
static enum truth evaluate_computed(const struct row_condition *condition, const struct bytes *fields)
{
	const struct bytes *const rows[] = {fields};
	struct cell value;
	if (row_expr_evaluate(condition->computed.expr, rows, &value) != 0 || cell_is_null(&value))
		return TRUTH_UNKNOWN;
	for (unsigned i = 0; i < condition->computed.count; i++) {
		int order = cell_compare(&value, &condition->computed.constants[i], condition->computed.collation);
		if (row_order_passes(condition->computed.orders, order))
			return truth_of(!condition->negated);
	}
	return condition->computed.has_null ? TRUTH_UNKNOWN : truth_of(condition->negated);
}

static enum truth evaluate_like(const struct row_condition *condition, const struct bytes *fields)
{
	struct bytes field = fields[condition->column];
	if (field.data == NULL || condition->like.pattern.data == NULL)
		return TRUTH_UNKNOWN;
	struct bytes text = field_string(condition->handle, condition->type, field);
	return truth_of(like_matches(&condition->like, text) != condition->negated);
}

static enum truth evaluate_pair(const struct row_condition *condition, const struct bytes *fields)
{
	struct bytes left = fields[condition->column], right = fields[condition->other.column];
	if (left.data == NULL || right.data == NULL)
		return condition->other.is_null_safe ? truth_of(left.data == right.data) : TRUTH_UNKNOWN;
	int order = operand_compare_fields(condition->type, left, condition->other.type, right,
					   condition->other.collation);
	return truth_of(row_order_passes(condition->other.orders, order));
}

/* AND, until a part is false; as OR the same of what is not so: `negated` says that parts and result are to be turned. */
static enum truth evaluate_parts(const struct row_condition *condition, const struct bytes *fields)
{
	bool is_or = condition->negated;
	enum truth decides = truth_of(is_or), all = truth_of(!is_or);
	for (unsigned i = 0; i < condition->part_count; i++) {
		enum truth truth = row_condition_truth(condition->parts[i], fields);
		if (truth == decides)
			return decides;
		if (truth == TRUTH_UNKNOWN)
			all = TRUTH_UNKNOWN;
	}
	return all;
}

static enum truth evaluate_not(const struct row_condition *condition, const struct bytes *fields)
{
	return negated_if(true, row_condition_truth(condition->parts[0], fields));
}

enum truth row_condition_truth(const struct row_condition *condition, const struct bytes *fields)
{
	return condition->evaluate(condition, fields);
}

unsigned row_condition_last_column(const struct row_condition *condition)
{
	return condition->last_column;
}

/* ------------------------------------------------------------------ making */

struct making {
	struct evaluator_handle *handle;
	struct arena *arena;
	const struct table *table;
	const struct argument *values; /* the next constant's */
	struct diag *diag;
	bool failed;
};

static struct row_condition *make(struct making *making, const struct tree_expr *expr);

static struct row_condition *new_condition(struct making *making)
{
	struct row_condition *condition = arena_new(making->arena, struct row_condition);
	*condition = (struct row_condition){.handle = making->handle};
	return condition;
}

static void set_column(struct row_condition *condition, const struct making *making, const struct tree_expr *expr)
{
	condition->column = condition->last_column = row_expr_bare(expr)->column.column;
	condition->type = making->table->types[condition->column];
}

static struct bytes kept(struct making *making, struct bytes bytes)
{
	return bytes_of(arena_copy(making->arena, bytes.data ? bytes.data : (const uint8_t *)"", bytes.size), bytes.size);
}

static void keep_operand(struct making *making, struct operand *operand, struct buf *room)
{
	operand->bytes = kept(making, operand->bytes);
	buf_deinit(room);
}

static void set_test(struct making *making, struct row_condition *condition, char letter, const struct collation *collation,
		     const struct argument *value)
{
	condition->evaluate = evaluate_test;
	buf_init(&condition->test.room);
	row_test_set(&condition->test, making->handle, condition->type, letter, collation, value);
	keep_operand(making, &condition->test.operand, &condition->test.room);
}

static char letter_of(enum ast_operator op, bool turned)
{
	switch (op) {
	case AST_OP_EQUAL: return '=';
	case AST_OP_NULL_SAFE_EQUAL: return 'i';
	case AST_OP_NOT_EQUAL: return '!';
	case AST_OP_LESS: return turned ? '>' : '<';
	case AST_OP_LESS_EQUAL: return turned ? 'g' : 'l';
	case AST_OP_GREATER: return turned ? '<' : '>';
	default: return turned ? 'l' : 'g';
	}
}

static struct row_condition *make_pair(struct making *making, const struct tree_expr *expr)
{
	struct row_condition *condition = new_condition(making);
	set_column(condition, making, expr->compare.left);
	condition->evaluate = evaluate_pair;
	condition->other.column = row_expr_bare(expr->compare.right)->column.column;
	condition->other.type = making->table->types[condition->other.column];
	condition->other.collation = expr->compare.collation;
	condition->other.orders = row_orders(letter_of(expr->compare.op, false));
	condition->other.is_null_safe = expr->compare.op == AST_OP_NULL_SAFE_EQUAL;
	if (condition->other.column > condition->last_column)
		condition->last_column = condition->other.column;
	return condition;
}

static void set_computed(struct making *making, struct row_condition *condition, const struct tree_expr *operand,
			 const struct collation *collation)
{
	struct row_sources sources = {0};
	row_expr_fits(operand, &sources);
	condition->last_column = sources.last_columns[0];
	condition->evaluate = evaluate_computed;
	condition->computed.collation = collation;
	condition->computed.expr = row_expr_make(making->handle, operand, &sources, &making->values);
}

static void add_constant(struct making *making, struct row_condition *condition, const struct argument *value)
{
	struct cell cell = cell_of_argument(value);
	if (cell_extra_size(&cell))
		cell.string = kept(making, cell.string);
	if (cell_is_null(&cell))
		condition->computed.has_null = true;
	else
		condition->computed.constants[condition->computed.count++] = cell;
}

static struct row_condition *make_computed(struct making *making, const struct tree_expr *expr, bool turned)
{
	struct row_condition *condition = new_condition(making);
	const struct tree_expr *operand = turned ? expr->compare.right : expr->compare.left;
	const struct argument *value = turned ? making->values++ : NULL;
	set_computed(making, condition, operand, expr->compare.collation);
	condition->computed.orders = row_orders(letter_of(expr->compare.op, turned));
	condition->computed.constants = arena_array(making->arena, struct cell, 1);
	add_constant(making, condition, value ? value : making->values++);
	return condition;
}

static struct row_condition *make_computed_list(struct making *making, const struct tree_expr *expr)
{
	struct row_condition *condition = new_condition(making);
	set_computed(making, condition, expr->in_list.operand, expr->in_list.collation);
	condition->negated = expr->in_list.negated;
	condition->computed.orders = ROW_EQUAL;
	condition->computed.constants = arena_array(making->arena, struct cell, expr->in_list.list.count);
	for (unsigned i = 0; i < expr->in_list.list.count; i++)
		add_constant(making, condition, making->values++);
	return condition;
}

static struct row_condition *make_compare(struct making *making, const struct tree_expr *expr)
{
	bool turned = tree_is_constant(expr->compare.left);
	if (!turned && !tree_is_constant(expr->compare.right))
		return make_pair(making, expr);
	if (pushed_is_computed(turned ? expr->compare.right : expr->compare.left))
		return make_computed(making, expr, turned);
	struct row_condition *condition = new_condition(making);
	set_column(condition, making, turned ? expr->compare.right : expr->compare.left);
	set_test(making, condition, letter_of(expr->compare.op, turned), expr->compare.collation, making->values++);
	return condition;
}

static void make_parts(struct making *making, struct row_condition *condition, unsigned count)
{
	condition->evaluate = evaluate_parts;
	condition->parts = arena_array(making->arena, const struct row_condition *, count);
}

static void add_part(struct row_condition *condition, const struct row_condition *part)
{
	condition->parts[condition->part_count++] = part;
	if (part->last_column > condition->last_column)
		condition->last_column = part->last_column;
}

static struct row_condition *make_not(struct making *making, const struct row_condition *part)
{
	struct row_condition *condition = new_condition(making);
	make_parts(making, condition, 1);
	add_part(condition, part);
	condition->evaluate = evaluate_not;
	return condition;
}

static struct row_condition *make_between(struct making *making, const struct tree_expr *expr)
{
	struct row_condition *both = new_condition(making);
	make_parts(making, both, 2);
	for (unsigned i = 0; i < 2; i++) {
		struct row_condition *bound = new_condition(making);
		set_column(bound, making, expr->between.operand);
		set_test(making, bound, i == 0 ? 'g' : 'l', expr->between.collation, making->values++);
		add_part(both, bound);
	}
	return expr->between.negated ? make_not(making, both) : both;
}

static struct row_condition *make_list(struct making *making, const struct tree_expr *expr)
{
	if (pushed_is_computed(expr->in_list.operand))
		return make_computed_list(making, expr);
	struct row_condition *condition = new_condition(making);
	set_column(condition, making, expr->in_list.operand);
	condition->evaluate = evaluate_list;
	condition->negated = expr->in_list.negated;
	condition->list.items = arena_array(making->arena, struct operand, expr->in_list.list.count);
	for (unsigned i = 0; i < expr->in_list.list.count; i++) {
		struct operand *item = &condition->list.items[condition->list.count];
		struct buf room;
		buf_init(&room);
		operand_set(item, making->handle, condition->type, expr->in_list.collation, making->values++, &room);
		keep_operand(making, item, &room);
		condition->list.has_null |= item->compare == NULL;
		condition->list.count += item->compare != NULL;
	}
	return condition;
}

static struct row_condition *make_like(struct making *making, const struct tree_expr *expr)
{
	struct row_condition *condition = new_condition(making);
	const struct argument *pattern = making->values++;
	set_column(condition, making, expr->like.operand);
	condition->evaluate = evaluate_like;
	condition->negated = expr->like.negated;
	bool is_null = pattern->type == SQLITE_NULL;
	like_init(&condition->like, expr->like.collation, is_null ? bytes_of(NULL, 0) : kept(making, pattern->bytes),
		  pattern->type == SQLITE_BLOB);
	struct bytes escape = expr->like.escape ? (making->values++)->bytes : bytes_of_string("\\");
	if (!like_set_escape(&condition->like, escape, making->handle->session->variables.sql_mode)) {
		diag_set(making->diag, ER_WRONG_ARGUMENTS, "ESCAPE");
		making->failed = true;
	}
	return condition;
}

static struct row_condition *make_is(struct making *making, const struct tree_expr *expr)
{
	struct row_condition *condition = new_condition(making);
	set_column(condition, making, expr->is.operand);
	condition->evaluate = evaluate_test;
	condition->test.orders = row_orders('e');
	condition->test.is_never_unknown = true;
	condition->negated = !expr->is.negated; /* IS NULL is not IS NOT NULL */
	return condition;
}

static struct row_condition *make_logical(struct making *making, const struct tree_expr *expr)
{
	struct row_condition *condition = new_condition(making);
	make_parts(making, condition, expr->logical.count);
	condition->negated = expr->kind == TREE_OR;
	for (unsigned i = 0; i < expr->logical.count; i++)
		add_part(condition, make(making, expr->logical.items[i]));
	return condition;
}

static struct row_condition *make(struct making *making, const struct tree_expr *expr)
{
	switch (expr->kind) {
	case TREE_COMPARE: return make_compare(making, expr);
	case TREE_BETWEEN: return make_between(making, expr);
	case TREE_IN_LIST: return make_list(making, expr);
	case TREE_LIKE: return make_like(making, expr);
	case TREE_IS: return make_is(making, expr);
	case TREE_NOT: return make_not(making, make(making, expr->logical.items[0]));
	default: return make_logical(making, expr);
	}
}

const struct row_condition *row_condition_make(struct evaluator_handle *handle, const struct pushed_conditions *pushed,
				       const struct argument *values, struct diag *diag)
{
	struct making making = {.handle = handle, .arena = &handle->arena, .table = pushed->source->table,
				.values = values, .diag = diag};
	struct row_condition *all = new_condition(&making);
	make_parts(&making, all, pushed->count);
	for (unsigned i = 0; i < pushed->count; i++)
		add_part(all, make(&making, pushed->items[i]));
	return making.failed ? NULL : all;
}
