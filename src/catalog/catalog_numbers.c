/*
 * Numbers that are never given twice: key spaces and table ids.
 *
 * They are reserved in the store numbers_reserved at a time, outside of any transaction, before the first of them is
 * used. So DDL that is abandoned, or runs beside other DDL, needs no care; a restart skips the rest.
 *
 *   record: format u8 = 1, clean u8, next space u64, next table id u64
 */
#include "base/fault.h"
#include "base/log.h"
#include "catalog/catalog_internal.h"

enum { format_version = 1 };

static void put_key(struct buf *out)
{
	catalog_put_store_key(out, CATALOG_NUMBERS, (struct bytes){0});
}

int catalog_load_numbers(struct catalog *catalog, struct bytes value, bool *out_clean, struct diag *diag)
{
	struct cursor cursor = cursor_of(value);
	uint8_t format = cursor_u8(&cursor);
	*out_clean = cursor_u8(&cursor) == 1;
	catalog->next_space = catalog->reserved_spaces = cursor_u64(&cursor);
	catalog->next_table_id = catalog->reserved_ids = cursor_u64(&cursor);
	if (!cursor_done(&cursor) || format != format_version)
		return catalog_damaged(diag, "key spaces");
	return 0;
}

int catalog_write_numbers(struct catalog *catalog, bool clean, struct diag *diag)
{
	struct buf key, value;
	buf_init(&key);
	buf_init(&value);
	put_key(&key);
	buf_put_u8(&value, format_version);
	buf_put_u8(&value, clean);
	buf_put_u64(&value, catalog->reserved_spaces);
	buf_put_u64(&value, catalog->reserved_ids);
	FAULT_STEP("catalog.numbers");
	int status = store_put(catalog->store, buf_bytes(&key), buf_bytes(&value), diag);
	buf_deinit(&key);
	buf_deinit(&value);
	return status;
}

/* Room for `count` more below the mark, or the mark moves. */
static int reserve(struct catalog *catalog, uint64_t next, uint64_t *mark, unsigned count, struct diag *diag)
{
	if (*mark - next >= count)
		return 0;
	uint64_t before = *mark;
	*mark = next + count + numbers_reserved;
	if (catalog_write_numbers(catalog, false, diag) == 0)
		return 0;
	*mark = before;
	return -1;
}

int catalog_take_spaces(struct catalog *catalog, unsigned count, uint64_t *out_first, struct diag *diag)
{
	lock_take(&catalog->numbers_lock);
	int status = 0;
	if (catalog->next_space + count + numbers_reserved >= STORE_SPACE_ROWS_BIT)
		status = diag_set_message(diag, ER_RECORD_FILE_FULL, "All key spaces of the store have been used");
	else
		status = reserve(catalog, catalog->next_space, &catalog->reserved_spaces, count, diag);
	if (status == 0) {
		*out_first = catalog->next_space;
		catalog->next_space += count;
	}
	lock_release(&catalog->numbers_lock);
	return status;
}

int catalog_take_table_id(struct catalog *catalog, uint64_t *out_id, struct diag *diag)
{
	lock_take(&catalog->numbers_lock);
	int status = reserve(catalog, catalog->next_table_id, &catalog->reserved_ids, 1, diag);
	if (status == 0) {
		*out_id = catalog->next_table_id++;
		/* 0xffffff is the log's mark for "no table". */
		if (*out_id == 0xffffff)
			*out_id = catalog->next_table_id++;
	}
	lock_release(&catalog->numbers_lock);
	return status;
}

uint64_t catalog_allocate_space(struct catalog *catalog)
{
	struct diag diag = DIAG_INIT;
	uint64_t space;
	if (catalog_take_spaces(catalog, 1, &space, &diag) == 0)
		return space;
	log_diag(LOG_ERROR, "catalog", &diag);
	return 0;
}

static unsigned missing_spaces(const struct table *table)
{
	unsigned missing = 0;
	for (unsigned i = 0; i < table->index_count; i++)
		missing += table->indexes[i].space == 0;
	return missing;
}

int catalog_prepare_table(struct catalog *catalog, struct table *table, struct diag *diag)
{
	uint64_t space = 0;
	unsigned missing = missing_spaces(table);
	if (missing && catalog_take_spaces(catalog, missing, &space, diag) != 0)
		return -1;
	if (table->id == 0 && catalog_take_table_id(catalog, &table->id, diag) != 0)
		return -1;
	bool fresh = table->indexes[0].space == 0;
	for (unsigned i = 0; i < table->index_count; i++)
		if (table->indexes[i].space == 0)
			table->indexes[i].space = (uint32_t)space++ | (i == 0 ? STORE_SPACE_ROWS_BIT : 0);
	if (fresh)
		table_counters_prepare(table->counters, catalog->store, table->indexes[0].space);
	return 0;
}

void catalog_discard_table(struct catalog *catalog, const struct table *table)
{
	for (unsigned i = 0; i < table->index_count; i++)
		if (table->indexes[i].space)
			catalog_drop_spaces(catalog, &table->indexes[i].space, 1);
}
