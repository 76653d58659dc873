/* Query blocks, WITH, ORDER BY, LIMIT. */
#include <stdio.h>
#include <string.h>

#include "query/write/writer.h"

bool query_prints_hidden(const struct tree_query *query)
{
	return query->column_count == 0 ||
	       (query->body->kind == BODY_SELECT && query->column_count == query->body->select->item_count);
}

static int write_with(struct writer *writer, const struct tree_query *query)
{
	const char *before = "WITH RECURSIVE ";
	for (unsigned i = 0; i < query->cte_count; i++) {
		const struct tree_cte *cte = query->ctes[i];
		if (!cte->is_used)
			continue;
		buf_printf(&writer->sql, "%sw%u AS (", before, cte->number);
		writer->recursive_query = cte->recursive ? cte->query : NULL;
		writer->recursive_cte = cte;
		bool was_narrowed = writer->is_narrowed;
		writer->is_narrowed = true;
		if (write_query(writer, cte->query) != 0)
			return -1;
		writer->is_narrowed = was_narrowed;
		put(writer, ")");
		before = ", ";
	}
	if (before[0] == ',')
		put(writer, " ");
	return 0;
}

/* SQLite wants to see an aggregate among the items of a block without GROUP BY, not only in HAVING or ORDER BY. */
static bool hides_its_aggregates(const struct tree_select *select)
{
	if (!select->is_aggregated || select->group_by.count > 0)
		return false;
	for (unsigned i = 0; i < select->item_count; i++)
		if (select->items[i].expr->facts & FACT_AGGREGATE)
			return false;
	return true;
}

/* Where SQLite compares whole rows (DISTINCT, set operations) the items say by what collation. */
static int write_items(struct writer *writer, const struct tree_query *query, const struct tree_select *select,
		       bool compared)
{
	bool hidden = query == NULL || query_prints_hidden(query);
	unsigned printed = 0;
	bool wrap = hides_its_aggregates(select) && !stage_is_of(writer->stage, select);
	for (unsigned i = 0; i < select->item_count; i++) {
		const struct tree_item *item = &select->items[i];
		if (item->hidden && !hidden)
			continue;
		put(writer, printed > 0 ? ", " : wrap ? "iif(count(*) < 0, NULL, " : "");
		if ((compared ? write_collated : write_expr)(writer, item->expr) != 0)
			return -1;
		put(writer, printed == 0 && wrap ? ")" : "");
		put_numbered(writer, " AS c", ++printed);
	}
	if (printed == 0)
		put(writer, "NULL AS c1"); /* DELETE's and EXISTS' queries may want nothing */
	return 0;
}

static unsigned printed_items(const struct tree_select *select, bool hidden)
{
	unsigned printed = 0;
	for (unsigned i = 0; i < select->item_count; i++)
		printed += !select->items[i].hidden || hidden;
	return printed > 0 ? printed : 1;
}

/* The item's number among the printed ones, or 0. */
static unsigned position_of(const struct tree_select *select, int item, bool hidden)
{
	if (item < 0 || (unsigned)item >= select->item_count || (select->items[item].hidden && !hidden))
		return 0;
	unsigned position = 1;
	for (int i = 0; i < item; i++)
		position += !select->items[i].hidden || hidden;
	return position;
}

/*
 * SQLite's GROUP BY and ORDER BY know no columns of outer blocks, its items do. So terms that read some are items as well,
 * behind the printed ones, and meant by their numbers; a query around it leaves them out.
 */
static bool is_outer_term(const struct tree_order *order, const struct tree_select *select, bool hidden)
{
	return order->expr->facts & FACT_OUTER && position_of(select, order->item, hidden) == 0;
}

static unsigned count_outer_terms(const struct tree_orders *orders, const struct tree_select *select, bool hidden)
{
	unsigned count = 0;
	for (unsigned i = 0; i < orders->count; i++)
		count += is_outer_term(&orders->items[i], select, hidden);
	return count;
}

static int write_outer_terms(struct writer *writer, const struct tree_orders *orders, const struct tree_select *select,
			     bool hidden)
{
	for (unsigned i = 0; i < orders->count; i++) {
		if (!is_outer_term(&orders->items[i], select, hidden))
			continue;
		put(writer, ", ");
		if (write_collated(writer, orders->items[i].expr) != 0)
			return -1;
	}
	return 0;
}

/* first_outer: the number of the first of these orders' outer terms. */
static int write_orders(struct writer *writer, const struct tree_orders *orders, const struct tree_select *select,
			bool hidden, unsigned first_outer, const char *heading)
{
	for (unsigned i = 0; i < orders->count; i++) {
		const struct tree_order *order = &orders->items[i];
		put(writer, i == 0 ? heading : ", ");
		unsigned position = position_of(select, order->item, hidden);
		if (position == 0 && is_outer_term(order, select, hidden))
			position = first_outer++;
		if (position > 0) {
			buf_printf(&writer->sql, "%u", position);
			/* DISTINCT's items name theirs: SQLite then sees one order, and sorts once. */
			if (order->expr->class == CLASS_TEXT && !select->distinct)
				put_collation(writer, order->expr->type.collation);
		} else if (write_collated(writer, order->expr) != 0) {
			return -1;
		}
		if (order->descending)
			put(writer, " DESC");
	}
	return 0;
}

static int write_group_by(struct writer *writer, const struct tree_select *select, bool hidden)
{
	return write_orders(writer, &select->group_by, select, hidden, printed_items(select, hidden) + 1, " GROUP BY ");
}

static int write_order_by(struct writer *writer, const struct tree_query *query, const struct tree_select *select)
{
	bool hidden = query_prints_hidden(query);
	unsigned before = printed_items(select, hidden) + count_outer_terms(&select->group_by, select, hidden);
	return write_orders(writer, &query->order_by, select, hidden, before + 1, " ORDER BY ");
}

static int write_condition(struct writer *writer, const char *heading, const struct tree_expr *condition)
{
	if (condition == NULL)
		return 0;
	put(writer, heading);
	return write_expr(writer, condition);
}

static int write_where(struct writer *writer, const char *heading, struct tree_expr *where)
{
	if (where == NULL)
		return 0;
	put(writer, heading);
	return write_pushing(writer, where, NULL);
}

static const struct tree_source *recursive_source(const struct tree_from *from, const struct tree_cte *cte)
{
	if (from == NULL)
		return NULL;
	if (from->kind == FROM_SOURCE)
		return from->source->kind == SOURCE_CTE && from->source->cte == cte ? from->source : NULL;
	const struct tree_source *found = recursive_source(from->left, cte);
	return found ? found : recursive_source(from->right, cte);
}

/*
 * The rows of a recursive UNION ALL count their generations in a column of their own, d, for error 3636. With a plain
 * UNION that would make equal rows different: there the rows themselves are counted, and bounded far away.
 */
void put_generation(struct writer *writer, const struct tree_query *query, const struct tree_select *select)
{
	if (query == NULL || query != writer->recursive_query || query->body->kind != BODY_SET || !query->body->all)
		return;
	const struct tree_source *source = select ? recursive_source(select->from, writer->recursive_cte) : NULL;
	if (source)
		buf_printf(&writer->sql, ", gm_generation(t%u.d) AS d", source->number);
	else
		put(writer, ", 0 AS d");
}

static int write_from_of(struct writer *writer, const struct tree_select *select)
{
	const struct tree_expr *outer_where = writer->where;
	writer->where = select->where;
	put(writer, " FROM ");
	int status = write_from(writer, select->from, select->straight_join);
	writer->where = outer_where;
	return status;
}

int write_from_where(struct writer *writer, const struct tree_select *select)
{
	if (write_from_of(writer, select) != 0)
		return -1;
	return write_where(writer, " WHERE ", select->where);
}

/* The block answers COUNT(DISTINCT ...) of its rows and nothing else: that call, or NULL. */
static const struct tree_expr *lone_distinct_count(const struct tree_query *query, const struct tree_select *select)
{
	if (query == NULL || query->order_by.count > 0 || select->item_count != 1 || select->items[0].hidden ||
	    select->distinct || select->group_by.count > 0 || select->having || select->from == NULL)
		return NULL;
	const struct tree_expr *expr = select->items[0].expr;
	bool counts = expr->kind == TREE_CALL && strcmp(expr->call.name, "count") == 0 && expr->call.distinct &&
		      expr->call.over == NULL;
	return counts && !(expr->facts & FACT_OUTER) ? expr : NULL;
}

/*
 * SQLite keeps a tree of all that an aggregate's DISTINCT has met. Of a block's DISTINCT it knows that rows may come in
 * order, by an index: then it compares with the row before. The parts of a tuple (sql/function.h) are columns there.
 */
static int write_distinct_count(struct writer *writer, const struct tree_select *select, const struct tree_expr *count)
{
	const struct tree_expr *argument = count->call.arguments.items[0];
	bool is_tuple = argument->kind == TREE_CALL && strcmp(argument->call.name, "gm_tuple") == 0;
	const struct tree_exprs *parts = is_tuple ? &argument->call.arguments : &count->call.arguments;
	unsigned step = is_tuple ? 2 : 1, part_count = parts->count / step;
	put(writer, part_count > 1 ? "SELECT count(iif(" : "SELECT count(");
	for (unsigned i = 0; i < part_count; i++)
		buf_printf(&writer->sql, "%sc%u%s", i > 0 ? " OR " : "", i + 1, part_count > 1 ? " IS NULL" : "");
	put(writer, part_count > 1 ? ", NULL, 1)) AS c1 FROM (SELECT DISTINCT " : ") AS c1 FROM (SELECT DISTINCT ");
	for (unsigned i = 0; i < part_count; i++) {
		put(writer, i > 0 ? ", " : "");
		if (write_collated(writer, parts->items[i * step]) != 0)
			return -1;
		put_numbered(writer, " AS c", i + 1);
	}
	if (write_from_where(writer, select) != 0)
		return -1;
	put(writer, ")");
	return 0;
}

/* writer->stage stays, for the ORDER BY that may follow: write_query takes it back, and write_set between members. */
static int write_staged_select(struct writer *writer, const struct tree_query *query, const struct tree_select *select,
			       struct writer_stage *stage, bool compared)
{
	writer->stage = stage;
	put(writer, select->distinct && select->is_aggregated ? "SELECT DISTINCT " : "SELECT ");
	if (write_items(writer, query, select, compared || select->distinct) != 0)
		return -1;
	put_generation(writer, query, select);
	return write_stage(writer, stage, query);
}

static int write_select(struct writer *writer, const struct tree_query *query, const struct tree_select *select,
			bool compared)
{
	struct writer_stage *stage = stage_find(writer, query, select);
	if (stage)
		return write_staged_select(writer, query, select, stage, compared);
	const struct tree_expr *count = lone_distinct_count(query, select);
	if (count)
		return write_distinct_count(writer, select, count);
	bool hidden = query == NULL || query_prints_hidden(query);
	put(writer, select->distinct ? "SELECT DISTINCT " : "SELECT ");
	if (write_items(writer, query, select, compared || select->distinct) != 0)
		return -1;
	if (write_outer_terms(writer, &select->group_by, select, hidden) != 0 ||
	    (query && query->body->select == select && write_outer_terms(writer, &query->order_by, select, hidden) != 0))
		return -1;
	put_generation(writer, query, select);
	if (query && query == writer->image_query)
		for (unsigned i = 0; i < select->item_count; i++)
			if (select->items[i].expr->kind == TREE_ROW_HANDLE)
				buf_printf(&writer->sql, ", t%u.i", select->items[i].expr->column.source->number);
	if (select->from && write_from_of(writer, select) != 0)
		return -1;
	bool counts_rows = query && query == writer->recursive_query && !query->body->all &&
			   recursive_source(select->from, writer->recursive_cte);
	put(writer, counts_rows ? " WHERE gm_recursion_goes_on()" : "");
	if (write_where(writer, counts_rows ? " AND " : " WHERE ", select->where) != 0 ||
	    write_group_by(writer, select, hidden) != 0)
		return -1;
	return write_condition(writer, " HAVING ", select->having);
}

static int write_values(struct writer *writer, const struct tree_query *query, const struct tree_body *body,
			bool compared)
{
	unsigned columns = body->rows[0].count;
	put(writer, "SELECT ");
	for (unsigned i = 0; i < columns; i++) {
		const struct tree_expr *first = body->rows[0].items[i];
		buf_printf(&writer->sql, "%scolumn%u", i > 0 ? ", " : "", i + 1);
		if (compared && first->class == CLASS_TEXT)
			put_collation(writer, first->type.collation);
		put_numbered(writer, " AS c", i + 1);
	}
	put_generation(writer, query, NULL);
	put(writer, " FROM (VALUES ");
	for (unsigned row = 0; row < body->row_count; row++) {
		put(writer, row > 0 ? ", (" : "(");
		for (unsigned i = 0; i < columns; i++) {
			put(writer, i > 0 ? ", " : "");
			if (write_expr(writer, body->rows[row].items[i]) != 0)
				return -1;
		}
		put(writer, ")");
	}
	put(writer, ")");
	return 0;
}

static int write_one_select(struct writer *writer, const struct tree_query *query, const struct tree_select *select,
			    bool compared)
{
	return select->rollup ? write_rollup(writer, query, select) : write_select(writer, query, select, compared);
}

/* A member of a set operation is in a query of its own where it has more columns, or an order. */
static int write_select_body(struct writer *writer, const struct tree_query *query, const struct tree_select *select,
			     bool compared)
{
	bool is_member = query->body->select != select;
	bool is_plain = !select->rollup && count_outer_terms(&select->group_by, select, query_prints_hidden(query)) == 0;
	if (!is_member || is_plain)
		return write_one_select(writer, query, select, compared);
	put(writer, "SELECT ");
	put_columns(writer, query, compared);
	put(writer, " FROM (");
	if (write_one_select(writer, query, select, compared) != 0)
		return -1;
	put(writer, ")");
	return 0;
}

int write_body(struct writer *writer, const struct tree_query *query, const struct tree_body *body, bool compared)
{
	switch (body->kind) {
	case BODY_SELECT: return write_select_body(writer, query, body->select, compared);
	case BODY_VALUES: return write_values(writer, query, body, compared);
	case BODY_SET: return write_set(writer, query, body);
	case BODY_QUERY: break;
	}
	return write_inner_query(writer, query, body->query, compared);
}

static void put_limit(struct writer *writer, const char *word, const struct tree_expr *limit)
{
	put(writer, word);
	put_binding(writer, &(struct binding){.kind = BINDING_LIMIT, .class = CLASS_INTEGER, .limit = limit});
}

void put_limits(struct writer *writer, const struct tree_query *query)
{
	bool has_limit = query != writer->limitless && query->limit;
	if (has_limit)
		put_limit(writer, ", ", query->limit);
	else
		put(writer, ", -1");
	if (has_limit && query->offset)
		put_limit(writer, ", ", query->offset);
	else
		put(writer, ", 0");
}

static void write_limit(struct writer *writer, const struct tree_query *query)
{
	if (query == writer->limitless)
		return;
	if (query->limit == NULL && query->offset == NULL) {
		/* To SQLite a stage's rows cost nothing: without a LIMIT it would read them anew for each row of a join. */
		bool is_stage = query->body->kind == BODY_SELECT && stage_is_of(writer->stage, query->body->select);
		put(writer, is_stage && writer->depth > 1 ? " LIMIT -1" : "");
		return;
	}
	if (query->limit)
		put_limit(writer, " LIMIT ", query->limit);
	else
		put(writer, " LIMIT -1");
	if (query->offset)
		put_limit(writer, " OFFSET ", query->offset);
}

static int write_select_query(struct writer *writer, const struct tree_query *query)
{
	const struct tree_select *select = query->body->select;
	bool hidden = query_prints_hidden(query);
	bool wrapped = !select->rollup && count_outer_terms(&select->group_by, select, hidden) +
					  count_outer_terms(&query->order_by, select, hidden) > 0;
	if (wrapped) {
		put(writer, "SELECT ");
		put_columns(writer, query, false);
		put(writer, query->column_count == 0 ? "c1 FROM (" : " FROM (");
	}
	if (write_body(writer, query, query->body, false) != 0)
		return -1;
	/* A rollup writes its own ORDER BY: its rows are a set operation's. */
	bool is_ordered = select->rollup || stage_sorts(writer->stage, select);
	if (!is_ordered && write_order_by(writer, query, select) != 0)
		return -1;
	write_limit(writer, query);
	put(writer, wrapped ? ")" : "");
	return 0;
}

static int write_query_inside(struct writer *writer, const struct tree_query *query)
{
	if (write_with(writer, query) != 0)
		return -1;
	if (query->body->kind == BODY_SELECT)
		return write_select_query(writer, query);
	if (write_set_query(writer, query) != 0)
		return -1;
	write_limit(writer, query);
	return 0;
}

int write_query(struct writer *writer, const struct tree_query *query)
{
	enum { query_room = 12 }; /* tokens that wait before an expression of it */
	struct writer_stage *outer = writer->stage;
	writer->room_used += query_room;
	writer->depth++;
	int status = write_query_inside(writer, query);
	writer->depth--;
	writer->room_used -= query_room;
	writer->stage = outer;
	return status;
}
