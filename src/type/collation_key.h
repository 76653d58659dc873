/* What key.c needs besides collation_put_key. Private to this folder. */
#pragma once

#include "base/buf.h"
#include "type/collation.h"

/* Bytes of the key that collation_put_key wrote at the beginning of `key`, or -1: no such key. */
int64_t collation_key_size(const struct collation *collation, struct bytes key);

/* Byte strings: 0x00 becomes 0x00 0xff, 0x00 0x00 ends. */
void key_put_escaped(struct bytes bytes, struct buf *out);
int64_t key_escaped_size(struct bytes key);
