/* A transaction's events as one compressed event, in its owner's thread: the leader has less to write. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "binlog/payload_writer.h"
#include "txn/txn_internal.h"

enum { chunk_size = 256 * 1024 };

static int add_spilled(const struct events_cache *events, struct payload_writer *payload, struct diag *diag)
{
	struct buf chunk = {0};
	int status = 0;
	for (uint64_t offset = 0; offset < events->spill_size && status == 0; offset += chunk.size) {
		uint64_t left = events->spill_size - offset;
		size_t size = left < chunk_size ? (size_t)left : chunk_size;
		buf_clear(&chunk);
		ssize_t got = pread(events->spill_fd, buf_reserve(&chunk, size), size, (off_t)offset);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			status = diag_set(diag, ER_ERROR_ON_READ, "binary log cache", got < 0 ? errno : EIO,
					  strerror(got < 0 ? errno : EIO));
		chunk.size = got > 0 ? (size_t)got : 0;
		if (status == 0)
			status = payload_writer_add(payload, buf_bytes(&chunk), diag);
	}
	buf_deinit(&chunk);
	return status;
}

void txn_compress_events(struct txn *txn)
{
	struct events_cache *events = &txn->events;
	struct payload_writer *payload = payload_writer_create(txn->compression_level);
	struct event_writer writer = txn_event_writer(txn);
	struct buf out = {0};
	struct diag diag = DIAG_INIT;
	writer.out = &out;
	if (add_spilled(events, payload, &diag) < 0 || payload_writer_add(payload, buf_bytes(&events->buf), &diag) < 0 ||
	    payload_writer_finish(payload, &writer, &diag) < 0) {
		diag_add_context(&diag, "compressing a transaction, which is logged as it is");
		log_diag(LOG_WARNING, "txn", &diag);
	} else {
		events_cache_replace(events, &out);
	}
	buf_deinit(&out);
	payload_writer_destroy(&payload);
}
