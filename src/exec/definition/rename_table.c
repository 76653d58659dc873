/* RENAME TABLE: pairs, one after the other, all or none; foreign keys that reference a table follow it. */
#include "exec/definition/ddl.h"
#include "exec/definition/rename_table.h"
#include "exec/definition/table_draft.h"

static bool references(const struct draft_foreign_key *key, const struct ddl_name *name)
{
	return strcmp(key->parent_database, name->database) == 0 && strcmp(key->parent_table, name->name) == 0;
}

/* The first step of a swap may have moved the table already: what counts is where it stands in this statement. */
struct table *renames_find(struct renames *renames, const char *database, const char *name)
{
	for (size_t i = renames->count; i-- > 0;) {
		struct renamed_table *it = &renames->tables[i];
		if (strcmp(it->now.database, database) == 0 && strcmp(it->now.name, name) == 0)
			return it->is_gone ? NULL : table_ref(it->table);
	}
	return catalog_find_table(renames->statement->session->server->catalog, database, name);
}

static struct renamed_table *remember(struct renames *renames, const struct ddl_name *name, struct table *table)
{
	for (size_t i = 0; i < renames->count; i++) {
		struct renamed_table *it = &renames->tables[i];
		if (strcmp(it->now.database, name->database) != 0 || strcmp(it->now.name, name->name) != 0)
			continue;
		table_unref(&it->table);
		it->table = table;
		it->is_gone = table == NULL;
		return it;
	}
	if (renames->count == renames->capacity) {
		struct renamed_table *old = renames->tables;
		renames->capacity = renames->capacity ? renames->capacity * 2 : 8;
		renames->tables = arena_array(renames->statement->arena, struct renamed_table, renames->capacity);
		if (renames->count)
			memcpy(renames->tables, old, renames->count * sizeof *old);
	}
	struct renamed_table *it = &renames->tables[renames->count++];
	*it = (struct renamed_table){*name, table, table == NULL};
	return it;
}

int renames_put_version(struct renames *renames, struct catalog_change *change, struct table_draft *draft,
			const struct table *old)
{
	struct statement *statement = renames->statement;
	struct store_txn *txn = txn_store(statement->session->txn);
	struct table *made = draft_build(draft);
	if (made == NULL)
		return -1;
	made->create_time_us = old->create_time_us;
	if (!old->has_primary_key) {
		made->indexes[0].space = old->indexes[0].space;
		made->indexes[made->index_count - 1].space = old->indexes[old->index_count - 1].space;
	}
	if (catalog_drop_table(change, txn, old->database, old->name, statement->diag) != 0) {
		table_unref(&made);
		return -1;
	}
	struct table *kept = table_ref(made);
	if (catalog_put_table(change, txn, made, statement->diag) != 0) {
		table_unref(&kept);
		return -1;
	}
	struct ddl_name was = {arena_copy_string(statement->arena, old->database),
			       arena_copy_string(statement->arena, old->name)};
	struct ddl_name is = {arena_copy_string(statement->arena, kept->database),
			      arena_copy_string(statement->arena, kept->name)};
	remember(renames, &was, NULL);
	remember(renames, &is, kept);
	return 0;
}

/* Constraints with generated names take the table's new one along, as InnoDB's do. */
static void rename_constraints(struct table_draft *draft, const char *old_name)
{
	size_t size = strlen(old_name);
	for (struct draft_foreign_key *key = draft->foreign_keys; key; key = key->next)
		if (strncmp(key->name, old_name, size) == 0 && strncmp(key->name + size, "_ibfk_", 6) == 0)
			key->name = arena_printf(draft->statement->arena, "%s%s", draft->name, key->name + size);
	for (struct draft_check *check = draft->checks; check; check = check->next)
		if (strncmp(check->name, old_name, size) == 0 && strncmp(check->name + size, "_chk_", 5) == 0)
			check->name = arena_printf(draft->statement->arena, "%s%s", draft->name, check->name + size);
}

static void redirect(struct table_draft *draft, const struct ddl_name *from, const struct ddl_name *to)
{
	for (struct draft_foreign_key *key = draft->foreign_keys; key; key = key->next) {
		if (!references(key, from))
			continue;
		key->parent_database = to->database;
		key->parent_table = to->name;
	}
}

int renames_redirect_children(struct renames *renames, struct catalog_change *change, const struct ddl_name *from,
			      const struct ddl_name *to)
{
	struct statement *statement = renames->statement;
	struct table **children;
	size_t count = catalog_list_children(statement->session->server->catalog, from->database, from->name,
					     statement->arena, &children);
	int status = 0;
	for (size_t i = 0; i < count; i++) {
		struct table *child = children[i];
		bool is_self = strcmp(child->database, from->database) == 0 && strcmp(child->name, from->name) == 0;
		struct table *current = is_self ? NULL : renames_find(renames, child->database, child->name);
		if (status == 0 && current) {
			struct table_draft draft;
			status = ddl_lock_table(statement, child->database, child->name);
			draft_load(&draft, statement, current);
			redirect(&draft, from, to);
			if (status == 0)
				status = renames_put_version(renames, change, &draft, current);
		}
		table_unref(&current);
		table_unref(&child);
	}
	return status;
}

static int check_target(struct renames *renames, const struct ddl_name *to)
{
	struct statement *statement = renames->statement;
	if (ddl_check_table_name(statement, to->name) != 0 || ddl_check_database(statement, to->database) != 0)
		return -1;
	struct table *table = renames_find(renames, to->database, to->name);
	struct view *view = catalog_find_view(statement->session->server->catalog, to->database, to->name);
	bool taken = table || view;
	table_unref(&table);
	view_unref(&view);
	return taken ? diag_set(statement->diag, ER_TABLE_EXISTS_ERROR, to->name) : 0;
}

static struct view *copy_view(const struct view *old, const struct ddl_name *to)
{
	struct view *made = view_create();
	struct arena *arena = &made->arena;
	made->database = arena_copy_string(arena, to->database);
	made->name = arena_copy_string(arena, to->name);
	made->select_text = arena_copy_string(arena, old->select_text);
	made->definer_user = arena_copy_string(arena, old->definer_user);
	made->definer_host = arena_copy_string(arena, old->definer_host);
	made->algorithm = arena_copy_string(arena, old->algorithm);
	made->security = arena_copy_string(arena, old->security);
	made->check_option = arena_copy_string(arena, old->check_option);
	made->charset_client = arena_copy_string(arena, old->charset_client);
	made->collation_connection = arena_copy_string(arena, old->collation_connection);
	made->column_count = old->column_count;
	if (old->column_names)
		made->column_names = arena_array(arena, const char *, old->column_count + 1);
	for (unsigned i = 0; old->column_names && i < old->column_count; i++)
		made->column_names[i] = arena_copy_string(arena, old->column_names[i]);
	return made;
}

/* A view's text is read in its own database, so it stays there. */
static int rename_view(struct renames *renames, struct catalog_change *change, const struct ddl_name *from,
		       const struct ddl_name *to)
{
	struct statement *statement = renames->statement;
	struct store_txn *txn = txn_store(statement->session->txn);
	struct view *old = catalog_find_view(statement->session->server->catalog, from->database, from->name);
	if (old == NULL)
		return diag_set(statement->diag, ER_NO_SUCH_TABLE, from->database, from->name);
	struct view *made = copy_view(old, to);
	view_unref(&old);
	if (strcmp(from->database, to->database) != 0) {
		view_unref(&made);
		return diag_set(statement->diag, ER_FORBID_SCHEMA_CHANGE, from->database, to->database);
	}
	if (catalog_drop_view(change, txn, from->database, from->name, statement->diag) != 0) {
		view_unref(&made);
		return -1;
	}
	return catalog_put_view(change, txn, made, statement->diag);
}

static int rename_one(struct renames *renames, struct catalog_change *change, const struct ddl_name *from,
		      const struct ddl_name *to)
{
	struct statement *statement = renames->statement;
	if (check_target(renames, to) != 0)
		return -1;
	struct table *table = renames_find(renames, from->database, from->name);
	if (table == NULL)
		return rename_view(renames, change, from, to);
	struct table_draft draft;
	draft_load(&draft, statement, table);
	draft.database = to->database;
	draft.name = to->name;
	rename_constraints(&draft, from->name);
	redirect(&draft, from, to);
	int status = renames_put_version(renames, change, &draft, table);
	table_unref(&table);
	return status == 0 ? renames_redirect_children(renames, change, from, to) : -1;
}

void renames_deinit(struct renames *renames)
{
	for (size_t i = 0; i < renames->count; i++)
		table_unref(&renames->tables[i].table);
}

int exec_rename_table(struct statement *statement)
{
	const struct ast_rename_tables *ast = statement->ast->rename_tables;
	struct renames renames = {.statement = statement};
	struct ddl_name *names = arena_array(statement->arena, struct ddl_name, ast->count * 2);
	for (size_t i = 0; i < ast->count; i++) {
		if (ddl_resolve_name(statement, &ast->items[i].from, PRIVILEGE(ALTER) | PRIVILEGE(DROP),
				     &names[2 * i]) != 0 ||
		    ddl_resolve_name(statement, &ast->items[i].to, PRIVILEGE(CREATE) | PRIVILEGE(INSERT),
				     &names[2 * i + 1]) != 0 ||
		    ddl_check_writable(statement, names[2 * i].database) != 0 ||
		    ddl_check_writable(statement, names[2 * i + 1].database) != 0)
			return -1;
	}
	if (statement->session->has_locked_tables)
		return diag_set(statement->diag, ER_LOCK_OR_ACTIVE_TRANSACTION);
	if (ddl_lock_tables(statement, names, ast->count * 2) != 0)
		return -1;
	struct catalog_change *change = ddl_begin(statement);
	int status = 0;
	for (size_t i = 0; i < ast->count && status == 0; i++)
		status = rename_one(&renames, change, &names[2 * i], &names[2 * i + 1]);
	status = status == 0 ? ddl_commit(statement, &change, 0, NULL) : ddl_abandon(&change);
	renames_deinit(&renames);
	return status;
}
