/*
 * A transaction's writes by key, for its iterators: of each key the newest. They are put in order when an iterator first
 * asks for them, and the new ones when the next does: most transactions never ask. What it stands on comes before its own.
 *
 * A write's number: whose it is (a base's place among the bases; their count: its own) above the offset in the records.
 */
#include <assert.h>

#include "store/store_internal.h"

enum { offset_bits = 40 };

static const struct writes *writes_of(const struct store_txn *txn, uint64_t number)
{
	size_t source = (size_t)(number >> offset_bits);
	return source < txn->locks.base_count ? &store_txn_base(txn, source)->writes : &txn->writes;
}

struct write store_txn_write_at(const struct store_txn *txn, uint64_t number)
{
	struct write write;
	size_t offset = (size_t)(number & ((UINT64_C(1) << offset_bits) - 1));
	bool is_whole = writes_next(buf_bytes(&writes_of(txn, number)->records), &offset, &write);
	assert(is_whole);
	return write;
}

static struct bytes key_of(const void *txn, uint64_t number)
{
	return store_txn_write_at(txn, number).key;
}

static void put_in_order(struct store_txn *txn, const struct writes *writes, uint64_t source, size_t *offset)
{
	struct write write;
	for (size_t at = *offset; writes_next(buf_bytes(&writes->records), offset, &write); at = *offset)
		ordered_put(&txn->ordered, source << offset_bits | at);
}

/* What those wrote that have been committed since may be somebody else's by now: it is looked for in the store. Iterators
   from before that go on as they began, and so do those that are made beside them. */
void store_txn_order(struct store_txn *txn)
{
	size_t base_count = store_txn_count_bases(txn);
	if (base_count != txn->ordered_bases && txn->open_iterators == 0)
		store_txn_disorder(txn);
	if (txn->ordered.count == 0) {
		txn->ordered_bases = base_count;
		for (size_t i = txn->locks.base_count - base_count; i < txn->locks.base_count; i++)
			put_in_order(txn, &store_txn_base(txn, i)->writes, i, &(size_t){0});
	}
	put_in_order(txn, &txn->writes, txn->locks.base_count, &txn->ordered_size);
}

void store_txn_disorder(struct store_txn *txn)
{
	ordered_deinit(&txn->ordered);
	ordered_init(&txn->ordered, key_of, txn, 0);
	txn->ordered_size = txn->ordered_bases = 0;
}
