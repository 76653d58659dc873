/*
 * The bytes of dates and times in a row image (MySQL 5.6's formats).
 *
 *   DATE        3 bytes little endian: year << 9 | month << 5 | day
 *   TIME2       3 bytes big endian: the whole seconds of the packed int64, biased by 0x800000; then the fraction
 *   DATETIME2   5 bytes big endian, biased by 0x8000000000; then the fraction
 *   TIMESTAMP2  4 bytes big endian: seconds since the epoch; then the fraction
 *   fraction    of fsp digits, an even number of them: 1 byte hundredths, 2 bytes 10^-4, 3 bytes microseconds
 *
 * A negative TIME2 with a fraction has its whole part rounded down and the fraction's complement, so that
 * memcmp order is time order. Values must be rounded to fsp already.
 */
#pragma once

#include <stdint.h>

#include "base/buf.h"

void packed_put_date(int64_t packed, struct buf *out);
void packed_put_time(int64_t packed, unsigned fsp, struct buf *out);
void packed_put_datetime(int64_t packed, unsigned fsp, struct buf *out);
void packed_put_timestamp(int64_t epoch_us, unsigned fsp, struct buf *out);

/* data holds the field's bytes. What they say is not checked: any bits come out as some parts. */
int64_t packed_get_date(const uint8_t *data);
int64_t packed_get_time(const uint8_t *data, unsigned fsp);
int64_t packed_get_datetime(const uint8_t *data, unsigned fsp);
int64_t packed_get_timestamp(const uint8_t *data, unsigned fsp); /* µs since the epoch */
