/* What readers need of the log: its end, a wait for more, and that their files stay. */
#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "binlog/log_internal.h"

/*
 * Behind the news, and without the lock that guards them: who is woken wants it at once. Only who is about to sleep is told;
 * an eventfd that is full is readable as well.
 */
static void tell_waiters(struct binlog *log)
{
	uint64_t one = 1;
	condition_broadcast(&log->moved);
	lock_take(&log->watch_lock);
	for (struct binlog_watcher *watcher = log->watchers; watcher; watcher = watcher->next)
		if (atomic_exchange(&watcher->is_armed, false) && write(watcher->fd, &one, sizeof one) < 0)
			assert(errno == EAGAIN);
	lock_release(&log->watch_lock);
}

void binlog_set_end(struct binlog *log, struct binlog_position end)
{
	lock_take(&log->end_lock);
	log->end = end;
	lock_release(&log->end_lock);
	tell_waiters(log);
}

struct binlog_position binlog_get_end(struct binlog *log)
{
	lock_take(&log->end_lock);
	struct binlog_position end = log->end;
	lock_release(&log->end_lock);
	return end;
}

struct binlog_position binlog_get_start(struct binlog *log)
{
	lock_take(&log->lock);
	struct binlog_position start = {log_index_first(&log->index), binlog_magic_size};
	lock_release(&log->lock);
	return start;
}

void binlog_wake(struct binlog *log)
{
	lock_take(&log->end_lock); /* nobody is between a look at his flag and his sleep */
	lock_release(&log->end_lock);
	tell_waiters(log);
}

void binlog_watch(struct binlog *log, struct binlog_watcher *watcher)
{
	lock_take(&log->watch_lock);
	watcher->next = log->watchers;
	log->watchers = watcher;
	lock_release(&log->watch_lock);
}

void binlog_unwatch(struct binlog *log, struct binlog_watcher *watcher)
{
	lock_take(&log->watch_lock);
	struct binlog_watcher **link = &log->watchers;
	while (*link != watcher)
		link = &(*link)->next;
	*link = watcher->next;
	lock_release(&log->watch_lock);
}

/* What is left of an earlier time is drained first; what comes late of it makes for one look too many. */
void binlog_arm(struct binlog_watcher *watcher)
{
	uint64_t drained;
	if (read(watcher->fd, &drained, sizeof drained) < 0)
		assert(errno == EAGAIN || errno == EINTR);
	atomic_store(&watcher->is_armed, true);
}

void binlog_disarm(struct binlog_watcher *watcher)
{
	atomic_store(&watcher->is_armed, false);
}

static bool is_lost(struct binlog *log, const struct binlog_reader *reader)
{
	if (reader == NULL)
		return false;
	lock_take(&log->lock);
	bool lost = reader->file == 0;
	lock_release(&log->lock);
	return lost;
}

/*
 * With the lock of the end. Any other end than the known one is news: RESET MASTER moves it back, and whoever waits then
 * finds its reader lost.
 */
static enum binlog_wait_outcome look(const struct binlog *log, struct binlog_position known, const atomic_bool *cancel)
{
	if (cancel && atomic_load(cancel))
		return BINLOG_WAIT_CANCELLED;
	return binlog_position_compare(log->end, known) != 0 ? BINLOG_WAIT_MOVED : BINLOG_WAIT_TIMEOUT;
}

static enum binlog_wait_outcome unless_lost(struct binlog *log, const struct binlog_reader *reader,
					    enum binlog_wait_outcome outcome)
{
	return outcome != BINLOG_WAIT_CANCELLED && is_lost(log, reader) ? BINLOG_WAIT_LOST : outcome;
}

enum binlog_wait_outcome binlog_wait(struct binlog *log, const struct binlog_reader *reader,
				     struct binlog_position known, const struct timespec *deadline,
				     const atomic_bool *cancel, struct binlog_position *out_end)
{
	enum binlog_wait_outcome outcome;
	bool is_late = false;
	lock_take(&log->end_lock);
	while ((outcome = look(log, known, cancel)) == BINLOG_WAIT_TIMEOUT && !is_late) {
		if (deadline)
			is_late = !condition_wait_until(&log->moved, &log->end_lock, deadline);
		else
			condition_wait(&log->moved, &log->end_lock);
	}
	*out_end = log->end;
	lock_release(&log->end_lock);
	return unless_lost(log, reader, outcome);
}

enum binlog_wait_outcome binlog_look(struct binlog *log, const struct binlog_reader *reader,
				     struct binlog_position known, const atomic_bool *cancel,
				     struct binlog_position *out_end)
{
	lock_take(&log->end_lock);
	enum binlog_wait_outcome outcome = look(log, known, cancel);
	*out_end = log->end;
	lock_release(&log->end_lock);
	return unless_lost(log, reader, outcome);
}

static int refuse_unknown(struct diag *diag)
{
	return diag_set(diag, ER_UNKNOWN_TARGET_BINLOG);
}

int binlog_reader_register(struct binlog *log, struct binlog_reader *reader, uint32_t file, struct diag *diag)
{
	int result = 0;
	lock_take(&log->lock);
	if (log_index_contains(&log->index, file)) {
		*reader = (struct binlog_reader){.file = file, .next = log->readers};
		if (log->readers)
			log->readers->previous = reader;
		log->readers = reader;
	} else {
		result = refuse_unknown(diag);
	}
	lock_release(&log->lock);
	return result;
}

int binlog_reader_move(struct binlog *log, struct binlog_reader *reader, uint32_t file, struct diag *diag)
{
	int result = 0;
	lock_take(&log->lock);
	if (reader->file && log_index_contains(&log->index, file))
		reader->file = file;
	else
		result = refuse_unknown(diag);
	lock_release(&log->lock);
	return result;
}

void binlog_reader_unregister(struct binlog *log, struct binlog_reader *reader)
{
	lock_take(&log->lock);
	if (reader->next)
		reader->next->previous = reader->previous;
	if (reader->previous)
		reader->previous->next = reader->next;
	else
		log->readers = reader->next;
	lock_release(&log->lock);
	*reader = (struct binlog_reader){0};
}

/* The numbers of the files, copied: files are opened without the lock. */
static uint32_t *copy_numbers(struct binlog *log, size_t *out_count)
{
	lock_take(&log->lock);
	*out_count = log->index.count;
	uint32_t *numbers = memory_copy(log->index.numbers, log->index.count * sizeof *numbers);
	lock_release(&log->lock);
	return numbers;
}

static int file_size(struct binlog *log, uint32_t number, uint64_t *out_size, struct diag *diag)
{
	struct stat status;
	char *path = log_index_file_path(&log->index, number);
	int result = stat(path, &status);
	if (result == 0)
		*out_size = (uint64_t)status.st_size;
	else if (errno == ENOENT)
		*out_size = result = 0; /* MySQL lists a file that somebody removed with size 0 */
	else
		diag_set(diag, ER_ERROR_ON_READ, path, errno, strerror(errno));
	memory_free(path);
	return result;
}

int binlog_list_files(struct binlog *log, struct binlog_file_list *out_list, struct diag *diag)
{
	struct binlog_position end = binlog_get_end(log);
	struct binlog_file_list list = {0};
	uint32_t *numbers = copy_numbers(log, &list.count);
	list.files = memory_zalloc(list.count * sizeof *list.files);
	int result = 0;
	for (size_t i = 0; i < list.count && result == 0; i++) {
		list.files[i] = (struct binlog_file_info){numbers[i], end.offset};
		if (numbers[i] != end.file)
			result = file_size(log, numbers[i], &list.files[i].size, diag);
	}
	memory_free(numbers);
	if (result < 0)
		binlog_file_list_deinit(&list);
	else
		*out_list = list;
	return result;
}

void binlog_file_list_deinit(struct binlog_file_list *list)
{
	memory_free(list->files);
	*list = (struct binlog_file_list){0};
}

static int read_previous(struct binlog *log, uint32_t number, struct gtid_set *previous, struct diag *diag)
{
	char *path = log_index_file_path(&log->index, number);
	gtid_set_clear(previous);
	int result = log_reader_previous_gtids(path, previous, diag);
	memory_free(path);
	return result;
}

int binlog_find_file_for(struct binlog *log, const struct gtid_set *has, uint32_t *out_file,
			 struct gtid_set *out_missing, struct diag *diag)
{
	size_t count;
	uint32_t *numbers = copy_numbers(log, &count);
	struct gtid_set previous;
	gtid_set_init(&previous);
	uint32_t found = 0;
	int result = 0;
	while (count-- && !found && result == 0) {
		result = read_previous(log, numbers[count], &previous, diag);
		if (result == 0 && gtid_set_is_subset(&previous, has))
			found = numbers[count];
	}
	if (result == 0 && !found) {
		gtid_set_copy(&previous, out_missing);
		gtid_set_subtract(out_missing, has);
	}
	gtid_set_deinit(&previous);
	memory_free(numbers);
	if (result == 0)
		*out_file = found;
	return result;
}
