/*
 * What RocksDB's C API lacks: for the day a disk is full or fails to be told of errors, and to go on after them; and to
 * read as of a snapshot by another way than RocksDB's. Shared by C and the one file of C++.
 */
#pragma once

#include <rocksdb/c.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * RocksDB met an error and takes no more writes, or has stopped working in the background. In whatever thread met it,
 * perhaps with locks of RocksDB's: it must do no more than take note.
 */
typedef void store_guard_noticed(void *argument, const char *error);

/* As the C API does. NULL: *error says why (a library of another version, too), free it with rocksdb_free. */
rocksdb_t *store_guard_open(const rocksdb_options_t *options, const char *directory, store_guard_noticed *noticed,
			    void *argument, char **error);
/* After an error: all that is in memory goes to new files, flushed, and a new write-ahead log begins. NULL: writes go on. */
char *store_guard_resume(rocksdb_t *database);

/* The moment a snapshot stands at: it sees all that was written with sequence numbers up to this one. */
uint64_t store_guard_sequence(const rocksdb_snapshot_t *snapshot);

#ifdef __cplusplus
}
#endif
