/* Expressions that hold queries: IN, ANY, ALL, EXISTS, scalar and row subqueries. */
#include <stdio.h>

#include "query/write/writer.h"

/* One operand, or a row value. */
static int write_operands(struct writer *writer, const struct tree_expr *expr)
{
	const struct tree_exprs *operands = &expr->in_query.operands;
	put(writer, operands->count > 1 ? "(" : "");
	for (unsigned i = 0; i < operands->count; i++) {
		if (i > 0)
			put(writer, ", ");
		if (write_expr(writer, operands->items[i]) != 0)
			return -1;
		if (expr->in_query.collations)
			put_collation(writer, expr->in_query.collations[i]);
	}
	put(writer, operands->count > 1 ? ")" : "");
	return 0;
}

static int write_parenthesised(struct writer *writer, const struct tree_query *query)
{
	put(writer, "(");
	if (write_query(writer, query) != 0)
		return -1;
	put(writer, ")");
	return 0;
}

static int write_in_query_as(struct writer *writer, const struct tree_expr *expr, bool negated)
{
	struct writer_memo memo;
	if (write_memo_begin(writer, expr->in_query.query, &expr->in_query.operands, &memo) != 0)
		return -1;
	put(writer, "(");
	if (write_operands(writer, expr) != 0)
		return -1;
	put(writer, negated ? " NOT IN " : " IN ");
	if (write_parenthesised(writer, expr->in_query.query) != 0)
		return -1;
	put(writer, ")");
	write_memo_end(writer, &memo);
	return 0;
}

int write_in_query(struct writer *writer, const struct tree_expr *expr)
{
	return write_in_query_as(writer, expr, expr->in_query.negated);
}

/* SELECT gm_one(c1), ... FROM (query): error 1242 at the second row. A query that has one row at most stays itself. */
static int write_single_row_query(struct writer *writer, const struct tree_query *query)
{
	if (query->at_most_one_row)
		return write_parenthesised(writer, query);
	put(writer, "(SELECT ");
	for (unsigned i = 0; i < query->column_count; i++)
		buf_printf(&writer->sql, "%sgm_one(c%u)", i > 0 ? ", " : "", i + 1);
	put(writer, " FROM ");
	if (write_parenthesised(writer, query) != 0)
		return -1;
	put(writer, ")");
	return 0;
}

/*
 * op ALL is false as soon as one row's comparison is, else NULL when one is, else true, also for no rows; op ANY the
 * other way round. SQLite has neither, its aggregates leave NULLs out: so counts tell.
 */
int write_quantified(struct writer *writer, const struct tree_expr *expr)
{
	enum ast_operator op = expr->in_query.op;
	bool all = expr->in_query.all;
	if ((op == AST_OP_EQUAL && !all) || (op == AST_OP_NOT_EQUAL && all))
		return write_in_query_as(writer, expr, all);
	if (expr->in_query.operands.count != 1)
		return write_unsupported(writer, "ANY and ALL over rows");
	put(writer, all ? "(SELECT CASE WHEN min(v) = 0 THEN 0 WHEN count(*) > count(v) THEN NULL ELSE 1 END"
			: "(SELECT CASE WHEN max(v) = 1 THEN 1 WHEN count(*) > count(v) THEN NULL ELSE 0 END");
	put(writer, " FROM (SELECT ");
	if (write_operands(writer, expr) != 0)
		return -1;
	put(writer, comparison_text(op));
	put(writer, "c1 AS v FROM ");
	if (write_parenthesised(writer, expr->in_query.query) != 0)
		return -1;
	put(writer, "))");
	return 0;
}

int write_row_query(struct writer *writer, const struct tree_expr *expr)
{
	put(writer, "(");
	if (write_operands(writer, expr) != 0)
		return -1;
	put(writer, comparison_text(expr->in_query.op));
	if (write_single_row_query(writer, expr->in_query.query) != 0)
		return -1;
	put(writer, ")");
	return 0;
}

int write_exists(struct writer *writer, const struct tree_expr *expr)
{
	struct writer_memo memo;
	if (write_memo_begin(writer, expr->exists.query, NULL, &memo) != 0)
		return -1;
	put(writer, expr->exists.negated ? "(NOT EXISTS " : "(EXISTS ");
	if (write_parenthesised(writer, expr->exists.query) != 0)
		return -1;
	put(writer, ")");
	write_memo_end(writer, &memo);
	return 0;
}

int write_subquery(struct writer *writer, const struct tree_expr *expr)
{
	struct writer_memo memo;
	if (write_memo_begin(writer, expr->query, NULL, &memo) != 0 || write_single_row_query(writer, expr->query) != 0)
		return -1;
	write_memo_end(writer, &memo);
	return 0;
}
