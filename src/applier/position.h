/*
 * How far a channel has applied its source's log: the truth about it, in the store (law 6).
 *
 *   key    STORE_SPACE_CHANNEL, 'p', the channel's name
 *   value  format u8 = 2, position u64, MariaDB's GTIDs (binlog/mariadb_position.h), file name
 *
 * It is a companion (txn.h) of each applied transaction: rows and position commit together.
 */
#pragma once

#include "base/buf.h"
#include "base/diag.h"
#include "binlog/index.h"
#include "binlog/mariadb_position.h"
#include "store/store.h"

struct source_position {
	char file[log_file_name_max + 1]; /* "": the source's first file */
	uint64_t offset;                  /* behind the last event that was applied; at least 4 */
	struct mariadb_position gtids;    /* the last ones applied, when the source is MariaDB */
};
/* Another place in the log; the GTIDs stay. */
void source_position_set(struct source_position *position, struct bytes file, uint64_t offset);
/* By the number at the end of the names, then by offset: <0, 0, >0. */
int source_position_compare(const struct source_position *a, const struct source_position *b);

void applied_position_put_key(const char *channel, struct buf *out);
void applied_position_encode(const struct source_position *position, struct buf *out);
int applied_position_decode(struct bytes value, struct source_position *out, struct diag *diag);
/* What there is none of is {"", 4}. */
int applied_position_read(struct store *store, const char *channel, struct source_position *out, struct diag *diag);
enum applied_position_durability { APPLIED_POSITION_WRITTEN, APPLIED_POSITION_FLUSHED };
int applied_position_write(struct store *store, const char *channel, const struct source_position *position,
			   enum applied_position_durability durability, struct diag *diag);
