/*
 * What CHANGE REPLICATION SOURCE sets: a plain struct, and one table that knows each field's option name, how it is
 * kept in the store and what it may be.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/diag.h"
#include "receiver/source_link.h"

enum { channel_ignored_max = 64, channel_name_max = 64,
       channel_count_max = 256 };

struct channel_settings {
	char host[256];
	char user[97];
	char password[256];
	char bind_address[256];
	uint64_t port;
	uint64_t connect_retry_s;
	uint64_t retry_count;
	uint64_t heartbeat_ms;      /* UINT64_MAX: half of slave_net_timeout */
	uint64_t delay_s;
	bool auto_position;
	char use_gtid[12];          /* MariaDB's GTIDs: "No", "Slave_Pos" or "Current_Pos" */
	char assign_gtids[37];      /* to transactions without: "OFF", "LOCAL" or a UUID */
	struct source_link link;
	uint32_t ignored_server_ids[channel_ignored_max];
	uint64_t ignored_count;
};

void channel_settings_init(struct channel_settings *settings); /* MySQL's defaults */
bool channel_settings_use_mariadb_gtids(const struct channel_settings *settings);
bool channel_settings_assign_gtids(const struct channel_settings *settings); /* LOCAL or a UUID was given */

enum channel_option_kind { CHANNEL_OPTION_TEXT, CHANNEL_OPTION_NUMBER, CHANNEL_OPTION_SECONDS, CHANNEL_OPTION_SWITCH };
struct channel_option {
	const char *name;             /* in today's words: "SOURCE_HOST" */
	enum channel_option_kind kind;
	size_t offset, size;          /* of the field; texts: with the final zero */
	uint64_t max;                 /* numbers */
	bool (*accepts)(struct bytes text); /* texts that are not anything; NULL: anything */
};
const struct channel_option *channel_option_find(const char *name); /* NULL: not one of the table */
/* SECONDS are kept in ms. -1: 1210, too long a text or out of range. */
int channel_option_set_text(struct channel_settings *settings, const struct channel_option *option,
			    struct bytes text, struct diag *diag);
int channel_option_set_number(struct channel_settings *settings, const struct channel_option *option, double number,
			      struct diag *diag);

/* For the store: name and value of each field as text, so that fields may come and go. */
void channel_settings_encode(const struct channel_settings *settings, struct buf *out);
int channel_settings_decode(struct bytes bytes, struct channel_settings *out, struct diag *diag);
