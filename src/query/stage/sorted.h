/*
 * The rows of one stage in order: rows go in, and come out sorted by keys whose bytes compare as MySQL orders values: NULL
 * first, texts by their collation. Private to this folder.
 *
 * Of a LIMIT twice as many rows are kept as are wanted, at most. Then the worse half goes, and what is no better than the
 * worst of the others is turned away by its keys, before the rest of it is looked at. (A heap would hold half as many, and
 * move through all its depth for each row.) What is more than memory may hold (the larger of sort_buffer_size and
 * tmp_table_size), and sorts without a LIMIT, go to a sorter (base/sorter.h), which has runs in files.
 */
#pragma once

#include "query/stage/stage.h"

struct sorted;

/* Only the first `limit` rows are asked for; UINT64_MAX: all. */
struct sorted *sorted_create(struct evaluator_handle *handle, const struct stage *stage, uint64_t limit);
void sorted_destroy(struct sorted **sorted);
/* Whether a row of these keys may be among those that are asked for; if so, sorted_add comes next, with the whole row. */
bool sorted_wants(struct sorted *sorted, const struct cell *keys);
int sorted_add(struct sorted *sorted, const struct cell *row); /* 0, or -1 with the handle's diag */
/* No row comes any more: to the beginning, as often as wanted. */
int sorted_rewind(struct sorted *sorted);
/* 1: stands on the next row, 0: there is none, -1. */
int sorted_next(struct sorted *sorted);
void sorted_column(struct sorted *sorted, unsigned column, sqlite3_context *context);
