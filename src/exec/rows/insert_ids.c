#include "exec/rows/insert_ids.h"

#include "session/variables.h"
#include "type/sql_mode.h"

enum row_id { ROW_ID_LEFT, ROW_ID_GIVEN, ROW_ID_UNKNOWN };

static enum row_id id_of_value(const struct statement *statement, const struct tree_expr *expr)
{
	const struct value *value = &expr->literal;
	if (expr->kind == TREE_DEFAULT)
		return ROW_ID_LEFT;
	if (expr->kind == TREE_PARAMETER)
		value = &statement->parameters[expr->parameter];
	else if (expr->kind != TREE_LITERAL)
		return ROW_ID_UNKNOWN;
	if (value->kind == VALUE_NULL)
		return ROW_ID_LEFT;
	bool zero_is_given = statement->session->variables.sql_mode & SQL_MODE_NO_AUTO_VALUE_ON_ZERO;
	return value_to_int(value) != 0 || zero_is_given ? ROW_ID_GIVEN : ROW_ID_LEFT;
}

/* -1: the statement does not name the column. */
static int place_of_id(const struct tree_insert *insert)
{
	for (unsigned i = 0; i < insert->column_count; i++)
		if ((int)insert->columns[i] == insert->target->table->auto_increment_column)
			return (int)i;
	return -1;
}

enum insert_ids insert_ids_of(const struct statement *statement, const struct tree_insert *insert)
{
	int place = place_of_id(insert);
	unsigned left = 0, given = 0;
	if (insert->target->table->auto_increment_column < 0)
		return INSERT_IDS_NONE;
	if (insert->query)
		return INSERT_IDS_OPEN;
	for (unsigned i = 0; i < insert->row_count; i++) {
		enum row_id id = place < 0 || insert->rows[i].count == 0
					 ? ROW_ID_LEFT
					 : id_of_value(statement, insert->rows[i].items[place]);
		left += id == ROW_ID_LEFT;
		given += id == ROW_ID_GIVEN;
	}
	if (left == insert->row_count)
		return INSERT_IDS_COUNTED;
	return given == insert->row_count ? INSERT_IDS_NONE : INSERT_IDS_OPEN;
}
