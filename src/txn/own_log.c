/*
 * Which log is the store's own, under META "own_log":
 *   u8 state   u8 size, name without directory and number   then, by the state:
 *   0: the server runs
 *   1: it has stopped, and the store has all that is in the log: the executed GTIDs (gtid_set)
 *   2: the log is being reset, and the store has all that was in it: u32 the number of its first file to be
 *
 * While a server runs, what it acknowledged last may be in its log only (law 3): a start without that log would lose it, and
 * is refused. After a clean stop any log will do, and the GTIDs that the old one knew are taken over as purged ones: so
 * does a copy of the files go on under another name.
 *
 * A reset takes many steps, on the disk and in the store. It is decided by the record; a start that finds it takes them all.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "base/log.h"
#include "txn/log_tail.h"
#include "txn/txn_internal.h"

enum own_log_state { OWN_LOG_IN_USE, OWN_LOG_SETTLED, OWN_LOG_RESETTING };

struct own_log {
	bool exists;
	enum own_log_state state;
	uint32_t first_file; /* of a reset */
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
	out->state = (enum own_log_state)cursor_u8(&cursor);
	size_t size = cursor_u8(&cursor);
	struct bytes name = cursor_bytes(&cursor, size);
	if (out->state == OWN_LOG_RESETTING)
		out->first_file = cursor_u32(&cursor);
	if (cursor.failed || name.size > log_file_name_max || out->state > OWN_LOG_RESETTING)
		return diag_set_message(diag, ER_GET_ERRMSG, "The store's record of its log is cut");
	memcpy(out->name, name.data, name.size);
	return out->state == OWN_LOG_SETTLED ? gtid_set_decode(&out->executed, cursor_rest(&cursor), diag) : 0;
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

static int save(struct store *store, const struct own_log *own, struct diag *diag)
{
	struct buf key = {0}, value = {0};
	buf_put_u8(&value, own->state);
	buf_put_u8(&value, (uint8_t)strlen(own->name));
	buf_put_string(&value, own->name);
	if (own->state == OWN_LOG_SETTLED)
		gtid_set_encode(&own->executed, &value);
	if (own->state == OWN_LOG_RESETTING)
		buf_put_u32(&value, own->first_file);
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

static bool has_name(const struct own_log *own, const struct binlog_found *found)
{
	return found && strcmp(own->name, found->name) == 0;
}

int txn_find_position(struct store *store, const struct binlog_found *found, struct binlog_position *out_position,
		      uint32_t *out_reset_to, struct diag *diag)
{
	struct own_log own;
	*out_position = (struct binlog_position){0};
	*out_reset_to = 0;
	int status = load(store, &own, diag);
	if (status == 0 && own.state == OWN_LOG_RESETTING)
		*out_reset_to = has_name(&own, found) ? own.first_file : 0;
	else if (status == 0 && is_own(&own, found))
		status = txn_read_position(store, out_position, diag);
	else if (status == 0 && own.state == OWN_LOG_IN_USE)
		status = refuse(&own, diag);
	gtid_set_deinit(&own.executed);
	return status;
}

/* The store follows the log to its beginning. */
static int follow_reset(struct txn_manager *manager, struct diag *diag)
{
	if (txn_gtids_forget(manager, diag) < 0)
		return -1;
	FAULT_STEP("reset.forgotten");
	return txn_manager_write_position(manager, binlog_get_end(manager->binlog), diag);
}

/* It is in use from now on. */
static int claim(struct txn_manager *manager, const char *name, struct diag *diag)
{
	struct own_log own = {.state = OWN_LOG_IN_USE};
	FAULT_STEP("own_log.claim");
	snprintf(own.name, sizeof own.name, "%s", name);
	return save(manager->store, &own, diag);
}

static int follow_log(struct txn_manager *manager, const struct own_log *own, const struct binlog_found *found,
		      struct diag *diag)
{
	if (own->state == OWN_LOG_RESETTING)
		return follow_reset(manager, diag);
	if (is_own(own, found))
		return 0;
	if (txn_gtids_adopt(manager, &own->executed, diag) < 0)
		return -1;
	return txn_manager_write_position(manager, binlog_get_end(manager->binlog), diag);
}

int txn_manager_claim_log(struct txn_manager *manager, const struct binlog_found *found, struct diag *diag)
{
	struct own_log own;
	if (manager->binlog == NULL)
		return 0;
	int status = load(manager->store, &own, diag);
	if (status == 0)
		status = follow_log(manager, &own, found, diag);
	if (status == 0)
		status = claim(manager, found->name, diag);
	gtid_set_deinit(&own.executed);
	return status;
}

int txn_manager_settle_log(struct txn_manager *manager, const struct binlog_found *found, struct diag *diag)
{
	struct own_log own = {.state = OWN_LOG_SETTLED};
	if (manager->binlog == NULL)
		return 0;
	if (txn_manager_check_writes(manager, diag) < 0)
		return -1; /* the next start has to look at the log */
	snprintf(own.name, sizeof own.name, "%s", found->name);
	gtid_set_init(&own.executed);
	txn_manager_get_executed(manager, &own.executed);
	int status = store_flush(manager->store, diag);
	if (status == 0)
		status = log_tail_close(manager, diag);
	FAULT_STEP("own_log.settle");
	if (status == 0)
		status = save(manager->store, &own, diag);
	gtid_set_deinit(&own.executed);
	return status;
}

/* -------------------------------------------------------------------------------------------------- RESET MASTER */

/* Nothing may go on: the next start, which completes the reset, would throw away what was logged meanwhile. */
static void stop_process(const struct diag *diag)
{
	log_diag(LOG_ERROR, "txn", diag);
	log_error("txn", "The binary log could not be reset as a whole. The server stops; the next start completes it");
	abort();
}

/* The log could not begin anew. Where its files are still listed, all is as it was, if the record says so, too. */
static int take_back(struct txn_manager *manager, const char *name, const struct diag *why)
{
	struct diag diag = DIAG_INIT;
	if (binlog_get_start(manager->binlog).file == 0 || claim(manager, name, &diag) < 0)
		stop_process(why);
	return -1;
}

int txn_reset_own_log(struct txn_manager *manager, uint32_t first_file, struct diag *diag)
{
	struct own_log own = {.state = OWN_LOG_RESETTING, .first_file = first_file ? first_file : 1};
	const char *path = binlog_base_name(manager->binlog), *slash = strrchr(path, '/');
	snprintf(own.name, sizeof own.name, "%s", slash ? slash + 1 : path);
	if (save(manager->store, &own, diag) < 0)
		return -1;
	FAULT_STEP("reset.decided");
	if (binlog_reset(manager->binlog, own.first_file, diag) < 0)
		return take_back(manager, own.name, diag);
	FAULT_STEP("reset.log_is_new");
	if (follow_reset(manager, diag) < 0 || claim(manager, own.name, diag) < 0)
		stop_process(diag);
	return 0;
}
