#include "binlog/event.h"

#include <string.h>

#include "binlog/crc32.h"
#include "binlog/event_internal.h"
#include "binlog/event_writer.h"

const uint8_t binlog_magic[binlog_magic_size] = {0xfe, 'b', 'i', 'n'};

/* What MySQL 8.0.35 announces for types 1 .. 41. */
const uint8_t event_post_header_sizes[EVENT_TYPE_COUNT] = {
	0,  13, 0,  8,  0, 0, 0, 0,  4,  0,  4,  0,  0,  0,  98, 0,  4, 26, 8,  0, 0,
	0,  8,  8,  8,  2, 0, 0, 0,  10, 10, 10, 42, 42, 0,  18, 52, 0, 10, 40, 0,
};

static const char *const names[256] = {
	[EVENT_START_V3] = "Start_v3",
	[EVENT_QUERY] = "Query",
	[EVENT_STOP] = "Stop",
	[EVENT_ROTATE] = "Rotate",
	[EVENT_INTVAR] = "Intvar",
	[EVENT_LOAD] = "Load",
	[EVENT_SLAVE] = "Slave",
	[EVENT_CREATE_FILE] = "Create_file",
	[EVENT_APPEND_BLOCK] = "Append_block",
	[EVENT_EXEC_LOAD] = "Exec_load",
	[EVENT_DELETE_FILE] = "Delete_file",
	[EVENT_NEW_LOAD] = "New_load",
	[EVENT_RAND] = "RAND",
	[EVENT_USER_VAR] = "User var",
	[EVENT_FORMAT_DESCRIPTION] = "Format_desc",
	[EVENT_XID] = "Xid",
	[EVENT_BEGIN_LOAD_QUERY] = "Begin_load_query",
	[EVENT_EXECUTE_LOAD_QUERY] = "Execute_load_query",
	[EVENT_TABLE_MAP] = "Table_map",
	[EVENT_WRITE_ROWS_V0] = "Write_rows_event_old",
	[EVENT_UPDATE_ROWS_V0] = "Update_rows_event_old",
	[EVENT_DELETE_ROWS_V0] = "Delete_rows_event_old",
	[EVENT_WRITE_ROWS_V1] = "Write_rows_v1",
	[EVENT_UPDATE_ROWS_V1] = "Update_rows_v1",
	[EVENT_DELETE_ROWS_V1] = "Delete_rows_v1",
	[EVENT_INCIDENT] = "Incident",
	[EVENT_HEARTBEAT] = "Heartbeat",
	[EVENT_IGNORABLE] = "Ignorable",
	[EVENT_ROWS_QUERY] = "Rows_query",
	[EVENT_WRITE_ROWS] = "Write_rows",
	[EVENT_UPDATE_ROWS] = "Update_rows",
	[EVENT_DELETE_ROWS] = "Delete_rows",
	[EVENT_GTID] = "Gtid",
	[EVENT_ANONYMOUS_GTID] = "Anonymous_Gtid",
	[EVENT_PREVIOUS_GTIDS] = "Previous_gtids",
	[EVENT_TRANSACTION_CONTEXT] = "Transaction_context",
	[EVENT_VIEW_CHANGE] = "View_change",
	[EVENT_XA_PREPARE] = "XA_prepare",
	[EVENT_PARTIAL_UPDATE_ROWS] = "Update_rows_partial",
	[EVENT_TRANSACTION_PAYLOAD] = "Transaction_payload",
	[EVENT_HEARTBEAT_V2] = "Heartbeat",
	[EVENT_ANNOTATE_ROWS] = "Annotate_rows",
	[EVENT_BINLOG_CHECKPOINT] = "Binlog_checkpoint",
	[EVENT_MARIADB_GTID] = "Gtid",
	[EVENT_MARIADB_GTID_LIST] = "Gtid_list",
	[EVENT_START_ENCRYPTION] = "Start_encryption",
	[EVENT_QUERY_COMPRESSED] = "Query_compressed",
	[EVENT_WRITE_ROWS_COMPRESSED_V1] = "Write_rows_compressed_v1",
	[EVENT_UPDATE_ROWS_COMPRESSED_V1] = "Update_rows_compressed_v1",
	[EVENT_DELETE_ROWS_COMPRESSED_V1] = "Delete_rows_compressed_v1",
	[EVENT_WRITE_ROWS_COMPRESSED] = "Write_rows_compressed",
	[EVENT_UPDATE_ROWS_COMPRESSED] = "Update_rows_compressed",
	[EVENT_DELETE_ROWS_COMPRESSED] = "Delete_rows_compressed",
};

const char *event_type_name(uint8_t type)
{
	return names[type] ? names[type] : "Unknown";
}

bool event_is_rows(uint8_t type)
{
	return (type >= EVENT_WRITE_ROWS_V1 && type <= EVENT_DELETE_ROWS_V1) ||
	       (type >= EVENT_WRITE_ROWS && type <= EVENT_DELETE_ROWS) ||
	       (type >= EVENT_WRITE_ROWS_COMPRESSED_V1 && type <= EVENT_DELETE_ROWS_COMPRESSED);
}

int event_corrupt(const struct event *event, struct diag *diag, const char *what)
{
	return diag_set_message(diag, ER_SLAVE_CORRUPT_EVENT, "Corrupted replication event was detected: %s (%u): %s",
				event_type_name(event->type), event->type, what);
}

unsigned event_post_header_size(const struct event *event)
{
	unsigned size = event->format->post_header_size[event->type];
	if (size == 0 && event->type >= 1 && event->type <= EVENT_TYPE_COUNT)
		size = event_post_header_sizes[event->type - 1];
	return size;
}

int event_done(const struct event *event, const struct cursor *at, struct diag *diag)
{
	return cursor_done(at) ? 0 : event_corrupt(event, diag, at->failed ? "it is too short" : "it is too long");
}

void event_format_init(struct event_format *format, enum event_checksum checksum)
{
	*format = (struct event_format){
		.binlog_version = 4,
		.server_version = BINLOG_SERVER_VERSION,
		.header_size = event_header_size,
		.type_count = EVENT_TYPE_COUNT,
		.checksum = checksum,
	};
	memcpy(format->post_header_size + 1, event_post_header_sizes, EVENT_TYPE_COUNT);
}

uint32_t event_crc32(struct bytes bytes)
{
	return crc32_add(0, bytes);
}

/* A description always carries a checksum, unless it comes from a server that knows none. */
static bool has_checksum(uint8_t type, const struct event_format *format)
{
	return format->checksum == EVENT_CHECKSUM_CRC32 ||
	       (type == EVENT_FORMAT_DESCRIPTION && format->checksum != EVENT_CHECKSUM_UNDEFINED);
}

static int read_header(struct bytes raw, struct event *event, struct diag *diag)
{
	struct cursor at = cursor_of(raw);
	event->timestamp = cursor_u32(&at);
	event->type = cursor_u8(&at);
	event->server_id = cursor_u32(&at);
	event->size = cursor_u32(&at);
	event->log_pos = cursor_u32(&at);
	event->flags = cursor_u16(&at);
	event->raw = raw;
	if (at.failed || event->size != raw.size)
		return event_corrupt(event, diag, "its size is not that of its bytes");
	event->body = cursor_rest(&at);
	return 0;
}

void event_make_ignorable(uint8_t *event, size_t size, bool has_checksum)
{
	size_t checked = has_checksum ? size - event_checksum_size : size;
	event[4] = EVENT_IGNORABLE;
	bytes_store_uint(event + 17, bytes_load_uint(event + 17, 2) | EVENT_FLAG_IGNORABLE, 2);
	if (has_checksum)
		bytes_store_uint(event + checked, event_crc32(bytes_of(event, checked)), event_checksum_size);
}

uint64_t event_widen_position(uint64_t last, uint32_t log_pos)
{
	uint64_t wide = (last & ~(uint64_t)UINT32_MAX) | log_pos;
	return wide < last ? wide + ((uint64_t)1 << 32) : wide;
}

int event_parse(struct bytes raw, const struct event_format *format, struct event *out_event, struct diag *diag)
{
	struct event event = {.format = format};
	if (read_header(raw, &event, diag) < 0)
		return -1;
	struct event_format own;
	if (event.type == EVENT_FORMAT_DESCRIPTION) {
		/* What it says of itself counts, not what the one before it said. */
		if (event_decode_format(raw, &own, diag) < 0)
			return -1;
		format = &own;
	}
	if (has_checksum(event.type, format)) {
		if (event.body.size < event_checksum_size)
			return event_corrupt(&event, diag, "it has no room for its checksum");
		event.body.size -= event_checksum_size;
	}
	*out_event = event;
	return 0;
}

int event_take(struct bytes *run, const struct event_format *format, struct event *out_event, struct diag *diag)
{
	uint64_t size = run->size >= event_header_size ? bytes_load_uint(run->data + 9, 4) : 0;
	if (size < event_header_size || size > run->size)
		return diag_set(diag, ER_SLAVE_CORRUPT_EVENT);
	if (event_parse(bytes_of(run->data, (size_t)size), format, out_event, diag) < 0)
		return -1;
	*run = bytes_of(run->data + size, run->size - (size_t)size);
	return 0;
}

/* A description's checksum. The in-use flag is set and cleared in place: it is that of the event without it. */
static uint32_t description_crc(const struct event *event, size_t covered, uint8_t algorithm)
{
	uint8_t header[event_header_size];
	size_t between = covered - sizeof header - 1;
	memcpy(header, event->raw.data, sizeof header);
	header[17] &= (uint8_t)~EVENT_FLAG_BINLOG_IN_USE;
	uint32_t crc = crc32_add(0, bytes_of(header, sizeof header));
	crc = crc32_add(crc, bytes_of(event->raw.data + sizeof header, between));
	return crc32_add(crc, bytes_of(&algorithm, 1));
}

/*
 * The last byte says which checksums there are behind it. In front of a log without any it has one all the same, which
 * MariaDB leaves as it was when it changes the description for a stream; but one that would be right if there were checksums
 * shows that the byte itself is damaged.
 */
static bool description_is_right(const struct event *event, size_t covered, uint32_t stored)
{
	uint8_t algorithm = event->raw.data[covered - 1];
	if (algorithm == EVENT_CHECKSUM_OFF)
		return description_crc(event, covered, EVENT_CHECKSUM_CRC32) != stored;
	return description_crc(event, covered, algorithm) == stored;
}

bool event_checksum_is_right(const struct event *event)
{
	size_t covered = event_header_size + event->body.size;
	if (covered == event->raw.size)
		return true;
	uint32_t stored = (uint32_t)bytes_load_uint(event->raw.data + covered, 4);
	if (event->type == EVENT_FORMAT_DESCRIPTION && event->body.size)
		return description_is_right(event, covered, stored);
	return event_crc32(bytes_of(event->raw.data, covered)) == stored;
}

void event_put_without_checksum(struct buf *out, const struct event *event)
{
	size_t at = out->size;
	buf_put(out, event->raw.data, event_header_size + event->body.size);
	bytes_store_uint(out->data + at + 9, out->size - at, 4);
}

void event_put_format_for_replica(struct buf *out, const struct event *event, enum event_checksum checksum,
				  bool in_middle)
{
	size_t covered = event_header_size + event->body.size;
	uint8_t *copy = buf_extend(out, event->raw.size);
	memcpy(copy, event->raw.data, event->raw.size);
	copy[17] &= (uint8_t)~EVENT_FLAG_BINLOG_IN_USE;
	if (in_middle) {
		memset(copy + 13, 0, 4);
		memset(copy + event_header_size + 2 + 50, 0, 4);
	}
	if (covered == event->raw.size)
		return; /* from a server that knows no checksums */
	copy[covered - 1] = (uint8_t)checksum;
	bytes_store_uint(copy + covered, event_crc32(bytes_of(copy, covered)), 4);
}
