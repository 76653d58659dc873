/*
 * A channel at rest: its settings in the store (key: space, 's', name), its applied position (applier/position.h), and
 * master.info and relay-log.info in MySQL 8.0's format beside the data.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "channel/channel_internal.h"
#include "session/variables.h"
#include "store/store.h"

static void put_settings_key(const char *name, struct buf *out)
{
	buf_put_u32_be(out, STORE_SPACE_CHANNEL);
	buf_put_u8(out, 's');
	buf_put_string(out, name);
}

int channel_write_settings(struct channel *channel, struct diag *diag)
{
	struct buf key = {0}, value = {0};
	put_settings_key(channel->name, &key);
	channel_settings_encode(&channel->settings, &value);
	int status = store_put(channel->owner->server->store, buf_bytes(&key), buf_bytes(&value), diag);
	buf_deinit(&key);
	buf_deinit(&value);
	return status;
}

int channel_erase(struct channel *channel, bool with_settings, struct diag *diag)
{
	struct buf key = {0}, position_key = {0};
	put_settings_key(channel->name, &key);
	applied_position_put_key(channel->name, &position_key);
	struct mariadb_position gtids;
	channels_get_mariadb_position(channel->owner, &gtids);
	struct store_txn *txn = store_txn_begin(channel->owner->server->store, 1000);
	channels_put_mariadb_position(txn, &gtids); /* what it has applied stays applied */
	bool failed = store_txn_delete(txn, buf_bytes(&position_key), diag) == STORE_ERROR;
	if (with_settings)
		failed |= store_txn_delete(txn, buf_bytes(&key), diag) == STORE_ERROR;
	int status = failed ? -1 : store_txn_commit(txn, true, diag);
	if (status == 0) {
		lock_take(&channel->owner->lock);
		channel->owner->mariadb = gtids;
		lock_release(&channel->owner->lock);
	}
	store_txn_end(&txn);
	buf_deinit(&key);
	buf_deinit(&position_key);
	return status;
}

/* ---------------------------------------------------------------------------------------------------- at boot */

static int load_one(struct channels *channels, const char *name, struct bytes value, struct diag *diag)
{
	struct source_position position;
	if (applied_position_read(channels->server->store, name, &position, diag) < 0)
		return -1;
	struct channel *channel = channel_create(channels, name, &position, diag);
	return channel ? channel_settings_decode(value, &channel->settings, diag) : -1;
}

int channels_load(struct channels *channels, struct diag *diag)
{
	struct buf lower = {0}, upper = {0};
	char name[channel_name_max + 1];
	int status = channels_load_mariadb_position(channels, diag);
	put_settings_key("", &lower);
	buf_put_u32_be(&upper, STORE_SPACE_CHANNEL);
	buf_put_u8(&upper, 's' + 1);
	struct store_iterator *iterator =
		store_iterator_create(channels->server->store, NULL, NULL, buf_bytes(&lower), buf_bytes(&upper));
	for (bool more = status == 0 && store_iterator_seek(iterator, buf_bytes(&lower)); more && status == 0;
	     more = store_iterator_next(iterator)) {
		struct bytes key = store_iterator_key(iterator);
		snprintf(name, sizeof name, "%.*s", (int)(key.size - lower.size), (const char *)key.data + lower.size);
		status = load_one(channels, name, store_iterator_value(iterator), diag);
	}
	if (status == 0)
		status = store_iterator_status(iterator, diag);
	store_iterator_destroy(&iterator);
	buf_deinit(&lower);
	buf_deinit(&upper);
	return status;
}

/* --------------------------------------------------------------------------------------------------- for people */

void channel_put_file_word(const struct channel *channel, struct buf *out)
{
	for (const char *at = channel->name; *at; at++)
		buf_printf(out, isalnum((unsigned char)*at) || *at == '_' ? "%c" : "@%04x", (unsigned char)*at);
}

/*
 * The option's file, or the usual one; a named channel's has its name in front of the suffix, as in MySQL: "master.info",
 * "master-west.info".
 */
static void init_info_file(const struct channel *channel, const char *option, const char *usual, bool counts_itself,
			   struct info_file *out)
{
	struct buf path = {0};
	struct arena arena;
	arena_init(&arena);
	const char *name = global_text(channel->owner->server, option, &arena);
	name = name && *name ? name : usual;
	const char *slash = strrchr(name, '/'), *dot = strrchr(name, '.');
	size_t stem = dot && (slash == NULL || dot > slash) ? (size_t)(dot - name) : strlen(name);
	if (*name != '/')
		buf_printf(&path, "%s/", channel->owner->server->data_directory);
	buf_put(&path, name, stem);
	buf_put_string(&path, *channel->name ? "-" : "");
	channel_put_file_word(channel, &path);
	buf_put_string(&path, name + stem);
	info_file_init(out, buf_cstring(&path), counts_itself);
	arena_deinit(&arena);
	buf_deinit(&path);
}

void channel_init_info_files(struct channel *channel)
{
	init_info_file(channel, "master_info_file", "master.info", true, &channel->master_info);
	init_info_file(channel, "relay_log_info_file", "relay-log.info", false, &channel->relay_log_info);
}

static void put_source_lines(const struct channel_settings *settings, const struct receiver_status *status,
			     struct buf *out)
{
	buf_printf(out, "%s\n%llu\n%s\n%s\n%s\n%llu\n%llu\n", status->file, (unsigned long long)status->position,
		   settings->host, settings->user, settings->password, (unsigned long long)settings->port,
		   (unsigned long long)settings->connect_retry_s);
	buf_printf(out, "%d\n%s\n%s\n%s\n%s\n%s\n%d\n", settings->link.uses_tls, settings->link.tls_ca, settings->link.tls_capath,
		   settings->link.tls_cert, settings->link.tls_cipher, settings->link.tls_key, settings->link.verifies_tls);
}

static void put_other_lines(const struct channel *channel, const struct channel_settings *settings,
			    const struct receiver_status *status, struct buf *out)
{
	uint64_t heartbeat_ms = settings->heartbeat_ms != UINT64_MAX
					? settings->heartbeat_ms
					: global_number(channel->owner->server, "slave_net_timeout") * 500;
	buf_printf(out, "%.3f\n%s\n%llu", (double)heartbeat_ms / 1000, settings->bind_address,
		   (unsigned long long)settings->ignored_count);
	for (uint64_t i = 0; i < settings->ignored_count; i++)
		buf_printf(out, " %u", settings->ignored_server_ids[i]);
	const struct source_link *link = &settings->link;
	buf_printf(out, "\n%s\n%llu\n%s\n%s\n%d\n%s\n", status->source_uuid,
		   (unsigned long long)settings->retry_count, link->tls_crl, link->tls_crlpath,
		   settings->auto_position, channel->name);
	buf_printf(out, "%s\n%s\n%d\n\n%s\n%llu\n%s\n0\n0\n", link->tls_version, link->public_key_path,
		   link->gets_public_key, link->compression, (unsigned long long)link->zstd_level,
		   link->tls_ciphersuites);
}

void channel_write_master_info(struct channel *channel)
{
	struct channel_settings settings;
	struct receiver_status status;
	struct buf lines = {0};
	lock_take(&channel->owner->lock);
	settings = channel->settings;
	lock_release(&channel->owner->lock);
	receiver_get_status(channel->receiver, &status);
	put_source_lines(&settings, &status, &lines);
	put_other_lines(channel, &settings, &status, &lines);
	info_file_write(&channel->master_info, buf_bytes(&lines));
	buf_deinit(&lines);
}

void channel_write_relay_info(struct channel *channel)
{
	struct applier_status status;
	struct buf lines = {0};
	char relay_file[log_file_name_max + 1];
	applier_get_status(channel->applier, &status);
	relay_log_file_name(channel->relay, status.relay.file, relay_file);
	buf_printf(&lines, "./%s\n%llu\n%s\n%llu\n", relay_file, (unsigned long long)status.relay.offset,
		   status.position.file, (unsigned long long)status.position.offset);
	lock_take(&channel->owner->lock);
	uint64_t delay_s = channel->settings.delay_s;
	lock_release(&channel->owner->lock);
	/* Then those that only MySQL's own start reads: user and rules for what is applied. */
	uint64_t workers = global_number(channel->owner->server, "slave_parallel_workers");
	buf_printf(&lines, "%llu\n%llu\n1\n%s\n\n\n0\n1\n1\n\n", (unsigned long long)delay_s,
		   (unsigned long long)workers, channel->name);
	info_file_write(&channel->relay_log_info, buf_bytes(&lines));
	buf_deinit(&lines);
}

void channel_remove_info_files(struct channel *channel)
{
	info_file_remove(&channel->master_info);
	info_file_remove(&channel->relay_log_info);
}
