/* What a thread takes is counted, and its statement is told when that is too much. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/fault.h"
#include "base/memory.h"

static void set_faults(const char *text)
{
	struct diag diag = DIAG_INIT;
	assert_int_equal(fault_set(text, &diag), 0);
}

static unsigned told(void)
{
	struct diag diag = DIAG_INIT;
	return memory_check(&diag) == 0 ? 0 : diag.code;
}

static void a_refused_allocation_marks_the_statement(void **state)
{
	memory_begin_statement(NULL);
	set_faults("memory.statement=error@2");
	char *first = memory_alloc(10);
	assert_int_equal(told(), 0);
	char *second = memory_alloc(10); /* there is memory for it all the same */
	assert_int_equal(told(), ER_OUTOFMEMORY);
	assert_true(memory_gave_out());
	assert_null(memory_try_alloc(10)); /* it fails: no more is needed */
	assert_int_equal(memory_end_statement(), MEMORY_REFUSED);
	set_faults("");
	memory_begin_statement(NULL);
	assert_int_equal(told(), 0);
	assert_int_equal(memory_end_statement(), MEMORY_PLENTY);
	memory_free(first);
	memory_free(second);
}

static void outside_of_statements_nothing_is_marked(void **state)
{
	set_faults("memory.statement=error");
	memory_free(memory_alloc(10));
	assert_int_equal(told(), 0);
	set_faults("");
}

static void one_that_cannot_be_is_refused(void **state)
{
#ifdef __SANITIZE_ADDRESS__
	skip(); /* it would be reported */
#endif
	char *small = memory_alloc(100);
	memset(small, 7, 100);
	memory_begin_statement(NULL);
	assert_null(memory_try_realloc(small, (size_t)1 << 62));
	assert_int_equal(small[99], 7);
	assert_int_equal(told(), ER_OUTOFMEMORY);
	assert_false(memory_has((size_t)1 << 62));
	memory_end_statement();
	memory_free(small);
}

static void arrays_grow_by_what_is_there(void **state)
{
	struct buf buf;
	buf_init(&buf);
	memory_begin_statement(NULL);
	buf_put_zeros(&buf, 1000000);
	set_faults("memory.statement=error@1"); /* it cannot be doubled */
	buf_put_zeros(&buf, 500000);
	assert_true(buf.capacity < 2000000);
	assert_int_equal(buf.size, 1500000);
	assert_int_equal(told(), ER_OUTOFMEMORY);
	memory_end_statement();
	set_faults("");
	buf_deinit(&buf);
}

static void a_limit_holds_for_what_the_thread_has(void **state)
{
	struct memory_limits limits = {.connection = 2000000, .all = UINT64_MAX};
	void *kept = memory_alloc(1500000);
	memory_begin_statement(&limits);
	memory_free(memory_alloc(100000));
	assert_int_equal(told(), 0);
	void *more = memory_alloc(600000);
	struct diag diag = DIAG_INIT;
	assert_int_equal(memory_check(&diag), -1);
	assert_int_equal(diag.code, ER_CONN_LIMIT);
	memory_free(more);
	assert_int_equal(memory_end_statement(), MEMORY_OVER_LIMIT);
	memory_begin_statement(&limits);
	assert_int_equal(told(), 0);
	memory_end_statement();
	memory_free(kept);
}

static void *take_and_end(void *argument)
{
	struct memory_limits limits = {.connection = UINT64_MAX, .all = *(uint64_t *)argument, .chunk = 1000};
	memory_begin_statement(&limits);
	void *memory = memory_alloc(1000000);
	uintptr_t code = told();
	memory_free(memory);
	memory_end_statement();
	memory_end_thread();
	return (void *)code;
}

static unsigned in_a_thread(uint64_t all)
{
	pthread_t thread;
	void *code;
	assert_int_equal(pthread_create(&thread, NULL, take_and_end, &all), 0);
	pthread_join(thread, &code);
	return (unsigned)(uintptr_t)code;
}

static void threads_are_counted_together(void **state)
{
	struct memory_limits limits = {.connection = UINT64_MAX, .all = UINT64_MAX, .chunk = 1000};
	memory_begin_statement(&limits);
	void *memory = memory_alloc(3000000);
	assert_in_range(memory_used_by_all(), 3000000, 3200000);
	assert_int_equal(in_a_thread(5000000), 0);
	assert_int_equal(in_a_thread(3500000), ER_GLOBAL_CONN_LIMIT);
	memory_free(memory);
	memory_end_statement();
	memory_end_thread();
	assert_int_equal(memory_used_by_all(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_refused_allocation_marks_the_statement),
		cmocka_unit_test(outside_of_statements_nothing_is_marked),
		cmocka_unit_test(one_that_cannot_be_is_refused),
		cmocka_unit_test(arrays_grow_by_what_is_there),
		cmocka_unit_test(a_limit_holds_for_what_the_thread_has),
		cmocka_unit_test(threads_are_counted_together),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
