#include "exec/rows/text_locks.h"

#include "exec/change_log.h"

enum mdl_mode text_locks_first_mode(const struct session *session)
{
	return change_log_may_be_text(session) ? MDL_SHARED_READ : MDL_SHARED_WRITE;
}

static int lock_source(struct environment *environment, const struct tree_source *source, bool is_written,
		       bool is_searched)
{
	struct statement *statement = environment->statement;
	struct session *session = statement->session;
	const struct table *table = source->table;
	if (statement->logs_text && is_searched &&
	    statement_lock_table(session, table->database, table->name, MDL_SHARED_READ_ONLY, statement->diag) != 0)
		return -1;
	if (!is_written)
		return 0;
	return statement_lock_table(session, table->database, table->name, MDL_SHARED_WRITE, statement->diag);
}

int text_locks_take(struct environment *environment, const struct tree_source *target, bool searches)
{
	bool logs_text = environment->statement->logs_text;
	if (environment->first_mode == environment->mode && !logs_text)
		return 0;
	environment->statement->session->reads_latest = logs_text;
	for (const struct tree_source *it = environment->resolve.sources; it; it = it->next) {
		bool is_written = it->is_target || it == target;
		if (it->kind != SOURCE_TABLE || it->table->temporary)
			continue;
		if (lock_source(environment, it, is_written, !is_written || searches) != 0)
			return -1;
	}
	return 0;
}
