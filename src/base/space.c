#include "base/space.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"

int space_probe(const char *directory, uint64_t size)
{
	int fd = file_open_unnamed(directory);
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
