/*
 * Reading a log file event by event: dump threads, SHOW BINLOG EVENTS, recovery, the applier on a relay log.
 *
 * Every event is checked: its size against the file, its checksum, its type's decoder later. The end of what is
 * there is told apart from damage:
 *
 *   READER_EVENT      here it is, valid until the next call
 *   READER_END        exactly at the limit or the end of the file; later calls may find more
 *   READER_TRUNCATED  the last event is not complete: a torn write when the writer is gone, else not yet all there
 *   READER_CORRUPT    bytes that are no event, or a wrong checksum; diag says which file and offset
 *   READER_ERROR      the file cannot be read; diag says why
 *
 * All but the first two leave the reader where the faulty event begins. A reader has one owner thread.
 */
#pragma once

#include <stdint.h>

#include "base/buf.h"
#include "binlog/event.h"

enum reader_outcome { READER_EVENT, READER_END, READER_TRUNCATED, READER_CORRUPT, READER_ERROR };

struct log_reader {
	int fd;
	char *path;                 /* owned */
	uint64_t offset;            /* of the next event */
	uint64_t event_offset;      /* of the last event that was returned */
	uint64_t limit;             /* never read past it: the durable end; UINT64_MAX: the file's */
	uint64_t file_size;         /* as last seen, when limit is UINT64_MAX */
	bool verify_checksum;       /* on unless the owner turns it off */
	struct event_format format; /* of the last FORMAT_DESCRIPTION that was read */
	struct buf buffer;          /* bytes read ahead */
	uint64_t buffer_offset;     /* where they stand in the file */
};

/*
 * Opens the file, checks its magic, reads the FORMAT_DESCRIPTION at its head and goes to offset, 0 or 4 being the
 * head itself (the first event then is the description). An offset that is no border between events shows
 * as READER_CORRUPT at the first read. READER_END: fewer bytes than magic and description up to the
 * limit: a file that was just created, or torn at its birth (READER_TRUNCATED). The reader is open
 * only when READER_EVENT is returned (no event is consumed yet).
 */
enum reader_outcome log_reader_open(struct log_reader *reader, const char *path, uint64_t offset, uint64_t limit,
				    struct diag *diag);
void log_reader_close(struct log_reader *reader); /* a reader that failed to open may be closed as well */

/* The owner saw the durable end move. */
void log_reader_set_limit(struct log_reader *reader, uint64_t limit);
/* Also follows FORMAT_DESCRIPTIONs: out_event->format is reader->format. */
enum reader_outcome log_reader_next(struct log_reader *reader, struct event *out_event, struct diag *diag);
const char *reader_outcome_name(enum reader_outcome outcome);

/* What log_reader_find_end learned of a file. */
struct log_end {
	uint64_t offset;             /* behind the last complete transaction */
	uint64_t file_size;
	bool in_use;                 /* the writer had not closed it */
	struct gtid_set previous;    /* PREVIOUS_GTIDS */
	struct gtid_set gtids;       /* of the complete transactions in the file */
};
void log_end_init(struct log_end *end);
void log_end_deinit(struct log_end *end);

/*
 * Finds where a file's complete transactions end: behind the last XID, COMMIT, lone QUERY or event outside of any
 * transaction. After a crash the bytes behind it belong to nobody.
 *
 *   READER_END        the whole file is complete transactions
 *   READER_TRUNCATED  it ends inside an event or a transaction, or in damage: a torn write
 *   READER_CORRUPT    what stands behind the damage says that it was flushed once: that is no torn write (diag)
 *   READER_ERROR      diag; nothing is known
 */
enum reader_outcome log_reader_find_end(const char *path, struct log_end *out_end, struct diag *diag);
/* Only PREVIOUS_GTIDS, from the file's head; nothing is added when there is none. */
int log_reader_previous_gtids(const char *path, struct gtid_set *out_previous, struct diag *diag);
