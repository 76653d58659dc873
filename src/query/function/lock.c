/* What waits: user-level locks, GTID sets, positions in a source's log. GTID arithmetic stands here too. */
#include <math.h>

#include "binlog/gtid.h"
#include "query/function/tools.h"
#include "session/source_wait.h"
#include "session/user_lock.h"

enum { lock_name_characters = 64, wait_slice_us = 50 * 1000 };

/* Microseconds of a number of seconds, held within what an addition to the clock bears. */
static int64_t microseconds_of(double seconds)
{
	return seconds >= 1e12 ? INT64_C(1000000000000000000) : (int64_t)(seconds * 1e6);
}

/* ------------------------------------------------------------------ locks */

/* Folded, in the scratch. False after error 3057. */
static bool lock_name(sqlite3_context *context, sqlite3_value *value, struct bytes *out)
{
	char shown[128];
	struct bytes name = is_null(value) ? bytes_of_string("NULL") : string_of(value);
	if (is_null(value) || name.size == 0 || utf8_count(name) > lock_name_characters) {
		FUNCTION_FAIL(context, ER_USER_LOCK_WRONG_NAME, message_text(name, shown));
		return false;
	}
	struct buf *scratch = &handle_of(context)->scratch;
	buf_clear(scratch);
	text_lower_utf8(name, scratch);
	*out = buf_bytes(scratch);
	return true;
}

/* GET_LOCK(name, seconds): a negative number waits without end. */
static void gm_get_lock(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct bytes name;
	if (!lock_name(context, arguments[0], &name) || is_null(arguments[1]))
		return;
	struct session *session = session_of(context);
	/* SQL's timeout is in whole seconds. */
	double seconds = rint(sqlite3_value_double(arguments[1]));
	session_set_state(session, "User lock");
	enum user_lock_outcome outcome = user_lock_take(session, name, seconds < 0 ? -1 : microseconds_of(seconds),
							handle_diag(context));
	session_set_state(session, "executing");
	if (outcome == USER_LOCK_FAILED)
		handle_fail(context);
	else
		sqlite3_result_int(context, outcome == USER_LOCK_TAKEN);
}

static void gm_release_lock(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct bytes name;
	if (!lock_name(context, arguments[0], &name))
		return;
	enum user_lock_release outcome = user_lock_release(session_of(context), name);
	if (outcome != USER_LOCK_UNKNOWN)
		sqlite3_result_int(context, outcome == USER_LOCK_RELEASED);
}

static void gm_release_all_locks(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	result_uint(context, user_lock_release_all(session_of(context)));
}

static void gm_is_free_lock(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct bytes name;
	if (lock_name(context, arguments[0], &name))
		sqlite3_result_int(context, user_lock_owner(session_of(context)->server, name) == 0);
}

static void gm_is_used_lock(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct bytes name;
	if (!lock_name(context, arguments[0], &name))
		return;
	unsigned long owner = user_lock_owner(session_of(context)->server, name);
	if (owner)
		result_uint(context, owner);
}

/* ------------------------------------------------------------------ GTID sets */

/* Into a set that is initialised here; the caller deinits it. False after an error. */
static bool read_gtids(sqlite3_context *context, sqlite3_value *value, struct gtid_set *out)
{
	gtid_set_init(out);
	if (gtid_set_parse(out, string_of(value), handle_diag(context)) == 0)
		return true;
	handle_fail(context);
	return false;
}

static void gm_gtid_subset(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct gtid_set a, b = {0};
	if (any_null(2, arguments))
		return;
	if (read_gtids(context, arguments[0], &a) && read_gtids(context, arguments[1], &b))
		sqlite3_result_int(context, gtid_set_is_subset(&a, &b));
	gtid_set_deinit(&a);
	gtid_set_deinit(&b);
}

static void gm_gtid_subtract(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct gtid_set a, b = {0};
	if (any_null(2, arguments))
		return;
	if (read_gtids(context, arguments[0], &a) && read_gtids(context, arguments[1], &b)) {
		struct buf *out = &handle_of(context)->scratch;
		buf_clear(out);
		gtid_set_subtract(&a, &b);
		gtid_set_print(&a, ",\n", out);
		result_utf8(context, out->data, out->size);
	}
	gtid_set_deinit(&a);
	gtid_set_deinit(&b);
}

/* ------------------------------------------------------------------ waiting for transactions */

/* Until the log moves, or a slice of time is over. */
static void wait_for_commits(struct txn_manager *manager, struct binlog_position *end, int64_t left_us)
{
	struct timespec deadline = clock_deadline(left_us < wait_slice_us ? left_us : wait_slice_us);
	struct binlog *binlog = txn_manager_binlog(manager);
	if (binlog)
		binlog_wait(binlog, NULL, *end, &deadline, NULL, end);
	else
		clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec){.tv_nsec = wait_slice_us * 1000}, NULL);
}

/* 1 executed, 0 the time is over, -1 killed. What is found executed leaves the set. */
static int wait_until_executed(struct session *session, struct gtid_set *wanted, int64_t timeout_us, struct diag *diag)
{
	struct txn_manager *manager = session->server->txn_manager;
	struct binlog *binlog = txn_manager_binlog(manager);
	struct binlog_position end = binlog ? binlog_get_end(binlog) : (struct binlog_position){0};
	int64_t end_us = timeout_us < 0 ? INT64_MAX : clock_monotonic_us() + timeout_us;
	struct gtid_set executed;
	int outcome;
	gtid_set_init(&executed);
	for (;;) {
		txn_manager_get_executed(manager, &executed);
		gtid_set_subtract(wanted, &executed);
		outcome = gtid_set_is_empty(wanted) ? 1 : session_check_killed(session, diag) != 0 ? -1 : 0;
		int64_t left_us = end_us - clock_monotonic_us();
		if (outcome != 0 || left_us <= 0)
			break;
		wait_for_commits(manager, &end, left_us);
	}
	gtid_set_deinit(&executed);
	return outcome;
}

/* A GTID counts as executed when its group is in the log; its rows may be seen when the group's commits have ended. */
static void wait_until_visible(struct txn_manager *manager)
{
	txn_manager_block_commits(manager);
	txn_manager_unblock_commits(manager);
}

/* WAIT_FOR_EXECUTED_GTID_SET(set, seconds): 0 executed, 1 the time is over. */
static void gm_wait_for_gtid_set(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct session *session = session_of(context);
	struct gtid_set wanted;
	bool has_timeout = count > 1 && !is_null(arguments[1]);
	double seconds = has_timeout ? sqlite3_value_double(arguments[1]) : 0;
	if (is_null(arguments[0]))
		return;
	if (seconds < 0) {
		FUNCTION_FAIL(context, ER_WRONG_ARGUMENTS, "WAIT_FOR_EXECUTED_GTID_SET.");
		return;
	}
	if (txn_manager_gtid_mode(session->server->txn_manager) == TXN_GTID_OFF) {
		FUNCTION_FAIL(context, ER_GTID_MODE_OFF, "use WAIT_FOR_EXECUTED_GTID_SET");
		return;
	}
	if (read_gtids(context, arguments[0], &wanted)) {
		session_set_state(session, "Waiting for GTID to be committed");
		int outcome = wait_until_executed(session, &wanted, seconds == 0 ? -1 : microseconds_of(seconds),
						  handle_diag(context));
		session_set_state(session, "executing");
		if (outcome == 1)
			wait_until_visible(session->server->txn_manager);
		if (outcome < 0)
			handle_fail(context);
		else
			sqlite3_result_int(context, outcome == 0);
	}
	gtid_set_deinit(&wanted);
}

/* The channel a function names; without the argument or its value, the only one there is. */
static struct bytes channel_of(int count, sqlite3_value **arguments, int index)
{
	if (count <= index || is_null(arguments[index]))
		return (struct bytes){0};
	struct bytes name = string_of(arguments[index]);
	return name.data ? name : bytes_of("", 0);
}

static void wait_for_source(sqlite3_context *context, const struct source_wait *wait, const char *function)
{
	struct session *session = session_of(context);
	int64_t events;
	if (wait->timeout_seconds < 0) {
		FUNCTION_FAIL(context, ER_WRONG_ARGUMENTS, function);
		return;
	}
	if (session->server->source_wait == NULL)
		return;
	if (session->server->source_wait(session, wait, &events, handle_diag(context)) != 0)
		handle_fail(context);
	else if (events != SOURCE_WAIT_NULL)
		sqlite3_result_int64(context, events);
}

/* SOURCE_POS_WAIT(file, position, seconds, channel): events waited for, -1 the time is over, NULL no applier. */
static void gm_source_pos_wait(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (any_null(2, arguments))
		return;
	struct source_wait wait = {
		.channel = channel_of(count, arguments, 3),
		.file = string_of(arguments[0]),
		.position = (uint64_t)whole_of(arguments[1]),
		.timeout_seconds = count > 2 && !is_null(arguments[2]) ? sqlite3_value_double(arguments[2]) : 0,
	};
	wait_for_source(context, &wait, "SOURCE_POS_WAIT.");
}

/* WAIT_UNTIL_SQL_THREAD_AFTER_GTIDS(set, seconds, channel): the same answers. */
static void gm_wait_until_after_gtids(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct gtid_set wanted;
	if (is_null(arguments[0]))
		return;
	if (read_gtids(context, arguments[0], &wanted)) {
		struct source_wait wait = {
			.channel = channel_of(count, arguments, 2),
			.gtids = &wanted,
			.timeout_seconds = count > 1 && !is_null(arguments[1]) ? sqlite3_value_double(arguments[1]) : 0,
		};
		wait_for_source(context, &wait, "WAIT_UNTIL_SQL_THREAD_AFTER_GTIDS.");
	}
	gtid_set_deinit(&wanted);
}

/* MASTER_GTID_WAIT(position, seconds), MariaDB's: 0 there, -1 the time is over. */
static void gm_master_gtid_wait(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (is_null(arguments[0]))
		return;
	struct bytes text = string_of(arguments[0]);
	struct source_wait wait = {
		.mariadb_gtids = text.data ? text : bytes_of("", 0),
		.timeout_seconds = count > 1 && !is_null(arguments[1]) ? sqlite3_value_double(arguments[1]) : 0,
	};
	wait_for_source(context, &wait, "MASTER_GTID_WAIT.");
}

/* BINLOG_GTID_POS(file, offset), MariaDB's: our log has no GTIDs of that kind. NULL: there is no such file. */
static void gm_binlog_gtid_pos(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct binlog *binlog = txn_manager_binlog(session_of(context)->server->txn_manager);
	if (any_null(2, arguments) || binlog == NULL)
		return;
	uint32_t file = binlog_parse_file_name(binlog, string_of(arguments[0]));
	if (file && binlog_has_file(binlog, file))
		result_utf8(context, (const uint8_t *)"", 0);
}

static const struct function_row rows[] = {
	{"gm_get_lock", 2, 2, FN_VOLATILE, gm_get_lock, 0, 0, 0},
	{"gm_release_lock", 1, 1, FN_VOLATILE, gm_release_lock, 0, 0, 0},
	{"gm_release_all_locks", 0, 0, FN_VOLATILE, gm_release_all_locks, 0, 0, 0},
	{"gm_is_free_lock", 1, 1, FN_VOLATILE, gm_is_free_lock, 0, 0, 0},
	{"gm_is_used_lock", 1, 1, FN_VOLATILE, gm_is_used_lock, 0, 0, 0},
	{"gm_binlog_gtid_pos", 2, 2, FN_VOLATILE, gm_binlog_gtid_pos, 0, 0, 0},
	{"gm_master_gtid_wait", 1, 2, FN_VOLATILE, gm_master_gtid_wait, 0, 0, 0},
	{"gm_gtid_subset", 2, 2, FN_PURE, gm_gtid_subset, 0, 0, 0},
	{"gm_gtid_subtract", 2, 2, FN_PURE, gm_gtid_subtract, 0, 0, 0},
	{"gm_wait_for_gtid_set", 1, 2, FN_VOLATILE, gm_wait_for_gtid_set, 0, 0, 0},
	{"gm_wait_until_after_gtids", 1, 3, FN_VOLATILE, gm_wait_until_after_gtids, 0, 0, 0},
	{"gm_source_pos_wait", 2, 4, FN_VOLATILE, gm_source_pos_wait, 0, 0, 0},
};
const struct function_rows function_rows_lock = FUNCTION_ROWS(rows);
