/*
 * How many AUTO_INCREMENT values an INSERT will make. One that is logged as text has to make a plain series of them, from
 * the first, which travels along (INSERT_ID), so that a replica can make the same: those it can count are reserved
 * together; where they cannot be counted, the table is locked. Private to exec.
 */
#pragma once

#include "exec/statement.h"
#include "sql/resolve/tree.h"

enum insert_ids {
	INSERT_IDS_NONE,    /* there is no such column, or every row brings its own value */
	INSERT_IDS_COUNTED, /* one for each row of VALUES */
	INSERT_IDS_OPEN,    /* rows of a query, or some rows bring values */
};
enum insert_ids insert_ids_of(const struct statement *statement, const struct tree_insert *insert);
