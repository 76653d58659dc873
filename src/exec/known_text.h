/*
 * Texts that clients send again and again, with other numbers and strings in them: a server's cache of what statements of
 * a shape (sql/parse/shape.h) were parsed, resolved and compiled to.
 *
 * A text of a shape that was met before is parsed into a tree that may stay, and executed with its literals offered as
 * parameters. Those that the resolver takes as such (resolve.h, struct resolve_liftables) may differ the next time; all
 * others, and every other byte, must be the same. So the answer is what it would have been without the cache, to the
 * names and types of its columns. The plan says whether the names in the text still mean the same (plan.h). Of what cannot
 * have a plan (BEGIN, SELECT @a) the tree is kept, for the very same text.
 *
 * Never kept: what has no shape, and what is executed where the text itself matters (statements that may be logged as
 * text) or is not UTF-8.
 *
 * Threads: a cache is any thread's, its parts have locks that are held for a search; what was found is immutable. A visit
 * belongs to its session's thread.
 */
#pragma once

#include "session/session.h"
#include "sql/parse/ast.h"
#include "sql/resolve/resolve.h"

struct known_text;
struct text_cache;

struct text_cache *text_cache_create(void);
void text_cache_destroy(struct text_cache **cache); /* no visit is under way */

/* One text on its way through a session. All owned by the session's thread. */
struct text_visit {
	struct session *session;
	struct bytes text;           /* borrowed */
	struct known_text *known;    /* of the text's shape; else NULL */
	struct known_text *learned;  /* in the making; else NULL */
	struct plan *plan;           /* known's, or what learned gets; or NULL */
	bool is_tree_kept;           /* learned is worth keeping though it has no plan */
	uint64_t hash;
	struct text_shape shape;
	struct resolve_liftables liftables;
};

/* text lives as long as the session's statement arena. True: it is known, text_visit_repeat executes it. */
bool text_visit_begin(struct text_visit *visit, struct session *session, struct bytes text);
int text_visit_repeat(struct text_visit *visit, struct diag *diag);
/* Otherwise: where the text's first statement is to be parsed into, and how it is executed. is_alone: no other follows. */
struct arena *text_visit_arena(struct text_visit *visit);
int text_visit_execute(struct text_visit *visit, const struct ast_statement *statement, bool is_alone, struct diag *diag);
void text_visit_end(struct text_visit *visit);
