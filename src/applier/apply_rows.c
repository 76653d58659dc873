/*
 * Rows events, row by row through the change door.
 *
 * An UPDATE's or DELETE's before image says which row is meant (change_find_row); the row itself may differ in
 * columns outside of the key, and what is logged here is what was here. With IDEMPOTENT mode what the event wants is
 * reached from whatever is there.
 */
#include <stdio.h>
#include <string.h>

#include "applier/apply_internal.h"
#include "session/variables.h"

/* -------------------------------------------------------------------------------------------------------- messages */

static const char *handler_error(const struct diag *diag)
{
	switch (diag->code) {
	case ER_DUP_ENTRY: return "HA_ERR_FOUND_DUPP_KEY";
	case ER_KEY_NOT_FOUND: return "HA_ERR_KEY_NOT_FOUND";
	case ER_NO_REFERENCED_ROW_2: return "HA_ERR_NO_REFERENCED_ROW";
	case ER_ROW_IS_REFERENCED_2: return "HA_ERR_ROW_IS_REFERENCED";
	case ER_LOCK_WAIT_TIMEOUT: return "HA_ERR_LOCK_WAIT_TIMEOUT";
	case ER_LOCK_DEADLOCK: return "HA_ERR_LOCK_DEADLOCK";
	default: return "HA_ERR_GENERIC";
	}
}

/* The row the event means, by its primary key, or else by its first unique one. */
static void put_key(struct apply *apply, const struct table_plan *plan, struct buf *text)
{
	const struct table *table = plan->table;
	const struct index *index = &table->indexes[0];
	struct bytes image = apply->before.size ? buf_bytes(&apply->before) : buf_bytes(&apply->after);
	if (!table->has_primary_key && table->index_count > 1)
		index = &table->indexes[1];
	if (image.size == 0 || index->hidden)
		return;
	buf_printf(text, "; the row's key %s = '%s'", index->name,
		   change_key_text(table, index, image, &apply->arena));
}

static int tell_failure(struct apply *apply, const struct event *event, const struct table_plan *plan,
			struct diag *diag)
{
	static const char *const names[] = {"Write_rows", "Update_rows", "Delete_rows"};
	const struct table *table = plan->table;
	unsigned kind = event->type >= EVENT_WRITE_ROWS ? event->type - EVENT_WRITE_ROWS
							: event->type - EVENT_WRITE_ROWS_V1;
	struct buf text = {0};
	buf_printf(&text, "Could not execute %s event on table %s.%s; %.250s, Error_code: %u; handler error %s",
		   names[kind % 3], table->database, table->name, diag->message, diag->code, handler_error(diag));
	apply_put_place(apply, event, &text);
	put_key(apply, plan, &text);
	return apply_retell(diag, &text);
}

/* --------------------------------------------------------------------------------------------------------- one row */

static enum change_outcome find(struct apply *apply, const struct table_plan *plan, struct change_context *context,
				const uint8_t *columns, struct diag *diag)
{
	const uint8_t *known = apply_known_columns(apply, plan, columns);
	return change_find_row(context, buf_bytes(&apply->before), known, &apply->handle, &apply->current, diag);
}

/* What stands in the way of a row goes: first the row itself, or whoever has its unique key. */
static enum change_outcome displace(struct apply *apply, struct change_context *context, struct diag *diag)
{
	diag_clear(diag);
	buf_clear(&apply->handle);
	buf_put_bytes(&apply->handle, change_conflict_handle(context));
	enum change_outcome outcome = change_lock_row(context, buf_bytes(&apply->handle), &apply->current, diag);
	if (outcome == CHANGE_NO_SUCH_ROW)
		return CHANGE_OK;
	if (outcome != CHANGE_OK)
		return outcome;
	return change_delete(context, buf_bytes(&apply->handle), buf_bytes(&apply->current), diag);
}

static enum change_outcome write_row(struct apply *apply, struct change_context *context, struct diag *diag)
{
	enum change_outcome outcome = change_insert(context, buf_bytes(&apply->after), diag);
	while (outcome == CHANGE_DUPLICATE && apply->transaction.mode == APPLY_IDEMPOTENT) {
		outcome = displace(apply, context, diag);
		if (outcome == CHANGE_OK)
			outcome = change_insert(context, buf_bytes(&apply->after), diag);
	}
	return outcome;
}

static enum change_outcome update_row(struct apply *apply, struct change_context *context, struct diag *diag)
{
	struct bytes handle = buf_bytes(&apply->handle), current = buf_bytes(&apply->current);
	enum change_outcome outcome = change_update(context, handle, current, buf_bytes(&apply->after), diag);
	if (outcome != CHANGE_DUPLICATE || apply->transaction.mode != APPLY_IDEMPOTENT)
		return outcome;
	outcome = change_delete(context, handle, current, diag);
	return outcome == CHANGE_OK ? write_row(apply, context, diag) : outcome;
}

static enum change_outcome missing(struct apply *apply, const struct table_plan *plan, struct diag *diag)
{
	if (apply->transaction.mode == APPLY_IDEMPOTENT)
		return CHANGE_OK;
	diag_set(diag, ER_KEY_NOT_FOUND, plan->table->name);
	return CHANGE_NO_SUCH_ROW;
}

static int make_before(struct apply *apply, struct table_plan *plan, const struct event_rows *rows,
		       const struct event_row *row, struct diag *diag)
{
	return apply_convert_image(apply, plan, APPLY_BEFORE, rows->before_columns, row->before, bytes_of(NULL, 0),
				   &apply->before, diag);
}

static int make_after(struct apply *apply, struct table_plan *plan, const struct event_rows *rows,
		      const struct event_row *row, struct bytes base, struct diag *diag)
{
	return apply_convert_image(apply, plan, APPLY_AFTER, rows->after_columns, row->after, base, &apply->after, diag);
}

static enum change_outcome apply_row(struct apply *apply, struct table_plan *plan, struct change_context *context,
				     const struct event_rows *rows, const struct event_row *row, struct diag *diag)
{
	buf_clear(&apply->before);
	buf_clear(&apply->after);
	if (rows->kind == EVENT_ROWS_WRITE) {
		if (make_after(apply, plan, rows, row, bytes_of(NULL, 0), diag) < 0)
			return CHANGE_ERROR;
		return write_row(apply, context, diag);
	}
	if (make_before(apply, plan, rows, row, diag) < 0)
		return CHANGE_ERROR;
	enum change_outcome outcome = find(apply, plan, context, rows->before_columns, diag);
	if (outcome == CHANGE_NO_SUCH_ROW)
		return missing(apply, plan, diag);
	if (outcome != CHANGE_OK)
		return outcome;
	if (rows->kind == EVENT_ROWS_DELETE)
		return change_delete(context, buf_bytes(&apply->handle), buf_bytes(&apply->current), diag);
	if (make_after(apply, plan, rows, row, buf_bytes(&apply->current), diag) < 0)
		return CHANGE_ERROR;
	return update_row(apply, context, diag);
}

/* ------------------------------------------------------------------------------------------------------- one event */

/* Those outcomes behind which the door has written nothing of the row: the others can go on. */
static bool passes_over(const struct apply *apply, enum change_outcome outcome, struct diag *diag)
{
	bool wrote_nothing = outcome == CHANGE_NO_SUCH_ROW || outcome == CHANGE_DUPLICATE ||
			     outcome == CHANGE_NO_PARENT || outcome == CHANGE_HAS_CHILDREN;
	return wrote_nothing && apply->transaction.mode == APPLY_STRICT && apply_skip(apply, diag);
}

static int apply_each(struct apply *apply, struct table_plan *plan, const struct event *event,
		      const struct event_rows *rows, struct diag *diag)
{
	struct change_context *context = apply_open_context(apply, plan, rows->flags);
	struct event_rows_walk walk;
	struct event_row row;
	enum event_walk_outcome outcome;
	event_rows_walk_init(&walk, rows, &plan->map);
	while ((outcome = event_rows_next(&walk, &row, diag)) == EVENT_WALK_ROW) {
		if (session_check_killed(apply->session, diag) != 0)
			return -1;
		enum change_outcome change = apply_row(apply, plan, context, rows, &row, diag);
		if (change != CHANGE_OK && !passes_over(apply, change, diag))
			return tell_failure(apply, event, plan, diag);
		arena_reset(&apply->arena);
	}
	return outcome == EVENT_WALK_CORRUPT ? -1 : txn_check_events(apply->session->txn, diag);
}

int apply_rows(struct apply *apply, const struct event *event, struct diag *diag)
{
	struct event_rows rows;
	if (event_decode_rows(event, &rows, diag) < 0)
		return -1;
	struct table_plan *plan = apply_find_plan(apply, rows.table_id);
	if (plan && plan->table == NULL)
		return 0;
	if (plan)
		return apply_each(apply, plan, event, &rows, diag);
	if (rows.rows.size == 0)
		return 0; /* only ends its statement */
	return diag_set_message(diag, ER_SLAVE_CORRUPT_EVENT,
				"Corrupted replication event was detected: rows of a table that no table map named");
}
