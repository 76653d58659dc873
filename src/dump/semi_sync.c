#include "dump/semi_sync.h"

#include "base/log.h"
#include "base/memory.h"

enum { warning_interval_us = 60 * 1000 * 1000 }; /* how often a commit that waits without end says so */

struct semi_sync {
	struct binlog *binlog; /* immutable, borrowed */

	struct lock lock;
	/* guarded by lock */
	struct semi_sync_settings settings;
	bool is_on;
	bool stopped;
	struct semi_sync_replica *replicas;
	struct binlog_position log_end;	   /* of the last group that was logged */
	struct binlog_position settled;	   /* enough replicas have all before it */
	struct binlog_position waited_max; /* the furthest place anybody waited for */
	struct semi_sync_stats stats;
	struct condition changed; /* settled, the settings or the replicas did */
};

struct semi_sync *semi_sync_create(struct binlog *binlog)
{
	struct semi_sync *semi = memory_zalloc(sizeof *semi);
	semi->binlog = binlog;
	lock_init(&semi->lock, "dump.semi_sync", LOCK_RANK_LEAF);
	condition_init(&semi->changed);
	return semi;
}

void semi_sync_destroy(struct semi_sync **semi_place)
{
	struct semi_sync *semi = *semi_place;
	if (semi == NULL)
		return;
	condition_deinit(&semi->changed);
	lock_deinit(&semi->lock);
	memory_free(semi);
	*semi_place = NULL;
}

/* --------------------------------------------------------------------------------------------------- on and off */

struct place {
	char file[log_file_name_max + 1];
	unsigned long long offset;
};

static struct place place_of(const struct semi_sync *semi, struct binlog_position position)
{
	struct place place = {.file = "", .offset = position.offset};
	if (position.file && semi->binlog)
		binlog_file_name(semi->binlog, position.file, place.file);
	return place;
}

static void switch_on(struct semi_sync *semi)
{
	struct place place = place_of(semi, semi->settled);
	semi->is_on = true;
	log_note("dump", "Semi-sync replication switched ON at (%s, %llu)", place.file, place.offset);
}

static void switch_off(struct semi_sync *semi)
{
	semi->is_on = false;
	semi->stats.switched_off++;
	for (struct semi_sync_replica *replica = semi->replicas; replica; replica = replica->next) {
		replica->target = (struct binlog_position){0};
		replica->has_caught_up = false;
	}
	log_note("dump", "Semi-sync replication switched OFF.");
	condition_broadcast(&semi->changed);
}

static unsigned wanted_count(const struct semi_sync *semi)
{
	return semi->settings.replica_count ? semi->settings.replica_count : 1;
}

void semi_sync_configure(struct semi_sync *semi, const struct semi_sync_settings *settings)
{
	lock_take(&semi->lock);
	bool was_enabled = semi->settings.is_enabled;
	semi->settings = *settings;
	if (settings->is_enabled != was_enabled)
		log_note("dump", "Semi-sync replication %s on the source.", was_enabled ? "disabled" : "enabled");
	semi->is_on = settings->is_enabled && (semi->is_on || !was_enabled || !settings->falls_back);
	condition_broadcast(&semi->changed);
	lock_release(&semi->lock);
	if (semi->binlog)
		binlog_wake(semi->binlog); /* dumps at the log's end may have somebody to ask */
}

void semi_sync_stop(struct semi_sync *semi)
{
	lock_take(&semi->lock);
	semi->stopped = true;
	condition_broadcast(&semi->changed);
	lock_release(&semi->lock);
}

/* ------------------------------------------------------------------------------------------------- acknowledging */

void semi_sync_join(struct semi_sync *semi, struct semi_sync_replica *replica)
{
	*replica = (struct semi_sync_replica){0};
	lock_take(&semi->lock);
	replica->next = semi->replicas;
	semi->replicas = replica;
	semi->stats.clients++;
	condition_broadcast(&semi->changed);
	lock_release(&semi->lock);
}

void semi_sync_leave(struct semi_sync *semi, struct semi_sync_replica *replica)
{
	lock_take(&semi->lock);
	struct semi_sync_replica **link = &semi->replicas;
	while (*link != replica)
		link = &(*link)->next;
	*link = replica->next;
	semi->stats.clients--;
	condition_broadcast(&semi->changed);
	lock_release(&semi->lock);
}

bool semi_sync_is_enabled(struct semi_sync *semi)
{
	lock_take(&semi->lock);
	bool is_enabled = semi->settings.is_enabled;
	lock_release(&semi->lock);
	return is_enabled;
}

bool semi_sync_ask(struct semi_sync *semi, struct semi_sync_replica *replica, struct binlog_position position)
{
	lock_take(&semi->lock);
	bool asks = semi->settings.is_enabled;
	if (asks) {
		replica->asked = position;
		semi->stats.asked++;
		if (!semi->is_on && replica->target.file == 0 &&
		    binlog_position_compare(position, semi->log_end) >= 0)
			replica->target = position;
	}
	lock_release(&semi->lock);
	return asks;
}

/* How many replicas have all before that place. */
static unsigned count_behind(const struct semi_sync *semi, struct binlog_position position)
{
	unsigned count = 0;
	for (const struct semi_sync_replica *replica = semi->replicas; replica; replica = replica->next)
		count += binlog_position_compare(replica->acknowledged, position) >= 0;
	return count;
}

static void settle(struct semi_sync *semi)
{
	for (const struct semi_sync_replica *replica = semi->replicas; replica; replica = replica->next)
		if (binlog_position_compare(replica->acknowledged, semi->settled) > 0 &&
		    count_behind(semi, replica->acknowledged) >= wanted_count(semi))
			semi->settled = replica->acknowledged;
	condition_broadcast(&semi->changed);
}

static void consider_switching_on(struct semi_sync *semi)
{
	unsigned caught_up = 0;
	for (const struct semi_sync_replica *replica = semi->replicas; replica; replica = replica->next)
		caught_up += replica->has_caught_up;
	if (!semi->is_on && semi->settings.is_enabled && caught_up >= wanted_count(semi))
		switch_on(semi);
}

void semi_sync_acknowledge(struct semi_sync *semi, struct semi_sync_replica *replica, struct binlog_position position)
{
	lock_take(&semi->lock);
	semi->stats.answers++;
	if (binlog_position_compare(position, replica->asked) > 0)
		position = replica->asked;
	if (binlog_position_compare(position, replica->acknowledged) > 0) {
		replica->acknowledged = position;
		settle(semi);
	}
	if (replica->target.file && binlog_position_compare(position, replica->target) >= 0)
		replica->has_caught_up = true;
	consider_switching_on(semi);
	lock_release(&semi->lock);
}

/* ------------------------------------------------------------------------------------------------------- waiting */

enum verdict { VERDICT_WAIT, VERDICT_ACKNOWLEDGED, VERDICT_GIVEN_UP, VERDICT_STOPPED };

static enum verdict judge(struct semi_sync *semi, struct binlog_position position)
{
	const struct semi_sync_settings *settings = &semi->settings;
	if (binlog_position_compare(semi->settled, position) >= 0)
		return VERDICT_ACKNOWLEDGED;
	if (semi->is_on && settings->falls_back && !settings->waits_without_replicas &&
	    semi->stats.clients < wanted_count(semi))
		switch_off(semi);
	if (!semi->is_on)
		return VERDICT_GIVEN_UP;
	return semi->stopped ? VERDICT_STOPPED : VERDICT_WAIT;
}

static void give_up(struct semi_sync *semi, struct binlog_position position)
{
	struct place wanted = place_of(semi, position), settled = place_of(semi, semi->settled);
	log_warning("dump",
		    "Timeout waiting for reply of binlog (file: %s, pos: %llu), semi-sync up to file %s, "
		    "position %llu.",
		    wanted.file, wanted.offset, settled.file, settled.offset);
	switch_off(semi);
}

static void complain(struct semi_sync *semi, struct binlog_position position, int64_t since_us)
{
	struct place wanted = place_of(semi, position);
	log_warning("dump",
		    "Transactions up to (%s, %llu) have waited for %lld s for %u replica(s) to acknowledge them; "
		    "%u connected. gemel_semi_sync_fallback is 'never': they go on waiting",
		    wanted.file, wanted.offset, (long long)(clock_monotonic_us() - since_us) / 1000000,
		    wanted_count(semi), semi->stats.clients);
}

static enum verdict wait_for_replicas(struct semi_sync *semi, struct binlog_position position)
{
	int64_t since_us = clock_monotonic_us(), complained_us = 0;
	enum verdict verdict;
	while ((verdict = judge(semi, position)) == VERDICT_WAIT) {
		bool may_give_up = semi->settings.falls_back;
		int64_t until_us = complained_us && !may_give_up ? complained_us + warning_interval_us
								 : since_us + semi->settings.timeout_ms * 1000;
		struct timespec deadline = clock_deadline(until_us - clock_monotonic_us());
		if (condition_wait_until(&semi->changed, &semi->lock, &deadline) ||
		    judge(semi, position) != VERDICT_WAIT || may_give_up != semi->settings.falls_back)
			continue;
		if (may_give_up) {
			give_up(semi, position);
		} else {
			complain(semi, position, since_us);
			complained_us = clock_monotonic_us();
		}
	}
	if (verdict == VERDICT_ACKNOWLEDGED) {
		semi->stats.waits++;
		semi->stats.waited_us += (uint64_t)(clock_monotonic_us() - since_us);
	}
	return verdict;
}

static void note_wait(struct semi_sync *semi, struct binlog_position position)
{
	if (binlog_position_compare(position, semi->waited_max) < 0)
		semi->stats.waits_backwards++;
	else
		semi->waited_max = position;
}

/* With the lock. */
static int wait_for_group(struct semi_sync *semi, struct binlog_position position, unsigned transactions,
			  struct diag *diag)
{
	enum verdict verdict = judge(semi, position);
	if (verdict == VERDICT_WAIT) {
		note_wait(semi, position);
		semi->stats.waiting += transactions;
		verdict = wait_for_replicas(semi, position);
		semi->stats.waiting -= transactions;
	}
	*(verdict == VERDICT_ACKNOWLEDGED ? &semi->stats.acknowledged : &semi->stats.unacknowledged) += transactions;
	return verdict == VERDICT_STOPPED ? diag_set(diag, ER_SERVER_SHUTDOWN) : 0;
}

/* RESET MASTER: the log begins anew, and what replicas have said was of another one. */
static void forget_positions(struct semi_sync *semi)
{
	semi->settled = semi->waited_max = (struct binlog_position){0};
	for (struct semi_sync_replica *replica = semi->replicas; replica; replica = replica->next)
		replica->asked = replica->acknowledged = replica->target = (struct binlog_position){0};
}

static bool group_logged(void *argument, struct binlog_position end)
{
	struct semi_sync *semi = argument;
	lock_take(&semi->lock);
	if (binlog_position_compare(end, semi->log_end) < 0)
		forget_positions(semi);
	semi->log_end = end;
	bool waits = semi->is_on && semi->settings.is_enabled && semi->settings.point == SEMI_SYNC_AFTER_SYNC;
	lock_release(&semi->lock);
	return waits;
}

static int confirm_group(void *argument, struct binlog_position end, unsigned transactions, struct diag *diag)
{
	struct semi_sync *semi = argument;
	int status = 0;
	lock_take(&semi->lock);
	if (semi->settings.is_enabled && semi->settings.point == SEMI_SYNC_AFTER_SYNC)
		status = wait_for_group(semi, end, transactions, diag);
	lock_release(&semi->lock);
	return status;
}

static int group_stored(void *argument, struct binlog_position end, unsigned transactions, struct diag *diag)
{
	struct semi_sync *semi = argument;
	int status = 0;
	lock_take(&semi->lock);
	if (semi->settings.is_enabled && semi->settings.point == SEMI_SYNC_AFTER_COMMIT)
		status = wait_for_group(semi, end, transactions, diag);
	lock_release(&semi->lock);
	return status;
}

struct txn_group_hooks semi_sync_hooks(struct semi_sync *semi)
{
	return (struct txn_group_hooks){semi, group_logged, confirm_group, group_stored};
}

void semi_sync_get_stats(struct semi_sync *semi, struct semi_sync_stats *out)
{
	lock_take(&semi->lock);
	*out = semi->stats;
	out->is_on = semi->is_on;
	lock_release(&semi->lock);
}
