/*
 * Our tables as SQLite's virtual tables: an eponymous module for each way a table is read (struct module_key), made in
 * a handle when a statement first wants it. Private to this folder.
 *
 * A table of n columns has the columns c1..cn, then h, the row's handle (its clustered key), i, its image, p1 and p2: 1 when
 * the row has passed conditions that were pushed (pushdown.h), and r, the row as it is (packed_row.h).
 */
#pragma once

#include "query/handle.h"
#include "query/program.h"
#include "type/row.h"

struct table_module {
	struct evaluator_handle *handle;
	struct module_key key;     /* holds a reference on its table */
	struct row_field_shape *shapes; /* of the table's columns; NULL for a virtual one */
	struct table_module *next; /* in the set */
};

struct module_set *module_set_create(void);
/* The modules themselves end with their database. */
void module_set_destroy(struct module_set **modules);

/*
 * The module of that key; an older one of the same name, of another version of the table, is dropped first, and the
 * statements that read it with it. -1 with diag.
 */
int module_require(struct evaluator_handle *handle, const struct module_key *key, struct table_module **out_module,
		   struct diag *diag);

/* Between statements: when there are too many, all go, and what reads them. */
void module_set_bound(struct evaluator_handle *handle);

extern const sqlite3_module table_module_methods;   /* table_module.c */
extern const sqlite3_module virtual_module_methods; /* virtual_module.c */

enum { pushed_column = 2, row_column = 4 }; /* behind the table's own: p1, r */
/* What xFindFunction calls them. */
enum { like_constraint = SQLITE_INDEX_CONSTRAINT_FUNCTION, pushed_constraint };

/* best_index.c */

/* What is asked of a table: by SQLite, or in its words by direct.c, which says itself what SQLite would have to be asked. */
struct index_question {
	sqlite3_index_info *info;
	const char *const *collations; /* per constraint; NULL: SQLite asks */
};

static inline const char *index_question_collation(const struct index_question *question, int number)
{
	return question->collations ? question->collations[number] : sqlite3_vtab_collation(question->info, number);
}

/* Is it an IN, which asks for one of its values after the other? */
static inline bool index_question_is_list(const struct index_question *question, int number)
{
	return question->collations == NULL && sqlite3_vtab_in(question->info, number, -1);
}

/* Answers in question->info. SQLite's status. */
int best_index_answer(const struct table_module *module, const struct index_question *question);
int table_best_index(sqlite3_vtab *vtab, sqlite3_index_info *info);

/*
 * What best_index tells filter. idxNum: the index's number and flags. idxStr: one letter for each argument, in order:
 *   =  the next part of the index equals it       i  the same, NULL equals NULL (IS)      n  the part is NULL
 *   >  g  < l   the part behind those is more, at least, less, at most
 *   ~  the part begins as this LIKE pattern does
 * and behind semicolons, for EXPLAIN: possible indexes as hex bits, and the rows expected; then tests of the rows
 * (row_test.h). Last, a transient index's columns.
 */
enum plan_bits {
	PLAN_INDEX = 0xffff,
	PLAN_REVERSE = 1 << 16, /* from the end to the beginning */
	PLAN_UNIQUE = 1 << 17,  /* one row at most: the whole of a unique key is given */
	PLAN_COVERED = 1 << 18, /* the secondary index has all columns that are read */
	PLAN_TRANSIENT = 1 << 19, /* a scan of the table, or a transient index by the columns named last: "0,3" */
	PLAN_ORDERED = 1 << 20, /* SQLite counts on the index's order */
	PLAN_TESTED = 1 << 21, /* rows are tested */
	PLAN_PRIMARY = 1 << 22, /* covered: columns of the primary key are read as well */
};

struct table_vtab {
	sqlite3_vtab base;
	struct table_module *module;
};

/* The columns a covered read finds in the entries of this index. Bit 63: all from the 64th on, never set. */
uint64_t index_column_mask(const struct table *table, const struct index *index);
