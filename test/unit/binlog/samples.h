/*
 * Events to test with: one of each kind that we write, and a table with a column of every type, whose values have
 * known bytes and a known text in mariadb-binlog -v.
 */
#pragma once

#include <string.h>

#include "binlog/event_writer.h"

#define SAMPLE_SID "3e11fa47-71ca-11e1-9e33-c80aa9429562"

struct sample_column {
	const char *name;
	struct column_type type;
	const char *packed; /* bytes of one value */
	size_t packed_size;
	const char *printed; /* by mariadb-binlog -v */
};

#define BYTES(text) text, sizeof text - 1

static const struct bytes sample_names[] = {{(const uint8_t *)"red", 3}, {(const uint8_t *)"green", 5}};

/* The collations are tables of type's, known only after collation_init. */
static inline size_t sample_columns(struct sample_column *out)
{
	const struct collation *text = collation_utf8mb4_default, *latin1 = collation_latin1_default;
	const struct collation *none = collation_binary;
	const struct sample_column columns[] = {
		{"tiny", {.kind = TYPE_TINYINT, .collation = none}, BYTES("\xfb"), "-5 (251)"},
		{"utiny", {.kind = TYPE_TINYINT, .is_unsigned = true, .collation = none}, BYTES("\xfb"), "-5 (251)"},
		{"small", {.kind = TYPE_SMALLINT, .collation = none}, BYTES("\x39\x30"), "12345"},
		{"medium", {.kind = TYPE_MEDIUMINT, .collation = none}, BYTES("\x01\x02\x03"), "197121"},
		{"int", {.kind = TYPE_INT, .collation = none}, BYTES("\x2a\0\0\0"), "42"},
		{"ubig", {.kind = TYPE_BIGINT, .is_unsigned = true, .collation = none},
		 BYTES("\xff\xff\xff\xff\xff\xff\xff\xff"), "-1 (18446744073709551615)"},
		{"float", {.kind = TYPE_FLOAT, .decimals = 31, .collation = none}, BYTES("\0\0\xc0\x3f"), "1.5"},
		{"double", {.kind = TYPE_DOUBLE, .decimals = 31, .collation = none}, BYTES("\0\0\0\0\0\0\x04\xc0"), "-2.5"},
		{"decimal", {.kind = TYPE_DECIMAL, .length = 10, .decimals = 3, .collation = none},
		 BYTES("\x80\0\0\x0c\x01\x59"), "12.345"},
		{"bit", {.kind = TYPE_BIT, .length = 12, .collation = none}, BYTES("\x0a\x05"), "b'101000000101'"},
		{"year", {.kind = TYPE_YEAR, .length = 4, .collation = none}, BYTES("\x7e"), "2026"},
		{"date", {.kind = TYPE_DATE, .collation = none}, BYTES("\x75\xd5\x0f"), "'2026:11:21'"},
		{"time", {.kind = TYPE_TIME, .decimals = 3, .collation = none}, BYTES("\x80\xa2\x03\x04\xce"), "'10:08:03.123'"},
		{"datetime", {.kind = TYPE_DATETIME, .decimals = 6, .collation = none},
		 BYTES("\x99\xb9\x2a\xa2\x03\x00\x00\x01"), "'2026-02-21 10:08:03.000001'"},
		{"timestamp", {.kind = TYPE_TIMESTAMP, .collation = none}, BYTES("\x00\x00\x00\x01"), "1"},
		{"char", {.kind = TYPE_CHAR, .length = 10, .collation = text}, BYTES("\x03" "abc"), "'abc'"},
		{"longchar", {.kind = TYPE_CHAR, .length = 100, .collation = text}, BYTES("\x03\0" "abc"), "'abc'"},
		{"varchar", {.kind = TYPE_VARCHAR, .length = 20, .collation = latin1}, BYTES("\x02" "hi"), "'hi'"},
		{"longvarchar", {.kind = TYPE_VARCHAR, .length = 300, .collation = text}, BYTES("\x02\0" "hi"), "'hi'"},
		{"binary", {.kind = TYPE_BINARY, .length = 4, .collation = none}, BYTES("\x02" "\x01\x02"), "'\\x01\\x02'"},
		{"varbinary", {.kind = TYPE_VARBINARY, .length = 8, .collation = none}, BYTES("\x01" "v"), "'v'"},
		{"tinytext", {.kind = TYPE_TINYTEXT, .collation = text}, BYTES("\x01" "t"), "'t'"},
		{"text", {.kind = TYPE_TEXT, .collation = text}, BYTES("\x01\0" "t"), "'t'"},
		{"mediumtext", {.kind = TYPE_MEDIUMTEXT, .collation = text}, BYTES("\x01\0\0" "t"), "'t'"},
		{"longtext", {.kind = TYPE_LONGTEXT, .collation = text}, BYTES("\x01\0\0\0" "t"), "'t'"},
		{"tinyblob", {.kind = TYPE_TINYBLOB, .collation = none}, BYTES("\x01" "b"), "'b'"},
		{"blob", {.kind = TYPE_BLOB, .collation = none}, BYTES("\x01\0" "b"), "'b'"},
		{"mediumblob", {.kind = TYPE_MEDIUMBLOB, .collation = none}, BYTES("\x01\0\0" "b"), "'b'"},
		{"longblob", {.kind = TYPE_LONGBLOB, .collation = none}, BYTES("\x01\0\0\0" "b"), "'b'"},
		{"enum", {.kind = TYPE_ENUM, .collation = text, .names = sample_names, .name_count = 2}, BYTES("\x02"), "2"},
		{"set", {.kind = TYPE_SET, .collation = text, .names = sample_names, .name_count = 2}, BYTES("\x03"),
		 "b'00000011'"},
		{"json", {.kind = TYPE_JSON, .collation = text}, BYTES("\x02\0\0\0" "{}"), "'{}'"},
	};
	memcpy(out, columns, sizeof columns);
	return sizeof columns / sizeof *columns;
}

enum { sample_column_max = 40 };

/* The table "test.every", with all columns nullable, and an image of a row; every third column is NULL if wanted. */
struct sample_table {
	struct sample_column samples[sample_column_max];
	struct event_table_column columns[sample_column_max];
	unsigned primary_key[2];
	struct event_table table;
};

static inline void sample_table_init(struct sample_table *out)
{
	unsigned count = (unsigned)sample_columns(out->samples);
	for (unsigned i = 0; i < count; i++) {
		event_table_column_from_type(&out->samples[i].type, &out->columns[i]);
		out->columns[i].name = bytes_of_string(out->samples[i].name);
		out->columns[i].is_nullable = true;
	}
	out->primary_key[0] = 4;
	out->primary_key[1] = 0;
	out->table = (struct event_table){
		.table_id = 70,
		.db = bytes_of_string("test"),
		.table = bytes_of_string("every"),
		.columns = out->columns,
		.column_count = count,
		.primary_key = out->primary_key,
		.primary_key_size = 2,
	};
}

static inline void sample_put_row(const struct sample_table *table, bool with_nulls, struct buf *out)
{
	unsigned count = table->table.column_count;
	size_t at = out->size;
	buf_put_zeros(out, (count + 7) / 8);
	for (unsigned i = 0; i < count; i++) {
		if (with_nulls && i % 3 == 2)
			out->data[at + i / 8] |= (uint8_t)(1 << i % 8);
		else
			buf_put(out, table->samples[i].packed, table->samples[i].packed_size);
	}
}

static inline struct event_query sample_query(const char *text)
{
	struct event_query query;
	event_query_init(&query, bytes_of_string("test"), bytes_of_string(text));
	query.thread_id = 9;
	query.exec_time = 1;
	query.sql_mode = 0x40000000;
	return query;
}

/* BEGIN, table map, an insert, an update and a delete in several events, XID. */
static inline void sample_put_rows_transaction(const struct event_writer *writer, const struct sample_table *table,
					       enum event_table_metadata_level level, unsigned rows_each)
{
	struct buf full, holes;
	buf_init(&full);
	buf_init(&holes);
	sample_put_row(table, false, &full);
	sample_put_row(table, true, &holes);
	struct event_query session = sample_query("");
	event_put_transaction_query(writer, &session, "BEGIN");
	for (enum event_rows_kind kind = EVENT_ROWS_WRITE; kind <= EVENT_ROWS_DELETE; kind++) {
		struct event_rows_writer rows;
		event_put_table_map(writer, &table->table, level);
		event_rows_begin(&rows, writer, kind, table->table.table_id, table->table.column_count, NULL, NULL, 0, 1000);
		for (unsigned i = 0; i < rows_each; i++)
			event_rows_add(&rows, kind == EVENT_ROWS_WRITE ? bytes_of(NULL, 0) : buf_bytes(&full),
				       kind == EVENT_ROWS_DELETE ? bytes_of(NULL, 0)
								 : buf_bytes(kind == EVENT_ROWS_WRITE ? &full : &holes));
		event_rows_end(&rows, true);
	}
	event_put_xid(writer, 5);
	buf_deinit(&full);
	buf_deinit(&holes);
}

/* A query with every status variable that we write. */
static inline struct event_query sample_full_query(void)
{
	struct event_query query = sample_query("CREATE TABLE t (a INT)");
	query.has |= EVENT_QUERY_AUTO_INCREMENT | EVENT_QUERY_TIME_ZONE | EVENT_QUERY_LC_TIME_NAMES |
		     EVENT_QUERY_CHARSET_DATABASE | EVENT_QUERY_INVOKER | EVENT_QUERY_UPDATED_DBS |
		     EVENT_QUERY_MICROSECONDS | EVENT_QUERY_EXPLICIT_DEFAULTS_TS | EVENT_QUERY_DDL_XID |
		     EVENT_QUERY_DEFAULT_COLLATION_UTF8MB4 | EVENT_QUERY_REQUIRE_PRIMARY_KEY | EVENT_QUERY_TABLE_ENCRYPTION;
	query.flags2 = EVENT_OPTION_NO_FOREIGN_KEY_CHECKS;
	query.auto_increment_increment = 2;
	query.auto_increment_offset = 1;
	query.time_zone = bytes_of_string("SYSTEM");
	query.lc_time_names = 3;
	query.collation_database = 8;
	query.invoker_user = bytes_of_string("root");
	query.invoker_host = bytes_of_string("localhost");
	query.db_count = 2;
	query.updated_dbs[0] = bytes_of_string("test");
	query.updated_dbs[1] = bytes_of_string("other");
	query.microseconds = 123456;
	query.explicit_defaults_ts = true;
	query.ddl_xid = 77;
	query.default_collation_utf8mb4 = 255;
	query.require_primary_key = 1;
	query.table_encryption = 1;
	return query;
}

static inline struct event_gtid sample_gtid(void)
{
	struct event_gtid gtid = {
		.gtid.gno = 12,
		.flags = 1,
		.last_committed = 3,
		.sequence_number = 4,
		.immediate_commit_us = 1793242232000002,
		.original_commit_us = 1793242232000001,
		.transaction_size = 300,
		.immediate_server_version = 80035,
		.original_server_version = 80035,
	};
	uuid_parse(bytes_of_string(SAMPLE_SID), gtid.gtid.sid);
	return gtid;
}

static inline struct event_user_var sample_user_var(enum event_user_var_kind kind)
{
	static const char *const values[] = {"hello", "\0\0\0\0\0\0\xf8\x3f", "\x2a\0\0\0\0\0\0\0", NULL,
					     "\x0a\x03\x80\0\0\x0c\x01\x59"};
	return (struct event_user_var){
		.name = bytes_of_string("v"),
		.kind = (uint8_t)kind,
		.collation_id = kind == EVENT_USER_VAR_STRING ? 45 : 63,
		.value = bytes_of(values[kind], kind == EVENT_USER_VAR_STRING ? 5 : 8),
	};
}

/* One of each, not finalised; without the description. */
static inline void sample_put_all(const struct event_writer *writer, const struct sample_table *table)
{
	struct gtid_set set;
	struct event_gtid gtid = sample_gtid();
	gtid_set_init(&set);
	gtid_set_add_interval(&set, gtid.gtid.sid, (struct gtid_interval){1, 11});
	event_put_previous_gtids(writer, &set);
	gtid_set_deinit(&set);
	event_put_gtid(writer, &gtid);
	struct event_query query = sample_full_query();
	event_put_query(writer, &query, 0);
	gtid.gtid.gno = 0;
	event_put_gtid(writer, &gtid);
	event_put_intvar(writer, EVENT_INTVAR_LAST_INSERT_ID, 6);
	event_put_intvar(writer, EVENT_INTVAR_INSERT_ID, 7);
	event_put_rand(writer, 8, 9);
	for (enum event_user_var_kind kind = 0; kind <= EVENT_USER_VAR_DECIMAL; kind++)
		if (kind != 3) {
			struct event_user_var variable = sample_user_var(kind);
			event_put_user_var(writer, &variable);
		}
	struct event_user_var null = {.name = bytes_of_string("n"), .is_null = true};
	event_put_user_var(writer, &null);
	query = sample_query("INSERT INTO t VALUES (RAND())");
	event_put_query(writer, &query, 0);
	event_put_rows_query(writer, bytes_of_string("INSERT INTO every VALUES (1)"));
	sample_put_rows_transaction(writer, table, EVENT_METADATA_FULL, 3);
	event_put_rotate(writer, bytes_of_string("binlog.000002"), 4, 0);
	event_put_stop(writer);
}
