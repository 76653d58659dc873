#include "base/clock.h"

#include <stdatomic.h>
#include <stdio.h>

static int64_t read_clock_us(clockid_t id)
{
	struct timespec now;
	clock_gettime(id, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_wall_us(void)
{
	return read_clock_us(CLOCK_REALTIME);
}

int64_t clock_monotonic_us(void)
{
	return read_clock_us(CLOCK_MONOTONIC);
}

void clock_print_utc(int64_t wall_us, char out[40])
{
	time_t seconds = wall_us / 1000000;
	struct tm parts;
	gmtime_r(&seconds, &parts);
	size_t size = strftime(out, 40, "%Y-%m-%dT%H:%M:%S", &parts);
	snprintf(out + size, 40 - size, ".%06dZ", (int)(wall_us % 1000000));
}

struct timespec clock_deadline(int64_t from_now_us)
{
	int64_t at = clock_monotonic_us() + from_now_us;
	return (struct timespec){.tv_sec = at / 1000000, .tv_nsec = at % 1000000 * 1000};
}

int64_t hlc_next(struct hlc *hlc)
{
	int64_t now = clock_wall_us();
	int64_t last = atomic_load(&hlc->last_us);
	int64_t next;
	do {
		next = now > last ? now : last + 1;
	} while (!atomic_compare_exchange_weak(&hlc->last_us, &last, next));
	return next;
}

void hlc_observe(struct hlc *hlc, int64_t time_us)
{
	int64_t last = atomic_load(&hlc->last_us);
	while (last < time_us && !atomic_compare_exchange_weak(&hlc->last_us, &last, time_us))
		;
}
