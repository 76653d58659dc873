/* Query blocks, set operations, WITH, ORDER BY, LIMIT. */
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

static int write_orders_of(struct writer *writer, const struct tree_orders *orders, const struct tree_select *select,
			   bool hidden, const char *heading)
{
	for (unsigned i = 0; i < orders->count; i++) {
		const struct tree_order *order = &orders->items[i];
		put(writer, i == 0 ? heading : ", ");
		unsigned position = select ? position_of(select, order->item, hidden) : 0;
		if (order->expr->kind == TREE_OUTPUT)
			position = order->expr->output + 1;
		if (position > 0) {
			buf_printf(&writer->sql, "%u", position);
			/* DISTINCT's items name theirs: SQLite then sees one order, and sorts once. */
			if (order->expr->class == CLASS_TEXT && !(select && select->distinct))
				put_collation(writer, order->expr->type.collation);
		} else if (write_collated(writer, order->expr) != 0) {
			return -1;
		}
		if (order->descending)
			put(writer, " DESC");
	}
	return 0;
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
static void put_generation(struct writer *writer, const struct tree_query *query, const struct tree_select *select)
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
	return write_stage(writer, stage);
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
	    write_orders_of(writer, &select->group_by, select, hidden, " GROUP BY ") != 0)
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

static int write_body(struct writer *writer, const struct tree_query *query, const struct tree_body *body,
		      bool compared);

/* Of a query that stands in FROM. */
static void put_columns(struct writer *writer, const struct tree_query *query, bool compared)
{
	for (unsigned i = 0; i < query->column_count; i++) {
		const struct tree_expr *column = query->columns[i].expr;
		buf_printf(&writer->sql, "%sc%u", i > 0 ? ", " : "", i + 1);
		if (compared && column->class == CLASS_TEXT)
			put_collation(writer, column->type.collation);
		put_numbered(writer, " AS c", i + 1);
	}
}

/* A query with ORDER BY and LIMIT of its own, as one member of a set operation. */
static int write_inner_query(struct writer *writer, const struct tree_query *query, const struct tree_query *inner,
			     bool compared)
{
	put(writer, "SELECT ");
	put_columns(writer, inner, compared);
	put_generation(writer, query, NULL);
	put(writer, " FROM (");
	if (write_query(writer, inner) != 0)
		return -1;
	put(writer, ")");
	return 0;
}

/* A member of a set operation that may be one itself: SQLite's operators all bind alike, from the left. */
static int write_right_member(struct writer *writer, const struct tree_query *query, const struct tree_body *body)
{
	if (body->kind != BODY_SET)
		return write_body(writer, query, body, true);
	put(writer, "SELECT * FROM (");
	if (write_body(writer, query, body, true) != 0)
		return -1;
	put(writer, ")");
	return 0;
}

/* All members of nested unions, one behind the other: duplicates go later. */
static int write_union_members(struct writer *writer, const struct tree_query *query, const struct tree_body *body)
{
	if (body->kind != BODY_SET || body->op != AST_UNION)
		return write_right_member(writer, query, body);
	struct writer_stage *outer = writer->stage;
	int status = write_union_members(writer, query, body->left);
	writer->stage = outer;
	if (status != 0)
		return -1;
	put(writer, " UNION ALL ");
	return write_union_members(writer, query, body->right);
}

/* SQLite's own UNION sorts, and keeps the last of equal rows. MySQL's keeps the first, in the order they come. */
static int write_union(struct writer *writer, const struct tree_query *query, const struct tree_body *body)
{
	put(writer, "SELECT DISTINCT ");
	put_columns(writer, query, true);
	put(writer, " FROM (");
	if (write_union_members(writer, query, body) != 0)
		return -1;
	put(writer, ")");
	return 0;
}

static int write_set(struct writer *writer, const struct tree_query *query, const struct tree_body *body)
{
	static const char *const words[] = {[AST_UNION] = " UNION ", [AST_EXCEPT] = " EXCEPT ",
					    [AST_INTERSECT] = " INTERSECT "};
	if (body->all && body->op != AST_UNION)
		return write_unsupported(writer, body->op == AST_EXCEPT ? "EXCEPT ALL" : "INTERSECT ALL");
	if (body->op == AST_UNION && !body->all && query != writer->recursive_query)
		return write_union(writer, query, body);
	struct writer_stage *outer = writer->stage;
	int status = write_body(writer, query, body->left, true);
	writer->stage = outer;
	if (status != 0)
		return -1;
	put(writer, body->all ? " UNION ALL " : words[body->op]);
	return write_right_member(writer, query, body->right);
}

static int write_body(struct writer *writer, const struct tree_query *query, const struct tree_body *body,
		      bool compared)
{
	switch (body->kind) {
	case BODY_SELECT:
		if (body->select->rollup)
			return write_rollup(writer, query, body->select);
		return write_select(writer, query, body->select, compared);
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

static bool orders_by_outputs_only(const struct tree_query *query)
{
	for (unsigned i = 0; i < query->order_by.count; i++)
		if (query->order_by.items[i].expr->kind != TREE_OUTPUT)
			return false;
	return true;
}

/* SQLite orders a set operation by its columns only: expressions over them want a SELECT around it. */
static int write_set_query(struct writer *writer, const struct tree_query *query)
{
	bool wrapped = !orders_by_outputs_only(query);
	if (wrapped)
		put(writer, "SELECT * FROM (");
	if (write_body(writer, query, query->body, false) != 0)
		return -1;
	put(writer, wrapped ? ") AS u" : "");
	return write_orders_of(writer, &query->order_by, NULL, false, " ORDER BY ");
}

static int write_query_inside(struct writer *writer, const struct tree_query *query)
{
	if (write_with(writer, query) != 0)
		return -1;
	const struct tree_body *body = query->body;
	if (body->kind != BODY_SELECT) {
		if (write_set_query(writer, query) != 0)
			return -1;
	} else {
		/* A rollup writes its own ORDER BY: its rows are a set operation's. */
		if (write_body(writer, query, body, false) != 0 ||
		    (!body->select->rollup && write_orders_of(writer, &query->order_by, body->select,
							      query_prints_hidden(query), " ORDER BY ") != 0))
			return -1;
	}
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
