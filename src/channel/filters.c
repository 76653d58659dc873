/* CHANGE REPLICATION FILTER. */
#include "channel/channel_internal.h"

static void replace(struct channels *channels, struct filter *to, const struct filter *rules, unsigned replaced)
{
	lock_take(&channels->lock);
	for (unsigned rule = 0; rule < FILTER_RULES; rule++)
		if (replaced >> rule & 1)
			filter_copy_rule(rules, rule, to);
	lock_release(&channels->lock);
}

static int change_all(struct channels *channels, const struct filter *rules, unsigned replaced, struct diag *diag)
{
	for (size_t i = 0; i < channels->count; i++)
		if (channel_is_on(channels->list[i], CHANNEL_APPLIER))
			return diag_set(diag, ER_SLAVE_SQL_THREAD_MUST_STOP);
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
	if (channel && channel_is_on(channel, CHANNEL_APPLIER))
		return diag_set(diag, ER_SLAVE_CHANNEL_SQL_THREAD_MUST_STOP, name);
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
