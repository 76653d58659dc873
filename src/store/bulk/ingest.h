/*
 * Many entries at once, as sorted files that the store takes in whole: they pass neither the write-ahead log nor the
 * memtable, and need not be rewritten by the levels between. What they hold is there as a whole, on the disk, or not at all;
 * a crash before leaves files that the next start removes.
 *
 *   put, put, ...   rising keys; they become files in the store's directory, some 64 MB each
 *   finish          all files are taken in at once
 *
 * The keys are nobody else's: in spaces that nobody knows yet, or locked by whoever puts them. One thread; several of them
 * may each put a part of the keys, into an ingest of its own, and one finishes them all.
 */
#pragma once

#include "base/diag.h"
#include "store/store.h"

struct store_ingest;

struct store_ingest *store_ingest_begin(struct store *store);
/* Keys are strictly rising. -1: only the end may follow. */
int store_ingest_put(struct store_ingest *ingest, struct bytes key, struct bytes value, struct diag *diag);
/* A deletion of what older files or the memtable hold. */
int store_ingest_delete(struct store_ingest *ingest, struct bytes key, struct diag *diag);
/* What comes now begins a file. */
int store_ingest_end_file(struct store_ingest *ingest, struct diag *diag);
/* What several were given, none of whose keys lie among another's. -1: nothing of it is there. */
int store_ingest_finish(struct store_ingest *const *ingests, size_t count, struct diag *diag);
/* Frees it, NULL is fine; what was not taken in is gone. */
void store_ingest_end(struct store_ingest **ingest);

/* At opening: files that a crash left behind. */
void store_ingest_clean(const char *directory);
