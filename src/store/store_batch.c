/*
 * The bytes of a transaction's write batch, as RocksDB 7.8 keeps them (its db/write_batch.cc describes them).
 *
 *   0   u64  sequence, filled in at commit
 *   8   u32  number of records that count
 *   12       records: a tag, then
 *            01  put:     key size varint32, key, value size varint32, value
 *            00  delete:  key size varint32, key
 *            0d  nothing: placeholder for a two-phase prepare, in front of every transaction's batch
 *
 * A put or delete of a key that is in the batch already is appended; its index leads to the newest. Savepoints
 * leave nothing in the bytes. Other tags (merge, range delete, column families, two-phase commit) exist, and none
 * of them is ever asked for by this folder: meeting one means that the library below is not the one this was
 * written for, and the walk stops the process before it stamps a row wrongly.
 *
 * Two things are done with these bytes that RocksDB's API does not offer:
 *
 * Stamping. A row's version is the commit's time, which is not known when the row is put. It is patched in place:
 * sizes stay, and the batch carries no checksums before it is written (protection_bytes_per_key is 0).
 *
 * Savepoints. A savepoint is the batch's size at its time. Rolling back is putting the records before it into
 * the emptied batch again. RocksDB's own savepoints cannot be given up without rolling back, would
 * cost memory and lock bookkeeping for every statement of a long transaction, and rebuild their index at each
 * level of a rollback; they also let go of the locks, which InnoDB does not.
 */
#include <assert.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/memory.h"
#include "store/store_internal.h"

enum { batch_header_size = 12 };
enum record_tag { TAG_DELETE = 0x00, TAG_PUT = 0x01, TAG_NOTHING = 0x0d };

static struct bytes take_slice(struct cursor *cursor)
{
	uint32_t size = 0;
	for (unsigned shift = 0; shift < 35; shift += 7) {
		uint8_t byte = cursor_u8(cursor);
		size |= (uint32_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			break;
	}
	return cursor_bytes(cursor, size);
}

/* Without the header and the placeholder, which an emptied batch has lost. */
static struct bytes batch_records(const struct store_txn *txn)
{
	size_t size = 0;
	const char *data = rocksdb_writebatch_wi_data(txn->batch, &size);
	assert(size >= batch_header_size);
	size_t skipped = batch_header_size;
	if (size > skipped && data[skipped] == TAG_NOTHING)
		skipped++;
	return bytes_of(data + skipped, size - skipped);
}

static void stop_at_unknown_record(uint8_t tag)
{
	log_error("store", "a write batch holds a record that this server does not write (tag %u)", tag);
	abort();
}

struct record {
	enum record_tag tag;
	struct bytes key;
	struct bytes value; /* of a put */
};

static bool next_record(struct cursor *cursor, struct record *out_record)
{
	if (cursor_left(cursor) == 0)
		return false;
	uint8_t tag = cursor_u8(cursor);
	if (tag != TAG_PUT && tag != TAG_DELETE)
		stop_at_unknown_record(tag);
	*out_record = (struct record){.tag = tag, .key = take_slice(cursor)};
	if (tag == TAG_PUT)
		out_record->value = take_slice(cursor);
	if (cursor->failed)
		stop_at_unknown_record(tag);
	return true;
}

static bool is_row(struct bytes key)
{
	return key.size >= 4 && bytes_load_uint_be(key.data, 4) & STORE_SPACE_ROWS_BIT;
}

void store_txn_stamp(struct store_txn *txn, int64_t version_us, uint32_t origin_server_id)
{
	struct bytes batch = batch_records(txn);
	struct cursor records = cursor_of(bytes_of(batch.data + txn->stamped_size, batch.size - txn->stamped_size));
	struct record record;
	while (next_record(&records, &record)) {
		struct store_row_header header;
		if (record.tag != TAG_PUT || !is_row(record.key) ||
		    !store_get_row_header(record.value, &header) || header.version_us != 0)
			continue;
		/* The batch is the transaction's own memory; only the API hands it out as const. */
		uint8_t *place = (uint8_t *)record.value.data;
		bytes_store_uint(place, (uint64_t)version_us, 8);
		bytes_store_uint(place + 8, origin_server_id, 4);
	}
	txn->stamped_size = batch.size;
}

uint64_t store_txn_size(const struct store_txn *txn)
{
	return batch_records(txn).size;
}

bool store_txn_has_writes(const struct store_txn *txn)
{
	return rocksdb_writebatch_wi_count(txn->batch) > 0;
}

void store_txn_savepoint(struct store_txn *txn)
{
	if (txn->mark_count == txn->mark_capacity) {
		txn->mark_capacity = txn->mark_capacity ? txn->mark_capacity * 2 : 8;
		txn->marks = memory_realloc(txn->marks, txn->mark_capacity * sizeof *txn->marks);
	}
	txn->marks[txn->mark_count++] = (struct store_mark){
		.size = batch_records(txn).size,
		.count = rocksdb_writebatch_wi_count(txn->batch),
	};
}

void store_txn_pop_savepoint(struct store_txn *txn)
{
	assert(txn->mark_count > 0);
	txn->mark_count--;
}

void store_txn_save_writes(const struct store_txn *txn, struct buf *out)
{
	buf_put_bytes(out, batch_records(txn));
}

void store_txn_load_writes(struct store_txn *txn, struct bytes writes)
{
	struct cursor records = cursor_of(writes);
	struct record record;
	while (next_record(&records, &record)) {
		const char *key = (const char *)record.key.data;
		if (record.tag == TAG_PUT)
			rocksdb_writebatch_wi_put(txn->batch, key, record.key.size, (const char *)record.value.data,
						  record.value.size);
		else
			rocksdb_writebatch_wi_delete(txn->batch, key, record.key.size);
	}
}

void store_txn_rollback_to_savepoint(struct store_txn *txn)
{
	assert(txn->mark_count > 0);
	assert(txn->open_iterators == 0); /* they look into the index that is about to go */
	struct store_mark mark = txn->marks[--txn->mark_count];
	struct bytes batch = batch_records(txn);
	if (batch.size == mark.size)
		return;
	assert(mark.size < batch.size);
	assert(mark.size >= txn->stamped_size);
	uint8_t *copy = memory_copy(batch.data, mark.size);
	rocksdb_writebatch_wi_clear(txn->batch);
	store_txn_load_writes(txn, bytes_of(copy, mark.size));
	memory_free(copy);
	assert(rocksdb_writebatch_wi_count(txn->batch) == mark.count);
}
