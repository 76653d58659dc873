/* SHOW of the server's own: variables, counters, warnings, engines, character sets, connections. */
#include <stdio.h>

#include "exec/evaluate_value.h"
#include "exec/server_lists.h"
#include "exec/show/show.h"

/* ------------------------------------------------------------------ variables and counters */

struct listing {
	struct result_builder *builder;
	int status;
};

static void list_pair(const char *name, const char *text, void *argument)
{
	struct listing *listing = argument;
	if (listing->status != 0)
		return;
	result_put_text(listing->builder, name);
	result_put_text(listing->builder, text);
	listing->status = result_row(listing->builder);
}

static int open_pairs(struct statement *statement, struct result_builder *builder)
{
	const struct ast_show *ast = statement->ast->show;
	result_builder_text(builder, "Variable_name", 64);
	result_builder_text(builder, "Value", 2048);
	return result_builder_filter(builder, ast->like, ast->where);
}

static enum variable_scope scope_of(const struct ast_show *ast)
{
	return ast->scope == AST_SCOPE_GLOBAL ? VARIABLE_GLOBAL : VARIABLE_SESSION;
}

int show_variables(struct statement *statement, struct result_builder *builder)
{
	struct listing listing = {.builder = builder};
	if (open_pairs(statement, builder) != 0)
		return -1;
	variables_visit(statement->session, scope_of(statement->ast->show), statement->arena, list_pair, &listing);
	return listing.status;
}

int show_status(struct statement *statement, struct result_builder *builder)
{
	struct listing listing = {.builder = builder};
	if (open_pairs(statement, builder) != 0)
		return -1;
	status_visit(statement->session, scope_of(statement->ast->show), statement->arena, list_pair, &listing);
	return listing.status;
}

/* ------------------------------------------------------------------ warnings */

static int read_limit(struct statement *statement, const struct ast_limit *limit, uint64_t *out_offset,
		      uint64_t *out_count)
{
	struct value value;
	*out_offset = 0;
	*out_count = UINT64_MAX;
	if (limit == NULL)
		return 0;
	if (limit->count && evaluate_constant(statement, limit->count, &value) != 0)
		return -1;
	if (limit->count)
		*out_count = (uint64_t)value_to_int(&value);
	if (limit->offset && evaluate_constant(statement, limit->offset, &value) != 0)
		return -1;
	if (limit->offset)
		*out_offset = (uint64_t)value_to_int(&value);
	return 0;
}

int show_warnings(struct statement *statement, struct result_builder *builder)
{
	const struct ast_show *ast = statement->ast->show;
	const struct warnings *warnings = &statement->session->warnings;
	uint64_t offset, count;
	if (read_limit(statement, ast->limit, &offset, &count) != 0)
		return -1;
	result_builder_text(builder, "Level", 7);
	result_builder_number(builder, "Code");
	result_builder_text(builder, "Message", 512);
	for (size_t i = 0; i < warnings->count && count > 0; i++) {
		const struct warning *warning = &warnings->list[i];
		if (ast->kind == AST_SHOW_ERRORS && warning->level != WARNING_ERROR)
			continue;
		if (offset > 0) {
			offset--;
			continue;
		}
		count--;
		result_put_text(builder, warning_level_name(warning->level));
		result_put_uint(builder, warning->code);
		result_put_text(builder, warning->message);
		if (result_row(builder) != 0)
			return -1;
	}
	return 0;
}

int show_count_warnings(struct statement *statement, struct result_builder *builder)
{
	bool errors = statement->ast->show->kind == AST_SHOW_COUNT_ERRORS;
	const struct warnings *warnings = &statement->session->warnings;
	result_builder_number(builder, errors ? "@@session.error_count" : "@@session.warning_count");
	result_put_uint(builder, errors ? warnings->error_total : warnings->total);
	return result_row(builder);
}

/* ------------------------------------------------------------------ engines, plugins, privileges */

static int text_row(struct result_builder *builder, const char *const *texts, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		result_put_text(builder, texts[i]);
	return result_row(builder);
}

int show_engines(struct statement *statement, struct result_builder *builder)
{
	static const char *const names[] = {"Engine", "Support", "Comment", "Transactions", "XA", "Savepoints"};
	for (unsigned i = 0; i < 6; i++)
		result_builder_text(builder, names[i], 80);
	for (unsigned i = 0; i < engine_row_count; i++) {
		const struct engine_row *row = &engine_rows[i];
		const char *const texts[] = {row->name,		row->support, row->comment,
					     row->transactions, row->xa,      row->savepoints};
		if (text_row(builder, texts, 6) != 0)
			return -1;
	}
	return 0;
}

int show_plugins(struct statement *statement, struct result_builder *builder)
{
	static const char *const names[] = {"Name", "Status", "Type", "Library", "License"};
	for (unsigned i = 0; i < 5; i++)
		result_builder_text(builder, names[i], 64);
	if (result_builder_filter(builder, statement->ast->show->like, statement->ast->show->where) != 0)
		return -1;
	for (unsigned i = 0; i < plugin_row_count; i++) {
		const char *const texts[] = {plugin_rows[i].name, "ACTIVE", plugin_rows[i].type,
					     plugin_rows[i].library, "GPL"};
		if (text_row(builder, texts, 5) != 0)
			return -1;
	}
	return 0;
}

int show_privileges(struct statement *statement, struct result_builder *builder)
{
	result_builder_text(builder, "Privilege", 64);
	result_builder_text(builder, "Context", 64);
	result_builder_text(builder, "Comment", 128);
	for (unsigned i = 0; i < PRIVILEGE_COUNT; i++) {
		privilege_set one = (privilege_set)1 << i;
		result_put_text(builder, privilege_name((enum privilege)i));
		result_put_text(builder, one & privileges_all_table	? "Tables"
					 : one & privileges_all_database ? "Databases"
									 : "Server Admin");
		result_put_text(builder, "");
		if (result_row(builder) != 0)
			return -1;
	}
	return 0;
}

int show_engine_status(struct statement *statement, struct result_builder *builder)
{
	const struct ast_show *ast = statement->ast->show;
	struct session *session = statement->session;
	if (statement_require_global(session, PRIVILEGE(PROCESS), statement->diag) != 0)
		return -1;
	result_builder_text(builder, "Type", 10);
	result_builder_text(builder, "Name", 512);
	result_builder_text(builder, "Status", 4096);
	if (strcmp(ast->what, "STATUS") != 0)
		return 0;
	struct txn_stats stats;
	txn_manager_get_stats(session->server->txn_manager, &stats);
	result_put_text(builder, "InnoDB");
	result_put_text(builder, "");
	result_put_text(builder, arena_printf(statement->arena,
					      "store memory: %llu bytes\ncommits: %llu\nlog groups: %llu\nlog "
					      "flushes: %llu\n",
					      (unsigned long long)store_memory_used(session->server->store),
					      (unsigned long long)stats.commits, (unsigned long long)stats.groups,
					      (unsigned long long)stats.log_syncs));
	return result_row(builder);
}

/* ------------------------------------------------------------------ character sets */

int show_charsets(struct statement *statement, struct result_builder *builder)
{
	const struct ast_show *ast = statement->ast->show;
	result_builder_text(builder, "Charset", 64);
	result_builder_text(builder, "Description", 2048);
	result_builder_text(builder, "Default collation", 64);
	result_builder_number(builder, "Maxlen");
	if (result_builder_filter(builder, ast->like, ast->where) != 0)
		return -1;
	for (int id = 0; id < CHARSET_COUNT; id++) {
		const struct charset *charset = charset_get((enum charset_id)id);
		if (charset == NULL)
			continue;
		result_put_text(builder, charset->name);
		result_put_text(builder, charset->description);
		result_put_text(builder, charset->default_collation->name);
		result_put_uint(builder, charset->max_char_size);
		if (result_row(builder) != 0)
			return -1;
	}
	return 0;
}

int show_collations(struct statement *statement, struct result_builder *builder)
{
	const struct ast_show *ast = statement->ast->show;
	result_builder_text(builder, "Collation", 64);
	result_builder_text(builder, "Charset", 64);
	result_builder_number(builder, "Id");
	result_builder_text(builder, "Default", 3);
	result_builder_text(builder, "Compiled", 3);
	result_builder_number(builder, "Sortlen");
	result_builder_text(builder, "Pad_attribute", 9);
	if (result_builder_filter(builder, ast->like, ast->where) != 0)
		return -1;
	const struct collation *collation;
	for (size_t i = 0; (collation = collation_at(i)) != NULL; i++) {
		result_put_text(builder, collation->name);
		result_put_text(builder, collation->charset->name);
		result_put_uint(builder, collation->id);
		result_put_text(builder, collation->is_default ? "Yes" : "");
		result_put_text(builder, "Yes");
		result_put_uint(builder, collation->sort_length);
		result_put_text(builder, collation->pad_space ? "PAD SPACE" : "NO PAD");
		if (result_row(builder) != 0)
			return -1;
	}
	return 0;
}

/* ------------------------------------------------------------------ connections */

int show_processlist(struct statement *statement, struct result_builder *builder)
{
	bool full = statement->ast->kind == AST_SHOW && statement->ast->show->full;
	result_builder_number(builder, "Id");
	result_builder_text(builder, "User", 32);
	result_builder_text(builder, "Host", 261);
	result_builder_text(builder, "db", 64);
	result_builder_text(builder, "Command", 16);
	result_builder_number(builder, "Time");
	result_builder_text(builder, "State", 64);
	result_builder_text(builder, "Info", full ? 65535 : 100);
	const struct process *process = process_list(statement->session, statement->arena);
	for (; process; process = process->next) {
		result_put_uint(builder, process->id);
		result_put_text(builder, process->user);
		result_put_text(builder, process->host);
		result_put_text(builder, process->database);
		result_put_text(builder, process->command);
		result_put_int(builder, process->seconds);
		result_put_text(builder, process->state);
		struct bytes info = process->info ? bytes_of_string(process->info) : bytes_of(NULL, 0);
		if (info.size > 100 && !full)
			info.size = charset_prefix_size(collation_utf8mb4_default->charset, info, 100);
		result_put_bytes(builder, info);
		if (result_row(builder) != 0)
			return -1;
	}
	return 0;
}

/* ------------------------------------------------------------------ what there is none of */

static int empty(struct result_builder *builder, const char *const *names, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		result_builder_text(builder, names[i], 64);
	return 0;
}

int show_events(struct statement *statement, struct result_builder *builder)
{
	static const char *const names[] = {"Db", "Name", "Definer", "Time zone", "Type", "Execute at", "Interval value",
					    "Interval field", "Starts", "Ends", "Status", "Originator",
					    "character_set_client", "collation_connection", "Database Collation"};
	return empty(builder, names, sizeof names / sizeof *names);
}

int show_routines(struct statement *statement, struct result_builder *builder)
{
	static const char *const names[] = {"Db", "Name", "Type", "Definer", "Modified", "Created", "Security_type",
					    "Comment", "character_set_client", "collation_connection",
					    "Database Collation"};
	return empty(builder, names, sizeof names / sizeof *names);
}

int show_nothing(struct statement *statement, struct result_builder *builder)
{
	static const char *const names[] = {"Query_ID", "Duration", "Query"};
	return empty(builder, names, sizeof names / sizeof *names);
}
