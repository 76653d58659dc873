/* CHANGE, START, STOP, RESET: one at a time. */
#include <stdio.h>
#include <string.h>

#include "base/fault.h"
#include "base/log.h"
#include "channel/channel_internal.h"
#include "session/compression_list.h"
#include "session/variables.h"

void channels_get_settings(struct channels *channels, const char *name, struct channel_settings *out)
{
	lock_take(&channels->lock);
	const struct channel *channel = channel_find(channels, name);
	if (channel)
		*out = channel->settings;
	else
		channel_settings_init(out);
	lock_release(&channels->lock);
}

bool channels_must_be_named(struct channels *channels)
{
	lock_take(&channels->lock);
	bool have = channels_have_named(channels);
	lock_release(&channels->lock);
	return have;
}

bool channels_exists(struct channels *channels, const char *name)
{
	lock_take(&channels->lock);
	bool exists = channel_find(channels, name) != NULL;
	lock_release(&channels->lock);
	return exists;
}

/* ---------------------------------------------------------------------------------------------------------- change */

/* What is newly asked for has to fit the mode; what was asked for before is looked at again at START. */
static int check_gtids(const struct channel *channel, const struct channel_settings *settings, struct diag *diag)
{
	enum txn_gtid_mode mode = txn_manager_gtid_mode(channel->owner->server->txn_manager);
	bool assigns = channel_settings_assign_gtids(settings);
	if (assigns && settings->auto_position)
		return diag_set(diag, ER_CANT_COMBINE_ANONYMOUS_TO_GTID_AND_AUTOPOSITION);
	if (settings->auto_position && !channel->settings.auto_position && mode == TXN_GTID_OFF)
		return diag_set(diag, ER_AUTO_POSITION_REQUIRES_GTID_MODE_NOT_OFF);
	if (assigns && !channel_settings_assign_gtids(&channel->settings) && mode != TXN_GTID_ON)
		return diag_set(diag, ER_ASSIGN_GTIDS_TO_ANONYMOUS_TRANSACTIONS_REQUIRES_GTID_MODE_ON);
	return 0;
}

static int check_change(struct channel *channel, const struct channel_settings *settings,
			const struct channel_place *place, struct diag *diag)
{
	if (channel_is_on(channel, CHANNEL_RECEIVER))
		return diag_set(diag, ER_SLAVE_CHANNEL_IO_THREAD_MUST_STOP, channel->name);
	if (channel_is_on(channel, CHANNEL_APPLIER))
		return diag_set(diag, ER_SLAVE_CHANNEL_SQL_THREAD_MUST_STOP, channel->name);
	if (settings->auto_position && (place->has_file || place->has_position))
		return diag_set(diag, ER_BAD_SLAVE_AUTO_POSITION);
	return check_gtids(channel, settings, diag);
}

/* Another source's log begins elsewhere; the same one goes on where it was applied. */
static void find_place(const struct channel *channel, const struct channel_settings *settings,
		       const struct channel_place *place, struct source_position *position)
{
	const struct channel_settings *old = &channel->settings;
	bool is_other = strcasecmp(old->host, settings->host) != 0 || old->port != settings->port;
	bool begins_by_gtid = (settings->auto_position && !old->auto_position) ||
			      (channel_settings_use_mariadb_gtids(settings) && !channel_settings_use_mariadb_gtids(old));
	if (is_other || begins_by_gtid)
		source_position_set(position, bytes_of("", 0), 4);
	if (place->has_file)
		source_position_set(position, bytes_of_string(place->file), 4);
	if (place->has_position)
		position->offset = place->position < 4 ? 4 : place->position;
}

int channel_begin_at(struct channel *channel, const struct source_position *position, uint32_t relay_number,
		     struct diag *diag)
{
	if (relay_log_reset(channel->relay, relay_number, diag) < 0)
		return -1;
	receiver_set_position(channel->receiver, position->file, position->offset, NULL, &position->gtids);
	applier_set_position(channel->applier, position, relay_log_start(channel->relay));
	return 0;
}

static void log_change(const struct channel *channel, const struct channel_settings *to,
		       const struct source_position *from, const struct source_position *position)
{
	const struct channel_settings *old = &channel->settings;
	log_note("channel",
		 "'CHANGE MASTER TO FOR CHANNEL '%s' executed'. Previous state master_host='%s', master_port= %llu, "
		 "master_log_file='%s', master_log_pos= %llu. New state master_host='%s', master_port= %llu, "
		 "master_log_file='%s', master_log_pos= %llu.",
		 channel->name, old->host, (unsigned long long)old->port, from->file,
		 (unsigned long long)from->offset, to->host, (unsigned long long)to->port, position->file,
		 (unsigned long long)position->offset);
}

/* One way to find the place: the one that was asked for last. File and position were, when they are given. */
static void settle_way(const struct channel *channel, struct channel_settings *settings,
		       const struct channel_place *place)
{
	const struct channel_settings *old = &channel->settings;
	bool is_new = strcasecmp(old->use_gtid, settings->use_gtid) != 0;
	if ((settings->auto_position && !old->auto_position) || (!is_new && (place->has_file || place->has_position)))
		snprintf(settings->use_gtid, sizeof settings->use_gtid, "No");
	else if (is_new && channel_settings_use_mariadb_gtids(settings))
		settings->auto_position = false;
}

static int change(struct channel *channel, struct channel_settings *settings, const struct channel_place *place,
		  struct diag *diag)
{
	struct store *store = channel->owner->server->store;
	struct source_position position, old;
	settle_way(channel, settings, place);
	if (check_change(channel, settings, place, diag) < 0 ||
	    applied_position_read(store, channel->name, &position, diag) < 0)
		return -1;
	old = position;
	channels_get_mariadb_position(channel->owner, &position.gtids);
	find_place(channel, settings, place, &position);
	log_change(channel, settings, &old, &position);
	FAULT_STEP("channel.change");
	lock_take(&channel->owner->lock);
	channel->settings = *settings;
	lock_release(&channel->owner->lock);
	/* The position first: settings without it would begin in another's log. */
	if (applied_position_write(store, channel->name, &position, APPLIED_POSITION_FLUSHED, diag) < 0)
		return -1;
	FAULT_STEP("channel.change_placed");
	if (channel_write_settings(channel, diag) < 0)
		return -1;
	FAULT_STEP("channel.change_set");
	if (channel_begin_at(channel, &position, 0, diag) < 0)
		return -1;
	FAULT_STEP("channel.change_begun");
	receiver_clear_error(channel->receiver);
	applier_clear_error(channel->applier);
	channel_write_master_info(channel);
	channel_write_relay_info(channel);
	return 0;
}

static int change_or_make(struct channels *channels, const char *name, struct channel_settings *settings,
			  const struct channel_place *place, struct diag *diag)
{
	struct channel *channel = channel_find(channels, name);
	bool is_new = channel == NULL;
	int status = -1;
	if (is_new && channels->count == channel_count_max)
		return diag_set(diag, ER_SLAVE_MAX_CHANNELS_EXCEEDED);
	if (is_new)
		channel = channel_create(channels, name, NULL, diag);
	if (channel)
		status = change(channel, settings, place, diag);
	if (status < 0 && channel && is_new) {
		relay_log_remove(channel->relay);
		channel_remove(&channel);
	}
	return status;
}

static int check_link(const struct source_link *link, const char *name, struct diag *diag)
{
	unsigned set;
	struct bytes unknown;
	char shown[sizeof link->compression];
	if (!compression_list_parse(bytes_of_string(link->compression), &set, &unknown)) {
		snprintf(shown, sizeof shown, "%.*s", (int)unknown.size, (const char *)unknown.data);
		return diag_set(diag, ER_CHANGE_SOURCE_WRONG_COMPRESSION_ALGORITHM_CLIENT, shown, name);
	}
	if (link->zstd_level < 1 || link->zstd_level > 22)
		return diag_set(diag, ER_CHANGE_SOURCE_WRONG_COMPRESSION_LEVEL_CLIENT, (unsigned)link->zstd_level, name);
	return 0;
}

int channels_change(struct channels *channels, const char *name, struct channel_settings *settings,
		    const struct channel_place *place, struct diag *diag)
{
	int status = -1;
	if (check_link(&settings->link, name ? name : "", diag) != 0)
		return -1;
	lock_take(&channels->control);
	if (name == NULL && channels_have_named(channels))
		diag_set(diag, ER_SLAVE_MULTIPLE_CHANNELS_CMD);
	else
		status = change_or_make(channels, name ? name : "", settings, place, diag);
	lock_release(&channels->control);
	return status;
}

/* ----------------------------------------------------------------------------------------------------- start, stop */

static int check_mode(const struct channel *channel, struct diag *diag)
{
	enum txn_gtid_mode mode = txn_manager_gtid_mode(channel->owner->server->txn_manager);
	char whose[channel_name_max + 32] = "";
	if (*channel->name)
		snprintf(whose, sizeof whose, " for channel '%s'", channel->name);
	if (channel->settings.auto_position && mode == TXN_GTID_OFF)
		return diag_set(diag, ER_CANT_USE_AUTO_POSITION_WITH_GTID_MODE_OFF, whose);
	if (channel_settings_assign_gtids(&channel->settings) && mode != TXN_GTID_ON)
		return diag_set(diag, ER_CANT_USE_ANONYMOUS_TO_GTID_WITH_GTID_MODE_NOT_ON, whose);
	return 0;
}

static int start_one(struct channel *channel, const struct channel_start *start, struct warnings *warnings,
		     struct diag *diag)
{
	unsigned threads = start->threads ? start->threads : CHANNEL_RECEIVER | CHANNEL_APPLIER;
	if (*channel->settings.host == 0)
		return diag_set(diag, ER_BAD_SLAVE);
	if (check_mode(channel, diag) < 0)
		return -1;
	bool starts_io = (threads & CHANNEL_RECEIVER) && !channel_is_on(channel, CHANNEL_RECEIVER);
	bool starts_sql = (threads & CHANNEL_APPLIER) && !channel_is_on(channel, CHANNEL_APPLIER);
	if (!starts_io && !starts_sql)
		warnings_add(warnings, WARNING_NOTE, ER_SLAVE_CHANNEL_WAS_RUNNING, channel->name);
	if (starts_sql && channel_start_sql(channel, start, diag) < 0)
		return -1;
	return starts_io ? channel_start_io(channel, start, diag) : 0;
}

static int stop_one(struct channel *channel, unsigned threads, struct warnings *warnings)
{
	threads = threads ? threads : CHANNEL_RECEIVER | CHANNEL_APPLIER;
	if (!channel_is_on(channel, threads))
		warnings_add(warnings, WARNING_NOTE, ER_SLAVE_CHANNEL_WAS_NOT_RUNNING, channel->name);
	channel_stop(channel, threads); /* also joins what ended by itself */
	return 0;
}

/* With control: the named one, or -1 (3074, for the default channel 1200). */
static struct channel *require(struct channels *channels, const char *name, struct diag *diag)
{
	struct channel *channel = channel_find(channels, name);
	if (channel == NULL && *name)
		diag_set(diag, ER_SLAVE_CHANNEL_DOES_NOT_EXIST, name);
	else if (channel == NULL)
		diag_set(diag, ER_BAD_SLAVE);
	return channel;
}

static bool has_until(const struct channel_start *start)
{
	return start->source_file || start->relay_file || start->before_gtids || start->after_gtids;
}

static int start_all(struct channels *channels, const struct channel_start *start, struct warnings *warnings,
		     struct diag *diag)
{
	bool starts_sql = start->threads == 0 || (start->threads & CHANNEL_APPLIER);
	int status = 0;
	if (has_until(start) && channels_have_named(channels))
		return diag_set(diag, ER_SLAVE_MULTIPLE_CHANNELS_CMD);
	if (channels->count > 1 && starts_sql && global_number(channels->server, "sql_slave_skip_counter"))
		return diag_set(diag, ER_SLAVE_CHANNEL_SQL_SKIP_COUNTER);
	for (size_t i = 0; i < channels->count && status == 0; i++)
		if (channels->count == 1 || *channels->list[i]->settings.host)
			status = start_one(channels->list[i], start, warnings, diag);
	return status;
}

int channels_start_threads(struct channels *channels, const char *name, const struct channel_start *start,
			   struct warnings *warnings, struct diag *diag)
{
	int status = 0;
	lock_take(&channels->control);
	if (name || channels->count == 0) {
		struct channel *channel = require(channels, name ? name : "", diag);
		status = channel ? start_one(channel, start, warnings, diag) : -1;
	} else {
		status = start_all(channels, start, warnings, diag);
	}
	lock_release(&channels->control);
	return status;
}

int channels_stop_threads(struct channels *channels, const char *name, unsigned threads, struct warnings *warnings,
			  struct diag *diag)
{
	int status = 0;
	lock_take(&channels->control);
	struct channel *channel = name ? channel_find(channels, name) : NULL;
	if (channel)
		status = stop_one(channel, threads, warnings);
	else if (name && *name)
		status = diag_set(diag, ER_SLAVE_CHANNEL_DOES_NOT_EXIST, name);
	else if (name || channels->count == 0)
		warnings_add(warnings, WARNING_NOTE, ER_SLAVE_CHANNEL_WAS_NOT_RUNNING, "");
	else
		for (size_t i = 0; i < channels->count; i++)
			stop_one(channels->list[i], threads, warnings);
	lock_release(&channels->control);
	return status;
}

/* ----------------------------------------------------------------------------------------------------------- reset */

static int reset_one(struct channel *channel, bool all, struct diag *diag)
{
	struct source_position beginning = {.offset = 4};
	channels_get_mariadb_position(channel->owner, &beginning.gtids);
	if (channel_is_on(channel, CHANNEL_RECEIVER | CHANNEL_APPLIER))
		return diag_set(diag, ER_SLAVE_CHANNEL_MUST_STOP, channel->name);
	channel_stop(channel, CHANNEL_RECEIVER | CHANNEL_APPLIER);
	FAULT_STEP("channel.reset");
	if (channel_erase(channel, all, diag) < 0)
		return -1;
	FAULT_STEP("channel.reset_erased");
	channel_remove_info_files(channel);
	receiver_clear_error(channel->receiver);
	applier_clear_error(channel->applier);
	if (!all)
		return channel_begin_at(channel, &beginning, 1, diag);
	relay_log_remove(channel->relay);
	FAULT_STEP("channel.reset_removed");
	channel_remove(&channel);
	return 0;
}

int channels_reset(struct channels *channels, const char *name, bool all, struct diag *diag)
{
	int status = 0;
	lock_take(&channels->control);
	struct channel *channel = name ? channel_find(channels, name) : NULL;
	if (channel)
		status = reset_one(channel, all, diag);
	else if (name && *name)
		status = diag_set(diag, ER_SLAVE_CHANNEL_DOES_NOT_EXIST, name);
	else
		for (size_t i = channels->count; name == NULL && i-- > 0 && status == 0;)
			status = reset_one(channels->list[i], all, diag);
	lock_release(&channels->control);
	return status;
}

/* ------------------------------------------------------------------------------------------------- SET gtid_mode */

/* With the lock. -1 when the channel's settings need the mode that is to be left. */
static int check_channel_mode(const struct channel *channel, enum txn_gtid_mode mode, struct diag *diag)
{
	static const char *const names[] = {"OFF", "OFF_PERMISSIVE", "ON_PERMISSIVE", "ON"};
	char why[384];
	if (channel->settings.auto_position && mode == TXN_GTID_OFF)
		snprintf(why, sizeof why, "replication channel '%s' is configured in AUTO_POSITION mode. Execute CHANGE "
					  "MASTER TO MASTER_AUTO_POSITION = 0 FOR CHANNEL '%s' before you set "
					  "@@GLOBAL.GTID_MODE = OFF", channel->name, channel->name);
	else if (channel_settings_assign_gtids(&channel->settings) && mode != TXN_GTID_ON)
		snprintf(why, sizeof why, "replication channel '%s' is configured with "
					  "ASSIGN_GTIDS_TO_ANONYMOUS_TRANSACTIONS = LOCAL or <UUID>", channel->name);
	else
		return 0;
	return diag_set(diag, ER_CANT_SET_GTID_MODE, names[mode], why);
}

int channels_check_gtid_mode(struct server *server, unsigned mode, struct diag *diag)
{
	struct channels *channels = server->channels;
	int status = 0;
	lock_take(&channels->lock);
	for (size_t i = 0; i < channels->count && status == 0; i++)
		status = check_channel_mode(channels->list[i], (enum txn_gtid_mode)mode, diag);
	lock_release(&channels->lock);
	return status;
}

/* ----------------------------------------------------------------------------------------------------------- flush */

int channels_flush_relay_logs(struct channels *channels, const char *name, struct diag *diag)
{
	int status = 0;
	lock_take(&channels->control);
	struct channel *channel = name ? channel_find(channels, name) : NULL;
	if (channel)
		status = relay_log_rotate(channel->relay, diag);
	else if (name && *name)
		status = diag_set(diag, ER_SLAVE_CHANNEL_DOES_NOT_EXIST, name);
	else
		for (size_t i = 0; name == NULL && i < channels->count && status == 0; i++)
			status = relay_log_rotate(channels->list[i]->relay, diag);
	lock_release(&channels->control);
	return status;
}
