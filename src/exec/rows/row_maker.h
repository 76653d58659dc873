/*
 * From values to a row's image: conversion, NOT NULL, defaults, AUTO_INCREMENT, ON UPDATE, generated columns.
 * What INSERT, REPLACE, UPDATE and LOAD DATA share. Private to exec. One a table and statement.
 *
 *   insert: begin, set/set_default ..., finish_insert
 *   update: load the image, set ..., finish_update
 */
#pragma once

#include "exec/statement.h"
#include "query/evaluate.h"
#include "sql/resolve/tree.h"
#include "type/convert.h"

enum row_field_state { ROW_FIELD_UNSET, ROW_FIELD_NULL, ROW_FIELD_SET };

struct row_field {
	enum row_field_state state;
	bool assigned;   /* by the statement, since begin or load */
	size_t at, size; /* in the maker's storage */
};

struct row_maker {
	/* immutable */
	struct statement *statement;
	struct table *table;           /* borrowed */
	bool ignore;                   /* errors of values become warnings */
	bool lenient_nulls;            /* several rows and not strict: NULL into NOT NULL is the implicit default */
	/* the row in the making */
	bool is_new;                   /* inserted, not updated */
	struct convert_context convert; /* row_number is the caller's to raise */
	struct row_field *fields;
	uint8_t *given;                /* set by finish: bit i, the statement assigned column i. NULL: nobody asks */
	struct bytes *field_bytes;     /* the same as the evaluator wants them; valid after row_maker_fields */
	struct buf storage;
	uint64_t generated_id;         /* the AUTO_INCREMENT value made for this row, 0: none */
	/*
	 * AUTO_INCREMENT values make a plain series: forced by INSERT_ID, or because a replica will have to make them again.
	 * series_count is the caller's: how many will be wanted at least, 0: no series, each value is what the table has
	 * by then.
	 */
	uint64_t series_count;
	uint64_t series_next;          /* 0: not begun */
	/* expressions over the row, opened when first needed */
	struct tree_source *source;
	struct expressions *defaults, *generated, *checks;
	unsigned *default_columns, *generated_columns, *check_numbers;
	unsigned default_count, generated_count, check_count;
	struct resolve_environment *environment;
};

/* Resolves the table's stored expressions. -1 with the maker deinitialised. */
int row_maker_init(struct row_maker *maker, struct statement *statement, struct table *table,
		   struct resolve_environment *environment, bool ignore);
void row_maker_deinit(struct row_maker *maker);

void row_maker_begin(struct row_maker *maker);
int row_maker_load(struct row_maker *maker, struct bytes image);
/* -1: what conversion says, 1048, 3105 (a generated column). */
int row_maker_set(struct row_maker *maker, unsigned column, const struct value *value);
int row_maker_set_default(struct row_maker *maker, unsigned column); /* DEFAULT, DEFAULT(c); -1: 1364 */
/* What a NOT NULL column without a default gets where that is no error. */
void row_maker_set_implicit_default(struct row_maker *maker, unsigned column);
int row_maker_set_now(struct row_maker *maker, unsigned column); /* the statement's time */
/* Fields so far, for expressions that read the row: data NULL where NULL or unset. */
const struct bytes *row_maker_fields(struct row_maker *maker);
/* Replaces out_image. */
int row_maker_finish_insert(struct row_maker *maker, struct buf *out_image);
int row_maker_finish_update(struct row_maker *maker, struct bytes before, struct buf *out_image);
/* The AUTO_INCREMENT column's value in the row that was made last, given or generated; 0: none. */
uint64_t row_maker_id(const struct row_maker *maker);
/* For change_options: evaluates CHECK number check_index over the image. argument: the maker. */
int row_maker_check(void *argument, const struct table *table, unsigned check_index, struct bytes image,
		    struct diag *diag);
