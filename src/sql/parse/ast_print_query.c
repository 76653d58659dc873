#include "sql/parse/print.h"

/* Queries as text: see ast_print.c. */

static void print_body(const struct ast_body *body, struct buf *out);

static void print_object_name(const struct ast_object_name *name, struct buf *out)
{
	if (name->database.text) {
		ast_name_print(name->database.text, out);
		buf_put_u8(out, '.');
	}
	ast_name_print(name->name.text, out);
}

/* FROM. */

static void print_hints(const struct ast_index_hints *hints, struct buf *out)
{
	static const char *const kinds[] = {"use", "ignore", "force"};
	static const char *const uses[] = {"", "for join ", "for order by ", "for group by "};
	for (size_t i = 0; i < hints->count; i++) {
		const struct ast_index_hint *hint = &hints->items[i];
		buf_printf(out, " %s index %s", kinds[hint->kind], uses[hint->use]);
		if (hint->indexes.count)
			print_names(&hint->indexes, out);
		else
			buf_put_string(out, "()");
	}
}

static void print_join(const struct ast_table_ref *ref, struct buf *out)
{
	static const char *const kinds[] = {"join", "left join", "right join", "straight_join"};
	buf_put_u8(out, '(');
	ast_table_ref_print(ref->join.left, out);
	buf_put_u8(out, ' ');
	if (ref->join.natural)
		buf_put_string(out, "natural ");
	buf_put_string(out, kinds[ref->join.kind]);
	buf_put_u8(out, ' ');
	ast_table_ref_print(ref->join.right, out);
	if (ref->join.on) {
		buf_put_string(out, " on ");
		ast_expr_print(ref->join.on, out);
	}
	if (ref->join.using.count) {
		buf_put_string(out, " using ");
		print_names(&ref->join.using, out);
	}
	buf_put_u8(out, ')');
}

static void print_alias(const struct ast_table_ref *ref, struct buf *out)
{
	if (ref->alias.text == NULL)
		return;
	buf_put_u8(out, ' ');
	ast_name_print(ref->alias.text, out);
}

void ast_table_ref_print(const struct ast_table_ref *ref, struct buf *out)
{
	switch (ref->kind) {
	case AST_TABLE:
		print_object_name(&ref->table.name, out);
		if (ref->table.partitions.count)
			buf_put_string(out, " partition ");
		print_names(&ref->table.partitions, out);
		print_alias(ref, out);
		print_hints(&ref->table.hints, out);
		break;
	case AST_DERIVED:
		buf_put_string(out, ref->derived.lateral ? "lateral (" : "(");
		ast_query_print(ref->derived.query, out);
		buf_put_u8(out, ')');
		print_alias(ref, out);
		print_names(&ref->derived.columns, out);
		break;
	case AST_JOIN:
		print_join(ref, out);
		break;
	}
}

/* SELECT. */

static void print_options(unsigned options, struct buf *out)
{
	static const struct {
		unsigned option;
		const char *text;
	} texts[] = {
		{AST_SELECT_DISTINCT, "distinct "},
		{AST_SELECT_STRAIGHT_JOIN, "straight_join "},
		{AST_SELECT_HIGH_PRIORITY, "high_priority "},
		{AST_SELECT_SMALL_RESULT, "sql_small_result "},
		{AST_SELECT_BIG_RESULT, "sql_big_result "},
		{AST_SELECT_BUFFER_RESULT, "sql_buffer_result "},
		{AST_SELECT_CALC_FOUND_ROWS, "sql_calc_found_rows "},
		{AST_SELECT_NO_CACHE, "sql_no_cache "},
	};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (options & texts[i].option)
			buf_put_string(out, texts[i].text);
}

/* Headings are written out: the printed text of an expression is not what its column was named after. */
static void print_items(const struct ast_select_items *items, struct buf *out)
{
	for (size_t i = 0; i < items->count; i++) {
		const struct ast_select_item *item = &items->items[i];
		if (i)
			buf_put_u8(out, ',');
		ast_expr_print(item->expr, out);
		if (item->heading && item->heading[0]) {
			buf_put_string(out, " AS ");
			ast_name_print(item->heading, out);
		} else if (item->alias.text) {
			buf_put_string(out, " AS ''"); /* a name cannot be empty, a string can */
		}
	}
}

static void print_windows(const struct ast_windows *windows, struct buf *out)
{
	for (size_t i = 0; i < windows->count; i++) {
		buf_put_string(out, i ? "," : " window ");
		ast_name_print(windows->items[i]->name.text, out);
		buf_put_string(out, " as (");
		print_window(windows->items[i], out);
		buf_put_u8(out, ')');
	}
}

static void print_select(const struct ast_select *select, struct buf *out)
{
	buf_put_string(out, "select ");
	print_options(select->options, out);
	print_items(&select->items, out);
	if (select->from) {
		buf_put_string(out, " from ");
		ast_table_ref_print(select->from, out);
	}
	if (select->where) {
		buf_put_string(out, " where ");
		ast_expr_print(select->where, out);
	}
	if (select->group_by.count) {
		buf_put_string(out, " group by ");
		print_orders(&select->group_by, out);
	}
	if (select->rollup)
		buf_put_string(out, " with rollup");
	if (select->having) {
		buf_put_string(out, " having ");
		ast_expr_print(select->having, out);
	}
	print_windows(&select->windows, out);
}

/* Bodies and queries. */

static void print_rows(const struct ast_rows *rows, struct buf *out)
{
	buf_put_string(out, "values ");
	for (size_t i = 0; i < rows->count; i++) {
		buf_put_string(out, i ? ",row(" : "row(");
		print_exprs(&rows->items[i], out);
		buf_put_u8(out, ')');
	}
}

/* An operand of UNION: set operations inside stand in parentheses, so that they bind as they did. */
static void print_operand(const struct ast_body *body, bool parenthesise, struct buf *out)
{
	if (parenthesise)
		buf_put_u8(out, '(');
	print_body(body, out);
	if (parenthesise)
		buf_put_u8(out, ')');
}

static void print_set_operation(const struct ast_body *body, struct buf *out)
{
	static const char *const operators[] = {"union", "except", "intersect"};
	const struct ast_body *left = body->set.left;
	bool left_binds = left->kind != AST_BODY_SET_OPERATION || body->set.op != AST_INTERSECT ||
			  left->set.op == AST_INTERSECT;
	print_operand(left, !left_binds, out);
	buf_printf(out, " %s%s ", operators[body->set.op], body->set.all ? " all" : "");
	const struct ast_body *right = body->set.right;
	bool right_binds = right->kind != AST_BODY_SET_OPERATION ||
			   (right->set.op == AST_INTERSECT && body->set.op != AST_INTERSECT);
	print_operand(right, !right_binds, out);
}

static void print_body(const struct ast_body *body, struct buf *out)
{
	switch (body->kind) {
	case AST_BODY_SELECT: print_select(body->select, out); break;
	case AST_BODY_VALUES: print_rows(&body->rows, out); break;
	case AST_BODY_SET_OPERATION: print_set_operation(body, out); break;
	case AST_BODY_QUERY:
		buf_put_u8(out, '(');
		ast_query_print(body->query, out);
		buf_put_u8(out, ')');
		break;
	}
}

static void print_with(const struct ast_with *with, struct buf *out)
{
	buf_put_string(out, with->recursive ? "with recursive " : "with ");
	for (size_t i = 0; i < with->count; i++) {
		if (i)
			buf_put_u8(out, ',');
		ast_name_print(with->items[i].name.text, out);
		print_names(&with->items[i].columns, out);
		buf_put_string(out, " as (");
		ast_query_print(with->items[i].query, out);
		buf_put_string(out, ") ");
	}
}

static void print_limit(const struct ast_limit *limit, struct buf *out)
{
	buf_put_string(out, " limit ");
	if (limit->offset) {
		ast_expr_print(limit->offset, out);
		buf_put_u8(out, ',');
	}
	ast_expr_print(limit->count, out);
}

static void print_lock(const struct ast_row_lock *lock, struct buf *out)
{
	static const char *const waits[] = {"", " nowait", " skip locked"};
	buf_put_string(out, lock->strength == AST_LOCK_UPDATE ? " for update" : " for share");
	for (size_t i = 0; i < lock->tables.count; i++) {
		buf_put_string(out, i ? "," : " of ");
		print_object_name(&lock->tables.items[i], out);
	}
	buf_put_string(out, waits[lock->wait]);
}

/* INTO is left out: it is no part of a view, a subquery or a row to be stored. */
void ast_query_print(const struct ast_query *query, struct buf *out)
{
	if (query->with)
		print_with(query->with, out);
	print_body(query->body, out);
	if (query->order_by.count) {
		buf_put_string(out, " order by ");
		print_orders(&query->order_by, out);
	}
	if (query->limit)
		print_limit(query->limit, out);
	for (size_t i = 0; i < query->locks.count; i++)
		print_lock(&query->locks.items[i], out);
}
