/* QUERY events: a statement's text and the session it ran in. Private to exec. */
#pragma once

#include "binlog/event_writer.h"
#include "exec/statement.h"

/* The transaction's event writer, with the statement's time. */
struct event_writer statement_event_writer(const struct statement *statement);
/* Puts words of ours into what else is the client's text: in its character set. */
void statement_put_text(const struct statement *statement, struct bytes utf8, struct buf *out);
/* The context a replica needs to run the text as it ran here. All is borrowed. */
void statement_describe(const struct statement *statement, struct bytes text, const char *database,
			struct event_query *out);
