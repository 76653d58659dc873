/*
 * A TRANSACTION_PAYLOAD in the making: a transaction's events become one compressed event (binlog_transaction_compression).
 *
 * Events go in as they stand in a transaction's cache, cut anywhere; inside they have no checksums and no positions.
 * IGNORABLE ones, which are for this server's recovery alone, stay outside and come in front. One thread.
 */
#pragma once

#include "binlog/event_writer.h"

struct payload_writer;

/* level: zstd's, 1 to 22. Never NULL. */
struct payload_writer *payload_writer_create(int level);
void payload_writer_destroy(struct payload_writer **payload);
/* -1: these are no events (ER_SLAVE_CORRUPT_EVENT), zstd failed, or they are more than one event can hold. */
int payload_writer_add(struct payload_writer *payload, struct bytes bytes, struct diag *diag);
/* Appends what stayed outside, and the event. -1: the same, or the last event was cut. */
int payload_writer_finish(struct payload_writer *payload, const struct event_writer *writer, struct diag *diag);
