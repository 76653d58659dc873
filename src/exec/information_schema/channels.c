#include "exec/information_schema/channels.h"

#include <strings.h>

int virtual_put_channels(struct virtual_writer *writer, channel_rows *rows)
{
	struct channels *channels = writer->session->server->channels;
	struct channel_status *status = arena_new(writer->arena, struct channel_status);
	for (size_t i = 0; channels && channels_status_at(channels, i, writer->arena, status); i++)
		if (*status->settings.host)
			rows(writer, status);
	return 0;
}

void virtual_put_assigned_gtids(struct virtual_writer *writer, const struct channel_settings *settings,
				const char *value_if_off)
{
	const char *assigned = settings->assign_gtids;
	if (!channel_settings_assign_gtids(settings)) {
		virtual_put_text(writer, "OFF");
		virtual_put_text(writer, value_if_off);
	} else if (strcasecmp(assigned, "LOCAL") == 0) {
		virtual_put_text(writer, "LOCAL");
		virtual_put_text(writer, writer->session->server->uuid);
	} else {
		virtual_put_text(writer, "UUID");
		virtual_put_text(writer, assigned);
	}
}
