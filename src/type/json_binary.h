/*
 * MySQL 8.0's binary JSON, as its row events carry it, printed as text in the normal form of json_text.h.
 *
 * One type byte, then the value. Objects and arrays have a count, a size in bytes, then entries: an object's
 * names (offset and u16 size, sorted as in our normal form), then values (type byte, and an offset or the
 * value itself where it fits). Offsets count from the count. "Small" ones have 2-byte numbers, "large" ones 4.
 * https://dev.mysql.com/doc/dev/mysql-server/latest/json__binary_8h.html
 *
 * Pure, any thread. The bytes come from a network: nothing in them is trusted.
 */
#pragma once

#include <stdbool.h>

#include "base/buf.h"
#include "base/bytes.h"

/* Appends the text. False, with nothing appended, when the bytes are no such JSON or nest too deep. */
bool json_binary_print(struct bytes binary, struct buf *out);
