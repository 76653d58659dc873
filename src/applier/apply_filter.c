/* What of a transaction is done here: the channel's replicate-* rules, and REWRITE_DB's names, for statements and rows. */
#include "applier/apply_internal.h"
#include "filter/filter.h"
#include "sql/parse/parse.h"
#include "sql/parse/targets.h"

const char *apply_database(struct apply *apply, struct bytes logged)
{
	const char *name = arena_copy_text(&apply->arena, (const char *)logged.data, logged.size);
	return apply->transaction.filter ? filter_rewrite(apply->transaction.filter, name) : name;
}

bool apply_allows_rows(const struct apply *apply, const char *database, const char *table)
{
	return apply->transaction.filter == NULL || filter_allows_rows(apply->transaction.filter, database, table);
}

static bool is_about_database(const struct ast_statement *ast)
{
	return ast->kind == AST_CREATE_DATABASE || ast->kind == AST_ALTER_DATABASE || ast->kind == AST_DROP_DATABASE;
}

/* Part of a transaction's frame: never left out. */
static bool is_about_savepoint(const struct ast_statement *ast)
{
	return ast->kind == AST_SAVEPOINT || ast->kind == AST_ROLLBACK_TO || ast->kind == AST_RELEASE_SAVEPOINT;
}

static bool allows_tables(struct apply *apply, const struct ast_statement *ast, const struct event_query *query)
{
	struct ast_object_names names = ast_changed_tables(ast, query->table_map_for_update, &apply->arena);
	struct filter_table *tables = arena_array(&apply->arena, struct filter_table, names.count + 1);
	for (size_t i = 0; i < names.count; i++) {
		const char *database = names.items[i].database.text;
		tables[i] = (struct filter_table){database ? database : apply->session->database,
						  names.items[i].name.text};
	}
	return names.count == 0 || filter_allows_tables(apply->transaction.filter, tables, names.count);
}

/* One that cannot be read says so when it is run; until then its default database is all that is known. */
bool apply_allows_statement(struct apply *apply, const struct event_query *query)
{
	const struct filter *filter = apply->transaction.filter;
	const char *database = apply->session->database;
	const struct collation *client =
		query->has & EVENT_QUERY_CHARSET ? collation_find_id(query->character_set_client) : NULL;
	struct parse_input input = {.text = (const char *)query->query.data, .size = query->query.size,
				    .sql_mode = apply->session->variables.sql_mode, .multiple = true,
				    .charset = client ? client->charset : NULL};
	struct ast_statement *ast;
	struct diag ignored = DIAG_INIT;
	size_t next;
	if (filter == NULL || filter_is_empty(filter))
		return true;
	if (parse_statement(&input, &apply->arena, &ast, &next, &ignored) != 0)
		return filter_allows_database(filter, database);
	if (is_about_savepoint(ast))
		return true;
	if (is_about_database(ast))
		return filter_allows_database_statement(filter, database);
	return filter_allows_database(filter, database) && allows_tables(apply, ast, query);
}
