/*
 * Can a statement be repeated elsewhere from its text? What binlog_format STATEMENT and MIXED ask of a resolved tree: what
 * must travel with the text (LAST_INSERT_ID(), RAND()'s seeds, user variables), and why it may come out differently
 * all the same. Pure. The rules are MySQL's: "Determination of Safe and Unsafe Statements in Binary Logging".
 *
 * Which functions are unsafe stands in functions.def; what the resolver alone sees (LIMIT, @@variables) it leaves in the
 * environment's facts.
 */
#pragma once

#include "sql/resolve/resolve.h"

/* In MySQL's order: warning 1592 names them in it. */
enum repeat_reason {
	REPEAT_LIMIT,
	REPEAT_SYSTEM_TABLE,
	REPEAT_SYSTEM_VARIABLE,
	REPEAT_SYSTEM_FUNCTION,
	REPEAT_INSERT_IGNORE_SELECT,
	REPEAT_INSERT_SELECT_UPDATE,
	REPEAT_AUTO_INCREMENT_SELECT,
	REPEAT_REPLACE_SELECT,
	REPEAT_CREATE_IGNORE_SELECT,
	REPEAT_CREATE_REPLACE_SELECT,
	REPEAT_CREATE_SELECT_AUTO_INCREMENT,
	REPEAT_UPDATE_IGNORE,
	REPEAT_INSERT_TWO_KEYS,
	REPEAT_AUTO_INCREMENT_NOT_FIRST,
	REPEAT_SKIP_LOCKED,
	REPEAT_NOWAIT,
	REPEAT_REASON_COUNT,
};

struct repeat {
	unsigned unsafe;             /* bits 1 << enum repeat_reason; 0: the text says it all */
	bool reads_last_insert_id;   /* LAST_INSERT_ID() */
	bool reads_seeds;            /* RAND() without an argument */
	bool uses_temporary_table;   /* which a replica need not have */
	const char **user_variables; /* read by it, each once, as written; in the environment's arena */
	unsigned user_variable_count;
};

/* environment: as the tree's resolver left it. out is replaced. */
void repeat_of_insert(const struct resolve_environment *environment, const struct tree_insert *insert,
		      struct repeat *out);
void repeat_of_change(const struct resolve_environment *environment, const struct tree_change *change,
		      struct repeat *out);
/* The query of a CREATE TABLE .. SELECT. */
void repeat_of_query(const struct resolve_environment *environment, struct tree_query *query, struct repeat *out);
/* An expression that the statement does not spell: a column's default. */
void repeat_add_expr(const struct resolve_environment *environment, struct tree_expr *expr, struct repeat *repeat);

static inline void repeat_add_reason(struct repeat *repeat, enum repeat_reason reason)
{
	repeat->unsafe |= 1u << reason;
}

const char *repeat_reason_text(enum repeat_reason reason); /* what 1592 says of it */
/* Does the session's value of @@name travel with a statement's text? */
bool repeat_carries_variable(enum ast_variable_scope scope, const char *name);
