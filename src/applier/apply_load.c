/*
 * LOAD DATA that its source logged as a statement: BEGIN_LOAD_QUERY and APPEND_BLOCKs bring the file, EXECUTE_LOAD_QUERY
 * the statement. The file goes to slave_load_tmpdir, and its path into the statement, in place of
 * "[LOCAL] INFILE '...' [REPLACE|IGNORE] INTO".
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "applier/apply_internal.h"
#include "base/memory.h"
#include "session/variables.h"

void apply_load_forget(struct apply *apply)
{
	if (apply->load_fd >= 0)
		close(apply->load_fd);
	if (apply->load_path)
		unlink(apply->load_path);
	memory_free(apply->load_path);
	apply->load_path = NULL;
	apply->load_fd = -1;
}

static int begin_file(struct apply *apply, uint32_t id, struct diag *diag)
{
	struct session *session = apply->session;
	const char *directory = global_text(session->server, "slave_load_tmpdir", &apply->arena);
	if (directory == NULL || *directory == 0)
		directory = global_text(session->server, "tmpdir", &apply->arena);
	apply_load_forget(apply);
	apply->load_id = id;
	apply->load_path = memory_copy_string(arena_printf(&apply->arena, "%s/SQL_LOAD-%s-%u-%u-XXXXXX",
							   directory && *directory ? directory : "/tmp",
							   session->server->uuid,
							   apply->transaction.origin.server_id, id));
	apply->load_fd = mkostemp(apply->load_path, O_CLOEXEC);
	if (apply->load_fd >= 0)
		return 0;
	diag_set(diag, EE_CANTCREATEFILE, apply->load_path, errno, strerror(errno));
	memory_free(apply->load_path);
	apply->load_path = NULL;
	return -1;
}

static int append(struct apply *apply, struct bytes data, struct diag *diag)
{
	while (data.size) {
		ssize_t step = write(apply->load_fd, data.data, data.size);
		if (step < 0 && errno == EINTR)
			continue;
		if (step < 0)
			return diag_set(diag, EE_WRITE, apply->load_path, errno, strerror(errno));
		data = bytes_of(data.data + step, data.size - (size_t)step);
	}
	return 0;
}

static int refuse_unknown(uint32_t id, struct diag *diag)
{
	return diag_set_message(diag, ER_SLAVE_CORRUPT_EVENT, "Relay log read failure: the file %u of a LOAD DATA has no "
							      "beginning", id);
}

int apply_load_block(struct apply *apply, const struct event *event, struct diag *diag)
{
	struct event_load_block block;
	if (event_decode_load_block(event, &block, diag) < 0)
		return -1;
	if (event->type == EVENT_BEGIN_LOAD_QUERY && begin_file(apply, block.file_id, diag) < 0)
		return -1;
	if (apply->load_fd < 0 || apply->load_id != block.file_id)
		return refuse_unknown(block.file_id, diag);
	return append(apply, block.data, diag);
}

int apply_load_query(struct apply *apply, const struct event *event, struct event_query *out, struct diag *diag)
{
	static const char *const duplicates[] = {"", " IGNORE", " REPLACE"};
	struct event_load_query load;
	struct buf *text = &apply->load_text;
	if (event_decode_load_query(event, &load, diag) < 0)
		return -1;
	if (apply->load_fd < 0 || apply->load_id != load.file_id)
		return refuse_unknown(load.file_id, diag);
	struct bytes query = load.query.query;
	buf_clear(text);
	buf_put(text, query.data, load.file_start);
	buf_printf(text, " INFILE '%s'%s INTO ", apply->load_path, duplicates[load.duplicates]);
	buf_put(text, query.data + load.file_end, query.size - load.file_end);
	*out = load.query;
	out->query = buf_bytes(text);
	return 0;
}
