#include "store/committed.h"

#include <assert.h>

#include "store/store_guard.h"
#include "store/store_internal.h"

/* All keys of the interval are in the space of its lower bound. */
static bool is_in_one_space(struct bytes lower, struct bytes upper)
{
	if (lower.size < 4 || upper.size < 4)
		return false;
	uint64_t first = bytes_load_uint_be(lower.data, 4), last = bytes_load_uint_be(upper.data, 4);
	return last == first || (last == first + 1 && upper.size == 4);
}

void committed_open(struct committed *rows, struct store *store, const struct store_snapshot *snapshot,
		    struct bytes lower, struct bytes upper)
{
	*rows = (struct committed){.store = store, .snapshot = snapshot, .lower = lower, .upper = upper};
	if (snapshot == NULL || !is_in_one_space(lower, upper))
		return;
	rows->cache = store->page_cache;
	rows->as_of = store_guard_sequence((const rocksdb_snapshot_t *)snapshot);
	rows->space = (uint32_t)bytes_load_uint_be(lower.data, 4);
}

static void end_fill(struct committed *rows)
{
	page_fill_end(&rows->fill, rows->cache, rows->as_of);
}

void committed_close(struct committed *rows)
{
	end_fill(rows);
	page_unref(&rows->page);
	if (rows->iterator) {
		hidden_sample_end(&rows->sample, &rows->store->hidden);
		rocksdb_iter_destroy(rows->iterator);
		rocksdb_readoptions_destroy(rows->options);
	}
	page_fill_deinit(&rows->fill);
	buf_deinit(&rows->gap.end);
	buf_deinit(&rows->edge);
}

/* ------------------------------------------------------------------ RocksDB */

static void need_iterator(struct committed *rows)
{
	if (rows->iterator)
		return;
	hidden_sample_begin(&rows->sample, &rows->store->hidden);
	rows->options = rocksdb_readoptions_create();
	rocksdb_readoptions_set_snapshot(rows->options, (const rocksdb_snapshot_t *)rows->snapshot);
	rocksdb_readoptions_set_iterate_lower_bound(rows->options, (const char *)rows->lower.data, rows->lower.size);
	rocksdb_readoptions_set_iterate_upper_bound(rows->options, (const char *)rows->upper.data, rows->upper.size);
	rows->iterator = rocksdb_create_iterator(rows->store->db, rows->options);
}

static struct bytes iterator_key(const struct committed *rows)
{
	size_t size = 0;
	const char *data = rocksdb_iter_key(rows->iterator, &size);
	return bytes_of(data, size);
}

static struct bytes iterator_value(const struct committed *rows)
{
	size_t size = 0;
	const char *data = rocksdb_iter_value(rows->iterator, &size);
	return bytes_of(data, size);
}

/* ------------------------------------------------------------------ on the way */

enum arrival { AT_ROW, AT_END, AT_PAGE }; /* AT_PAGE: perhaps, at the gap's end, which is in `edge` */

static struct bytes set_edge(struct committed *rows, struct bytes key)
{
	buf_clear(&rows->edge);
	buf_put_bytes(&rows->edge, key);
	return buf_bytes(&rows->edge);
}

/* Nothing is left in that direction: the interval is read up to the bound. */
static enum arrival arrive_at_bound(struct committed *rows, struct bytes bound)
{
	char *error = NULL;
	rocksdb_iter_get_error(rows->iterator, &error);
	if (error == NULL)
		page_fill_end_at(&rows->fill, rows->cache, rows->as_of, bound);
	rocksdb_free(error);
	end_fill(rows);
	return AT_END;
}

static enum arrival arrive_at_page(struct committed *rows)
{
	struct bytes edge = set_edge(rows, buf_bytes(&rows->gap.end));
	page_fill_end_at(&rows->fill, rows->cache, rows->as_of, edge);
	return AT_PAGE;
}

static enum arrival arrive_at_row(struct committed *rows, struct bytes key)
{
	if (rows->fill.is_open)
		page_fill_add(&rows->fill, rows->cache, rows->as_of, key, iterator_value(rows));
	return AT_ROW;
}

static enum arrival arrive_upwards(struct committed *rows)
{
	if (!rocksdb_iter_valid(rows->iterator))
		return arrive_at_bound(rows, rows->upper);
	struct bytes key = iterator_key(rows);
	if (rows->gap.has_end && bytes_compare(key, buf_bytes(&rows->gap.end)) >= 0)
		return arrive_at_page(rows);
	return arrive_at_row(rows, key);
}

static enum arrival arrive_downwards(struct committed *rows)
{
	if (!rocksdb_iter_valid(rows->iterator))
		return arrive_at_bound(rows, rows->lower);
	struct bytes key = iterator_key(rows);
	if (rows->gap.has_end && bytes_compare(key, buf_bytes(&rows->gap.end)) < 0)
		return arrive_at_page(rows);
	return arrive_at_row(rows, key);
}

static void enter_gap(struct committed *rows, enum page_order order, struct bytes key)
{
	page_unref(&rows->page);
	need_iterator(rows);
	rows->is_descending = order == PAGE_DESCENDING;
	if (rows->gap.may_fill)
		page_fill_begin(&rows->fill, order, key);
}

static void enter_page(struct committed *rows, struct page *page)
{
	page_unref(&rows->page);
	rows->page = page;
	rows->first = bytes_compare(page_low(page), rows->lower) < 0 ? page_seek(page, rows->lower) : 0;
	rows->end = bytes_compare(page_high(page), rows->upper) > 0 ? page_seek(page, rows->upper) : page->count;
}

static bool stand(struct committed *rows, bool is_valid)
{
	return rows->is_valid = is_valid;
}

/* ------------------------------------------------------------------ upwards */

static bool stand_in_page_at(struct committed *rows, struct bytes key)
{
	rows->index = page_seek(rows->page, key);
	if (rows->index < rows->first)
		rows->index = rows->first;
	return rows->index < rows->end;
}

/* is_there: the iterator has come upwards to the first key that is not before this one. */
static bool go_up(struct committed *rows, struct bytes key, bool is_there)
{
	while (bytes_compare(key, rows->upper) < 0) {
		struct page *page = page_cache_find(rows->cache, rows->space, key, PAGE_AT, rows->as_of, &rows->gap);
		if (page) {
			enter_page(rows, page);
			if (stand_in_page_at(rows, key))
				return stand(rows, true);
			key = set_edge(rows, page_high(page));
			is_there = false;
			continue;
		}
		enter_gap(rows, PAGE_ASCENDING, key);
		if (!is_there)
			rocksdb_iter_seek(rows->iterator, (const char *)key.data, key.size);
		enum arrival arrival = arrive_upwards(rows);
		if (arrival != AT_PAGE)
			return stand(rows, arrival == AT_ROW);
		key = buf_bytes(&rows->edge);
		is_there = true;
	}
	return stand(rows, false);
}

bool committed_seek(struct committed *rows, struct bytes key)
{
	end_fill(rows);
	if (bytes_compare(key, rows->lower) < 0)
		key = rows->lower;
	/* What a page holds as of the moment stays so. */
	if (rows->page && bytes_compare(page_low(rows->page), key) <= 0 &&
	    bytes_compare(key, page_high(rows->page)) < 0 && stand_in_page_at(rows, key))
		return stand(rows, true);
	return go_up(rows, key, false);
}

bool committed_next(struct committed *rows)
{
	if (!rows->is_valid)
		return false;
	if (rows->page) {
		if (++rows->index < rows->end)
			return true;
		return go_up(rows, set_edge(rows, page_high(rows->page)), false);
	}
	if (rows->is_descending) {
		set_edge(rows, iterator_key(rows));
		buf_put_u8(&rows->edge, 0);
		return committed_seek(rows, buf_bytes(&rows->edge));
	}
	hidden_thread_steps++;
	rocksdb_iter_next(rows->iterator);
	enum arrival arrival = arrive_upwards(rows);
	return arrival == AT_PAGE ? go_up(rows, buf_bytes(&rows->edge), true) : stand(rows, arrival == AT_ROW);
}

/* ------------------------------------------------------------------ downwards */

static bool stand_in_page_below(struct committed *rows, struct bytes key)
{
	rows->index = page_seek(rows->page, key);
	if (rows->index > rows->end)
		rows->index = rows->end;
	if (rows->index <= rows->first)
		return false;
	rows->index--;
	return true;
}

static void seek_iterator_below(struct committed *rows, struct bytes key)
{
	rocksdb_iter_seek_for_prev(rows->iterator, (const char *)key.data, key.size);
	if (rocksdb_iter_valid(rows->iterator) && bytes_compare(iterator_key(rows), key) >= 0)
		rocksdb_iter_prev(rows->iterator);
}

/* is_there: the iterator has come downwards to the last key before this one. */
static bool go_down(struct committed *rows, struct bytes key, bool is_there)
{
	while (bytes_compare(key, rows->lower) > 0) {
		struct page *page =
			page_cache_find(rows->cache, rows->space, key, PAGE_BELOW, rows->as_of, &rows->gap);
		if (page) {
			enter_page(rows, page);
			if (stand_in_page_below(rows, key))
				return stand(rows, true);
			key = set_edge(rows, page_low(page));
			is_there = false;
			continue;
		}
		enter_gap(rows, PAGE_DESCENDING, key);
		if (!is_there)
			seek_iterator_below(rows, key);
		enum arrival arrival = arrive_downwards(rows);
		if (arrival != AT_PAGE)
			return stand(rows, arrival == AT_ROW);
		key = buf_bytes(&rows->edge);
		is_there = true;
	}
	return stand(rows, false);
}

bool committed_seek_below(struct committed *rows, struct bytes key)
{
	end_fill(rows);
	if (bytes_compare(key, rows->upper) > 0)
		key = rows->upper;
	return go_down(rows, key, false);
}

bool committed_previous(struct committed *rows)
{
	if (!rows->is_valid)
		return false;
	if (rows->page) {
		if (rows->index-- > rows->first)
			return true;
		return go_down(rows, set_edge(rows, page_low(rows->page)), false);
	}
	if (!rows->is_descending)
		return committed_seek_below(rows, set_edge(rows, iterator_key(rows)));
	hidden_thread_steps++;
	rocksdb_iter_prev(rows->iterator);
	enum arrival arrival = arrive_downwards(rows);
	return arrival == AT_PAGE ? go_down(rows, buf_bytes(&rows->edge), true) : stand(rows, arrival == AT_ROW);
}

/* ------------------------------------------------------------------ here */

struct bytes committed_key(const struct committed *rows)
{
	assert(rows->is_valid);
	return rows->page ? page_key(rows->page, rows->index) : iterator_key(rows);
}

struct bytes committed_value(const struct committed *rows)
{
	assert(rows->is_valid);
	return rows->page ? page_value(rows->page, rows->index) : iterator_value(rows);
}

int committed_status(const struct committed *rows, struct diag *diag)
{
	char *error = NULL;
	if (rows->iterator)
		rocksdb_iter_get_error(rows->iterator, &error);
	return store_status_check(error, diag);
}
