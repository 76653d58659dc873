/* The page cache by itself: what it answers as of which moment. Through the store: test_store_pages.c. */
#include "store/page/page_cache.h"

#include "store_fixture.h"

enum { SPACE = STORE_SPACE_USER_MIN, SIZE = 4 << 20 };

static struct bytes key(const char *name)
{
	return key_in(SPACE, name);
}

/* Each letter of rows is a key and its value. */
static bool fill_as_of(struct page_cache *cache, const char *low, const char *rows, const char *high, uint64_t as_of)
{
	struct page_builder builder = {0};
	uint64_t admitted = 0;
	for (const char *row = rows; *row; row++)
		page_builder_add(&builder, key((char[]){*row, 0}), bytes_of(row, 1));
	bool may_go_on = page_cache_fill(cache, &builder, PAGE_ASCENDING, key(low), key(high), as_of, &admitted);
	page_builder_deinit(&builder);
	return may_go_on;
}

/* The values of the page at the key as of the moment; "-": there is none. */
static void assert_page(struct page_cache *cache, const char *at, uint64_t as_of, const char *values)
{
	struct page_gap gap = {0};
	struct page *page = page_cache_find(cache, SPACE, key(at), PAGE_AT, as_of, &gap);
	char found[16] = "-";
	for (unsigned i = 0; page && i <= page->count; i++)
		found[i] = i < page->count ? (char)page_value(page, i).data[0] : 0;
	assert_string_equal(found, values);
	page_unref(&page);
	buf_deinit(&gap.end);
}

static void assert_gap(struct page_cache *cache, const char *at, enum page_side side, bool may_fill, const char *end)
{
	struct page_gap gap = {0};
	assert_null(page_cache_find(cache, SPACE, key(at), side, 50, &gap));
	assert_int_equal(gap.may_fill, may_fill);
	assert_int_equal(gap.has_end, end != NULL);
	if (end)
		assert_true(bytes_equal(buf_bytes(&gap.end), key(end)));
	buf_deinit(&gap.end);
}

static struct page_cache_write begin(struct page_cache *cache, uint64_t before)
{
	struct page_cache_write write;
	page_cache_begin_write(cache, &write, before);
	return write;
}

static void change(struct page_cache *cache, struct page_cache_write *write, const char *name, const char *value)
{
	struct bytes bytes = value ? bytes_of_string(value) : bytes_of(NULL, 0);
	page_cache_change(cache, write, key(name), value ? &bytes : NULL);
}

static void change_at_once(struct page_cache *cache, const char *name, const char *value, uint64_t before,
			   uint64_t end)
{
	struct page_cache_write write = begin(cache, before);
	change(cache, &write, name, value);
	page_cache_end_write(cache, &write, end, true);
}

static void test_pages_are_found_by_key(void **state)
{
	struct page_cache *cache = page_cache_create(SIZE);
	fill_as_of(cache, "b", "bcd", "e", 10);
	fill_as_of(cache, "h", "hij", "k", 10);
	assert_page(cache, "b", 50, "bcd");
	assert_page(cache, "dd", 50, "bcd");
	assert_page(cache, "h", 50, "hij");
	assert_page(cache, "j", 50, "hij");
	assert_gap(cache, "a", PAGE_AT, true, "b");
	assert_gap(cache, "e", PAGE_AT, true, "h");
	assert_gap(cache, "k", PAGE_AT, true, NULL);
	assert_gap(cache, "b", PAGE_BELOW, true, NULL);
	assert_gap(cache, "h", PAGE_BELOW, true, "e");
	assert_gap(cache, "z", PAGE_BELOW, true, "k");
	struct page_gap gap = {0};
	struct page *page = page_cache_find(cache, SPACE, key("e"), PAGE_BELOW, 50, &gap);
	assert_int_equal(page->count, 3);
	page_unref(&page);
	fill_as_of(cache, "k", "k", "zz", 10);
	page = page_cache_find(cache, SPACE, key("zz"), PAGE_BELOW, 50, &gap);
	assert_int_equal(page->count, 1);
	page_unref(&page);
	/* from the end of the space, whose bound is the next one's first key */
	assert_null(page_cache_find(cache, SPACE, key_in(SPACE + 1, ""), PAGE_BELOW, 50, &gap));
	assert_true(bytes_equal(buf_bytes(&gap.end), key("zz")));
	buf_deinit(&gap.end);
	page_cache_destroy(&cache);
}

static void test_overlapping_pages_are_refused(void **state)
{
	struct page_cache *cache = page_cache_create(SIZE);
	fill_as_of(cache, "d", "def", "g", 10);
	fill_as_of(cache, "a", "abcd", "dd", 10);
	fill_as_of(cache, "f", "fgh", "i", 10);
	fill_as_of(cache, "a", "abcdefgh", "i", 10);
	fill_as_of(cache, "e", "e", "f", 10);
	assert_page(cache, "a", 50, "-");
	assert_page(cache, "g", 50, "-");
	assert_page(cache, "e", 50, "def");
	fill_as_of(cache, "g", "gh", "i", 10);
	assert_page(cache, "g", 50, "gh");
	page_cache_destroy(&cache);
}

static void test_a_change_is_seen_from_its_end_on(void **state)
{
	struct page_cache *cache = page_cache_create(SIZE);
	fill_as_of(cache, "a", "ace", "z", 10);
	struct page_cache_write write = begin(cache, 20);
	change(cache, &write, "b", "x");
	change(cache, &write, "c", "y");
	change(cache, &write, "c", "z");
	change(cache, &write, "e", NULL);
	assert_page(cache, "a", 20, "ace");
	assert_page(cache, "a", 21, "-");
	page_cache_end_write(cache, &write, 30, true);
	assert_page(cache, "a", 20, "ace");
	assert_page(cache, "a", 29, "-");
	assert_page(cache, "a", 31, "axz");
	assert_page(cache, "a", 30, "axz");
	assert_page(cache, "a", 29, "-");
	change_at_once(cache, "a", NULL, 40, 41);
	assert_page(cache, "a", 40, "axz");
	assert_page(cache, "a", 41, "xz");
	page_cache_destroy(&cache);
}

static void test_older_readers_keep_newer_changes(void **state)
{
	struct page_cache *cache = page_cache_create(SIZE);
	fill_as_of(cache, "a", "a", "z", 10);
	change_at_once(cache, "b", "b", 20, 21);
	change_at_once(cache, "c", "c", 30, 31);
	struct page_cache_write write = begin(cache, 40);
	change(cache, &write, "d", "d");
	assert_page(cache, "a", 25, "ab"); /* becomes the page, with c and d behind it */
	assert_page(cache, "a", 40, "abc");
	page_cache_end_write(cache, &write, 41, true);
	assert_page(cache, "a", 41, "abcd");
	page_cache_destroy(&cache);
}

static void test_changes_that_are_not_seen_stay_though_newer_ones_are(void **state)
{
	struct page_cache *cache = page_cache_create(SIZE);
	fill_as_of(cache, "a", "a", "z", 5);
	struct page_cache_write early = begin(cache, 10), late = begin(cache, 20);
	change(cache, &late, "b", "b");
	change(cache, &early, "c", "c");
	page_cache_end_write(cache, &early, 15, true);
	assert_page(cache, "a", 15, "ac");
	page_cache_end_write(cache, &late, 21, true);
	assert_page(cache, "a", 21, "abc");
	page_cache_destroy(&cache);
}

static void test_failed_writes_take_their_pages_along(void **state)
{
	struct page_cache *cache = page_cache_create(SIZE);
	fill_as_of(cache, "a", "ab", "c", 10);
	fill_as_of(cache, "d", "de", "f", 10);
	struct page_cache_write write = begin(cache, 20);
	change(cache, &write, "a", "x");
	change(cache, &write, "b", "x");
	page_cache_end_write(cache, &write, 21, false);
	assert_page(cache, "a", 50, "-");
	assert_page(cache, "d", 50, "de");
	page_cache_destroy(&cache);
	assert_null(cache);
}

static void test_two_writes_of_one_key_at_once(void **state)
{
	struct page_cache *cache = page_cache_create(SIZE);
	fill_as_of(cache, "a", "ab", "c", 10);
	struct page_cache_write one = begin(cache, 20), two = begin(cache, 20);
	change(cache, &one, "a", "x");
	change(cache, &two, "b", "y");
	change(cache, &two, "a", "z");
	page_cache_end_write(cache, &two, 21, true);
	page_cache_end_write(cache, &one, 22, true);
	assert_page(cache, "a", 50, "-");
	page_cache_destroy(&cache);
}

static void test_late_fills_are_refused(void **state)
{
	struct page_cache *cache = page_cache_create(SIZE);
	change_at_once(cache, "c", "c", 20, 21);
	fill_as_of(cache, "a", "ab", "d", 20); /* read before c was there */
	assert_page(cache, "a", 50, "-");
	struct page_cache_write write = begin(cache, 30);
	change(cache, &write, "b", "b");
	fill_as_of(cache, "a", "ac", "d", 40); /* read while b was written */
	assert_page(cache, "a", 50, "-");
	fill_as_of(cache, "bb", "c", "d", 40); /* not where */
	assert_page(cache, "c", 50, "c");
	assert_page(cache, "c", 21, "c"); /* nothing has changed there since */
	assert_page(cache, "c", 20, "-");
	page_cache_end_write(cache, &write, 41, true);
	fill_as_of(cache, "a", "a", "bb", 40);
	assert_page(cache, "a", 50, "-");
	fill_as_of(cache, "a", "ab", "bb", 41);
	assert_page(cache, "a", 50, "ab");
	page_cache_destroy(&cache);
}

static void test_forgotten_changes_refuse_old_fills(void **state)
{
	struct page_cache *cache = page_cache_create(SIZE);
	struct page_cache_write long_one = begin(cache, 5);
	change(cache, &long_one, "y", "y");
	for (unsigned i = 0; i < 3000; i++)
		change_at_once(cache, "x", "x", 10 + i, 11 + i);
	fill_as_of(cache, "a", "ab", "c", 5000); /* of long_one nobody knows where it writes */
	assert_page(cache, "a", 5000, "-");
	page_cache_end_write(cache, &long_one, 4000, true);
	fill_as_of(cache, "a", "ab", "c", 3999);
	assert_page(cache, "a", 5000, "-");
	fill_as_of(cache, "a", "ab", "c", 4000);
	assert_page(cache, "a", 5000, "ab");
	page_cache_destroy(&cache);
}

static void test_long_keys_count_for_all_that_begin_alike(void **state)
{
	struct page_cache *cache = page_cache_create(SIZE);
#define LONG "aaaaaaaaaabbbbbbbbbbccccccccccdddddddddd"
	change_at_once(cache, LONG "m", "m", 10, 20);
	fill_as_of(cache, LONG "a", "", LONG "b", 15);
	fill_as_of(cache, "b", "b", "c", 15);
	assert_page(cache, LONG "a", 50, "-");
	assert_page(cache, "b", 50, "b");
	fill_as_of(cache, LONG "a", "", LONG "b", 20);
	assert_page(cache, LONG "a", 50, "");
	page_cache_destroy(&cache);
}

static void test_spaces_go_as_a_whole(void **state)
{
	for (int all = 0; all < 2; all++) {
		struct page_cache *cache = page_cache_create(SIZE);
		struct page_gap gap = {0};
		struct page_builder none = {0};
		uint64_t admitted = 0;
		fill_as_of(cache, "a", "ab", "c", 10);
		fill_as_of(cache, "d", "de", "f", 10);
		/* of the same shard */
		page_cache_fill(cache, &none, PAGE_ASCENDING, key_in(SPACE + 64, "a"), key_in(SPACE + 64, "b"), 10,
				&admitted);
		struct page_cache_write write = begin(cache, 20);
		page_cache_change_space(cache, &write, all ? UINT32_MAX : SPACE);
		assert_page(cache, "a", 10, "-");
		fill_as_of(cache, "a", "ab", "c", 30);
		assert_page(cache, "a", 50, "-");
		page_cache_end_write(cache, &write, 40, true);
		fill_as_of(cache, "a", "ab", "c", 30);
		assert_page(cache, "a", 50, "-");
		fill_as_of(cache, "a", "x", "c", 40);
		assert_page(cache, "a", 50, "x");
		struct page *other = page_cache_find(cache, SPACE + 64, key_in(SPACE + 64, "a"), PAGE_AT, 50, &gap);
		assert_int_equal(other != NULL, !all);
		page_unref(&other);
		buf_deinit(&gap.end);
		page_cache_destroy(&cache);
	}
}

/* A page that grows by changes becomes two, and each row is in one of them. */
static void test_grown_pages_are_cut(void **state)
{
	struct page_cache *cache = page_cache_create(SIZE);
	static char value[1000];
	struct page_gap gap = {0};
	memset(value, 'v', sizeof value - 1);
	fill_as_of(cache, "", "", "~", 10);
	for (unsigned i = 0; i < 200; i++) {
		char name[8];
		snprintf(name, sizeof name, "%03u", i * 7 % 200);
		change_at_once(cache, name, value, 10 + i, 11 + i);
		struct page *page = page_cache_find(cache, SPACE, key(name), PAGE_AT, 11 + i, &gap);
		assert_non_null(page);
		assert_true(page->size < 3 * page_size_wanted);
		page_unref(&page);
	}
	unsigned rows = 0, pages = 0;
	struct buf at = {0};
	buf_put_bytes(&at, key(""));
	while (bytes_compare(buf_bytes(&at), key("~")) < 0) {
		struct page *page = page_cache_find(cache, SPACE, buf_bytes(&at), PAGE_AT, 1000, &gap);
		assert_non_null(page);
		rows += page->count;
		pages++;
		buf_clear(&at);
		buf_put_bytes(&at, page_high(page));
		page_unref(&page);
	}
	assert_int_equal(rows, 200);
	assert_true(pages > 5);
	buf_deinit(&at);
	buf_deinit(&gap.end);
	page_cache_destroy(&cache);
}

/* Changes that nobody reads do not gather. */
static void test_changes_are_bounded(void **state)
{
	struct page_cache *cache = page_cache_create(SIZE);
	fill_as_of(cache, "a", "a", "z", 10);
	for (unsigned i = 0; i < 1000; i++)
		change_at_once(cache, "b", "b", 20 + i, 21 + i);
	assert_page(cache, "a", 5000, "-");
	assert_int_equal(page_cache_count(cache).used, 0);
	page_cache_destroy(&cache);
}

static void test_stays_within_its_size_and_keeps_what_is_read(void **state)
{
	struct page_cache *cache = page_cache_create(SIZE);
	struct page_builder builder = {0};
	uint64_t admitted[2] = {0};
	static char value[1000];
	unsigned filled = 0;
	for (unsigned row = 0; row < 16; row++)
		page_builder_add(&builder, key("zzzzzz"),
				 bytes_of(value, sizeof value)); /* their size is what matters */
	fill_as_of(cache, "hot", "", "hou", 10);
	for (unsigned i = 0; i < 2000; i++) {
		char low[16], high[16];
		snprintf(low, sizeof low, "x%05u", i);
		snprintf(high, sizeof high, "x%05u", i + 1);
		assert_page(cache, "hot", 50, "");
		/* one reader may put a part of the cache in the place of others; the next one as much */
		filled += page_cache_fill(cache, &builder, PAGE_ASCENDING, key(low), key(high), 10,
					  &admitted[i / 1000]);
		assert_true(page_cache_count(cache).used <= SIZE);
	}
	assert_true(filled * 16000 > SIZE && filled * 16000 < SIZE * 5 / 4);
	assert_true(page_cache_count(cache).used > SIZE * 3 / 4);
	page_builder_deinit(&builder);
	page_cache_destroy(&cache);
}

static void test_no_cache(void **state)
{
	struct page_cache *cache = page_cache_create(page_cache_size_min - 1);
	assert_null(cache);
	assert_false(fill_as_of(cache, "a", "a", "b", 10));
	change_at_once(cache, "a", "x", 20, 21);
	assert_gap(cache, "a", PAGE_AT, false, NULL);
	assert_int_equal(page_cache_count(cache).used, 0);
	page_cache_destroy(&cache);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pages_are_found_by_key),
		cmocka_unit_test(test_overlapping_pages_are_refused),
		cmocka_unit_test(test_a_change_is_seen_from_its_end_on),
		cmocka_unit_test(test_older_readers_keep_newer_changes),
		cmocka_unit_test(test_changes_that_are_not_seen_stay_though_newer_ones_are),
		cmocka_unit_test(test_failed_writes_take_their_pages_along),
		cmocka_unit_test(test_two_writes_of_one_key_at_once),
		cmocka_unit_test(test_late_fills_are_refused),
		cmocka_unit_test(test_forgotten_changes_refuse_old_fills),
		cmocka_unit_test(test_long_keys_count_for_all_that_begin_alike),
		cmocka_unit_test(test_spaces_go_as_a_whole),
		cmocka_unit_test(test_grown_pages_are_cut),
		cmocka_unit_test(test_changes_are_bounded),
		cmocka_unit_test(test_stays_within_its_size_and_keeps_what_is_read),
		cmocka_unit_test(test_no_cache),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
