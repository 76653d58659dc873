/*
 * QUERY: a statement and the session it ran in.
 *
 *   thread id u32, execution time u32, database size u8, error code u16, status size u16    the post header
 *   status variables, database, 0, statement ...
 *
 * Each status variable is a code and a value whose size follows from the code. So a code that we do not know ends
 * what we can read of them, without being an error: MySQL and MariaDB read each other's logs that way, and
 * both write what the other knows first. The fraction of the time has a code of its own with each of them.
 */
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "binlog/event_internal.h"
#include "binlog/query_status.h"

enum { dbs_too_many = 254 };

static void read_size_bytes(struct cursor *at, struct bytes *out)
{
	*out = cursor_bytes(at, cursor_u8(at));
}

static void read_updated_dbs(struct cursor *at, struct event_query *query)
{
	query->db_count = cursor_u8(at);
	if (query->db_count >= dbs_too_many)
		return;
	if (query->db_count > event_query_db_max) {
		at->failed = true;
		return;
	}
	for (unsigned i = 0; i < query->db_count; i++)
		query->updated_dbs[i] = cursor_until_zero(at);
}

static void read_mariadb_gtid_flags(struct cursor *at, struct event_query *query)
{
	const uint8_t commit_or_rollback_alter = 4 | 8;
	query->mariadb_gtid_flags = cursor_u8(at);
	if (query->mariadb_gtid_flags & commit_or_rollback_alter)
		cursor_skip(at, 8);
}

/* Those that MariaDB has as well. 0: another code. Else its bit of event_query_has. */
static uint32_t read_common_variable(uint8_t code, struct cursor *at, struct event_query *query)
{
	switch (code) {
	case QUERY_STATUS_FLAGS2:
		query->flags2 = cursor_u32(at);
		return EVENT_QUERY_FLAGS2;
	case QUERY_STATUS_SQL_MODE:
		query->sql_mode = cursor_u64(at);
		return EVENT_QUERY_SQL_MODE;
	case QUERY_STATUS_CATALOG:
		read_size_bytes(at, &query->catalog);
		cursor_skip(at, 1);
		return EVENT_QUERY_CATALOG;
	case QUERY_STATUS_CATALOG_NZ:
		read_size_bytes(at, &query->catalog);
		return EVENT_QUERY_CATALOG;
	case QUERY_STATUS_AUTO_INCREMENT:
		query->auto_increment_increment = cursor_u16(at);
		query->auto_increment_offset = cursor_u16(at);
		return EVENT_QUERY_AUTO_INCREMENT;
	case QUERY_STATUS_CHARSET:
		query->character_set_client = cursor_u16(at);
		query->collation_connection = cursor_u16(at);
		query->collation_server = cursor_u16(at);
		return EVENT_QUERY_CHARSET;
	case QUERY_STATUS_TIME_ZONE:
		read_size_bytes(at, &query->time_zone);
		return EVENT_QUERY_TIME_ZONE;
	case QUERY_STATUS_LC_TIME_NAMES:
		query->lc_time_names = cursor_u16(at);
		return EVENT_QUERY_LC_TIME_NAMES;
	case QUERY_STATUS_CHARSET_DATABASE:
		query->collation_database = cursor_u16(at);
		return EVENT_QUERY_CHARSET_DATABASE;
	case QUERY_STATUS_TABLE_MAP_FOR_UPDATE:
		query->table_map_for_update = cursor_u64(at);
		return EVENT_QUERY_TABLE_MAP_FOR_UPDATE;
	case QUERY_STATUS_MASTER_DATA_WRITTEN:
		query->master_data_written = cursor_u32(at);
		return EVENT_QUERY_MASTER_DATA_WRITTEN;
	case QUERY_STATUS_INVOKER:
		read_size_bytes(at, &query->invoker_user);
		read_size_bytes(at, &query->invoker_host);
		return EVENT_QUERY_INVOKER;
	default:
		return 0;
	}
}

static uint32_t read_variable(uint8_t code, struct cursor *at, struct event_query *query)
{
	switch (code) {
	case QUERY_STATUS_UPDATED_DBS:
		read_updated_dbs(at, query);
		return EVENT_QUERY_UPDATED_DBS;
	case QUERY_STATUS_MICROSECONDS:
	case QUERY_STATUS_MARIADB_MICROSECONDS:
		query->microseconds = cursor_u24(at);
		return EVENT_QUERY_MICROSECONDS;
	case QUERY_STATUS_EXPLICIT_DEFAULTS_TS:
		query->explicit_defaults_ts = cursor_u8(at) != 0;
		return EVENT_QUERY_EXPLICIT_DEFAULTS_TS;
	case QUERY_STATUS_DDL_XID:
		query->ddl_xid = cursor_u64(at);
		return EVENT_QUERY_DDL_XID;
	case QUERY_STATUS_DEFAULT_COLLATION_UTF8MB4:
		query->default_collation_utf8mb4 = cursor_u16(at);
		return EVENT_QUERY_DEFAULT_COLLATION_UTF8MB4;
	case QUERY_STATUS_REQUIRE_PRIMARY_KEY:
		query->require_primary_key = cursor_u8(at);
		return EVENT_QUERY_REQUIRE_PRIMARY_KEY;
	case QUERY_STATUS_TABLE_ENCRYPTION:
		query->table_encryption = cursor_u8(at);
		return EVENT_QUERY_TABLE_ENCRYPTION;
	case QUERY_STATUS_MARIADB_XID:
		query->mariadb_xid = cursor_u64(at);
		return EVENT_QUERY_MARIADB_XID;
	case QUERY_STATUS_MARIADB_GTID_FLAGS:
		read_mariadb_gtid_flags(at, query);
		return EVENT_QUERY_MARIADB_GTID_FLAGS;
	case QUERY_STATUS_MARIADB_COLLATIONS:
		cursor_skip(at, (size_t)cursor_u8(at) * 4);
		return EVENT_QUERY_MARIADB_COLLATIONS;
	default:
		return read_common_variable(code, at, query);
	}
}

static int read_status(const struct event *event, struct bytes status, struct event_query *query, struct diag *diag)
{
	struct cursor at = cursor_of(status);
	while (cursor_left(&at)) {
		uint32_t has = read_variable(cursor_u8(&at), &at, query);
		if (at.failed)
			return event_corrupt(event, diag, "a status variable is cut");
		if (has == 0)
			break;
		query->has |= has;
	}
	return 0;
}

int event_decode_query(const struct event *event, struct event_query *out, struct diag *diag)
{
	unsigned post_header_size = event_post_header_size(event);
	struct cursor at = cursor_of(event->body);
	struct event_query query = {.thread_id = cursor_u32(&at)};
	query.exec_time = cursor_u32(&at);
	uint8_t db_size = cursor_u8(&at);
	query.error_code = cursor_u16(&at);
	uint16_t status_size = cursor_u16(&at);
	if (post_header_size > 13)
		cursor_skip(&at, post_header_size - 13);
	struct bytes status = cursor_bytes(&at, status_size);
	query.db = cursor_bytes(&at, db_size);
	uint8_t zero = cursor_u8(&at);
	query.query = cursor_rest(&at);
	if (at.failed || zero != 0)
		return event_corrupt(event, diag, "it is too short");
	if (read_status(event, status, &query, diag) < 0)
		return -1;
	*out = query;
	return 0;
}

/* BEGIN_LOAD_QUERY, APPEND_BLOCK: file id u32, bytes. DELETE_FILE: file id u32. */
int event_decode_load_block(const struct event *event, struct event_load_block *out, struct diag *diag)
{
	struct cursor at = cursor_of(event->body);
	struct event_load_block block = {.file_id = cursor_u32(&at)};
	if (event->type != EVENT_DELETE_FILE)
		block.data = cursor_rest(&at);
	if (at.failed)
		return event_corrupt(event, diag, "it is too short");
	*out = block;
	return 0;
}

/* QUERY's post header, then file id u32, start u32, end u32, duplicates u8; all else as in QUERY. */
int event_decode_load_query(const struct event *event, struct event_load_query *out, struct diag *diag)
{
	struct event_load_query load = {0};
	struct cursor at = cursor_of(event->body);
	if (event_decode_query(event, &load.query, diag) < 0)
		return -1;
	cursor_skip(&at, 13);
	load.file_id = cursor_u32(&at);
	load.file_start = cursor_u32(&at);
	load.file_end = cursor_u32(&at);
	uint8_t duplicates = cursor_u8(&at);
	if (at.failed || event_post_header_size(event) < 26 || load.file_start > load.file_end ||
	    load.file_end > load.query.query.size || duplicates > EVENT_LOAD_REPLACE)
		return event_corrupt(event, diag, "its file's place in the text is none");
	load.duplicates = (enum event_load_duplicates)duplicates;
	*out = load;
	return 0;
}

bool event_query_is(const struct event_query *query, const char *statement)
{
	size_t size = strlen(statement);
	return query->query.size == size && strncasecmp((const char *)query->query.data, statement, size) == 0;
}

/* ------------------------------------------------------------------------------------------------ for MariaDB */

/* Where the microseconds stand, and the first variable that MariaDB does not know; false: there are no microseconds. */
static bool find_microseconds(struct bytes status, size_t *out_at, size_t *out_first_unknown)
{
	struct cursor at = cursor_of(status);
	struct event_query query;
	size_t first = SIZE_MAX;
	while (cursor_left(&at)) {
		size_t offset = status.size - cursor_left(&at);
		uint8_t code = cursor_u8(&at);
		if (code > QUERY_STATUS_INVOKER && first == SIZE_MAX)
			first = offset;
		if (read_variable(code, &at, &query) == 0 || at.failed)
			return false;
		if (code != QUERY_STATUS_MICROSECONDS)
			continue;
		*out_at = offset;
		*out_first_unknown = first;
		return true;
	}
	return false;
}

void event_query_suit_mariadb(uint8_t *event, size_t size, bool has_checksum)
{
	enum { post_header_size = 13, status_size_at = 11, microseconds_size = 4 };
	uint8_t *status = event + event_header_size + post_header_size, microseconds[microseconds_size];
	size_t checksum_size = has_checksum ? event_checksum_size : 0, at, first;
	if (size < event_header_size + post_header_size + checksum_size)
		return;
	size_t status_size = bytes_load_uint(event + event_header_size + status_size_at, 2);
	if (status_size > size - event_header_size - post_header_size - checksum_size ||
	    !find_microseconds(bytes_of(status, status_size), &at, &first))
		return;
	memcpy(microseconds, status + at, microseconds_size);
	memmove(status + first + microseconds_size, status + first, at - first);
	microseconds[0] = QUERY_STATUS_MARIADB_MICROSECONDS;
	memcpy(status + first, microseconds, microseconds_size);
	if (has_checksum)
		bytes_store_uint(event + size - checksum_size, event_crc32(bytes_of(event, size - checksum_size)),
				 event_checksum_size);
}
