/* BASE64, as MySQL writes and reads it. Pure. */
#pragma once

#include "base/buf.h"
#include "base/bytes.h"

/* Appended, padded; a line feed behind each line of line_size characters but the last. 0: one line. */
void base64_encode(struct bytes bytes, size_t line_size, struct buf *out);
/*
 * Appends what the text stands for up to its padding, or to its end; *out_rest is what follows, several such texts may
 * stand one behind the other. White space is passed over. False: it is no BASE64, and something may have been appended.
 */
bool base64_decode(struct bytes text, struct bytes *out_rest, struct buf *out);
