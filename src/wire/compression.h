/*
 * The compressed protocol, as a layer over a socket or over TLS. Source: MySQL's "Compression", of the client protocol.
 *
 *   3 bytes size of what follows, 1 byte number, 3 bytes size before compression or 0: not compressed; the bytes
 *
 * Packets are a stream of bytes to it: one frame may hold many, and one packet may need many frames. Frames have numbers
 * of their own, which start at 0 with each command; inside, the packets' numbers mean nothing any more, since clients do
 * not agree on them.
 *
 * A frame gives what its header claims and not a byte more or less: less than 16 MB, unpacked only as it is read, so that a
 * small frame that claims much costs no memory. Between frames nothing is held but what was read ahead.
 */
#pragma once

#include "wire/transport.h"

enum compression_kind { COMPRESSION_ZLIB, COMPRESSION_ZSTD };
enum { compression_frame_header_size = 7, compression_zlib_level = 6, compression_zstd_level_max = 22 };

/* Takes over what lies below. level: 1 to 9, 1 to 22. */
struct transport *compression_layer(struct transport *below, enum compression_kind kind, unsigned level);
