/*
 * What the resolver asks of the world, answered for a session: tables under metadata locks, views, variables,
 * privileges. Private to exec.
 */
#pragma once

#include "exec/statement.h"
#include "sql/resolve/resolve.h"

struct plan;

/* References and locks that a resolved tree stands on. Owned by the statement; released when it ends. */
struct environment {
	struct resolve_environment resolve; /* what the resolver is given; context points back here */
	struct statement *statement;
	struct table **tables;              /* references held */
	unsigned table_count, table_capacity;
	struct view **views;
	unsigned view_count, view_capacity;
	enum mdl_mode mode;                 /* of the tables found from now on: what the statement will do with them */
	enum mdl_mode first_mode;           /* how they are locked when they are found; weaker: rows/table_locks.h */
	privilege_set target_privileges;    /* wanted on is_target sources besides what columns ask for */
	privilege_set written_privileges;   /* wanted on sources with written columns: INSERT or UPDATE */
	struct plan *plan;                  /* plan.h: the one that runs or is being made, referenced; or NULL */
	size_t warnings_before;             /* it was begun to be made */
};

void environment_init(struct environment *environment, struct statement *statement, enum mdl_mode mode);
void environment_deinit(struct environment *environment);
/*
 * For a tree that was resolved before. environment_lock_same_table: 1 when the table still has its name, locked as if it had
 * just been found; 0: it has not, -1: diag. environment_check_sources: privileges on resolve.sources; 0, or -1 with diag.
 */
int environment_lock_same_table(struct environment *environment, const struct table *table);
bool environment_has_same_view(struct environment *environment, const struct view *view);
int environment_check_sources(struct environment *environment);
/* Temporary tables hide base tables of the same name. A new reference or NULL. No lock is taken. */
struct table *environment_find_any_table(struct session *session, const char *database, const char *name);
