/* The table itself: every system variable, sorted by name. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/log.h"
#include "binlog/log.h"
#include "session/gtid_variables.h"
#include "session/locales.h"
#include "session/log_variables.h"
#include "session/compression_list.h"
#include "session/variable_replication.h"
#include "session/variable_table.h"
#include "session/variable_values.h"

#define FIELD(member) (offsetof(struct session_variables, member) + 1)
#define BOTH (IN_GLOBAL | IN_SESSION)
#define GLOBAL_RO (IN_GLOBAL | READ_ONLY)

/* ------------------------------------------------------------------ names */

/* In the order of account's methods. */
static const char *const authentication_names[] = {"mysql_native_password", "sha256_password", "caching_sha2_password",
						   NULL};
static const char *const isolation_names[] = {"READ-UNCOMMITTED", "READ-COMMITTED", "REPEATABLE-READ", "SERIALIZABLE",
					      NULL};
static const char *const binlog_format_names[] = {"MIXED", "STATEMENT", "ROW", NULL};
static const char *const row_image_names[] = {"MINIMAL", "NOBLOB", "FULL", NULL};
static const char *const row_metadata_names[] = {"MINIMAL", "FULL", NULL};
static const char *const error_action_names[] = {"IGNORE_ERROR", "ABORT_SERVER", NULL};
static const char *const checksum_names[] = {"NONE", "CRC32", NULL};
static const char *const gtid_mode_names[] = {"OFF", "OFF_PERMISSIVE", "ON_PERMISSIVE", "ON", NULL};
static const char *const track_gtids_names[] = {"OFF", "OWN_GTID", "ALL_GTIDS", NULL};
static const char *const off_on_warn_names[] = {"OFF", "ON", "WARN", NULL};
static const char *const slave_exec_names[] = {"STRICT", "IDEMPOTENT", NULL};
static const char *const parallel_mode_names[] = {"none", "minimal", "conservative", "optimistic", "aggressive", NULL};
static const char *const parallel_type_names[] = {"DATABASE", "LOGICAL_CLOCK", NULL};
static const char *const dependency_tracking_names[] = {"COMMIT_ORDER", "WRITESET", "WRITESET_SESSION", NULL};
static const char *const write_set_names[] = {"OFF", "MURMUR32", "XXHASH64", NULL};
static const char *const semi_sync_point_names[] = {"AFTER_SYNC", "AFTER_COMMIT", NULL};
static const char *const semi_sync_fallback_names[] = {"TIMEOUT", "NEVER", NULL};
static const char *const completion_names[] = {"NO_CHAIN", "CHAIN", "RELEASE", NULL};
static const char *const query_cache_names[] = {"OFF", "ON", "DEMAND", NULL};
static const char *const log_output_names[] = {"FILE", "TABLE", "NONE", NULL};

/* ------------------------------------------------------------------ computed */

static void number(struct value *out, uint64_t value)
{
	*out = value_uint(value);
}

static void text(struct arena *arena, struct value *out, const char *value)
{
	*out = value_string(bytes_of_string(arena_copy_string(arena, value)), collation_utf8mb3_general);
}

static void compute_hostname(struct session *session, struct arena *arena, struct value *out)
{
	char name[256] = "localhost";
	gethostname(name, sizeof name - 1);
	text(arena, out, name);
}

static void compute_version(struct session *session, struct arena *arena, struct value *out)
{
	text(arena, out, session->version);
}

static void compute_uuid(struct session *session, struct arena *arena, struct value *out)
{
	text(arena, out, session->server->uuid);
}

static void compute_datadir(struct session *session, struct arena *arena, struct value *out)
{
	text(arena, out, arena_printf(arena, "%s/", session->server->data_directory));
}

static void compute_machine(struct session *session, struct arena *arena, struct value *out)
{
	struct utsname name;
	text(arena, out, uname(&name) == 0 ? name.machine : "unknown");
}

static void compute_warning_count(struct session *session, struct arena *arena, struct value *out)
{
	number(out, session->warnings.total);
}

static void compute_error_count(struct session *session, struct arena *arena, struct value *out)
{
	number(out, session->warnings.error_total);
}

static void compute_last_insert_id(struct session *session, struct arena *arena, struct value *out)
{
	number(out, session->last_insert_id);
}

static int apply_last_insert_id(struct session *session, enum variable_scope scope, const struct variable_slot *slot,
				struct diag *diag)
{
	session->last_insert_id = slot->number;
	return 0;
}

static void compute_timestamp(struct session *session, struct arena *arena, struct value *out)
{
	*out = value_double((double)session->statement_time_us / 1e6);
	out->decimals = 6;
}

static void compute_pseudo_thread_id(struct session *session, struct arena *arena, struct value *out)
{
	number(out, session->variables.pseudo_thread_id ? session->variables.pseudo_thread_id : session->id);
}

static void compute_log_bin(struct session *session, struct arena *arena, struct value *out)
{
	*out = value_int(txn_manager_binlog(session->server->txn_manager) != NULL);
}

static void compute_log_bin_basename(struct session *session, struct arena *arena, struct value *out)
{
	struct binlog *binlog = txn_manager_binlog(session->server->txn_manager);
	text(arena, out, binlog ? binlog_base_name(binlog) : "");
}

static void compute_log_bin_index(struct session *session, struct arena *arena, struct value *out)
{
	struct binlog *binlog = txn_manager_binlog(session->server->txn_manager);
	text(arena, out, binlog ? binlog_index_name(binlog) : "");
}

/* The session's is the GTID it owns, the global one those of all. */
static void compute_gtid_owned(struct session *session, struct arena *arena, struct value *out)
{
	struct buf printed = {0};
	txn_manager_print_owned(session->server->txn_manager, &printed);
	text(arena, out, buf_cstring(&printed));
	buf_deinit(&printed);
}

static void compute_have_tls(struct session *session, struct arena *arena, struct value *out)
{
	text(arena, out, atomic_load(&session->server->has_tls) ? "YES" : "DISABLED");
}

static void compute_proxy(struct session *session, struct arena *arena, struct value *out)
{
	*out = value_null();
}

/* ------------------------------------------------------------------ consequences */

static void verbosity_changed(struct session *session, struct server *server, enum variable_scope scope)
{
	log_set_verbosity((int)global_number(server, "log_error_verbosity"));
}

/* What txn keeps a copy of. */
static void txn_variable_changed(struct session *session, struct server *server, enum variable_scope scope)
{
	if (scope != VARIABLE_GLOBAL)
		session_brief_txn(session);
}

static int check_compression(struct session *session, enum variable_scope scope, const struct value *value,
			     struct diag *diag)
{
	if (scope != VARIABLE_GLOBAL && session->in_transaction)
		return diag_set(diag, ER_VARIABLE_NOT_SETTABLE_IN_TRANSACTION, "binlog_transaction_compression");
	return 0;
}

/* SET autocommit = 1 in the middle of a transaction commits it. The commit's error shows at the next statement that
   needs the transaction; here there is nothing left to undo. */
static int check_autocommit(struct session *session, enum variable_scope scope, const struct value *value,
			    struct diag *diag)
{
	if (scope == VARIABLE_GLOBAL || value == NULL || value_to_int(value) == 0 || session->variables.autocommit)
		return 0;
	session->in_transaction = session->read_only_transaction = false;
	int status = txn_commit(session->txn, diag);
	mdl_release(session->mdl, MDL_TRANSACTION);
	return status;
}

static int check_not_in_transaction(struct session *session, enum variable_scope scope, const struct value *value,
				    struct diag *diag)
{
	return 0;
}

static void super_read_only_changed(struct session *session, struct server *server, enum variable_scope scope)
{
	if (global_number(server, "super_read_only"))
		global_variables_force_number(server->variables, "read_only", 1);
}

static void read_only_changed(struct session *session, struct server *server, enum variable_scope scope)
{
	atomic_store(&server->read_only_by_itself, false); /* somebody has decided */
	if (session && !global_number(server, "read_only")) /* at boot super_read_only alone is enough */
		global_variables_force_number(server->variables, "super_read_only", 0);
}

static int check_connection_compression(struct session *session, enum variable_scope scope,
					const struct value *value, struct diag *diag)
{
	unsigned set;
	struct bytes unknown;
	if (value == NULL || (value->kind == VALUE_STRING && compression_list_parse(value->string, &set, &unknown)))
		return 0;
	char shown[65] = "NULL";
	if (value->kind == VALUE_STRING)
		snprintf(shown, sizeof shown, "%.*s", (int)(value->string.size < 64 ? value->string.size : 64),
			 (const char *)value->string.data);
	return diag_set(diag, ER_WRONG_VALUE_FOR_VAR, "protocol_compression_algorithms", shown);
}

/* What logs of other servers set to what it always is here. */
static int check_stays_off(struct session *session, enum variable_scope scope, const struct value *value,
			   struct diag *diag)
{
	bool is_on = value && (value->kind == VALUE_STRING ? text_equal_nocase(value->string, bytes_of_string("ON"))
							   : value_to_int(value) != 0);
	return is_on ? diag_set(diag, ER_NOT_SUPPORTED_YET, "this variable's value ON") : 0;
}

static int apply_faults(struct session *session, enum variable_scope scope, const struct variable_slot *slot,
			struct diag *diag)
{
	return fault_set(slot->text ? slot->text : "", diag);
}

static int check_locale(struct session *session, enum variable_scope scope, const struct value *value,
			struct diag *diag)
{
	char text[65];
	unsigned count = 0;
	bool known = value == NULL;
	for (; session_locales[count]; count++)
		known |= value && value->kind == VALUE_STRING &&
			 text_equal_nocase(value->string, bytes_of_string(session_locales[count]));
	if (known || (value->kind != VALUE_STRING && value_to_int(value) >= 0 && value_to_int(value) < count))
		return 0;
	if (value->kind == VALUE_STRING)
		snprintf(text, sizeof text, "%.*s", (int)(value->string.size < 64 ? value->string.size : 64),
			 (const char *)value->string.data);
	else
		snprintf(text, sizeof text, "%lld", (long long)value_to_int(value));
	return diag_set(diag, ER_UNKNOWN_LOCALE, text);
}

static void rand_seed1_changed(struct session *session, struct server *server, enum variable_scope scope)
{
	session->rand_seed1 = session->variables.rand_seed1;
}

static void rand_seed2_changed(struct session *session, struct server *server, enum variable_scope scope)
{
	session->rand_seed2 = session->variables.rand_seed2;
}

static void semi_sync_changed(struct session *session, struct server *server, enum variable_scope scope)
{
	if (server->semi_sync_changed)
		server->semi_sync_changed(server);
}

/* A transaction has one format from its beginning to its end. */
static int check_binlog_format(struct session *session, enum variable_scope scope, const struct value *value,
			       struct diag *diag)
{
	if (scope == VARIABLE_GLOBAL)
		return 0;
	if (session->temporary_tables.count)
		return diag_set(diag, ER_TEMP_TABLE_PREVENTS_SWITCH_SESSION_BINLOG_FORMAT);
	if (session->in_transaction || txn_is_active(session->txn))
		return diag_set(diag, ER_INSIDE_TRANSACTION_PREVENTS_SWITCH_BINLOG_FORMAT);
	return 0;
}

static bool is_off(const struct value *value)
{
	if (value->kind != VALUE_STRING)
		return value_to_int(value) == 0;
	return text_equal_nocase(value->string, bytes_of_string("OFF")) ||
	       text_equal_nocase(value->string, bytes_of_string("FALSE")) ||
	       text_equal_nocase(value->string, bytes_of_string("0"));
}

static int check_preserve_commit_order(struct session *session, enum variable_scope scope, const struct value *value,
				       struct diag *diag)
{
	if (value && is_off(value))
		return diag_set(diag, ER_WRONG_VALUE_FOR_VAR, "slave_preserve_commit_order", "OFF");
	return 0;
}

/* ------------------------------------------------------------------ the table */

#define NUMBER(name_, traits_, field_, default_, min_, max_, ...)                                                     \
	{.name = name_, .kind = VARIABLE_UINT, .traits = traits_, .field = field_, .default_number = default_,        \
	 .min = min_, .max = max_, __VA_ARGS__}
#define SWITCH(name_, traits_, field_, default_, ...)                                                                 \
	{.name = name_, .kind = VARIABLE_BOOL, .traits = traits_, .field = field_, .default_number = default_, .max = 1, \
	 __VA_ARGS__}
#define CHOICE(name_, traits_, field_, names_, default_, ...)                                                         \
	{.name = name_, .kind = VARIABLE_ENUM, .traits = traits_, .field = field_, .default_number = default_,        \
	 .names = names_, __VA_ARGS__}
#define STRING(name_, traits_, default_, ...)                                                                         \
	{.name = name_, .kind = VARIABLE_TEXT, .traits = traits_, .default_text = default_, __VA_ARGS__}
#define COMPUTED(name_, kind_, traits_, compute_)                                                                     \
	{.name = name_, .kind = kind_, .traits = (traits_) | READ_ONLY | NOT_OPTION, .compute = compute_}
#define RULE(name_, function_)                                                                                        \
	{.name = name_, .kind = VARIABLE_TEXT, .traits = IN_GLOBAL | NOT_OPTION, .compute = compute_##function_,       \
	 .check = check_##function_}
#define ALIAS(name_, of_) {.name = name_, .alias_of = of_}
#define CHARSET_ROW(name_, traits_, field_, default_)                                                                 \
	{.name = name_, .kind = VARIABLE_CHARSET, .traits = traits_, .field = field_, .default_text = default_}
#define COLLATION_ROW(name_, traits_, field_, default_)                                                               \
	{.name = name_, .kind = VARIABLE_COLLATION, .traits = traits_, .field = field_, .default_text = default_}

#define SIZE_MAX_64 UINT64_MAX
enum { kib = 1024, mib = 1024 * 1024, year_seconds = 31536000 };
#define gib (1024ull * 1024 * 1024)

static const struct variable_row rows[] = {
	NUMBER("auto_increment_increment", BOTH, FIELD(auto_increment_increment), 1, 1, 65535,
	       .help = "steps between AUTO_INCREMENT values: the number of masters"),
	NUMBER("auto_increment_offset", BOTH, FIELD(auto_increment_offset), 1, 1, 65535,
	       .help = "the first AUTO_INCREMENT value: different on each master"),
	SWITCH("auto_generate_certs", GLOBAL_RO, 0, 1, .help = "make certificates for TLS where there are none"),
	SWITCH("autocommit", BOTH, FIELD(autocommit), 1, .check = check_autocommit),
	SWITCH("automatic_sp_privileges", IN_GLOBAL, 0, 1),
	NUMBER("back_log", GLOBAL_RO, 0, 151, 1, 65535, .help = "connections that may wait to be accepted"),
	STRING("basedir", GLOBAL_RO, "/usr/", .help = "accepted; nothing is read from there"),
	SWITCH("big_tables", BOTH, FIELD(big_tables), 0),
	STRING("bind_address", GLOBAL_RO, "127.0.0.1", .help = "addresses to listen on, by comma; * for all"),
	NUMBER("binlog_cache_size", IN_GLOBAL | IS_SIZE, 0, 32 * kib, 4 * kib, SIZE_MAX_64,
	       .changed = cache_size_changed, .help = "bytes of a transaction's events that stay in memory"),
	CHOICE("binlog_checksum", IN_GLOBAL, 0, checksum_names, 1, .apply = apply_binlog_checksum,
	       .help = "whether events carry a CRC32; a change begins a new file"),
	CHOICE("binlog_error_action", IN_GLOBAL, 0, error_action_names, 1, .changed = error_action_changed,
	       .help = "what to do when nobody knows what the log holds: stop, or serve reads"),
	SWITCH("binlog_expire_logs_auto_purge", IN_GLOBAL, 0, 1, .help = "old binary logs are removed at all"),
	NUMBER("binlog_expire_logs_seconds", IN_GLOBAL, 0, binlog_expire_default_seconds, 0, 4294967295u,
	       .check = check_expire_logs_seconds, .help = "remove binary logs of that age, unless expire_logs_days is set"),
	CHOICE("binlog_format", BOTH | NEEDS_SUPER, FIELD(binlog_format), binlog_format_names, BINLOG_FORMAT_ROW,
	       .check = check_binlog_format,
	       .help = "what goes into the binary log: rows, statements, or rows where statements are unsafe"),
	NUMBER("binlog_row_event_max_size", GLOBAL_RO | IS_SIZE, 0, 8 * kib, 256, 4294967295u,
	       .changed = row_style_changed, .help = "bytes after which the rows of a statement go on in another event"),
	CHOICE("binlog_row_image", BOTH, FIELD(binlog_row_image), row_image_names, BINLOG_ROW_IMAGE_FULL,
	       .help = "which columns are logged of a row: all, all but texts and blobs, or what is needed"),
	CHOICE("binlog_row_metadata", IN_GLOBAL, 0, row_metadata_names, 0, .changed = row_style_changed,
	       .help = "FULL: names and keys of columns are logged with the rows"),
	SWITCH("binlog_rows_query_log_events", BOTH, FIELD(binlog_rows_query_log_events), 0,
	       .help = "statements are logged in front of their rows, for people to read"),
	NUMBER("binlog_stmt_cache_size", IN_GLOBAL | IS_SIZE, 0, 32 * kib, 4 * kib, SIZE_MAX_64),
	SWITCH("binlog_transaction_compression", BOTH | NEEDS_SUPER, FIELD(binlog_transaction_compression), 0,
	       .check = check_compression, .changed = txn_variable_changed,
	       .help = "transactions of rows are logged compressed; not for replicas before MySQL 8.0.20, nor MariaDB"),
	NUMBER("binlog_transaction_compression_level_zstd", BOTH | NEEDS_SUPER,
	       FIELD(binlog_transaction_compression_level_zstd), 3, 1, 22, .check = check_compression,
	       .changed = txn_variable_changed),
	NUMBER("binlog_transaction_dependency_history_size", IN_GLOBAL, 0, 25000, 1, 1000000),
	CHOICE("binlog_transaction_dependency_tracking", IN_GLOBAL, 0, dependency_tracking_names, 0,
	       .help = "no effect: the log tells replicas which transactions were under way together (COMMIT_ORDER)"),
	NUMBER("bulk_insert_buffer_size", BOTH | IS_SIZE, 0, 8 * mib, 0, SIZE_MAX_64),
	SWITCH("caching_sha2_password_auto_generate_rsa_keys", GLOBAL_RO, 0, 1),
	STRING("caching_sha2_password_private_key_path", GLOBAL_RO, "private_key.pem",
	       .help = "RSA key that protects passwords on connections without TLS; made when first needed"),
	STRING("caching_sha2_password_public_key_path", GLOBAL_RO, "public_key.pem"),
	CHARSET_ROW("character_set_client", BOTH, FIELD(character_set_client), "utf8mb4"),
	CHARSET_ROW("character_set_connection", BOTH, 0, "utf8mb4"),
	CHARSET_ROW("character_set_database", BOTH, 0, "utf8mb4"),
	CHARSET_ROW("character_set_filesystem", BOTH, FIELD(character_set_filesystem), "binary"),
	{.name = "character_set_results", .kind = VARIABLE_CHARSET, .traits = BOTH | NULL_IS_TEXT,
	 .field = FIELD(character_set_results), .default_text = "utf8mb4"},
	CHARSET_ROW("character_set_server", BOTH, 0, "utf8mb4"),
	STRING("character_set_system", GLOBAL_RO | NOT_OPTION, "utf8mb3"),
	STRING("character_sets_dir", GLOBAL_RO, ""),
	SWITCH("check_constraint_checks", BOTH, FIELD(check_constraint_checks), 1,
	       .help = "MariaDB's: whether rows are checked against CHECKs"),
	COLLATION_ROW("collation_connection", BOTH, FIELD(collation_connection), "utf8mb4_general_ci"),
	COLLATION_ROW("collation_database", BOTH, FIELD(collation_database), "utf8mb4_general_ci"),
	COLLATION_ROW("collation_server", BOTH, FIELD(collation_server), "utf8mb4_general_ci"),
	CHOICE("completion_type", BOTH, 0, completion_names, 0),
	NUMBER("concurrent_insert", IN_GLOBAL, 0, 1, 0, 2),
	NUMBER("connect_timeout", IN_GLOBAL, 0, 10, 2, year_seconds, .help = "seconds a client has for its handshake"),
	NUMBER("connection_memory_chunk_size", BOTH | NEEDS_SUPER, FIELD(connection_memory_chunk_size), 8192, 1,
	       512 * mib, .help = "bytes by which a connection's memory is counted in Global_connection_memory"),
	NUMBER("connection_memory_limit", BOTH | NEEDS_SUPER, FIELD(connection_memory_limit), SIZE_MAX_64, 2 * mib,
	       SIZE_MAX_64, .help = "bytes a connection may have; SUPER may have more"),
	NUMBER("cte_max_recursion_depth", BOTH, FIELD(cte_max_recursion_depth), 1000, 0, 4294967295u),
	COMPUTED("datadir", VARIABLE_TEXT, IN_GLOBAL, compute_datadir),
	STRING("date_format", GLOBAL_RO | NOT_OPTION, "%Y-%m-%d"),
	STRING("datetime_format", GLOBAL_RO | NOT_OPTION, "%Y-%m-%d %H:%i:%s"),
	CHOICE("default_authentication_plugin", GLOBAL_RO, 0, authentication_names, 0,
	       .help = "how accounts that are made without saying so prove themselves"),
	COLLATION_ROW("default_collation_for_utf8mb4", BOTH | NEEDS_SUPER, 0, "utf8mb4_general_ci"),
	STRING("default_master_connection", IN_SESSION | NOT_OPTION, ""),
	NUMBER("default_password_lifetime", IN_GLOBAL, 0, 0, 0, 65535, .help = "days until passwords expire; 0: never"),
	STRING("default_storage_engine", BOTH, "InnoDB"),
	SWITCH("default_table_encryption", BOTH, 0, 0, .check = check_stays_off),
	STRING("default_tmp_storage_engine", BOTH, "InnoDB"),
	NUMBER("default_week_format", BOTH, 0, 0, 0, 7),
	NUMBER("delay_key_write", IN_GLOBAL, 0, 1, 0, 2),
	SWITCH("disconnect_on_expired_password", GLOBAL_RO, 0, 1),
	NUMBER("div_precision_increment", BOTH, FIELD(div_precision_increment), 4, 0, 30),
	CHOICE("enforce_gtid_consistency", IN_GLOBAL, 0, off_on_warn_names, GTID_CONSISTENCY_ON,
	       .apply = apply_enforce_gtid_consistency),
	SWITCH("end_markers_in_json", BOTH, 0, 0),
	COMPUTED("error_count", VARIABLE_UINT, IN_SESSION, compute_error_count),
	SWITCH("event_scheduler", IN_GLOBAL, 0, 0),
	NUMBER("expire_logs_days", IN_GLOBAL, 0, 0, 0, 99, .check = check_expire_logs_days,
	       .changed = expire_logs_days_changed, .help = "remove binary logs of that age"),
	SWITCH("explicit_defaults_for_timestamp", BOTH, FIELD(explicit_defaults_for_timestamp), 1),
	NUMBER("flush_time", IN_GLOBAL, 0, 0, 0, year_seconds),
	SWITCH("foreign_key_checks", BOTH, FIELD(foreign_key_checks), 1),
	STRING("ft_boolean_syntax", IN_GLOBAL, "+ -><()~*:\"\"&|"),
	STRING("gemel_faults", IN_GLOBAL | HIDDEN | NOT_OPTION, "", .apply = apply_faults,
	       .help = "what the named places in the code do, for tests"),
	NUMBER("gemel_large_commit_size", GLOBAL_RO | IS_SIZE, 0, 16 * mib, 0, SIZE_MAX_64,
	       .help = "commits of more bytes reach the store as sorted files; 0: none does"),
	SWITCH("gemel_plan_cache", BOTH, FIELD(gemel_plan_cache), 1,
	       .help = "statements that run again keep what they were resolved to"),
	NUMBER("gemel_row_cache_percent", GLOBAL_RO, 0, 25, 0, 75,
	       .help = "of innodb_buffer_pool_size: for rows that are read by key; 0: none"),
	CHOICE("gemel_semi_sync_fallback", IN_GLOBAL, 0, semi_sync_fallback_names, 0, .changed = semi_sync_changed,
	       .help = "commits that no replica acknowledges: timeout goes on without, as MySQL does, never waits on"),
	SWITCH("gemel_subquery_cache", BOTH, FIELD(gemel_subquery_cache), 1,
	       .help = "answers of correlated subqueries are kept within a statement"),
	NUMBER("gemel_text_cache_size", IN_GLOBAL | IS_SIZE, 0, 16 * mib, 0, SIZE_MAX_64, .changed = text_cache_size_changed,
	       .help = "bytes for what statements' texts were resolved to; 0: none is kept"),
	SWITCH("general_log", IN_GLOBAL, 0, 0),
	STRING("general_log_file", IN_GLOBAL, ""),
	NUMBER("global_connection_memory_limit", IN_GLOBAL, 0, SIZE_MAX_64, 16 * mib, SIZE_MAX_64,
	       .help = "bytes that all connections may have that are counted by global_connection_memory_tracking"),
	SWITCH("global_connection_memory_tracking", BOTH | NEEDS_SUPER, FIELD(global_connection_memory_tracking), 0,
	       .help = "the connection's memory is counted in Global_connection_memory"),
	NUMBER("group_concat_max_len", BOTH, FIELD(group_concat_max_len), 1024, 4, SIZE_MAX_64),
	STRING("gtid_binlog_pos", GLOBAL_RO | NOT_OPTION, ""),
	STRING("gtid_binlog_state", GLOBAL_RO | NOT_OPTION, ""),
	COMPUTED("gtid_current_pos", VARIABLE_TEXT, IN_GLOBAL, compute_gtid_slave_pos),
	NUMBER("gtid_domain_id", BOTH | NOT_OPTION, 0, 0, 0, 4294967295u, .apply = refuse_mariadb_gtid),
	COMPUTED("gtid_executed", VARIABLE_TEXT, IN_GLOBAL, compute_gtid_executed),
	NUMBER("gtid_executed_compression_period", IN_GLOBAL, 0, 0, 0, 4294967295u),
	CHOICE("gtid_mode", IN_GLOBAL, 0, gtid_mode_names, TXN_GTID_ON, .apply = apply_gtid_mode,
	       .help = "do transactions get GTIDs: OFF, OFF_PERMISSIVE, ON_PERMISSIVE, ON"),
	{.name = "gtid_next", .kind = VARIABLE_TEXT, .traits = IN_SESSION | NOT_OPTION | NEEDS_SUPER,
	 .default_text = "AUTOMATIC", .compute = compute_gtid_next, .apply = apply_gtid_next},
	COMPUTED("gtid_owned", VARIABLE_TEXT, IN_GLOBAL, compute_gtid_owned),
	{.name = "gtid_purged", .kind = VARIABLE_TEXT, .traits = IN_GLOBAL | NOT_OPTION, .compute = compute_gtid_purged,
	 .apply = apply_gtid_purged},
	NUMBER("gtid_seq_no", IN_SESSION | NOT_OPTION, 0, 0, 0, SIZE_MAX_64, .apply = refuse_mariadb_gtid),
	{.name = "gtid_slave_pos", .kind = VARIABLE_TEXT, .traits = IN_GLOBAL | NOT_OPTION,
	 .compute = compute_gtid_slave_pos, .apply = apply_gtid_slave_pos},
	SWITCH("gtid_strict_mode", IN_GLOBAL, 0, 0,
	       .help = "a MariaDB source is to refuse a replica whose GTIDs are not in its log"),
	STRING("have_compress", GLOBAL_RO | NOT_OPTION, "YES"),
	STRING("have_dynamic_loading", GLOBAL_RO | NOT_OPTION, "NO"),
	STRING("have_geometry", GLOBAL_RO | NOT_OPTION, "NO"),
	COMPUTED("have_openssl", VARIABLE_TEXT, IN_GLOBAL, compute_have_tls),
	STRING("have_profiling", GLOBAL_RO | NOT_OPTION, "NO"),
	STRING("have_query_cache", GLOBAL_RO | NOT_OPTION, "NO"),
	COMPUTED("have_ssl", VARIABLE_TEXT, IN_GLOBAL, compute_have_tls),
	STRING("have_symlink", GLOBAL_RO | NOT_OPTION, "DISABLED"),
	COMPUTED("hostname", VARIABLE_TEXT, IN_GLOBAL, compute_hostname),
	ALIAS("identity", "last_insert_id"),
	NUMBER("immediate_server_version", IN_SESSION | NOT_OPTION | NEEDS_SUPER, FIELD(immediate_server_version),
	       server_version_unknown, 0, server_version_unknown),
	STRING("init_connect", IN_GLOBAL, ""),
	NUMBER("innodb_autoinc_lock_mode", GLOBAL_RO, 0, 2, 0, 2),
	NUMBER("innodb_buffer_pool_size", GLOBAL_RO | IS_SIZE, 0, 128 * mib, mib, SIZE_MAX_64,
	       .help = "the store's caches: of blocks, and of rows"),
	NUMBER("innodb_ddl_buffer_size", BOTH | IS_SIZE, FIELD(innodb_ddl_buffer_size), mib, 64 * kib, 4 * gib - 1,
	       .help = "memory for sorting the entries of a new index"),
	SWITCH("innodb_file_per_table", IN_GLOBAL, 0, 1),
	NUMBER("innodb_flush_log_at_trx_commit", IN_GLOBAL, 0, 1, 0, 2, .changed = sync_changed,
	       .help = "flush at commits that the binary log does not hold: 1 always, 0 and 2 about once a second"),
	NUMBER("innodb_lock_wait_timeout", BOTH, FIELD(innodb_lock_wait_timeout), 50, 1, 1073741824,
	       .changed = txn_variable_changed, .help = "seconds to wait for a row lock before error 1205"),
	NUMBER("innodb_page_size", GLOBAL_RO, 0, 16384, 4096, 65536),
	STRING("innodb_version", GLOBAL_RO | NOT_OPTION, "8.0.35"),
	NUMBER("insert_id", IN_SESSION | NOT_OPTION, FIELD(insert_id), 0, 0, SIZE_MAX_64),
	NUMBER("interactive_timeout", BOTH, FIELD(interactive_timeout), 28800, 1, year_seconds),
	NUMBER("join_buffer_size", BOTH | IS_SIZE, 0, 256 * kib, 128, SIZE_MAX_64),
	NUMBER("key_buffer_size", IN_GLOBAL | IS_SIZE, 0, 8 * mib, 0, SIZE_MAX_64),
	{.name = "last_insert_id", .kind = VARIABLE_UINT, .traits = IN_SESSION | NOT_OPTION, .max = SIZE_MAX_64,
	 .compute = compute_last_insert_id, .apply = apply_last_insert_id},
	STRING("lc_messages", BOTH, "en_US"),
	STRING("lc_messages_dir", GLOBAL_RO, ""),
	CHOICE("lc_time_names", BOTH, FIELD(lc_time_names), session_locales, 0, .check = check_locale),
	STRING("license", GLOBAL_RO | NOT_OPTION, "GPL"),
	SWITCH("local_infile", IN_GLOBAL, 0, 0, .help = "LOAD DATA LOCAL may be used"),
	NUMBER("lock_wait_timeout", BOTH, FIELD(lock_wait_timeout), year_seconds, 1, year_seconds,
	       .help = "seconds to wait for a metadata lock before error 1205"),
	SWITCH("locked_in_memory", GLOBAL_RO | NOT_OPTION, 0, 0),
	COMPUTED("log_bin", VARIABLE_BOOL, IN_GLOBAL, compute_log_bin),
	COMPUTED("log_bin_basename", VARIABLE_TEXT, IN_GLOBAL, compute_log_bin_basename),
	COMPUTED("log_bin_index", VARIABLE_TEXT, IN_GLOBAL, compute_log_bin_index),
	SWITCH("log_bin_trust_function_creators", IN_GLOBAL, 0, 0),
	STRING("log_error", GLOBAL_RO, "stderr", .help = "file of the error log; stderr by default"),
	NUMBER("log_error_verbosity", IN_GLOBAL, 0, 3, 1, 3, .changed = verbosity_changed,
	       .help = "1 errors, 2 and warnings, 3 and notes"),
	CHOICE("log_output", IN_GLOBAL, 0, log_output_names, 0),
	SWITCH("log_queries_not_using_indexes", IN_GLOBAL, 0, 0),
	ALIAS("log_replica_updates", "log_slave_updates"),
	SWITCH("log_slave_updates", GLOBAL_RO, 0, 1, .help = "what the applier changes goes into the binary log as well"),
	NUMBER("log_warnings", IN_GLOBAL | HIDDEN, 0, 2, 0, 10),
	{.name = "long_query_time", .kind = VARIABLE_DOUBLE, .traits = BOTH, .default_number = 10000000,
	 .max = 31536000000000ull},
	SWITCH("low_priority_updates", BOTH, FIELD(low_priority_updates), 0),
	SWITCH("lower_case_file_system", GLOBAL_RO | NOT_OPTION, 0, 0),
	NUMBER("lower_case_table_names", GLOBAL_RO, 0, 0, 0, 0),
	STRING("master_info_file", GLOBAL_RO, "master.info"),
	STRING("master_info_repository", IN_GLOBAL, "FILE"),
	ALIAS("master_verify_checksum", "source_verify_checksum"),
	NUMBER("max_allowed_packet", BOTH | IS_SIZE, FIELD(max_allowed_packet), 64 * mib, kib, gib,
	       .help = "bytes of the largest packet"),
	NUMBER("max_binlog_cache_size", IN_GLOBAL | IS_SIZE, 0, SIZE_MAX_64, 4 * kib, SIZE_MAX_64,
	       .changed = cache_size_changed, .help = "bytes of events that a transaction may have at most"),
	NUMBER("max_binlog_size", IN_GLOBAL | IS_SIZE, 0, gib, 4 * kib, gib, .changed = binlog_size_changed,
	       .help = "bytes after which a new binary log file begins"),
	NUMBER("max_connect_errors", IN_GLOBAL, 0, 100, 1, SIZE_MAX_64),
	NUMBER("max_connections", IN_GLOBAL, 0, 151, 1, 100000, .help = "clients at a time"),
	NUMBER("max_delayed_threads", BOTH, 0, 20, 0, 16384),
	NUMBER("max_error_count", BOTH, FIELD(max_error_count), 1024, 0, 65535),
	NUMBER("max_execution_time", BOTH, FIELD(max_execution_time), 0, 0, 4294967295u),
	NUMBER("max_heap_table_size", BOTH | IS_SIZE, 0, 16 * mib, 16 * kib, SIZE_MAX_64),
	NUMBER("max_join_size", BOTH, FIELD(max_join_size), SIZE_MAX_64, 1, SIZE_MAX_64),
	NUMBER("max_length_for_sort_data", BOTH, 0, 4096, 4, 8388608),
	NUMBER("max_prepared_stmt_count", IN_GLOBAL, 0, 16382, 0, 4194304),
	NUMBER("max_relay_log_size", IN_GLOBAL | IS_SIZE, 0, 0, 0, gib),
	NUMBER("max_seeks_for_key", BOTH, 0, SIZE_MAX_64, 1, SIZE_MAX_64),
	NUMBER("max_sort_length", BOTH, FIELD(max_sort_length), 1024, 4, 8388608),
	NUMBER("max_sp_recursion_depth", BOTH, 0, 0, 0, 255),
	NUMBER("max_user_connections", BOTH, 0, 0, 0, 4294967295u),
	NUMBER("max_write_lock_count", IN_GLOBAL, 0, SIZE_MAX_64, 1, SIZE_MAX_64),
	NUMBER("net_buffer_length", BOTH | IS_SIZE, FIELD(net_buffer_length), 16 * kib, kib, mib),
	NUMBER("net_read_timeout", BOTH, FIELD(net_read_timeout), 30, 1, year_seconds),
	NUMBER("net_retry_count", BOTH, 0, 10, 1, SIZE_MAX_64),
	NUMBER("net_write_timeout", BOTH, FIELD(net_write_timeout), 60, 1, year_seconds),
	SWITCH("new", BOTH, FIELD(new_mode), 0),
	SWITCH("offline_mode", IN_GLOBAL, 0, 0),
	SWITCH("old_passwords", BOTH, FIELD(old_passwords), 0),
	NUMBER("open_files_limit", GLOBAL_RO, 0, 5000, 0, 1048576),
	STRING("optimizer_switch", BOTH, "index_merge=off"),
	NUMBER("original_commit_timestamp", IN_SESSION | NOT_OPTION | NEEDS_SUPER, FIELD(original_commit_timestamp),
	       original_commit_unknown, 0, original_commit_unknown, .changed = txn_variable_changed),
	NUMBER("original_server_version", IN_SESSION | NOT_OPTION | NEEDS_SUPER, FIELD(original_server_version),
	       server_version_unknown, 0, server_version_unknown, .changed = txn_variable_changed),
	NUMBER("password_history", IN_GLOBAL, 0, 0, 0, 4294967295u,
	       .help = "so many passwords of an account may not be taken again"),
	SWITCH("password_require_current", IN_GLOBAL, 0, 0, .check = check_stays_off),
	NUMBER("password_reuse_interval", IN_GLOBAL, 0, 0, 0, 4294967295u,
	       .help = "days for which a password may not be taken again"),
	SWITCH("persisted_globals_load", GLOBAL_RO, 0, 1, .help = "read mysqld-auto.cnf, which SET PERSIST writes"),
	STRING("pid_file", GLOBAL_RO, "", .help = "file the process id is written to"),
	STRING("plugin_dir", GLOBAL_RO, ""),
	NUMBER("port", GLOBAL_RO, 0, 3306, 0, 65535, .help = "TCP port"),
	NUMBER("preload_buffer_size", BOTH | IS_SIZE, 0, 32 * kib, kib, gib),
	SWITCH("profiling", IN_SESSION | NOT_OPTION, 0, 0),
	STRING("protocol_compression_algorithms", IN_GLOBAL, "zlib,zstd,uncompressed",
	       .check = check_connection_compression,
	       .help = "how connections may be compressed, by comma"),
	NUMBER("protocol_version", GLOBAL_RO | NOT_OPTION, 0, 10, 10, 10),
	COMPUTED("proxy_user", VARIABLE_TEXT, IN_SESSION, compute_proxy),
	ALIAS("pseudo_replica_mode", "pseudo_slave_mode"),
	SWITCH("pseudo_slave_mode", IN_SESSION | NOT_OPTION, 0, 0),
	{.name = "pseudo_thread_id", .kind = VARIABLE_UINT, .traits = IN_SESSION | NOT_OPTION,
	 .field = FIELD(pseudo_thread_id), .max = SIZE_MAX_64, .compute = compute_pseudo_thread_id},
	NUMBER("query_alloc_block_size", BOTH | IS_SIZE, 0, 8 * kib, kib, 4294967295u),
	NUMBER("query_cache_limit", IN_GLOBAL | IS_SIZE, 0, mib, 0, SIZE_MAX_64),
	NUMBER("query_cache_size", IN_GLOBAL | IS_SIZE, 0, 0, 0, SIZE_MAX_64),
	CHOICE("query_cache_type", BOTH, 0, query_cache_names, 0),
	NUMBER("query_prealloc_size", BOTH | IS_SIZE, 0, 8 * kib, 8 * kib, SIZE_MAX_64),
	NUMBER("rand_seed1", IN_SESSION | NOT_OPTION | HIDDEN, FIELD(rand_seed1), 0, 0, SIZE_MAX_64,
	       .changed = rand_seed1_changed),
	NUMBER("rand_seed2", IN_SESSION | NOT_OPTION | HIDDEN, FIELD(rand_seed2), 0, 0, SIZE_MAX_64,
	       .changed = rand_seed2_changed),
	NUMBER("range_alloc_block_size", BOTH | IS_SIZE, 0, 4 * kib, 4 * kib, SIZE_MAX_64),
	NUMBER("read_buffer_size", BOTH | IS_SIZE, 0, 128 * kib, 8 * kib, 2147479552),
	CHOICE("rbr_exec_mode", IN_SESSION | NOT_OPTION | NEEDS_SUPER, FIELD(rbr_exec_mode), slave_exec_names, 0),
	SWITCH("read_only", IN_GLOBAL, 0, 0, .changed = read_only_changed,
	       .help = "only replication and accounts with SUPER may write"),
	NUMBER("read_rnd_buffer_size", BOTH | IS_SIZE, 0, 256 * kib, 1, 2147483647),
	STRING("relay_log", GLOBAL_RO, "", .help = "base name of the relay log files"),
	STRING("relay_log_index", GLOBAL_RO, "", .help = "name of the relay logs' index file"),
	STRING("relay_log_info_file", GLOBAL_RO, "relay-log.info"),
	STRING("relay_log_info_repository", IN_GLOBAL, "FILE"),
	SWITCH("relay_log_purge", IN_GLOBAL, 0, 1, .help = "relay logs that were applied are removed"),
	SWITCH("relay_log_recovery", GLOBAL_RO, 0, 0),
	NUMBER("relay_log_space_limit", GLOBAL_RO | IS_SIZE, 0, 0, 0, SIZE_MAX_64),
	ALIAS("replica_allow_batching", "slave_allow_batching"),
	ALIAS("replica_compressed_protocol", "slave_compressed_protocol"),
	ALIAS("replica_exec_mode", "slave_exec_mode"),
	ALIAS("replica_load_tmpdir", "slave_load_tmpdir"),
	ALIAS("replica_max_allowed_packet", "slave_max_allowed_packet"),
	ALIAS("replica_net_timeout", "slave_net_timeout"),
	ALIAS("replica_parallel_type", "slave_parallel_type"),
	ALIAS("replica_parallel_workers", "slave_parallel_workers"),
	ALIAS("replica_pending_jobs_size_max", "slave_pending_jobs_size_max"),
	ALIAS("replica_preserve_commit_order", "slave_preserve_commit_order"),
	ALIAS("replica_skip_errors", "slave_skip_errors"),
	ALIAS("replica_transaction_retries", "slave_transaction_retries"),
	ALIAS("replica_type_conversions", "slave_type_conversions"),
	RULE("replicate_do_db", replicate_do_db),
	RULE("replicate_do_table", replicate_do_table),
	RULE("replicate_ignore_db", replicate_ignore_db),
	RULE("replicate_ignore_table", replicate_ignore_table),
	RULE("replicate_rewrite_db", replicate_rewrite_db),
	SWITCH("replicate_same_server_id", GLOBAL_RO, 0, 0, .help = "transactions of this server's own id are applied, too"),
	RULE("replicate_wild_do_table", replicate_wild_do_table),
	RULE("replicate_wild_ignore_table", replicate_wild_ignore_table),
	STRING("report_host", GLOBAL_RO, "", .help = "the name a replica gives its source, for SHOW SLAVE HOSTS"),
	STRING("report_password", GLOBAL_RO, ""),
	NUMBER("report_port", GLOBAL_RO, 0, 0, 0, 65535),
	STRING("report_user", GLOBAL_RO, ""),
	ALIAS("replica_sql_verify_checksum", "slave_sql_verify_checksum"),
	SWITCH("require_secure_transport", IN_GLOBAL, 0, 0, .help = "only TLS and the Unix socket may be used"),
	ALIAS("rpl_semi_sync_master_enabled", "rpl_semi_sync_source_enabled"),
	ALIAS("rpl_semi_sync_master_timeout", "rpl_semi_sync_source_timeout"),
	ALIAS("rpl_semi_sync_master_trace_level", "rpl_semi_sync_source_trace_level"),
	ALIAS("rpl_semi_sync_master_wait_for_slave_count", "rpl_semi_sync_source_wait_for_replica_count"),
	ALIAS("rpl_semi_sync_master_wait_no_slave", "rpl_semi_sync_source_wait_no_replica"),
	ALIAS("rpl_semi_sync_master_wait_point", "rpl_semi_sync_source_wait_point"),
	SWITCH("rpl_semi_sync_replica_enabled", IN_GLOBAL, 0, 0,
	       .help = "receivers that start acknowledge what is in their relay log"),
	NUMBER("rpl_semi_sync_replica_trace_level", IN_GLOBAL, 0, 32, 0, 4294967295u),
	ALIAS("rpl_semi_sync_slave_enabled", "rpl_semi_sync_replica_enabled"),
	ALIAS("rpl_semi_sync_slave_trace_level", "rpl_semi_sync_replica_trace_level"),
	SWITCH("rpl_semi_sync_source_enabled", IN_GLOBAL, 0, 0, .changed = semi_sync_changed,
	       .help = "commits wait until a replica has acknowledged them"),
	NUMBER("rpl_semi_sync_source_timeout", IN_GLOBAL, 0, 10000, 0, 4294967295u, .changed = semi_sync_changed,
	       .help = "milliseconds a commit waits for replicas"),
	NUMBER("rpl_semi_sync_source_trace_level", IN_GLOBAL, 0, 32, 0, 4294967295u),
	NUMBER("rpl_semi_sync_source_wait_for_replica_count", IN_GLOBAL, 0, 1, 1, 65535, .changed = semi_sync_changed,
	       .help = "replicas that have to acknowledge a commit"),
	SWITCH("rpl_semi_sync_source_wait_no_replica", IN_GLOBAL, 0, 1, .changed = semi_sync_changed,
	       .help = "commits wait out their timeout even if fewer replicas than wanted are connected"),
	CHOICE("rpl_semi_sync_source_wait_point", IN_GLOBAL, 0, semi_sync_point_names, 0, .changed = semi_sync_changed,
	       .help = "AFTER_SYNC waits before a commit is visible, AFTER_COMMIT behind it"),
	STRING("secure_file_priv", GLOBAL_RO, "", .help = "directory of LOAD DATA and INTO OUTFILE; empty: anywhere"),
	NUMBER("server_id", IN_GLOBAL, 0, 1, 0, 4294967295u, .changed = server_id_changed,
	       .help = "this server's number: different on every server"),
	COMPUTED("server_uuid", VARIABLE_TEXT, IN_GLOBAL, compute_uuid),
	CHOICE("session_track_gtids", BOTH, FIELD(session_track_gtids), track_gtids_names, 0),
	SWITCH("show_compatibility_56", IN_GLOBAL | HIDDEN, 0, 0),
	SWITCH("skip_external_locking", GLOBAL_RO, 0, 1),
	SWITCH("skip_name_resolve", GLOBAL_RO, 0, 1),
	SWITCH("skip_networking", GLOBAL_RO, 0, 0, .help = "no TCP, only the Unix socket"),
	SWITCH("skip_replication", IN_SESSION | NOT_OPTION | NEEDS_SUPER, FIELD(skip_replication), 0,
	       .changed = txn_variable_changed),
	ALIAS("skip_replica_start", "skip_slave_start"),
	SWITCH("skip_show_database", GLOBAL_RO, 0, 0),
	SWITCH("skip_slave_start", GLOBAL_RO, 0, 0, .help = "replication does not start by itself"),
	SWITCH("slave_allow_batching", IN_GLOBAL, 0, 1),
	NUMBER("slave_checkpoint_period", IN_GLOBAL, 0, 300, 1, 4294967295u),
	SWITCH("slave_compressed_protocol", IN_GLOBAL, 0, 0),
	CHOICE("slave_exec_mode", IN_GLOBAL, 0, slave_exec_names, 0),
	NUMBER("slave_max_allowed_packet", IN_GLOBAL | IS_SIZE, 0, gib, kib, gib),
	NUMBER("slave_net_timeout", IN_GLOBAL, 0, 60, 1, year_seconds,
	       .help = "seconds without a word from the source after which a replica connects anew"),
	CHOICE("slave_parallel_mode", IN_GLOBAL, 0, parallel_mode_names, PARALLEL_OPTIMISTIC,
	       .help = "MariaDB's; none, minimal: the applier alone; else by the rows that transactions touch"),
	ALIAS("slave_parallel_threads", "slave_parallel_workers"),
	CHOICE("slave_parallel_type", IN_GLOBAL, 0, parallel_type_names, 1,
	       .help = "no effect: what may be executed beside what is seen from the rows"),
	NUMBER("slave_parallel_workers", IN_GLOBAL, 0, 4, 0, 1024,
	       .help = "threads that execute a channel's transactions beside one another; 0: the applier alone"),
	NUMBER("slave_pending_jobs_size_max", IN_GLOBAL | IS_SIZE, 0, 128 * mib, kib, SIZE_MAX_64,
	       .help = "bytes of events that wait to be applied in parallel; a larger transaction is applied alone"),
	SWITCH("slave_preserve_commit_order", IN_GLOBAL, 0, 1, .check = check_preserve_commit_order,
	       .help = "ON: transactions are always committed in the source's order"),
	STRING("slave_load_tmpdir", GLOBAL_RO, ""),
	STRING("slave_skip_errors", GLOBAL_RO, "OFF", .check = check_skip_errors,
	       .help = "errors that the applier passes over: numbers, ddl_exist_errors or all"),
	SWITCH("slave_sql_verify_checksum", IN_GLOBAL, 0, 1, .help = "events are checked once more before they are applied"),
	NUMBER("slave_transaction_retries", IN_GLOBAL, 0, 10, 0, SIZE_MAX_64),
	STRING("slave_type_conversions", IN_GLOBAL, "", .check = check_type_conversions),
	NUMBER("slow_launch_time", IN_GLOBAL, 0, 2, 0, year_seconds),
	SWITCH("slow_query_log", IN_GLOBAL, 0, 0),
	STRING("slow_query_log_file", IN_GLOBAL, ""),
	STRING("socket", GLOBAL_RO, "/tmp/mysql.sock", .help = "path of the Unix socket"),
	NUMBER("sort_buffer_size", BOTH | IS_SIZE, 0, 256 * kib, 32 * kib, SIZE_MAX_64),
	SWITCH("source_verify_checksum", IN_GLOBAL, 0, 0, .help = "events are checked once more before replicas get them"),
	SWITCH("sql_auto_is_null", BOTH, FIELD(sql_auto_is_null), 0),
	SWITCH("sql_big_selects", BOTH, FIELD(sql_big_selects), 1),
	SWITCH("sql_buffer_result", BOTH, FIELD(sql_buffer_result), 0),
	SWITCH("sql_if_exists", IN_SESSION | NOT_OPTION | HIDDEN, 0, 0, .check = check_stays_off),
	SWITCH("sql_log_bin", IN_SESSION | NOT_OPTION | NEEDS_SUPER, FIELD(sql_log_bin), 1, .check = check_sql_log_bin,
	       .changed = txn_variable_changed),
	SWITCH("sql_log_off", BOTH, 0, 0),
	{.name = "sql_mode", .kind = VARIABLE_SQL_MODE, .traits = BOTH, .field = FIELD(sql_mode),
	 .default_text = "ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,"
			 "ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"},
	SWITCH("sql_notes", BOTH, FIELD(sql_notes), 1),
	SWITCH("sql_quote_show_create", BOTH, FIELD(sql_quote_show_create), 1),
	ALIAS("sql_replica_skip_counter", "sql_slave_skip_counter"),
	SWITCH("sql_require_primary_key", BOTH, 0, 0),
	SWITCH("sql_safe_updates", BOTH, FIELD(sql_safe_updates), 0),
	NUMBER("sql_select_limit", BOTH, FIELD(sql_select_limit), SIZE_MAX_64, 0, SIZE_MAX_64),
	NUMBER("sql_slave_skip_counter", IN_GLOBAL | NOT_OPTION, 0, 0, 0, 4294967295u, .check = check_skip_counter),
	SWITCH("sql_warnings", BOTH, FIELD(sql_warnings), 0),
	STRING("ssl_ca", IN_GLOBAL, "", .help = "file of the certificate authorities that clients' certificates need"),
	STRING("ssl_capath", IN_GLOBAL, "", .help = "directory of such files"),
	STRING("ssl_cert", IN_GLOBAL, "", .help = "file of this server's certificate"),
	STRING("ssl_cipher", IN_GLOBAL, "", .help = "ciphers for TLS 1.2, by colon"),
	STRING("ssl_crl", IN_GLOBAL, "", .help = "file of revoked certificates"),
	STRING("ssl_crlpath", IN_GLOBAL, "", .help = "directory of such files"),
	STRING("ssl_key", IN_GLOBAL, "", .help = "file of this server's private key"),
	NUMBER("stored_program_cache", IN_GLOBAL, 0, 256, 16, 524288),
	SWITCH("super_read_only", IN_GLOBAL, 0, 0, .changed = super_read_only_changed,
	       .help = "only replication may write"),
	NUMBER("sync_binlog", IN_GLOBAL, 0, 1, 0, 4294967295u, .changed = sync_changed,
	       .help = "flush the binary log every that many commit groups; 0: leave it to the system"),
	SWITCH("sync_frm", IN_GLOBAL, 0, 1),
	NUMBER("sync_master_info", IN_GLOBAL, 0, 10000, 0, 4294967295u),
	NUMBER("sync_relay_log", IN_GLOBAL, 0, 10000, 0, 4294967295u,
	       .help = "flush the relay log after so many events; receivers take it when they start"),
	NUMBER("sync_relay_log_info", IN_GLOBAL, 0, 10000, 0, 4294967295u),
	SWITCH("system_versioning_insert_history", IN_SESSION | NOT_OPTION | HIDDEN, 0, 0, .check = check_stays_off),
	STRING("system_time_zone", GLOBAL_RO | NOT_OPTION, "UTC"),
	NUMBER("table_definition_cache", IN_GLOBAL, 0, 2000, 400, 524288),
	NUMBER("table_open_cache", IN_GLOBAL, 0, 4000, 1, 524288),
	NUMBER("thread_cache_size", IN_GLOBAL, 0, 9, 0, 16384),
	STRING("thread_handling", GLOBAL_RO, "one-thread-per-connection"),
	NUMBER("thread_stack", GLOBAL_RO | IS_SIZE, 0, mib, 64 * kib, SIZE_MAX_64),
	STRING("time_format", GLOBAL_RO | NOT_OPTION, "%H:%i:%s"),
	{.name = "time_zone", .kind = VARIABLE_TIME_ZONE, .traits = BOTH, .field = FIELD(time_zone),
	 .default_text = "SYSTEM"},
	{.name = "timestamp", .kind = VARIABLE_DOUBLE, .traits = IN_SESSION | NOT_OPTION, .field = FIELD(timestamp_us),
	 .max = 2147483647000000ull, .compute = compute_timestamp},
	STRING("tls_ciphersuites", IN_GLOBAL, "", .help = "ciphersuites for TLS 1.3, by colon"),
	STRING("tls_version", IN_GLOBAL, "TLSv1.2,TLSv1.3", .help = "protocols that clients may use"),
	NUMBER("tmp_table_size", BOTH | IS_SIZE, FIELD(tmp_table_size), 16 * mib, kib, SIZE_MAX_64),
	STRING("tmpdir", GLOBAL_RO, "/tmp", .help = "directory of temporary files"),
	NUMBER("transaction_alloc_block_size", BOTH | IS_SIZE, 0, 8 * kib, kib, 128 * kib),
	CHOICE("transaction_isolation", BOTH, FIELD(transaction_isolation), isolation_names,
	       ISOLATION_REPEATABLE_READ, .check = check_not_in_transaction),
	NUMBER("transaction_prealloc_size", BOTH | IS_SIZE, 0, 4 * kib, kib, 128 * kib),
	SWITCH("transaction_read_only", BOTH, FIELD(transaction_read_only), 0),
	CHOICE("transaction_write_set_extraction", BOTH, 0, write_set_names, 2),
	ALIAS("tx_isolation", "transaction_isolation"),
	ALIAS("tx_read_only", "transaction_read_only"),
	SWITCH("unique_checks", BOTH, FIELD(unique_checks), 1),
	SWITCH("updatable_views_with_limit", BOTH, 0, 1),
	COMPUTED("version", VARIABLE_TEXT, IN_GLOBAL, compute_version),
	STRING("version_comment", GLOBAL_RO | NOT_OPTION, "Gemel"),
	COMPUTED("version_compile_machine", VARIABLE_TEXT, IN_GLOBAL, compute_machine),
	STRING("version_compile_os", GLOBAL_RO | NOT_OPTION, "Linux"),
	NUMBER("wait_timeout", BOTH, FIELD(wait_timeout), 28800, 1, year_seconds,
	       .help = "seconds an idle connection is kept"),
	COMPUTED("warning_count", VARIABLE_UINT, IN_SESSION, compute_warning_count),
};

_Static_assert(sizeof rows / sizeof *rows <= sizeof((struct session_variables *)NULL)->block / sizeof(uint64_t),
	       "a session has a place for every row");

const struct variable_row *variable_row_at(size_t index)
{
	return index < sizeof rows / sizeof *rows ? &rows[index] : NULL;
}

size_t variable_row_count(void)
{
	return sizeof rows / sizeof *rows;
}

size_t variable_row_index(const struct variable_row *row)
{
	return (size_t)(row - rows);
}

const struct variable_row *variable_row_find(struct bytes name)
{
	/* Few enough that a scan costs less than keeping another structure in step. */
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (!text_equal_nocase(name, bytes_of_string(rows[i].name)))
			continue;
		return rows[i].alias_of ? variable_row_find(bytes_of_string(rows[i].alias_of)) : &rows[i];
	}
	return NULL;
}
