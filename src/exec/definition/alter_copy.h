/* Rows of a table's old definition become rows of its new one. Private to exec. */
#pragma once

#include "exec/definition/alter_table.h"

/*
 * Copies all rows into the prepared table's key spaces, some thousand a transaction, in transactions that are not
 * logged. -1: the table is to be discarded.
 */
int alter_copy_rows(struct alteration *alteration, struct table *made);
