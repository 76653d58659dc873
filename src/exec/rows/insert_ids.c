#include "exec/rows/insert_ids.h"

#include "session/variables.h"
#include "type/sql_mode.h"

enum row_id { ROW_ID_LEFT, ROW_ID_GIVEN, ROW_ID_UNKNOWN };

static enum row_id id_of_value(const struct statement *statement, const struct value *value)
{
	if (value->kind == VALUE_NULL)
		return ROW_ID_LEFT;
	bool zero_is_given = statement->session->variables.sql_mode & SQL_MODE_NO_AUTO_VALUE_ON_ZERO;
	return value_to_int(value) != 0 || zero_is_given ? ROW_ID_GIVEN : ROW_ID_LEFT;
}

static enum row_id id_of_expr(const struct statement *statement, const struct tree_expr *expr)
{
	switch (expr->kind) {
	case TREE_DEFAULT: return ROW_ID_LEFT;
	case TREE_PARAMETER: return id_of_value(statement, &statement->parameters[expr->parameter]);
	case TREE_LITERAL: return id_of_value(statement, &expr->literal);
	default: return ROW_ID_UNKNOWN;
	}
}

static enum row_id id_of_row(const struct statement *statement, const struct tree_insert_row *row, int place)
{
	if (place < 0 || row->count == 0)
		return ROW_ID_LEFT;
	return row->values ? id_of_value(statement, &row->values[place]) : id_of_expr(statement, row->items[place]);
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
		enum row_id id = id_of_row(statement, &insert->rows[i], place);
		left += id == ROW_ID_LEFT;
		given += id == ROW_ID_GIVEN;
	}
	if (left == insert->row_count)
		return INSERT_IDS_COUNTED;
	return given == insert->row_count ? INSERT_IDS_NONE : INSERT_IDS_OPEN;
}
