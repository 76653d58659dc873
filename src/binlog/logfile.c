#include "binlog/logfile.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "binlog/event.h"

static int fail_write(const struct logfile *file, int error, struct diag *diag)
{
	return diag_set(diag, ER_ERROR_ON_WRITE, file->path, error, strerror(error));
}

static int sync_directory(const struct logfile *file, struct diag *diag)
{
	return file_sync_directory(file->path) < 0 ? fail_write(file, errno, diag) : 0;
}

static int refuse_broken(const struct logfile *file, struct diag *diag)
{
	return diag_set_message(diag, ER_BINLOG_LOGGING_IMPOSSIBLE,
				"Binary logging not possible. Message: %s could not be flushed or repaired before",
				file->path);
}

int logfile_create(struct logfile *file, const char *path, struct bytes head, struct log_faults *faults, struct diag *diag)
{
	struct logfile made = {.fd = -1, .path = memory_copy_string(path), .faults = faults};
	if (!FAULT_AT(&faults->create))
		made.fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	if (made.fd < 0) {
		diag_set(diag, ER_CANT_OPEN_FILE, path, errno, strerror(errno));
		memory_free(made.path);
		return -1;
	}
	int result = FAULT_AT(&faults->after_create) ? fail_write(&made, errno, diag) : 0;
	if (result == 0 && logfile_append(&made, head, diag) == 0 && logfile_sync(&made, diag) == 0 &&
	    sync_directory(&made, diag) == 0) {
		*file = made;
		return 0;
	}
	unlink(path);
	logfile_close(&made);
	return -1;
}

int logfile_open(struct logfile *file, const char *path, uint64_t size, struct log_faults *faults, struct diag *diag)
{
	struct logfile opened = {.path = memory_copy_string(path), .faults = faults};
	struct stat status;
	opened.fd = open(path, O_RDWR | O_CLOEXEC);
	if (opened.fd < 0 || fstat(opened.fd, &status) < 0) {
		diag_set(diag, ER_CANT_OPEN_FILE, path, errno, strerror(errno));
		logfile_close(&opened);
		return -1;
	}
	opened.size = opened.synced = (uint64_t)status.st_size;
	if (opened.size < size) {
		diag_set_message(diag, ER_ERROR_ON_READ, "Error reading file '%s' (it has %llu bytes instead of %llu)",
				 path, (unsigned long long)opened.size, (unsigned long long)size);
		logfile_close(&opened);
		return -1;
	}
	if (opened.size > size &&
	    (logfile_truncate(&opened, size, diag) < 0 || logfile_sync(&opened, diag) < 0)) {
		logfile_close(&opened);
		return -1;
	}
	*file = opened;
	return 0;
}

int logfile_append(struct logfile *file, struct bytes bytes, struct diag *diag)
{
	struct iovec part = {(void *)bytes.data, bytes.size};
	return logfile_append_vector(file, &part, 1, diag);
}

/* A disk that has become read-only refuses the write and would refuse the cut: then there is nothing to cut. */
static bool has_grown(const struct logfile *file)
{
	struct stat status;
	return fstat(file->fd, &status) < 0 || (uint64_t)status.st_size != file->size;
}

int logfile_append_vector(struct logfile *file, struct iovec *parts, size_t count, struct diag *diag)
{
	uint64_t size = file->size;
	if (file->broken)
		return refuse_broken(file, diag);
	for (size_t i = 0; i < count; i++)
		size += parts[i].iov_len;
	if (file_write_vector(file->fd, parts, count, file->size, &file->faults->content) == 0) {
		file->size = size;
		return 0;
	}
	file->error = errno;
	fail_write(file, errno, diag);
	struct diag ignored = DIAG_INIT; /* of the two failures the first is the one to tell */
	if (has_grown(file))
		logfile_truncate(file, file->size, &ignored);
	return -1;
}

int logfile_sync(struct logfile *file, struct diag *diag)
{
	if (file->broken)
		return refuse_broken(file, diag);
	if (file->synced == file->size)
		return 0;
	if (file_sync(file->fd, &file->faults->flush) < 0) {
		file->broken = true;
		return fail_write(file, errno, diag);
	}
	file->synced = file->size;
	return 0;
}

int logfile_truncate(struct logfile *file, uint64_t size, struct diag *diag)
{
	assert(size <= file->size);
	if (file->broken)
		return refuse_broken(file, diag);
	if (FAULT_AT(&file->faults->truncate) || ftruncate(file->fd, (off_t)size) < 0) {
		file->broken = true;
		return fail_write(file, errno, diag);
	}
	file->size = size;
	(void)FAULT_AT(&file->faults->after_truncate);
	if (file->synced > size)
		file->synced = 0; /* the new size is not on the disk yet */
	return 0;
}

int logfile_patch(struct logfile *file, uint64_t offset, struct bytes bytes, struct diag *diag)
{
	assert(offset + bytes.size <= file->size);
	ssize_t written = pwrite(file->fd, bytes.data, bytes.size, (off_t)offset);
	if (written < 0 || (size_t)written != bytes.size)
		return fail_write(file, written < 0 ? errno : ENOSPC, diag);
	return 0;
}

int logfile_set_in_use(struct logfile *file, bool in_use, struct diag *diag)
{
	const uint64_t flags_at = binlog_magic_size + 17;
	uint8_t flags;
	ssize_t got = pread(file->fd, &flags, 1, (off_t)flags_at);
	int error = got < 0 ? errno : EIO;
	if (got != 1)
		return diag_set(diag, ER_ERROR_ON_READ, file->path, error, strerror(error));
	uint8_t wanted = (uint8_t)((flags & ~EVENT_FLAG_BINLOG_IN_USE) | (in_use ? EVENT_FLAG_BINLOG_IN_USE : 0));
	if (wanted == flags)
		return 0;
	if (FAULT_POINT("binlog.in_use"))
		return fail_write(file, errno, diag);
	int result = logfile_patch(file, flags_at, bytes_of(&wanted, 1), diag);
	FAULT_STEP("binlog.after_in_use");
	return result;
}

int logfile_remove(const char *path, struct log_faults *faults)
{
	if (FAULT_AT(&faults->unlink) || unlink(path) < 0)
		return -1;
	(void)FAULT_AT(&faults->after_unlink);
	return 0;
}

void logfile_close(struct logfile *file)
{
	if (file->fd >= 0)
		close(file->fd);
	memory_free(file->path);
	*file = LOGFILE_CLOSED;
}
