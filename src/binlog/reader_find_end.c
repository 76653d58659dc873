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
	if (walk->gtid.gno)
		gtid_set_add(&walk->end->gtids, &walk->gtid);
	walk->gtid.gno = 0;
	walk->place = PLACE_OUTSIDE;
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

static enum reader_outcome walk_file(struct log_reader *reader, struct walk *walk, struct diag *diag)
{
	struct event event;
	enum reader_outcome outcome;
	while ((outcome = log_reader_next(reader, &event, diag)) == READER_EVENT) {
		if (event.type == EVENT_FORMAT_DESCRIPTION && reader->event_offset == binlog_magic_size)
			walk->end->in_use = event.flags & EVENT_FLAG_BINLOG_IN_USE;
		if (take_event(walk, &event, diag) < 0)
			return READER_CORRUPT;
		if (walk->place == PLACE_OUTSIDE)
			walk->end->offset = reader->offset;
	}
	return outcome;
}

/* Does a whole event stand at data, offset being its place in the file, with which something new begins? */
static bool is_beginning(const uint8_t *data, uint64_t offset, uint64_t left, const struct event_format *format)
{
	if (left < event_header_size + event_checksum_size)
		return false;
	uint8_t type = data[4];
	if (type != EVENT_GTID && type != EVENT_ANONYMOUS_GTID && type != EVENT_MARIADB_GTID && type != EVENT_ROTATE &&
	    type != EVENT_STOP)
		return false;
	uint64_t size = bytes_load_uint(data + 9, 4);
	if (size < event_header_size + event_checksum_size || size > left ||
	    bytes_load_uint(data + 13, 4) != (uint32_t)(offset + size))
		return false;
	if (format->checksum != EVENT_CHECKSUM_CRC32)
		return true;
	return event_crc32(bytes_of(data, size - event_checksum_size)) ==
	       (uint32_t)bytes_load_uint(data + size - event_checksum_size, event_checksum_size);
}

/*
 * Behind a torn write there is nothing but, perhaps, later parts of the transaction that was being written. Where
 * another transaction begins, the damaged one was whole once, and somebody may have been told that it is committed.
 */
static bool transaction_follows(const struct log_reader *reader, uint64_t damage, uint64_t file_size)
{
	bool found = false;
	uint8_t *map = mmap(NULL, file_size, PROT_READ, MAP_PRIVATE, reader->fd, 0);
	if (map == MAP_FAILED)
		return true; /* unknown is not torn: refuse rather than cut */
	for (uint64_t at = damage + 1; at < file_size && !found; at++)
		found = is_beginning(map + at, at, file_size - at, &reader->format);
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
		outcome = transaction_follows(&reader, reader.offset, out_end->file_size) ? READER_CORRUPT
											  : READER_TRUNCATED;
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
