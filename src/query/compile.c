/* From a tree to a program. */
#include <string.h>

#include "query/compile.h"
#include "query/direct/direct.h"
#include "query/write/writer.h"
#include "sql/resolve/function.h"

static void set_item(struct program_item *out, const struct tree_expr *expr)
{
	const struct collation *collation = expr->type.collation;
	bool is_unicode = collation && collation->charset->id == CHARSET_UTF8MB4;
	*out = (struct program_item){
		.class = expr->kind == TREE_ROW_HANDLE ? CLASS_BINARY : expr->class,
		.type = expr->type,
		.collation = is_unicode ? collation : collation_utf8mb4_default,
		.image_column = -1,
	};
	if (expr->class == CLASS_JSON)
		out->collation = collation_utf8mb4_bin;
}

static void set_items(struct evaluate_program *program, struct arena *arena, const struct tree_query *query)
{
	bool hidden = query_prints_hidden(query);
	bool of_select = query->body->kind == BODY_SELECT;
	const struct tree_item *items = of_select ? query->body->select->items : query->columns;
	unsigned count = of_select ? query->body->select->item_count : query->column_count;
	program->items = arena_array(arena, struct program_item, count + 1);
	for (unsigned i = 0; i < count; i++)
		if (!items[i].hidden || hidden)
			set_item(&program->items[program->item_count++], items[i].expr);
	program->value_count = program->item_count;
}

static void set_image_columns(struct evaluate_program *program, const struct tree_query *query)
{
	const struct tree_select *select = query->body->select;
	int next = (int)select->item_count;
	for (unsigned i = 0; i < select->item_count; i++)
		if (select->items[i].expr->kind == TREE_ROW_HANDLE)
			program->items[i].image_column = next++;
}

/* Moves what was written into the program. */
static void finish(struct evaluate_program *program, struct writer *writer)
{
	struct arena *arena = writer->arena;
	program->sql_size = writer->sql.size;
	program->sql = arena_copy_text(arena, (const char *)writer->sql.data, writer->sql.size);
	program->sql_hash = bytes_hash(bytes_of(program->sql, program->sql_size));
	program->bindings = writer->bindings;
	program->binding_count = writer->binding_count;
	program->modules = writer->modules;
	program->module_count = writer->module_count;
	program->flags = writer->flags;
	program->is_of_one_row = program->is_single_row && writer->table_sources == 1;
	program->is_lone_get = program->is_of_one_row && writer->modules[0].lock == MODULE_NO_LOCK;
}

typedef int write_function(struct writer *writer, const void *what);

/*
 * Variables of the session are bound, so that an index can be asked for them; but where the statement itself assigns
 * some, they are read as it goes, and it is written a second time.
 */
static int write_program(struct evaluate_program *program, struct arena *arena, write_function *write,
			 const struct writer *model, const void *what, struct diag *diag)
{
	struct writer writer;
	int status = -1;
	for (bool live = false;; live = true) {
		writer_init(&writer, arena, program->flags, diag);
		writer.image_query = model->image_query;
		writer.limitless = model->limitless;
		writer.live_variables = live;
		status = write(&writer, what);
		if (status != 0 || live || !writer.saw_assignment || !writer.saw_variable)
			break;
		writer_deinit(&writer);
	}
	if (status == 0)
		finish(program, &writer);
	writer_deinit(&writer);
	return status;
}

static int write_the_query(struct writer *writer, const void *what)
{
	return write_query(writer, what);
}

static bool is_table(const struct tree_source *source, void *argument)
{
	return source->kind == SOURCE_TABLE;
}

static bool is_aggregate(const struct tree_expr *expr)
{
	return expr->kind == TREE_CALL && expr->call.function && expr->call.function->flags & FUNCTION_AGGREGATE;
}

static enum tree_walk stop_at_what_keeps(struct tree_expr *expr, void *argument)
{
	bool keeps = expr->facts & (FACT_WINDOW | FACT_SUBQUERY) || expr->kind == TREE_ASSIGN ||
		     (is_aggregate(expr) && (expr->call.distinct || expr->call.order_by.count));
	return keeps ? TREE_WALK_STOP : TREE_WALK_ON;
}

static enum tree_walk stop_at_bare_column(struct tree_expr *expr, void *argument)
{
	if (is_aggregate(expr))
		return TREE_WALK_OVER;
	return expr->kind == TREE_COLUMN ? TREE_WALK_STOP : TREE_WALK_ON;
}

/* Of a group that is the whole table: columns stand in aggregates only, whose step takes a copy of what it keeps. */
static bool has_bare_columns(const struct tree_select *select)
{
	for (unsigned i = 0; i < select->item_count; i++)
		if (!tree_walk_expr(select->items[i].expr, stop_at_bare_column, NULL))
			return true;
	return false;
}

/*
 * A plain SELECT of tables: nothing sorted, grouped, compared with the row before, or evaluated apart. SQLite takes a row's
 * fields out of the cursors, and answers with them, or hands them to aggregates.
 */
static bool keeps_no_fields(const struct tree_query *query)
{
	const struct tree_body *body = query->body;
	if (body->kind != BODY_SELECT || query->cte_count > 0 || query->order_by.count > 0)
		return false;
	const struct tree_select *select = body->select;
	if (select->distinct || select->group_by.count > 0 || select->having ||
	    (select->is_aggregated && has_bare_columns(select)))
		return false;
	return tree_query_sources(query, is_table, NULL) &&
	       tree_walk_query((struct tree_query *)query, stop_at_what_keeps, NULL);
}

int evaluate_compile(struct arena *arena, const struct tree_query *query, unsigned flags,
		     struct evaluate_program **out_program, struct diag *diag)
{
	struct evaluate_program *program = arena_new(arena, struct evaluate_program);
	struct writer model = {0};
	*program = (struct evaluate_program){.query = query, .flags = flags, .is_single_row = query_is_single_row(query),
					     .keeps_no_fields = flags & EVALUATE_BORROWS && keeps_no_fields(query)};
	set_items(program, arena, query);
	if ((flags & (EVALUATE_BORROWS | EVALUATE_DIRECT)) == (EVALUATE_BORROWS | EVALUATE_DIRECT))
		program->direct = direct_shape_find(arena, query);
	if (program->flags & EVALUATE_IMAGES && query->body->kind == BODY_SELECT && query_prints_hidden(query)) {
		model.image_query = query;
		set_image_columns(program, query);
	}
	if (query->calc_found_rows && (query->limit || query->offset)) {
		model.limitless = query;
		program->has_limit_here = true;
	}
	if (write_program(program, arena, write_the_query, &model, query, diag) != 0)
		return -1;
	*out_program = program;
	return 0;
}

struct expr_list {
	struct tree_expr *const *exprs;
	unsigned count;
};

static int write_the_exprs(struct writer *writer, const void *what)
{
	const struct expr_list *list = what;
	for (unsigned i = 0; i < list->count; i++) {
		put(writer, i == 0 ? "SELECT " : ", ");
		if (write_expr(writer, list->exprs[i]) != 0)
			return -1;
	}
	return 0;
}

int compile_expressions(struct arena *arena, struct tree_expr *const *exprs, unsigned count,
			struct evaluate_program **out_program, struct diag *diag)
{
	struct evaluate_program *program = arena_new(arena, struct evaluate_program);
	struct writer model = {0};
	struct expr_list list = {exprs, count};
	program->items = arena_array(arena, struct program_item, count);
	for (unsigned i = 0; i < count; i++)
		set_item(&program->items[i], exprs[i]);
	program->item_count = program->value_count = count;
	if (write_program(program, arena, write_the_exprs, &model, &list, diag) != 0)
		return -1;
	*out_program = program;
	return 0;
}

bool evaluate_program_is_of_one_row(const struct evaluate_program *program)
{
	return program->is_of_one_row;
}

bool evaluate_program_is_single_row(const struct evaluate_program *program)
{
	return program->is_single_row;
}
