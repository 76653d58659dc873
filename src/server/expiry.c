#include "server/expiry.h"

#include "base/log.h"
#include "base/memory.h"
#include "base/thread.h"
#include "binlog/log.h"
#include "session/variables.h"
#include "store/store.h"
#include "txn/txn.h"

enum { period_us = 60 * 1000 * 1000 };

struct expiry {
	struct server *server; /* immutable */
	pthread_t thread;
	struct lock lock;
	struct condition wake;
	bool stopping;         /* guarded by lock */
};

static int64_t expiry_seconds(const struct server *server)
{
	if (!global_number(server, "binlog_expire_logs_auto_purge"))
		return 0;
	uint64_t days = global_number(server, "expire_logs_days");
	return days ? (int64_t)days * 86400 : (int64_t)global_number(server, "binlog_expire_logs_seconds");
}

static void purge(struct server *server)
{
	struct binlog *binlog = txn_manager_binlog(server->txn_manager);
	int64_t seconds = expiry_seconds(server);
	struct binlog_purge_report report;
	struct diag diag = DIAG_INIT;
	if (binlog == NULL || seconds == 0)
		return;
	if (txn_manager_check_writes(server->txn_manager, &diag) != 0)
		return;
	if (txn_manager_purge_before(server->txn_manager, clock_wall_us() / 1000000 - seconds, &report, &diag) != 0)
		log_diag(LOG_WARNING, "binlog", &diag);
	else if (report.purged)
		log_note("binlog", "%u files were older than %lld seconds and were removed", report.purged,
			 (long long)seconds);
}

static void *run(void *argument)
{
	struct expiry *expiry = argument;
	lock_take(&expiry->lock);
	while (!expiry->stopping) {
		struct timespec deadline = clock_deadline(period_us);
		lock_release(&expiry->lock);
		purge(expiry->server);
		lock_take(&expiry->lock);
		if (!expiry->stopping)
			condition_wait_until(&expiry->wake, &expiry->lock, &deadline);
	}
	lock_release(&expiry->lock);
	return NULL;
}

int expiry_start(struct server *server, struct expiry **out, struct diag *diag)
{
	struct expiry *expiry = memory_zalloc(sizeof *expiry);
	expiry->server = server;
	lock_init(&expiry->lock, "expiry", LOCK_RANK_LEAF);
	condition_init(&expiry->wake);
	if (thread_start(&expiry->thread, "log expiry", run, expiry, diag) != 0) {
		memory_free(expiry);
		return -1;
	}
	*out = expiry;
	return 0;
}

void expiry_stop(struct expiry **expiry_pointer)
{
	struct expiry *expiry = *expiry_pointer;
	lock_take(&expiry->lock);
	expiry->stopping = true;
	condition_signal(&expiry->wake);
	lock_release(&expiry->lock);
	pthread_join(expiry->thread, NULL);
	condition_deinit(&expiry->wake);
	lock_deinit(&expiry->lock);
	memory_free(expiry);
	*expiry_pointer = NULL;
}
