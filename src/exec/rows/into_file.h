/* SELECT ... INTO OUTFILE and INTO DUMPFILE. Private to exec. */
#pragma once

#include "exec/statement.h"
#include "query/evaluate.h"

/* Runs the evaluation to its end. -1: there is no file; 1045, 1290, 1086, 1172 (DUMPFILE of several rows), ... */
int into_file(struct statement *statement, const struct tree_query *query, struct evaluation *evaluation);
