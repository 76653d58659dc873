/*
 * Pushed conditions (pushdown.h), made ready with the values of their constants: a tree that is evaluated on a row's packed
 * fields, in three-valued logic. Lives in the handle's arena: as long as the statement. Private to the folder of query.
 */
#pragma once

#include "query/argument.h"
#include "query/pushdown.h"
#include "query/table/row_test.h"

struct row_condition;

/* The values in the order of pushed_each_constant. NULL with diag: a LIKE whose escape is no character. */
const struct row_condition *row_condition_make(struct evaluator_handle *handle, const struct pushed_conditions *pushed,
				       const struct argument *values, struct diag *diag);
/* Fields up to this one must be known. */
unsigned row_condition_last_column(const struct row_condition *condition);
enum truth row_condition_truth(const struct row_condition *condition, const struct bytes *fields);
