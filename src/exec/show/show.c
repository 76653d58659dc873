#include "exec/show/show.h"

#include "exec/show/replication.h"
#include "session/status.h"

static show_handler *const kinds[] = {
	[AST_SHOW_CHARACTER_SET] = show_charsets,
	[AST_SHOW_COLLATION] = show_collations,
	[AST_SHOW_COLUMNS] = show_columns,
	[AST_SHOW_COUNT_ERRORS] = show_count_warnings,
	[AST_SHOW_COUNT_WARNINGS] = show_count_warnings,
	[AST_SHOW_CREATE_DATABASE] = show_create_database,
	[AST_SHOW_CREATE_TABLE] = show_create_table,
	[AST_SHOW_CREATE_USER] = show_create_user,
	[AST_SHOW_CREATE_VIEW] = show_create_view,
	[AST_SHOW_DATABASES] = show_databases,
	[AST_SHOW_ENGINE] = show_engine_status,
	[AST_SHOW_ENGINES] = show_engines,
	[AST_SHOW_ERRORS] = show_warnings,
	[AST_SHOW_EVENTS] = show_events,
	[AST_SHOW_FUNCTION_STATUS] = show_routines,
	[AST_SHOW_GRANTS] = show_grants,
	[AST_SHOW_INDEXES] = show_indexes,
	[AST_SHOW_OPEN_TABLES] = show_open_tables,
	[AST_SHOW_PLUGINS] = show_plugins,
	[AST_SHOW_PRIVILEGES] = show_privileges,
	[AST_SHOW_PROCEDURE_STATUS] = show_routines,
	[AST_SHOW_PROCESSLIST] = show_processlist,
	[AST_SHOW_PROFILES] = show_nothing,
	[AST_SHOW_STATUS] = show_status,
	[AST_SHOW_TABLES] = show_tables,
	[AST_SHOW_TABLE_STATUS] = show_table_status,
	[AST_SHOW_TRIGGERS] = show_triggers,
	[AST_SHOW_VARIABLES] = show_variables,
	[AST_SHOW_WARNINGS] = show_warnings,
};

/* Com_<counter> of SHOW STATUS. */
static const char *const counters[] = {
	[AST_SHOW_BINARY_LOGS] = "show_binlogs",
	[AST_SHOW_BINARY_LOG_STATUS] = "show_master_status",
	[AST_SHOW_BINLOG_EVENTS] = "show_binlog_events",
	[AST_SHOW_CHARACTER_SET] = "show_charsets",
	[AST_SHOW_COLLATION] = "show_collations",
	[AST_SHOW_COLUMNS] = "show_fields",
	[AST_SHOW_COUNT_ERRORS] = "select",
	[AST_SHOW_COUNT_WARNINGS] = "select",
	[AST_SHOW_CREATE_DATABASE] = "show_create_db",
	[AST_SHOW_CREATE_EVENT] = "show_create_event",
	[AST_SHOW_CREATE_FUNCTION] = "show_create_func",
	[AST_SHOW_CREATE_PROCEDURE] = "show_create_proc",
	[AST_SHOW_CREATE_TABLE] = "show_create_table",
	[AST_SHOW_CREATE_TRIGGER] = "show_create_trigger",
	[AST_SHOW_CREATE_USER] = "show_create_user",
	[AST_SHOW_CREATE_VIEW] = "show_create_table",
	[AST_SHOW_DATABASES] = "show_databases",
	[AST_SHOW_ENGINE] = "show_engine_status",
	[AST_SHOW_ENGINES] = "show_storage_engines",
	[AST_SHOW_ERRORS] = "show_errors",
	[AST_SHOW_EVENTS] = "show_events",
	[AST_SHOW_FUNCTION_STATUS] = "show_function_status",
	[AST_SHOW_GRANTS] = "show_grants",
	[AST_SHOW_INDEXES] = "show_keys",
	[AST_SHOW_OPEN_TABLES] = "show_open_tables",
	[AST_SHOW_PLUGINS] = "show_plugins",
	[AST_SHOW_PRIVILEGES] = "show_privileges",
	[AST_SHOW_PROCEDURE_STATUS] = "show_procedure_status",
	[AST_SHOW_PROCESSLIST] = "show_processlist",
	[AST_SHOW_PROFILES] = "show_profiles",
	[AST_SHOW_RELAYLOG_EVENTS] = "show_relaylog_events",
	[AST_SHOW_REPLICAS] = "show_replicas",
	[AST_SHOW_REPLICA_STATUS] = "show_replica_status",
	[AST_SHOW_STATUS] = "show_status",
	[AST_SHOW_TABLES] = "show_tables",
	[AST_SHOW_TABLE_STATUS] = "show_table_status",
	[AST_SHOW_TRIGGERS] = "show_triggers",
	[AST_SHOW_VARIABLES] = "show_variables",
	[AST_SHOW_WARNINGS] = "show_warnings",
};

static void count(struct session *session, enum ast_show_kind kind)
{
	if ((size_t)kind < sizeof counters / sizeof *counters && counters[kind])
		status_count_command(session, counters[kind]);
}

static bool is_replication(enum ast_show_kind kind)
{
	return kind == AST_SHOW_BINARY_LOGS || kind == AST_SHOW_BINARY_LOG_STATUS || kind == AST_SHOW_BINLOG_EVENTS ||
	       kind == AST_SHOW_RELAYLOG_EVENTS || kind == AST_SHOW_REPLICAS || kind == AST_SHOW_REPLICA_STATUS;
}

int exec_show(struct statement *statement)
{
	struct session *session = statement->session;
	enum ast_show_kind kind = statement->ast->show->kind;
	bool about_warnings = kind == AST_SHOW_WARNINGS || kind == AST_SHOW_ERRORS ||
			      kind == AST_SHOW_COUNT_WARNINGS || kind == AST_SHOW_COUNT_ERRORS;
	count(session, kind);
	if (!about_warnings)
		warnings_clear(&session->warnings);
	if (is_replication(kind))
		return show_replication(statement);
	if ((size_t)kind >= sizeof kinds / sizeof *kinds || kinds[kind] == NULL)
		return diag_set(statement->diag, ER_NOT_SUPPORTED_YET, "this SHOW");
	struct result_builder builder;
	result_builder_init(&builder, statement);
	if (kinds[kind](statement, &builder) == 0)
		return result_end(&builder);
	result_abandon(&builder);
	return -1;
}

int exec_describe(struct statement *statement)
{
	const struct ast_describe *ast = statement->ast->describe;
	const char *database;
	struct result_builder builder;
	if (statement_database(statement, ast->table.database.text, &database, statement->diag) != 0)
		return -1;
	result_builder_init(&builder, statement);
	builder.like = ast->column ? bytes_of_string(ast->column) : bytes_of(NULL, 0);
	if (show_columns_of(statement, &builder, database, ast->table.name.text, false) == 0)
		return result_end(&builder);
	result_abandon(&builder);
	return -1;
}

/* The server has no manual inside: an empty answer, as MySQL's where its help tables were not filled. */
int exec_help(struct statement *statement)
{
	struct result_builder builder;
	result_builder_init(&builder, statement);
	result_builder_text(&builder, "name", 64);
	result_builder_text(&builder, "is_it_category", 1);
	return result_end(&builder);
}
