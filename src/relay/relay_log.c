#include "relay/relay_log.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/lock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/space.h"
#include "binlog/event_writer.h"
#include "binlog/logfile.h"
#include "relay/resume.h"

enum { room_min = 1024 * 1024 };

struct relay_log {
	uint32_t server_id; /* immutable */

	/* owned by the writer */
	struct buf gathered;
	size_t whole_size;    /* of what has gathered: whole transactions, which will not come again */
	uint64_t sync_period; /* events between two flushes; 0: the system decides */
	uint64_t unsynced;    /* events since the last */

	struct lock writing; /* taken before lock */
	/* guarded by writing */
	struct logfile file;
	struct buf description;       /* the source's, empty until it sent one */
	enum event_checksum checksum; /* of events behind the last description in the file */
	bool is_between;              /* what is published ends between two transactions, and the source's log is at: */
	char source_file[log_file_name_max + 1]; /* "": where the source's first event will say */
	uint64_t source_offset;
	bool is_rotation_wanted;      /* as soon as it is between two */
	uint64_t put_off;             /* bytes that the file may be too large, because no other could be begun */

	struct lock lock;
	/* guarded by lock */
	struct log_index index;
	struct relay_position end;
	uint64_t old_size; /* bytes of all files but the last */
	struct condition moved;  /* the end */
	struct condition purged;
};

static FAULT_REGISTERED struct log_faults relay_faults = LOG_FAULTS("relay");

/* --------------------------------------------------------------------------------------------------------- files */

static uint64_t size_of(const char *path)
{
	struct stat status;
	return stat(path, &status) == 0 ? (uint64_t)status.st_size : 0;
}

/* With the lock, as all below; what touches the file being written, with both. */

/* Without a place in the source's log: its first event will be a ROTATE that says where it begins. */
static void put_head(const struct relay_log *log, struct buf *head)
{
	struct diag diag = DIAG_INIT; /* our own events cannot be malformed */
	buf_put(head, binlog_magic, binlog_magic_size);
	struct event_writer writer = {.out = head, .timestamp = (uint32_t)time(NULL), .server_id = log->server_id,
				      .has_checksum = true};
	event_put_format(&writer, EVENT_CHECKSUM_CRC32, 0, false);
	if (*log->source_file)
		event_put_rotate(&writer, bytes_of_string(log->source_file), log->source_offset, EVENT_FLAG_ARTIFICIAL);
	uint8_t *events = head->data + binlog_magic_size;
	bytes_store_uint(events + 17, EVENT_FLAG_RELAY_LOG, 2);
	event_run_finalise(events, head->size - binlog_magic_size, binlog_magic_size, true, &diag);
	buf_put_bytes(head, buf_bytes(&log->description));
}

static void set_place(struct relay_log *log, const char *file, uint64_t offset)
{
	snprintf(log->source_file, sizeof log->source_file, "%s", file);
	log->source_offset = offset;
	log->is_between = true;
}

static int create_file(struct relay_log *log, uint32_t number, struct diag *diag)
{
	struct buf head = {0};
	struct logfile file = LOGFILE_CLOSED;
	put_head(log, &head);
	char *path = log_index_file_path(&log->index, number);
	logfile_remove(path, &relay_faults); /* of a process that died before it was in the index */
	int status = logfile_create(&file, path, buf_bytes(&head), &relay_faults, diag);
	memory_free(path);
	buf_deinit(&head);
	if (status == 0 && (status = log_index_add(&log->index, number, diag)) < 0)
		logfile_close(&file);
	if (status < 0)
		return -1;
	if (log->file.fd >= 0)
		logfile_close(&log->file);
	log->file = file;
	log->end = (struct relay_position){number, file.size};
	FAULT_STEP("relay.begun");
	return 0;
}

static int start_anew(struct relay_log *log, uint32_t number, struct diag *diag)
{
	uint32_t next = number ? number : log_index_last(&log->index) + 1;
	buf_clear(&log->gathered);
	log->whole_size = 0;
	buf_clear(&log->description);
	log->checksum = EVENT_CHECKSUM_CRC32; /* as our own description says */
	log->old_size = 0;
	set_place(log, "", 0);
	if (log_index_clear(&log->index, diag) < 0)
		return -1;
	FAULT_STEP("relay.reset_removed");
	return create_file(log, next, diag);
}

/*
 * What is behind the end that was found belongs to nobody. Later files first: behind an end that is cut already they would
 * look like its continuation.
 */
static int cut(struct relay_log *log, struct relay_position end, struct diag *diag)
{
	if (log_index_remove_behind(&log->index, end.file, diag) < 0)
		return -1;
	char *path = log_index_file_path(&log->index, end.file);
	int status = FAULT_AT(&relay_faults.truncate) ? -1 : truncate(path, (off_t)end.offset);
	if (status < 0)
		diag_set(diag, ER_ERROR_ON_WRITE, path, errno, strerror(errno));
	(void)FAULT_AT(&relay_faults.after_truncate);
	memory_free(path);
	return status;
}

/* What is cut, or thrown away, and where it comes from again. */
static void tell_end(const struct relay_log *log, const struct relay_resume *resume)
{
	char *path = log_index_file_path(&log->index, resume->end.file);
	if (resume->end.file != log_index_last(&log->index) || size_of(path) != resume->end.offset)
		log_warning("relay", "The relay log is whole up to %llu in '%s'; what is behind that is removed, and fetched again "
				     "from '%s' at %llu", (unsigned long long)resume->end.offset, path, resume->end_file,
			    (unsigned long long)resume->end_offset);
	memory_free(path);
}

static void tell_useless(const struct relay_log *log, const struct relay_resume *resume)
{
	if (log->index.count && *resume->applied_file)
		log_warning("relay", "What was applied last, '%s' at %llu, is not in the whole part of the relay log of '%s': its "
				     "files are removed, and all behind that place is fetched again", resume->applied_file,
			    (unsigned long long)resume->applied_offset, log->index.path);
}

static int go_on(struct relay_log *log, const struct relay_resume *resume, struct diag *diag)
{
	tell_end(log, resume);
	if (cut(log, resume->end, diag) < 0)
		return -1;
	for (size_t i = 0; i < log->index.count; i++) {
		char *path = log_index_file_path(&log->index, log->index.numbers[i]);
		log->old_size += size_of(path);
		memory_free(path);
	}
	buf_put_bytes(&log->description, buf_bytes(&resume->description));
	log->checksum = resume->checksum;
	set_place(log, resume->end_file, resume->end_offset);
	return create_file(log, resume->end.file + 1, diag);
}

int relay_log_open(struct relay_log **out_log, const struct relay_log_options *options, struct relay_resume *resume,
		   bool *out_resumed, struct diag *diag)
{
	*out_resumed = false;
	struct relay_log *log = memory_zalloc(sizeof *log);
	log->server_id = options->server_id;
	log->file = LOGFILE_CLOSED;
	if (log_index_open(&log->index, options->directory, options->base, options->index_name, &relay_faults,
			   diag) < 0) {
		diag_add_context(diag, "remove the relay log's index and files: what they hold is fetched again");
		memory_free(log);
		return -1;
	}
	lock_init(&log->writing, "relay.file", LOCK_RANK_RELAY_FILE);
	lock_init(&log->lock, "relay", LOCK_RANK_RELAY);
	condition_init(&log->moved);
	condition_init(&log->purged);
	*out_resumed = resume && relay_resume_find(resume, &log->index);
	if (resume && !*out_resumed)
		tell_useless(log, resume);
	lock_take(&log->writing);
	lock_take(&log->lock);
	int status = *out_resumed ? go_on(log, resume, diag) : start_anew(log, 0, diag);
	lock_release(&log->lock);
	lock_release(&log->writing);
	if (status < 0)
		relay_log_close(&log);
	else
		*out_log = log;
	return status;
}

void relay_log_close(struct relay_log **log_place)
{
	struct relay_log *log = *log_place;
	if (log == NULL)
		return;
	if (log->file.fd >= 0)
		logfile_close(&log->file);
	log_index_close(&log->index);
	buf_deinit(&log->gathered);
	buf_deinit(&log->description);
	condition_deinit(&log->moved);
	condition_deinit(&log->purged);
	lock_deinit(&log->lock);
	lock_deinit(&log->writing);
	memory_free(log);
	*log_place = NULL;
}

int relay_log_reset(struct relay_log *log, uint32_t number, struct diag *diag)
{
	lock_take(&log->writing);
	lock_take(&log->lock);
	int status = start_anew(log, number, diag);
	lock_release(&log->lock);
	lock_release(&log->writing);
	return status;
}

void relay_log_remove(struct relay_log *log)
{
	struct diag diag = DIAG_INIT;
	lock_take(&log->lock);
	if (log_index_clear(&log->index, &diag) < 0)
		log_diag(LOG_WARNING, "relay", &diag);
	FAULT_STEP("relay.remove_index");
	unlink(log->index.path);
	lock_release(&log->lock);
}

/* ------------------------------------------------------------------------------------------------------ the writer */

void relay_log_append(struct relay_log *log, struct bytes events)
{
	buf_put_bytes(&log->gathered, events);
	log->unsynced++;
}

void relay_log_set_sync_period(struct relay_log *log, uint64_t events)
{
	log->sync_period = events;
}

size_t relay_log_gathered(const struct relay_log *log)
{
	return log->gathered.size;
}

void relay_log_note_whole(struct relay_log *log)
{
	log->whole_size = log->gathered.size;
}

void relay_log_abandon(struct relay_log *log)
{
	log->gathered.size = log->whole_size;
}

bool relay_log_lacks_room(struct relay_log *log)
{
	lock_take(&log->writing);
	bool lacks = !log->file.broken && space_is_full(log->file.error);
	lock_release(&log->writing);
	return lacks;
}

bool relay_log_has_room(struct relay_log *log)
{
	char *path = relay_log_file_path(log, 1);
	int error = space_probe(dirname(path), log->gathered.size + room_min);
	memory_free(path);
	return error == 0;
}

static int sync_if_due(struct relay_log *log, struct diag *diag)
{
	if (log->sync_period == 0 || log->unsynced < log->sync_period)
		return 0;
	log->unsynced = 0;
	return logfile_sync(&log->file, diag);
}

int relay_log_publish(struct relay_log *log, struct diag *diag)
{
	if (log->gathered.size == 0)
		return 0;
	lock_take(&log->writing);
	log->is_between = false;
	int status = logfile_append(&log->file, buf_bytes(&log->gathered), diag);
	if (status == 0)
		status = sync_if_due(log, diag);
	if (status == 0) {
		FAULT_STEP("relay.publish");
		lock_take(&log->lock);
		log->end.offset = log->file.size;
		lock_release(&log->lock);
		condition_broadcast(&log->moved); /* who is woken wants the lock at once */
		buf_clear(&log->gathered);
		log->whole_size = 0;
	}
	lock_release(&log->writing);
	return status;
}

enum event_checksum relay_log_checksum(const struct relay_log *log)
{
	return log->checksum;
}

void relay_log_set_format(struct relay_log *log, struct bytes description, enum event_checksum checksum)
{
	lock_take(&log->writing);
	log->checksum = checksum;
	buf_clear(&log->description);
	buf_put_bytes(&log->description, description);
	lock_release(&log->writing);
}

/* With writing. */
static int rotate(struct relay_log *log, struct diag *diag)
{
	uint64_t size = log->file.size;
	lock_take(&log->lock);
	int status = create_file(log, log->end.file + 1, diag);
	if (status == 0)
		log->old_size += size;
	condition_broadcast(&log->moved);
	lock_release(&log->lock);
	log->is_rotation_wanted = false;
	return status;
}

/* A file may as well grow a little more. */
static int rotate_or_put_off(struct relay_log *log, struct diag *diag)
{
	if (rotate(log, diag) == 0) {
		log->put_off = 0;
		return 0;
	}
	if (log->file.broken)
		return -1;
	log_diag(LOG_WARNING, "relay", diag);
	log->put_off += room_min;
	diag_clear(diag);
	return 0;
}

int relay_log_rest(struct relay_log *log, const char *source_file, uint64_t source_offset, uint64_t size_max,
		   struct diag *diag)
{
	int status = 0;
	lock_take(&log->writing);
	set_place(log, source_file, source_offset);
	if (log->is_rotation_wanted || log->file.size > size_max + log->put_off)
		status = rotate_or_put_off(log, diag);
	lock_release(&log->writing);
	return status;
}

/* What is behind the end that readers know must not stand in front of another file. */
static int cut_broken(struct relay_log *log, struct diag *diag)
{
	if (truncate(log->file.path, (off_t)log->end.offset) == 0)
		return 0;
	return diag_set(diag, ER_ERROR_ON_WRITE, log->file.path, errno, strerror(errno));
}

int relay_log_mend(struct relay_log *log, struct diag *diag)
{
	int status = 0;
	lock_take(&log->writing);
	if (log->file.broken)
		status = cut_broken(log, diag) < 0 ? -1 : rotate(log, diag);
	lock_release(&log->writing);
	return status;
}

int relay_log_rotate(struct relay_log *log, struct diag *diag)
{
	int status = 0;
	lock_take(&log->writing);
	if (log->is_between)
		status = rotate(log, diag);
	else
		log->is_rotation_wanted = true;
	lock_release(&log->writing);
	return status;
}

/* ------------------------------------------------------------------------------------------------------ any thread */

struct relay_position relay_log_end(struct relay_log *log)
{
	lock_take(&log->lock);
	struct relay_position end = log->end;
	lock_release(&log->lock);
	return end;
}

struct relay_position relay_log_start(struct relay_log *log)
{
	lock_take(&log->lock);
	struct relay_position start = {log_index_first(&log->index), binlog_magic_size};
	lock_release(&log->lock);
	return start;
}

bool relay_log_wait(struct relay_log *log, struct relay_position known, const struct timespec *deadline,
		    const atomic_bool *cancel)
{
	bool moved = false;
	lock_take(&log->lock);
	for (;;) {
		moved = log->end.file != known.file || log->end.offset != known.offset;
		if (moved || (cancel && atomic_load(cancel)))
			break;
		if (deadline == NULL)
			condition_wait(&log->moved, &log->lock);
		else if (!condition_wait_until(&log->moved, &log->lock, deadline))
			break;
	}
	lock_release(&log->lock);
	return moved;
}

void relay_log_wake(struct relay_log *log)
{
	lock_take(&log->lock);
	condition_broadcast(&log->moved);
	condition_broadcast(&log->purged);
	lock_release(&log->lock);
}

uint32_t relay_log_next_file(struct relay_log *log, uint32_t file)
{
	lock_take(&log->lock);
	uint32_t next = log_index_next(&log->index, file);
	lock_release(&log->lock);
	return next;
}

void relay_log_file_name(struct relay_log *log, uint32_t file, char out[log_file_name_max + 1])
{
	lock_take(&log->lock);
	log_index_file_name(&log->index, file, out);
	lock_release(&log->lock);
}

char *relay_log_file_path(struct relay_log *log, uint32_t file)
{
	lock_take(&log->lock);
	char *path = log_index_file_path(&log->index, file);
	lock_release(&log->lock);
	return path;
}

uint32_t relay_log_parse_name(struct relay_log *log, struct bytes name)
{
	lock_take(&log->lock);
	uint32_t file = log_index_parse_name(&log->index, name);
	lock_release(&log->lock);
	return file;
}

bool relay_log_has_file(struct relay_log *log, uint32_t file)
{
	lock_take(&log->lock);
	bool has = log_index_contains(&log->index, file);
	lock_release(&log->lock);
	return has;
}

/* With the lock. */
static uint64_t space(const struct relay_log *log)
{
	return log->old_size + log->end.offset;
}

uint64_t relay_log_space(struct relay_log *log)
{
	lock_take(&log->lock);
	uint64_t bytes = space(log);
	lock_release(&log->lock);
	return bytes;
}

bool relay_log_wait_for_space(struct relay_log *log, uint64_t max, const atomic_bool *cancel)
{
	lock_take(&log->lock);
	while (space(log) > max && !atomic_load(cancel))
		condition_wait(&log->purged, &log->lock);
	bool has_space = space(log) <= max;
	lock_release(&log->lock);
	return has_space;
}

void relay_log_purge_before(struct relay_log *log, uint32_t file)
{
	struct diag diag = DIAG_INIT;
	uint64_t size = 0;
	lock_take(&log->lock);
	for (size_t i = 0; i < log->index.count && log->index.numbers[i] < file; i++) {
		char *path = log_index_file_path(&log->index, log->index.numbers[i]);
		size += size_of(path);
		memory_free(path);
	}
	if (log_index_remove_before(&log->index, file, &diag) < 0)
		log_diag(LOG_WARNING, "relay", &diag);
	else
		log->old_size -= size < log->old_size ? size : log->old_size;
	condition_broadcast(&log->purged);
	lock_release(&log->lock);
}
