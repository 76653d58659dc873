/*
 * What correlated subqueries answered, by the values of the outer columns they read, for one evaluation. Private to this
 * folder.
 *
 * write/memo.c puts around such a subquery
 *
 *   CASE WHEN gm_memo_has(n, outer columns...) THEN gm_memo_value(n) ELSE gm_memo_put(n, subquery) END
 *
 * of which SQLite computes the subquery only where it was not asked with these values before. What raised a warning is
 * not remembered: each asking is to raise it. A memo that is full keeps what it has; one that hardly ever knows the
 * answer is given up. @@gemel_subquery_cache = OFF has none.
 */
#pragma once

#include "query/handle.h"

struct memo;

int memo_functions_register(struct evaluator_handle *handle);
/* The evaluation ends: how often they knew goes to the status counter Gemel_subqueries_reused. */
void memos_destroy(struct memo **memos, struct session *session);
