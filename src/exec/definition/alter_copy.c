/*
 * The copy goes through the change door like every other change, so keys, CHECKs and foreign keys are the door's to
 * check; only its log is not written, for replicas run the statement themselves. A row keeps its version: it is the
 * same change of the same moment, whatever it looks like now.
 */
#include "exec/definition/alter_copy.h"

#include "base/fault.h"
#include "catalog/row_generation.h"
#include "change/change.h"
#include "exec/definition/alter_way.h"
#include "exec/environment.h"
#include "exec/rows/row_maker.h"
#include "type/row.h"
#include "type/sql_mode.h"

enum { rows_per_transaction = 1000 };

/* ------------------------------------------------------------------ one row */

struct copy {
	struct alteration *alteration;
	struct statement *statement;
	const struct table *old;
	struct table *made;
	const int *sources;       /* per new column: the old position, -1: a new column */
	struct environment environment;
	struct row_maker maker;
	struct txn *txn;          /* the copy's own */
	struct change_context *context;
	struct change_options options;
	struct bytes *fields;     /* of the old row */
	struct buf image, key, lifted;
	struct arena row_arena;   /* of one row's values */
	unsigned in_transaction;
};

static void put_packed(struct row_maker *maker, unsigned column, struct bytes packed)
{
	struct row_field *field = &maker->fields[column];
	*field = (struct row_field){ROW_FIELD_SET, true, maker->storage.size, packed.size};
	buf_put_bytes(&maker->storage, packed);
}

static void put_implicit(struct row_maker *maker, unsigned column)
{
	struct buf packed;
	buf_init(&packed);
	convert_put_implicit_default(&maker->table->columns[column].type, &packed);
	put_packed(maker, column, buf_bytes(&packed));
	buf_deinit(&packed);
}

static bool is_strict(const struct copy *copy)
{
	return session_is_strict(copy->statement->session) && !copy->alteration->ignore;
}

static int put_null(struct copy *copy, unsigned column)
{
	const struct column *definition = &copy->made->columns[column];
	if (definition->nullable || definition->auto_increment) {
		copy->maker.fields[column].state = ROW_FIELD_NULL;
		copy->maker.fields[column].assigned = true;
		return 0;
	}
	if (is_strict(copy))
		return diag_set(copy->statement->diag, ER_INVALID_USE_OF_NULL);
	warnings_add(&copy->statement->session->warnings, WARNING_WARNING, WARN_DATA_TRUNCATED, definition->name,
		     copy->maker.convert.row_number);
	put_implicit(&copy->maker, column);
	return 0;
}

/* The value that rows have in a new column that does not say; a date can only be zero where that is allowed. */
static int put_new(struct copy *copy, unsigned column)
{
	const struct column *definition = &copy->made->columns[column];
	enum type_kind kind = definition->type.kind;
	if (definition->default_kind != DEFAULT_NONE || definition->nullable || definition->auto_increment ||
	    definition->generated != GENERATED_NONE)
		return 0; /* the maker knows */
	bool is_date = kind == TYPE_DATE || kind == TYPE_DATETIME || kind == TYPE_TIMESTAMP;
	if (is_date && is_strict(copy) && (copy->maker.convert.sql_mode & SQL_MODE_NO_ZERO_DATE))
		return diag_set_message(copy->statement->diag, ER_TRUNCATED_WRONG_VALUE,
					"Incorrect %s value: '%s' for column '%s' at row %lu",
					kind == TYPE_DATE ? "date" : "datetime",
					kind == TYPE_DATE ? "0000-00-00" : "0000-00-00 00:00:00", definition->name,
					copy->maker.convert.row_number);
	put_implicit(&copy->maker, column);
	return 0;
}

static int convert_field(struct copy *copy, unsigned column, const struct column *was, struct bytes field)
{
	struct statement *statement = copy->statement;
	struct value value;
	if (convert_from_packed(&was->type, field, copy->maker.convert.zone, &copy->row_arena, &value,
				statement->diag) != 0)
		return -1;
	if (row_maker_set(&copy->maker, column, &value) == 0)
		return 0;
	/* From column to column MySQL says of a text that is too long what it says of all else that is cut. */
	if (statement->diag->code == ER_DATA_TOO_LONG)
		diag_set(statement->diag, WARN_DATA_TRUNCATED, copy->made->columns[column].name,
			 copy->maker.convert.row_number);
	return -1;
}

static int make_row(struct copy *copy)
{
	arena_reset(&copy->row_arena);
	row_maker_begin(&copy->maker);
	for (unsigned i = 0; i < copy->made->column_count; i++) {
		const struct column *is = &copy->made->columns[i];
		int status = 0;
		if (is->generated != GENERATED_NONE)
			continue;
		if (copy->sources[i] < 0) {
			status = put_new(copy, i);
		} else {
			const struct column *was = &copy->old->columns[copy->sources[i]];
			struct bytes field = copy->fields[copy->sources[i]];
			if (field.data == NULL)
				status = put_null(copy, i);
			else if (alter_same_fields(&was->type, &is->type))
				put_packed(&copy->maker, i, field);
			else
				status = convert_field(copy, i, was, field);
		}
		if (status != 0)
			return -1;
	}
	return row_maker_finish_insert(&copy->maker, &copy->image);
}

/* ------------------------------------------------------------------ through the door */

/* The door writes version 0, which a commit stamps; this row was stamped long ago. */
static int keep_version(struct copy *copy, const struct store_row_header *header)
{
	struct diag *diag = copy->statement->diag;
	struct store_row_header kept = *header;
	struct buf value;
	if (!copy->made->has_primary_key)
		return 0; /* its row id is the door's secret; no peer can ask for its version either */
	kept.flags = copy->made->row_generation;
	buf_init(&value);
	buf_clear(&copy->key);
	buf_put_u32_be(&copy->key, copy->made->indexes[0].space);
	int status = change_handle_of_image(copy->made, buf_bytes(&copy->image), &copy->key, diag);
	store_put_row_header(&value, &kept);
	buf_put_bytes(&value, buf_bytes(&copy->image));
	if (status == 0 &&
	    store_txn_put(txn_store(copy->txn), buf_bytes(&copy->key), buf_bytes(&value), diag) != STORE_OK)
		status = -1;
	buf_deinit(&value);
	return status;
}

static int commit(struct copy *copy)
{
	change_end(&copy->context);
	copy->in_transaction = 0;
	FAULT_STEP("definition.copy_commit");
	return txn_commit(copy->txn, copy->statement->diag);
}

static int write_row(struct copy *copy, const struct store_row_header *header)
{
	struct diag *diag = copy->statement->diag;
	if (copy->context == NULL)
		copy->context = change_begin(copy->txn, copy->statement->session->server->catalog, copy->made,
					     &copy->options);
	enum change_outcome outcome = change_insert(copy->context, buf_bytes(&copy->image), diag);
	if (outcome == CHANGE_DUPLICATE && copy->alteration->ignore) {
		diag_clear(diag);
		return 0;
	}
	if (outcome != CHANGE_OK || keep_version(copy, header) != 0)
		return -1;
	copy->alteration->copied++;
	if (++copy->in_transaction < rows_per_transaction)
		return 0;
	return commit(copy);
}

static int copy_row(struct copy *copy, struct bytes value)
{
	struct statement *statement = copy->statement;
	struct store_row_header header;
	if (!store_get_row_header(value, &header))
		return diag_set_message(statement->diag, ER_UNKNOWN_ERROR, "A row of table %s is damaged",
					copy->old->name);
	struct bytes image;
	if (table_image_of_value(copy->old, value, &copy->lifted, &image, statement->diag) != 0 ||
	    row_split(image, copy->old->types, copy->old->column_count, copy->fields, statement->diag) != 0 ||
	    make_row(copy) != 0 || write_row(copy, &header) != 0)
		return -1;
	copy->maker.convert.row_number++;
	return session_check_killed(statement->session, statement->diag);
}

/* ------------------------------------------------------------------ all rows */

static int copy_all(struct copy *copy)
{
	struct statement *statement = copy->statement;
	uint8_t lower[4], upper[4];
	bytes_store_uint_be(lower, copy->old->indexes[0].space, 4);
	bytes_store_uint_be(upper, (uint64_t)copy->old->indexes[0].space + 1, 4);
	struct store_iterator *rows =
		store_iterator_create(statement->session->server->store, NULL, NULL, bytes_of(lower, 4), bytes_of(upper, 4));
	int status = 0;
	bool more = store_iterator_seek(rows, bytes_of(lower, 4));
	for (; more && status == 0; more = store_iterator_next(rows))
		status = copy_row(copy, store_iterator_value(rows));
	if (status == 0)
		status = store_iterator_status(rows, statement->diag);
	store_iterator_destroy(&rows);
	return status == 0 ? commit(copy) : -1;
}

/* A row may come before its parent in the same table, so those are not looked for one by one. */
static bool checks_foreign_keys(const struct copy *copy)
{
	const struct table *made = copy->made;
	for (unsigned i = 0; i < made->foreign_key_count; i++)
		if (strcmp(made->foreign_keys[i].parent_database, made->database) == 0 &&
		    strcmp(made->foreign_keys[i].parent_table, made->name) == 0)
			return false;
	return alter_checks_foreign_keys(&copy->alteration->draft);
}

static int lock_parents(struct copy *copy)
{
	struct statement *statement = copy->statement;
	for (unsigned i = 0; i < copy->made->foreign_key_count; i++)
		if (statement_lock_table(statement->session, copy->made->foreign_keys[i].parent_database,
					 copy->made->foreign_keys[i].parent_table, MDL_SHARED_READ,
					 statement->diag) != 0)
			return -1;
	return 0;
}

/* 0 was a value of the column while it counted already; made to count now, it asks for one. */
static void keep_zeros(struct copy *copy)
{
	int column = copy->made->auto_increment_column;
	if (column >= 0 && copy->sources[column] >= 0 && copy->old->columns[copy->sources[column]].auto_increment)
		copy->maker.convert.sql_mode |= SQL_MODE_NO_AUTO_VALUE_ON_ZERO;
}

static int open_copy(struct copy *copy)
{
	struct session *session = copy->statement->session;
	environment_init(&copy->environment, copy->statement, MDL_SHARED_READ);
	copy->environment.resolve.database = copy->made->database;
	if (row_maker_init(&copy->maker, copy->statement, copy->made, &copy->environment.resolve,
			   copy->alteration->ignore) != 0) {
		environment_deinit(&copy->environment);
		return -1;
	}
	copy->options = (struct change_options){.no_log = true, .unique_checks = true,
						.foreign_key_checks = checks_foreign_keys(copy),
						.catalog = session->server->catalog,
						.check = copy->made->check_count ? row_maker_check : NULL,
						.check_argument = &copy->maker};
	arena_init(&copy->row_arena);
	copy->maker.convert.arena = &copy->row_arena;
	copy->txn = txn_create(session->server->txn_manager);
	txn_set_logging(copy->txn, false);
	return 0;
}

static void close_copy(struct copy *copy)
{
	change_end(&copy->context);
	txn_destroy(&copy->txn);
	row_maker_deinit(&copy->maker);
	environment_deinit(&copy->environment);
	buf_deinit(&copy->image);
	buf_deinit(&copy->key);
	buf_deinit(&copy->lifted);
	arena_deinit(&copy->row_arena);
}

int alter_copy_rows(struct alteration *alteration, struct table *made)
{
	struct statement *statement = alteration->statement;
	struct copy copy = {.alteration = alteration, .statement = statement, .old = alteration->old, .made = made};
	copy.fields = arena_array(statement->arena, struct bytes, copy.old->column_count);
	copy.sources = alteration_sources(alteration);
	if (checks_foreign_keys(&copy) && lock_parents(&copy) != 0)
		return -1;
	if (open_copy(&copy) != 0)
		return -1;
	keep_zeros(&copy);
	int status = copy_all(&copy);
	close_copy(&copy);
	return status;
}
