#include "query/table/wide_range.h"

#include "query/table/cursor.h"
#include "type/key.h"

enum {
	fetched_min = 200,
	watched_part = 64, /* of the table's rows: that many are fetched first, at a fifth of a scan's cost */
	wide_part = 10,    /* of the table's rows: from there on a scan is cheaper than what is left */
};

void wide_range_begin(struct table_cursor *cursor, int plan)
{
	const struct module_key *key = &cursor->module->key;
	bool is_secondary = (plan & PLAN_INDEX) != 0;
	bool may_scan = is_secondary && !(plan & (PLAN_COVERED | PLAN_ORDERED | PLAN_UNIQUE)) &&
			key->lock == MODULE_NO_LOCK && !key->forced && (key->usable_indexes & 1) &&
			cursor->handle->evaluation->snapshot;
	cursor->wide = (struct wide_range){.index = may_scan ? cursor->index : NULL, .ask_at = fetched_min};
}

static bool is_wide(const struct table_cursor *cursor, struct bytes here, uint64_t table_rows)
{
	unsigned number = (unsigned)(cursor->index - cursor->table->indexes);
	return table_index_share(cursor->table, number, here, buf_bytes(&cursor->upper)) * wide_part >= 1 &&
	       table_rows > fetched_min;
}

bool wide_range_goes_over(struct table_cursor *cursor)
{
	struct wide_range *wide = &cursor->wide;
	if (wide->index == NULL || wide->scans || ++wide->fetched < wide->ask_at)
		return false;
	uint64_t table_rows = table_row_estimate(cursor->table);
	struct bytes here = store_iterator_key(cursor->iterator);
	if (wide->fetched < table_rows / watched_part) {
		wide->ask_at = table_rows / watched_part;
		return false;
	}
	wide->ask_at = wide->fetched * 2;
	if (!is_wide(cursor, here, table_rows))
		return false;
	/* What is left begins right behind this entry. */
	buf_clear(&cursor->lower);
	buf_put_bytes(&cursor->lower, here);
	buf_put_u8(&cursor->lower, 0);
	wide->scans = true;
	return true;
}

/* The entry's key as `change` makes it: the parts, and the handle where they do not make it unique. */
static bool make_entry(struct table_cursor *cursor, const struct index *index)
{
	bool has_null = false;
	buf_clear(&cursor->work);
	buf_put_u32_be(&cursor->work, index->space);
	for (unsigned i = 0; i < index->part_count; i++) {
		const struct index_part *part = &index->parts[i];
		const struct column *column = &cursor->table->columns[part->column];
		if (!cursor_know_fields(cursor, part->column))
			return false;
		struct bytes field = cursor->fields[part->column];
		has_null |= field.data == NULL;
		key_put_field(&column->type, column->nullable, part->prefix_length, field, &cursor->work);
	}
	if (index->kind == INDEX_PLAIN || has_null)
		buf_put_bytes(&cursor->work, cursor->handle_bytes);
	return true;
}

bool wide_range_holds(struct table_cursor *cursor)
{
	/* A damaged row is shown: reading its columns says so. */
	return !make_entry(cursor, cursor->wide.index) ||
	       (bytes_compare(buf_bytes(&cursor->work), buf_bytes(&cursor->lower)) >= 0 &&
		bytes_compare(buf_bytes(&cursor->work), buf_bytes(&cursor->upper)) < 0);
}
