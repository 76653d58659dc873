/* What a replica and its source tell each other: clock, ids, heartbeat, checksums; then the request. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "receiver/receiver_internal.h"

enum { COM_BINLOG_DUMP_COMMAND = 18, COM_REGISTER_SLAVE_COMMAND = 21, COM_BINLOG_DUMP_GTID_COMMAND = 30 };
enum { unknown_variable = 1193 };

/* Asks for what older sources may not know: then the text is empty. */
static enum receive_outcome ask_if_known(struct receiver *receiver, const char *sql, char *out_text, size_t size,
					 struct diag *diag)
{
	enum receive_outcome outcome = connection_query(receiver, sql, out_text, size, diag);
	if (outcome == RECEIVE_FATAL && diag->code == unknown_variable) {
		diag_clear(diag);
		return RECEIVE_OK;
	}
	return outcome;
}

static enum receive_outcome compare_clocks(struct receiver *receiver, struct diag *diag)
{
	char text[32];
	enum receive_outcome outcome = connection_query(receiver, "SELECT UNIX_TIMESTAMP()", text, sizeof text, diag);
	if (outcome != RECEIVE_OK)
		return outcome;
	lock_take(&receiver->lock);
	receiver->status.clock_difference_s = (int64_t)time(NULL) - strtoll(text, NULL, 10);
	lock_release(&receiver->lock);
	return RECEIVE_OK;
}

static enum receive_outcome compare_ids(struct receiver *receiver, struct diag *diag)
{
	char text[64];
	enum receive_outcome outcome =
		connection_query(receiver, "SHOW VARIABLES LIKE 'SERVER_ID'", text, sizeof text, diag);
	if (outcome != RECEIVE_OK)
		return outcome;
	uint32_t server_id = (uint32_t)strtoul(text, NULL, 10);
	lock_take(&receiver->lock);
	receiver->status.source_server_id = server_id;
	lock_release(&receiver->lock);
	if (server_id != receiver->settings->server_id || receiver->settings->replicates_same_server_id)
		return RECEIVE_OK;
	diag_set(diag, ER_SLAVE_FATAL_ERROR,
		 "The slave I/O thread stops because master and slave have equal MySQL server ids; these ids must be "
		 "different for replication to work (or the --replicate-same-server-id option must be used on slave but "
		 "this does not always make sense; please check the manual before using it).");
	return RECEIVE_FATAL;
}

static enum receive_outcome compare_uuids(struct receiver *receiver, struct diag *diag)
{
	char text[64];
	enum receive_outcome outcome =
		ask_if_known(receiver, "SELECT @@GLOBAL.SERVER_UUID", text, sizeof text, diag);
	if (outcome != RECEIVE_OK)
		return outcome;
	lock_take(&receiver->lock);
	snprintf(receiver->status.source_uuid, sizeof receiver->status.source_uuid, "%s", text);
	lock_release(&receiver->lock);
	if (*text == 0 || strcmp(text, receiver->settings->uuid) != 0)
		return RECEIVE_OK;
	diag_set(diag, ER_SLAVE_FATAL_ERROR,
		 "The slave I/O thread stops because master and slave have equal MySQL server UUIDs; these UUIDs must "
		 "be different for replication to work.");
	return RECEIVE_FATAL;
}

static enum receive_outcome ask_for_heartbeats(struct receiver *receiver, struct diag *diag)
{
	char sql[96];
	if (receiver->settings->heartbeat_period_ns == 0)
		return RECEIVE_OK;
	snprintf(sql, sizeof sql, "SET @master_heartbeat_period= %llu, @source_heartbeat_period= %llu",
		 (unsigned long long)receiver->settings->heartbeat_period_ns,
		 (unsigned long long)receiver->settings->heartbeat_period_ns);
	return connection_query(receiver, sql, NULL, 0, diag);
}

/* A source that knows no checksums (before 5.6) does not know the variable either. */
static enum receive_outcome agree_on_checksums(struct receiver *receiver, struct diag *diag)
{
	char text[16] = "";
	enum receive_outcome outcome = ask_if_known(
		receiver,
		"SET @master_binlog_checksum= @@global.binlog_checksum, @source_binlog_checksum= @@global.binlog_checksum",
		NULL, 0, diag);
	if (outcome == RECEIVE_OK)
		outcome = connection_query(receiver, "SELECT @master_binlog_checksum", text, sizeof text, diag);
	if (outcome != RECEIVE_OK)
		return outcome;
	bool crc32 = strcmp(text, "CRC32") == 0 || strcmp(text, "1") == 0;
	event_format_init(&receiver->format, crc32 ? EVENT_CHECKSUM_CRC32 : EVENT_CHECKSUM_OFF);
	return RECEIVE_OK;
}

static enum receive_outcome refuse_mode(const char *text, const char *mode, struct diag *diag)
{
	char message[256];
	snprintf(message, sizeof message, text, mode);
	diag_set(diag, ER_SLAVE_FATAL_ERROR, message);
	return RECEIVE_FATAL;
}

/*
 * Auto position needs a source where all has GTIDs. By file and position one without them is welcome; one with them is
 * not, when GTIDs are off here. MariaDB has no such variable, nor MySQL before 5.6: then the text is empty.
 */
static enum receive_outcome check_gtid_mode(struct receiver *receiver, struct diag *diag)
{
	char mode[32] = "";
	enum receive_outcome outcome = ask_if_known(receiver, "SELECT @@GLOBAL.GTID_MODE", mode, sizeof mode, diag);
	bool is_on = strcmp(mode, "ON") == 0;
	if (outcome != RECEIVE_OK)
		return outcome;
	if (receiver->settings->auto_position && *mode == 0)
		return refuse_mode("The replication receiver thread cannot start in AUTO_POSITION mode: the master has no "
				   "GTID_MODE%s.", "", diag);
	if (receiver->settings->auto_position && !is_on)
		return refuse_mode("The replication receiver thread cannot start in AUTO_POSITION mode: the master has "
				   "GTID_MODE = %.32s instead of ON.", mode, diag);
	if ((is_on || strcmp(mode, "ON_PERMISSIVE") == 0) && !receiver->hooks->takes_gtids(receiver->hooks->argument))
		return refuse_mode("The replication receiver thread cannot start because the master has GTID_MODE = %.32s "
				   "and this server has GTID_MODE = OFF.", mode, diag);
	return RECEIVE_OK;
}

static enum receive_outcome set_variable(struct receiver *receiver, const char *name, const char *value,
					 struct diag *diag)
{
	struct buf sql = {0};
	buf_printf(&sql, "SET @%s= %s", name, value);
	enum receive_outcome outcome = connection_query(receiver, buf_cstring(&sql), NULL, 0, diag);
	buf_deinit(&sql);
	return outcome;
}

/* Where MariaDB is to begin, when it is asked by its GTIDs: behind the last of each domain. */
static enum receive_outcome declare_mariadb_position(struct receiver *receiver, struct diag *diag)
{
	struct buf state = {0};
	buf_put_u8(&state, '\'');
	mariadb_position_print(&receiver->mariadb, &state); /* digits, dashes and commas */
	buf_put_u8(&state, '\'');
	enum receive_outcome outcome = set_variable(receiver, "slave_connect_state", buf_cstring(&state), diag);
	buf_deinit(&state);
	if (outcome == RECEIVE_OK)
		outcome = set_variable(receiver, "slave_gtid_strict_mode",
				       receiver->settings->mariadb_strict ? "1" : "0", diag);
	if (outcome == RECEIVE_OK)
		outcome = set_variable(receiver, "slave_gtid_ignore_duplicates", "0", diag);
	return outcome;
}

/* Capability 4: it knows MariaDB's own GTID events, and gets them as they are. */
static enum receive_outcome declare_to_mariadb(struct receiver *receiver, struct diag *diag)
{
	bool by_gtid = receiver->settings->mariadb_gtids;
	if (receiver->is_mariadb) {
		enum receive_outcome outcome = set_variable(receiver, "mariadb_slave_capability", "4", diag);
		return outcome == RECEIVE_OK && by_gtid ? declare_mariadb_position(receiver, diag) : outcome;
	}
	if (!by_gtid)
		return RECEIVE_OK;
	diag_set(diag, ER_SLAVE_FATAL_ERROR,
		 "The slave I/O thread stops because master does not support MariaDB global transaction id; use "
		 "MASTER_AUTO_POSITION=1, or MASTER_LOG_FILE and MASTER_LOG_POS.");
	return RECEIVE_FATAL;
}

static enum receive_outcome declare(struct receiver *receiver, struct diag *diag)
{
	char sql[160];
	snprintf(sql, sizeof sql, "SET @slave_uuid= '%s', @replica_uuid= '%s'", receiver->settings->uuid,
		 receiver->settings->uuid);
	return connection_query(receiver, sql, NULL, 0, diag);
}

/*
 * Whether the source waits for us is its settings' matter, and may change while we are connected; whether it can at all
 * shows in its having the variable.
 */
static enum receive_outcome offer_semi_sync(struct receiver *receiver, struct diag *diag)
{
	static const char *const names[] = {"source", "master"};
	char sql[80], text[16] = "";
	enum receive_outcome outcome = RECEIVE_OK;
	if (!receiver->settings->acknowledges)
		return RECEIVE_OK;
	for (size_t i = 0; i < 2 && outcome == RECEIVE_OK && *text == 0; i++) {
		snprintf(sql, sizeof sql, "SELECT @@global.rpl_semi_sync_%s_enabled", names[i]);
		outcome = ask_if_known(receiver, sql, text, sizeof text, diag);
	}
	if (outcome != RECEIVE_OK)
		return outcome;
	if (*text == 0) {
		log_warning("receiver", "The source does not support semi-sync, fallback to asynchronous replication");
		return RECEIVE_OK;
	}
	outcome = connection_query(receiver, "SET @rpl_semi_sync_replica= 1, @rpl_semi_sync_slave= 1", NULL, 0, diag);
	if (outcome != RECEIVE_OK)
		return outcome;
	receiver->acknowledges = true;
	lock_take(&receiver->lock);
	receiver->status.acknowledges = true;
	lock_release(&receiver->lock);
	return RECEIVE_OK;
}

static void put_short(struct buf *out, const char *text)
{
	size_t size = strlen(text) < 255 ? strlen(text) : 255;
	buf_put_u8(out, (uint8_t)size);
	buf_put(out, text, size);
}

static enum receive_outcome register_replica(struct receiver *receiver, struct diag *diag)
{
	const struct receiver_settings *settings = receiver->settings;
	struct buf payload = {0};
	buf_put_u32(&payload, settings->server_id);
	put_short(&payload, settings->report_host);
	put_short(&payload, settings->report_user);
	put_short(&payload, settings->report_password);
	buf_put_u16(&payload, (uint16_t)settings->report_port);
	buf_put_u32(&payload, 0); /* rank, never used */
	buf_put_u32(&payload, 0); /* the source's id: it knows it */
	enum receive_outcome outcome =
		connection_command(receiver, COM_REGISTER_SLAVE_COMMAND, buf_bytes(&payload), true, diag);
	buf_deinit(&payload);
	return outcome;
}

enum receive_outcome receiver_introduce(struct receiver *receiver, struct diag *diag)
{
	static enum receive_outcome (*const steps[])(struct receiver *, struct diag *) = {
		compare_clocks,	     compare_ids,     compare_uuids, ask_for_heartbeats,
		agree_on_checksums, check_gtid_mode, declare_to_mariadb, declare, offer_semi_sync, register_replica};
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		enum receive_outcome outcome = steps[i](receiver, diag);
		if (outcome != RECEIVE_OK)
			return outcome;
	}
	return RECEIVE_OK;
}

/* ---------------------------------------------------------------------------------------------------- the request */

enum { DUMP_HEARTBEAT_V2 = 2, DUMP_THROUGH_GTID = 4 /* the set follows */ };

/* To MariaDB the flag of heartbeats with 64 bits of position means something else. */
static uint16_t dump_flags(const struct receiver *receiver)
{
	return receiver->is_mariadb ? 0 : DUMP_HEARTBEAT_V2;
}

/* flags u16, server id u32, name size u32, name, position u64, set size u32, set */
static void put_gtid_request(struct receiver *receiver, struct buf *payload)
{
	struct gtid_set has;
	gtid_set_init(&has);
	receiver->hooks->get_executed(receiver->hooks->argument, &has);
	lock_take(&receiver->lock);
	gtid_set_add_set(&has, &receiver->retrieved);
	lock_release(&receiver->lock);
	buf_put_u16(payload, DUMP_THROUGH_GTID | dump_flags(receiver));
	buf_put_u32(payload, receiver->settings->server_id);
	buf_put_u32(payload, 0);
	buf_put_u64(payload, binlog_magic_size);
	buf_put_u32(payload, (uint32_t)gtid_set_encoded_size(&has));
	gtid_set_encode(&has, payload);
	gtid_set_deinit(&has);
}

/* position u32, flags u16, server id u32, name; of no file when @slave_connect_state says where to begin */
static void put_position_request(struct receiver *receiver, struct buf *payload)
{
	bool by_gtid = receiver->settings->mariadb_gtids;
	buf_put_u32(payload, by_gtid ? binlog_magic_size : (uint32_t)receiver->resume_position);
	buf_put_u16(payload, dump_flags(receiver));
	buf_put_u32(payload, receiver->settings->server_id);
	buf_put_string(payload, by_gtid ? "" : receiver->resume_file);
}

enum receive_outcome receiver_request_dump(struct receiver *receiver, struct diag *diag)
{
	struct buf payload = {0};
	bool by_gtid = receiver->settings->auto_position;
	if (by_gtid)
		put_gtid_request(receiver, &payload);
	else
		put_position_request(receiver, &payload);
	enum receive_outcome outcome =
		connection_command(receiver, by_gtid ? COM_BINLOG_DUMP_GTID_COMMAND : COM_BINLOG_DUMP_COMMAND,
				   buf_bytes(&payload), false, diag);
	buf_deinit(&payload);
	return outcome;
}
