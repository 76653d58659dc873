/*
 * ALTER TABLE, CREATE INDEX and DROP INDEX: one table's definition is changed by a list of actions. Private to exec.
 *
 *   alteration_begin (lock, load the draft) -> alteration_apply each action -> alteration_check -> draft_build
 *   -> which way (alter_way.h)
 *      rows stay:   new indexes are built over them (change_build_index)
 *      rows change: they are copied into new key spaces (alter_copy.h)
 *   -> one catalog change drops the old definition and puts the new one; children follow new names
 */
#pragma once

#include "exec/definition/ddl.h"
#include "exec/definition/rename_table.h"
#include "exec/definition/table_draft.h"

struct alteration {
	struct statement *statement;
	struct table *old;          /* a reference */
	struct table_draft draft;
	struct ddl_name name;       /* what it is called now */
	bool ignore;
	bool must_copy;             /* FORCE, ALGORITHM=COPY */
	const char *algorithm, *lock; /* as asked for, or NULL */
	bool has_changes;           /* false: nothing but ENABLE KEYS and the like */
	const char *dropped_key;    /* the last one, for 1553 */
	uint64_t copied;            /* rows */
};

int alteration_apply(struct alteration *alteration, const struct ast_alter_action *action);
/* Table options of all actions: they count before any column is made. */
int alteration_apply_options(struct alteration *alteration, const struct ast_alter_actions *actions);
/* What the actions together must leave: keys that foreign keys need, here and in children. */
int alteration_check(struct alteration *alteration);
/* Per column of the draft: its position in the old table, -1: it is new. In the statement's arena. */
const int *alteration_sources(const struct alteration *alteration);
/* A column as it was called before this statement, or NULL. */
struct draft_column *alteration_find_column(struct alteration *alteration, const char *name);

/* ------------------------------------------------------------------ column actions: alter_columns.c */
int alter_add_column(struct alteration *alteration, const struct ast_alter_action *action);
int alter_change_column(struct alteration *alteration, const struct ast_alter_action *action); /* MODIFY too */
int alter_drop_column(struct alteration *alteration, const struct ast_alter_action *action);
int alter_rename_column(struct alteration *alteration, const struct ast_alter_action *action);
int alter_set_default(struct alteration *alteration, const struct ast_alter_action *action);
int alter_convert_charset(struct alteration *alteration, const struct ast_alter_action *action);

/* ------------------------------------------------------------------ children: alter_children.c */
/* -1: 1829, 1833, 1553: another table's foreign key needs what is to go. */
int alteration_check_children(struct alteration *alteration);
/* Children's foreign keys follow the table's and its columns' new names. */
int alteration_update_children(struct alteration *alteration, struct catalog_change *change);

/* Runs the actions on the table as one statement, `wanted` being the privileges on it. */
int alter_run(struct statement *statement, const struct ast_object_name *table, privilege_set wanted, bool if_exists,
	      bool ignore, const struct ast_alter_actions *actions);
