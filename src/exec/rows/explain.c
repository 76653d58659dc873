/* EXPLAIN: how a statement would read its rows, in MySQL's twelve columns. Nothing is changed or locked. */
#include "exec/environment.h"
#include "query/evaluate.h"

static void set_up(struct result_builder *builder)
{
	static const char *const names[] = {"select_type", "table", "partitions", "type", "possible_keys", "key",
					    "key_len", "ref"};
	static const unsigned lengths[] = {19, 64, 16320, 10, 4096, 64, 4096, 1024};
	result_builder_number(builder, "id");
	for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
		result_builder_text(builder, names[i], lengths[i]);
	result_builder_number(builder, "rows");
	result_builder_double(builder, "filtered", 2);
	result_builder_text(builder, "Extra", 255);
}

static int put_line(struct result_builder *builder, const struct explain_line *line)
{
	if (line->id)
		result_put_uint(builder, line->id);
	else
		result_put_null(builder);
	result_put_text(builder, line->select_type);
	result_put_text(builder, line->table);
	result_put_null(builder);
	result_put_text(builder, line->access);
	result_put_text(builder, line->possible_keys);
	result_put_text(builder, line->key);
	result_put_text(builder, line->key_length);
	result_put_text(builder, line->ref);
	if (line->has_rows) {
		result_put_uint(builder, line->rows);
		result_put_double(builder, line->filtered);
	} else {
		result_put_null(builder);
		result_put_null(builder);
	}
	result_put_text(builder, line->extra);
	return result_row(builder);
}

struct explanation {
	struct statement *statement;
	const struct ast_statement *explained;
	struct environment environment;
	struct result_builder *builder;
};

static int get_lines(struct explanation *explanation, const struct tree_query *query, struct explain_line **out_lines,
		     unsigned *out_count)
{
	struct statement *statement = explanation->statement;
	struct evaluate_options options = {.parameters = statement->parameters,
					   .parameter_count = statement->parameter_count};
	struct evaluate_program *program;
	unsigned flags = evaluate_session_flags(statement->session);
	if (evaluate_compile(statement->arena, query, flags, &program, statement->diag) != 0)
		return -1;
	return evaluate_explain(statement->session, program, &options, statement->arena, out_lines, out_count,
				statement->diag);
}

static int put_lines(struct explanation *explanation, const struct explain_line *lines, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (put_line(explanation->builder, &lines[i]) != 0)
			return -1;
	return 0;
}

static int explain_query(struct explanation *explanation)
{
	struct statement *statement = explanation->statement;
	struct tree_query *query;
	struct explain_line *lines;
	unsigned count;
	if (resolve_query(&explanation->environment.resolve, explanation->explained->query, &query,
			  statement->diag) != 0 ||
	    get_lines(explanation, query, &lines, &count) != 0)
		return -1;
	return put_lines(explanation, lines, count);
}

/* The line of the target comes first; then where the rows come from. */
static int explain_insert(struct explanation *explanation)
{
	struct statement *statement = explanation->statement;
	const struct ast_insert *ast = explanation->explained->insert;
	struct environment *environment = &explanation->environment;
	struct tree_insert *insert;
	struct explain_line *lines = NULL;
	unsigned count = 0;
	environment->target_privileges = PRIVILEGE(INSERT) | (ast->replace ? PRIVILEGE(DELETE) : 0) |
					 (ast->on_duplicate.count ? PRIVILEGE(UPDATE) : 0);
	environment->written_privileges = PRIVILEGE(INSERT);
	if (resolve_insert(&environment->resolve, ast, &insert, statement->diag) != 0 ||
	    (insert->query && get_lines(explanation, insert->query, &lines, &count) != 0))
		return -1;
	struct explain_line target = {.id = 1, .select_type = insert->replace ? "REPLACE" : "INSERT",
				      .table = insert->target->alias, .access = "ALL"};
	return put_line(explanation->builder, &target) == 0 ? put_lines(explanation, lines, count) : -1;
}

static bool is_target(const struct tree_change *change, const char *table)
{
	for (unsigned i = 0; table && i < change->target_count; i++)
		if (strcmp(change->targets[i].source->alias, table) == 0)
			return true;
	return false;
}

static int explain_change(struct explanation *explanation)
{
	struct statement *statement = explanation->statement;
	const struct ast_statement *ast = explanation->explained;
	struct environment *environment = &explanation->environment;
	bool updates = ast->kind == AST_UPDATE;
	struct tree_change *change;
	struct explain_line *lines;
	unsigned count;
	environment->target_privileges = updates ? PRIVILEGE(UPDATE) : PRIVILEGE(DELETE);
	environment->written_privileges = updates ? PRIVILEGE(UPDATE) : 0;
	int status = updates ? resolve_update(&environment->resolve, ast->update, &change, statement->diag)
			     : resolve_delete(&environment->resolve, ast->delete_rows, &change, statement->diag);
	if (status != 0 || get_lines(explanation, change->query, &lines, &count) != 0)
		return -1;
	for (unsigned i = 0; i < count; i++)
		if (lines[i].id == 1 && is_target(change, lines[i].table))
			lines[i].select_type = updates ? "UPDATE" : "DELETE";
	return put_lines(explanation, lines, count);
}

static int refuse(struct statement *statement, const struct ast_explain *ast)
{
	if (ast->analyze)
		return diag_set(statement->diag, ER_NOT_SUPPORTED_YET, "EXPLAIN ANALYZE");
	if (ast->statement == NULL)
		return diag_set(statement->diag, ER_NOT_SUPPORTED_YET, "EXPLAIN FOR CONNECTION");
	if (ast->format == AST_EXPLAIN_JSON || ast->format == AST_EXPLAIN_TREE)
		return diag_set(statement->diag, ER_NOT_SUPPORTED_YET,
				ast->format == AST_EXPLAIN_JSON ? "EXPLAIN FORMAT=JSON" : "EXPLAIN FORMAT=TREE");
	return 0;
}

static int explain(struct explanation *explanation)
{
	switch (explanation->explained->kind) {
	case AST_SELECT: return explain_query(explanation);
	case AST_INSERT: return explain_insert(explanation);
	case AST_UPDATE:
	case AST_DELETE: return explain_change(explanation);
	default: return diag_set(explanation->statement->diag, ER_NOT_SUPPORTED_YET, "this EXPLAIN");
	}
}

int exec_explain(struct statement *statement)
{
	const struct ast_explain *ast = statement->ast->explain;
	struct result_builder builder;
	if (refuse(statement, ast) != 0)
		return -1;
	result_builder_init(&builder, statement);
	set_up(&builder);
	struct explanation explanation = {.statement = statement, .explained = ast->statement, .builder = &builder};
	environment_init(&explanation.environment, statement, MDL_SHARED_READ);
	int status = explain(&explanation);
	environment_deinit(&explanation.environment);
	if (status == 0)
		return result_end(&builder);
	result_abandon(&builder);
	return -1;
}
