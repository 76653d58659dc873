/* LOCK TABLES, UNLOCK TABLES, FLUSH. */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "binlog/log.h"
#include "channel/channel.h"
#include "exec/environment.h"
#include "exec/statement.h"

static void unlock_tables(struct session *session)
{
	session->has_locked_tables = false;
	mdl_release(session->mdl, MDL_EXPLICIT);
	if (session->has_global_read_lock)
		session_release_global_read_lock(session);
}

static int lock_one(struct statement *statement, const struct ast_lock_table *item)
{
	struct session *session = statement->session;
	const char *database;
	if (statement_database(statement, item->table.database.text, &database, statement->diag) != 0)
		return -1;
	const char *name = item->table.name.text;
	if (statement_require(session, PRIVILEGE(SELECT) | PRIVILEGE(LOCK_TABLES), database, name,
			      statement->diag) != 0)
		return -1;
	struct table *table = environment_find_any_table(session, database, name);
	struct view *view = table ? NULL : catalog_find_view(session->server->catalog, database, name);
	if (table == NULL && view == NULL)
		return diag_set(statement->diag, ER_NO_SUCH_TABLE, database, name);
	bool temporary = table && table->temporary;
	if (table)
		table_unref(&table);
	else
		view_unref(&view);
	if (temporary)
		return 0;
	bool writes = item->lock == AST_TABLE_WRITE || item->lock == AST_TABLE_LOW_PRIORITY_WRITE;
	int64_t timeout_ms = (int64_t)session->variables.lock_wait_timeout * 1000;
	if (writes && session->has_global_read_lock)
		return diag_set(statement->diag, ER_CANT_UPDATE_WITH_READLOCK);
	if (writes && mdl_acquire(session->mdl, NULL, NULL, MDL_INTENTION_EXCLUSIVE, MDL_EXPLICIT, timeout_ms,
				  statement->diag) != 0)
		return -1;
	return mdl_acquire(session->mdl, database, name, writes ? MDL_SHARED_NO_READ_WRITE : MDL_SHARED_READ_ONLY,
			   MDL_EXPLICIT, timeout_ms, statement->diag);
}

static int compare_items(const void *a, const void *b)
{
	const struct ast_lock_table *const *left = a, *const *right = b;
	return strcmp((*left)->table.name.text, (*right)->table.name.text);
}

int exec_lock_tables(struct statement *statement)
{
	struct session *session = statement->session;
	const struct ast_lock_tables *ast = statement->ast->lock_tables;
	const struct ast_lock_table **sorted = arena_array(statement->arena, const struct ast_lock_table *, ast->count);
	unlock_tables(session);
	for (size_t i = 0; i < ast->count; i++)
		sorted[i] = &ast->items[i];
	/* In one order for all, so that two sessions that lock the same tables do not deadlock. */
	qsort(sorted, ast->count, sizeof *sorted, compare_items);
	for (size_t i = 0; i < ast->count; i++)
		if (lock_one(statement, sorted[i]) != 0) {
			unlock_tables(session);
			return -1;
		}
	session->has_locked_tables = true;
	return statement_ok(statement, 0, NULL);
}

int exec_unlock_tables(struct statement *statement)
{
	struct session *session = statement->session;
	/* Ends a transaction only where it ends table locks, as MySQL has it. */
	if (session->has_locked_tables && statement_commit_implicitly(session, statement->diag) != 0)
		return -1;
	unlock_tables(session);
	return statement_ok(statement, 0, NULL);
}

/* FLUSH TABLES t1, t2 WITH READ LOCK: as LOCK TABLES t1 READ, t2 READ. */
static int flush_listed_tables(struct statement *statement)
{
	struct session *session = statement->session;
	const struct ast_flush_statement *ast = statement->ast->flush;
	unlock_tables(session);
	for (size_t i = 0; i < ast->tables.count; i++) {
		struct ast_lock_table item = {.table = ast->tables.items[i], .lock = AST_TABLE_READ};
		if (lock_one(statement, &item) != 0) {
			unlock_tables(session);
			return -1;
		}
	}
	session->has_locked_tables = true;
	return 0;
}

static int flush_tables(struct statement *statement)
{
	const struct ast_flush_statement *ast = statement->ast->flush;
	bool locks = ast->with_read_lock || ast->for_export;
	/* There is no table cache to empty: definitions are versions, rows are the store's. */
	if (!locks)
		return 0;
	if (ast->tables.count > 0)
		return flush_listed_tables(statement);
	return session_take_global_read_lock(statement->session, statement->diag);
}

static int flush_logs(struct statement *statement, unsigned what)
{
	struct server *server = statement->session->server;
	if (what & (AST_FLUSH_LOGS | AST_FLUSH_ERROR_LOGS))
		log_reopen();
	if ((what & (AST_FLUSH_LOGS | AST_FLUSH_BINARY_LOGS)) && txn_manager_binlog(server->txn_manager) &&
	    txn_manager_rotate_log(server->txn_manager, statement->diag) != 0)
		return -1;
	if ((what & (AST_FLUSH_LOGS | AST_FLUSH_RELAY_LOGS)) && server->channels)
		return channels_flush_relay_logs(server->channels, statement->ast->flush->channel, statement->diag);
	return 0;
}

int exec_flush(struct statement *statement)
{
	struct session *session = statement->session;
	unsigned what = statement->ast->flush->what;
	if (statement_require_global(session, PRIVILEGE(RELOAD), statement->diag) != 0)
		return -1;
	if (what & (AST_FLUSH_MASTER | AST_FLUSH_SLAVE | AST_FLUSH_DES_KEY_FILE))
		return diag_set(statement->diag, ER_NOT_SUPPORTED_YET, "FLUSH MASTER, FLUSH SLAVE: use RESET");
	if ((what & AST_FLUSH_TABLES) && flush_tables(statement) != 0)
		return -1;
	if (flush_logs(statement, what) != 0)
		return -1;
	if ((what & AST_FLUSH_PRIVILEGES) && accounts_reload(session->server->accounts, statement->diag) != 0)
		return -1;
	if (what & AST_FLUSH_USER_RESOURCES)
		accounts_forget_hour(session->server->accounts);
	if (what & AST_FLUSH_STATUS)
		status_reset(session);
	return statement_ok(statement, 0, NULL);
}
