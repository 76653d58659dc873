#include "sql/parse/parser.h"

/* Builders of queries and table references: see parser.h. */

static void raise_depth(struct parser *parser, uint16_t *depth, unsigned below)
{
	if (below + 1 > *depth)
		*depth = (uint16_t)(below + 1);
	if (below >= ast_depth_max)
		parser_out_of_depth(parser);
}

static void raise_by_expr(struct parser *parser, uint16_t *depth, const struct ast_expr *expr)
{
	if (expr)
		raise_depth(parser, depth, expr->depth);
}

static void raise_by_orders(struct parser *parser, uint16_t *depth, struct ast_orders orders)
{
	for (size_t i = 0; i < orders.count; i++)
		raise_by_expr(parser, depth, orders.items[i].expr);
}

/* Bodies. */

struct ast_body *body_new(struct parser *parser, enum ast_body_kind kind, uint32_t start)
{
	struct ast_body *body = NEW(struct ast_body);
	body->kind = kind;
	body->depth = 1;
	body->span = SPAN_FROM(start);
	return body;
}

struct ast_body *body_select(struct parser *parser, struct ast_select *select)
{
	struct ast_body *body = body_new(parser, AST_BODY_SELECT, select->span.offset);
	body->select = select;
	for (size_t i = 0; i < select->items.count; i++)
		raise_by_expr(parser, &body->depth, select->items.items[i].expr);
	if (select->from)
		raise_depth(parser, &body->depth, select->from->depth);
	raise_by_expr(parser, &body->depth, select->where);
	raise_by_orders(parser, &body->depth, select->group_by);
	raise_by_expr(parser, &body->depth, select->having);
	return body;
}

struct ast_body *body_table(struct parser *parser, struct ast_object_name name, uint32_t start)
{
	struct ast_select *select = NEW(struct ast_select);
	struct ast_select_item item = {.expr = expr_column(parser, AST_STAR, NULL, NULL, NULL, start)};
	LIST_APPEND(select->items, item);
	select->span = SPAN_FROM(start);
	select->from = table_ref_new(parser, AST_TABLE, name.span.offset);
	select->from->table.name = name;
	return body_select(parser, select);
}

struct ast_body *body_values(struct parser *parser, struct ast_rows rows, uint32_t start)
{
	struct ast_body *body = body_new(parser, AST_BODY_VALUES, start);
	body->rows = rows;
	for (size_t i = 0; i < rows.count; i++)
		for (size_t j = 0; j < rows.items[i].count; j++)
			raise_by_expr(parser, &body->depth, rows.items[i].items[j]);
	return body;
}

struct ast_body *body_query(struct parser *parser, struct ast_query *query)
{
	struct ast_body *body = body_new(parser, AST_BODY_QUERY, query->parentheses.offset);
	body->span = query->parentheses;
	body->query = query;
	raise_depth(parser, &body->depth, query->depth);
	return body;
}

struct ast_body *body_set(struct parser *parser, enum ast_set_operator op, bool all, struct ast_body *left,
			  struct ast_body *right)
{
	struct ast_body *body = body_new(parser, AST_BODY_SET_OPERATION, left->span.offset);
	body->set.op = op;
	body->set.all = all;
	body->set.left = left;
	body->set.right = right;
	raise_depth(parser, &body->depth, left->depth);
	raise_depth(parser, &body->depth, right->depth);
	return body;
}

/* Queries. */

/* Moves an INTO that stood before FROM from the last SELECT of the body to its query. */
static void take_early_into(struct parser *parser, struct ast_query *query, struct ast_body *body)
{
	while (body->kind == AST_BODY_SET_OPERATION)
		body = body->set.right;
	if (body->kind != AST_BODY_SELECT || body->select->into == NULL)
		return;
	query_set_into(parser, query, body->select->into, body->span.offset);
	body->select->into = NULL;
}

struct ast_query *query_new(struct parser *parser, struct ast_body *body)
{
	struct ast_query *query = NEW(struct ast_query);
	query->body = body;
	query->depth = 1;
	query->span.offset = body->span.offset;
	take_early_into(parser, query, body);
	return query;
}

void query_set_into(struct parser *parser, struct ast_query *query, struct ast_into *into, uint32_t offset)
{
	if (query->into)
		parser_syntax_error(parser, offset);
	query->into = into;
}

void query_set_with(struct parser *parser, struct ast_query *query, struct ast_with *with, uint32_t start)
{
	query->with = with;
	query->span.offset = start;
	for (size_t i = 0; i < with->count; i++)
		raise_depth(parser, &query->depth, with->items[i].query->depth);
}

void query_finish(struct parser *parser, struct ast_query *query)
{
	query->span = SPAN_FROM(query->span.offset);
	raise_depth(parser, &query->depth, query->body->depth);
	raise_by_orders(parser, &query->depth, query->order_by);
}

void file_format_merge(struct ast_file_format *format, const struct ast_file_format *more)
{
	if (more->field_terminator.data)
		format->field_terminator = more->field_terminator;
	if (more->field_enclosure.data)
		format->field_enclosure = more->field_enclosure;
	if (more->field_escape.data)
		format->field_escape = more->field_escape;
	if (more->line_start.data)
		format->line_start = more->line_start;
	if (more->line_terminator.data)
		format->line_terminator = more->line_terminator;
	format->optionally_enclosed |= more->optionally_enclosed;
}

/* The column's name in the result: a string's value, a column's name, else the text, 256 bytes of it. */
static const char *item_heading(struct parser *parser, const struct ast_expr *expr)
{
	enum { heading_size_max = 256 };
	if (expr->kind == AST_COLUMN)
		return expr->column.name;
	if (expr->kind == AST_LITERAL && expr->literal->kind == AST_LITERAL_STRING)
		return (const char *)expr->literal->text.data;
	return parser_cite(parser, expr->span.offset, expr->span.size, heading_size_max);
}

struct ast_select_item select_item(struct parser *parser, struct ast_expr *expr, struct ast_name alias)
{
	return (struct ast_select_item){expr, alias, alias.text ? alias.text : item_heading(parser, expr)};
}

/* Table references. */

struct ast_table_ref *table_ref_new(struct parser *parser, enum ast_table_ref_kind kind, uint32_t start)
{
	struct ast_table_ref *ref = NEW(struct ast_table_ref);
	ref->kind = kind;
	ref->depth = 1;
	ref->span = SPAN_FROM(start);
	return ref;
}

struct ast_table_ref *table_ref_derived(struct parser *parser, struct ast_query *query, struct ast_name alias,
					struct ast_names columns, bool lateral, uint32_t start)
{
	struct ast_table_ref *ref = table_ref_new(parser, AST_DERIVED, start);
	ref->alias = alias;
	ref->derived.query = query;
	ref->derived.columns = columns;
	ref->derived.lateral = lateral;
	raise_depth(parser, &ref->depth, query->depth);
	if (alias.text == NULL)
		parser_error(parser, ER_DERIVED_MUST_HAVE_ALIAS, NULL);
	return ref;
}

struct ast_table_ref *table_ref_join(struct parser *parser, struct ast_table_ref *left,
				     enum ast_join_kind kind, struct ast_table_ref *right)
{
	struct ast_table_ref *ref = table_ref_new(parser, AST_JOIN, left->span.offset);
	ref->join.kind = kind;
	ref->join.left = left;
	ref->join.right = right;
	raise_depth(parser, &ref->depth, left->depth);
	raise_depth(parser, &ref->depth, right->depth);
	return ref;
}

/*
 * a JOIN b JOIN c ON x was read as a JOIN (b JOIN c ON x). Joins are left-deep, so that x sees a too: the
 * cross join with a goes down to the leftmost table of the right side.
 */
struct ast_table_ref *table_ref_cross_join(struct parser *parser, struct ast_table_ref *left,
					   enum ast_join_kind kind, struct ast_table_ref *right)
{
	if (right->kind != AST_JOIN || right->parenthesised)
		return table_ref_join(parser, left, kind, right);
	struct ast_table_ref *lowest = right;
	while (lowest->join.left->kind == AST_JOIN && !lowest->join.left->parenthesised)
		lowest = lowest->join.left;
	lowest->join.left = table_ref_join(parser, left, kind, lowest->join.left);
	raise_depth(parser, &right->depth, right->depth + left->depth);
	right->span = SPAN_FROM(left->span.offset);
	return right;
}

bool table_ref_is_one_table(const struct ast_table_ref *ref)
{
	return ref->kind != AST_JOIN;
}
