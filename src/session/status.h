/*
 * Status counters: what SHOW STATUS lists. Com_* are counted per session and in total; the rest are read
 * from the server's parts when asked.
 */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "session/server.h"
#include "session/variables.h"

struct status;         /* the server's counters */
struct session_status; /* a session's */
struct status *status_create(void);
void status_destroy(struct status **status);
struct session_status *session_status_create(void);
void session_status_destroy(struct session_status **status);

/* Com_<command> of this session and of the server. command is one of the fixed names in status.c; others are ignored. */
void status_count_command(struct session *session, const char *command);
/* Named counters that sessions raise: "Questions", "Bytes_sent", "Created_tmp_tables", ... Global and session. */
enum status_counter { STATUS_QUESTIONS, STATUS_QUERIES, STATUS_BYTES_RECEIVED, STATUS_BYTES_SENT,
		      STATUS_SELECT_SCAN, STATUS_ROWS_READ, STATUS_ROWS_SENT, STATUS_SLOW_QUERIES,
		      STATUS_PLANS_REUSED, STATUS_SUBQUERIES_REUSED, STATUS_TRANSIENT_INDEXES, STATUS_DIRECT_READS,
		      STATUS_COUNTER_COUNT };
void status_count(struct session *session, enum status_counter counter, uint64_t by);
/* Connection counters of the server. */
enum server_counter { SERVER_CONNECTIONS, SERVER_ABORTED_CONNECTS, SERVER_ABORTED_CLIENTS, SERVER_MAX_USED_CONNECTIONS,
		      SERVER_ACCEPT_ERRORS, SERVER_THREADS_CREATED, SERVER_THREADS_CACHED,
		      SERVER_PREPARED_STATEMENTS /* there now: counted down too */,
		      SERVER_COUNTER_COUNT };
void status_count_server(struct server *server, enum server_counter counter, uint64_t by);
uint64_t status_server(const struct server *server, enum server_counter counter);
/* FLUSH STATUS: the session's counters start again. */
void status_reset(struct session *session);
/* Every status variable in name order, as SHOW STATUS prints it. */
void status_visit(struct session *session, enum variable_scope scope, struct arena *arena,
		  void (*visit)(const char *name, const char *text, void *argument), void *argument);
/*
 * Other folders' rows (Slave_running, Rpl_*, Threads_running, Binlog_cache_use, ...): server parts above session register a
 * function that adds theirs. At boot only.
 */
typedef void status_provider(struct server *server, struct arena *arena,
			     void (*visit)(const char *name, const char *text, void *argument), void *argument);
void status_register_provider(struct server *server, status_provider *provider);
/* SHOW STATUS's Uptime and mysqladmin status' line. */
char *status_summary(struct server *server, struct arena *arena);
