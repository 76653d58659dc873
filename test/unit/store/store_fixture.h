/* A store in memory or in a new directory under /tmp, and short words for keys and outcomes. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "store/store.h"

static inline struct store *open_store(const char *directory)
{
	struct store_options options = {
		.memory = {.size = 24 << 20, .row_percent = 34, .page_percent = 34},
		.in_memory = directory == NULL};
	struct diag diag = DIAG_INIT;
	struct store *store = NULL;
	if (store_open(directory ? directory : "/gemel-test", &options, &store, &diag) < 0)
		fail_msg("%s", diag.message);
	return store;
}

static inline char *make_directory(void)
{
	char template[] = "/tmp/gemel-store-XXXXXX";
	assert_non_null(mkdtemp(template));
	return memory_copy_string(template);
}

static inline void remove_directory(char *directory)
{
	char command[256];
	snprintf(command, sizeof command, "rm -rf %s", directory);
	assert_int_equal(system(command), 0);
	memory_free(directory);
}

/* The key of that name in a space; lives until the next eight calls. */
static inline struct bytes key_in(uint32_t space, const char *name)
{
	static _Thread_local uint8_t keys[8][64];
	static _Thread_local unsigned turn;
	uint8_t *key = keys[turn++ % 8];
	bytes_store_uint_be(key, space, 4);
	size_t size = strlen(name);
	assert_true(size <= 60);
	memcpy(key + 4, name, size);
	return bytes_of(key, 4 + size);
}

static inline void put(struct store_txn *txn, struct bytes key, const char *value)
{
	struct diag diag = DIAG_INIT;
	if (store_txn_put(txn, key, bytes_of_string(value), &diag) != STORE_OK)
		fail_msg("%s", diag.message);
}

static inline void commit(struct store_txn **txn)
{
	struct diag diag = DIAG_INIT;
	if (store_txn_commit(*txn, false, &diag) < 0)
		fail_msg("%s", diag.message);
	store_txn_end(txn);
}

static inline void put_and_commit(struct store *store, struct bytes key, const char *value)
{
	struct store_txn *txn = store_txn_begin(store, 1000);
	put(txn, key, value);
	commit(&txn);
}

/* value NULL: there is none. */
static inline void assert_committed(struct store *store, struct bytes key, const char *value)
{
	struct buf found = {0};
	struct diag diag = DIAG_INIT;
	enum store_outcome outcome = store_get(store, key, &found, &diag);
	assert_int_equal(outcome, value ? STORE_OK : STORE_NOT_FOUND);
	if (value)
		assert_string_equal(buf_cstring(&found), value);
	buf_deinit(&found);
}

static inline void assert_sees(struct store_txn *txn, const struct store_snapshot *snapshot, struct bytes key,
			       const char *value)
{
	struct buf found = {0};
	struct diag diag = DIAG_INIT;
	enum store_outcome outcome = store_txn_get(txn, snapshot, key, &found, &diag);
	assert_int_equal(outcome, value ? STORE_OK : STORE_NOT_FOUND);
	if (value)
		assert_string_equal(buf_cstring(&found), value);
	buf_deinit(&found);
}
