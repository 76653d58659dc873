/* UNION, EXCEPT, INTERSECT: columns of one type and one collation on both sides. And bringing columns to given types. */
#include "sql/resolve/resolver.h"

static struct tree_expr *fit(struct scope *scope, struct tree_expr *expr, const struct column_type *type)
{
	struct tree_expr *out = convert_to_type(scope, expr, type, CONVERT_IMPLICIT);
	if (out == NULL || out->class != CLASS_TEXT || out->type.collation == type->collation)
		return out;
	struct tree_expr *collated = node_new(scope, TREE_COLLATE, CLASS_TEXT);
	collated->collate.operand = out;
	collated->type = out->type;
	collated->type.collation = type->collation;
	collated->coercibility = out->coercibility;
	node_adopt(collated, out);
	return collated;
}

int body_convert(struct scope *scope, struct tree_body *body, const struct column_type *types)
{
	switch (body->kind) {
	case BODY_SELECT:
		for (unsigned i = 0; i < body->select->item_count; i++) {
			struct tree_item *item = &body->select->items[i];
			struct tree_expr *expr = fit(scope, item->expr, &types[i]);
			if (expr == NULL)
				return -1;
			item->expr = expr;
		}
		return 0;
	case BODY_VALUES:
		for (unsigned row = 0; row < body->row_count; row++)
			for (unsigned i = 0; i < body->rows[row].count; i++) {
				body->rows[row].items[i] = fit(scope, body->rows[row].items[i], &types[i]);
				if (body->rows[row].items[i] == NULL)
					return -1;
			}
		return 0;
	case BODY_SET:
		return body_convert(scope, body->left, types) != 0 ? -1 : body_convert(scope, body->right, types);
	case BODY_QUERY:
		return query_convert_columns(scope, body->query, types);
	}
	return 0;
}

static bool needs_wrapping(const struct tree_query *query)
{
	return query->limit != NULL || (query->body->kind == BODY_SELECT && query->body->select->distinct);
}

/* SELECT its columns FROM (the query): what was sorted, cut and made distinct stays what it was. */
static int wrap(struct scope *scope, struct tree_query *query)
{
	struct resolver *resolver = scope->resolver;
	struct tree_query *inner = NEW_NODE(scope, struct tree_query);
	struct tree_select *select = NEW_NODE(scope, struct tree_select);
	*inner = *query;
	struct tree_source *source = source_new(scope, SOURCE_DERIVED, "", "", NULL);
	source->query = inner;
	source->column_count = inner->column_count;
	source->columns = arena_array(resolver->arena, struct tree_source_column, inner->column_count);
	select->items = arena_array(resolver->arena, struct tree_item, inner->column_count);
	select->item_count = inner->column_count;
	for (unsigned i = 0; i < inner->column_count; i++) {
		const struct tree_expr *expr = inner->columns[i].expr;
		source->columns[i] = (struct tree_source_column){
			.name = inner->columns[i].name, .type = expr->type, .class = expr->class,
			.nullable = expr->nullable, .original_database = "", .original_table = "", .original_name = ""};
		select->items[i] = inner->columns[i];
		select->items[i].expr = node_column(scope, source, i);
	}
	select->from = NEW_NODE(scope, struct tree_from);
	select->from->source = source;
	query->ctes = NULL;
	query->cte_count = 0;
	query->order_by = (struct tree_orders){0};
	query->limit = query->offset = NULL;
	query->body = NEW_NODE(scope, struct tree_body);
	query->body->kind = BODY_SELECT;
	query->body->select = select;
	query->columns = select->items;
	return 0;
}

int query_convert_columns(struct scope *scope, struct tree_query *query, const struct column_type *types)
{
	if (needs_wrapping(query) && wrap(scope, query) != 0)
		return -1;
	if (body_convert(scope, query->body, types) != 0)
		return -1;
	if (query->body->kind == BODY_SELECT) {
		query->columns = query->body->select->items;
		return 0;
	}
	for (unsigned i = 0; i < query->column_count; i++) {
		query->columns[i].expr->type = types[i];
		query->columns[i].expr->class = class_of_type(&types[i]);
	}
	return 0;
}

static struct tree_expr *output_of(struct scope *scope, unsigned index, const struct tree_expr *a,
				   const struct tree_expr *b)
{
	struct tree_expr *output = node_new(scope, TREE_OUTPUT, a->class);
	struct tree_expr *const both[] = {(struct tree_expr *)a, (struct tree_expr *)b};
	unsigned coercibility;
	output->output = index;
	output->nullable = a->nullable || b->nullable;
	if (result_of_many(scope, both, 2, "UNION", &output->type, &coercibility) != 0)
		return NULL;
	output->class = class_of_type(&output->type);
	output->coercibility = (uint8_t)coercibility;
	output->is_truth = a->is_truth && b->is_truth;
	output->facts = FACT_COLUMN;
	return output;
}

int set_columns(struct scope *scope, struct tree_body *body, const struct tree_item *left, unsigned left_count,
		const struct tree_item *right, unsigned right_count, struct tree_item **out_columns)
{
	struct resolver *resolver = scope->resolver;
	if (left_count != right_count)
		return diag_set(resolver->diag, ER_WRONG_NUMBER_OF_COLUMNS_IN_SELECT);
	struct tree_item *columns = arena_array(resolver->arena, struct tree_item, left_count);
	struct column_type *types = arena_array(resolver->arena, struct column_type, left_count);
	for (unsigned i = 0; i < left_count; i++) {
		struct tree_expr *output = output_of(scope, i, left[i].expr, right[i].expr);
		if (output == NULL)
			return -1;
		columns[i] = item_of_expr(scope, output, left[i].name);
		types[i] = output->type;
	}
	*out_columns = columns;
	return body_convert(scope, body->left, types) != 0 ? -1 : body_convert(scope, body->right, types);
}
