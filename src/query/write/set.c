/* Set operations. */
#include "query/write/writer.h"

/* Of a query that stands in FROM. */
void put_columns(struct writer *writer, const struct tree_query *query, bool compared)
{
	for (unsigned i = 0; i < query->column_count; i++) {
		const struct tree_expr *column = query->columns[i].expr;
		buf_printf(&writer->sql, "%sc%u", i > 0 ? ", " : "", i + 1);
		if (compared && column->class == CLASS_TEXT)
			put_collation(writer, column->type.collation);
		put_numbered(writer, " AS c", i + 1);
	}
}

int write_inner_query(struct writer *writer, const struct tree_query *query, const struct tree_query *inner,
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

/*
 * SQLite has no INTERSECT ALL and EXCEPT ALL. A row that is there for the third time is different from the first two when
 * its number is compared, too: then the common ones, or those that are left, are as many as they should be.
 */
static int write_numbered_member(struct writer *writer, const struct tree_query *query, const struct tree_body *body)
{
	put(writer, "SELECT ");
	put_columns(writer, query, true);
	put(writer, ", row_number() OVER (PARTITION BY ");
	for (unsigned i = 0; i < query->column_count; i++) {
		put_numbered(writer, i > 0 ? ", c" : "c", i + 1);
		if (query->columns[i].expr->class == CLASS_TEXT)
			put_collation(writer, query->columns[i].expr->type.collation);
	}
	put(writer, ") AS n FROM (");
	struct writer_stage *outer = writer->stage;
	int status = write_body(writer, query, body, false);
	writer->stage = outer;
	put(writer, ")");
	return status;
}

static int write_set_of_all(struct writer *writer, const struct tree_query *query, const struct tree_body *body)
{
	put(writer, "SELECT ");
	put_columns(writer, query, false);
	put(writer, " FROM (");
	if (write_numbered_member(writer, query, body->left) != 0)
		return -1;
	put(writer, body->op == AST_EXCEPT ? " EXCEPT " : " INTERSECT ");
	if (write_numbered_member(writer, query, body->right) != 0)
		return -1;
	put(writer, ")");
	return 0;
}

int write_set(struct writer *writer, const struct tree_query *query, const struct tree_body *body)
{
	static const char *const words[] =
		{[AST_UNION] = " UNION ", [AST_EXCEPT] = " EXCEPT ", [AST_INTERSECT] = " INTERSECT "};
	if (body->all && body->op != AST_UNION)
		return write_set_of_all(writer, query, body);
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

/* SQLite orders a set operation by its columns only: expressions over them are columns of a query around it. */
static int write_terms_as_columns(struct writer *writer, const struct tree_query *query)
{
	put(writer, "SELECT ");
	put_columns(writer, query, false);
	put(writer, " FROM (SELECT u.*");
	for (unsigned i = 0; i < query->order_by.count; i++) {
		if (query->order_by.items[i].expr->kind == TREE_OUTPUT)
			continue;
		put(writer, ", ");
		if (write_expr(writer, query->order_by.items[i].expr) != 0)
			return -1;
		put_numbered(writer, " AS o", i + 1);
	}
	put(writer, " FROM (");
	if (write_body(writer, query, query->body, false) != 0)
		return -1;
	put(writer, ") AS u)");
	return 0;
}

static bool orders_by_outputs_only(const struct tree_query *query)
{
	for (unsigned i = 0; i < query->order_by.count; i++)
		if (query->order_by.items[i].expr->kind != TREE_OUTPUT)
			return false;
	return true;
}

int write_set_query(struct writer *writer, const struct tree_query *query)
{
	int status = orders_by_outputs_only(query) ? write_body(writer, query, query->body, false)
						   : write_terms_as_columns(writer, query);
	if (status != 0)
		return -1;
	for (unsigned i = 0; i < query->order_by.count; i++) {
		const struct tree_order *order = &query->order_by.items[i];
		bool is_output = order->expr->kind == TREE_OUTPUT;
		put(writer, i == 0 ? " ORDER BY " : ", ");
		put_numbered(writer, is_output ? "" : "o", is_output ? order->expr->output + 1 : i + 1);
		if (order->expr->class == CLASS_TEXT)
			put_collation(writer, order->expr->type.collation);
		put(writer, order->descending ? " DESC" : "");
	}
	return 0;
}
