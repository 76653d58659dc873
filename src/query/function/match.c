/*
 * MATCH .. AGAINST.
 *
 *   gm_match_words(mode, search, column, ..., collation)        over all rows: the counts that ranks are made of, a BLOB
 *                                                               of u64: rows, then rows with each word
 *   gm_match(counts, mode, search, column, ..., collation)      the rank of one row
 *
 * mode 1: boolean. A search of NULL finds nothing.
 */
#include "base/memory.h"
#include "query/fulltext.h"
#include "query/function/tools.h"

/* arguments from the mode on */
static struct fulltext_search *search_of(sqlite3_value **arguments, int count)
{
	struct bytes text = is_null(arguments[1]) ? bytes_of("", 0) : string_of(arguments[1]);
	return fulltext_search_create(text, sqlite3_value_int(arguments[0]) != 0, collation_of_value(arguments[count - 1]));
}

static void read_row(struct fulltext_search *search, sqlite3_value **arguments, int count)
{
	fulltext_begin_row(search);
	for (int i = 2; i < count - 1; i++)
		if (!is_null(arguments[i]))
			fulltext_add_text(search, string_of(arguments[i]));
}

struct counting {
	struct fulltext_search *search;
	uint64_t *counts;
};

static void words_step(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct counting *counting = sqlite3_aggregate_context(context, sizeof *counting);
	if (counting == NULL)
		return;
	if (counting->search == NULL) {
		counting->search = search_of(arguments, count);
		counting->counts = memory_zalloc((1 + fulltext_word_count(counting->search)) * sizeof *counting->counts);
	}
	read_row(counting->search, arguments, count);
	fulltext_count_row(counting->search, counting->counts);
}

static void words_end(sqlite3_context *context)
{
	struct counting *counting = sqlite3_aggregate_context(context, 0);
	if (counting == NULL || counting->search == NULL)
		return;
	size_t size = (1 + fulltext_word_count(counting->search)) * sizeof *counting->counts;
	sqlite3_result_blob64(context, counting->counts, size, SQLITE_TRANSIENT);
	memory_free(counting->counts);
	fulltext_search_destroy(&counting->search);
}

static void destroy_search(void *search)
{
	struct fulltext_search *owned = search;
	fulltext_search_destroy(&owned);
}

static void gm_match(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	enum { argument_of_search = 2 };
	struct bytes counts = string_of(arguments[0]);
	struct fulltext_search *kept = sqlite3_get_auxdata(context, argument_of_search);
	struct fulltext_search *search = kept ? kept : search_of(arguments + 1, count - 1);
	size_t size = (1 + fulltext_word_count(search)) * sizeof(uint64_t);
	double rank = 0;
	/* Without counts nobody has seen a row: this one is not committed, or not ours to see. */
	if (counts.size == size && !is_null(arguments[argument_of_search])) {
		uint64_t *numbers = memory_alloc(size);
		memcpy(numbers, counts.data, size);
		read_row(search, arguments + 1, count - 1);
		rank = fulltext_rank_row(search, numbers);
		memory_free(numbers);
	}
	sqlite3_result_double(context, rank);
	if (kept == NULL)
		sqlite3_set_auxdata(context, argument_of_search, search, destroy_search);
}

static const struct function_row rows[] = {
	{"gm_match", 5, -1, FN_PURE, gm_match, NULL, NULL, NULL},
	{"gm_match_words", 4, -1, FN_PURE, words_step, words_end, NULL, NULL},
};

const struct function_rows function_rows_match = FUNCTION_ROWS(rows);
