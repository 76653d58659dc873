/* A statement that goes into the log as text: DDL, GRANT and their like. */
#include "binlog/event.h"
#include "binlog/event_writer.h"
#include "exec/statement.h"
#include "session/variables.h"

static void put_charsets(const struct session_variables *variables, struct event_query *query)
{
	query->has |= EVENT_QUERY_CHARSET;
	query->character_set_client = variables->character_set_client->default_collation->id;
	query->collation_connection = variables->collation_connection->id;
	query->collation_server = variables->collation_server->id;
}

/* The context a replica needs to run the text as it ran here. */
static void put_context(const struct session *session, struct event_query *query)
{
	const struct session_variables *variables = &session->variables;
	query->thread_id = (uint32_t)session->id;
	query->sql_mode = variables->sql_mode;
	if (!variables->foreign_key_checks)
		query->flags2 |= EVENT_OPTION_NO_FOREIGN_KEY_CHECKS;
	if (!variables->unique_checks)
		query->flags2 |= EVENT_OPTION_RELAXED_UNIQUE_CHECKS;
	put_charsets(variables, query);
	if (variables->auto_increment_increment != 1 || variables->auto_increment_offset != 1) {
		query->has |= EVENT_QUERY_AUTO_INCREMENT;
		query->auto_increment_increment = (uint16_t)variables->auto_increment_increment;
		query->auto_increment_offset = (uint16_t)variables->auto_increment_offset;
	}
	query->has |= EVENT_QUERY_TIME_ZONE | EVENT_QUERY_MICROSECONDS;
	query->time_zone = bytes_of_string(time_zone_name(variables->time_zone));
	query->microseconds = (uint32_t)(session->statement_time_us % 1000000);
}

int statement_log(struct statement *statement, struct bytes text, const char *database)
{
	struct session *session = statement->session;
	if (!txn_is_logging(session->txn))
		return 0;
	struct event_writer writer = txn_event_writer(session->txn);
	struct event_query query;
	event_query_init(&query, bytes_of_string(database ? database : ""), text);
	put_context(session, &query);
	event_put_query(&writer, &query, 0);
	txn_events_statement(session->txn);
	return 0;
}
