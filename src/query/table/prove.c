/* What the tree alone proves: WHERE pins every column of a unique key to a constant. */
#include "query/write/writer.h"

/* The column of the source that this equality pins to a constant, or -1. */
static int pinned_column(const struct tree_expr *expr, const struct tree_source *source)
{
	if (expr->kind != TREE_COMPARE || expr->compare.op != AST_OP_EQUAL)
		return -1;
	const struct tree_expr *column = expr->compare.left, *constant = expr->compare.right;
	if (column->kind != TREE_COLUMN) {
		column = expr->compare.right;
		constant = expr->compare.left;
	}
	if (column->kind != TREE_COLUMN || column->column.source != source || !tree_is_constant(constant))
		return -1;
	const struct column_type *type = &source->table->columns[column->column.column].type;
	if (expr->compare.class == CLASS_TEXT && expr->compare.collation != type->collation)
		return -1;
	return (int)column->column.column;
}

static bool pins(const struct tree_expr *where, const struct tree_source *source, unsigned column)
{
	if (where->kind != TREE_AND)
		return pinned_column(where, source) == (int)column;
	for (unsigned i = 0; i < where->logical.count; i++)
		if (pins(where->logical.items[i], source, column))
			return true;
	return false;
}

static bool pins_index(const struct tree_expr *where, const struct tree_source *source, const struct index *index)
{
	if (index->kind == INDEX_PLAIN || index_is_row_id(index) || index->part_count == 0)
		return false;
	for (unsigned i = 0; i < index->part_count; i++)
		if (!pins(where, source, index->parts[i].column))
			return false;
	return true;
}

bool query_is_single_row(const struct tree_query *query)
{
	if (query->body->kind != BODY_SELECT || query->cte_count > 0)
		return false;
	const struct tree_select *select = query->body->select;
	if (select->from == NULL || select->from->kind != FROM_SOURCE || select->where == NULL || select->is_aggregated)
		return false;
	const struct tree_source *source = select->from->source;
	for (unsigned i = 0; source->kind == SOURCE_TABLE && i < source->table->index_count; i++)
		if (pins_index(select->where, source, &source->table->indexes[i]))
			return true;
	return false;
}
