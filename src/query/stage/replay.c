#include "query/stage/replay.h"

#include "base/memory.h"
#include "query/sqlite_error.h"
#include "query/stage/cell.h"

#define POINTER_REPLAY "gemel_replay"

struct replayer {
	struct evaluator_handle *handle;
	sqlite3_stmt *statement; /* SELECT gm_replay(?1, ?2, ...) */
	unsigned count;
};

struct replay {
	replay_function *function;
	void *argument;
	int status;
};

static void call(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct replay *replay = sqlite3_value_pointer(arguments[0], POINTER_REPLAY);
	replay->status = replay->function(replay->argument, arguments + 1);
}

int replay_register(struct evaluator_handle *handle)
{
	return sqlite3_create_function_v2(handle->db, "gm_replay", -1, SQLITE_UTF8, handle, call, NULL, NULL, NULL);
}

struct replayer *replayer_create(struct evaluator_handle *handle, unsigned count)
{
	struct replayer *replayer = memory_zalloc(sizeof *replayer);
	struct buf sql;
	replayer->handle = handle;
	replayer->count = count;
	buf_init(&sql);
	buf_put_string(&sql, "SELECT gm_replay(?1");
	for (unsigned i = 0; i < count; i++)
		buf_printf(&sql, ", ?%u", i + 2);
	buf_put_string(&sql, ")");
	int status = sqlite3_prepare_v2(handle->db, buf_cstring(&sql), -1, &replayer->statement, NULL);
	buf_deinit(&sql);
	if (status == SQLITE_OK)
		return replayer;
	sqlite_error(handle, status, &handle->diag);
	replayer_destroy(&replayer);
	return NULL;
}

void replayer_destroy(struct replayer **place)
{
	struct replayer *replayer = *place;
	if (replayer == NULL)
		return;
	sqlite3_finalize(replayer->statement);
	memory_free(replayer);
	*place = NULL;
}

static int bind(struct replayer *replayer, struct bytes row)
{
	int status = SQLITE_OK;
	for (unsigned i = 0; i < replayer->count && status == SQLITE_OK; i++) {
		struct cell cell;
		if (!cell_unpack(&row, &cell))
			return SQLITE_CORRUPT;
		status = cell_bind(&cell, replayer->statement, (int)i + 2);
	}
	return status;
}

int replayer_run(struct replayer *replayer, struct bytes row, replay_function *function, void *argument)
{
	struct replay replay = {function, argument, 0};
	struct evaluator_handle *handle = replayer->handle;
	int status = sqlite3_bind_pointer(replayer->statement, 1, &replay, POINTER_REPLAY, NULL);
	if (status == SQLITE_OK)
		status = bind(replayer, row);
	if (status == SQLITE_OK)
		status = sqlite3_step(replayer->statement);
	sqlite3_reset(replayer->statement);
	if (status == SQLITE_ROW)
		return replay.status;
	return sqlite_error(handle, status, &handle->diag);
}
