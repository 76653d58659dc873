#include "binlog/describe.h"

#include <string.h>

#include "type/collation.h"
#include "type/decimal.h"
#include "type/value.h"

typedef int describer(const struct event *event, struct buf *out, struct diag *diag);

static void put_identifier(struct buf *out, struct bytes name)
{
	buf_put_u8(out, '`');
	for (size_t i = 0; i < name.size; i++) {
		if (name.data[i] == '`')
			buf_put_u8(out, '`');
		buf_put_u8(out, name.data[i]);
	}
	buf_put_u8(out, '`');
}

static void put_hex(struct buf *out, struct bytes bytes)
{
	for (size_t i = 0; i < bytes.size; i++)
		buf_printf(out, "%02X", bytes.data[i]);
}

static int describe_format(const struct event *event, struct buf *out, struct diag *diag)
{
	struct event_format format;
	if (event_decode_format(event->raw, &format, diag) < 0)
		return -1;
	buf_printf(out, "Server ver: %s, Binlog ver: %u", format.server_version, format.binlog_version);
	return 0;
}

static int describe_query(const struct event *event, struct buf *out, struct diag *diag)
{
	struct event_query query;
	if (event_decode_query(event, &query, diag) < 0)
		return -1;
	if (query.db.size && !(event->flags & EVENT_FLAG_SUPPRESS_USE)) {
		buf_put_string(out, "use ");
		put_identifier(out, query.db);
		buf_put_string(out, "; ");
	}
	buf_put_bytes(out, query.query);
	if (query.has & EVENT_QUERY_DDL_XID)
		buf_printf(out, " /* xid=%llu */", (unsigned long long)query.ddl_xid);
	return 0;
}

static int describe_compressed(const struct event *event, struct buf *out, struct diag *diag)
{
	struct buf plain;
	struct event inner;
	struct event_format format = *event->format;
	format.checksum = EVENT_CHECKSUM_OFF;
	buf_init(&plain);
	int result = event_decompress(event, &plain, diag);
	if (result == 0)
		result = event_parse(buf_bytes(&plain), &format, &inner, diag);
	if (result == 0)
		event_describe(&inner, out);
	buf_deinit(&plain);
	return result;
}

static int describe_rotate(const struct event *event, struct buf *out, struct diag *diag)
{
	struct event_rotate rotate;
	if (event_decode_rotate(event, &rotate, diag) < 0)
		return -1;
	buf_put_bytes(out, rotate.file_name);
	buf_printf(out, ";pos=%llu", (unsigned long long)rotate.position);
	return 0;
}

static int describe_intvar(const struct event *event, struct buf *out, struct diag *diag)
{
	struct event_intvar intvar;
	if (event_decode_intvar(event, &intvar, diag) < 0)
		return -1;
	buf_printf(out, "%s=%llu", intvar.kind == EVENT_INTVAR_INSERT_ID ? "INSERT_ID" : "LAST_INSERT_ID",
		   (unsigned long long)intvar.value);
	return 0;
}

static int describe_rand(const struct event *event, struct buf *out, struct diag *diag)
{
	struct event_rand rand;
	if (event_decode_rand(event, &rand, diag) < 0)
		return -1;
	buf_printf(out, "rand_seed1=%llu,rand_seed2=%llu", (unsigned long long)rand.seed1,
		   (unsigned long long)rand.seed2);
	return 0;
}

static void put_string_value(struct buf *out, const struct event_user_var *variable)
{
	const struct collation *collation = collation_find_id(variable->collation_id);
	if (collation)
		buf_printf(out, "_%s ", collation->charset->name);
	buf_put_string(out, "0x");
	put_hex(out, variable->value);
	if (collation)
		buf_printf(out, " COLLATE %s", collation->name);
	else
		buf_put_string(out, " COLLATE ???");
}

static void put_decimal_value(struct buf *out, struct bytes value)
{
	struct decimal decimal;
	char text[decimal_precision_max + 88];
	unsigned precision = value.data[0], scale = value.data[1];
	if (scale > decimal_scale_max || decimal_unpack(value.data + 2, precision, scale, &decimal) != DECIMAL_OK)
		buf_put_string(out, "???");
	else
		buf_put(out, text, decimal_print(&decimal, text));
}

static void put_real_value(struct buf *out, struct bytes value)
{
	double real;
	char text[64];
	memcpy(&real, value.data, sizeof real);
	buf_put(out, text, double_print(real, text));
}

static int describe_user_var(const struct event *event, struct buf *out, struct diag *diag)
{
	struct event_user_var variable;
	if (event_decode_user_var(event, &variable, diag) < 0)
		return -1;
	buf_put_u8(out, '@');
	put_identifier(out, variable.name);
	buf_put_u8(out, '=');
	if (variable.is_null) {
		buf_put_string(out, "NULL");
		return 0;
	}
	switch ((enum event_user_var_kind)variable.kind) {
	case EVENT_USER_VAR_STRING:
		put_string_value(out, &variable);
		break;
	case EVENT_USER_VAR_REAL:
		put_real_value(out, variable.value);
		break;
	case EVENT_USER_VAR_INTEGER:
		buf_printf(out, variable.is_unsigned ? "%llu" : "%lld",
			   (unsigned long long)bytes_load_uint(variable.value.data, 8));
		break;
	case EVENT_USER_VAR_DECIMAL:
		put_decimal_value(out, variable.value);
		break;
	}
	return 0;
}

static int describe_xid(const struct event *event, struct buf *out, struct diag *diag)
{
	uint64_t xid;
	if (event_decode_xid(event, &xid, diag) < 0)
		return -1;
	buf_printf(out, "COMMIT /* xid=%llu */", (unsigned long long)xid);
	return 0;
}

static int describe_table_map(const struct event *event, struct buf *out, struct diag *diag)
{
	struct arena arena;
	struct event_table_map map;
	arena_init(&arena);
	int result = event_decode_table_map(event, &arena, &map, diag);
	if (result == 0) {
		buf_printf(out, "table_id: %llu (", (unsigned long long)map.table_id);
		buf_put_bytes(out, map.db);
		buf_put_u8(out, '.');
		buf_put_bytes(out, map.table);
		buf_put_u8(out, ')');
	}
	arena_deinit(&arena);
	return result;
}

static int describe_rows(const struct event *event, struct buf *out, struct diag *diag)
{
	struct event_rows rows;
	if (event_decode_rows(event, &rows, diag) < 0)
		return -1;
	buf_printf(out, "table_id: %llu%s", (unsigned long long)rows.table_id,
		   rows.flags & EVENT_ROWS_STMT_END ? " flags: STMT_END_F" : "");
	return 0;
}

static int describe_incident(const struct event *event, struct buf *out, struct diag *diag)
{
	struct event_incident incident;
	if (event_decode_incident(event, &incident, diag) < 0)
		return -1;
	const char *name = incident.incident == 1 ? "LOST_EVENTS" : incident.incident == 0 ? "NONE" : "UNKNOWN";
	buf_printf(out, "#%u (%s)", incident.incident, name);
	if (incident.message.size) {
		buf_put_string(out, ": ");
		buf_put_bytes(out, incident.message);
	}
	return 0;
}

static int describe_payload(const struct event *event, struct buf *out, struct diag *diag)
{
	struct event_payload payload;
	if (event_decode_payload_head(event, &payload, diag) < 0)
		return -1;
	const char *compression = payload.compression == EVENT_PAYLOAD_ZSTD    ? "ZSTD"
				  : payload.compression == EVENT_PAYLOAD_PLAIN ? "NONE"
									       : "UNKNOWN";
	buf_printf(out, "compression='%s', decompressed_size=%llu bytes", compression,
		   (unsigned long long)payload.uncompressed_size);
	return 0;
}

static int describe_rows_query(const struct event *event, struct buf *out, struct diag *diag)
{
	struct bytes query;
	if (event_decode_rows_query(event, &query, diag) < 0)
		return -1;
	if (event->type == EVENT_ROWS_QUERY)
		buf_put_string(out, "# ");
	buf_put_bytes(out, query);
	return 0;
}

static int describe_gtid(const struct event *event, struct buf *out, struct diag *diag)
{
	struct event_gtid gtid;
	char text[gtid_text_size + 1] = "ANONYMOUS";
	if (event_decode_gtid(event, &gtid, diag) < 0)
		return -1;
	if (gtid.gtid.gno)
		gtid_print(&gtid.gtid, text);
	buf_printf(out, "SET @@SESSION.GTID_NEXT= '%s'", text);
	return 0;
}

static int describe_previous_gtids(const struct event *event, struct buf *out, struct diag *diag)
{
	struct gtid_set set;
	gtid_set_init(&set);
	int result = event_decode_previous_gtids(event, &set, diag);
	if (result == 0)
		gtid_set_print(&set, ",\n", out);
	gtid_set_deinit(&set);
	return result;
}

static int describe_load_block(const struct event *event, struct buf *out, struct diag *diag)
{
	struct cursor at = cursor_of(event->body);
	uint32_t file_id = cursor_u32(&at);
	if (at.failed)
		return -1;
	buf_printf(out, ";file_id=%u", file_id);
	if (event->type != EVENT_DELETE_FILE)
		buf_printf(out, ";block_len=%zu", cursor_left(&at));
	return 0;
}

static int describe_load_query(const struct event *event, struct buf *out, struct diag *diag)
{
	enum { file_id_at = 13 };
	if (event->body.size < file_id_at + 4 || describe_query(event, out, diag) < 0)
		return -1;
	buf_printf(out, " ;file_id=%u", (unsigned)bytes_load_uint(event->body.data + file_id_at, 4));
	return 0;
}

static void put_xid(struct buf *out, struct bytes gtrid, struct bytes bqual, uint32_t format_id)
{
	buf_put_string(out, "X'");
	put_hex(out, gtrid);
	buf_put_string(out, "',X'");
	put_hex(out, bqual);
	buf_printf(out, "',%u", format_id);
}

static int describe_xa_prepare(const struct event *event, struct buf *out, struct diag *diag)
{
	struct event_xa_prepare prepare;
	if (event_decode_xa_prepare(event, &prepare, diag) < 0)
		return -1;
	buf_put_string(out, prepare.one_phase ? "XA COMMIT " : "XA PREPARE ");
	put_xid(out, prepare.gtrid, prepare.bqual, prepare.format_id);
	if (prepare.one_phase)
		buf_put_string(out, " ONE PHASE");
	return 0;
}

static int describe_mariadb_gtid(const struct event *event, struct buf *out, struct diag *diag)
{
	struct event_mariadb_gtid gtid;
	if (event_decode_mariadb_gtid(event, &gtid, diag) < 0)
		return -1;
	if (gtid.flags & EVENT_MARIADB_GTID_PREPARED_XA) {
		buf_put_string(out, "XA START ");
		put_xid(out, gtid.xa_gtrid, gtid.xa_bqual, gtid.xa_format_id);
		buf_put_u8(out, ' ');
	} else if (!(gtid.flags & EVENT_MARIADB_GTID_STANDALONE)) {
		buf_put_string(out, "BEGIN ");
	}
	buf_printf(out, "GTID %u-%u-%llu", gtid.domain_id, gtid.server_id, (unsigned long long)gtid.sequence);
	if (gtid.flags & EVENT_MARIADB_GTID_GROUP_COMMIT)
		buf_printf(out, " cid=%llu", (unsigned long long)gtid.commit_id);
	return 0;
}

static int describe_mariadb_gtid_list(const struct event *event, struct buf *out, struct diag *diag)
{
	struct event_mariadb_gtid_list list;
	struct event_mariadb_gtid gtid;
	if (event_decode_mariadb_gtid_list(event, &list, diag) < 0)
		return -1;
	const char *separator = "[";
	for (; event_mariadb_gtid_list_next(&list, &gtid); separator = ",")
		buf_printf(out, "%s%u-%u-%llu", separator, gtid.domain_id, gtid.server_id,
			   (unsigned long long)gtid.sequence);
	buf_put_string(out, *separator == '[' ? "[]" : "]");
	return 0;
}

static int describe_checkpoint(const struct event *event, struct buf *out, struct diag *diag)
{
	struct bytes name;
	if (event_decode_binlog_checkpoint(event, &name, diag) < 0)
		return -1;
	buf_put_bytes(out, name);
	return 0;
}

static describer *const describers[256] = {
	[EVENT_FORMAT_DESCRIPTION] = describe_format,
	[EVENT_QUERY] = describe_query,
	[EVENT_ROTATE] = describe_rotate,
	[EVENT_INTVAR] = describe_intvar,
	[EVENT_RAND] = describe_rand,
	[EVENT_USER_VAR] = describe_user_var,
	[EVENT_XID] = describe_xid,
	[EVENT_TABLE_MAP] = describe_table_map,
	[EVENT_WRITE_ROWS_V1] = describe_rows,
	[EVENT_UPDATE_ROWS_V1] = describe_rows,
	[EVENT_DELETE_ROWS_V1] = describe_rows,
	[EVENT_WRITE_ROWS] = describe_rows,
	[EVENT_UPDATE_ROWS] = describe_rows,
	[EVENT_DELETE_ROWS] = describe_rows,
	[EVENT_INCIDENT] = describe_incident,
	[EVENT_ROWS_QUERY] = describe_rows_query,
	[EVENT_ANNOTATE_ROWS] = describe_rows_query,
	[EVENT_GTID] = describe_gtid,
	[EVENT_ANONYMOUS_GTID] = describe_gtid,
	[EVENT_PREVIOUS_GTIDS] = describe_previous_gtids,
	[EVENT_BEGIN_LOAD_QUERY] = describe_load_block,
	[EVENT_APPEND_BLOCK] = describe_load_block,
	[EVENT_DELETE_FILE] = describe_load_block,
	[EVENT_EXECUTE_LOAD_QUERY] = describe_load_query,
	[EVENT_XA_PREPARE] = describe_xa_prepare,
	[EVENT_TRANSACTION_PAYLOAD] = describe_payload,
	[EVENT_MARIADB_GTID] = describe_mariadb_gtid,
	[EVENT_MARIADB_GTID_LIST] = describe_mariadb_gtid_list,
	[EVENT_BINLOG_CHECKPOINT] = describe_checkpoint,
	[EVENT_QUERY_COMPRESSED] = describe_compressed,
	[EVENT_WRITE_ROWS_COMPRESSED_V1] = describe_compressed,
	[EVENT_UPDATE_ROWS_COMPRESSED_V1] = describe_compressed,
	[EVENT_DELETE_ROWS_COMPRESSED_V1] = describe_compressed,
	[EVENT_WRITE_ROWS_COMPRESSED] = describe_compressed,
	[EVENT_UPDATE_ROWS_COMPRESSED] = describe_compressed,
	[EVENT_DELETE_ROWS_COMPRESSED] = describe_compressed,
};

void event_describe(const struct event *event, struct buf *out)
{
	struct diag diag = DIAG_INIT;
	size_t start = out->size;
	describer *describe = describers[event->type];
	if (describe && describe(event, out, &diag) < 0) {
		out->size = start;
		buf_put_string(out, diag.code ? diag.message : "Corrupted replication event was detected");
	}
}
