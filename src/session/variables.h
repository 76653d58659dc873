/*
 * System variables: one table says each one's name, scope, type, default, bounds, where its value lives, and what a
 * change sets in motion. Options (my.cnf, command line) of the same name come from the same table.
 *
 * Session values are plain fields of struct session_variables, owned by the session's thread. Global values
 * live in struct global_variables under its lock; those that hot paths read are atomic.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/lock.h"
#include "type/collation.h"
#include "type/temporal.h"
#include "type/value.h"

struct session;
struct server;

enum gtid_consistency { GTID_CONSISTENCY_OFF, GTID_CONSISTENCY_ON, GTID_CONSISTENCY_WARN };
enum parallel_mode { PARALLEL_NONE, PARALLEL_MINIMAL, PARALLEL_CONSERVATIVE, PARALLEL_OPTIMISTIC, PARALLEL_AGGRESSIVE };
enum binlog_format { BINLOG_FORMAT_MIXED, BINLOG_FORMAT_STATEMENT, BINLOG_FORMAT_ROW };
enum binlog_row_image { BINLOG_ROW_IMAGE_MINIMAL, BINLOG_ROW_IMAGE_NOBLOB, BINLOG_ROW_IMAGE_FULL };

/* MySQL's numbers for what is not known. */
#define original_commit_unknown 36028797018963968u
enum { server_version_unknown = 999999 };

/* What a session has; a new one copies the global's. Units are MySQL's. */
struct session_variables {
	uint64_t sql_mode;                  /* type/sql_mode.h */
	bool autocommit;
	unsigned transaction_isolation;     /* enum txn_isolation */
	unsigned next_transaction_isolation;/* SET TRANSACTION without scope: for one; ~0u: none */
	bool transaction_read_only;
	int next_transaction_read_only;     /* -1: none */
	const struct charset *character_set_client;
	const struct charset *character_set_results; /* NULL: send as stored */
	const struct collation *collation_connection;
	const struct collation *collation_database;
	const struct collation *collation_server;
	const struct charset *character_set_filesystem;
	const struct time_zone *time_zone;
	uint64_t auto_increment_increment, auto_increment_offset;
	bool foreign_key_checks, unique_checks;
	bool sql_log_bin;
	unsigned binlog_format;             /* enum binlog_format */
	unsigned binlog_row_image;          /* enum binlog_row_image */
	bool binlog_rows_query_log_events;
	bool binlog_transaction_compression;
	uint64_t binlog_transaction_compression_level_zstd;
	unsigned lc_time_names;             /* of session_locales (locales.h) */
	bool check_constraint_checks;       /* MariaDB's: CHECKs are evaluated */
	bool gemel_condition_pushdown;      /* tables test conditions before SQLite sees their rows */
	bool gemel_direct_reads;            /* rows that need no evaluation go without SQLite */
	bool gemel_plan_cache;              /* statements that run again keep what they were resolved to */
	bool gemel_stages;                  /* groups and DISTINCT by hash tables of our own */
	bool gemel_subquery_cache;          /* answers of correlated subqueries are kept within a statement */
	bool skip_replication;              /* MariaDB's: events are marked, for replicas that leave such out */
	uint64_t original_commit_timestamp; /* µs, of transactions that are replayed; original_commit_unknown: of none */
	uint64_t original_server_version, immediate_server_version;
	uint64_t rand_seed1, rand_seed2;    /* as they were set; RAND() goes on from them in the session */
	unsigned rbr_exec_mode;             /* of BINLOG statements: 0 STRICT, 1 IDEMPOTENT */
	uint64_t lock_wait_timeout;         /* seconds, metadata locks */
	uint64_t innodb_lock_wait_timeout;  /* seconds, row locks */
	uint64_t max_allowed_packet;        /* bytes */
	uint64_t innodb_ddl_buffer_size;    /* bytes */
	uint64_t innodb_ddl_threads;
	uint64_t net_read_timeout, net_write_timeout, wait_timeout, interactive_timeout; /* seconds */
	uint64_t net_buffer_length;
	uint64_t sql_select_limit;
	bool sql_safe_updates, sql_auto_is_null, sql_big_selects, sql_warnings, sql_notes, sql_quote_show_create;
	bool sql_buffer_result, low_priority_updates, big_tables, explicit_defaults_for_timestamp, old_passwords, new_mode;
	uint64_t group_concat_max_len, max_error_count, div_precision_increment, max_sort_length, max_join_size;
	uint64_t max_execution_time;        /* ms, 0: none */
	uint64_t connection_memory_limit, connection_memory_chunk_size; /* bytes */
	bool global_connection_memory_tracking;
	uint64_t cte_max_recursion_depth;
	uint64_t sort_buffer_size, tmp_table_size; /* bytes that a sort keeps in memory, if one is less the other */
	uint64_t timestamp_us;              /* SET timestamp: 0 = the clock */
	uint64_t insert_id;                 /* SET insert_id: the next AUTO_INCREMENT value, 0: none */
	uint64_t pseudo_thread_id;
	unsigned session_track_gtids;       /* OFF, OWN_GTID, ALL_GTIDS */
	uint64_t block[512];                /* by row number: the session values nothing else reads */
};

struct global_variables;

/* A new or reset session takes the global values. */
void variables_start_session(struct session *session);
void variables_end_session(struct session *session);

/* A user variable's value, deep copy owned by the session's map. */
struct user_variable {
	struct value value;
	struct arena arena;
};
void user_variable_set(struct session *session, struct bytes name, const struct value *value);
void user_variables_forget(struct session *session); /* all of them */
const struct value *user_variable_find(struct session *session, struct bytes name); /* or NULL */

enum variable_scope { VARIABLE_DEFAULT_SCOPE, VARIABLE_GLOBAL, VARIABLE_SESSION };

/* @@name, SHOW VARIABLES. Text lives in the arena. -1: 1193, 1238. */
int variable_get(struct session *session, enum variable_scope scope, struct bytes name, struct arena *arena,
		 struct value *out, struct diag *diag);
/* SET. value NULL: DEFAULT. Checks privileges are the caller's. -1: 1193, 1228, 1229, 1231, 1232, 1238. */
int variable_set(struct session *session, enum variable_scope scope, struct bytes name, const struct value *value,
		 struct diag *diag);
/* SET PERSIST, and PERSIST_ONLY, which leaves the running server as it is. -1: as above, 3: the file is not written. */
int variable_persist(struct session *session, bool only, struct bytes name, const struct value *value, struct diag *diag);
bool variable_exists(struct bytes name);
bool variable_needs_super(struct bytes name); /* its session value is not everybody's to set */
/* Calls visit for each visible variable in name order with its text as SHOW VARIABLES prints it. */
void variables_visit(struct session *session, enum variable_scope scope, struct arena *arena,
		     void (*visit)(const char *name, const char *text, void *argument), void *argument);
/* SET NAMES and friends. */
void variables_set_names(struct session *session, const struct charset *charset, const struct collation *collation);

/* Quick typed reads of globals for the server's own use; the name must exist and be of that type. */
/* argument: the server. read_only is ON while a full disk lets nobody write; OFF behind it, unless somebody set it. */
void server_show_outage(void *argument, bool is_on);
uint64_t global_number(const struct server *server, const char *name);
/* Copied into the arena; NULL stays NULL. */
const char *global_text(const struct server *server, const char *name, struct arena *arena);
