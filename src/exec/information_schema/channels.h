/* What the virtual tables of channels share. Private to this folder. */
#pragma once

#include "channel/channel.h"
#include "exec/virtual_writer.h"

/* Makes one channel's rows. What status points to is in the writer's arena; status is the next channel's afterwards. */
typedef void channel_rows(struct virtual_writer *writer, const struct channel_status *status);

/* The rows of all channels that have a source. 0. */
int virtual_put_channels(struct virtual_writer *writer, channel_rows *rows);

/* ASSIGN_GTIDS_TO_ANONYMOUS_TRANSACTIONS: its kind and its value, which may be NULL if it is off. */
void virtual_put_assigned_gtids(struct virtual_writer *writer, const struct channel_settings *settings,
				const char *value_if_off);
