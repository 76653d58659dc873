/* Inside the printer of trees: what its two halves, expressions and queries, need of each other. */
#pragma once

#include "sql/parse/ast.h"

void print_exprs(const struct ast_exprs *exprs, struct buf *out); /* comma between, no blanks */
void print_orders(const struct ast_orders *orders, struct buf *out); /* a, b desc */
void print_names(const struct ast_names *names, struct buf *out); /* (`a`,`b`), nothing when empty */
void print_window(const struct ast_window *window, struct buf *out);
