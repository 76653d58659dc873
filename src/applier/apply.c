#include "applier/apply_internal.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/fault.h"
#include "base/memory.h"

enum { payload_size_max = 1024 * 1024 * 1024 };

struct apply *apply_create(struct session *session, applier_run_query *run_query)
{
	struct apply *apply = memory_zalloc(sizeof *apply);
	apply->session = session;
	apply->run_query = run_query;
	apply->load_fd = -1;
	map_init(&apply->plans);
	arena_init(&apply->arena);
	arena_init(&apply->footprints);
	apply->foresight = 1;
	event_format_init(&apply->payload_format, EVENT_CHECKSUM_OFF);
	apply_read_skipped_errors(apply);
	return apply;
}

void apply_destroy(struct apply **apply_place)
{
	struct apply *apply = *apply_place;
	if (apply == NULL)
		return;
	apply_rollback(apply);
	apply_forget_plans(apply);
	map_deinit(&apply->plans);
	arena_deinit(&apply->arena);
	arena_deinit(&apply->footprints);
	struct buf *bufs[] = {&apply->before, &apply->after, &apply->handle, &apply->current, &apply->unpacked,
			      &apply->companion_key, &apply->companion_value, &apply->rows_query_text, &apply->load_text};
	for (size_t i = 0; i < sizeof bufs / sizeof *bufs; i++)
		buf_deinit(bufs[i]);
	memory_free(apply->skipped_errors);
	memory_free(apply);
	*apply_place = NULL;
}

/* -------------------------------------------------------------------------------------------------------- messages */

void apply_put_place(const struct apply *apply, const struct event *event, struct buf *out)
{
	const struct txn_origin *origin = &apply->transaction.origin;
	char gtid[gtid_text_size + 1];
	buf_printf(out, "; the event's source log %s, end_log_pos %u", apply->transaction.source_file, event->log_pos);
	if (!origin->has_gtid)
		return;
	gtid_print(&origin->gtid, gtid);
	buf_printf(out, "; GTID %s", gtid);
}

int apply_retell(struct diag *diag, struct buf *text)
{
	snprintf(diag->message, sizeof diag->message, "%s", buf_cstring(text));
	buf_deinit(text);
	return -1;
}

/* ------------------------------------------------------------------------------------------------- begin and end */

static void give_companion(struct apply *apply)
{
	if (apply->companion_key.size)
		txn_set_companion(apply->session->txn, buf_bytes(&apply->companion_key),
				  buf_bytes(&apply->companion_value), apply->companion_kind);
}

void apply_set_companion(struct apply *apply, struct bytes key, struct bytes value, enum txn_companion kind)
{
	buf_clear(&apply->companion_key);
	buf_clear(&apply->companion_value);
	buf_put_bytes(&apply->companion_key, key);
	buf_put_bytes(&apply->companion_value, value);
	apply->companion_kind = kind;
}

enum apply_begin_outcome apply_begin(struct apply *apply, const struct apply_transaction *transaction,
				     struct diag *diag)
{
	struct txn *txn = apply->session->txn;
	apply->session->variables.autocommit = true;
	apply->transaction = *transaction;
	apply_set_companion(apply, transaction->companion_key, transaction->companion_value,
			    transaction->companion_kind);
	txn_set_origin(txn, &transaction->origin);
	if (transaction->is_replayed) {
		txn_set_replayed(txn, transaction->replayed_end);
	} else {
		struct timespec deadline = clock_deadline(apply_held_patience_ms * 1000);
		enum txn_gtid_outcome outcome = txn_gtid_begin(txn, transaction->is_held ? &deadline : NULL, diag);
		if (outcome != TXN_GTID_OWNED)
			return outcome == TXN_GTID_EXECUTED ? APPLY_EXECUTED : APPLY_FAILED;
	}
	apply->is_open = true;
	return APPLY_BEGUN;
}

static void end_row_statement(struct apply *apply)
{
	apply_close_contexts(apply);
	if (apply->in_statement)
		txn_statement_end(apply->session->txn);
	apply->in_statement = false;
	apply->rows_query = bytes_of(NULL, 0);
}

void apply_join(struct apply *apply, const struct apply_transaction *transaction)
{
	apply->transaction = *transaction;
	apply->is_joined = true;
}

void apply_leave(struct apply *apply)
{
	apply->is_joined = false;
	end_row_statement(apply);
	/* The next one may come in another transaction, which holds no lock on these tables. */
	apply_forget_plans(apply);
}

static void end_transaction(struct apply *apply)
{
	struct session *session = apply->session;
	session->in_transaction = session->read_only_transaction = false;
	mdl_release(session->mdl, MDL_STATEMENT);
	mdl_release(session->mdl, MDL_TRANSACTION);
	apply->is_open = false;
	apply_load_forget(apply);
	/* Each statement that reads one brings it along. A client's own, around its BINLOG statements, stay. */
	if (session->is_internal && session->user_variables.count)
		user_variables_forget(session);
	apply_bound_plans(apply);
}

void apply_rollback(struct apply *apply)
{
	apply_close_contexts(apply);
	apply->in_statement = false;
	apply->rows_query = bytes_of(NULL, 0);
	txn_rollback(apply->session->txn);
	end_transaction(apply);
}

/* The caller commits. An empty one leaves nothing but what it stands on: nothing of it is to be committed. */
static enum apply_outcome complete(struct apply *apply, struct diag *diag)
{
	enum txn_completion completion = txn_complete(apply->session->txn, diag);
	apply->session->in_transaction = false;
	apply->is_open = false;
	apply_bound_plans(apply);
	switch (completion) {
	case TXN_COMPLETE: return APPLY_COMMITTED;
	case TXN_EMPTY: return APPLY_NOTHING;
	default: return APPLY_ERROR;
	}
}

/* What a commit says that failed is the log's or the store's trouble: no row is to blame. */
static enum apply_outcome commit(struct apply *apply, const struct event *event, struct diag *diag)
{
	end_row_statement(apply);
	give_companion(apply);
	if (apply->transaction.is_held)
		return complete(apply, diag);
	FAULT_STEP("applier.commit");
	int status = txn_commit(apply->session->txn, diag);
	FAULT_STEP("applier.after_commit");
	end_transaction(apply);
	if (status < 0 && txn_is_unconfirmed(apply->session->txn)) {
		diag_clear(diag);
		status = 0;
	}
	if (status == 0)
		return APPLY_COMMITTED;
	struct buf text = {0};
	buf_printf(&text, "Error in Xid_log_event: Commit could not be completed, '%.300s'", diag->message);
	apply_put_place(apply, event, &text);
	apply_retell(diag, &text);
	return APPLY_ERROR;
}

int apply_commit_empty(struct apply *apply, struct diag *diag)
{
	struct txn *txn = apply->session->txn;
	apply_rollback(apply);
	if (apply->transaction.is_replayed)
		txn_set_replayed(txn, apply->transaction.replayed_end);
	else if (txn_gtid_begin(txn, NULL, diag) == TXN_GTID_FAILED)
		return -1;
	give_companion(apply);
	return txn_commit(txn, diag);
}

/* ---------------------------------------------------------------------------------------------------- statements */

static enum apply_outcome rolled_back(struct apply *apply, struct diag *diag)
{
	return apply_commit_empty(apply, diag) < 0 ? APPLY_ERROR : APPLY_COMMITTED;
}

/* Stands alone in its transaction: exec commits it, with the GTID and the companion that wait in txn. */
static enum apply_outcome run_alone(struct apply *apply, const struct event *event, const struct event_query *query,
				    struct diag *diag)
{
	give_companion(apply);
	if (apply_run_statement(apply, event, query, diag) < 0)
		return APPLY_ERROR;
	/* One that changed nothing here, or failed as it did on the source: its GTID is executed all the same. */
	if (apply->transaction.is_replayed || txn_is_active(apply->session->txn))
		return commit(apply, event, diag);
	if (apply->transaction.origin.has_gtid)
		return rolled_back(apply, diag);
	end_transaction(apply);
	return APPLY_COMMITTED;
}

/* A statement that is neither BEGIN nor an end. */
static enum apply_outcome apply_statement(struct apply *apply, const struct event *event,
					  const struct event_query *query, struct diag *diag)
{
	if (!apply->session->in_transaction)
		return run_alone(apply, event, query, diag);
	end_row_statement(apply);
	return apply_run_statement(apply, event, query, diag) < 0 ? APPLY_ERROR : APPLY_OPEN;
}

static enum apply_outcome apply_load(struct apply *apply, const struct event *event, struct diag *diag)
{
	struct event_query query;
	if (apply_load_query(apply, event, &query, diag) < 0)
		return APPLY_ERROR;
	enum apply_outcome outcome = apply_statement(apply, event, &query, diag);
	apply_load_forget(apply);
	return outcome;
}

static enum apply_outcome apply_query(struct apply *apply, const struct event *event, struct diag *diag)
{
	struct event_query query;
	struct session *session = apply->session;
	if (event_decode_query(event, &query, diag) < 0)
		return APPLY_ERROR;
	if (event_query_is(&query, "BEGIN")) {
		session->in_transaction = true;
		(void)apply_set_context(apply, event, &query, &(struct diag){0}); /* of no concern to rows */
		return APPLY_OPEN;
	}
	if (session->in_transaction && event_query_is(&query, "COMMIT"))
		return commit(apply, event, diag);
	if (session->in_transaction && event_query_is(&query, "ROLLBACK"))
		return rolled_back(apply, diag);
	return apply_statement(apply, event, &query, diag);
}

/* ------------------------------------------------------------------------------------------------- packed events */

static enum apply_outcome take_event(struct apply *apply, const struct event *event, struct diag *diag);

static enum apply_outcome apply_compressed(struct apply *apply, const struct event *event, struct diag *diag)
{
	struct event plain;
	struct buf bytes = {0};
	enum apply_outcome outcome = APPLY_ERROR;
	if (event_decompress(event, &bytes, diag) == 0 &&
	    event_parse(buf_bytes(&bytes), &apply->payload_format, &plain, diag) == 0) {
		plain.log_pos = event->log_pos;
		outcome = take_event(apply, &plain, diag);
	}
	buf_deinit(&bytes);
	return outcome;
}

static enum apply_outcome apply_each(struct apply *apply, struct bytes events, const struct event *payload,
				     struct diag *diag)
{
	enum apply_outcome outcome = APPLY_OPEN;
	while (events.size && outcome == APPLY_OPEN) {
		struct event event;
		if (event_take(&events, &apply->payload_format, &event, diag) < 0)
			return APPLY_ERROR;
		event.log_pos = payload->log_pos;
		outcome = take_event(apply, &event, diag);
	}
	return outcome;
}

static enum apply_outcome apply_payload(struct apply *apply, const struct event *event, struct diag *diag)
{
	struct buf events = {0};
	enum apply_outcome outcome = APPLY_ERROR;
	if (event_decode_payload(event, payload_size_max, &events, diag) == 0)
		outcome = apply_each(apply, buf_bytes(&events), event, diag);
	buf_deinit(&events);
	if (outcome != APPLY_OPEN)
		return outcome;
	diag_set(diag, ER_SLAVE_CORRUPT_EVENT); /* a payload is a whole transaction */
	return APPLY_ERROR;
}

/* --------------------------------------------------------------------------------------------------- any event */

static enum apply_outcome refuse(const struct event *event, struct diag *diag)
{
	diag_set_message(diag, ER_SLAVE_FATAL_ERROR, "Fatal error: a %s event cannot be applied by this server",
			 event_type_name(event->type));
	return APPLY_ERROR;
}

static enum apply_outcome apply_incident(const struct event *event, struct diag *diag)
{
	struct event_incident incident;
	char message[256];
	if (event_decode_incident(event, &incident, diag) == 0) {
		snprintf(message, sizeof message, "%.*s", (int)(incident.message.size < 255 ? incident.message.size : 255),
			 (const char *)incident.message.data);
		diag_set(diag, ER_SLAVE_INCIDENT, incident.incident == 1 ? "LOST_EVENTS" : "UNKNOWN", message);
	}
	return APPLY_ERROR;
}

static enum apply_outcome begin_mariadb(struct apply *apply, const struct event *event, struct diag *diag)
{
	struct event_mariadb_gtid gtid;
	if (event_decode_mariadb_gtid(event, &gtid, diag) < 0)
		return APPLY_ERROR;
	if (gtid.flags & (EVENT_MARIADB_GTID_PREPARED_XA | EVENT_MARIADB_GTID_COMPLETED_XA))
		return refuse(event, diag);
	apply->session->in_transaction = !(gtid.flags & EVENT_MARIADB_GTID_STANDALONE);
	return APPLY_OPEN;
}

static enum apply_outcome done(int status)
{
	return status < 0 ? APPLY_ERROR : APPLY_OPEN;
}

static enum apply_outcome apply_rows_event(struct apply *apply, const struct event *event, struct diag *diag)
{
	if (event_is_compressed(event->type))
		return apply_compressed(apply, event, diag);
	int status = apply_rows(apply, event, diag);
	struct event_rows rows;
	struct diag ignored = DIAG_INIT;
	if (status == 0 && event_decode_rows(event, &rows, &ignored) == 0 && (rows.flags & EVENT_ROWS_STMT_END))
		end_row_statement(apply);
	return done(status);
}

static enum apply_outcome apply_map(struct apply *apply, const struct event *event, struct diag *diag)
{
	if (!apply->in_statement)
		txn_statement_begin(apply->session->txn);
	apply->in_statement = true;
	int status = apply_table_map(apply, event, diag);
	if (status == 0)
		return APPLY_OPEN;
	struct buf text = {0};
	buf_printf(&text, "Error executing row event: '%.300s'", diag->message);
	apply_put_place(apply, event, &text);
	return done(apply_retell(diag, &text));
}

/* What a statement's rows are about, in the source's words. They go into our log if the operator wants them there. */
static enum apply_outcome take_rows_query(struct apply *apply, const struct event *event, struct diag *diag)
{
	struct bytes query;
	if (event_decode_rows_query(event, &query, diag) < 0)
		return APPLY_ERROR;
	buf_clear(&apply->rows_query_text);
	if (apply->session->variables.binlog_rows_query_log_events)
		buf_put_bytes(&apply->rows_query_text, query);
	apply->rows_query = buf_bytes(&apply->rows_query_text);
	return APPLY_OPEN;
}

static enum apply_outcome take_event(struct apply *apply, const struct event *event, struct diag *diag)
{
	arena_reset(&apply->arena);
	if (!apply->is_joined)
		arena_reset(&apply->session->statement_arena);
	apply->time_us = (int64_t)event->timestamp * 1000000;
	if (event_is_rows(event->type))
		return apply_rows_event(apply, event, diag);
	switch (event->type) {
	case EVENT_QUERY: return apply_query(apply, event, diag);
	case EVENT_XID: return commit(apply, event, diag);
	case EVENT_TABLE_MAP: return apply_map(apply, event, diag);
	case EVENT_ROWS_QUERY:
	case EVENT_ANNOTATE_ROWS: return take_rows_query(apply, event, diag);
	case EVENT_QUERY_COMPRESSED: return apply_compressed(apply, event, diag);
	case EVENT_TRANSACTION_PAYLOAD: return apply_payload(apply, event, diag);
	case EVENT_INTVAR: return done(apply_intvar(apply, event, diag));
	case EVENT_RAND: return done(apply_rand(apply, event, diag));
	case EVENT_USER_VAR: return done(apply_user_var(apply, event, diag));
	case EVENT_MARIADB_GTID: return begin_mariadb(apply, event, diag);
	case EVENT_INCIDENT: return apply_incident(event, diag);
	case EVENT_BEGIN_LOAD_QUERY:
	case EVENT_APPEND_BLOCK: return done(apply_load_block(apply, event, diag));
	case EVENT_EXECUTE_LOAD_QUERY: return apply_load(apply, event, diag);
	case EVENT_DELETE_FILE: apply_load_forget(apply); return APPLY_OPEN;
	case EVENT_XA_PREPARE:
	case EVENT_PARTIAL_UPDATE_ROWS:
	case EVENT_WRITE_ROWS_V0:
	case EVENT_UPDATE_ROWS_V0:
	case EVENT_DELETE_ROWS_V0: return refuse(event, diag);
	default: return APPLY_OPEN; /* GTIDs were the caller's to read; comments and marks */
	}
}

/* Each event is a statement as memory goes; one that a client sent is part of its own. */
enum apply_outcome apply_event(struct apply *apply, const struct event *event, struct diag *diag)
{
	if (apply->is_joined)
		return take_event(apply, event, diag);
	memory_begin_statement(NULL);
	enum apply_outcome outcome = take_event(apply, event, diag);
	memory_end_statement();
	return outcome;
}
