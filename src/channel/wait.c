/*
 * SOURCE_POS_WAIT() and its like: until a channel has applied its source's log up to a place, or GTIDs.
 *
 * It looks every few milliseconds, by the channel's name: a channel may be reset or gone at any time, and whoever waits
 * must not hold it.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "channel/channel_internal.h"
#include "session/source_wait.h"

enum { look_each_us = 2000 };
enum place_seen { PLACE_AHEAD, PLACE_REACHED, PLACE_UNREACHABLE };

struct place {
	struct source_position position;
	const struct gtid_set *gtids; /* or NULL */
};

static bool is_reached(struct channels *channels, const struct place *wanted, const struct applier_status *status)
{
	if (wanted->gtids == NULL)
		return source_position_compare(&status->position, &wanted->position) >= 0;
	struct gtid_set executed;
	gtid_set_init(&executed);
	txn_manager_get_executed(channels->server->txn_manager, &executed);
	bool has_all = gtid_set_is_subset(wanted->gtids, &executed);
	gtid_set_deinit(&executed);
	return has_all;
}

static enum place_seen look(struct channels *channels, const char *name, const struct place *wanted,
			    uint64_t *out_offset)
{
	struct applier_status status = {0};
	lock_take(&channels->lock);
	struct channel *channel = channel_find(channels, name);
	bool is_on = channel && channel->sql.state == CHANNEL_ON;
	if (channel)
		applier_get_status(channel->applier, &status);
	lock_release(&channels->lock);
	*out_offset = status.position.offset;
	if (!is_on)
		return PLACE_UNREACHABLE;
	return is_reached(channels, wanted, &status) ? PLACE_REACHED : PLACE_AHEAD;
}

/* -1 only when the session was killed. */
static int wait_for(struct session *session, const char *name, const struct place *wanted, int64_t deadline_us,
		    int64_t *out, struct diag *diag)
{
	struct channels *channels = session->server->channels;
	uint64_t offset, before = 0;
	int64_t moves = 0;
	enum place_seen seen;
	while ((seen = look(channels, name, wanted, &offset)) == PLACE_AHEAD) {
		struct timespec pause = {.tv_nsec = look_each_us * 1000};
		moves += offset != before;
		before = offset;
		if (session_check_killed(session, diag) != 0)
			return -1;
		if (deadline_us && clock_monotonic_us() >= deadline_us) {
			*out = SOURCE_WAIT_TIMEOUT;
			return 0;
		}
		nanosleep(&pause, NULL);
	}
	*out = seen == PLACE_REACHED ? moves : SOURCE_WAIT_NULL;
	return 0;
}

/* Nobody has to run: whoever waits may start them in another session. */
static int wait_for_mariadb(struct session *session, struct bytes text, int64_t deadline_us, int64_t *out,
			    struct diag *diag)
{
	struct mariadb_position wanted, position;
	if (mariadb_position_parse(text, &wanted, diag) < 0)
		return -1;
	for (;;) {
		struct timespec pause = {.tv_nsec = look_each_us * 1000};
		channels_get_mariadb_position(session->server->channels, &position);
		if (mariadb_position_reaches(&position, &wanted)) {
			*out = 0;
			return 0;
		}
		if (session_check_killed(session, diag) != 0)
			return -1;
		if (deadline_us && clock_monotonic_us() >= deadline_us) {
			*out = SOURCE_WAIT_TIMEOUT;
			return 0;
		}
		nanosleep(&pause, NULL);
	}
}

static int64_t deadline_of(const struct source_wait *wait)
{
	return wait->timeout_seconds > 0 ? clock_monotonic_us() + (int64_t)(wait->timeout_seconds * 1000000) : 0;
}

static int wait_for_channel(struct session *session, const struct source_wait *wait, int64_t *out, struct diag *diag)
{
	char name[channel_name_max + 1];
	struct place wanted = {.gtids = wait->gtids};
	if (wait->channel.data == NULL && channels_must_be_named(session->server->channels))
		return diag_set(diag, ER_SLAVE_MULTIPLE_CHANNELS_CMD);
	snprintf(name, sizeof name, "%.*s", (int)wait->channel.size, (const char *)wait->channel.data);
	if (wait->gtids == NULL)
		source_position_set(&wanted.position, wait->file, wait->position);
	return wait_for(session, name, &wanted, deadline_of(wait), out, diag);
}

int channels_wait(struct session *session, const struct source_wait *wait, int64_t *out, struct diag *diag)
{
	session_set_state(session, "Waiting for the slave SQL thread to advance position");
	int status = wait->mariadb_gtids.data
			     ? wait_for_mariadb(session, wait->mariadb_gtids, deadline_of(wait), out, diag)
			     : wait_for_channel(session, wait, out, diag);
	session_set_state(session, "executing");
	return status;
}
