/*
 * Where complete transactions end: a walk through the file with one bit of state and a few rules.
 *
 *              GTID                        BEGIN, or MariaDB's GTID that is not standalone
 *   outside ----------> announced -------------------------------------------> inside
 *      ^  ^                 |                                                     |
 *      |  +-----------------+ one QUERY (DDL), TRANSACTION_PAYLOAD, INCIDENT      |
 *      +--------------------------------------------------------------------------+ XID, COMMIT, ROLLBACK, XA_PREPARE
 *
 * A log without GTIDs goes from outside straight inside with BEGIN, and a lone QUERY outside completes itself.
 *
 * What is damaged is a torn write, unless something behind it says that all before itself was flushed when it was written:
 *
 *   head | group | group | group: its first page is lost, a later one is there, with whole transactions of the group
 *        F       F       F       (F: EVENT_GTID_FLUSHED_BEFORE; ROTATE and STOP say the same)
 *
 * Times rise from transaction to transaction of a file. One of an earlier time is what the disk's blocks held before, of a
 * file that is gone; it ends the log as garbage does, and vouches for nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "binlog/reader.h"

enum place { PLACE_OUTSIDE, PLACE_ANNOUNCED, PLACE_INSIDE };

struct walk {
	struct log_end *end;
	enum place place;
	struct gtid gtid; /* of the transaction under way; gno 0: none */
	uint64_t time_us; /* of its commit; 0: none was told */
	uint64_t size;    /* of its events, as its GTID event says; 0: unknown */
	uint64_t begin;   /* where they begin */
};

void log_end_init(struct log_end *end)
{
	*end = (struct log_end){0};
}

void log_end_deinit(struct log_end *end)
{
	gtid_set_deinit(&end->previous);
	gtid_set_deinit(&end->gtids);
}

static void complete(struct walk *walk)
{
	walk->place = PLACE_OUTSIDE;
}

/* Behind a whole transaction, or an event outside of any. */
static void come_to_rest(struct walk *walk, uint64_t offset)
{
	if (walk->gtid.gno)
		gtid_set_add(&walk->end->gtids, &walk->gtid);
	walk->gtid.gno = 0;
	walk->end->offset = offset;
}

static int take_query(struct walk *walk, const struct event *event, struct diag *diag)
{
	struct event_query query;
	if (event_decode_query(event, &query, diag) < 0)
		return -1;
	if (walk->place == PLACE_INSIDE) {
		/* "ROLLBACK TO" is longer: it ends nothing. */
		if (event_query_is(&query, "COMMIT") || event_query_is(&query, "ROLLBACK"))
			complete(walk);
	} else if (event_query_is(&query, "BEGIN")) {
		walk->place = PLACE_INSIDE;
	} else {
		complete(walk);
	}
	return 0;
}

static int take_gtid(struct walk *walk, const struct event *event, struct diag *diag)
{
	struct event_gtid gtid;
	if (event_decode_gtid(event, &gtid, diag) < 0)
		return -1;
	if (gtid.immediate_commit_us < walk->time_us)
		return diag_set_message(diag, ER_SLAVE_CORRUPT_EVENT,
					"Corrupted replication event was detected: a transaction of an earlier time");
	walk->time_us = gtid.immediate_commit_us;
	walk->size = gtid.transaction_size;
	walk->gtid = gtid.gtid;
	walk->place = PLACE_ANNOUNCED;
	return 0;
}

static int take_mariadb_gtid(struct walk *walk, const struct event *event, struct diag *diag)
{
	struct event_mariadb_gtid gtid;
	if (event_decode_mariadb_gtid(event, &gtid, diag) < 0)
		return -1;
	walk->place = gtid.flags & EVENT_MARIADB_GTID_STANDALONE ? PLACE_ANNOUNCED : PLACE_INSIDE;
	return 0;
}

static int take_event(struct walk *walk, const struct event *event, struct diag *diag)
{
	switch (event->type) {
	case EVENT_GTID:
	case EVENT_ANONYMOUS_GTID:
		return take_gtid(walk, event, diag);
	case EVENT_MARIADB_GTID:
		return take_mariadb_gtid(walk, event, diag);
	case EVENT_PREVIOUS_GTIDS:
		return event_decode_previous_gtids(event, &walk->end->previous, diag);
	case EVENT_QUERY:
		return take_query(walk, event, diag);
	case EVENT_QUERY_COMPRESSED: /* never BEGIN or COMMIT: they would not get smaller */
	case EVENT_EXECUTE_LOAD_QUERY:
	case EVENT_TRANSACTION_PAYLOAD:
	case EVENT_INCIDENT:
		if (walk->place != PLACE_INSIDE)
			complete(walk);
		return 0;
	case EVENT_XID:
	case EVENT_XA_PREPARE:
		complete(walk);
		return 0;
	case EVENT_INTVAR:
	case EVENT_RAND:
	case EVENT_USER_VAR:
	case EVENT_BEGIN_LOAD_QUERY:
	case EVENT_APPEND_BLOCK:
		/* They belong to the statement behind them. */
		if (walk->place == PLACE_OUTSIDE)
			walk->place = PLACE_ANNOUNCED;
		return 0;
	default:
		return 0;
	}
}

static int corrupt(const struct log_reader *reader, const char *what, struct diag *diag)
{
	return diag_set_message(diag, ER_SLAVE_CORRUPT_EVENT, "Corrupted replication event was detected: %s in '%s' at %llu",
				what, reader->path, (unsigned long long)reader->event_offset);
}

/*
 * What an event and a transaction say of their places. Without checksums, this is what tells a whole one from garbage.
 * With the state behind the event.
 */
static int check_places(struct walk *walk, const struct log_reader *reader, const struct event *event, struct diag *diag)
{
	if (event->log_pos != (uint32_t)reader->offset)
		return corrupt(reader, "an event of another place", diag);
	if (event->type == EVENT_GTID || event->type == EVENT_ANONYMOUS_GTID)
		walk->begin = reader->event_offset;
	if (walk->place != PLACE_OUTSIDE)
		return 0;
	bool is_whole = walk->size == 0 || walk->begin + walk->size == reader->offset;
	walk->size = 0;
	return is_whole ? 0 : corrupt(reader, "a transaction of another size", diag);
}

static enum reader_outcome walk_file(struct log_reader *reader, struct walk *walk, struct diag *diag)
{
	struct event event;
	enum reader_outcome outcome;
	while ((outcome = log_reader_next(reader, &event, diag)) == READER_EVENT) {
		if (event.type == EVENT_FORMAT_DESCRIPTION && reader->event_offset == binlog_magic_size)
			walk->end->in_use = event.flags & EVENT_FLAG_BINLOG_IN_USE;
		if (take_event(walk, &event, diag) < 0) {
			diag_add_context(diag, "'%s' at %llu", reader->path, (unsigned long long)reader->event_offset);
			return READER_CORRUPT;
		}
		if (check_places(walk, reader, &event, diag) < 0)
			return READER_CORRUPT;
		if (walk->place == PLACE_OUTSIDE)
			come_to_rest(walk, reader->offset);
	}
	return outcome;
}

/* Does a whole event stand at data, offset being its place in the file, that vouches for what is before it? */
static bool vouches(const struct walk *walk, const uint8_t *data, uint64_t offset, uint64_t left,
		    const struct event_format *format)
{
	struct event event;
	struct event_gtid gtid;
	struct diag ignored = DIAG_INIT;
	if (left < event_header_size)
		return false;
	uint8_t type = data[4];
	if (type != EVENT_GTID && type != EVENT_ANONYMOUS_GTID && type != EVENT_ROTATE && type != EVENT_STOP)
		return false;
	uint64_t size = bytes_load_uint(data + 9, 4);
	if (size < event_header_size || size > left || bytes_load_uint(data + 13, 4) != (uint32_t)(offset + size) ||
	    event_parse(bytes_of(data, size), format, &event, &ignored) < 0 || !event_checksum_is_right(&event))
		return false;
	if (type == EVENT_ROTATE || type == EVENT_STOP)
		return true;
	return event_decode_gtid(&event, &gtid, &ignored) == 0 && (gtid.flags & EVENT_GTID_FLUSHED_BEFORE) &&
	       gtid.immediate_commit_us >= walk->time_us;
}

/* Behind the last whole transaction: was what is there whole once, so that somebody may have been told of it? */
static bool was_flushed(const struct log_reader *reader, const struct walk *walk)
{
	bool found = false;
	uint64_t file_size = walk->end->file_size;
	uint8_t *map = mmap(NULL, file_size, PROT_READ, MAP_PRIVATE, reader->fd, 0);
	if (map == MAP_FAILED)
		return true; /* unknown is not torn: refuse rather than cut */
	for (uint64_t at = walk->end->offset + 1; at < file_size && !found; at++)
		found = vouches(walk, map + at, at, file_size - at, &reader->format);
	munmap(map, file_size);
	return found;
}

enum reader_outcome log_reader_find_end(const char *path, struct log_end *out_end, struct diag *diag)
{
	struct log_reader reader;
	struct stat status;
	enum reader_outcome outcome = log_reader_open(&reader, path, 0, UINT64_MAX, diag);
	if (outcome != READER_EVENT)
		return outcome == READER_END ? READER_TRUNCATED : outcome;
	if (fstat(reader.fd, &status) < 0) {
		diag_set(diag, ER_ERROR_ON_READ, path, errno, strerror(errno));
		log_reader_close(&reader);
		return READER_ERROR;
	}
	out_end->file_size = (uint64_t)status.st_size;
	struct walk walk = {.end = out_end};
	outcome = walk_file(&reader, &walk, diag);
	if (outcome == READER_END && out_end->offset < out_end->file_size)
		outcome = READER_TRUNCATED; /* inside a transaction */
	else if (outcome == READER_CORRUPT || outcome == READER_TRUNCATED)
		outcome = was_flushed(&reader, &walk) ? READER_CORRUPT : READER_TRUNCATED;
	log_reader_close(&reader);
	return outcome;
}

int log_reader_previous_gtids(const char *path, struct gtid_set *out_previous, struct diag *diag)
{
	struct log_reader reader;
	if (log_reader_open(&reader, path, 0, UINT64_MAX, diag) != READER_EVENT)
		return -1;
	int result = 0;
	for (unsigned i = 0; i < 2; i++) {
		struct event event;
		enum reader_outcome outcome = log_reader_next(&reader, &event, diag);
		if (outcome != READER_EVENT) {
			result = outcome == READER_END ? 0 : -1;
			break;
		}
		if (event.type == EVENT_PREVIOUS_GTIDS)
			result = event_decode_previous_gtids(&event, out_previous, diag);
	}
	log_reader_close(&reader);
	return result;
}
