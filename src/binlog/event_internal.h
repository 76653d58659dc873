/* What the codec's own files share. */
#pragma once

#include "binlog/event.h"

/* Always -1: ER_SLAVE_CORRUPT_EVENT, "<type> event: <what>". */
int event_corrupt(const struct event *event, struct diag *diag, const char *what);

/* The length the format gives the type's post header, or ours when it gives none. */
unsigned event_post_header_size(const struct event *event);

/* -1 unless the cursor ended exactly at the body's end without failing. */
int event_done(const struct event *event, const struct cursor *at, struct diag *diag);

extern const uint8_t event_post_header_sizes[EVENT_TYPE_COUNT]; /* of types 1.. */
