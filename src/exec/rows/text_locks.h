/*
 * The table locks of a statement that is logged as text. Private to exec.
 *
 * Replicas and recovery run the texts one after the other, in the log's order. So a text must have seen what those before
 * it in the log left, and nothing of those behind it. Row locks see to the rows that are there; for the rows that are
 * not there (there are no gap locks) tables are locked against other writers until the transaction ends:
 *
 *   a table that is read                                SHARED_READ_ONLY
 *   a table that is changed, its rows being looked for  SHARED_READ_ONLY, then SHARED_WRITE
 *   a table whose rows are named by a unique key, or    SHARED_WRITE: keys are locked, there or not
 *   that rows are only put into
 *
 * The tree is resolved under SHARED_READ, because an owner that has SHARED_WRITE already would meet another such in a
 * deadlock. While these locks are held everything is read as it is now, not through the transaction's read view.
 */
#pragma once

#include "exec/environment.h"

/* How tables are locked while a changing statement is resolved: as ever, unless it may be logged as text. */
enum mdl_mode text_locks_first_mode(const struct session *session);
/*
 * The locks of a resolved statement, if it was resolved under SHARED_READ. target: what it changes besides sources that say
 * is_target, or NULL. searches: its rows are looked for.
 */
int text_locks_take(struct environment *environment, const struct tree_source *target, bool searches);
