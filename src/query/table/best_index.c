/*
 * Which index SQLite should read a table by, and what that costs.
 *
 * The unit of cost is one row of a scan (0.13 µs). A seek costs 8, a row fetched through a secondary index 12 (a get,
 * 1.6 µs). How many rows an equality leaves is known from samples (catalog/statistics.c); of a range it is believed.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "query/table/row_test.h"
#include "query/table/transient_index.h"
#include "sql/resolve/tree.h"
#include "type/key.h"

enum { seek_cost = 8, fetch_cost = 12, equality_rows = 10, limit_rows = 100 };

/* What the constraints say about one part of an index. Numbers of aConstraint, or -1. */
struct part_match {
	int equal;
	char equal_letter;
	int low, high;
	char low_letter, high_letter;
	int like;
};

struct candidate {
	unsigned index;      /* in the table */
	unsigned equals;     /* parts that are given */
	struct part_match parts[16];
	struct part_match range;
	bool has_range;
	bool is_unique;      /* one row at most */
	bool is_covered;
	bool needs_primary;   /* is_covered, with columns of the primary key */
	bool ordered, reverse; /* consumes ORDER BY */
	unsigned transient_count;
	int transient[transient_columns_max]; /* constraints of a transient index; then index is 0 and equals 0 */
	double rows, cost;
	double total; /* and what sorting the rows afterwards will cost */
};

/* The columns that the keys of this index alone can give back. */
static uint64_t part_mask(const struct table *table, const struct index *index)
{
	uint64_t mask = 0;
	for (unsigned i = 0; i < index->part_count; i++) {
		const struct index_part *part = &index->parts[i];
		if (part->column < 63 && part->prefix_length == 0 &&
		    key_is_reversible(&table->columns[part->column].type))
			mask |= UINT64_C(1) << part->column;
	}
	return mask;
}

uint64_t index_column_mask(const struct table *table, const struct index *index)
{
	uint64_t mask = part_mask(table, index);
	if (table->has_primary_key)
		mask |= part_mask(table, &table->indexes[0]);
	if (table->column_count < 63)
		mask |= UINT64_C(1) << table->column_count; /* the handle */
	for (unsigned i = 0; i < pushed_groups; i++)
		if (table->column_count + pushed_column + i < 63)
			mask |= UINT64_C(1) << (table->column_count + pushed_column + i);
	return mask;
}

/* SQLite knows no collation of a function's constraint: expr.c has seen to that. */
static bool collation_fits(const struct index_question *question, int number, const struct column_type *type)
{
	if (class_of_type(type) != CLASS_TEXT || question->info->aConstraint[number].op == like_constraint)
		return true;
	const char *name = index_question_collation(question, number);
	return name && strcmp(name, type->collation->name) == 0;
}

static void take_constraint(struct part_match *match, int number, unsigned char op)
{
	switch (op) {
	case SQLITE_INDEX_CONSTRAINT_EQ:
		match->equal = number;
		match->equal_letter = '=';
		break;
	case SQLITE_INDEX_CONSTRAINT_IS:
	case SQLITE_INDEX_CONSTRAINT_ISNULL:
		if (match->equal >= 0)
			break;
		match->equal = number;
		match->equal_letter = op == SQLITE_INDEX_CONSTRAINT_IS ? 'i' : 'n';
		break;
	case SQLITE_INDEX_CONSTRAINT_GT:
	case SQLITE_INDEX_CONSTRAINT_GE:
		match->low = number;
		match->low_letter = op == SQLITE_INDEX_CONSTRAINT_GT ? '>' : 'g';
		break;
	case SQLITE_INDEX_CONSTRAINT_LT:
	case SQLITE_INDEX_CONSTRAINT_LE:
		match->high = number;
		match->high_letter = op == SQLITE_INDEX_CONSTRAINT_LT ? '<' : 'l';
		break;
	case like_constraint: match->like = number; break;
	default: break;
	}
}

/* usable_only false: also what depends on tables that SQLite would read later; for EXPLAIN's possible_keys. */
static struct part_match match_column(const struct index_question *question, const struct table *table, unsigned column,
				      bool usable_only)
{
	sqlite3_index_info *info = question->info;
	struct part_match match = {.equal = -1, .low = -1, .high = -1, .like = -1};
	for (int i = 0; i < info->nConstraint; i++) {
		const struct sqlite3_index_constraint *constraint = &info->aConstraint[i];
		if (constraint->iColumn == (int)column && (constraint->usable || !usable_only) &&
		    collation_fits(question, i, &table->columns[column].type))
			take_constraint(&match, i, constraint->op);
	}
	return match;
}

static bool has_range(const struct part_match *match)
{
	return match->low >= 0 || match->high >= 0 || match->like >= 0;
}

static bool is_matched(const struct part_match *match)
{
	return match->equal >= 0 || has_range(match);
}

/* Unique whatever is in it: no column may be NULL. */
static bool is_unique_index(const struct table *table, const struct index *index)
{
	if (index->kind == INDEX_PLAIN || index_is_row_id(index))
		return false;
	for (unsigned i = 0; i < index->part_count; i++)
		if (table->columns[index->parts[i].column].nullable)
			return false;
	return true;
}

static void match_parts(struct candidate *candidate, const struct index_question *question, const struct table *table,
			const struct index *index)
{
	bool may_be_null = false;
	for (unsigned i = 0; i < index->part_count && i < 16; i++) {
		struct part_match match = match_column(question, table, index->parts[i].column, true);
		if (match.equal < 0) {
			candidate->range = match;
			candidate->has_range = has_range(&match);
			break;
		}
		candidate->parts[candidate->equals++] = match;
		may_be_null |= match.equal_letter != '=' && table->columns[index->parts[i].column].nullable;
	}
	candidate->is_unique = index->kind != INDEX_PLAIN && !index_is_row_id(index) &&
			       candidate->equals == index->part_count && !may_be_null;
}

/* The column of the n-th key part, the primary key's behind a secondary index's own; -1 past the end or for a prefix. */
static int sorted_column(const struct table *table, const struct index *index, unsigned n)
{
	if (n >= index->part_count && index != &table->indexes[0]) {
		n -= index->part_count;
		index = &table->indexes[0];
		if (!table->has_primary_key)
			return -1;
	}
	if (n >= index->part_count || index->parts[n].prefix_length > 0)
		return -1;
	return (int)index->parts[n].column;
}

static bool is_equal_part(const struct candidate *candidate, const struct index *index, int column)
{
	for (unsigned i = 0; i < candidate->equals; i++)
		if ((int)index->parts[i].column == column)
			return true;
	return false;
}

/* True when rows come in the order asked for, in one of the two directions. */
static bool gives_order(struct candidate *candidate, sqlite3_index_info *info, const struct table *table,
			const struct index *index)
{
	unsigned next = candidate->equals;
	bool reverse = false, has_direction = false;
	bool unique = is_unique_index(table, index);
	for (int i = 0; i < info->nOrderBy; i++) {
		int column = info->aOrderBy[i].iColumn;
		if (is_equal_part(candidate, index, column))
			continue;
		/* All of a unique key is sorted by: what follows cannot matter. */
		if (next >= index->part_count && unique)
			break;
		if (sorted_column(table, index, next) != column)
			return false;
		if (has_direction && reverse != (info->aOrderBy[i].desc != 0))
			return false;
		reverse = info->aOrderBy[i].desc != 0;
		has_direction = true;
		next++;
	}
	candidate->reverse = reverse;
	return true;
}

static bool has_limit(const sqlite3_index_info *info)
{
	for (int i = 0; i < info->nConstraint; i++)
		if (info->aConstraint[i].op == SQLITE_INDEX_CONSTRAINT_LIMIT)
			return true;
	return false;
}

static double expected_rows(const struct candidate *candidate, const struct table *table, double table_rows)
{
	const struct index *index = &table->indexes[candidate->index];
	if (candidate->is_unique)
		return 1;
	double rows = table_rows;
	if (candidate->equals > 0 && index->part_count)
		rows = table_rows_per_value(table, candidate->index, candidate->equals);
	if (candidate->has_range) {
		/* Values are not known. Believing in narrow ranges costs little when wrong, scanning for ten rows much. */
		bool both = (candidate->range.low >= 0 && candidate->range.high >= 0) || candidate->range.like >= 0;
		rows /= both ? 64 : 20;
	}
	return fmin(fmax(rows, 1), table_rows);
}

/*
 * Bit 63: any from the 64th on. The columns that tell of the row itself are no part of it: whoever asks for them names those
 * that it reads besides.
 */
static uint64_t columns_used(const sqlite3_index_info *info, const struct table *table)
{
	uint64_t used = info->colUsed;
	for (unsigned column = table->column_count + pushed_column; column <= table->column_count + row_column;
	     column++)
		used &= column < 63 ? ~(UINT64_C(1) << column) : UINT64_MAX;
	return used;
}

/* A stage takes the rows as they are: nobody sees their order. Nor where nothing is seen of them. */
static bool order_is_unseen(const sqlite3_index_info *info, const struct table *table)
{
	unsigned row = table->column_count + row_column;
	return info->colUsed == 0 || (row < 63 && info->colUsed >> row & 1);
}

static void set_cost(struct candidate *candidate, const struct module_key *key, const sqlite3_index_info *info,
		     double table_rows)
{
	candidate->rows = expected_rows(candidate, key->table, table_rows);
	double read = candidate->rows;
	if (candidate->ordered && info->nOrderBy > 0 && has_limit(info))
		read = fmin(read, limit_rows);
	bool clustered = candidate->index == 0;
	double row_cost = clustered || candidate->is_covered ? 1 : 1 + fetch_cost;
	candidate->cost = seek_cost + read * row_cost;
	if (key->lock != MODULE_NO_LOCK)
		candidate->cost += read * fetch_cost; /* each row is locked and read again, however it was found */
	bool scans = candidate->equals == 0 && !candidate->has_range;
	if (scans && key->forced)
		candidate->cost *= 1e6;
	if (scans && !clustered && candidate->is_covered && order_is_unseen(info, key->table))
		candidate->cost *= 0.95; /* entries are smaller than rows */
	bool sorts = info->nOrderBy > 0 && !candidate->ordered;
	candidate->total = candidate->cost + (sorts ? candidate->rows * log2(candidate->rows + 1) : 0);
}

static bool consider(struct candidate *candidate, unsigned number, const struct module_key *key,
		     const struct index_question *question, double table_rows)
{
	sqlite3_index_info *info = question->info;
	const struct table *table = key->table;
	const struct index *index = &table->indexes[number];
	if (number > 0 && number < 64 && !(key->usable_indexes >> number & 1))
		return false;
	if (index_is_row_hash(index))
		return false;
	memset(candidate, 0, sizeof *candidate);
	candidate->index = number;
	if (number > 0 || key->usable_indexes & 1)
		match_parts(candidate, question, table, index);
	uint64_t used = columns_used(info, table);
	candidate->is_covered =
		number > 0 && key->lock == MODULE_NO_LOCK && (used & ~index_column_mask(table, index)) == 0;
	candidate->needs_primary = candidate->is_covered &&
				   (used & part_mask(table, &table->indexes[0]) & ~part_mask(table, index)) != 0;
	candidate->ordered = gives_order(candidate, info, table, index);
	bool useful = candidate->equals > 0 || candidate->has_range || candidate->is_covered ||
		      (candidate->ordered && info->nOrderBy > 0);
	if (number > 0 && !useful)
		return false;
	set_cost(candidate, key, info, table_rows);
	return true;
}

/*
 * A scan that is asked for equals of some columns: if it is asked again, a transient index answers. The cost is that of
 * a scan, since nobody tells how often it will be; just below, so that the equality is passed on.
 */
static void add_transient(struct candidate *best, const struct module_key *key, const struct index_question *question,
			  double table_rows)
{
	sqlite3_index_info *info = question->info;
	if (best->index != 0 || best->equals > 0 || best->has_range || key->lock != MODULE_NO_LOCK || best->reverse)
		return;
	for (int i = 0; i < info->nConstraint && best->transient_count < transient_columns_max; i++) {
		const struct sqlite3_index_constraint *constraint = &info->aConstraint[i];
		unsigned column = (unsigned)constraint->iColumn;
		if (!constraint->usable || column >= key->table->column_count || index_question_is_list(question, i) ||
		    (constraint->op != SQLITE_INDEX_CONSTRAINT_EQ && constraint->op != SQLITE_INDEX_CONSTRAINT_IS))
			continue;
		const struct column_type *type = &key->table->columns[column].type;
		if (type->kind == TYPE_JSON || !collation_fits(question, i, type))
			continue;
		best->transient[best->transient_count++] = i;
	}
	if (best->transient_count == 0)
		return;
	best->rows = fmin(equality_rows, table_rows / 2);
	best->cost *= 0.95;
}

/* ------------------------------------------------------------------ the answer */

/*
 * Ranges of integers are exact, so SQLite need not test them again. Not where rows are locked: those are read again and
 * may have changed; nor where an integer may be held as a BLOB.
 */
static bool is_exact(const struct module_key *key, int column)
{
	const struct column_type *type = &key->table->columns[column].type;
	return key->lock == MODULE_NO_LOCK && type_is_integer(type->kind) &&
	       !(type->kind == TYPE_BIGINT && (type->is_unsigned || type->zerofill));
}

static void use(const struct module_key *key, sqlite3_index_info *info, int number, char letter, char *letters,
		int *count)
{
	info->aConstraintUsage[number].argvIndex = *count + 1;
	info->aConstraintUsage[number].omit = is_exact(key, info->aConstraint[number].iColumn);
	letters[(*count)++] = letter;
}

static uint64_t possible_indexes(const struct index_question *question, const struct table *table)
{
	uint64_t possible = 0;
	for (unsigned i = 0; i < table->index_count && i < 64; i++) {
		if (table->indexes[i].part_count == 0)
			continue;
		struct part_match match = match_column(question, table, table->indexes[i].parts[0].column, false);
		if (is_matched(&match))
			possible |= UINT64_C(1) << i;
	}
	return possible;
}

static int answer(const struct index_question *question, const struct table_module *module, const struct candidate *best)
{
	sqlite3_index_info *info = question->info;
	const struct module_key *key = &module->key;
	char letters[24];
	int count = 0;
	for (unsigned i = 0; i < best->equals; i++)
		use(key, info, best->parts[i].equal, best->parts[i].equal_letter, letters, &count);
	if (best->has_range) {
		if (best->range.low >= 0)
			use(key, info, best->range.low, best->range.low_letter, letters, &count);
		if (best->range.high >= 0)
			use(key, info, best->range.high, best->range.high_letter, letters, &count);
		if (best->range.like >= 0)
			use(key, info, best->range.like, '~', letters, &count);
	}
	char columns[64] = "";
	for (unsigned i = 0; i < best->transient_count; i++) {
		const struct sqlite3_index_constraint *constraint = &info->aConstraint[best->transient[i]];
		size_t size = strlen(columns);
		snprintf(columns + size, sizeof columns - size, "%s%d", i ? "," : "", constraint->iColumn);
		info->aConstraintUsage[best->transient[i]].argvIndex = count + 1;
		letters[count++] = constraint->op == SQLITE_INDEX_CONSTRAINT_EQ ? '=' : 'i';
	}
	int letter_count = count;
	struct buf tests;
	buf_init(&tests);
	unsigned test_count = row_tests_offer(question, module, &count, &tests);
	bool ordered = best->ordered && info->nOrderBy > 0;
	info->idxNum = (int)best->index | (ordered ? PLAN_ORDERED : 0) | (ordered && best->reverse ? PLAN_REVERSE : 0) |
		       (best->is_unique ? PLAN_UNIQUE : 0) | (best->is_covered ? PLAN_COVERED : 0) |
		       (best->needs_primary ? PLAN_PRIMARY : 0) |
		       (best->transient_count ? PLAN_TRANSIENT : 0) | (test_count ? PLAN_TESTED : 0);
	info->idxStr = sqlite3_mprintf("%.*s;%llx;%lld;%s;%s", letter_count, letters,
				       (unsigned long long)possible_indexes(question, key->table), (long long)best->rows,
				       test_count ? buf_cstring(&tests) : "", columns);
	buf_deinit(&tests);
	info->needToFreeIdxStr = 1;
	info->orderByConsumed = ordered;
	info->estimatedCost = best->cost;
	info->estimatedRows = (sqlite3_int64)best->rows;
	if (best->is_unique)
		info->idxFlags |= SQLITE_INDEX_SCAN_UNIQUE;
	return info->idxStr ? SQLITE_OK : SQLITE_NOMEM;
}

int best_index_answer(const struct table_module *module, const struct index_question *question)
{
	const struct module_key *key = &module->key;
	double table_rows = fmax((double)table_row_estimate(key->table), 2);
	struct candidate best, other;
	consider(&best, 0, key, question, table_rows); /* the clustered index is always possible */
	for (unsigned i = 1; i < key->table->index_count; i++)
		if (consider(&other, i, key, question, table_rows) && other.total < best.total)
			best = other;
	add_transient(&best, key, question, table_rows);
	return answer(question, module, &best);
}

int table_best_index(sqlite3_vtab *vtab, sqlite3_index_info *info)
{
	return best_index_answer(((struct table_vtab *)vtab)->module, &(struct index_question){.info = info});
}
