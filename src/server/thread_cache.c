#include "server/thread_cache.h"

#include "base/log.h"
#include "base/memory.h"
#include "base/thread.h"
#include "base/waiter.h"
#include "session/status.h"
#include "session/variables.h"
#include "store/store.h"

/* One that waits for a thing; on its thread's stack. */
struct waiting {
	struct waiting *next;
	struct waiter word; /* once it is out of the list, enum word */
	void *thing;        /* with THING_GIVEN */
};

enum word { THING_GIVEN = WAITER_WORD_MIN, CACHE_IS_ENDING };

struct thread_cache {
	/* immutable */
	struct server *server;
	const char *thread_name;
	void (*serve)(void *thing);

	struct lock lock;
	struct condition gone;   /* a thread ended */
	struct waiting *waiting; /* guarded by lock: who came last is first, for the processor's caches know it best */
	unsigned waiting_count;  /* guarded by lock */
	unsigned thread_count;   /* guarded by lock */
	bool is_ending;          /* guarded by lock */
};

/* What a new thread begins with. */
struct beginning {
	struct thread_cache *cache;
	void *thing;
};

struct thread_cache *thread_cache_create(struct server *server, const char *thread_name, void (*serve)(void *thing))
{
	struct thread_cache *cache = memory_zalloc(sizeof *cache);
	cache->server = server;
	cache->thread_name = thread_name;
	cache->serve = serve;
	lock_init(&cache->lock, "thread cache", LOCK_RANK_LEAF);
	condition_init(&cache->gone);
	return cache;
}

/* The next thing, or NULL: there is none for this thread. */
static void *wait_for_next(struct thread_cache *cache)
{
	struct waiting me = {0};
	uint64_t most = global_number(cache->server, "thread_cache_size");
	waiter_reset(&me.word);
	lock_take(&cache->lock);
	bool waits = !cache->is_ending && cache->waiting_count < most;
	if (waits) {
		me.next = cache->waiting;
		cache->waiting = &me;
		cache->waiting_count++;
		status_count_server(cache->server, SERVER_THREADS_CACHED, 1);
	}
	lock_release(&cache->lock);
	return waits && waiter_wait(&me.word) == THING_GIVEN ? me.thing : NULL;
}

static void *run(void *argument)
{
	struct beginning *beginning = argument;
	struct thread_cache *cache = beginning->cache;
	void *thing = beginning->thing;
	memory_free(beginning);
	store_begin_thread();
	for (; thing; thing = wait_for_next(cache)) {
		cache->serve(thing);
		log_set_thread_id(0);
	}
	lock_take(&cache->lock);
	cache->thread_count--;
	condition_broadcast(&cache->gone);
	lock_release(&cache->lock);
	return NULL;
}

/* False when nobody waits. */
static bool give_to_waiting(struct thread_cache *cache, void *thing)
{
	lock_take(&cache->lock);
	struct waiting *taken = cache->waiting;
	if (taken) {
		cache->waiting = taken->next;
		cache->waiting_count--;
		status_count_server(cache->server, SERVER_THREADS_CACHED, (uint64_t)-1);
	}
	lock_release(&cache->lock);
	/* Woken without the lock, which it would only meet again. */
	if (taken) {
		taken->thing = thing;
		waiter_wake(&taken->word, THING_GIVEN);
	}
	return taken != NULL;
}

static void count_thread(struct thread_cache *cache, int by)
{
	lock_take(&cache->lock);
	cache->thread_count += (unsigned)by;
	lock_release(&cache->lock);
}

int thread_cache_serve(struct thread_cache *cache, void *thing, struct diag *diag)
{
	if (give_to_waiting(cache, thing))
		return 0;
	struct beginning *beginning = memory_alloc(sizeof *beginning);
	*beginning = (struct beginning){cache, thing};
	pthread_t thread;
	count_thread(cache, 1);
	if (thread_start(&thread, cache->thread_name, run, beginning, diag) != 0) {
		count_thread(cache, -1);
		memory_free(beginning);
		return -1;
	}
	status_count_server(cache->server, SERVER_THREADS_CREATED, 1);
	pthread_detach(thread);
	return 0;
}

void thread_cache_destroy(struct thread_cache **cache_pointer)
{
	struct thread_cache *cache = *cache_pointer;
	lock_take(&cache->lock);
	cache->is_ending = true;
	for (struct waiting *waiting = cache->waiting, *next; waiting; waiting = next) {
		next = waiting->next;
		waiter_wake(&waiting->word, CACHE_IS_ENDING);
	}
	cache->waiting = NULL;
	while (cache->thread_count > 0)
		condition_wait(&cache->gone, &cache->lock);
	lock_release(&cache->lock);
	condition_deinit(&cache->gone);
	lock_deinit(&cache->lock);
	memory_free(cache);
	*cache_pointer = NULL;
}
