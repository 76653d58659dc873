/* What most keys differ in, as a number: compared by one instruction, and by their bytes only where it is equal. */
#pragma once

#include "base/bytes.h"

/*
 * The 8 bytes from there on, as if zeros followed the key. Of two keys that are alike before it the one with the greater
 * number is behind the other.
 */
static inline uint64_t key_head(struct bytes key, size_t from)
{
	if (key.size <= from)
		return 0;
	size_t left = key.size - from;
	if (left >= 8)
		return bytes_load_uint_be(key.data + from, 8);
	return bytes_load_uint_be(key.data + from, left) << (8 * (8 - left));
}
