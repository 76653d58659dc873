/*
 * Heap memory that never comes back NULL, and what happens when there is none.
 *
 * Sizes that come from a network, a file or a user are checked against their MySQL bound before they reach these
 * functions (law 11). What a statement takes all in all is watched here, a thread at a time, so that nobody has to ask at
 * each allocation: an allocation succeeds, and marks the running statement as one that may not go on. The statement finds
 * the mark where it looks whether it was killed (session_check_killed: each row, each token), and fails.
 *
 *   the system refuses      A reserve is kept for this: it is given up, a piece at a time, and the allocation is made out of
 *                           it. The statement is marked: 1037. While some of it is gone every statement that takes more
 *                           than 1 MiB is marked, so that what is left goes to those that end something. Statements that
 *                           begin or end try to fill it again.
 *   no reserve is left      The process says so on stderr and aborts; recovery replays the log.
 *   a limit is exceeded     connection_memory_limit, global_connection_memory_limit: the statement is marked: 4082, 4081.
 *
 * Pieces of 4 KiB and more are counted, for the thread that takes them and for the one that frees them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"

void *memory_alloc(size_t size);  /* uninitialised; free with memory_free */
void *memory_zalloc(size_t size); /* zeroed */
void *memory_realloc(void *memory, size_t size);
void *memory_copy(const void *data, size_t size);
char *memory_copy_string(const char *text); /* NULL stays NULL */
void memory_free(void *memory);

/* An array that has to hold count items and does not: twice what it held, or what it must hold if there is no more. */
void *memory_grow(void *items, size_t item_size, size_t count, size_t *capacity);

/*
 * Whole pages, for what grows to many megabytes: growing moves them in the address space, where realloc would copy
 * them. *size is rounded up; memory is NULL or what was mapped before, with old_size. Like memory_alloc the first never
 * fails; NULL from the second, with the statement marked: what was mapped is as it was.
 */
void *memory_map(void *memory, size_t old_size, size_t *size);
void *memory_try_map(void *memory, size_t old_size, size_t *size);
void memory_unmap(void *memory, size_t size); /* NULL is fine */

/* For what outlives the statement that made it, and belongs to all (a cache): counted for nobody. Free it likewise. */
void *memory_alloc_shared(size_t size);
void memory_free_shared(void *memory);

/* For those who can do without: NULL, with the statement marked, when the system refuses. The reserve is not touched. */
void *memory_try_alloc(size_t size);
void *memory_try_realloc(void *memory, size_t size); /* NULL: memory is as it was */
/* Before a piece is taken that may be larger than the reserve. False, with the statement marked: there is not as much. */
bool memory_has(size_t size);

/* ------------------------------------------------------------------ the reserve */

void memory_keep_reserve(void); /* at the start; without it there is none. Addresses: nothing is written there */
/* An allocation that is not made here was refused: false when there is no reserve to try again with. Any thread. */
bool memory_yield_reserve(void);

/* ------------------------------------------------------------------ the thread's statement */

struct memory_limits {
	uint64_t connection;  /* bytes that this thread may have */
	uint64_t all;         /* that all threads which are counted together may have */
	uint64_t chunk;       /* how exactly this one is counted with the others; 0: not at all */
};

enum memory_trouble { MEMORY_PLENTY, MEMORY_REFUSED, MEMORY_OVER_LIMIT, MEMORY_OVER_LIMIT_OF_ALL };

void memory_begin_statement(const struct memory_limits *limits); /* copied; NULL: none. Clears the mark */
/* What the statement was told by memory_check, MEMORY_PLENTY if nothing. */
enum memory_trouble memory_end_statement(void);
/* The thread ends, with all it had: it is no more counted with the others. */
void memory_end_thread(void);
/* A thread that worked for another ends. What it has not freed is the other's: the first returns what the second takes. */
int64_t memory_hand_over(void);
void memory_take_over(int64_t size);
uint64_t memory_used_by_all(void); /* by those that are counted together, any thread */

extern __thread enum memory_trouble memory_mark; /* read it through memory_check */
int memory_fail(struct diag *diag);                   /* the marked statement's error; -1 */

/* For loops that append and have no diag: the statement fails, what is made is not needed. */
static inline bool memory_gave_out(void)
{
	return memory_mark != MEMORY_PLENTY;
}

/* -1 with 1037, 4082 or 4081 when the running statement may not go on. */
static inline int memory_check(struct diag *diag)
{
	return memory_gave_out() ? memory_fail(diag) : 0;
}
