/*
 * EXPLAIN: the query blocks numbered as MySQL numbers them, each source's line filled from SQLite's plan.
 *
 * A derived table that SQLite merged into the block around it has no line and no number, as in MySQL.
 */
#include "query/explain.h"

#include <stdio.h>
#include <string.h>

#include "query/table/module.h"
#include "query/pool.h"
#include "query/statement_cache.h"

struct explained_source {
	const struct tree_source *source;
	const struct tree_select *select;
	unsigned block; /* number of its SELECT */
};

struct explainer {
	struct arena *arena;
	struct plan plan;
	struct explained_source *sources;
	unsigned source_count;
	struct map seen;         /* queries that have their numbers */
	unsigned blocks;         /* numbered so far */
	const char *types[64];   /* select_type of each block, from 1 */
	struct explain_line *lines;
	unsigned count;
};

enum { sources_max = 256, blocks_max = 63, lines_max = 400 };

static void number_query(struct explainer *explainer, const struct tree_query *query, unsigned block,
			 const char *type);

static struct plan_scan *scan_of(struct explainer *explainer, const struct tree_source *source)
{
	for (unsigned i = 0; i < explainer->plan.count; i++)
		if (explainer->plan.scans[i].source == source->number)
			return &explainer->plan.scans[i];
	return NULL;
}

/* ------------------------------------------------------------------ numbers */

static enum tree_walk number_subquery(struct tree_expr *expr, void *argument)
{
	struct explainer *explainer = argument;
	const struct tree_query *query = NULL;
	switch (expr->kind) {
	case TREE_IN_QUERY:
	case TREE_QUANTIFIED:
	case TREE_ROW_QUERY: query = expr->in_query.query; break;
	case TREE_EXISTS: query = expr->exists.query; break;
	case TREE_SUBQUERY: query = expr->query; break;
	default: return TREE_WALK_ON;
	}
	if (map_find(&explainer->seen, bytes_of(&query, sizeof query)) == NULL)
		number_query(explainer, query, 0, query->is_correlated ? "DEPENDENT SUBQUERY" : "SUBQUERY");
	/* Its own subqueries have their numbers now: they are met again below, and known. */
	return TREE_WALK_ON;
}

static void number_expr(struct explainer *explainer, struct tree_expr *expr)
{
	if (expr)
		tree_walk_expr(expr, number_subquery, explainer);
}

static void number_orders(struct explainer *explainer, const struct tree_orders *orders)
{
	for (unsigned i = 0; i < orders->count; i++)
		number_expr(explainer, orders->items[i].expr);
}

static void number_from(struct explainer *explainer, const struct tree_from *from, const struct tree_select *select,
			unsigned block)
{
	if (from->kind == FROM_JOIN) {
		number_from(explainer, from->left, select, block);
		number_from(explainer, from->right, select, block);
		number_expr(explainer, from->on);
		return;
	}
	struct tree_source *source = from->source;
	if (explainer->source_count < sources_max)
		explainer->sources[explainer->source_count++] =
			(struct explained_source){.source = source, .select = select, .block = block};
	if (source->kind == SOURCE_DERIVED)
		number_query(explainer, source->query, scan_of(explainer, source) ? 0 : block, "DERIVED");
	if (source->kind == SOURCE_CTE &&
	    map_find(&explainer->seen, bytes_of(&source->cte->query, sizeof source->cte->query)) == NULL)
		number_query(explainer, source->cte->query, scan_of(explainer, source) ? 0 : block, "DERIVED");
}

static unsigned new_block(struct explainer *explainer, const char *type)
{
	if (explainer->blocks < blocks_max)
		explainer->types[++explainer->blocks] = type;
	return explainer->blocks;
}

/* block 0: one of its own. */
static void number_body(struct explainer *explainer, const struct tree_body *body, unsigned block, const char *type)
{
	if (body->kind == BODY_SET) {
		number_body(explainer, body->left, block, type);
		number_body(explainer, body->right, 0, "UNION");
		return;
	}
	if (body->kind == BODY_QUERY) {
		number_query(explainer, body->query, block, type);
		return;
	}
	if (block == 0)
		block = new_block(explainer, type);
	if (body->kind != BODY_SELECT)
		return;
	const struct tree_select *select = body->select;
	if (select->from)
		number_from(explainer, select->from, select, block);
	for (unsigned i = 0; i < select->item_count; i++)
		number_expr(explainer, select->items[i].expr);
	number_expr(explainer, select->where);
	number_orders(explainer, &select->group_by);
	number_expr(explainer, select->having);
}

static void number_query(struct explainer *explainer, const struct tree_query *query, unsigned block,
			 const char *type)
{
	map_put(&explainer->seen, bytes_of(&query, sizeof query), explainer);
	number_body(explainer, query->body, block, type);
	number_orders(explainer, &query->order_by);
}

/* ------------------------------------------------------------------ lines */

static struct explain_line *new_line(struct explainer *explainer, unsigned block)
{
	if (explainer->count == lines_max)
		return &explainer->lines[lines_max - 1];
	struct explain_line *line = &explainer->lines[explainer->count++];
	*line = (struct explain_line){.id = block, .select_type = explainer->types[block], .filtered = 100};
	return line;
}

/* The other side of an equality with this column in WHERE or ON, or NULL. */
static const struct tree_expr *partner_of(const struct tree_expr *condition, const struct tree_source *source,
					  unsigned column)
{
	if (condition == NULL)
		return NULL;
	if (condition->kind == TREE_AND) {
		const struct tree_expr *found = NULL;
		for (unsigned i = 0; i < condition->logical.count && found == NULL; i++)
			found = partner_of(condition->logical.items[i], source, column);
		return found;
	}
	if (condition->kind == TREE_IN_LIST || condition->kind == TREE_IN_QUERY) {
		const struct tree_expr *operand = condition->kind == TREE_IN_LIST ? condition->in_list.operand
										   : condition->in_query.operands.items[0];
		return operand->kind == TREE_COLUMN && operand->column.source == source &&
				       operand->column.column == column
			       ? condition
			       : NULL;
	}
	if (condition->kind != TREE_COMPARE)
		return NULL;
	const struct tree_expr *sides[2] = {condition->compare.left, condition->compare.right};
	for (unsigned i = 0; i < 2; i++)
		if (sides[i]->kind == TREE_COLUMN && sides[i]->column.source == source && sides[i]->column.column == column)
			return sides[1 - i];
	return NULL;
}

static const struct tree_expr *partner_in_from(const struct tree_from *from, const struct tree_source *source,
					       unsigned column)
{
	if (from == NULL || from->kind == FROM_SOURCE)
		return NULL;
	const struct tree_expr *found = partner_of(from->on, source, column);
	if (found == NULL)
		found = partner_in_from(from->left, source, column);
	return found ? found : partner_in_from(from->right, source, column);
}

static const char *ref_text(struct explainer *explainer, const struct tree_expr *partner)
{
	if (partner == NULL || tree_is_constant(partner))
		return "const";
	if (partner->kind != TREE_COLUMN)
		return "func";
	const struct tree_source *source = partner->column.source;
	return arena_printf(explainer->arena, "%s.%s.%s", source->database, source->alias,
			    source->columns[partner->column.column].name);
}

/* Bytes of the key's parts in use, as MySQL counts them: a NULL mark is one, a varying length two. */
static unsigned key_length(const struct table *table, const struct index *index, unsigned parts)
{
	unsigned length = 0;
	for (unsigned i = 0; i < parts && i < index->part_count; i++) {
		const struct column *column = &table->columns[index->parts[i].column];
		const struct column_type *type = &column->type;
		uint64_t size = type_packed_size_max(type);
		if (type_is_string(type->kind) && type->kind != TYPE_ENUM && type->kind != TYPE_SET) {
			unsigned width = type_is_text(type->kind) ? type->collation->charset->max_char_size : 1;
			bool fixed = type->kind == TYPE_CHAR || type->kind == TYPE_BINARY;
			uint64_t chars = index->parts[i].prefix_length ? index->parts[i].prefix_length : type->length;
			size = chars * width + (fixed ? 0 : 2);
		}
		length += (unsigned)size + column->nullable;
	}
	return length;
}

static const char *index_names(struct explainer *explainer, const struct table *table, uint64_t possible)
{
	char *names = NULL;
	for (unsigned i = 0; i < table->index_count && i < 64; i++)
		if (possible >> i & 1 && !table->indexes[i].hidden)
			names = arena_printf(explainer->arena, "%s%s%s", names ? names : "", names ? "," : "",
					     table->indexes[i].name);
	return names;
}

struct access {
	unsigned equals;
	bool has_range, has_in, all_constant;
	const char *ref;
};

static void look_at_parts(struct explainer *explainer, const struct explained_source *explained,
			  const struct plan_scan *scan, const struct index *index, struct access *out)
{
	*out = (struct access){.all_constant = true};
	if (scan->plan & PLAN_TRANSIENT)
		return;
	for (const char *letter = scan->letters; *letter; letter++) {
		if (!strchr("=in", *letter)) {
			out->has_range = true;
			continue;
		}
		unsigned column = index->parts[out->equals++].column;
		const struct tree_expr *partner = partner_of(explained->select->where, explained->source, column);
		if (partner == NULL)
			partner = partner_in_from(explained->select->from, explained->source, column);
		out->has_in |= partner && (partner->kind == TREE_IN_LIST || partner->kind == TREE_IN_QUERY);
		out->all_constant &= partner == NULL || tree_is_constant(partner);
		const char *text = ref_text(explainer, partner);
		out->ref = out->ref ? arena_printf(explainer->arena, "%s,%s", out->ref, text) : text;
	}
}

static void set_access(struct explainer *explainer, const struct explained_source *explained,
		       const struct plan_scan *scan, struct explain_line *line, const char **extra)
{
	const struct table *table = explained->source->table;
	const struct index *index = &table->indexes[scan->plan & PLAN_INDEX];
	struct access access;
	look_at_parts(explainer, explained, scan, index, &access);
	bool whole = access.equals == 0 && !access.has_range;
	bool clustered = index == &table->indexes[0];
	line->access = whole ? (clustered ? "ALL" : "index")
		     : access.has_range || access.has_in ? "range"
		     : !(scan->plan & PLAN_UNIQUE) ? "ref" : access.all_constant ? "const" : "eq_ref";
	line->possible_keys = index_names(explainer, table, scan->possible);
	line->has_rows = true;
	line->rows = scan->rows;
	if (!whole || !clustered) {
		unsigned parts = whole ? index->part_count : access.equals + access.has_range;
		line->key = index->name;
		line->key_length = arena_printf(explainer->arena, "%u", key_length(table, index, parts));
		line->ref = access.equals > 0 && !access.has_range && !access.has_in ? access.ref : NULL;
	}
	bool exact = !access.has_range && !access.has_in && !whole;
	if (explained->select->where && !exact)
		*extra = "Using where";
	if (scan->plan & PLAN_COVERED)
		*extra = *extra ? "Using where; Using index" : "Using index";
}

static void explain_source(struct explainer *explainer, const struct explained_source *explained)
{
	const struct tree_source *source = explained->source;
	const struct plan_scan *scan = scan_of(explainer, source);
	if (scan == NULL && source->kind != SOURCE_TABLE && source->kind != SOURCE_VIRTUAL)
		return; /* merged */
	struct explain_line *line = new_line(explainer, explained->block);
	const char *extra = NULL;
	line->table = source->alias;
	line->access = "ALL";
	if (source->kind == SOURCE_TABLE && scan && scan->is_table) {
		set_access(explainer, explained, scan, line, &extra);
	} else {
		line->has_rows = true;
		line->rows = 2;
		if (explained->select->where)
			extra = "Using where";
	}
	if (scan && scan->groups)
		extra = extra ? arena_printf(explainer->arena, "%s; Using temporary", extra) : "Using temporary";
	if (scan && scan->sorts)
		extra = extra ? arena_printf(explainer->arena, "%s; Using filesort", extra) : "Using filesort";
	line->extra = extra;
}

/* Sources of a block in the order SQLite reads them; those it does not mention behind. */
static void explain_block(struct explainer *explainer, unsigned block)
{
	unsigned before = explainer->count;
	for (unsigned i = 0; i < explainer->plan.count; i++)
		for (unsigned j = 0; j < explainer->source_count; j++)
			if (explainer->sources[j].block == block &&
			    explainer->sources[j].source->number == explainer->plan.scans[i].source &&
			    scan_of(explainer, explainer->sources[j].source) == &explainer->plan.scans[i])
				explain_source(explainer, &explainer->sources[j]);
	for (unsigned j = 0; j < explainer->source_count; j++)
		if (explainer->sources[j].block == block && scan_of(explainer, explainer->sources[j].source) == NULL)
			explain_source(explainer, &explainer->sources[j]);
	if (explainer->count == before)
		new_line(explainer, block)->extra = "No tables used";
}

static void explain_union(struct explainer *explainer, const struct tree_query *query)
{
	if (query->body->kind != BODY_SET || (query->body->all && query->body->op == AST_UNION))
		return;
	char *table = "<union1";
	for (unsigned i = 2; i <= explainer->blocks; i++)
		if (strcmp(explainer->types[i], "UNION") == 0)
			table = arena_printf(explainer->arena, "%s,%u", table, i);
	struct explain_line *line = new_line(explainer, 1);
	*line = (struct explain_line){.select_type = "UNION RESULT", .access = "ALL", .extra = "Using temporary"};
	line->table = arena_printf(explainer->arena, "%s>", table);
}

static void explain(struct explainer *explainer, const struct tree_query *query)
{
	struct arena *arena = explainer->arena;
	explainer->sources = arena_array(arena, struct explained_source, sources_max);
	explainer->lines = arena_array(arena, struct explain_line, lines_max);
	map_init(&explainer->seen);
	number_query(explainer, query, 0, "PRIMARY");
	map_deinit(&explainer->seen);
	if (explainer->blocks == 1)
		explainer->types[1] = "SIMPLE";
	for (unsigned block = 1; block <= explainer->blocks; block++)
		explain_block(explainer, block);
	explain_union(explainer, query);
}

int evaluate_explain(struct session *session, const struct evaluate_program *program,
		     const struct evaluate_options *options, struct arena *arena, struct explain_line **out_lines,
		     unsigned *out_count, struct diag *diag)
{
	struct explainer explainer = {.arena = arena};
	struct evaluation *evaluation;
	/* Opening makes the modules; nothing is stepped, so nothing is read or locked. */
	if (evaluate_open(session, program, options, &evaluation, diag) != 0)
		return -1;
	int status = plan_read(evaluation, arena, &explainer.plan, diag);
	evaluation_close(&evaluation);
	if (status != 0)
		return -1;
	explain(&explainer, program->query);
	*out_lines = explainer.lines;
	*out_count = explainer.count;
	return 0;
}
