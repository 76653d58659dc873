#include "exec/rows/table_locks.h"

#include "exec/change_log.h"

static bool is_serializable(const struct session *session)
{
	return !session->is_internal && txn_get_isolation(session->txn) == ISOLATION_SERIALIZABLE;
}

enum mdl_mode table_locks_first_mode(const struct session *session)
{
	return change_log_may_be_text(session) || is_serializable(session) ? MDL_SHARED_READ : MDL_SHARED_WRITE;
}

static int lock_source(struct environment *environment, const struct tree_source *source, bool is_written,
		       bool is_searched)
{
	struct statement *statement = environment->statement;
	struct session *session = statement->session;
	const struct table *table = source->table;
	if (is_searched && statement_lock_table(session, table->database, table->name, MDL_SHARED_READ_ONLY,
						statement->diag) != 0)
		return -1;
	if (!is_written)
		return 0;
	return statement_lock_table(session, table->database, table->name, MDL_SHARED_WRITE, statement->diag);
}

int table_locks_take(struct environment *environment, const struct tree_source *target, bool searches)
{
	struct session *session = environment->statement->session;
	bool stand_for_gaps = environment->statement->logs_text || is_serializable(session);
	if (environment->first_mode == environment->mode && !stand_for_gaps)
		return 0;
	session->reads_latest = stand_for_gaps;
	for (const struct tree_source *it = environment->resolve.sources; it; it = it->next) {
		bool is_written = it->is_target || it == target;
		bool is_searched = stand_for_gaps && (!is_written || searches);
		if (it->kind != SOURCE_TABLE || it->table->temporary)
			continue;
		if (lock_source(environment, it, is_written, is_searched) != 0)
			return -1;
	}
	return 0;
}

bool table_locks_wanted_by_select(const struct session *session)
{
	return is_serializable(session) && (session->in_transaction || !session->variables.autocommit);
}

int table_locks_take_reading(struct environment *environment)
{
	return table_locks_take(environment, NULL, false);
}
