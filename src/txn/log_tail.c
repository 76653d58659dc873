#include "txn/log_tail.h"

#include <string.h>

#include "base/log.h"

enum { reserved_step = 100000, gtid_size = uuid_size + 8, key_size = 16 };

/* ------------------------------------------------------------------------------------- GTIDs that may be given away */

static struct bytes reserved_key(struct buf *out)
{
	buf_put_u32_be(out, STORE_SPACE_META);
	buf_put_string(out, "gtid_reserved");
	return buf_bytes(out);
}

static int save_reserved(struct txn_manager *manager, int64_t reserved, struct diag *diag)
{
	struct buf key = {0};
	uint8_t value[8];
	bytes_store_uint(value, (uint64_t)reserved, sizeof value);
	int status = store_put(manager->store, reserved_key(&key), bytes_of(value, sizeof value), diag);
	buf_deinit(&key);
	if (status == 0)
		manager->reserved_gno = reserved;
	return status;
}

static int load_reserved(struct store *store, int64_t *out_reserved, struct diag *diag)
{
	struct buf key = {0}, value = {0};
	*out_reserved = 0;
	enum store_outcome outcome = store_get(store, reserved_key(&key), &value, diag);
	if (outcome == STORE_OK && value.size == 8)
		*out_reserved = (int64_t)bytes_load_uint(value.data, 8);
	buf_deinit(&key);
	buf_deinit(&value);
	return outcome == STORE_ERROR ? -1 : 0;
}

int log_tail_reserve(struct txn_manager *manager, const struct gtid *gtid, struct diag *diag)
{
	if (gtid->gno <= manager->reserved_gno || memcmp(gtid->sid, binlog_own_sid(manager->binlog), uuid_size) != 0)
		return 0;
	int64_t wanted = gtid->gno < GTID_GNO_MAX - reserved_step ? gtid->gno + reserved_step : GTID_GNO_MAX - 1;
	return save_reserved(manager, wanted, diag);
}

int log_tail_close(struct txn_manager *manager, struct diag *diag)
{
	return manager->reserved_gno ? save_reserved(manager, 0, diag) : 0;
}

/* ------------------------------------------------------------------------------------------------------ the records */

static struct bytes record_key(struct binlog_position end, uint8_t out[key_size])
{
	bytes_store_uint_be(out, STORE_SPACE_LOG_TAIL, 4);
	bytes_store_uint_be(out + 4, end.file, 4);
	bytes_store_uint_be(out + 8, end.offset, 8);
	return bytes_of(out, key_size);
}

void log_tail_gather(struct buf *gtids, const struct gtid *gtid)
{
	buf_put(gtids, gtid->sid, uuid_size);
	buf_put_u64(gtids, (uint64_t)gtid->gno);
}

void log_tail_put(struct store_txn *store, struct binlog_position end, struct buf *gtids)
{
	uint8_t key[key_size];
	store_txn_put_unlocked(store, record_key(end, key), buf_bytes(gtids));
	buf_clear(gtids);
}

int log_tail_forget(struct txn_manager *manager, struct diag *diag)
{
	return store_drop_spaces(manager->store, (const uint32_t[]){STORE_SPACE_LOG_TAIL}, 1, diag);
}

int txn_log_tail_has(struct store *store, struct binlog_position position, bool *out_has, struct diag *diag)
{
	uint8_t key[key_size];
	enum store_outcome outcome = store_get(store, record_key(position, key), NULL, diag);
	*out_has = outcome == STORE_OK;
	return outcome == STORE_ERROR ? -1 : 0;
}

static void read_record(struct bytes value, struct gtid_set *out)
{
	struct cursor cursor = cursor_of(value);
	while (cursor_left(&cursor) >= gtid_size) {
		struct gtid gtid;
		memcpy(gtid.sid, cursor_bytes(&cursor, uuid_size).data, uuid_size);
		gtid.gno = (int64_t)cursor_u64(&cursor);
		if (gtid.gno > 0 && gtid.gno < GTID_GNO_MAX)
			gtid_set_add(out, &gtid);
	}
}

/* Of what is stored behind that place in the log. */
static int read_lost(struct store *store, struct binlog_position log_end, struct gtid_set *out, struct diag *diag)
{
	uint8_t from[key_size], to[4];
	struct bytes lower = record_key((struct binlog_position){log_end.file, log_end.offset + 1}, from);
	bytes_store_uint_be(to, STORE_SPACE_LOG_TAIL + 1, sizeof to);
	struct bytes upper = bytes_of(to, sizeof to);
	struct store_iterator *iterator = store_iterator_create(store, NULL, NULL, lower, upper);
	for (bool more = store_iterator_seek(iterator, lower); more; more = store_iterator_next(iterator))
		read_record(store_iterator_value(iterator), out);
	int status = store_iterator_status(iterator, diag);
	store_iterator_destroy(&iterator);
	return status;
}

/* ------------------------------------------------------------------------------------------------------- at a start */

static void tell(const struct txn_log_loss *loss, const struct gtid_set *lost)
{
	struct buf text = {0};
	gtid_set_print(lost, ",", &text);
	log_error("binlog",
		  "%s ends at %llu, but the tables hold transactions up to %llu: the log was not flushed at each commit "
		  "(sync_binlog), and its tail is lost. %llu transactions are in the tables and in no log (%s). They count as "
		  "purged: a replica that lacks them has to be made anew, one that has them goes on by GTIDs",
		  loss->file_name, (unsigned long long)loss->end.offset, (unsigned long long)loss->stored.offset,
		  (unsigned long long)gtid_set_count(lost), lost->count ? buf_cstring(&text) : "without GTIDs");
	buf_deinit(&text);
}

static int adopt_lost(struct txn_manager *manager, const struct txn_log_loss *loss, struct diag *diag)
{
	struct gtid_set lost;
	gtid_set_init(&lost);
	int status = read_lost(manager->store, loss->end, &lost, diag);
	if (status == 0)
		tell(loss, &lost);
	if (status == 0 && !gtid_set_is_empty(&lost))
		status = txn_gtids_adopt(manager, &lost, diag);
	if (status == 0)
		status = txn_manager_write_position(manager, binlog_get_end(manager->binlog), diag);
	gtid_set_deinit(&lost);
	return status;
}

static bool has_records(struct store *store)
{
	uint8_t from[4], to[4];
	bytes_store_uint_be(from, STORE_SPACE_LOG_TAIL, sizeof from);
	bytes_store_uint_be(to, STORE_SPACE_LOG_TAIL + 1, sizeof to);
	struct bytes lower = bytes_of(from, sizeof from);
	struct store_iterator *iterator = store_iterator_create(store, NULL, NULL, lower, bytes_of(to, sizeof to));
	bool has = store_iterator_seek(iterator, lower);
	store_iterator_destroy(&iterator);
	return has;
}

int txn_manager_settle_tail(struct txn_manager *manager, const struct txn_log_loss *loss, struct diag *diag)
{
	int64_t reserved;
	if (manager->binlog == NULL)
		return 0;
	if (load_reserved(manager->store, &reserved, diag) < 0 ||
	    (reserved && txn_gtids_retire_up_to(manager, reserved, diag) < 0))
		return -1;
	manager->reserved_gno = reserved;
	manager->has_tail = has_records(manager->store);
	return loss ? adopt_lost(manager, loss, diag) : 0;
}
