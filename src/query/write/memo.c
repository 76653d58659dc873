/* Which subqueries are worth a memo (query/memo.h), and the SQL around them. */
#include <stdio.h>

#include "query/write/writer.h"
#include "sql/resolve/function.h"

/* The parser's room that CASE and the call take; nested queries beyond half of it all go without. */
enum { memo_room = 10, room_max = 44 };

struct search {
	const struct tree_query *query;
	struct writer_memo *memo;
	bool may_differ; /* its answer depends on more than outer columns */
};

static bool is_aggregate(const struct tree_expr *expr)
{
	return expr->kind == TREE_CALL && expr->call.function && expr->call.function->flags & FUNCTION_AGGREGATE;
}

static void add_column(struct search *search, struct tree_expr *expr)
{
	struct writer_memo *memo = search->memo;
	for (unsigned i = 0; i < memo->count; i++)
		if (memo->columns[i]->column.source == expr->column.source &&
		    memo->columns[i]->column.column == expr->column.column)
			return;
	if (memo->count == memo_columns_max)
		search->may_differ = true;
	else
		memo->columns[memo->count++] = expr;
}

static enum tree_walk look(struct tree_expr *expr, void *argument)
{
	struct search *search = argument;
	/* An outer block's aggregate is no value of its columns in one row. */
	search->may_differ |= (expr->facts & (FACT_NONDETERMINISTIC | FACT_EFFECT)) != 0 ||
			      (is_aggregate(expr) && expr->facts & FACT_OUTER) || expr->kind == TREE_ROW_HANDLE;
	if (expr->kind == TREE_COLUMN && !tree_query_reads(search->query, expr->column.source))
		add_column(search, expr);
	return search->may_differ ? TREE_WALK_STOP : TREE_WALK_ON;
}

/* Tables as they are at this moment, and not locked row by row for each outer row. */
static bool is_steady(const struct tree_source *source, void *argument)
{
	return (source->kind == SOURCE_TABLE || source->kind == SOURCE_DERIVED) && !source->has_lock;
}

static bool has_memo(struct writer *writer, const struct tree_query *query, const struct tree_exprs *operands,
		     struct writer_memo *memo)
{
	struct search search = {.query = query, .memo = memo};
	if (!query->is_correlated || writer->room_used > room_max || !tree_query_sources(query, is_steady, NULL))
		return false;
	for (unsigned i = 0; operands && i < operands->count; i++)
		if (operands->items[i]->facts & (FACT_NONDETERMINISTIC | FACT_EFFECT | FACT_SUBQUERY))
			return false;
	tree_walk_query((struct tree_query *)query, look, &search);
	return !search.may_differ && memo->count > 0;
}

int write_memo_begin(struct writer *writer, const struct tree_query *query, const struct tree_exprs *operands,
		     struct writer_memo *memo)
{
	*memo = (struct writer_memo){0};
	if (!has_memo(writer, query, operands, memo))
		return 0;
	memo->number = ++writer->memos;
	writer->room_used += memo_room;
	buf_printf(&writer->sql, "(CASE WHEN gm_memo_has(%u", memo->number);
	for (unsigned i = 0; i < memo->count; i++) {
		put(writer, ", ");
		if (write_expr(writer, memo->columns[i]) != 0)
			return -1;
	}
	for (unsigned i = 0; operands && i < operands->count; i++) {
		put(writer, ", ");
		if (write_expr(writer, operands->items[i]) != 0)
			return -1;
	}
	buf_printf(&writer->sql, ") THEN gm_memo_value(%u) ELSE gm_memo_put(%u, ", memo->number, memo->number);
	return 0;
}

void write_memo_end(struct writer *writer, const struct writer_memo *memo)
{
	if (memo->number == 0)
		return;
	put(writer, ") END)");
	writer->room_used -= memo_room;
}
