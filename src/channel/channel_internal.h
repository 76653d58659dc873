/* What the files of this folder share; nobody else includes it. */
#pragma once

#include <pthread.h>

#include "applier/applier.h"
#include "base/lock.h"
#include "channel/channel.h"
#include "channel/state.h"
#include "receiver/receiver.h"
#include "relay/info_file.h"

struct channel_thread {
	pthread_t thread;         /* guarded by control */
	bool is_joinable;         /* guarded by control: started and not joined yet */
	enum channel_state state; /* guarded by lock */
	unsigned long session_id; /* guarded by lock: what the process list calls it; 0: it is not there */
};

struct channel {
	char name[channel_name_max + 1]; /* immutable, as the pointers are */
	struct channels *owner;
	struct relay_log *relay;
	struct receiver *receiver;
	struct applier *applier;
	struct info_file master_info, relay_log_info; /* with locks of their own */

	/* guarded by the owner's lock */
	struct channel_settings settings;
	struct channel_thread io, sql;
	enum applier_until until;     /* of the running applier */
	struct source_position until_position;
	struct relay_position until_relay;
	struct filter *filter;        /* changed while the sql thread is off, which reads it without a lock */

	/* owned by the io thread while it runs, by control's holder else */
	struct receiver_settings receiver_settings;
	struct arena receiver_arena;  /* its texts */
	struct session *io_session;

	/* owned by the sql thread while it runs, by control's holder else */
	struct applier_settings applier_settings;
	struct channel_settings applier_copy; /* the settings it was started with */
	struct gtid_set until_gtids;
	struct session *sql_session;
};

struct channels {
	/* immutable */
	struct server *server;
	channel_run_query *run_query;
	struct filter_set *filters; /* borrowed; guarded by control */

	struct lock control; /* one change, start, stop, reset at a time; held while threads end */
	struct lock lock;
	/* guarded by lock; changed under both */
	struct channel **list;
	size_t count, capacity;
	struct mariadb_position mariadb; /* of channels that are gone, and as it was set: see mariadb.c */
};

/* With one of the two locks: is there one that has a name? Then whoever means a single one has to name it (3079). */
bool channels_have_named(const struct channels *channels);
/* With control. NULL: there is none. */
struct channel *channel_find(struct channels *channels, const char *name);
/* In the list. With a position: the channel goes on from there, with what its relay log holds. NULL: a new channel. */
struct channel *channel_create(struct channels *channels, const char *name, const struct source_position *position,
			       struct diag *diag);
void channel_remove(struct channel **channel); /* out of the list, its threads being off; frees it */

/* storage.c: the store's records of a channel, and the files for people. */
int channel_write_settings(struct channel *channel, struct diag *diag);
int channel_erase(struct channel *channel, bool with_settings, struct diag *diag);
int channels_load(struct channels *channels, struct diag *diag);
void channel_init_info_files(struct channel *channel);
void channel_write_master_info(struct channel *channel); /* any thread, as the next */
void channel_write_relay_info(struct channel *channel);
void channel_remove_info_files(struct channel *channel);
/* The name as it stands in file names: all but letters, digits and _ is written as @ and four hex digits. Appended. */
void channel_put_file_word(const struct channel *channel, struct buf *out);

/* control.c: server->check_gtid_mode. */
int channels_check_gtid_mode(struct server *server, unsigned mode, struct diag *diag);

/* With control. The relay log begins anew behind this place; number 0: behind its last file. */
int channel_begin_at(struct channel *channel, const struct source_position *position, uint32_t relay_number,
		     struct diag *diag);

/* mariadb.c: gtid_slave_pos. The last two are the server's. */
int channels_load_mariadb_position(struct channels *channels, struct diag *diag);
void channels_put_mariadb_position(struct store_txn *txn, const struct mariadb_position *position);
void channels_get_mariadb_position(struct channels *channels, struct mariadb_position *out); /* takes the lock */
void channels_print_mariadb_position(struct server *server, struct buf *out);
int channels_set_mariadb_position(struct server *server, struct bytes text, struct diag *diag);

/* wait.c: server->source_wait. */
struct source_wait;
int channels_wait(struct session *session, const struct source_wait *wait, int64_t *out, struct diag *diag);

/* filters.c: server->replication_hooks. */
struct replication_hooks;
extern const struct replication_hooks channel_replication_hooks;

/* threads.c, with control. */
int channel_start_io(struct channel *channel, const struct channel_start *start, struct diag *diag);
int channel_start_sql(struct channel *channel, const struct channel_start *start, struct diag *diag);
/* Any of them. One that ends by itself is off: its end is waited for. */
bool channel_is_on(struct channel *channel, unsigned threads);
void channel_stop(struct channel *channel, unsigned threads); /* waits until they are off */
