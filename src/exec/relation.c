#include "exec/relation.h"

#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

#include "exec/information_schema/information_schema.h"
#include "exec/environment.h"

bool relation_find(struct session *session, const char *database, const char *name, struct relation *out)
{
	*out = (struct relation){.database = database, .name = name};
	out->table = environment_find_any_table(session, database, name);
	if (out->table)
		out->database = out->table->database, out->name = out->table->name;
	else if ((out->virtual_table = information_schema_find(database, name)) != NULL)
		out->database = out->virtual_table->database, out->name = out->virtual_table->name;
	else if ((out->view = catalog_find_view(session->server->catalog, database, name)) != NULL)
		out->database = out->view->database, out->name = out->view->name;
	return out->table || out->view || out->virtual_table;
}

void relation_release(struct relation *relation)
{
	if (relation->table)
		table_unref(&relation->table);
	if (relation->view)
		view_unref(&relation->view);
}

privilege_set relation_privileges(struct session *session, const struct relation *relation)
{
	if (session->is_internal || (relation->table && relation->table->temporary))
		return privileges_all_table;
	if (relation->virtual_table && information_schema_has_database(relation->database))
		return PRIVILEGE(SELECT);
	return accounts_privileges(session->server->accounts, session->account_user, session->account_host,
				   relation->database, relation->name) &
	       privileges_all_table;
}

bool relation_is_visible(struct session *session, const struct relation *relation)
{
	return relation_privileges(session, relation) != 0;
}

int relation_open(struct session *session, const char *database, const char *name, const char *command,
		  struct relation *out, struct diag *diag)
{
	const struct collation *collation;
	bool found = relation_find(session, database, name, out);
	/* Who has no rights there does not learn what exists. */
	if (!relation_is_visible(session, out)) {
		relation_release(out);
		return diag_set(diag, ER_TABLEACCESS_DENIED_ERROR, command, session->user, session->host, name);
	}
	if (found)
		return 0;
	if (!relation_find_database(session, database, &collation))
		return diag_set(diag, ER_BAD_DB_ERROR, database);
	return diag_set(diag, ER_NO_SUCH_TABLE, database, name);
}

/* ------------------------------------------------------------------ databases */

static bool may_see_database(struct session *session, const char *name)
{
	return information_schema_has_database(name) ||
	       statement_allowed(session, PRIVILEGE(SHOW_DATABASES), NULL, NULL) ||
	       accounts_may_see_database(session->server->accounts, session->account_user, session->account_host,
					 name);
}

bool relation_find_database(struct session *session, const char *name, const struct collation **out_collation)
{
	if (catalog_find_database(session->server->catalog, name, out_collation))
		return true;
	*out_collation = collation_utf8mb3_general;
	return information_schema_has_database(name);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void put_names(const char **out, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		out[i] = names[i];
}

static size_t all_databases(struct session *session, struct arena *arena, const char ***out_names)
{
	static const char *const made_up[] = {"information_schema", "performance_schema"};
	const char **listed;
	size_t count = catalog_list_databases(session->server->catalog, arena, &listed);
	const char **names = arena_array(arena, const char *, count + 2);
	put_names(names, listed, count);
	memcpy(names + count, made_up, sizeof made_up);
	qsort(names, count + 2, sizeof *names, compare_names);
	*out_names = names;
	return count + 2;
}

static size_t one_database(struct session *session, const char *only, struct arena *arena, const char ***out_names)
{
	const struct collation *collation;
	*out_names = arena_array(arena, const char *, 1);
	if (!relation_find_database(session, only, &collation))
		return 0;
	/* information_schema is one database however it is spelled. */
	const char *made_up = strcasecmp(only, "information_schema") == 0   ? "information_schema"
			      : strcasecmp(only, "performance_schema") == 0 ? "performance_schema"
									    : only;
	(*out_names)[0] = arena_copy_string(arena, made_up);
	return 1;
}

size_t relation_list_databases(struct session *session, const char *only, struct arena *arena, const char ***out_names)
{
	const char **names;
	size_t count = only ? one_database(session, only, arena, &names) : all_databases(session, arena, &names);
	size_t kept = 0;
	for (size_t i = 0; i < count; i++)
		if (may_see_database(session, names[i]))
			names[kept++] = names[i];
	*out_names = names;
	return kept;
}

/* ------------------------------------------------------------------ walking */

static size_t count_virtual(const char *database)
{
	size_t count = 0;
	const struct virtual_table *table;
	for (size_t i = 0; (table = information_schema_at(i)) != NULL; i++)
		count += strcmp(table->database, database) == 0;
	return count;
}

/* Names of all there is in a database, sorted; a virtual table that a real one hides comes once. */
static size_t list_names(struct session *session, const char *database, struct arena *arena, const char ***out_names)
{
	struct catalog *catalog = session->server->catalog;
	const char **tables, **views;
	size_t table_count = catalog_list_tables(catalog, database, arena, &tables);
	size_t view_count = catalog_list_views(catalog, database, arena, &views);
	const char **names = arena_array(arena, const char *, table_count + view_count + count_virtual(database) + 1);
	put_names(names, tables, table_count);
	put_names(names + table_count, views, view_count);
	size_t count = table_count + view_count, unique = 0;
	const struct virtual_table *virtual_table;
	for (size_t i = 0; (virtual_table = information_schema_at(i)) != NULL; i++)
		if (strcmp(virtual_table->database, database) == 0)
			names[count++] = virtual_table->name;
	qsort(names, count, sizeof *names, compare_names);
	for (size_t i = 0; i < count; i++)
		if (unique == 0 || strcmp(names[unique - 1], names[i]) != 0)
			names[unique++] = names[i];
	*out_names = names;
	return unique;
}

/* Temporary tables belong to their session and are not listed: what they hide is. */
static bool find_shared(struct session *session, const char *database, const char *name, struct relation *out)
{
	*out = (struct relation){.table = catalog_find_table(session->server->catalog, database, name)};
	if (out->table == NULL) {
		if (!relation_find(session, database, name, out))
			return false;
		if (out->table == NULL || !out->table->temporary)
			return true;
		relation_release(out);
		return false;
	}
	out->database = out->table->database;
	out->name = out->table->name;
	return true;
}

static int visit_one(struct session *session, const char *database, const char *name, relation_visitor *visit,
		     void *argument)
{
	struct relation relation;
	if (!find_shared(session, database, name, &relation))
		return 0;
	int status = relation_is_visible(session, &relation) ? visit(&relation, argument) : 0;
	relation_release(&relation);
	return status;
}

int relation_visit(struct session *session, const char *database, const char *name, struct arena *arena,
		   relation_visitor *visit, void *argument)
{
	const char **databases, **names;
	size_t database_count = relation_list_databases(session, database, arena, &databases);
	for (size_t i = 0; i < database_count; i++) {
		size_t count = 1;
		if (name == NULL)
			count = list_names(session, databases[i], arena, &names);
		else
			names = &name;
		for (size_t k = 0; k < count; k++)
			if (visit_one(session, databases[i], names[k], visit, argument) != 0)
				return -1;
	}
	return 0;
}

/* ------------------------------------------------------------------ sizes and options */

int relation_size(struct session *session, const struct relation *relation, struct relation_size *out,
		  struct diag *diag)
{
	struct catalog *catalog = session->server->catalog;
	struct store *store = session->server->store;
	const struct table *table = relation->table;
	*out = (struct relation_size){0};
	out->rows = table_row_estimate(table);
	out->data_length = store_space_size(store, table->indexes[0].space);
	for (unsigned i = 1; i < table->index_count; i++)
		out->index_length += store_space_size(store, table->indexes[i].space);
	out->row_length = out->rows ? out->data_length / out->rows : 0;
	out->has_next_id = table->auto_increment_column >= 0;
	return out->has_next_id ? auto_increment_peek(catalog, store, table, &out->next_id, diag) : 0;
}

uint64_t relation_cardinality(const struct table *table, const struct index *index, unsigned part)
{
	uint64_t rows = table_row_estimate(table);
	if (index->kind == INDEX_FULLTEXT)
		return rows;
	bool is_unique = index->kind != INDEX_PLAIN && part + 1 == index->part_count;
	double per_value = is_unique ? 1 : table_rows_per_value(table, (unsigned)(index - table->indexes), part + 1);
	return (uint64_t)((double)rows / per_value + 0.5);
}

const char *relation_row_format(const struct table *table, struct arena *arena)
{
	if (table->row_format == NULL || *table->row_format == 0 || strcasecmp(table->row_format, "DEFAULT") == 0)
		return "Dynamic";
	char *text = arena_copy_string(arena, table->row_format);
	for (char *at = text; *at; at++)
		*at = (char)(at == text ? toupper((unsigned char)*at) : tolower((unsigned char)*at));
	return text;
}

const char *relation_create_options(const struct table *table, struct arena *arena)
{
	const char *separator = table->row_format && *table->options ? " " : "";
	if (table->row_format == NULL || *table->row_format == 0)
		return table->options;
	return arena_printf(arena, "row_format=%s%s%s", table->row_format, separator, table->options);
}

struct value relation_time(struct session *session, int64_t epoch_us)
{
	/* Whole seconds, as the columns that show it have. */
	int64_t whole = epoch_us - epoch_us % 1000000;
	return (struct value){.kind = VALUE_DATETIME,
			      .packed = time_zone_to_local(session->variables.time_zone, whole)};
}
