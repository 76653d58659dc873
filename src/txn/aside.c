#include "txn/aside.h"

#include <string.h>
#include <sys/random.h>

#include "base/fault.h"
#include "base/log.h"
#include "txn/txn_internal.h"

enum { name_size = 16, prefix_size = 9 };
static const uint8_t prefix[] = "\0\0\0\1aside";
static const uint8_t behind_prefix[] = "\0\0\0\1asidf";

bool aside_is_key(struct bytes key)
{
	return key.size == prefix_size + name_size && memcmp(key.data, prefix, prefix_size) == 0;
}

static int make_key(struct buf *out, struct diag *diag)
{
	buf_clear(out);
	buf_put(out, prefix, prefix_size);
	if (getrandom(buf_extend(out, name_size), name_size, 0) == name_size)
		return 0;
	buf_clear(out);
	return diag_set_message(diag, ER_GET_ERRMSG, "The system gives no random numbers");
}

int aside_put(struct txn *txn, struct diag *diag)
{
	struct buf writes = {0};
	if (make_key(&txn->aside_key, diag) < 0)
		return -1;
	const uint32_t *spaces = txn->has_unlogged_text ? NULL : (const uint32_t *)txn->unlogged_spaces.data;
	store_txn_save_writes(txn->store, txn->inherited_size, spaces, txn->unlogged_spaces.size / sizeof *spaces, &writes);
	int status = store_put(txn->manager->store, buf_bytes(&txn->aside_key), buf_bytes(&writes), diag);
	FAULT_STEP("commit.aside");
	store_txn_delete_unlocked(txn->store, buf_bytes(&txn->aside_key));
	buf_deinit(&writes);
	return status;
}

int aside_take(struct txn *txn, struct diag *diag)
{
	struct buf writes = {0};
	enum store_outcome outcome = store_get(txn->manager->store, buf_bytes(&txn->aside_key), &writes, diag);
	if (outcome == STORE_OK) {
		if (store_txn_load_writes(txn->store, buf_bytes(&writes), diag) < 0)
			outcome = STORE_ERROR;
		store_txn_delete_unlocked(txn->store, buf_bytes(&txn->aside_key));
	} else if (outcome == STORE_NOT_FOUND) {
		log_error("recovery", "Rows that are not logged are missing from the transaction that ends at %llu",
			  (unsigned long long)txn->replayed_end.offset);
	}
	buf_deinit(&writes);
	return outcome == STORE_ERROR ? -1 : 0;
}

int aside_sweep(struct store *store, struct diag *diag)
{
	struct bytes lower = bytes_of(prefix, prefix_size), upper = bytes_of(behind_prefix, prefix_size);
	struct store_txn *txn = store_txn_begin(store, 1000);
	struct store_iterator *iterator = store_iterator_create(store, NULL, NULL, lower, upper);
	for (bool more = store_iterator_seek(iterator, lower); more; more = store_iterator_next(iterator))
		store_txn_delete_unlocked(txn, store_iterator_key(iterator));
	int status = store_iterator_status(iterator, diag);
	store_iterator_destroy(&iterator);
	if (status == 0)
		status = store_txn_commit(txn, false, diag);
	store_txn_end(&txn);
	return status;
}
