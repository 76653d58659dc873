/* CREATE, ALTER and DROP VIEW. */
#include "base/buf.h"
#include "exec/definition/ddl.h"
#include "exec/environment.h"
#include "exec/log_statement.h"
#include "exec/show/create.h"
#include "exec/definition/table_draft.h"
#include "sql/parse/parse.h"

struct view_statement {
	struct statement *statement;
	const struct ast_create_view *ast; /* of our own: it becomes what is kept */
	struct ddl_name name;
	struct environment environment;
	struct tree_query *query;
	const char *definer_user, *definer_host;
};

/* ------------------------------------------------------------------ the query as it is kept */

/* Columns of a source that * gives. */
static unsigned visible_columns(const struct tree_source *source)
{
	unsigned count = 0;
	for (unsigned i = 0; i < source->column_count; i++)
		count += !source->columns[i].hidden;
	return count;
}

static unsigned columns_of_star(const struct tree_from *from, const char *table)
{
	if (from->kind == FROM_JOIN)
		return columns_of_star(from->left, table) + columns_of_star(from->right, table);
	return strcmp(from->source->alias, table) == 0 ? visible_columns(from->source) : 0;
}

static struct ast_expr *column_expr(struct arena *arena, const struct tree_item *item)
{
	struct ast_expr *expr = arena_new(arena, struct ast_expr);
	expr->kind = AST_COLUMN;
	expr->depth = 1;
	expr->column.name = item->name;
	if (item->expr->kind == TREE_COLUMN) {
		expr->column.table = item->expr->column.source->alias;
		expr->column.name = item->expr->column.source->columns[item->expr->column.column].name;
	}
	return expr;
}

/* How many items of the tree the AST item stands for; a bare * takes what the others leave. */
static unsigned item_width(const struct ast_select_item *item, const struct tree_select *tree, unsigned rest)
{
	if (item->expr->kind != AST_STAR)
		return 1;
	return item->expr->column.table ? columns_of_star(tree->from, item->expr->column.table) : rest;
}

/*
 * A view has the columns it had when it was made: * is written out, and each column is named as it was headed, which
 * the printed expression would not repeat.
 */
static void freeze_items(struct arena *arena, struct ast_select *select, const struct tree_select *tree,
			 unsigned visible)
{
	unsigned taken = 0, at = 0;
	for (size_t i = 0; i < select->items.count; i++)
		if (select->items.items[i].expr->kind != AST_STAR || select->items.items[i].expr->column.table)
			taken += item_width(&select->items.items[i], tree, 0);
	struct ast_select_item *items = arena_array(arena, struct ast_select_item, visible + 1);
	for (size_t i = 0; i < select->items.count; i++) {
		const struct ast_select_item *item = &select->items.items[i];
		unsigned width = item_width(item, tree, visible - taken);
		for (unsigned k = 0; k < width && at < visible; k++, at++) {
			items[at] = *item;
			if (item->expr->kind == AST_STAR)
				items[at].expr = column_expr(arena, &tree->items[at]);
			items[at].heading = tree->items[at].name;
			items[at].alias.text = tree->items[at].name;
		}
	}
	select->items.items = items;
	select->items.count = at;
}

static void freeze_body(struct arena *arena, struct ast_body *ast, const struct tree_body *tree)
{
	if (ast->kind == AST_BODY_SELECT && tree->kind == BODY_SELECT) {
		unsigned visible = 0;
		for (unsigned i = 0; i < tree->select->item_count; i++)
			visible += !tree->select->items[i].hidden;
		freeze_items(arena, ast->select, tree->select, visible);
	} else if (ast->kind == AST_BODY_SET_OPERATION && tree->kind == BODY_SET) {
		freeze_body(arena, ast->set.left, tree->left);
		freeze_body(arena, ast->set.right, tree->right);
	} else if (ast->kind == AST_BODY_QUERY && tree->kind == BODY_QUERY) {
		freeze_body(arena, ast->query->body, tree->query->body);
	}
}

/* ------------------------------------------------------------------ checks */

static int check_sources(struct view_statement *view)
{
	struct diag *diag = view->statement->diag;
	for (struct tree_source *it = view->environment.resolve.sources; it; it = it->next) {
		if (it->kind == SOURCE_TABLE && it->table->temporary)
			return diag_set(diag, ER_VIEW_SELECT_TMPTABLE, it->name);
		if (it->is_view && strcmp(it->database, view->name.database) == 0 &&
		    strcmp(it->name, view->name.name) == 0)
			return diag_set(diag, ER_NO_SUCH_TABLE, it->database, it->name);
	}
	return 0;
}

static int check_columns(struct view_statement *view)
{
	const struct ast_names *names = &view->ast->columns;
	const struct tree_query *query = view->query;
	struct diag *diag = view->statement->diag;
	if (names->count && names->count != query->column_count)
		return diag_set(diag, ER_VIEW_WRONG_LIST);
	for (unsigned i = 0; i < query->column_count; i++)
		for (unsigned k = 0; k < i; k++) {
			const char *a = names->count ? names->items[i].text : query->columns[i].name;
			const char *b = names->count ? names->items[k].text : query->columns[k].name;
			if (draft_same_name(a, b))
				return diag_set(diag, ER_DUP_FIELDNAME, a);
		}
	return 0;
}

static int check_definer(struct view_statement *view)
{
	struct session *session = view->statement->session;
	const struct ast_user_name *definer = view->ast->definer;
	view->definer_user = session->account_user;
	view->definer_host = session->account_host;
	if (definer == NULL || definer->current_user)
		return 0;
	view->definer_user = definer->user;
	view->definer_host = definer->host ? definer->host : "%";
	struct account_name name = {view->definer_user, view->definer_host};
	bool is_self = strcmp(name.user, session->account_user) == 0 && strcmp(name.host, session->account_host) == 0;
	if (!is_self && statement_require_global(session, PRIVILEGE(SUPER), view->statement->diag) != 0)
		return -1;
	if (!session->is_internal && !accounts_exists(session->server->accounts, &name))
		warnings_add(&session->warnings, WARNING_NOTE, ER_NO_SUCH_USER, name.user, name.host);
	return 0;
}

/* What is there under the name: -1 when it is in the way. */
static int check_existing(struct view_statement *view, bool *out_replaces, bool *out_done)
{
	struct statement *statement = view->statement;
	struct catalog *catalog = statement->session->server->catalog;
	const struct ast_create_view *ast = view->ast;
	struct table *table = catalog_find_table(catalog, view->name.database, view->name.name);
	struct view *old = catalog_find_view(catalog, view->name.database, view->name.name);
	bool is_table = table != NULL, is_view = old != NULL;
	table_unref(&table);
	view_unref(&old);
	*out_replaces = is_view;
	*out_done = false;
	if (is_table && (ast->alter || ast->or_replace))
		return diag_set(statement->diag, ER_WRONG_OBJECT, view->name.database, view->name.name, "VIEW");
	if (ast->alter && !is_view)
		return diag_set(statement->diag, ER_NO_SUCH_TABLE, view->name.database, view->name.name);
	if (ast->alter || ast->or_replace || (!is_table && !is_view))
		return 0;
	if (!ast->if_not_exists)
		return diag_set(statement->diag, ER_TABLE_EXISTS_ERROR, view->name.name);
	warnings_add(&statement->session->warnings, WARNING_NOTE, ER_TABLE_EXISTS_ERROR, view->name.name);
	*out_done = true;
	return 0;
}

/* ------------------------------------------------------------------ the view */

static const char *const algorithms[] = {[AST_VIEW_UNDEFINED] = "UNDEFINED", [AST_VIEW_MERGE] = "MERGE",
					 [AST_VIEW_TEMPTABLE] = "TEMPTABLE"};
static const char *const check_options[] = {[AST_VIEW_CHECK_NONE] = "NONE", [AST_VIEW_CHECK_LOCAL] = "LOCAL",
					    [AST_VIEW_CHECK_CASCADED] = "CASCADED"};

static struct view *make_view(struct view_statement *statement)
{
	const struct session_variables *variables = &statement->statement->session->variables;
	const struct ast_create_view *ast = statement->ast;
	struct view *view = view_create();
	struct arena *arena = &view->arena;
	struct buf text;
	buf_init(&text);
	ast_query_print(ast->query, &text);
	view->select_text = arena_copy_text(arena, (const char *)text.data, text.size);
	buf_deinit(&text);
	view->database = arena_copy_string(arena, statement->name.database);
	view->name = arena_copy_string(arena, statement->name.name);
	view->definer_user = arena_copy_string(arena, statement->definer_user);
	view->definer_host = arena_copy_string(arena, statement->definer_host);
	view->algorithm = algorithms[ast->algorithm];
	view->security = ast->security_invoker ? "INVOKER" : "DEFINER";
	view->check_option = check_options[ast->check];
	view->charset_client = variables->character_set_client->name;
	view->collation_connection = variables->collation_connection->name;
	view->column_count = statement->query->column_count;
	if (ast->columns.count) {
		view->column_names = arena_array(arena, const char *, ast->columns.count);
		for (size_t i = 0; i < ast->columns.count; i++)
			view->column_names[i] = arena_copy_string(arena, ast->columns.items[i].text);
	}
	return view;
}

/* The definer is written out: on a replica the statement is run by somebody else. */
static struct bytes loggable_text(struct view_statement *statement, const struct view *view)
{
	const struct ast_create_view *ast = statement->ast;
	const struct statement *own = statement->statement;
	struct view head = {.database = view->database, .name = view->name, .select_text = "",
			    .definer_user = view->definer_user, .definer_host = view->definer_host,
			    .column_names = view->column_names, .column_count = view->column_count,
			    .algorithm = view->algorithm, .security = view->security, .check_option = "NONE"};
	struct buf text, out;
	buf_init(&text);
	buf_init(&out);
	show_create_view_text(&head, own->session->database, &text);
	buf_put_string(&out, ast->alter ? "ALTER" : ast->or_replace ? "CREATE OR REPLACE" : "CREATE");
	statement_put_text(own, bytes_of(text.data + strlen("CREATE"), text.size - strlen("CREATE")), &out);
	buf_put(&out, own->text.data + ast->query_span.offset, ast->query_span.size);
	if (ast->check != AST_VIEW_CHECK_NONE)
		buf_printf(&out, " WITH %s CHECK OPTION", check_options[ast->check]);
	struct bytes copy = bytes_of(arena_copy(own->arena, out.data, out.size), out.size);
	buf_deinit(&text);
	buf_deinit(&out);
	return copy;
}

/* The kept text is read in the view's own database. */
static void qualify_names(struct view_statement *view)
{
	struct session *session = view->statement->session;
	if (strcmp(session->database, view->name.database) == 0)
		return;
	const char *database = arena_copy_string(view->statement->arena, session->database);
	for (struct resolve_name *it = view->environment.resolve.bare_names; it; it = it->next)
		((struct ast_object_name *)it->ast)->database.text = database;
}

static int resolve(struct view_statement *view)
{
	struct statement *statement = view->statement;
	if (view->ast->query->into)
		return diag_set(statement->diag, ER_VIEW_SELECT_CLAUSE, "INTO");
	if (statement->ast->placeholder_count)
		return diag_set(statement->diag, ER_VIEW_SELECT_VARIABLE);
	if (resolve_query(&view->environment.resolve, view->ast->query, &view->query, statement->diag) != 0 ||
	    check_sources(view) != 0 || check_columns(view) != 0)
		return -1;
	/* The value of a variable would have become part of the definition. */
	if (!view->environment.resolve.is_cacheable)
		return diag_set(statement->diag, ER_VIEW_SELECT_VARIABLE);
	freeze_body(statement->arena, view->ast->query->body, view->query->body);
	qualify_names(view);
	return 0;
}

static int put(struct view_statement *statement, bool replaces)
{
	struct statement *own = statement->statement;
	struct store_txn *txn = txn_store(own->session->txn);
	struct view *view = make_view(statement);
	struct bytes text = loggable_text(statement, view);
	struct catalog_change *change = ddl_begin(own);
	if (replaces && catalog_drop_view(change, txn, view->database, view->name, own->diag) != 0) {
		view_unref(&view);
		return ddl_abandon(&change);
	}
	if (catalog_put_view(change, txn, view, own->diag) != 0)
		return ddl_abandon(&change);
	return ddl_commit_as(own, &change, text, 0, NULL);
}

static int run(struct view_statement *view)
{
	struct statement *statement = view->statement;
	bool replaces, done;
	privilege_set wanted = PRIVILEGE(CREATE_VIEW) |
			       (view->ast->or_replace || view->ast->alter ? PRIVILEGE(DROP) : 0);
	if (ddl_resolve_name(statement, &view->ast->name, wanted, &view->name) != 0 ||
	    ddl_check_writable(statement, view->name.database) != 0 ||
	    ddl_check_table_name(statement, view->name.name) != 0 ||
	    ddl_check_database(statement, view->name.database) != 0 || check_definer(view) != 0 ||
	    statement_lock_table(statement->session, view->name.database, view->name.name, MDL_EXCLUSIVE,
				 statement->diag) != 0 ||
	    check_existing(view, &replaces, &done) != 0)
		return -1;
	if (done)
		return ddl_log_only(statement);
	return resolve(view) == 0 ? put(view, replaces) : -1;
}

/* The statement's own tree may be executed again: what is changed on the way to the kept text is a second one. */
static int parse_again(struct view_statement *view)
{
	struct statement *statement = view->statement;
	struct parse_input input = {.text = (const char *)statement->text.data, .size = statement->text.size,
				    .sql_mode = statement->session->variables.sql_mode,
				    .charset = statement->ast->charset};
	struct ast_statement *ast;
	size_t next;
	if (parse_statement(&input, statement->arena, &ast, &next, statement->diag) != 0)
		return -1;
	view->ast = ast->create_view;
	view->environment.resolve.text = statement->text;
	return 0;
}

int exec_create_view(struct statement *statement)
{
	struct view_statement view = {.statement = statement};
	environment_init(&view.environment, statement, MDL_SHARED_READ);
	int status = parse_again(&view) == 0 ? run(&view) : -1;
	environment_deinit(&view.environment);
	return status;
}

/* ------------------------------------------------------------------ DROP VIEW */

/* 1 it is there, 0 it is not, -1 it is a table. */
static int find_view(struct statement *statement, const struct ddl_name *name)
{
	struct catalog *catalog = statement->session->server->catalog;
	struct view *view = catalog_find_view(catalog, name->database, name->name);
	bool there = view != NULL;
	view_unref(&view);
	if (there)
		return 1;
	struct table *table = catalog_find_table(catalog, name->database, name->name);
	bool is_table = table != NULL;
	table_unref(&table);
	return is_table ? diag_set(statement->diag, ER_WRONG_OBJECT, name->database, name->name, "VIEW") : 0;
}

static int drop_views(struct statement *statement, struct catalog_change *change, const struct ddl_name *names,
		      size_t count)
{
	const struct ast_drop_tables *ast = statement->ast->drop_tables;
	const char *missing = NULL;
	for (size_t i = 0; i < count; i++) {
		int found = find_view(statement, &names[i]);
		const char *full = ddl_full_name(statement, names[i].database, names[i].name);
		if (found < 0)
			return -1;
		if (found == 0 && ast->if_exists)
			warnings_add(&statement->session->warnings, WARNING_NOTE, ER_BAD_TABLE_ERROR, full);
		else if (found == 0)
			missing = missing ? arena_printf(statement->arena, "%s,%s", missing, full) : full;
		else if (catalog_drop_view(change, txn_store(statement->session->txn), names[i].database,
					   names[i].name, statement->diag) != 0)
			return -1;
	}
	return missing ? diag_set(statement->diag, ER_BAD_TABLE_ERROR, missing) : 0;
}

int exec_drop_view(struct statement *statement)
{
	const struct ast_drop_tables *ast = statement->ast->drop_tables;
	struct ddl_name *names = arena_array(statement->arena, struct ddl_name, ast->tables.count);
	for (size_t i = 0; i < ast->tables.count; i++)
		if (ddl_resolve_name(statement, &ast->tables.items[i], PRIVILEGE(DROP), &names[i]) != 0 ||
		    ddl_check_writable(statement, names[i].database) != 0)
			return -1;
	for (size_t i = 0; i < ast->tables.count; i++)
		if (statement_lock_table(statement->session, names[i].database, names[i].name, MDL_EXCLUSIVE,
					 statement->diag) != 0)
			return -1;
	struct catalog_change *change = ddl_begin(statement);
	if (drop_views(statement, change, names, ast->tables.count) != 0)
		return ddl_abandon(&change);
	return ddl_commit(statement, &change, 0, NULL);
}
