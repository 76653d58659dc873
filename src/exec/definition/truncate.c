/* TRUNCATE TABLE: the same definition over new, empty key spaces; AUTO_INCREMENT begins again. */
#include "exec/definition/ddl.h"
#include "exec/definition/table_draft.h"

/* A child's rows would lose their parents without anybody looking at them. */
static int check_children(struct statement *statement, const struct table *table)
{
	struct session *session = statement->session;
	struct table **children;
	size_t count = catalog_list_children(session->server->catalog, table->database, table->name, statement->arena,
					     &children);
	int status = 0;
	for (size_t i = 0; i < count; i++) {
		struct table *child = children[i];
		bool is_self = strcmp(child->database, table->database) == 0 && strcmp(child->name, table->name) == 0;
		for (unsigned k = 0; k < child->foreign_key_count && !is_self && status == 0; k++) {
			const struct foreign_key *key = &child->foreign_keys[k];
			if (strcmp(key->parent_database, table->database) != 0 ||
			    strcmp(key->parent_table, table->name) != 0 || !session->variables.foreign_key_checks)
				continue;
			status = diag_set(statement->diag, ER_TRUNCATE_ILLEGAL_FK,
					  arena_printf(statement->arena, "`%s`.`%s`, CONSTRAINT `%s`", child->database,
						       child->name, key->name));
		}
		table_unref(&child);
	}
	return status;
}

/* The table's next version, without rows. */
static struct table *make_empty(struct statement *statement, const struct table *table)
{
	struct table_draft draft;
	draft_load(&draft, statement, table);
	draft_leave_rows(&draft);
	return draft_build(&draft);
}

static int truncate_temporary(struct statement *statement, const struct ddl_name *name)
{
	struct session *session = statement->session;
	struct table *empty = make_empty(statement, ddl_find_temporary(session, name->database, name->name));
	if (empty == NULL)
		return -1;
	if (catalog_prepare_table(session->server->catalog, empty, statement->diag) != 0) {
		table_unref(&empty);
		return -1;
	}
	ddl_drop_temporary(session, name->database, name->name);
	ddl_put_temporary(session, empty);
	return statement_ok(statement, 0, NULL);
}

static int replace(struct statement *statement, const struct table *table)
{
	struct store_txn *txn = txn_store(statement->session->txn);
	struct table *empty = make_empty(statement, table);
	if (empty == NULL)
		return -1;
	empty->create_time_us = table->create_time_us;
	struct catalog_change *change = ddl_begin(statement);
	if (catalog_drop_table(change, txn, table->database, table->name, statement->diag) != 0) {
		table_unref(&empty);
		return ddl_abandon(&change);
	}
	if (catalog_put_table(change, txn, empty, statement->diag) != 0)
		return ddl_abandon(&change);
	return ddl_commit(statement, &change, 0, NULL);
}

int exec_truncate(struct statement *statement)
{
	struct session *session = statement->session;
	struct ddl_name name;
	if (ddl_resolve_name(statement, &statement->ast->table, 0, &name) != 0)
		return -1;
	if (ddl_find_temporary(session, name.database, name.name))
		return truncate_temporary(statement, &name);
	if (ddl_check_writable(statement, name.database) != 0 ||
	    statement_require(session, PRIVILEGE(DROP), name.database, name.name, statement->diag) != 0 ||
	    ddl_lock_table(statement, name.database, name.name) != 0)
		return -1;
	struct table *table = catalog_find_table(session->server->catalog, name.database, name.name);
	if (table == NULL)
		return diag_set(statement->diag, ER_NO_SUCH_TABLE, name.database, name.name);
	int status = check_children(statement, table);
	if (status == 0)
		status = replace(statement, table);
	table_unref(&table);
	return status;
}
