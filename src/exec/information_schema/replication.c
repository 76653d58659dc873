/* Virtual tables about replication: which GTIDs were executed, and the channels as performance_schema has them. */
#include <string.h>

#include "exec/information_schema/channels.h"

static void put_source(struct virtual_writer *writer, const struct gtid_source *source)
{
	char uuid[uuid_text_size + 1];
	uuid_print(source->sid, uuid);
	for (size_t i = 0; i < source->count; i++) {
		virtual_put_text(writer, uuid);
		virtual_put_int(writer, source->intervals[i].first);
		virtual_put_int(writer, source->intervals[i].last);
		virtual_row(writer);
	}
}

int fill_gtid_executed(struct virtual_writer *writer)
{
	struct gtid_set executed;
	gtid_set_init(&executed);
	txn_manager_get_executed(writer->session->server->txn_manager, &executed);
	for (size_t i = 0; i < executed.count; i++)
		put_source(writer, &executed.sources[i]);
	gtid_set_deinit(&executed);
	return 0;
}

/* ------------------------------------------------------------------ channels */

static void put_flag(struct virtual_writer *writer, bool flag)
{
	virtual_put_text(writer, flag ? "1" : "0");
}

static void put_tls(struct virtual_writer *writer, const struct source_link *link)
{
	virtual_put_yes(writer, link->uses_tls);
	virtual_put_text(writer, link->tls_ca);
	virtual_put_text(writer, link->tls_capath);
	virtual_put_text(writer, link->tls_cert);
	virtual_put_text(writer, link->tls_cipher);
	virtual_put_text(writer, link->tls_key);
	virtual_put_yes(writer, link->verifies_tls);
	virtual_put_text(writer, link->tls_crl);
	virtual_put_text(writer, link->tls_crlpath);
}

static void put_connection_configuration(struct virtual_writer *writer, const struct channel_status *status)
{
	const struct channel_settings *settings = &status->settings;
	const struct source_link *link = &settings->link;
	virtual_put_text(writer, status->name);
	virtual_put_text(writer, settings->host);
	virtual_put_uint(writer, settings->port);
	virtual_put_text(writer, settings->user);
	virtual_put_text(writer, settings->bind_address);
	put_flag(writer, settings->auto_position);
	put_tls(writer, link);
	virtual_put_uint(writer, settings->connect_retry_s);
	virtual_put_uint(writer, settings->retry_count);
	virtual_put_double(writer, status->heartbeat_ms / 1000.0);
	virtual_put_text(writer, link->tls_version);
	virtual_put_text(writer, link->public_key_path);
	virtual_put_yes(writer, link->gets_public_key);
	virtual_put_text(writer, ""); /* NETWORK_NAMESPACE */
	virtual_put_text(writer, link->compression);
	virtual_put_uint(writer, link->zstd_level);
	virtual_put_text(writer, *link->tls_ciphersuites ? link->tls_ciphersuites : NULL);
	put_flag(writer, false); /* SOURCE_CONNECTION_AUTO_FAILOVER, GTID_ONLY */
	put_flag(writer, false);
	virtual_row(writer);
}

int fill_connection_configuration(struct virtual_writer *writer)
{
	return virtual_put_channels(writer, put_connection_configuration);
}

static void put_transaction(struct virtual_writer *writer, const struct relay_transaction *transaction)
{
	char text[gtid_text_size + 1] = "";
	if (transaction->gtid.gno)
		gtid_print(&transaction->gtid, text);
	bool is_there = transaction->begun_us != 0;
	virtual_put_text(writer, !is_there ? "" : *text ? arena_copy_string(writer->arena, text) : "ANONYMOUS");
	virtual_put_exact_time(writer, (int64_t)transaction->original_us);
	virtual_put_exact_time(writer, (int64_t)transaction->immediate_us);
	virtual_put_exact_time(writer, transaction->begun_us);
}

static void put_connection_status(struct virtual_writer *writer, const struct channel_status *status)
{
	const char *state = strcmp(status->io_running, "Yes") == 0 ? "ON"
			    : strcmp(status->io_running, "No") == 0 ? "OFF" : "CONNECTING";
	virtual_put_text(writer, status->name);
	virtual_put_text(writer, ""); /* GROUP_NAME */
	virtual_put_text(writer, status->source_uuid);
	virtual_put_known(writer, status->io_session != 0, status->io_session);
	virtual_put_text(writer, state);
	virtual_put_uint(writer, status->heartbeats);
	virtual_put_exact_time(writer, status->last_heartbeat_us);
	virtual_put_text(writer, status->retrieved_gtids);
	virtual_put_uint(writer, status->io_error_number);
	virtual_put_text(writer, status->io_error);
	virtual_put_exact_time(writer, status->io_error_time_us);
	put_transaction(writer, &status->queued);
	virtual_put_exact_time(writer, status->queued.ended_us);
	put_transaction(writer, &status->queueing);
	virtual_row(writer);
}

int fill_connection_status(struct virtual_writer *writer)
{
	return virtual_put_channels(writer, put_connection_status);
}

static void put_applier_configuration(struct virtual_writer *writer, const struct channel_status *status)
{
	virtual_put_text(writer, status->name);
	virtual_put_uint(writer, status->settings.delay_s);
	virtual_put_null(writer); /* PRIVILEGE_CHECKS_USER */
	virtual_put_yes(writer, false);
	virtual_put_text(writer, "STREAM");
	virtual_put_assigned_gtids(writer, &status->settings, NULL);
	virtual_row(writer);
}

int fill_applier_configuration(struct virtual_writer *writer)
{
	return virtual_put_channels(writer, put_applier_configuration);
}

static const char *state_of(bool is_on)
{
	return is_on ? "ON" : "OFF";
}

static void put_applier_status(struct virtual_writer *writer, const struct channel_status *status)
{
	virtual_put_text(writer, status->name);
	virtual_put_text(writer, state_of(strcmp(status->sql_running, "Yes") == 0));
	virtual_put_known(writer, status->remaining_delay_s >= 0, (uint64_t)status->remaining_delay_s);
	virtual_put_uint(writer, status->retried_transactions);
	virtual_row(writer);
}

int fill_applier_status(struct virtual_writer *writer)
{
	return virtual_put_channels(writer, put_applier_status);
}

/* ------------------------------------------------------------------ the applier's threads */

static void put_last_error(struct virtual_writer *writer, unsigned number, const char *message, int64_t time_us)
{
	virtual_put_uint(writer, number);
	virtual_put_text(writer, message);
	virtual_put_exact_time(writer, time_us);
}

static void put_transactions(struct virtual_writer *writer, const struct relay_transaction *done,
			     const struct relay_transaction *under_way)
{
	put_transaction(writer, done);
	virtual_put_exact_time(writer, done->ended_us);
	put_transaction(writer, under_way);
}

static void put_coordinator(struct virtual_writer *writer, const struct channel_status *status)
{
	virtual_put_known(writer, status->sql_session != 0, status->sql_session);
	virtual_put_text(writer, state_of(status->sql_session != 0));
	put_last_error(writer, status->sql_error_number, status->sql_error, status->sql_error_time_us);
	put_transactions(writer, &status->processed, &status->processing);
}

static void put_retries(struct virtual_writer *writer, const struct applier_retries *retries)
{
	virtual_put_uint(writer, retries->count);
	virtual_put_uint(writer, retries->error_number);
	virtual_put_text(writer, retries->error);
	virtual_put_exact_time(writer, retries->error_time_us);
}

/* The applier alone, as worker 0. */
static void put_lone_applier(struct virtual_writer *writer, const struct channel_status *status)
{
	virtual_put_text(writer, status->name);
	virtual_put_uint(writer, 0);
	put_coordinator(writer, status);
	put_retries(writer, &status->processed_retries);
	put_retries(writer, &status->processing_retries);
	virtual_row(writer);
}

/* Errors and retries are the coordinator's, whatever a worker ran into. */
static void put_worker(struct virtual_writer *writer, const struct channel_status *status, size_t index)
{
	static const struct applier_retries none;
	const struct applier_worker *worker = &status->workers[index];
	virtual_put_text(writer, status->name);
	virtual_put_uint(writer, index + 1);
	virtual_put_known(writer, worker->session_id != 0, worker->session_id);
	virtual_put_text(writer, state_of(worker->session_id != 0));
	put_last_error(writer, 0, "", 0);
	put_transactions(writer, &worker->applied, &worker->applying);
	put_retries(writer, &none);
	put_retries(writer, &none);
	virtual_row(writer);
}

static void put_workers(struct virtual_writer *writer, const struct channel_status *status)
{
	if (status->worker_count == 0)
		put_lone_applier(writer, status);
	for (size_t i = 0; i < status->worker_count; i++)
		put_worker(writer, status, i);
}

int fill_applier_workers(struct virtual_writer *writer)
{
	return virtual_put_channels(writer, put_workers);
}

/* As in MySQL, only of those that have workers. */
static void put_coordinator_of_workers(struct virtual_writer *writer, const struct channel_status *status)
{
	if (status->worker_count == 0)
		return;
	virtual_put_text(writer, status->name);
	put_coordinator(writer, status);
	virtual_row(writer);
}

int fill_applier_coordinators(struct virtual_writer *writer)
{
	return virtual_put_channels(writer, put_coordinator_of_workers);
}
