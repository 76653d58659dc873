/*
 * One log file open for appending: the binary log's or a relay log's current one.
 *
 *   0  fe 62 69 6e
 *   4  FORMAT_DESCRIPTION, PREVIOUS_GTIDS, events
 *
 * Appends are whole runs of events. One that fails (disk full) is taken back: the file is cut to the size
 * it had, so that a log never holds half an event that anybody was told of. A flush that fails cannot be repeated
 * (the kernel may have dropped the pages): the file is broken from then on and refuses everything.
 *
 * One owner thread or lock at a time: the leader of a group commit, or the receiver.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

#include "base/bytes.h"
#include "base/diag.h"
#include "binlog/log_faults.h"

struct logfile {
	int fd;           /* -1: closed */
	struct log_faults *faults; /* borrowed, as long as the process */
	char *path;       /* owned */
	uint64_t size;    /* bytes written */
	uint64_t synced;  /* bytes known to be on the disk */
	int error;        /* errno of the last append that failed; 0: none did */
	bool broken;      /* a flush or a take-back failed: nothing more is written */
};

#define LOGFILE_CLOSED ((struct logfile){.fd = -1})

/* A new file with these first bytes (magic and description), flushed, its directory too. -1 also when it exists. */
int logfile_create(struct logfile *file, const char *path, struct bytes head, struct log_faults *faults, struct diag *diag);
/* Goes on at the end of a file that recovery has found whole up to size; more bytes than that are cut off. */
int logfile_open(struct logfile *file, const char *path, uint64_t size, struct log_faults *faults, struct diag *diag);
int logfile_append(struct logfile *file, struct bytes bytes, struct diag *diag);
/* The parts change. */
int logfile_append_vector(struct logfile *file, struct iovec *parts, size_t count, struct diag *diag);
int logfile_sync(struct logfile *file, struct diag *diag);
/* Cuts the file to size: takes back appends that were not synced nor published. */
int logfile_truncate(struct logfile *file, uint64_t size, struct diag *diag);
/* Overwrites bytes in place (the in-use flag). Not flushed. */
int logfile_patch(struct logfile *file, uint64_t offset, struct bytes bytes, struct diag *diag);
void logfile_close(struct logfile *file); /* without flushing; frees the path */

/* The in-use flag in the FORMAT_DESCRIPTION at the head of the file; it is not part of its checksum. */
int logfile_set_in_use(struct logfile *file, bool in_use, struct diag *diag);

/* Removes a file of a log, which nobody lists any more. -1: errno says why. */
int logfile_remove(const char *path, struct log_faults *faults);
