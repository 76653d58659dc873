/*
 * The session that a source's statement ran in: database, sql_mode, character sets, checks, time. Nothing of it is left
 * to what ran before.
 */
#include <stdio.h>

#include "applier/apply_internal.h"
#include "session/locales.h"
#include "session/variables.h"
#include "type/sql_mode.h"

/* 4 and 8 to 17 have no meaning here; past 31 MariaDB's bits are not MySQL's. */
static uint64_t known_sql_mode(const struct apply *apply, uint64_t mode)
{
	const uint64_t unknown = 0x3ff10;
	mode &= ~unknown;
	return mode & (apply->transaction.is_mariadb ? UINT32_MAX : ((uint64_t)1 << 33) - 1);
}

/* NULL with diag: a text in it would mean something else here. */
static const struct collation *find_collation(unsigned id, struct diag *diag)
{
	const struct collation *collation = collation_find_id(id);
	char name[16];
	snprintf(name, sizeof name, "#%u", id);
	if (collation == NULL)
		diag_set(diag, ER_UNKNOWN_COLLATION, name);
	return collation;
}

static int set_charsets(struct session_variables *variables, const struct event_query *query, struct diag *diag)
{
	if (!(query->has & EVENT_QUERY_CHARSET))
		return 0;
	const struct collation *client = find_collation(query->character_set_client, diag);
	const struct collation *connection = find_collation(query->collation_connection, diag);
	const struct collation *server = find_collation(query->collation_server, diag);
	if (client == NULL || connection == NULL || server == NULL)
		return -1;
	variables->character_set_client = client->charset;
	variables->collation_connection = connection;
	variables->collation_server = server;
	return 0;
}

static int set_database(struct apply *apply, const struct event_query *query, struct diag *diag)
{
	struct session *session = apply->session;
	const char *name = apply_database(apply, query->db);
	const struct collation *collation;
	session_set_database(session, name);
	if (query->has & EVENT_QUERY_CHARSET_DATABASE)
		collation = find_collation(query->collation_database, diag);
	else if (!catalog_find_database(session->server->catalog, name, &collation))
		collation = session->variables.collation_server;
	if (collation == NULL)
		return -1;
	session->variables.collation_database = collation;
	return 0;
}

static int set_zone(struct session_variables *variables, const struct event_query *query, struct diag *diag)
{
	const struct time_zone *zone = time_zone_system();
	char name[256];
	if (query->has & EVENT_QUERY_TIME_ZONE)
		zone = time_zone_find(query->time_zone);
	snprintf(name, sizeof name, "%.*s", (int)query->time_zone.size, (const char *)query->time_zone.data);
	if (zone == NULL)
		return diag_set(diag, ER_UNKNOWN_TIME_ZONE, name);
	variables->time_zone = zone;
	return 0;
}

static int set_locale(struct session_variables *variables, const struct event_query *query, struct diag *diag)
{
	char name[16];
	snprintf(name, sizeof name, "%u", query->lc_time_names);
	if (query->lc_time_names >= session_locale_count)
		return diag_set(diag, ER_UNKNOWN_LOCALE, name);
	variables->lc_time_names = query->lc_time_names; /* 0 where the event is silent: en_US */
	return 0;
}

static void set_flags(const struct apply *apply, struct session_variables *variables, const struct event_query *query)
{
	variables->foreign_key_checks = !(query->flags2 & EVENT_OPTION_NO_FOREIGN_KEY_CHECKS);
	variables->unique_checks = !(query->flags2 & EVENT_OPTION_RELAXED_UNIQUE_CHECKS);
	variables->sql_auto_is_null = query->flags2 & EVENT_OPTION_AUTO_IS_NULL;
	if (query->has & EVENT_QUERY_EXPLICIT_DEFAULTS_TS)
		variables->explicit_defaults_for_timestamp = query->explicit_defaults_ts;
	else if (apply->transaction.is_mariadb)
		variables->explicit_defaults_for_timestamp = query->flags2 & EVENT_OPTION_MARIADB_EXPLICIT_DEFAULTS;
}

int apply_set_context(struct apply *apply, const struct event *event, const struct event_query *query,
		      struct diag *diag)
{
	struct session_variables *variables = &apply->session->variables;
	bool steps = query->has & EVENT_QUERY_AUTO_INCREMENT;
	variables->auto_increment_increment = steps ? query->auto_increment_increment : 1;
	variables->auto_increment_offset = steps ? query->auto_increment_offset : 1;
	set_flags(apply, variables, query);
	if (query->has & EVENT_QUERY_SQL_MODE)
		variables->sql_mode = known_sql_mode(apply, query->sql_mode);
	variables->timestamp_us = (uint64_t)event->timestamp * 1000000 + query->microseconds;
	variables->pseudo_thread_id = query->thread_id;
	if (set_charsets(variables, query, diag) != 0 || set_zone(variables, query, diag) != 0 ||
	    set_locale(variables, query, diag) != 0)
		return -1;
	return set_database(apply, query, diag);
}
