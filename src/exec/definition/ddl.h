/*
 * The frame around every definition statement. Private to exec.
 *
 *   privileges -> exclusive metadata locks -> ddl_begin -> catalog_* into the session's transaction -> ddl_commit
 *
 * A statement that fails on the way calls ddl_abandon and leaves nothing: what went into the transaction, execute.c
 * rolls back.
 */
#pragma once

#include "exec/statement.h"

/* "database.table" in the arena. */
const char *ddl_full_name(struct statement *statement, const char *database, const char *name);
/* -1: 1044 for the databases that the server makes up. */
int ddl_check_writable(struct statement *statement, const char *database);
/* -1: 1049. */
int ddl_check_database(struct statement *statement, const char *database);
/* Names of databases and tables: not empty, 64 characters at most, no blank at the end. -1: 1102, 1103, 1059. */
int ddl_check_database_name(struct statement *statement, const char *name);
int ddl_check_table_name(struct statement *statement, const char *name);
/* Exclusive, until the statement's transaction ends. Under LOCK TABLES the table must be locked for writing: 1099, 1100. */
int ddl_lock_table(struct statement *statement, const char *database, const char *table);
/* The same for several, in the order of their names, so that two statements never wait for one another. */
struct ddl_name {
	const char *database, *name;
};
int ddl_lock_tables(struct statement *statement, const struct ddl_name *names, size_t count);
/* The name with its database; privileges checked: -1 with 1046, 1142. */
int ddl_resolve_name(struct statement *statement, const struct ast_object_name *ast, privilege_set wanted,
		     struct ddl_name *out);

/* A temporary table of the session, borrowed, or NULL. */
struct table *ddl_find_temporary(struct session *session, const char *database, const char *name);
/* Takes the reference; the name is free. */
void ddl_put_temporary(struct session *session, struct table *table);
/* Removes it from the session and its rows from the store. */
void ddl_drop_temporary(struct session *session, const char *database, const char *name);

struct catalog_change *ddl_begin(struct statement *statement);
/* Logs the statement as it was written, commits, publishes, says OK. On -1 the change is abandoned. */
int ddl_commit(struct statement *statement, struct catalog_change **change, uint64_t affected, const char *info);
/* The same with another text in the log. */
int ddl_commit_as(struct statement *statement, struct catalog_change **change, struct bytes text, uint64_t affected,
		  const char *info);
/* CREATE, ALTER and DROP DATABASE: see statement_log_database. */
int ddl_commit_database(struct statement *statement, struct catalog_change **change, const char *database,
			uint64_t affected);
/* A statement that found nothing to do is in the log all the same: a replica may find more. */
int ddl_log_only(struct statement *statement);
/* Abandons and answers -1. */
int ddl_abandon(struct catalog_change **change);
