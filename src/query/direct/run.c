/* Rows of a direct read. */
#include "query/binding.h"
#include "query/direct/plan.h"
#include "query/statement_cache.h"
#include "query/table/cursor.h"
#include "query/value_sqlite.h"
#include "session/status.h"

enum { check_interval = 512 /* rows: about as often as SQLite asks */ };

static void put_arguments(struct evaluation *evaluation, const struct direct_plan *plan, struct argument *arguments)
{
	const struct direct_shape *shape = evaluation->program->direct;
	for (unsigned i = 0; i < plan->argument_count; i++) {
		const struct tree_expr *constant = shape->conditions[plan->conditions[i]].constant;
		struct value_place place = {.argument = &arguments[i], .arena = &evaluation->handle->arena};
		const struct value *value = constant ? binding_constant(constant, evaluation->parameters,
									evaluation->parameter_count)
						     : NULL;
		arguments[i] = (struct argument){.type = SQLITE_NULL};
		if (value)
			value_put(&place, evaluation->handle, value, constant->class, &constant->type);
	}
}

static int begin(struct evaluation *evaluation)
{
	const struct direct_plan *plan = evaluation->statement->direct;
	struct argument arguments[direct_conditions_max];
	evaluation->direct = table_cursor_open(evaluation->statement->modules[0]);
	put_arguments(evaluation, plan, arguments);
	status_count(evaluation->session, STATUS_DIRECT_READS, 1);
	return cursor_find(evaluation->direct, plan->number, plan->text, arguments);
}

/* The row's items, while a row that is damaged is still an error of this step. */
static int read_row(struct evaluation *evaluation)
{
	struct table_cursor *cursor = evaluation->direct;
	struct cached_statement *statement = evaluation->statement;
	const struct direct_shape *shape = evaluation->program->direct;
	for (unsigned i = 0; i < shape->column_count; i++) {
		unsigned column = shape->columns[i];
		struct argument held;
		struct value_place place = {.argument = &held, .room = &statement->texts[i], .may_borrow = true};
		if (!cursor_know_fields(cursor, column))
			return cursor_is_corrupt(cursor, "a field does not fit its column");
		if (field_put(&place, cursor->handle, cursor->table->types[column], cursor->fields[column]) != SQLITE_OK)
			return cursor_is_corrupt(cursor, "a field's bytes are not of its column's type");
		value_read(&held, &evaluation->program->items[i], &statement->decimals[i], &statement->texts[i],
			   &statement->values[i]);
	}
	return SQLITE_ROW;
}

int direct_step(struct evaluation *evaluation)
{
	struct table_cursor *cursor = evaluation->direct;
	if (cursor && evaluation->found_rows % check_interval == 0 && evaluation_check(evaluation) != 0)
		return SQLITE_ERROR;
	int status = cursor ? cursor_next(&cursor->base) : begin(evaluation);
	if (status != SQLITE_OK)
		return status;
	return evaluation->direct->at_end ? SQLITE_DONE : read_row(evaluation);
}

void direct_end(struct evaluation *evaluation)
{
	if (evaluation->direct)
		cursor_close(&evaluation->direct->base);
	evaluation->direct = NULL;
}
