#include "binlog/logfile.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/memory.h"
#include "binlog/event.h"

static int fail_write(const struct logfile *file, int error, struct diag *diag)
{
	return diag_set(diag, ER_ERROR_ON_WRITE, file->path, error, strerror(error));
}

static int refuse_broken(const struct logfile *file, struct diag *diag)
{
	return diag_set_message(diag, ER_BINLOG_LOGGING_IMPOSSIBLE,
				"Binary logging not possible. Message: %s could not be flushed or repaired before",
				file->path);
}

int logfile_sync_directory(const char *path, struct diag *diag)
{
	char *copy = memory_copy_string(path);
	const char *directory = dirname(copy);
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int result = fd < 0 || fsync(fd) < 0 ? -1 : 0;
	if (result < 0)
		diag_set(diag, ER_ERROR_ON_WRITE, directory, errno, strerror(errno));
	if (fd >= 0)
		close(fd);
	memory_free(copy);
	return result;
}

int logfile_create(struct logfile *file, const char *path, struct bytes head, struct diag *diag)
{
	struct logfile made = {.path = memory_copy_string(path)};
	made.fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	if (made.fd < 0) {
		diag_set(diag, ER_CANT_OPEN_FILE, path, errno, strerror(errno));
		memory_free(made.path);
		return -1;
	}
	if (logfile_append(&made, head, diag) < 0 || logfile_sync(&made, diag) < 0 ||
	    logfile_sync_directory(path, diag) < 0) {
		unlink(path);
		logfile_close(&made);
		return -1;
	}
	*file = made;
	return 0;
}

int logfile_open(struct logfile *file, const char *path, uint64_t size, struct diag *diag)
{
	struct logfile opened = {.path = memory_copy_string(path)};
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

/* Drops what was written from the parts; returns how many parts are done. */
static size_t advance(struct iovec *parts, size_t count, size_t written)
{
	size_t done = 0;
	while (done < count && written >= parts[done].iov_len)
		written -= parts[done++].iov_len;
	if (done < count) {
		parts[done].iov_base = (char *)parts[done].iov_base + written;
		parts[done].iov_len -= written;
	}
	return done;
}

/* What a kill in the middle of a large write leaves. */
static void write_half_and_die(const struct logfile *file, const struct iovec *part)
{
	ssize_t written = pwrite(file->fd, part->iov_base, part->iov_len / 2, (off_t)file->size);
	_exit(written < 0 ? 2 : 9);
}

int logfile_append_vector(struct logfile *file, struct iovec *parts, size_t count, struct diag *diag)
{
	enum { parts_max = 1024 }; /* Linux's IOV_MAX */
	if (file->broken)
		return refuse_broken(file, diag);
	uint64_t offset = file->size;
	if (count && FAULT_POINT("binlog_torn_write"))
		write_half_and_die(file, &parts[count - 1]);
	while (count) {
		int wanted = (int)(count < parts_max ? count : parts_max);
		ssize_t written = pwritev(file->fd, parts, wanted, (off_t)offset);
		if (FAULT_POINT("binlog_write")) {
			written = -1;
			errno = ENOSPC;
		}
		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0) {
			fail_write(file, errno, diag);
			struct diag ignored = DIAG_INIT; /* of the two failures the first is the one to tell */
			logfile_truncate(file, file->size, &ignored);
			return -1;
		}
		offset += (uint64_t)written;
		size_t done = advance(parts, count, (size_t)written);
		parts += done;
		count -= done;
	}
	file->size = offset;
	return 0;
}

int logfile_sync(struct logfile *file, struct diag *diag)
{
	if (file->broken)
		return refuse_broken(file, diag);
	if (file->synced == file->size)
		return 0;
	int result = fdatasync(file->fd);
	if (FAULT_POINT("binlog_sync")) {
		result = -1;
		errno = EIO;
	}
	if (result < 0) {
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
	if (ftruncate(file->fd, (off_t)size) < 0) {
		file->broken = true;
		return fail_write(file, errno, diag);
	}
	file->size = size;
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
	return wanted == flags ? 0 : logfile_patch(file, flags_at, bytes_of(&wanted, 1), diag);
}

void logfile_close(struct logfile *file)
{
	if (file->fd >= 0)
		close(file->fd);
	memory_free(file->path);
	*file = LOGFILE_CLOSED;
}
