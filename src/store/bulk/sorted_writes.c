#include "store/bulk/sorted_writes.h"

#include <stdlib.h>

#include "base/memory.h"
#include "store/key_head.h"
#include "store/store_internal.h"

enum { piece_length = 16 * 1024, space_size = 4 };

/* Records in the order of their keys, the newest of a key last, those of other spaces between them. */
struct run {
	const struct writes *from; /* the transaction's, or copies */
	struct writes copies;      /* owned */
	size_t begin, end;         /* offsets in the records */
	/* while merging */
	size_t at;                 /* behind the one it stands on */
	uint64_t head;
	struct write write;
};

struct piece_item {
	uint64_t head; /* of the key behind the space */
	size_t number; /* in the order they were made */
};

/* What was met of a space since its last run. */
struct piece {
	struct piece_item *items; /* owned */
	struct write *writes;     /* owned */
	size_t count, item_capacity, write_capacity;
	bool rises;               /* and is one transaction's */
	const struct writes *from;
	size_t begin, end;
};

struct space {
	uint32_t number;
	struct piece piece;
	struct run *runs; /* owned; older ones first */
	size_t run_count, run_capacity;
	struct bytes last; /* the last key of a last run that rises where it stands */
};

struct sorted_writes {
	struct space *spaces; /* owned; rising when complete */
	unsigned space_count, spaces_max, spaces_read;
	struct run **heap;    /* owned; of the space that is read: the first is next */
	size_t heap_count;
};

/* ------------------------------------------------------------------ pieces become runs */

static int compare_items(const void *a, const void *b, void *writes)
{
	const struct piece_item *left = a, *right = b;
	if (left->head != right->head)
		return left->head < right->head ? -1 : 1;
	const struct write *all = writes;
	int order = bytes_compare(all[left->number].key, all[right->number].key);
	return order ? order : left->number < right->number ? -1 : 1;
}

static struct run *add_run(struct space *space)
{
	if (space->run_count == space->run_capacity)
		space->runs = memory_grow(space->runs, sizeof *space->runs, space->run_count + 1, &space->run_capacity);
	struct run *run = &space->runs[space->run_count++];
	*run = (struct run){0};
	return run;
}

static void leave_where_it_stands(struct space *space)
{
	const struct piece *piece = &space->piece;
	struct run *last = space->run_count ? &space->runs[space->run_count - 1] : NULL;
	bool goes_on = last && last->from == piece->from && bytes_compare(space->last, piece->writes[0].key) < 0;
	if (!goes_on) {
		last = add_run(space);
		last->from = piece->from;
		last->begin = piece->begin;
	}
	last->end = piece->end;
	space->last = piece->writes[piece->count - 1].key;
}

static void copy_sorted(struct space *space)
{
	struct piece *piece = &space->piece;
	struct run *run = add_run(space);
	qsort_r(piece->items, piece->count, sizeof *piece->items, compare_items, piece->writes);
	for (size_t i = 0; i < piece->count; i++) {
		const struct write *write = &piece->writes[piece->items[i].number];
		if (write->is_deletion)
			writes_delete(&run->copies, write->key);
		else
			writes_put(&run->copies, write->key, write->value);
	}
	run->end = run->copies.records.size;
}

static void end_piece(struct space *space)
{
	if (space->piece.count == 0)
		return;
	if (space->piece.rises)
		leave_where_it_stands(space);
	else
		copy_sorted(space);
	space->piece.count = 0;
}

static void add_to_piece(struct space *space, const struct writes *from, size_t begin, size_t end,
			 const struct write *write)
{
	struct piece *piece = &space->piece;
	if (piece->count == piece_length)
		end_piece(space);
	if (piece->count == piece->item_capacity)
		piece->items = memory_grow(piece->items, sizeof *piece->items, piece->count + 1, &piece->item_capacity);
	if (piece->count == piece->write_capacity)
		piece->writes = memory_grow(piece->writes, sizeof *piece->writes, piece->count + 1, &piece->write_capacity);
	if (piece->count == 0) {
		piece->rises = true;
		piece->from = from;
		piece->begin = begin;
	} else if (piece->rises) {
		piece->rises = piece->from == from && bytes_compare(piece->writes[piece->count - 1].key, write->key) < 0;
	}
	piece->end = end;
	piece->items[piece->count] = (struct piece_item){key_head(write->key, space_size), piece->count};
	piece->writes[piece->count++] = *write;
}

/* ------------------------------------------------------------------ spaces */

static uint32_t space_of(struct bytes key)
{
	return (uint32_t)bytes_load_uint_be(key.data, space_size);
}

/* NULL: there are too many. */
static struct space *find_space(struct sorted_writes *sorted, uint32_t number)
{
	for (unsigned i = 0; i < sorted->space_count; i++)
		if (sorted->spaces[i].number == number)
			return &sorted->spaces[i];
	if (sorted->space_count == sorted->spaces_max)
		return NULL;
	struct space *space = &sorted->spaces[sorted->space_count++];
	space->number = number;
	return space;
}

static bool take_in(struct sorted_writes *sorted, const struct writes *writes)
{
	struct write write;
	for (size_t offset = 0, begin = 0; writes_next(buf_bytes(&writes->records), &offset, &write); begin = offset) {
		struct space *space = find_space(sorted, space_of(write.key));
		if (space == NULL)
			return false;
		add_to_piece(space, writes, begin, offset, &write);
	}
	return true;
}

static int compare_spaces(const void *a, const void *b)
{
	const struct space *left = a, *right = b;
	return left->number < right->number ? -1 : left->number > right->number;
}

struct sorted_writes *sorted_writes_create(struct store_txn *const *txns, size_t count, unsigned spaces_max)
{
	struct sorted_writes *sorted = memory_zalloc(sizeof *sorted);
	sorted->spaces = memory_zalloc(spaces_max * sizeof *sorted->spaces);
	sorted->spaces_max = spaces_max;
	for (size_t i = 0; i < count; i++) {
		if (!take_in(sorted, &txns[i]->writes)) {
			sorted_writes_destroy(&sorted);
			return NULL;
		}
	}
	for (unsigned i = 0; i < sorted->space_count; i++)
		end_piece(&sorted->spaces[i]);
	qsort(sorted->spaces, sorted->space_count, sizeof *sorted->spaces, compare_spaces);
	return sorted;
}

static void space_deinit(struct space *space)
{
	for (size_t i = 0; i < space->run_count; i++)
		writes_deinit(&space->runs[i].copies);
	memory_free(space->runs);
	memory_free(space->piece.items);
	memory_free(space->piece.writes);
	*space = (struct space){0};
}

void sorted_writes_destroy(struct sorted_writes **place)
{
	struct sorted_writes *sorted = *place;
	*place = NULL;
	if (sorted == NULL)
		return;
	for (unsigned i = 0; i < sorted->space_count; i++)
		space_deinit(&sorted->spaces[i]);
	memory_free(sorted->spaces);
	memory_free(sorted->heap);
	memory_free(sorted);
}

/* ------------------------------------------------------------------ merging */

/* To the run's next record of the space. */
static bool advance(struct run *run, uint32_t space)
{
	const struct writes *writes = run->from ? run->from : &run->copies;
	struct bytes records = bytes_of(writes->records.data, run->end);
	while (writes_next(records, &run->at, &run->write)) {
		if (space_of(run->write.key) != space)
			continue;
		run->head = key_head(run->write.key, space_size);
		return true;
	}
	return false;
}

/* Runs that are older are earlier in memory. */
static bool is_before(const struct run *left, const struct run *right)
{
	if (left->head != right->head)
		return left->head < right->head;
	int order = bytes_compare(left->write.key, right->write.key);
	return order ? order < 0 : left < right;
}

static void sift_down(struct sorted_writes *sorted, size_t at)
{
	struct run **heap = sorted->heap, *run = heap[at];
	for (size_t child; (child = 2 * at + 1) < sorted->heap_count; at = child) {
		if (child + 1 < sorted->heap_count && is_before(heap[child + 1], heap[child]))
			child++;
		if (is_before(run, heap[child]))
			break;
		heap[at] = heap[child];
	}
	heap[at] = run;
}

static struct space *space_read(struct sorted_writes *sorted)
{
	return &sorted->spaces[sorted->spaces_read - 1];
}

bool sorted_writes_next_space(struct sorted_writes *sorted)
{
	if (sorted->spaces_read > 0)
		space_deinit(space_read(sorted));
	if (sorted->spaces_read == sorted->space_count)
		return false;
	sorted->spaces_read++;
	struct space *space = space_read(sorted);
	memory_free(sorted->heap);
	sorted->heap = memory_alloc(space->run_count * sizeof *sorted->heap);
	sorted->heap_count = 0;
	for (size_t i = 0; i < space->run_count; i++) {
		space->runs[i].at = space->runs[i].begin;
		if (advance(&space->runs[i], space->number))
			sorted->heap[sorted->heap_count++] = &space->runs[i];
	}
	for (size_t i = sorted->heap_count; i-- > 0;)
		sift_down(sorted, i);
	return true;
}

static void take_first(struct sorted_writes *sorted, struct write *out)
{
	struct run *run = sorted->heap[0];
	*out = run->write;
	if (!advance(run, space_read(sorted)->number))
		sorted->heap[0] = sorted->heap[--sorted->heap_count];
	if (sorted->heap_count > 0)
		sift_down(sorted, 0);
}

bool sorted_writes_next(struct sorted_writes *sorted, struct write *out)
{
	if (sorted->heap_count == 0)
		return false;
	do
		take_first(sorted, out);
	while (sorted->heap_count > 0 && bytes_equal(sorted->heap[0]->write.key, out->key));
	return true;
}
