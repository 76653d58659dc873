/* A statement that goes into the log as text: DDL, GRANT and their like here; what changes rows in change_log.c. */
#include "exec/log_statement.h"

#include "base/clock.h"
#include "session/variables.h"

struct event_writer statement_event_writer(const struct statement *statement)
{
	struct event_writer writer = txn_event_writer(statement->session->txn);
	writer.timestamp = (uint32_t)(statement->session->statement_time_us / 1000000);
	return writer;
}

void statement_put_text(const struct statement *statement, struct bytes utf8, struct buf *out)
{
	charset_convert(charset_get(CHARSET_UTF8MB4), utf8, statement->session->variables.character_set_client, out);
}

/* Seconds since the statement began, unless it began at a time of its own choice. */
static uint32_t duration_s(const struct session *session)
{
	int64_t passed_us = clock_wall_us() - session->statement_time_us;
	return session->variables.timestamp_us || passed_us < 0 ? 0 : (uint32_t)(passed_us / 1000000);
}

/* Only where it is not the database's own: SET collation_database. */
static void put_database_collation(const struct session *session, struct event_query *query)
{
	const struct collation *collation = session->variables.collation_database, *own;
	if (!catalog_find_database(session->server->catalog, session->database, &own))
		own = session->variables.collation_server;
	if (collation == own)
		return;
	query->has |= EVENT_QUERY_CHARSET_DATABASE;
	query->collation_database = collation->id;
}

void statement_describe(const struct statement *statement, struct bytes text, const char *database,
			struct event_query *out)
{
	const struct session *session = statement->session;
	const struct session_variables *variables = &session->variables;
	event_query_init(out, bytes_of_string(database ? database : ""), text);
	session_describe_event(session, out);
	if (statement->logs_utf8)
		out->character_set_client = collation_utf8mb4_default->id;
	out->exec_time = duration_s(session);
	if (variables->lc_time_names) {
		out->has |= EVENT_QUERY_LC_TIME_NAMES;
		out->lc_time_names = (uint16_t)variables->lc_time_names;
	}
	put_database_collation(session, out);
	out->has |= EVENT_QUERY_EXPLICIT_DEFAULTS_TS;
	out->explicit_defaults_ts = variables->explicit_defaults_for_timestamp;
	out->has |= EVENT_QUERY_TIME_ZONE | EVENT_QUERY_MICROSECONDS | EVENT_QUERY_DEFAULT_COLLATION_UTF8MB4;
	out->time_zone = bytes_of_string(time_zone_name(variables->time_zone));
	out->microseconds = (uint32_t)(session->statement_time_us % 1000000);
	out->default_collation_utf8mb4 = collation_utf8mb4_default->id;
}

static int log_in(struct statement *statement, struct bytes text, const char *database, uint16_t flags)
{
	struct session *session = statement->session;
	if (!txn_logs_database(session->txn, database))
		return 0;
	struct event_writer writer = statement_event_writer(statement);
	struct event_query query;
	statement_describe(statement, text, database, &query);
	event_put_query(&writer, &query, flags);
	txn_events_statement(session->txn);
	return 0;
}

int statement_log(struct statement *statement, struct bytes text, const char *database)
{
	return log_in(statement, text, database, 0);
}

int statement_log_database(struct statement *statement, const char *database)
{
	return log_in(statement, statement->text, database, EVENT_FLAG_SUPPRESS_USE);
}
