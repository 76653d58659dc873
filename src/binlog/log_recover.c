/*
 * What a start finds, and makes good: a last file whose end is torn, and a file that was made but not yet listed
 * when the server died in a rotation.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/log.h"
#include "base/memory.h"
#include "binlog/log_internal.h"

static bool file_exists(const char *path)
{
	return access(path, F_OK) == 0;
}

/*
 * A file behind the last listed one. With transactions in it, or with a file behind it, it belongs to the log: the index is
 * what is damaged. Without a head it has none: that is flushed before anything else is done with the file.
 */
static int settle_unlisted(struct binlog *log, uint32_t number, const char *path, bool has_later, bool *out_adopted,
			   struct diag *diag)
{
	struct log_end end;
	struct diag found = DIAG_INIT;
	log_end_init(&end);
	enum reader_outcome outcome = log_reader_find_end(path, &end, &found);
	bool has_transactions = end.offset > 0 && (outcome == READER_CORRUPT || !gtid_set_is_empty(&end.gtids));
	bool belongs = has_transactions || (has_later && end.offset > 0);
	log_end_deinit(&end);
	*out_adopted = belongs;
	if (outcome == READER_ERROR) {
		*diag = found;
		return -1;
	}
	if (belongs)
		return log_index_add(&log->index, number, diag);
	logfile_remove(path, &binlog_faults);
	return 0;
}

static bool has_file(struct binlog *log, uint32_t number)
{
	char *path = log_index_file_path(&log->index, number);
	bool exists = file_exists(path);
	memory_free(path);
	return exists;
}

static int settle_unlisted_files(struct binlog *log, struct diag *diag)
{
	bool adopted = true;
	while (adopted) {
		uint32_t number = log_index_last(&log->index) + 1;
		char *path = log_index_file_path(&log->index, number);
		int result = 0;
		adopted = false;
		if (file_exists(path))
			result = settle_unlisted(log, number, path, has_file(log, number + 1), &adopted, diag);
		memory_free(path);
		if (result < 0)
			return -1;
	}
	return 0;
}

static int refuse_cut(const char *path, const struct log_end *end, uint64_t durable, struct diag *diag)
{
	return diag_set_message(diag, ER_BINLOG_LOGGING_IMPOSSIBLE,
				"Binary logging not possible. Message: '%s' is whole only up to %llu, but the tables "
				"hold transactions up to %llu: bring the file back from a copy, or start once with "
				"sync_binlog=0 to go on without them in the log",
				path, (unsigned long long)end->offset, (unsigned long long)durable);
}

static int refuse_without_last(const struct binlog *log, uint32_t number, struct diag *diag)
{
	return diag_set_message(diag, ER_BINLOG_LOGGING_IMPOSSIBLE,
				"Binary logging not possible. Message: the tables hold transactions of the log's file number %u, "
				"and '%s' goes up to number %u: bring index and files back from a copy",
				number, log->index.path, log_index_last(&log->index));
}

/* Cuts the file to its whole transactions and closes it as a clean stop would have. */
static int repair(const char *path, const struct log_end *end, struct binlog_recovery *recovery, struct diag *diag)
{
	struct logfile file;
	recovery->was_in_use = end->in_use;
	recovery->old_size = end->file_size;
	recovery->new_size = end->offset;
	recovery->was_cut = end->offset < end->file_size;
	if (!recovery->was_cut && !recovery->was_in_use)
		return 0;
	if (logfile_open(&file, path, end->offset, &binlog_faults, diag) < 0)
		return -1;
	int result = logfile_set_in_use(&file, false, diag);
	if (result == 0) {
		file.synced = 0; /* the flag, too */
		result = logfile_sync(&file, diag);
	}
	logfile_close(&file);
	return result;
}

static int refuse_damage(struct diag *diag)
{
	diag_add_context(diag, "what is damaged was flushed once, and may have been acknowledged: bring the file back from a "
			       "copy, or make this server anew from another one");
	return -1;
}

static int judge(enum reader_outcome outcome, const char *path, const struct log_end *end,
		 const struct binlog_options *options, uint32_t number, struct binlog_recovery *recovery, struct diag *diag)
{
	if (outcome == READER_ERROR || end->offset == 0)
		return -1;
	if (outcome == READER_CORRUPT)
		return refuse_damage(diag);
	recovery->is_behind = options->durable.file == number && options->durable.offset > end->offset;
	if (recovery->is_behind && !options->may_be_behind)
		return refuse_cut(path, end, options->durable.offset, diag);
	diag_clear(diag);
	return 0;
}

/* A purge that had no room for the index, or somebody else, has removed the oldest files. */
static int forget_vanished(struct binlog *log, struct diag *diag)
{
	size_t gone = 0;
	for (bool exists = false; !exists && gone + 1 < log->index.count; gone += !exists) {
		char *path = log_index_file_path(&log->index, log->index.numbers[gone]);
		exists = file_exists(path);
		memory_free(path);
	}
	if (gone == 0)
		return 0;
	log_warning("binlog", "The oldest %zu files of the log are gone; the log begins with number %u", gone,
		    log->index.numbers[gone]);
	return log_index_remove_before(&log->index, log->index.numbers[gone], diag);
}

static int recover_last(struct binlog *log, const struct binlog_options *options, struct binlog_recovery *recovery,
			struct diag *diag)
{
	uint32_t number = log_index_last(&log->index);
	char *path = log_index_file_path(&log->index, number);
	struct log_end end;
	log_end_init(&end);
	log_index_file_name(&log->index, number, recovery->file);
	enum reader_outcome outcome = log_reader_find_end(path, &end, diag);
	FAULT_STEP("binlog.recover");
	int result = judge(outcome, path, &end, options, number, recovery, diag);
	if (result == 0)
		result = repair(path, &end, recovery, diag);
	if (result == 0) {
		gtid_set_add_set(&log->executed, &end.previous);
		gtid_set_add_set(&log->executed, &end.gtids);
	}
	log_end_deinit(&end);
	memory_free(path);
	return result;
}

static int learn_purged(struct binlog *log, struct diag *diag)
{
	char *path = log_index_file_path(&log->index, log_index_first(&log->index));
	int result = log_reader_previous_gtids(path, &log->purged, diag);
	memory_free(path);
	return result;
}

int binlog_remove_all(struct binlog *log, uint32_t number, struct diag *diag)
{
	char *path = log_index_file_path(&log->index, number);
	int result = log_index_clear(&log->index, diag);
	if (result == 0 && logfile_remove(path, &binlog_faults) < 0 && errno != ENOENT)
		result = diag_set(diag, ER_ERROR_ON_WRITE, path, errno, strerror(errno));
	memory_free(path);
	return result;
}

int binlog_recover(struct binlog *log, const struct binlog_options *options, struct binlog_recovery *out_recovery,
		   struct diag *diag)
{
	*out_recovery = (struct binlog_recovery){0};
	if (options->reset_to)
		return binlog_remove_all(log, options->reset_to, diag);
	if (settle_unlisted_files(log, diag) < 0 || forget_vanished(log, diag) < 0)
		return -1;
	if (log_index_last(&log->index) < options->durable.file)
		return refuse_without_last(log, options->durable.file, diag);
	if (log_index_last(&log->index) &&
	    (recover_last(log, options, out_recovery, diag) < 0 || learn_purged(log, diag) < 0))
		return -1;
	gtid_set_copy(&log->executed, &log->assigned);
	FAULT_STEP("binlog.recovered");
	return 0;
}
