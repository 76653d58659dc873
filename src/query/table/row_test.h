/*
 * Conditions tested on the packed row, before SQLite sees it: rows that fail are passed over, and of those that pass SQLite
 * need not test them again. Private to this folder.
 *
 * Taken are comparisons of a column with what SQLite computes from elsewhere, whatever index the table is read by: = < >
 * <= >= <> IS, IS NULL, IS NOT NULL. Locked rows are tested as they are once locked. The plan's text (module.h) names each
 * test:
 *
 *   >12.45.0   a letter, the column, the collation's number, and which argument of filter the column is compared with
 *
 * @@gemel_condition_pushdown = OFF leaves all to SQLite.
 */
#pragma once

#include "query/table/module.h"
#include "query/table/operand.h"

struct table_cursor;

struct row_test {
	unsigned column;
	uint8_t orders;   /* that pass: enum row_order */
	bool null_passes;
	struct operand operand;
	struct buf room;  /* of the operand; kept from filter to filter */
};

struct row_tests {
	struct row_test *items;
	unsigned count, capacity;
};

/*
 * best_index: of the constraints those that can be tested, *argument_count of which are arguments of filter already. Marks
 * them as ours, and appends the tests to the plan's text. Returns how many.
 */
unsigned row_tests_offer(sqlite3_index_info *info, const struct table_module *module, int *argument_count,
			 struct buf *out_text);
/* filter: the tests in the plan's text. False: no row can pass. */
bool row_tests_set(struct table_cursor *cursor, const char *text, sqlite3_value **arguments);

enum row_verdict { ROW_PASSES, ROW_FAILS, ROW_IS_DAMAGED };
enum row_verdict row_tests_verdict(struct table_cursor *cursor);
void row_tests_deinit(struct row_tests *tests);
