/*
 * BINLOG '...': row events as a client sends them that replays a log (mysqlbinlog FILE | mysql).
 *
 *   BINLOG 'description'           how the events behind it are to be read; once a session
 *   BINLOG 'map rows rows ...'     whole statements, in the transaction that the session has open
 *   BINLOG @a, @b                  one text in two parts, where it was too large for a packet (MariaDB's)
 *
 * The events go through the applier's hands, in the client's session. They are changes like any other: logged as
 * this server's, with its GTIDs, in its binlog_row_image.
 */
#include "applier/apply.h"
#include "base/base64.h"
#include "base/memory.h"
#include "exec/statement.h"
#include "session/variables.h"

/* What a session keeps from one BINLOG to the next. */
struct event_replay {
	struct event_format format;
	bool has_format;
	struct apply *apply;
};

/* Only statements' rows come this way; their texts are statements for themselves. */
static int run_no_query(struct session *session, struct bytes text, struct diag *diag)
{
	return diag_set(diag, ER_ONLY_FD_AND_RBR_EVENTS_ALLOWED_IN_BINLOG_STATEMENT, "Query");
}

static void replay_destroy(struct event_replay *replay)
{
	apply_destroy(&replay->apply);
	memory_free(replay);
}

static struct event_replay *replay_of(struct session *session)
{
	if (session->event_replay == NULL) {
		session->event_replay = memory_zalloc(sizeof *session->event_replay);
		session->event_replay->apply = apply_create(session, run_no_query);
		session->event_replay_destroy = replay_destroy;
	}
	return session->event_replay;
}

/* ------------------------------------------------------------------------------------------------------ the text */

static int join_fragments(struct statement *statement, const struct ast_names *names, struct buf *out)
{
	for (size_t i = 0; i < names->count; i++) {
		const struct value *value = user_variable_find(statement->session, bytes_of_string(names->items[i].text));
		if (value == NULL || value->kind != VALUE_STRING)
			return diag_set(statement->diag, ER_WRONG_TYPE_FOR_VAR, names->items[i].text);
		buf_put_bytes(out, value->string);
	}
	return 0;
}

static int decode(struct statement *statement, struct bytes text, struct buf *out)
{
	while (text.size)
		if (!base64_decode(text, &text, out))
			return diag_set(statement->diag, ER_BASE64_DECODE_ERROR);
	return out->size ? 0 : diag_set(statement->diag, ER_SYNTAX_ERROR);
}

static int read_events(struct statement *statement, struct buf *out_events)
{
	const struct ast_binlog *ast = statement->ast->binlog;
	struct buf joined = {0};
	int status = join_fragments(statement, &ast->fragments, &joined);
	if (status == 0)
		status = decode(statement, ast->fragments.count ? buf_bytes(&joined) : ast->text, out_events);
	buf_deinit(&joined);
	return status;
}

/* ---------------------------------------------------------------------------------------------------- the events */

static bool may_come(uint8_t type)
{
	return event_is_rows(type) || type == EVENT_TABLE_MAP || type == EVENT_FORMAT_DESCRIPTION ||
	       type == EVENT_ROWS_QUERY || type == EVENT_ANNOTATE_ROWS;
}

static int check_type(const struct event_replay *replay, uint8_t type, struct diag *diag)
{
	if (!may_come(type))
		return diag_set(diag, ER_ONLY_FD_AND_RBR_EVENTS_ALLOWED_IN_BINLOG_STATEMENT, event_type_name(type));
	if (type != EVENT_FORMAT_DESCRIPTION && !replay->has_format)
		return diag_set(diag, ER_NO_FORMAT_DESCRIPTION_EVENT_BEFORE_BINLOG_STATEMENT, event_type_name(type));
	return 0;
}

static int take_event(struct event_replay *replay, struct bytes raw, struct diag *diag)
{
	struct event event;
	uint8_t type = raw.data[4];
	if (check_type(replay, type, diag) != 0)
		return -1;
	if (type == EVENT_FORMAT_DESCRIPTION) {
		replay->has_format = event_decode_format(raw, &replay->format, diag) == 0;
		return replay->has_format ? 0 : -1;
	}
	if (event_parse(raw, &replay->format, &event, diag) != 0)
		return -1;
	return apply_event(replay->apply, &event, diag) == APPLY_ERROR ? -1 : 0;
}

static int take_events(struct event_replay *replay, struct bytes events, struct diag *diag)
{
	while (events.size) {
		uint64_t size = events.size >= event_header_size ? bytes_load_uint(events.data + 9, 4) : 0;
		if (size < event_header_size || size > events.size)
			return diag_set(diag, ER_SYNTAX_ERROR);
		if (take_event(replay, bytes_of(events.data, size), diag) != 0)
			return -1;
		events = bytes_of(events.data + size, events.size - size);
	}
	return 0;
}

int exec_binlog(struct statement *statement)
{
	struct session *session = statement->session;
	struct buf events = {0};
	if (statement_require_global(session, PRIVILEGE(SUPER), statement->diag) != 0)
		return -1;
	int status = read_events(statement, &events);
	if (status == 0) {
		struct event_replay *replay = replay_of(session);
		struct apply_transaction transaction = {
			.source_file = "BINLOG",
			.mode = session->variables.rbr_exec_mode ? APPLY_IDEMPOTENT : APPLY_STRICT,
			.is_mariadb = replay->format.is_mariadb,
			.type_policy = apply_type_policy(session),
		};
		apply_join(replay->apply, &transaction);
		status = take_events(replay, buf_bytes(&events), statement->diag);
		apply_leave(replay->apply);
	}
	buf_deinit(&events);
	return status == 0 ? statement_ok(statement, 0, NULL) : -1;
}
