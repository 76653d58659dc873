/* Making nodes. */
#include "sql/resolve/resolver.h"

#include "type/temporal.h"

void *array_room(struct arena *arena, void *items, unsigned count, size_t item_size)
{
	if (count == 0)
		return arena_alloc(arena, item_size * 4);
	if (count < 4 || (count & (count - 1)) != 0)
		return items;
	void *larger = arena_alloc(arena, item_size * count * 2);
	memcpy(larger, items, item_size * count);
	return larger;
}

void exprs_add(struct scope *scope, struct tree_exprs *exprs, struct tree_expr *expr)
{
	exprs->items = array_room(scope->resolver->arena, exprs->items, exprs->count, sizeof *exprs->items);
	exprs->items[exprs->count++] = expr;
}

struct tree_expr *node_new(struct scope *scope, enum tree_expr_kind kind, enum value_class class)
{
	struct tree_expr *expr = NEW_NODE(scope, struct tree_expr);
	expr->kind = kind;
	expr->class = class;
	expr->type.collation = collation_binary;
	expr->type.kind = TYPE_NULL;
	expr->coercibility = COERCIBLE_NUMERIC;
	return expr;
}

struct tree_expr *node_truth(struct scope *scope, enum tree_expr_kind kind)
{
	struct tree_expr *expr = node_new(scope, kind, CLASS_INTEGER);
	expr->type = type_bigint(1, false);
	expr->is_truth = true;
	return expr;
}

void node_adopt(struct tree_expr *parent, const struct tree_expr *child)
{
	if (child == NULL)
		return;
	parent->facts |= child->facts;
	parent->nullable |= child->nullable;
}

struct tree_expr *node_null(struct scope *scope)
{
	struct tree_expr *expr = node_new(scope, TREE_LITERAL, CLASS_NULL);
	expr->literal = value_null();
	expr->nullable = true;
	expr->coercibility = COERCIBLE_IGNORABLE;
	return expr;
}

static unsigned count_digits(uint64_t value)
{
	unsigned digits = 1;
	for (; value >= 10; value /= 10)
		digits++;
	return digits;
}

struct tree_expr *node_int(struct scope *scope, int64_t value)
{
	struct tree_expr *expr = node_new(scope, TREE_LITERAL, CLASS_INTEGER);
	uint64_t magnitude = value < 0 ? -(uint64_t)value : (uint64_t)value;
	expr->literal = value_int(value);
	expr->type = type_bigint(count_digits(magnitude) + (value < 0), false);
	return expr;
}

struct tree_expr *node_uint(struct scope *scope, uint64_t value)
{
	if (value <= INT64_MAX)
		return node_int(scope, (int64_t)value);
	struct tree_expr *expr = node_new(scope, TREE_LITERAL, CLASS_INTEGER);
	expr->literal = value_uint(value);
	expr->type = type_bigint(count_digits(value), true);
	return expr;
}

struct tree_expr *node_text(struct scope *scope, struct bytes utf8, const struct collation *collation)
{
	bool binary = collation == collation_binary;
	struct tree_expr *expr = node_new(scope, TREE_LITERAL, binary ? CLASS_BINARY : CLASS_TEXT);
	expr->literal = value_string(utf8, binary ? collation_binary : collation_utf8mb4_bin);
	expr->type = type_text(charset_length((binary ? collation_binary : collation_utf8mb4_bin)->charset, utf8),
			       collation);
	expr->coercibility = COERCIBLE_LITERAL;
	return expr;
}

static struct tree_expr *node_decimal(struct scope *scope, const struct decimal *value)
{
	struct tree_expr *expr = node_new(scope, TREE_LITERAL, CLASS_DECIMAL);
	expr->literal = (struct value){.kind = VALUE_DECIMAL, .decimal = value};
	unsigned digits = decimal_digits(value);
	expr->type = type_decimal(digits > value->scale ? digits : value->scale, value->scale);
	return expr;
}

static struct tree_expr *node_of_string(struct scope *scope, const struct value *value)
{
	const struct collation *collation = value->collation ? value->collation : collation_utf8mb4_default;
	if (collation == collation_binary)
		return node_text(scope, value->string, collation);
	struct buf utf8;
	buf_init(&utf8);
	charset_convert(collation->charset, value->string, charset_get(CHARSET_UTF8MB4), &utf8);
	const char *text = arena_copy_text(scope->resolver->arena, (const char *)utf8.data, utf8.size);
	struct tree_expr *expr = node_text(scope, bytes_of(text, utf8.size), collation);
	buf_deinit(&utf8);
	return expr;
}

static struct tree_expr *node_of_time(struct scope *scope, const struct value *value)
{
	enum value_class class = value->kind == VALUE_DATE ? CLASS_DATE : value->kind == VALUE_TIME ? CLASS_TIME
		: CLASS_DATETIME;
	struct tree_expr *expr = node_new(scope, TREE_LITERAL, class);
	expr->literal = *value;
	expr->type = type_temporal(class == CLASS_DATE ? TYPE_DATE : class == CLASS_TIME ? TYPE_TIME : TYPE_DATETIME,
				   class == CLASS_DATE ? 0 : value->decimals);
	return expr;
}

struct tree_expr *node_of_value(struct scope *scope, const struct value *value)
{
	switch (value->kind) {
	case VALUE_NULL:
		return node_null(scope);
	case VALUE_INT:
		return node_int(scope, value->integer);
	case VALUE_UINT: {
		struct tree_expr *expr = node_uint(scope, value->uinteger);
		expr->type.is_unsigned = true;
		return expr;
	}
	case VALUE_DOUBLE: {
		struct tree_expr *expr = node_new(scope, TREE_LITERAL, CLASS_REAL);
		expr->literal = *value;
		expr->type = type_double();
		if (value->decimals < 31)
			expr->type.decimals = value->decimals;
		return expr;
	}
	case VALUE_DECIMAL:
		return node_decimal(scope, value->decimal);
	case VALUE_STRING:
		return node_of_string(scope, value);
	default:
		return node_of_time(scope, value);
	}
}

struct tree_expr *node_column(struct scope *scope, struct tree_source *source, unsigned column)
{
	struct tree_source_column *from = &source->columns[column];
	struct tree_expr *expr = node_new(scope, TREE_COLUMN, from->class);
	expr->column.source = source;
	expr->column.column = column;
	expr->type = from->type;
	expr->nullable = from->nullable;
	expr->coercibility = COERCIBLE_IMPLICIT;
	expr->facts = FACT_COLUMN;
	from->used = true;
	return expr;
}

struct tree_expr *node_logical(struct scope *scope, enum tree_expr_kind kind, struct tree_expr *left,
			       struct tree_expr *right)
{
	if (left == NULL || right == NULL)
		return NULL;
	struct tree_expr *expr = node_truth(scope, kind);
	exprs_add(scope, &expr->logical, left);
	exprs_add(scope, &expr->logical, right);
	node_adopt(expr, left);
	node_adopt(expr, right);
	return expr;
}

struct tree_expr *node_not(struct scope *scope, struct tree_expr *operand)
{
	if (operand == NULL)
		return NULL;
	struct tree_expr *expr = node_truth(scope, TREE_NOT);
	exprs_add(scope, &expr->logical, operand);
	node_adopt(expr, operand);
	return expr;
}

bool node_is_null(const struct tree_expr *expr)
{
	return expr->kind == TREE_LITERAL && expr->literal.kind == VALUE_NULL;
}

static bool values_equal(const struct value *a, const struct value *b)
{
	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
	case VALUE_NULL: return true;
	case VALUE_DOUBLE: return a->real == b->real;
	case VALUE_DECIMAL: return decimal_compare(a->decimal, b->decimal) == 0;
	case VALUE_STRING: return bytes_equal(a->string, b->string);
	default: return a->integer == b->integer;
	}
}

static bool exprs_equal(struct tree_exprs a, struct tree_exprs b)
{
	if (a.count != b.count)
		return false;
	for (unsigned i = 0; i < a.count; i++)
		if (!node_equal(a.items[i], b.items[i]))
			return false;
	return true;
}

static bool calls_equal(const struct tree_expr *a, const struct tree_expr *b)
{
	return a->call.function == b->call.function && strcmp(a->call.name, b->call.name) == 0 &&
	       a->call.distinct == b->call.distinct && a->call.over == NULL && b->call.over == NULL &&
	       (a->facts & FACT_NONDETERMINISTIC) == 0 && a->call.order_by.count == 0 && b->call.order_by.count == 0 &&
	       exprs_equal(a->call.arguments, b->call.arguments);
}

static bool cases_equal(const struct tree_expr *a, const struct tree_expr *b)
{
	if (a->conditional.arm_count != b->conditional.arm_count ||
	    (a->conditional.otherwise == NULL) != (b->conditional.otherwise == NULL))
		return false;
	for (unsigned i = 0; i < a->conditional.arm_count; i++)
		if (!node_equal(a->conditional.arms[i].condition, b->conditional.arms[i].condition) ||
		    !node_equal(a->conditional.arms[i].result, b->conditional.arms[i].result))
			return false;
	return a->conditional.otherwise == NULL || node_equal(a->conditional.otherwise, b->conditional.otherwise);
}

bool node_equal(const struct tree_expr *a, const struct tree_expr *b)
{
	if (a == b)
		return true;
	if (a->kind != b->kind || a->class != b->class)
		return false;
	switch (a->kind) {
	case TREE_LITERAL:
		return values_equal(&a->literal, &b->literal);
	case TREE_PARAMETER:
		return a->parameter == b->parameter;
	case TREE_COLUMN:
		return a->column.source == b->column.source && a->column.column == b->column.column;
	case TREE_CONVERT:
		return a->convert.name == b->convert.name && a->type.length == b->type.length &&
		       a->type.decimals == b->type.decimals && node_equal(a->convert.operand, b->convert.operand);
	case TREE_COLLATE:
		return a->type.collation == b->type.collation && node_equal(a->collate.operand, b->collate.operand);
	case TREE_COMPARE:
		return a->compare.op == b->compare.op && node_equal(a->compare.left, b->compare.left) &&
		       node_equal(a->compare.right, b->compare.right);
	case TREE_BETWEEN:
		return a->between.negated == b->between.negated && node_equal(a->between.operand, b->between.operand) &&
		       node_equal(a->between.low, b->between.low) && node_equal(a->between.high, b->between.high);
	case TREE_IN_LIST:
		return a->in_list.negated == b->in_list.negated && node_equal(a->in_list.operand, b->in_list.operand) &&
		       exprs_equal(a->in_list.list, b->in_list.list);
	case TREE_NOT: case TREE_AND: case TREE_OR: case TREE_XOR:
		return exprs_equal(a->logical, b->logical);
	case TREE_IS:
		return a->is.test == b->is.test && a->is.negated == b->is.negated &&
		       node_equal(a->is.operand, b->is.operand);
	case TREE_CASE:
		return cases_equal(a, b);
	case TREE_LIKE:
		return a->like.negated == b->like.negated && a->like.escape == NULL && b->like.escape == NULL &&
		       node_equal(a->like.operand, b->like.operand) && node_equal(a->like.pattern, b->like.pattern);
	case TREE_CALL:
		return calls_equal(a, b);
	case TREE_OUTPUT:
		return a->output == b->output;
	default:
		return false;
	}
}
