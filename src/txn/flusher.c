/*
 * The store is flushed behind the commits, so that little of the log has to be repeated after a power loss: once a second;
 * earlier when much was logged; and where the disk does not keep up, the leader waits for it. The same thread looks after
 * outages.
 */
#include "base/fault.h"
#include "base/thread.h"
#include "txn/txn_internal.h"

enum {
	flush_interval_us = 1000 * 1000,
	outage_interval_us = 200 * 1000, /* while nobody can write */
	flush_early_size = 16 * 1024 * 1024, /* of log not yet flushed in the store: no more waiting */
	replay_size_max = 64 * 1024 * 1024,  /* of log to be repeated, but for the group that reaches it */
};

static void raise_to(_Atomic uint64_t *value, uint64_t least)
{
	uint64_t now = atomic_load(value);
	while (now < least && !atomic_compare_exchange_weak(value, &now, least))
		;
}

static void tell_outage(struct txn_manager *manager)
{
	bool is_on = txn_outage_is_on(manager);
	if (is_on == manager->outage_is_told)
		return;
	manager->outage_is_told = is_on;
	if (manager->outage_hook)
		manager->outage_hook(manager->outage_hook_argument, is_on);
}

/* This thread is who ends an outage: it must not wait for the end of one. */
static void look_after_store(struct txn_manager *manager)
{
	struct diag diag = DIAG_INIT;
	uint64_t stored = atomic_load(&manager->stored_size);
	if (store_flush(manager->store, &diag) == 0)
		raise_to(&manager->flushed_size, stored);
	else if (!txn_outage_is_on(manager))
		outage_store_failed(&manager->outage, &diag);
	tell_outage(manager);
	outage_tend(&manager->outage);
	tell_outage(manager);
	if (!txn_outage_is_on(manager))
		store_tend(manager->store);
}

/* Until it is time, or it is asked for. */
static void wait_for_work(struct txn_manager *manager)
{
	struct timespec deadline = clock_deadline(txn_outage_is_on(manager) ? outage_interval_us : flush_interval_us);
	while (!manager->flusher_stops && !manager->flush_is_wanted &&
	       condition_wait_until(&manager->flusher_wakes, &manager->flusher_lock, &deadline))
		;
	manager->flush_is_wanted = false;
}

static void *run_flusher(void *argument)
{
	struct txn_manager *manager = argument;
	lock_take(&manager->flusher_lock);
	for (;;) {
		wait_for_work(manager);
		if (manager->flusher_stops)
			break;
		lock_release(&manager->flusher_lock);
		FAULT_STEP("flusher.flush");
		look_after_store(manager);
		lock_take(&manager->flusher_lock);
	}
	lock_release(&manager->flusher_lock);
	return NULL;
}

int txn_flusher_start(struct txn_manager *manager, struct diag *diag)
{
	lock_init(&manager->flusher_lock, "txn.flusher", LOCK_RANK_LEAF);
	condition_init(&manager->flusher_wakes);
	return thread_start(&manager->flusher, "store_flusher", run_flusher, manager, diag);
}

void txn_flusher_stop(struct txn_manager *manager)
{
	lock_take(&manager->flusher_lock);
	manager->flusher_stops = true;
	condition_signal(&manager->flusher_wakes);
	lock_release(&manager->flusher_lock);
	pthread_join(manager->flusher, NULL);
	condition_deinit(&manager->flusher_wakes);
	lock_deinit(&manager->flusher_lock);
}

static void ask_for_flush(struct txn_manager *manager)
{
	lock_take(&manager->flusher_lock);
	manager->flush_is_wanted = true;
	condition_signal(&manager->flusher_wakes);
	lock_release(&manager->flusher_lock);
}

void txn_bound_replay(struct txn_manager *manager, const struct txn *first)
{
	uint64_t size = 0;
	for (const struct txn *txn = first; txn; txn = txn->next)
		size += txn->log.end.offset - txn->log.start.offset;
	uint64_t stored = atomic_fetch_add(&manager->stored_size, size) + size;
	uint64_t behind = stored - atomic_load(&manager->flushed_size);
	if (behind > replay_size_max) {
		txn_flush_store(manager);
		raise_to(&manager->flushed_size, stored);
	} else if (behind > flush_early_size && behind - size <= flush_early_size) {
		ask_for_flush(manager);
	}
}
