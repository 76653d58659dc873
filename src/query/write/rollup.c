/*
 * GROUP BY a, b WITH ROLLUP, as the groupings it means, one SELECT each:
 *
 *   SELECT c1, c2 FROM (SELECT a AS c1, sum(x) AS c2, a AS k1, 0 AS r1, b AS k2, 0 AS r2 FROM t GROUP BY a, b
 *             UNION ALL SELECT a, sum(x), a, 0, NULL, 1 FROM t GROUP BY a
 *             UNION ALL SELECT NULL, sum(x), NULL, 1, NULL, 1 FROM t GROUP BY NULL)
 *   ORDER BY r1, k1, r2, k2
 *
 * so that every subtotal stands behind its rows, as MySQL gives them. With an ORDER BY of the query's own, k1, ... are
 * its expressions.
 */
#include <stdio.h>

#include "query/write/writer.h"

bool writer_is_rolled_up(const struct writer *writer, const struct tree_expr *expr)
{
	const struct tree_orders *group_by = &writer->rollup->group_by;
	for (unsigned i = writer->rollup_kept; i < group_by->count; i++)
		if (expr == group_by->items[i].expr || node_equal(expr, group_by->items[i].expr))
			return true;
	return false;
}

/* ORDER BY, where it is the block's and not that of a set operation whose member it is; or NULL. */
static const struct tree_orders *own_order(const struct tree_query *query, const struct tree_select *select)
{
	return query->body->select == select && query->order_by.count ? &query->order_by : NULL;
}

static int write_rollup_items(struct writer *writer, const struct tree_query *query, const struct tree_select *select)
{
	unsigned printed = 0;
	for (unsigned i = 0; i < select->item_count; i++) {
		if (select->items[i].hidden && !query_prints_hidden(query))
			continue;
		put(writer, printed > 0 ? ", " : "");
		if (write_collated(writer, select->items[i].expr) != 0)
			return -1;
		buf_printf(&writer->sql, " AS c%u", ++printed);
	}
	return 0;
}

static int write_keys(struct writer *writer, const struct tree_query *query, const struct tree_select *select)
{
	const struct tree_orders *own = own_order(query, select), *orders = own ? own : &select->group_by;
	for (unsigned i = 0; i < orders->count; i++) {
		put(writer, ", ");
		if (write_expr(writer, orders->items[i].expr) != 0)
			return -1;
		buf_printf(&writer->sql, " AS k%u", i + 1);
	}
	for (unsigned i = 0; own == NULL && i < select->group_by.count; i++)
		buf_printf(&writer->sql, ", %d AS r%u", i >= writer->rollup_kept, i + 1);
	return 0;
}

static int write_group_by(struct writer *writer, const struct tree_select *select)
{
	put(writer, " GROUP BY ");
	if (writer->rollup_kept == 0)
		put(writer, "NULL");
	for (unsigned i = 0; i < writer->rollup_kept; i++) {
		put(writer, i > 0 ? ", " : "");
		if (write_collated(writer, select->group_by.items[i].expr) != 0)
			return -1;
	}
	return 0;
}

/* One grouping, by the first rollup_kept expressions. */
static int write_grouping(struct writer *writer, const struct tree_query *query, const struct tree_select *select)
{
	put(writer, "SELECT ");
	if (write_rollup_items(writer, query, select) != 0 || write_keys(writer, query, select) != 0)
		return -1;
	/* The rows themselves know nothing of the grouping. */
	writer->rollup = NULL;
	int status = 0;
	if (select->from) {
		put(writer, " FROM ");
		status = write_from(writer, select->from, select->straight_join);
	}
	if (status == 0 && select->where) {
		put(writer, " WHERE ");
		status = write_expr(writer, select->where);
	}
	writer->rollup = select;
	if (status != 0 || write_group_by(writer, select) != 0)
		return -1;
	if (select->having == NULL)
		return 0;
	put(writer, " HAVING ");
	return write_expr(writer, select->having);
}

static void write_rollup_order(struct writer *writer, const struct tree_query *query, const struct tree_select *select)
{
	const struct tree_orders *own = own_order(query, select), *orders = own ? own : &select->group_by;
	for (unsigned i = 0; i < orders->count; i++) {
		const struct tree_expr *expr = orders->items[i].expr;
		put(writer, i == 0 ? " ORDER BY " : ", ");
		if (own == NULL)
			buf_printf(&writer->sql, "r%u, ", i + 1);
		buf_printf(&writer->sql, "k%u", i + 1);
		if (expr->class == CLASS_TEXT)
			put_collation(writer, expr->type.collation);
		if (orders->items[i].descending)
			put(writer, " DESC");
	}
}

int write_rollup(struct writer *writer, const struct tree_query *query, const struct tree_select *select)
{
	const struct tree_select *outer_rollup = writer->rollup;
	unsigned outer_kept = writer->rollup_kept;
	unsigned columns = query->column_count;
	put(writer, select->distinct ? "SELECT DISTINCT " : "SELECT ");
	for (unsigned i = 0; i < columns; i++)
		buf_printf(&writer->sql, "%sc%u", i > 0 ? ", " : "", i + 1);
	put(writer, " FROM (");
	int status = 0;
	writer->rollup = select;
	for (unsigned kept = select->group_by.count + 1; kept-- > 0 && status == 0;) {
		writer->rollup_kept = kept;
		put(writer, kept < select->group_by.count ? " UNION ALL " : "");
		status = write_grouping(writer, query, select);
	}
	writer->rollup = outer_rollup;
	writer->rollup_kept = outer_kept;
	if (status != 0)
		return -1;
	put(writer, ")");
	write_rollup_order(writer, query, select);
	return 0;
}
