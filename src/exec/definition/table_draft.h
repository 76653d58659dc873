/*
 * A table on the drawing board: what CREATE TABLE writes down and ALTER TABLE rewrites, before it is a struct table.
 * Private to exec.
 *
 *   CREATE   draft_init -> options, columns, keys, foreign keys, CHECKs from the tree -> draft_build
 *   ALTER    draft_load from the table there is -> changes, one after the other     -> draft_build
 *
 * Keys and foreign keys name their columns here, so that columns may move and go; draft_build looks the names up and
 * checks what only the whole can tell. Everything lives in the statement's arena until draft_build copies it into the
 * table's own.
 */
#pragma once

#include "catalog/row_generation.h"
#include "exec/statement.h"
#include "sql/resolve/resolve.h"

struct draft_column {
	struct column column;   /* position is not used */
	int old_position;       /* in the table that is altered; -1: new */
	bool null_given;        /* NULL was written: it may not be part of a primary key */
	bool default_given;
	bool wants_timestamp;   /* old TIMESTAMP rules: NOT NULL without DEFAULT and ON UPDATE */
	struct draft_column *next;
};

struct draft_part {
	const char *column;
	uint32_t prefix;
	bool descending;
};

struct draft_key {
	const char *name; /* NULL: draft_build finds one */
	enum index_kind kind;
	struct draft_part *parts;
	unsigned part_count;
	const char *comment;
	bool invisible;
	bool is_support; /* only there for a foreign key: goes when another key serves */
	uint32_t space;  /* of the table that is altered, 0: new */
	struct draft_key *next;
};

struct draft_foreign_key {
	const char *name; /* NULL: `<table>_ibfk_<n>` */
	const char *index_name;
	const char **columns;
	unsigned column_count;
	const char *parent_database, *parent_table;
	const char **parent_columns;
	enum foreign_key_action on_delete, on_update;
	bool is_new;
	struct draft_foreign_key *next;
};

struct draft_check {
	const char *name; /* NULL: `<table>_chk_<n>` */
	const char *expression;
	bool enforced;
	struct draft_check *next;
};

struct table_draft {
	struct statement *statement;
	const char *database, *name;
	struct draft_column *columns; /* linked lists in order */
	struct draft_key *keys;
	struct draft_foreign_key *foreign_keys;
	struct draft_check *checks;
	const struct collation *collation;
	const char *engine, *row_format, *comment, *options;
	unsigned row_generation;      /* of the table it was loaded from, whose rows it may keep */
	struct stored_column *stored;
	unsigned stored_count;
	uint64_t auto_increment; /* AUTO_INCREMENT=n, 0: not given */
	bool temporary;
	const char *engine_reported; /* engine substitution was warned of */
};

void draft_init(struct table_draft *draft, struct statement *statement, const char *database, const char *name,
		const struct collation *collation);
/* A copy of all the table has, key spaces included. */
void draft_load(struct table_draft *draft, struct statement *statement, const struct table *table);

/* None of the rows of the table that it was loaded from: its keys get spaces of their own. */
void draft_leave_rows(struct table_draft *draft);

/* ENGINE, CHARSET, COLLATE, COMMENT, AUTO_INCREMENT, ...; before the columns, which take the table's collation. */
int draft_set_options(struct table_draft *draft, const struct ast_options *options);
int draft_set_option(struct table_draft *draft, const struct ast_option *option);
/* CHARACTER SET and COLLATE of which either may be NULL. -1: 1115, 1273, 1253. */
int draft_find_collation(struct statement *statement, const char *charset, const char *collation,
			 const struct collation *fallback, const struct collation **out);

/* The column alone; its inline keys and CHECKs are draft_add_column_constraints' work. */
int draft_make_column(struct table_draft *draft, const struct ast_column_def *ast, struct draft_column **out);
/* A value default again, after the column's type has changed. -1: 1067. */
int draft_convert_default(struct table_draft *draft, struct draft_column *draft_column);
/* ALTER COLUMN SET DEFAULT. */
int draft_set_default(struct table_draft *draft, struct draft_column *draft_column, const struct ast_expr *expr,
		      bool is_expression);
int draft_add_column_constraints(struct table_draft *draft, const struct ast_column_def *ast);
/* Behind `after`; NULL: first. */
void draft_insert_column(struct table_draft *draft, struct draft_column *column, struct draft_column *after);
struct draft_column *draft_last_column(struct table_draft *draft);
struct draft_column *draft_find_column(const struct table_draft *draft, const char *name);

int draft_add_key(struct table_draft *draft, const struct ast_key *ast);
struct draft_key *draft_find_key(const struct table_draft *draft, const char *name);
struct draft_key *draft_append_key(struct table_draft *draft);
int draft_add_foreign_key(struct table_draft *draft, const struct ast_foreign_key *ast);
struct draft_foreign_key *draft_find_foreign_key(const struct table_draft *draft, const char *name);
int draft_add_check(struct table_draft *draft, const struct ast_check *ast);
struct draft_check *draft_find_check(const struct table_draft *draft, const char *name);

/* Columns, keys, foreign keys and CHECKs as a table of one reference, finished; NULL: diag. */
struct table *draft_build(struct table_draft *draft);

/* ------------------------------------------------------------------ draft_build's parts */

/* Names, widths, defaults of TIMESTAMPs, one AUTO_INCREMENT at most. */
int draft_check_columns(struct table_draft *draft);
/* Columns of the keys, their lengths; names for those without; support for foreign keys. */
int draft_check_keys(struct table_draft *draft);
/* Adds the keys that foreign keys need. Before draft_check_keys. */
void draft_support_foreign_keys(struct table_draft *draft);
/* Parents, types, actions, names. After draft_check_keys. */
int draft_check_foreign_keys(struct table_draft *draft);
/* Names for those without. */
int draft_check_checks(struct table_draft *draft);

/* Names of columns, keys and constraints fold case. */
bool draft_same_name(const char *a, const char *b);
