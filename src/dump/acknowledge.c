/*
 * Semi-synchronous replication on a dump's connection.
 *
 *   source -> replica   00, EF, 01 acknowledge or 00, event                  each packet of the stream
 *   replica -> source   EF, u64 position, file name without an end           packet number 0
 *
 * An acknowledgement stands for all before it, so one at the log's durable end is enough: behind a question the stream
 * goes on, and what was asked in between is answered as well.
 */
#include "dump/dump_internal.h"

enum { SEMI_SYNC_MAGIC = 0xef, SEMI_SYNC_ASKS = 1 };

static struct semi_sync *semi_sync_of(const struct dump *dump)
{
	return dump->session->server->semi_sync;
}

void dump_put_semi_sync(struct dump *dump, struct buf *packet)
{
	buf_put_u8(packet, SEMI_SYNC_MAGIC);
	buf_put_u8(packet, dump->asks ? SEMI_SYNC_ASKS : 0);
}

void dump_decide_question(struct dump *dump, struct binlog_position position)
{
	dump->asks = dump->acknowledges && semi_sync_ask(semi_sync_of(dump), &dump->replica, position);
	if (dump->asks)
		dump->asked = position;
}

int dump_finish_question(struct dump *dump, struct diag *diag)
{
	dump->asks = false;
	return wire_flush_question(dump->wire, diag);
}

bool dump_owes_question(struct dump *dump, struct binlog_position position)
{
	return dump->acknowledges && binlog_position_compare(dump->asked, position) != 0 &&
	       semi_sync_is_enabled(semi_sync_of(dump));
}

static bool take_acknowledgement(struct dump *dump, struct bytes payload)
{
	struct cursor cursor = cursor_of(payload);
	bool is_right = cursor_u8(&cursor) == SEMI_SYNC_MAGIC;
	struct binlog_position position = {.offset = cursor_u64(&cursor)};
	position.file = binlog_parse_file_name(dump->binlog, cursor_rest(&cursor));
	if (!is_right || cursor.failed)
		return false;
	if (position.file)
		semi_sync_acknowledge(semi_sync_of(dump), &dump->replica, position);
	return true;
}

bool dump_hear(struct dump *dump)
{
	struct bytes payload;
	struct diag diag = DIAG_INIT;
	dump->unheard = 0;
	while (wire_peer_spoke(dump->wire))
		if (!dump->acknowledges || wire_read_answer(dump->wire, &payload, &diag) != WIRE_OK ||
		    !take_acknowledgement(dump, payload))
			return false; /* it has nothing to say but that it goes */
	return true;
}
