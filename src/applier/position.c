#include "applier/position.h"

#include <stdlib.h>
#include <string.h>

#include "base/fault.h"

enum { position_format = 2, lock_timeout_ms = 1000 };

void source_position_set(struct source_position *position, struct bytes file, uint64_t offset)
{
	size_t size = file.size < log_file_name_max ? file.size : log_file_name_max;
	if (size)
		memmove(position->file, file.data, size);
	position->file[size] = 0;
	position->offset = offset;
}

static unsigned long number_of(const char *file)
{
	const char *dot = strrchr(file, '.');
	return dot ? strtoul(dot + 1, NULL, 10) : 0;
}

int source_position_compare(const struct source_position *a, const struct source_position *b)
{
	unsigned long left = number_of(a->file), right = number_of(b->file);
	if (left != right)
		return left < right ? -1 : 1;
	return (a->offset > b->offset) - (a->offset < b->offset);
}

void applied_position_put_key(const char *channel, struct buf *out)
{
	buf_put_u32_be(out, STORE_SPACE_CHANNEL);
	buf_put_u8(out, 'p');
	buf_put_string(out, channel);
}

void applied_position_encode(const struct source_position *position, struct buf *out)
{
	buf_put_u8(out, position_format);
	buf_put_u64(out, position->offset);
	mariadb_position_encode(&position->gtids, out);
	buf_put_string(out, position->file);
}

int applied_position_decode(struct bytes value, struct source_position *out, struct diag *diag)
{
	struct cursor cursor = cursor_of(value);
	uint8_t format = cursor_u8(&cursor);
	uint64_t offset = cursor_u64(&cursor);
	struct mariadb_position gtids = {0};
	/* The first format knew none. */
	bool has_gtids = format == 1 || mariadb_position_decode(&cursor, &gtids);
	struct bytes file = cursor_rest(&cursor);
	if (cursor.failed || !has_gtids || format > position_format || file.size > log_file_name_max)
		return diag_set_message(diag, ER_MASTER_INFO, "A channel's applied position in the store is damaged");
	out->gtids = gtids;
	source_position_set(out, file, offset);
	return 0;
}

int applied_position_read(struct store *store, const char *channel, struct source_position *out, struct diag *diag)
{
	struct buf key = {0}, value = {0};
	applied_position_put_key(channel, &key);
	enum store_outcome outcome = store_get(store, buf_bytes(&key), &value, diag);
	int status = 0;
	if (outcome == STORE_OK)
		status = applied_position_decode(buf_bytes(&value), out, diag);
	else if (outcome == STORE_NOT_FOUND)
		*out = (struct source_position){.offset = 4};
	else
		status = -1;
	buf_deinit(&key);
	buf_deinit(&value);
	return status;
}

int applied_position_write(struct store *store, const char *channel, const struct source_position *position,
			   enum applied_position_durability durability, struct diag *diag)
{
	struct buf key = {0}, value = {0};
	applied_position_put_key(channel, &key);
	applied_position_encode(position, &value);
	struct store_txn *txn = store_txn_begin(store, lock_timeout_ms);
	store_txn_put_unlocked(txn, buf_bytes(&key), buf_bytes(&value));
	FAULT_STEP("applier.position");
	int status = store_txn_commit(txn, durability == APPLIED_POSITION_FLUSHED, diag);
	store_txn_end(&txn);
	buf_deinit(&key);
	buf_deinit(&value);
	return status;
}
