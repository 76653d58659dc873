/*
 * Aggregates: a state that takes values and tells what they come to. One implementation for SQLite's groups and windows
 * and for groups of our own (query/stage).
 *
 * A state is `size` zeroed bytes, which may be moved nowhere; it owns nothing unless there is an `end`.
 */
#pragma once

#include "query/cell.h"

struct aggregate {
	const char *name; /* the evaluator's */
	size_t size;
	void (*add)(void *state, const struct cell *value);	  /* COUNT(*): without one */
	void (*take_back)(void *state, const struct cell *value); /* NULL: SQLite has one of its own for itself */
	/* The result so far; none is NULL. As often as wanted. An error goes to handle->diag. */
	void (*answer)(const void *state, struct evaluator_handle *handle, sqlite3_context *context);
	void (*start)(void *state,
		      const struct collation *collation); /* or NULL. Of TEXT; else the collation is NULL */
	void (*end)(void *state);			  /* or NULL */
	/* Where nothing is taken back, if that is less: 0 and NULL mean the same as above. */
	size_t plain_size;
	void (*plain_add)(void *state, const struct cell *value);
};

const struct aggregate *aggregate_find(const char *name); /* or NULL */
int aggregates_register(struct evaluator_handle *handle); /* SQLITE_OK, or SQLite's error */
const char *aggregate_name_at(unsigned index);		  /* for tests; NULL past the end */
