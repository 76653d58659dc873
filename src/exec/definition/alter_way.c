#include "exec/definition/alter_way.h"

#include "catalog/row_generation.h"
#include "exec/environment.h"
#include "exec/rows/row_maker.h"
#include "type/sql_mode.h"

/* ------------------------------------------------------------------ what rows have and will have */

static bool names_extend(const struct column_type *old, const struct column_type *made)
{
	if (made->name_count < old->name_count)
		return false;
	for (unsigned i = 0; i < old->name_count; i++)
		if (!bytes_equal(old->names[i], made->names[i]))
			return false;
	return true;
}

bool alter_same_fields(const struct column_type *old, const struct column_type *made)
{
	if (old->kind != made->kind || old->is_unsigned != made->is_unsigned)
		return false;
	switch (old->kind) {
	case TYPE_DECIMAL: return old->length == made->length && old->decimals == made->decimals;
	case TYPE_BIT:
	case TYPE_BINARY: return old->length == made->length;
	case TYPE_TIME:
	case TYPE_DATETIME:
	case TYPE_TIMESTAMP: return old->decimals == made->decimals;
	case TYPE_FLOAT:
	case TYPE_DOUBLE: return old->decimals == made->decimals && old->length == made->length;
	case TYPE_VARBINARY:
	case TYPE_CHAR:
	case TYPE_VARCHAR:
		return old->collation->charset == made->collation->charset && made->length >= old->length &&
		       (type_octet_length(old) > 255) == (type_octet_length(made) > 255);
	case TYPE_ENUM:
	case TYPE_SET:
		return old->collation->charset == made->collation->charset && names_extend(old, made) &&
		       type_packed_size_max(old) == type_packed_size_max(made);
	default: return !type_is_text(old->kind) || old->collation->charset == made->collation->charset;
	}
}

static bool is_indexed(const struct table *table, unsigned column)
{
	for (unsigned i = 0; i < table->index_count; i++)
		for (unsigned k = 0; k < table->indexes[i].part_count; k++)
			if (table->indexes[i].parts[k].column == column)
				return true;
	return false;
}

static bool keeps_column(const struct table *old, const struct table *made, unsigned old_position, unsigned position)
{
	const struct column *was = &old->columns[old_position], *is = &made->columns[position];
	if (!alter_same_fields(&was->type, &is->type) || (was->nullable && !is->nullable))
		return false;
	if (was->generated != is->generated ||
	    (was->generated != GENERATED_NONE && strcmp(was->generated_expression, is->generated_expression) != 0))
		return false;
	/* An index holds a byte more for a column that may be NULL, and weights of its collation. */
	bool same_keys = was->nullable == is->nullable && was->type.collation == is->type.collation;
	return same_keys || (!is_indexed(old, old_position) && !is_indexed(made, position));
}

static bool same_primary_key(const struct table *old, const struct table *made)
{
	const struct index *was = &old->indexes[0], *is = &made->indexes[0];
	return old->has_primary_key == made->has_primary_key &&
	       (!old->has_primary_key || (is->space != 0 && is->space == was->space));
}

static bool has_new_checks(const struct table *old, const struct table *made)
{
	for (unsigned i = 0; i < made->check_count; i++) {
		bool known = !made->checks[i].enforced;
		for (unsigned k = 0; k < old->check_count && !known; k++)
			known = old->checks[k].enforced &&
				strcmp(old->checks[k].expression, made->checks[i].expression) == 0;
		if (!known)
			return true;
	}
	return false;
}

bool alter_checks_foreign_keys(const struct table_draft *draft)
{
	for (const struct draft_foreign_key *key = draft->foreign_keys; key; key = key->next)
		if (key->is_new)
			return draft->statement->session->variables.foreign_key_checks;
	return false;
}

/* A value for rows that are there must be the same for all, and found out now. */
static bool has_one_value(const struct column *column)
{
	enum type_kind kind = column->type.kind;
	bool is_date = kind == TYPE_DATE || kind == TYPE_DATETIME || kind == TYPE_TIMESTAMP;
	bool wants_zero_date = is_date && column->default_kind == DEFAULT_NONE && !column->nullable;
	return column->generated == GENERATED_NONE && !column->auto_increment &&
	       column->default_kind != DEFAULT_EXPRESSION && !wants_zero_date;
}

enum column_changes { COLUMNS_STAY, COLUMNS_COME_OR_GO, COLUMNS_CHANGE };

static enum column_changes compare_columns(const struct alteration *alteration, const struct table *made)
{
	const struct table *old = alteration->old;
	int last = -1;
	unsigned position = 0, kept = 0;
	for (const struct draft_column *it = alteration->draft.columns; it; it = it->next, position++) {
		if (it->old_position < 0 && !has_one_value(&made->columns[position]))
			return COLUMNS_CHANGE;
		if (it->old_position < 0)
			continue;
		if (it->old_position < last || !keeps_column(old, made, (unsigned)it->old_position, position))
			return COLUMNS_CHANGE;
		last = it->old_position;
		kept++;
	}
	return kept == old->column_count && kept == made->column_count ? COLUMNS_STAY : COLUMNS_COME_OR_GO;
}

enum alter_way alter_choose_way(const struct alteration *alteration, const struct table *made)
{
	const struct table *old = alteration->old;
	if (alteration->must_copy || made->temporary || !same_primary_key(old, made) || has_new_checks(old, made) ||
	    alter_checks_foreign_keys(&alteration->draft))
		return ALTER_COPIES_ROWS;
	enum column_changes changes = compare_columns(alteration, made);
	if (changes == COLUMNS_STAY)
		return ALTER_KEEPS_ROWS;
	/* Without a primary key there is an index on what the whole image is, and that would not stay. */
	bool may_age = old->has_primary_key && old->row_generation < row_generation_max;
	return changes == COLUMNS_COME_OR_GO && may_age ? ALTER_AGES_ROWS : ALTER_COPIES_ROWS;
}

/* ------------------------------------------------------------------ rows grow older */

static int find_missing(struct row_maker *maker, unsigned column, struct bytes *out)
{
	const struct column *definition = &maker->table->columns[column];
	if (definition->default_kind == DEFAULT_NONE && !definition->nullable)
		row_maker_set_implicit_default(maker, column);
	else if (row_maker_set_default(maker, column) != 0)
		return -1;
	const struct row_field *field = &maker->fields[column];
	*out = (struct bytes){0};
	if (field->state != ROW_FIELD_NULL)
		*out = bytes_of(arena_copy(maker->statement->arena, maker->storage.data + field->at, field->size),
				field->size);
	return 0;
}

int alter_age_rows(struct alteration *alteration, struct table *made)
{
	struct statement *statement = alteration->statement;
	const int *sources = alteration_sources(alteration);
	struct bytes *missing = arena_array(statement->arena, struct bytes, made->column_count);
	struct environment environment;
	struct row_maker maker = {0};
	environment_init(&environment, statement, MDL_SHARED_READ);
	environment.resolve.database = made->database;
	int status = row_maker_init(&maker, statement, made, &environment.resolve, alteration->ignore);
	if (status == 0) {
		row_maker_begin(&maker);
		for (unsigned i = 0; i < made->column_count && status == 0; i++)
			if (sources[i] < 0)
				status = find_missing(&maker, i, &missing[i]);
		row_maker_deinit(&maker);
	}
	environment_deinit(&environment);
	if (status == 0)
		table_add_row_generation(made, alteration->old, sources, missing);
	return status;
}

/* ------------------------------------------------------------------ ALGORITHM, LOCK */

static bool builds_indexes(const struct table *old, const struct table *made)
{
	for (unsigned i = 0; i < made->index_count; i++)
		if (made->indexes[i].space == 0 && !made->indexes[i].hidden)
			return true;
	return made->has_primary_key != old->has_primary_key;
}

/* What MySQL has to give up a running table for. */
static const char *why_copy(const struct alteration *alteration, const struct table *made)
{
	unsigned position = 0;
	for (const struct draft_column *it = alteration->draft.columns; it; it = it->next, position++)
		if (it->old_position >= 0 && !alter_same_fields(&alteration->old->columns[it->old_position].type,
								&made->columns[position].type))
			return "Cannot change column type INPLACE";
	return alter_checks_foreign_keys(&alteration->draft) ? "Adding foreign keys needs foreign_key_checks=OFF" : NULL;
}

static bool is(const char *word, const char *wanted)
{
	return word && strcmp(word, wanted) == 0;
}

int alter_check_algorithm(const struct alteration *alteration, const struct table *made, enum alter_way way)
{
	struct diag *diag = alteration->statement->diag;
	const char *algorithm = alteration->algorithm, *lock = alteration->lock;
	if (is(algorithm, "INSTANT") && lock && !is(lock, "DEFAULT"))
		return diag_set(diag, ER_WRONG_USAGE, "ALGORITHM=INSTANT", "LOCK=NONE/SHARED/EXCLUSIVE");
	const char *reason = way == ALTER_COPIES_ROWS ? why_copy(alteration, made) : NULL;
	if (is(algorithm, "INSTANT") && reason)
		return diag_set(diag, ER_ALTER_OPERATION_NOT_SUPPORTED_REASON, "ALGORITHM=INSTANT",
				"Need to rebuild the table to change column type", "ALGORITHM=COPY/INPLACE");
	if (is(algorithm, "INSTANT") && (way == ALTER_COPIES_ROWS || builds_indexes(alteration->old, made)))
		return diag_set(diag, ER_ALTER_OPERATION_NOT_SUPPORTED, "ALGORITHM=INSTANT", "ALGORITHM=COPY/INPLACE");
	if ((is(algorithm, "INPLACE") || is(algorithm, "NOCOPY")) && reason)
		return diag_set(diag, ER_ALTER_OPERATION_NOT_SUPPORTED_REASON, "ALGORITHM=INPLACE", reason,
				"ALGORITHM=COPY");
	if (is(lock, "NONE") && (is(algorithm, "COPY") || reason))
		return diag_set(diag, ER_ALTER_OPERATION_NOT_SUPPORTED_REASON, "LOCK=NONE",
				reason ? reason : "COPY algorithm requires a lock", "LOCK=SHARED");
	return 0;
}
