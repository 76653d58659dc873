/*
 * The groups of one stage: rows go in, groups come out, in the order their first rows came. Private to this folder.
 *
 * Keys are found by what they are as bytes first, where that is not what they are equal by: few groups mean that the same
 * texts come again and again, and making a collation's key costs more than all the rest.
 *
 * Memory is bounded (tmp_table_size). Past that, rows of groups that are not there yet, and values that a DISTINCT does not
 * know yet, go to a sorter. When all rows are in, it gives the values, so that each is added once, and then the other
 * groups, each row behind the other: those are made one at a time.
 */
#pragma once

#include "query/stage/stage.h"

struct groups;

struct groups *groups_create(struct evaluator_handle *handle, const struct stage *stage);
void groups_destroy(struct groups **groups);
/* A row: keys, values, arguments, in the order of the stage. The outcomes are 0, or -1 with the handle's diag. */
int groups_add(struct groups *groups, const struct cell *row);
/* No row comes any more: to the beginning, as often as wanted. */
int groups_rewind(struct groups *groups);
/* 1: stands on the next group, 0: there is none, -1. */
int groups_next(struct groups *groups);
void groups_column(struct groups *groups, unsigned column, sqlite3_context *context);
