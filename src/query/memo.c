#include "query/memo.h"

#include <string.h>

#include "base/memory.h"
#include "query/evaluation.h"
#include "session/status.h"

enum {
	bytes_max = 16 << 20,
	entry_bytes = 160,  /* about what an entry takes beside its key and value */
	trial_asked = 10000, /* times asked before a memo may be given up: */
	useful_part = 64,   /* it must know one answer of that many */
};

struct memo {
	unsigned number;
	struct map answers;   /* key -> sqlite3_value, owned */
	struct buf key;       /* of the last that was asked for and not known */
	const sqlite3_value *known; /* of the last that was */
	size_t warnings;      /* of the session when key was asked for */
	size_t bytes;
	uint64_t asked, found;
	bool given_up;
	struct memo *next;    /* of the evaluation */
};

static void forget_answers(struct memo *memo)
{
	struct map_walk walk = {0};
	struct bytes key;
	void *value;
	while (map_next(&memo->answers, &walk, &key, &value))
		sqlite3_value_free(value);
	map_deinit(&memo->answers);
	map_init(&memo->answers);
}

void memos_destroy(struct memo **memos, struct session *session)
{
	while (*memos) {
		struct memo *memo = *memos;
		status_count(session, STATUS_SUBQUERIES_REUSED, memo->found);
		*memos = memo->next;
		forget_answers(memo);
		map_deinit(&memo->answers);
		buf_deinit(&memo->key);
		memory_free(memo);
	}
}

static struct memo *memo_of(sqlite3_context *context, sqlite3_value *number_value)
{
	struct evaluation *evaluation = handle_of(context)->evaluation;
	unsigned number = (unsigned)sqlite3_value_int(number_value);
	struct memo *memo = evaluation->memos;
	while (memo && memo->number != number)
		memo = memo->next;
	if (memo)
		return memo;
	memo = memory_zalloc(sizeof *memo);
	memo->number = number;
	map_init(&memo->answers);
	buf_init(&memo->key);
	memo->next = evaluation->memos;
	evaluation->memos = memo;
	return memo;
}

/* Values that are kept apart by SQLite have different bytes here. */
static void put_value(struct buf *key, sqlite3_value *value)
{
	int type = sqlite3_value_type(value);
	uint64_t bits;
	buf_put_u8(key, (uint8_t)type);
	switch (type) {
	case SQLITE_NULL: break;
	case SQLITE_INTEGER: buf_put_u64(key, (uint64_t)sqlite3_value_int64(value)); break;
	case SQLITE_FLOAT: {
		double real = sqlite3_value_double(value);
		memcpy(&bits, &real, sizeof bits);
		buf_put_u64(key, bits);
		break;
	}
	default: {
		struct bytes bytes = text_of(value);
		buf_put_u64(key, bytes.size);
		buf_put_bytes(key, bytes);
	}
	}
}

static void memo_has(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	const struct session *session = handle_of(context)->session;
	struct memo *memo = memo_of(context, arguments[0]);
	sqlite3_result_int(context, 0);
	if (memo->given_up || !session->variables.gemel_subquery_cache)
		return;
	buf_clear(&memo->key);
	for (int i = 1; i < count; i++)
		put_value(&memo->key, arguments[i]);
	memo->known = map_find(&memo->answers, buf_bytes(&memo->key));
	memo->warnings = session->warnings.total;
	memo->asked++;
	if (memo->known) {
		memo->found++;
		sqlite3_result_int(context, 1);
	} else if (memo->asked >= trial_asked && memo->found * useful_part < memo->asked) {
		memo->given_up = true;
		forget_answers(memo);
	}
}

static void memo_value(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	sqlite3_result_value(context, (sqlite3_value *)memo_of(context, arguments[0])->known);
}

static void memo_put(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	const struct session *session = handle_of(context)->session;
	struct memo *memo = memo_of(context, arguments[0]);
	sqlite3_result_value(context, arguments[1]);
	if (memo->given_up || !session->variables.gemel_subquery_cache || session->warnings.total != memo->warnings)
		return;
	int type = sqlite3_value_type(arguments[1]);
	bool has_bytes = type == SQLITE_TEXT || type == SQLITE_BLOB;
	size_t bytes = entry_bytes + memo->key.size + (has_bytes ? (size_t)sqlite3_value_bytes(arguments[1]) : 0);
	if (memo->bytes + bytes > bytes_max)
		return;
	sqlite3_value *answer = sqlite3_value_dup(arguments[1]);
	if (answer == NULL)
		return;
	memo->bytes += bytes;
	sqlite3_value_free(map_put(&memo->answers, buf_bytes(&memo->key), answer));
}

/* Not deterministic for SQLite: it would compute calls of the same arguments once. */
int memo_functions_register(struct evaluator_handle *handle)
{
	sqlite3 *db = handle->db;
	int status = sqlite3_create_function_v2(db, "gm_memo_has", -1, SQLITE_UTF8, handle, memo_has, NULL, NULL, NULL);
	if (status == SQLITE_OK)
		status = sqlite3_create_function_v2(db, "gm_memo_value", 1, SQLITE_UTF8, handle, memo_value, NULL, NULL,
						    NULL);
	if (status == SQLITE_OK)
		status = sqlite3_create_function_v2(db, "gm_memo_put", 2, SQLITE_UTF8, handle, memo_put, NULL, NULL, NULL);
	return status;
}
