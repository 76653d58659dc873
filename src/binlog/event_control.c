/*
 * Bodies of the events that carry no rows and no statement, by offset; "..." is the rest of the body.
 *
 *   FORMAT_DESCRIPTION  version u16, server version 50, created u32, header size u8, post header sizes u8 each by
 *                       type from 1, [checksum algorithm u8: servers since 5.6.1 and MariaDB 5.3]
 *   ROTATE              position u64, file name ...
 *   GTID, ANONYMOUS     flags u8, SID 16, GNO i64, 2 u8, last committed i64, sequence number i64, then since 8.0:
 *                       immediate time u56 (bit 55: original time u56 follows), transaction size length-encoded,
 *                       immediate version u32 (bit 31: original version u32 follows), ...
 *   PREVIOUS_GTIDS      as in gtid.h            XID     u64
 *   INTVAR              kind u8, value u64      RAND    u64, u64
 *   USER_VAR            name size u32, name, null u8, [kind u8, collation u32, value size u32, value, [flags u8]]
 *   INCIDENT            kind u16, [message size u8, message]
 *   HEARTBEAT           file name ... (the position is the header's)
 *   HEARTBEAT_V2        type u8, size length-encoded, value: 1 file name, 2 position length-encoded, 0 end
 *   ROWS_QUERY          size u8 (cut, so ignored), text ...         ANNOTATE_ROWS   text ...
 *   XA_PREPARE          one phase u8, format u32, gtrid size u32, bqual size u32, gtrid, bqual
 *   MariaDB GTID        sequence u64, domain u32, flags u8, [GROUP_COMMIT: commit id u64],
 *                       [XA: format u32, gtrid size u8, bqual size u8, gtrid, bqual], ...
 *   GTID_LIST           count u28 and flags u4 in one u32, each: domain u32, server u32, sequence u64
 *   BINLOG_CHECKPOINT   name size u32, name
 *   START_ENCRYPTION    scheme u8, key version u32, nonce 12
 */
#include <stdio.h>
#include <string.h>

#include "binlog/event_internal.h"

enum {
	format_fixed_size = 2 + 50 + 4 + 1,
	types_before_checksums = 27, /* that servers know which know no checksums; all others know more */
};

/* Whether a server of that version puts the algorithm and a checksum into its description. */
static bool version_knows_checksums(const char *version, bool is_mariadb)
{
	unsigned major = 0, minor = 0, patch = 0;
	if (sscanf(version, "%3u.%3u.%3u", &major, &minor, &patch) < 2)
		return false;
	unsigned number = major * 1000000 + minor * 1000 + patch;
	return number >= (is_mariadb ? 5003000u : 5006001u);
}

static int refuse_format(struct diag *diag, const char *what)
{
	struct event event = {.type = EVENT_FORMAT_DESCRIPTION};
	return event_corrupt(&event, diag, what);
}

static int read_post_header_sizes(struct bytes sizes, struct event_format *format, struct diag *diag)
{
	if (sizes.size == 0 || sizes.size > 255)
		return refuse_format(diag, "its list of event types is empty or too long");
	memcpy(format->post_header_size + 1, sizes.data, sizes.size);
	format->type_count = (unsigned)sizes.size;
	return 0;
}

int event_decode_format(struct bytes raw, struct event_format *out_format, struct diag *diag)
{
	struct event_format format = {.checksum = EVENT_CHECKSUM_UNDEFINED};
	struct cursor at = cursor_of(raw);
	cursor_skip(&at, 4);
	uint8_t type = cursor_u8(&at);
	cursor_skip(&at, event_header_size - 5);
	format.binlog_version = cursor_u16(&at);
	struct bytes version = cursor_bytes(&at, 50);
	format.created = cursor_u32(&at);
	format.header_size = cursor_u8(&at);
	if (at.failed || type != EVENT_FORMAT_DESCRIPTION)
		return refuse_format(diag, "it is none, or too short");
	if (format.binlog_version != 4 || format.header_size != event_header_size)
		return refuse_format(diag, "only version 4 of the binary log is understood");
	memcpy(format.server_version, version.data, version.size);
	format.is_mariadb = strstr(format.server_version, "MariaDB") != NULL;
	struct bytes sizes = cursor_rest(&at);
	if (version_knows_checksums(format.server_version, format.is_mariadb)) {
		if (sizes.size < 1 + event_checksum_size)
			return refuse_format(diag, "it has no room for its checksum");
		sizes.size -= 1 + event_checksum_size;
		uint8_t algorithm = sizes.data[sizes.size];
		if (algorithm > EVENT_CHECKSUM_CRC32)
			return refuse_format(diag, "its checksum algorithm is unknown");
		format.checksum = algorithm;
	}
	bool is_recent = format.checksum != EVENT_CHECKSUM_UNDEFINED;
	if (is_recent != (sizes.size > types_before_checksums))
		return refuse_format(diag, "its version is not that of its list of event types");
	if (read_post_header_sizes(sizes, &format, diag) < 0)
		return -1;
	*out_format = format;
	return 0;
}

int event_decode_rotate(const struct event *event, struct event_rotate *out, struct diag *diag)
{
	struct cursor at = cursor_of(event->body);
	struct event_rotate rotate = {.position = cursor_u64(&at)};
	rotate.file_name = cursor_rest(&at);
	if (at.failed || rotate.file_name.size == 0 || rotate.file_name.size > 511)
		return event_corrupt(event, diag, "it names no file");
	if (memchr(rotate.file_name.data, 0, rotate.file_name.size))
		return event_corrupt(event, diag, "there is a zero in its file name");
	*out = rotate;
	return 0;
}

/* What 8.0 added; every part may be missing at the end, for older writers left it out. */
static void read_gtid_times(struct cursor *at, struct event_gtid *gtid)
{
	const uint64_t has_more = (uint64_t)1 << 55;
	if (cursor_left(at) < 7)
		return;
	gtid->has_timestamps = true;
	gtid->immediate_commit_us = cursor_uint(at, 7);
	gtid->original_commit_us = gtid->immediate_commit_us;
	if (gtid->immediate_commit_us & has_more) {
		gtid->immediate_commit_us &= ~has_more;
		gtid->original_commit_us = cursor_uint(at, 7);
	}
	if (cursor_left(at))
		gtid->transaction_size = cursor_lenenc(at);
	if (cursor_left(at) < 4)
		return;
	gtid->immediate_server_version = cursor_u32(at);
	gtid->original_server_version = gtid->immediate_server_version;
	if (gtid->immediate_server_version & 0x80000000u) {
		gtid->immediate_server_version &= 0x7fffffffu;
		gtid->original_server_version = cursor_u32(at);
	}
}

int event_decode_gtid(const struct event *event, struct event_gtid *out, struct diag *diag)
{
	struct cursor at = cursor_of(event->body);
	struct event_gtid gtid = {.flags = cursor_u8(&at)};
	struct bytes sid = cursor_bytes(&at, uuid_size);
	int64_t gno = (int64_t)cursor_u64(&at);
	if (at.failed)
		return event_corrupt(event, diag, "it is too short");
	if (event->type == EVENT_GTID) {
		if (gno < 1 || gno >= GTID_GNO_MAX)
			return event_corrupt(event, diag, "its transaction number is out of range");
		memcpy(gtid.gtid.sid, sid.data, uuid_size);
		gtid.gtid.gno = gno;
	}
	if (cursor_left(&at) >= 17 && cursor_u8(&at) == 2) {
		gtid.has_logical_clock = true;
		gtid.last_committed = (int64_t)cursor_u64(&at);
		gtid.sequence_number = (int64_t)cursor_u64(&at);
		read_gtid_times(&at, &gtid);
	}
	if (at.failed)
		return event_corrupt(event, diag, "it ends inside a field");
	*out = gtid;
	return 0;
}

int event_decode_previous_gtids(const struct event *event, struct gtid_set *out, struct diag *diag)
{
	if (gtid_set_decode(out, event->body, diag) < 0)
		return event_corrupt(event, diag, "its GTID set is malformed");
	return 0;
}

int event_decode_xid(const struct event *event, uint64_t *out_xid, struct diag *diag)
{
	/* Servers before 5.0 and MariaDB's XA put a post header in front or bytes behind: neither for us. */
	struct cursor at = cursor_of(event->body);
	uint64_t xid = cursor_u64(&at);
	if (event_done(event, &at, diag) < 0)
		return -1;
	*out_xid = xid;
	return 0;
}

int event_decode_intvar(const struct event *event, struct event_intvar *out, struct diag *diag)
{
	struct cursor at = cursor_of(event->body);
	struct event_intvar intvar = {.kind = cursor_u8(&at)};
	intvar.value = cursor_u64(&at);
	if (event_done(event, &at, diag) < 0)
		return -1;
	if (intvar.kind != EVENT_INTVAR_LAST_INSERT_ID && intvar.kind != EVENT_INTVAR_INSERT_ID)
		return event_corrupt(event, diag, "it is for a variable we do not know");
	*out = intvar;
	return 0;
}

int event_decode_rand(const struct event *event, struct event_rand *out, struct diag *diag)
{
	struct cursor at = cursor_of(event->body);
	struct event_rand rand = {.seed1 = cursor_u64(&at)};
	rand.seed2 = cursor_u64(&at);
	if (event_done(event, &at, diag) < 0)
		return -1;
	*out = rand;
	return 0;
}

/* The value must have the size its kind says, so that nobody reads behind it. */
static bool user_var_value_fits(const struct event_user_var *variable)
{
	switch (variable->kind) {
	case EVENT_USER_VAR_STRING:
		return true;
	case EVENT_USER_VAR_REAL:
	case EVENT_USER_VAR_INTEGER:
		return variable->value.size == 8;
	case EVENT_USER_VAR_DECIMAL:
		return variable->value.size > 2 &&
		       event_field_size(FIELD_NEWDECIMAL,
					(uint16_t)(variable->value.data[0] << 8 | variable->value.data[1]),
					variable->value.data + 2, variable->value.size - 2) ==
			       (int64_t)variable->value.size - 2;
	default:
		return false;
	}
}

int event_decode_user_var(const struct event *event, struct event_user_var *out, struct diag *diag)
{
	struct cursor at = cursor_of(event->body);
	struct event_user_var variable = {0};
	variable.name = cursor_bytes(&at, cursor_u32(&at));
	variable.is_null = cursor_u8(&at) != 0;
	if (!variable.is_null) {
		variable.kind = cursor_u8(&at);
		variable.collation_id = cursor_u32(&at);
		variable.value = cursor_bytes(&at, cursor_u32(&at));
		if (cursor_left(&at))
			variable.is_unsigned = cursor_u8(&at) & 1;
		if (!at.failed && !user_var_value_fits(&variable))
			return event_corrupt(event, diag, "its value does not fit its type");
	}
	if (at.failed || variable.name.size == 0)
		return event_corrupt(event, diag, "it is too short");
	*out = variable;
	return 0;
}

int event_decode_incident(const struct event *event, struct event_incident *out, struct diag *diag)
{
	struct cursor at = cursor_of(event->body);
	struct event_incident incident = {.incident = cursor_u16(&at)};
	if (cursor_left(&at))
		incident.message = cursor_bytes(&at, cursor_u8(&at));
	if (at.failed)
		return event_corrupt(event, diag, "it is too short");
	*out = incident;
	return 0;
}

static int decode_heartbeat_v2(const struct event *event, struct event_heartbeat *heartbeat, struct diag *diag)
{
	struct cursor at = cursor_of(event->body);
	for (;;) {
		uint64_t kind = cursor_left(&at) ? cursor_lenenc(&at) : 0;
		if (kind == 0)
			break;
		struct bytes value = cursor_lenenc_bytes(&at);
		struct cursor inner = cursor_of(value);
		if (kind == 1)
			heartbeat->file_name = value;
		else if (kind == 2)
			heartbeat->position = cursor_lenenc(&inner);
		if (inner.failed)
			at.failed = true;
	}
	return at.failed ? event_corrupt(event, diag, "a field of it is cut") : 0;
}

int event_decode_heartbeat(const struct event *event, struct event_heartbeat *out, struct diag *diag)
{
	struct event_heartbeat heartbeat = {.file_name = event->body, .position = event->log_pos};
	if (event->type == EVENT_HEARTBEAT_V2) {
		heartbeat = (struct event_heartbeat){0};
		if (decode_heartbeat_v2(event, &heartbeat, diag) < 0)
			return -1;
	}
	if (heartbeat.file_name.size == 0 || heartbeat.file_name.size > 511)
		return event_corrupt(event, diag, "it names no file");
	*out = heartbeat;
	return 0;
}

int event_decode_rows_query(const struct event *event, struct bytes *out_query, struct diag *diag)
{
	struct cursor at = cursor_of(event->body);
	if (event->type == EVENT_ROWS_QUERY)
		cursor_skip(&at, 1);
	struct bytes query = cursor_rest(&at);
	if (at.failed)
		return event_corrupt(event, diag, "it is too short");
	*out_query = query;
	return 0;
}

int event_decode_xa_prepare(const struct event *event, struct event_xa_prepare *out, struct diag *diag)
{
	struct cursor at = cursor_of(event->body);
	struct event_xa_prepare prepare = {.one_phase = cursor_u8(&at) != 0};
	prepare.format_id = cursor_u32(&at);
	uint32_t gtrid_size = cursor_u32(&at), bqual_size = cursor_u32(&at);
	prepare.gtrid = cursor_bytes(&at, gtrid_size);
	prepare.bqual = cursor_bytes(&at, bqual_size);
	if (event_done(event, &at, diag) < 0)
		return -1;
	*out = prepare;
	return 0;
}

int event_decode_mariadb_gtid(const struct event *event, struct event_mariadb_gtid *out, struct diag *diag)
{
	struct cursor at = cursor_of(event->body);
	struct event_mariadb_gtid gtid = {.server_id = event->server_id};
	gtid.sequence = cursor_u64(&at);
	gtid.domain_id = cursor_u32(&at);
	gtid.flags = cursor_u8(&at);
	if (gtid.flags & EVENT_MARIADB_GTID_GROUP_COMMIT)
		gtid.commit_id = cursor_u64(&at);
	if (gtid.flags & (EVENT_MARIADB_GTID_PREPARED_XA | EVENT_MARIADB_GTID_COMPLETED_XA)) {
		gtid.xa_format_id = cursor_u32(&at);
		uint8_t gtrid_size = cursor_u8(&at), bqual_size = cursor_u8(&at);
		gtid.xa_gtrid = cursor_bytes(&at, gtrid_size);
		gtid.xa_bqual = cursor_bytes(&at, bqual_size);
	}
	if (at.failed)
		return event_corrupt(event, diag, "it is too short");
	*out = gtid;
	return 0;
}

int event_decode_mariadb_gtid_list(const struct event *event, struct event_mariadb_gtid_list *out, struct diag *diag)
{
	struct cursor at = cursor_of(event->body);
	uint32_t word = cursor_u32(&at);
	struct event_mariadb_gtid_list list = {.count = word & 0x0fffffff, .flags = word >> 28};
	if (at.failed || cursor_left(&at) / 16 < list.count)
		return event_corrupt(event, diag, "it is shorter than its count says");
	list.cursor = at;
	*out = list;
	return 0;
}

bool event_mariadb_gtid_list_next(struct event_mariadb_gtid_list *list, struct event_mariadb_gtid *out)
{
	if (list->count == 0)
		return false;
	list->count--;
	*out = (struct event_mariadb_gtid){.domain_id = cursor_u32(&list->cursor)};
	out->server_id = cursor_u32(&list->cursor);
	out->sequence = cursor_u64(&list->cursor);
	return true;
}

int event_decode_binlog_checkpoint(const struct event *event, struct bytes *out_file_name, struct diag *diag)
{
	struct cursor at = cursor_of(event->body);
	struct bytes name = cursor_bytes(&at, cursor_u32(&at));
	if (at.failed)
		return event_corrupt(event, diag, "it is too short");
	*out_file_name = name;
	return 0;
}

int event_decode_start_encryption(const struct event *event, struct event_start_encryption *out, struct diag *diag)
{
	struct cursor at = cursor_of(event->body);
	struct event_start_encryption encryption = {.scheme = cursor_u8(&at)};
	encryption.key_version = cursor_u32(&at);
	encryption.nonce = cursor_bytes(&at, 12);
	if (event_done(event, &at, diag) < 0)
		return -1;
	*out = encryption;
	return 0;
}
