/*
 * Which tables a statement changes, as its tree says it: what filter rules of tables are asked about.
 *
 * In the order in which the statement names them. A table that is only read is none of them, nor is one that only a
 * cascade reaches. GRANT and its like change the tables of accounts. Statements about databases, SET, transactions, and
 * DROP TEMPORARY TABLE IF EXISTS change none.
 */
#pragma once

#include "base/arena.h"
#include "sql/parse/ast.h"

/*
 * Names without a database are of the current one. update_map: for an UPDATE of several tables, bit i says that the i-th
 * one named is changed (event_query's table_map_for_update); 0: unknown, then the assignments tell, and a column without
 * its table's name may be any one's. In the arena.
 */
struct ast_object_names ast_changed_tables(const struct ast_statement *statement, uint64_t update_map,
					   struct arena *arena);
