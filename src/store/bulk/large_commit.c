#include "store/bulk/large_commit.h"

#include "store/bulk/ingest.h"
#include "store/bulk/sorted_writes.h"
#include "store/store_internal.h"

enum { spaces_max = 64 };

/* A file for each space at least. */
static int put_all(struct store_ingest *ingest, struct sorted_writes *sorted, struct diag *diag)
{
	int status = 0;
	struct write write;
	while (status == 0 && sorted_writes_next_space(sorted)) {
		while (status == 0 && sorted_writes_next(sorted, &write))
			status = write.is_deletion ? store_ingest_delete(ingest, write.key, diag)
						   : store_ingest_put(ingest, write.key, write.value, diag);
		if (status == 0)
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
	*out_done = false;
	if (store->large_commit_size == 0 || size_of(txns, count) < store->large_commit_size)
		return 0;
	struct sorted_writes *sorted = sorted_writes_create(txns, count, spaces_max);
	if (sorted == NULL)
		return 0;
	*out_done = true;
	struct store_ingest *ingest = store_ingest_begin(store);
	int status = put_all(ingest, sorted, diag);
	sorted_writes_destroy(&sorted);
	if (status == 0)
		status = flush_what_was_before(store, diag);
	if (status == 0)
		status = store_ingest_finish(&ingest, 1, diag);
	store_ingest_end(&ingest);
	return status;
}
