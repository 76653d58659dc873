/*
 * The schedule against a model that remembers everything, by random histories: two transactions that meet are never in
 * batches of which the later could begin before the earlier is committed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "applier/schedule.h"

enum { TRANSACTIONS = 2000, KEYS_MAX = 6, HISTORIES = 400 };

struct transaction {
	struct schedule_key keys[KEYS_MAX];
	size_t count;
	uint64_t batch;
};

static uint64_t seed;

static unsigned below(unsigned limit)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % limit;
}

static bool meet(const struct transaction *a, const struct transaction *b)
{
	for (size_t i = 0; i < a->count; i++)
		for (size_t j = 0; j < b->count; j++)
			if (a->keys[i].hash == b->keys[j].hash && !(a->keys[i].is_shared && b->keys[j].is_shared))
				return true;
	return false;
}

static void make_keys(struct transaction *transaction, unsigned key_space, unsigned shared_percent)
{
	transaction->count = 1 + below(KEYS_MAX);
	for (size_t i = 0; i < transaction->count; i++)
		transaction->keys[i] = (struct schedule_key){
			.hash = below(key_space) * 0x9e3779b97f4a7c15u,
			.is_shared = below(100) < shared_percent,
		};
}

/* What the schedule must answer, from all transactions before; only uncommitted batches count. */
static struct schedule_answer expected_answer(const struct transaction *all, size_t index, uint64_t number,
					      uint64_t committed)
{
	struct schedule_answer answer = {0};
	for (size_t i = 0; i < index; i++) {
		if (all[i].batch <= committed || !meet(&all[i], &all[index]))
			continue;
		if (all[i].batch == number)
			answer.meets_own = true;
		else if (all[i].batch > answer.wait_for)
			answer.wait_for = all[i].batch;
	}
	return answer;
}

static void play(unsigned key_space, unsigned shared_percent, size_t transactions)
{
	static struct transaction all[TRANSACTIONS];
	struct schedule schedule;
	uint64_t number = 1, committed = 0;
	schedule_init(&schedule);
	for (size_t i = 0; i < transactions; i++) {
		struct transaction *transaction = &all[i];
		make_keys(transaction, key_space, shared_percent);
		number += below(3) == 0;
		committed += below(4) == 0 && committed + 1 < number;
		struct schedule_answer answer =
			schedule_ask(&schedule, transaction->keys, transaction->count, number);
		struct schedule_answer expected = expected_answer(all, i, number, committed);
		if (answer.wait_for <= committed)
			answer.wait_for = 0; /* that one is committed: nobody waits */
		assert_int_equal(answer.meets_own, expected.meets_own);
		/* A batch waits for all that its transactions meet; so this one does not have to be told again. */
		uint64_t batch_waits = expected.wait_for;
		for (size_t j = i; j-- > 0 && all[j].batch == number;) {
			struct schedule_answer other = expected_answer(all, j, number, committed);
			if (other.wait_for >= batch_waits)
				answer.wait_for = answer.wait_for < batch_waits ? batch_waits : answer.wait_for;
		}
		assert_int_equal(answer.wait_for, expected.wait_for);
		transaction->batch = number;
		schedule_note(&schedule, transaction->keys, transaction->count, number, committed);
	}
	schedule_deinit(&schedule);
}

static void test_random_histories(void **state)
{
	(void)state;
	for (unsigned i = 0; i < HISTORIES; i++) {
		seed = i + 1;
		play(1 + below(60), below(100), 200);
	}
}

static void test_many_keys_are_forgotten_when_committed(void **state)
{
	struct schedule schedule;
	(void)state;
	schedule_init(&schedule);
	for (uint64_t number = 1; number < 200000; number++) {
		struct schedule_key keys[4];
		for (unsigned i = 0; i < 4; i++)
			keys[i] = (struct schedule_key){.hash = (number * 4 + i) * 0x9e3779b97f4a7c15u};
		struct schedule_answer answer = schedule_ask(&schedule, keys, 4, number);
		assert_int_equal(answer.wait_for, 0);
		schedule_note(&schedule, keys, 4, number, number > 100 ? number - 100 : 0);
	}
	assert_in_range(schedule.capacity, 1, 8192);
	schedule_clear(&schedule);
	assert_int_equal(schedule_ask(&schedule, &(struct schedule_key){.hash = 1}, 1, 200001).wait_for, 0);
	schedule_deinit(&schedule);
}

static struct schedule_answer add(struct schedule *schedule, uint64_t hash, bool is_shared, uint64_t number)
{
	struct schedule_key key = {hash, is_shared};
	struct schedule_answer answer = schedule_ask(schedule, &key, 1, number);
	schedule_note(schedule, &key, 1, number, 0);
	return answer;
}

static void test_readers_wait_for_writers_and_the_other_way_round(void **state)
{
	struct schedule schedule;
	(void)state;
	schedule_init(&schedule);
	assert_int_equal(add(&schedule, 5, false, 1).wait_for, 0);
	assert_int_equal(add(&schedule, 5, true, 2).wait_for, 1);
	assert_int_equal(add(&schedule, 5, true, 3).wait_for, 1);
	/* One that shares the key in its own batch does not hide the one of the batch before. */
	assert_int_equal(add(&schedule, 5, true, 4).wait_for, 1);
	struct schedule_answer answer = add(&schedule, 5, false, 4);
	assert_int_equal(answer.wait_for, 3);
	assert_true(answer.meets_own);
	assert_int_equal(add(&schedule, 5, true, 5).wait_for, 4);
	schedule_deinit(&schedule);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_histories),
		cmocka_unit_test(test_many_keys_are_forgotten_when_committed),
		cmocka_unit_test(test_readers_wait_for_writers_and_the_other_way_round),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
