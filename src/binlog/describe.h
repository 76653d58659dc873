/* What SHOW BINLOG EVENTS and SHOW RELAYLOG EVENTS print in their Info column. */
#pragma once

#include "binlog/event.h"

/*
 * Appends MySQL 8.0's text for the event: "use `test`; CREATE TABLE ...", "table_id: 70 (test.t)", "COMMIT" with the
 * xid in a comment, "SET @@SESSION.GTID_NEXT= 'uuid:1'"; nothing for types that have none. An event that
 * cannot be decoded is described by what is wrong with it. The text is in UTF-8 as far as the event is.
 */
void event_describe(const struct event *event, struct buf *out);
