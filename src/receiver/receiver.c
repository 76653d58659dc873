#include "receiver/receiver_internal.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"

enum { lasting_us = 1000 * 1000 }; /* a connection that held that long was one */

struct receiver *receiver_create(struct relay_log *relay)
{
	struct receiver *receiver = memory_zalloc(sizeof *receiver);
	receiver->relay = relay;
	receiver->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	receiver->socket = -1;
	lock_init(&receiver->lock, "receiver", LOCK_RANK_RELAY);
	gtid_set_init(&receiver->retrieved);
	return receiver;
}

void receiver_destroy(struct receiver **receiver_place)
{
	struct receiver *receiver = *receiver_place;
	if (receiver == NULL)
		return;
	close(receiver->wake_fd);
	gtid_set_deinit(&receiver->retrieved);
	lock_deinit(&receiver->lock);
	memory_free(receiver);
	*receiver_place = NULL;
}

void receiver_set_position(struct receiver *receiver, const char *file, uint64_t position,
			   const struct gtid_set *retrieved, const struct mariadb_position *gtids)
{
	snprintf(receiver->resume_file, sizeof receiver->resume_file, "%s", file);
	snprintf(receiver->file, sizeof receiver->file, "%s", file);
	receiver->resume_position = receiver->position = position;
	lock_take(&receiver->lock);
	snprintf(receiver->status.file, sizeof receiver->status.file, "%s", file);
	receiver->status.position = position;
	gtid_set_clear(&receiver->retrieved);
	if (retrieved)
		gtid_set_add_set(&receiver->retrieved, retrieved);
	receiver->mariadb = *gtids;
	lock_release(&receiver->lock);
}

void receiver_tell(struct receiver *receiver, bool at_once)
{
	enum { tell_each_us = 1000 * 1000 };
	int64_t now_us = clock_monotonic_us();
	if (!at_once && now_us - receiver->told_us < tell_each_us)
		return;
	receiver->told_us = now_us;
	receiver->hooks->moved(receiver->hooks->argument);
}

/* ------------------------------------------------------------------------------------------------------- stop */

void receiver_stop(struct receiver *receiver)
{
	uint64_t one = 1;
	atomic_store(&receiver->stopping, true);
	if (write(receiver->wake_fd, &one, sizeof one) < 0)
		log_warning("receiver", "Could not wake a receiver");
	lock_take(&receiver->lock);
	if (receiver->socket >= 0)
		shutdown(receiver->socket, SHUT_RDWR);
	lock_release(&receiver->lock);
	relay_log_wake(receiver->relay);
}

void receiver_rearm(struct receiver *receiver)
{
	uint64_t drained;
	atomic_store(&receiver->stopping, false);
	while (read(receiver->wake_fd, &drained, sizeof drained) > 0)
		;
}

/* False when it was stopped meanwhile. */
static bool sleep_interruptibly(struct receiver *receiver, unsigned seconds)
{
	struct pollfd poll_fd = {.fd = receiver->wake_fd, .events = POLLIN};
	poll(&poll_fd, 1, (int)(seconds < 2000000 ? seconds * 1000 : 2000000000));
	return !atomic_load(&receiver->stopping);
}

/* ------------------------------------------------------------------------------------------------------ status */

void receiver_get_status(struct receiver *receiver, struct receiver_status *out)
{
	lock_take(&receiver->lock);
	*out = receiver->status;
	lock_release(&receiver->lock);
}

void receiver_get_retrieved(struct receiver *receiver, struct gtid_set *out)
{
	lock_take(&receiver->lock);
	gtid_set_copy(&receiver->retrieved, out);
	lock_release(&receiver->lock);
}

void receiver_get_mariadb_position(struct receiver *receiver, struct mariadb_position *out)
{
	lock_take(&receiver->lock);
	*out = receiver->mariadb;
	lock_release(&receiver->lock);
}

void receiver_set_error(struct receiver *receiver, unsigned number, const char *message)
{
	lock_take(&receiver->lock);
	receiver->status.error_number = number;
	snprintf(receiver->status.error, sizeof receiver->status.error, "%s", message);
	if (number)
		receiver->status.error_time_us = clock_wall_us();
	lock_release(&receiver->lock);
}

void receiver_clear_error(struct receiver *receiver)
{
	receiver_set_error(receiver, 0, "");
	lock_take(&receiver->lock);
	receiver->status.error_time_us = 0;
	lock_release(&receiver->lock);
}

void receiver_report(struct receiver *receiver, const struct diag *diag)
{
	receiver_set_error(receiver, diag->code, diag->message);
	log_error("receiver", "Slave I/O for channel '%s': %s, Error_code: %u", receiver->settings->channel,
		  diag->message, diag->code);
}

void receiver_show(struct receiver *receiver, enum receiver_connection connection, const char *state)
{
	lock_take(&receiver->lock);
	receiver->status.connection = connection;
	snprintf(receiver->status.state, sizeof receiver->status.state, "%s", state);
	lock_release(&receiver->lock);
	receiver->hooks->show(receiver->hooks->argument, state);
}

/* ------------------------------------------------------------------------------------------------- connecting */

static void report_failed_connect(struct receiver *receiver, const char *doing, uint64_t retries,
				  const struct diag *cause)
{
	const struct receiver_settings *settings = receiver->settings;
	struct diag diag = DIAG_INIT;
	char text[diag_message_size];
	snprintf(text, sizeof text, "error %s to master '%s@%s:%u' - retry-time: %u retries: %llu message: %s", doing,
		 settings->user, settings->host, settings->port, settings->connect_retry_s,
		 (unsigned long long)retries, cause->message);
	diag_set_foreign(&diag, cause->code, cause->sqlstate, text);
	receiver_report(receiver, &diag);
}

/* Until it is connected, stopped, or has tried often enough. */
static enum receive_outcome connect_patiently(struct receiver *receiver, bool is_first)
{
	const struct receiver_settings *settings = receiver->settings;
	const char *state = is_first ? "Connecting to master" : "Reconnecting after a failed master event read";
	for (uint64_t retries = 1;; retries++) {
		struct diag diag = DIAG_INIT;
		receiver_show(receiver, RECEIVER_CONNECTING, state);
		enum receive_outcome outcome = connection_open(receiver, &diag);
		if (outcome == RECEIVE_OK || outcome == RECEIVE_STOPPED)
			return outcome;
		connection_close(receiver);
		bool is_last = settings->retry_count && retries >= settings->retry_count;
		if (is_last)
			receiver->hooks->ending(receiver->hooks->argument);
		report_failed_connect(receiver, is_first ? "connecting" : "reconnecting", retries, &diag);
		if (is_last)
			return RECEIVE_FATAL;
		if (!is_first)
			receiver_show(receiver, RECEIVER_CONNECTING,
				      "Waiting to reconnect after a failed master event read");
		if (!sleep_interruptibly(receiver, settings->connect_retry_s))
			return RECEIVE_STOPPED;
	}
}

/* ----------------------------------------------------------------------------------------------- the stream */

static enum receive_outcome begin_stream(struct receiver *receiver, struct diag *diag)
{
	receiver_show(receiver, RECEIVER_CONNECTED, "Checking master version");
	enum receive_outcome outcome = receiver_introduce(receiver, diag);
	if (outcome != RECEIVE_OK)
		return outcome;
	receiver_show(receiver, RECEIVER_CONNECTED, "Requesting binlog dump");
	return receiver_request_dump(receiver, diag);
}

static enum receive_outcome read_stream(struct receiver *receiver, struct diag *diag)
{
	enum receive_outcome outcome;
	struct bytes raw;
	receiver->boundary.place = BOUNDARY_OUTSIDE;
	receiver->is_part_published = false;
	receiver->gtid.gno = 0;
	lock_take(&receiver->lock);
	receiver->status.queueing = (struct relay_transaction){0};
	lock_release(&receiver->lock);
	receiver->mariadb_gtid.sequence = 0;
	receiver_show(receiver, RECEIVER_CONNECTED, "Waiting for master to send event");
	while ((outcome = connection_read_event(receiver, &raw, diag)) == RECEIVE_OK) {
		outcome = receiver_queue_event(receiver, raw, diag);
		if (outcome != RECEIVE_OK)
			return outcome;
	}
	return outcome;
}

static void log_connected(const struct receiver *receiver)
{
	const struct receiver_settings *settings = receiver->settings;
	log_note("receiver", "Slave I/O thread for channel '%s': connected to master '%s@%s:%u', replication started in "
			     "log '%s' at position %llu", settings->channel, settings->user, settings->host,
		 settings->port, *receiver->resume_file ? receiver->resume_file : "FIRST",
		 (unsigned long long)receiver->resume_position);
}

static void note_not_acknowledging(struct receiver *receiver)
{
	lock_take(&receiver->lock);
	receiver->status.acknowledges = false;
	lock_release(&receiver->lock);
}

/* A run that ended over its disk left a file that nothing may follow in. */
static enum receive_outcome mend_relay_log(struct receiver *receiver, struct diag *diag)
{
	struct diag cause = DIAG_INIT;
	if (relay_log_mend(receiver->relay, &cause) == 0)
		return RECEIVE_OK;
	diag_set(diag, ER_SLAVE_RELAY_LOG_WRITE_FAILURE, "could not begin a new relay log file");
	diag_add_context(diag, "%s", cause.message);
	return RECEIVE_FATAL;
}

/* One connection, from the handshake to its end. */
static enum receive_outcome serve_connection(struct receiver *receiver)
{
	struct diag diag = DIAG_INIT;
	receiver->acknowledges = receiver->is_asked = false;
	receiver_clear_error(receiver);
	log_connected(receiver);
	receiver_tell(receiver, true);
	enum receive_outcome outcome = mend_relay_log(receiver, &diag);
	if (outcome == RECEIVE_OK)
		outcome = begin_stream(receiver, &diag);
	if (outcome == RECEIVE_OK)
		outcome = read_stream(receiver, &diag);
	/* What was received whole will not come again, and waits in memory if it must; a part of a transaction will. */
	struct diag lost = DIAG_INIT;
	if (outcome != RECEIVE_FATAL && relay_log_publish(receiver->relay, &lost) < 0)
		log_diag(LOG_ERROR, "receiver", &lost);
	relay_log_abandon(receiver->relay);
	note_not_acknowledging(receiver);
	if (outcome == RECEIVE_FATAL) {
		receiver->hooks->ending(receiver->hooks->argument);
		receiver_report(receiver, &diag);
	} else if (outcome == RECEIVE_LOST) {
		log_warning("receiver", "Error reading packet from server for channel '%s': %s (server_errno=%u)",
			    receiver->settings->channel, diag.message, diag.code);
	}
	return outcome;
}

static enum receive_outcome run(struct receiver *receiver)
{
	uint64_t fruitless = 0;
	for (bool is_first = true;; is_first = false) {
		enum receive_outcome outcome = connect_patiently(receiver, is_first);
		int64_t connected_us = clock_monotonic_us();
		if (outcome == RECEIVE_OK)
			outcome = serve_connection(receiver);
		connection_close(receiver);
		if (outcome != RECEIVE_LOST)
			return outcome;
		/* At once; but a source that lets us in and hangs up is not asked without pause. */
		fruitless = clock_monotonic_us() - connected_us > lasting_us ? 0 : fruitless + 1;
		if (fruitless <= 1)
			continue;
		if (receiver->settings->retry_count && fruitless > receiver->settings->retry_count)
			return RECEIVE_FATAL;
		receiver_show(receiver, RECEIVER_CONNECTING, "Waiting to reconnect after a failed binlog dump request");
		if (!sleep_interruptibly(receiver, receiver->settings->connect_retry_s))
			return RECEIVE_STOPPED;
	}
}

int receiver_run(struct receiver *receiver, const struct receiver_settings *settings,
		 const struct receiver_hooks *hooks)
{
	receiver->settings = settings;
	receiver->hooks = hooks;
	relay_log_set_sync_period(receiver->relay, settings->relay_sync_period);
	enum receive_outcome outcome = run(receiver);
	mysql_thread_end();
	receiver_show(receiver, RECEIVER_OFF, "");
	log_note("receiver", "Slave I/O thread exiting for channel '%s', read up to log '%s', position %llu",
		 settings->channel, receiver->file, (unsigned long long)receiver->position);
	return outcome == RECEIVE_STOPPED ? 0 : -1;
}
