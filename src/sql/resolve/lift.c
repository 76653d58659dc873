/*
 * Literals that become parameters, so that the tree serves other texts of the same shape.
 *
 * Only where nothing was made of the value: it stands bare beside a column in WHERE, and the comparison's class is the
 * literal's own, or it is given to a column. What was folded, bent or converted is another node, which is not liftable.
 */
#include "sql/resolve/resolver.h"

static int find_literal(const struct text_shape *shape, const struct ast_span *span)
{
	unsigned low = 0, high = shape->count;
	while (low < high) {
		unsigned middle = (low + high) / 2;
		if (shape->literals[middle].span.offset < span->offset)
			low = middle + 1;
		else
			high = middle;
	}
	const struct ast_span *found = &shape->literals[low].span;
	return low < shape->count && found->offset == span->offset && found->size == span->size ? (int)low : -1;
}

static bool is_of_kind(const struct tree_expr *literal, enum shape_literal_kind kind)
{
	switch (kind) {
	case SHAPE_INTEGER: case SHAPE_NEGATIVE_INTEGER: return literal->class == CLASS_INTEGER;
	case SHAPE_DECIMAL: case SHAPE_NEGATIVE_DECIMAL: return literal->class == CLASS_DECIMAL;
	default: return literal->class == CLASS_TEXT;
	}
}

void lift_offer(struct scope *scope, const struct ast_expr *ast, struct tree_expr *literal)
{
	struct resolve_environment *environment = scope->resolver->environment;
	struct resolve_liftables *liftables = environment->liftables;
	/* A view's spans count from its own text. */
	if (liftables == NULL || literal == NULL || scope->resolver->text.data != environment->text.data)
		return;
	int number = find_literal(liftables->shape, &ast->span);
	if (number < 0)
		return;
	/* Resolved more often than can be counted: never lifted as often. */
	if (liftables->met[number] < UINT8_MAX)
		liftables->met[number]++;
	if (literal->kind == TREE_LITERAL && is_of_kind(literal, liftables->shape->literals[number].kind))
		literal->liftable = (uint8_t)(number + 1);
}

void lift(struct scope *scope, struct tree_expr *literal)
{
	struct resolve_liftables *liftables = scope->resolver->environment->liftables;
	if (literal->kind != TREE_LITERAL || literal->liftable == 0)
		return;
	unsigned number = literal->liftable - 1u;
	if (liftables->lifted[number] == UINT8_MAX - 1)
		return;
	liftables->lifted[number]++;
	literal->kind = TREE_PARAMETER;
	literal->parameter = number;
	literal->facts |= FACT_PARAMETER;
	/* Types say nothing of the value any more. */
	if (literal->class == CLASS_INTEGER)
		literal->type = type_bigint(20, false);
	else if (literal->class == CLASS_TEXT)
		literal->type = type_text(16383, literal->type.collation);
}

void lift_compared(struct scope *scope, enum value_class class, const struct tree_expr *column, struct tree_expr *literal)
{
	if (scope->clause != CLAUSE_WHERE || column->kind != TREE_COLUMN || literal->kind != TREE_LITERAL)
		return;
	/* 5 and 2005 are not the same to a YEAR. */
	bool as_number = literal->class == CLASS_INTEGER && column->type.kind != TYPE_YEAR &&
			 (class == CLASS_INTEGER || class == CLASS_REAL);
	bool as_text = literal->class == CLASS_TEXT && class == CLASS_TEXT;
	if (as_number || as_text)
		lift(scope, literal);
}
