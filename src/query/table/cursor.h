/*
 * A cursor over one of our tables: from the constraints' values to key ranges, from keys to rows, from rows to columns.
 * Private to this folder.
 *
 * Rows that fail the plan's tests are passed over, however they were found.
 *
 *   get    the whole of a unique key is given: one get (two through a secondary index)
 *   scan   an iterator over a range of an index, either way; through a secondary index each entry's row is got, unless
 *          the entry has all that is read
 *          the entry has all that is read; one that turns out to hold much of the table is finished by a scan of the table
 *          (wide_range.h)
 *   transient  rows of a key in an index made for this evaluation (transient_index.h)
 *
 * Where rows are locked, entries come from the latest committed data and the transaction's own; each row is locked,
 * then read again. What it is then may no longer fit the range: SQLite tests the condition again.
 */
#pragma once

#include "query/evaluation.h"
#include "query/table/module.h"
#include "query/table/row_test.h"
#include "query/table/wide_range.h"

struct transient_index;
struct transient_row;

enum { cursor_arguments_max = 48 /* more than a plan has parts and tests */ };
enum cursor_mode { CURSOR_EMPTY, CURSOR_GET, CURSOR_SCAN, CURSOR_TRANSIENT };

struct table_cursor {
	sqlite3_vtab_cursor base;
	struct table_module *module;
	struct evaluator_handle *handle;
	const struct table *table;

	/* the range, set by filter */
	enum cursor_mode mode;
	const struct index *index;
	bool reverse, covered;
	bool reads_primary;              /* covered: columns of the primary key, too */
	struct buf lower, upper;         /* keys: from lower (included) to upper (excluded) */
	struct buf work;                 /* keys being made */
	struct store_iterator *iterator; /* kept from filter to filter, over the whole index from the second on */
	uint32_t iterator_space;
	bool iterator_is_whole;
	const struct transient_row *transient; /* the row it stands on; or NULL */
	struct transient_index *probed;  /* that may take over, counts what this index costs; or NULL */
	struct wide_range wide;
	struct row_tests tests;          /* which each row must pass */

	/* the row, while not at the end */
	bool at_end;
	struct bytes image;              /* in the iterator, in row or in lifted; not when covered */
	struct bytes entry_key;          /* covered: the index's entry, in the iterator or in lower */
	struct bytes handle_bytes;       /* the clustered key behind its space */
	struct buf row;                  /* a row that was got: header and image */
	struct buf lifted;               /* the image of a row of an older generation */
	struct buf key;                  /* the row's clustered key, space included */
	struct buf entry;                /* covered: the fields found in index keys, once one was asked for */
	struct bytes *fields;            /* per column; known_fields of them are set */
	unsigned field_capacity;
	unsigned known_fields;
	unsigned field_offset;           /* in the image, of the first field not known */

	struct table_cursor *next;       /* in the handle's list of closed ones */
};

/* range.c: makes lower and upper from the plan and its arguments. False: no row can fit. */
bool cursor_set_range(struct table_cursor *cursor, const char *letters, const struct argument *arguments);
/* row.c: the row's fields up to this column are known. False: the image is damaged. */
bool cursor_know_fields(struct table_cursor *cursor, unsigned column);
/* Sets the handle's diag; SQLITE_ERROR. */
int cursor_is_corrupt(struct table_cursor *cursor, const char *what);
int cursor_column(sqlite3_vtab_cursor *base, sqlite3_context *context, int column);
int cursor_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *out_rowid);
/* Forgets the fields of the row before. */
static inline void cursor_begin_row(struct table_cursor *cursor)
{
	cursor->known_fields = 0;
	cursor->field_offset = (cursor->table->column_count + 7) / 8;
}

/* cursor.c */
/* One of the handle's, at its end; cursor_close gives it back. */
struct table_cursor *table_cursor_open(struct table_module *module);
int cursor_open(sqlite3_vtab *vtab, sqlite3_vtab_cursor **out_cursor);
int cursor_close(sqlite3_vtab_cursor *base);
/* Stands on the first row that the plan and its arguments lead to (module.h), or at the end. SQLite's status. */
int cursor_find(struct table_cursor *cursor, int plan, const char *letters, const struct argument *arguments);
int cursor_filter(sqlite3_vtab_cursor *base, int plan, const char *letters, int count, sqlite3_value **values);
int cursor_next(sqlite3_vtab_cursor *base);
int cursor_eof(sqlite3_vtab_cursor *base);
void cursor_destroy(struct table_cursor *cursor); /* with its memory, for the pool */
