/*
 * Committing: the writes of one transaction or of many become one write of the database, to which RocksDB gives one
 * record of its write-ahead log. Only then do the row locks go, in the order the transactions came in.
 *
 * When the write fails, writes and locks are still there: it can be done again behind store_resume.
 */
#include <assert.h>

#include "base/fault.h"
#include "store/store_internal.h"

static void add_writes(rocksdb_writebatch_t *batch, const struct store_txn *txn)
{
	struct bytes records = buf_bytes(&txn->writes.records);
	struct write write;
	size_t offset = 0;
	while (writes_next(records, &offset, &write)) {
		const char *key = (const char *)write.key.data;
		if (write.is_deletion)
			rocksdb_writebatch_delete(batch, key, write.key.size);
		else
			rocksdb_writebatch_put(batch, key, write.key.size, (const char *)write.value.data,
					       write.value.size);
	}
}

static int write_all(struct store *store, struct store_txn *const *txns, size_t count, struct diag *diag)
{
	if (store_has_failed(store))
		return store_refuse(diag);
	if (FAULT_POINT("store.commit"))
		return store_status_fail(diag);
	rocksdb_writebatch_t *batch = rocksdb_writebatch_create();
	bool flushes = false;
	char *error = NULL;
	for (size_t i = 0; i < count; i++) {
		assert(!txns[i]->ended && txns[i]->open_iterators == 0);
		add_writes(batch, txns[i]);
		flushes |= txns[i]->flushed_commit;
	}
	bool has_writes = rocksdb_writebatch_count(batch) > 0;
	if (has_writes)
		rocksdb_write(store->db, flushes ? store->write_flushed : store->write, batch, &error);
	rocksdb_writebatch_destroy(batch);
	if (store_status_check(error, diag) < 0)
		return -1;
	FAULT_STEP("store.after_commit");
	if (has_writes && !flushes)
		atomic_fetch_add(&store->written, 1);
	return 0;
}

int store_commit(struct store *store, struct store_txn *const *txns, size_t count, struct diag *diag)
{
	if (write_all(store, txns, count, diag) < 0) {
		atomic_store(&store->has_failed, true);
		return -1;
	}
	for (size_t i = 0; i < count; i++)
		store_txn_rollback(txns[i]); /* of the locks, which is all that is left of it */
	return 0;
}

int store_txn_commit(struct store_txn *txn, bool flush, struct diag *diag)
{
	if (store_commit(txn->store, &txn, 1, diag) < 0)
		return -1;
	return flush ? store_flush(txn->store, diag) : 0;
}
