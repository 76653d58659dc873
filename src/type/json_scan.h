/*
 * Reading JSON where it lies: a text in the normal form of json_text.h, seen as slices of itself.
 *
 * Nothing is built and nothing is owned: a value is the bytes from its first to its last. A text that is not in the
 * normal form (a foreign replica's, say) is read for what it is as long as it is JSON; what is none ends the walk, never
 * the process.
 *
 * Pure functions, any thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"

enum { json_depth_max = 100 };

/* In MySQL's order of values of different kinds; numbers are ordered with each other. */
enum json_kind {
	JSON_NULL, JSON_INTEGER, JSON_UNSIGNED, JSON_DOUBLE, JSON_STRING, JSON_OBJECT, JSON_ARRAY, JSON_BOOLEAN,
};

enum json_kind json_kind_of(struct bytes value);
static inline bool json_is(struct bytes value, char first)
{
	return value.size > 0 && value.data[0] == (uint8_t)first;
}

/* Through an object's members or an array's elements; anything else has none. */
struct json_walk {
	const uint8_t *at, *end;
	bool is_object;
	size_t index;        /* of the entry, from 0 */
	struct bytes name;   /* a member's, between its quotes, escapes as they stand */
	struct bytes value;
	struct bytes entry;  /* the member or element as a whole */
};
struct json_walk json_walk_of(struct bytes container);
bool json_walk_next(struct json_walk *walk);

size_t json_count(struct bytes value); /* JSON_LENGTH: members, elements, 1 of a scalar */
unsigned json_depth(struct bytes value);

/* Appends what stands between a string's quotes, escapes resolved. */
void json_unescape(struct bytes raw, struct buf *out);
static inline struct bytes json_string_content(struct bytes string)
{
	return string.size >= 2 ? bytes_of(string.data + 1, string.size - 2) : bytes_of(string.data, 0);
}
/* The order of an object's members: by size, then by bytes, of the names without escapes. */
int json_compare_names(struct bytes raw_a, struct bytes raw_b);
/* Is the raw name this one? */
bool json_name_is(struct bytes raw, struct bytes name);

/* <0, 0, >0 as MySQL orders JSON values; objects that differ have some fixed order. */
int json_compare(struct bytes a, struct bytes b);
bool json_contains(struct bytes target, struct bytes candidate); /* JSON_CONTAINS() */
bool json_overlaps(struct bytes a, struct bytes b);              /* JSON_OVERLAPS() */
