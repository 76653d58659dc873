/*
 * What the leader does with a group: log, flush, publish, then store.
 *
 * Fault points, in order: commit.before_log, commit.after_log_write, commit.after_log_flush, commit.after_publish, then
 * for each write of the store commit.before_store and commit.after_store. commit.log_flush and commit.store fail the step
 * itself, and with it the process. A crash
 *   before the log is written    none of the group happened
 *   before it is flushed         whole transactions of it may have: recovery finds what the file holds
 *   afterwards                   all of the group happened: recovery replays from the store's position
 *
 * last_committed. Every transaction in the queue holds all its locks, so it meets none of those whose locks are
 * held at the same time: the rest of its group, and those of earlier groups whose store commit has not begun
 * when it joins (txn_manager.committed_sequence). A statement's reach is not known from locks: it waits for all
 * before it, and all after it wait for it. In a batch that shares a store transaction locks tell nothing either: its
 * owner knows which of it meet one another (txn_continue).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/log.h"
#include "txn/log_tail.h"
#include "txn/txn_internal.h"

/* Of a group, what the store is given in one write. */
enum { store_run_max = 256, store_run_size_max = 4 * 1024 * 1024 };

static void stop_process(const char *what, const struct diag *diag)
{
	log_diag(LOG_ERROR, "txn", diag);
	log_error("txn", "%s. The server stops; the next start repeats the log", what);
	abort();
}

/* What a fault point that is asked to fail says. */
static int fail_write(struct diag *diag)
{
	return diag_set(diag, ER_ERROR_ON_WRITE, "binary log", EIO, strerror(EIO));
}

/* Law 8: a client's rows get this commit's time; applied ones keep the time they came with. */
void txn_set_times(struct txn *txn)
{
	struct hlc *clock = txn->manager->clock;
	struct binlog_transaction *log = &txn->log;
	int64_t original_us = txn->origin.foreign ? txn->origin.original_commit_us : txn->original_commit_us;
	if (original_us)
		hlc_observe(clock, original_us);
	int64_t now_us = hlc_next(clock);
	txn->version_us = original_us ? original_us : now_us;
	log->immediate_commit_us = (uint64_t)now_us;
	log->original_commit_us = (uint64_t)txn->version_us;
}

uint32_t txn_origin_server_id(const struct txn *txn)
{
	return txn->origin.server_id ? txn->origin.server_id : atomic_load(&txn->manager->server_id);
}

void txn_stamp_unlogged(struct txn *txn)
{
	txn_set_times(txn);
	if (txn->store)
		store_txn_stamp(txn->store, txn->version_us, txn_origin_server_id(txn));
}

/* What is in the log is text, to be repeated after a crash and by replicas. */
static bool holds_text(const struct txn *txn)
{
	return txn->is_statement || txn->holds_text;
}

static void set_parent(struct txn_manager *manager, struct txn *txn)
{
	int64_t sequence = binlog_next_sequence(manager->binlog);
	if (holds_text(txn)) {
		txn->log.commit_parent = sequence - 1;
		manager->barrier = sequence;
	} else if (txn->is_dependent) {
		txn->log.commit_parent = sequence - 1;
	} else if (txn->log.commit_parent < manager->barrier) {
		txn->log.commit_parent = manager->barrier;
	}
}

/* Here and not when the commit began: gtid_mode changes between two groups. */
static void settle_gtid(struct txn_manager *manager, struct txn *txn)
{
	enum txn_gtid_mode mode = txn_manager_gtid_mode(manager);
	bool wants_none = mode <= TXN_GTID_OFF_PERMISSIVE || (txn->origin.anonymous && mode != TXN_GTID_ON);
	txn->log.is_anonymous = wants_none && !txn->origin.has_gtid;
}

static int add_all(struct txn_manager *manager, struct txn *first, struct diag *diag)
{
	bool may_be_lost = atomic_load(&manager->sync_binlog) != 1;
	for (struct txn *txn = first; txn; txn = txn->next) {
		settle_gtid(manager, txn);
		set_parent(manager, txn);
		if (binlog_group_add(manager->binlog, &txn->log, diag) < 0)
			return -1;
		if (may_be_lost && !txn->log.is_anonymous && log_tail_reserve(manager, &txn->log.gtid, diag) < 0)
			return -1;
	}
	return 0;
}

static int write_all(struct txn_manager *manager, struct txn *first, struct diag *diag)
{
	if (add_all(manager, first, diag) < 0)
		return -1;
	FAULT_STEP("commit.stamped");
	if (binlog_group_write(manager->binlog, diag) < 0)
		return -1;
	return FAULT_POINT("commit.after_log_write") ? fail_write(diag) : 0;
}

/* What the disk holds of the group only the next start can tell. Never 0. */
static int leave_in_doubt(struct txn_manager *manager, const char *what, struct diag *diag)
{
	if (atomic_load(&manager->outage.stops))
		stop_process(what, diag);
	struct diag why = *diag;
	outage_log_broken(&manager->outage, &why);
	return diag_set_message(diag, ER_BINLOG_LOGGING_IMPOSSIBLE,
				"Binary logging not possible. Message: %s (%s). Whether this transaction happened shows when "
				"the server is started anew", what, why.message);
}

static int sync_log(struct txn_manager *manager, struct diag *diag)
{
	if (FAULT_POINT("commit.log_flush") ? fail_write(diag) : binlog_group_sync(manager->binlog, diag)) {
		struct diag ignored = DIAG_INIT;
		leave_in_doubt(manager, "The binary log could not be flushed: what the disk holds of it is not known", diag);
		binlog_group_abort(manager->binlog, &ignored);
		return -1;
	}
	unsigned period = atomic_load(&manager->sync_binlog);
	if (period && ++manager->unsynced_groups >= period) {
		manager->unsynced_groups = 0;
		atomic_fetch_add(&manager->counters.log_syncs, 1);
	}
	return 0;
}

/* After a write that failed. */
static void take_back(struct txn_manager *manager, struct diag *diag)
{
	struct diag abort_diag = DIAG_INIT;
	if (binlog_group_abort(manager->binlog, &abort_diag) == 0)
		outage_log_failed(&manager->outage);
	else
		leave_in_doubt(manager, "A group could not be taken back from the binary log", diag);
}

/*
 * A logged change may stand on one that is not: an UPDATE of such a row, rows of such a table. A store that had lost the one
 * could not repeat the other from the log. So the store has the one, flushed, before the log has the other.
 */
static void flush_unlogged(struct txn_manager *manager)
{
	if (atomic_load(&manager->unflushed_begun) == manager->unflushed_covered)
		return;
	uint64_t ended = atomic_load(&manager->unflushed_ended);
	txn_flush_store(manager);
	manager->unflushed_covered = ended; /* those that were still under way may have missed it: once more */
}

/* What stands on a transaction that failed fails, too; with all of its group, for there are worse troubles then. */
static bool stands_on_failed(const struct txn *first)
{
	const struct txn *txn = first;
	while (txn && (txn->store == NULL || store_txn_ask_bases(txn->store) != STORE_BASES_FAILED))
		txn = txn->next;
	return txn;
}

/* -1: the group has not happened; or the log is in doubt, and nothing happens any more. */
static int log_group(struct txn_manager *manager, struct txn *first, struct diag *diag)
{
	if (FAULT_POINT("commit.before_log"))
		return fail_write(diag);
	if (outage_check(&manager->outage, diag) < 0)
		return -1;
	if (stands_on_failed(first))
		return diag_set(diag, ER_LOCK_DEADLOCK);
	flush_unlogged(manager);
	if (binlog_group_begin(manager->binlog, diag) < 0)
		return -1;
	if (write_all(manager, first, diag) < 0) {
		take_back(manager, diag);
		return -1;
	}
	if (sync_log(manager, diag) < 0)
		return -1;
	FAULT_STEP("commit.after_log_flush");
	return 0;
}

/*
 * What is in the log has happened, and must come into the store: its owners wait, their locks held, and everybody behind
 * them. Nobody sees it meanwhile.
 */
static void wait_for_store(struct txn_manager *manager, const struct diag *why)
{
	outage_store_failed(&manager->outage, why);
	if (outage_wait(&manager->outage))
		return;
	log_error("txn", "Transactions that are in the binary log could not be stored. The server stops; the next start "
			 "repeats the log");
	_exit(1);
}

void txn_flush_store(struct txn_manager *manager)
{
	struct diag diag = DIAG_INIT;
	while (store_flush(manager->store, &diag) < 0)
		wait_for_store(manager, &diag);
}

static void settle_outcome(struct txn *txn)
{
	txn->commit_status = 0;
	txn->last_position = txn->log.end;
	txn->last_gtid = txn->log.is_anonymous ? (struct gtid){0} : txn->log.gtid;
}

/* Store transactions that are written together, up to the last one's position. */
struct store_run {
	struct store_txn *txns[store_run_max + 1];
	size_t count; /* the place behind them is the log position's */
	uint64_t size;
	struct txn *last;
	bool may_be_lost; /* from the log, which is not flushed each time */
	struct buf gtids; /* if so, of all up to the last one */
};

static void store_run(struct txn_manager *manager, struct store_run *run)
{
	struct diag diag = DIAG_INIT;
	if (run->count == 0)
		return;
	/* Before the commit lets the locks go: who gets one of them must see at least this sequence. */
	atomic_store(&manager->committed_sequence, run->last->log.sequence);
	/* In a transaction of its own: others may stand on the last one, and read what it wrote. */
	struct store_txn *position = store_txn_begin(manager->store, 0);
	txn_put_position(position, run->last->log.end, manager->clock);
	if (run->may_be_lost)
		log_tail_put(position, run->last->log.end, &run->gtids);
	run->txns[run->count] = position;
	FAULT_STEP("commit.before_store");
	while (FAULT_POINT("commit.store") ? fail_write(&diag)
					    : store_commit(manager->store, run->txns, run->count + 1, &diag))
		wait_for_store(manager, &diag);
	FAULT_STEP("commit.after_store");
	store_txn_end(&position);
	run->count = run->size = 0;
}

/* The rows of one that another continues (batch.c) come with that one's. */
static void add_to_run(struct txn_manager *manager, struct store_run *run, struct txn *txn)
{
	store_txn_stamp(txn->store, txn->version_us, txn_origin_server_id(txn));
	run->txns[run->count++] = txn->store;
	run->size += store_txn_size(txn->store);
	run->last = txn;
	if (run->count == store_run_max || run->size > store_run_size_max)
		store_run(manager, run);
}

/*
 * What would have to be repeated from its text is not acknowledged before it need not be. Where the log itself is not
 * flushed at each commit, the store must not run ahead of it.
 */
static void flush_text(struct txn_manager *manager, const struct txn *first)
{
	bool has_text = false;
	if (atomic_load(&manager->sync_binlog) != 1)
		return;
	for (const struct txn *txn = first; txn; txn = txn->next)
		has_text |= holds_text(txn);
	if (has_text)
		txn_flush_store(manager);
}

/*
 * Before anybody may purge the file that was left, the store has to have all of it. The file's end was flushed when it was
 * left: no more of it can get lost.
 */
static void follow_rotation(struct txn_manager *manager, uint32_t file)
{
	struct diag diag = DIAG_INIT;
	if (manager->last_file == file)
		return;
	while (manager->has_tail && log_tail_forget(manager, &diag) < 0)
		wait_for_store(manager, &diag);
	manager->has_tail = false;
	if (manager->last_file)
		txn_flush_store(manager);
	atomic_store(&manager->last_file, file);
}

/* Before the group is let go: who blocks commits sees the counters at rest. */
static void count_group(struct txn_manager *manager, const struct txn *first)
{
	struct txn_counters *counters = &manager->counters;
	uint64_t size = 0, spilled = 0;
	for (const struct txn *txn = first; txn; txn = txn->next) {
		size++;
		spilled += txn->events.spilled;
	}
	atomic_fetch_add(&counters->commits, size);
	atomic_fetch_add(&counters->logged_commits, size);
	atomic_fetch_add(&counters->cache_use, size);
	atomic_fetch_add(&counters->cache_disk_use, spilled);
	atomic_fetch_add(&counters->groups, 1);
	if (size > atomic_load(&counters->group_size_max)) /* one leader at a time: no race */
		atomic_store(&counters->group_size_max, size);
}

static void fail_group(struct txn *first, const struct diag *diag)
{
	for (struct txn *txn = first; txn; txn = txn->next) {
		txn->commit_status = -1;
		txn->commit_diag = *diag;
	}
}

/* Before the next group is looked at. */
static void fail_stores(struct txn *first)
{
	for (struct txn *txn = first; txn; txn = txn->next)
		if (txn->store)
			store_txn_fail(txn->store);
}

void txn_leave_unconfirmed(struct txn *first, const struct diag *diag)
{
	for (struct txn *txn = first; txn; txn = txn->next)
		txn->is_unconfirmed = true;
	fail_group(first, diag);
}

static const struct txn *last_of(const struct txn *first)
{
	while (first->next)
		first = first->next;
	return first;
}

bool txn_tell_logged(struct txn_manager *manager, const struct txn *first)
{
	const struct txn_group_hooks *hooks = &manager->hooks;
	return hooks->logged && hooks->logged(hooks->argument, last_of(first)->log.end);
}

int txn_tell_hook(struct txn_manager *manager, txn_group_hook *hook, const struct txn *first, struct diag *diag)
{
	unsigned transactions = 1;
	const struct txn *last = first;
	if (hook == NULL)
		return 0;
	for (; last->next; last = last->next)
		transactions++;
	return hook(manager->hooks.argument, last->log.end, transactions, diag);
}

bool txn_log_group(struct txn_manager *manager, struct txn *first)
{
	struct diag diag = DIAG_INIT;
	if (log_group(manager, first, &diag) == 0) {
		/* Durable, so replicas may have it; the binlog begins no other group before it is published. */
		binlog_group_publish(manager->binlog);
		FAULT_STEP("commit.after_publish");
		return true;
	}
	log_diag(LOG_ERROR, "txn", &diag);
	fail_group(first, &diag);
	fail_stores(first);
	return false;
}

void txn_store_group(struct txn_manager *manager, struct txn *first)
{
	struct store_run run = {.may_be_lost = atomic_load(&manager->sync_binlog) != 1};
	follow_rotation(manager, first->log.end.file);
	manager->has_tail |= run.may_be_lost;
	for (struct txn *txn = first; txn; txn = txn->next) {
		settle_outcome(txn);
		if (run.may_be_lost && !txn->log.is_anonymous)
			log_tail_gather(&run.gtids, &txn->log.gtid);
		if (txn->store)
			add_to_run(manager, &run, txn);
	}
	store_run(manager, &run);
	FAULT_STEP("commit.stored");
	flush_text(manager, first);
	FAULT_STEP("commit.text_flushed");
	txn_bound_replay(manager, first);
	buf_deinit(&run.gtids);
	count_group(manager, first);
}
