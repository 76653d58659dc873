#include "applier/applier.h"

#include <stdio.h>
#include <string.h>

#include "applier/applier_internal.h"
#include "base/clock.h"
#include "base/fault.h"
#include "base/log.h"
#include "base/memory.h"
#include "session/variables.h"

enum { tell_each_us = 1000 * 1000, room_look_us = 500 * 1000 };

struct applier *applier_create(struct relay_log *relay, applier_run_query *run_query)
{
	struct applier *applier = memory_zalloc(sizeof *applier);
	applier->relay = relay;
	applier->run_query = run_query;
	applier->reader.fd = -1;
	lock_init(&applier->lock, "applier", LOCK_RANK_APPLIER);
	return applier;
}

void applier_destroy(struct applier **applier_place)
{
	struct applier *applier = *applier_place;
	if (applier == NULL)
		return;
	schedule_deinit(&applier->schedule);
	write_set_deinit(&applier->held.keys);
	buf_deinit(&applier->held.events);
	buf_deinit(&applier->key);
	buf_deinit(&applier->value);
	memory_free(applier->workers);
	lock_deinit(&applier->lock);
	memory_free(applier);
	*applier_place = NULL;
}

void applier_set_position(struct applier *applier, const struct source_position *position,
			  struct relay_position relay)
{
	applier->rest.source = *position;
	applier->rest.relay = relay;
	applier->rest_is_stored = true;
	lock_take(&applier->lock);
	applier->status.position = applier->rest.source;
	applier->status.relay = applier->rest.relay;
	lock_release(&applier->lock);
}

/* ---------------------------------------------------------------------------------------------------------- status */

void applier_get_status(struct applier *applier, struct applier_status *out)
{
	lock_take(&applier->lock);
	*out = applier->status;
	lock_release(&applier->lock);
}

size_t applier_get_workers(struct applier *applier, struct arena *arena, struct applier_worker **out)
{
	lock_take(&applier->lock);
	size_t count = applier->worker_count;
	*out = arena_array(arena, struct applier_worker, count);
	if (applier->crew)
		crew_get_workers(applier->crew, *out);
	else if (count)
		memcpy(*out, applier->workers, count * sizeof **out);
	lock_release(&applier->lock);
	return count;
}

void applier_clear_error(struct applier *applier)
{
	lock_take(&applier->lock);
	applier->status.error_number = 0;
	applier->status.error[0] = 0;
	applier->status.error_time_us = 0;
	lock_release(&applier->lock);
}

static void report(struct applier *applier, const struct diag *diag)
{
	lock_take(&applier->lock);
	applier->status.error_number = diag->code;
	snprintf(applier->status.error, sizeof applier->status.error, "%s", diag->message);
	applier->status.error_time_us = clock_wall_us();
	lock_release(&applier->lock);
	log_error("applier", "Slave SQL for channel '%s': %s, Error_code: %u", applier->settings->channel,
		  diag->message, diag->code);
}

void applier_show(struct applier *applier, const char *state)
{
	lock_take(&applier->lock);
	snprintf(applier->status.state, sizeof applier->status.state, "%s", state);
	lock_release(&applier->lock);
	session_set_state(applier->session, state);
}

void applier_tell(struct applier *applier, bool at_once)
{
	int64_t now_us = clock_monotonic_us();
	if (!at_once && now_us - applier->told_us < tell_each_us)
		return;
	applier->told_us = now_us;
	applier->hooks->moved(applier->hooks->argument);
}

void applier_rest(struct applier *applier)
{
	struct diag diag = DIAG_INIT;
	if (applier->group.is_open)
		return;
	lock_take(&applier->lock);
	applier->status.caught_up = true;
	lock_release(&applier->lock);
	if (applier->rest_is_stored)
		return;
	/* Not flushed: of what is lost with it, nothing was changed here. */
	if (applied_position_write(applier->session->server->store, applier->settings->channel,
				   &applier->rest.source, APPLIED_POSITION_WRITTEN, &diag) < 0)
		log_diag(LOG_WARNING, "applier", &diag);
	else
		applier->rest_is_stored = true;
}

/* ------------------------------------------------------------------------------------------------------------ stop */

void applier_stop(struct applier *applier)
{
	atomic_store(&applier->stopping, true);
	lock_take(&applier->lock);
	if (applier->interruptible)
		session_kill(applier->interruptible, SESSION_KILL_CONNECTION);
	if (applier->crew)
		crew_wake(applier->crew);
	lock_release(&applier->lock);
	relay_log_wake(applier->relay);
}

void applier_rearm(struct applier *applier)
{
	atomic_store(&applier->stopping, false);
}

static void set_interruptible(struct applier *applier, struct session *session)
{
	lock_take(&applier->lock);
	applier->interruptible = session;
	applier->status.running = session != NULL;
	if (session == NULL)
		applier->status.state[0] = 0;
	lock_release(&applier->lock);
}

/* ------------------------------------------------------------------------------------------------------------- run */

static bool is_temporary(const struct diag *diag)
{
	return diag->code == ER_LOCK_WAIT_TIMEOUT || diag->code == ER_LOCK_DEADLOCK;
}

static void note_retry(struct applier *applier, const struct diag *diag)
{
	lock_take(&applier->lock);
	struct applier_retries *retries = &applier->status.processing_retries;
	applier->status.retried++;
	retries->count++;
	retries->error_number = diag->code;
	snprintf(retries->error, sizeof retries->error, "%s", diag->message);
	retries->error_time_us = clock_wall_us();
	lock_release(&applier->lock);
}

/* The disk is full, or was for this one. */
static bool lacks_room(struct applier *applier, const struct diag *diag)
{
	struct diag refusal = DIAG_INIT;
	return diag->code == ER_DISK_FULL || diag->code == ER_ERROR_ON_WRITE || diag->code == ER_RECORD_FILE_FULL ||
	       txn_manager_check_writes(applier->session->server->txn_manager, &refusal) < 0;
}

/* Somebody has to make room: as long as it takes. What was done of the transaction is rolled back, and done again then. */
static int wait_for_room(struct applier *applier, struct diag *diag)
{
	struct txn_manager *manager = applier->session->server->txn_manager;
	struct diag refusal;
	apply_rollback(applier->apply);
	if (!applier->waits_for_room)
		report(applier, diag);
	applier->waits_for_room = true;
	applier->full_at = applier->rest.relay;
	applier_show(applier, "Waiting for disk space");
	do {
		struct timespec pause = clock_deadline(room_look_us);
		relay_log_wait(applier->relay, relay_log_end(applier->relay), &pause, &applier->stopping);
		refusal = DIAG_INIT;
	} while (txn_manager_check_writes(manager, &refusal) < 0 && !atomic_load(&applier->stopping));
	diag_clear(diag);
	return applier_step_back(applier, diag);
}

/* Others were faster; the longer it takes, the longer they are let go first. */
static bool may_retry(struct applier *applier, const struct diag *diag)
{
	struct group *group = &applier->group;
	if (!is_temporary(diag) ||
	    group->retries >= global_number(applier->session->server, "slave_transaction_retries"))
		return false;
	group->retries++;
	note_retry(applier, diag);
	struct timespec pause = clock_deadline((int64_t)(group->retries < 6 ? group->retries - 1 : 5) * 1000 * 1000);
	if (group->retries > 1)
		relay_log_wait(applier->relay, relay_log_end(applier->relay), &pause, &applier->stopping);
	return true;
}

/* What the crew has under way comes first; when something of that failed, this event will be met again. */
static int failed(struct applier *applier, struct diag *diag)
{
	if (applier_settle(applier))
		return -1;
	diag_clear(diag);
	return 0;
}

/* The transaction that found no room is through. */
static void note_room(struct applier *applier)
{
	struct relay_position rest = applier->rest.relay;
	if (!applier->waits_for_room || (rest.file == applier->full_at.file && rest.offset == applier->full_at.offset))
		return;
	applier->waits_for_room = false;
	applier_clear_error(applier);
	applier_show(applier, "Reading event from the relay log");
	log_note("applier", "Slave SQL for channel '%s' goes on", applier->settings->channel);
}

/* 0: go on with the loop; 1: the run ends well; -1: with the error in diag. */
static int one_event(struct applier *applier, struct diag *diag)
{
	struct event event;
	switch (applier_next_event(applier, &event, diag)) {
	case RELAY_STOPPED: return 1;
	case RELAY_FAILED: return failed(applier, diag);
	default: break;
	}
	switch (applier_take_event(applier, &event, diag)) {
	case GROUP_ON: note_room(applier); return 0;
	case GROUP_REACHED:
	case GROUP_STOPPED: return 1;
	default: break;
	}
	if (atomic_load(&applier->stopping))
		return 1; /* the stop itself made it fail */
	if (failed(applier, diag) == 0)
		return 0;
	if (lacks_room(applier, diag))
		return wait_for_room(applier, diag);
	if (!may_retry(applier, diag))
		return -1;
	diag_clear(diag);
	return applier_step_back(applier, diag);
}

void applier_read_settings(struct applier *applier)
{
	const struct server *server = applier->session->server;
	applier->mode = global_number(server, "slave_exec_mode") ? APPLY_IDEMPOTENT : APPLY_STRICT;
	applier->type_policy = apply_type_policy(applier->session);
	applier->pending_size_max = global_number(server, "slave_pending_jobs_size_max");
}

/* slave_parallel_mode is MariaDB's. */
static unsigned count_workers(const struct server *server)
{
	bool is_alone = global_number(server, "slave_parallel_mode") <= PARALLEL_MINIMAL;
	return is_alone ? 0 : (unsigned)global_number(server, "slave_parallel_workers");
}

static int start_crew(struct applier *applier, struct diag *diag)
{
	struct server *server = applier->session->server;
	struct crew_plan plan = {
		.server = server,
		.run_query = applier->run_query,
		.channel = applier->settings->channel,
		.worker_count = count_workers(server),
		.pending_size_max = applier->pending_size_max,
		.logs_updates = applier->logs_updates,
		.committed = applier_note_commit,
		.argument = applier,
	};
	struct crew *crew = plan.worker_count ? crew_create(&plan, diag) : NULL;
	lock_take(&applier->lock);
	applier->crew = crew;
	memory_free(applier->workers);
	applier->workers = NULL;
	applier->worker_count = crew ? plan.worker_count : 0;
	lock_release(&applier->lock);
	return crew || plan.worker_count == 0 ? 0 : -1;
}

/* With the lock. What the last run's workers did may be looked at until the next one. */
static void keep_workers(struct applier *applier)
{
	applier->workers = memory_zalloc(applier->worker_count * sizeof *applier->workers);
	crew_get_workers(applier->crew, applier->workers);
	for (size_t i = 0; i < applier->worker_count; i++) {
		applier->workers[i].session_id = 0;
		applier->workers[i].applying = (struct relay_transaction){0};
	}
}

/* Whatever it has under way and has not committed is rolled back. */
static void end_crew(struct applier *applier)
{
	struct crew *crew = applier->crew;
	(void)applier_settle(applier);
	lock_take(&applier->lock);
	if (crew)
		keep_workers(applier);
	applier->crew = NULL;
	lock_release(&applier->lock);
	crew_destroy(&crew);
}

static int run(struct applier *applier, struct diag *diag)
{
	int status = start_crew(applier, diag) < 0 ? -1 : applier_open_relay(applier, diag);
	applier_show(applier, "Reading event from the relay log");
	while (status == 0)
		status = one_event(applier, diag);
	return status;
}

static void settle(struct applier *applier, struct session *session)
{
	const struct server *server = session->server;
	applier->session = session;
	applier->server_id = (uint32_t)global_number(server, "server_id");
	applier->logs_updates = global_number(server, "log_slave_updates") && txn_manager_binlog(server->txn_manager);
	txn_set_logging(session->txn, applier->logs_updates);
	applier->front = applier->rest;
	applier->position = applier->rest.source;
	applier->alone_until = (struct relay_position){0};
	applier->skips = global_number(server, "sql_slave_skip_counter") != 0;
	applier_read_settings(applier);
	applier->group = (struct group){0};
	applier->waits_for_room = false;
	applier->apply = apply_create(session, applier->run_query);
}

int applier_run(struct applier *applier, struct session *session, const struct applier_settings *settings,
		const struct applier_hooks *hooks)
{
	struct diag diag = DIAG_INIT;
	applier->settings = settings;
	applier->hooks = hooks;
	settle(applier, session);
	applier_clear_error(applier);
	set_interruptible(applier, session);
	log_note("applier", "Slave SQL thread for channel '%s' initialized, starting replication in log '%s' at position "
			    "%llu", settings->channel, *applier->position.file ? applier->position.file : "FIRST",
		 (unsigned long long)applier->position.offset);
	int status = run(applier, &diag);
	end_crew(applier);
	apply_rollback(applier->apply);
	applier->group = (struct group){0};
	hooks->ending(hooks->argument);
	if (status < 0)
		report(applier, &diag);
	(void)FAULT_POINT("applier.ending");
	applier_rest(applier);
	applier_tell(applier, true);
	apply_destroy(&applier->apply);
	log_reader_close(&applier->reader);
	set_interruptible(applier, NULL);
	log_note("applier", "Slave SQL thread for channel '%s' exiting, replication stopped in log '%s' at position %llu",
		 settings->channel, applier->rest.source.file, (unsigned long long)applier->rest.source.offset);
	applier->session = NULL;
	return status < 0 ? -1 : 0;
}
