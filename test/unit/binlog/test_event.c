/* The codec: what we write is what we read, and no bytes whatever make a decoder read outside of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>
#include <zstd.h>

#include "base/memory.h"
#include "binlog/describe.h"
#include "samples.h"

static struct event_format format;

static struct event_writer writer_to(struct buf *out)
{
	return (struct event_writer){.out = out, .timestamp = 1700000000, .server_id = 7, .has_checksum = true};
}

/* The one event in the buffer, checked from outside in. */
static struct event only_event(struct buf *out, uint8_t type)
{
	struct diag diag = DIAG_INIT;
	struct event event;
	assert_int_equal(event_run_finalise(out->data, out->size, 1000, true, &diag), 0);
	assert_int_equal(event_parse(buf_bytes(out), &format, &event, &diag), 0);
	assert_int_equal(event.type, type);
	assert_int_equal(event.timestamp, 1700000000);
	assert_int_equal(event.server_id, 7);
	assert_int_equal(event.log_pos, 1000 + out->size);
	assert_true(event_checksum_is_right(&event));
	out->data[out->size / 2] ^= 1;
	assert_false(event_checksum_is_right(&event));
	out->data[out->size / 2] ^= 1;
	return event;
}

static void format_description_is_mysqls(void **state)
{
	(void)state;
	struct buf out;
	struct event_format read;
	struct event event;
	struct diag diag = DIAG_INIT;
	buf_init(&out);
	struct event_writer writer = writer_to(&out);
	event_put_format(&writer, EVENT_CHECKSUM_CRC32, 55, true);
	assert_int_equal(out.size, 19 + 2 + 50 + 4 + 1 + 41 + 1 + 4);
	assert_int_equal(event_decode_format(buf_bytes(&out), &read, &diag), 0);
	assert_int_equal(read.binlog_version, 4);
	assert_int_equal(read.created, 55);
	assert_int_equal(read.type_count, 41);
	assert_int_equal(read.checksum, EVENT_CHECKSUM_CRC32);
	assert_false(read.is_mariadb);
	assert_int_equal(memcmp(read.server_version, "8.0.35-gemel-", 13), 0);
	assert_int_equal(read.post_header_size[EVENT_FORMAT_DESCRIPTION], 98);
	assert_int_equal(read.post_header_size[EVENT_GTID], 42);
	assert_int_equal(event_parse(buf_bytes(&out), &format, &event, &diag), 0);
	assert_int_equal(event.flags, EVENT_FLAG_BINLOG_IN_USE);
	assert_true(event_checksum_is_right(&event));
	out.data[17] = 0; /* the flag is not part of the checksum */
	assert_int_equal(event_parse(buf_bytes(&out), &format, &event, &diag), 0);
	assert_true(event_checksum_is_right(&event));
	buf_deinit(&out);
}

static void format_description_for_replicas(void **state)
{
	(void)state;
	struct buf out, sent;
	struct event event;
	struct event_format read;
	struct diag diag = DIAG_INIT;
	buf_init(&out);
	buf_init(&sent);
	struct event_writer writer = writer_to(&out);
	event_put_format(&writer, EVENT_CHECKSUM_CRC32, 55, true);
	assert_int_equal(event_parse(buf_bytes(&out), &format, &event, &diag), 0);
	event_put_format_for_replica(&sent, &event, EVENT_CHECKSUM_OFF, true);
	assert_int_equal(event_parse(buf_bytes(&sent), &format, &event, &diag), 0);
	assert_int_equal(event.flags, 0);
	assert_int_equal(event.log_pos, 0);
	assert_true(event_checksum_is_right(&event));
	assert_int_equal(event_decode_format(buf_bytes(&sent), &read, &diag), 0);
	assert_int_equal(read.created, 0);
	assert_int_equal(read.checksum, EVENT_CHECKSUM_OFF);
	buf_deinit(&out);
	buf_deinit(&sent);
}

static bool is_taken_for_whole(struct bytes raw)
{
	struct event_format initial, read;
	struct event event;
	struct diag diag = DIAG_INIT;
	event_format_init(&initial, EVENT_CHECKSUM_OFF);
	return event_parse(raw, &initial, &event, &diag) == 0 && event.type == EVENT_FORMAT_DESCRIPTION &&
	       event_checksum_is_right(&event) && event_decode_format(raw, &read, &diag) == 0;
}

/* Its version and its last byte say whether there are checksums at all: a flipped bit must not turn them off. */
static void no_bit_of_a_format_description_is_lost(void **state)
{
	(void)state;
	const size_t in_use_at = 17;
	struct buf out;
	buf_init(&out);
	struct event_writer writer = writer_to(&out);
	event_put_format(&writer, EVENT_CHECKSUM_CRC32, 55, true);
	assert_true(is_taken_for_whole(buf_bytes(&out)));
	for (size_t bit = 0; bit < out.size * 8; bit++) {
		if (bit == in_use_at * 8)
			continue;
		out.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
		if (is_taken_for_whole(buf_bytes(&out)))
			fail_msg("bit %zu of byte %zu was not missed", bit % 8, bit / 8);
		out.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	buf_deinit(&out);
}

/* 5.5 has no checksums: 27 types, and nothing behind them. A version that does not go with the list is damaged. */
static void format_description_of_an_old_server(void **state)
{
	(void)state;
	struct buf out;
	struct event_format read;
	struct diag diag = DIAG_INIT;
	buf_init(&out);
	struct event_writer writer = writer_to(&out);
	event_put_format(&writer, EVENT_CHECKSUM_CRC32, 55, true);
	uint8_t *version = out.data + 19 + 2;
	memcpy(version, "5.5", 3);
	assert_int_equal(event_decode_format(buf_bytes(&out), &read, &diag), -1);
	out.size = 19 + 2 + 50 + 4 + 1 + 27;
	assert_int_equal(event_decode_format(buf_bytes(&out), &read, &diag), 0);
	assert_int_equal(read.checksum, EVENT_CHECKSUM_UNDEFINED);
	assert_int_equal(read.type_count, 27);
	memcpy(version, "7.5", 3);
	assert_int_equal(event_decode_format(buf_bytes(&out), &read, &diag), -1);
	buf_deinit(&out);
}

static void assert_bytes(struct bytes bytes, const char *wanted)
{
	assert_int_equal(bytes.size, strlen(wanted));
	assert_memory_equal(bytes.data, wanted, bytes.size);
}

static void small_events(void **state)
{
	(void)state;
	struct buf out;
	struct diag diag = DIAG_INIT;
	buf_init(&out);
	struct event_writer writer = writer_to(&out);
	uint64_t xid;
	event_put_xid(&writer, 0x1234567890);
	struct event event = only_event(&out, EVENT_XID);
	assert_int_equal(event_decode_xid(&event, &xid, &diag), 0);
	assert_int_equal(xid, 0x1234567890);

	struct event_rotate rotate;
	buf_clear(&out);
	event_put_rotate(&writer, bytes_of_string("a.000009"), 4, EVENT_FLAG_ARTIFICIAL);
	event = only_event(&out, EVENT_ROTATE);
	assert_int_equal(event_decode_rotate(&event, &rotate, &diag), 0);
	assert_bytes(rotate.file_name, "a.000009");
	assert_int_equal(rotate.position, 4);
	assert_int_equal(event.flags, EVENT_FLAG_ARTIFICIAL);

	struct event_intvar intvar;
	buf_clear(&out);
	event_put_intvar(&writer, EVENT_INTVAR_INSERT_ID, 3);
	event = only_event(&out, EVENT_INTVAR);
	assert_int_equal(event_decode_intvar(&event, &intvar, &diag), 0);
	assert_int_equal(intvar.kind, EVENT_INTVAR_INSERT_ID);
	assert_int_equal(intvar.value, 3);

	struct event_rand rand;
	buf_clear(&out);
	event_put_rand(&writer, 3, 4);
	event = only_event(&out, EVENT_RAND);
	assert_int_equal(event_decode_rand(&event, &rand, &diag), 0);
	assert_true(rand.seed1 == 3 && rand.seed2 == 4);

	struct event_incident incident;
	buf_clear(&out);
	event_put_incident(&writer, 1, bytes_of_string("gone"));
	event = only_event(&out, EVENT_INCIDENT);
	assert_int_equal(event_decode_incident(&event, &incident, &diag), 0);
	assert_int_equal(incident.incident, 1);
	assert_bytes(incident.message, "gone");

	struct bytes query;
	buf_clear(&out);
	event_put_rows_query(&writer, bytes_of_string("SELECT 1"));
	event = only_event(&out, EVENT_ROWS_QUERY);
	assert_int_equal(event_decode_rows_query(&event, &query, &diag), 0);
	assert_bytes(query, "SELECT 1");
	buf_deinit(&out);
}

static void heartbeats(void **state)
{
	(void)state;
	for (int version = 1; version <= 2; version++) {
		struct buf out;
		struct diag diag = DIAG_INIT;
		buf_init(&out);
		struct event_writer writer = writer_to(&out);
		struct event_heartbeat heartbeat = {bytes_of_string("binlog.000003"), 0xfedcba98}, read;
		event_put_heartbeat(&writer, &heartbeat, version);
		struct event event;
		assert_int_equal(event_parse(buf_bytes(&out), &format, &event, &diag), 0);
		assert_int_equal(event.type, version == 1 ? EVENT_HEARTBEAT : EVENT_HEARTBEAT_V2);
		assert_int_equal(event_decode_heartbeat(&event, &read, &diag), 0);
		assert_bytes(read.file_name, "binlog.000003");
		assert_int_equal(read.position, 0xfedcba98);
		buf_deinit(&out);
	}
}

static void gtid_round_trip(struct event_gtid gtid)
{
	struct buf out;
	struct event_gtid read;
	struct diag diag = DIAG_INIT;
	buf_init(&out);
	struct event_writer writer = writer_to(&out);
	event_put_gtid(&writer, &gtid);
	struct event event = only_event(&out, gtid.gtid.gno ? EVENT_GTID : EVENT_ANONYMOUS_GTID);
	assert_int_equal(event_decode_gtid(&event, &read, &diag), 0);
	assert_int_equal(read.gtid.gno, gtid.gtid.gno);
	if (gtid.gtid.gno)
		assert_true(gtid_equal(&read.gtid, &gtid.gtid));
	assert_int_equal(read.flags, gtid.flags);
	assert_true(read.has_logical_clock && read.has_timestamps);
	assert_int_equal(read.last_committed, gtid.last_committed);
	assert_int_equal(read.sequence_number, gtid.sequence_number);
	assert_int_equal(read.immediate_commit_us, gtid.immediate_commit_us);
	assert_int_equal(read.original_commit_us, gtid.original_commit_us);
	assert_int_equal(read.immediate_server_version, gtid.immediate_server_version);
	assert_int_equal(read.original_server_version, gtid.original_server_version);
	assert_int_equal(read.transaction_size, gtid.transaction_size + out.size);
	buf_deinit(&out);
}

static void gtid_events(void **state)
{
	(void)state;
	struct event_gtid gtid = sample_gtid();
	gtid_round_trip(gtid);
	gtid.original_commit_us = gtid.immediate_commit_us;
	gtid.original_server_version = 50744;
	gtid_round_trip(gtid);
	/* Around every border of the size's own size. */
	const uint64_t borders[] = {0, 251, 65536, 16777216, 1ull << 40};
	for (unsigned i = 0; i < 5; i++)
		for (uint64_t below = 0; below < 130; below++)
			if (borders[i] + 5 > below) {
				gtid.transaction_size = borders[i] + 5 - below;
				gtid_round_trip(gtid);
			}
	gtid.gtid.gno = 0;
	gtid_round_trip(gtid);
}

/* Bodies that only MariaDB writes, by hand. */
static void mariadb_control_events(void **state)
{
	(void)state;
	struct buf out;
	struct diag diag = DIAG_INIT;
	struct event_mariadb_gtid gtid;
	struct event_mariadb_gtid_list list;
	struct event_start_encryption encryption;
	buf_init(&out);
	struct event_writer writer = writer_to(&out);
	event_put(&writer, EVENT_MARIADB_GTID, 0, bytes_of("\5\0\0\0\0\0\0\0" "\2\0\0\0" "\6" "\7\0\0\0\0\0\0\0", 21));
	struct event event = only_event(&out, EVENT_MARIADB_GTID);
	assert_int_equal(event_decode_mariadb_gtid(&event, &gtid, &diag), 0);
	assert_true(gtid.sequence == 5 && gtid.domain_id == 2 && gtid.server_id == 7 && gtid.commit_id == 7);
	buf_clear(&out);
	event_put(&writer, EVENT_MARIADB_GTID_LIST, 0, bytes_of("\1\0\0\x10" "\2\0\0\0" "\3\0\0\0" "\4\0\0\0\0\0\0\0", 20));
	event = only_event(&out, EVENT_MARIADB_GTID_LIST);
	assert_int_equal(event_decode_mariadb_gtid_list(&event, &list, &diag), 0);
	assert_true(list.count == 1 && list.flags == 1);
	assert_true(event_mariadb_gtid_list_next(&list, &gtid));
	assert_true(gtid.domain_id == 2 && gtid.server_id == 3 && gtid.sequence == 4);
	assert_false(event_mariadb_gtid_list_next(&list, &gtid));
	buf_clear(&out);
	event_put(&writer, EVENT_START_ENCRYPTION, 0, bytes_of("\1\011\0\0\0" "abcdefghijkl", 17));
	event = only_event(&out, EVENT_START_ENCRYPTION);
	assert_int_equal(event_decode_start_encryption(&event, &encryption, &diag), 0);
	assert_int_equal(encryption.scheme, 1);
	assert_bytes(encryption.nonce, "abcdefghijkl");
	buf_deinit(&out);
}

static void query_events(void **state)
{
	(void)state;
	struct buf out;
	struct diag diag = DIAG_INIT;
	struct event_query query = sample_full_query(), read;
	buf_init(&out);
	struct event_writer writer = writer_to(&out);
	event_put_query(&writer, &query, EVENT_FLAG_THREAD_SPECIFIC);
	struct event event = only_event(&out, EVENT_QUERY);
	assert_int_equal(event_decode_query(&event, &read, &diag), 0);
	assert_int_equal(event.flags, EVENT_FLAG_THREAD_SPECIFIC);
	assert_int_equal(read.has, query.has);
	assert_int_equal(read.thread_id, 9);
	assert_int_equal(read.exec_time, 1);
	assert_bytes(read.db, "test");
	assert_bytes(read.query, "CREATE TABLE t (a INT)");
	assert_int_equal(read.flags2, query.flags2);
	assert_int_equal(read.sql_mode, query.sql_mode);
	assert_bytes(read.catalog, "std");
	assert_int_equal(read.auto_increment_increment, 2);
	assert_int_equal(read.auto_increment_offset, 1);
	assert_int_equal(read.character_set_client, 45);
	assert_int_equal(read.collation_server, 45);
	assert_bytes(read.time_zone, "SYSTEM");
	assert_int_equal(read.lc_time_names, 3);
	assert_int_equal(read.collation_database, 8);
	assert_bytes(read.invoker_user, "root");
	assert_bytes(read.invoker_host, "localhost");
	assert_int_equal(read.db_count, 2);
	assert_bytes(read.updated_dbs[1], "other");
	assert_int_equal(read.microseconds, 123456);
	assert_true(read.explicit_defaults_ts);
	assert_int_equal(read.ddl_xid, 77);
	assert_int_equal(read.default_collation_utf8mb4, 255);
	assert_int_equal(read.require_primary_key, 1);
	assert_int_equal(read.table_encryption, 1);
	assert_true(event_query_is(&read, "create table T (a int)"));

	buf_clear(&out);
	event_put_transaction_query(&writer, &query, "BEGIN");
	event = only_event(&out, EVENT_QUERY);
	assert_int_equal(event.flags, EVENT_FLAG_SUPPRESS_USE);
	assert_int_equal(event_decode_query(&event, &read, &diag), 0);
	assert_true(event_query_is(&read, "BEGIN"));
	assert_false(read.has & EVENT_QUERY_DDL_XID);
	buf_deinit(&out);
}

/* What MariaDB reads of it: up to the first code that it does not know, and the fraction by its own. */
static void queries_for_mariadb(void **state)
{
	(void)state;
	struct buf out;
	struct diag diag = DIAG_INIT;
	struct event_query query = sample_full_query(), read;
	query.has |= EVENT_QUERY_TABLE_MAP_FOR_UPDATE;
	query.table_map_for_update = 6;
	buf_init(&out);
	struct event_writer writer = writer_to(&out);
	event_put_query(&writer, &query, 0);
	only_event(&out, EVENT_QUERY);
	size_t size = out.size;
	event_query_suit_mariadb(out.data, out.size, true);
	struct event event;
	assert_int_equal(event_parse(buf_bytes(&out), &format, &event, &diag), 0);
	assert_true(event_checksum_is_right(&event));
	assert_int_equal(out.size, size);
	assert_int_equal(event_decode_query(&event, &read, &diag), 0);
	assert_int_equal(read.has, query.has);
	assert_int_equal(read.microseconds, 123456);
	assert_int_equal(read.table_map_for_update, 6);
	assert_bytes(read.updated_dbs[1], "other");
	assert_bytes(read.query, "CREATE TABLE t (a INT)");
	const uint8_t mariadb[] = {128, 0x40, 0xe2, 0x01, 12, 2};
	assert_non_null(memmem(out.data, out.size, mariadb, sizeof mariadb));

	/* Nothing to do, and nothing that could be done. */
	query.has &= ~(uint32_t)EVENT_QUERY_MICROSECONDS;
	buf_clear(&out);
	event_put_query(&writer, &query, 0);
	only_event(&out, EVENT_QUERY);
	struct buf before;
	buf_init(&before);
	buf_put_bytes(&before, buf_bytes(&out));
	event_query_suit_mariadb(out.data, out.size, true);
	assert_true(bytes_equal(buf_bytes(&before), buf_bytes(&out)));
	for (size_t cut = 0; cut < out.size; cut++)
		event_query_suit_mariadb(before.data, cut, false);
	buf_deinit(&before);
	buf_deinit(&out);
}

/* A code from a later server ends the variables; what stood before it counts. */
static void unknown_status_variables_end_the_list(void **state)
{
	(void)state;
	const uint8_t body[] = {1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 7, 0, /* 7 bytes of status: */ 0, 9, 0, 0, 0, 200, 1,
				'd', 0, 'Q'};
	struct buf out;
	struct diag diag = DIAG_INIT;
	struct event_query read;
	buf_init(&out);
	struct event_writer writer = writer_to(&out);
	event_put(&writer, EVENT_QUERY, 0, bytes_of(body, sizeof body));
	struct event event = only_event(&out, EVENT_QUERY);
	assert_int_equal(event_decode_query(&event, &read, &diag), 0);
	assert_int_equal(read.has, EVENT_QUERY_FLAGS2);
	assert_int_equal(read.flags2, 9);
	assert_bytes(read.query, "Q");
	buf_deinit(&out);
}

static void user_variables(void **state)
{
	(void)state;
	for (enum event_user_var_kind kind = 0; kind <= EVENT_USER_VAR_DECIMAL; kind++) {
		if (kind == 3)
			continue;
		struct buf out;
		struct diag diag = DIAG_INIT;
		struct event_user_var variable = sample_user_var(kind), read;
		buf_init(&out);
		struct event_writer writer = writer_to(&out);
		event_put_user_var(&writer, &variable);
		struct event event = only_event(&out, EVENT_USER_VAR);
		assert_int_equal(event_decode_user_var(&event, &read, &diag), 0);
		assert_int_equal(read.kind, kind);
		assert_true(bytes_equal(read.value, variable.value));
		buf_deinit(&out);
	}
}

static void table_map_with_metadata(void **state)
{
	(void)state;
	struct sample_table table;
	struct buf out;
	struct arena arena;
	struct event_table_map map, copy;
	struct event_table_metadata metadata;
	struct diag diag = DIAG_INIT;
	buf_init(&out);
	arena_init(&arena);
	sample_table_init(&table);
	struct event_writer writer = writer_to(&out);
	event_put_table_map(&writer, &table.table, EVENT_METADATA_FULL);
	struct event event = only_event(&out, EVENT_TABLE_MAP);
	assert_int_equal(event_decode_table_map(&event, &arena, &map, &diag), 0);
	event_table_map_copy(&map, &arena, &copy);
	memset(out.data, 0xee, out.size); /* the copy needs the event no more */
	assert_int_equal(copy.table_id, 70);
	assert_bytes(copy.db, "test");
	assert_bytes(copy.table, "every");
	assert_int_equal(copy.column_count, table.table.column_count);
	assert_int_equal(event_decode_table_metadata(&copy, &arena, &metadata, &diag), 0);
	assert_true(metadata.has_names && metadata.has_signedness && metadata.has_charsets && metadata.has_primary_key);
	assert_int_equal(metadata.primary_key_size, 2);
	assert_int_equal(metadata.primary_key[0], 4);
	assert_int_equal(metadata.primary_key[1], 0);
	for (unsigned i = 0; i < copy.column_count; i++) {
		const struct event_column_metadata *read = &metadata.columns[i];
		const struct sample_column *sample = &table.samples[i];
		assert_bytes(read->name, sample->name);
		assert_int_equal(read->is_unsigned, sample->type.is_unsigned);
		assert_true(event_column_nullable(&copy, i));
		enum type_kind kind = sample->type.kind;
		if (kind == TYPE_JSON)
			assert_int_equal(read->collation_id, 46);
		else if (kind >= TYPE_CHAR && kind <= TYPE_SET)
			assert_int_equal(read->collation_id, sample->type.collation->id);
		assert_int_equal(read->name_count, sample->type.name_count);
		if (read->name_count)
			assert_bytes(read->names[1], "green");
		assert_int_equal(event_field_size(copy.types[i], copy.metadata[i], (const uint8_t *)sample->packed,
						  sample->packed_size),
				 sample->packed_size);
	}
	unsigned size;
	assert_int_equal(event_column_real_type(&copy, 16, &size), FIELD_STRING); /* CHAR(100) utf8mb4 */
	assert_int_equal(size, 400);
	assert_int_equal(event_column_real_type(&copy, 29, &size), FIELD_ENUM);
	assert_int_equal(size, 1);
	arena_deinit(&arena);
	buf_deinit(&out);
}

static void charsets_by_default_and_by_column(void **state)
{
	(void)state;
	for (unsigned exceptions = 0; exceptions < 6; exceptions++) {
		struct event_table_column columns[7];
		struct event_table table = {.table_id = 1, .db = bytes_of_string("d"), .table = bytes_of_string("t"),
					    .columns = columns, .column_count = 7};
		memset(columns, 0, sizeof columns);
		for (unsigned i = 0; i < 7; i++) {
			columns[i] = (struct event_table_column){.type = i == 3 ? FIELD_LONG : FIELD_VARCHAR,
								 .metadata = {20, 0},
								 .metadata_size = i == 3 ? 0 : 2,
								 .collation_id = i > 6 - exceptions ? 8 : 255};
		}
		struct buf out;
		struct arena arena;
		struct event_table_map map;
		struct event_table_metadata metadata;
		struct diag diag = DIAG_INIT;
		buf_init(&out);
		arena_init(&arena);
		struct event_writer writer = writer_to(&out);
		event_put_table_map(&writer, &table, EVENT_METADATA_MINIMAL);
		struct event event = only_event(&out, EVENT_TABLE_MAP);
		assert_int_equal(event_decode_table_map(&event, &arena, &map, &diag), 0);
		assert_int_equal(event_decode_table_metadata(&map, &arena, &metadata, &diag), 0);
		for (unsigned i = 0; i < 7; i++)
			assert_int_equal(metadata.columns[i].collation_id, i == 3 ? 0 : columns[i].collation_id);
		arena_deinit(&arena);
		buf_deinit(&out);
	}
}

/* All rows of a run of rows events come back as they were put in, in events of about the size asked for. */
static void rows_are_split_and_walked(void **state)
{
	(void)state;
	struct sample_table table;
	struct buf out, full, holes;
	struct arena arena;
	struct event_table_map map = {0};
	struct diag diag = DIAG_INIT;
	unsigned rows_seen[3] = {0}, events_seen[3] = {0}, ends_seen[3] = {0};
	buf_init(&out);
	buf_init(&full);
	buf_init(&holes);
	arena_init(&arena);
	sample_table_init(&table);
	sample_put_row(&table, false, &full);
	sample_put_row(&table, true, &holes);
	struct event_writer writer = writer_to(&out);
	sample_put_rows_transaction(&writer, &table, EVENT_METADATA_MINIMAL, 50);
	assert_int_equal(event_run_finalise(out.data, out.size, 0, true, &diag), 0);
	for (size_t at = 0; at < out.size;) {
		struct event event;
		size_t size = (size_t)bytes_load_uint(out.data + at + 9, 4);
		assert_int_equal(event_parse(bytes_of(out.data + at, size), &format, &event, &diag), 0);
		at += size;
		if (event.type == EVENT_TABLE_MAP)
			assert_int_equal(event_decode_table_map(&event, &arena, &map, &diag), 0);
		if (!event_is_rows(event.type))
			continue;
		struct event_rows rows;
		struct event_rows_walk walk;
		struct event_row row;
		assert_true(size <= 1100);
		assert_int_equal(event_decode_rows(&event, &rows, &diag), 0);
		assert_true(event_columns_are_complete(rows.before_columns, rows.column_count));
		events_seen[rows.kind]++;
		ends_seen[rows.kind] += rows.flags & EVENT_ROWS_STMT_END;
		event_rows_walk_init(&walk, &rows, &map);
		while (event_rows_next(&walk, &row, &diag) == EVENT_WALK_ROW) {
			struct bytes fields[sample_column_max];
			rows_seen[rows.kind]++;
			if (rows.kind != EVENT_ROWS_WRITE)
				assert_true(bytes_equal(row.before, buf_bytes(&full)));
			if (rows.kind == EVENT_ROWS_DELETE)
				continue;
			bool nulls = rows.kind == EVENT_ROWS_UPDATE;
			assert_true(bytes_equal(row.after, buf_bytes(nulls ? &holes : &full)));
			assert_int_equal(event_image_split(&map, rows.after_columns, row.after, fields, &diag), 0);
			for (unsigned i = 0; i < map.column_count; i++) {
				if (nulls && i % 3 == 2)
					assert_null(fields[i].data);
				else
					assert_true(bytes_equal(fields[i], bytes_of(table.samples[i].packed,
										    table.samples[i].packed_size)));
			}
		}
		assert_int_equal(event_rows_next(&walk, &row, &diag), EVENT_WALK_END);
	}
	for (unsigned kind = 0; kind < 3; kind++) {
		assert_int_equal(rows_seen[kind], 50);
		assert_int_equal(ends_seen[kind], 1);
		assert_true(events_seen[kind] > 5);
	}
	arena_deinit(&arena);
	buf_deinit(&out);
	buf_deinit(&full);
	buf_deinit(&holes);
}

/* ------------------------------------------------------------------------------------------------- compression */

/* MariaDB's compressed form of an event, made by hand. */
static void put_compressed(struct buf *out, const struct event *plain, uint8_t type, size_t head)
{
	struct bytes tail = {plain->body.data + head, plain->body.size - head};
	uLongf size = compressBound(tail.size);
	uint8_t *squeezed = memory_alloc(size);
	assert_int_equal(compress(squeezed, &size, tail.data, tail.size), Z_OK);
	struct event_writer writer = writer_to(out);
	struct buf body;
	buf_init(&body);
	buf_put(&body, plain->body.data, head);
	buf_put_u8(&body, 0x80 | 2);
	buf_put_u8(&body, (uint8_t)(tail.size >> 8));
	buf_put_u8(&body, (uint8_t)tail.size);
	buf_put(&body, squeezed, size);
	event_put(&writer, type, 0, buf_bytes(&body));
	buf_deinit(&body);
	memory_free(squeezed);
}

static void assert_decompresses(struct buf *plain, uint8_t type, uint8_t compressed_type, size_t head)
{
	struct buf packed, again;
	struct diag diag = DIAG_INIT;
	buf_init(&packed);
	buf_init(&again);
	struct event event = only_event(plain, type);
	put_compressed(&packed, &event, compressed_type, head);
	struct event compressed = only_event(&packed, compressed_type);
	assert_int_equal(event_decompress(&compressed, &again, &diag), 0);
	struct event_format bare = format;
	struct event result;
	bare.checksum = EVENT_CHECKSUM_OFF;
	assert_int_equal(event_parse(buf_bytes(&again), &bare, &result, &diag), 0);
	assert_int_equal(result.type, type);
	assert_true(bytes_equal(result.body, event.body));
	/* Every cut of the body, and every broken bit, is refused or harmless. */
	for (size_t size = 0; size < compressed.body.size; size++) {
		struct event cut = compressed;
		uint8_t *copy = memory_copy(compressed.raw.data, event_header_size + size);
		cut.raw = bytes_of(copy, event_header_size + size);
		cut.body = bytes_of(copy + event_header_size, size);
		again.size = 0;
		assert_int_equal(event_decompress(&cut, &again, &diag), -1);
		assert_int_equal(again.size, 0);
		memory_free(copy);
	}
	buf_deinit(&packed);
	buf_deinit(&again);
}

static void mariadb_compressed_events(void **state)
{
	(void)state;
	struct buf plain;
	struct event_query query = sample_query("INSERT INTO t VALUES ('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')");
	buf_init(&plain);
	struct event_writer writer = writer_to(&plain);
	event_put_query(&writer, &query, 0);
	size_t head = plain.size - event_header_size - event_checksum_size - query.query.size;
	assert_decompresses(&plain, EVENT_QUERY, EVENT_QUERY_COMPRESSED, head);
	buf_clear(&plain);
	struct event_rows_writer rows;
	event_rows_begin(&rows, &writer, EVENT_ROWS_UPDATE, 9, 3, NULL, NULL, 0, 8192);
	event_rows_add(&rows, bytes_of_string("before"), bytes_of_string("after"));
	event_rows_end(&rows, true);
	assert_decompresses(&plain, EVENT_UPDATE_ROWS, EVENT_UPDATE_ROWS_COMPRESSED, 10 + 1 + 2);
	buf_deinit(&plain);
}

static void transaction_payload(void **state)
{
	(void)state;
	struct buf events, body, out, again;
	struct diag diag = DIAG_INIT;
	buf_init(&events);
	buf_init(&body);
	buf_init(&out);
	buf_init(&again);
	struct event_writer writer = writer_to(&events);
	writer.has_checksum = false;
	struct sample_table table;
	sample_table_init(&table);
	sample_put_rows_transaction(&writer, &table, EVENT_METADATA_MINIMAL, 500);
	size_t bound = ZSTD_compressBound(events.size);
	uint8_t *squeezed = memory_alloc(bound);
	size_t size = ZSTD_compress(squeezed, bound, events.data, events.size, 3);
	assert_false(ZSTD_isError(size));
	const uint8_t fields[] = {2, 1, 0, 3, 3, 0xfc, 1, 0, /* a wrong uncompressed size: only a hint */ 1, 3, 0xfc,
				  (uint8_t)size, (uint8_t)(size >> 8), 0};
	buf_put(&body, fields, sizeof fields);
	buf_put(&body, squeezed, size);
	struct event_writer outer = writer_to(&out);
	event_put(&outer, EVENT_TRANSACTION_PAYLOAD, 0, buf_bytes(&body));
	struct event event = only_event(&out, EVENT_TRANSACTION_PAYLOAD);
	assert_int_equal(event_decode_payload(&event, 1 << 20, &again, &diag), 0);
	assert_true(bytes_equal(buf_bytes(&again), buf_bytes(&events)));
	again.size = 0;
	assert_int_equal(event_decode_payload(&event, events.size - 1, &again, &diag), -1);
	assert_int_equal(again.size, 0);
	memory_free(squeezed);
	buf_deinit(&events);
	buf_deinit(&body);
	buf_deinit(&out);
	buf_deinit(&again);
}

/* ----------------------------------------------------------------------------------------------- hostile bytes */

/* Runs every decoder over the event, whatever its type says, and walks into what they give. */
static void decode_everything(const struct event *event)
{
	struct diag diag = DIAG_INIT;
	struct arena arena;
	struct buf out;
	struct gtid_set set;
	union {
		struct event_rotate rotate;
		struct event_gtid gtid;
		struct event_intvar intvar;
		struct event_rand rand;
		struct event_user_var user_var;
		struct event_incident incident;
		struct event_heartbeat heartbeat;
		struct event_xa_prepare xa_prepare;
		struct event_mariadb_gtid mariadb_gtid;
		struct event_start_encryption encryption;
		struct event_query query;
		struct bytes bytes;
		uint64_t xid;
	} any;
	struct event_mariadb_gtid_list list;
	arena_init(&arena);
	buf_init(&out);
	gtid_set_init(&set);
	event_decode_rotate(event, &any.rotate, &diag);
	event_decode_gtid(event, &any.gtid, &diag);
	event_decode_previous_gtids(event, &set, &diag);
	event_decode_xid(event, &any.xid, &diag);
	event_decode_intvar(event, &any.intvar, &diag);
	event_decode_rand(event, &any.rand, &diag);
	event_decode_user_var(event, &any.user_var, &diag);
	event_decode_incident(event, &any.incident, &diag);
	event_decode_heartbeat(event, &any.heartbeat, &diag);
	event_decode_rows_query(event, &any.bytes, &diag);
	event_decode_xa_prepare(event, &any.xa_prepare, &diag);
	event_decode_mariadb_gtid(event, &any.mariadb_gtid, &diag);
	event_decode_binlog_checkpoint(event, &any.bytes, &diag);
	event_decode_start_encryption(event, &any.encryption, &diag);
	event_decode_query(event, &any.query, &diag);
	if (event_decode_mariadb_gtid_list(event, &list, &diag) == 0)
		while (event_mariadb_gtid_list_next(&list, &any.mariadb_gtid))
			;
	struct event_table_map map;
	struct event_table_metadata metadata;
	if (event_decode_table_map(event, &arena, &map, &diag) == 0)
		event_decode_table_metadata(&map, &arena, &metadata, &diag);
	event_decompress(event, &out, &diag);
	event_decode_payload(event, 1 << 20, &out, &diag);
	event_describe(event, &out);
	gtid_set_deinit(&set);
	buf_deinit(&out);
	arena_deinit(&arena);
}

/* Walks rows with a map that may not be theirs. */
static void walk_rows(const struct event *event, const struct event_table_map *map)
{
	struct event_rows rows;
	struct event_rows_walk walk;
	struct event_row row;
	struct diag diag = DIAG_INIT;
	if (event_decode_rows(event, &rows, &diag) < 0)
		return;
	event_rows_walk_init(&walk, &rows, map);
	while (event_rows_next(&walk, &row, &diag) == EVENT_WALK_ROW)
		;
}

static void put_samples(struct buf *out, const struct sample_table *table)
{
	struct event_writer writer = writer_to(out);
	struct diag diag = DIAG_INIT;
	sample_put_all(&writer, table);
	assert_int_equal(event_run_finalise(out->data, out->size, 4, true, &diag), 0);
}

/* The event's bytes alone in memory of their own, so that a read past them is caught. */
static void try_bytes(const uint8_t *data, size_t size, const struct event_table_map *map)
{
	struct diag diag = DIAG_INIT;
	struct event event;
	uint8_t *copy = memory_copy(data, size);
	if (size >= 13)
		bytes_store_uint(copy + 9, size, 4);
	if (event_parse(bytes_of(copy, size), &format, &event, &diag) == 0) {
		decode_everything(&event);
		walk_rows(&event, map);
	}
	memory_free(copy);
}

static void hostile_bytes(void **state)
{
	(void)state;
	struct sample_table table;
	struct buf out, first;
	struct arena arena;
	struct event_table_map map;
	struct event event;
	struct diag diag = DIAG_INIT;
	buf_init(&out);
	buf_init(&first);
	arena_init(&arena);
	sample_table_init(&table);
	put_samples(&out, &table);
	struct event_writer writer = writer_to(&first);
	event_put_table_map(&writer, &table.table, EVENT_METADATA_FULL);
	event = only_event(&first, EVENT_TABLE_MAP);
	assert_int_equal(event_decode_table_map(&event, &arena, &map, &diag), 0);
	srand(2);
	for (size_t at = 0; at < out.size;) {
		size_t size = (size_t)bytes_load_uint(out.data + at + 9, 4);
		for (size_t cut = 0; cut <= size; cut++)
			try_bytes(out.data + at, cut, &map);
		for (unsigned i = 0; i < 300; i++) {
			uint8_t *bad = memory_copy(out.data + at, size);
			for (int flips = 1 + rand() % 4; flips; flips--)
				bad[event_header_size + (size_t)rand() % (size - event_header_size)] = (uint8_t)rand();
			if (rand() % 4 == 0)
				bad[4] = (uint8_t)rand();
			try_bytes(bad, size, &map);
			memory_free(bad);
		}
		at += size;
	}
	arena_deinit(&arena);
	buf_deinit(&out);
	buf_deinit(&first);
}

static void runs_of_events_are_checked(void **state)
{
	(void)state;
	struct sample_table table;
	struct buf out;
	struct diag diag = DIAG_INIT;
	buf_init(&out);
	sample_table_init(&table);
	put_samples(&out, &table);
	assert_int_equal(event_run_finalise(out.data, out.size - 1, 4, true, &diag), -1);
	assert_int_equal(diag.code, ER_SLAVE_CORRUPT_EVENT);
	bytes_store_uint(out.data + 9, 3, 4);
	assert_int_equal(event_run_finalise(out.data, out.size, 4, true, &diag), -1);
	buf_deinit(&out);
}

static int set_up(void **state)
{
	(void)state;
	collation_init();
	event_format_init(&format, EVENT_CHECKSUM_CRC32);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	collation_deinit();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(format_description_is_mysqls),
		cmocka_unit_test(format_description_for_replicas),
		cmocka_unit_test(no_bit_of_a_format_description_is_lost),
		cmocka_unit_test(format_description_of_an_old_server),
		cmocka_unit_test(small_events),
		cmocka_unit_test(heartbeats),
		cmocka_unit_test(gtid_events),
		cmocka_unit_test(mariadb_control_events),
		cmocka_unit_test(query_events),
		cmocka_unit_test(queries_for_mariadb),
		cmocka_unit_test(unknown_status_variables_end_the_list),
		cmocka_unit_test(user_variables),
		cmocka_unit_test(table_map_with_metadata),
		cmocka_unit_test(charsets_by_default_and_by_column),
		cmocka_unit_test(rows_are_split_and_walked),
		cmocka_unit_test(mariadb_compressed_events),
		cmocka_unit_test(transaction_payload),
		cmocka_unit_test(hostile_bytes),
		cmocka_unit_test(runs_of_events_are_checked),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
