/*
 * master.info and relay-log.info: lines for people to read, in MySQL's format, the first one being the count of
 * lines, which in master.info counts itself and in relay-log.info does not. The store is the truth (law 6): nothing
 * reads them back, and they are not flushed.
 */
#pragma once

#include "base/buf.h"
#include "base/lock.h"

/* Any thread may write; of two at once the later one's lines stay. */
struct info_file {
	struct lock lock;   /* rank RELAY; held while the file is replaced */
	char *path;         /* immutable */
	bool counts_itself; /* immutable */
	struct buf written; /* guarded by lock: the lines it has; empty: unknown */
};

void info_file_init(struct info_file *file, const char *path, bool counts_itself);
void info_file_deinit(struct info_file *file); /* the file stays */
/* Replaces the file by one with these lines, whose count this puts in front, if they are others. Failures are logged. */
void info_file_write(struct info_file *file, struct bytes lines);
void info_file_remove(struct info_file *file);
