/*
 * One thread waits for a word of another: a futex with three words. Cheaper than a mutex and a condition where a
 * leader wakes dozens: the woken thread meets no mutex that the waker still holds, and one that is not asleep
 * yet costs no system call. The waker does not touch the waiter's memory after its word is said (the kernel may be
 * told of an address that is gone, which it ignores), so the waiter may free it at once.
 */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

struct waiter {
	_Atomic uint32_t word;
};

enum { WAITER_NO_WORD = 0, WAITER_ASLEEP = 1, WAITER_WORD_MIN = 2 };

void waiter_reset(struct waiter *waiter); /* before anybody can reach it */
/* Sleeps until a word is said, and answers it. */
uint32_t waiter_wait(struct waiter *waiter);
/* The same, for so long at most: WAITER_NO_WORD when nothing was said. */
uint32_t waiter_wait_for(struct waiter *waiter, int64_t timeout_us);
/* Says a word, at least WAITER_WORD_MIN. */
void waiter_wake(struct waiter *waiter, uint32_t word);
