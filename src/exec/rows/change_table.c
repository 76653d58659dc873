#include "exec/rows/change_table.h"

#include "session/variables.h"
#include "sql/resolve/tree.h"

enum { cascade_depth_max = 15 };

static int lock_children(struct session *session, const char *database, const char *name, unsigned depth,
			 struct diag *diag)
{
	struct arena *arena = &session->statement_arena;
	struct table **children;
	size_t count = catalog_list_children(session->server->catalog, database, name, arena, &children);
	int status = 0;
	for (size_t i = 0; i < count; i++) {
		struct table *child = children[i];
		bool is_self = strcmp(child->database, database) == 0 && strcmp(child->name, name) == 0;
		if (status == 0 && !is_self)
			status = statement_lock_table(session, child->database, child->name, MDL_SHARED_WRITE, diag);
		if (status == 0 && !is_self && depth < cascade_depth_max)
			status = lock_children(session, child->database, child->name, depth + 1, diag);
		table_unref(&child);
	}
	return status;
}

static int lock_family(struct session *session, const struct table *table, struct diag *diag)
{
	if (table->temporary || !session->variables.foreign_key_checks)
		return 0;
	for (unsigned i = 0; i < table->foreign_key_count; i++)
		if (statement_lock_table(session, table->foreign_keys[i].parent_database,
					 table->foreign_keys[i].parent_table, MDL_SHARED_READ, diag) != 0)
			return -1;
	return lock_children(session, table->database, table->name, 0, diag);
}

int changed_table_open(struct changed_table *changed, struct environment *environment, struct table *table,
		       bool ignore)
{
	struct statement *statement = environment->statement;
	struct session *session = statement->session;
	*changed = (struct changed_table){.table = table};
	/* What an expression warns of in a SELECT is an error in a statement that would store its value. */
	session->strict_statement = session_is_strict(session) && !ignore;
	if (lock_family(session, table, statement->diag) != 0 ||
	    row_maker_init(&changed->maker, statement, table, &environment->resolve, ignore) != 0)
		return -1;
	struct event_row_style style = session_row_style(session);
	if (style.image != EVENT_IMAGE_FULL)
		changed->maker.given = arena_array(statement->arena, uint8_t, (table->column_count + 7) / 8);
	struct change_options options = {
		.foreign_key_checks = session->variables.foreign_key_checks,
		.unique_checks = session->variables.unique_checks,
		.no_log = table->temporary || statement->logs_text,
		.catalog = session->server->catalog,
		.style = style,
		.given = changed->maker.given,
		.rows_query = &statement->rows_query,
		.check = table->check_count && session->variables.check_constraint_checks ? row_maker_check : NULL,
		.check_argument = &changed->maker,
	};
	changed->context = change_begin(session->txn, session->server->catalog, table, &options);
	return 0;
}

void changed_table_close(struct changed_table *changed)
{
	if (changed->context == NULL)
		return;
	change_end(&changed->context);
	row_maker_deinit(&changed->maker);
	buf_deinit(&changed->image);
	buf_deinit(&changed->current);
	buf_deinit(&changed->handle);
}

enum change_outcome changed_table_lock_conflict(struct changed_table *changed)
{
	struct bytes handle = change_conflict_handle(changed->context);
	buf_clear(&changed->handle);
	buf_put_bytes(&changed->handle, handle);
	return change_lock_row(changed->context, buf_bytes(&changed->handle), &changed->current,
			       changed->maker.statement->diag);
}

enum change_outcome changed_table_replace(struct changed_table *changed, uint64_t *replaced)
{
	struct diag *diag = changed->maker.statement->diag;
	enum change_outcome outcome;
	while ((outcome = change_insert(changed->context, buf_bytes(&changed->image), diag)) == CHANGE_DUPLICATE) {
		diag_clear(diag);
		outcome = changed_table_lock_conflict(changed);
		if (outcome == CHANGE_OK)
			outcome = change_delete(changed->context, buf_bytes(&changed->handle),
						buf_bytes(&changed->current), diag);
		if (outcome == CHANGE_NO_SUCH_ROW)
			continue;
		if (outcome != CHANGE_OK)
			return outcome;
		(*replaced)++;
	}
	return outcome;
}

enum change_verdict changed_table_judge(struct changed_table *changed, enum change_outcome outcome, bool ignore)
{
	struct statement *statement = changed->maker.statement;
	bool may_skip = outcome == CHANGE_DUPLICATE || outcome == CHANGE_NO_PARENT || outcome == CHANGE_HAS_CHILDREN ||
			(outcome == CHANGE_ERROR && statement->diag->code == ER_CHECK_CONSTRAINT_VIOLATED);
	switch (outcome) {
	case CHANGE_OK:
		return CHANGE_GOES_ON;
	case CHANGE_NO_SUCH_ROW:
		return CHANGE_SKIPPED; /* gone between the query and the lock: not ours to change any more */
	default:
		if (!ignore || !may_skip)
			return CHANGE_FAILED;
		warnings_add_diag(&statement->session->warnings, WARNING_WARNING, statement->diag);
		diag_clear(statement->diag);
		return CHANGE_SKIPPED;
	}
}
