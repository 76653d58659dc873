#include "base/space.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int open_unnamed(const char *directory)
{
	int fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR))
		return fd;
	char path[4096];
	snprintf(path, sizeof path, "%s/gemel-probe-XXXXXX", directory);
	fd = mkostemp(path, O_CLOEXEC);
	if (fd >= 0)
		unlink(path);
	return fd;
}

int space_probe(const char *directory, uint64_t size)
{
	int fd = open_unnamed(directory);
	if (fd < 0)
		return errno == EMFILE || errno == ENFILE ? 0 : errno;
	int error = posix_fallocate(fd, 0, (off_t)size);
	close(fd);
	return error;
}

bool space_is_full(int error)
{
	return error == ENOSPC || error == EDQUOT;
}
