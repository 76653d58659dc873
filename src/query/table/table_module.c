/* A table's module: its columns as SQLite sees them, and its methods. */
#include <stdio.h>

#include "base/memory.h"
#include "query/table/cursor.h"
#include "sql/resolve/tree.h"

static int table_connect(sqlite3 *db, void *argument, int count, const char *const *words, sqlite3_vtab **out_vtab,
			 char **out_error)
{
	struct table_module *module = argument;
	const struct table *table = module->key.table;
	struct buf sql;
	buf_init(&sql);
	buf_put_string(&sql, "CREATE TABLE x(");
	for (unsigned i = 0; i < table->column_count; i++) {
		const struct column_type *type = &table->columns[i].type;
		buf_printf(&sql, "c%u", i + 1);
		if (class_of_type(type) == CLASS_TEXT)
			buf_printf(&sql, " COLLATE \"%s\"", type->collation->name);
		buf_put_string(&sql, ", ");
	}
	buf_put_string(&sql, "h, i, p1, p2, r)");
	int status = sqlite3_declare_vtab(db, buf_cstring(&sql));
	buf_deinit(&sql);
	if (status != SQLITE_OK)
		return status;
	struct table_vtab *vtab = memory_zalloc(sizeof *vtab);
	vtab->module = module;
	*out_vtab = &vtab->base;
	return SQLITE_OK;
}

static int table_disconnect(sqlite3_vtab *vtab)
{
	memory_free(vtab);
	return SQLITE_OK;
}

/* What SQLite is told when it evaluates what was meant for the module: nothing is known, all rows are to be seen. */
static void always_true(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	sqlite3_result_int(context, 1);
}

static int table_find_function(sqlite3_vtab *vtab, int count, const char *name,
			       void (**out_function)(sqlite3_context *, int, sqlite3_value **), void **out_data)
{
	int constraint = sqlite3_stricmp(name, "gm_like_range") == 0 ? like_constraint
			 : sqlite3_stricmp(name, "gm_pushed") == 0   ? pushed_constraint
								      : 0;
	*out_function = always_true;
	*out_data = NULL;
	return count == 2 ? constraint : 0;
}

/* xCreate is missing: the tables are there without being created, and cannot be. */
const sqlite3_module table_module_methods = {
	.iVersion = 1,
	.xConnect = table_connect,
	.xBestIndex = table_best_index,
	.xDisconnect = table_disconnect,
	.xOpen = cursor_open,
	.xClose = cursor_close,
	.xFilter = cursor_filter,
	.xNext = cursor_next,
	.xEof = cursor_eof,
	.xColumn = cursor_column,
	.xRowid = cursor_rowid,
	.xFindFunction = table_find_function,
};
