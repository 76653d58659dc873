/* ALTER TABLE's actions on columns. */
#include <string.h>

#include "base/buf.h"
#include "exec/definition/alter_table.h"

const int *alteration_sources(const struct alteration *alteration)
{
	unsigned count = 0;
	for (const struct draft_column *it = alteration->draft.columns; it; it = it->next)
		count++;
	int *sources = arena_array(alteration->statement->arena, int, count), *next = sources;
	for (const struct draft_column *it = alteration->draft.columns; it; it = it->next)
		*next++ = it->old_position;
	return sources;
}

struct draft_column *alteration_find_column(struct alteration *alteration, const char *name)
{
	int position = table_find_column(alteration->old, bytes_of_string(name));
	if (position < 0)
		return draft_find_column(&alteration->draft, name);
	struct draft_column *it = alteration->draft.columns;
	while (it && it->old_position != position)
		it = it->next;
	return it;
}

static int unknown_column(struct alteration *alteration, const char *name)
{
	return diag_set(alteration->statement->diag, ER_BAD_FIELD_ERROR, name, alteration->name.name);
}

/* MariaDB's IF EXISTS and IF NOT EXISTS: what would be an error is a note. */
static int note_or_error(struct alteration *alteration, bool is_note, enum error_code code, const char *name)
{
	if (!is_note)
		return diag_set(alteration->statement->diag, code, name);
	warnings_add(&alteration->statement->session->warnings, WARNING_NOTE, code, name);
	return 0;
}

/* ------------------------------------------------------------------ expressions that read a column */

/* Stored expressions are printed by us, so a column in them is its name in backticks. */
static bool reads_column(const char *expression, const char *column)
{
	struct buf quoted;
	buf_init(&quoted);
	ast_name_print(column, &quoted);
	bool found = strcasestr(expression, buf_cstring(&quoted)) != NULL;
	buf_deinit(&quoted);
	return found;
}

static int check_readers(struct alteration *alteration, const struct draft_column *column)
{
	struct diag *diag = alteration->statement->diag;
	const char *name = column->column.name;
	for (struct draft_column *it = alteration->draft.columns; it; it = it->next)
		if (it != column && it->column.generated_expression &&
		    reads_column(it->column.generated_expression, name))
			return diag_set(diag, ER_DEPENDENT_BY_GENERATED_COLUMN, name);
	for (struct draft_check *it = alteration->draft.checks; it; it = it->next)
		if (reads_column(it->expression, name))
			return diag_set(diag, ER_DROP_COLUMN_NEEDED_BY_CHECK, it->name ? it->name : "", name);
	return 0;
}

/* ------------------------------------------------------------------ places */

static int find_place(struct alteration *alteration, const struct ast_alter_action *action,
		      struct draft_column **out_after)
{
	struct draft_column *after = NULL;
	if (action->position == AST_POSITION_AFTER) {
		after = draft_find_column(&alteration->draft, action->after.text);
		if (after == NULL)
			return unknown_column(alteration, action->after.text);
	} else if (action->position == AST_POSITION_NONE) {
		after = draft_last_column(&alteration->draft);
	}
	*out_after = after;
	return 0;
}

static void take_out(struct table_draft *draft, struct draft_column *column)
{
	struct draft_column **place = &draft->columns;
	while (*place != column)
		place = &(*place)->next;
	*place = column->next;
}

int alter_add_column(struct alteration *alteration, const struct ast_alter_action *action)
{
	struct table_draft *draft = &alteration->draft;
	struct draft_column *made, *after = NULL;
	const char *name = action->column->name.text;
	if (draft_find_column(draft, name))
		return note_or_error(alteration, action->if_exists, ER_DUP_FIELDNAME, name);
	if (draft_make_column(draft, action->column, &made) != 0 || find_place(alteration, action, &after) != 0)
		return -1;
	draft_insert_column(draft, made, after);
	return draft_add_column_constraints(draft, action->column);
}

/* ------------------------------------------------------------------ another name */

static void rename_everywhere(struct alteration *alteration, const char *old, const char *new_name)
{
	struct table_draft *draft = &alteration->draft;
	for (struct draft_key *key = draft->keys; key; key = key->next)
		for (unsigned i = 0; i < key->part_count; i++)
			if (key->parts[i].column == old)
				key->parts[i].column = new_name;
	for (struct draft_foreign_key *key = draft->foreign_keys; key; key = key->next) {
		bool is_self = !key->is_new && strcmp(key->parent_database, alteration->name.database) == 0 &&
			       strcmp(key->parent_table, alteration->name.name) == 0;
		for (unsigned i = 0; i < key->column_count; i++) {
			if (key->columns[i] == old)
				key->columns[i] = new_name;
			if (is_self && draft_same_name(key->parent_columns[i], old))
				key->parent_columns[i] = new_name;
		}
	}
}

static int rename_column(struct alteration *alteration, struct draft_column *column, const char *new_name)
{
	const char *old = column->column.name;
	if (!draft_same_name(old, new_name) && check_readers(alteration, column) != 0)
		return -1;
	column->column.name = new_name;
	rename_everywhere(alteration, old, new_name);
	return 0;
}

int alter_rename_column(struct alteration *alteration, const struct ast_alter_action *action)
{
	struct draft_column *column = alteration_find_column(alteration, action->name.text);
	if (column == NULL)
		return unknown_column(alteration, action->name.text);
	return rename_column(alteration, column, action->new_name.text);
}

/* ------------------------------------------------------------------ another definition */

/* A prefix that the new type does not have, or that is not shorter than it, is none. */
static void settle_prefixes(struct table_draft *draft, const struct column *column)
{
	for (struct draft_key *key = draft->keys; key; key = key->next)
		for (unsigned i = 0; i < key->part_count; i++) {
			struct draft_part *part = &key->parts[i];
			if (part->column != column->name || part->prefix == 0)
				continue;
			bool is_string = column->type.kind >= TYPE_CHAR && column->type.kind <= TYPE_VARBINARY;
			if (!type_is_blob(column->type.kind) && (!is_string || part->prefix >= column->type.length))
				part->prefix = 0;
		}
}

static int check_foreign_keys(struct alteration *alteration, const struct draft_column *was, const struct column *is)
{
	struct session *session = alteration->statement->session;
	const struct column_type *old = &was->column.type, *made = &is->type;
	bool same = old->kind == made->kind && old->is_unsigned == made->is_unsigned &&
		    old->collation == made->collation && old->decimals == made->decimals;
	if (same || !session->variables.foreign_key_checks)
		return 0;
	for (struct draft_foreign_key *key = alteration->draft.foreign_keys; key; key = key->next)
		for (unsigned i = 0; i < key->column_count; i++)
			if (key->columns[i] == was->column.name)
				return diag_set(alteration->statement->diag, ER_FK_COLUMN_CANNOT_CHANGE,
						was->column.name, key->name);
	return 0;
}

/* CHANGE names the old column and MODIFY only the one. */
int alter_change_column(struct alteration *alteration, const struct ast_alter_action *action)
{
	struct table_draft *draft = &alteration->draft;
	const char *old_name = action->kind == AST_ALTER_CHANGE_COLUMN ? action->name.text : action->column->name.text;
	struct draft_column *column = alteration_find_column(alteration, old_name), *made, *after = NULL;
	if (column == NULL && action->if_exists)
		return note_or_error(alteration, true, ER_CANT_DROP_FIELD_OR_KEY, old_name);
	if (column == NULL)
		return unknown_column(alteration, old_name);
	if (draft_make_column(draft, action->column, &made) != 0 ||
	    check_foreign_keys(alteration, column, &made->column) != 0)
		return -1;
	if (strcmp(column->column.name, made->column.name) != 0 &&
	    rename_column(alteration, column, made->column.name) != 0)
		return -1;
	rename_everywhere(alteration, column->column.name, made->column.name);
	column->column = made->column;
	column->null_given = made->null_given;
	column->default_given = made->default_given;
	column->wants_timestamp = made->wants_timestamp;
	settle_prefixes(draft, &column->column);
	if (action->position != AST_POSITION_NONE) {
		take_out(draft, column);
		if (find_place(alteration, action, &after) != 0)
			return -1;
		draft_insert_column(draft, column, after);
	}
	return draft_add_column_constraints(draft, action->column);
}

int alter_set_default(struct alteration *alteration, const struct ast_alter_action *action)
{
	struct draft_column *column = alteration_find_column(alteration, action->name.text);
	if (column == NULL)
		return unknown_column(alteration, action->name.text);
	if (action->kind == AST_ALTER_SET_VISIBLE) {
		column->column.invisible = !action->visible;
		return 0;
	}
	if (action->kind == AST_ALTER_DROP_DEFAULT) {
		column->column.default_kind = DEFAULT_NONE;
		return 0;
	}
	if (draft_set_default(&alteration->draft, column, action->value, action->value->parenthesised) != 0)
		return -1;
	if (column->column.default_kind == DEFAULT_NULL && !column->column.nullable)
		return diag_set(alteration->statement->diag, ER_INVALID_DEFAULT, column->column.name);
	return 0;
}

/* ------------------------------------------------------------------ DROP COLUMN */

/* Keys lose the column, and go when it was their last. */
static void leave_keys(struct alteration *alteration, const struct draft_column *column)
{
	struct draft_key **place = &alteration->draft.keys;
	while (*place) {
		struct draft_key *key = *place;
		unsigned kept = 0;
		for (unsigned i = 0; i < key->part_count; i++)
			if (key->parts[i].column != column->column.name)
				key->parts[kept++] = key->parts[i];
		if (kept != key->part_count)
			key->space = 0;
		key->part_count = kept;
		if (kept == 0)
			*place = key->next;
		else
			place = &key->next;
	}
}

int alter_drop_column(struct alteration *alteration, const struct ast_alter_action *action)
{
	struct table_draft *draft = &alteration->draft;
	struct draft_column *column = alteration_find_column(alteration, action->name.text);
	if (column == NULL)
		return note_or_error(alteration, action->if_exists, ER_CANT_DROP_FIELD_OR_KEY, action->name.text);
	for (struct draft_foreign_key *key = draft->foreign_keys; key; key = key->next)
		for (unsigned i = 0; i < key->column_count; i++)
			if (key->columns[i] == column->column.name)
				return diag_set(alteration->statement->diag, ER_FK_COLUMN_CANNOT_DROP,
						column->column.name, key->name);
	/* A CHECK of this column alone goes with it. */
	for (struct draft_check **place = &draft->checks; *place;) {
		bool others = false;
		for (struct draft_column *it = draft->columns; it; it = it->next)
			others |= it != column && reads_column((*place)->expression, it->column.name);
		if (!others && reads_column((*place)->expression, column->column.name))
			*place = (*place)->next;
		else
			place = &(*place)->next;
	}
	if (check_readers(alteration, column) != 0)
		return -1;
	leave_keys(alteration, column);
	take_out(draft, column);
	return draft->columns ? 0 : diag_set(alteration->statement->diag, ER_CANT_REMOVE_ALL_FIELDS);
}

/* ------------------------------------------------------------------ CONVERT TO CHARACTER SET */

static void convert_names(struct arena *arena, struct column_type *type, const struct collation *collation)
{
	struct bytes *names = arena_array(arena, struct bytes, type->name_count + 1);
	for (unsigned i = 0; i < type->name_count; i++) {
		struct buf text;
		buf_init(&text);
		charset_convert(type->collation->charset, type->names[i], collation->charset, &text);
		names[i] = bytes_of(arena_copy_text(arena, (const char *)text.data, text.size), text.size);
		buf_deinit(&text);
	}
	type->names = names;
}

/* TEXT holds octets: where characters become longer, the next larger kind holds what it held. */
static void widen_text(struct column_type *type, const struct collation *collation)
{
	bool grows = collation->charset->max_char_size > type->collation->charset->max_char_size;
	if (type->kind >= TYPE_TINYTEXT && type->kind < TYPE_LONGTEXT && grows)
		type->kind++;
}

static enum type_kind as_binary(enum type_kind kind)
{
	if (kind == TYPE_CHAR || kind == TYPE_VARCHAR)
		return kind - TYPE_CHAR + TYPE_BINARY;
	return kind >= TYPE_TINYTEXT && kind <= TYPE_LONGTEXT ? kind - TYPE_TINYTEXT + TYPE_TINYBLOB : kind;
}

static int convert_column(struct alteration *alteration, struct draft_column *column,
			  const struct collation *collation)
{
	struct column_type *type = &column->column.type;
	if (!type_is_text(type->kind) || type->kind == TYPE_JSON)
		return 0;
	if (type->kind == TYPE_VARCHAR && (uint64_t)type->length * collation->charset->max_char_size > 65535)
		return diag_set(alteration->statement->diag, ER_TOO_BIG_FIELDLENGTH, column->column.name,
				65535ul / collation->charset->max_char_size);
	if (type->kind == TYPE_ENUM || type->kind == TYPE_SET)
		convert_names(alteration->statement->arena, type, collation);
	widen_text(type, collation);
	bool same_charset = type->collation->charset == collation->charset;
	if (collation == collation_binary)
		type->kind = as_binary(type->kind);
	type->collation = collation;
	return same_charset ? 0 : draft_convert_default(&alteration->draft, column);
}

int alter_convert_charset(struct alteration *alteration, const struct ast_alter_action *action)
{
	struct table_draft *draft = &alteration->draft;
	struct statement *statement = alteration->statement;
	const struct collation *fallback, *collation;
	if (!catalog_find_database(statement->session->server->catalog, draft->database, &fallback))
		fallback = draft->collation;
	if (draft_find_collation(statement, action->charset, action->collation, fallback, &collation) != 0)
		return -1;
	for (struct draft_column *it = draft->columns; it; it = it->next)
		if (convert_column(alteration, it, collation) != 0)
			return -1;
	draft->collation = collation;
	return 0;
}
