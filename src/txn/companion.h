/*
 * A companion in the log: a record of the store that rides in a transaction's events.
 *
 *   IGNORABLE (28), flagged so: "gemel-record\0", key size u16, key, value
 *
 * Replicas and tools of every make pass over it. Recovery puts the record into the store with the transaction.
 */
#pragma once

#include "binlog/event_writer.h"

void companion_put_event(const struct event_writer *writer, struct bytes key, struct bytes value);
/* False when the event is no companion. Both borrow from the event. */
bool companion_read_event(const struct event *event, struct bytes *out_key, struct bytes *out_value);
