#include "exec/statement.h"

#include <assert.h>
#include <stdio.h>

#include "base/fault.h"
#include "exec/environment.h"
#include "exec/show/pattern.h"
#include "query/evaluate.h"

int statement_ok(struct statement *statement, uint64_t affected_rows, const char *info)
{
	statement->session->row_count = (int64_t)affected_rows;
	statement->has_ok = true;
	statement->ok_rows = affected_rows;
	statement->ok_insert_id = statement->session->statement_insert_id;
	statement->ok_info = arena_copy_string(statement->arena, info);
	return 0;
}

int statement_commit_ddl(struct statement *statement, struct catalog_change **change)
{
	struct session *session = statement->session;
	FAULT_STEP("definition.commit");
	if (txn_commit(session->txn, statement->diag) != 0) {
		catalog_change_abandon(change);
		return -1;
	}
	FAULT_STEP("definition.committed");
	catalog_change_publish(change);
	mdl_release(session->mdl, MDL_TRANSACTION);
	return 0;
}

bool statement_allowed(struct session *session, privilege_set wanted, const char *database, const char *table)
{
	if (session->is_internal)
		return true;
	privilege_set held = accounts_privileges(session->server->accounts, session->account_user,
						 session->account_host, database, table);
	return (held & wanted) == wanted;
}

/* The names of the wanted privileges the account lacks, as MySQL lists them: "SELECT, INSERT". */
static void list_missing(struct session *session, privilege_set wanted, const char *database, const char *table,
			 char *out, size_t size)
{
	size_t used = 0;
	out[0] = 0;
	for (unsigned i = 0; i < PRIVILEGE_COUNT && used < size; i++) {
		privilege_set one = (privilege_set)1 << i;
		if (!(wanted & one) || statement_allowed(session, one, database, table))
			continue;
		used += (size_t)snprintf(out + used, size - used, "%s%s", used ? ", " : "",
					 privilege_name((enum privilege)i));
	}
}

int statement_require(struct session *session, privilege_set wanted, const char *database, const char *table,
		      struct diag *diag)
{
	if (statement_allowed(session, wanted, database, table))
		return 0;
	if (table == NULL)
		return diag_set(diag, ER_DBACCESS_DENIED_ERROR, session->user, session->host,
				database ? database : "*");
	char missing[256];
	list_missing(session, wanted, database, table, missing, sizeof missing);
	return diag_set(diag, ER_TABLEACCESS_DENIED_ERROR, missing, session->user, session->host, table);
}

int statement_require_global(struct session *session, privilege_set any_of, struct diag *diag)
{
	char names[256] = "";
	size_t used = 0;
	for (unsigned i = 0; i < PRIVILEGE_COUNT; i++) {
		privilege_set one = (privilege_set)1 << i;
		if (!(any_of & one))
			continue;
		if (statement_allowed(session, one, NULL, NULL))
			return 0;
		if (used < sizeof names)
			used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", used ? ", " : "",
						 privilege_name((enum privilege)i));
	}
	return diag_set(diag, ER_SPECIFIC_ACCESS_DENIED_ERROR, names);
}

int statement_database(struct statement *statement, const char *given, const char **out, struct diag *diag)
{
	const char *database = given && *given ? given : statement->session->database;
	if (*database == 0)
		return diag_set(diag, ER_NO_DB_ERROR);
	*out = database;
	return 0;
}

int statement_lock_table(struct session *session, const char *database, const char *table, enum mdl_mode mode,
			 struct diag *diag)
{
	int64_t timeout_ms = (int64_t)session->variables.lock_wait_timeout * 1000;
	mdl_owner_set_holds_rows(session->mdl, txn_may_hold_rows(session->txn));
	bool writes = mode != MDL_SHARED_READ && mode != MDL_SHARED_READ_ONLY;
	if (writes && session->has_global_read_lock)
		return diag_set(diag, ER_CANT_UPDATE_WITH_READLOCK);
	if (writes && mdl_acquire(session->mdl, NULL, NULL, MDL_INTENTION_EXCLUSIVE, MDL_TRANSACTION, timeout_ms,
				  diag) != 0)
		return -1;
	if (writes && mode == MDL_EXCLUSIVE && table &&
	    mdl_acquire(session->mdl, database, NULL, MDL_INTENTION_EXCLUSIVE, MDL_TRANSACTION, timeout_ms, diag) != 0)
		return -1;
	return mdl_acquire(session->mdl, database, table, mode, MDL_TRANSACTION, timeout_ms, diag);
}

void result_builder_init(struct result_builder *builder, struct statement *statement)
{
	builder->statement = statement;
	builder->count = builder->next = 0;
	builder->started = false;
	builder->like = bytes_of(NULL, 0);
	builder->where = NULL;
	builder->where_row = NULL;
}

static struct virtual_table *table_of_columns(const struct result_builder *builder)
{
	struct arena *arena = builder->statement->arena;
	struct virtual_table *table = arena_new(arena, struct virtual_table);
	const char **names = arena_array(arena, const char *, builder->count);
	struct column_type *types = arena_array(arena, struct column_type, builder->count);
	for (unsigned i = 0; i < builder->count; i++) {
		names[i] = builder->columns[i].name;
		types[i] = builder->columns[i].type;
	}
	*table = (struct virtual_table){.database = "information_schema", .name = "SHOW", .column_names = names,
					.column_types = types, .column_count = builder->count};
	return table;
}

int result_builder_filter(struct result_builder *builder, struct bytes like, const struct ast_expr *where)
{
	struct statement *statement = builder->statement;
	builder->like = like;
	if (where == NULL)
		return 0;
	struct environment environment;
	struct tree_source *row;
	struct tree_expr *condition;
	environment_init(&environment, statement, MDL_SHARED_READ);
	int status = resolve_filter(&environment.resolve, where, table_of_columns(builder), &row, &condition,
				    statement->diag);
	if (status == 0)
		status = expressions_open(statement->session, &condition, 1, statement->parameters,
					  statement->parameter_count, &builder->where, statement->diag);
	builder->where_row = row;
	environment_deinit(&environment);
	return status;
}

void result_abandon(struct result_builder *builder)
{
	if (builder->where)
		expressions_close(&builder->where);
}

/* 1: the row is wanted, 0: it is not, -1: the condition failed. */
static int fits(struct result_builder *builder)
{
	if (builder->like.data) {
		struct bytes first = value_text(&builder->values[0], builder->statement->arena);
		if (!show_pattern_matches(builder->like, first))
			return 0;
	}
	if (builder->where == NULL)
		return 1;
	const struct value *truth;
	struct expression_row row = {.source = builder->where_row, .values = builder->values};
	if (expressions_evaluate(builder->where, &row, 1, &truth, builder->statement->diag) != 0)
		return -1;
	return truth->kind != VALUE_NULL && value_to_int(truth) != 0;
}

static struct result_column *add_column(struct result_builder *builder, const char *name)
{
	assert(builder->count < result_columns_max);
	struct result_column *column = &builder->columns[builder->count++];
	*column = (struct result_column){.database = "", .table = "", .original_table = "", .name = name,
					 .original_name = "", .type.collation = collation_binary};
	return column;
}

void result_builder_text(struct result_builder *builder, const char *name, unsigned length)
{
	struct result_column *column = add_column(builder, name);
	column->type.kind = TYPE_VARCHAR;
	column->type.length = length;
	column->type.collation = collation_utf8mb3_general;
}

void result_builder_number(struct result_builder *builder, const char *name)
{
	struct result_column *column = add_column(builder, name);
	column->type.kind = TYPE_BIGINT;
	column->type.length = 20;
	column->flags = COLUMN_BINARY | COLUMN_NUM;
}

void result_builder_double(struct result_builder *builder, const char *name, unsigned decimals)
{
	struct result_column *column = add_column(builder, name);
	column->type.kind = TYPE_DOUBLE;
	column->type.decimals = (uint8_t)decimals;
	column->flags = COLUMN_BINARY | COLUMN_NUM;
}

void result_put_bytes(struct result_builder *builder, struct bytes text)
{
	builder->values[builder->next++] =
		text.data ? value_string(text, collation_utf8mb4_default) : value_null();
}

void result_put_text(struct result_builder *builder, const char *text)
{
	result_put_bytes(builder, text ? bytes_of_string(text) : bytes_of(NULL, 0));
}

void result_put_uint(struct result_builder *builder, uint64_t value)
{
	builder->values[builder->next++] = value_uint(value);
}

void result_put_int(struct result_builder *builder, int64_t value)
{
	builder->values[builder->next++] = value_int(value);
}

void result_put_double(struct result_builder *builder, double value)
{
	builder->values[builder->next++] = value_double(value);
}

void result_put_null(struct result_builder *builder)
{
	builder->values[builder->next++] = value_null();
}

static int start(struct result_builder *builder)
{
	struct result_sink *sink = builder->statement->session->sink;
	if (builder->started)
		return 0;
	builder->started = true;
	struct result_columns columns = {.list = builder->columns, .count = builder->count};
	return sink->columns(sink, &columns, builder->statement->diag);
}

int result_row(struct result_builder *builder)
{
	struct result_sink *sink = builder->statement->session->sink;
	builder->next = 0;
	int wanted = fits(builder);
	if (wanted <= 0)
		return wanted;
	if (start(builder) != 0)
		return -1;
	return sink->row(sink, builder->values, builder->statement->diag);
}

int result_end(struct result_builder *builder)
{
	struct result_sink *sink = builder->statement->session->sink;
	result_abandon(builder);
	if (start(builder) != 0)
		return -1;
	builder->statement->session->row_count = -1;
	return sink->end(sink, builder->statement->diag);
}
