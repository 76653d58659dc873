/*
 * Which log is the store's own, under META "own_log":
 *   u8 1: the server has stopped, and the store has all that is in the log   u8 size, name without directory and number
 *   then, if it has stopped, the executed GTIDs (gtid_set)
 *
 * While a server runs, what it acknowledged last may be in its log only (law 3): a start without that log would lose it, and
 * is refused. After a clean stop any log will do, and the GTIDs that the old one knew are taken over as purged ones: so
 * does a copy of the files go on under another name.
 */
#include <string.h>

#include "base/fault.h"
#include "txn/txn_internal.h"

struct own_log {
	bool exists, is_settled;
	char name[log_file_name_max + 1];
	struct gtid_set executed;
};

static struct bytes own_log_key(struct buf *out)
{
	buf_put_u32_be(out, STORE_SPACE_META);
	buf_put_string(out, "own_log");
	return buf_bytes(out);
}

static int decode(struct bytes value, struct own_log *out, struct diag *diag)
{
	struct cursor cursor = cursor_of(value);
	out->exists = true;
	out->is_settled = cursor_u8(&cursor);
	size_t size = cursor_u8(&cursor);
	struct bytes name = cursor_bytes(&cursor, size);
	if (cursor.failed || name.size > log_file_name_max)
		return diag_set_message(diag, ER_GET_ERRMSG, "The store's record of its log is cut");
	memcpy(out->name, name.data, name.size);
	return out->is_settled ? gtid_set_decode(&out->executed, cursor_rest(&cursor), diag) : 0;
}

static int load(struct store *store, struct own_log *out, struct diag *diag)
{
	struct buf key = {0}, value = {0};
	int status = 0;
	*out = (struct own_log){0};
	gtid_set_init(&out->executed);
	enum store_outcome outcome = store_get(store, own_log_key(&key), &value, diag);
	if (outcome == STORE_OK)
		status = decode(buf_bytes(&value), out, diag);
	else if (outcome != STORE_NOT_FOUND)
		status = -1;
	buf_deinit(&key);
	buf_deinit(&value);
	return status;
}

/* executed NULL: the server runs. */
static int save(struct store *store, const char *log_name, const struct gtid_set *executed, struct diag *diag)
{
	struct buf key = {0}, value = {0};
	buf_put_u8(&value, executed != NULL);
	buf_put_u8(&value, (uint8_t)strlen(log_name));
	buf_put_string(&value, log_name);
	if (executed)
		gtid_set_encode(executed, &value);
	int status = store_put(store, own_log_key(&key), buf_bytes(&value), diag);
	buf_deinit(&key);
	buf_deinit(&value);
	return status;
}

/* A store without a record has never had a log, or has one of a time before there were records. */
static bool is_own(const struct own_log *own, const struct binlog_found *found)
{
	return !own->exists || (found && found->has_files && strcmp(own->name, found->name) == 0);
}

static int refuse(const struct own_log *own, struct diag *diag)
{
	return diag_set_message(diag, ER_BINLOG_LOGGING_IMPOSSIBLE,
				"Binary logging not possible. Message: the server did not stop, and its last transactions may "
				"be in the binary log '%s' only, which is not the one that was found: start with it",
				own->name);
}

int txn_find_position(struct store *store, const struct binlog_found *found, struct binlog_position *out_position,
		      struct diag *diag)
{
	struct own_log own;
	*out_position = (struct binlog_position){0};
	int status = load(store, &own, diag);
	if (status == 0 && is_own(&own, found))
		status = txn_read_position(store, out_position, diag);
	else if (status == 0 && !own.is_settled)
		status = refuse(&own, diag);
	gtid_set_deinit(&own.executed);
	return status;
}

static int claim(struct txn_manager *manager, const struct own_log *own, const struct binlog_found *found,
		 struct diag *diag)
{
	if (!is_own(own, found) &&
	    (txn_gtids_adopt(manager, &own->executed, diag) < 0 ||
	     txn_manager_write_position(manager, binlog_get_end(manager->binlog), diag) < 0))
		return -1;
	FAULT_STEP("own_log.claim");
	return save(manager->store, found->name, NULL, diag);
}

int txn_manager_claim_log(struct txn_manager *manager, const struct binlog_found *found, struct diag *diag)
{
	struct own_log own;
	if (manager->binlog == NULL)
		return 0;
	int status = load(manager->store, &own, diag);
	if (status == 0)
		status = claim(manager, &own, found, diag);
	gtid_set_deinit(&own.executed);
	return status;
}

int txn_manager_settle_log(struct txn_manager *manager, const struct binlog_found *found, struct diag *diag)
{
	struct gtid_set executed;
	if (manager->binlog == NULL)
		return 0;
	gtid_set_init(&executed);
	txn_manager_get_executed(manager, &executed);
	int status = store_flush(manager->store, diag);
	FAULT_STEP("own_log.settle");
	if (status == 0)
		status = save(manager->store, found->name, &executed, diag);
	gtid_set_deinit(&executed);
	return status;
}
