/*
 * A prepared statement: its text, ready to be parsed with values in place of its `?`s.
 *
 * Both ways in share it: PREPARE ... FROM and COM_STMT_PREPARE. Reference counted, because DEALLOCATE may come
 * while the statement runs (EXECUTE of a statement that deallocates itself).
 */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "base/bytes.h"

struct ast_statement;
struct diag;
struct plan;
struct server;

struct prepared_statement {
	unsigned references;         /* owned by the session's thread, like all of it */
	struct arena arena;          /* text, tree */
	struct bytes text;
	struct ast_statement *statement; /* parsed once, in the arena; resolving leaves it unchanged */
	unsigned parameter_count;
	uint64_t sql_mode;           /* it was parsed under */
	struct plan *plan;           /* exec's: what it was resolved to when it last ran, or NULL */
	void (*plan_unref)(struct plan **plan);
	struct server *counted_by;   /* whose max_prepared_stmt_count it counts toward, or NULL */
};

struct prepared_statement *prepared_statement_create(void); /* one reference, empty */
void prepared_statement_unref(struct prepared_statement *statement);
/* A statement that a client keeps counts toward max_prepared_stmt_count until it is gone. -1: 1461. */
int prepared_statement_count(struct prepared_statement *statement, struct server *server, struct diag *diag);
