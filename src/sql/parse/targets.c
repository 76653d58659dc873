#include "sql/parse/targets.h"

#include <string.h>
#include <strings.h>

struct targets {
	struct arena *arena;
	struct ast_object_names names;
	size_t capacity;
};

static void add(struct targets *targets, struct ast_object_name name)
{
	struct ast_object_names *names = &targets->names;
	if (names->count == targets->capacity) {
		targets->capacity = targets->capacity ? targets->capacity * 2 : 4;
		struct ast_object_name *grown = arena_array(targets->arena, struct ast_object_name, targets->capacity);
		if (names->count)
			memcpy(grown, names->items, names->count * sizeof *grown);
		names->items = grown;
	}
	names->items[names->count++] = name;
}

static void add_all(struct targets *targets, const struct ast_object_names *names)
{
	for (size_t i = 0; i < names->count; i++)
		add(targets, names->items[i]);
}

/* --------------------------------------------------------------------------------------------- UPDATE, DELETE */

/* One base table of a join, for each in the order they are named. */
typedef bool table_judge(const void *statement, const struct ast_table_ref *table, unsigned number);

static void walk(struct targets *targets, const struct ast_table_ref *ref, const void *statement,
		 table_judge *is_changed, unsigned *number)
{
	if (ref->kind == AST_JOIN) {
		walk(targets, ref->join.left, statement, is_changed, number);
		walk(targets, ref->join.right, statement, is_changed, number);
	} else if (ref->kind == AST_TABLE && is_changed(statement, ref, (*number)++)) {
		add(targets, ref->table.name);
	}
}

/* By its alias, or by its name where it has none. Aliases of tables keep their case, as tables' names do. */
static bool is_called(const struct ast_table_ref *table, const char *database, const char *name)
{
	const struct ast_object_name *own = &table->table.name;
	if (table->alias.text)
		return database == NULL && strcmp(table->alias.text, name) == 0;
	if (strcmp(own->name.text, name) != 0)
		return false;
	return database == NULL || own->database.text == NULL || strcmp(own->database.text, database) == 0;
}

struct update {
	const struct ast_update *ast;
	uint64_t map;
};

static bool is_updated(const void *statement, const struct ast_table_ref *table, unsigned number)
{
	const struct update *update = statement;
	const struct ast_assignments *assignments = &update->ast->assignments;
	if (!update->ast->multiple_tables)
		return true;
	if (update->map)
		return number < 64 && (update->map >> number & 1);
	for (size_t i = 0; i < assignments->count; i++) {
		const struct ast_expr *column = assignments->items[i].column;
		if (column->column.table == NULL ||
		    is_called(table, column->column.database, column->column.table))
			return true;
	}
	return false;
}

static bool is_deleted_from(const void *statement, const struct ast_table_ref *table, unsigned number)
{
	const struct ast_delete *ast = statement;
	if (!ast->multiple_tables)
		return true;
	for (size_t i = 0; i < ast->targets.count; i++)
		if (is_called(table, ast->targets.items[i].database.text, ast->targets.items[i].name.text))
			return true;
	return false;
}

/* -------------------------------------------------------------------------------------------------- definitions */

static void add_renamed(struct targets *targets, const struct ast_rename_tables *ast)
{
	for (size_t i = 0; i < ast->count; i++) {
		add(targets, ast->items[i].from);
		add(targets, ast->items[i].to);
	}
}

/* What the rules of MySQL are asked about for an account statement. */
static void add_account_tables(struct targets *targets)
{
	static const char *const names[] = {"user", "db", "tables_priv", "columns_priv", "procs_priv", "proxies_priv"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		add(targets, (struct ast_object_name){.database.text = "mysql", .name.text = names[i]});
}

struct ast_object_names ast_changed_tables(const struct ast_statement *statement, uint64_t update_map,
					   struct arena *arena)
{
	struct targets targets = {.arena = arena};
	struct update update = {statement->update, update_map};
	unsigned number = 0;
	switch (statement->kind) {
	case AST_INSERT: add(&targets, statement->insert->table); break;
	case AST_UPDATE: walk(&targets, statement->update->tables, &update, is_updated, &number); break;
	case AST_DELETE:
		walk(&targets, statement->delete_rows->tables, statement->delete_rows, is_deleted_from, &number);
		break;
	case AST_LOAD_DATA: add(&targets, statement->load_data->table); break;
	case AST_TRUNCATE: add(&targets, statement->table); break;
	case AST_CREATE_TABLE: add(&targets, statement->create_table->name); break;
	case AST_ALTER_TABLE: add(&targets, statement->alter_table->name); break;
	case AST_DROP_TABLE:
		if (statement->drop_tables->temporary && statement->drop_tables->if_exists)
			break;
		add_all(&targets, &statement->drop_tables->tables);
		break;
	case AST_DROP_VIEW: add_all(&targets, &statement->drop_tables->tables); break;
	case AST_RENAME_TABLE: add_renamed(&targets, statement->rename_tables); break;
	case AST_CREATE_INDEX: add(&targets, statement->create_index->table); break;
	case AST_DROP_INDEX: add(&targets, statement->drop_index->table); break;
	case AST_CREATE_VIEW: add(&targets, statement->create_view->name); break;
	case AST_TABLE_MAINTENANCE: add_all(&targets, &statement->maintenance->tables); break;
	case AST_CREATE_USER:
	case AST_ALTER_USER:
	case AST_DROP_USER:
	case AST_RENAME_USER:
	case AST_SET_PASSWORD:
	case AST_CREATE_ROLE:
	case AST_DROP_ROLE:
	case AST_GRANT:
	case AST_REVOKE:
	case AST_GRANT_ROLE:
	case AST_REVOKE_ROLE: add_account_tables(&targets); break;
	default: break;
	}
	return targets.names;
}
