/* The binary log's inside, shared by log*.c. */
#pragma once

#include "binlog/log.h"
#include "binlog/log_faults.h"
#include "binlog/reader.h"

/* A transaction that was added to the group and is not written yet. */
struct pending {
	size_t head_at;      /* its GTID event in log->heads */
	size_t head_size;
	struct buf *events;  /* borrowed */
};

struct binlog {
	/* immutable */
	uint8_t server_uuid[uuid_size];
	char *base_path;  /* @@log_bin_basename */
	char *index_path; /* @@log_bin_index */

	/* owned by the holder of the commit lock */
	struct logfile file;
	uint32_t file_number;
	int64_t sequence;        /* of the last transaction since start */
	int64_t sequence_base;   /* sequence when the current file began: its own numbers start behind it */
	bool in_group;
	uint64_t group_start;    /* file size before the group */
	uint64_t group_size;     /* bytes added, written or not */
	struct buf heads;        /* GTID events of the group */
	struct pending *pending; /* owned */
	size_t pending_count, pending_capacity;
	struct iovec *parts;     /* owned; two for each pending */
	size_t parts_capacity;
	struct gtid *gtids;      /* of the group; owned */
	size_t gtid_count, gtid_capacity;
	uint32_t unsynced_groups;
	int64_t rotate_again_us; /* monotonic; a rotation that was due failed: not before then */
	enum event_checksum file_checksum; /* of the current file */

	struct lock lock;
	/* guarded by lock; the commit lock's holder may read file_number of the index without it */
	struct log_index index;
	struct gtid_set executed;
	struct gtid_set assigned;        /* executed, and the GTIDs of the group under way */
	struct gtid_set purged;
	struct gtid_set reserved;        /* this server's own that are not to be given away */
	struct gtid_set retired;         /* this server's own of before RESET MASTER */
	struct binlog_reader *readers;

	/* atomic */
	_Atomic uint32_t sync_period;
	_Atomic uint64_t max_size;
	_Atomic uint32_t server_id;
	_Atomic int checksum;            /* of the next file */

	struct lock end_lock;
	/* guarded by end_lock */
	struct binlog_position end;      /* durable and published */
	struct condition moved;

	struct lock watch_lock;
	struct binlog_watcher *watchers; /* guarded by watch_lock */
};

/* log_rotate.c */

/* Makes file `number` with its head, PREVIOUS_GTIDS being log->executed; not in the index yet. */
int binlog_create_file(struct binlog *log, uint32_t number, bool is_first, struct logfile *out_file, struct diag *diag);
/* The new file is the current one; readers may see it. */
void binlog_switch_file(struct binlog *log, uint32_t number, struct logfile *file);
struct event_writer binlog_event_writer(struct binlog *log, struct buf *out);
/* Appends events that are no transaction (ROTATE, STOP, INCIDENT), flushed, to what is flushed: they vouch for it. */
int binlog_append_control(struct binlog *log, struct buf *events, struct diag *diag);
/* Cuts the checksums' room out of a run of events. */
int binlog_strip_checksums(struct buf *events, struct diag *diag);

/* log_recover.c */
/* All files go, and one of this number that is not listed yet. */
int binlog_remove_all(struct binlog *log, uint32_t number, struct diag *diag);
int binlog_recover(struct binlog *log, const struct binlog_options *options, struct binlog_recovery *out_recovery,
		   struct diag *diag);

/* log_read.c */
void binlog_set_end(struct binlog *log, struct binlog_position end);
