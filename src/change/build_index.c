/*
 * The entries of a new index, from rows that are there: read, sorted, and taken in by the store as sorted files. The table
 * is locked exclusively and the index is nobody's yet, so only the end result counts, and nobody asks for its keys. Two
 * entries under one key are a duplicate: the keys of those that may be many end in the row's handle.
 *
 * Of a large table threads do it in two stages, in which none waits for another:
 *
 *   read    each reads its part of the rows, and sorts their entries
 *   write   each reads its part of the index out of what all of them have sorted, and writes files
 *
 * An index of few entries is written as others are: a file of its own would cost more.
 */
#include "base/fault.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "base/sorter.h"
#include "change/change_internal.h"
#include "store/bulk/ingest.h"
#include "type/row.h"

enum {
	small_size = 128 * 1024,
	worth_a_thread = 4 * 1024 * 1024, /* of rows, on the disk */
	lock_timeout_ms = 10000,
	rows_between_looks = 1024,
};

/* Looked at by all threads. */
struct build {
	struct store *store;
	const struct table *table;
	const struct index *index;
	const struct change_build_options *options;
	struct sorter **sorters; /* one a part */
	size_t part_count;
};

/* One thread's. */
struct part {
	const struct build *build;
	struct sorter *sorter;
	struct store_ingest *ingest;
	struct buf from, end; /* of the rows it reads, then of the entries it writes */
	enum change_outcome outcome;
	struct diag diag; /* where it is not CHANGE_OK */
	struct row_state row;
	struct buf key, value, lifted, last; /* last: the key before */
};

/* ------------------------------------------------------------------------------------------------- reading */

static int add_row(struct part *part, struct bytes key, struct bytes value, struct diag *diag)
{
	const struct table *table = part->build->table;
	struct row_state *row = &part->row;
	if (table_image_of_value(table, value, &part->lifted, &row->image, diag) != 0 ||
	    row_split(row->image, table->types, table->column_count, row->fields, diag) != 0)
		return -1;
	buf_clear(&row->key);
	buf_put_bytes(&row->key, key);
	change_make_entry(table, part->build->index, row, &part->key, &part->value, NULL);
	return sorter_add(part->sorter, buf_bytes(&part->key), buf_bytes(&part->value), diag);
}

static int check_interrupt(const struct build *build, unsigned *rows, struct diag *diag)
{
	const atomic_bool *interrupt = build->options->interrupt;
	if (++*rows % rows_between_looks)
		return 0;
	return interrupt && atomic_load(interrupt) ? diag_set(diag, ER_QUERY_INTERRUPTED) : 0;
}

static void read_part(void *place)
{
	struct part *part = place;
	struct store_iterator *rows =
		store_iterator_create(part->build->store, NULL, NULL, buf_bytes(&part->from), buf_bytes(&part->end));
	int status = 0;
	unsigned count = 0;
	bool more = store_iterator_seek(rows, buf_bytes(&part->from));
	for (; more && status == 0; more = store_iterator_next(rows)) {
		status = add_row(part, store_iterator_key(rows), store_iterator_value(rows), &part->diag);
		if (status == 0)
			status = check_interrupt(part->build, &count, &part->diag);
	}
	if (status == 0)
		status = store_iterator_status(rows, &part->diag);
	store_iterator_destroy(&rows);
	sorter_complete(part->sorter);
	part->outcome = status == 0 ? CHANGE_OK : CHANGE_ERROR;
}

/* ------------------------------------------------------------------------------------------------- duplicates */

/* The row is read again for what a user would call its key. */
static enum change_outcome report_duplicate(struct part *part, struct bytes handle)
{
	const struct build *build = part->build;
	struct buf key = {0}, value = {0};
	struct bytes image;
	struct arena arena;
	arena_init(&arena);
	change_put_row_key(build->table, handle, &key);
	if (store_get(build->store, buf_bytes(&key), &value, &part->diag) == STORE_OK &&
	    table_image_of_value(build->table, buf_bytes(&value), &part->lifted, &image, &part->diag) == 0)
		diag_set(&part->diag, ER_DUP_ENTRY, change_key_text(build->table, build->index, image, &arena),
			 arena_printf(&arena, "%s.%s", build->table->name, build->index->name));
	else
		change_damaged(&part->diag, build->table, "a row is gone while its index is made");
	arena_deinit(&arena);
	buf_deinit(&key);
	buf_deinit(&value);
	return CHANGE_DUPLICATE;
}

/* The next entry, and whether its key is another than the one before. CHANGE_NO_SUCH_ROW: there is none. */
static enum change_outcome next_entry(struct part *part, struct sorter_reader *entries, struct bytes *key,
				      struct bytes *value)
{
	int found = sorter_reader_next(entries, key, value, &part->diag);
	if (found <= 0)
		return found < 0 ? CHANGE_ERROR : CHANGE_NO_SUCH_ROW;
	if (bytes_equal(*key, buf_bytes(&part->last)))
		return report_duplicate(part, *value);
	buf_clear(&part->last);
	buf_put_bytes(&part->last, *key);
	return CHANGE_OK;
}

/* ------------------------------------------------------------------------------------------------- writing */

static enum change_outcome write_few(struct part *part, struct sorter_reader *entries)
{
	struct store_txn *txn = store_txn_begin(part->build->store, lock_timeout_ms);
	struct bytes key, value;
	enum change_outcome outcome;
	while ((outcome = next_entry(part, entries, &key, &value)) == CHANGE_OK)
		store_txn_put_unlocked(txn, key, value);
	FAULT_STEP("definition.index_entries");
	if (outcome == CHANGE_NO_SUCH_ROW)
		outcome = store_txn_commit(txn, false, &part->diag) == 0 ? CHANGE_OK : CHANGE_ERROR;
	store_txn_end(&txn);
	return outcome;
}

static enum change_outcome write_many(struct part *part, struct sorter_reader *entries)
{
	struct bytes key, value;
	enum change_outcome outcome;
	unsigned count = 0;
	part->ingest = store_ingest_begin(part->build->store);
	while ((outcome = next_entry(part, entries, &key, &value)) == CHANGE_OK)
		if (store_ingest_put(part->ingest, key, value, &part->diag) != 0 ||
		    check_interrupt(part->build, &count, &part->diag) != 0)
			return CHANGE_ERROR;
	if (outcome != CHANGE_NO_SUCH_ROW)
		return outcome;
	return store_ingest_end_file(part->ingest, &part->diag) == 0 ? CHANGE_OK : CHANGE_ERROR;
}

static size_t size_of_all(const struct build *build)
{
	size_t size = 0;
	for (size_t i = 0; i < build->part_count; i++)
		size += sorter_size(build->sorters[i]);
	return size;
}

static void write_part(void *place)
{
	struct part *part = place;
	const struct build *build = part->build;
	struct sorter_reader *entries = sorter_reader_create(build->sorters, build->part_count);
	bool is_small = build->part_count == 1 && size_of_all(build) < small_size;
	part->outcome = CHANGE_ERROR;
	if (sorter_reader_seek(entries, buf_bytes(&part->from), buf_bytes(&part->end), &part->diag) == 0)
		part->outcome = is_small ? write_few(part, entries) : write_many(part, entries);
	sorter_reader_destroy(&entries);
}

/* ------------------------------------------------------------------------------------------------- in parts */

/* The keys divide the space. */
static void set_bounds(struct part *parts, size_t count, uint32_t space, const struct buf *keys)
{
	struct key_range all;
	change_put_key_range(space, &all);
	for (size_t i = 0; i < count; i++) {
		buf_clear(&parts[i].from);
		buf_clear(&parts[i].end);
		buf_put_bytes(&parts[i].from, i ? buf_bytes(&keys[i - 1]) : bytes_of(all.lower, sizeof all.lower));
		buf_put_bytes(&parts[i].end,
			      i + 1 < count ? buf_bytes(&keys[i]) : bytes_of(all.upper, sizeof all.upper));
	}
}

/* Runs the stage. When several of them fail it is the first one's failure. */
static enum change_outcome run_parts(struct part *parts, size_t count, void (*stage)(void *part), struct diag *diag)
{
	parallel_run("index", stage, parts, sizeof *parts, count);
	for (size_t i = 0; i < count; i++) {
		if (parts[i].outcome == CHANGE_OK)
			continue;
		*diag = parts[i].diag;
		return parts[i].outcome;
	}
	return CHANGE_OK;
}

static enum change_outcome take_in(struct part *parts, size_t count, struct diag *diag)
{
	struct store_ingest **ingests = memory_alloc(count * sizeof(struct store_ingest *));
	for (size_t i = 0; i < count; i++)
		ingests[i] = parts[i].ingest;
	int status = ingests[0] ? store_ingest_finish(ingests, count, diag) : 0;
	memory_free(ingests);
	return status == 0 ? CHANGE_OK : CHANGE_ERROR;
}

static enum change_outcome run(const struct build *build, struct part *parts, struct buf *keys, struct diag *diag)
{
	size_t count = build->part_count;
	set_bounds(parts, count, build->table->indexes[0].space, keys);
	enum change_outcome outcome = run_parts(parts, count, read_part, diag);
	if (outcome != CHANGE_OK)
		return outcome;
	for (size_t i = 0; i < count; i++)
		buf_clear(&keys[i]);
	sorter_divide(build->sorters, count, count, keys);
	set_bounds(parts, count, build->index->space, keys);
	outcome = run_parts(parts, count, write_part, diag);
	return outcome == CHANGE_OK ? take_in(parts, count, diag) : outcome;
}

static void part_open(struct part *part, const struct build *build)
{
	const struct change_build_options *options = build->options;
	part->build = build;
	part->diag = (struct diag)DIAG_INIT;
	part->row.fields = memory_alloc(build->table->column_count * sizeof *part->row.fields);
	part->sorter = sorter_create(options->directory, options->memory_max / build->part_count);
}

static void part_close(struct part *part)
{
	store_ingest_end(&part->ingest);
	sorter_destroy(&part->sorter);
	memory_free(part->row.fields);
	struct buf *bufs[] = {&part->from,  &part->end,	   &part->row.key, &part->key,
			      &part->value, &part->lifted, &part->last};
	for (size_t i = 0; i < sizeof bufs / sizeof *bufs; i++)
		buf_deinit(bufs[i]);
}

enum change_outcome change_build_index(struct store *store, const struct table *table, const struct index *index,
				       const struct change_build_options *options, struct diag *diag)
{
	struct build build = {.store = store, .table = table, .index = index, .options = options};
	uint32_t rows = table->indexes[0].space;
	size_t most = parallel_count(store_space_size(store, rows), worth_a_thread, options->threads_max);
	struct buf *keys = memory_zalloc(most * sizeof *keys);
	store_divide_space(store, rows, most, keys);
	build.part_count = keys[0].size ? most : 1;
	struct part *parts = memory_zalloc(build.part_count * sizeof *parts);
	build.sorters = memory_alloc(build.part_count * sizeof(struct sorter *));
	for (size_t i = 0; i < build.part_count; i++) {
		part_open(&parts[i], &build);
		build.sorters[i] = parts[i].sorter;
	}
	enum change_outcome outcome = run(&build, parts, keys, diag);
	for (size_t i = 0; i < build.part_count; i++)
		part_close(&parts[i]);
	for (size_t i = 0; i < most; i++)
		buf_deinit(&keys[i]);
	memory_free(build.sorters);
	memory_free(parts);
	memory_free(keys);
	return outcome;
}
