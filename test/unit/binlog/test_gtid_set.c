/* GTID sets: their text and bytes, and the algebra against a naive set of bits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "binlog/gtid.h"

#define A "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa"
#define B "bbbbbbbb-bbbb-bbbb-bbbb-bbbbbbbbbbbb"

static void parse(struct gtid_set *set, const char *text)
{
	struct diag diag = DIAG_INIT;
	gtid_set_init(set);
	assert_int_equal(gtid_set_parse(set, bytes_of_string(text), &diag), 0);
}

static void assert_prints(const struct gtid_set *set, const char *wanted)
{
	struct buf text;
	buf_init(&text);
	gtid_set_print(set, ",\n", &text);
	assert_string_equal(buf_cstring(&text), wanted);
	buf_deinit(&text);
}

static void assert_reads_as(const char *text, const char *wanted)
{
	struct gtid_set set;
	parse(&set, text);
	assert_prints(&set, wanted);
	gtid_set_deinit(&set);
}

static void reads_what_mysql_reads(void **state)
{
	(void)state;
	assert_reads_as("", "");
	assert_reads_as(" \n,, ", "");
	assert_reads_as(A ":1", A ":1");
	assert_reads_as(A ":1-5:7", A ":1-5:7");
	assert_reads_as("  " A " : 1 - 5 : 7 ,\n " B ":3 ,", A ":1-5:7,\n" B ":3");
	assert_reads_as(B ":3," A ":2", A ":2,\n" B ":3");
	assert_reads_as(A ":5:4:1-2:3", A ":1-5");
	assert_reads_as(A ":1-3:2-9", A ":1-9");
	assert_reads_as("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA:4", A ":4");
	assert_reads_as("{" A "}:4", A ":4");
	assert_reads_as(A ":5-4", "");
	assert_reads_as(A ":9223372036854775806", A ":9223372036854775806");
}

static void refuses_what_is_no_set(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"x", A, A ":", A ":0", A ":-1", A ":1-", A ":1 2", A ":1;" B ":1", A ":9223372036854775807",
		A ":99999999999999999999", "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaa:1", A ":1:x", "g" A ":1", A ":1-2-3",
		"aaaaaaaa:aaaa-aaaa-aaaa-aaaaaaaaaaaa:1",
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct gtid_set set;
		struct diag diag = DIAG_INIT;
		gtid_set_init(&set);
		assert_int_equal(gtid_set_parse(&set, bytes_of_string(bad[i]), &diag), -1);
		assert_int_equal(diag.code, ER_MALFORMED_GTID_SET_SPECIFICATION);
		gtid_set_deinit(&set);
	}
}

static void one_gtid_as_text(void **state)
{
	(void)state;
	struct gtid gtid;
	char text[gtid_text_size + 1];
	assert_true(gtid_parse(bytes_of_string(" " A " : 12 "), &gtid));
	gtid_print(&gtid, text);
	assert_string_equal(text, A ":12");
	assert_false(gtid_parse(bytes_of_string(A ":0"), &gtid));
	assert_false(gtid_parse(bytes_of_string(A ":"), &gtid));
	assert_false(gtid_parse(bytes_of_string(A ":1-2"), &gtid));
	assert_false(gtid_parse(bytes_of_string(""), &gtid));
	assert_false(gtid_parse(bytes_of_string(A ":9223372036854775807"), &gtid));
}

static void finds_the_next_number(void **state)
{
	(void)state;
	struct gtid_set set;
	uint8_t a[uuid_size], b[uuid_size];
	assert_true(uuid_parse(bytes_of_string(A), a) && uuid_parse(bytes_of_string(B), b));
	parse(&set, A ":1-5:7," B ":2");
	assert_int_equal(gtid_set_next_gno(&set, a, 1), 6);
	assert_int_equal(gtid_set_next_gno(&set, a, 3), 6);
	assert_int_equal(gtid_set_next_gno(&set, a, 7), 8);
	assert_int_equal(gtid_set_next_gno(&set, a, 100), 100);
	assert_int_equal(gtid_set_next_gno(&set, b, 1), 1);
	assert_int_equal(gtid_set_next_gno(&set, b, 2), 3);
	assert_int_equal(gtid_set_last_gno(&set, a), 7);
	assert_int_equal(gtid_set_count(&set), 7);
	gtid_set_clear(&set);
	assert_int_equal(gtid_set_next_gno(&set, a, 1), 1);
	assert_int_equal(gtid_set_last_gno(&set, a), 0);
	gtid_set_deinit(&set);
}

static void bytes_are_mysqls(void **state)
{
	(void)state;
	struct gtid_set set, again;
	struct buf bytes;
	struct diag diag = DIAG_INIT;
	buf_init(&bytes);
	parse(&set, A ":1-5:7");
	gtid_set_encode(&set, &bytes);
	assert_int_equal(bytes.size, gtid_set_encoded_size(&set));
	assert_int_equal(bytes.size, 8 + 16 + 8 + 2 * 16);
	assert_int_equal(bytes_load_uint(bytes.data + 8 + 16 + 8 + 8, 8), 6); /* ends are exclusive */
	gtid_set_init(&again);
	assert_int_equal(gtid_set_decode(&again, buf_bytes(&bytes), &diag), 0);
	assert_true(gtid_set_equal(&set, &again));
	for (size_t size = 0; size < bytes.size; size++) {
		gtid_set_clear(&again);
		assert_int_equal(gtid_set_decode(&again, bytes_of(bytes.data, size), &diag), -1);
		assert_int_equal(diag.code, ER_MALFORMED_GTID_SET_ENCODING);
	}
	bytes.data[0] = 0xff; /* more sources than bytes */
	gtid_set_clear(&again);
	assert_int_equal(gtid_set_decode(&again, buf_bytes(&bytes), &diag), -1);
	gtid_set_deinit(&set);
	gtid_set_deinit(&again);
	buf_deinit(&bytes);
}

/* --------------------------------------------------------------- a set of bits: three servers, 64 numbers each */

enum { servers = 3, numbers = 64 };

struct naive {
	bool has[servers][numbers + 1];
};

static struct gtid gtid_of(unsigned server, int64_t gno)
{
	struct gtid gtid = {.gno = gno};
	memset(gtid.sid, (int)(0x11 * (3 - server)), uuid_size);
	return gtid;
}

static void assert_same(const struct gtid_set *set, const struct naive *naive)
{
	uint64_t count = 0;
	for (unsigned s = 0; s < servers; s++)
		for (int64_t n = 1; n <= numbers; n++) {
			struct gtid gtid = gtid_of(s, n);
			assert_int_equal(gtid_set_contains(set, &gtid), naive->has[s][n]);
			count += naive->has[s][n];
		}
	assert_int_equal(gtid_set_count(set), count);
	assert_int_equal(gtid_set_is_empty(set), count == 0);
	/* The form is normal: sorted, and no two intervals touch. */
	for (size_t i = 0; i < set->count; i++) {
		assert_true(set->sources[i].count > 0);
		assert_true(i == 0 || memcmp(set->sources[i - 1].sid, set->sources[i].sid, uuid_size) < 0);
		for (size_t j = 1; j < set->sources[i].count; j++)
			assert_true(set->sources[i].intervals[j - 1].last + 1 < set->sources[i].intervals[j].first);
	}
}

static void change_at_random(struct gtid_set *set, struct naive *naive)
{
	unsigned server = (unsigned)rand() % servers;
	int64_t first = 1 + rand() % numbers, last = first + rand() % 9;
	if (last > numbers)
		last = numbers;
	bool add = rand() % 3 != 0;
	struct gtid gtid = gtid_of(server, first);
	if (add)
		gtid_set_add_interval(set, gtid.sid, (struct gtid_interval){first, last});
	else
		gtid_set_remove_interval(set, gtid.sid, (struct gtid_interval){first, last});
	for (int64_t n = first; n <= last; n++)
		naive->has[server][n] = add;
}

static void assert_relations(const struct gtid_set *a, const struct naive *na, const struct gtid_set *b,
			     const struct naive *nb)
{
	bool subset = true, equal = true, intersects = false;
	for (unsigned s = 0; s < servers; s++)
		for (unsigned n = 1; n <= numbers; n++) {
			subset &= !na->has[s][n] || nb->has[s][n];
			equal &= na->has[s][n] == nb->has[s][n];
			intersects |= na->has[s][n] && nb->has[s][n];
		}
	assert_int_equal(gtid_set_is_subset(a, b), subset);
	assert_int_equal(gtid_set_equal(a, b), equal);
	assert_int_equal(gtid_set_intersects(a, b), intersects);
}

typedef void set_operation(struct gtid_set *set, const struct gtid_set *other);

static void assert_operation(set_operation *operation, int which, const struct gtid_set *a, const struct naive *na,
			     const struct gtid_set *b, const struct naive *nb)
{
	struct gtid_set result;
	struct naive wanted;
	gtid_set_init(&result);
	gtid_set_copy(a, &result);
	operation(&result, b);
	for (unsigned s = 0; s < servers; s++)
		for (unsigned n = 0; n <= numbers; n++)
			wanted.has[s][n] = which == 0   ? na->has[s][n] || nb->has[s][n]
					   : which == 1 ? na->has[s][n] && !nb->has[s][n]
							: na->has[s][n] && nb->has[s][n];
	assert_same(&result, &wanted);
	/* And it survives both of its forms. */
	struct buf form;
	struct gtid_set again;
	struct diag diag = DIAG_INIT;
	buf_init(&form);
	gtid_set_init(&again);
	gtid_set_print(&result, ",", &form);
	assert_int_equal(gtid_set_parse(&again, buf_bytes(&form), &diag), 0);
	assert_true(gtid_set_equal(&again, &result));
	buf_clear(&form);
	gtid_set_clear(&again);
	gtid_set_encode(&result, &form);
	assert_int_equal(gtid_set_decode(&again, buf_bytes(&form), &diag), 0);
	assert_true(gtid_set_equal(&again, &result));
	buf_deinit(&form);
	gtid_set_deinit(&again);
	gtid_set_deinit(&result);
}

static void behaves_like_a_set(void **state)
{
	(void)state;
	srand(1);
	for (unsigned round = 0; round < 60; round++) {
		struct gtid_set a, b;
		struct naive na = {0}, nb = {0};
		gtid_set_init(&a);
		gtid_set_init(&b);
		for (unsigned step = 0; step < 40; step++) {
			change_at_random(&a, &na);
			assert_same(&a, &na);
			if (step % 3 == 0)
				change_at_random(&b, &nb);
			assert_relations(&a, &na, &b, &nb);
			assert_relations(&b, &nb, &a, &na);
		}
		assert_operation(gtid_set_add_set, 0, &a, &na, &b, &nb);
		assert_operation(gtid_set_subtract, 1, &a, &na, &b, &nb);
		assert_operation(gtid_set_intersect, 2, &a, &na, &b, &nb);
		assert_operation(gtid_set_subtract, 1, &a, &na, &a, &na);
		gtid_set_deinit(&a);
		gtid_set_deinit(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_mysql_reads),
		cmocka_unit_test(refuses_what_is_no_set),
		cmocka_unit_test(one_gtid_as_text),
		cmocka_unit_test(finds_the_next_number),
		cmocka_unit_test(bytes_are_mysqls),
		cmocka_unit_test(behaves_like_a_set),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
