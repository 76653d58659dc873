#include "binlog/event_writer.h"

#include <assert.h>
#include <string.h>

#include "binlog/event_frame.h"
#include "binlog/event_internal.h"
#include "binlog/query_status.h"

enum { header_type_at = 4, header_size_at = 9, header_position_at = 13, header_flags_at = 17 };

size_t event_frame_begin(const struct event_writer *writer, uint8_t type, uint16_t flags)
{
	size_t at = writer->out->size;
	uint8_t *header = buf_extend(writer->out, event_header_size);
	bytes_store_uint(header, writer->timestamp, 4);
	header[header_type_at] = type;
	bytes_store_uint(header + 5, writer->server_id, 4);
	memset(header + header_size_at, 0, 8);
	bytes_store_uint(header + header_flags_at, flags | writer->flags, 2);
	return at;
}

void event_frame_end(const struct event_writer *writer, size_t event_at)
{
	if (writer->has_checksum)
		buf_put_zeros(writer->out, event_checksum_size);
	size_t size = writer->out->size - event_at;
	bytes_store_uint(writer->out->data + event_at + header_size_at, size, 4);
}

/* The size of the event that begins there, or 0 when it does not fit into what is left. */
static size_t framed_size(const uint8_t *event, size_t left, bool with_checksum)
{
	size_t smallest = event_header_size + (with_checksum ? event_checksum_size : 0);
	if (left < smallest)
		return 0;
	size_t size = (size_t)bytes_load_uint(event + header_size_at, 4);
	return size >= smallest && size <= left ? size : 0;
}

int event_run_finalise(uint8_t *run, size_t size, uint64_t file_offset, bool with_checksum, struct diag *diag)
{
	size_t at = 0;
	while (at < size) {
		uint8_t *event = run + at;
		size_t event_size = framed_size(event, size - at, with_checksum);
		if (event_size == 0)
			return diag_set_message(diag, ER_SLAVE_CORRUPT_EVENT,
						"Corrupted replication event was detected: %zu bytes into a run of %zu",
						at, size);
		at += event_size;
		bytes_store_uint(event + header_position_at, (uint32_t)(file_offset + at), 4);
		if (!with_checksum)
			continue;
		size_t covered = event_size - event_checksum_size;
		bytes_store_uint(event + covered, event_crc32(bytes_of(event, covered)), 4);
	}
	return 0;
}

void event_put(const struct event_writer *writer, uint8_t type, uint16_t flags, struct bytes body)
{
	size_t at = event_frame_begin(writer, type, flags);
	buf_put_bytes(writer->out, body);
	event_frame_end(writer, at);
}

/*
 * The description always has its checksum, and it is filled in here, for its position is that behind the
 * magic: it only ever stands there, or in a stream where nobody looks at the position.
 */
void event_put_format(const struct event_writer *writer, enum event_checksum checksum, uint32_t created, bool in_use)
{
	struct event_writer own = *writer;
	own.has_checksum = true;
	struct event_format format;
	event_format_init(&format, checksum);
	size_t at = event_frame_begin(&own, EVENT_FORMAT_DESCRIPTION, 0);
	buf_put_u16(own.out, format.binlog_version);
	buf_put(own.out, format.server_version, 50);
	buf_put_u32(own.out, created);
	buf_put_u8(own.out, event_header_size);
	buf_put(own.out, event_post_header_sizes, EVENT_TYPE_COUNT);
	buf_put_u8(own.out, (uint8_t)checksum);
	event_frame_end(&own, at);
	struct diag diag = DIAG_INIT;
	int result = event_run_finalise(own.out->data + at, own.out->size - at, binlog_magic_size, true, &diag);
	assert(result == 0);
	(void)result;
	if (in_use)
		own.out->data[at + header_flags_at] |= EVENT_FLAG_BINLOG_IN_USE;
}

void event_put_rotate(const struct event_writer *writer, struct bytes next_file, uint64_t position, uint16_t flags)
{
	size_t at = event_frame_begin(writer, EVENT_ROTATE, flags);
	buf_put_u64(writer->out, position);
	buf_put_bytes(writer->out, next_file);
	event_frame_end(writer, at);
}

void event_put_stop(const struct event_writer *writer)
{
	event_put(writer, EVENT_STOP, 0, bytes_of(NULL, 0));
}

void event_put_previous_gtids(const struct event_writer *writer, const struct gtid_set *set)
{
	size_t at = event_frame_begin(writer, EVENT_PREVIOUS_GTIDS, EVENT_FLAG_IGNORABLE);
	gtid_set_encode(set, writer->out);
	event_frame_end(writer, at);
}

void event_put_xid(const struct event_writer *writer, uint64_t xid)
{
	size_t at = event_frame_begin(writer, EVENT_XID, 0);
	buf_put_u64(writer->out, xid);
	event_frame_end(writer, at);
}

void event_put_intvar(const struct event_writer *writer, enum event_intvar_kind kind, uint64_t value)
{
	size_t at = event_frame_begin(writer, EVENT_INTVAR, 0);
	buf_put_u8(writer->out, (uint8_t)kind);
	buf_put_u64(writer->out, value);
	event_frame_end(writer, at);
}

void event_put_rand(const struct event_writer *writer, uint64_t seed1, uint64_t seed2)
{
	size_t at = event_frame_begin(writer, EVENT_RAND, 0);
	buf_put_u64(writer->out, seed1);
	buf_put_u64(writer->out, seed2);
	event_frame_end(writer, at);
}

void event_put_user_var(const struct event_writer *writer, const struct event_user_var *variable)
{
	struct buf *out = writer->out;
	size_t at = event_frame_begin(writer, EVENT_USER_VAR, 0);
	buf_put_u32(out, (uint32_t)variable->name.size);
	buf_put_bytes(out, variable->name);
	buf_put_u8(out, variable->is_null);
	if (!variable->is_null) {
		buf_put_u8(out, variable->kind);
		buf_put_u32(out, variable->collation_id);
		buf_put_u32(out, (uint32_t)variable->value.size);
		buf_put_bytes(out, variable->value);
		buf_put_u8(out, variable->is_unsigned);
	}
	event_frame_end(writer, at);
}

void event_put_incident(const struct event_writer *writer, uint16_t incident, struct bytes message)
{
	if (message.size > 255)
		message.size = 255;
	size_t at = event_frame_begin(writer, EVENT_INCIDENT, 0);
	buf_put_u16(writer->out, incident);
	buf_put_u8(writer->out, (uint8_t)message.size);
	buf_put_bytes(writer->out, message);
	event_frame_end(writer, at);
}

void event_put_rows_query(const struct event_writer *writer, struct bytes query)
{
	size_t at = event_frame_begin(writer, EVENT_ROWS_QUERY, EVENT_FLAG_IGNORABLE);
	buf_put_u8(writer->out, (uint8_t)(query.size < 255 ? query.size : 255));
	buf_put_bytes(writer->out, query);
	event_frame_end(writer, at);
}

static unsigned lenenc_size(uint64_t value)
{
	return value < 251 ? 1 : value <= 0xffff ? 3 : value <= 0xffffff ? 4 : 9;
}

void event_put_heartbeat(const struct event_writer *writer, const struct event_heartbeat *heartbeat, int version)
{
	struct buf *out = writer->out;
	uint8_t type = version == 2 ? EVENT_HEARTBEAT_V2 : EVENT_HEARTBEAT;
	size_t at = event_frame_begin(writer, type, EVENT_FLAG_ARTIFICIAL);
	if (version == 2) {
		buf_put_u8(out, 1);
		buf_put_lenenc_bytes(out, heartbeat->file_name);
		buf_put_u8(out, 2);
		buf_put_lenenc(out, lenenc_size(heartbeat->position));
		buf_put_lenenc(out, heartbeat->position);
		buf_put_u8(out, 0);
	} else {
		buf_put_bytes(out, heartbeat->file_name);
		bytes_store_uint(out->data + at + header_position_at, (uint32_t)heartbeat->position, 4);
	}
	event_frame_end(writer, at);
}

/* The size is part of what it measures: the smallest number that is right with its own length. */
static void put_transaction_size(struct buf *out, uint64_t others)
{
	static const unsigned sizes[] = {1, 3, 4, 9};
	for (unsigned i = 0; i < 4; i++)
		if (i == 3 || lenenc_size(others + sizes[i]) == sizes[i]) {
			buf_put_lenenc(out, others + sizes[i]);
			return;
		}
}

static void put_gtid_times(const struct event_writer *writer, const struct event_gtid *gtid, size_t event_at)
{
	struct buf *out = writer->out;
	const uint64_t has_more = (uint64_t)1 << 55, mask = has_more - 1;
	bool own_time = gtid->original_commit_us == gtid->immediate_commit_us;
	bool own_version = gtid->original_server_version == gtid->immediate_server_version;
	buf_put_uint(out, (gtid->immediate_commit_us & mask) | (own_time ? 0 : has_more), 7);
	if (!own_time)
		buf_put_uint(out, gtid->original_commit_us & mask, 7);
	uint64_t behind = (own_version ? 4 : 8) + (writer->has_checksum ? event_checksum_size : 0);
	put_transaction_size(out, gtid->transaction_size + (out->size - event_at) + behind);
	buf_put_u32(out, gtid->immediate_server_version | (own_version ? 0 : 0x80000000u));
	if (!own_version)
		buf_put_u32(out, gtid->original_server_version);
}

void event_put_gtid(const struct event_writer *writer, const struct event_gtid *gtid)
{
	struct buf *out = writer->out;
	size_t at = event_frame_begin(writer, gtid->gtid.gno ? EVENT_GTID : EVENT_ANONYMOUS_GTID, 0);
	buf_put_u8(out, gtid->flags);
	if (gtid->gtid.gno)
		buf_put(out, gtid->gtid.sid, uuid_size);
	else
		buf_put_zeros(out, uuid_size);
	buf_put_u64(out, (uint64_t)gtid->gtid.gno);
	buf_put_u8(out, 2);
	buf_put_u64(out, (uint64_t)gtid->last_committed);
	buf_put_u64(out, (uint64_t)gtid->sequence_number);
	put_gtid_times(writer, gtid, at);
	event_frame_end(writer, at);
}

/* ---------------------------------------------------------------------------------------------------- queries */

void event_query_init(struct event_query *query, struct bytes db, struct bytes text)
{
	enum { utf8mb4_general_ci = 45 };
	*query = (struct event_query){
		.db = db,
		.query = text,
		.has = EVENT_QUERY_FLAGS2 | EVENT_QUERY_SQL_MODE | EVENT_QUERY_CATALOG | EVENT_QUERY_CHARSET,
		.catalog = bytes_of_string("std"),
		.character_set_client = utf8mb4_general_ci,
		.collation_connection = utf8mb4_general_ci,
		.collation_server = utf8mb4_general_ci,
	};
}

static void put_size_bytes(struct buf *out, struct bytes bytes)
{
	uint8_t size = (uint8_t)(bytes.size < 255 ? bytes.size : 255);
	buf_put_u8(out, size);
	buf_put(out, bytes.data, size);
}

/* What MariaDB knows as well. */
static void put_common_status(struct buf *out, const struct event_query *query)
{
	if (query->has & EVENT_QUERY_FLAGS2) {
		buf_put_u8(out, QUERY_STATUS_FLAGS2);
		buf_put_u32(out, query->flags2);
	}
	if (query->has & EVENT_QUERY_SQL_MODE) {
		buf_put_u8(out, QUERY_STATUS_SQL_MODE);
		buf_put_u64(out, query->sql_mode);
	}
	if (query->has & EVENT_QUERY_CATALOG) {
		buf_put_u8(out, QUERY_STATUS_CATALOG_NZ);
		put_size_bytes(out, query->catalog);
	}
	if (query->has & EVENT_QUERY_AUTO_INCREMENT) {
		buf_put_u8(out, QUERY_STATUS_AUTO_INCREMENT);
		buf_put_u16(out, query->auto_increment_increment);
		buf_put_u16(out, query->auto_increment_offset);
	}
	if (query->has & EVENT_QUERY_CHARSET) {
		buf_put_u8(out, QUERY_STATUS_CHARSET);
		buf_put_u16(out, query->character_set_client);
		buf_put_u16(out, query->collation_connection);
		buf_put_u16(out, query->collation_server);
	}
	if (query->has & EVENT_QUERY_TIME_ZONE) {
		buf_put_u8(out, QUERY_STATUS_TIME_ZONE);
		put_size_bytes(out, query->time_zone);
	}
	if (query->has & EVENT_QUERY_LC_TIME_NAMES) {
		buf_put_u8(out, QUERY_STATUS_LC_TIME_NAMES);
		buf_put_u16(out, query->lc_time_names);
	}
	if (query->has & EVENT_QUERY_CHARSET_DATABASE) {
		buf_put_u8(out, QUERY_STATUS_CHARSET_DATABASE);
		buf_put_u16(out, query->collation_database);
	}
	if (query->has & EVENT_QUERY_TABLE_MAP_FOR_UPDATE) {
		buf_put_u8(out, QUERY_STATUS_TABLE_MAP_FOR_UPDATE);
		buf_put_u64(out, query->table_map_for_update);
	}
	if (query->has & EVENT_QUERY_INVOKER) {
		buf_put_u8(out, QUERY_STATUS_INVOKER);
		put_size_bytes(out, query->invoker_user);
		put_size_bytes(out, query->invoker_host);
	}
}

static void put_updated_dbs(struct buf *out, const struct event_query *query)
{
	buf_put_u8(out, QUERY_STATUS_UPDATED_DBS);
	if (query->db_count > event_query_db_max) {
		buf_put_u8(out, 254);
		return;
	}
	buf_put_u8(out, (uint8_t)query->db_count);
	for (unsigned i = 0; i < query->db_count; i++) {
		buf_put_bytes(out, query->updated_dbs[i]);
		buf_put_u8(out, 0);
	}
}

static void put_mysql_status(struct buf *out, const struct event_query *query)
{
	if (query->has & EVENT_QUERY_UPDATED_DBS)
		put_updated_dbs(out, query);
	if (query->has & EVENT_QUERY_MICROSECONDS) {
		buf_put_u8(out, QUERY_STATUS_MICROSECONDS);
		buf_put_u24(out, query->microseconds);
	}
	if (query->has & EVENT_QUERY_EXPLICIT_DEFAULTS_TS) {
		buf_put_u8(out, QUERY_STATUS_EXPLICIT_DEFAULTS_TS);
		buf_put_u8(out, query->explicit_defaults_ts);
	}
	if (query->has & EVENT_QUERY_DDL_XID) {
		buf_put_u8(out, QUERY_STATUS_DDL_XID);
		buf_put_u64(out, query->ddl_xid);
	}
	if (query->has & EVENT_QUERY_DEFAULT_COLLATION_UTF8MB4) {
		buf_put_u8(out, QUERY_STATUS_DEFAULT_COLLATION_UTF8MB4);
		buf_put_u16(out, query->default_collation_utf8mb4);
	}
	if (query->has & EVENT_QUERY_REQUIRE_PRIMARY_KEY) {
		buf_put_u8(out, QUERY_STATUS_REQUIRE_PRIMARY_KEY);
		buf_put_u8(out, query->require_primary_key);
	}
	if (query->has & EVENT_QUERY_TABLE_ENCRYPTION) {
		buf_put_u8(out, QUERY_STATUS_TABLE_ENCRYPTION);
		buf_put_u8(out, query->table_encryption);
	}
}

void event_put_query(const struct event_writer *writer, const struct event_query *query, uint16_t flags)
{
	struct buf *out = writer->out;
	uint8_t db_size = (uint8_t)(query->db.size < 255 ? query->db.size : 255);
	size_t at = event_frame_begin(writer, EVENT_QUERY, flags);
	buf_put_u32(out, query->thread_id);
	buf_put_u32(out, query->exec_time);
	buf_put_u8(out, db_size);
	buf_put_u16(out, query->error_code);
	buf_put_u16(out, 0);
	size_t status_at = out->size;
	put_common_status(out, query);
	put_mysql_status(out, query);
	bytes_store_uint(out->data + status_at - 2, out->size - status_at, 2);
	buf_put(out, query->db.data, db_size);
	buf_put_u8(out, 0);
	buf_put_bytes(out, query->query);
	event_frame_end(writer, at);
}

void event_put_transaction_query(const struct event_writer *writer, const struct event_query *session,
				 const char *text)
{
	struct event_query query = *session;
	query.has &= ~(uint32_t)(EVENT_QUERY_UPDATED_DBS | EVENT_QUERY_DDL_XID | EVENT_QUERY_INVOKER);
	query.query = bytes_of_string(text);
	event_put_query(writer, &query, EVENT_FLAG_SUPPRESS_USE);
}
