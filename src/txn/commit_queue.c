/*
 * The queue before the log: who leads, who follows, and the gate in front.
 *
 *   owner:     gate -> queue -> nobody leads? lead : sleep -> (woken: done | lead)
 *   leader:    take the whole queue -> log it (hook: logged) -> take a number -> wait until all before are stored
 *              -> hand over -> store it -> call the next number -> (hook: stored) -> wake the group
 *      or, when replicas are to confirm it:
 *              ... take a number -> hand over -> (hook: confirm) -> wait until all before are stored -> store it ...
 *   hand over: somebody wants the log for himself? let go : wake the queue's first as leader : let go
 *
 * Two stages, log and store, each with one group at a time: a group is stored while the next one is being logged and
 * flushed. The right to the log is a token (leading), not a held mutex; the right to the store is the number that is
 * called. Numbers are taken with the right to the log in hand: so groups keep their order.
 *
 * A group that waits for nobody hands the log over only with the right to the store in hand: the queue fills while there is
 * nothing to win by a next small group. One that replicas confirm, far away perhaps, does not keep others from being logged
 * and sent meanwhile: up to groups_under_way_max of them wait at once, and enter the store in order all the same.
 *
 * With its place in the queue a transaction has its place in the log: whoever waits for one of its row locks, and tells
 * nobody what he reads before his own commit, may go on. He stands on it (store.h), joins the queue behind it, and fails
 * if it does. So many updates of one row share a flush.
 *
 * The gate keeps commits of changes out while it is blocked. Those behind it finish; block waits for them.
 */
#include <assert.h>
#include <sched.h>

#include "base/fault.h"
#include "base/log.h"
#include "txn/txn_internal.h"

enum {
	gate_slice_us = 50 * 1000, /* how soon an interrupt is heard */
	company_enough = 8,        /* owners in a group */
};

static bool is_interrupted(const struct txn *txn)
{
	return txn->interrupt && atomic_load(txn->interrupt);
}

/* With the queue's lock. */
static int pass_gate(struct txn *txn, struct diag *diag)
{
	struct txn_manager *manager = txn->manager;
	while (manager->blocked) {
		if (is_interrupted(txn))
			return diag_set(diag, ER_QUERY_INTERRUPTED);
		struct timespec slice = clock_deadline(gate_slice_us);
		condition_wait_until(&manager->gate, &manager->queue_lock, &slice);
	}
	return 0;
}

/* Nobody in either stage, nor between them. With the queue's lock. */
static bool is_idle(const struct txn_manager *manager)
{
	return !manager->leading && manager->numbers_taken == manager->number_called;
}

/* The right to the log goes to the next, with the queue's lock. */
static void hand_over(struct txn_manager *manager)
{
	assert(manager->leading);
	if (manager->queue_first && manager->log_wanted == 0) {
		waiter_wake(&manager->queue_first->waiter, TXN_LEADS);
	} else {
		manager->leading = false;
		condition_broadcast(&manager->idle);
	}
}

/* The batch's first is its owner's ear; when that is woken, the owner may use all of the batch again. */
static void wake_owners(struct txn *first, const struct txn *leader)
{
	for (struct txn *txn = first, *next; txn; txn = next) {
		next = txn->batch_last->next;
		if (txn != leader)
			waiter_wake(&txn->waiter, TXN_DONE);
	}
}

/*
 * Where the last group had a little company, this one may expect it too: who is about to commit and lacks nothing but a
 * processor goes first. A flush, a write to the store and a leader less are worth more than the turn. Where there is much
 * company, waiting for the rest of it would leave nobody to go on while the group is flushed and stored.
 */
static void wait_for_company(const struct txn_manager *manager)
{
	if (manager->last_owners > 1 && manager->last_owners < company_enough)
		sched_yield();
}

static unsigned count_owners(const struct txn *first)
{
	unsigned count = 0;
	for (; first; first = first->batch_last->next)
		count++;
	return count;
}

static struct txn *take_queue(struct txn_manager *manager)
{
	lock_take(&manager->queue_lock);
	struct txn *first = manager->queue_first;
	manager->queue_first = manager->queue_last = NULL;
	lock_release(&manager->queue_lock);
	manager->last_owners = count_owners(first);
	return first;
}

static struct waiter *turn_of(struct txn_manager *manager, uint64_t number)
{
	return &manager->turns[number % groups_under_way_max];
}

/* With the queue's lock. The number's owner may enter the store; it need not wait for it yet. */
static void call(struct txn_manager *manager, uint64_t number)
{
	if (number < manager->numbers_taken)
		waiter_wake(turn_of(manager, number), TXN_STORES);
}

/* With the right to the log. Who is here waits for room only behind groups that replicas confirm. */
static uint64_t take_number(struct txn_manager *manager)
{
	lock_take(&manager->queue_lock);
	while (manager->numbers_taken - manager->number_called == groups_under_way_max)
		condition_wait(&manager->room, &manager->queue_lock);
	uint64_t number = manager->numbers_taken++;
	waiter_reset(turn_of(manager, number));
	if (number == manager->number_called)
		call(manager, number);
	lock_release(&manager->queue_lock);
	return number;
}

static void leave_log(struct txn_manager *manager)
{
	lock_take(&manager->queue_lock);
	hand_over(manager);
	lock_release(&manager->queue_lock);
}

static void leave_store(struct txn_manager *manager)
{
	lock_take(&manager->queue_lock);
	call(manager, ++manager->number_called);
	condition_broadcast(&manager->settled);
	condition_signal(&manager->room); /* one at most has the right to the log */
	if (is_idle(manager))
		condition_broadcast(&manager->idle);
	lock_release(&manager->queue_lock);
}

/* From the log's stage to the store's. -1: it is stored in its turn all the same, and its owners hear of the error. */
static int enter_store(struct txn_manager *manager, const struct txn *first, bool logged, struct diag *diag)
{
	bool waits = logged && txn_tell_logged(manager, first);
	uint64_t number = take_number(manager);
	int told = 0;
	if (waits)
		leave_log(manager);
	if (logged)
		told = txn_tell_hook(manager, manager->hooks.confirm, first, diag);
	waiter_wait(turn_of(manager, number));
	if (!waits)
		leave_log(manager);
	FAULT_STEP("commit.acknowledged");
	return told;
}

static void lead(struct txn *leader)
{
	struct txn_manager *manager = leader->manager;
	struct diag diag = DIAG_INIT;
	FAULT_STEP("commit.lead");
	wait_for_company(manager);
	struct txn *first = take_queue(manager);
	bool logged = txn_log_group(manager, first);
	int told = enter_store(manager, first, logged, &diag);
	if (logged)
		txn_store_group(manager, first);
	leave_store(manager);
	if (logged && told == 0)
		told = txn_tell_hook(manager, manager->hooks.stored, first, &diag);
	if (told < 0)
		txn_leave_unconfirmed(first, &diag);
	FAULT_STEP("commit.tell");
	wake_owners(first, leader);
}

/* With the queue's lock: what is behind it in the queue is behind it in the log. Batches are offered by their owner. */
static void offer_to_waiters(struct txn *txn)
{
	bool is_complete = txn->batch_last == txn && txn->store && !txn->origin.foreign;
	if (!is_complete || !store_txn_is_wanted(txn->store))
		return;
	store_txn_stamp(txn->store, txn->version_us, txn_origin_server_id(txn));
	store_txn_offer_to_waiters(txn->store, ++txn->manager->offered);
}

/* With the queue's lock. True: the caller leads. */
static bool join_queue(struct txn *first)
{
	struct txn_manager *manager = first->manager;
	int64_t committed = atomic_load(&manager->committed_sequence);
	first->batch_last->next = NULL;
	waiter_reset(&first->waiter);
	for (struct txn *txn = first; txn; txn = txn->next) {
		txn->log.commit_parent = committed;
		txn_set_times(txn);
	}
	if (manager->queue_last)
		manager->queue_last->next = first;
	else
		manager->queue_first = first;
	manager->queue_last = first->batch_last;
	if (manager->leading || manager->log_wanted)
		return false;
	manager->leading = true;
	return true;
}

int txn_commit_in_queue(struct txn *first, struct diag *diag)
{
	struct txn_manager *manager = first->manager;
	lock_take(&manager->queue_lock);
	if (pass_gate(first, diag) < 0) {
		lock_release(&manager->queue_lock);
		return -1;
	}
	bool leads = join_queue(first);
	offer_to_waiters(first);
	lock_release(&manager->queue_lock);
	if (leads || waiter_wait(&first->waiter) == TXN_LEADS)
		lead(first);
	if (first->commit_status < 0)
		*diag = first->commit_diag;
	return first->commit_status;
}

int txn_await_bases(struct txn *txn, struct diag *diag)
{
	struct txn_manager *manager = txn->manager;
	enum store_bases bases = txn->store ? store_txn_ask_bases(txn->store) : STORE_BASES_COMMITTED;
	if (bases == STORE_BASES_COMMITTED)
		return 0;
	FAULT_STEP("commit.bases_awaited");
	lock_take(&manager->queue_lock);
	while ((bases = store_txn_ask_bases(txn->store)) == STORE_BASES_UNDER_WAY && !is_interrupted(txn)) {
		struct timespec slice = clock_deadline(gate_slice_us);
		condition_wait_until(&manager->settled, &manager->queue_lock, &slice);
	}
	lock_release(&manager->queue_lock);
	if (bases == STORE_BASES_FAILED)
		return diag_set(diag, ER_LOCK_DEADLOCK);
	return bases == STORE_BASES_UNDER_WAY ? diag_set(diag, ER_QUERY_INTERRUPTED) : 0;
}

int txn_enter_unlogged(struct txn *txn, struct diag *diag)
{
	struct txn_manager *manager = txn->manager;
	lock_take(&manager->queue_lock);
	int status = pass_gate(txn, diag);
	if (status == 0)
		manager->unlogged_running++;
	lock_release(&manager->queue_lock);
	return status;
}

void txn_leave_unlogged(struct txn *txn)
{
	struct txn_manager *manager = txn->manager;
	lock_take(&manager->queue_lock);
	if (--manager->unlogged_running == 0 && manager->blocked)
		condition_broadcast(&manager->idle);
	lock_release(&manager->queue_lock);
}

void txn_manager_block_commits(struct txn_manager *manager)
{
	lock_take(&manager->queue_lock);
	manager->blocked++;
	while (!is_idle(manager) || manager->queue_first || manager->unlogged_running)
		condition_wait(&manager->idle, &manager->queue_lock);
	lock_release(&manager->queue_lock);
}

void txn_manager_unblock_commits(struct txn_manager *manager)
{
	lock_take(&manager->queue_lock);
	assert(manager->blocked > 0);
	if (--manager->blocked == 0)
		condition_broadcast(&manager->gate);
	lock_release(&manager->queue_lock);
}

void txn_manager_take_log(struct txn_manager *manager)
{
	lock_take(&manager->queue_lock);
	manager->log_wanted++;
	while (!is_idle(manager))
		condition_wait(&manager->idle, &manager->queue_lock);
	manager->log_wanted--;
	manager->leading = true;
	lock_release(&manager->queue_lock);
}

void txn_manager_release_log(struct txn_manager *manager)
{
	lock_take(&manager->queue_lock);
	hand_over(manager);
	lock_release(&manager->queue_lock);
}
