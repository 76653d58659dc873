#include "base/memory.h"

#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/allocator.h"
#include "base/fault.h"
#include "base/log.h"

enum {
	counted_min = 4096,
	heap_header_max = 64,
	certain_size = 1024 * 1024,
	reserve_pieces = 4,
	reserve_piece_size = 64 * 1024 * 1024, /* no less than malloc asks the system for at a time */
	slack_size = 256 * 1024,
	modest_size = 1024 * 1024, /* what a statement may take while memory is scarce */
};

/* A thread's: what it has, and what its statement may have. */
struct account {
	bool in_statement;
	struct memory_limits limits;
	int64_t used;
	int64_t reported;           /* of it, in used_by_all */
	size_t taken_while_scarce;  /* by the statement */
	uint64_t needed;            /* the piece that was refused, or all that was counted when a limit was passed */
	enum memory_trouble told;
};

__thread enum memory_trouble memory_mark;
static __thread struct account account;

static _Atomic int64_t used_by_all;

static pthread_mutex_t reserve_lock = PTHREAD_MUTEX_INITIALIZER;
static void *reserve[reserve_pieces]; /* guarded by reserve_lock: what is left, the others are NULL */
static bool has_reserve;              /* immutable after the start */
static atomic_bool is_scarce;         /* a piece of the reserve is gone */

/* ------------------------------------------------------------------ marks and counts */

static void mark(enum memory_trouble trouble, uint64_t needed)
{
	if (!account.in_statement || memory_gave_out())
		return;
	memory_mark = trouble;
	account.needed = needed;
}

static bool is_refused_by_test(void)
{
	return fault_any_set && account.in_statement && FAULT_POINT("memory.statement");
}

static void report(int64_t used)
{
	atomic_fetch_add_explicit(&used_by_all, used - account.reported, memory_order_relaxed);
	account.reported = used;
}

static void check_limits(void)
{
	const struct memory_limits *limits = &account.limits;
	if (account.used > 0 && (uint64_t)account.used > limits->connection)
		mark(MEMORY_OVER_LIMIT, (uint64_t)account.used);
	if (limits->chunk == 0 || llabs(account.used - account.reported) < (int64_t)limits->chunk)
		return;
	report(account.used);
	uint64_t all = memory_used_by_all();
	if (all > limits->all)
		mark(MEMORY_OVER_LIMIT_OF_ALL, all);
}

static void count_taken_bytes(size_t size)
{
	if (size < counted_min)
		return;
	account.used += (int64_t)size;
	if (!account.in_statement)
		return;
	if (atomic_load_explicit(&is_scarce, memory_order_relaxed) &&
	    (account.taken_while_scarce += size) > modest_size)
		mark(MEMORY_REFUSED, size);
	check_limits();
}

static inline void *counted(void *memory, size_t size)
{
	if (memory && size >= counted_min - heap_header_max)
		count_taken_bytes(malloc_usable_size(memory));
	return memory;
}

static inline void count_given_bytes(size_t size)
{
	if (size >= counted_min)
		account.used -= (int64_t)size;
}

static inline void count_given(void *memory)
{
	count_given_bytes(malloc_usable_size(memory));
}

/* ------------------------------------------------------------------ the reserve */

/* With the lock. True when it is whole. */
static bool find_reserve(void)
{
	bool is_whole = true;
	for (int i = 0; i < reserve_pieces; i++) {
		if (reserve[i] == NULL)
			reserve[i] = malloc(reserve_piece_size);
		is_whole &= reserve[i] != NULL;
	}
	return is_whole;
}

void memory_keep_reserve(void)
{
	pthread_mutex_lock(&reserve_lock);
	has_reserve = true;
	atomic_store(&is_scarce, !find_reserve());
	pthread_mutex_unlock(&reserve_lock);
}

/* With the lock. One piece of it. */
static bool give_reserve(void)
{
	int i = 0;
	while (i < reserve_pieces && reserve[i] == NULL)
		i++;
	if (i == reserve_pieces)
		return false;
	free(reserve[i]);
	reserve[i] = NULL;
	if (!atomic_exchange(&is_scarce, true))
		log_warning("memory", "Memory is short: statements that need more of it fail");
	return true;
}

bool memory_yield_reserve(void)
{
	pthread_mutex_lock(&reserve_lock);
	bool had_one = give_reserve();
	pthread_mutex_unlock(&reserve_lock);
	mark(MEMORY_REFUSED, 0);
	return had_one;
}

static void fill_reserve(void)
{
	if (!atomic_load_explicit(&is_scarce, memory_order_relaxed) || !has_reserve)
		return;
	allocator_give_back();
	pthread_mutex_lock(&reserve_lock);
	if (find_reserve() && atomic_exchange(&is_scarce, false))
		log_note("memory", "Memory is there again");
	pthread_mutex_unlock(&reserve_lock);
}

static void die_without(size_t size)
{
	fprintf(stderr, "out of memory: %zu bytes were refused\n", size);
	abort();
}

/* The system refused. Others may have given up a piece of the reserve since. */
static void *take_from_reserve(void *memory, size_t size)
{
	pthread_mutex_lock(&reserve_lock);
	void *taken = realloc(memory, size);
	while (taken == NULL && give_reserve())
		taken = realloc(memory, size);
	pthread_mutex_unlock(&reserve_lock);
	if (taken == NULL)
		die_without(size);
	mark(MEMORY_REFUSED, size);
	return taken;
}

/* ------------------------------------------------------------------ taking and freeing */

void *memory_alloc(size_t size)
{
	if (is_refused_by_test())
		mark(MEMORY_REFUSED, size);
	size = size ? size : 1;
	void *memory = malloc(size);
	return counted(memory ? memory : take_from_reserve(NULL, size), size);
}

void *memory_zalloc(size_t size)
{
	if (is_refused_by_test())
		mark(MEMORY_REFUSED, size);
	size = size ? size : 1;
	void *memory = calloc(1, size);
	if (memory == NULL)
		memory = memset(take_from_reserve(NULL, size), 0, size);
	return counted(memory, size);
}

void *memory_realloc(void *memory, size_t size)
{
	if (is_refused_by_test())
		mark(MEMORY_REFUSED, size);
	size = size ? size : 1;
	if (memory)
		count_given(memory);
	void *fresh = realloc(memory, size);
	return counted(fresh ? fresh : take_from_reserve(memory, size), size);
}

/* A statement that is marked fails: it needs no more. */
static bool is_hopeless(void)
{
	return memory_gave_out() || is_refused_by_test();
}

void *memory_try_alloc(size_t size)
{
	void *memory = is_hopeless() ? NULL : malloc(size ? size : 1);
	if (memory == NULL)
		mark(MEMORY_REFUSED, size);
	return counted(memory, size);
}

void *memory_try_realloc(void *memory, size_t size)
{
	int64_t used = account.used;
	if (memory)
		count_given(memory);
	void *fresh = is_hopeless() ? NULL : realloc(memory, size ? size : 1);
	if (fresh)
		return counted(fresh, size);
	account.used = used;
	mark(MEMORY_REFUSED, size);
	return NULL;
}

/* Twice the size is refused sooner than what is really needed, and that is not needed for long. */
void *memory_grow(void *items, size_t item_size, size_t count, size_t *capacity)
{
	size_t doubled = *capacity * 2 > count ? *capacity * 2 : count;
	void *grown = memory_try_realloc(items, doubled * item_size);
	*capacity = grown ? doubled : count + slack_size / item_size;
	return grown ? grown : memory_realloc(items, *capacity * item_size);
}

/* ------------------------------------------------------------------ whole pages */

static void *map(void *memory, size_t old_size, size_t size)
{
	void *mapped = memory ? mremap(memory, old_size, size, MREMAP_MAYMOVE)
			      : mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return mapped == MAP_FAILED ? NULL : mapped;
}

static void *map_from_reserve(void *memory, size_t old_size, size_t size)
{
	pthread_mutex_lock(&reserve_lock);
	void *mapped = map(memory, old_size, size);
	while (mapped == NULL && give_reserve()) {
		allocator_give_back();
		mapped = map(memory, old_size, size);
	}
	pthread_mutex_unlock(&reserve_lock);
	if (mapped == NULL)
		die_without(size);
	mark(MEMORY_REFUSED, size);
	return mapped;
}

static size_t whole_pages(size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	return (size + page - 1) / page * page;
}

void *memory_try_map(void *memory, size_t old_size, size_t *size)
{
	size_t rounded = whole_pages(*size);
	void *mapped = is_hopeless() ? NULL : map(memory, old_size, rounded);
	if (mapped == NULL) {
		mark(MEMORY_REFUSED, rounded);
		return NULL;
	}
	count_given_bytes(old_size);
	count_taken_bytes(rounded);
	*size = rounded;
	return mapped;
}

void *memory_map(void *memory, size_t old_size, size_t *size)
{
	if (is_refused_by_test())
		mark(MEMORY_REFUSED, *size);
	*size = whole_pages(*size);
	void *mapped = map(memory, old_size, *size);
	if (mapped == NULL)
		mapped = map_from_reserve(memory, old_size, *size);
	count_given_bytes(old_size);
	count_taken_bytes(*size);
	return mapped;
}

void memory_unmap(void *memory, size_t size)
{
	if (memory == NULL)
		return;
	count_given_bytes(size);
	munmap(memory, size);
}

bool memory_has(size_t size)
{
	if (size < certain_size)
		return true;
	void *memory = memory_try_alloc(size);
	memory_free(memory);
	return memory != NULL;
}

void *memory_copy(const void *data, size_t size)
{
	void *copy = memory_alloc(size);
	if (size)
		memcpy(copy, data, size);
	return copy;
}

char *memory_copy_string(const char *text)
{
	return text ? memory_copy(text, strlen(text) + 1) : NULL;
}

void memory_free(void *memory)
{
	if (memory == NULL)
		return;
	count_given(memory);
	free(memory);
}

void *memory_alloc_shared(size_t size)
{
	void *memory = malloc(size ? size : 1);
	return memory ? memory : take_from_reserve(NULL, size);
}

void memory_free_shared(void *memory)
{
	free(memory);
}

/* ------------------------------------------------------------------ statements */

void memory_begin_statement(const struct memory_limits *limits)
{
	fill_reserve();
	account.limits = limits ? *limits : (struct memory_limits){UINT64_MAX, UINT64_MAX, 0};
	account.taken_while_scarce = 0;
	account.told = memory_mark = MEMORY_PLENTY;
	account.in_statement = true;
	check_limits();
}

enum memory_trouble memory_end_statement(void)
{
	enum memory_trouble told = account.told;
	memory_mark = MEMORY_PLENTY;
	account.told = MEMORY_PLENTY;
	account.in_statement = false;
	if (account.limits.chunk)
		report(account.used);
	fill_reserve();
	return told;
}

void memory_end_thread(void)
{
	report(0);
	account = (struct account){0};
	memory_mark = MEMORY_PLENTY;
}

int64_t memory_hand_over(void)
{
	int64_t used = account.used;
	memory_end_thread();
	return used;
}

void memory_take_over(int64_t size)
{
	account.used += size;
	if (account.in_statement)
		check_limits();
}

uint64_t memory_used_by_all(void)
{
	int64_t used = atomic_load_explicit(&used_by_all, memory_order_relaxed);
	return used > 0 ? (uint64_t)used : 0;
}

int memory_fail(struct diag *diag)
{
	unsigned long long needed = account.needed;
	account.told = memory_mark;
	if (memory_mark == MEMORY_OVER_LIMIT)
		return diag_set(diag, ER_CONN_LIMIT, (unsigned long long)account.limits.connection, needed);
	if (memory_mark == MEMORY_OVER_LIMIT_OF_ALL)
		return diag_set(diag, ER_GLOBAL_CONN_LIMIT, (unsigned long long)account.limits.all, needed);
	return diag_set(diag, ER_OUTOFMEMORY, needed > INT32_MAX ? INT32_MAX : (int)needed);
}
