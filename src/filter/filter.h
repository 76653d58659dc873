/*
 * Which databases and tables are logged, sent and applied: MySQL's rules as a value with questions.
 *
 * One set of rules is the binary log's (binlog-do-db, binlog-ignore-db: DO_DB and IGNORE_DB of it), and each channel has
 * one (replicate-*). No I/O, no globals, no lock: whoever owns a set guards it, asking changes nothing.
 *
 *   a statement      database rules, by its default database           a filtered-out one is not executed at all
 *                    then table rules, by all tables that it changes   (filter_allows_database_statement, _tables)
 *   rows of a table  database rules, by the table's database
 *                    then table rules, by the table                    (filter_allows_rows)
 *
 *   database rules   any DO_DB? yes: in the list, or out
 *                               no: in the list of IGNORE_DB: out
 *   table rules      for each changed table, the first rule that it meets decides for the whole statement:
 *                    DO_TABLE in, IGNORE_TABLE out, WILD_DO_TABLE in, WILD_IGNORE_TABLE out
 *                    none was met: out if there is any DO rule, else in
 *
 * MySQL 8.0 manual, "How Servers Evaluate Replication Filtering Rules". REWRITE_DB renames before any rule is asked.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/diag.h"

enum filter_rule {
	FILTER_DO_DB,
	FILTER_IGNORE_DB,
	FILTER_DO_TABLE,
	FILTER_IGNORE_TABLE,
	FILTER_WILD_DO_TABLE,
	FILTER_WILD_IGNORE_TABLE,
	FILTER_REWRITE_DB,
	FILTER_RULES
};

enum { filter_entries_max = 10000, filter_text_max = 1024 }; /* of one rule; of one entry, bytes */

struct filter;

struct filter *filter_create(void); /* without rules: all is allowed */
void filter_destroy(struct filter **filter);
void filter_copy(const struct filter *from, struct filter *to); /* replaces to's rules */
void filter_copy_rule(const struct filter *from, enum filter_rule rule, struct filter *to);

void filter_clear(struct filter *filter, enum filter_rule rule);
/*
 * One entry more; one that is there already stays once. DB: name. TABLE: "database.table". WILD: "pattern.pattern".
 * REWRITE_DB: name is renamed to `to`, and empty elsewhere. Copied. -1: 3067 a wild pattern, 1210 another text that is not
 * as the rule wants it, or too many.
 */
int filter_add(struct filter *filter, enum filter_rule rule, struct bytes name, struct bytes to, struct diag *diag);

bool filter_is_empty(const struct filter *filter);
bool filter_has_table_rules(const struct filter *filter);

/* ---------------------------------------------------------------------------------------------------- questions */

/* What the database is called here. The answer is the argument, or belongs to the filter. */
const char *filter_rewrite(const struct filter *filter, const char *database);

/* The database rules alone. NULL: a session without a default database; nothing filters that. */
bool filter_allows_database(const struct filter *filter, const char *database);
/*
 * CREATE, ALTER and DROP DATABASE: where there are no database rules, those wild rules count that mean all of a database
 * ("db.%").
 */
bool filter_allows_database_statement(const struct filter *filter, const char *database);

struct filter_table {
	const char *database, *name;
};
/* The table rules, for a statement that changes these tables. With no table: as if it met no rule and changed nothing. */
bool filter_allows_tables(const struct filter *filter, const struct filter_table *tables, size_t count);
bool filter_allows_rows(const struct filter *filter, const char *database, const char *table);

/* --------------------------------------------------------------------------------------------------------- texts */

/* As SHOW REPLICA STATUS and SHOW MASTER STATUS list them: "a,b", "(a,b),(c,d)". Appended. */
void filter_print(const struct filter *filter, enum filter_rule rule, struct buf *out);
const char *filter_rule_name(enum filter_rule rule); /* "REPLICATE_DO_DB" */
bool filter_find_rule(const char *name, enum filter_rule *out_rule); /* "replicate_do_db", in any case */

/* Walks a rule's entries: false past the end. Borrowed. to is "" but for REWRITE_DB. */
bool filter_entry_at(const struct filter *filter, enum filter_rule rule, size_t index, const char **out_name,
		     const char **out_to);
