#include "exec/environment.h"

#include <stdio.h>

#include "base/memory.h"
#include "exec/information_schema/information_schema.h"
#include "exec/plan.h"

static struct statement *statement_of(void *context)
{
	return ((struct environment *)context)->statement;
}

static struct table *find_temporary(struct session *session, const char *database, const char *name)
{
	char key[session_temporary_key_max];
	if (session->temporary_tables.count == 0)
		return NULL;
	return map_find(&session->temporary_tables, session_temporary_key(session, database, name, key));
}

struct table *environment_find_any_table(struct session *session, const char *database, const char *name)
{
	struct table *temporary = find_temporary(session, database, name);
	if (temporary)
		return table_ref(temporary);
	return catalog_find_table(session->server->catalog, database, name);
}

static void hold_table(struct environment *environment, struct table *table)
{
	if (environment->table_count == environment->table_capacity) {
		environment->table_capacity = environment->table_capacity ? environment->table_capacity * 2 : 4;
		environment->tables = memory_realloc(environment->tables, environment->table_capacity *
										  sizeof *environment->tables);
	}
	environment->tables[environment->table_count++] = table;
}

static void hold_view(struct environment *environment, struct view *view)
{
	if (environment->view_count == environment->view_capacity) {
		environment->view_capacity = environment->view_capacity ? environment->view_capacity * 2 : 4;
		environment->views = memory_realloc(environment->views, environment->view_capacity *
										sizeof *environment->views);
	}
	environment->views[environment->view_count++] = view;
}

/* Under LOCK TABLES only what was locked may be used, and for writing only what was locked for writing. */
static int check_locked(struct session *session, const char *database, const char *name, enum mdl_mode mode,
			struct diag *diag)
{
	if (!session->has_locked_tables || strcmp(database, "information_schema") == 0)
		return 0;
	if (mode == MDL_SHARED_WRITE && mdl_holds(session->mdl, database, name, MDL_SHARED_NO_READ_WRITE))
		return 0;
	if (!mdl_holds(session->mdl, database, name, MDL_SHARED_READ_ONLY))
		return diag_set(diag, ER_TABLE_NOT_LOCKED, name);
	if (mode == MDL_SHARED_WRITE)
		return diag_set(diag, ER_TABLE_NOT_LOCKED_FOR_WRITE, name);
	return 0;
}

static int lock_table(struct environment *environment, const char *database, const char *name, struct diag *diag)
{
	struct session *session = environment->statement->session;
	if (check_locked(session, database, name, environment->mode, diag) != 0)
		return -1;
	return statement_lock_table(session, database, name, environment->first_mode, diag);
}

static int find_table(void *context, const char *database, const char *name, struct table **out, struct diag *diag)
{
	struct environment *environment = context;
	struct session *session = environment->statement->session;
	struct table *table = environment_find_any_table(session, database, name);
	/* A table that is not there has no lock to wait for: its name may be a view's, or nobody's. */
	if (table && !table->temporary) {
		table_unref(&table);
		if (lock_table(environment, database, name, diag) != 0)
			return -1;
		table = catalog_find_table(session->server->catalog, database, name);
	}
	if (table)
		hold_table(environment, table);
	*out = table;
	return 0;
}

static int find_view(void *context, const char *database, const char *name, const struct view **out,
		     struct diag *diag)
{
	struct environment *environment = context;
	struct view *view = catalog_find_view(environment->statement->session->server->catalog, database, name);
	if (view)
		hold_view(environment, view);
	*out = view;
	return 0;
}

static const struct virtual_table *find_virtual(void *context, const char *database, const char *name)
{
	return information_schema_find(database, name);
}

static bool database_exists(void *context, const char *name)
{
	const struct collation *collation;
	return information_schema_has_database(name) ||
	       catalog_find_database(statement_of(context)->session->server->catalog, name, &collation);
}

static enum variable_scope scope_of(enum ast_variable_scope scope)
{
	switch (scope) {
	case AST_SCOPE_GLOBAL:
	case AST_SCOPE_PERSIST:
	case AST_SCOPE_PERSIST_ONLY: return VARIABLE_GLOBAL;
	case AST_SCOPE_SESSION: return VARIABLE_SESSION;
	default: return VARIABLE_DEFAULT_SCOPE;
	}
}

static int system_variable(void *context, enum ast_variable_scope scope, const char *base, const char *name,
			   struct arena *arena, struct value *out, struct diag *diag)
{
	if (base) /* a named key cache is the only structured variable there ever was */
		return diag_set(diag, ER_UNKNOWN_SYSTEM_VARIABLE, name);
	return variable_get(statement_of(context)->session, scope_of(scope), bytes_of_string(name), arena, out, diag);
}

static const struct value *user_variable(void *context, const char *name)
{
	return user_variable_find(statement_of(context)->session, bytes_of_string(name));
}

static int require_on(struct session *session, const struct tree_source *source, privilege_set wanted,
		      struct diag *diag)
{
	if (source->definer_user == NULL)
		return statement_require(session, wanted, source->database, source->name, diag);
	privilege_set held = accounts_privileges(session->server->accounts, source->definer_user,
						 source->definer_host, source->database, source->name);
	if ((held & wanted) == wanted)
		return 0;
	return diag_set(diag, ER_VIEW_INVALID, source->database, source->name);
}

static int check_source(void *context, const struct tree_source *source, struct diag *diag)
{
	struct environment *environment = context;
	struct session *session = environment->statement->session;
	bool temporary = source->kind == SOURCE_TABLE && source->table->temporary;
	if (session->is_internal || temporary || source->kind == SOURCE_VIRTUAL)
		return 0;
	privilege_set wanted = source->is_target ? environment->target_privileges : 0;
	for (unsigned i = 0; i < source->column_count; i++) {
		if (source->columns[i].used)
			wanted |= PRIVILEGE(SELECT);
		if (source->columns[i].written)
			wanted |= environment->written_privileges;
	}
	/* SELECT COUNT(*) and SELECT 1 read a table although no column of it. */
	if (!source->is_target && wanted == 0)
		wanted = PRIVILEGE(SELECT);
	return require_on(session, source, wanted, diag);
}

/* ------------------------------------------------------------------ once more */

int environment_lock_same_table(struct environment *environment, const struct table *table)
{
	struct statement *statement = environment->statement;
	struct session *session = statement->session;
	if (find_temporary(session, table->database, table->name))
		return 0;
	if (lock_table(environment, table->database, table->name, statement->diag) != 0)
		return -1;
	return !atomic_load_explicit(&table->is_replaced, memory_order_acquire);
}

bool environment_has_same_view(struct environment *environment, const struct view *view)
{
	struct session *session = environment->statement->session;
	if (find_temporary(session, view->database, view->name))
		return false;
	struct view *now = catalog_find_view(session->server->catalog, view->database, view->name);
	bool same = now == view;
	view_unref(&now);
	return same;
}

int environment_check_sources(struct environment *environment)
{
	return resolve_check_sources(&environment->resolve, environment->statement->diag);
}

/* ------------------------------------------------------------------ a statement's */

/* What the tree's spans count from: the text that the statement stands in. */
static struct bytes whole_text(const struct statement *statement)
{
	if (statement->ast == NULL) /* nobody's statement: a stored text, which the caller sets */
		return statement->text;
	size_t before = statement->ast->span.offset;
	return bytes_of(statement->text.data - before, statement->text.size + before);
}

void environment_init(struct environment *environment, struct statement *statement, enum mdl_mode mode)
{
	struct session *session = statement->session;
	const struct session_variables *variables = &session->variables;
	*environment = (struct environment){
		.statement = statement,
		.mode = mode,
		.first_mode = mode,
		.resolve = {
			.arena = statement->arena,
			.text = whole_text(statement),
			.database = session->database,
			.sql_mode = variables->sql_mode,
			.character_set_client = variables->character_set_client,
			.collation_connection = variables->collation_connection,
			.div_precision_increment = (unsigned)variables->div_precision_increment,
			.group_concat_max_len = variables->group_concat_max_len,
			.time_zone = variables->time_zone,
			.warnings = &session->warnings,
			.parameters = statement->liftables ? NULL : statement->parameters,
			.parameter_count = statement->liftables ? 0 : statement->parameter_count,
			.liftables = statement->is_look_alike ? NULL : statement->liftables,
			.find_table = find_table,
			.find_view = find_view,
			.find_virtual = find_virtual,
			.database_exists = database_exists,
			.system_variable = system_variable,
			.user_variable = user_variable,
			.check_source = check_source,
		},
	};
	environment->resolve.context = environment;
}

void environment_deinit(struct environment *environment)
{
	for (unsigned i = 0; i < environment->table_count; i++)
		table_unref(&environment->tables[i]);
	for (unsigned i = 0; i < environment->view_count; i++)
		view_unref(&environment->views[i]);
	memory_free(environment->tables);
	memory_free(environment->views);
	plan_unref(&environment->plan);
}
