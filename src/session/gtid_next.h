/*
 * GTID_NEXT: which GTID the session's next transaction gets.
 *
 *   AUTOMATIC   a new one, or none, as gtid_mode says
 *   ANONYMOUS   none
 *   GIVEN       this one, which the session owns from SET on: one transaction
 *   SKIPPED     this one, which was executed before: what would change something is passed over
 *   UNDEFINED   the given one is used up: SET GTID_NEXT has to come before the next transaction
 *
 *   AUTOMATIC, ANONYMOUS --- SET ---> GIVEN --- COMMIT, ROLLBACK ---> UNDEFINED
 *        ^  ^                     `-> SKIPPED                            |
 *        |  +---------------- SET -----+                                 |
 *        +------------------------------- SET ---------------------------+
 *
 * In the session's thread.
 */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "binlog/gtid.h"

struct session;

enum gtid_next_kind {
	GTID_NEXT_AUTOMATIC,
	GTID_NEXT_ANONYMOUS,
	GTID_NEXT_GIVEN,
	GTID_NEXT_SKIPPED,
	GTID_NEXT_UNDEFINED,
};

struct gtid_next {
	enum gtid_next_kind kind; /* GIVEN may be UNDEFINED already: ask gtid_next_kind */
	struct gtid gtid;         /* GIVEN, SKIPPED */
	struct gtid reported;     /* the last that the client could be told of */
};

enum gtid_next_kind gtid_next_kind(const struct session *session);
/*
 * SET GTID_NEXT; NULL: AUTOMATIC. Waits while another session owns the GTID. -1: 1766, 1772, 1781, 1782, 1790, 1317.
 */
int gtid_next_set(struct session *session, const char *text, struct diag *diag);
void gtid_next_reset(struct session *session); /* AUTOMATIC, whatever was; no transaction is open */
const char *gtid_next_print(const struct session *session, struct arena *arena);

/*
 * session_track_gtids: what the client has not been told yet of GTIDs executed, appended: the last commit's, or all that
 * are here. False: nothing.
 */
bool gtid_next_report(struct session *session, struct buf *out);

/* Before a statement that may change something. */
enum gtid_next_verdict { GTID_NEXT_EXECUTE, GTID_NEXT_PASS_OVER, GTID_NEXT_REFUSE /* diag: 1782, 1837 */ };
enum gtid_next_verdict gtid_next_judge(struct session *session, struct diag *diag);
