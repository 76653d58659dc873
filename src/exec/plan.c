#include "exec/plan.h"

#include <assert.h>

#include "base/memory.h"
#include "session/status.h"
#include "sql/parse/parse.h"

/* ------------------------------------------------------------------ references */

struct plan *plan_ref(struct plan *plan)
{
	unsigned before = atomic_fetch_add_explicit(&plan->references, 1, memory_order_relaxed);
	assert(before > 0);
	(void)before;
	return plan;
}

void plan_unref(struct plan **place)
{
	struct plan *plan = *place;
	*place = NULL;
	if (plan == NULL || atomic_fetch_sub_explicit(&plan->references, 1, memory_order_acq_rel) != 1)
		return;
	for (unsigned i = 0; i < plan->table_count; i++)
		table_unref(&plan->tables[i]);
	for (unsigned i = 0; i < plan->view_count; i++)
		view_unref(&plan->views[i]);
	arena_deinit(&plan->own_arena);
	memory_free(plan);
}

/* ------------------------------------------------------------------ the ground */

static const struct collation *collation_of(const struct value *value)
{
	return value->kind == VALUE_STRING ? value->collation : NULL;
}

static void lay_ground(struct plan *plan, const struct environment *environment, unsigned flags)
{
	const struct resolve_environment *resolve = &environment->resolve;
	struct plan_ground *ground = &plan->ground;
	*ground = (struct plan_ground){
		.database = arena_copy_string(plan->arena, resolve->database),
		.sql_mode = resolve->sql_mode,
		.character_set_client = resolve->character_set_client,
		.collation_connection = resolve->collation_connection,
		.time_zone = resolve->time_zone,
		.div_precision_increment = resolve->div_precision_increment,
		.group_concat_max_len = resolve->group_concat_max_len,
		.flags = flags,
		.parameter_count = resolve->parameter_count,
		.kinds = arena_array(plan->arena, enum value_kind, resolve->parameter_count + 1),
		.collations = arena_array(plan->arena, const struct collation *, resolve->parameter_count + 1),
	};
	for (unsigned i = 0; i < resolve->parameter_count; i++) {
		ground->kinds[i] = resolve->parameters[i].kind;
		ground->collations[i] = collation_of(&resolve->parameters[i]);
	}
}

static bool parameters_fit(const struct plan_ground *ground, const struct resolve_environment *resolve)
{
	if (ground->parameter_count != resolve->parameter_count)
		return false;
	for (unsigned i = 0; i < ground->parameter_count; i++)
		if (ground->kinds[i] != resolve->parameters[i].kind ||
		    ground->collations[i] != collation_of(&resolve->parameters[i]))
			return false;
	return true;
}

static bool ground_is_same(const struct plan_ground *ground, const struct resolve_environment *resolve, unsigned flags)
{
	return ground->sql_mode == resolve->sql_mode && ground->flags == flags &&
	       ground->character_set_client == resolve->character_set_client &&
	       ground->collation_connection == resolve->collation_connection &&
	       ground->time_zone == resolve->time_zone &&
	       ground->div_precision_increment == resolve->div_precision_increment &&
	       ground->group_concat_max_len == resolve->group_concat_max_len &&
	       strcmp(ground->database, resolve->database) == 0 && parameters_fit(ground, resolve);
}

/* ------------------------------------------------------------------ running again */

/* 1: every name means what it meant, and the tables are locked; 0: not so; -1: diag. */
static int hold_names(struct environment *environment, const struct plan *plan)
{
	for (unsigned i = 0; i < plan->table_count; i++) {
		const struct table *table = plan->tables[i];
		int same = environment_lock_same_table(environment, table);
		if (same <= 0)
			return same;
	}
	for (unsigned i = 0; i < plan->view_count; i++)
		if (!environment_has_same_view(environment, plan->views[i]))
			return 0;
	return 1;
}

static int take_up(struct environment *environment, struct plan *plan)
{
	int held = hold_names(environment, plan);
	if (held <= 0)
		return held;
	struct resolve_environment *resolve = &environment->resolve;
	resolve->sources = plan->sources;
	resolve->source_count = plan->source_count;
	resolve->cte_count = plan->cte_count;
	resolve->facts = plan->facts;
	return environment_check_sources(environment) == 0 ? 1 : -1;
}

/* ------------------------------------------------------------------ making one */

static bool has_null(const struct statement *statement)
{
	for (unsigned i = 0; i < statement->parameter_count; i++)
		if (statement->parameters[i].kind == VALUE_NULL)
			return true;
	return false;
}

static struct plan *create(struct environment *environment, unsigned flags)
{
	struct plan *plan = memory_zalloc(sizeof *plan);
	atomic_init(&plan->references, 1);
	arena_init(&plan->own_arena);
	plan->arena = &plan->own_arena;
	lay_ground(plan, environment, flags);
	return plan;
}

/* The plan of its shape does not hold: its own text is parsed, as if nothing of its kind had come before. */
static int parse_itself(struct environment *environment)
{
	struct statement *statement = environment->statement;
	struct bytes text = statement->text;
	struct parse_input input = {.text = (const char *)text.data, .size = text.size,
				    .sql_mode = statement->session->variables.sql_mode};
	struct ast_statement *ast;
	size_t next;
	if (parse_statement(&input, statement->arena, &ast, &next, statement->diag) != 0)
		return -1;
	statement->ast = ast;
	statement->is_look_alike = false;
	statement->plan_place = NULL;
	environment->resolve.text = text;
	return 0;
}

enum plan_outcome plan_open(struct environment *environment, unsigned flags, struct plan **out_plan)
{
	struct statement *statement = environment->statement;
	struct plan *known = statement->plan_place ? *statement->plan_place : NULL;
	if (known && ground_is_same(&known->ground, &environment->resolve, flags)) {
		int taken = take_up(environment, known);
		if (taken < 0)
			return PLAN_FAILED;
		if (taken > 0) {
			status_count(statement->session, STATUS_PLANS_REUSED, 1);
			*out_plan = environment->plan = plan_ref(known);
			return PLAN_FOUND;
		}
		plan_unref(statement->plan_place);
	}
	if (statement->is_look_alike && parse_itself(environment) != 0)
		return PLAN_FAILED;
	/* A NULL has no type: a tree of it serves nothing else, and the plan for values would have to go for it. */
	if (statement->plan_place == NULL || has_null(statement)) {
		*out_plan = arena_new(statement->arena, struct plan);
		(*out_plan)->arena = statement->arena;
		return PLAN_EMPTY;
	}
	*out_plan = environment->plan = create(environment, flags);
	environment->resolve.arena = environment->plan->arena;
	/* The tree borrows it; the session's own changes with USE. */
	environment->resolve.database = environment->plan->ground.database;
	environment->warnings_before = statement->session->warnings.total;
	return PLAN_EMPTY;
}

static bool may_be_kept(const struct environment *environment)
{
	if (!environment->resolve.is_cacheable ||
	    environment->statement->session->warnings.total != environment->warnings_before)
		return false;
	for (unsigned i = 0; i < environment->table_count; i++)
		if (environment->tables[i]->temporary)
			return false;
	return true;
}

void plan_keep(struct environment *environment, struct plan *plan)
{
	struct statement *statement = environment->statement;
	if (environment->plan == NULL)
		return;
	/* What is resolved from here on is of this execution alone. */
	environment->resolve.arena = statement->arena;
	if (!may_be_kept(environment))
		return;
	const struct resolve_environment *resolve = &environment->resolve;
	plan->sources = resolve->sources;
	plan->source_count = resolve->source_count;
	plan->cte_count = resolve->cte_count;
	plan->facts = resolve->facts;
	plan->tables = arena_array(plan->arena, struct table *, environment->table_count + 1);
	for (; plan->table_count < environment->table_count; plan->table_count++)
		plan->tables[plan->table_count] = table_ref(environment->tables[plan->table_count]);
	plan->views = arena_array(plan->arena, struct view *, environment->view_count + 1);
	for (; plan->view_count < environment->view_count; plan->view_count++)
		plan->views[plan->view_count] = view_ref(environment->views[plan->view_count]);
	plan->columns.id = atomic_fetch_add(&statement->session->server->next_columns_id, 1);
	plan_unref(statement->plan_place);
	*statement->plan_place = plan_ref(plan);
}
