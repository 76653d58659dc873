#include "session/session.h"

#include <stdio.h>
#include <stdlib.h>

#include "account/account.h"
#include "base/digest.h"
#include "base/memory.h"
#include "catalog/catalog.h"
#include "session/prepared.h"
#include "session/user_lock.h"
#include "type/convert.h"
#include "type/sql_mode.h"

/* The protocol's status flags that a session's own state decides. Source: "Client/Server Protocol". */
enum { FLAG_IN_TRANSACTION = 1, FLAG_AUTOCOMMIT = 2, FLAG_NO_BACKSLASH_ESCAPES = 512, FLAG_READ_ONLY = 8192 };

static void enter_list(struct server *server, struct session *session)
{
	lock_take(&server->lock);
	if (server->session_count == server->session_capacity) {
		server->session_capacity = server->session_capacity ? server->session_capacity * 2 : 16;
		server->sessions = memory_realloc(server->sessions,
						  server->session_capacity * sizeof *server->sessions);
	}
	server->sessions[server->session_count++] = session;
	lock_release(&server->lock);
}

static void leave_list(struct server *server, struct session *session)
{
	lock_take(&server->lock);
	unsigned i = 0;
	while (server->sessions[i] != session)
		i++;
	server->sessions[i] = server->sessions[--server->session_count];
	lock_release(&server->lock);
}

static void seed_random(struct session *session)
{
	uint64_t seeds[2];
	random_bytes((uint8_t *)seeds, sizeof seeds);
	session->rand_seed1 = seeds[0] & 0x3fffffff;
	session->rand_seed2 = seeds[1] & 0x3fffffff;
}

const char *session_name_from_client(struct session *session, struct bytes name)
{
	struct buf utf8 = {0};
	charset_convert(session->variables.character_set_client, name, charset_get(CHARSET_UTF8MB4), &utf8);
	const char *copy = arena_copy_text(&session->statement_arena, (const char *)utf8.data, utf8.size);
	buf_deinit(&utf8);
	return copy;
}

void session_brief_txn(struct session *session)
{
	const struct session_variables *variables = &session->variables;
	struct txn *txn = session->txn;
	bool has_time = variables->original_commit_timestamp < original_commit_unknown;
	bool has_version = variables->original_server_version != server_version_unknown;
	txn_set_lock_timeout(txn, (int64_t)variables->innodb_lock_wait_timeout * 1000);
	txn_set_logging(txn, variables->sql_log_bin);
	txn_set_compression(txn, variables->binlog_transaction_compression
					 ? (int)variables->binlog_transaction_compression_level_zstd
					 : 0);
	txn_set_event_flags(txn, variables->skip_replication ? EVENT_FLAG_SKIP_REPLICATION : 0);
	txn_set_original(txn, has_time ? (int64_t)variables->original_commit_timestamp : 0,
			 has_version ? (uint32_t)variables->original_server_version : 0);
}

static struct session *make_session(struct server *server)
{
	struct session *session = memory_zalloc(sizeof *session);
	session->id = atomic_fetch_add(&server->next_session_id, 1);
	session->server = server;
	session->version = server->version;
	session->status = session_status_create();
	variables_start_session(session);
	map_init(&session->user_variables);
	map_init(&session->prepared_by_name);
	map_init(&session->temporary_tables);
	session_take_txn(session, txn_create(server->txn_manager));
	session_brief_txn(session);
	session->mdl = mdl_owner_create(server->mdl, session->id);
	mdl_owner_watch(session->mdl, &session->waits_for_row);
	arena_init(&session->statement_arena);
	warnings_init(&session->warnings, (size_t)session->variables.max_error_count);
	session->diag = DIAG_INIT;
	session->link = (struct session_link){.tls_version = "", .tls_cipher = "", .tls_cipher_list = "", .compression = ""};
	session->sink = result_sink_null;
	session->row_count = -1;
	seed_random(session);
	lock_init(&session->lock, "session", LOCK_RANK_SESSION);
	session_set_command(session, "Connect", bytes_of(NULL, 0));
	return session;
}

struct session *session_create(struct server *server)
{
	struct session *session = make_session(server);
	enter_list(server, session);
	return session;
}

struct session *session_create_internal(struct server *server)
{
	struct session *session = make_session(server);
	session->is_internal = true;
	snprintf(session->user, sizeof session->user, "system user");
	enter_list(server, session);
	return session;
}

static void free_prepared(struct session *session)
{
	struct map_walk walk = {0};
	struct bytes name;
	void *value;
	while (map_next(&session->prepared_by_name, &walk, &name, &value))
		prepared_statement_unref(value);
	map_deinit(&session->prepared_by_name);
}

struct bytes session_temporary_key(const struct session *session, const char *database, const char *name,
				   char out[session_temporary_key_max])
{
	uint64_t thread = session->is_internal ? session->variables.pseudo_thread_id : 0;
	snprintf(out, session_temporary_key_max, "%llu/%s/%s", (unsigned long long)thread, database, name);
	return bytes_of_string(out);
}

static void free_temporary_tables(struct session *session)
{
	struct map_walk walk = {0};
	struct bytes name;
	void *value;
	while (map_next(&session->temporary_tables, &walk, &name, &value)) {
		struct table *table = value;
		struct diag diag = DIAG_INIT;
		for (unsigned i = 0; i < table->index_count; i++)
			store_drop_spaces(session->server->store, &table->indexes[i].space, 1, &diag);
		table_unref(&table);
	}
	map_deinit(&session->temporary_tables);
}

/* All that a session has beyond its connection, user and database. */
static void drop_state(struct session *session)
{
	if (session->event_replay)
		session->event_replay_destroy(session->event_replay);
	session->event_replay = NULL;
	txn_rollback(session->txn);
	gtid_next_reset(session);
	user_lock_release_all(session);
	if (session->has_global_read_lock)
		session_release_global_read_lock(session);
	mdl_release(session->mdl, MDL_STATEMENT);
	mdl_release(session->mdl, MDL_TRANSACTION);
	mdl_release(session->mdl, MDL_EXPLICIT);
	free_prepared(session);
	user_variables_forget(session);
	free_temporary_tables(session);
	session->in_transaction = session->read_only_transaction = false;
	session->has_locked_tables = false;
}

void session_destroy(struct session **session_pointer)
{
	struct session *session = *session_pointer;
	accounts_leave(session->server->accounts, &session->account_usage);
	leave_list(session->server, session);
	drop_state(session);
	if (session->evaluator)
		session->evaluator_destroy(session->evaluator);
	variables_end_session(session);
	session_status_destroy(&session->status);
	txn_destroy(&session->txn);
	mdl_owner_destroy(&session->mdl);
	warnings_deinit(&session->warnings);
	arena_deinit(&session->statement_arena);
	lock_deinit(&session->lock);
	memory_free(session);
	*session_pointer = NULL;
}

void session_reset(struct session *session)
{
	drop_state(session);
	map_init(&session->user_variables);
	map_init(&session->prepared_by_name);
	map_init(&session->temporary_tables);
	variables_start_session(session);
	session_brief_txn(session);
	warnings_clear(&session->warnings);
	session->last_insert_id = session->statement_insert_id = 0;
	session->row_count = -1;
	session->found_rows = 0;
	seed_random(session);
}

static void set_text(char *out, size_t size, struct bytes text)
{
	size_t kept = text.size < size - 1 ? text.size : size - 1;
	if (kept)
		memcpy(out, text.data, kept);
	out[kept] = 0;
}

void session_set_command(struct session *session, const char *command, struct bytes info)
{
	lock_take(&session->lock);
	set_text(session->command, sizeof session->command, bytes_of_string(command));
	set_text(session->info, sizeof session->info, info);
	session->state[0] = 0;
	session->command_started_us = clock_monotonic_us();
	lock_release(&session->lock);
}

void session_set_state(struct session *session, const char *state)
{
	lock_take(&session->lock);
	snprintf(session->state, sizeof session->state, "%s", state);
	lock_release(&session->lock);
}

void session_set_database(struct session *session, const char *database)
{
	lock_take(&session->lock);
	snprintf(session->database, sizeof session->database, "%s", database);
	lock_release(&session->lock);
	txn_set_database(session->txn, session->database);
}

int session_check_killed(struct session *session, struct diag *diag)
{
	if (memory_check(diag) != 0)
		return -1;
	int kill = atomic_load_explicit(&session->kill, memory_order_relaxed);
	if (kill == SESSION_RUNNING)
		return 0;
	if (kill == SESSION_KILL_CONNECTION && session->server->shutting_down)
		return diag_set(diag, ER_SERVER_SHUTDOWN);
	return diag_set(diag, ER_QUERY_INTERRUPTED);
}

int session_check_left(struct session *session, struct diag *diag)
{
	if (session->sink && session->sink->has_left && session->sink->has_left(session->sink))
		session_kill_itself(session, SESSION_KILL_CONNECTION);
	return session_check_killed(session, diag);
}

void session_kill_itself(struct session *session, enum session_kill kill)
{
	int current = atomic_load(&session->kill);
	while (current < (int)kill && !atomic_compare_exchange_weak(&session->kill, &current, (int)kill))
		;
	atomic_store(&session->interrupted, true);
}

void session_kill(struct session *session, enum session_kill kill)
{
	session_kill_itself(session, kill);
	mdl_kill(session->mdl);
	void (*wake)(struct session *) = atomic_load(&session->wake);
	if (wake && kill == SESSION_KILL_CONNECTION)
		wake(session);
}

int session_take_global_read_lock(struct session *session, struct diag *diag)
{
	if (session->has_global_read_lock)
		return 0;
	int64_t timeout_ms = (int64_t)session->variables.lock_wait_timeout * 1000;
	if (mdl_acquire(session->mdl, NULL, NULL, MDL_SHARED_READ_ONLY, MDL_EXPLICIT, timeout_ms, diag) != 0)
		return -1;
	txn_manager_block_commits(session->server->txn_manager);
	session->has_global_read_lock = true;
	return 0;
}

void session_release_global_read_lock(struct session *session)
{
	txn_manager_unblock_commits(session->server->txn_manager);
	mdl_release_name(session->mdl, NULL, NULL, MDL_EXPLICIT);
	session->has_global_read_lock = false;
}

void session_forget_query_kill(struct session *session)
{
	int query_kill = SESSION_KILL_QUERY;
	if (!atomic_compare_exchange_strong(&session->kill, &query_kill, SESSION_RUNNING))
		return;
	atomic_store(&session->interrupted, false);
	mdl_clear_kill(session->mdl);
}

void session_convert_context(struct session *session, struct convert_context *out)
{
	*out = (struct convert_context){
		.sql_mode = session->variables.sql_mode,
		.zone = session->variables.time_zone,
		.warnings = &session->warnings,
		.row_number = 1,
		.arena = &session->statement_arena,
	};
}

bool session_is_strict(const struct session *session)
{
	return (session->variables.sql_mode & (SQL_MODE_STRICT_TRANS_TABLES | SQL_MODE_STRICT_ALL_TABLES)) != 0;
}

struct event_row_style session_row_style(const struct session *session)
{
	static const enum event_row_image images[] = {
		[BINLOG_ROW_IMAGE_MINIMAL] = EVENT_IMAGE_MINIMAL,
		[BINLOG_ROW_IMAGE_NOBLOB] = EVENT_IMAGE_NOBLOB,
		[BINLOG_ROW_IMAGE_FULL] = EVENT_IMAGE_FULL,
	};
	return (struct event_row_style){
		.image = images[session->variables.binlog_row_image],
		.metadata = (enum event_table_metadata_level)atomic_load(&session->server->row_metadata),
		.event_size_max = (size_t)atomic_load(&session->server->row_event_size_max),
	};
}

unsigned session_status_flags(const struct session *session)
{
	unsigned flags = 0;
	if (session->variables.autocommit)
		flags |= FLAG_AUTOCOMMIT;
	if (session->in_transaction || (!session->variables.autocommit && txn_is_active(session->txn)))
		flags |= FLAG_IN_TRANSACTION;
	if (session->in_transaction && session->read_only_transaction)
		flags |= FLAG_READ_ONLY;
	if (session->variables.sql_mode & SQL_MODE_NO_BACKSLASH_ESCAPES)
		flags |= FLAG_NO_BACKSLASH_ESCAPES;
	return flags;
}

void server_visit_sessions(struct server *server, void (*visit)(struct session *session, void *argument),
			   void *argument)
{
	lock_take(&server->lock);
	for (unsigned i = 0; i < server->session_count; i++)
		visit(server->sessions[i], argument);
	lock_release(&server->lock);
}
