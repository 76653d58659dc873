/*
 * Prepared statements of one evaluator, by their text. Private to this folder.
 *
 * A statement stays as long as the tables it reads are the ones it was prepared for; the least recently used goes when
 * there are too many.
 */
#pragma once

#include "query/table/module.h"

struct direct_plan;

struct cached_statement {
	struct direct_plan *direct; /* of a direct read (direct/direct.h), which SQLite did not prepare; or NULL: */
	sqlite3_stmt *statement;
	struct bytes sql;           /* owned */
	uint64_t hash;
	struct table_module **modules;
	uint64_t *row_estimates;    /* of the modules' tables when the plan was made */
	unsigned module_count;
	bool may_be_direct;         /* as the program */
	bool pushes_conditions;     /* @@gemel_condition_pushdown when the plan was made */

	/* Room for a row's values. */
	unsigned item_count;
	struct value *values;
	struct decimal *decimals;
	struct buf *texts;          /* of SETs */

	struct cached_statement *chain;           /* of its bucket */
	struct cached_statement *newer, *older;   /* by last use */
};

struct statement_cache *statement_cache_create(unsigned capacity);
void statement_cache_destroy(struct statement_cache **cache);

/* The program's statement, prepared now if it was not. Borrowed until the next call. -1 with diag. */
int statement_cache_take(struct evaluator_handle *handle, const struct evaluate_program *program,
			 struct cached_statement **out_statement, struct diag *diag);
/* Before a module goes. */
void statement_cache_drop_readers(struct statement_cache *cache, const struct table_module *module);
/* A statement that failed or whose plan is suspect. */
void statement_cache_drop(struct statement_cache *cache, struct cached_statement *statement);
