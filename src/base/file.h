/*
 * Files that are to last: written whole, flushed, replaced at once. Each caller names its own fault points, so that a test
 * can say whose write fails. What went wrong is in errno; what that means is the caller's.
 */
#pragma once

#include <stdint.h>

#include "base/bytes.h"
#include "base/fault.h"

/* "x.write" and so on; of static life, FAULT_REGISTERED. */
struct file_write_faults {
	struct fault_point write, after_write;
};
struct file_sync_faults {
	struct fault_point sync, after_sync;
};
struct file_replace_faults {
	struct file_write_faults content;
	struct fault_point rename, after_rename;
};

#define FILE_WRITE_FAULTS(name_)                                                                                       \
	{                                                                                                              \
		.write = {.name = name_ ".write"}, .after_write = {.name = name_ ".after_write"},                      \
	}
#define FILE_SYNC_FAULTS(name_)                                                                                        \
	{                                                                                                              \
		.sync = {.name = name_ ".sync"}, .after_sync = {.name = name_ ".after_sync"},                          \
	}
#define FILE_REPLACE_FAULTS(name_)                                                                                     \
	{                                                                                                              \
		.content = FILE_WRITE_FAULTS(name_), .rename = {.name = name_ ".rename"},                              \
		.after_rename = {.name = name_ ".after_rename"},                                                       \
	}

/* All of the parts, which change. -1: some of them may be written. */
int file_write_vector(int fd, struct iovec *parts, size_t count, uint64_t offset, struct file_write_faults *faults);
int file_write(int fd, struct bytes bytes, uint64_t offset, struct file_write_faults *faults);
/* fdatasync. After -1 nobody knows what the disk has: never to be tried again as if nothing had happened. */
int file_sync(int fd, struct file_sync_faults *faults);

/*
 * The file with this content, made beside it as temporary and renamed: after a crash it is the old or the new one. Flushed,
 * the directory too, where there are faults for that; with NULL only the system knows when. -1: the old one is there, or,
 * if only the directory's flush failed, the new one.
 */
int file_replace(const char *path, const char *temporary, struct bytes content, struct file_replace_faults *faults,
		 struct file_sync_faults *sync_faults);

/* A file without a name, for as long as it is open. -1 with errno. */
int file_open_unnamed(const char *directory);

/* fsync of the directory that holds path: makes a creation, renaming or removal last. */
int file_sync_directory(const char *path);
