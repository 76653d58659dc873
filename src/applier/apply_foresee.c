/*
 * Looking ahead: a transaction's write set, from its events and our tables.
 *
 * A table's footprint (write_set.h) is made at its first TABLE_MAP and holds as long as the locks do. Of an image the
 * columns of the keys are enough.
 */
#include "applier/apply_internal.h"
#include "type/row.h"

static void make_footprint(struct apply *apply, struct table_plan *plan)
{
	struct table **children;
	struct table *table = plan->table;
	size_t count = catalog_list_children(apply->session->server->catalog, table->database, table->name,
					     &apply->arena, &children);
	write_set_describe(table, children, count, &apply->footprints, &plan->footprint);
	for (size_t i = 0; i < count; i++)
		table_unref(&children[i]);
	plan->foreseen = apply->foresight;
}

/* What binlog-ignore-db keeps out of our log commits in ways of its own. */
static bool is_loggable(const struct apply *apply, const struct table *table)
{
	const struct txn *txn = apply->session->txn;
	return !txn_is_logging(txn) || txn_logs_database(txn, table->database);
}

static enum apply_foresight foresee_map(struct apply *apply, const struct event *event)
{
	struct diag ignored = DIAG_INIT;
	struct event_table_map map;
	if (event_decode_table_map(event, &apply->arena, &map, &ignored) < 0)
		return APPLY_UNKNOWN;
	struct table_plan *plan = apply_find_plan(apply, map.table_id);
	if (plan && plan->foreseen == apply->foresight && bytes_equal(plan->map_body, event->body))
		return APPLY_FORESEEN;
	if (apply_table_map_at_once(apply, event, &ignored) < 0)
		return APPLY_UNKNOWN;
	plan = apply_find_plan(apply, map.table_id);
	if (plan->table == NULL)
		return APPLY_FORESEEN;
	if (!is_loggable(apply, plan->table))
		return APPLY_UNKNOWN;
	make_footprint(apply, plan);
	return APPLY_FORESEEN;
}

/*
 * What the keys need of an image, by our columns: as the source told it, or, of an UPDATE's after image that leaves it
 * out, as the row had it before. Everything lives as long as the event.
 */
static enum apply_foresight take_column(struct apply *apply, const struct table_plan *plan, const struct bytes *told,
					unsigned column, struct bytes *out_field)
{
	struct buf converted = {0};
	unsigned source = (unsigned)plan->source_columns[column];
	*out_field = told[source];
	if (told[source].data == NULL || plan->matches[column] == LOG_TYPE_SAME)
		return plan->table->columns[column].nullable || told[source].data ? APPLY_FORESEEN : APPLY_UNKNOWN;
	if (log_type_convert(&plan->types[source], told[source], &plan->table->columns[column].type, &apply->arena,
			     &converted) != LOG_TYPE_REFUSED)
		*out_field = bytes_of(arena_copy(&apply->arena, converted.data, converted.size), converted.size);
	else
		*out_field = bytes_of(NULL, 0);
	buf_deinit(&converted);
	return out_field->data ? APPLY_FORESEEN : APPLY_UNKNOWN;
}

static enum apply_foresight take_columns(struct apply *apply, const struct table_plan *plan, const uint8_t *columns,
					 struct bytes image, const struct bytes *base, struct bytes *out_fields)
{
	struct diag ignored = DIAG_INIT;
	struct bytes *told = arena_array(&apply->arena, struct bytes, plan->map.column_count);
	if (plan->footprint.hashes_rows || event_image_split(&plan->map, columns, image, told, &ignored) < 0)
		return APPLY_UNKNOWN;
	for (unsigned i = 0; i < plan->table->column_count; i++) {
		if (!plan->footprint.needed[i])
			continue;
		if (apply_is_told(plan, columns, i)) {
			if (take_column(apply, plan, told, i, &out_fields[i]) != APPLY_FORESEEN)
				return APPLY_UNKNOWN;
		} else if (base == NULL) {
			return APPLY_UNKNOWN;
		} else {
			out_fields[i] = base[i];
		}
	}
	return APPLY_FORESEEN;
}

/* As equal rows are equal: whatever a source puts into the bits of no column. */
static struct bytes without_padding(struct apply *apply, const struct table *table, struct bytes image)
{
	uint8_t *copy = arena_copy(&apply->arena, image.data, image.size);
	row_clear_padding(copy, table->column_count);
	return bytes_of(copy, image.size);
}

static enum apply_foresight add_image(struct apply *apply, struct table_plan *plan, const uint8_t *columns,
				      struct bytes image, const struct bytes *base, struct bytes *fields,
				      struct write_set *out)
{
	struct diag ignored = DIAG_INIT;
	const struct table *table = plan->table;
	if (plan->is_same && event_columns_are_complete(columns, plan->map.column_count)) {
		if (plan->footprint.hashes_rows)
			image = without_padding(apply, table, image);
		if (row_split(image, table->types, table->column_count, fields, &ignored) != 0)
			return APPLY_UNKNOWN;
	} else if (take_columns(apply, plan, columns, image, base, fields) != APPLY_FORESEEN) {
		return APPLY_UNKNOWN;
	}
	write_set_add(out, &plan->footprint, fields, image);
	return APPLY_FORESEEN;
}

static enum apply_foresight add_row(struct apply *apply, struct table_plan *plan, const struct event_rows *rows,
				    const struct event_row *row, struct write_set *out)
{
	struct bytes *before = arena_array(&apply->arena, struct bytes, plan->table->column_count);
	struct bytes *after = arena_array(&apply->arena, struct bytes, plan->table->column_count);
	bool has_before = rows->kind != EVENT_ROWS_WRITE;
	if (has_before &&
	    add_image(apply, plan, rows->before_columns, row->before, NULL, before, out) != APPLY_FORESEEN)
		return APPLY_UNKNOWN;
	if (rows->kind == EVENT_ROWS_DELETE)
		return APPLY_FORESEEN;
	return add_image(apply, plan, rows->after_columns, row->after, has_before ? before : NULL, after, out);
}

static enum apply_foresight foresee_rows(struct apply *apply, const struct event *event, struct write_set *out)
{
	struct diag ignored = DIAG_INIT;
	struct event_rows rows;
	struct event_rows_walk walk;
	struct event_row row;
	enum event_walk_outcome outcome;
	if (event_is_compressed(event->type) || event_decode_rows(event, &rows, &ignored) < 0)
		return APPLY_UNKNOWN;
	struct table_plan *plan = apply_find_plan(apply, rows.table_id);
	if (plan && plan->table == NULL)
		return APPLY_FORESEEN; /* filtered out */
	if (plan == NULL || plan->foreseen != apply->foresight)
		return rows.rows.size ? APPLY_UNKNOWN : APPLY_FORESEEN;
	if (plan->footprint.cascades && rows.kind != EVENT_ROWS_WRITE &&
	    !(rows.flags & EVENT_ROWS_NO_FOREIGN_KEY_CHECKS))
		return APPLY_UNKNOWN;
	event_rows_walk_init(&walk, &rows, &plan->map);
	while ((outcome = event_rows_next(&walk, &row, &ignored)) == EVENT_WALK_ROW) {
		if (add_row(apply, plan, &rows, &row, out) != APPLY_FORESEEN)
			return APPLY_UNKNOWN;
		arena_reset(&apply->arena);
	}
	return outcome == EVENT_WALK_END ? APPLY_FORESEEN : APPLY_UNKNOWN;
}

static enum apply_foresight foresee_query(const struct event *event)
{
	struct diag ignored = DIAG_INIT;
	struct event_query query;
	bool is_frame = event_decode_query(event, &query, &ignored) == 0 &&
			(event_query_is(&query, "BEGIN") || event_query_is(&query, "COMMIT"));
	return is_frame ? APPLY_FORESEEN : APPLY_UNKNOWN;
}

static enum apply_foresight foresee_mariadb_gtid(const struct event *event)
{
	struct diag ignored = DIAG_INIT;
	struct event_mariadb_gtid gtid;
	const unsigned alone = EVENT_MARIADB_GTID_STANDALONE | EVENT_MARIADB_GTID_PREPARED_XA |
			       EVENT_MARIADB_GTID_COMPLETED_XA;
	return event_decode_mariadb_gtid(event, &gtid, &ignored) == 0 && !(gtid.flags & alone) ? APPLY_FORESEEN
												: APPLY_UNKNOWN;
}

void apply_begin_foreseeing(struct apply *apply, const struct apply_transaction *transaction)
{
	apply->transaction = *transaction;
}

enum apply_foresight apply_foresee(struct apply *apply, const struct event *event, struct write_set *out)
{
	arena_reset(&apply->arena);
	arena_reset(&apply->session->statement_arena);
	if (event_is_rows(event->type))
		return foresee_rows(apply, event, out);
	switch (event->type) {
	case EVENT_TABLE_MAP: return foresee_map(apply, event);
	case EVENT_QUERY: return foresee_query(event);
	case EVENT_MARIADB_GTID: return foresee_mariadb_gtid(event);
	case EVENT_GTID:
	case EVENT_ANONYMOUS_GTID:
	case EVENT_ROWS_QUERY:
	case EVENT_ANNOTATE_ROWS:
	case EVENT_XID: return APPLY_FORESEEN;
	default: return event->flags & EVENT_FLAG_IGNORABLE ? APPLY_FORESEEN : APPLY_UNKNOWN;
	}
}

void apply_forget_foreseen(struct apply *apply)
{
	mdl_release(apply->session->mdl, MDL_TRANSACTION);
	apply->foresight++;
	apply_bound_plans(apply);
	arena_reset(&apply->footprints);
}
