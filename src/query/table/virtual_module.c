/*
 * Tables whose rows the server makes up. A cursor has them all made when it is filtered, told what equalities are asked
 * for, and gives them one by one.
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "query/evaluation.h"
#include "query/table/module.h"
#include "query/pool.h"
#include "query/value_sqlite.h"

/* Rows of one filling: values stand in the arena, row behind row. */
struct virtual_rows {
	struct arena arena;
	unsigned column_count;
	struct value **rows;
	size_t count, capacity;
	uint64_t limit_bytes;
};

struct virtual_cursor {
	sqlite3_vtab_cursor base;
	struct table_module *module;
	struct virtual_rows rows;
	size_t at;
};

void virtual_rows_add(struct virtual_rows *rows, const struct value *values)
{
	if (rows->count == rows->capacity)
		rows->rows = memory_grow(rows->rows, sizeof *rows->rows, rows->count + 1, &rows->capacity);
	struct value *row = arena_array(&rows->arena, struct value, rows->column_count);
	for (unsigned i = 0; i < rows->column_count; i++)
		row[i] = value_copy(&values[i], &rows->arena);
	rows->rows[rows->count++] = row;
}

static void forget_rows(struct virtual_rows *rows)
{
	arena_reset(&rows->arena);
	rows->count = 0;
}

static int virtual_connect(sqlite3 *db, void *argument, int count, const char *const *words, sqlite3_vtab **out_vtab,
			   char **out_error)
{
	struct table_module *module = argument;
	const struct virtual_table *table = module->key.virtual_table;
	struct buf sql;
	buf_init(&sql);
	buf_put_string(&sql, "CREATE TABLE x(");
	for (unsigned i = 0; i < table->column_count; i++) {
		const struct column_type *type = &table->column_types[i];
		buf_printf(&sql, "%sc%u", i > 0 ? ", " : "", i + 1);
		if (class_of_type(type) == CLASS_TEXT)
			buf_printf(&sql, " COLLATE \"%s\"", type->collation->name);
	}
	buf_put_string(&sql, ")");
	int status = sqlite3_declare_vtab(db, buf_cstring(&sql));
	buf_deinit(&sql);
	if (status != SQLITE_OK)
		return status;
	struct table_vtab *vtab = memory_zalloc(sizeof *vtab);
	vtab->module = module;
	*out_vtab = &vtab->base;
	return SQLITE_OK;
}

static int virtual_disconnect(sqlite3_vtab *vtab)
{
	memory_free(vtab);
	return SQLITE_OK;
}

/* Every usable equality is passed on, each column once; idxStr lists the columns: "2,1;". idxNum says if all are read. */
static int virtual_best_index(sqlite3_vtab *vtab, sqlite3_index_info *info)
{
	const struct virtual_table *table = ((struct table_vtab *)vtab)->module->key.virtual_table;
	struct buf columns;
	int used = 0;
	buf_init(&columns);
	for (int i = 0; i < info->nConstraint; i++) {
		const struct sqlite3_index_constraint *constraint = &info->aConstraint[i];
		if (!constraint->usable || constraint->op != SQLITE_INDEX_CONSTRAINT_EQ || constraint->iColumn < 0 ||
		    used >= 8)
			continue;
		info->aConstraintUsage[i].argvIndex = ++used;
		buf_printf(&columns, "%d,", constraint->iColumn);
	}
	buf_printf(&columns, ";%llx;", (unsigned long long)info->colUsed);
	info->idxStr = sqlite3_mprintf("%s", buf_cstring(&columns));
	info->needToFreeIdxStr = 1;
	buf_deinit(&columns);
	info->estimatedRows = used ? 10 : 1000;
	info->estimatedCost = (used ? 1000.0 : 10000.0) + table->column_count;
	return info->idxStr ? SQLITE_OK : SQLITE_NOMEM;
}

static int virtual_open(sqlite3_vtab *vtab, sqlite3_vtab_cursor **out_cursor)
{
	struct virtual_cursor *cursor = memory_zalloc(sizeof *cursor);
	cursor->module = ((struct table_vtab *)vtab)->module;
	cursor->rows.column_count = cursor->module->key.virtual_table->column_count;
	arena_init(&cursor->rows.arena);
	*out_cursor = &cursor->base;
	return SQLITE_OK;
}

static int virtual_close(sqlite3_vtab_cursor *base)
{
	struct virtual_cursor *cursor = (struct virtual_cursor *)base;
	arena_deinit(&cursor->rows.arena);
	memory_free(cursor->rows.rows);
	memory_free(cursor);
	return SQLITE_OK;
}

/* What a column must equal, as a value; it lives in the rows' arena. */
static const struct value *value_of_argument(struct virtual_cursor *cursor, unsigned column, sqlite3_value *argument)
{
	const struct column_type *type = &cursor->module->key.virtual_table->column_types[column];
	struct program_item item = {.class = class_of_type(type), .type = *type, .collation = collation_utf8mb4_default};
	struct decimal decimal;
	struct buf text;
	struct value value, *copy = arena_new(&cursor->rows.arena, struct value);
	buf_init(&text);
	value_read_sqlite(argument, &item, &decimal, &text, &value);
	*copy = value_copy(&value, &cursor->rows.arena);
	buf_deinit(&text);
	return copy;
}

static int fill(struct virtual_cursor *cursor, const struct value *const *equals, uint64_t used)
{
	struct evaluator_handle *handle = cursor->module->handle;
	const struct virtual_table *table = cursor->module->key.virtual_table;
	virtual_fill *make_rows = pool_virtual_fill(handle->pool);
	bool *wanted = arena_array(&cursor->rows.arena, bool, table->column_count + 1);
	for (unsigned i = 0; i < table->column_count; i++)
		wanted[i] = used >> (i < 63 ? i : 63) & 1;
	struct virtual_request request = {
		.session = handle->session, .table = table, .equals = equals, .wanted = wanted, .arena = &cursor->rows.arena,
	};
	if (make_rows == NULL)
		return SQLITE_OK;
	/* Filling may run evaluations of its own, of this session, in other handles. */
	return make_rows(&request, &cursor->rows, &handle->diag) == 0 ? SQLITE_OK : SQLITE_ERROR;
}

static int virtual_filter(sqlite3_vtab_cursor *base, int plan, const char *columns, int count, sqlite3_value **arguments)
{
	struct virtual_cursor *cursor = (struct virtual_cursor *)base;
	unsigned column_count = cursor->rows.column_count;
	forget_rows(&cursor->rows);
	cursor->at = 0;
	const struct value **equals = arena_array(&cursor->rows.arena, const struct value *, column_count + 1);
	for (int i = 0; i < count; i++) {
		char *end;
		unsigned long column = strtoul(columns, &end, 10);
		columns = end + 1;
		if (sqlite3_value_type(arguments[i]) == SQLITE_NULL)
			return SQLITE_OK; /* nothing equals NULL */
		if (column < column_count)
			equals[column] = value_of_argument(cursor, (unsigned)column, arguments[i]);
	}
	return fill(cursor, equals, strtoull(columns + 1, NULL, 16));
}

static int virtual_next(sqlite3_vtab_cursor *base)
{
	((struct virtual_cursor *)base)->at++;
	return SQLITE_OK;
}

static int virtual_eof(sqlite3_vtab_cursor *base)
{
	struct virtual_cursor *cursor = (struct virtual_cursor *)base;
	return cursor->at >= cursor->rows.count;
}

static int virtual_column(sqlite3_vtab_cursor *base, sqlite3_context *context, int column)
{
	struct virtual_cursor *cursor = (struct virtual_cursor *)base;
	const struct column_type *type = &cursor->module->key.virtual_table->column_types[column];
	struct value_place place = {.context = context};
	return value_put(&place, cursor->module->handle, &cursor->rows.rows[cursor->at][column], class_of_type(type), type);
}

static int virtual_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *out_rowid)
{
	*out_rowid = (sqlite3_int64)((struct virtual_cursor *)base)->at;
	return SQLITE_OK;
}

const sqlite3_module virtual_module_methods = {
	.iVersion = 1,
	.xConnect = virtual_connect,
	.xBestIndex = virtual_best_index,
	.xDisconnect = virtual_disconnect,
	.xOpen = virtual_open,
	.xClose = virtual_close,
	.xFilter = virtual_filter,
	.xNext = virtual_next,
	.xEof = virtual_eof,
	.xColumn = virtual_column,
	.xRowid = virtual_rowid,
};
