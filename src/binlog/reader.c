#include "binlog/reader.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"

enum { read_ahead_size = 64 * 1024 };

const char *reader_outcome_name(enum reader_outcome outcome)
{
	static const char *const names[] = {"event", "end", "truncated", "corrupt", "error"};
	return names[outcome];
}

static enum reader_outcome fail(const struct log_reader *reader, struct diag *diag)
{
	diag_set(diag, ER_ERROR_ON_READ, reader->path, errno, strerror(errno));
	return READER_ERROR;
}

static enum reader_outcome corrupt(const struct log_reader *reader, struct diag *diag, const char *what)
{
	diag_set_message(diag, ER_SLAVE_CORRUPT_EVENT, "Corrupted replication event was detected: %s in '%s' at %llu",
			 what, reader->path, (unsigned long long)reader->offset);
	return READER_CORRUPT;
}

static enum reader_outcome truncated(const struct log_reader *reader, struct diag *diag, const char *what)
{
	diag_set_message(diag, ER_SLAVE_CORRUPT_EVENT, "%s at the end of '%s', which begins at %llu", what,
			 reader->path, (unsigned long long)reader->offset);
	return READER_TRUNCATED;
}

/* Where reading has to stop now. */
static int find_limit(struct log_reader *reader, uint64_t *out_limit)
{
	if (reader->limit != UINT64_MAX) {
		*out_limit = reader->limit;
		return 0;
	}
	struct stat status;
	/* Of what is in the buffer the size was asked for when it was read. */
	if (reader->offset + event_header_size > reader->buffer_offset + reader->buffer.size) {
		if (fstat(reader->fd, &status) < 0)
			return -1;
		reader->file_size = (uint64_t)status.st_size;
	}
	*out_limit = reader->file_size;
	return 0;
}

/* Keeps the last bytes only; gives back the memory that one large event took. */
static void move_to_front(struct buf *buffer, size_t keep, size_t size)
{
	const size_t capacity_kept = 4 * read_ahead_size;
	if (buffer->capacity > capacity_kept && size + keep < capacity_kept) {
		struct buf smaller;
		buf_init(&smaller);
		buf_put(&smaller, buffer->data + buffer->size - keep, keep);
		buf_deinit(buffer);
		*buffer = smaller;
		return;
	}
	if (keep)
		memmove(buffer->data, buffer->data + buffer->size - keep, keep);
	buffer->size = keep;
}

/*
 * Makes size bytes from offset on available, and more if they are near; they lie before the limit, but the file may
 * have been cut meanwhile. Returns how many there are, at most size, or -1.
 */
static int64_t fill(struct log_reader *reader, uint64_t offset, size_t size, uint64_t limit)
{
	struct buf *buffer = &reader->buffer;
	bool inside = offset >= reader->buffer_offset && offset <= reader->buffer_offset + buffer->size;
	size_t keep = inside ? (size_t)(reader->buffer_offset + buffer->size - offset) : 0;
	if (inside && keep >= size)
		return (int64_t)size;
	move_to_front(buffer, keep, size);
	reader->buffer_offset = offset;
	size_t wanted = size > read_ahead_size ? size : read_ahead_size;
	if (wanted > limit - offset)
		wanted = (size_t)(limit - offset);
	while (buffer->size < wanted) {
		ssize_t got = pread(reader->fd, buf_reserve(buffer, wanted - buffer->size), wanted - buffer->size,
				    (off_t)(offset + buffer->size));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		buffer->size += (size_t)got;
	}
	return (int64_t)(buffer->size < size ? buffer->size : size);
}

static const uint8_t *bytes_at(const struct log_reader *reader, uint64_t offset)
{
	assert(offset >= reader->buffer_offset);
	return reader->buffer.data + (offset - reader->buffer_offset);
}

/*
 * The raw bytes of the event at reader->offset. A size that reaches past the limit is a torn end only if what is
 * there looks like a header; who can tell a torn one from a damaged one: log_reader_find_end looks on.
 */
static enum reader_outcome next_raw(struct log_reader *reader, struct bytes *out_raw, struct diag *diag)
{
	uint64_t limit;
	if (find_limit(reader, &limit) < 0)
		return fail(reader, diag);
	if (reader->offset >= limit)
		return READER_END;
	uint64_t left = limit - reader->offset;
	if (left < event_header_size)
		return truncated(reader, diag, "An event header is cut");
	int64_t got = fill(reader, reader->offset, event_header_size, limit);
	if (got < 0)
		return fail(reader, diag);
	if (got < event_header_size)
		return truncated(reader, diag, "An event header is cut");
	uint32_t size = (uint32_t)bytes_load_uint(bytes_at(reader, reader->offset) + 9, 4);
	if (size < event_header_size || size > event_size_max)
		return corrupt(reader, diag, "an impossible event size");
	if (size > left)
		return truncated(reader, diag, "An event is cut");
	if (!memory_has(size)) {
		diag_set(diag, ER_OUTOFMEMORY, (int)size);
		return READER_ERROR;
	}
	got = fill(reader, reader->offset, size, limit);
	if (got < 0)
		return fail(reader, diag);
	if ((uint64_t)got < size)
		return truncated(reader, diag, "An event is cut");
	*out_raw = bytes_of(bytes_at(reader, reader->offset), size);
	return READER_EVENT;
}

enum reader_outcome log_reader_next(struct log_reader *reader, struct event *out_event, struct diag *diag)
{
	struct bytes raw;
	enum reader_outcome outcome = next_raw(reader, &raw, diag);
	if (outcome != READER_EVENT)
		return outcome;
	struct event event;
	if (event_parse(raw, &reader->format, &event, diag) < 0) {
		diag_add_context(diag, "'%s' at %llu", reader->path, (unsigned long long)reader->offset);
		return READER_CORRUPT;
	}
	if (reader->verify_checksum && !event_checksum_is_right(&event)) {
		diag_set(diag, ER_BINLOG_READ_EVENT_CHECKSUM_FAILURE);
		diag_add_context(diag, "'%s' at %llu", reader->path, (unsigned long long)reader->offset);
		return READER_CORRUPT;
	}
	if (event.type == EVENT_FORMAT_DESCRIPTION && event_decode_format(raw, &reader->format, diag) < 0)
		return READER_CORRUPT;
	reader->event_offset = reader->offset;
	reader->offset += raw.size;
	*out_event = event;
	return READER_EVENT;
}

static enum reader_outcome read_head(struct log_reader *reader, struct diag *diag)
{
	uint64_t limit;
	if (find_limit(reader, &limit) < 0)
		return fail(reader, diag);
	int64_t got = limit ? fill(reader, 0, binlog_magic_size, limit) : 0;
	if (got < 0)
		return fail(reader, diag);
	if (got > 0 && memcmp(reader->buffer.data, binlog_magic, (size_t)got) != 0)
		return corrupt(reader, diag, "no binary log: wrong magic number");
	if (got < binlog_magic_size) {
		truncated(reader, diag, "The magic number is cut");
		return got == 0 ? READER_END : READER_TRUNCATED;
	}
	reader->offset = binlog_magic_size;
	struct event event;
	enum reader_outcome outcome = log_reader_next(reader, &event, diag);
	if (outcome == READER_EVENT && event.type != EVENT_FORMAT_DESCRIPTION) {
		reader->offset = binlog_magic_size;
		return corrupt(reader, diag, "no format description");
	}
	return outcome;
}

enum reader_outcome log_reader_open(struct log_reader *reader, const char *path, uint64_t offset, uint64_t limit,
				    struct diag *diag)
{
	*reader = (struct log_reader){
		.fd = open(path, O_RDONLY | O_CLOEXEC),
		.path = memory_copy_string(path),
		.limit = limit,
		.verify_checksum = true,
	};
	event_format_init(&reader->format, EVENT_CHECKSUM_CRC32);
	if (reader->fd < 0) {
		diag_set(diag, ER_CANT_OPEN_FILE, path, errno, strerror(errno));
		log_reader_close(reader);
		return READER_ERROR;
	}
	enum reader_outcome outcome = read_head(reader, diag);
	if (outcome != READER_EVENT) {
		log_reader_close(reader);
		return outcome;
	}
	reader->offset = offset > binlog_magic_size ? offset : binlog_magic_size;
	return READER_EVENT;
}

void log_reader_close(struct log_reader *reader)
{
	if (reader->fd >= 0 && reader->path)
		close(reader->fd);
	memory_free(reader->path);
	buf_deinit(&reader->buffer);
	reader->fd = -1;
	reader->path = NULL;
}

void log_reader_set_limit(struct log_reader *reader, uint64_t limit)
{
	assert(reader->limit == UINT64_MAX || limit == UINT64_MAX || limit >= reader->offset);
	reader->limit = limit;
}
