/* What the virtual tables of channels share. Private to this folder. */
#pragma once

#include "channel/channel.h"
#include "exec/virtual_writer.h"

/* The next channel that has a source, from number *next on; what status points to is in the writer's arena. */
bool virtual_next_channel(struct virtual_writer *writer, size_t *next, struct channel_status *status);
