/* mysql.slave_master_info and mysql.slave_relay_log_info: where MySQL keeps its channels, here a view of them. */
#include "exec/information_schema/channels.h"

enum { source_info_lines = 33, relay_info_lines = 14 }; /* of MySQL's files of the same content */

/* "2 5 7": how many, and which. */
static const char *ignored_servers(struct arena *arena, const struct channel_settings *settings)
{
	const char *text = arena_printf(arena, "%llu", (unsigned long long)settings->ignored_count);
	for (uint64_t i = 0; i < settings->ignored_count; i++)
		text = arena_printf(arena, "%s %u", text, settings->ignored_server_ids[i]);
	return text;
}

static void put_tls(struct virtual_writer *writer, const struct source_link *link)
{
	virtual_put_uint(writer, link->uses_tls);
	virtual_put_text(writer, link->tls_ca);
	virtual_put_text(writer, link->tls_capath);
	virtual_put_text(writer, link->tls_cert);
	virtual_put_text(writer, link->tls_cipher);
	virtual_put_text(writer, link->tls_key);
	virtual_put_uint(writer, link->verifies_tls);
}

static void put_source(struct virtual_writer *writer, const struct channel_status *status)
{
	const struct channel_settings *settings = &status->settings;
	const struct source_link *link = &settings->link;
	virtual_put_uint(writer, source_info_lines);
	virtual_put_text(writer, status->source_file);
	virtual_put_uint(writer, status->source_position);
	virtual_put_text(writer, settings->host);
	virtual_put_text(writer, settings->user);
	virtual_put_text(writer, settings->password);
	virtual_put_uint(writer, settings->port);
	virtual_put_uint(writer, settings->connect_retry_s);
	put_tls(writer, link);
	virtual_put_double(writer, status->heartbeat_ms / 1000.0);
	virtual_put_text(writer, settings->bind_address);
	virtual_put_text(writer, ignored_servers(writer->arena, settings));
	virtual_put_text(writer, status->source_uuid);
	virtual_put_uint(writer, settings->retry_count);
	virtual_put_text(writer, link->tls_crl);
	virtual_put_text(writer, link->tls_crlpath);
	virtual_put_uint(writer, settings->auto_position);
	virtual_put_text(writer, status->name);
	virtual_put_text(writer, link->tls_version);
	virtual_put_text(writer, link->public_key_path);
	virtual_put_uint(writer, link->gets_public_key);
	virtual_put_text(writer, ""); /* Network_namespace */
	virtual_put_text(writer, link->compression);
	virtual_put_uint(writer, link->zstd_level);
	virtual_put_text(writer, *link->tls_ciphersuites ? link->tls_ciphersuites : NULL);
	virtual_put_uint(writer, 0); /* Source_connection_auto_failover, Gtid_only */
	virtual_put_uint(writer, 0);
	virtual_row(writer);
}

int fill_slave_master_info(struct virtual_writer *writer)
{
	return virtual_put_channels(writer, put_source);
}

static void put_relay(struct virtual_writer *writer, const struct channel_status *status)
{
	const struct channel_settings *settings = &status->settings;
	virtual_put_uint(writer, relay_info_lines);
	virtual_put_text(writer, *status->relay_file ? arena_printf(writer->arena, "./%s", status->relay_file) : "");
	virtual_put_uint(writer, status->relay_position);
	virtual_put_text(writer, status->applied_file);
	virtual_put_uint(writer, status->applied_position);
	virtual_put_uint(writer, settings->delay_s);
	virtual_put_uint(writer, status->worker_count);
	virtual_put_uint(writer, 1); /* Id */
	virtual_put_text(writer, status->name);
	virtual_put_nulls(writer, 2); /* Privilege_checks_* */
	virtual_put_uint(writer, 0);  /* Require_row_format */
	virtual_put_text(writer, "STREAM");
	virtual_put_assigned_gtids(writer, settings, "");
	virtual_row(writer);
}

int fill_slave_relay_log_info(struct virtual_writer *writer)
{
	return virtual_put_channels(writer, put_relay);
}
