/*
 * Conditions tested on the packed row, before SQLite sees it: rows that fail are passed over, and of those that pass SQLite
 * need not test them again. Private to this folder.
 *
 * Taken are comparisons of a column with what SQLite computes from elsewhere, whatever index the table is read by: = < >
 * <= >= <> IS, IS NULL, IS NOT NULL. Locked rows are tested as they are once locked. The plan's text (module.h) names each
 * test:
 *
 *   >12.45.0   a letter, the column, the collation's number, and which argument of filter the column is compared with
 *   p1.0.2     group 1 of pushed conditions (pushdown.h) is that argument
 *
 * @@gemel_condition_pushdown = OFF leaves all to SQLite.
 */
#pragma once

#include "query/table/module.h"
#include "query/pushdown.h"
#include "query/table/operand.h"

struct row_condition;
struct table_cursor;

enum row_order { ROW_LESS = 1, ROW_EQUAL = 2, ROW_MORE = 4 };
enum truth { TRUTH_FALSE, TRUTH_TRUE, TRUTH_UNKNOWN };

struct row_test {
	unsigned column;
	uint8_t orders;   /* that pass: enum row_order */
	bool is_never_unknown; /* IS, IS NULL, IS NOT NULL */
	bool null_passes;
	struct operand operand;
	struct buf room;  /* of the operand; kept from filter to filter */
};

/* The letters of the plan's text. */
uint8_t row_orders(char letter);
/* False: no row can pass. The operand keeps what it needs in test->room. */
bool row_test_set(struct row_test *test, struct evaluator_handle *handle, const struct column_type *type, char letter,
		  const struct collation *collation, const struct argument *value);

static inline enum truth truth_of(bool holds)
{
	return holds ? TRUTH_TRUE : TRUTH_FALSE;
}

static inline bool row_order_passes(uint8_t orders, int order)
{
	return (orders & (order < 0 ? ROW_LESS : order > 0 ? ROW_MORE : ROW_EQUAL)) != 0;
}

static inline enum truth row_test_truth(const struct row_test *test, struct bytes field)
{
	if (field.data == NULL)
		return test->is_never_unknown ? truth_of(test->null_passes) : TRUTH_UNKNOWN;
	if (test->operand.compare == NULL)
		return test->is_never_unknown ? truth_of(test->orders != 0) : TRUTH_UNKNOWN;
	return truth_of(row_order_passes(test->orders, test->operand.compare(&test->operand, field)));
}

struct row_tests {
	struct row_test *items;
	unsigned count, capacity;
	const struct row_condition *conditions[pushed_groups]; /* that were pushed whole, or NULL */
	unsigned condition_count;
};

static inline void row_tests_clear(struct row_tests *tests)
{
	tests->count = tests->condition_count = 0;
	for (unsigned i = 0; i < pushed_groups; i++)
		tests->conditions[i] = NULL;
}

/*
 * best_index: of the constraints those that can be tested, *argument_count of which are arguments of filter already. Marks
 * them as ours, and appends the tests to the plan's text. Returns how many.
 */
unsigned row_tests_offer(const struct index_question *question, const struct table_module *module, int *argument_count,
			 struct buf *out_text);
/* filter: the tests in the plan's text. False: no row can pass. */
bool row_tests_set(struct table_cursor *cursor, const char *text, const struct argument *arguments);

enum row_verdict { ROW_PASSES, ROW_FAILS, ROW_IS_DAMAGED };
enum row_verdict row_tests_verdict(struct table_cursor *cursor);
void row_tests_deinit(struct row_tests *tests);
