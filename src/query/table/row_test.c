#include "query/table/row_test.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "query/table/cursor.h"
#include "sql/resolve/tree.h"

enum row_order { ROW_LESS = 1, ROW_EQUAL = 2, ROW_MORE = 4 };

enum { arguments_max = 16 }; /* SQLite tests what comes behind whatever we say */

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
	default: return 0;
	}
}

/* The number of the collation by which SQLite compares; 0: of none; -1: one of its own. */
static int collation_number(sqlite3_index_info *info, int constraint, const struct column_type *type)
{
	if (class_of_type(type) != CLASS_TEXT)
		return 0;
	const char *name = sqlite3_vtab_collation(info, constraint);
	const struct collation *collation =
		name && strcmp(name, "BINARY") != 0 ? collation_find(bytes_of_string(name)) : NULL;
	return collation ? collation->id : -1;
}

/* False: it is left to SQLite. */
static bool offer(sqlite3_index_info *info, const struct table *table, int number, int *argument_count,
		  struct buf *out_text)
{
	const struct sqlite3_index_constraint *constraint = &info->aConstraint[number];
	struct sqlite3_index_constraint_usage *usage = &info->aConstraintUsage[number];
	char letter = letter_of(constraint->op);
	unsigned column = (unsigned)constraint->iColumn;
	if (!constraint->usable || usage->omit || letter == 0 || column >= table->column_count ||
	    !operand_can_compare(&table->columns[column].type))
		return false;
	/* An IN that no index answers would scan the table for each of its values. */
	if (usage->argvIndex == 0 && (*argument_count == arguments_max || sqlite3_vtab_in(info, number, -1)))
		return false;
	int collation = collation_number(info, number, &table->columns[column].type);
	if (collation < 0)
		return false;
	if (usage->argvIndex == 0)
		usage->argvIndex = ++*argument_count;
	usage->omit = 1;
	buf_printf(out_text, "%c%u.%d.%d", letter, column, collation, usage->argvIndex - 1);
	return true;
}

unsigned row_tests_offer(sqlite3_index_info *info, const struct table_module *module, int *argument_count,
			 struct buf *out_text)
{
	unsigned count = 0;
	if (!module->handle->session->variables.gemel_condition_pushdown)
		return 0;
	for (int i = 0; i < info->nConstraint; i++)
		count += offer(info, module->key.table, i, argument_count, out_text);
	return count;
}

/* ------------------------------------------------------------------ testing */

static uint8_t orders_of(char letter)
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

/* False: no row can pass. */
static bool set_test(struct row_test *test, struct table_cursor *cursor, char letter, unsigned collation,
		     sqlite3_value *value)
{
	test->orders = orders_of(letter);
	test->null_passes = letter == 'i' && sqlite3_value_type(value) == SQLITE_NULL;
	test->operand.compare = NULL;
	if (letter == 'e')
		return true;
	operand_set(&test->operand, cursor->handle, cursor->table->types[test->column], collation_find_id(collation),
		    value, &test->room);
	if (test->operand.compare == NULL)
		test->orders = 0;
	return test->orders != 0 || test->null_passes;
}

bool row_tests_set(struct table_cursor *cursor, const char *text, sqlite3_value **arguments)
{
	bool may_pass = true;
	cursor->tests.count = 0;
	for (char *at = (char *)text; *at && *at != ';' && may_pass;) {
		struct row_test *test = new_test(&cursor->tests);
		char letter = *at;
		test->column = (unsigned)strtoul(at + 1, &at, 10);
		unsigned collation = (unsigned)strtoul(at + 1, &at, 10);
		unsigned argument = (unsigned)strtoul(at + 1, &at, 10);
		may_pass = set_test(test, cursor, letter, collation, arguments[argument]);
	}
	return may_pass;
}

static bool passes(const struct row_test *test, struct bytes field)
{
	if (field.data == NULL)
		return test->null_passes;
	if (test->operand.compare == NULL)
		return test->orders != 0; /* IS NOT NULL; or IS NULL */
	int order = test->operand.compare(&test->operand, field);
	return (test->orders & (order < 0 ? ROW_LESS : order > 0 ? ROW_MORE : ROW_EQUAL)) != 0;
}

enum row_verdict row_tests_verdict(struct table_cursor *cursor)
{
	for (unsigned i = 0; i < cursor->tests.count; i++) {
		const struct row_test *test = &cursor->tests.items[i];
		if (!cursor_know_fields(cursor, test->column))
			return ROW_IS_DAMAGED;
		if (!passes(test, cursor->fields[test->column]))
			return ROW_FAILS;
	}
	return ROW_PASSES;
}

void row_tests_deinit(struct row_tests *tests)
{
	for (unsigned i = 0; i < tests->capacity; i++)
		buf_deinit(&tests->items[i].room);
	memory_free(tests->items);
}
