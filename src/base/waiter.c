#include "base/waiter.h"

#include <errno.h>
#include <linux/futex.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/clock.h"

void waiter_reset(struct waiter *waiter)
{
	atomic_store(&waiter->word, WAITER_NO_WORD);
}

/* NULL: for as long as it takes. */
static long sleep_until(struct waiter *waiter, const struct timespec *deadline)
{
	return syscall(SYS_futex, &waiter->word, FUTEX_WAIT_BITSET_PRIVATE, WAITER_ASLEEP, deadline, NULL,
		       FUTEX_BITSET_MATCH_ANY);
}

uint32_t waiter_wait(struct waiter *waiter)
{
	uint32_t word = WAITER_NO_WORD;
	if (atomic_compare_exchange_strong(&waiter->word, &word, WAITER_ASLEEP))
		word = WAITER_ASLEEP;
	while (word < WAITER_WORD_MIN) {
		sleep_until(waiter, NULL);
		word = atomic_load(&waiter->word);
	}
	return word;
}

uint32_t waiter_wait_for(struct waiter *waiter, int64_t timeout_us)
{
	uint32_t word = WAITER_NO_WORD;
	struct timespec deadline = clock_deadline(timeout_us);
	bool is_over = false;
	if (atomic_compare_exchange_strong(&waiter->word, &word, WAITER_ASLEEP))
		word = WAITER_ASLEEP;
	while (word < WAITER_WORD_MIN && !is_over) {
		is_over = sleep_until(waiter, &deadline) < 0 && errno == ETIMEDOUT;
		word = atomic_load(&waiter->word);
	}
	if (word == WAITER_ASLEEP && atomic_compare_exchange_strong(&waiter->word, &word, WAITER_NO_WORD))
		return WAITER_NO_WORD;
	return word;
}

void waiter_wake(struct waiter *waiter, uint32_t word)
{
	if (atomic_exchange(&waiter->word, word) == WAITER_ASLEEP)
		syscall(SYS_futex, &waiter->word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}
