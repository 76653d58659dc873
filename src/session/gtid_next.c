#include "session/gtid_next.h"

#include <strings.h>

#include "session/session.h"

/* The transaction gives its GTID back when it ends: that is what uses it up. */
enum gtid_next_kind gtid_next_kind(const struct session *session)
{
	enum gtid_next_kind kind = session->gtid_next.kind;
	return kind == GTID_NEXT_GIVEN && !txn_owns_gtid(session->txn) ? GTID_NEXT_UNDEFINED : kind;
}

const char *gtid_next_print(const struct session *session, struct arena *arena)
{
	char text[gtid_text_size + 1];
	switch (session->gtid_next.kind) {
	case GTID_NEXT_AUTOMATIC: return "AUTOMATIC";
	case GTID_NEXT_ANONYMOUS: return "ANONYMOUS";
	default: break;
	}
	gtid_print(&session->gtid_next.gtid, text);
	return arena_copy_string(arena, text);
}

static void become(struct session *session, enum gtid_next_kind kind, const struct gtid *gtid)
{
	struct txn_origin origin = {.anonymous = kind == GTID_NEXT_ANONYMOUS};
	session->gtid_next.kind = kind;
	session->gtid_next.gtid = (struct gtid){0};
	if (gtid) {
		session->gtid_next.gtid = origin.gtid = *gtid;
		origin.has_gtid = true;
	}
	txn_set_origin(session->txn, &origin);
}

void gtid_next_reset(struct session *session)
{
	if (session->gtid_next.kind != GTID_NEXT_AUTOMATIC)
		become(session, GTID_NEXT_AUTOMATIC, NULL);
}

static int check_may_change(struct session *session, struct diag *diag)
{
	char text[gtid_text_size + 1];
	if (session->in_transaction || txn_has_changes(session->txn))
		return diag_set(diag, ER_VARIABLE_NOT_SETTABLE_IN_TRANSACTION, "gtid_next");
	if (!txn_owns_gtid(session->txn))
		return 0;
	gtid_print(&session->gtid_next.gtid, text);
	return diag_set(diag, ER_CANT_SET_GTID_NEXT_WHEN_OWNING_GTID, text);
}

static int set_given(struct session *session, const struct gtid *gtid, struct diag *diag)
{
	if (txn_manager_gtid_mode(session->server->txn_manager) == TXN_GTID_OFF)
		return diag_set(diag, ER_CANT_SET_GTID_NEXT_TO_GTID_WHEN_GTID_MODE_IS_OFF);
	become(session, GTID_NEXT_GIVEN, gtid);
	switch (txn_gtid_begin(session->txn, NULL, diag)) {
	case TXN_GTID_OWNED:
		return 0;
	case TXN_GTID_EXECUTED:
		session->gtid_next.kind = GTID_NEXT_SKIPPED;
		return 0;
	default:
		gtid_next_reset(session);
		return -1;
	}
}

int gtid_next_set(struct session *session, const char *text, struct diag *diag)
{
	struct gtid gtid;
	if (check_may_change(session, diag) < 0)
		return -1;
	if (text == NULL || strcasecmp(text, "AUTOMATIC") == 0) {
		gtid_next_reset(session);
		return 0;
	}
	if (strcasecmp(text, "ANONYMOUS") == 0) {
		if (txn_manager_gtid_mode(session->server->txn_manager) == TXN_GTID_ON)
			return diag_set(diag, ER_CANT_SET_GTID_NEXT_TO_ANONYMOUS_WHEN_GTID_MODE_IS_ON);
		become(session, GTID_NEXT_ANONYMOUS, NULL);
		return 0;
	}
	if (!gtid_parse(bytes_of_string(text), &gtid))
		return diag_set(diag, ER_WRONG_VALUE_FOR_VAR, "gtid_next", text);
	return set_given(session, &gtid, diag);
}

enum gtid_next_verdict gtid_next_judge(struct session *session, struct diag *diag)
{
	char text[gtid_text_size + 1];
	switch (gtid_next_kind(session)) {
	case GTID_NEXT_SKIPPED:
		return GTID_NEXT_PASS_OVER;
	case GTID_NEXT_UNDEFINED:
		gtid_print(&session->gtid_next.gtid, text);
		diag_set(diag, ER_GTID_NEXT_TYPE_UNDEFINED_GROUP, text);
		return GTID_NEXT_REFUSE;
	case GTID_NEXT_ANONYMOUS:
		if (txn_manager_gtid_mode(session->server->txn_manager) != TXN_GTID_ON)
			return GTID_NEXT_EXECUTE;
		diag_set(diag, ER_CANT_SET_GTID_NEXT_TO_ANONYMOUS_WHEN_GTID_MODE_IS_ON);
		return GTID_NEXT_REFUSE;
	default:
		return GTID_NEXT_EXECUTE;
	}
}

bool gtid_next_report(struct session *session, struct buf *out)
{
	enum { own_gtid = 1, all_gtids = 2 };
	const struct gtid *last = txn_last_gtid(session->txn);
	unsigned wanted = session->variables.session_track_gtids;
	char text[gtid_text_size + 1];
	bool is_new = last->gno && !gtid_equal(last, &session->gtid_next.reported);
	session->gtid_next.reported = *last; /* also what nobody wanted to hear: it is not told later */
	if (!is_new || wanted == 0)
		return false;
	if (wanted == own_gtid) {
		gtid_print(last, text);
		buf_put_string(out, text);
		return true;
	}
	struct gtid_set executed;
	gtid_set_init(&executed);
	txn_manager_get_executed(session->server->txn_manager, &executed);
	gtid_set_print(&executed, ",\n", out);
	gtid_set_deinit(&executed);
	return true;
}
