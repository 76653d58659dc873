/*
 * An index for one evaluation: where a join or a correlated subquery asks a table again and again for equals of a
 * column that has no index, the second time builds one in memory. Where there is an index, getting rows through it one by
 * one costs several times what a row of a scan does: when that has cost as much as a good part of building a transient one
 * of all rows, it is built, and takes over. What other engines call a hash join. Private to this folder.
 *
 * It holds copies of the rows' images by the keys a real index would have, rows of one key in the table's order. It
 * finds too much as real ones do; SQLite tests again. Past its bound it gives up, and the table is scanned each time.
 */
#pragma once

#include "query/table/cursor.h"

enum { transient_columns_max = 4 };

struct transient_row {
	struct transient_row *next; /* of the same key */
	uint32_t handle_size, image_size;
	uint8_t bytes[];            /* handle, image */
};

struct transient_index;

/*
 * The evaluation's index of the module's table by these columns ("0,3"), as far as it is there: NULL on the first call,
 * and when there are too many rows. *out_failed: reading failed, the handle's diag says why.
 */
struct transient_index *transient_index_find(struct table_cursor *cursor, const char *columns, bool *out_failed);
/*
 * The same for equals that the cursor's index is asked for by this plan (module.h): NULL as long as that index is cheaper;
 * cursor->probed is then who counts what it costs, or NULL.
 */
struct transient_index *transient_index_for_probes(struct table_cursor *cursor, int plan, const char *letters,
						   bool *out_failed);
/* The index that probes, counted by it, got a row. */
void transient_index_row_got(struct transient_index *probed);
/* The rows whose columns equal the arguments (letters as in module.h), or NULL. */
const struct transient_row *transient_index_rows(struct transient_index *index, struct table_cursor *cursor,
						 const char *letters, const struct argument *arguments);
void transient_indexes_destroy(struct transient_index **indexes);
