#include "store/bulk/large_commit.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "store/bulk/ingest.h"
#include "store/key_head.h"
#include "store/store_internal.h"

enum { spaces_max = 64, space_size = 4 };

/* A record of some transaction's writes, as it is compared. */
struct item {
	uint32_t space;
	uint32_t txn;    /* in the order they are committed */
	uint64_t prefix; /* the key's first bytes behind the space */
	size_t offset;   /* of its record, which rises as writes are made */
};

struct order {
	struct store_txn *const *txns;
	struct item *items; /* owned */
	size_t count;
};

static struct write write_of(const struct order *order, const struct item *item)
{
	struct write write;
	size_t offset = item->offset;
	bool is_whole = writes_next(buf_bytes(&order->txns[item->txn]->writes.records), &offset, &write);
	assert(is_whole);
	return write;
}

static int compare_keys(const struct order *order, const struct item *a, const struct item *b)
{
	if (a->space != b->space)
		return a->space < b->space ? -1 : 1;
	if (a->prefix != b->prefix)
		return a->prefix < b->prefix ? -1 : 1;
	return bytes_compare(write_of(order, a).key, write_of(order, b).key);
}

static int compare(const void *a_place, const void *b_place, void *order)
{
	const struct item *a = a_place, *b = b_place;
	int by_key = compare_keys(order, a, b);
	if (by_key)
		return by_key;
	if (a->txn != b->txn)
		return a->txn < b->txn ? -1 : 1;
	return a->offset < b->offset ? -1 : 1;
}

static struct item make_item(size_t txn, size_t offset, struct bytes key)
{
	struct item item = {.txn = (uint32_t)txn, .offset = offset};
	item.space = (uint32_t)bytes_load_uint_be(key.data, space_size);
	item.prefix = key_head(key, space_size);
	return item;
}

static void sort_writes(struct order *order, size_t txn_count)
{
	size_t capacity = 0;
	struct write write;
	for (size_t i = 0; i < txn_count; i++) {
		struct bytes records = buf_bytes(&order->txns[i]->writes.records);
		for (size_t offset = 0, at = 0; writes_next(records, &offset, &write); at = offset) {
			if (order->count == capacity) {
				capacity = capacity ? capacity * 2 : 1024;
				order->items = memory_realloc(order->items, capacity * sizeof *order->items);
			}
			order->items[order->count++] = make_item(i, at, write.key);
		}
	}
	qsort_r(order->items, order->count, sizeof *order->items, compare, order);
}

static bool has_few_spaces(const struct order *order)
{
	unsigned spaces = order->count > 0;
	for (size_t i = 1; i < order->count; i++)
		spaces += order->items[i].space != order->items[i - 1].space;
	return spaces <= spaces_max;
}

/* In the order of keys each record is somewhere else in memory: it is asked for before it is its turn. */
static void fetch_ahead(const struct order *order, size_t i)
{
	enum { ahead = 16 };
	if (i + ahead < order->count) {
		const struct item *item = &order->items[i + ahead];
		__builtin_prefetch(order->txns[item->txn]->writes.records.data + item->offset);
	}
}

/* Of the writes of one key only the newest. */
static int put_all(struct store_ingest *ingest, const struct order *order, struct diag *diag)
{
	int status = 0;
	for (size_t i = 0; i < order->count && status == 0; i++) {
		const struct item *item = &order->items[i], *next = i + 1 < order->count ? item + 1 : NULL;
		fetch_ahead(order, i);
		if (next && compare_keys(order, item, next) == 0)
			continue;
		struct write write = write_of(order, item);
		status = write.is_deletion ? store_ingest_delete(ingest, write.key, diag)
					   : store_ingest_put(ingest, write.key, write.value, diag);
		if (status == 0 && next && next->space != item->space)
			status = store_ingest_end_file(ingest, diag);
	}
	return status;
}

static int flush_what_was_before(struct store *store, struct diag *diag)
{
	char *error = NULL;
	if (store->env)
		return 0;
	rocksdb_flush_wal(store->db, 1, &error);
	return store_status_check(error, diag);
}

static uint64_t size_of(struct store_txn *const *txns, size_t count)
{
	uint64_t size = 0;
	for (size_t i = 0; i < count; i++)
		size += store_txn_size(txns[i]);
	return size;
}

int large_commit_write(struct store *store, struct store_txn *const *txns, size_t count, bool *out_done,
		       struct diag *diag)
{
	struct order order = {.txns = txns};
	*out_done = false;
	if (store->large_commit_size == 0 || size_of(txns, count) < store->large_commit_size)
		return 0;
	sort_writes(&order, count);
	int status = 0;
	if (has_few_spaces(&order)) {
		struct store_ingest *ingest = store_ingest_begin(store);
		*out_done = true;
		status = put_all(ingest, &order, diag);
		if (status == 0)
			status = flush_what_was_before(store, diag);
		if (status == 0)
			status = store_ingest_finish(&ingest, 1, diag);
		store_ingest_end(&ingest);
	}
	memory_free(order.items);
	return status;
}
