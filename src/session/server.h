/*
 * What one server is, for those who serve its clients: borrowed pointers to its parts, put together by
 * main.c in boot order and taken apart in the reverse. Not a global: two servers live in one test process.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/lock.h"

struct diag;
struct session;
struct store;
struct catalog;
struct txn_manager;
struct binlog;
struct mdl;
struct accounts;     /* account: users and grants */
struct filter;
struct channels;     /* channel: replication channels */
struct global_variables;
struct status;       /* session/status.h */
struct text_cache;     /* exec/known_text.h: what statements' texts were made to */
struct evaluator_pool; /* query: evaluators at rest */
struct dump_registry;  /* dump: connected replicas, for SHOW SLAVE HOSTS */
struct persisted;      /* session/persisted.h */
struct semi_sync;      /* dump/semi_sync.h */
struct user_locks;     /* session/user_lock.h: GET_LOCK() */
struct replication_hooks;
struct source_wait;
struct security;       /* server/security.h: TLS, and what logging in needs */

struct server {
	/* immutable after boot */
	const char *data_directory; /* absolute */
	const char *version;        /* "8.0.35-gemel-0.1.0" */
	char uuid[37];
	const struct filter *log_filter; /* which databases are logged, for those who show it */
	struct store *store;
	struct catalog *catalog;
	struct txn_manager *txn_manager;
	struct mdl *mdl;
	struct accounts *accounts;
	struct channels *channels;
	struct evaluator_pool *evaluators;
	struct text_cache *texts;
	struct dump_registry *dumps;
	struct semi_sync *semi_sync;
	void (*semi_sync_changed)(struct server *server); /* its variables did; or NULL */
	/*
	 * MASTER_POS_WAIT(): the channels', or NULL while there are none. In the waiting session's thread, until
	 * session_check_killed. *out as in session/source_wait.h.
	 */
	int (*source_wait)(struct session *session, const struct source_wait *wait, int64_t *out, struct diag *diag);
	/* The channels' say in SET gtid_mode, or NULL. -1: 3111. Any thread. */
	int (*check_gtid_mode)(struct server *server, unsigned mode, struct diag *diag);
	/*
	 * @@gtid_slave_pos, MariaDB's, is the channels' as well; NULL while there are none. What is printed is appended.
	 * Set: -1 1198 while one runs, 1941. Any thread.
	 */
	void (*print_mariadb_position)(struct server *server, struct buf *out);
	int (*set_mariadb_position)(struct server *server, struct bytes text, struct diag *diag);
	const struct replication_hooks *replication_hooks; /* the channels', or NULL while there are none */
	struct global_variables *variables; /* has its own lock */
	struct persisted *persisted;        /* what SET PERSIST keeps; has its own lock */
	struct status *status;
	struct hlc clock;
	int64_t started_us;                 /* monotonic */
	struct security *security;
	/* ALTER INSTANCE RELOAD TLS, in any thread. -1: nothing changed, unless forced: then there is no TLS any more. */
	int (*reload_tls)(struct server *server, bool forced, struct diag *diag);

	/* guarded by lock */
	struct lock lock;                   /* LOCK_RANK_SERVER */
	struct session **sessions;          /* all that live, unordered */
	unsigned session_count, session_capacity;
	struct session *global_read_lock_owner; /* FTWRL, or NULL */

	/* atomic */
	_Atomic uint64_t next_columns_id;   /* struct result_columns; from 1 */
	_Atomic unsigned long next_session_id;
	_Atomic bool shutting_down;
	_Atomic bool read_only_by_itself;   /* read_only is ON because the server accepts no writes: log_variables.h */
	_Atomic unsigned row_metadata;         /* binlog_row_metadata: enum event_table_metadata_level */
	_Atomic uint64_t text_cache_size;      /* gemel_text_cache_size */
	_Atomic uint64_t row_event_size_max;   /* binlog_row_event_max_size */
	_Atomic bool has_tls;               /* new connections may use it */
	struct user_locks *_Atomic user_locks; /* made when first asked for; see user_lock.h */
	void (*request_shutdown)(struct server *server); /* COM_SHUTDOWN, SHUTDOWN: asks main to stop */
};

/* Calls visit for each session under the server's lock; visit must not block. */
void server_visit_sessions(struct server *server, void (*visit)(struct session *session, void *argument),
			   void *argument);
