/*
 * How far this server has come in MariaDB sources' transactions, by their GTIDs: gtid_slave_pos.
 *
 * Each channel's applied position has the last GTID of each domain it has seen, and commits with the rows (law 6). What
 * the server has is in each domain the highest of them, and of what stands in a record of its own: the domains of
 * channels that are gone, and what SET gtid_slave_pos said.
 *
 *   key    STORE_SPACE_CHANNEL, 'g'
 *   value  mariadb_position's bytes
 */
#include "channel/channel_internal.h"
#include "store/store.h"

static void put_key(struct buf *out)
{
	buf_put_u32_be(out, STORE_SPACE_CHANNEL);
	buf_put_u8(out, 'g');
}

int channels_load_mariadb_position(struct channels *channels, struct diag *diag)
{
	struct buf key = {0}, value = {0};
	int status = 0;
	put_key(&key);
	enum store_outcome outcome = store_get(channels->server->store, buf_bytes(&key), &value, diag);
	struct cursor cursor = cursor_of(buf_bytes(&value));
	if (outcome == STORE_OK && !mariadb_position_decode(&cursor, &channels->mariadb))
		status = diag_set(diag, ER_MASTER_INFO);
	else if (outcome != STORE_OK && outcome != STORE_NOT_FOUND)
		status = -1;
	buf_deinit(&key);
	buf_deinit(&value);
	return status;
}

void channels_put_mariadb_position(struct store_txn *txn, const struct mariadb_position *position)
{
	struct buf key = {0}, value = {0};
	put_key(&key);
	mariadb_position_encode(position, &value);
	store_txn_put_unlocked(txn, buf_bytes(&key), buf_bytes(&value));
	buf_deinit(&key);
	buf_deinit(&value);
}

void channels_get_mariadb_position(struct channels *channels, struct mariadb_position *out)
{
	lock_take(&channels->lock);
	*out = channels->mariadb;
	for (size_t i = 0; i < channels->count; i++) {
		struct applier_status status;
		applier_get_status(channels->list[i]->applier, &status);
		/* More domains than one position can hold are no position to go on from: each channel has its own. */
		(void)mariadb_position_merge(out, &status.position.gtids);
	}
	lock_release(&channels->lock);
}

void channels_print_mariadb_position(struct server *server, struct buf *out)
{
	struct mariadb_position position;
	channels_get_mariadb_position(server->channels, &position);
	mariadb_position_print(&position, out);
}

/* --------------------------------------------------------------------------------------------- SET gtid_slave_pos */

/* With control. The server's record and those of all channels, in one store transaction. */
static int store_position(struct channels *channels, const struct mariadb_position *gtids, struct diag *diag)
{
	struct store_txn *txn = store_txn_begin(channels->server->store, 1000);
	int status = 0;
	channels_put_mariadb_position(txn, gtids);
	for (size_t i = 0; i < channels->count && status == 0; i++) {
		struct source_position position;
		struct buf key = {0}, value = {0};
		const char *name = channels->list[i]->name;
		status = applied_position_read(channels->server->store, name, &position, diag);
		position.gtids = *gtids;
		applied_position_put_key(name, &key);
		applied_position_encode(&position, &value);
		if (status == 0)
			store_txn_put_unlocked(txn, buf_bytes(&key), buf_bytes(&value));
		buf_deinit(&key);
		buf_deinit(&value);
	}
	if (status == 0)
		status = store_txn_commit(txn, true, diag);
	store_txn_end(&txn);
	return status;
}

/* With control. What was fetched by the old position is thrown away. */
static int begin_anew(struct channels *channels, struct diag *diag)
{
	for (size_t i = 0; i < channels->count; i++) {
		struct channel *channel = channels->list[i];
		struct source_position position;
		channel_stop(channel, CHANNEL_RECEIVER | CHANNEL_APPLIER); /* joins what ended by itself */
		if (applied_position_read(channels->server->store, channel->name, &position, diag) < 0 ||
		    channel_begin_at(channel, &position, 0, diag) < 0)
			return -1;
	}
	return 0;
}

static int set_position(struct channels *channels, const struct mariadb_position *gtids, struct diag *diag)
{
	for (size_t i = 0; i < channels->count; i++)
		if (channel_is_on(channels->list[i], CHANNEL_RECEIVER | CHANNEL_APPLIER))
			return diag_set(diag, ER_SLAVE_MUST_STOP);
	if (store_position(channels, gtids, diag) < 0)
		return -1;
	lock_take(&channels->lock);
	channels->mariadb = *gtids;
	lock_release(&channels->lock);
	return begin_anew(channels, diag);
}

int channels_set_mariadb_position(struct server *server, struct bytes text, struct diag *diag)
{
	struct mariadb_position gtids;
	if (mariadb_position_parse(text, &gtids, diag) < 0)
		return -1;
	lock_take(&server->channels->control);
	int status = set_position(server->channels, &gtids, diag);
	lock_release(&server->channels->control);
	return status;
}
