/*
 * What a table counts: its next AUTO_INCREMENT value, its next hidden row id, its rows.
 *
 *   record: format u8 = 1, next AUTO_INCREMENT value u64 (0: none), rows u64 (all ones: not known)
 *
 * Records are exact after a clean close. After a crash a record is only a lower bound of the next value (the
 * largest value in the table is another), and its rows are not believed: see catalog_numbers.c's clean.
 */
#include <assert.h>
#include <math.h>

#include "base/log.h"
#include "base/memory.h"
#include "catalog/catalog_internal.h"
#include "catalog/row_generation.h"
#include "type/key.h"
#include "type/row.h"

enum { format_version = 1, rows_counted_max = 10000 };

struct table_counters *table_counters_create(void)
{
	struct table_counters *counters = memory_zalloc(sizeof *counters);
	atomic_init(&counters->references, 1);
	lock_init(&counters->lock, "table counters", LOCK_RANK_AUTO_INCREMENT);
	return counters;
}

struct table_counters *table_counters_ref(struct table_counters *counters)
{
	atomic_fetch_add_explicit(&counters->references, 1, memory_order_relaxed);
	return counters;
}

void table_counters_unref(struct table_counters **counters)
{
	struct table_counters *it = *counters;
	*counters = NULL;
	if (it == NULL || atomic_fetch_sub_explicit(&it->references, 1, memory_order_acq_rel) != 1)
		return;
	lock_deinit(&it->lock);
	memory_free(it->statistics);
	memory_free(it);
}

void table_counters_prepare(struct table_counters *counters, struct store *store, uint32_t space)
{
	lock_take(&counters->lock);
	counters->store = store;
	counters->space = space;
	counters->rows_known = true;
	lock_release(&counters->lock);
}

void table_counters_adopt(struct table *table, const struct table *old)
{
	if (table->counters == old->counters)
		return;
	struct counters_record set;
	bool is_set = table_counters_take_set(table->counters, &set);
	table_counters_unref(&table->counters);
	table->counters = table_counters_ref(old->counters);
	if (!is_set)
		return;
	lock_take(&table->counters->lock);
	table->counters->auto_next = set.auto_next;
	table->counters->auto_known = false;
	table->counters->auto_set = true;
	lock_release(&table->counters->lock);
}

/* --------------------------------------------------------------------------------------------------- records */

void counters_record_encode(const struct counters_record *record, struct buf *out)
{
	buf_put_u8(out, format_version);
	buf_put_u64(out, record->auto_next);
	buf_put_u64(out, record->row_count);
}

int counters_record_decode(struct bytes value, struct counters_record *out, const char *what, struct diag *diag)
{
	struct cursor cursor = cursor_of(value);
	uint8_t format = cursor_u8(&cursor);
	struct counters_record record = {.auto_next = cursor_u64(&cursor)};
	record.row_count = cursor_u64(&cursor);
	if (!cursor_done(&cursor) || format != format_version)
		return catalog_damaged(diag, what);
	*out = record;
	return 0;
}

void table_counters_load(struct table_counters *counters, const struct counters_record *record)
{
	lock_take(&counters->lock);
	counters->auto_next = record->auto_next;
	counters->auto_known = false;
	bool is_known = record->row_count != UINT64_MAX;
	counters->row_count = is_known ? (int64_t)record->row_count : 0;
	counters->rows_known = is_known;
	lock_release(&counters->lock);
}

struct counters_record table_counters_record(struct table_counters *counters)
{
	lock_take(&counters->lock);
	struct counters_record record = {counters->auto_next, UINT64_MAX};
	if (counters->rows_known)
		record.row_count = counters->row_count > 0 ? (uint64_t)counters->row_count : 0;
	lock_release(&counters->lock);
	return record;
}

bool table_counters_take_set(struct table_counters *counters, struct counters_record *out)
{
	*out = table_counters_record(counters);
	lock_take(&counters->lock);
	bool is_set = counters->auto_set;
	counters->auto_set = false;
	lock_release(&counters->lock);
	return is_set;
}

/* --------------------------------------------------------------------------------- the largest value there is */

struct store_iterator *catalog_iterate_space(struct store *store, uint32_t space)
{
	uint8_t lower[4], upper[4];
	bytes_store_uint_be(lower, space, 4);
	bytes_store_uint_be(upper, (uint64_t)space + 1, 4);
	return store_iterator_create(store, NULL, NULL, bytes_of(lower, 4), bytes_of(upper, 4));
}

static uint64_t from_double(double value)
{
	if (!(value > 0))
		return 0;
	return value >= 18446744073709551615.0 ? UINT64_MAX : (uint64_t)value;
}

/* Negative values count as 0: the sequence begins above it. */
static uint64_t key_value(const struct column *column, struct bytes key)
{
	int64_t size = key_field_size(&column->type, column->nullable, key);
	if (size < 0)
		return 0;
	key.size = (size_t)size;
	if (column->nullable && key.size) {
		key.data++;
		key.size--;
	}
	if (key.size == 0 || key.size > 8)
		return 0;
	uint64_t value = bytes_load_uint_be(key.data, key.size);
	uint64_t top = UINT64_C(1) << (key.size * 8 - 1);
	bool is_real = column->type.kind == TYPE_FLOAT || column->type.kind == TYPE_DOUBLE;
	if (!is_real)
		return column->type.is_unsigned ? value : value & top ? value & ~top : 0;
	if (!(value & top))
		return 0;
	value &= ~top;
	if (key.size == 4) {
		float real;
		uint32_t bits = (uint32_t)value;
		memcpy(&real, &bits, sizeof real);
		return from_double((double)real);
	}
	double real;
	memcpy(&real, &value, sizeof real);
	return from_double(real);
}

static const struct index *find_auto_index(const struct table *table)
{
	for (unsigned i = 0; i < table->index_count; i++) {
		const struct index *index = &table->indexes[i];
		if (index->part_count && index->parts[0].column == (unsigned)table->auto_increment_column)
			return index;
	}
	return NULL;
}

static int last_key_value(struct store *store, const struct table *table, const struct index *index,
			  uint64_t *out_value, struct diag *diag)
{
	struct store_iterator *iterator = catalog_iterate_space(store, index->space);
	*out_value = 0;
	if (store_iterator_seek_last(iterator)) {
		struct bytes key = store_iterator_key(iterator);
		*out_value = key_value(&table->columns[table->auto_increment_column],
				       bytes_of(key.data + 4, key.size - 4));
	}
	int status = store_iterator_status(iterator, diag);
	store_iterator_destroy(&iterator);
	return status;
}

/* A packed field of an AUTO_INCREMENT column as the sequence sees it. */
static uint64_t field_value(const struct column *column, struct bytes field)
{
	struct buf key;
	buf_init(&key);
	key_put_field(&column->type, column->nullable, 0, field, &key);
	uint64_t value = key_value(column, buf_bytes(&key));
	buf_deinit(&key);
	return value;
}

/* The column leads no index: every row is read, once after a start. */
static int scan_value(struct store *store, const struct table *table, uint64_t *out_value, struct diag *diag)
{
	struct store_iterator *iterator = catalog_iterate_space(store, table->indexes[0].space);
	struct bytes *fields = memory_alloc(table->column_count * sizeof *fields);
	unsigned column = (unsigned)table->auto_increment_column;
	struct buf lifted = {0};
	uint64_t largest = 0;
	int status = 0;
	uint8_t first[4];
	bytes_store_uint_be(first, table->indexes[0].space, 4);
	for (bool more = store_iterator_seek(iterator, bytes_of(first, 4)); more && status == 0;
	     more = store_iterator_next(iterator)) {
		struct bytes image;
		status = table_image_of_value(table, store_iterator_value(iterator), &lifted, &image, diag);
		if (status == 0)
			status = row_split(image, table->types, table->column_count, fields, diag);
		if (status == 0 && fields[column].data) {
			uint64_t found = field_value(&table->columns[column], fields[column]);
			largest = found > largest ? found : largest;
		}
	}
	if (status == 0)
		status = store_iterator_status(iterator, diag);
	buf_deinit(&lifted);
	memory_free(fields);
	store_iterator_destroy(&iterator);
	*out_value = largest;
	return status;
}

/* With the lock held. */
static int know_auto_next(struct store *store, const struct table *table, struct diag *diag)
{
	struct table_counters *counters = table->counters;
	if (counters->auto_known)
		return 0;
	if (table->auto_increment_column < 0)
		return diag_set(diag, ER_AUTOINC_READ_FAILED);
	const struct index *index = find_auto_index(table);
	uint64_t largest;
	if ((index ? last_key_value(store, table, index, &largest, diag)
		   : scan_value(store, table, &largest, diag)) != 0)
		return -1;
	uint64_t next = largest == UINT64_MAX ? largest : largest + 1;
	if (counters->auto_next < next)
		counters->auto_next = next;
	counters->auto_known = true;
	return 0;
}

/* ------------------------------------------------------------------------------------------------ the sequence */

static uint64_t column_max(const struct column_type *type)
{
	static const unsigned bits[] = {[TYPE_TINYINT] = 8, [TYPE_SMALLINT] = 16, [TYPE_MEDIUMINT] = 24,
					[TYPE_INT] = 32, [TYPE_BIGINT] = 64};
	if (type->kind == TYPE_FLOAT)
		return UINT64_C(1) << 24;
	if (type->kind == TYPE_DOUBLE)
		return UINT64_C(1) << 53;
	unsigned size = type->kind <= TYPE_BIGINT ? bits[type->kind] : 64;
	return UINT64_MAX >> (64 - size + !type->is_unsigned);
}

/* The smallest value at or above `next` that is offset modulo increment; UINT64_MAX when there is none. */
static uint64_t series_value(uint64_t next, uint64_t increment, uint64_t offset)
{
	if (increment <= 1)
		return next;
	uint64_t gap = (offset % increment + increment - next % increment) % increment;
	return next > UINT64_MAX - gap ? UINT64_MAX : next + gap;
}

uint64_t auto_increment_after(uint64_t value, uint64_t increment, uint64_t offset)
{
	return value == UINT64_MAX ? value : series_value(value + 1, increment, offset);
}

static uint64_t saturated_end(uint64_t first, uint64_t increment, uint64_t count)
{
	uint64_t steps = count ? count - 1 : 0;
	if (increment && steps > (UINT64_MAX - 1 - first) / increment)
		return UINT64_MAX;
	return first + steps * increment + 1;
}

static int reserve(struct table_counters *counters, const struct table *table, uint64_t increment, uint64_t offset,
		   uint64_t count, uint64_t *out_first, struct diag *diag)
{
	uint64_t most = column_max(&table->columns[table->auto_increment_column].type);
	uint64_t next = counters->auto_next ? counters->auto_next : 1;
	uint64_t first = series_value(next, increment, offset);
	if (first == UINT64_MAX)
		return diag_set(diag, ER_AUTOINC_READ_FAILED);
	if (first > most) {
		*out_first = most;
		return 0;
	}
	counters->auto_next = saturated_end(first, increment ? increment : 1, count);
	*out_first = first;
	return 0;
}

int auto_increment_reserve(struct catalog *catalog, struct store *store, const struct table *table,
			   uint64_t increment, uint64_t offset, uint64_t count, uint64_t *out_first, struct diag *diag)
{
	(void)catalog;
	struct table_counters *counters = table->counters;
	lock_take(&counters->lock);
	int status = know_auto_next(store, table, diag);
	if (status == 0)
		status = reserve(counters, table, increment, offset, count, out_first, diag);
	lock_release(&counters->lock);
	return status;
}

void auto_increment_observe(const struct table *table, uint64_t value)
{
	struct table_counters *counters = table->counters;
	lock_take(&counters->lock);
	if (value >= counters->auto_next)
		counters->auto_next = value == UINT64_MAX ? value : value + 1;
	lock_release(&counters->lock);
}

int auto_increment_peek(struct catalog *catalog, struct store *store, const struct table *table, uint64_t *out_next,
			struct diag *diag)
{
	(void)catalog;
	lock_take(&table->counters->lock);
	int status = know_auto_next(store, table, diag);
	if (status == 0)
		*out_next = table->counters->auto_next ? table->counters->auto_next : 1;
	lock_release(&table->counters->lock);
	return status;
}

void auto_increment_set(const struct table *table, uint64_t next)
{
	struct table_counters *counters = table->counters;
	lock_take(&counters->lock);
	counters->auto_next = next ? next : 1;
	counters->auto_known = false;
	struct store *store = counters->store;
	uint32_t space = counters->space;
	counters->auto_set = store == NULL;
	lock_release(&counters->lock);
	if (store == NULL)
		return;
	struct diag diag = DIAG_INIT;
	struct counters_record record = table_counters_record(counters);
	struct buf key, value;
	buf_init(&key);
	buf_init(&value);
	catalog_put_counters_key(&key, space);
	counters_record_encode(&record, &value);
	if (store_put(store, buf_bytes(&key), buf_bytes(&value), &diag) != 0)
		log_diag(LOG_WARNING, "catalog", &diag);
	buf_deinit(&key);
	buf_deinit(&value);
}

/* ------------------------------------------------------------------------------------------- hidden row ids */

static uint64_t first_row_id(struct store *store, const struct table *table)
{
	struct diag diag = DIAG_INIT;
	uint64_t id = 1;
	struct store_iterator *iterator = catalog_iterate_space(store, table->indexes[0].space);
	if (store_iterator_seek_last(iterator)) {
		struct bytes key = store_iterator_key(iterator);
		if (key.size == 12)
			id = bytes_load_uint_be(key.data + 4, 8) + 1;
	}
	if (store_iterator_status(iterator, &diag) != 0) {
		log_diag(LOG_ERROR, "catalog", &diag);
		id = 0;
	}
	store_iterator_destroy(&iterator);
	return id;
}

uint64_t table_next_row_id(struct catalog *catalog, struct store *store, const struct table *table)
{
	(void)catalog;
	struct table_counters *counters = table->counters;
	if (atomic_load(&counters->row_id_next) == 0) {
		lock_take(&counters->lock);
		if (atomic_load(&counters->row_id_next) == 0)
			atomic_store(&counters->row_id_next, first_row_id(store, table));
		lock_release(&counters->lock);
		if (atomic_load(&counters->row_id_next) == 0)
			return 0;
	}
	return atomic_fetch_add(&counters->row_id_next, 1);
}

/* ------------------------------------------------------------------------------------------------------ rows */

/* Counts so many, and goes by the size on disk for the rest. */
static int64_t count_rows(struct store *store, uint32_t space)
{
	struct store_iterator *iterator = catalog_iterate_space(store, space);
	uint8_t first[4];
	bytes_store_uint_be(first, space, 4);
	int64_t count = 0;
	uint64_t size = 0;
	bool more = store_iterator_seek(iterator, bytes_of(first, 4));
	for (; more && count < rows_counted_max; more = store_iterator_next(iterator)) {
		count++;
		size += store_iterator_key(iterator).size + store_iterator_value(iterator).size;
	}
	store_iterator_destroy(&iterator);
	if (more && size) {
		uint64_t whole = store_space_size(store, space) / (size / (uint64_t)count);
		count = (int64_t)whole > count ? (int64_t)whole : count;
	}
	return count;
}

void table_count_rows(const struct table *table, int64_t delta)
{
	atomic_fetch_add_explicit(&table->counters->row_count, delta, memory_order_relaxed);
}

static void count_once(struct table_counters *counters)
{
	lock_take(&counters->lock);
	if (!counters->rows_known && counters->store) {
		counters->row_count = count_rows(counters->store, counters->space);
		counters->rows_known = true;
	}
	lock_release(&counters->lock);
}

uint64_t table_row_estimate(const struct table *table)
{
	struct table_counters *counters = table->counters;
	/* Every statement asks: nobody waits for another once it is known. */
	if (!atomic_load_explicit(&counters->rows_known, memory_order_acquire))
		count_once(counters);
	int64_t count = atomic_load_explicit(&counters->row_count, memory_order_relaxed);
	return count > 0 ? (uint64_t)count : 0;
}
