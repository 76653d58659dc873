#include "query/stage/sorted.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/sorter.h"
#include "query/stage/order_key.h"

enum { places_min = 1024, prefix_words = 2 };

struct entry {
	uint32_t key_size;
	uint32_t size;
	uint8_t bytes[]; /* the key, then the packed cells */
};

/* Most comparisons end in the first bytes of the keys, which are beside each other here. */
struct place {
	uint64_t prefix[prefix_words];
	struct entry *entry; /* owned */
};

struct sorted {
	/* immutable */
	struct evaluator_handle *handle;
	const struct stage *stage;
	uint64_t limit, memory_max;

	struct buf key, packed; /* of the row that goes in */
	struct place *places;	/* owned: in no order; once they are read: in order */
	size_t count, capacity;
	uint64_t size;	       /* of the entries */
	struct sorter *sorter; /* owned; NULL: all is in the places */
	struct buf worst;      /* if has_worst: the key of a row behind which none is wanted */
	bool has_worst;

	/* reading */
	bool is_ordered;
	size_t at;
	struct cell *row; /* owned: the current one */
};

struct sorted *sorted_create(struct evaluator_handle *handle, const struct stage *stage, uint64_t limit)
{
	struct sorted *sorted = memory_zalloc(sizeof *sorted);
	const struct session_variables *variables = &handle->session->variables;
	sorted->handle = handle;
	sorted->stage = stage;
	sorted->limit = limit;
	sorted->memory_max = variables->sort_buffer_size > variables->tmp_table_size ? variables->sort_buffer_size
										     : variables->tmp_table_size;
	sorted->row = memory_zalloc((stage->input_count + 1) * sizeof *sorted->row);
	buf_init(&sorted->key);
	buf_init(&sorted->packed);
	buf_init(&sorted->worst);
	return sorted;
}

static void drop_entries(struct sorted *sorted)
{
	for (size_t i = 0; i < sorted->count; i++)
		memory_free(sorted->places[i].entry);
	sorted->count = 0;
}

void sorted_destroy(struct sorted **place)
{
	struct sorted *sorted = *place;
	if (sorted == NULL)
		return;
	drop_entries(sorted);
	sorter_destroy(&sorted->sorter);
	buf_deinit(&sorted->key);
	buf_deinit(&sorted->packed);
	buf_deinit(&sorted->worst);
	memory_free(sorted->places);
	memory_free(sorted->row);
	memory_free(sorted);
	*place = NULL;
}

/* ------------------------------------------------------------------ the best rows */

static struct bytes key_of(const struct entry *entry)
{
	return bytes_of(entry->bytes, entry->key_size);
}

static struct bytes row_of(const struct entry *entry)
{
	return bytes_of(entry->bytes + entry->key_size, entry->size - entry->key_size);
}

static int compare_places(const void *a, const void *b)
{
	const struct place *one = a, *other = b;
	for (unsigned i = 0; i < prefix_words; i++)
		if (one->prefix[i] != other->prefix[i])
			return one->prefix[i] < other->prefix[i] ? -1 : 1;
	return bytes_compare(key_of(one->entry), key_of(other->entry));
}

static struct place place_of(struct entry *entry)
{
	struct place place = {.entry = entry};
	for (unsigned i = 0; i < prefix_words * 8 && i < entry->key_size; i++)
		place.prefix[i / 8] |= (uint64_t)entry->bytes[i] << (56 - i % 8 * 8);
	return place;
}

static void swap(struct place *a, struct place *b)
{
	struct place kept = *a;
	*a = *b;
	*b = kept;
}

/* Those of [first, end) that are less than the one in the middle come first, [*out_first, *out_end) are equal to it. */
static void part(struct place *places, size_t first, size_t end, size_t *out_first, size_t *out_end)
{
	struct place middle = places[first + (end - first) / 2];
	for (size_t at = first; at < end;) {
		int order = compare_places(&places[at], &middle);
		if (order < 0)
			swap(&places[at++], &places[first++]);
		else if (order > 0)
			swap(&places[at], &places[--end]);
		else
			at++;
	}
	*out_first = first;
	*out_end = end;
}

/* The first `count` in order come to the front, the last of them last. */
static void select_best(struct place *places, size_t all, size_t count)
{
	enum { rounds_max = 60 }; /* some 20 of a million are usual */
	size_t first = 0, end = all, equal_first, equal_end;
	for (unsigned round = 0; end - first > 1; round++) {
		if (round == rounds_max) {
			qsort(places + first, end - first, sizeof *places, compare_places);
			return;
		}
		part(places, first, end, &equal_first, &equal_end);
		if (count - 1 < equal_first)
			end = equal_first;
		else if (count - 1 >= equal_end)
			first = equal_end;
		else
			return;
	}
}

/* Of twice as many as are wanted the better half stays. */
static void drop_worse(struct sorted *sorted)
{
	size_t kept = (size_t)sorted->limit;
	select_best(sorted->places, sorted->count, kept);
	for (size_t i = kept; i < sorted->count; i++) {
		sorted->size -= sizeof(struct place) + sorted->places[i].entry->size;
		memory_free(sorted->places[i].entry);
	}
	sorted->count = kept;
	sorted->has_worst = true;
	buf_clear(&sorted->worst);
	buf_put_bytes(&sorted->worst, key_of(sorted->places[kept - 1].entry));
}

static struct entry *make_entry(const struct sorted *sorted)
{
	size_t size = sorted->key.size + sorted->packed.size;
	struct entry *entry = memory_alloc(sizeof *entry + size);
	entry->key_size = (uint32_t)sorted->key.size;
	entry->size = (uint32_t)size;
	memcpy(entry->bytes, sorted->key.data, sorted->key.size);
	memcpy(entry->bytes + sorted->key.size, sorted->packed.data, sorted->packed.size);
	return entry;
}

static void put_entry(struct sorted *sorted)
{
	if (sorted->count >= places_min && sorted->count / 2 >= sorted->limit)
		drop_worse(sorted);
	if (sorted->count == sorted->capacity)
		sorted->places =
			memory_grow(sorted->places, sizeof *sorted->places, sorted->count + 1, &sorted->capacity);
	struct entry *entry = make_entry(sorted);
	sorted->size += sizeof(struct place) + entry->size;
	sorted->places[sorted->count++] = place_of(entry);
}

/* ------------------------------------------------------------------ rows in */

/* To MySQL what does not fit on disk is a table that is full. */
static int add_to_sorter(struct sorted *sorted, struct bytes key, struct bytes row)
{
	struct diag *diag = &sorted->handle->diag;
	if (sorter_add(sorted->sorter, key, row, diag) == 0)
		return 0;
	return errno == ENOSPC ? diag_set(diag, ER_RECORD_FILE_FULL, "(temporary)") : -1;
}

static int begin_sorter(struct sorted *sorted)
{
	const char *directory = sqlite3_temp_directory ? sqlite3_temp_directory : "/tmp";
	sorted->sorter = sorter_create(directory, (size_t)sorted->memory_max);
	for (size_t i = 0; i < sorted->count; i++) {
		const struct entry *entry = sorted->places[i].entry;
		if (add_to_sorter(sorted, key_of(entry), row_of(entry)) != 0)
			return -1;
	}
	drop_entries(sorted);
	return 0;
}

/* Memory is full even when no more rows than are wanted are kept. */
static bool is_full(struct sorted *sorted)
{
	if (sorted->size > sorted->memory_max && sorted->count > sorted->limit)
		drop_worse(sorted);
	return sorted->size > sorted->memory_max;
}

bool sorted_wants(struct sorted *sorted, const struct cell *keys)
{
	buf_clear(&sorted->key);
	for (unsigned i = 0; i < sorted->stage->key_count; i++)
		order_key_put(&sorted->stage->inputs[i], &keys[i], &sorted->key);
	struct bytes key = buf_bytes(&sorted->key);
	if (sorted->limit == 0)
		return false;
	return !sorted->has_worst || bytes_compare(key, buf_bytes(&sorted->worst)) < 0;
}

int sorted_add(struct sorted *sorted, const struct cell *row)
{
	buf_clear(&sorted->packed);
	for (unsigned i = 0; i < sorted->stage->input_count; i++)
		cell_pack(&row[i], &sorted->packed);
	bool spills = sorted->limit == UINT64_MAX || is_full(sorted);
	if (sorted->sorter == NULL && spills && begin_sorter(sorted) != 0)
		return -1;
	if (sorted->sorter)
		return add_to_sorter(sorted, buf_bytes(&sorted->key), buf_bytes(&sorted->packed));
	put_entry(sorted);
	return 0;
}

/* ------------------------------------------------------------------ rows out */

int sorted_rewind(struct sorted *sorted)
{
	sorted->at = 0;
	if (sorted->sorter)
		return sorter_begin_reading(sorted->sorter, &sorted->handle->diag);
	if (!sorted->is_ordered && sorted->count > 1)
		qsort(sorted->places, sorted->count, sizeof *sorted->places, compare_places);
	sorted->is_ordered = true;
	return 0;
}

static int next_packed(struct sorted *sorted, struct bytes *out_packed)
{
	struct bytes key;
	if (sorted->sorter)
		return sorter_next(sorted->sorter, &key, out_packed, &sorted->handle->diag);
	if (sorted->at == sorted->count)
		return 0;
	*out_packed = row_of(sorted->places[sorted->at++].entry);
	return 1;
}

int sorted_next(struct sorted *sorted)
{
	struct bytes packed;
	int found = next_packed(sorted, &packed);
	for (unsigned i = 0; found > 0 && i < sorted->stage->input_count; i++)
		if (!cell_unpack(&packed, &sorted->row[i]))
			return diag_set(&sorted->handle->diag, ER_TEMP_FILE_WRITE_FAILURE);
	return found;
}

void sorted_column(struct sorted *sorted, unsigned column, sqlite3_context *context)
{
	if (column < sorted->stage->input_count)
		cell_result(&sorted->row[column], context);
}
