#include "txn/waiter.h"

#include <linux/futex.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

void waiter_reset(struct waiter *waiter)
{
	atomic_store(&waiter->word, WAITER_NO_WORD);
}

uint32_t waiter_wait(struct waiter *waiter)
{
	uint32_t word = WAITER_NO_WORD;
	if (atomic_compare_exchange_strong(&waiter->word, &word, WAITER_ASLEEP))
		word = WAITER_ASLEEP;
	while (word < WAITER_WORD_MIN) {
		syscall(SYS_futex, &waiter->word, FUTEX_WAIT_PRIVATE, WAITER_ASLEEP, NULL, NULL, 0);
		word = atomic_load(&waiter->word);
	}
	return word;
}

void waiter_wake(struct waiter *waiter, uint32_t word)
{
	if (atomic_exchange(&waiter->word, word) == WAITER_ASLEEP)
		syscall(SYS_futex, &waiter->word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}
