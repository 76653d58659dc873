/*
 * INSTALL and UNINSTALL PLUGIN. Nothing is ever loaded: what MySQL's administrators install for replication is built in.
 * So installing it only says that it is there, and uninstalling it switches it off.
 */
#include <string.h>
#include <strings.h>

#include "exec/server_lists.h"
#include "exec/statement.h"
#include "session/variables.h"

struct optional_plugin {
	const char *name, *library;
	const char *variable; /* its switch */
};

static const struct optional_plugin optional_plugins[] = {
	{"rpl_semi_sync_source", "semisync_source.so", "rpl_semi_sync_source_enabled"},
	{"rpl_semi_sync_master", "semisync_master.so", "rpl_semi_sync_source_enabled"},
	{"rpl_semi_sync_replica", "semisync_replica.so", "rpl_semi_sync_replica_enabled"},
	{"rpl_semi_sync_slave", "semisync_slave.so", "rpl_semi_sync_replica_enabled"},
};

static const struct optional_plugin *find(const char *name)
{
	for (size_t i = 0; i < sizeof optional_plugins / sizeof *optional_plugins; i++)
		if (strcasecmp(optional_plugins[i].name, name) == 0)
			return &optional_plugins[i];
	return NULL;
}

static bool is_library(struct bytes library)
{
	for (size_t i = 0; i < sizeof optional_plugins / sizeof *optional_plugins; i++)
		if (bytes_equal(library, bytes_of_string(optional_plugins[i].library)))
			return true;
	return false;
}

int exec_install_plugin(struct statement *statement)
{
	const struct ast_plugin *ast = statement->ast->plugin;
	const struct optional_plugin *plugin = find(ast->name);
	if (statement_require(statement->session, PRIVILEGE(INSERT), "mysql", "plugin", statement->diag) != 0)
		return -1;
	if (!is_library(ast->library))
		return diag_set(statement->diag, ER_CANT_OPEN_LIBRARY,
				arena_copy_text(statement->arena, (const char *)ast->library.data,
						ast->library.size), 0,
				"plugins are built in; none can be loaded");
	if (plugin == NULL || !bytes_equal(ast->library, bytes_of_string(plugin->library)))
		return diag_set(statement->diag, ER_CANT_FIND_DL_ENTRY, ast->name);
	return statement_ok(statement, 0, NULL);
}

static bool is_built_in(const char *name)
{
	for (unsigned i = 0; i < plugin_row_count; i++)
		if (strcasecmp(plugin_rows[i].name, name) == 0)
			return true;
	return false;
}

int exec_uninstall_plugin(struct statement *statement)
{
	const char *name = statement->ast->plugin->name;
	const struct optional_plugin *plugin = find(name);
	struct value off = value_int(0);
	if (statement_require(statement->session, PRIVILEGE(DELETE), "mysql", "plugin", statement->diag) != 0)
		return -1;
	if (plugin == NULL && is_built_in(name))
		return diag_set(statement->diag, ER_PLUGIN_DELETE_BUILTIN);
	if (plugin == NULL)
		return diag_set(statement->diag, ER_SP_DOES_NOT_EXIST, "PLUGIN", name);
	if (variable_set(statement->session, VARIABLE_GLOBAL, bytes_of_string(plugin->variable), &off,
			 statement->diag) != 0)
		return -1;
	return statement_ok(statement, 0, NULL);
}
