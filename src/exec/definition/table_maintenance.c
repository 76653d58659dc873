/* ANALYZE, CHECK, CHECKSUM, OPTIMIZE and REPAIR TABLE: a row of result for each table, errors among them. */
#include <stdio.h>
#include <zlib.h>

#include "catalog/row_generation.h"
#include "change/change.h"
#include "exec/definition/ddl.h"
#include "exec/environment.h"

struct maintenance {
	struct statement *statement;
	struct result_builder *builder;
	const char *operation;
	const char *full_name;
	struct ddl_name name;
};

static int put_message(struct maintenance *run, const char *type, const char *text)
{
	result_put_text(run->builder, run->full_name);
	result_put_text(run->builder, run->operation);
	result_put_text(run->builder, type);
	result_put_text(run->builder, text);
	return result_row(run->builder);
}

static int put_failure(struct maintenance *run, const struct diag *failure, const char *verdict)
{
	char text[diag_message_size];
	snprintf(text, sizeof text, "%s", failure->message);
	warnings_add_diag(&run->statement->session->warnings, WARNING_ERROR, failure);
	if (put_message(run, "Error", text) != 0)
		return -1;
	return put_message(run, verdict ? "error" : "status", verdict ? verdict : "Operation failed");
}

/* ------------------------------------------------------------------ CHECKSUM */

/*
 * The sum of the rows' own checksums: it does not depend on the order of rows, nor on what a server alone knows of them
 * (versions, hidden row ids), so servers with the same rows answer the same number.
 */
static int checksum(struct statement *statement, const struct table *table, uint64_t *out)
{
	uint8_t lower[4], upper[4];
	bytes_store_uint_be(lower, table->indexes[0].space, 4);
	bytes_store_uint_be(upper, (uint64_t)table->indexes[0].space + 1, 4);
	struct store_iterator *rows =
		store_iterator_create(statement->session->server->store, NULL, NULL, bytes_of(lower, 4), bytes_of(upper, 4));
	struct buf lifted = {0};
	uint32_t sum = 0;
	int status = 0;
	bool more = store_iterator_seek(rows, bytes_of(lower, 4));
	for (; more && status == 0; more = store_iterator_next(rows)) {
		struct bytes image;
		status = table_image_of_value(table, store_iterator_value(rows), &lifted, &image, statement->diag);
		if (status == 0)
			sum += (uint32_t)crc32(0, image.data, (uInt)image.size);
		if (status == 0)
			status = session_check_killed(statement->session, statement->diag);
	}
	if (status == 0)
		status = store_iterator_status(rows, statement->diag);
	store_iterator_destroy(&rows);
	buf_deinit(&lifted);
	*out = sum;
	return status;
}

/* A table that is not there has a NULL checksum and a warning. */
static int checksum_table(struct maintenance *run, const struct table *table)
{
	struct statement *statement = run->statement;
	uint64_t sum = 0;
	if (table && checksum(statement, table, &sum) != 0)
		return -1;
	if (table == NULL)
		warnings_add(&statement->session->warnings, WARNING_ERROR, ER_NO_SUCH_TABLE, run->name.database,
			     run->name.name);
	result_put_text(run->builder, run->full_name);
	if (table)
		result_put_uint(run->builder, sum);
	else
		result_put_null(run->builder);
	return result_row(run->builder);
}

/* ------------------------------------------------------------------ the others */

static int check_table(struct maintenance *run, const struct table *table)
{
	struct diag failure = DIAG_INIT;
	uint64_t count;
	if (change_check_table(run->statement->session->server->store, table, &count, &failure) != CHANGE_OK)
		return put_failure(run, &failure, "Corrupt");
	return put_message(run, "status", "OK");
}

static int maintain(struct maintenance *run, enum ast_maintenance kind, const struct table *table)
{
	bool transactional = strcmp(table->engine, "InnoDB") == 0;
	switch (kind) {
	case AST_CHECK_TABLE: return check_table(run, table);
	case AST_ANALYZE: table_forget_statistics(table); return put_message(run, "status", "OK");
	case AST_OPTIMIZE:
		table_forget_statistics(table);
		if (transactional &&
		    put_message(run, "note", "Table does not support optimize, doing recreate + analyze instead") != 0)
			return -1;
		return put_message(run, "status", "OK");
	case AST_REPAIR:
		if (transactional)
			return put_message(run, "note", "The storage engine for the table doesn't support repair");
		return put_message(run, "status", "OK");
	default: return put_message(run, "status", "OK");
	}
}

static int missing(struct maintenance *run, enum ast_maintenance kind)
{
	struct diag failure = DIAG_INIT;
	struct view *view = catalog_find_view(run->statement->session->server->catalog, run->name.database,
					      run->name.name);
	bool is_view = view != NULL;
	view_unref(&view);
	if (is_view && kind == AST_CHECK_TABLE)
		return put_message(run, "status", "OK");
	if (is_view)
		diag_set(&failure, ER_WRONG_OBJECT, run->name.database, run->name.name, "BASE TABLE");
	else
		diag_set(&failure, ER_NO_SUCH_TABLE, run->name.database, run->name.name);
	return put_failure(run, &failure, NULL);
}

static int run_one(struct maintenance *run, const struct ast_object_name *ast, enum ast_maintenance kind)
{
	struct statement *statement = run->statement;
	struct session *session = statement->session;
	bool reads = kind == AST_CHECKSUM || kind == AST_CHECK_TABLE;
	if (ddl_resolve_name(statement, ast, reads ? PRIVILEGE(SELECT) : PRIVILEGE(SELECT) | PRIVILEGE(INSERT),
			     &run->name) != 0)
		return -1;
	run->full_name = ddl_full_name(statement, run->name.database, run->name.name);
	struct table *table = environment_find_any_table(session, run->name.database, run->name.name);
	if (table && !table->temporary) {
		table_unref(&table);
		if (statement_lock_table(session, run->name.database, run->name.name, MDL_SHARED_READ,
					 statement->diag) != 0)
			return -1;
		table = catalog_find_table(session->server->catalog, run->name.database, run->name.name);
	}
	int status = kind == AST_CHECKSUM ? checksum_table(run, table)
		     : table		  ? maintain(run, kind, table)
					  : missing(run, kind);
	table_unref(&table);
	return status;
}

int exec_table_maintenance(struct statement *statement)
{
	static const char *const operations[] = {[AST_ANALYZE] = "analyze", [AST_CHECK_TABLE] = "check",
						 [AST_CHECKSUM] = "checksum", [AST_OPTIMIZE] = "optimize",
						 [AST_REPAIR] = "repair"};
	const struct ast_table_maintenance *ast = statement->ast->maintenance;
	struct result_builder builder;
	struct maintenance run = {.statement = statement, .builder = &builder, .operation = operations[ast->kind]};
	result_builder_init(&builder, statement);
	result_builder_text(&builder, "Table", 128);
	if (ast->kind == AST_CHECKSUM) {
		result_builder_number(&builder, "Checksum");
	} else {
		result_builder_text(&builder, "Op", 10);
		result_builder_text(&builder, "Msg_type", 10);
		result_builder_text(&builder, "Msg_text", 393216);
	}
	for (size_t i = 0; i < ast->tables.count; i++)
		if (run_one(&run, &ast->tables.items[i], ast->kind) != 0) {
			result_abandon(&builder);
			return -1;
		}
	return result_end(&builder);
}
