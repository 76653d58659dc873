/*
 * What gm_stage_add is called with, read as a stage's cells. Private to this folder.
 */
#pragma once

#include "query/stage/stage.h"

struct stage_reader;

/* With the values of the constants that its expressions have. In the handle's arena: as long as the statement. */
struct stage_reader *stage_reader_make(struct evaluator_handle *handle, const struct stage *stage,
				       const struct argument *constants);
const struct stage *stage_reader_stage(const struct stage_reader *reader);
/* Of a sort: so many of the first rows are asked for; UINT64_MAX: all. */
uint64_t stage_reader_limit(const struct stage_reader *reader);
/*
 * A row: packed rows, then values. Its inputs [first, end) go to the cells of these numbers, which borrow from the row; of
 * each row those from 0 on come first. -1 with the handle's diag.
 */
int stage_reader_read(struct stage_reader *reader, sqlite3_value **arguments, unsigned first, unsigned end,
		      struct cell *cells);
