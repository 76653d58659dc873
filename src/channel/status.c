/* What a channel tells of itself. */
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "channel/channel_internal.h"
#include "session/variables.h"

size_t channels_count(struct channels *channels)
{
	lock_take(&channels->lock);
	size_t count = channels->count;
	lock_release(&channels->lock);
	return count;
}

static const char *print_time(int64_t wall_us, struct arena *arena)
{
	time_t seconds = (time_t)(wall_us / 1000000);
	struct tm parts;
	char text[32];
	if (wall_us == 0)
		return "";
	strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", localtime_r(&seconds, &parts));
	return arena_copy_string(arena, text);
}

static void put_receiver(struct channel *channel, struct arena *arena, struct channel_status *out)
{
	struct receiver_status status;
	struct gtid_set retrieved;
	struct mariadb_position mariadb;
	struct buf text = {0};
	receiver_get_status(channel->receiver, &status);
	bool is_on = channel->io.state != CHANNEL_OFF;
	out->io_state = arena_copy_string(arena, is_on ? status.state : "");
	out->io_running = !is_on ? "No" : status.connection == RECEIVER_CONNECTED ? "Yes" : "Connecting";
	out->source_file = arena_copy_string(arena, status.file);
	out->source_position = status.position;
	out->io_error_number = status.error_number;
	out->io_error = arena_copy_string(arena, status.error);
	out->io_error_time_us = status.error_time_us;
	out->source_server_id = status.source_server_id;
	out->source_uuid = arena_copy_string(arena, status.source_uuid);
	out->io_session = channel->io.session_id;
	out->queueing = status.queueing;
	out->queued = status.queued;
	out->heartbeats = status.heartbeats;
	out->last_heartbeat_us = status.heartbeat_time_us;
	out->last_heartbeat = print_time(status.heartbeat_time_us, arena);
	gtid_set_init(&retrieved);
	receiver_get_retrieved(channel->receiver, &retrieved);
	gtid_set_print(&retrieved, ",\n", &text);
	out->retrieved_gtids = arena_copy_string(arena, buf_cstring(&text));
	gtid_set_deinit(&retrieved);
	buf_clear(&text);
	receiver_get_mariadb_position(channel->receiver, &mariadb);
	mariadb_position_print(&mariadb, &text);
	out->mariadb_gtids = arena_copy_string(arena, buf_cstring(&text));
	buf_deinit(&text);
}

/* As MySQL counts: from the source's clock when the event was logged there to now. */
static void put_seconds_behind(struct channel *channel, const struct applier_status *status,
			       struct channel_status *out)
{
	struct receiver_status receiver;
	receiver_get_status(channel->receiver, &receiver);
	bool has_all = status->caught_up && receiver.position == status->position.offset &&
		       strcmp(receiver.file, status->position.file) == 0;
	bool is_connected = strcmp(out->io_running, "Yes") == 0;
	out->has_seconds_behind = strcmp(out->sql_running, "Yes") == 0 && (is_connected || !has_all);
	out->seconds_behind = 0;
	if (has_all || status->caught_up || status->event_timestamp == 0)
		return;
	int64_t behind_s = (int64_t)time(NULL) - status->event_timestamp - receiver.clock_difference_s;
	out->seconds_behind = behind_s > 0 ? (uint64_t)behind_s : 0;
}

static void put_applier(struct channel *channel, struct arena *arena, struct channel_status *out)
{
	struct applier_status status;
	char relay_file[log_file_name_max + 1];
	applier_get_status(channel->applier, &status);
	relay_log_file_name(channel->relay, status.relay.file, relay_file);
	bool is_on = channel->sql.state != CHANNEL_OFF;
	out->sql_running = is_on ? "Yes" : "No";
	out->sql_state = arena_copy_string(arena, is_on ? status.state : "");
	out->applied_file = arena_copy_string(arena, status.position.file);
	out->applied_position = status.position.file[0] ? status.position.offset : 0;
	out->relay_file = arena_copy_string(arena, relay_file);
	out->relay_position = status.relay.offset;
	out->relay_space = relay_log_space(channel->relay);
	out->sql_error_number = status.error_number;
	out->sql_error = arena_copy_string(arena, status.error);
	out->sql_error_time_us = status.error_time_us;
	out->retried_transactions = status.retried;
	out->sql_session = channel->sql.session_id;
	out->processing = status.processing;
	out->processed = status.processed;
	out->processing_retries = status.processing_retries;
	out->processed_retries = status.processed_retries;
	out->worker_count = applier_get_workers(channel->applier, arena, &out->workers);
	out->remaining_delay_s = -1;
	if (status.delayed_until_s) {
		int64_t left_s = status.delayed_until_s - time(NULL);
		out->remaining_delay_s = left_s > 0 ? left_s : 0;
	}
	put_seconds_behind(channel, &status, out);
}

static void put_until(struct channel *channel, struct arena *arena, struct channel_status *out)
{
	static const char *const names[] = {"None", "Master", "Relay", "SQL_BEFORE_GTIDS", "SQL_AFTER_GTIDS",
					"SQL_AFTER_MTS_GAPS"};
	char relay_file[log_file_name_max + 1];
	out->until_condition = names[channel->until];
	out->until_file = "";
	out->until_position = 0;
	if (channel->until == APPLIER_UNTIL_SOURCE_POSITION) {
		out->until_file = arena_copy_string(arena, channel->until_position.file);
		out->until_position = channel->until_position.offset;
	} else if (channel->until == APPLIER_UNTIL_RELAY_POSITION) {
		relay_log_file_name(channel->relay, channel->until_relay.file, relay_file);
		out->until_file = arena_copy_string(arena, relay_file);
		out->until_position = channel->until_relay.offset;
	}
}

static void put_filters(struct channel *channel, struct arena *arena, struct channel_status *out)
{
	struct buf text = {0};
	for (unsigned rule = 0; rule < FILTER_RULES; rule++) {
		buf_clear(&text);
		filter_print(channel->filter, rule, &text);
		out->filters[rule] = arena_copy_string(arena, buf_cstring(&text));
	}
	buf_deinit(&text);
}

bool channels_status_at(struct channels *channels, size_t index, struct arena *arena, struct channel_status *out)
{
	lock_take(&channels->lock);
	bool is_there = index < channels->count;
	if (is_there) {
		struct channel *channel = channels->list[index];
		*out = (struct channel_status){.name = arena_copy_string(arena, channel->name),
					       .settings = channel->settings};
		uint64_t heartbeat_ms = channel->settings.heartbeat_ms;
		out->heartbeat_ms = (unsigned)(heartbeat_ms != UINT64_MAX
						       ? heartbeat_ms
						       : global_number(channels->server, "slave_net_timeout") * 500);
		put_receiver(channel, arena, out);
		put_applier(channel, arena, out);
		put_until(channel, arena, out);
		put_filters(channel, arena, out);
		out->info_file = arena_copy_string(arena, channel->master_info.path);
	}
	lock_release(&channels->lock);
	return is_there;
}

int channels_find_relay_file(struct channels *channels, const char *channel_name, struct bytes file,
			     struct arena *arena, const char **out_path, const char **out_name, struct diag *diag)
{
	char name[log_file_name_max + 1];
	int status = 0;
	lock_take(&channels->lock);
	struct channel *channel = channel_find(channels, channel_name);
	if (channel == NULL) {
		status = diag_set(diag, ER_SLAVE_CHANNEL_DOES_NOT_EXIST, channel_name);
	} else {
		uint32_t number = file.size ? relay_log_parse_name(channel->relay, file)
					    : relay_log_start(channel->relay).file;
		if (number == 0 || !relay_log_has_file(channel->relay, number)) {
			status = diag_set(diag, ER_ERROR_WHEN_EXECUTING_COMMAND, "SHOW RELAYLOG EVENTS",
					  "Could not find target log");
		} else {
			char *path = relay_log_file_path(channel->relay, number);
			*out_path = arena_copy_string(arena, path);
			memory_free(path);
			relay_log_file_name(channel->relay, number, name);
			*out_name = arena_copy_string(arena, name);
		}
	}
	lock_release(&channels->lock);
	return status;
}
