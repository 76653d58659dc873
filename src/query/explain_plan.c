/*
 * SQLite's EXPLAIN QUERY PLAN, as far as it tells what MySQL's EXPLAIN wants to know. Its lines are for people; those
 * about our virtual tables hold what best_index wrote:
 *
 *   SCAN t0 VIRTUAL TABLE INDEX 65536:=;5;10      SEARCH t1 ... the same; SCAN t2 (a derived table);
 *   USE TEMP B-TREE FOR ORDER BY
 *
 * A stage (stage/stage.h) is SCAN g0 (a0: all rows are one group; s0: a sort), and a SCALAR SUBQUERY behind it that has the
 * block's sources: they stand for the block.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "query/explain.h"
#include "query/sqlite_error.h"


static void read_index(const char *text, struct plan_scan *scan)
{
	char *at;
	scan->is_table = true;
	scan->plan = (unsigned)strtoul(text, &at, 10);
	if (*at == ':')
		at++;
	size_t letters = strcspn(at, ";");
	if (letters < sizeof scan->letters)
		memcpy(scan->letters, at, letters);
	at += letters;
	if (*at == ';')
		scan->possible = strtoull(at + 1, &at, 16);
	if (*at == ';')
		scan->rows = strtoull(at + 1, NULL, 10);
}

/* False when the line reads no source of ours. */
static bool read_scan(const char *detail, struct plan_scan *out)
{
	unsigned source;
	if (sscanf(detail, "SCAN t%u", &source) != 1 && sscanf(detail, "SEARCH t%u", &source) != 1)
		return false;
	*out = (struct plan_scan){.source = source};
	const char *index = strstr(detail, " VIRTUAL TABLE INDEX ");
	if (index)
		read_index(index + strlen(" VIRTUAL TABLE INDEX "), out);
	return true;
}

/* "USE TEMP B-TREE FOR x" stands beside the scans of its block, under one parent. */
static void note_temporary(struct plan *plan, const int *parents, int parent, const char *detail)
{
	for (unsigned i = 0; i < plan->count; i++) {
		if (parents[i] != parent)
			continue;
		if (strstr(detail, "ORDER BY"))
			plan->scans[i].sorts = true;
		else
			plan->scans[i].groups = true;
		return;
	}
}

struct plan_stage {
	int parent;   /* of its line */
	int subquery; /* line of the subquery with its sources; 0: not met yet */
	char kind; /* the letter */
	bool is_noted; /* at the first of its sources */
};

struct plan_stages {
	struct plan_stage stages[64];
	unsigned count;
};

/* False when the line is not about a stage. */
static bool read_stage(struct plan_stages *stages, int id, int parent, const char *detail)
{
	struct plan_stage *last = stages->count ? &stages->stages[stages->count - 1] : NULL;
	unsigned number;
	char letter;
	if (last && last->subquery == 0 && strncmp(detail, "SCALAR SUBQUERY", 15) == 0) {
		last->subquery = id;
		return true;
	}
	if (sscanf(detail, "SCAN %c%u VIRTUAL", &letter, &number) != 2 || strchr("gas", letter) == NULL ||
	    stages->count == sizeof stages->stages / sizeof stages->stages[0])
		return false;
	stages->stages[stages->count++] = (struct plan_stage){.parent = parent, .kind = letter};
	return true;
}

/* The block a source belongs to: of a stage's sources, that of the stage. */
static int block_of(struct plan_stages *stages, int parent, struct plan_scan *scan)
{
	for (unsigned i = 0; i < stages->count; i++) {
		struct plan_stage *stage = &stages->stages[i];
		if (stage->subquery == 0 || stage->subquery != parent)
			continue;
		scan->groups = stage->kind == 'g' && !stage->is_noted;
		scan->sorts = stage->kind == 's' && !stage->is_noted;
		stage->is_noted = true;
		return stage->parent;
	}
	return parent;
}

static void read_lines(sqlite3_stmt *statement, struct arena *arena, struct plan *plan)
{
	enum { scans_max = 256 };
	int parents[scans_max];
	struct plan_stages stages = {0};
	plan->scans = arena_array(arena, struct plan_scan, scans_max);
	while (sqlite3_step(statement) == SQLITE_ROW && plan->count < scans_max) {
		int id = sqlite3_column_int(statement, 0), parent = sqlite3_column_int(statement, 1);
		const char *detail = (const char *)sqlite3_column_text(statement, 3);
		if (detail == NULL || read_stage(&stages, id, parent, detail))
			continue;
		if (strncmp(detail, "USE TEMP B-TREE", 15) == 0) {
			note_temporary(plan, parents, parent, detail);
		} else if (read_scan(detail, &plan->scans[plan->count])) {
			parents[plan->count] = block_of(&stages, parent, &plan->scans[plan->count]);
			plan->count++;
		}
	}
}

int plan_read(struct evaluation *evaluation, struct arena *arena, struct plan *out_plan, struct diag *diag)
{
	struct evaluator_handle *handle = evaluation->handle;
	const char *sql = arena_printf(arena, "EXPLAIN QUERY PLAN %s", evaluation->program->sql);
	sqlite3_stmt *statement;
	*out_plan = (struct plan){0};
	int status = sqlite3_prepare_v2(handle->db, sql, -1, &statement, NULL);
	if (status != SQLITE_OK)
		return sqlite_error(handle, status, diag);
	read_lines(statement, arena, out_plan);
	sqlite3_finalize(statement);
	return 0;
}
