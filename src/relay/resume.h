/*
 * What a former process left in a relay log: how much of it is whole transactions of the source, and where in it the
 * applier stands. So a replica goes on with what it has fetched, even if its source is gone for good.
 *
 * The applied position in the store is the truth (law 6); the relay log was never flushed. The walk ends where it stops
 * making sense: a torn tail, a wrong checksum, a file that is missing or empty, one whose head goes on behind what the one
 * before it has. What is behind that is fetched again; the error log says from where.
 */
#pragma once

#include "binlog/gtid.h"
#include "binlog/mariadb_position.h"
#include "relay/relay_log.h"

struct relay_resume {
	/* what is looked for: the end of the last applied transaction, in the source's log */
	char applied_file[log_file_name_max + 1];
	uint64_t applied_offset;

	/* what was found */
	struct relay_position applied;        /* the same place here */
	struct relay_position end;            /* behind the last whole transaction */
	char end_file[log_file_name_max + 1]; /* the same place in the source's log */
	uint64_t end_offset;
	struct gtid_set retrieved;            /* of the whole transactions */
	struct mariadb_position mariadb;      /* MariaDB's GTIDs there: the applied ones, moved on by what is here */
	struct buf description;               /* the source's last one, or empty */
	enum event_checksum checksum;         /* of the events behind it */
};

void relay_resume_init(struct relay_resume *resume, const char *applied_file, uint64_t applied_offset,
		       const struct mariadb_position *applied_gtids);
void relay_resume_deinit(struct relay_resume *resume);
/* False: the place is not in these files, and they are of no use. */
bool relay_resume_find(struct relay_resume *resume, const struct log_index *index);
