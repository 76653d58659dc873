/*
 * The one log: the server's binary log as a whole - its files, its end, the GTIDs in it, its readers.
 *
 * The group-commit leader appends. Its protocol, for one group, all under txn's commit lock (one leader at a time):
 *
 *	binlog_group_begin(log, &diag)              starts a new file first, if the last one is full
 *	for each transaction, in commit order:
 *		binlog_group_add(log, &transaction, &diag)   gives GTID, sequence number and position, finalises
 *	binlog_group_write(log, &diag)              the bytes go to the file, in one write where possible
 *	binlog_group_sync(log, &diag)               one fdatasync, if sync_binlog says so
 *	  ... the store commits the transactions in the same order, each with transaction.end ...
 *	binlog_group_publish(log)                   the end that readers may see moves, GTIDs are executed
 *
 * Publishing before or after the store's commits is txn's choice: durable is all the log asks. A failure in
 * add, write or sync fails the whole group: binlog_group_abort takes everything back, no transaction of it
 * happened. Only when the take-back itself fails (or a flush did) the log is broken: everything after answers
 * ER_BINLOG_LOGGING_IMPOSSIBLE and the server has to stop.
 *
 * Readers (dump threads, SHOW BINLOG EVENTS) open files by themselves with reader.h, read up to
 * binlog_get_end(), and wait with binlog_wait. What they hold open is registered, so that purging leaves it.
 *
 * The log knows nothing of sessions, SQL or the store.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "base/buf.h"
#include "base/diag.h"
#include "base/lock.h"
#include "binlog/event.h"
#include "binlog/event_writer.h"
#include "binlog/gtid.h"
#include "binlog/index.h"
#include "binlog/logfile.h"

/* A place in the log, between two events. */
struct binlog_position {
	uint32_t file;   /* the file's number; 0: nowhere */
	uint64_t offset;
};
int binlog_position_compare(struct binlog_position a, struct binlog_position b); /* <0, 0, >0 */

struct binlog_options {
	const char *directory;      /* the data directory */
	const char *base;           /* log-bin's value, NULL: "binlog" */
	const char *index_name;     /* log-bin-index, or NULL */
	uint8_t server_uuid[uuid_size];
	uint32_t server_id;
	enum event_checksum checksum; /* binlog_checksum */
	uint64_t max_size;          /* max_binlog_size */
	uint32_t sync_period;       /* sync_binlog: flush each that many groups, 0: never */
	/* The position the store stands at: recovery refuses to cut the log below it. {0, 0} when not known. */
	struct binlog_position durable;
	uint32_t reset_to;          /* what is there goes, and the log begins anew with this file; 0: no */
	bool may_be_behind;         /* unless this is set: the log was not flushed at each commit */
};

struct binlog;

/* What recovery did to the last file, for the error log. */
struct binlog_recovery {
	bool was_in_use;            /* the server had not stopped cleanly */
	bool was_cut;
	bool is_behind;             /* the store holds transactions of a tail that is lost */
	char file[log_file_name_max + 1];
	uint64_t old_size, new_size;
};

/* A log before it is opened. */
struct binlog_found {
	char name[log_file_name_max + 1]; /* of its files, without directory and number */
	bool has_files;
};
int binlog_find(const struct binlog_options *options, struct binlog_found *out, struct diag *diag);

/*
 * Reads the index, repairs the last file's torn end (and an index that lacks a file made just before a crash),
 * learns the GTID sets, and starts a new file, as MySQL does at each start. Boot thread.
 */
int binlog_open(struct binlog **out_log, const struct binlog_options *options, struct binlog_recovery *out_recovery,
		struct diag *diag);
/* Writes STOP, clears the in-use flag, flushes, frees; NULLs the pointer. No thread may use the log any more. */
void binlog_close(struct binlog **log);
/* The same without STOP and flag: what a crash leaves. For tests and for an emergency stop. */
void binlog_abandon(struct binlog **log);

/* ---------------------------------------------------------------------------------------------- the leader */

/* One transaction on its way into the log. */
struct binlog_transaction {
	/* the committer's: */
	struct buf *events;         /* complete events with room for checksums; changed in place; kept until the group
	                               is written or aborted */
	int spill_fd;               /* events before those, in a file from offset 0; read when spill_size > 0 */
	uint64_t spill_size;
	struct gtid gtid;           /* the one the transaction came with; gno 0: a new one is given, of this server,
	                               or of its sid if that is not all zeros */
	bool is_anonymous;          /* no GTID at all (gtid_mode=OFF) */
	bool may_hold_statements;   /* the GTID event's flag */
	uint32_t timestamp;         /* of the GTID event */
	uint32_t server_id;         /* origin */
	uint64_t immediate_commit_us;
	uint64_t original_commit_us;
	uint32_t original_server_version; /* 0: ours */
	int64_t commit_parent;      /* sequence (below) of the last transaction this one must wait for; 0: none */

	/* set by binlog_group_add: */
	int64_t sequence;           /* rises by 1 from the server's start, through all files */
	struct binlog_position start; /* of the GTID event */
	struct binlog_position end;   /* behind the last event: what the store keeps, what clients and semi-sync use */
};

int binlog_group_begin(struct binlog *log, struct diag *diag);
/* The sequence the next transaction will get: for commit parents. Leader only. */
int64_t binlog_next_sequence(const struct binlog *log);
int binlog_group_add(struct binlog *log, struct binlog_transaction *transaction, struct diag *diag);
int binlog_group_write(struct binlog *log, struct diag *diag);
int binlog_group_sync(struct binlog *log, struct diag *diag);
void binlog_group_publish(struct binlog *log);
/* Instead of publish. -1: the log is broken. */
int binlog_group_abort(struct binlog *log, struct diag *diag);

/*
 * Under the commit lock as well, between groups:
 * rotate: FLUSH LOGS. incident: writes INCIDENT (events were lost) and rotates.
 */
int binlog_rotate(struct binlog *log, struct diag *diag);
int binlog_write_incident(struct binlog *log, const char *message, struct diag *diag);
/*
 * RESET MASTER: removes all files and GTIDs and starts at number first (1 when 0). Registered readers lose their
 * files. Whoever keeps a position of the log (the store) must have forgotten it, durably, before.
 */
int binlog_reset(struct binlog *log, uint32_t first, struct diag *diag);
/* SET GLOBAL gtid_purged: these count as executed and purged; starts a new file whose PREVIOUS_GTIDS says so. */
int binlog_set_purged(struct binlog *log, const struct gtid_set *purged, struct diag *diag);
/* GTIDs that were executed without being logged (sql_log_bin... of a replica without log_slave_updates). Any thread. */
void binlog_add_executed(struct binlog *log, const struct gtid *gtid);
void binlog_add_executed_set(struct binlog *log, const struct gtid_set *set);
/* A GTID of this server that somebody means to execute is given to no transaction meanwhile. Others' pass. Any thread. */
void binlog_reserve_gtid(struct binlog *log, const struct gtid *gtid);
void binlog_unreserve_gtid(struct binlog *log, const struct gtid *gtid);
/*
 * RESET MASTER forgets which of this server's own GTIDs were executed; replicas do not, and would leave out a transaction
 * that came with one of them. get_own: all there ever were; retire: they are not given away again. Any thread.
 */
const uint8_t *binlog_own_sid(const struct binlog *log);
void binlog_get_own(struct binlog *log, struct gtid_set *out_set);
void binlog_retire(struct binlog *log, const struct gtid_set *own);

/* Settings that change while running. Any thread. */
void binlog_set_sync_period(struct binlog *log, uint32_t sync_period);
void binlog_set_max_size(struct binlog *log, uint64_t max_size);
enum event_checksum binlog_checksum(const struct binlog *log);
void binlog_set_checksum(struct binlog *log, enum event_checksum checksum); /* from the next file on: rotate */
void binlog_set_server_id(struct binlog *log, uint32_t server_id);

/* ----------------------------------------------------------------------------------------- readers, any thread */

/* The end of what is durable and published. */
struct binlog_position binlog_get_end(struct binlog *log);
/* The first byte of the oldest file. */
struct binlog_position binlog_get_start(struct binlog *log);

/* Somebody who reads a file: it and all after it stay. Owned by the reader's thread, linked into the log. */
struct binlog_reader {
	uint32_t file;               /* guarded by the log's lock; 0: lost by RESET MASTER */
	struct binlog_reader *next;  /* the same */
	struct binlog_reader *previous;
};
/* -1: ER_UNKNOWN_TARGET_BINLOG, that file is not (any more) in the index. */
int binlog_reader_register(struct binlog *log, struct binlog_reader *reader, uint32_t file, struct diag *diag);
int binlog_reader_move(struct binlog *log, struct binlog_reader *reader, uint32_t file, struct diag *diag);
void binlog_reader_unregister(struct binlog *log, struct binlog_reader *reader);

enum binlog_wait_outcome {
	BINLOG_WAIT_MOVED,
	BINLOG_WAIT_TIMEOUT,
	BINLOG_WAIT_CANCELLED,
	BINLOG_WAIT_LOST, /* RESET MASTER took the reader's file away: what it knows is of another log */
};
/*
 * Waits until the end is another than known (only RESET MASTER moves it back). reader may be NULL. deadline NULL:
 * forever. cancel (may be NULL) is looked at whenever somebody calls binlog_wake: KILL sets its flag, then wakes.
 */
enum binlog_wait_outcome binlog_wait(struct binlog *log, const struct binlog_reader *reader,
				     struct binlog_position known, const struct timespec *deadline,
				     const atomic_bool *cancel, struct binlog_position *out_end);
/* The same without waiting: BINLOG_WAIT_TIMEOUT, there is no news. */
enum binlog_wait_outcome binlog_look(struct binlog *log, const struct binlog_reader *reader,
				     struct binlog_position known, const atomic_bool *cancel,
				     struct binlog_position *out_end);
void binlog_wake(struct binlog *log);
/*
 * For who waits for other things besides: fd, an eventfd of the watcher's that does not block, becomes readable when the end
 * moves and at binlog_wake, once for each time it was armed. Arm it, then look with binlog_look, then poll, and disarm it
 * when awake.
 */
struct binlog_watcher {
	int fd;
	atomic_bool is_armed;
	struct binlog_watcher *next; /* guarded by the log */
};
void binlog_watch(struct binlog *log, struct binlog_watcher *watcher);
void binlog_unwatch(struct binlog *log, struct binlog_watcher *watcher);
void binlog_arm(struct binlog_watcher *watcher);
void binlog_disarm(struct binlog_watcher *watcher);

/* The file after that one, 0 when it is the last. */
uint32_t binlog_next_file(struct binlog *log, uint32_t file);
bool binlog_has_file(struct binlog *log, uint32_t file);
uint32_t binlog_parse_file_name(struct binlog *log, struct bytes name); /* 0: not a name of this log's */
void binlog_file_name(const struct binlog *log, uint32_t file, char out[log_file_name_max + 1]);
char *binlog_file_path(const struct binlog *log, uint32_t file); /* free with memory_free */
/* @@log_bin_basename and @@log_bin_index. Borrowed. */
const char *binlog_base_name(const struct binlog *log);
const char *binlog_index_name(const struct binlog *log);

/* SHOW BINARY LOGS: oldest first. The last one's size is that of the published end. */
struct binlog_file_info {
	uint32_t file;
	uint64_t size;
};
struct binlog_file_list {
	struct binlog_file_info *files; /* owned */
	size_t count;
};
int binlog_list_files(struct binlog *log, struct binlog_file_list *out_list, struct diag *diag);
void binlog_file_list_deinit(struct binlog_file_list *list);

/* GTID sets: copies into an initialised set. */
void binlog_get_executed(struct binlog *log, struct gtid_set *out_set);
void binlog_get_purged(struct binlog *log, struct gtid_set *out_set);
bool binlog_is_executed(struct binlog *log, const struct gtid *gtid);
/*
 * Where a replica that has these GTIDs must start: the newest file whose PREVIOUS_GTIDS it has all of. out_file 0:
 * there is none, transactions it misses are purged; out_missing (initialised) then holds those.
 */
int binlog_find_file_for(struct binlog *log, const struct gtid_set *has, uint32_t *out_file,
			 struct gtid_set *out_missing, struct diag *diag);

/* ----------------------------------------------------------------------------------------------------- purge */

struct binlog_purge_report {
	unsigned wanted;             /* files that were to go */
	unsigned purged;
	uint32_t kept_file;          /* the first that stayed though it was to go; 0: none */
	unsigned kept_readers;       /* who read it, 0: it is the active file */
};
/* PURGE BINARY LOGS TO: all before that file. -1: ER_UNKNOWN_TARGET_BINLOG, ... Any thread. */
int binlog_purge_to(struct binlog *log, uint32_t file, struct binlog_purge_report *out_report, struct diag *diag);
/* PURGE BINARY LOGS BEFORE, and expiry: files last written before that time (seconds since the epoch). */
int binlog_purge_before(struct binlog *log, int64_t time_s, struct binlog_purge_report *out_report, struct diag *diag);
