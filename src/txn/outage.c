#include "txn/outage.h"

#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/space.h"

enum { room_min = 1024 * 1024 }; /* less than that is no room */

void outage_init(struct outage *outage, struct store *store, const char *log_base_name)
{
	*outage = (struct outage){.store = store, .store_directory = memory_copy_string(store_directory(store))};
	if (log_base_name) {
		char *copy = memory_copy_string(log_base_name);
		outage->log_directory = memory_copy_string(dirname(copy));
		memory_free(copy);
	}
	atomic_store(&outage->stops, true);
	lock_init(&outage->lock, "txn.outage", LOCK_RANK_LEAF);
	condition_init(&outage->ended);
}

void outage_deinit(struct outage *outage)
{
	condition_deinit(&outage->ended);
	lock_deinit(&outage->lock);
	memory_free(outage->log_directory);
	memory_free(outage->store_directory);
}

int outage_check(struct outage *outage, struct diag *diag)
{
	if (atomic_load(&outage->cause) == OUTAGE_NONE)
		return 0;
	lock_take(&outage->lock);
	bool is_on = atomic_load(&outage->cause) != OUTAGE_NONE;
	if (is_on)
		*diag = outage->refusal;
	lock_release(&outage->lock);
	return is_on ? -1 : 0;
}

/* A worse cause takes a lesser one's place; the first reason given for it stays. */
static void begin(struct outage *outage, enum outage_cause cause, const struct diag *refusal)
{
	lock_take(&outage->lock);
	enum outage_cause before = (enum outage_cause)atomic_load(&outage->cause);
	if (before < cause) {
		outage->refusal = *refusal;
		atomic_store(&outage->cause, cause);
		if (before == OUTAGE_NONE)
			atomic_fetch_add(&outage->count, 1);
	}
	lock_release(&outage->lock);
	if (before < cause)
		log_error("txn", "This server accepts no writes%s: %s",
			  cause == OUTAGE_LOG ? " until it is started anew" : "", refusal->message);
}

static void end(struct outage *outage)
{
	lock_take(&outage->lock);
	atomic_store(&outage->cause, OUTAGE_NONE);
	condition_broadcast(&outage->ended);
	lock_release(&outage->lock);
	log_note("txn", "This server accepts writes again");
}

static void refuse_disk(struct diag *refusal, const char *directory, int error)
{
	if (space_is_full(error))
		diag_set(refusal, ER_DISK_FULL, directory, error, strerror(error));
	else
		diag_set_message(refusal, ER_OPTION_PREVENTS_STATEMENT,
				 "The MySQL server is running with the --read-only option so it cannot execute this statement "
				 "(set by itself: '%s' cannot be written, errno: %d - %s)",
				 directory, error, strerror(error));
}

static void refuse_because(struct diag *refusal, const struct diag *why)
{
	diag_set_message(refusal, ER_OPTION_PREVENTS_STATEMENT,
			 "The MySQL server is running with the --read-only option so it cannot execute this statement "
			 "(set by itself: %s)", why->message);
}

/* Has this disk room? If not, the refusal says so. */
static bool has_room(const char *directory, uint64_t size, struct diag *refusal)
{
	int error = directory ? space_probe(directory, size) : 0;
	if (error)
		refuse_disk(refusal, directory, error);
	return error == 0;
}

static bool disks_have_room(struct outage *outage, struct diag *refusal)
{
	uint64_t wanted = room_min;
	if (store_has_failed(outage->store))
		wanted += store_unsaved_size(outage->store);
	return has_room(outage->log_directory, room_min, refusal) && has_room(outage->store_directory, wanted, refusal);
}

void outage_log_failed(struct outage *outage)
{
	struct diag refusal = DIAG_INIT;
	if (!disks_have_room(outage, &refusal))
		begin(outage, OUTAGE_DISK, &refusal);
}

void outage_log_broken(struct outage *outage, const struct diag *why)
{
	struct diag refusal = DIAG_INIT;
	refuse_because(&refusal, why);
	begin(outage, OUTAGE_LOG, &refusal);
}

void outage_store_failed(struct outage *outage, const struct diag *why)
{
	struct diag refusal = DIAG_INIT;
	if (disks_have_room(outage, &refusal))
		refuse_because(&refusal, why);
	begin(outage, OUTAGE_STORE, &refusal);
}

bool outage_wait(struct outage *outage)
{
	lock_take(&outage->lock);
	while (atomic_load(&outage->cause) != OUTAGE_NONE && !outage->is_given_up)
		condition_wait(&outage->ended, &outage->lock);
	bool is_given_up = outage->is_given_up;
	lock_release(&outage->lock);
	return !is_given_up;
}

void outage_give_up(struct outage *outage)
{
	lock_take(&outage->lock);
	outage->is_given_up = true;
	condition_broadcast(&outage->ended);
	lock_release(&outage->lock);
}

static void set_refusal(struct outage *outage, const struct diag *refusal)
{
	lock_take(&outage->lock);
	outage->refusal = *refusal;
	lock_release(&outage->lock);
}

/* Not for want of room: it will not get better by itself. */
static void stop_for_store(struct outage *outage, const struct diag *why)
{
	struct diag refusal = DIAG_INIT;
	refuse_because(&refusal, why);
	set_refusal(outage, &refusal);
	if (!atomic_load(&outage->stops))
		return;
	log_diag(LOG_ERROR, "txn", why);
	log_error("txn", "The store cannot go on. The server stops; the next start repeats the log");
	abort();
}

void outage_tend(struct outage *outage)
{
	struct diag refusal = DIAG_INIT, why = DIAG_INIT;
	if (store_has_failed(outage->store) && atomic_load(&outage->cause) < OUTAGE_STORE) {
		diag_set_message(&why, ER_GET_ERRMSG, "the store failed");
		outage_store_failed(outage, &why);
	}
	enum outage_cause cause = (enum outage_cause)atomic_load(&outage->cause);
	if (cause == OUTAGE_NONE || cause == OUTAGE_LOG)
		return;
	if (!disks_have_room(outage, &refusal))
		set_refusal(outage, &refusal);
	else if (!store_has_failed(outage->store) || store_resume(outage->store, &why) == 0)
		end(outage);
	else if (why.code != ER_RECORD_FILE_FULL)
		stop_for_store(outage, &why);
}
