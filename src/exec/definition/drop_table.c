/* DROP TABLE: all of the named tables, or none. */
#include "base/buf.h"
#include "exec/definition/ddl.h"

struct drop {
	struct statement *statement;
	struct ddl_name *names;
	size_t count;
	struct ddl_name *base;      /* those that are base tables */
	size_t base_count;
	struct ddl_name *temporary; /* those that are temporary tables of the session */
	size_t temporary_count;
	struct buf missing;         /* "db.a,db.b" */
};

static int resolve_names(struct drop *drop, const struct ast_drop_tables *ast)
{
	struct statement *statement = drop->statement;
	drop->count = ast->tables.count;
	drop->names = arena_array(statement->arena, struct ddl_name, drop->count);
	drop->base = arena_array(statement->arena, struct ddl_name, drop->count);
	drop->temporary = arena_array(statement->arena, struct ddl_name, drop->count);
	for (size_t i = 0; i < drop->count; i++) {
		struct ddl_name *name = &drop->names[i];
		if (ddl_resolve_name(statement, &ast->tables.items[i], 0, name) != 0 ||
		    ddl_check_writable(statement, name->database) != 0)
			return -1;
		if (ddl_find_temporary(statement->session, name->database, name->name)) {
			drop->temporary[drop->temporary_count++] = *name;
			continue;
		}
		if (ast->temporary)
			continue;
		if (statement_require(statement->session, PRIVILEGE(DROP), name->database, name->name,
				      statement->diag) != 0)
			return -1;
		drop->base[drop->base_count++] = *name;
	}
	return 0;
}

static void add_missing(struct drop *drop, const struct ddl_name *name, bool if_exists)
{
	const char *full = ddl_full_name(drop->statement, name->database, name->name);
	if (if_exists)
		warnings_add(&drop->statement->session->warnings, WARNING_NOTE, ER_BAD_TABLE_ERROR, full);
	if (drop->missing.size)
		buf_put_u8(&drop->missing, ',');
	buf_put_string(&drop->missing, full);
}

/* Leaves in drop->base what is there. */
static int find_tables(struct drop *drop, const struct ast_drop_tables *ast)
{
	struct statement *statement = drop->statement;
	size_t there = 0;
	if (ast->temporary) {
		for (size_t i = 0; i < drop->count; i++)
			if (!ddl_find_temporary(statement->session, drop->names[i].database, drop->names[i].name))
				add_missing(drop, &drop->names[i], ast->if_exists);
	} else {
		for (size_t i = 0; i < drop->base_count; i++) {
			struct ddl_name name = drop->base[i];
			struct table *table =
				catalog_find_table(statement->session->server->catalog, name.database, name.name);
			if (table)
				drop->base[there++] = name;
			else
				add_missing(drop, &name, ast->if_exists);
			table_unref(&table);
		}
		drop->base_count = there;
	}
	if (drop->missing.size && !ast->if_exists)
		return diag_set(statement->diag, ER_BAD_TABLE_ERROR, buf_cstring(&drop->missing));
	return 0;
}

static bool is_dropped(const struct drop *drop, const struct table *table)
{
	for (size_t i = 0; i < drop->base_count; i++)
		if (strcmp(drop->base[i].database, table->database) == 0 &&
		    strcmp(drop->base[i].name, table->name) == 0)
			return true;
	return false;
}

static const char *constraint_on(const struct table *child, const struct ddl_name *parent)
{
	for (unsigned i = 0; i < child->foreign_key_count; i++)
		if (strcmp(child->foreign_keys[i].parent_database, parent->database) == 0 &&
		    strcmp(child->foreign_keys[i].parent_table, parent->name) == 0)
			return child->foreign_keys[i].name;
	return "";
}

/* A parent may only go together with its children. */
static int check_children(struct drop *drop, const struct ddl_name *name)
{
	struct session *session = drop->statement->session;
	struct table **children;
	size_t count = catalog_list_children(session->server->catalog, name->database, name->name,
					     drop->statement->arena, &children);
	int status = 0;
	for (size_t i = 0; i < count; i++) {
		struct table *child = children[i];
		if (status == 0 && session->variables.foreign_key_checks && !is_dropped(drop, child))
			status = diag_set(drop->statement->diag, ER_FK_CANNOT_DROP_PARENT, name->name,
					  constraint_on(child, name), child->name);
		table_unref(&child);
	}
	return status;
}

static int drop_base(struct drop *drop, struct catalog_change *change)
{
	struct statement *statement = drop->statement;
	for (size_t i = 0; i < drop->base_count; i++) {
		const struct ddl_name *name = &drop->base[i];
		if (check_children(drop, name) != 0 ||
		    catalog_drop_table(change, txn_store(statement->session->txn), name->database, name->name,
				       statement->diag) != 0)
			return -1;
	}
	return 0;
}

/* Where temporary tables were named too, the log is told of the others only: replicas have no temporary tables. */
static struct bytes loggable_text(const struct drop *drop, const struct ast_drop_tables *ast)
{
	struct statement *statement = drop->statement;
	struct buf text;
	if (drop->temporary_count == 0)
		return statement->text;
	statement->logs_utf8 = true;
	buf_init(&text);
	buf_put_string(&text, ast->if_exists ? "DROP TABLE IF EXISTS " : "DROP TABLE ");
	for (size_t i = 0; i < drop->base_count; i++) {
		buf_put_string(&text, i ? "," : "");
		ast_name_print(drop->base[i].database, &text);
		buf_put_u8(&text, '.');
		ast_name_print(drop->base[i].name, &text);
	}
	struct bytes copy = bytes_of(arena_copy(statement->arena, text.data, text.size), text.size);
	buf_deinit(&text);
	return copy;
}

static int run(struct drop *drop, const struct ast_drop_tables *ast)
{
	struct statement *statement = drop->statement;
	if (resolve_names(drop, ast) != 0 || ddl_lock_tables(statement, drop->base, drop->base_count) != 0 ||
	    find_tables(drop, ast) != 0)
		return -1;
	bool only_temporary = ast->temporary || (drop->base_count == 0 && drop->temporary_count > 0);
	struct catalog_change *change = only_temporary ? NULL : ddl_begin(statement);
	if (change && drop_base(drop, change) != 0)
		return ddl_abandon(&change);
	for (size_t i = 0; i < drop->temporary_count; i++)
		ddl_drop_temporary(statement->session, drop->temporary[i].database, drop->temporary[i].name);
	if (change == NULL)
		return statement_ok(statement, 0, NULL);
	return ddl_commit_as(statement, &change, loggable_text(drop, ast), 0, NULL);
}

int exec_drop_table(struct statement *statement)
{
	struct drop drop = {.statement = statement};
	int status = run(&drop, statement->ast->drop_tables);
	buf_deinit(&drop.missing);
	return status;
}
