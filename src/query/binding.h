/* Values of a statement's parameters. Private to this folder. */
#pragma once

#include "query/evaluation.h"

/* Binds all but BINDING_COLUMNs, which rows bring. -1 with diag. */
int binding_bind_all(struct evaluation *evaluation, struct diag *diag);
/* Binds the columns of the rows, and user variables to what they are now. */
int binding_bind_rows(struct evaluation *evaluation, const struct expression_row *rows, unsigned row_count,
		      struct diag *diag);
/* The value of a literal or a parameter; NULL: the node is neither, or there is no such parameter. */
const struct value *binding_constant(const struct tree_expr *expr, const struct value *parameters,
				     unsigned parameter_count);
/* What a LIMIT or OFFSET counts to: no further than INT64_MAX, which is as good as no limit. Negative: it is refused. */
int64_t binding_limit(const struct evaluation *evaluation, const struct tree_expr *limit);
