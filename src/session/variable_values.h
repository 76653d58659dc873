/* The storage of global variables. Private to session. */
#pragma once

#include "base/map.h"
#include "session/variable_table.h"

struct variable_slot {
	uint64_t number; /* all kinds but texts; charsets and collations as pointers */
	char *text;      /* TEXT: owned, NULL allowed */
};

struct global_variables {
	/* immutable */
	struct map rows;                 /* name in lower case -> struct variable_row, aliases' too */
	size_t *session_texts;           /* indexes of the rows whose text a session has a copy of */
	size_t session_text_count;

	struct lock lock;
	struct variable_slot *slots;     /* guarded by lock; one a row */
	struct session_variables fresh;  /* guarded by lock: what a session begins with, made of the slots */
	bool is_fresh_old;               /* guarded by lock: a slot has changed since */
};

/* A consequence of another variable's change: no checks, no further consequences. */
void global_variables_force_number(struct global_variables *variables, const char *name, uint64_t number);
