/*
 * A slower disk: preloaded into a server, every flush takes SLOW_FLUSH_US microseconds longer.
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static void wait_for_disk(void)
{
	const char *text = getenv("SLOW_FLUSH_US");
	long us = text ? atol(text) : 0;
	struct timespec pause = {us / 1000000, us % 1000000 * 1000};
	if (us > 0)
		nanosleep(&pause, NULL);
}

int fsync(int fd)
{
	int (*next)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
	wait_for_disk();
	return next(fd);
}

int fdatasync(int fd)
{
	int (*next)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
	wait_for_disk();
	return next(fd);
}
