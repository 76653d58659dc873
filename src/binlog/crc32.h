/*
 * The CRC-32 of zlib, Ethernet and MySQL's binary log: the polynomial 0x04c11db7, reflected.
 *
 * Each event's is computed where it is written, and checked by who receives it and by who applies it: so it is folded with
 * carry-less multiplication where the processor has that, some times as fast as by tables.
 */
#pragma once

#include <stdint.h>

#include "base/bytes.h"

/* Of what crc is the sum of (0: nothing), followed by these bytes. */
uint32_t crc32_add(uint32_t crc, struct bytes bytes);
