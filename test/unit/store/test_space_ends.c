/* Where spaces end: what is believed absent without being looked for is absent, whoever writes at the same time. */
#include <pthread.h>
#include <string.h>

#include "store/bulk/ingest.h"
#include "store/space_ends.h"
#include "store_fixture.h"

enum { SPACE = STORE_SPACE_USER_MIN, ROUNDS = 3000, THREADS = 3 };

static struct bytes number_key(uint32_t space, uint32_t number)
{
	char name[16];
	sprintf(name, "%08u", number);
	return key_in(space, name);
}

static void assert_nothing_behind(struct space_ends *ends, struct bytes key, bool expected)
{
	assert_int_equal(space_ends_is_behind(ends, key), expected);
}

static void follow(struct space_ends *ends, uint32_t space, const char *last)
{
	assert_true(space_ends_follow(ends, key_in(space, "a")));
	space_ends_tell_last(ends, key_in(space, last));
}

static void test_only_keys_behind_the_end_are_absent(void **state)
{
	struct space_ends ends = {0};
	(void)state;
	space_ends_init(&ends);
	assert_nothing_behind(&ends, key_in(SPACE, "zzz"), false); /* nobody follows it */
	follow(&ends, SPACE, "m");
	assert_nothing_behind(&ends, key_in(SPACE, "l"), false);
	assert_nothing_behind(&ends, key_in(SPACE, "m"), false);
	assert_nothing_behind(&ends, key_in(SPACE, "ma"), true);
	assert_nothing_behind(&ends, key_in(SPACE + 1, "z"), false);
	space_ends_rise(&ends, key_in(SPACE, "nnnnnnnnnn"));
	assert_nothing_behind(&ends, key_in(SPACE, "n"), false);
	assert_nothing_behind(&ends, key_in(SPACE, "nnnnnnnnzz"), false); /* eight bytes tell nothing of the rest */
	assert_nothing_behind(&ends, key_in(SPACE, "nnnnnnno"), true);
	space_ends_deinit(&ends);
}

static void test_an_end_is_not_looked_for_while_something_is_written(void **state)
{
	struct space_ends ends = {0};
	(void)state;
	space_ends_init(&ends);
	space_ends_begin_write(&ends);
	assert_false(space_ends_follow(&ends, key_in(SPACE, "a")));
	space_ends_rise(&ends, key_in(SPACE, "x"));
	space_ends_end_write(&ends);
	assert_nothing_behind(&ends, key_in(SPACE, "z"), false);
	follow(&ends, SPACE, "c"); /* as one sees it who did not see that write */
	assert_nothing_behind(&ends, key_in(SPACE, "d"), false);
	assert_nothing_behind(&ends, key_in(SPACE, "y"), true);
	assert_false(space_ends_follow(&ends, key_in(SPACE, "a"))); /* it is known */
	space_ends_deinit(&ends);
}

static void test_a_slot_is_its_first_owners_until_that_is_dropped(void **state)
{
	struct space_ends ends = {0};
	uint32_t other = SPACE + space_ends_slots;
	(void)state;
	space_ends_init(&ends);
	follow(&ends, SPACE, "m");
	assert_false(space_ends_follow(&ends, key_in(other, "a")));
	assert_nothing_behind(&ends, key_in(other, "z"), false);
	space_ends_forget(&ends, other);
	assert_nothing_behind(&ends, key_in(SPACE, "z"), true);
	assert_true(space_ends_follow(&ends, key_in(SPACE + 1, "a")));
	space_ends_forget(&ends, SPACE);
	assert_true(space_ends_follow(&ends, key_in(other, "a")));
	space_ends_tell_last(&ends, key_in(SPACE, "m")); /* somebody was looking for it when it was dropped */
	assert_nothing_behind(&ends, key_in(other, "z"), false);
	space_ends_tell_last(&ends, key_in(other, "b"));
	assert_nothing_behind(&ends, key_in(other, "z"), true);
	space_ends_deinit(&ends);
}

/* Each way in which keys come into the store, behind an end that is known. */
static void test_what_is_written_behind_the_end_is_found(void **state)
{
	char *directory = make_directory();
	struct store *store = open_store(directory);
	struct diag diag = DIAG_INIT;
	(void)state;
	put_and_commit(store, number_key(SPACE, 1), "first");
	assert_committed(store, number_key(SPACE, 2), NULL);
	assert_committed(store, number_key(SPACE, 2), NULL);
	put_and_commit(store, number_key(SPACE, 2), "by commit");
	assert_committed(store, number_key(SPACE, 2), "by commit");
	assert_int_equal(store_put(store, number_key(SPACE, 3), bytes_of_string("by put"), &diag), 0);
	assert_committed(store, number_key(SPACE, 3), "by put");
	assert_committed(store, number_key(SPACE, 4), NULL);
	struct store_ingest *ingest = store_ingest_begin(store);
	assert_int_equal(store_ingest_put(ingest, number_key(SPACE, 4), bytes_of_string("by file"), &diag), 0);
	assert_int_equal(store_ingest_finish(&ingest, 1, &diag), 0);
	store_ingest_end(&ingest);
	assert_committed(store, number_key(SPACE, 4), "by file");
	assert_int_equal(store_drop_spaces(store, &(uint32_t){SPACE}, 1, &diag), 0);
	assert_committed(store, number_key(SPACE, 1), NULL);
	put_and_commit(store, number_key(SPACE, 1), "again");
	assert_committed(store, number_key(SPACE, 1), "again");
	store_close(&store);
	remove_directory(directory);
}

struct writer {
	struct store *store;
	atomic_uint *next;
};

/* Looks for the next key, which is not there, writes it, and finds it. Each round begins a space that nobody followed. */
static void *write_at_the_end(void *argument)
{
	struct writer *writer = argument;
	for (;;) {
		uint32_t number = atomic_fetch_add(writer->next, 1);
		if (number >= ROUNDS)
			return NULL;
		uint32_t space = SPACE + number / 10;
		assert_committed(writer->store, number_key(space, number), NULL);
		put_and_commit(writer->store, number_key(space, number), "here");
		assert_committed(writer->store, number_key(space, number), "here");
	}
}

static void test_writers_at_the_end_find_what_they_wrote(void **state)
{
	struct store *store = open_store(NULL);
	atomic_uint next = 0;
	struct writer writer = {store, &next};
	pthread_t threads[THREADS];
	(void)state;
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, write_at_the_end, &writer), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (uint32_t number = 0; number < ROUNDS; number++)
		assert_committed(store, number_key(SPACE + number / 10, number), "here");
	store_close(&store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_keys_behind_the_end_are_absent),
		cmocka_unit_test(test_an_end_is_not_looked_for_while_something_is_written),
		cmocka_unit_test(test_a_slot_is_its_first_owners_until_that_is_dropped),
		cmocka_unit_test(test_what_is_written_behind_the_end_is_found),
		cmocka_unit_test(test_writers_at_the_end_find_what_they_wrote),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
