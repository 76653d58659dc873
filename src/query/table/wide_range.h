/*
 * A range of a secondary index that holds much of the table. How much it holds is not known when it is chosen, and a row
 * through an index costs as much as a dozen in a row. So a range begins as one, and when it has gone on for
 * a while, what is left of it is estimated: where that is much, the cursor goes over to the table's own order, and passes
 * over what has been seen. A wrong guess costs a few times what the right one would have.
 *
 * Not where SQLite counts on the index's order, where rows are locked (a scan would lock them all), nor without a
 * snapshot: the two walks must see one moment. Private to this folder.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct index;
struct table_cursor;

struct wide_range {
	const struct index *index; /* of the range being watched, or finished by a scan; NULL: neither */
	bool scans;                /* the cursor walks the clustered index, and each row is tested */
	uint64_t fetched, ask_at;  /* rows got through the index; at how many to think about it (again) */
};

/* The cursor begins a range by this plan (enum plan_bits). */
void wide_range_begin(struct table_cursor *cursor, int plan);
/* Called before the cursor moves from an entry to the next. True: it has gone over; the scan is to begin. */
bool wide_range_goes_over(struct table_cursor *cursor);
/* Of a row that the scan stands on: is its entry in what was left of the range? */
bool wide_range_holds(struct table_cursor *cursor);
