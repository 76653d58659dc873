#include "channel/channel.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "channel/channel_internal.h"
#include "relay/resume.h"
#include "session/status.h"
#include "session/variables.h"

/* ------------------------------------------------------------------------------------------------------- one channel */

struct channel *channel_find(struct channels *channels, const char *name)
{
	for (size_t i = 0; i < channels->count; i++)
		if (strcasecmp(channels->list[i]->name, name) == 0)
			return channels->list[i];
	return NULL;
}

bool channels_have_named(const struct channels *channels)
{
	for (size_t i = 0; i < channels->count; i++)
		if (*channels->list[i]->name)
			return true;
	return false;
}

/* "host-relay-bin", "host-relay-bin-west" */
static const char *relay_base(const struct channel *channel, struct arena *arena)
{
	const char *base = global_text(channel->owner->server, "relay_log", arena);
	char host[128] = "localhost";
	if (base == NULL || *base == 0) {
		gethostname(host, sizeof host - 1);
		host[strcspn(host, ".")] = 0;
		base = arena_printf(arena, "%s-relay-bin", host);
	}
	if (*channel->name == 0)
		return base;
	struct buf word = {0};
	channel_put_file_word(channel, &word);
	base = arena_printf(arena, "%s-%s", base, buf_cstring(&word));
	buf_deinit(&word);
	return base;
}

static int open_relay(struct channel *channel, struct relay_resume *resume, bool *out_resumed, struct diag *diag)
{
	struct server *server = channel->owner->server;
	struct arena arena;
	arena_init(&arena);
	const char *index = global_text(server, "relay_log_index", &arena);
	struct relay_log_options options = {
		.directory = server->data_directory,
		.base = relay_base(channel, &arena),
		.index_name = index && *index && *channel->name == 0 ? index : NULL,
		.server_id = (uint32_t)global_number(server, "server_id"),
	};
	int status = relay_log_open(&channel->relay, &options, resume, out_resumed, diag);
	arena_deinit(&arena);
	return status;
}

static void add_to_list(struct channels *channels, struct channel *channel)
{
	lock_take(&channels->lock);
	if (channels->count == channels->capacity) {
		channels->capacity = channels->capacity ? channels->capacity * 2 : 4;
		channels->list = memory_realloc(channels->list, channels->capacity * sizeof *channels->list);
	}
	channels->list[channels->count++] = channel;
	lock_release(&channels->lock);
}

/* Receiver and applier at their places: what the relay log holds in between is still to be applied. */
static void take_places(struct channel *channel, const struct source_position *position,
			const struct relay_resume *resume, bool is_resumed)
{
	if (!is_resumed) {
		receiver_set_position(channel->receiver, position->file, position->offset, NULL, &position->gtids);
		applier_set_position(channel->applier, position, relay_log_start(channel->relay));
		return;
	}
	receiver_set_position(channel->receiver, resume->end_file, resume->end_offset, &resume->retrieved,
			      &resume->mariadb);
	applier_set_position(channel->applier, position, resume->applied);
}

static void add_parts(struct channel *channel)
{
	struct channels *channels = channel->owner;
	channel_settings_init(&channel->settings);
	channel->filter = filter_create();
	filter_set_resolve(channels->filters, channel->name, channel->filter);
	arena_init(&channel->receiver_arena);
	gtid_set_init(&channel->until_gtids);
	channel->receiver = receiver_create(channel->relay);
	channel->applier = applier_create(channel->relay, channels->run_query);
	channel_init_info_files(channel);
}

struct channel *channel_create(struct channels *channels, const char *name, const struct source_position *position,
			       struct diag *diag)
{
	static const struct source_position beginning = {.offset = 4};
	struct channel *channel = memory_zalloc(sizeof *channel);
	struct relay_resume resume;
	bool keeps = position && !global_number(channels->server, "relay_log_recovery"), is_resumed;
	channel->owner = channels;
	snprintf(channel->name, sizeof channel->name, "%s", name);
	position = position ? position : &beginning;
	relay_resume_init(&resume, position->file, position->offset, &position->gtids);
	int status = open_relay(channel, keeps ? &resume : NULL, &is_resumed, diag);
	if (status == 0) {
		add_parts(channel);
		take_places(channel, position, &resume, is_resumed);
		add_to_list(channels, channel);
	}
	relay_resume_deinit(&resume);
	if (status == 0)
		return channel;
	memory_free(channel);
	return NULL;
}

void channel_remove(struct channel **channel_place)
{
	struct channel *channel = *channel_place;
	struct channels *channels = channel->owner;
	lock_take(&channels->lock);
	size_t i = 0;
	while (channels->list[i] != channel)
		i++;
	memmove(&channels->list[i], &channels->list[i + 1], (channels->count - i - 1) * sizeof *channels->list);
	channels->count--;
	lock_release(&channels->lock);
	receiver_destroy(&channel->receiver);
	applier_destroy(&channel->applier);
	relay_log_close(&channel->relay);
	filter_destroy(&channel->filter);
	info_file_deinit(&channel->master_info);
	info_file_deinit(&channel->relay_log_info);
	arena_deinit(&channel->receiver_arena);
	gtid_set_deinit(&channel->until_gtids);
	memory_free(channel);
	*channel_place = NULL;
}

/* ------------------------------------------------------------------------------------------------------ all channels */

/* Of the nameless channel, as MySQL 5.7 and MariaDB show it. */
static void provide_heartbeats(struct channels *channels, struct arena *arena,
			       void (*visit)(const char *name, const char *text, void *argument), void *argument)
{
	struct channel_status status;
	for (size_t i = 0; channels_status_at(channels, i, arena, &status); i++) {
		if (*status.name)
			continue;
		visit("Slave_heartbeat_period", arena_printf(arena, "%.3f", status.heartbeat_ms / 1000.0), argument);
		visit("Slave_last_heartbeat", status.last_heartbeat, argument);
		visit("Slave_received_heartbeats",
		      arena_printf(arena, "%llu", (unsigned long long)status.heartbeats), argument);
	}
}

static void provide_status(struct server *server, struct arena *arena,
			   void (*visit)(const char *name, const char *text, void *argument), void *argument)
{
	struct channels *channels = server->channels;
	bool running = false, acknowledges = false;
	uint64_t retried = 0;
	unsigned long long acknowledgements = 0;
	if (channels == NULL)
		return;
	lock_take(&channels->lock);
	for (size_t i = 0; i < channels->count; i++) {
		struct receiver_status status;
		struct applier_status applied;
		receiver_get_status(channels->list[i]->receiver, &status);
		applier_get_status(channels->list[i]->applier, &applied);
		retried += applied.retried;
		running |= channels->list[i]->io.state == CHANNEL_ON && channels->list[i]->sql.state == CHANNEL_ON;
		acknowledges |= status.acknowledges;
		acknowledgements += status.acknowledgements;
	}
	lock_release(&channels->lock);
	visit("Rpl_semi_sync_replica_status", acknowledges ? "ON" : "OFF", argument);
	visit("Rpl_semi_sync_slave_status", acknowledges ? "ON" : "OFF", argument);
	visit("Rpl_semi_sync_slave_send_ack", arena_printf(arena, "%llu", acknowledgements), argument);
	provide_heartbeats(channels, arena, visit, argument);
	visit("Replica_open_temp_tables", "0", argument);
	visit("Slave_open_temp_tables", "0", argument);
	visit("Slave_retried_transactions", arena_printf(arena, "%llu", (unsigned long long)retried), argument);
	visit("Slave_running", running ? "ON" : "OFF", argument);
}

/* What this server wrote would come back to it, and go round for ever where no GTID tells that it was here. */
static int check_loops(struct server *server, struct diag *diag)
{
	enum { gtid_mode_on = 3 };
	if (!global_number(server, "replicate_same_server_id") || !global_number(server, "log_slave_updates") ||
	    txn_manager_binlog(server->txn_manager) == NULL || global_number(server, "gtid_mode") == gtid_mode_on)
		return 0;
	return diag_set_message(diag, ER_WRONG_ARGUMENTS,
				"replicate-same-server-id together with log-slave-updates needs gtid-mode=ON: transactions "
				"would go round without end");
}

int channels_open(struct server *server, channel_run_query *run_query, struct filter_set *filters,
		  struct channels **out_channels, struct diag *diag)
{
	struct channels *channels = memory_zalloc(sizeof *channels);
	channels->server = server;
	channels->run_query = run_query;
	channels->filters = filters;
	lock_init(&channels->control, "channels.control", LOCK_RANK_CHANNEL_SET);
	lock_init(&channels->lock, "channels", LOCK_RANK_CHANNEL);
	if (check_loops(server, diag) < 0 || channels_load(channels, diag) < 0) {
		channels_close(&channels);
		return -1;
	}
	status_register_provider(server, provide_status);
	server->source_wait = channels_wait;
	server->replication_hooks = &channel_replication_hooks;
	server->check_gtid_mode = channels_check_gtid_mode;
	server->print_mariadb_position = channels_print_mariadb_position;
	server->set_mariadb_position = channels_set_mariadb_position;
	*out_channels = channels;
	return 0;
}

void channels_start(struct channels *channels)
{
	struct channel_start both = {0};
	if (global_number(channels->server, "skip_slave_start"))
		return;
	lock_take(&channels->control);
	for (size_t i = 0; i < channels->count; i++) {
		struct channel *channel = channels->list[i];
		struct diag diag = DIAG_INIT;
		bool is_started = channel_is_on(channel, CHANNEL_RECEIVER | CHANNEL_APPLIER); /* by the init file */
		if (*channel->settings.host == 0 || is_started)
			continue;
		if (channel_start_io(channel, &both, &diag) < 0 || channel_start_sql(channel, &both, &diag) < 0)
			log_diag(LOG_ERROR, "channel", &diag);
	}
	lock_release(&channels->control);
}

void channels_close(struct channels **channels_place)
{
	struct channels *channels = *channels_place;
	channels->server->source_wait = NULL;
	channels->server->replication_hooks = NULL;
	channels->server->check_gtid_mode = NULL;
	channels->server->print_mariadb_position = NULL;
	channels->server->set_mariadb_position = NULL;
	lock_take(&channels->control);
	for (size_t i = 0; i < channels->count; i++)
		channel_stop(channels->list[i], CHANNEL_RECEIVER | CHANNEL_APPLIER);
	while (channels->count) {
		struct channel *last = channels->list[channels->count - 1];
		channel_remove(&last);
	}
	lock_release(&channels->control);
	memory_free(channels->list);
	lock_deinit(&channels->lock);
	lock_deinit(&channels->control);
	memory_free(channels);
	*channels_place = NULL;
}
