/* The query of CREATE TABLE .. SELECT: its columns, then its rows. Private to exec. */
#pragma once

#include "exec/change_log.h"
#include "exec/environment.h"
#include "exec/rows/row_spool.h"
#include "exec/definition/table_draft.h"

struct created_rows {
	struct statement *statement;
	struct environment environment;
	struct tree_query *query;
	struct row_spool spool;
	unsigned *columns; /* position in the table for each column of the query; good once the draft is built */
	bool ignore, replace;
	bool is_open;      /* environment and spool are to be ended */
	struct change_log log;
	uint64_t first_id; /* the first AUTO_INCREMENT value made, or 0 */
	uint64_t written, duplicates;
};

/* Resolves the query, adds its columns to the draft, and reads its rows: all before there is a table. */
int created_rows_read(struct created_rows *rows, struct table_draft *draft, const struct ast_create_table *ast);
/* Writes the rows into the table, in the session's transaction. */
int created_rows_write(struct created_rows *rows, struct table *table);
/*
 * Commits definition and rows: logged as rows, in two transactions, the definition as that text, and when the rows fail
 * the table goes again; logged as the statement's own text or not at all, in one.
 */
int created_rows_publish(struct created_rows *rows, struct catalog_change **change, struct table *table,
			 struct bytes text);
/* "Records: 3  Duplicates: 0  Warnings: 0"; NULL without a query. */
const char *created_rows_info(const struct created_rows *rows);
void created_rows_deinit(struct created_rows *rows);
