#include "store/bulk/ingest.h"

#include <assert.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fault.h"
#include "base/memory.h"
#include "store/store_internal.h"

enum { file_size_max = 64 * 1024 * 1024, keys_between_looks = 256 };

#define FILE_PREFIX "load."

struct store_ingest {
	struct store *store;
	rocksdb_sstfilewriter_t *writer;
	rocksdb_envoptions_t *env_options;
	char **paths; /* owned; the last may be under way */
	size_t path_count;
	bool is_open;  /* the last path's file */
	unsigned keys; /* put since its size was looked at */
};

struct store_ingest *store_ingest_begin(struct store *store)
{
	struct store_ingest *ingest = memory_zalloc(sizeof *ingest);
	ingest->store = store;
	space_ends_begin_write(&store->ends);
	ingest->env_options = rocksdb_envoptions_create();
	ingest->writer = rocksdb_sstfilewriter_create(ingest->env_options, store->options);
	return ingest;
}

static int open_file(struct store_ingest *ingest, struct diag *diag)
{
	struct buf path = {0};
	char *error = NULL;
	buf_printf(&path, "%s/" FILE_PREFIX "%llu.sst", ingest->store->directory,
		   (unsigned long long)atomic_fetch_add(&ingest->store->load_files, 1));
	ingest->paths = memory_realloc(ingest->paths, (ingest->path_count + 1) * sizeof *ingest->paths);
	ingest->paths[ingest->path_count++] = memory_copy_string(buf_cstring(&path));
	buf_deinit(&path);
	rocksdb_sstfilewriter_open(ingest->writer, ingest->paths[ingest->path_count - 1], &error);
	ingest->is_open = error == NULL;
	return store_status_check(error, diag);
}

static int close_file(struct store_ingest *ingest, struct diag *diag)
{
	char *error = NULL;
	if (FAULT_POINT("store.load_file"))
		return store_status_fail(diag);
	rocksdb_sstfilewriter_finish(ingest->writer, &error);
	FAULT_STEP("store.after_load_file");
	ingest->is_open = false;
	return store_status_check(error, diag);
}

static int close_full_file(struct store_ingest *ingest, struct diag *diag)
{
	uint64_t size = 0;
	if (++ingest->keys < keys_between_looks)
		return 0;
	ingest->keys = 0;
	rocksdb_sstfilewriter_file_size(ingest->writer, &size);
	return size < file_size_max ? 0 : close_file(ingest, diag);
}

int store_ingest_put(struct store_ingest *ingest, struct bytes key, struct bytes value, struct diag *diag)
{
	char *error = NULL;
	if (!ingest->is_open && open_file(ingest, diag) != 0)
		return -1;
	space_ends_rise(&ingest->store->ends, key);
	rocksdb_sstfilewriter_put(ingest->writer, (const char *)key.data, key.size, (const char *)value.data, value.size,
				  &error);
	return store_status_check(error, diag) == 0 ? close_full_file(ingest, diag) : -1;
}

int store_ingest_delete(struct store_ingest *ingest, struct bytes key, struct diag *diag)
{
	char *error = NULL;
	if (!ingest->is_open && open_file(ingest, diag) != 0)
		return -1;
	rocksdb_sstfilewriter_delete(ingest->writer, (const char *)key.data, key.size, &error);
	return store_status_check(error, diag) == 0 ? close_full_file(ingest, diag) : -1;
}

int store_ingest_end_file(struct store_ingest *ingest, struct diag *diag)
{
	return ingest->is_open ? close_file(ingest, diag) : 0;
}

static int take_in(struct store *store, const char *const *paths, size_t count, struct diag *diag)
{
	char *error = NULL;
	if (store_has_failed(store))
		return store_refuse(diag);
	if (FAULT_POINT("store.ingest"))
		return store_status_fail(diag);
	rocksdb_ingestexternalfileoptions_t *options = rocksdb_ingestexternalfileoptions_create();
	rocksdb_ingestexternalfileoptions_set_move_files(options, 1);
	struct page_cache_write pages;
	page_cache_begin_write(store->page_cache, &pages, store_now(store));
	page_cache_change_space(store->page_cache, &pages, UINT32_MAX);
	row_cache_begin_rewrite(store->row_cache, NULL, 0);
	rocksdb_ingest_external_file(store->db, paths, count, options, &error);
	uint64_t now = store_now(store);
	row_cache_end_rewrite(store->row_cache, now);
	page_cache_end_write(store->page_cache, &pages, now, error == NULL);
	rocksdb_ingestexternalfileoptions_destroy(options);
	FAULT_STEP("store.after_ingest");
	return store_status_check(error, diag);
}

int store_ingest_finish(struct store_ingest *const *ingests, size_t count, struct diag *diag)
{
	const char **paths = NULL;
	size_t path_count = 0;
	int status = 0;
	for (size_t i = 0; i < count && status == 0; i++) {
		status = store_ingest_end_file(ingests[i], diag);
		paths = memory_realloc(paths, (path_count + ingests[i]->path_count) * sizeof *paths);
		for (size_t j = 0; j < ingests[i]->path_count; j++)
			paths[path_count++] = ingests[i]->paths[j];
	}
	if (status == 0 && path_count)
		status = take_in(ingests[0]->store, paths, path_count, diag);
	memory_free(paths);
	return status;
}

static void remove_file(const struct store *store, const char *path)
{
	if (store->env == NULL)
		(void)unlink(path); /* what was taken in has another name */
}

void store_ingest_end(struct store_ingest **place)
{
	struct store_ingest *ingest = *place;
	if (ingest == NULL)
		return;
	space_ends_end_write(&ingest->store->ends);
	rocksdb_sstfilewriter_destroy(ingest->writer);
	rocksdb_envoptions_destroy(ingest->env_options);
	for (size_t i = 0; i < ingest->path_count; i++) {
		remove_file(ingest->store, ingest->paths[i]);
		memory_free(ingest->paths[i]);
	}
	memory_free(ingest->paths);
	memory_free(ingest);
	*place = NULL;
}

void store_ingest_clean(const char *directory)
{
	DIR *entries = opendir(directory);
	const struct dirent *entry;
	while (entries && (entry = readdir(entries)) != NULL)
		if (strncmp(entry->d_name, FILE_PREFIX, strlen(FILE_PREFIX)) == 0)
			(void)unlinkat(dirfd(entries), entry->d_name, 0);
	if (entries)
		closedir(entries);
}
