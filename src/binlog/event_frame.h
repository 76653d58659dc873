/* How the writers put a header in front of a body and room for a checksum behind it. */
#pragma once

#include "binlog/event_writer.h"

/* Appends a header; the body follows. Returns where the event begins. */
size_t event_frame_begin(const struct event_writer *writer, uint8_t type, uint16_t flags);
/* The body is complete: makes room for the checksum and sets the size. */
void event_frame_end(const struct event_writer *writer, size_t event_at);
