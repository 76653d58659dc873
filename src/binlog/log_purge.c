/* Old files go (index.h: how), as far as nobody reads them. */
#include <libgen.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/memory.h"
#include "base/space.h"
#include "binlog/log_internal.h"

static unsigned count_readers(const struct binlog *log, uint32_t file)
{
	unsigned count = 0;
	for (const struct binlog_reader *reader = log->readers; reader; reader = reader->next)
		count += reader->file == file;
	return count;
}

/* How many files from the oldest on may go, out of wanted; fills in who keeps the first that may not. */
static size_t removable(const struct binlog *log, size_t wanted, struct binlog_purge_report *report)
{
	for (size_t i = 0; i < wanted; i++) {
		uint32_t number = log->index.numbers[i];
		unsigned readers = count_readers(log, number);
		if (readers || i + 1 == log->index.count) {
			report->kept_file = number;
			report->kept_readers = readers;
			return i;
		}
	}
	return wanted;
}

static int learn_purged(struct binlog *log, struct diag *diag)
{
	char *path = log_index_file_path(&log->index, log_index_first(&log->index));
	struct gtid_set previous;
	gtid_set_init(&previous);
	int result = log_reader_previous_gtids(path, &previous, diag);
	if (result == 0)
		gtid_set_add_set(&log->purged, &previous);
	gtid_set_deinit(&previous);
	memory_free(path);
	return result;
}

static bool index_lacks_room(const struct binlog *log)
{
	char *copy = memory_copy_string(log->index.path);
	bool lacks = space_is_full(space_probe(dirname(copy), 1));
	memory_free(copy);
	return lacks;
}

/*
 * There is no room for a new index, and purging is how to make some: the files go first. A crash before the index follows
 * leaves names of files that are gone, which the next start forgets.
 */
static int purge_for_room(struct binlog *log, size_t count, struct diag *diag)
{
	for (size_t i = 0; i < count; i++) {
		char *path = log_index_file_path(&log->index, log->index.numbers[i]);
		logfile_remove(path, &binlog_faults);
		memory_free(path);
	}
	diag_clear(diag);
	return log_index_remove_before(&log->index, log->index.numbers[count], diag);
}

/* Removes up to wanted files from the oldest on. Under the lock: nobody registers for a file that goes. */
static int purge(struct binlog *log, size_t wanted, struct binlog_purge_report *out_report, struct diag *diag)
{
	struct binlog_purge_report report = {.wanted = (unsigned)wanted};
	size_t count = removable(log, wanted, &report);
	report.purged = (unsigned)count;
	*out_report = report;
	if (count == 0)
		return 0;
	int result = log_index_remove_before(&log->index, log->index.numbers[count], diag);
	if (result < 0 && index_lacks_room(log))
		result = purge_for_room(log, count, diag);
	FAULT_STEP("binlog.purged");
	return result < 0 ? -1 : learn_purged(log, diag);
}

int binlog_purge_to(struct binlog *log, uint32_t file, struct binlog_purge_report *out_report, struct diag *diag)
{
	int result;
	lock_take(&log->lock);
	if (log_index_contains(&log->index, file)) {
		size_t wanted = 0;
		while (log->index.numbers[wanted] != file)
			wanted++;
		result = purge(log, wanted, out_report, diag);
	} else {
		result = diag_set(diag, ER_UNKNOWN_TARGET_BINLOG);
	}
	lock_release(&log->lock);
	return result;
}

static bool is_older(const struct binlog *log, uint32_t number, int64_t time_s)
{
	struct stat status;
	char *path = log_index_file_path(&log->index, number);
	bool older = stat(path, &status) < 0 || status.st_mtime < time_s;
	memory_free(path);
	return older;
}

int binlog_purge_before(struct binlog *log, int64_t time_s, struct binlog_purge_report *out_report, struct diag *diag)
{
	lock_take(&log->lock);
	size_t wanted = 0;
	/* Never the active one, however old its last write is. */
	while (wanted + 1 < log->index.count && is_older(log, log->index.numbers[wanted], time_s))
		wanted++;
	int result = purge(log, wanted, out_report, diag);
	lock_release(&log->lock);
	return result;
}
