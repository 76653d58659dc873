/* What a fault point does when it is asked to. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"

static FAULT_REGISTERED struct file_write_faults write_faults = FILE_WRITE_FAULTS("test_file");
static FAULT_REGISTERED struct file_replace_faults replace_faults = FILE_REPLACE_FAULTS("test_replace");
static FAULT_REGISTERED struct file_sync_faults sync_faults = FILE_SYNC_FAULTS("test_replace");

static void set(const char *text)
{
	struct diag diag = DIAG_INIT;
	assert_int_equal(fault_set(text, &diag), 0);
}

static bool pass_one(void)
{
	errno = 0;
	return FAULT_POINT("test.one");
}

static bool pass_two(void)
{
	return FAULT_POINT("test.two");
}

static void nothing_happens_unasked(void **state)
{
	assert_false(fault_any_set);
	assert_false(pass_one());
	set("test.two=error");
	assert_true(fault_any_set);
	assert_false(pass_one());
	set("");
	assert_false(fault_any_set);
}

static void it_fails_with_the_wanted_errno(void **state)
{
	set("test.one=error");
	assert_true(pass_one());
	assert_int_equal(errno, EIO);
	set("test.one=error:ENOSPC,test.two=error");
	assert_true(pass_one());
	assert_int_equal(errno, ENOSPC);
	assert_true(pass_two());
	set("");
	assert_false(pass_two());
}

static void it_counts_from_when_it_was_set(void **state)
{
	for (int round = 0; round < 2; round++) {
		set("test.one=error@3");
		assert_false(pass_one());
		assert_false(pass_one());
		assert_true(pass_one());
		assert_false(pass_one());
	}
	set("");
}

static long passes_of(const char *name)
{
	for (size_t i = 0; i < fault_count(); i++)
		if (strcmp(fault_get(i).name, name) == 0)
			return fault_get(i).passed;
	return -1;
}

static void it_can_be_counted_alone(void **state)
{
	set("test.two=count");
	pass_one();
	assert_false(pass_two());
	assert_false(pass_two());
	assert_int_equal(passes_of("test.one"), 1);
	assert_int_equal(passes_of("test.two"), 2);
	set("");
	assert_int_equal(passes_of("test.two"), 0);
}

static void a_star_names_many(void **state)
{
	set("test.*=error");
	assert_true(pass_one());
	assert_true(pass_two());
	/* Of two settings of a name the first counts. */
	set("test.one=sleep:1,test.*=error");
	assert_false(pass_one());
	assert_true(pass_two());
	set("");
}

static void what_is_not_understood_changes_nothing(void **state)
{
	static const char *const texts[] = {"test.three=crash", "test.one", "test.one=die", "test.one=error:EWHAT",
					    "test.one=crash:EIO", "test.one=sleep", "test.one=error@0", "test.one=error@x"};
	set("test.two=error");
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct diag diag = DIAG_INIT;
		assert_int_equal(fault_set(texts[i], &diag), -1);
		assert_int_equal(diag.code, ER_WRONG_VALUE_FOR_VAR);
		assert_true(pass_two());
	}
	set("");
}

/* Runs body in a child process; returns its exit code. */
static int exit_code_of(void (*body)(void))
{
	int status;
	fflush(NULL);
	pid_t child = fork();
	if (child == 0) {
		body();
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void pass_twice(void)
{
	pass_one();
	if (!pass_one())
		_exit(1);
}

static void a_crash_is_the_end(void **state)
{
	set("test.one=crash@2");
	assert_int_equal(exit_code_of(pass_twice), 137);
	set("");
}

/* ------------------------------------------------------------------------------------------------------- writing */

static char folder[] = "/tmp/gemel-fault-XXXXXX", path[64], temporary[64];

static int make_folder(void **state)
{
	snprintf(path, sizeof path, "%s/file", mkdtemp(folder));
	snprintf(temporary, sizeof temporary, "%s/file_tmp", folder);
	return 0;
}

static int remove_folder(void **state)
{
	unlink(path);
	return rmdir(folder);
}

static int write_ten(void)
{
	int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0600);
	int result = file_write(fd, bytes_of_string("0123456789"), 0, &write_faults);
	int error = errno;
	close(fd);
	errno = error;
	return result;
}

static void assert_content(const char *wanted)
{
	char content[32] = "";
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	size_t size = fread(content, 1, sizeof content - 1, file);
	fclose(file);
	assert_int_equal(size, strlen(wanted));
	assert_string_equal(content, wanted);
}

static void a_write_fails_or_stops_half_way(void **state)
{
	set("test_file.write=error:EROFS");
	assert_int_equal(write_ten(), -1);
	assert_int_equal(errno, EROFS);
	assert_content("");
	set("test_file.write=short");
	assert_int_equal(write_ten(), -1);
	assert_int_equal(errno, ENOSPC);
	assert_content("01234");
	set("test_file.write=short@1,test_file.after_write=error");
	assert_int_equal(write_ten(), -1);
	assert_int_equal(errno, ENOSPC);
	set("");
	assert_int_equal(write_ten(), 0);
	assert_content("0123456789");
}

static void write_ten_and_no_more(void)
{
	write_ten();
}

static void a_torn_write_is_the_end(void **state)
{
	set("test_file.write=torn");
	assert_int_equal(exit_code_of(write_ten_and_no_more), 137);
	assert_content("01234");
	set("");
}

static int replace(const char *content)
{
	return file_replace(path, temporary, bytes_of_string(content), &replace_faults, &sync_faults);
}

/* Whatever fails, the file is the old or the new one, and nothing lies beside it. */
static void a_file_is_replaced_as_a_whole(void **state)
{
	static const char *const steps[] = {"write=short", "after_write=error", "sync=error", "after_sync=error",
					    "rename=error"};
	assert_int_equal(replace("old"), 0);
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		char fault[64];
		snprintf(fault, sizeof fault, "test_replace.%s", steps[i]);
		set(fault);
		assert_int_equal(replace("new content"), -1);
		assert_content("old");
		assert_int_equal(access(temporary, F_OK), -1);
	}
	set("");
	assert_int_equal(replace("new content"), 0);
	assert_content("new content");
}

/* ------------------------------------------------------------------------------------------------------ the list */

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void every_name_is_of_one_point(void **state)
{
	size_t count = fault_count();
	assert_true(count >= 10); /* this file's */
	const char **names = calloc(count, sizeof *names);
	for (size_t i = 0; i < count; i++)
		names[i] = fault_get(i).name;
	qsort(names, count, sizeof *names, by_name);
	for (size_t i = 1; i < count; i++)
		assert_string_not_equal(names[i - 1], names[i]);
	free(names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_happens_unasked),
		cmocka_unit_test(it_fails_with_the_wanted_errno),
		cmocka_unit_test(it_counts_from_when_it_was_set),
		cmocka_unit_test(it_can_be_counted_alone),
		cmocka_unit_test(a_star_names_many),
		cmocka_unit_test(what_is_not_understood_changes_nothing),
		cmocka_unit_test(a_crash_is_the_end),
		cmocka_unit_test(a_write_fails_or_stops_half_way),
		cmocka_unit_test(a_torn_write_is_the_end),
		cmocka_unit_test(a_file_is_replaced_as_a_whole),
		cmocka_unit_test(every_name_is_of_one_point),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
