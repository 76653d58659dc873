/*
 * Which files a log consists of: `<base>.index`, one name a line, oldest first.
 *
 *   ./binlog.000001
 *   ./binlog.000002          (or /absolute/dir/binlog.000002)
 *
 * Files that leave go out of the index first, then from the disk. Before both they are listed, in the same form, in
 * `<base>.~rec~` (MySQL's name for it), which goes last: what a crash leaves of it, the next start finishes.
 *
 * Names are as MySQL writes them: relative to the data directory with "./", or absolute. Files are known by their
 * number, which only grows (until RESET MASTER), and may exceed six digits. The index changes by writing
 * a new one beside it and renaming, both flushed: after a crash it is the old or the new one.
 *
 * Guarded by the owner's lock.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/diag.h"
#include "binlog/log_faults.h"

enum { log_file_name_max = 511 }; /* as the protocol bounds it */

struct log_index {
	char *path;        /* of the index file; owned */
	char *leaving_path;/* of the list of files that leave; owned */
	char *directory;   /* that relative names are relative to: the data directory; owned */
	char *base;        /* as in the index's lines, without number: "./binlog", "/var/log/binlog"; owned */
	uint32_t *numbers; /* rising; owned */
	size_t count;
	size_t capacity;
	struct log_faults *faults; /* borrowed, as long as the process */
};

/*
 * Reads the index, or starts an empty one when there is none; removes files that were leaving it. base is the option's
 * value ("binlog", "./binlog", "/var/log/mysql/binlog"; an extension is cut off), index_name NULL or the value of
 * log-bin-index / relay-log-index. -1: unreadable, or a line that is no file of this log.
 */
int log_index_open(struct log_index *index, const char *directory, const char *base, const char *index_name,
		   struct log_faults *faults, struct diag *diag);
void log_index_close(struct log_index *index);

/* 0 when there is no file. */
uint32_t log_index_first(const struct log_index *index);
uint32_t log_index_last(const struct log_index *index);
bool log_index_contains(const struct log_index *index, uint32_t number);
/* The next listed after number, 0 when it is the last. */
uint32_t log_index_next(const struct log_index *index, uint32_t number);

/*
 * Each rewrites the index durably; in memory it changes only on success. What is no longer in it is removed from the
 * disk, as far as the system lets us: the error log has the rest.
 */
int log_index_add(struct log_index *index, uint32_t number, struct diag *diag);
int log_index_remove_before(struct log_index *index, uint32_t number, struct diag *diag); /* all below it */
int log_index_remove_behind(struct log_index *index, uint32_t number, struct diag *diag); /* all above it */
int log_index_clear(struct log_index *index, struct diag *diag);

/* "binlog.000001": what SHOW BINARY LOGS, ROTATE events and replicas use. */
void log_index_file_name(const struct log_index *index, uint32_t number, char out[log_file_name_max + 1]);
/* Where the file is: absolute, or relative to the process if the directory is. Free with memory_free. */
char *log_index_file_path(const struct log_index *index, uint32_t number);
/* "binlog.000001", "./binlog.000001" or the full path, as users and replicas write it: its number, or 0. */
uint32_t log_index_parse_name(const struct log_index *index, struct bytes name);
