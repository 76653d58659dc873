#include "query/function/own_functions.h"

#include "query/table/row_condition.h"
#include "query/value_sqlite.h"
#include "sql/resolve/tree.h"

/* ------------------------------------------------------------------ gm_one */

struct one {
	sqlite3_value *value; /* owned */
	unsigned rows;
};

static void one_step(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct one *one = sqlite3_aggregate_context(context, sizeof *one);
	if (one == NULL)
		return;
	if (one->rows++ == 0) {
		one->value = sqlite3_value_dup(arguments[0]);
		return;
	}
	diag_set(handle_diag(context), ER_SUBQUERY_NO_1_ROW);
	handle_fail(context);
}

static void one_end(sqlite3_context *context)
{
	struct one *one = sqlite3_aggregate_context(context, 0);
	if (one == NULL || one->value == NULL)
		return;
	if (one->rows == 1)
		sqlite3_result_value(context, one->value);
	sqlite3_value_free(one->value);
	one->value = NULL;
}

/* ------------------------------------------------------------------ user variables */

static void get_variable(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct evaluator_handle *handle = handle_of(context);
	const struct value *value = user_variable_find(handle->session, text_of(arguments[0]));
	struct value_place place = {.context = context};
	if (value)
		value_put(&place, handle, value, (enum value_class)sqlite3_value_int(arguments[1]), NULL);
}

static void set_variable(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct evaluator_handle *handle = handle_of(context);
	enum value_class class = (enum value_class)sqlite3_value_int(arguments[2]);
	const struct collation *collation = collation_find_id((unsigned)sqlite3_value_int(arguments[5]));
	struct program_item item = {
		.class = class,
		.type = {.kind = TYPE_BIGINT, .is_unsigned = sqlite3_value_int(arguments[3]) != 0,
			 .decimals = (uint8_t)sqlite3_value_int(arguments[4])},
		.collation = collation && collation->charset->id == CHARSET_UTF8MB4 ? collation : collation_utf8mb4_default,
	};
	if (count > 6 && column_type_of(arguments[6]))
		item.type = *column_type_of(arguments[6]);
	struct decimal decimal;
	struct value value;
	value_read_sqlite(arguments[1], &item, &decimal, &handle->scratch, &value);
	user_variable_set(handle->session, text_of(arguments[0]), &value);
	sqlite3_result_value(context, arguments[1]);
}

static void always_true(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	sqlite3_result_int(context, 1);
}

/* gm_condition(pushed conditions, constants...): constant, so that SQLite asks once a statement. */
static void make_condition(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	const struct pushed_conditions *pushed = sqlite3_value_pointer(arguments[0], POINTER_PUSHED);
	struct argument *constants = arena_array(&handle_of(context)->arena, struct argument, (unsigned)count);
	for (int i = 1; i < count; i++)
		constants[i - 1] = argument_of(arguments[i], "");
	const struct row_condition *condition =
		pushed ? row_condition_make(handle_of(context), pushed, constants, handle_diag(context)) : NULL;
	if (condition)
		sqlite3_result_pointer(context, (void *)condition, POINTER_CONDITION, NULL);
	else
		handle_fail(context);
}

static void too_deep(sqlite3_context *context)
{
	uint64_t limit = handle_of(context)->session->variables.cte_max_recursion_depth;
	diag_set(handle_diag(context), ER_CTE_MAX_RECURSION_DEPTH, (unsigned long)limit + 1);
	handle_fail(context);
}

static void recursion_goes_on(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct evaluator_handle *handle = handle_of(context);
	uint64_t limit = handle->session->variables.cte_max_recursion_depth;
	if (++handle->recursion_rows / 1000 > limit)
		too_deep(context);
	else
		sqlite3_result_int(context, 1);
}

/* The row of that generation will be read by the iteration that is one too many. */
static void generation(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	uint64_t limit = handle_of(context)->session->variables.cte_max_recursion_depth;
	sqlite3_int64 next = sqlite3_value_int64(arguments[0]) + 1;
	if ((uint64_t)next < limit) {
		sqlite3_result_int64(context, next);
		return;
	}
	too_deep(context);
}

int own_functions_register(struct evaluator_handle *handle)
{
	sqlite3 *db = handle->db;
	int status = sqlite3_create_function_v2(db, "gm_one", 1, SQLITE_UTF8, handle, NULL, one_step, one_end, NULL);
	if (status == SQLITE_OK)
		status = sqlite3_create_function_v2(db, "gm_like_range", 2, SQLITE_UTF8 | SQLITE_DETERMINISTIC, handle,
						    always_true, NULL, NULL, NULL);
	if (status == SQLITE_OK)
		status = sqlite3_create_function_v2(db, "gm_pushed", 2, SQLITE_UTF8 | SQLITE_DETERMINISTIC, handle,
						    always_true, NULL, NULL, NULL);
	if (status == SQLITE_OK)
		status = sqlite3_create_function_v2(db, "gm_condition", -1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, handle,
						    make_condition, NULL, NULL, NULL);
	if (status == SQLITE_OK)
		status = sqlite3_create_function_v2(db, "gm_get_variable", 2, SQLITE_UTF8, handle, get_variable, NULL,
						    NULL, NULL);
	if (status == SQLITE_OK)
		status = sqlite3_create_function_v2(db, "gm_generation", 1, SQLITE_UTF8, handle, generation, NULL, NULL,
						    NULL);
	if (status == SQLITE_OK)
		status = sqlite3_create_function_v2(db, "gm_recursion_goes_on", 0, SQLITE_UTF8, handle, recursion_goes_on,
						    NULL, NULL, NULL);
	for (int count = 6; count <= 7 && status == SQLITE_OK; count++)
		status = sqlite3_create_function_v2(db, "gm_set_variable", count, SQLITE_UTF8, handle, set_variable,
						    NULL, NULL, NULL);
	return status;
}
