/*
 * Three clocks: the wall's, one that never goes back, and the hybrid logical clock that orders row versions.
 */
#pragma once

#include <pthread.h>
#include <stdint.h>
#include <time.h>

int64_t clock_wall_us(void);      /* µs since the epoch */
int64_t clock_monotonic_us(void); /* µs since some start, for deadlines and durations */
void clock_print_utc(int64_t wall_us, char out[40]); /* 2026-11-21T02:50:32.123456Z */

/* A deadline that many µs from now, for lock_wait_until and friends. */
struct timespec clock_deadline(int64_t from_now_us);

/*
 * The hybrid logical clock (law 8): µs since the epoch, strictly rising on this server, never behind a time
 * it was told of. Any thread.
 */
struct hlc {
	_Atomic int64_t last_us;
};
int64_t hlc_next(struct hlc *hlc);
void hlc_observe(struct hlc *hlc, int64_t time_us); /* of an applied transaction or a recovered log */
