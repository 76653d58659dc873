/*
 * How many rows of a table share a value: what the planner believes of an index, and SHOW INDEX's Cardinality.
 *
 * Small indexes are walked whole. Of others, the values are counted by leaping from one to the next while they are few; and
 * runs are read, at places spread between the first key and the last: a run begins with a group of equals, ends no
 * sooner than it, and how many groups it has tells how long they are. Nothing is stored: the first plan after a start
 * reads it, and again when the table has grown or shrunk by an eighth.
 */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "catalog/catalog_internal.h"
#include "type/key.h"

enum {
	parts_max = 16,
	space_size = 4,
	leaps_max = 64,
	run_count = 48,
	run_length = 40,     /* at least */
	entries_max = 6000,  /* of all runs */
	walked_whole = 2000, /* rows */
};

struct index_statistics {
	uint32_t space;
	double rows_per_value[parts_max]; /* of the first 1, 2, ... parts */
};

struct table_statistics {
	uint64_t rows; /* as estimated when they were made */
	unsigned index_count;
	struct index_statistics indexes[];
};

/* What was seen of one index. */
struct sample {
	const struct table *table;
	const struct index *index;
	struct store_iterator *iterator;
	struct buf previous;         /* key; empty: none yet */
	unsigned runs;
	uint64_t entries;
	uint64_t changes[parts_max]; /* neighbours within runs that differ in the first 1, 2, ... parts */
	uint64_t values[parts_max];  /* counted whole; 0: too many for that */
};

/* The bytes of a key up to its first so many parts' end. */
static struct bytes first_parts(const struct sample *sample, struct bytes key, unsigned parts)
{
	size_t at = space_size;
	for (unsigned part = 0; part < parts && at < key.size; part++) {
		const struct column *column = &sample->table->columns[sample->index->parts[part].column];
		int64_t size = key_field_size(&column->type, column->nullable, bytes_of(key.data + at, key.size - at));
		at = size < 0 ? key.size : at + (size_t)size;
	}
	return bytes_of(key.data, at < key.size ? at : key.size);
}

static void compare_with_previous(struct sample *sample, struct bytes key)
{
	unsigned parts = sample->index->part_count < parts_max ? sample->index->part_count : parts_max;
	struct bytes previous = buf_bytes(&sample->previous);
	bool differs = false;
	for (unsigned part = 0; previous.size && part < parts; part++) {
		differs = differs || !bytes_equal(first_parts(sample, key, part + 1),
						  first_parts(sample, previous, part + 1));
		sample->changes[part] += differs;
	}
	buf_clear(&sample->previous);
	buf_put_bytes(&sample->previous, key);
}

/* From where the iterator stands: so many entries, and on to the end of the first group. */
static void read_run(struct sample *sample, uint64_t length)
{
	uint64_t changes_before = sample->changes[0], read = 0;
	bool more = true;
	sample->runs++;
	buf_clear(&sample->previous);
	while (more && (read < length || sample->changes[0] == changes_before) && sample->entries < entries_max) {
		read++;
		sample->entries++;
		compare_with_previous(sample, store_iterator_key(sample->iterator));
		more = store_iterator_next(sample->iterator);
	}
}

/* Counts the values of the first so many parts, if there are few. */
static void count_by_leaps(struct sample *sample, unsigned parts)
{
	struct buf next = {0};
	uint64_t values = 0;
	bool more = store_iterator_seek(sample->iterator, (struct bytes){0});
	for (; more && values < leaps_max; values++) {
		buf_clear(&next);
		buf_put_bytes(&next, first_parts(sample, store_iterator_key(sample->iterator), parts));
		more = key_successor(&next) && store_iterator_seek(sample->iterator, buf_bytes(&next));
	}
	sample->values[parts - 1] = more ? 0 : values;
	buf_deinit(&next);
}

/* Two keys and the way from one to the other: the bytes they share, and eight that differ. */
struct span {
	struct buf key; /* shared bytes, then room for eight */
	uint64_t low, high;
};

static uint64_t eight_bytes(struct bytes key, size_t from)
{
	uint8_t bytes[8] = {0};
	if (from < key.size)
		memcpy(bytes, key.data + from, key.size - from < 8 ? key.size - from : 8);
	return bytes_load_uint_be(bytes, 8);
}

static bool find_span(struct store_iterator *iterator, struct span *span)
{
	if (!store_iterator_seek(iterator, (struct bytes){0}))
		return false;
	buf_put_bytes(&span->key, store_iterator_key(iterator));
	if (!store_iterator_seek_last(iterator))
		return false;
	struct bytes last = store_iterator_key(iterator);
	size_t shared = 0;
	while (shared < span->key.size && shared < last.size && span->key.data[shared] == last.data[shared])
		shared++;
	span->low = eight_bytes(buf_bytes(&span->key), shared);
	span->high = eight_bytes(last, shared);
	span->key.size = shared;
	buf_put_u64_be(&span->key, 0);
	return true;
}

/* Where a key stands between the two: 0 to 1. */
static double place_of(const struct span *span, struct bytes key)
{
	size_t shared = span->key.size - 8;
	int order = bytes_compare(bytes_of(key.data, key.size < shared ? key.size : shared),
				  bytes_of(span->key.data, shared));
	uint64_t here = eight_bytes(key, shared);
	if (order != 0 || here < span->low || span->high == span->low)
		return order > 0 ? 1 : 0;
	return fmin((double)(here - span->low) / (double)(span->high - span->low), 1);
}

static struct bytes key_on_the_way(struct span *span, double share)
{
	uint64_t distance = (uint64_t)((double)(span->high - span->low) * share);
	bytes_store_uint_be(span->key.data + span->key.size - 8, span->low + distance, 8);
	return buf_bytes(&span->key);
}

static void read_runs(struct sample *sample)
{
	struct span span = {0};
	if (find_span(sample->iterator, &span))
		for (unsigned run = 0; run < run_count && sample->entries < entries_max; run++) {
			double place = (double)(run * 29 % run_count) / run_count; /* spread, even if it ends early */
			if (store_iterator_seek(sample->iterator, key_on_the_way(&span, place)))
				read_run(sample, run_length);
		}
	buf_deinit(&span.key);
}

static void read_index(struct sample *sample, struct store *store, uint64_t rows)
{
	sample->iterator = catalog_iterate_space(store, sample->index->space);
	if (rows > walked_whole) {
		for (unsigned parts = 1; parts <= sample->index->part_count && parts <= parts_max; parts++)
			count_by_leaps(sample, parts);
		read_runs(sample);
	} else if (store_iterator_seek(sample->iterator, (struct bytes){0})) {
		read_run(sample, entries_max);
	}
	store_iterator_destroy(&sample->iterator);
	buf_deinit(&sample->previous);
}

static void conclude(const struct sample *sample, uint64_t rows, struct index_statistics *out)
{
	out->space = sample->index->space;
	for (unsigned part = 0; part < parts_max; part++) {
		double groups = (double)(sample->changes[part] + sample->runs);
		double length = groups > 0 ? (double)sample->entries / groups : 1;
		if (sample->values[part])
			length = (double)rows / (double)sample->values[part];
		out->rows_per_value[part] = fmax(length, 1);
	}
}

static struct table_statistics *make_statistics(const struct table *table, struct store *store, uint64_t rows)
{
	struct table_statistics *made =
		memory_zalloc(sizeof *made + table->index_count * sizeof(struct index_statistics));
	made->rows = rows;
	made->index_count = table->index_count;
	for (unsigned i = 0; i < table->index_count; i++) {
		struct sample sample = {.table = table, .index = &table->indexes[i]};
		if (sample.index->part_count)
			read_index(&sample, store, rows);
		conclude(&sample, rows, &made->indexes[i]);
	}
	return made;
}

static bool are_old(const struct table_statistics *statistics, uint64_t rows)
{
	uint64_t difference = rows > statistics->rows ? rows - statistics->rows : statistics->rows - rows;
	return difference > statistics->rows / 8 + 8;
}

/* With the lock; 0: not known. */
static double look_up(const struct table_counters *counters, uint32_t space, unsigned parts, uint64_t rows)
{
	const struct table_statistics *statistics = counters->statistics;
	if (statistics == NULL || are_old(statistics, rows))
		return 0;
	for (unsigned i = 0; i < statistics->index_count; i++)
		if (statistics->indexes[i].space == space)
			return statistics->indexes[i].rows_per_value[parts - 1];
	return 0;
}

static void replace(struct table_counters *counters, struct table_statistics *made)
{
	lock_take(&counters->lock);
	struct table_statistics *old = counters->statistics;
	counters->statistics = made;
	lock_release(&counters->lock);
	memory_free(old);
}

double table_rows_per_value(const struct table *table, unsigned index, unsigned parts)
{
	struct table_counters *counters = table->counters;
	uint64_t rows = table_row_estimate(table);
	uint32_t space = table->indexes[index].space;
	if (parts > parts_max)
		parts = parts_max;
	lock_take(&counters->lock);
	double known = look_up(counters, space, parts, rows);
	struct store *store = counters->store;
	lock_release(&counters->lock);
	if (known > 0 || store == NULL)
		return known > 0 ? known : 1;
	struct table_statistics *made = make_statistics(table, store, rows);
	known = made->indexes[index].rows_per_value[parts - 1];
	replace(counters, made);
	return known;
}

void table_forget_statistics(const struct table *table)
{
	replace(table->counters, NULL);
}

double table_index_share(const struct table *table, unsigned index, struct bytes lower, struct bytes upper)
{
	lock_take(&table->counters->lock);
	struct store *store = table->counters->store;
	lock_release(&table->counters->lock);
	double share = 0;
	if (store == NULL)
		return share;
	struct store_iterator *iterator = catalog_iterate_space(store, table->indexes[index].space);
	struct span span = {0};
	if (find_span(iterator, &span))
		share = fmax(place_of(&span, upper) - place_of(&span, lower), 0);
	store_iterator_destroy(&iterator);
	buf_deinit(&span.key);
	return share;
}
