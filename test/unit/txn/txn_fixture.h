/*
 * A node: directory, store, log and manager, that can be closed, or abandoned as by a crash, and opened again.
 * Rows are keyed by a text, in the space ROWS; each put appends a QUERY event "put <key>" to the transaction, so that
 * the log can be compared with the store.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/memory.h"
#include "binlog/reader.h"
#include "txn/txn.h"

enum { ROWS = STORE_SPACE_ROWS_BIT | STORE_SPACE_USER_MIN, SERVER_ID = 7001 };

struct node {
	char directory[64];
	struct store *store;
	struct binlog *binlog;
	struct hlc clock;
	struct txn_manager *manager;
	bool no_log;
	uint64_t max_log_size;
};

static const uint8_t node_uuid[uuid_size] = {0xaa, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

static inline void must(int status, const struct diag *diag)
{
	if (status < 0)
		fail_msg("%u %s %s", diag->code, diag->message, diag->context);
}

static inline void node_open(struct node *node)
{
	struct diag diag = DIAG_INIT;
	char path[128];
	snprintf(path, sizeof path, "%s/store", node->directory);
	struct store_options store_options = {.memory.size = 8 << 20};
	must(store_open(path, &store_options, &node->store, &diag), &diag);
	struct binlog_options options = {
		.directory = node->directory,
		.server_id = SERVER_ID,
		.checksum = EVENT_CHECKSUM_CRC32,
		.max_size = node->max_log_size ? node->max_log_size : 1 << 30,
		.sync_period = 1,
	};
	memcpy(options.server_uuid, node_uuid, uuid_size);
	must(txn_read_position(node->store, &options.durable, &diag), &diag);
	struct binlog_recovery recovery;
	if (!node->no_log)
		must(binlog_open(&node->binlog, &options, &recovery, &diag), &diag);
	struct txn_manager_options manager_options = {
		.store = node->store,
		.binlog = node->binlog,
		.clock = &node->clock,
		.server_id = SERVER_ID,
		.tmpdir = node->directory,
		.gtid_mode = TXN_GTID_ON,
	};
	node->manager = txn_manager_create(&manager_options);
	assert_non_null(node->manager);
}

static inline void node_create(struct node *node)
{
	strcpy(node->directory, "/tmp/gemel-txn-XXXXXX");
	assert_non_null(mkdtemp(node->directory));
	node_open(node);
}

static inline void node_close(struct node *node)
{
	txn_manager_destroy(&node->manager);
	if (node->binlog)
		binlog_close(&node->binlog);
	store_close(&node->store);
}

static inline void node_remove(struct node *node)
{
	char command[128];
	node_close(node);
	snprintf(command, sizeof command, "rm -rf %s", node->directory);
	assert_int_equal(system(command), 0);
}

static inline struct bytes row_key(const char *name)
{
	static _Thread_local uint8_t keys[4][64];
	static _Thread_local unsigned turn;
	uint8_t *key = keys[turn++ % 4];
	bytes_store_uint_be(key, ROWS, 4);
	size_t size = strlen(name);
	assert_true(size <= 60);
	memcpy(key + 4, name, size);
	return bytes_of(key, 4 + size);
}

static inline void put_event(struct txn *txn, const char *name)
{
	char text[128];
	struct buf *out = txn_events(txn);
	struct event_writer writer = {.out = out, .timestamp = 1700000000, .server_id = SERVER_ID, .has_checksum = true};
	struct event_query query;
	snprintf(text, sizeof text, "put %s", name);
	event_query_init(&query, bytes_of_string("test"), bytes_of_string(text));
	event_put_query(&writer, &query, 0);
}

static inline void put_row_only(struct txn *txn, const char *name, int64_t version_us, uint32_t origin)
{
	struct diag diag = DIAG_INIT;
	struct buf value = {0};
	store_put_row_header(&value, &(struct store_row_header){version_us, origin, 0});
	buf_put_string(&value, name);
	must(store_txn_put(txn_store(txn), row_key(name), buf_bytes(&value), &diag) == STORE_OK ? 0 : -1, &diag);
	buf_deinit(&value);
}

static inline void put_row(struct txn *txn, const char *name)
{
	put_row_only(txn, name, 0, 0);
	if (txn_is_logging(txn))
		put_event(txn, name);
}

static inline void commit(struct txn *txn)
{
	struct diag diag = DIAG_INIT;
	must(txn_commit(txn, &diag), &diag);
}

static inline bool read_row(struct node *node, const char *name, struct store_row_header *out_header)
{
	struct diag diag = DIAG_INIT;
	struct buf value = {0};
	enum store_outcome outcome = store_get(node->store, row_key(name), &value, &diag);
	assert_true(outcome == STORE_OK || outcome == STORE_NOT_FOUND);
	if (outcome == STORE_OK) {
		assert_true(store_get_row_header(buf_bytes(&value), out_header));
		assert_string_equal(buf_cstring(&value) + store_row_header_size, name);
	}
	buf_deinit(&value);
	return outcome == STORE_OK;
}

static inline bool has_row(struct node *node, const char *name)
{
	struct store_row_header header;
	return read_row(node, name, &header);
}

/*
 * The log as a text, from a position on: "[gtid last_committed/sequence]" or "[anonymous ...]", then the queries and XID,
 * each behind a blank. Control events are left out.
 */
static inline void print_event(const struct event *event, struct buf *out)
{
	struct diag diag = DIAG_INIT;
	struct event_gtid gtid;
	struct event_query query;
	char text[gtid_text_size + 1];
	switch (event->type) {
	case EVENT_GTID:
	case EVENT_ANONYMOUS_GTID:
		must(event_decode_gtid(event, &gtid, &diag), &diag);
		gtid_print(&gtid.gtid, text);
		buf_printf(out, " [%s %lld/%lld]", event->type == EVENT_GTID ? text : "anonymous",
			   (long long)gtid.last_committed, (long long)gtid.sequence_number);
		break;
	case EVENT_QUERY:
		must(event_decode_query(event, &query, &diag), &diag);
		buf_put_u8(out, ' ');
		buf_put_bytes(out, query.query);
		break;
	case EVENT_XID:
		buf_put_string(out, " XID");
		break;
	default:
		break;
	}
}

typedef void event_visitor(const struct event *event, uint32_t file, uint64_t end, void *argument);

static inline void walk_log(struct node *node, struct binlog_position from, event_visitor *visit, void *argument)
{
	struct diag diag = DIAG_INIT;
	struct binlog_position start = binlog_get_start(node->binlog), end = binlog_get_end(node->binlog);
	if (from.file == 0)
		from = start;
	for (uint32_t file = from.file; file; file = binlog_next_file(node->binlog, file)) {
		struct log_reader reader = {0};
		struct event event;
		char *path = binlog_file_path(node->binlog, file);
		uint64_t limit = file == end.file ? end.offset : UINT64_MAX;
		assert_int_equal(log_reader_open(&reader, path, file == from.file ? from.offset : 4, limit, &diag),
				 READER_EVENT);
		enum reader_outcome outcome;
		while ((outcome = log_reader_next(&reader, &event, &diag)) == READER_EVENT)
			visit(&event, file, reader.offset, argument);
		assert_int_equal(outcome, READER_END);
		log_reader_close(&reader);
		memory_free(path);
	}
}

static inline void visit_print(const struct event *event, uint32_t file, uint64_t end, void *argument)
{
	print_event(event, argument);
}

/* Free with memory_free. */
static inline char *log_text(struct node *node)
{
	struct buf out = {0};
	walk_log(node, (struct binlog_position){0}, visit_print, &out);
	char *text = memory_copy_string(buf_cstring(&out));
	buf_deinit(&out);
	return text;
}

static inline void assert_log(struct node *node, const char *expected)
{
	char *text = log_text(node);
	assert_string_equal(text, expected);
	memory_free(text);
}

#define UUID "aa010203-0405-0607-0809-0a0b0c0d0e0f"
