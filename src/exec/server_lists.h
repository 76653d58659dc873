/*
 * What a server has and does, in rows that SHOW and information_schema both print. Private to exec.
 */
#pragma once

#include "session/session.h"

struct engine_row {
	const char *name, *support, *comment, *transactions, *xa, *savepoints;
};
extern const struct engine_row engine_rows[];
extern const unsigned engine_row_count;

struct plugin_row {
	const char *name, *type, *description;
	const char *library; /* what INSTALL PLUGIN may name, though it is built in; NULL: nothing */
};
extern const struct plugin_row plugin_rows[];
extern const unsigned plugin_row_count;

/* A connection at one moment. Texts are in the arena. */
struct process {
	struct process *next; /* by id */
	unsigned long id;
	const char *user, *host, *database /* or NULL */, *command, *state, *info /* or NULL */;
	int64_t seconds; /* since the command began */
};
/* Everybody's with PROCESS, else those of the session's own account. */
struct process *process_list(struct session *session, struct arena *arena);
