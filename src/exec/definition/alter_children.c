/* What ALTER TABLE means to the tables whose foreign keys reference the altered one. */
#include "exec/definition/alter_table.h"

static bool references(const struct foreign_key *key, const struct alteration *alteration)
{
	return strcmp(key->parent_database, alteration->name.database) == 0 &&
	       strcmp(key->parent_table, alteration->name.name) == 0;
}

static bool is_self(const struct table *child, const struct alteration *alteration)
{
	return strcmp(child->database, alteration->name.database) == 0 &&
	       strcmp(child->name, alteration->name.name) == 0;
}

/* ------------------------------------------------------------------ what they need */

static bool key_leads(const struct draft_key *key, const struct draft_column *const *columns, unsigned count)
{
	if (key->part_count < count)
		return false;
	for (unsigned i = 0; i < count; i++)
		if (!draft_same_name(key->parts[i].column, columns[i]->column.name) || key->parts[i].prefix)
			return false;
	return true;
}

static bool changes_type(const struct alteration *alteration, const struct draft_column *column)
{
	const struct column_type *was = &alteration->old->columns[column->old_position].type;
	const struct column_type *is = &column->column.type;
	return was->kind != is->kind || was->is_unsigned != is->is_unsigned || was->collation != is->collation ||
	       was->decimals != is->decimals;
}

static int check_key(struct alteration *alteration, const struct table *child, const struct foreign_key *key)
{
	struct diag *diag = alteration->statement->diag;
	const struct draft_column **columns =
		arena_array(alteration->statement->arena, const struct draft_column *, key->column_count);
	for (unsigned i = 0; i < key->column_count; i++) {
		columns[i] = alteration_find_column(alteration, key->parent_columns[i]);
		if (columns[i] == NULL || columns[i]->old_position < 0)
			return diag_set(diag, ER_FK_COLUMN_CANNOT_DROP_CHILD, key->parent_columns[i], key->name,
					child->name);
		if (changes_type(alteration, columns[i]))
			return diag_set(diag, ER_FK_COLUMN_CANNOT_CHANGE_CHILD, key->parent_columns[i], key->name,
					child->name);
	}
	for (const struct draft_key *it = alteration->draft.keys; it; it = it->next)
		if (key_leads(it, columns, key->column_count))
			return 0;
	return diag_set(diag, ER_DROP_INDEX_FK, alteration->dropped_key ? alteration->dropped_key : "PRIMARY");
}

int alteration_check_children(struct alteration *alteration)
{
	struct session *session = alteration->statement->session;
	struct table **children;
	if (alteration->old->temporary || !session->variables.foreign_key_checks)
		return 0;
	size_t count = catalog_list_children(session->server->catalog, alteration->name.database, alteration->name.name,
					     alteration->statement->arena, &children);
	int status = 0;
	for (size_t i = 0; i < count; i++) {
		struct table *child = children[i];
		for (unsigned k = 0; k < child->foreign_key_count && status == 0; k++)
			if (references(&child->foreign_keys[k], alteration) && !is_self(child, alteration))
				status = check_key(alteration, child, &child->foreign_keys[k]);
		table_unref(&child);
	}
	return status;
}

/* ------------------------------------------------------------------ what they follow */

static bool renames_something(const struct alteration *alteration)
{
	const struct table_draft *draft = &alteration->draft;
	if (strcmp(draft->name, alteration->name.name) != 0 || strcmp(draft->database, alteration->name.database) != 0)
		return true;
	for (const struct draft_column *it = draft->columns; it; it = it->next)
		if (it->old_position >= 0 &&
		    strcmp(alteration->old->columns[it->old_position].name, it->column.name) != 0)
			return true;
	return false;
}

static void follow(struct alteration *alteration, struct table_draft *child)
{
	for (struct draft_foreign_key *key = child->foreign_keys; key; key = key->next) {
		if (strcmp(key->parent_database, alteration->name.database) != 0 ||
		    strcmp(key->parent_table, alteration->name.name) != 0)
			continue;
		key->parent_database = alteration->draft.database;
		key->parent_table = alteration->draft.name;
		for (unsigned i = 0; i < key->column_count; i++) {
			struct draft_column *column = alteration_find_column(alteration, key->parent_columns[i]);
			if (column)
				key->parent_columns[i] = column->column.name;
		}
	}
}

int alteration_update_children(struct alteration *alteration, struct catalog_change *change)
{
	struct statement *statement = alteration->statement;
	struct renames renames = {.statement = statement};
	struct table **children;
	if (!renames_something(alteration))
		return 0;
	size_t count = catalog_list_children(statement->session->server->catalog, alteration->name.database,
					     alteration->name.name, statement->arena, &children);
	int status = 0;
	for (size_t i = 0; i < count; i++) {
		struct table *child = children[i];
		if (status == 0 && !is_self(child, alteration)) {
			struct table_draft draft;
			status = ddl_lock_table(statement, child->database, child->name);
			draft_load(&draft, statement, child);
			follow(alteration, &draft);
			if (status == 0)
				status = renames_put_version(&renames, change, &draft, child);
		}
		table_unref(&child);
	}
	renames_deinit(&renames);
	return status;
}
