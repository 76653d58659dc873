/*
 * User-level locks: GET_LOCK() and its kin. Names are the server's, owners are sessions; a session may own any number,
 * each any number of times.
 *
 * The table is made when somebody first asks for a lock and ends with the server. A lock is in it while it is owned or
 * waited for. Names are compared by their bytes: the caller folds their case.
 */
#pragma once

#include <stdint.h>

#include "base/bytes.h"
#include "base/diag.h"
#include "session/server.h"

struct session;

enum user_lock_outcome {
	USER_LOCK_TAKEN,
	USER_LOCK_TIMEOUT,
	USER_LOCK_FAILED, /* diag: 3058 a deadlock, 1317 killed */
};

/* In the session's thread. timeout_us < 0: waits without end. */
enum user_lock_outcome user_lock_take(struct session *session, struct bytes name, int64_t timeout_us,
				      struct diag *diag);

enum user_lock_release {
	USER_LOCK_RELEASED, /* once: the session may own it still */
	USER_LOCK_NOT_OWNED,
	USER_LOCK_UNKNOWN,  /* nobody owns it */
};
enum user_lock_release user_lock_release(struct session *session, struct bytes name);
/* How often the session owned some lock. Called at its end too. */
uint64_t user_lock_release_all(struct session *session);

/* The owner's connection id, 0: nobody's. Any thread. */
unsigned long user_lock_owner(struct server *server, struct bytes name);

/* No session may be left. Does nothing when there was never a lock. */
void user_locks_destroy(struct server *server);
