/*
 * A channel's relay log: what the receiver fetched and the applier has not applied yet.
 *
 * Files like the binary log's: `<relay-log>.000001`, an index; each begins with a description of our own, and with the
 * source's behind it, once there is one; a file that goes on in the middle of the source's has a ROTATE between the two
 * that says where. Events stand as the source sent them, positions of the source included. It is flushed
 * as sync_relay_log says: the applied position is in the store (law 6), and a start keeps of the relay log what is whole
 * (resume.h).
 *
 * One writer (the receiver), one reader (the applier), each in its thread; they share the published end. Appended
 * events gather in memory until they are published.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "base/diag.h"
#include "binlog/event.h"
#include "binlog/index.h"

/* A place in the relay log, between two events. */
struct relay_position {
	uint32_t file; /* 0: nowhere */
	uint64_t offset;
};

struct relay_log_options {
	const char *directory;  /* the data directory */
	const char *base;       /* "host-relay-bin" */
	const char *index_name; /* or NULL */
	uint32_t server_id;
};

struct relay_log;

struct relay_resume;
/*
 * Begins a new file behind what a former process left. That is removed; with resume (relay/resume.h, initialised) it is
 * kept as far as it is whole, if the applied position is in it: *out_resumed.
 */
int relay_log_open(struct relay_log **out_log, const struct relay_log_options *options, struct relay_resume *resume,
		   bool *out_resumed, struct diag *diag);
void relay_log_close(struct relay_log **log); /* no thread may use it any more; the files stay */
/* Removes all files and begins anew; number 0: behind the last one. Neither writer nor reader may be at work. */
int relay_log_reset(struct relay_log *log, uint32_t number, struct diag *diag);
/* Removes all files and the index for good: RESET REPLICA ALL of a named channel. Only close may follow. */
void relay_log_remove(struct relay_log *log);

/* ---------------------------------------------------------------------------------------------- the writer's side */

/* sync_relay_log: what is published is flushed once that many events have come since the last flush; 0: never. */
void relay_log_set_sync_period(struct relay_log *log, uint64_t events);
/* One event. */
void relay_log_append(struct relay_log *log, struct bytes events);
size_t relay_log_gathered(const struct relay_log *log); /* bytes that are appended and not published */
/* What has gathered so far ends with a whole transaction, which the source will not send again. */
void relay_log_note_whole(struct relay_log *log);
/*
 * Writes what has gathered and wakes the reader. -1: nothing of it is there, and it is still gathered: when the disk lacks
 * room, it can be published once it has. Else relay_log_mend is needed first.
 */
int relay_log_publish(struct relay_log *log, struct diag *diag);
bool relay_log_lacks_room(struct relay_log *log); /* the last write that failed did so for want of room */
bool relay_log_has_room(struct relay_log *log);   /* for what has gathered, and a little more */
/* Forgets what has gathered of a transaction that is not whole. */
void relay_log_abandon(struct relay_log *log);
/* After a failed flush, or a failed write that could not be taken back: goes on in a new file. 0 also where all is well. */
int relay_log_mend(struct relay_log *log, struct diag *diag);
/*
 * The source's description, which is appended next, and repeated at the head of each file. Until there is one, and in
 * between, events stand under the checksum that relay_log_checksum says.
 */
void relay_log_set_format(struct relay_log *log, struct bytes description, enum event_checksum checksum);
enum event_checksum relay_log_checksum(const struct relay_log *log);
/*
 * All is published, and it ends between two transactions, at that place of the source's log: here a file may end, and does
 * when it is past size_max or somebody asked for it.
 */
int relay_log_rest(struct relay_log *log, const char *source_file, uint64_t source_offset, uint64_t size_max,
		   struct diag *diag);

/* -------------------------------------------------------------------------------------------- any thread */

/* Goes on in a new file: at once, or when the transaction that is being written ends. */
int relay_log_rotate(struct relay_log *log, struct diag *diag);
struct relay_position relay_log_end(struct relay_log *log);
struct relay_position relay_log_start(struct relay_log *log); /* the first event behind the head of the oldest file */
/*
 * Waits until the end is another than known; false when the deadline (NULL: none) has passed or *cancel is true, which
 * is looked at when somebody calls relay_log_wake.
 */
bool relay_log_wait(struct relay_log *log, struct relay_position known, const struct timespec *deadline,
		    const atomic_bool *cancel);
void relay_log_wake(struct relay_log *log);
uint32_t relay_log_next_file(struct relay_log *log, uint32_t file); /* 0: that is the last */
void relay_log_file_name(struct relay_log *log, uint32_t file, char out[log_file_name_max + 1]);
char *relay_log_file_path(struct relay_log *log, uint32_t file);    /* free with memory_free */
uint32_t relay_log_parse_name(struct relay_log *log, struct bytes name); /* 0: no file of it could be called so */
bool relay_log_has_file(struct relay_log *log, uint32_t file);
uint64_t relay_log_space(struct relay_log *log);                     /* bytes of all files */
/* Waits until they are max at most, for the reader to purge. False: *cancel, which is looked at as by relay_log_wait. */
bool relay_log_wait_for_space(struct relay_log *log, uint64_t max, const atomic_bool *cancel);
/* The reader needs the files before that one no more. A failure is logged and harmless. */
void relay_log_purge_before(struct relay_log *log, uint32_t file);
