#include "exec/definition/table_draft.h"

#include <stdio.h>
#include <stdlib.h>

#include "exec/environment.h"
#include "exec/rows/row_maker.h"

void draft_init(struct table_draft *draft, struct statement *statement, const char *database, const char *name,
		const struct collation *collation)
{
	*draft = (struct table_draft){.statement = statement, .database = database, .name = name,
				      .collation = collation, .engine = "InnoDB", .comment = "", .options = ""};
}

/* ------------------------------------------------------------------ from a table */

static void copy_type(struct arena *arena, struct column_type *type)
{
	struct bytes *names = arena_array(arena, struct bytes, type->name_count);
	for (unsigned i = 0; i < type->name_count; i++)
		names[i] = bytes_of(arena_copy_text(arena, (const char *)type->names[i].data, type->names[i].size),
				    type->names[i].size);
	type->names = type->name_count ? names : NULL;
}

static struct column copy_column(struct arena *arena, const struct column *from)
{
	struct column column = *from;
	column.name = arena_copy_string(arena, from->name);
	column.default_text = arena_copy_string(arena, from->default_text);
	column.generated_expression = arena_copy_string(arena, from->generated_expression);
	column.comment = arena_copy_string(arena, from->comment ? from->comment : "");
	/* An empty field, of '' in a type without a length, still is one. */
	column.default_field = from->default_kind == DEFAULT_VALUE
				       ? bytes_of(arena_copy_text(arena, (const char *)from->default_field.data,
								  from->default_field.size),
						  from->default_field.size)
				       : bytes_of(NULL, 0);
	copy_type(arena, &column.type);
	return column;
}

static void load_columns(struct table_draft *draft, const struct table *table)
{
	struct arena *arena = draft->statement->arena;
	struct draft_column *last = NULL;
	for (unsigned i = 0; i < table->column_count; i++) {
		struct draft_column *made = arena_new(arena, struct draft_column);
		made->column = copy_column(arena, &table->columns[i]);
		made->old_position = (int)i;
		draft_insert_column(draft, made, last);
		last = made;
	}
}

static void load_keys(struct table_draft *draft, const struct table *table, const struct index *indexes, unsigned count)
{
	struct arena *arena = draft->statement->arena;
	for (unsigned i = 0; i < count; i++) {
		const struct index *index = &indexes[i];
		if (index->hidden)
			continue;
		struct draft_key *key = draft_append_key(draft);
		*key = (struct draft_key){.name = arena_copy_string(arena, index->name), .kind = index->kind,
					  .comment = arena_copy_string(arena, index->comment),
					  .invisible = index->invisible, .space = index->space,
					  .part_count = index->part_count};
		key->parts = arena_array(arena, struct draft_part, index->part_count);
		for (unsigned k = 0; k < index->part_count; k++)
			key->parts[k] = (struct draft_part){
				draft_find_column(draft, table->columns[index->parts[k].column].name)->column.name,
				index->parts[k].prefix_length, index->parts[k].descending};
	}
}

static void load_foreign_keys(struct table_draft *draft, const struct table *table)
{
	struct arena *arena = draft->statement->arena;
	struct draft_foreign_key **place = &draft->foreign_keys;
	for (unsigned i = 0; i < table->foreign_key_count; i++) {
		const struct foreign_key *from = &table->foreign_keys[i];
		struct draft_foreign_key *made = *place = arena_new(arena, struct draft_foreign_key);
		place = &made->next;
		*made = (struct draft_foreign_key){.name = arena_copy_string(arena, from->name),
						   .index_name = arena_copy_string(arena, from->name),
						   .column_count = from->column_count,
						   .parent_database = arena_copy_string(arena, from->parent_database),
						   .parent_table = arena_copy_string(arena, from->parent_table),
						   .on_delete = from->on_delete, .on_update = from->on_update};
		made->columns = arena_array(arena, const char *, from->column_count);
		made->parent_columns = arena_array(arena, const char *, from->column_count);
		for (unsigned k = 0; k < from->column_count; k++) {
			/* The column's own string: who renames it knows it again by that. */
			made->columns[k] = draft_find_column(draft, table->columns[from->columns[k]].name)->column.name;
			made->parent_columns[k] = arena_copy_string(arena, from->parent_columns[k]);
		}
	}
}

static void load_checks(struct table_draft *draft, const struct table *table)
{
	struct arena *arena = draft->statement->arena;
	struct draft_check **place = &draft->checks;
	for (unsigned i = 0; i < table->check_count; i++) {
		*place = arena_new(arena, struct draft_check);
		(*place)->name = arena_copy_string(arena, table->checks[i].name);
		(*place)->expression = arena_copy_string(arena, table->checks[i].expression);
		(*place)->enforced = table->checks[i].enforced;
		place = &(*place)->next;
	}
}

void draft_load(struct table_draft *draft, struct statement *statement, const struct table *table)
{
	struct arena *arena = statement->arena;
	draft_init(draft, statement, arena_copy_string(arena, table->database), arena_copy_string(arena, table->name),
		   table->collation);
	draft->engine = arena_copy_string(arena, table->engine);
	draft->row_format = arena_copy_string(arena, table->row_format);
	draft->comment = arena_copy_string(arena, table->comment);
	draft->options = arena_copy_string(arena, table->options);
	draft->temporary = table->temporary;
	draft->row_generation = table->row_generation;
	draft->stored = stored_columns_copy(arena, table->stored, table->stored_count);
	draft->stored_count = table->stored_count;
	load_columns(draft, table);
	load_keys(draft, table, table->indexes, table->index_count);
	load_keys(draft, table, table->fulltext_keys, table->fulltext_count);
	load_foreign_keys(draft, table);
	load_checks(draft, table);
}

void draft_leave_rows(struct table_draft *draft)
{
	for (struct draft_key *key = draft->keys; key; key = key->next)
		key->space = 0;
	draft->row_generation = 0;
	draft->stored_count = 0;
}

/* ------------------------------------------------------------------ to a table */

static unsigned position_of(const struct table_draft *draft, const char *name)
{
	unsigned position = 0;
	for (struct draft_column *it = draft->columns; it; it = it->next, position++)
		if (draft_same_name(it->column.name, name))
			return position;
	return 0;
}

static void build_columns(const struct table_draft *draft, struct table *table)
{
	for (struct draft_column *it = draft->columns; it; it = it->next)
		table->column_count++;
	table->columns = arena_array(&table->arena, struct column, table->column_count);
	unsigned i = 0;
	for (struct draft_column *it = draft->columns; it; it = it->next)
		table->columns[i++] = copy_column(&table->arena, &it->column);
}

static void build_keys(const struct table_draft *draft, struct table *table)
{
	struct arena *arena = &table->arena;
	unsigned count = 0;
	for (struct draft_key *key = draft->keys; key; key = key->next)
		count++;
	table->indexes = arena_array(arena, struct index, count + 1);
	table->fulltext_keys = arena_array(arena, struct index, count + 1);
	for (struct draft_key *key = draft->keys; key; key = key->next) {
		struct index *index = key->kind == INDEX_FULLTEXT ? &table->fulltext_keys[table->fulltext_count++]
								  : &table->indexes[table->index_count++];
		*index = (struct index){.name = arena_copy_string(arena, key->name), .kind = key->kind,
					.space = key->space, .part_count = key->part_count,
					.comment = arena_copy_string(arena, key->comment),
					.invisible = key->invisible};
		index->parts = arena_array(arena, struct index_part, key->part_count);
		for (unsigned k = 0; k < key->part_count; k++)
			index->parts[k] = (struct index_part){position_of(draft, key->parts[k].column),
							      key->parts[k].prefix, key->parts[k].descending};
	}
}

static int compare_foreign_keys(const void *a, const void *b)
{
	return strcasecmp(((const struct foreign_key *)a)->name, ((const struct foreign_key *)b)->name);
}

/* In the order of their names, as MySQL lists them. */
static void build_foreign_keys(const struct table_draft *draft, struct table *table)
{
	struct arena *arena = &table->arena;
	for (struct draft_foreign_key *it = draft->foreign_keys; it; it = it->next)
		table->foreign_key_count++;
	table->foreign_keys = arena_array(arena, struct foreign_key, table->foreign_key_count + 1);
	unsigned i = 0;
	for (struct draft_foreign_key *it = draft->foreign_keys; it; it = it->next) {
		struct foreign_key *key = &table->foreign_keys[i++];
		*key = (struct foreign_key){.name = arena_copy_string(arena, it->name),
					    .column_count = it->column_count,
					    .parent_database = arena_copy_string(arena, it->parent_database),
					    .parent_table = arena_copy_string(arena, it->parent_table),
					    .on_delete = it->on_delete, .on_update = it->on_update};
		key->columns = arena_array(arena, unsigned, it->column_count);
		key->parent_columns = arena_array(arena, const char *, it->column_count);
		for (unsigned k = 0; k < it->column_count; k++) {
			key->columns[k] = position_of(draft, it->columns[k]);
			key->parent_columns[k] = arena_copy_string(arena, it->parent_columns[k]);
		}
	}
	qsort(table->foreign_keys, table->foreign_key_count, sizeof *table->foreign_keys, compare_foreign_keys);
}

static void build_checks(const struct table_draft *draft, struct table *table)
{
	for (struct draft_check *it = draft->checks; it; it = it->next)
		table->check_count++;
	table->checks = arena_array(&table->arena, struct check_constraint, table->check_count + 1);
	unsigned i = 0;
	for (struct draft_check *it = draft->checks; it; it = it->next)
		table->checks[i++] = (struct check_constraint){arena_copy_string(&table->arena, it->name),
							       arena_copy_string(&table->arena, it->expression),
							       it->enforced};
}

static bool has_expressions(const struct table *table)
{
	for (unsigned i = 0; i < table->column_count; i++)
		if (table->columns[i].default_kind == DEFAULT_EXPRESSION ||
		    table->columns[i].generated != GENERATED_NONE)
			return true;
	return table->check_count > 0;
}

/* A CHECK that names no column of the table is told by its own name. */
static void name_check(struct table_draft *draft, const struct table *table)
{
	struct diag *diag = draft->statement->diag;
	char column[diag_message_size];
	if (diag->code != ER_BAD_FIELD_ERROR || strstr(diag->message, "check constraint") == NULL ||
	    sscanf(diag->message, "Unknown column '%[^']'", column) != 1)
		return;
	for (unsigned i = 0; i < table->check_count; i++) {
		if (strstr(table->checks[i].expression, arena_printf(draft->statement->arena, "`%s`", column)) == NULL)
			continue;
		diag_set(diag, ER_CHECK_CONSTRAINT_REFERS_UNKNOWN_COLUMN, table->checks[i].name, column);
		return;
	}
}

/* Whoever writes rows resolves these expressions; so they are good when that can be done now. */
static int check_expressions(struct table_draft *draft, struct table *table)
{
	struct environment environment;
	struct row_maker maker = {0};
	if (!has_expressions(table))
		return 0;
	environment_init(&environment, draft->statement, MDL_SHARED_READ);
	environment.resolve.database = draft->database;
	int status = row_maker_init(&maker, draft->statement, table, &environment.resolve, false);
	if (status == 0)
		row_maker_deinit(&maker);
	else
		name_check(draft, table);
	environment_deinit(&environment);
	return status;
}

static struct table *build(const struct table_draft *draft)
{
	struct table *table = table_create();
	struct arena *arena = &table->arena;
	table->database = arena_copy_string(arena, draft->database);
	table->name = arena_copy_string(arena, draft->name);
	table->collation = draft->collation;
	table->engine = arena_copy_string(arena, draft->engine);
	table->row_format = arena_copy_string(arena, draft->row_format);
	table->comment = arena_copy_string(arena, draft->comment);
	table->options = arena_copy_string(arena, draft->options);
	table->temporary = draft->temporary;
	table->create_time_us = draft->statement->session->statement_time_us;
	table->row_generation = draft->row_generation;
	table->stored = stored_columns_copy(arena, draft->stored, draft->stored_count);
	table->stored_count = draft->stored_count;
	build_columns(draft, table);
	build_keys(draft, table);
	build_foreign_keys(draft, table);
	build_checks(draft, table);
	table_finish(table);
	return table;
}

/* InnoDB alone knows foreign keys; the others take the clause, make its key, and forget it. */
static void forget_foreign_keys(struct table_draft *draft)
{
	if (strcmp(draft->engine, "InnoDB") != 0 && strcmp(draft->engine, "ndbcluster") != 0)
		draft->foreign_keys = NULL;
}

struct table *draft_build(struct table_draft *draft)
{
	if (draft_check_columns(draft) != 0)
		return NULL;
	draft_support_foreign_keys(draft);
	forget_foreign_keys(draft);
	if (draft_check_keys(draft) != 0 || draft_check_foreign_keys(draft) != 0 || draft_check_checks(draft) != 0)
		return NULL;
	struct table *table = build(draft);
	if (draft->auto_increment && table->auto_increment_column >= 0)
		auto_increment_set(table, draft->auto_increment);
	if (check_expressions(draft, table) != 0)
		table_unref(&table);
	return table;
}
