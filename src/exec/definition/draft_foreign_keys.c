/* Foreign keys on the drawing board. */
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "exec/definition/table_draft.h"

struct draft_foreign_key *draft_find_foreign_key(const struct table_draft *draft, const char *name)
{
	struct draft_foreign_key *it = draft->foreign_keys;
	while (it && !(it->name && draft_same_name(it->name, name)))
		it = it->next;
	return it;
}

static enum foreign_key_action action_of(enum ast_reference_action action)
{
	switch (action) {
	case AST_REFERENCE_RESTRICT: return FK_RESTRICT;
	case AST_REFERENCE_CASCADE: return FK_CASCADE;
	case AST_REFERENCE_SET_NULL: return FK_SET_NULL;
	case AST_REFERENCE_SET_DEFAULT: return FK_SET_DEFAULT;
	default: return FK_NO_ACTION;
	}
}

static const char **column_names(struct arena *arena, const struct ast_key_parts *parts)
{
	const char **names = arena_array(arena, const char *, parts->count + 1);
	for (size_t i = 0; i < parts->count; i++)
		names[i] = parts->items[i].column.text ? parts->items[i].column.text : "";
	return names;
}

int draft_add_foreign_key(struct table_draft *draft, const struct ast_foreign_key *ast)
{
	struct statement *statement = draft->statement;
	const char *shown = ast->constraint.text ? ast->constraint.text
			    : ast->name.text	 ? ast->name.text
						 : "foreign key without name";
	const struct ast_reference *reference = &ast->reference;
	if (draft->temporary)
		return diag_set(statement->diag, ER_CANNOT_ADD_FOREIGN);
	if (ast->columns.count != reference->columns.count)
		return diag_set(statement->diag, ER_WRONG_FK_DEF, shown, "Key reference and table reference don't match");
	struct draft_foreign_key **place = &draft->foreign_keys;
	while (*place)
		place = &(*place)->next;
	struct draft_foreign_key *made = *place = arena_new(statement->arena, struct draft_foreign_key);
	made->name = ast->constraint.text;
	made->index_name = ast->constraint.text ? ast->constraint.text : ast->name.text;
	made->columns = column_names(statement->arena, &ast->columns);
	made->column_count = (unsigned)ast->columns.count;
	made->parent_columns = column_names(statement->arena, &reference->columns);
	made->parent_database = reference->table.database.text ? reference->table.database.text : draft->database;
	made->parent_table = reference->table.name.text;
	made->on_delete = action_of(reference->on_delete);
	made->on_update = action_of(reference->on_update);
	made->is_new = true;
	return 0;
}

/* ------------------------------------------------------------------ keys that serve */

static bool key_serves(const struct draft_key *key, const char *const *columns, unsigned count)
{
	if (key->kind == INDEX_FULLTEXT || key->part_count < count)
		return false;
	for (unsigned i = 0; i < count; i++)
		if (!draft_same_name(key->parts[i].column, columns[i]) || key->parts[i].prefix)
			return false;
	return true;
}

static bool has_key(const struct table_draft *draft, const struct draft_foreign_key *foreign)
{
	for (const struct draft_key *key = draft->keys; key; key = key->next)
		if (key_serves(key, foreign->columns, foreign->column_count))
			return true;
	return false;
}

void draft_support_foreign_keys(struct table_draft *draft)
{
	for (struct draft_foreign_key *it = draft->foreign_keys; it; it = it->next) {
		if (has_key(draft, it))
			continue;
		struct draft_key *key = draft_append_key(draft);
		key->kind = INDEX_PLAIN;
		key->is_support = true;
		key->name = it->index_name && draft_find_key(draft, it->index_name) == NULL ? it->index_name : NULL;
		key->part_count = it->column_count;
		key->parts = arena_array(draft->statement->arena, struct draft_part, it->column_count);
		for (unsigned i = 0; i < it->column_count; i++)
			key->parts[i].column = it->columns[i];
	}
}

/* ------------------------------------------------------------------ names */

/* `<table>_ibfk_<n>`, n above all there are. */
static void name_foreign_keys(struct table_draft *draft)
{
	size_t prefix = strlen(draft->name);
	unsigned long last = 0;
	for (struct draft_foreign_key *it = draft->foreign_keys; it; it = it->next) {
		if (it->name == NULL || strncasecmp(it->name, draft->name, prefix) != 0 ||
		    strncasecmp(it->name + prefix, "_ibfk_", 6) != 0)
			continue;
		unsigned long number = strtoul(it->name + prefix + 6, NULL, 10);
		last = number > last ? number : last;
	}
	for (struct draft_foreign_key *it = draft->foreign_keys; it; it = it->next)
		if (it->name == NULL)
			it->name = arena_printf(draft->statement->arena, "%s_ibfk_%lu", draft->name, ++last);
}

/* A constraint's name belongs to the database. */
static bool is_taken_elsewhere(struct table_draft *draft, const char *constraint)
{
	struct catalog *catalog = draft->statement->session->server->catalog;
	const char **names;
	bool taken = false;
	size_t count = catalog_list_tables(catalog, draft->database, draft->statement->arena, &names);
	for (size_t i = 0; i < count && !taken; i++) {
		if (strcmp(names[i], draft->name) == 0)
			continue;
		struct table *table = catalog_find_table(catalog, draft->database, names[i]);
		for (unsigned k = 0; table && k < table->foreign_key_count; k++)
			taken |= draft_same_name(table->foreign_keys[k].name, constraint);
		table_unref(&table);
	}
	return taken;
}

/* ------------------------------------------------------------------ the parent */

struct parent_column {
	const char *name; /* NULL: there is none */
	struct column_type type;
};

/* The parent is another table, or the one on the drawing board. */
static struct parent_column find_parent_column(struct table_draft *draft, const struct table *parent, const char *name)
{
	if (parent == NULL) {
		struct draft_column *column = draft_find_column(draft, name);
		return column ? (struct parent_column){column->column.name, column->column.type}
			      : (struct parent_column){0};
	}
	int position = table_find_column(parent, bytes_of_string(name));
	if (position < 0)
		return (struct parent_column){0};
	return (struct parent_column){parent->columns[position].name, parent->columns[position].type};
}

static bool index_serves(const struct table *parent, const struct index *index, const struct draft_foreign_key *foreign)
{
	if (index->hidden || index->part_count < foreign->column_count)
		return false;
	for (unsigned i = 0; i < foreign->column_count; i++)
		if (!draft_same_name(parent->columns[index->parts[i].column].name, foreign->parent_columns[i]) ||
		    index->parts[i].prefix_length)
			return false;
	return true;
}

static bool parent_has_key(struct table_draft *draft, const struct table *parent, const struct draft_foreign_key *foreign)
{
	if (parent == NULL) {
		for (const struct draft_key *key = draft->keys; key; key = key->next)
			if (key_serves(key, foreign->parent_columns, foreign->column_count))
				return true;
		return false;
	}
	for (unsigned i = 0; i < parent->index_count; i++)
		if (index_serves(parent, &parent->indexes[i], foreign))
			return true;
	return false;
}

/* Lengths of strings may differ, all else decides how keys are written. */
static bool types_match(const struct column_type *child, const struct column_type *parent)
{
	bool both_char = (child->kind == TYPE_CHAR || child->kind == TYPE_VARCHAR) &&
			 (parent->kind == TYPE_CHAR || parent->kind == TYPE_VARCHAR);
	bool both_binary = (child->kind == TYPE_BINARY || child->kind == TYPE_VARBINARY) &&
			   (parent->kind == TYPE_BINARY || parent->kind == TYPE_VARBINARY);
	if (both_char)
		return child->collation == parent->collation;
	if (both_binary)
		return true;
	if (child->kind != parent->kind)
		return false;
	if (type_is_integer(child->kind))
		return child->is_unsigned == parent->is_unsigned;
	if (child->kind == TYPE_DECIMAL)
		return child->length == parent->length && child->decimals == parent->decimals;
	if (type_is_temporal(child->kind))
		return child->decimals == parent->decimals;
	return true;
}

static int check_columns(struct table_draft *draft, const struct draft_foreign_key *foreign, const struct table *parent)
{
	struct diag *diag = draft->statement->diag;
	for (unsigned i = 0; i < foreign->column_count; i++) {
		struct draft_column *child = draft_find_column(draft, foreign->columns[i]);
		struct parent_column column = find_parent_column(draft, parent, foreign->parent_columns[i]);
		if (column.name == NULL)
			return diag_set(diag, ER_FK_NO_COLUMN_PARENT, foreign->parent_columns[i], foreign->name,
					foreign->parent_table);
		if (!types_match(&child->column.type, &column.type))
			return diag_set(diag, ER_FK_INCOMPATIBLE_COLUMNS, child->column.name, column.name, foreign->name);
		foreign->parent_columns[i] = arena_copy_string(draft->statement->arena, column.name);
	}
	if (!parent_has_key(draft, parent, foreign))
		return diag_set(diag, ER_FK_NO_INDEX_PARENT, foreign->name, foreign->parent_table);
	return 0;
}

static int check_actions(struct table_draft *draft, const struct draft_foreign_key *foreign)
{
	bool sets_null = foreign->on_delete == FK_SET_NULL || foreign->on_update == FK_SET_NULL;
	for (unsigned i = 0; i < foreign->column_count; i++) {
		struct draft_column *child = draft_find_column(draft, foreign->columns[i]);
		if (child == NULL)
			return diag_set(draft->statement->diag, ER_KEY_COLUMN_DOES_NOT_EXITS, foreign->columns[i]);
		if (sets_null && !child->column.nullable)
			return diag_set(draft->statement->diag, ER_FK_COLUMN_NOT_NULL, child->column.name, foreign->name);
	}
	return 0;
}

static int check_parent(struct table_draft *draft, const struct draft_foreign_key *foreign)
{
	struct statement *statement = draft->statement;
	struct session *session = statement->session;
	if (strcmp(foreign->parent_database, draft->database) == 0 && strcmp(foreign->parent_table, draft->name) == 0)
		return check_columns(draft, foreign, NULL);
	if (statement_require(session, PRIVILEGE(REFERENCES), foreign->parent_database, foreign->parent_table,
			      statement->diag) != 0 ||
	    statement_lock_table(session, foreign->parent_database, foreign->parent_table, MDL_SHARED_READ,
				 statement->diag) != 0)
		return -1;
	struct table *parent =
		catalog_find_table(session->server->catalog, foreign->parent_database, foreign->parent_table);
	if (parent == NULL)
		return session->variables.foreign_key_checks
			       ? diag_set(statement->diag, ER_FK_CANNOT_OPEN_PARENT, foreign->parent_table)
			       : 0;
	int status = check_columns(draft, foreign, parent);
	table_unref(&parent);
	return status;
}

int draft_check_foreign_keys(struct table_draft *draft)
{
	struct diag *diag = draft->statement->diag;
	name_foreign_keys(draft);
	for (struct draft_foreign_key *it = draft->foreign_keys; it; it = it->next) {
		if (draft_find_foreign_key(draft, it->name) != it || (it->is_new && is_taken_elsewhere(draft, it->name)))
			return diag_set(diag, ER_FK_DUP_NAME, it->name);
		if (check_actions(draft, it) != 0)
			return -1;
		if (it->is_new && check_parent(draft, it) != 0)
			return -1;
	}
	return 0;
}
