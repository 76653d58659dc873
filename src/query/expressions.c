/* Expressions outside of queries, over rows that the caller brings. */
#include "base/memory.h"
#include "query/binding.h"
#include "query/compile.h"
#include "query/evaluate.h"
#include "query/statement_cache.h"
#include "query/value_sqlite.h"

/*
 * Those that are literals or parameters are answered from the tree; the others are one SELECT, whose columns they are
 * in order.
 */
struct expressions {
	struct arena arena;
	struct session *session;
	struct tree_expr *const *exprs; /* borrowed */
	unsigned count;
	const struct value *parameters;
	unsigned parameter_count;
	struct value *values;           /* one an expression */
	struct tree_expr **computed;    /* those that SQLite evaluates */
	unsigned *places;               /* of the computed ones, in values */
	unsigned computed_count;
	struct evaluation *evaluation;  /* NULL: nothing to compute */
};

static void sort_out(struct expressions *expressions)
{
	for (unsigned i = 0; i < expressions->count; i++) {
		struct tree_expr *expr = expressions->exprs[i];
		const struct value *value = binding_constant(expr, expressions->parameters, expressions->parameter_count);
		if (value) {
			expressions->values[i] = *value;
			continue;
		}
		expressions->places[expressions->computed_count] = i;
		expressions->computed[expressions->computed_count++] = expr;
	}
}

static int open_computed(struct expressions *expressions, struct diag *diag)
{
	struct evaluate_program *program;
	struct evaluate_options options = {.parameters = expressions->parameters,
					   .parameter_count = expressions->parameter_count};
	if (expressions->computed_count == 0)
		return 0;
	if (compile_expressions(&expressions->arena, expressions->computed, expressions->computed_count, &program,
				diag) != 0)
		return -1;
	return evaluate_open(expressions->session, program, &options, &expressions->evaluation, diag);
}

int expressions_open(struct session *session, struct tree_expr *const *exprs, unsigned count,
		     const struct value *parameters, unsigned parameter_count, struct expressions **out_expressions,
		     struct diag *diag)
{
	struct expressions *expressions = memory_zalloc(sizeof *expressions);
	*expressions = (struct expressions){.session = session, .exprs = exprs, .count = count, .parameters = parameters,
					    .parameter_count = parameter_count};
	arena_init(&expressions->arena);
	expressions->values = arena_array(&expressions->arena, struct value, count + 1);
	expressions->computed = arena_array(&expressions->arena, struct tree_expr *, count + 1);
	expressions->places = arena_array(&expressions->arena, unsigned, count + 1);
	sort_out(expressions);
	if (open_computed(expressions, diag) != 0) {
		expressions_close(&expressions);
		return -1;
	}
	*out_expressions = expressions;
	return 0;
}

int expressions_evaluate(struct expressions *expressions, const struct expression_row *rows, unsigned row_count,
			 const struct value **out_values, struct diag *diag)
{
	struct evaluation *evaluation = expressions->evaluation;
	*out_values = expressions->values;
	if (evaluation == NULL)
		return 0;
	sqlite3_reset(evaluation->statement->statement);
	evaluation->done = false;
	evaluation->row_count = 0;
	if (binding_bind_rows(evaluation, rows, row_count, diag) != 0 ||
	    evaluation_step(evaluation, diag) != EVALUATION_ROW)
		return -1;
	const struct value *values = evaluation_values(evaluation);
	for (unsigned i = 0; i < expressions->computed_count; i++)
		expressions->values[expressions->places[i]] = values[i];
	return 0;
}

void expressions_close(struct expressions **expressions_place)
{
	struct expressions *expressions = *expressions_place;
	if (expressions == NULL)
		return;
	evaluation_close(&expressions->evaluation);
	arena_deinit(&expressions->arena);
	memory_free(expressions);
	*expressions_place = NULL;
}

static const struct collation *text_collation(const struct collation *collation)
{
	return collation && collation->charset->id == CHARSET_UTF8MB4 ? collation : collation_utf8mb4_default;
}

int evaluate_row_expression(struct session *session, struct tree_expr *expr, const struct value *parameters,
			    unsigned parameter_count, const struct expression_row *rows, unsigned row_count,
			    struct value *out_value, struct diag *diag)
{
	const struct value *constant = binding_constant(expr, parameters, parameter_count), *values;
	if (constant) {
		*out_value = value_copy(constant, &session->statement_arena);
		/* A literal's bytes are UTF-8 without a collation of their own. */
		if (expr->kind == TREE_LITERAL && expr->class == CLASS_TEXT)
			out_value->collation = text_collation(expr->type.collation);
		return 0;
	}
	struct expressions *expressions;
	if (expressions_open(session, &expr, 1, parameters, parameter_count, &expressions, diag) != 0)
		return -1;
	int status = expressions_evaluate(expressions, rows, row_count, &values, diag);
	if (status == 0)
		*out_value = value_copy(&values[0], &session->statement_arena);
	expressions_close(&expressions);
	return status;
}

int evaluate_expression(struct session *session, struct tree_expr *expr, const struct value *parameters,
			unsigned parameter_count, struct value *out_value, struct diag *diag)
{
	return evaluate_row_expression(session, expr, parameters, parameter_count, NULL, 0, out_value, diag);
}
