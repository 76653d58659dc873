/* Variables that are worked out when somebody asks. */
#include "session/variable_computed.h"

#include <sys/utsname.h>
#include <unistd.h>

#include "binlog/log.h"

static void number(struct value *out, uint64_t value)
{
	*out = value_uint(value);
}

static void text(struct arena *arena, struct value *out, const char *value)
{
	*out = value_string(bytes_of_string(arena_copy_string(arena, value)), collation_utf8mb3_general);
}

void compute_hostname(struct session *session, struct arena *arena, struct value *out)
{
	char name[256] = "localhost";
	gethostname(name, sizeof name - 1);
	text(arena, out, name);
}

void compute_version(struct session *session, struct arena *arena, struct value *out)
{
	text(arena, out, session->version);
}

void compute_uuid(struct session *session, struct arena *arena, struct value *out)
{
	text(arena, out, session->server->uuid);
}

void compute_datadir(struct session *session, struct arena *arena, struct value *out)
{
	text(arena, out, arena_printf(arena, "%s/", session->server->data_directory));
}

void compute_machine(struct session *session, struct arena *arena, struct value *out)
{
	struct utsname name;
	text(arena, out, uname(&name) == 0 ? name.machine : "unknown");
}

void compute_warning_count(struct session *session, struct arena *arena, struct value *out)
{
	number(out, session->warnings.total);
}

void compute_error_count(struct session *session, struct arena *arena, struct value *out)
{
	number(out, session->warnings.error_total);
}

void compute_last_insert_id(struct session *session, struct arena *arena, struct value *out)
{
	number(out, session->last_insert_id);
}

void compute_timestamp(struct session *session, struct arena *arena, struct value *out)
{
	*out = value_double((double)session->statement_time_us / 1e6);
	out->decimals = 6;
}

void compute_pseudo_thread_id(struct session *session, struct arena *arena, struct value *out)
{
	number(out, session->variables.pseudo_thread_id ? session->variables.pseudo_thread_id : session->id);
}

void compute_log_bin(struct session *session, struct arena *arena, struct value *out)
{
	*out = value_int(txn_manager_binlog(session->server->txn_manager) != NULL);
}

void compute_log_bin_basename(struct session *session, struct arena *arena, struct value *out)
{
	struct binlog *binlog = txn_manager_binlog(session->server->txn_manager);
	text(arena, out, binlog ? binlog_base_name(binlog) : "");
}

void compute_log_bin_index(struct session *session, struct arena *arena, struct value *out)
{
	struct binlog *binlog = txn_manager_binlog(session->server->txn_manager);
	text(arena, out, binlog ? binlog_index_name(binlog) : "");
}

/* The session's is the GTID it owns, the global one those of all. */
void compute_gtid_owned(struct session *session, struct arena *arena, struct value *out)
{
	struct buf printed = {0};
	txn_manager_print_owned(session->server->txn_manager, &printed);
	text(arena, out, buf_cstring(&printed));
	buf_deinit(&printed);
}

void compute_have_tls(struct session *session, struct arena *arena, struct value *out)
{
	text(arena, out, atomic_load(&session->server->has_tls) ? "YES" : "DISABLED");
}

void compute_proxy(struct session *session, struct arena *arena, struct value *out)
{
	*out = value_null();
}
