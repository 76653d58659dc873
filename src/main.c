/*
 * gemeld: boot and shutdown order, and nothing else.
 *
 *   options -> data directory -> error log -> persisted variables -> store -> catalog, accounts -> binary log
 *   -> transactions -> recovery -> evaluators, channels -> security -> listener -> run until told to stop
 *   -> the same backwards
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "account/account.h"
#include "applier/recovery.h"
#include "base/allocator.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "catalog/catalog.h"
#include "catalog/mdl.h"
#include "channel/channel.h"
#include "dump/dump.h"
#include "dump/semi_sync.h"
#include "exec/execute.h"
#include "exec/information_schema/information_schema.h"
#include "exec/known_text.h"
#include "query/evaluate.h"
#include "server/datadir.h"
#include "server/expiry.h"
#include "server/listener.h"
#include "server/options.h"
#include "server/security.h"
#include "session/memory_variables.h"
#include "session/persisted.h"
#include "session/session.h"
#include "session/user_lock.h"

struct gemeld {
	struct options options;
	struct datadir datadir;
	struct server server;
	struct binlog *binlog;             /* or NULL */
	struct binlog_found found;         /* the log, before it was opened */
	struct binlog_position stored;     /* where the store stood in the log */
	struct binlog_recovery recovery;
	bool is_replayed;                  /* the store has all that the log has */
	struct listener *listener;
	struct expiry *expiry;
	pthread_t main_thread;             /* signals go to it */
};

/* request_shutdown has only the server: the signal finds the rest. */
static void request_shutdown(struct server *server)
{
	atomic_store(&server->shutting_down, true);
	kill(getpid(), SIGTERM);
}

static int fail(const struct diag *diag)
{
	log_diag(LOG_ERROR, "server", diag);
	return -1;
}

/* ------------------------------------------------------------------ boot, step by step */

static const char *option_text(const struct gemeld *gemeld, const char *name)
{
	const char *text = global_variables_text(gemeld->server.variables, name);
	return text && *text ? text : NULL;
}

static int open_error_log(struct gemeld *gemeld, struct diag *diag)
{
	const char *path = option_text(gemeld, "log_error");
	if (path == NULL || strcmp(path, "stderr") == 0)
		return 0;
	char full[4096];
	snprintf(full, sizeof full, "%s%s%s", *path == '/' ? "" : gemeld->datadir.path, *path == '/' ? "" : "/", path);
	return log_open(full, diag);
}

static int open_store(struct gemeld *gemeld, struct diag *diag)
{
	char path[4096];
	snprintf(path, sizeof path, "%s/store", gemeld->datadir.path);
	struct store_options options = {
		.memory = memory_of_variables(gemeld->server.variables),
		.large_commit_size = global_variables_number(gemeld->server.variables, "gemel_large_commit_size"),
		.background_threads = 2,
	};
	if (store_open(path, &options, &gemeld->server.store, diag) < 0)
		return -1;
	/* The store flushes what is in its directory, not that it is there. */
	return file_sync_directory(path) == 0 ? 0 : diag_set(diag, ER_ERROR_ON_WRITE, path, errno, strerror(errno));
}

/* What the log already says is not said again: the store's position tells how far the log is known. */
static int open_binlog(struct gemeld *gemeld, struct diag *diag)
{
	const struct global_variables *variables = gemeld->server.variables;
	struct binlog_position position;
	uint32_t reset_to;
	if (gemeld->options.log_bin_off)
		return txn_find_position(gemeld->server.store, NULL, &position, &reset_to, diag);
	struct binlog_options options = {
		.directory = gemeld->datadir.path,
		.base = gemeld->options.log_bin && *gemeld->options.log_bin ? gemeld->options.log_bin : NULL,
		.index_name = gemeld->options.log_bin_index,
		.server_id = (uint32_t)global_variables_number(variables, "server_id"),
		.checksum = global_variables_number(variables, "binlog_checksum") ? EVENT_CHECKSUM_CRC32
										   : EVENT_CHECKSUM_OFF,
		.max_size = global_variables_number(variables, "max_binlog_size"),
		.sync_period = (uint32_t)global_variables_number(variables, "sync_binlog"),
	};
	if (!uuid_parse(bytes_of_string(gemeld->datadir.uuid), options.server_uuid))
		return diag_set_message(diag, ER_CANT_OPEN_FILE, "auto.cnf holds no uuid");
	if (binlog_find(&options, &gemeld->found, diag) != 0 ||
	    txn_find_position(gemeld->server.store, &gemeld->found, &options.durable, &options.reset_to, diag) != 0 ||
	    txn_log_tail_has(gemeld->server.store, options.durable, &options.may_be_behind, diag) != 0)
		return -1;
	options.may_be_behind |= options.sync_period != 1;
	gemeld->stored = options.durable;
	if (binlog_open(&gemeld->binlog, &options, &gemeld->recovery, diag) != 0)
		return -1;
	if (gemeld->recovery.was_cut)
		log_warning("binlog", "%s ended in the middle of a transaction that was %s: cut from %llu to %llu bytes",
			    gemeld->recovery.file, options.may_be_behind ? "never flushed" : "never acknowledged",
			    (unsigned long long)gemeld->recovery.old_size,
			    (unsigned long long)gemeld->recovery.new_size);
	return 0;
}

static int open_transactions(struct gemeld *gemeld, struct diag *diag)
{
	struct server *server = &gemeld->server;
	struct txn_manager_options options = {
		.store = server->store,
		.binlog = gemeld->binlog,
		.clock = &server->clock,
		.server_id = (uint32_t)global_variables_number(server->variables, "server_id"),
		.tmpdir = global_variables_text(server->variables, "tmpdir"),
		.cache_size = global_variables_number(server->variables, "binlog_cache_size"),
		.cache_size_max = global_variables_number(server->variables, "max_binlog_cache_size"),
		.gtid_mode = (enum txn_gtid_mode)global_variables_number(server->variables, "gtid_mode"),
		.log_filter = gemeld->options.log_filter,
		.outage_hook = server_show_outage,
		.outage_hook_argument = server,
	};
	server->txn_manager = txn_manager_create(&options);
	if (server->txn_manager == NULL)
		return diag_set_message(diag, ER_OUTOFMEMORY, "the transactions did not start");
	struct txn_log_loss loss = {
		.file_name = gemeld->recovery.file,
		.end = {gemeld->stored.file, gemeld->recovery.new_size},
		.stored = gemeld->stored,
	};
	if (txn_manager_claim_log(server->txn_manager, &gemeld->found, diag) < 0)
		return -1;
	return txn_manager_settle_tail(server->txn_manager, gemeld->recovery.is_behind ? &loss : NULL, diag);
}

static int open_evaluators(struct gemeld *gemeld, struct diag *diag)
{
	struct evaluator_pool_options options = {
		.fill = information_schema_fill,
		.tmpdir = global_variables_text(gemeld->server.variables, "tmpdir"),
	};
	gemeld->server.texts = text_cache_create();
	return evaluator_pool_create(&options, &gemeld->server.evaluators, diag);
}

static int replay_log(struct gemeld *gemeld, struct diag *diag)
{
	struct binlog_position position;
	if (gemeld->binlog == NULL)
		return 0;
	if (txn_read_position(gemeld->server.store, &position, diag) != 0)
		return -1;
	return recovery_replay(&gemeld->server, gemeld->binlog, position, execute_text, diag);
}

static int run_init_file(struct gemeld *gemeld, struct diag *diag)
{
	const char *path = gemeld->options.init_file;
	if (path == NULL)
		return 0;
	FILE *file = fopen(path, "re");
	if (file == NULL)
		return diag_set(diag, ER_CANT_OPEN_FILE, path, errno, strerror(errno));
	struct buf text;
	buf_init(&text);
	size_t got;
	while ((got = fread(buf_reserve(&text, 65536), 1, 65536, file)) > 0)
		text.size += got;
	fclose(file);
	struct session *session = session_create_internal(&gemeld->server);
	int status = execute_text(session, buf_bytes(&text), diag);
	session_destroy(&session);
	buf_deinit(&text);
	return status;
}

static int open_listener(struct gemeld *gemeld, struct diag *diag)
{
	const struct global_variables *variables = gemeld->server.variables;
	bool no_tcp = global_variables_number(variables, "skip_networking");
	struct listener_options options = {
		.bind_address = global_variables_text(variables, "bind_address"),
		.port = no_tcp ? 0 : (unsigned)global_variables_number(variables, "port"),
		.socket_path = global_variables_text(variables, "socket"),
		.backlog = (unsigned)global_variables_number(variables, "back_log"),
	};
	return listener_open(&gemeld->server, &options, &gemeld->listener, diag);
}

static int write_pid_file(struct gemeld *gemeld, struct diag *diag)
{
	const char *path = option_text(gemeld, "pid_file");
	if (path == NULL)
		return 0;
	FILE *file = fopen(path, "we");
	if (file == NULL)
		return diag_set(diag, ER_CANT_OPEN_FILE, path, errno, strerror(errno));
	fprintf(file, "%d\n", (int)getpid());
	fclose(file);
	return 0;
}

static int open_server(struct gemeld *gemeld, struct diag *diag)
{
	struct server *server = &gemeld->server;
	allocator_open();
	memory_keep_reserve();
	server->data_directory = gemeld->datadir.path;
	server->version = "8.0.35-gemel-" GEMEL_VERSION;
	server->started_us = clock_monotonic_us();
	server->next_session_id = 1;
	server->next_columns_id = 1;
	server->request_shutdown = request_shutdown;
	server->log_filter = gemeld->options.log_filter;
	memcpy(server->uuid, gemeld->datadir.uuid, sizeof server->uuid);
	lock_init(&server->lock, "server", LOCK_RANK_SERVER);
	server->status = status_create();
	server->mdl = mdl_create();
	server->dumps = dump_registry_create();
	if (open_store(gemeld, diag) != 0 || catalog_open(server->store, &server->catalog, diag) != 0 ||
	    accounts_open(server->store, &server->accounts, diag) != 0 || open_binlog(gemeld, diag) != 0 ||
	    open_transactions(gemeld, diag) != 0)
		return -1;
	semi_sync_open(server);
	return open_evaluators(gemeld, diag);
}

static int start_serving(struct gemeld *gemeld, struct diag *diag)
{
	struct server *server = &gemeld->server;
	global_variables_apply(server);
	if (replay_log(gemeld, diag) != 0)
		return -1;
	gemeld->is_replayed = true;
	if (channels_open(server, execute_text, gemeld->options.replicate_filters, &server->channels, diag) != 0 ||
	    run_init_file(gemeld, diag) != 0)
		return -1;
	security_open(server, !gemeld->options.tls_off);
	if (gemeld->options.initialize)
		return 0;
	if (open_listener(gemeld, diag) != 0 || write_pid_file(gemeld, diag) != 0 ||
	    expiry_start(server, &gemeld->expiry, diag) != 0)
		return -1;
	channels_start(server->channels); /* before a client may make or start one */
	return listener_start(gemeld->listener, diag);
}

/* ------------------------------------------------------------------ shutdown, backwards */

static void settle(struct gemeld *gemeld)
{
	struct diag diag = DIAG_INIT;
	if (txn_manager_settle_log(gemeld->server.txn_manager, &gemeld->found, &diag) != 0)
		log_diag(LOG_ERROR, "server", &diag);
}

static void stop(struct gemeld *gemeld)
{
	struct server *server = &gemeld->server;
	atomic_store(&server->shutting_down, true);
	if (server->txn_manager)
		txn_manager_give_up(server->txn_manager);
	if (server->semi_sync)
		semi_sync_stop(server->semi_sync);
	if (gemeld->listener)
		listener_close(&gemeld->listener);
	if (gemeld->expiry)
		expiry_stop(&gemeld->expiry);
	if (server->channels)
		channels_close(&server->channels);
	security_close(server);
	if (server->texts)
		text_cache_destroy(&server->texts);
	if (server->evaluators)
		evaluator_pool_destroy(&server->evaluators);
	if (gemeld->is_replayed)
		settle(gemeld);
	if (server->txn_manager)
		txn_manager_destroy(&server->txn_manager);
	semi_sync_close(server);
	if (gemeld->binlog)
		binlog_close(&gemeld->binlog);
	if (server->accounts)
		accounts_close(&server->accounts);
	if (server->catalog)
		catalog_close(&server->catalog);
	if (server->store)
		store_close(&server->store);
	if (server->dumps)
		dump_registry_destroy(&server->dumps);
	if (server->mdl)
		mdl_destroy(&server->mdl);
	if (server->status)
		status_destroy(&server->status);
	user_locks_destroy(server);
	free(server->sessions);
	const char *pid_file = option_text(gemeld, "pid_file");
	if (pid_file && !gemeld->options.initialize)
		unlink(pid_file);
	datadir_close(&gemeld->datadir);
}

/* ------------------------------------------------------------------ running */

static void block_signals(sigset_t *out_waited)
{
	sigemptyset(out_waited);
	sigaddset(out_waited, SIGTERM);
	sigaddset(out_waited, SIGINT);
	sigaddset(out_waited, SIGQUIT);
	sigaddset(out_waited, SIGHUP);
	pthread_sigmask(SIG_BLOCK, out_waited, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static void wait_for_end(const sigset_t *waited)
{
	for (;;) {
		int number;
		if (sigwait(waited, &number) != 0)
			continue;
		if (number != SIGHUP)
			return;
		log_reopen(); /* what FLUSH ERROR LOGS does, for logrotate */
	}
}

static int load_persisted(struct gemeld *gemeld, struct diag *diag)
{
	struct server *server = &gemeld->server;
	if (persisted_open(gemeld->datadir.path, &server->persisted, diag) != 0)
		return -1;
	return global_variables_number(server->variables, "persisted_globals_load")
		     ? options_take_persisted(&gemeld->options, server->persisted, diag)
		     : 0;
}

static void tell_warnings(const struct options *options)
{
	for (size_t i = 0; i < options->warnings.count; i++)
		log_warning("server", "%s", options->warnings.list[i].message);
}

static int enter_datadir(struct gemeld *gemeld, struct diag *diag)
{
	const char *path = gemeld->datadir.path;
	return chdir(path) == 0 ? 0 : diag_set(diag, ER_CANT_OPEN_FILE, path, errno, strerror(errno));
}

static int serve(struct gemeld *gemeld, const sigset_t *waited)
{
	struct diag diag = DIAG_INIT;
	if (datadir_open(&gemeld->datadir, gemeld->options.datadir ? gemeld->options.datadir : "gemel-data",
			 gemeld->options.user, &diag) != 0)
		return fail(&diag);
	if (enter_datadir(gemeld, &diag) != 0 || open_error_log(gemeld, &diag) != 0 || load_persisted(gemeld, &diag) != 0) {
		datadir_close(&gemeld->datadir);
		return fail(&diag);
	}
	log_note("server", "gemeld %s starts, process %d, data in %s%s", GEMEL_VERSION, (int)getpid(),
		 gemeld->datadir.path, gemeld->datadir.is_fresh ? " (fresh)" : "");
	tell_warnings(&gemeld->options);
	if (open_server(gemeld, &diag) != 0 || start_serving(gemeld, &diag) != 0) {
		fail(&diag);
		stop(gemeld);
		return -1;
	}
	if (!gemeld->options.initialize) {
		log_note("server", "ready for connections. Version: '%s'  socket: '%s'  port: %llu",
			 gemeld->server.version, global_variables_text(gemeld->server.variables, "socket"),
			 (unsigned long long)global_variables_number(gemeld->server.variables, "port"));
		wait_for_end(waited);
	}
	log_note("server", "stops");
	stop(gemeld);
	log_note("server", "stopped");
	return 0;
}

static void raise_file_limit(const struct gemeld *gemeld)
{
	struct rlimit limit;
	rlim_t wanted = (rlim_t)global_variables_number(gemeld->server.variables, "open_files_limit");
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted)
		return;
	limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static void list_faults(void)
{
	for (size_t i = 0; i < fault_count(); i++)
		printf("%s\n", fault_get(i).name);
}

int main(int argc, char **argv)
{
	struct gemeld gemeld = {.datadir.lock_fd = -1};
	struct diag diag = DIAG_INIT;
	sigset_t waited;
	int status = 0;
	block_signals(&waited);
	collation_init();
	gemeld.server.variables = global_variables_create();
	const char *faults = getenv("GEMEL_FAULTS");
	if (faults && fault_set(faults, &diag) != 0)
		status = fail(&diag);
	if (status == 0 && options_read(&gemeld.options, gemeld.server.variables, argc, argv, &diag) != 0)
		status = fail(&diag);
	raise_file_limit(&gemeld);
	if (status != 0)
		fprintf(stderr, "gemeld does not start. See gemeld --help\n");
	else if (gemeld.options.help)
		options_print_help();
	else if (gemeld.options.list_faults)
		list_faults();
	else if (gemeld.options.version)
		printf("gemeld  Ver 8.0.35-gemel-%s for Linux\n", GEMEL_VERSION);
	else if (!gemeld.options.validate)
		status = serve(&gemeld, &waited);
	options_deinit(&gemeld.options);
	persisted_close(&gemeld.server.persisted);
	global_variables_destroy(&gemeld.server.variables);
	collation_deinit();
	return status == 0 ? 0 : 1;
}
