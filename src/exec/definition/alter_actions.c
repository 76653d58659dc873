/* ALTER TABLE's actions, one by one, on the draft. */
#include <strings.h>

#include "exec/definition/alter_table.h"

typedef int action_handler(struct alteration *alteration, const struct ast_alter_action *action);

static int missing(struct alteration *alteration, const struct ast_alter_action *action, enum error_code code)
{
	struct statement *statement = alteration->statement;
	if (!action->if_exists)
		return diag_set(statement->diag, code, action->name.text);
	warnings_add(&statement->session->warnings, WARNING_NOTE, code, action->name.text);
	return 0;
}

/* ------------------------------------------------------------------ keys */

static void remove_key(struct alteration *alteration, struct draft_key *key)
{
	struct draft_key **place = &alteration->draft.keys;
	while (*place != key)
		place = &(*place)->next;
	*place = key->next;
	alteration->dropped_key = key->name;
}

static int add_key(struct alteration *alteration, const struct ast_alter_action *action)
{
	return draft_add_key(&alteration->draft, action->key);
}

static int drop_key(struct alteration *alteration, const struct ast_alter_action *action)
{
	struct draft_key *key = draft_find_key(&alteration->draft, action->name.text);
	if (key == NULL)
		return missing(alteration, action, ER_CANT_DROP_FIELD_OR_KEY);
	remove_key(alteration, key);
	return 0;
}

static int drop_primary_key(struct alteration *alteration, const struct ast_alter_action *action)
{
	struct draft_key *key = draft_find_key(&alteration->draft, "PRIMARY");
	if (key == NULL)
		return diag_set(alteration->statement->diag, ER_CANT_DROP_FIELD_OR_KEY, "PRIMARY");
	remove_key(alteration, key);
	return 0;
}

static int missing_key(struct alteration *alteration, const char *name)
{
	return diag_set(alteration->statement->diag, ER_KEY_DOES_NOT_EXITS, name, alteration->name.name);
}

static int rename_key(struct alteration *alteration, const struct ast_alter_action *action)
{
	struct draft_key *key = draft_find_key(&alteration->draft, action->name.text);
	if (key == NULL || key->kind == INDEX_PRIMARY)
		return missing_key(alteration, action->name.text);
	if (strcasecmp(action->new_name.text, "PRIMARY") == 0)
		return diag_set(alteration->statement->diag, ER_WRONG_NAME_FOR_INDEX, action->new_name.text);
	key->name = action->new_name.text;
	return 0;
}

static int show_key(struct alteration *alteration, const struct ast_alter_action *action)
{
	struct draft_key *key = draft_find_key(&alteration->draft, action->name.text);
	if (key == NULL)
		return missing_key(alteration, action->name.text);
	if (key->kind == INDEX_PRIMARY && !action->visible)
		return diag_set(alteration->statement->diag, ER_PK_INDEX_CANT_BE_INVISIBLE);
	key->invisible = !action->visible;
	return 0;
}

/* ------------------------------------------------------------------ constraints */

static int add_foreign_key(struct alteration *alteration, const struct ast_alter_action *action)
{
	return draft_add_foreign_key(&alteration->draft, action->foreign_key);
}

static int drop_foreign_key(struct alteration *alteration, const struct ast_alter_action *action)
{
	struct draft_foreign_key *key = draft_find_foreign_key(&alteration->draft, action->name.text);
	struct draft_foreign_key **place = &alteration->draft.foreign_keys;
	if (key == NULL)
		return missing(alteration, action, ER_CANT_DROP_FIELD_OR_KEY);
	while (*place != key)
		place = &(*place)->next;
	*place = key->next;
	return 0;
}

static int add_check(struct alteration *alteration, const struct ast_alter_action *action)
{
	return draft_add_check(&alteration->draft, action->check);
}

static int drop_check(struct alteration *alteration, const struct ast_alter_action *action)
{
	struct draft_check *check = draft_find_check(&alteration->draft, action->name.text);
	struct draft_check **place = &alteration->draft.checks;
	if (check == NULL)
		return missing(alteration, action, ER_CHECK_CONSTRAINT_NOT_FOUND);
	while (*place != check)
		place = &(*place)->next;
	*place = check->next;
	return 0;
}

static int enforce_check(struct alteration *alteration, const struct ast_alter_action *action)
{
	struct draft_check *check = draft_find_check(&alteration->draft, action->name.text);
	if (check == NULL)
		return missing(alteration, action, ER_CHECK_CONSTRAINT_NOT_FOUND);
	check->enforced = action->visible;
	return 0;
}

static int drop_constraint(struct alteration *alteration, const struct ast_alter_action *action)
{
	if (draft_find_foreign_key(&alteration->draft, action->name.text))
		return drop_foreign_key(alteration, action);
	if (draft_find_check(&alteration->draft, action->name.text))
		return drop_check(alteration, action);
	struct draft_key *key = draft_find_key(&alteration->draft, action->name.text);
	if (key && (key->kind == INDEX_PRIMARY || key->kind == INDEX_UNIQUE))
		return drop_key(alteration, action);
	return missing(alteration, action, ER_CONSTRAINT_NOT_FOUND);
}

/* ------------------------------------------------------------------ the table itself */

static int rename_table(struct alteration *alteration, const struct ast_alter_action *action)
{
	struct ddl_name to;
	if (ddl_resolve_name(alteration->statement, &action->table, PRIVILEGE(CREATE) | PRIVILEGE(INSERT), &to) != 0 ||
	    ddl_check_writable(alteration->statement, to.database) != 0 ||
	    ddl_check_table_name(alteration->statement, to.name) != 0 ||
	    ddl_check_database(alteration->statement, to.database) != 0)
		return -1;
	alteration->draft.database = to.database;
	alteration->draft.name = to.name;
	return 0;
}

static int nothing(struct alteration *alteration, const struct ast_alter_action *action)
{
	return 0;
}

static int force(struct alteration *alteration, const struct ast_alter_action *action)
{
	alteration->must_copy = true;
	return 0;
}

static int switch_keys(struct alteration *alteration, const struct ast_alter_action *action)
{
	if (strcmp(alteration->old->engine, "InnoDB") == 0)
		warnings_add(&alteration->statement->session->warnings, WARNING_NOTE, ER_ILLEGAL_HA,
			     alteration->name.name);
	return 0;
}

static int check_word(struct alteration *alteration, const char *word, const char *const *known, enum error_code code)
{
	for (; *known; known++)
		if (strcmp(*known, word) == 0)
			return 0;
	return diag_set(alteration->statement->diag, code, word);
}

static int check_algorithm(struct alteration *alteration, const struct ast_alter_action *action)
{
	static const char *const known[] = {"DEFAULT", "INSTANT", "INPLACE", "COPY", "NOCOPY", NULL};
	alteration->algorithm = action->word;
	alteration->must_copy |= strcmp(action->word, "COPY") == 0;
	return check_word(alteration, action->word, known, ER_UNKNOWN_ALTER_ALGORITHM);
}

static int check_lock(struct alteration *alteration, const struct ast_alter_action *action)
{
	static const char *const known[] = {"DEFAULT", "NONE", "SHARED", "EXCLUSIVE", NULL};
	alteration->lock = action->word;
	return check_word(alteration, action->word, known, ER_UNKNOWN_ALTER_LOCK);
}

static int refuse_partitions(struct alteration *alteration, const struct ast_alter_action *action)
{
	return diag_set(alteration->statement->diag, ER_NOT_SUPPORTED_YET, "partitions and tablespaces");
}

/* ------------------------------------------------------------------ all of them */

struct action_row {
	action_handler *run;
	bool changes_nothing;
};

static const struct action_row actions[] = {
	[AST_ALTER_ADD_COLUMN] = {alter_add_column, false},
	[AST_ALTER_MODIFY_COLUMN] = {alter_change_column, false},
	[AST_ALTER_CHANGE_COLUMN] = {alter_change_column, false},
	[AST_ALTER_DROP_COLUMN] = {alter_drop_column, false},
	[AST_ALTER_RENAME_COLUMN] = {alter_rename_column, false},
	[AST_ALTER_SET_DEFAULT] = {alter_set_default, false},
	[AST_ALTER_DROP_DEFAULT] = {alter_set_default, false},
	[AST_ALTER_SET_VISIBLE] = {alter_set_default, false},
	[AST_ALTER_ADD_KEY] = {add_key, false},
	[AST_ALTER_DROP_KEY] = {drop_key, false},
	[AST_ALTER_DROP_PRIMARY_KEY] = {drop_primary_key, false},
	[AST_ALTER_RENAME_KEY] = {rename_key, false},
	[AST_ALTER_KEY_VISIBLE] = {show_key, false},
	[AST_ALTER_ADD_FOREIGN_KEY] = {add_foreign_key, false},
	[AST_ALTER_DROP_FOREIGN_KEY] = {drop_foreign_key, false},
	[AST_ALTER_ADD_CHECK] = {add_check, false},
	[AST_ALTER_DROP_CHECK] = {drop_check, false},
	[AST_ALTER_DROP_CONSTRAINT] = {drop_constraint, false},
	[AST_ALTER_CHECK_ENFORCED] = {enforce_check, false},
	[AST_ALTER_RENAME_TABLE] = {rename_table, false},
	[AST_ALTER_OPTION] = {nothing, false}, /* alteration_apply_options did it */
	[AST_ALTER_CONVERT_CHARSET] = {alter_convert_charset, false},
	[AST_ALTER_ORDER_BY] = {nothing, true},
	[AST_ALTER_DISABLE_KEYS] = {switch_keys, true},
	[AST_ALTER_ENABLE_KEYS] = {switch_keys, true},
	[AST_ALTER_FORCE] = {force, false},
	[AST_ALTER_ALGORITHM] = {check_algorithm, true},
	[AST_ALTER_LOCK] = {check_lock, true},
	[AST_ALTER_VALIDATION] = {nothing, true},
	[AST_ALTER_PARTITION] = {refuse_partitions, false},
};

int alteration_apply(struct alteration *alteration, const struct ast_alter_action *action)
{
	const struct action_row *row = &actions[action->kind];
	alteration->has_changes |= !row->changes_nothing;
	return row->run(alteration, action);
}

int alteration_apply_options(struct alteration *alteration, const struct ast_alter_actions *list)
{
	struct ast_options options = {.items = arena_array(alteration->statement->arena, struct ast_option, list->count)};
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].kind == AST_ALTER_OPTION)
			options.items[options.count++] = list->items[i].option;
	return options.count ? draft_set_options(&alteration->draft, &options) : 0;
}
