/* Which databases and tables a channel applies: CHANGE REPLICATION FILTER, and MariaDB's variables for the same. */
#include "channel/channel_internal.h"
#include "session/replication_hooks.h"
#include "session/variables.h"

/* Readers look under the list's lock; an applier reads its channel's rules while it runs, and nobody changes them then. */
static void replace(struct channels *channels, struct filter *to, const struct filter *rules, unsigned replaced)
{
	lock_take(&channels->lock);
	for (unsigned rule = 0; rule < FILTER_RULES; rule++)
		if (replaced >> rule & 1)
			filter_copy_rule(rules, rule, to);
	lock_release(&channels->lock);
}

static int check_is_off(struct channel *channel, struct diag *diag)
{
	if (channel_is_on(channel, CHANNEL_APPLIER))
		return diag_set(diag, ER_SLAVE_CHANNEL_SQL_THREAD_MUST_STOP, channel->name);
	return 0;
}

static int change_all(struct channels *channels, const struct filter *rules, unsigned replaced, struct diag *diag)
{
	for (size_t i = 0; i < channels->count; i++)
		if (check_is_off(channels->list[i], diag) < 0)
			return -1;
	for (size_t i = 0; i < channels->count; i++)
		replace(channels, channels->list[i]->filter, rules, replaced);
	replace(channels, filter_set_all(channels->filters), rules, replaced);
	return 0;
}

/* The default channel is there for MySQL before it has a source: its rules wait for it. */
static int change_one(struct channels *channels, const char *name, const struct filter *rules, unsigned replaced,
		      struct diag *diag)
{
	struct channel *channel = channel_find(channels, name);
	if (channel == NULL && *name)
		return diag_set(diag, ER_SLAVE_CHANNEL_DOES_NOT_EXIST, name);
	if (channel && check_is_off(channel, diag) < 0)
		return -1;
	replace(channels, channel ? channel->filter : filter_set_channel(channels->filters, bytes_of_string(name)), rules,
		replaced);
	return 0;
}

int channels_change_filter(struct channels *channels, const char *name, const struct filter *rules, unsigned replaced,
			   struct diag *diag)
{
	lock_take(&channels->control);
	int status = name ? change_one(channels, name, rules, replaced, diag)
			  : change_all(channels, rules, replaced, diag);
	lock_release(&channels->control);
	return status;
}

/* ------------------------------------------------------------------------------------------------------- variables */

static int set_rule(struct server *server, const char *variable, const char *list, struct diag *diag)
{
	struct filter *rules = filter_create();
	enum filter_rule rule;
	int status = -1;
	if (filter_find_rule(variable, &rule) && rule_text_set_list(rules, rule, list, diag) == 0)
		status = channels_change_filter(server->channels, NULL, rules, 1u << rule, diag);
	filter_destroy(&rules);
	return status;
}

static const char *print_rule(struct server *server, const char *variable, struct arena *arena)
{
	struct channels *channels = server->channels;
	struct buf text = {0};
	enum filter_rule rule;
	lock_take(&channels->lock);
	if (filter_find_rule(variable, &rule))
		rule_text_print_list(filter_set_all(channels->filters), rule, &text);
	lock_release(&channels->lock);
	const char *copy = arena_copy_string(arena, buf_cstring(&text));
	buf_deinit(&text);
	return copy;
}

/*
 * MySQL refuses the counter under GTIDs, for the replica would ask for what it left out again. Here a skipped transaction
 * counts as executed, so it does no harm; whoever follows by GTID alone is told MySQL's way all the same.
 */
static int check_skip_counter(struct server *server, struct diag *diag)
{
	struct channels *channels = server->channels;
	bool all_by_gtid = true;
	int status = 0;
	lock_take(&channels->control);
	for (size_t i = 0; i < channels->count && status == 0; i++) {
		all_by_gtid &= channels->list[i]->settings.auto_position;
		if (channel_is_on(channels->list[i], CHANNEL_APPLIER))
			status = diag_set(diag, ER_SLAVE_CHANNEL_MUST_STOP, channels->list[i]->name);
	}
	if (status == 0 && channels->count && all_by_gtid &&
	    txn_manager_gtid_mode(server->txn_manager) == TXN_GTID_ON)
		status = diag_set(diag, ER_SQL_SLAVE_SKIP_COUNTER_NOT_SETTABLE_IN_GTID_MODE);
	lock_release(&channels->control);
	return status;
}

const struct replication_hooks channel_replication_hooks = {set_rule, print_rule, check_skip_counter};
