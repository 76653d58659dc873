/*
 * The table locks that stand for gap locks. Private to exec.
 *
 * Row locks see to the rows that are there. There are no gap locks, so for the rows that are not there tables are locked
 * against other writers until the transaction ends. Two kinds of statements need that:
 *
 *   logged as text      Replicas and recovery run the texts one after the other, in the log's order. So a text must have
 *                       seen what those before it in the log left, and nothing of those behind it.
 *   under SERIALIZABLE  What a transaction has read, and what it has not found, must be so still when it commits. Not for
 *                       a SELECT that is a transaction of its own: one snapshot is enough for it.
 *
 *   a table that is read                                SHARED_READ_ONLY
 *   a table that is changed, its rows being looked for  SHARED_READ_ONLY, then SHARED_WRITE
 *   a table whose rows are named by a unique key, or    SHARED_WRITE: keys are locked, there or not
 *   that rows are only put into
 *   the one table of a SELECT, named by a unique key    SHARED_READ: the key is locked (shared), there or not
 *
 * The tree is resolved under SHARED_READ, because an owner that has SHARED_WRITE already would meet another such in a
 * deadlock. While these locks are held everything is read as it is now, not through the transaction's read view.
 */
#pragma once

#include "exec/environment.h"

/* How tables are locked while a changing statement is resolved: as ever, unless it may need these locks. */
enum mdl_mode table_locks_first_mode(const struct session *session);
/*
 * The locks of a resolved statement, if it was resolved under SHARED_READ. target: what it changes besides sources that say
 * is_target, or NULL. searches: its rows are looked for.
 */
int table_locks_take(struct environment *environment, const struct tree_source *target, bool searches);
/* Is a SELECT part of a SERIALIZABLE transaction, to be read by what is locked? */
bool table_locks_wanted_by_select(const struct session *session);
/* Its locks, once it is resolved, on all that it reads. */
int table_locks_take_reading(struct environment *environment);
