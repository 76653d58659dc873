/* A channel's two threads: what they run with, how they begin and end. */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/thread.h"
#include "channel/channel_internal.h"
#include "session/compression_list.h"
#include "session/variables.h"

static void tell_session(struct channel *channel, struct channel_thread *thread, unsigned long id)
{
	lock_take(&channel->owner->lock);
	thread->session_id = id;
	lock_release(&channel->owner->lock);
}

static struct session *open_session(struct channel *channel)
{
	struct session *session = session_create_internal(channel->owner->server);
	log_set_thread_id(session->id);
	return session;
}

/* From here on, whoever starts the thread again waits for its end first. */
static void note_ending(struct channel *channel, struct channel_thread *thread, const char *name)
{
	lock_take(&channel->owner->lock);
	if (thread->state == CHANNEL_ON)
		channel_state_move(&thread->state, CHANNEL_STOPPING, channel->name, name);
	lock_release(&channel->owner->lock);
}

static void turn_off(struct channel *channel, struct channel_thread *thread, const char *name)
{
	lock_take(&channel->owner->lock);
	channel_state_move(&thread->state, CHANNEL_OFF, channel->name, name);
	lock_release(&channel->owner->lock);
}

/* ---------------------------------------------------------------------------------------------------- the receiver */

static void show_io(void *argument, const char *state)
{
	struct channel *channel = argument;
	session_set_state(channel->io_session, state);
}

static void io_ending(void *argument)
{
	struct channel *channel = argument;
	note_ending(channel, &channel->io, "receiver");
}

static void get_executed(void *argument, struct gtid_set *out)
{
	struct channel *channel = argument;
	struct gtid_set executed;
	gtid_set_init(&executed);
	txn_manager_get_executed(channel->owner->server->txn_manager, &executed);
	gtid_set_add_set(out, &executed);
	gtid_set_deinit(&executed);
}

static bool takes_gtids(void *argument)
{
	struct channel *channel = argument;
	return txn_manager_gtid_mode(channel->owner->server->txn_manager) != TXN_GTID_OFF;
}

static void io_moved(void *argument)
{
	channel_write_master_info(argument);
}

/* KILL of the connection id that the process list shows. */
static void wake_io(struct session *session)
{
	struct channel *channel = session->wake_argument;
	receiver_stop(channel->receiver);
}

static void *run_io(void *argument)
{
	struct channel *channel = argument;
	struct session *session = open_session(channel);
	struct receiver_hooks hooks = {channel, io_ending, show_io, get_executed, io_moved, takes_gtids};
	channel->io_session = session;
	tell_session(channel, &channel->io, session->id);
	session->wake_argument = channel;
	atomic_store(&session->wake, wake_io);
	receiver_run(channel->receiver, &channel->receiver_settings, &hooks);
	atomic_store(&session->wake, NULL);
	channel_write_master_info(channel);
	channel->io_session = NULL;
	tell_session(channel, &channel->io, 0);
	session_destroy(&session);
	turn_off(channel, &channel->io, "receiver");
	return NULL;
}

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

static void settle_receiver(struct channel *channel, const struct channel_start *start)
{
	const struct server *server = channel->owner->server;
	struct arena *arena = &channel->receiver_arena;
	arena_reset(arena);
	struct channel_settings *settings = arena_copy(arena, &channel->settings, sizeof channel->settings);
	uint64_t timeout_s = global_number(server, "slave_net_timeout");
	uint64_t heartbeat_ms = settings->heartbeat_ms != UINT64_MAX ? settings->heartbeat_ms : timeout_s * 500;
	uint64_t file_max = global_number(server, "max_relay_log_size");
	uint64_t report_port = global_number(server, "report_port");
	bool always_compresses = global_number(server, "slave_compressed_protocol");
	unsigned compression = COMPRESSION_ALLOWS_NONE;
	struct bytes unknown; /* none: checked when it was set */
	compression_list_parse(bytes_of_string(settings->link.compression), &compression, &unknown);
	channel->receiver_settings = (struct receiver_settings){
		.channel = channel->name,
		.host = settings->host,
		.user = start->user ? arena_copy_string(arena, start->user) : settings->user,
		.password = start->password ? arena_copy_string(arena, start->password) : settings->password,
		.bind_address = settings->bind_address,
		.port = (unsigned)settings->port,
		.connect_retry_s = (unsigned)settings->connect_retry_s,
		.retry_count = settings->retry_count,
		.heartbeat_period_ns = heartbeat_ms * 1000000,
		.net_timeout_s = (unsigned)timeout_s,
		.auto_position = settings->auto_position,
		.mariadb_gtids = channel_settings_use_mariadb_gtids(settings),
		.mariadb_strict = global_number(server, "gtid_strict_mode"),
		.acknowledges = global_number(server, "rpl_semi_sync_replica_enabled"),
		.link = &settings->link,
		.compresses = always_compresses || (compression & COMPRESSION_ALLOWS_ZLIB),
		.must_compress = !always_compresses && !(compression & COMPRESSION_ALLOWS_NONE),
		.server_id = (uint32_t)global_number(server, "server_id"),
		.uuid = server->uuid,
		.replicates_same_server_id = global_number(server, "replicate_same_server_id"),
		.report_host = or_empty(global_text(server, "report_host", arena)),
		.report_user = or_empty(global_text(server, "report_user", arena)),
		.report_password = or_empty(global_text(server, "report_password", arena)),
		.report_port = (unsigned)(report_port ? report_port : global_number(server, "port")),
		.relay_sync_period = global_number(server, "sync_relay_log"),
		.relay_file_max = file_max ? file_max : global_number(server, "max_binlog_size"),
		.relay_space_max = global_number(server, "relay_log_space_limit"),
	};
}

/* With control: nobody else starts or joins. */
static int start_thread(struct channel *channel, struct channel_thread *thread, const char *name,
			void *(*run)(void *argument), struct diag *diag)
{
	lock_take(&channel->owner->lock);
	channel_state_move(&thread->state, CHANNEL_ON, channel->name, name);
	lock_release(&channel->owner->lock);
	if (thread_start(&thread->thread, name, run, channel, diag) == 0) {
		thread->is_joinable = true;
		return 0;
	}
	turn_off(channel, thread, name);
	diag_clear(diag);
	return diag_set(diag, ER_SLAVE_THREAD);
}

static void join(struct channel_thread *thread)
{
	if (thread->is_joinable)
		pthread_join(thread->thread, NULL);
	thread->is_joinable = false;
}

int channel_start_io(struct channel *channel, const struct channel_start *start, struct diag *diag)
{
	join(&channel->io); /* of a run that ended by itself */
	settle_receiver(channel, start);
	receiver_rearm(channel->receiver);
	receiver_clear_error(channel->receiver);
	return start_thread(channel, &channel->io, "receiver", run_io, diag);
}

/* ----------------------------------------------------------------------------------------------------- the applier */

static void sql_ending(void *argument)
{
	struct channel *channel = argument;
	note_ending(channel, &channel->sql, "applier");
}

static void sql_moved(void *argument)
{
	channel_write_relay_info(argument);
	channel_write_master_info(argument); /* the receiver tells nobody when its source pauses */
}

static void wake_sql(struct session *session)
{
	struct channel *channel = session->wake_argument;
	relay_log_wake(channel->relay);
}

static void *run_sql(void *argument)
{
	struct channel *channel = argument;
	struct session *session = open_session(channel);
	struct applier_hooks hooks = {channel, sql_ending, sql_moved};
	channel->sql_session = session;
	tell_session(channel, &channel->sql, session->id);
	session->wake_argument = channel;
	atomic_store(&session->wake, wake_sql);
	store_begin_thread();
	applier_run(channel->applier, session, &channel->applier_settings, &hooks);
	atomic_store(&session->wake, NULL);
	channel->sql_session = NULL;
	tell_session(channel, &channel->sql, 0);
	session_destroy(&session);
	turn_off(channel, &channel->sql, "applier");
	return NULL;
}

static int settle_until(struct channel *channel, const struct channel_start *start, struct diag *diag)
{
	const struct gtid_set *gtids = start->before_gtids ? start->before_gtids : start->after_gtids;
	channel->until = APPLIER_UNTIL_NONE;
	if (start->source_file) {
		channel->until = APPLIER_UNTIL_SOURCE_POSITION;
		source_position_set(&channel->until_position, bytes_of_string(start->source_file),
				    start->source_position);
	} else if (start->relay_file) {
		channel->until = APPLIER_UNTIL_RELAY_POSITION;
		channel->until_relay.file = relay_log_parse_name(channel->relay, bytes_of_string(start->relay_file));
		channel->until_relay.offset = start->relay_position;
		if (channel->until_relay.file == 0)
			return diag_set(diag, ER_BAD_SLAVE_UNTIL_COND);
	} else if (gtids) {
		channel->until = start->before_gtids ? APPLIER_UNTIL_BEFORE_GTIDS : APPLIER_UNTIL_AFTER_GTIDS;
		gtid_set_copy(gtids, &channel->until_gtids);
	} else if (start->until_no_gaps) {
		channel->until = APPLIER_UNTIL_NO_GAPS;
	}
	return 0;
}

static bool is_behind_gtids(const struct channel *channel)
{
	struct gtid_set executed;
	gtid_set_init(&executed);
	txn_manager_get_executed(channel->owner->server->txn_manager, &executed);
	bool is_behind = channel->until == APPLIER_UNTIL_AFTER_GTIDS
				 ? gtid_set_is_subset(&channel->until_gtids, &executed)
				 : gtid_set_intersects(&channel->until_gtids, &executed);
	gtid_set_deinit(&executed);
	return is_behind;
}

/* What is behind the condition already, does not run at all. */
static bool is_behind_until(const struct channel *channel)
{
	struct applier_status status;
	applier_get_status(channel->applier, &status);
	const struct relay_position *relay = &status.relay, *until = &channel->until_relay;
	switch (channel->until) {
	case APPLIER_UNTIL_SOURCE_POSITION:
		return source_position_compare(&status.position, &channel->until_position) >= 0;
	case APPLIER_UNTIL_RELAY_POSITION:
		return relay->file > until->file || (relay->file == until->file && relay->offset >= until->offset);
	case APPLIER_UNTIL_BEFORE_GTIDS:
	case APPLIER_UNTIL_AFTER_GTIDS: return is_behind_gtids(channel);
	case APPLIER_UNTIL_NO_GAPS: return true;
	default: return false;
	}
}

int channel_start_sql(struct channel *channel, const struct channel_start *start, struct diag *diag)
{
	join(&channel->sql);
	lock_take(&channel->owner->lock);
	int status = settle_until(channel, start, diag);
	channel->applier_copy = channel->settings;
	lock_release(&channel->owner->lock);
	if (status < 0)
		return -1;
	const struct channel_settings *settings = &channel->applier_copy;
	channel->applier_settings = (struct applier_settings){
		.channel = channel->name,
		.ignored_server_ids = settings->ignored_server_ids,
		.ignored_count = settings->ignored_count,
		.delay_s = (uint32_t)settings->delay_s,
		.until = channel->until,
		.until_position = channel->until_position,
		.until_relay = channel->until_relay,
		.until_gtids = &channel->until_gtids,
		.filter = channel->filter,
		.replicates_same_server_id = global_number(channel->owner->server, "replicate_same_server_id"),
	};
	/* Anything but a UUID leaves it zeros. */
	uuid_parse(bytes_of_string(settings->assign_gtids), channel->applier_settings.assigned_sid);
	if (is_behind_until(channel)) {
		log_note("channel", "Slave SQL thread for channel '%s' is behind its UNTIL condition: it does not start",
			 channel->name);
		applier_clear_error(channel->applier);
		return 0;
	}
	applier_rearm(channel->applier);
	return start_thread(channel, &channel->sql, "applier", run_sql, diag);
}

/* ------------------------------------------------------------------------------------------------------------ stop */

/* With control, so that STOPPING is a thread that ends by itself. */
static bool is_on(struct channel *channel, struct channel_thread *thread)
{
	lock_take(&channel->owner->lock);
	enum channel_state state = thread->state;
	lock_release(&channel->owner->lock);
	if (state == CHANNEL_STOPPING)
		join(thread);
	return state == CHANNEL_ON;
}

bool channel_is_on(struct channel *channel, unsigned threads)
{
	return ((threads & CHANNEL_RECEIVER) && is_on(channel, &channel->io)) ||
	       ((threads & CHANNEL_APPLIER) && is_on(channel, &channel->sql));
}

/* True when it was on. */
static bool tell_to_stop(struct channel *channel, struct channel_thread *thread, const char *name)
{
	lock_take(&channel->owner->lock);
	bool was_on = thread->state == CHANNEL_ON;
	if (was_on)
		channel_state_move(&thread->state, CHANNEL_STOPPING, channel->name, name);
	lock_release(&channel->owner->lock);
	return was_on;
}

void channel_stop(struct channel *channel, unsigned threads)
{
	bool stops_io = (threads & CHANNEL_RECEIVER) && tell_to_stop(channel, &channel->io, "receiver");
	bool stops_sql = (threads & CHANNEL_APPLIER) && tell_to_stop(channel, &channel->sql, "applier");
	if (stops_io)
		receiver_stop(channel->receiver);
	if (stops_sql)
		applier_stop(channel->applier);
	if (threads & CHANNEL_RECEIVER)
		join(&channel->io);
	if (threads & CHANNEL_APPLIER)
		join(&channel->sql);
}
