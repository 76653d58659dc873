/* Virtual tables about the server: engines, character sets, connections, variables, counters. */
#include "base/fault.h"
#include "exec/server_lists.h"
#include "exec/virtual_writer.h"
#include "session/persisted.h"

int fill_engines(struct virtual_writer *writer)
{
	for (unsigned i = 0; i < engine_row_count; i++) {
		const struct engine_row *row = &engine_rows[i];
		virtual_put_text(writer, row->name);
		virtual_put_text(writer, row->support);
		virtual_put_text(writer, row->comment);
		virtual_put_text(writer, row->transactions);
		virtual_put_text(writer, row->xa);
		virtual_put_text(writer, row->savepoints);
		virtual_row(writer);
	}
	return 0;
}

int fill_plugins(struct virtual_writer *writer)
{
	for (unsigned i = 0; i < plugin_row_count; i++) {
		virtual_put_text(writer, plugin_rows[i].name);
		virtual_put_text(writer, "1.0");
		virtual_put_text(writer, "ACTIVE");
		virtual_put_text(writer, plugin_rows[i].type);
		virtual_put_text(writer, "1.0");
		virtual_put_text(writer, plugin_rows[i].library);
		virtual_put_nulls(writer, 2);
		virtual_put_text(writer, plugin_rows[i].description);
		virtual_put_text(writer, "GPL");
		virtual_put_text(writer, "FORCE");
		virtual_row(writer);
	}
	return 0;
}

/* ------------------------------------------------------------------ character sets */

int fill_character_sets(struct virtual_writer *writer)
{
	for (int id = 0; id < CHARSET_COUNT; id++) {
		const struct charset *charset = charset_get((enum charset_id)id);
		if (charset == NULL)
			continue;
		virtual_put_text(writer, charset->name);
		virtual_put_text(writer, charset->default_collation->name);
		virtual_put_text(writer, charset->description);
		virtual_put_uint(writer, charset->max_char_size);
		virtual_row(writer);
	}
	return 0;
}

int fill_collations(struct virtual_writer *writer)
{
	const struct collation *collation;
	for (size_t i = 0; (collation = collation_at(i)) != NULL; i++) {
		virtual_put_text(writer, collation->name);
		virtual_put_text(writer, collation->charset->name);
		virtual_put_uint(writer, collation->id);
		virtual_put_text(writer, collation->is_default ? "Yes" : "");
		virtual_put_text(writer, "Yes");
		virtual_put_uint(writer, collation->sort_length);
		virtual_put_text(writer, collation->pad_space ? "PAD SPACE" : "NO PAD");
		virtual_row(writer);
	}
	return 0;
}

int fill_applicability(struct virtual_writer *writer)
{
	const struct collation *collation;
	for (size_t i = 0; (collation = collation_at(i)) != NULL; i++) {
		virtual_put_text(writer, collation->name);
		virtual_put_text(writer, collation->charset->name);
		virtual_row(writer);
	}
	return 0;
}

/* ------------------------------------------------------------------ connections */

/* performance_schema's has one column more. */
int fill_processlist(struct virtual_writer *writer)
{
	const struct process *process = process_list(writer->session, writer->arena);
	for (; process; process = process->next) {
		virtual_put_uint(writer, process->id);
		virtual_put_text(writer, process->user);
		virtual_put_text(writer, process->host);
		virtual_put_text(writer, process->database);
		virtual_put_text(writer, process->command);
		virtual_put_int(writer, process->seconds);
		virtual_put_text(writer, process->state);
		virtual_put_text(writer, process->info);
		if (writer->next < writer->request->table->column_count)
			virtual_put_text(writer, "PRIMARY");
		virtual_row(writer);
	}
	return 0;
}

/* ------------------------------------------------------------------ fault points */

int fill_faults(struct virtual_writer *writer)
{
	for (size_t i = 0; i < fault_count(); i++) {
		const struct fault_point point = fault_get(i);
		virtual_put_text(writer, point.name);
		virtual_put_text(writer, fault_action_name(point.action));
		virtual_put_uint(writer, (uint64_t)point.passed);
		virtual_row(writer);
	}
	return 0;
}

/* ------------------------------------------------------------------ variables and counters */

static void add_pair(const char *name, const char *text, void *argument)
{
	struct virtual_writer *writer = argument;
	virtual_put_text(writer, name);
	virtual_put_text(writer, text);
	virtual_row(writer);
}

int fill_global_variables(struct virtual_writer *writer)
{
	variables_visit(writer->session, VARIABLE_GLOBAL, writer->arena, add_pair, writer);
	return 0;
}

int fill_session_variables(struct virtual_writer *writer)
{
	variables_visit(writer->session, VARIABLE_SESSION, writer->arena, add_pair, writer);
	return 0;
}

int fill_persisted_variables(struct virtual_writer *writer)
{
	struct persisted_variable variable;
	for (size_t i = 0; persisted_at(writer->session->server->persisted, i, writer->arena, &variable); i++)
		add_pair(variable.name, variable.value, writer);
	return 0;
}

int fill_global_status(struct virtual_writer *writer)
{
	status_visit(writer->session, VARIABLE_GLOBAL, writer->arena, add_pair, writer);
	return 0;
}

int fill_session_status(struct virtual_writer *writer)
{
	status_visit(writer->session, VARIABLE_SESSION, writer->arena, add_pair, writer);
	return 0;
}
