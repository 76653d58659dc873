/*
 * How the changes of one statement go into the binary log: not at all, as rows, or as the statement's text with what must
 * travel along (binlog_format). The one place where that is decided. Private to exec.
 *
 *   resolve -> repeat_of_... (sql/resolve/repeat.h) -> change_log_begin -> changes -> change_log_end
 *
 * Rows are logged by the change door as they change; changed_table_open asks statement->logs_text and keeps it silent
 * for a statement that is logged as text.
 *
 *   binlog_format   safe   unsafe             READ COMMITTED and below
 *   ROW             rows   rows               rows
 *   MIXED           text   rows               rows
 *   STATEMENT       text   text, and 1592     error 1665
 *
 * Under binlog-do-db and binlog-ignore-db (txn_logs_database) a text counts by the session's default database, rows by
 * their table's.
 *
 * Of a temporary table only the rows are logged that it gives to others, in every format: neither a replica nor recovery
 * has it.
 */
#pragma once

#include "exec/environment.h"
#include "sql/resolve/repeat.h"

struct change_log {
	struct environment *environment;  /* borrowed */
	const struct tree_source *target; /* of an INSERT, or NULL: sources say is_target */
	struct repeat repeat;
	bool is_definition;               /* CREATE TABLE .. SELECT: stands alone, without BEGIN */
	bool is_left_out;                /* a text, under a default database that is not logged */
	/* the session as the statement found it */
	uint64_t last_insert_id, rand_seed1, rand_seed2;
	const struct value *user_values; /* of repeat.user_variables */
};

/* The session logs, and not rows alone: only then the tree need be asked. */
bool change_log_may_be_text(const struct session *session);
/* Columns whose default is an expression and that the statement may leave to it: it is part of what is repeated. */
int change_log_add_defaults(struct environment *environment, const struct tree_insert *insert, struct repeat *repeat);
/*
 * Decides, sets statement->logs_text, and keeps what the statement may change: its context in the log. -1: 1665. The
 * repeat may gain reasons until then.
 */
int change_log_begin(struct change_log *log, struct environment *environment, const struct tree_source *target,
		     const struct repeat *repeat);
/*
 * The same for a CREATE TABLE .. SELECT. As rows it is two transactions, and only one can have the GTID that was given to
 * it: such a one is its text whatever the format, and so is one that was applied.
 */
int change_log_begin_definition(struct change_log *log, struct environment *environment, const struct repeat *repeat);
/* The statement is done: appends its text, with the warnings that belong to it. first_id: the first AUTO_INCREMENT value
   it made, or 0. Nothing when it is not logged as text. */
void change_log_end(struct change_log *log, uint64_t first_id);
