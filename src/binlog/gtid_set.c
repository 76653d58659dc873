/*
 * The set as sorted intervals. Adding and removing one interval find their place by bisection and move the tail;
 * a commit extends the last interval of its SID, which is the cheap end of that. Whole sets go interval by
 * interval: they are small (one interval a server, in health).
 */
#include "binlog/gtid.h"

#include <assert.h>
#include <string.h>

#include "base/memory.h"

void gtid_set_init(struct gtid_set *set)
{
	*set = (struct gtid_set){0};
}

void gtid_set_clear(struct gtid_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		memory_free(set->sources[i].intervals);
	set->count = 0;
}

void gtid_set_deinit(struct gtid_set *set)
{
	gtid_set_clear(set);
	memory_free(set->sources);
	*set = (struct gtid_set){0};
}

/* The first source whose SID is not below this one. */
static size_t source_place(const struct gtid_set *set, const uint8_t *sid)
{
	size_t low = 0, high = set->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (memcmp(set->sources[middle].sid, sid, uuid_size) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct gtid_source *find_source(const struct gtid_set *set, const uint8_t *sid)
{
	size_t place = source_place(set, sid);
	if (place < set->count && memcmp(set->sources[place].sid, sid, uuid_size) == 0)
		return &set->sources[place];
	return NULL;
}

static struct gtid_source *insert_source(struct gtid_set *set, const uint8_t *sid)
{
	size_t place = source_place(set, sid);
	if (set->count == set->capacity) {
		set->capacity = set->capacity ? set->capacity * 2 : 2;
		set->sources = memory_realloc(set->sources, set->capacity * sizeof *set->sources);
	}
	struct gtid_source *source = &set->sources[place];
	memmove(source + 1, source, (set->count - place) * sizeof *source);
	*source = (struct gtid_source){0};
	memcpy(source->sid, sid, uuid_size);
	set->count++;
	return source;
}

static void remove_source(struct gtid_set *set, struct gtid_source *source)
{
	memory_free(source->intervals);
	size_t behind = (size_t)(set->sources + set->count - (source + 1));
	memmove(source, source + 1, behind * sizeof *source);
	set->count--;
}

/* The first interval that ends at gno or later. */
static size_t interval_place(const struct gtid_source *source, int64_t gno)
{
	size_t low = 0, high = source->count;
	if (high && source->intervals[high - 1].last < gno)
		return high;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (source->intervals[middle].last < gno)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Replaces removed intervals from place on by inserted ones. */
static void splice(struct gtid_source *source, size_t place, size_t removed, const struct gtid_interval *inserted,
		   size_t inserted_count)
{
	size_t count = source->count - removed + inserted_count;
	if (count > source->capacity) {
		source->capacity = source->capacity ? source->capacity * 2 : 1;
		if (source->capacity < count)
			source->capacity = count;
		source->intervals = memory_realloc(source->intervals, source->capacity * sizeof *source->intervals);
	}
	struct gtid_interval *at = source->intervals + place;
	memmove(at + inserted_count, at + removed, (source->count - place - removed) * sizeof *at);
	if (inserted_count)
		memcpy(at, inserted, inserted_count * sizeof *at);
	source->count = count;
}

void gtid_set_add_interval(struct gtid_set *set, const uint8_t sid[uuid_size], struct gtid_interval interval)
{
	assert(interval.first >= 1 && interval.first <= interval.last && interval.last < GTID_GNO_MAX);
	struct gtid_source *source = find_source(set, sid);
	if (source == NULL)
		source = insert_source(set, sid);
	/* All that overlap or touch become one with it. */
	size_t place = interval_place(source, interval.first - 1);
	size_t end = place;
	while (end < source->count && source->intervals[end].first <= interval.last + 1) {
		const struct gtid_interval *old = &source->intervals[end++];
		if (old->first < interval.first)
			interval.first = old->first;
		if (old->last > interval.last)
			interval.last = old->last;
	}
	splice(source, place, end - place, &interval, 1);
}

void gtid_set_remove_interval(struct gtid_set *set, const uint8_t sid[uuid_size], struct gtid_interval interval)
{
	assert(interval.first >= 1 && interval.first <= interval.last);
	struct gtid_source *source = find_source(set, sid);
	if (source == NULL)
		return;
	size_t place = interval_place(source, interval.first);
	size_t end = place;
	struct gtid_interval rest[2];
	size_t rest_count = 0;
	while (end < source->count && source->intervals[end].first <= interval.last) {
		const struct gtid_interval *old = &source->intervals[end++];
		if (old->first < interval.first)
			rest[rest_count++] = (struct gtid_interval){old->first, interval.first - 1};
		if (old->last > interval.last)
			rest[rest_count++] = (struct gtid_interval){interval.last + 1, old->last};
	}
	splice(source, place, end - place, rest, rest_count);
	if (source->count == 0)
		remove_source(set, source);
}

void gtid_set_add(struct gtid_set *set, const struct gtid *gtid)
{
	gtid_set_add_interval(set, gtid->sid, (struct gtid_interval){gtid->gno, gtid->gno});
}

void gtid_set_remove(struct gtid_set *set, const struct gtid *gtid)
{
	gtid_set_remove_interval(set, gtid->sid, (struct gtid_interval){gtid->gno, gtid->gno});
}

void gtid_set_copy(const struct gtid_set *from, struct gtid_set *to)
{
	if (from == to)
		return;
	gtid_set_clear(to);
	gtid_set_add_set(to, from);
}

void gtid_set_add_set(struct gtid_set *set, const struct gtid_set *other)
{
	if (set == other)
		return;
	for (size_t i = 0; i < other->count; i++)
		for (size_t j = 0; j < other->sources[i].count; j++)
			gtid_set_add_interval(set, other->sources[i].sid, other->sources[i].intervals[j]);
}

void gtid_set_add_source(struct gtid_set *set, const struct gtid_set *other, const uint8_t sid[uuid_size])
{
	const struct gtid_source *source = find_source(other, sid);
	for (size_t i = 0; source && i < source->count; i++)
		gtid_set_add_interval(set, sid, source->intervals[i]);
}

void gtid_set_subtract(struct gtid_set *set, const struct gtid_set *other)
{
	if (set == other) {
		gtid_set_clear(set);
		return;
	}
	for (size_t i = 0; i < other->count; i++)
		for (size_t j = 0; j < other->sources[i].count; j++)
			gtid_set_remove_interval(set, other->sources[i].sid, other->sources[i].intervals[j]);
}

/* What is in both is what is left of one when the rest of it has gone: a - (a - b). */
void gtid_set_intersect(struct gtid_set *set, const struct gtid_set *other)
{
	struct gtid_set rest;
	gtid_set_init(&rest);
	gtid_set_copy(set, &rest);
	gtid_set_subtract(&rest, other);
	gtid_set_subtract(set, &rest);
	gtid_set_deinit(&rest);
}

bool gtid_set_is_empty(const struct gtid_set *set)
{
	return set->count == 0;
}

static bool holds_interval(const struct gtid_set *set, const uint8_t *sid, struct gtid_interval interval)
{
	const struct gtid_source *source = find_source(set, sid);
	if (source == NULL)
		return false;
	size_t place = interval_place(source, interval.first);
	return place < source->count && source->intervals[place].first <= interval.first &&
	       source->intervals[place].last >= interval.last;
}

bool gtid_set_contains(const struct gtid_set *set, const struct gtid *gtid)
{
	return holds_interval(set, gtid->sid, (struct gtid_interval){gtid->gno, gtid->gno});
}

bool gtid_set_is_subset(const struct gtid_set *set, const struct gtid_set *of)
{
	for (size_t i = 0; i < set->count; i++)
		for (size_t j = 0; j < set->sources[i].count; j++)
			if (!holds_interval(of, set->sources[i].sid, set->sources[i].intervals[j]))
				return false;
	return true;
}

bool gtid_set_intersects(const struct gtid_set *a, const struct gtid_set *b)
{
	for (size_t i = 0; i < a->count; i++) {
		const struct gtid_source *source = find_source(b, a->sources[i].sid);
		for (size_t j = 0; source && j < a->sources[i].count; j++) {
			struct gtid_interval interval = a->sources[i].intervals[j];
			size_t place = interval_place(source, interval.first);
			if (place < source->count && source->intervals[place].first <= interval.last)
				return true;
		}
	}
	return false;
}

bool gtid_set_equal(const struct gtid_set *a, const struct gtid_set *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		const struct gtid_source *left = &a->sources[i], *right = &b->sources[i];
		if (memcmp(left->sid, right->sid, uuid_size) != 0 || left->count != right->count ||
		    memcmp(left->intervals, right->intervals, left->count * sizeof *left->intervals) != 0)
			return false;
	}
	return true;
}

uint64_t gtid_set_count(const struct gtid_set *set)
{
	uint64_t total = 0;
	for (size_t i = 0; i < set->count; i++)
		for (size_t j = 0; j < set->sources[i].count; j++) {
			struct gtid_interval interval = set->sources[i].intervals[j];
			uint64_t size = (uint64_t)(interval.last - interval.first) + 1;
			if (__builtin_add_overflow(total, size, &total))
				return UINT64_MAX;
		}
	return total;
}

int64_t gtid_set_next_gno(const struct gtid_set *set, const uint8_t sid[uuid_size], int64_t from)
{
	const struct gtid_source *source = find_source(set, sid);
	size_t place = source ? interval_place(source, from) : 0;
	if (source == NULL || place == source->count || source->intervals[place].first > from)
		return from;
	return source->intervals[place].last + 1;
}

int64_t gtid_set_last_gno(const struct gtid_set *set, const uint8_t sid[uuid_size])
{
	const struct gtid_source *source = find_source(set, sid);
	return source ? source->intervals[source->count - 1].last : 0;
}
