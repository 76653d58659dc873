/*
 * The table behind variables.h and the option files. Private to session, and to whoever reads options.
 */
#pragma once

#include "session/session.h"

enum variable_kind {
	VARIABLE_BOOL,      /* ON, OFF */
	VARIABLE_UINT,      /* with bounds; multiples of `block` */
	VARIABLE_DOUBLE,    /* kept in millionths */
	VARIABLE_ENUM,      /* one of names */
	VARIABLE_SQL_MODE,
	VARIABLE_TEXT,      /* NULL prints as empty */
	VARIABLE_CHARSET,
	VARIABLE_COLLATION,
	VARIABLE_TIME_ZONE,
};

enum variable_traits {
	IN_GLOBAL = 1,
	IN_SESSION = 2,
	READ_ONLY = 4,      /* by SET; options may */
	HIDDEN = 8,         /* readable by @@name, not listed */
	NOT_OPTION = 16,    /* not settable by an option */
	IS_SIZE = 32,       /* options take K, M, G, T */
	NULL_IS_TEXT = 64,  /* character_set_results: NULL is a value */
	NEEDS_SUPER = 256,  /* SET of the session's value, too */
	EXTREMES_CLAMP = 128, /* out of bounds becomes the bound with warning 1292, as MySQL's numbers do */
};

struct variable_slot; /* a value as it is kept: variable_values.h */

typedef void variable_compute(struct session *session, struct arena *arena, struct value *out);
typedef int variable_check(struct session *session, enum variable_scope scope, const struct value *value,
			   struct diag *diag);
typedef void variable_changed(struct session *session, struct server *server, enum variable_scope scope);
typedef int variable_apply(struct session *session, enum variable_scope scope, const struct variable_slot *slot,
			   struct diag *diag);

struct variable_row {
	const char *name;
	enum variable_kind kind;
	unsigned traits;
	/* Where a session has it in struct session_variables: offset + 1, 0: in block[]. */
	size_t field;
	uint64_t default_number;
	const char *default_text;     /* TEXT, CHARSET, COLLATION, TIME_ZONE, SQL_MODE */
	uint64_t min, max;
	const char *const *names;     /* ENUM: NULL ends */
	/* What is computed when asked; others have a value. */
	variable_compute *compute;
	/* After a change: session NULL for the global one. -1 refuses it (before anything changed). */
	variable_check *check;
	variable_changed *changed;
	/*
	 * Makes the new value true, before it is stored. -1: it is not, and stays as it was. What is computed as well is
	 * not stored at all.
	 */
	variable_apply *apply;
	const char *alias_of;         /* another name of that row */
	const char *help;             /* --help's line */
};

const struct variable_row *variable_row_find(struct bytes name);
const struct variable_row *variable_row_at(size_t index); /* NULL past the end; sorted by name */
size_t variable_row_index(const struct variable_row *row);
size_t variable_row_count(void);

struct global_variables *global_variables_create(void); /* all defaults */
void global_variables_destroy(struct global_variables **variables);
/* Boot only: an option's value. -1: 1231-like, with the option's name. */
int global_variables_set_option(struct global_variables *variables, const struct variable_row *row, const char *text,
				struct diag *diag);
uint64_t global_variables_number(const struct global_variables *variables, const char *name);
const char *global_variables_text(const struct global_variables *variables, const char *name); /* boot only: borrowed */
/* The value an option of this text has, for --help and checks; prints a default as the option would be written. */
void variable_print_default(const struct variable_row *row, struct buf *out);
/* What boot must do once before serving: hand values to the server's parts that keep their own. */
void global_variables_apply(struct server *server);
