#include "query/binding.h"

#include "query/sqlite_error.h"
#include "query/stage/stage.h"
#include "query/statement_cache.h"
#include "query/value_sqlite.h"

const struct value *binding_constant(const struct tree_expr *expr, const struct value *parameters,
				     unsigned parameter_count)
{
	if (expr->kind == TREE_LITERAL)
		return &expr->literal;
	if (expr->kind == TREE_PARAMETER && expr->parameter < parameter_count)
		return &parameters[expr->parameter];
	return NULL;
}

int64_t binding_limit(const struct evaluation *evaluation, const struct tree_expr *limit)
{
	const struct value *value = binding_constant(limit, evaluation->parameters, evaluation->parameter_count);
	if (value == NULL)
		return 0;
	return value->kind == VALUE_UINT && value->uinteger > INT64_MAX ? INT64_MAX : value_to_int(value);
}

static bool limit_is_negative(const struct evaluation *evaluation, const struct binding *binding)
{
	return binding->kind == BINDING_LIMIT && binding_limit(evaluation, binding->limit) < 0;
}

static int bind(struct evaluation *evaluation, const struct binding *binding, int number)
{
	struct evaluator_handle *handle = evaluation->handle;
	sqlite3_stmt *statement = evaluation->statement->statement;
	const struct value *value = NULL;
	struct value limit;
	switch (binding->kind) {
	case BINDING_VALUE: value = binding->value; break;
	case BINDING_PARAMETER:
		if (binding->parameter < evaluation->parameter_count)
			value = &evaluation->parameters[binding->parameter];
		break;
	case BINDING_LIMIT:
		limit = value_int(binding_limit(evaluation, binding->limit));
		value = &limit;
		break;
	case BINDING_TYPE:
		return sqlite3_bind_pointer(statement, number, (void *)binding->type, POINTER_COLUMN_TYPE, NULL);
	case BINDING_VARIABLE:
		value = user_variable_find(evaluation->session, bytes_of_string(binding->name));
		break;
	case BINDING_PUSHED:
		return sqlite3_bind_pointer(statement, number, (void *)binding->pushed, POINTER_PUSHED, NULL);
	case BINDING_COLUMN: return SQLITE_OK;
	case BINDING_STAGE: return sqlite3_bind_pointer(statement, number, (void *)binding->node, POINTER_STAGE, NULL);
	}
	if (value == NULL)
		return sqlite3_bind_null(statement, number);
	return value_bind(statement, number, handle, value, binding->class, binding->type);
}

int binding_bind_all(struct evaluation *evaluation, struct diag *diag)
{
	const struct evaluate_program *program = evaluation->program;
	for (unsigned i = 0; i < program->binding_count; i++) {
		if (limit_is_negative(evaluation, &program->bindings[i]))
			return diag_set(diag, ER_WRONG_ARGUMENTS, "EXECUTE");
		int status = bind(evaluation, &program->bindings[i], (int)i + 1);
		if (status != SQLITE_OK)
			return sqlite_error(evaluation->handle, status, diag);
	}
	return 0;
}

static int bind_column(struct evaluation *evaluation, const struct binding *binding, int number,
		       const struct expression_row *rows, unsigned row_count)
{
	struct value_place place = {.statement = evaluation->statement->statement, .parameter = number};
	unsigned column = binding->row.column;
	for (unsigned i = 0; i < row_count; i++) {
		if (rows[i].source != binding->row.source)
			continue;
		if (rows[i].fields)
			return field_put(&place, evaluation->handle, binding->type, rows[i].fields[column]);
		return value_put(&place, evaluation->handle, &rows[i].values[column], binding->class, binding->type);
	}
	return sqlite3_bind_null(place.statement, number); /* a row that is not there: all NULL */
}

int binding_bind_rows(struct evaluation *evaluation, const struct expression_row *rows, unsigned row_count,
		      struct diag *diag)
{
	const struct evaluate_program *program = evaluation->program;
	for (unsigned i = 0; i < program->binding_count; i++) {
		const struct binding *binding = &program->bindings[i];
		int status = SQLITE_OK;
		if (binding->kind == BINDING_COLUMN)
			status = bind_column(evaluation, binding, (int)i + 1, rows, row_count);
		else if (binding->kind == BINDING_VARIABLE) /* LOAD DATA gives them new values with each line */
			status = bind(evaluation, binding, (int)i + 1);
		if (status != SQLITE_OK)
			return sqlite_error(evaluation->handle, status, diag);
	}
	return 0;
}
