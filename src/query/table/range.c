/* From the values of constraints to a range of keys. */
#include "query/table/constraint.h"
#include "query/table/cursor.h"
#include "type/key.h"

enum { mark_null = 0, mark_not_null = 1 };

static const struct column *column_of(const struct table_cursor *cursor, const struct index_part *part)
{
	return &cursor->table->columns[part->column];
}

/* Appends the part's key; false when no row has such a value. */
static bool put_equal(struct table_cursor *cursor, const struct index_part *part, char letter, const struct argument *value)
{
	const struct column *column = column_of(cursor, part);
	if (letter == 'n' || value->type == SQLITE_NULL) {
		if (letter == '=' || !column->nullable)
			return false;
		buf_put_u8(&cursor->lower, mark_null);
		return true;
	}
	enum constraint_fit fit = constraint_put_key(cursor->handle, &column->type, column->nullable,
						     part->prefix_length, value, &cursor->lower);
	return fit == FIT_EXACT || fit == FIT_NEAR;
}

/* upper becomes the end of all keys that begin as the buffer does. */
static void end_behind(struct buf *upper, const struct buf *prefix)
{
	buf_clear(upper);
	buf_put_bytes(upper, buf_bytes(prefix));
	if (!key_successor(upper))
		buf_put_u32_be(upper, UINT32_MAX); /* no index has that space */
}

/* lower holds the equal parts; makes it the first key that fits. */
static bool raise_lower(struct table_cursor *cursor, const struct index_part *part, char letter,
			const struct argument *value)
{
	const struct column *column = column_of(cursor, part);
	if (value->type == SQLITE_NULL)
		return false;
	size_t equal_size = cursor->lower.size;
	enum constraint_fit fit = constraint_put_key(cursor->handle, &column->type, column->nullable,
						     part->prefix_length, value, &cursor->lower);
	if (fit == FIT_BELOW && column->nullable)
		buf_put_u8(&cursor->lower, mark_not_null);
	if (((fit == FIT_EXACT && letter == '>') || fit == FIT_FLOOR) && !key_successor(&cursor->lower))
		return false;
	if (cursor->lower.size < equal_size) /* the successor of all there can be */
		return false;
	return fit != FIT_ABOVE;
}

static bool cut_upper(struct table_cursor *cursor, const struct index_part *part, char letter, const struct argument *value,
		      struct bytes equals)
{
	const struct column *column = column_of(cursor, part);
	if (value->type == SQLITE_NULL)
		return false;
	buf_clear(&cursor->work);
	buf_put_bytes(&cursor->work, equals);
	enum constraint_fit fit = constraint_put_key(cursor->handle, &column->type, column->nullable,
						     part->prefix_length, value, &cursor->work);
	if (fit == FIT_BELOW)
		return false;
	if (fit == FIT_ABOVE)
		return true; /* the end of the equal parts stays */
	if (fit == FIT_EXACT && letter == '<') {
		buf_clear(&cursor->upper);
		buf_put_bytes(&cursor->upper, buf_bytes(&cursor->work));
	} else {
		end_behind(&cursor->upper, &cursor->work);
	}
	return true;
}

static bool set_like(struct table_cursor *cursor, const struct index_part *part, const struct argument *pattern)
{
	const struct column *column = column_of(cursor, part);
	if (pattern->type == SQLITE_NULL)
		return false;
	if (!constraint_put_like_prefix(cursor->handle, &column->type, column->nullable, part->prefix_length,
					pattern->bytes, &cursor->lower)) {
		if (column->nullable)
			buf_put_u8(&cursor->lower, mark_not_null);
		return true;
	}
	end_behind(&cursor->upper, &cursor->lower);
	return true;
}

/* The letters behind the equal parts. */
static bool set_bounds(struct table_cursor *cursor, const struct index_part *part, const char *letters,
		       const struct argument *arguments)
{
	size_t equal_size = cursor->lower.size;
	bool has_lower = false;
	for (unsigned i = 0; letters[i] && letters[i] != ';'; i++) {
		bool fits = true;
		struct bytes equals = bytes_of(cursor->lower.data, equal_size);
		switch (letters[i]) {
		case '>':
		case 'g':
			fits = raise_lower(cursor, part, letters[i], &arguments[i]);
			has_lower = true;
			break;
		case '<':
		case 'l': fits = cut_upper(cursor, part, letters[i], &arguments[i], equals); break;
		default:
			/* A range and a LIKE on one column: the range is enough, the rest is tested by SQLite. */
			if (i == 0)
				fits = set_like(cursor, part, &arguments[i]);
			has_lower = true;
			break;
		}
		if (!fits)
			return false;
	}
	/* Only an upper bound: NULLs are not below it. */
	if (!has_lower && column_of(cursor, part)->nullable)
		buf_put_u8(&cursor->lower, mark_not_null);
	return true;
}

bool cursor_set_range(struct table_cursor *cursor, const char *letters, const struct argument *arguments)
{
	const struct index *index = cursor->index;
	unsigned part = 0;
	buf_clear(&cursor->lower);
	buf_put_u32_be(&cursor->lower, index->space);
	for (; letters[part] == '=' || letters[part] == 'i' || letters[part] == 'n'; part++)
		if (!put_equal(cursor, &index->parts[part], letters[part], &arguments[part]))
			return false;
	end_behind(&cursor->upper, &cursor->lower);
	if (letters[part] == 0 || letters[part] == ';')
		return true;
	return set_bounds(cursor, &index->parts[part], letters + part, arguments + part) &&
	       bytes_compare(buf_bytes(&cursor->lower), buf_bytes(&cursor->upper)) < 0;
}
