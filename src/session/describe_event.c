/* What of a session stands in the QUERY events it logs. */
#include "session/session.h"

static void put_charsets(const struct session_variables *variables, struct event_query *out)
{
	out->has |= EVENT_QUERY_CHARSET;
	out->character_set_client = variables->character_set_client->default_collation->id;
	out->collation_connection = variables->collation_connection->id;
	out->collation_server = variables->collation_server->id;
}

static void put_auto_increment(const struct session_variables *variables, struct event_query *out)
{
	if (variables->auto_increment_increment == 1 && variables->auto_increment_offset == 1)
		return;
	out->has |= EVENT_QUERY_AUTO_INCREMENT;
	out->auto_increment_increment = (uint16_t)variables->auto_increment_increment;
	out->auto_increment_offset = (uint16_t)variables->auto_increment_offset;
}

static uint32_t flags_of(const struct session_variables *variables)
{
	return (variables->foreign_key_checks ? 0 : EVENT_OPTION_NO_FOREIGN_KEY_CHECKS) |
	       (variables->unique_checks ? 0 : EVENT_OPTION_RELAXED_UNIQUE_CHECKS) |
	       (variables->sql_auto_is_null ? EVENT_OPTION_AUTO_IS_NULL : 0) |
	       (variables->autocommit ? 0 : EVENT_OPTION_NOT_AUTOCOMMIT);
}

void session_describe_event(const struct session *session, struct event_query *out)
{
	const struct session_variables *variables = &session->variables;
	out->thread_id = (uint32_t)(variables->pseudo_thread_id ? variables->pseudo_thread_id : session->id);
	out->sql_mode = variables->sql_mode;
	out->flags2 = flags_of(variables);
	put_charsets(variables, out);
	put_auto_increment(variables, out);
}

static void describe_begin(const void *session, struct event_query *out)
{
	session_describe_event(session, out);
}

void session_take_txn(struct session *session, struct txn *txn)
{
	session->txn = txn;
	txn_set_interrupt(txn, &session->interrupted);
	txn_set_wait_flag(txn, &session->waits_for_row);
	txn_set_thread_id(txn, (uint32_t)session->id);
	txn_set_describer(txn, describe_begin, session);
}
