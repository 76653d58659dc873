#include "session/status.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "session/session.h"

/* Com_* counters of SHOW STATUS, sorted. */
static const char *const command_names[] = {
	"admin_commands", "alter_db", "alter_instance", "alter_table", "alter_user", "begin", "binlog", "change_db",
	"change_master", "change_repl_filter", "change_replication_source", "check", "commit", "create_db",
	"create_index", "create_table", "create_user", "create_view", "dealloc_sql", "delete", "do", "drop_db",
	"drop_index", "drop_table", "drop_user", "drop_view", "execute_sql", "explain_other", "flush", "grant",
	"help", "insert", "install_plugin", "kill", "load", "lock_tables", "prepare_sql", "purge",
	"purge_before_date", "release_savepoint", "rename_table", "rename_user", "replace", "replica_start",
	"replica_stop", "reset", "revoke", "rollback", "rollback_to_savepoint", "savepoint", "select", "set_option",
	"set_password", "show_binlog_events", "show_binlogs", "show_charsets", "show_collations", "show_create_db",
	"show_create_event", "show_create_func", "show_create_proc", "show_create_table", "show_create_trigger",
	"show_create_user", "show_databases", "show_engine_status", "show_errors", "show_events", "show_fields",
	"show_function_status", "show_grants", "show_keys", "show_master_status", "show_open_tables", "show_plugins",
	"show_privileges", "show_procedure_status", "show_processlist", "show_profiles", "show_relaylog_events",
	"show_replica_status", "show_replicas", "show_slave_hosts", "show_slave_status", "show_status",
	"show_storage_engines", "show_table_status", "show_tables", "show_triggers", "show_variables",
	"show_warnings", "shutdown", "slave_start", "slave_stop", "truncate", "uninstall_plugin", "unlock_tables",
	"update",
};
/* Two names of one counter: the first is also listed as the second. */
static const char *const twin_names[][2] = {
	{"change_master", "change_replication_source"}, {"show_replica_status", "show_slave_status"},
	{"show_replicas", "show_slave_hosts"},		{"slave_start", "replica_start"},
	{"slave_stop", "replica_stop"},
};
enum { command_count = sizeof command_names / sizeof *command_names, provider_max = 16 };

static const char *const counter_names[STATUS_COUNTER_COUNT] = {
	[STATUS_QUESTIONS] = "Questions", [STATUS_QUERIES] = "Queries",
	[STATUS_BYTES_RECEIVED] = "Bytes_received", [STATUS_BYTES_SENT] = "Bytes_sent",
	[STATUS_SELECT_SCAN] = "Select_scan", [STATUS_ROWS_READ] = "Innodb_rows_read",
	[STATUS_ROWS_SENT] = "Rows_sent", [STATUS_SLOW_QUERIES] = "Slow_queries",
	[STATUS_PLANS_REUSED] = "Gemel_plans_reused", [STATUS_SUBQUERIES_REUSED] = "Gemel_subqueries_reused",
	[STATUS_TRANSIENT_INDEXES] = "Gemel_transient_indexes",
	[STATUS_DIRECT_READS] = "Gemel_direct_reads",
};
static const char *const server_counter_names[SERVER_COUNTER_COUNT] = {
	[SERVER_CONNECTIONS] = "Connections", [SERVER_ABORTED_CONNECTS] = "Aborted_connects",
	[SERVER_ABORTED_CLIENTS] = "Aborted_clients", [SERVER_MAX_USED_CONNECTIONS] = "Max_used_connections",
	[SERVER_ACCEPT_ERRORS] = "Connection_errors_accept",
	[SERVER_THREADS_CREATED] = "Threads_created", [SERVER_THREADS_CACHED] = "Threads_cached",
	[SERVER_PREPARED_STATEMENTS] = "Prepared_stmt_count",
};

struct status {
	_Atomic uint64_t commands[command_count];
	_Atomic uint64_t counters[STATUS_COUNTER_COUNT];
	_Atomic uint64_t server[SERVER_COUNTER_COUNT];
	/* immutable after boot */
	status_provider *providers[provider_max];
	unsigned provider_count;
};

struct session_status {
	uint64_t commands[command_count];
	uint64_t counters[STATUS_COUNTER_COUNT];
};

struct status *status_create(void)
{
	return memory_zalloc(sizeof(struct status));
}

void status_destroy(struct status **status)
{
	memory_free(*status);
	*status = NULL;
}

struct session_status *session_status_create(void)
{
	return memory_zalloc(sizeof(struct session_status));
}

void session_status_destroy(struct session_status **status)
{
	memory_free(*status);
	*status = NULL;
}

static int find_command(const char *command)
{
	int low = 0, high = command_count - 1;
	while (low <= high) {
		int middle = (low + high) / 2, order = strcmp(command, command_names[middle]);
		if (order == 0)
			return middle;
		if (order < 0)
			high = middle - 1;
		else
			low = middle + 1;
	}
	return -1;
}

void status_count_command(struct session *session, const char *command)
{
	int index = find_command(command);
	if (index < 0)
		return;
	session->status->commands[index]++;
	atomic_fetch_add_explicit(&session->server->status->commands[index], 1, memory_order_relaxed);
}

void status_count(struct session *session, enum status_counter counter, uint64_t by)
{
	session->status->counters[counter] += by;
	atomic_fetch_add_explicit(&session->server->status->counters[counter], by, memory_order_relaxed);
}

void status_count_server(struct server *server, enum server_counter counter, uint64_t by)
{
	atomic_fetch_add_explicit(&server->status->server[counter], by, memory_order_relaxed);
}

uint64_t status_server(const struct server *server, enum server_counter counter)
{
	return atomic_load_explicit(&server->status->server[counter], memory_order_relaxed);
}

void status_reset(struct session *session)
{
	*session->status = (struct session_status){0};
}

void status_register_provider(struct server *server, status_provider *provider)
{
	struct status *status = server->status;
	if (status->provider_count == provider_max)
		abort(); /* boot registers a handful */
	status->providers[status->provider_count++] = provider;
}

/* ------------------------------------------------------------------ listing */

struct status_row {
	const char *name, *text;
};

struct status_rows {
	struct arena *arena;
	struct status_row *items;
	size_t count, capacity;
};

static void add_text(const char *name, const char *text, void *argument)
{
	struct status_rows *rows = argument;
	if (rows->count == rows->capacity) {
		rows->capacity = rows->capacity ? rows->capacity * 2 : 128;
		rows->items = memory_realloc(rows->items, rows->capacity * sizeof *rows->items);
	}
	rows->items[rows->count++] =
		(struct status_row){arena_copy_string(rows->arena, name), arena_copy_string(rows->arena, text)};
}

static void add_number(struct status_rows *rows, const char *name, uint64_t number)
{
	char text[32];
	snprintf(text, sizeof text, "%llu", (unsigned long long)number);
	add_text(name, text, rows);
}

struct thread_counts {
	unsigned connected, running;
};

static void count_thread(struct session *session, void *argument)
{
	struct thread_counts *counts = argument;
	if (session->is_internal)
		return;
	counts->connected++;
	lock_take(&session->lock);
	counts->running += strcmp(session->command, "Sleep") != 0;
	lock_release(&session->lock);
}

/* Whose counter is listed under that name. */
static int counter_of(int command)
{
	for (size_t i = 0; i < sizeof twin_names / sizeof *twin_names; i++)
		if (strcmp(command_names[command], twin_names[i][1]) == 0)
			return find_command(twin_names[i][0]);
	return command;
}

static void add_counters(struct session *session, enum variable_scope scope, struct status_rows *rows)
{
	struct status *status = session->server->status;
	bool global = scope == VARIABLE_GLOBAL;
	for (int i = 0; i < command_count; i++) {
		char name[64];
		snprintf(name, sizeof name, "Com_%s", command_names[i]);
		int counter = counter_of(i);
		add_number(rows, name, global ? status->commands[counter] : session->status->commands[counter]);
	}
	for (int i = 0; i < STATUS_COUNTER_COUNT; i++)
		add_number(rows, counter_names[i], global ? status->counters[i] : session->status->counters[i]);
	for (int i = 0; i < SERVER_COUNTER_COUNT; i++)
		add_number(rows, server_counter_names[i], status->server[i]);
}

static uint64_t uptime_seconds(const struct server *server)
{
	return (uint64_t)(clock_monotonic_us() - server->started_us) / 1000000;
}

static void add_store(struct store *store, struct status_rows *rows)
{
	uint64_t hits, misses, used, page_hits, page_misses, page_bytes, shown, hidden, block_size, block_bytes;
	store_row_cache_counts(store, &hits, &misses, &used);
	store_hidden(store, &shown, &hidden);
	store_block_cache_counts(store, &block_size, &block_bytes);
	store_page_cache_counts(store, &page_hits, &page_misses, &page_bytes);
	add_number(rows, "Gemel_block_cache_bytes", block_bytes);
	add_number(rows, "Gemel_block_cache_size", block_size);
	add_number(rows, "Gemel_page_cache_bytes", page_bytes);
	add_number(rows, "Gemel_page_cache_hits", page_hits);
	add_number(rows, "Gemel_page_cache_misses", page_misses);
	add_number(rows, "Gemel_row_cache_bytes", used);
	add_number(rows, "Gemel_row_cache_hits", hits);
	add_number(rows, "Gemel_row_cache_misses", misses);
	add_number(rows, "Gemel_store_entries_hidden", hidden);
	add_number(rows, "Gemel_store_entries_shown", shown);
	add_number(rows, "Gemel_store_memory", store_memory_used(store));
}

static void add_server(struct server *server, struct status_rows *rows)
{
	struct thread_counts threads = {0};
	struct txn_stats stats;
	server_visit_sessions(server, count_thread, &threads);
	txn_manager_get_stats(server->txn_manager, &stats);
	add_number(rows, "Threads_connected", threads.connected);
	add_number(rows, "Threads_running", threads.running);
	add_number(rows, "Uptime", uptime_seconds(server));
	add_number(rows, "Uptime_since_flush_status", uptime_seconds(server));
	add_number(rows, "Open_tables", 0);
	add_number(rows, "Opened_tables", 0);
	add_number(rows, "Flush_commands", 1);
	add_number(rows, "Binlog_commits", stats.commits);
	add_number(rows, "Binlog_group_commits", stats.groups);
	add_number(rows, "Gemel_log_flushes", stats.log_syncs);
	add_number(rows, "Binlog_cache_use", stats.cache_use);
	add_number(rows, "Binlog_cache_disk_use", stats.cache_disk_use);
	/* What is logged without being a change of rows goes through the same cache. */
	add_number(rows, "Binlog_stmt_cache_use", 0);
	add_number(rows, "Binlog_stmt_cache_disk_use", 0);
	struct diag refusal = DIAG_INIT;
	bool refuses = txn_manager_check_writes(server->txn_manager, &refusal) != 0;
	add_text("Gemel_writes_refused", refuses ? "ON" : "OFF", rows);
	add_text("Gemel_writes_refused_reason", arena_copy_string(rows->arena, refusal.message), rows);
	add_number(rows, "Gemel_writes_refused_times", stats.outages);
	add_store(server->store, rows);
	add_number(rows, "Global_connection_memory", memory_used_by_all());
}

static void add_link(const struct session_link *link, struct status_rows *rows)
{
	add_text("Compression", *link->compression ? "ON" : "OFF", rows);
	add_text("Compression_algorithm", link->compression, rows);
	add_number(rows, "Compression_level", link->compression_level);
	add_text("Ssl_cipher", link->tls_cipher, rows);
	add_text("Ssl_cipher_list", link->tls_cipher_list, rows);
	add_text("Ssl_version", link->tls_version, rows);
}

static int compare_rows(const void *a, const void *b)
{
	return strcmp(((const struct status_row *)a)->name, ((const struct status_row *)b)->name);
}

void status_visit(struct session *session, enum variable_scope scope, struct arena *arena,
		  void (*visit)(const char *name, const char *text, void *argument), void *argument)
{
	struct status_rows rows = {.arena = arena};
	struct server *server = session->server;
	add_counters(session, scope, &rows);
	add_server(server, &rows);
	add_link(&session->link, &rows);
	for (unsigned i = 0; i < server->status->provider_count; i++)
		server->status->providers[i](server, arena, add_text, &rows);
	qsort(rows.items, rows.count, sizeof *rows.items, compare_rows);
	for (size_t i = 0; i < rows.count; i++)
		visit(rows.items[i].name, rows.items[i].text, argument);
	memory_free(rows.items);
}

char *status_summary(struct server *server, struct arena *arena)
{
	struct thread_counts threads = {0};
	server_visit_sessions(server, count_thread, &threads);
	uint64_t uptime = uptime_seconds(server), questions = server->status->counters[STATUS_QUESTIONS];
	return arena_printf(arena,
			    "Uptime: %llu  Threads: %u  Questions: %llu  Slow queries: %llu  Opens: 0  "
			    "Flush tables: 1  Open tables: 0  Queries per second avg: %.3f",
			    (unsigned long long)uptime, threads.connected, (unsigned long long)questions,
			    (unsigned long long)server->status->counters[STATUS_SLOW_QUERIES],
			    uptime ? (double)questions / (double)uptime : 0.0);
}
