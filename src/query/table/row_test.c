#include "query/table/row_test.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "query/table/row_condition.h"
#include "query/table/cursor.h"
#include "sql/resolve/tree.h"

enum { arguments_max = 16 }; /* SQLite tests what comes behind whatever we say */
enum { pushed_letter = 'p' };

/* ------------------------------------------------------------------ offering */

static char letter_of(unsigned char op)
{
	switch (op) {
	case SQLITE_INDEX_CONSTRAINT_EQ: return '=';
	case SQLITE_INDEX_CONSTRAINT_NE: return '!';
	case SQLITE_INDEX_CONSTRAINT_GT: return '>';
	case SQLITE_INDEX_CONSTRAINT_GE: return 'g';
	case SQLITE_INDEX_CONSTRAINT_LT: return '<';
	case SQLITE_INDEX_CONSTRAINT_LE: return 'l';
	case SQLITE_INDEX_CONSTRAINT_IS:
	case SQLITE_INDEX_CONSTRAINT_ISNULL: return 'i'; /* whose right side is NULL */
	case SQLITE_INDEX_CONSTRAINT_ISNOTNULL: return 'e';
	case pushed_constraint: return pushed_letter;
	default: return 0;
	}
}

/* The number of the collation by which SQLite compares; 0: of none; -1: one of its own. */
static int collation_number(const struct index_question *question, int constraint, const struct column_type *type)
{
	if (class_of_type(type) != CLASS_TEXT)
		return 0;
	const char *name = index_question_collation(question, constraint);
	const struct collation *collation =
		name && strcmp(name, "BINARY") != 0 ? collation_find(bytes_of_string(name)) : NULL;
	return collation ? collation->id : -1;
}

/* False: it is left to SQLite. */
static bool offer(const struct index_question *question, const struct table *table, int number, int *argument_count,
		  struct buf *out_text)
{
	const struct sqlite3_index_constraint *constraint = &question->info->aConstraint[number];
	struct sqlite3_index_constraint_usage *usage = &question->info->aConstraintUsage[number];
	char letter = letter_of(constraint->op);
	unsigned column = (unsigned)constraint->iColumn;
	int collation = 0;
	if (!constraint->usable || usage->omit || letter == 0)
		return false;
	/* An IN that no index answers would scan the table for each of its values. */
	if (usage->argvIndex == 0 && (*argument_count == arguments_max || index_question_is_list(question, number)))
		return false;
	if (letter == pushed_letter) {
		column -= table->column_count + pushed_column;
		if (column >= pushed_groups)
			return false;
	} else {
		if (column >= table->column_count || !operand_can_compare(&table->columns[column].type))
			return false;
		collation = collation_number(question, number, &table->columns[column].type);
	}
	if (collation < 0)
		return false;
	if (usage->argvIndex == 0)
		usage->argvIndex = ++*argument_count;
	usage->omit = 1;
	buf_printf(out_text, "%c%u.%d.%d", letter, column, collation, usage->argvIndex - 1);
	return true;
}

unsigned row_tests_offer(const struct index_question *question, const struct table_module *module, int *argument_count,
			 struct buf *out_text)
{
	unsigned count = 0;
	if (!module->handle->session->variables.gemel_condition_pushdown)
		return 0;
	for (int i = 0; i < question->info->nConstraint; i++)
		count += offer(question, module->key.table, i, argument_count, out_text);
	return count;
}

/* ------------------------------------------------------------------ testing */

uint8_t row_orders(char letter)
{
	switch (letter) {
	case '!': return ROW_LESS | ROW_MORE;
	case '>': return ROW_MORE;
	case 'g': return ROW_MORE | ROW_EQUAL;
	case '<': return ROW_LESS;
	case 'l': return ROW_LESS | ROW_EQUAL;
	case 'e': return ROW_LESS | ROW_EQUAL | ROW_MORE;
	default: return ROW_EQUAL;
	}
}

static struct row_test *new_test(struct row_tests *tests)
{
	if (tests->count == tests->capacity) {
		unsigned capacity = tests->capacity ? tests->capacity * 2 : 4;
		tests->items = memory_realloc(tests->items, capacity * sizeof *tests->items);
		memset(tests->items + tests->capacity, 0, (capacity - tests->capacity) * sizeof *tests->items);
		tests->capacity = capacity;
	}
	return &tests->items[tests->count++];
}

bool row_test_set(struct row_test *test, struct evaluator_handle *handle, const struct column_type *type, char letter,
		  const struct collation *collation, const struct argument *value)
{
	bool is_null = letter == 'i' && value->type == SQLITE_NULL;
	test->orders = is_null ? 0 : row_orders(letter);
	test->is_never_unknown = letter == 'i' || letter == 'e';
	test->null_passes = is_null;
	test->operand.compare = NULL;
	if (letter == 'e' || is_null)
		return true;
	operand_set(&test->operand, handle, type, collation, value, &test->room);
	return test->operand.compare != NULL;
}

static bool set_next(struct table_cursor *cursor, char letter, unsigned column, unsigned collation,
		     const struct argument *value)
{
	if (letter == pushed_letter) {
		const struct row_condition *condition = value->pointer;
		cursor->tests.conditions[column] = condition;
		cursor->tests.condition_count += condition != NULL;
		return true;
	}
	struct row_test *test = new_test(&cursor->tests);
	test->column = column;
	return row_test_set(test, cursor->handle, cursor->table->types[column], letter, collation_find_id(collation), value);
}

bool row_tests_set(struct table_cursor *cursor, const char *text, const struct argument *arguments)
{
	bool may_pass = true;
	for (char *at = (char *)text; *at && *at != ';' && may_pass;) {
		char letter = *at;
		unsigned column = (unsigned)strtoul(at + 1, &at, 10);
		unsigned collation = (unsigned)strtoul(at + 1, &at, 10);
		unsigned argument = (unsigned)strtoul(at + 1, &at, 10);
		may_pass = set_next(cursor, letter, column, collation, &arguments[argument]);
	}
	return may_pass;
}

static enum row_verdict test_conditions(struct table_cursor *cursor)
{
	for (unsigned i = 0; i < pushed_groups; i++) {
		const struct row_condition *condition = cursor->tests.conditions[i];
		if (condition == NULL)
			continue;
		if (!cursor_know_fields(cursor, row_condition_last_column(condition)))
			return ROW_IS_DAMAGED;
		if (row_condition_truth(condition, cursor->fields) != TRUTH_TRUE)
			return ROW_FAILS;
	}
	return ROW_PASSES;
}

enum row_verdict row_tests_verdict(struct table_cursor *cursor)
{
	for (unsigned i = 0; i < cursor->tests.count; i++) {
		const struct row_test *test = &cursor->tests.items[i];
		if (!cursor_know_fields(cursor, test->column))
			return ROW_IS_DAMAGED;
		if (row_test_truth(test, cursor->fields[test->column]) != TRUTH_TRUE)
			return ROW_FAILS;
	}
	return cursor->tests.condition_count ? test_conditions(cursor) : ROW_PASSES;
}

void row_tests_deinit(struct row_tests *tests)
{
	for (unsigned i = 0; i < tests->capacity; i++)
		buf_deinit(&tests->items[i].room);
	memory_free(tests->items);
}
