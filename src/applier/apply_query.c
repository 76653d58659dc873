/*
 * Statements as the source logged them, in the session they ran in there: database, sql_mode, character sets, checks,
 * time, and what the events in front of them say (INTVAR, RAND, USER_VAR).
 */
#include <stdio.h>
#include <string.h>

#include "applier/apply_internal.h"
#include "session/locales.h"
#include "session/variables.h"
#include "type/convert.h"
#include "type/sql_mode.h"

/* --------------------------------------------------------------------------------------------------------- context */

/* 4 and 8 to 17 have no meaning here; past 31 MariaDB's bits are not MySQL's. */
static uint64_t known_sql_mode(const struct apply *apply, uint64_t mode)
{
	const uint64_t unknown = 0x3ff10;
	mode &= ~unknown;
	return mode & (apply->transaction.is_mariadb ? UINT32_MAX : ((uint64_t)1 << 33) - 1);
}

static void set_charsets(struct session_variables *variables, const struct event_query *query)
{
	const struct collation *client = collation_find_id(query->character_set_client);
	const struct collation *connection = collation_find_id(query->collation_connection);
	const struct collation *server = collation_find_id(query->collation_server);
	if (client)
		variables->character_set_client = client->charset;
	if (connection)
		variables->collation_connection = connection;
	if (server)
		variables->collation_server = server;
}

static void set_database(struct apply *apply, const struct event_query *query)
{
	struct session *session = apply->session;
	const char *name = apply_database(apply, query->db);
	const struct collation *collation;
	session_set_database(session, name);
	if (catalog_find_database(session->server->catalog, name, &collation))
		session->variables.collation_database = collation;
	else
		session->variables.collation_database = session->variables.collation_server;
}

static void set_zone(struct session_variables *variables, const struct event_query *query)
{
	const struct time_zone *zone = NULL;
	if (query->has & EVENT_QUERY_TIME_ZONE)
		zone = time_zone_find(query->time_zone);
	variables->time_zone = zone ? zone : time_zone_system();
}

void apply_set_context(struct apply *apply, const struct event *event, const struct event_query *query)
{
	struct session_variables *variables = &apply->session->variables;
	bool steps = query->has & EVENT_QUERY_AUTO_INCREMENT;
	variables->auto_increment_increment = steps ? query->auto_increment_increment : 1;
	variables->auto_increment_offset = steps ? query->auto_increment_offset : 1;
	variables->foreign_key_checks = !(query->flags2 & EVENT_OPTION_NO_FOREIGN_KEY_CHECKS);
	variables->unique_checks = !(query->flags2 & EVENT_OPTION_RELAXED_UNIQUE_CHECKS);
	variables->sql_auto_is_null = query->flags2 & EVENT_OPTION_AUTO_IS_NULL;
	if (query->has & EVENT_QUERY_SQL_MODE)
		variables->sql_mode = known_sql_mode(apply, query->sql_mode);
	if (query->has & EVENT_QUERY_CHARSET)
		set_charsets(variables, query);
	if (query->has & EVENT_QUERY_EXPLICIT_DEFAULTS_TS)
		variables->explicit_defaults_for_timestamp = query->explicit_defaults_ts;
	/* MariaDB has one more, which is nobody's here. */
	variables->lc_time_names = query->lc_time_names < session_locale_count ? query->lc_time_names : 0;
	set_zone(variables, query);
	variables->timestamp_us = (uint64_t)event->timestamp * 1000000 + query->microseconds;
	variables->pseudo_thread_id = query->thread_id;
	set_database(apply, query);
}

/* ------------------------------------------------------------------------------------------------------ statements */

static void put_statement(const struct event_query *query, struct buf *text)
{
	enum { shown = 120 };
	bool is_long = query->query.size > shown;
	buf_printf(text, ". Default database: '%.*s'. Query: '%.*s%s'", (int)query->db.size,
		   (const char *)query->db.data, is_long ? (int)shown : (int)query->query.size,
		   (const char *)query->query.data, is_long ? "..." : "");
}

static int tell_failure(struct apply *apply, const struct event *event, const struct event_query *query,
			struct diag *diag)
{
	struct buf text = {0};
	buf_printf(&text, "Error '%.180s' on query", diag->message);
	put_statement(query, &text);
	apply_put_place(apply, event, &text);
	return apply_retell(diag, &text);
}

static int tell_difference(struct apply *apply, const struct event *event, const struct event_query *query,
			   struct diag *diag)
{
	struct buf text = {0};
	buf_printf(&text,
		   "Query caused different errors on master and slave. Error on master: error code=%u ; Error on slave: "
		   "actual message='%.120s', error code=%u",
		   query->error_code, diag->message, diag->code);
	put_statement(query, &text);
	apply_put_place(apply, event, &text);
	diag_set_message(diag, ER_INCONSISTENT_ERROR, "x");
	return apply_retell(diag, &text);
}

/* A statement that was killed half way on the source cannot end the same way here. */
static bool is_about_killing(unsigned code)
{
	return code == ER_QUERY_INTERRUPTED || code == ER_SERVER_SHUTDOWN;
}

int apply_run_statement(struct apply *apply, const struct event *event, const struct event_query *query,
			struct diag *diag)
{
	struct session *session = apply->session;
	apply_set_context(apply, event, query);
	if (!apply_allows_statement(apply, query)) {
		session->variables.insert_id = 0;
		return 0;
	}
	session_set_command(session, "Connect", query->query);
	int status = apply->run_query(session, query->query, diag);
	session_set_command(session, "Connect", bytes_of(NULL, 0));
	session->variables.insert_id = 0;
	unsigned expected = is_about_killing(query->error_code) ? 0 : query->error_code;
	if (status == 0 && expected == 0)
		return 0;
	if (status != 0 && diag->code == expected) {
		diag_clear(diag); /* it failed there as well */
		return 0;
	}
	return expected ? tell_difference(apply, event, query, diag) : tell_failure(apply, event, query, diag);
}

/* ------------------------------------------------------------------------------------------ in front of statements */

int apply_intvar(struct apply *apply, const struct event *event, struct diag *diag)
{
	struct event_intvar intvar;
	if (event_decode_intvar(event, &intvar, diag) < 0)
		return -1;
	if (intvar.kind == EVENT_INTVAR_INSERT_ID)
		apply->session->variables.insert_id = intvar.value;
	else
		apply->session->last_insert_id = intvar.value;
	return 0;
}

int apply_rand(struct apply *apply, const struct event *event, struct diag *diag)
{
	struct event_rand seeds;
	if (event_decode_rand(event, &seeds, diag) < 0)
		return -1;
	apply->session->rand_seed1 = seeds.seed1;
	apply->session->rand_seed2 = seeds.seed2;
	return 0;
}

static int read_decimal(struct apply *apply, struct bytes packed, struct value *out, struct diag *diag)
{
	struct cursor cursor = cursor_of(packed);
	unsigned precision = cursor_u8(&cursor), scale = cursor_u8(&cursor);
	struct column_type type = {.kind = TYPE_DECIMAL, .length = precision, .decimals = (uint8_t)scale,
				   .collation = collation_binary};
	if (cursor.failed || precision == 0 || precision > 65 || scale > 30 || scale > precision)
		return diag_set(diag, ER_SLAVE_CORRUPT_EVENT);
	return convert_from_packed(&type, cursor_rest(&cursor), time_zone_utc(), &apply->arena, out, diag);
}

static int read_value(struct apply *apply, const struct event_user_var *variable, struct value *out,
		      struct diag *diag)
{
	struct cursor cursor = cursor_of(variable->value);
	const struct collation *collation = collation_find_id(variable->collation_id);
	double real;
	uint64_t bits;
	*out = value_null();
	if (variable->is_null)
		return 0;
	switch (variable->kind) {
	case EVENT_USER_VAR_STRING:
		*out = value_string(variable->value, collation ? collation : collation_binary);
		return 0;
	case EVENT_USER_VAR_REAL:
		bits = cursor_u64(&cursor);
		memcpy(&real, &bits, sizeof real);
		*out = value_double(real);
		break;
	case EVENT_USER_VAR_INTEGER:
		bits = cursor_u64(&cursor);
		*out = variable->is_unsigned ? value_uint(bits) : value_int((int64_t)bits);
		break;
	case EVENT_USER_VAR_DECIMAL:
		return read_decimal(apply, variable->value, out, diag);
	default:
		cursor.failed = true;
	}
	return cursor.failed ? diag_set(diag, ER_SLAVE_CORRUPT_EVENT) : 0;
}

int apply_user_var(struct apply *apply, const struct event *event, struct diag *diag)
{
	struct event_user_var variable;
	struct value value;
	if (event_decode_user_var(event, &variable, diag) < 0 || read_value(apply, &variable, &value, diag) < 0)
		return -1;
	user_variable_set(apply->session, variable.name, &value);
	return 0;
}
