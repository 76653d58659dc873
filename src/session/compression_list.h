/* protocol_compression_algorithms and its like: which ways of compressing a connection are allowed. Pure. */
#pragma once

#include <stdbool.h>

#include "base/bytes.h"

enum compression_set { COMPRESSION_ALLOWS_ZLIB = 1, COMPRESSION_ALLOWS_ZSTD = 2, COMPRESSION_ALLOWS_NONE = 4 };

/*
 * Names by comma, in any case: zlib, zstd, uncompressed. False: another name (out_unknown, of text), none at all, or one
 * twice.
 */
bool compression_list_parse(struct bytes text, unsigned *out_set, struct bytes *out_unknown);
