#include "filter/filter.h"

#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "filter/pattern.h"

struct entry {
	char *name, *to; /* owned */
};

struct entries {
	struct entry *list; /* owned */
	size_t count, capacity;
};

struct filter {
	struct entries rules[FILTER_RULES];
};

/* --------------------------------------------------------------------------------------------------------- entries */

struct filter *filter_create(void)
{
	return memory_zalloc(sizeof(struct filter));
}

void filter_clear(struct filter *filter, enum filter_rule rule)
{
	struct entries *entries = &filter->rules[rule];
	for (size_t i = 0; i < entries->count; i++) {
		memory_free(entries->list[i].name);
		memory_free(entries->list[i].to);
	}
	memory_free(entries->list);
	*entries = (struct entries){0};
}

void filter_destroy(struct filter **filter_place)
{
	struct filter *filter = *filter_place;
	if (filter == NULL)
		return;
	for (unsigned rule = 0; rule < FILTER_RULES; rule++)
		filter_clear(filter, rule);
	memory_free(filter);
	*filter_place = NULL;
}

static char *copy_bytes(struct bytes bytes)
{
	char *copy = memory_alloc(bytes.size + 1);
	if (bytes.size)
		memcpy(copy, bytes.data, bytes.size);
	copy[bytes.size] = 0;
	return copy;
}

static void append(struct entries *entries, struct bytes name, struct bytes to)
{
	if (entries->count == entries->capacity) {
		entries->capacity = entries->capacity ? entries->capacity * 2 : 4;
		entries->list = memory_realloc(entries->list, entries->capacity * sizeof *entries->list);
	}
	entries->list[entries->count++] = (struct entry){copy_bytes(name), copy_bytes(to)};
}

void filter_copy_rule(const struct filter *from, enum filter_rule rule, struct filter *to)
{
	const struct entries *entries = &from->rules[rule];
	filter_clear(to, rule);
	for (size_t i = 0; i < entries->count; i++)
		append(&to->rules[rule], bytes_of_string(entries->list[i].name), bytes_of_string(entries->list[i].to));
}

void filter_copy(const struct filter *from, struct filter *to)
{
	for (unsigned rule = 0; rule < FILTER_RULES; rule++)
		filter_copy_rule(from, rule, to);
}

static bool is_wild(enum filter_rule rule)
{
	return rule == FILTER_WILD_DO_TABLE || rule == FILTER_WILD_IGNORE_TABLE;
}

static bool names_table(enum filter_rule rule)
{
	return rule == FILTER_DO_TABLE || rule == FILTER_IGNORE_TABLE || is_wild(rule);
}

static int check_entry(enum filter_rule rule, struct bytes name, struct bytes to, struct diag *diag)
{
	bool has_zero = memchr(name.data, 0, name.size) || (to.size && memchr(to.data, 0, to.size));
	if (names_table(rule) && memchr(name.data, '.', name.size) == NULL) {
		if (is_wild(rule))
			return diag_set(diag, ER_INVALID_RPL_WILD_TABLE_FILTER_PATTERN);
		has_zero = true;
	}
	if (has_zero || (rule == FILTER_REWRITE_DB) != (to.size > 0) || name.size + to.size > filter_text_max)
		return diag_set(diag, ER_WRONG_ARGUMENTS, filter_rule_name(rule));
	return 0;
}

int filter_add(struct filter *filter, enum filter_rule rule, struct bytes name, struct bytes to, struct diag *diag)
{
	struct entries *entries = &filter->rules[rule];
	if (name.size == 0 || entries->count == filter_entries_max)
		return diag_set(diag, ER_WRONG_ARGUMENTS, filter_rule_name(rule));
	if (check_entry(rule, name, to, diag) < 0)
		return -1;
	for (size_t i = 0; i < entries->count; i++)
		if (bytes_equal(name, bytes_of_string(entries->list[i].name)) &&
		    bytes_equal(to, bytes_of_string(entries->list[i].to)))
			return 0;
	append(entries, name, to);
	return 0;
}

static bool has(const struct filter *filter, enum filter_rule rule)
{
	return filter->rules[rule].count > 0;
}

bool filter_is_empty(const struct filter *filter)
{
	for (unsigned rule = 0; rule < FILTER_RULES; rule++)
		if (has(filter, rule))
			return false;
	return true;
}

bool filter_has_table_rules(const struct filter *filter)
{
	return has(filter, FILTER_DO_TABLE) || has(filter, FILTER_IGNORE_TABLE) || has(filter, FILTER_WILD_DO_TABLE) ||
	       has(filter, FILTER_WILD_IGNORE_TABLE);
}

bool filter_entry_at(const struct filter *filter, enum filter_rule rule, size_t index, const char **out_name,
		     const char **out_to)
{
	const struct entries *entries = &filter->rules[rule];
	if (index >= entries->count)
		return false;
	*out_name = entries->list[index].name;
	*out_to = entries->list[index].to;
	return true;
}

/* ------------------------------------------------------------------------------------------------------- databases */

static const struct entry *find_name(const struct filter *filter, enum filter_rule rule, struct bytes name)
{
	const struct entries *entries = &filter->rules[rule];
	for (size_t i = 0; i < entries->count; i++)
		if (bytes_equal(bytes_of_string(entries->list[i].name), name))
			return &entries->list[i];
	return NULL;
}

const char *filter_rewrite(const struct filter *filter, const char *database)
{
	const struct entry *entry = find_name(filter, FILTER_REWRITE_DB, bytes_of_string(database));
	return entry ? entry->to : database;
}

bool filter_allows_database(const struct filter *filter, const char *database)
{
	if (database == NULL)
		return true;
	if (has(filter, FILTER_DO_DB))
		return find_name(filter, FILTER_DO_DB, bytes_of_string(database));
	return find_name(filter, FILTER_IGNORE_DB, bytes_of_string(database)) == NULL;
}

/* ---------------------------------------------------------------------------------------------------------- tables */

static bool matches_any(const struct filter *filter, enum filter_rule rule, struct bytes full_name)
{
	const struct entries *entries = &filter->rules[rule];
	for (size_t i = 0; i < entries->count; i++)
		if (pattern_matches(bytes_of_string(entries->list[i].name), full_name))
			return true;
	return false;
}

enum verdict { UNDECIDED, IN, OUT };

static enum verdict judge_wild(const struct filter *filter, struct bytes full_name)
{
	if (matches_any(filter, FILTER_WILD_DO_TABLE, full_name))
		return IN;
	return matches_any(filter, FILTER_WILD_IGNORE_TABLE, full_name) ? OUT : UNDECIDED;
}

static enum verdict judge_table(const struct filter *filter, const char *database, const char *table)
{
	struct buf buf = {0};
	enum verdict verdict;
	buf_printf(&buf, "%s.%s", database, table);
	if (find_name(filter, FILTER_DO_TABLE, buf_bytes(&buf)))
		verdict = IN;
	else if (find_name(filter, FILTER_IGNORE_TABLE, buf_bytes(&buf)))
		verdict = OUT;
	else
		verdict = judge_wild(filter, buf_bytes(&buf));
	buf_deinit(&buf);
	return verdict;
}

bool filter_allows_database_statement(const struct filter *filter, const char *database)
{
	struct buf all_tables = {0};
	if (has(filter, FILTER_DO_DB) || has(filter, FILTER_IGNORE_DB))
		return filter_allows_database(filter, database);
	buf_printf(&all_tables, "%s.", database);
	enum verdict verdict = judge_wild(filter, buf_bytes(&all_tables));
	buf_deinit(&all_tables);
	return verdict == UNDECIDED ? !has(filter, FILTER_WILD_DO_TABLE) : verdict == IN;
}

bool filter_allows_tables(const struct filter *filter, const struct filter_table *tables, size_t count)
{
	if (!filter_has_table_rules(filter))
		return true;
	for (size_t i = 0; i < count; i++) {
		enum verdict verdict = judge_table(filter, tables[i].database, tables[i].name);
		if (verdict != UNDECIDED)
			return verdict == IN;
	}
	return count > 0 && !has(filter, FILTER_DO_TABLE) && !has(filter, FILTER_WILD_DO_TABLE);
}

bool filter_allows_rows(const struct filter *filter, const char *database, const char *table)
{
	struct filter_table only = {database, table};
	return filter_allows_database(filter, database) && filter_allows_tables(filter, &only, 1);
}

/* ----------------------------------------------------------------------------------------------------------- texts */

static const char *const rule_names[FILTER_RULES] = {
	[FILTER_DO_DB] = "REPLICATE_DO_DB",
	[FILTER_IGNORE_DB] = "REPLICATE_IGNORE_DB",
	[FILTER_DO_TABLE] = "REPLICATE_DO_TABLE",
	[FILTER_IGNORE_TABLE] = "REPLICATE_IGNORE_TABLE",
	[FILTER_WILD_DO_TABLE] = "REPLICATE_WILD_DO_TABLE",
	[FILTER_WILD_IGNORE_TABLE] = "REPLICATE_WILD_IGNORE_TABLE",
	[FILTER_REWRITE_DB] = "REPLICATE_REWRITE_DB",
};

const char *filter_rule_name(enum filter_rule rule)
{
	return rule_names[rule];
}

bool filter_find_rule(const char *name, enum filter_rule *out_rule)
{
	for (unsigned rule = 0; rule < FILTER_RULES; rule++)
		if (strcasecmp(rule_names[rule], name) == 0) {
			*out_rule = rule;
			return true;
		}
	return false;
}

void filter_print(const struct filter *filter, enum filter_rule rule, struct buf *out)
{
	const struct entries *entries = &filter->rules[rule];
	for (size_t i = 0; i < entries->count; i++) {
		const struct entry *entry = &entries->list[i];
		if (rule == FILTER_REWRITE_DB)
			buf_printf(out, "%s(%s,%s)", i ? "," : "", entry->name, entry->to);
		else
			buf_printf(out, "%s%s", i ? "," : "", entry->name);
	}
}
