#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"

enum { parts_max = 1024 }; /* Linux's IOV_MAX */

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

int file_write_vector(int fd, struct iovec *parts, size_t count, uint64_t offset, struct file_write_faults *faults)
{
	while (count) {
		int wanted = (int)(count < parts_max ? count : parts_max);
		ssize_t written = fault_write(&faults->write, fd, parts, wanted, (off_t)offset);
		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return -1;
		offset += (uint64_t)written;
		size_t done = advance(parts, count, (size_t)written);
		parts += done;
		count -= done;
	}
	return FAULT_AT(&faults->after_write) ? -1 : 0;
}

int file_write(int fd, struct bytes bytes, uint64_t offset, struct file_write_faults *faults)
{
	struct iovec part = {(void *)bytes.data, bytes.size};
	return file_write_vector(fd, &part, 1, offset, faults);
}

int file_sync(int fd, struct file_sync_faults *faults)
{
	if (FAULT_AT(&faults->sync) || fdatasync(fd) < 0)
		return -1;
	return FAULT_AT(&faults->after_sync) ? -1 : 0;
}

int file_sync_directory(const char *path)
{
	char *copy = memory_copy_string(path);
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int result = fd < 0 || fsync(fd) < 0 ? -1 : 0;
	int error = errno;
	if (fd >= 0)
		close(fd);
	memory_free(copy);
	errno = error;
	return result;
}

static int write_new(const char *path, struct bytes content, struct file_write_faults *faults,
		     struct file_sync_faults *sync_faults)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	if (fd < 0)
		return -1;
	int result = file_write(fd, content, 0, faults);
	if (result == 0 && sync_faults)
		result = file_sync(fd, sync_faults);
	int error = errno;
	close(fd);
	errno = error;
	return result;
}

int file_replace(const char *path, const char *temporary, struct bytes content, struct file_replace_faults *faults,
		 struct file_sync_faults *sync_faults)
{
	if (write_new(temporary, content, &faults->content, sync_faults) < 0 || FAULT_AT(&faults->rename) ||
	    rename(temporary, path) < 0) {
		int error = errno;
		unlink(temporary);
		errno = error;
		return -1;
	}
	(void)FAULT_AT(&faults->after_rename);
	return sync_faults ? file_sync_directory(path) : 0;
}

int file_open_unnamed(const char *directory)
{
	int fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR))
		return fd;
	char path[4096];
	snprintf(path, sizeof path, "%s/gemel-XXXXXX", directory);
	fd = mkostemp(path, O_CLOEXEC);
	if (fd >= 0)
		unlink(path);
	return fd;
}
