#include "exec/change_log.h"

#include <string.h>

#include "exec/bound_text.h"
#include "exec/log_statement.h"
#include "session/variables.h"
#include "sql/parse/parse.h"

/* ------------------------------------------------------------------ the decision */

enum log_way { LOG_NOTHING, LOG_ROWS, LOG_TEXT };

/* -1: there is none, and diag says why. */
static int choose_way(const struct statement *statement, const struct repeat *repeat)
{
	const struct session *session = statement->session;
	enum binlog_format format = session->variables.binlog_format;
	if (!txn_is_logging(session->txn))
		return LOG_NOTHING;
	if (format == BINLOG_FORMAT_ROW || repeat->uses_temporary_table)
		return LOG_ROWS;
	bool is_isolated = txn_get_isolation(session->txn) >= ISOLATION_REPEATABLE_READ;
	if (format == BINLOG_FORMAT_MIXED)
		return repeat->unsafe || !is_isolated ? LOG_ROWS : LOG_TEXT;
	if (!is_isolated)
		return diag_set(statement->diag, ER_BINLOG_STMT_MODE_AND_ROW_ENGINE,
				" InnoDB is limited to row-logging when transaction isolation level is READ COMMITTED or "
				"READ UNCOMMITTED.");
	return LOG_TEXT;
}

bool change_log_may_be_text(const struct session *session)
{
	return session->variables.binlog_format != BINLOG_FORMAT_ROW && txn_is_logging(session->txn);
}

static void keep_context(struct change_log *log)
{
	struct session *session = log->environment->statement->session;
	struct arena *arena = log->environment->statement->arena;
	struct value *values = arena_array(arena, struct value, log->repeat.user_variable_count + 1);
	for (unsigned i = 0; i < log->repeat.user_variable_count; i++) {
		const struct value *value =
			user_variable_find(session, bytes_of_string(log->repeat.user_variables[i]));
		values[i] = value ? value_copy(value, arena) : value_null();
	}
	log->user_values = values;
	log->last_insert_id = session->last_insert_id;
	log->rand_seed1 = session->rand_seed1;
	log->rand_seed2 = session->rand_seed2;
}

static int add_default(struct environment *environment, struct table *table, const struct column *column,
		       struct tree_source **row, struct repeat *repeat)
{
	struct diag *diag = environment->statement->diag;
	struct resolve_environment resolve = environment->resolve;
	struct parse_input input = {.text = column->default_text, .size = strlen(column->default_text)};
	struct ast_expr *ast;
	struct tree_expr *expr;
	resolve.text = bytes_of_string(column->default_text);
	resolve.parameters = NULL;
	resolve.parameter_count = 0;
	resolve.liftables = NULL;
	if (parse_expression(&input, resolve.arena, &ast, diag) != 0 ||
	    resolve_row_expression(&resolve, ast, table, ROW_DEFAULT, column->name, row, &expr, diag) != 0)
		return -1;
	repeat_add_expr(&resolve, expr, repeat);
	return 0;
}

static bool takes_default(const struct tree_insert *insert, unsigned column)
{
	unsigned place = 0;
	while (place < insert->column_count && insert->columns[place] != column)
		place++;
	if (place == insert->column_count)
		return true;
	for (unsigned row = 0; row < insert->row_count; row++)
		if (insert->rows[row].items && insert->rows[row].items[place]->kind == TREE_DEFAULT)
			return true;
	return false;
}

int change_log_add_defaults(struct environment *environment, const struct tree_insert *insert, struct repeat *repeat)
{
	struct table *table = insert->target->table;
	struct tree_source *row = NULL;
	for (unsigned i = 0; i < table->column_count; i++)
		if (table->columns[i].default_kind == DEFAULT_EXPRESSION && takes_default(insert, i) &&
		    add_default(environment, table, &table->columns[i], &row, repeat) != 0)
			return -1;
	return 0;
}

static void take_way(struct change_log *log, enum log_way way)
{
	struct statement *statement = log->environment->statement;
	statement->logs_text = way == LOG_TEXT;
	log->is_left_out = statement->logs_text && !txn_logs_database(statement->session->txn, statement->session->database);
	if (statement->logs_text && !log->is_left_out)
		keep_context(log);
}

int change_log_begin(struct change_log *log, struct environment *environment, const struct tree_source *target,
		     const struct repeat *repeat)
{
	*log = (struct change_log){.environment = environment, .target = target, .repeat = *repeat};
	int way = choose_way(environment->statement, repeat);
	if (way < 0)
		return -1;
	take_way(log, way);
	return 0;
}

int change_log_begin_definition(struct change_log *log, struct environment *environment, const struct repeat *repeat)
{
	const struct session *session = environment->statement->session;
	*log = (struct change_log){.environment = environment, .repeat = *repeat, .is_definition = true};
	int way = choose_way(environment->statement, repeat);
	if (way < 0)
		return -1;
	if (way == LOG_ROWS && (session->is_internal || txn_owns_gtid(session->txn)))
		way = LOG_TEXT;
	take_way(log, way);
	return 0;
}

/* ------------------------------------------------------------------ user variables */

static void put_decimal(const struct decimal *value, struct buf *out)
{
	struct decimal fitted = *value;
	unsigned scale = value->scale < decimal_scale_max ? value->scale : decimal_scale_max;
	decimal_round(&fitted, (int)scale);
	unsigned digits = decimal_digits(&fitted);
	unsigned precision = digits == 0 ? 1 : digits < decimal_precision_max ? digits : decimal_precision_max;
	decimal_fit(&fitted, precision, scale);
	buf_put_u8(out, (uint8_t)precision);
	buf_put_u8(out, (uint8_t)scale);
	decimal_pack(&fitted, precision, scale, out);
}

static void describe_value(const struct value *value, struct arena *arena, struct buf *bytes,
			   struct event_user_var *out)
{
	out->collation_id = collation_utf8mb4_default->id;
	switch (value->kind) {
	case VALUE_NULL:
		out->is_null = true;
		break;
	case VALUE_INT: case VALUE_UINT:
		out->kind = EVENT_USER_VAR_INTEGER;
		out->is_unsigned = value->kind == VALUE_UINT;
		buf_put_u64(bytes, value->uinteger);
		break;
	case VALUE_DOUBLE:
		out->kind = EVENT_USER_VAR_REAL;
		buf_put(bytes, &value->real, sizeof value->real);
		break;
	case VALUE_DECIMAL:
		out->kind = EVENT_USER_VAR_DECIMAL;
		put_decimal(value->decimal, bytes);
		break;
	default:
		out->kind = EVENT_USER_VAR_STRING;
		out->collation_id = value->kind == VALUE_STRING ? value->collation->id : out->collation_id;
		buf_put_bytes(bytes, value_text(value, arena));
	}
	out->value = buf_bytes(bytes);
}

static void put_user_variable(const struct event_writer *writer, const char *name, const struct value *value,
			      struct arena *arena)
{
	struct event_user_var variable = {.name = bytes_of_string(name)};
	struct buf bytes;
	buf_init(&bytes);
	describe_value(value, arena, &bytes, &variable);
	event_put_user_var(writer, &variable);
	buf_deinit(&bytes);
}

/* ------------------------------------------------------------------ the text */

static void put_context_events(const struct change_log *log, const struct event_writer *writer, uint64_t first_id)
{
	const struct repeat *repeat = &log->repeat;
	if (repeat->reads_last_insert_id)
		event_put_intvar(writer, EVENT_INTVAR_LAST_INSERT_ID, log->last_insert_id);
	if (first_id)
		event_put_intvar(writer, EVENT_INTVAR_INSERT_ID, first_id);
	if (repeat->reads_seeds)
		event_put_rand(writer, log->rand_seed1, log->rand_seed2);
	struct arena *arena = log->environment->statement->arena;
	for (unsigned i = 0; i < repeat->user_variable_count; i++)
		put_user_variable(writer, repeat->user_variables[i], &log->user_values[i], arena);
}

static void add_database(struct event_query *query, const char *name)
{
	struct bytes database = bytes_of_string(name);
	unsigned most = event_query_db_max;
	for (unsigned i = 0; i < query->db_count && i < most; i++)
		if (bytes_equal(query->updated_dbs[i], database))
			return;
	if (query->db_count < most)
		query->updated_dbs[query->db_count] = database;
	query->db_count++;
}

/* Whose tables change, for replicas that apply databases side by side; and which of several, for their filters. */
static void put_tables(const struct change_log *log, struct event_query *query)
{
	const struct environment *environment = log->environment;
	unsigned count = 0;
	for (const struct tree_source *it = environment->resolve.sources; it; it = it->next) {
		count += it->kind == SOURCE_TABLE;
		if (it->kind != SOURCE_TABLE || !(it->is_target || it == log->target))
			continue;
		add_database(query, it->table->database);
		if (it->number < 64)
			query->table_map_for_update |= UINT64_C(1) << it->number;
	}
	query->has |= EVENT_QUERY_UPDATED_DBS;
	if (environment->statement->ast->kind == AST_UPDATE && count > 1)
		query->has |= EVENT_QUERY_TABLE_MAP_FOR_UPDATE;
}

static void warn(const struct change_log *log)
{
	struct warnings *warnings = &log->environment->statement->session->warnings;
	for (unsigned reason = 0; reason < REPEAT_REASON_COUNT; reason++)
		if (log->repeat.unsafe & 1u << reason)
			warnings_add(warnings, WARNING_NOTE, ER_BINLOG_UNSAFE_STATEMENT, repeat_reason_text(reason));
}

void change_log_end(struct change_log *log, uint64_t first_id)
{
	struct statement *statement = log->environment->statement;
	struct session *session = statement->session;
	if (log->is_left_out)
		txn_note_unlogged_text(session->txn);
	if (!statement->logs_text || log->is_left_out)
		return;
	struct event_query query;
	if (!log->is_definition)
		txn_events(session->txn); /* BEGIN stands in front of the context */
	struct event_writer writer = statement_event_writer(statement);
	put_context_events(log, &writer, first_id);
	statement_describe(statement, statement_bound_text(statement), session->database, &query);
	put_tables(log, &query);
	event_put_query(&writer, &query, 0);
	if (log->is_definition)
		txn_events_statement(session->txn);
	else
		txn_events_hold_text(session->txn);
	warn(log);
}
