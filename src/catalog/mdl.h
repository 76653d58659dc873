/*
 * Metadata locks: while a transaction uses a table, nobody changes its definition.
 *
 * Names are "database" or "database/table"; one more name is the whole server (GLOBAL), for FLUSH TABLES WITH
 * READ LOCK and for DDL's own intention. Who takes what:
 *
 *   reading rows             SHARED_READ on the table
 *   changing rows            INTENTION_EXCLUSIVE on GLOBAL, SHARED_WRITE on the table
 *   DDL on a table           INTENTION_EXCLUSIVE on GLOBAL and the database, EXCLUSIVE on the table
 *   DROP, ALTER DATABASE     INTENTION_EXCLUSIVE on GLOBAL, EXCLUSIVE on the database
 *   FLUSH TABLES ... LOCK    SHARED_READ_ONLY on GLOBAL
 *
 * Two owners may hold a lock on one name together where there is a +; an owner never conflicts with itself.
 *
 *                        SR  SW  SRO  SNRW  IX  X
 *   SHARED_READ           +   +   +    -    +   -
 *   SHARED_WRITE          +   +   -    -    +   -
 *   SHARED_READ_ONLY      +   -   +    -    -   -
 *   SHARED_NO_READ_WRITE  -   -   -    -    -   -
 *   INTENTION_EXCLUSIVE   +   +   -    -    +   -
 *   EXCLUSIVE             -   -   -    -    -   -
 *
 * Waiters queue in order: a request also waits for those before it that it conflicts with, so a writer is not
 * starved. Only an owner that holds a lock on the name already passes the queue (it would close a cycle).
 * A wait that closes a cycle among metadata locks ends one of them with a deadlock error: the one with the
 * weakest request, the newest among equals. Row locks are not seen here; but who holds rows and waits for an owner that
 * itself waits for a row is taken for the end of a cycle, and answered with a deadlock after a moment. Other cycles
 * through row locks end by their timeout.
 *
 * An owner is used by one thread at a time; only mdl_kill and mdl_clear_kill come from others.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/diag.h"

enum mdl_mode {
	MDL_SHARED_READ,          /* reading rows */
	MDL_SHARED_WRITE,         /* changing rows */
	MDL_SHARED_READ_ONLY,     /* LOCK TABLES ... READ, FTWRL on GLOBAL: no writes by others */
	MDL_SHARED_NO_READ_WRITE, /* LOCK TABLES ... WRITE */
	MDL_INTENTION_EXCLUSIVE,  /* on GLOBAL and on the database, by all who write or do DDL below */
	MDL_EXCLUSIVE,            /* DDL */
	MDL_MODE_COUNT,
};

struct mdl;       /* the table of locks; one a server */
struct mdl_owner; /* one a session */

struct mdl *mdl_create(void);
void mdl_destroy(struct mdl **mdl);
struct mdl_owner *mdl_owner_create(struct mdl *mdl, unsigned long connection_id);
void mdl_owner_destroy(struct mdl_owner **owner); /* releases all */

/* *waits_for_row (borrowed, outlives the owner's locks) is true while the owner waits for a row lock. Once, at creation. */
void mdl_owner_watch(struct mdl_owner *owner, const atomic_bool *waits_for_row);
void mdl_owner_set_holds_rows(struct mdl_owner *owner, bool holds_rows); /* for its requests from now on */

/* Duration: locks die with the statement, the transaction, or when released by name (LOCK TABLES, FTWRL). */
enum mdl_duration { MDL_STATEMENT, MDL_TRANSACTION, MDL_EXPLICIT };
/*
 * Waits at most timeout_ms, then 1205; 1213 for a deadlock among metadata locks; 1317 when killed. A lock the owner already
 * has in an equal or stronger mode is granted at once. table NULL: the database; both NULL: GLOBAL.
 */
int mdl_acquire(struct mdl_owner *owner, const char *database, const char *table, enum mdl_mode mode,
		enum mdl_duration duration, int64_t timeout_ms, struct diag *diag);
void mdl_release(struct mdl_owner *owner, enum mdl_duration duration);
void mdl_release_name(struct mdl_owner *owner, const char *database, const char *table, enum mdl_duration duration);
/* Is the lock held in this mode or a stronger one? */
bool mdl_holds(const struct mdl_owner *owner, const char *database, const char *table, enum mdl_mode mode);
/* What the owner waits for at this moment, for the process list. Any thread. */
enum mdl_scope { MDL_SCOPE_NONE, MDL_SCOPE_GLOBAL, MDL_SCOPE_DATABASE, MDL_SCOPE_TABLE };
enum mdl_scope mdl_awaited(const struct mdl_owner *owner);
void mdl_kill(struct mdl_owner *owner); /* from another thread: its wait, now or next, answers 1317 */
void mdl_clear_kill(struct mdl_owner *owner);
