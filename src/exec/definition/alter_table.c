#include "exec/definition/alter_table.h"

#include <stdio.h>

#include "catalog/row_generation.h"
#include "change/change.h"
#include "exec/definition/alter_copy.h"
#include "exec/definition/alter_way.h"

/* ------------------------------------------------------------------ the table there is */

static int refuse_missing(struct alteration *alteration)
{
	struct statement *statement = alteration->statement;
	struct view *view = catalog_find_view(statement->session->server->catalog, alteration->name.database,
					      alteration->name.name);
	if (view == NULL)
		return diag_set(statement->diag, ER_NO_SUCH_TABLE, alteration->name.database, alteration->name.name);
	view_unref(&view);
	return diag_set(statement->diag, ER_WRONG_OBJECT, alteration->name.database, alteration->name.name,
			"BASE TABLE");
}

static int begin(struct alteration *alteration, const struct ast_object_name *table, privilege_set wanted)
{
	struct statement *statement = alteration->statement;
	struct session *session = statement->session;
	if (ddl_resolve_name(statement, table, 0, &alteration->name) != 0)
		return -1;
	struct ddl_name *name = &alteration->name;
	struct table *temporary = ddl_find_temporary(session, name->database, name->name);
	if (temporary) {
		alteration->old = table_ref(temporary);
	} else {
		if (ddl_check_writable(statement, name->database) != 0 ||
		    statement_require(session, wanted, name->database, name->name, statement->diag) != 0 ||
		    ddl_lock_table(statement, name->database, name->name) != 0)
			return -1;
		alteration->old = catalog_find_table(session->server->catalog, name->database, name->name);
	}
	if (alteration->old == NULL)
		return refuse_missing(alteration);
	draft_load(&alteration->draft, statement, alteration->old);
	return 0;
}

static bool is_renamed(const struct alteration *alteration)
{
	return strcmp(alteration->draft.name, alteration->name.name) != 0 ||
	       strcmp(alteration->draft.database, alteration->name.database) != 0;
}

/* The new name is free, and nobody else takes it before the end. */
static int check_new_name(struct alteration *alteration)
{
	struct statement *statement = alteration->statement;
	struct session *session = statement->session;
	const struct table_draft *draft = &alteration->draft;
	if (!is_renamed(alteration))
		return 0;
	if (alteration->old->temporary)
		return ddl_find_temporary(session, draft->database, draft->name)
			       ? diag_set(statement->diag, ER_TABLE_EXISTS_ERROR, draft->name)
			       : 0;
	if (statement_lock_table(session, draft->database, draft->name, MDL_EXCLUSIVE, statement->diag) != 0)
		return -1;
	struct table *table = catalog_find_table(session->server->catalog, draft->database, draft->name);
	struct view *view = catalog_find_view(session->server->catalog, draft->database, draft->name);
	bool taken = table || view;
	table_unref(&table);
	view_unref(&view);
	return taken ? diag_set(statement->diag, ER_TABLE_EXISTS_ERROR, draft->name) : 0;
}

/* ------------------------------------------------------------------ what must be left */

static bool serves(const struct draft_key *key, const struct draft_foreign_key *foreign)
{
	if (key->kind == INDEX_FULLTEXT || key->part_count < foreign->column_count)
		return false;
	for (unsigned i = 0; i < foreign->column_count; i++)
		if (!draft_same_name(key->parts[i].column, foreign->columns[i]))
			return false;
	return true;
}

static bool has_foreign_keys(const char *engine)
{
	return strcmp(engine, "InnoDB") == 0 || strcmp(engine, "ndbcluster") == 0;
}

/* Other engines would forget the constraint without a word. */
static int check_engine(struct alteration *alteration)
{
	const struct table *old = alteration->old;
	struct statement *statement = alteration->statement;
	struct table **children;
	if (!has_foreign_keys(old->engine) || has_foreign_keys(alteration->draft.engine))
		return 0;
	size_t count = catalog_list_children(statement->session->server->catalog, old->database, old->name,
					     statement->arena, &children);
	for (size_t i = 0; i < count; i++)
		table_unref(&children[i]);
	return count || alteration->draft.foreign_keys ? diag_set(statement->diag, ER_FK_CANNOT_CHANGE_ENGINE) : 0;
}

int alteration_check(struct alteration *alteration)
{
	const struct table_draft *draft = &alteration->draft;
	if (check_engine(alteration) != 0)
		return -1;
	for (const struct draft_foreign_key *foreign = draft->foreign_keys; foreign && alteration->dropped_key;
	     foreign = foreign->next) {
		bool served = foreign->is_new;
		for (const struct draft_key *key = draft->keys; key && !served; key = key->next)
			served = serves(key, foreign);
		if (!served)
			return diag_set(alteration->statement->diag, ER_DROP_INDEX_FK, alteration->dropped_key);
	}
	return alteration_check_children(alteration);
}

/* ------------------------------------------------------------------ rows stay where they are */

static const struct index *find_space(const struct table *table, uint32_t space)
{
	for (unsigned i = 0; i < table->index_count; i++)
		if (table->indexes[i].space == space)
			return &table->indexes[i];
	return NULL;
}

static void drop_new_spaces(struct alteration *alteration, const struct table *made)
{
	struct diag ignored = DIAG_INIT; /* the next start removes what this cannot */
	for (unsigned i = 0; i < made->index_count; i++)
		if (made->indexes[i].space && find_space(alteration->old, made->indexes[i].space) == NULL)
			store_drop_spaces(alteration->statement->session->server->store, &made->indexes[i].space, 1,
					  &ignored);
}

/* Indexes that the old definition has not are built from the rows. */
static int build_indexes(struct alteration *alteration, struct table *made)
{
	struct statement *statement = alteration->statement;
	struct session *session = statement->session;
	struct catalog *catalog = session->server->catalog;
	const struct table *old = alteration->old;
	struct change_build_options options = {
		.directory = global_text(session->server, "tmpdir", statement->arena),
		.memory_max = (size_t)session->variables.innodb_ddl_buffer_size,
		.threads_max = (size_t)session->variables.innodb_ddl_threads,
		.interrupt = &session->interrupted,
	};
	if (!old->has_primary_key) {
		made->indexes[0].space = old->indexes[0].space;
		made->indexes[made->index_count - 1].space = old->indexes[old->index_count - 1].space;
	}
	if (catalog_prepare_table(catalog, made, statement->diag) != 0)
		return -1;
	for (unsigned i = 0; i < made->index_count; i++) {
		if (find_space(old, made->indexes[i].space))
			continue;
		if (change_build_index(session->server->store, made, &made->indexes[i], &options, statement->diag) !=
		    CHANGE_OK) {
			drop_new_spaces(alteration, made);
			return -1;
		}
	}
	return 0;
}

/* ------------------------------------------------------------------ rows move */

/* The next value stays the next value, unless the statement names one. */
static int carry_auto_increment(struct alteration *alteration, struct table *made)
{
	struct statement *statement = alteration->statement;
	struct session *session = statement->session;
	uint64_t next;
	if (made->auto_increment_column < 0 || alteration->old->auto_increment_column < 0 ||
	    alteration->draft.auto_increment)
		return 0;
	if (auto_increment_peek(session->server->catalog, session->server->store, alteration->old, &next,
				statement->diag) != 0)
		return -1;
	if (next > 1)
		auto_increment_set(made, next);
	return 0;
}

static int move_rows(struct alteration *alteration, struct table *made)
{
	struct statement *statement = alteration->statement;
	struct catalog *catalog = statement->session->server->catalog;
	table_forget_row_generations(made);
	for (unsigned i = 0; i < made->index_count; i++)
		made->indexes[i].space = 0;
	if (carry_auto_increment(alteration, made) != 0 ||
	    catalog_prepare_table(catalog, made, statement->diag) != 0)
		return -1;
	if (alter_copy_rows(alteration, made) == 0)
		return 0;
	catalog_discard_table(catalog, made);
	return -1;
}

/* ------------------------------------------------------------------ the swap */

static const char *info_of(const struct alteration *alteration)
{
	return arena_printf(alteration->statement->arena, "Records: %llu  Duplicates: 0  Warnings: %zu",
			    (unsigned long long)alteration->copied,
			    alteration->statement->session->warnings.total);
}

static int swap_temporary(struct alteration *alteration, struct table *made)
{
	struct session *session = alteration->statement->session;
	ddl_drop_temporary(session, alteration->name.database, alteration->name.name);
	ddl_put_temporary(session, table_ref(made));
	return statement_ok(alteration->statement, alteration->copied, info_of(alteration));
}

static int swap(struct alteration *alteration, struct table *made, bool moved)
{
	struct statement *statement = alteration->statement;
	struct store_txn *txn = txn_store(statement->session->txn);
	struct catalog_change *change = ddl_begin(statement);
	int status = catalog_drop_table(change, txn, alteration->name.database, alteration->name.name, statement->diag);
	if (status == 0)
		status = catalog_put_table(change, txn, table_ref(made), statement->diag);
	if (status == 0)
		status = alteration_update_children(alteration, change);
	if (status == 0)
		status = statement_log(statement, statement->text, statement->session->database);
	status = status == 0 ? statement_commit_ddl(statement, &change) : ddl_abandon(&change);
	if (status == 0)
		return statement_ok(statement, alteration->copied, info_of(alteration));
	/* The old definition stays in force. */
	if (moved)
		catalog_discard_table(statement->session->server->catalog, made);
	else
		drop_new_spaces(alteration, made);
	return -1;
}

static int make(struct alteration *alteration)
{
	struct table *made = draft_build(&alteration->draft);
	if (made == NULL)
		return -1;
	enum alter_way way = alter_choose_way(alteration, made);
	bool moves = way == ALTER_COPIES_ROWS;
	made->create_time_us = moves ? made->create_time_us : alteration->old->create_time_us;
	int status = alter_check_algorithm(alteration, made, way);
	if (status == 0 && way == ALTER_AGES_ROWS)
		status = alter_age_rows(alteration, made);
	if (status == 0)
		status = moves ? move_rows(alteration, made) : build_indexes(alteration, made);
	if (status == 0)
		status = made->temporary ? swap_temporary(alteration, made) : swap(alteration, made, moves);
	table_unref(&made);
	return status;
}

static int apply(struct alteration *alteration, const struct ast_alter_actions *actions)
{
	if (alteration_apply_options(alteration, actions) != 0)
		return -1;
	for (size_t i = 0; i < actions->count; i++)
		if (alteration_apply(alteration, &actions->items[i]) != 0)
			return -1;
	return 0;
}

static int run(struct alteration *alteration, const struct ast_alter_actions *actions)
{
	struct statement *statement = alteration->statement;
	if (apply(alteration, actions) != 0)
		return -1;
	if (!alteration->has_changes)
		return alteration->old->temporary ? statement_ok(statement, 0, NULL) : ddl_log_only(statement);
	if (check_new_name(alteration) != 0 || alteration_check(alteration) != 0)
		return -1;
	return make(alteration);
}

int alter_run(struct statement *statement, const struct ast_object_name *table, privilege_set wanted, bool if_exists,
	      bool ignore, const struct ast_alter_actions *actions)
{
	struct alteration alteration = {.statement = statement, .ignore = ignore};
	int status = begin(&alteration, table, wanted);
	if (status == 0) {
		status = run(&alteration, actions);
	} else if (if_exists && statement->diag->code == ER_NO_SUCH_TABLE) {
		warnings_add_diag(&statement->session->warnings, WARNING_NOTE, statement->diag);
		diag_clear(statement->diag);
		status = ddl_log_only(statement);
	}
	table_unref(&alteration.old);
	return status;
}

int exec_alter_table(struct statement *statement)
{
	const struct ast_alter_table *ast = statement->ast->alter_table;
	return alter_run(statement, &ast->name, PRIVILEGE(ALTER) | PRIVILEGE(CREATE) | PRIVILEGE(INSERT),
			 ast->if_exists, ast->ignore, &ast->actions);
}
