/*
 * A plan: what a SELECT, INSERT, UPDATE or DELETE was resolved and compiled to, kept so that it can run again without
 * either.
 *
 * It holds while the ground it was made on is the same (struct plan_ground) and every table and view it names is still
 * the one that has the name. What may change between two executions is no part of it and is asked for at each one:
 * metadata locks, LOCK TABLES, privileges. Nothing is kept of a statement that a value of its moment was folded into
 * (@@variables, the types of @variables), that uses temporary tables, or that was warned of while it was resolved.
 *
 * The caller offers a place where a plan may wait for the next execution (struct statement, plan_place). A prepared
 * statement has one; a statement that comes as text has one when texts of its shape came before (known_text.h). Handlers,
 * which look at statement->ast for what is to be resolved only when they have to:
 *
 *	switch (plan_open(&environment, flags, &plan)) {
 *	PLAN_FOUND: run it
 *	PLAN_EMPTY: resolve with environment.resolve and compile with plan->arena, set what they make in *plan, plan_keep,
 *	            run it
 *
 * Threads: a plan that is kept is immutable, its references are atomic: several sessions may run one at once.
 */
#pragma once

#include "exec/environment.h"
#include "query/evaluate.h"
#include "session/result.h"

struct plan_ground {
	const char *database;
	uint64_t sql_mode;
	const struct charset *character_set_client;
	const struct collation *collation_connection;
	const struct time_zone *time_zone;
	unsigned div_precision_increment;
	uint64_t group_concat_max_len;
	unsigned flags;                          /* enum evaluate_flags it was compiled with */
	unsigned parameter_count;
	enum value_kind *kinds;                  /* of the parameters */
	const struct collation **collations;     /* of those that are strings; else NULL */
};

struct plan {
	_Atomic unsigned references; /* 0: it lives in the statement's arena and ends with it */
	struct arena *arena;         /* the plan's own, or the statement's */
	struct arena own_arena;
	struct plan_ground ground;
	struct table **tables;       /* references held */
	unsigned table_count;
	struct view **views;         /* references held */
	unsigned view_count;

	/* as the resolver left them in the environment */
	struct tree_source *sources;
	unsigned source_count, cte_count, facts;

	/* the handler's: the tree of its kind of statement */
	union {
		struct tree_query *query;
		struct tree_insert *insert;
		struct tree_change *change;
	};
	struct evaluate_program *program; /* of the tree's query; NULL for an INSERT */
	struct result_columns columns;    /* of a SELECT */
};

enum plan_outcome { PLAN_FOUND, PLAN_EMPTY, PLAN_FAILED };

/*
 * The plan at the statement's place if it holds; the environment is then as if the tree had just been resolved. Else an
 * empty one to be filled. Lives as long as the environment. flags: enum evaluate_flags of the program.
 */
enum plan_outcome plan_open(struct environment *environment, unsigned flags, struct plan **out_plan);
/* The empty one was filled: it goes to the statement's place, if it may. */
void plan_keep(struct environment *environment, struct plan *plan);

struct plan *plan_ref(struct plan *plan);
void plan_unref(struct plan **plan); /* NULL is fine */
