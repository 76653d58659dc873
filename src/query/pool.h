/* The pool of evaluators at rest. Private to this folder. */
#pragma once

#include "query/evaluate.h"
#include "query/handle.h"

/* One for the session's next evaluation: a rested one, or a new one. -1 with diag. Any thread. */
int pool_take(struct evaluator_pool *pool, struct session *session, struct evaluator_handle **out_handle,
	      struct diag *diag);
/* Forgets the statement's memory and goes to rest; past idle_max it is destroyed. */
void pool_give(struct evaluator_handle **handle);

virtual_fill *pool_virtual_fill(const struct evaluator_pool *pool);
void pool_count_prepared(struct evaluator_pool *pool);
