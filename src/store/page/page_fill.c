#include "store/page/page_fill.h"

enum { rows_min = 4 };

void page_fill_deinit(struct page_fill *fill)
{
	page_builder_deinit(&fill->rows);
	buf_deinit(&fill->edge);
	buf_deinit(&fill->other);
}

void page_fill_begin(struct page_fill *fill, enum page_order order, struct bytes edge)
{
	fill->is_open = !fill->is_done;
	fill->order = order;
	page_builder_clear(&fill->rows);
	buf_clear(&fill->edge);
	buf_put_bytes(&fill->edge, edge);
}

static void publish(struct page_fill *fill, struct page_cache *cache, uint64_t as_of, struct bytes edge)
{
	struct bytes first = buf_bytes(&fill->edge);
	if (fill->order == PAGE_ASCENDING)
		fill->is_done =
			!page_cache_fill(cache, &fill->rows, fill->order, first, edge, as_of, &fill->admitted);
	else
		fill->is_done =
			!page_cache_fill(cache, &fill->rows, fill->order, edge, first, as_of, &fill->admitted);
}

void page_fill_end_at(struct page_fill *fill, struct page_cache *cache, uint64_t as_of, struct bytes edge)
{
	if (!fill->is_open)
		return;
	fill->is_open = false;
	publish(fill, cache, as_of, edge);
}

/* The edge between a key and what is higher (ascending), or lower. */
static struct bytes edge_behind(struct page_fill *fill, struct bytes key)
{
	buf_clear(&fill->other);
	buf_put_bytes(&fill->other, key);
	if (fill->order == PAGE_ASCENDING)
		buf_put_u8(&fill->other, 0);
	return buf_bytes(&fill->other);
}

static struct bytes edge_before(struct page_fill *fill, struct bytes key)
{
	buf_clear(&fill->other);
	buf_put_bytes(&fill->other, key);
	if (fill->order == PAGE_DESCENDING)
		buf_put_u8(&fill->other, 0);
	return buf_bytes(&fill->other);
}

void page_fill_end(struct page_fill *fill, struct page_cache *cache, uint64_t as_of)
{
	if (fill->is_open && page_builder_count(&fill->rows) >= rows_min)
		page_fill_end_at(fill, cache, as_of, edge_behind(fill, page_builder_last_key(&fill->rows)));
	fill->is_open = false;
}

void page_fill_add(struct page_fill *fill, struct page_cache *cache, uint64_t as_of, struct bytes key,
		   struct bytes value)
{
	if (!fill->is_open)
		return;
	bool is_large = key.size + value.size > page_row_size_max;
	if (is_large || page_builder_size(&fill->rows) >= page_size_wanted) {
		page_fill_end_at(fill, cache, as_of, edge_before(fill, key));
		page_fill_begin(fill, fill->order, is_large ? edge_behind(fill, key) : buf_bytes(&fill->other));
	}
	if (!is_large)
		page_builder_add(&fill->rows, key, value);
}
