/* SHOW DATABASES, TABLES, TABLE STATUS, OPEN TABLES, TRIGGERS: what there is. */
#include "exec/information_schema/information_schema.h"
#include "exec/relation.h"
#include "exec/show/show.h"
#include "exec/show/pattern.h"

/* "Database", or "Database (a%)" when a pattern was given. */
static const char *heading(struct statement *statement, const char *name)
{
	struct bytes like = statement->ast->show->like;
	if (like.data == NULL)
		return name;
	return arena_printf(statement->arena, "%s (%.*s)", name, (int)like.size, (const char *)like.data);
}

static int filter(struct statement *statement, struct result_builder *builder)
{
	return result_builder_filter(builder, statement->ast->show->like, statement->ast->show->where);
}

int show_databases(struct statement *statement, struct result_builder *builder)
{
	const char **names;
	result_builder_text(builder, heading(statement, "Database"), 64);
	if (filter(statement, builder) != 0)
		return -1;
	size_t count = relation_list_databases(statement->session, NULL, statement->arena, &names);
	for (size_t i = 0; i < count; i++) {
		result_put_text(builder, names[i]);
		if (result_row(builder) != 0)
			return -1;
	}
	return 0;
}

/* ------------------------------------------------------------------ what a database holds */

/* FROM's database or the current one, which must be there and be any of the account's business. */
static int open_database(struct statement *statement, const char **out)
{
	struct session *session = statement->session;
	const struct collation *collation;
	const char **names;
	const char *database;
	if (statement_database(statement, statement->ast->show->object.database.text, &database,
			       statement->diag) != 0)
		return -1;
	bool exists = relation_find_database(session, database, &collation);
	if (relation_list_databases(session, database, statement->arena, &names) == 0)
		return exists || !statement_allowed(session, PRIVILEGE(SHOW_DATABASES), NULL, NULL)
			       ? diag_set(statement->diag, ER_DBACCESS_DENIED_ERROR, session->user, session->host,
					  database)
			       : diag_set(statement->diag, ER_BAD_DB_ERROR, database);
	*out = names[0];
	return 0;
}

struct listing {
	struct statement *statement;
	struct result_builder *builder;
	struct bytes like; /* OPEN TABLES: of the table's name; data NULL: all */
};

/*
 * The tables that are made up in mysql do not come in lists: a dump of all databases would carry them, and drop the
 * accounts of the server that reads it.
 */
static bool is_listed(const struct relation *relation)
{
	return relation->virtual_table == NULL || information_schema_has_database(relation->database);
}

static int visit_database(struct statement *statement, struct result_builder *builder, relation_visitor *visit)
{
	struct listing listing = {.statement = statement, .builder = builder};
	const char *database;
	if (open_database(statement, &database) != 0 || filter(statement, builder) != 0)
		return -1;
	return relation_visit(statement->session, database, NULL, statement->arena, visit, &listing);
}

static int list_table(const struct relation *relation, void *argument)
{
	const struct listing *listing = argument;
	if (!is_listed(relation))
		return 0;
	result_put_text(listing->builder, relation->name);
	if (listing->statement->ast->show->full)
		result_put_text(listing->builder, relation->table  ? "BASE TABLE"
						  : relation->view ? "VIEW"
								   : "SYSTEM VIEW");
	return result_row(listing->builder);
}

int show_tables(struct statement *statement, struct result_builder *builder)
{
	const char *database;
	if (statement_database(statement, statement->ast->show->object.database.text, &database,
			       statement->diag) != 0)
		return -1;
	result_builder_text(builder, heading(statement, arena_printf(statement->arena, "Tables_in_%s", database)), 64);
	if (statement->ast->show->full)
		result_builder_text(builder, "Table_type", 11);
	return visit_database(statement, builder, list_table);
}

/* ------------------------------------------------------------------ TABLE STATUS */

static void put_nulls(struct result_builder *builder, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		result_put_null(builder);
}

static int list_base_table(struct listing *listing, const struct relation *relation)
{
	struct result_builder *builder = listing->builder;
	struct statement *statement = listing->statement;
	const struct table *table = relation->table;
	struct relation_size size;
	if (relation_size(statement->session, relation, &size, statement->diag) != 0)
		return -1;
	result_put_text(builder, table->name);
	result_put_text(builder, table->engine);
	result_put_uint(builder, 10);
	result_put_text(builder, relation_row_format(table, statement->arena));
	result_put_uint(builder, size.rows);
	result_put_uint(builder, size.row_length);
	result_put_uint(builder, size.data_length);
	result_put_uint(builder, 0);
	result_put_uint(builder, size.index_length);
	result_put_uint(builder, 0);
	if (size.has_next_id)
		result_put_uint(builder, size.next_id);
	else
		result_put_null(builder);
	builder->values[builder->next++] = relation_time(statement->session, table->create_time_us);
	put_nulls(builder, 2);
	result_put_text(builder, table->collation->name);
	result_put_null(builder);
	result_put_text(builder, relation_create_options(table, statement->arena));
	result_put_text(builder, table->comment);
	return result_row(builder);
}

static int list_status(const struct relation *relation, void *argument)
{
	struct listing *listing = argument;
	struct result_builder *builder = listing->builder;
	if (!is_listed(relation))
		return 0;
	if (relation->table)
		return list_base_table(listing, relation);
	result_put_text(builder, relation->name);
	put_nulls(builder, 16);
	result_put_text(builder, relation->view ? "VIEW" : "");
	return result_row(builder);
}

/* What clients see as a DATETIME. */
static void time_column(struct result_builder *builder, const char *name)
{
	result_builder_text(builder, name, 19);
	struct result_column *column = &builder->columns[builder->count - 1];
	column->type = (struct column_type){.kind = TYPE_DATETIME, .collation = collation_binary};
	column->flags = COLUMN_BINARY;
}

int show_table_status(struct statement *statement, struct result_builder *builder)
{
	enum { NUMBER = 0, TIME = ~0u };
	static const struct {
		const char *name;
		unsigned length;
	} columns[] = {{"Name", 64}, {"Engine", 64}, {"Version", NUMBER}, {"Row_format", 10}, {"Rows", NUMBER},
		       {"Avg_row_length", NUMBER}, {"Data_length", NUMBER}, {"Max_data_length", NUMBER},
		       {"Index_length", NUMBER}, {"Data_free", NUMBER}, {"Auto_increment", NUMBER},
		       {"Create_time", TIME}, {"Update_time", TIME}, {"Check_time", TIME}, {"Collation", 64},
		       {"Checksum", NUMBER}, {"Create_options", 256}, {"Comment", 2048}};
	for (unsigned i = 0; i < sizeof columns / sizeof *columns; i++) {
		if (columns[i].length == NUMBER)
			result_builder_number(builder, columns[i].name);
		else if (columns[i].length == TIME)
			time_column(builder, columns[i].name);
		else
			result_builder_text(builder, columns[i].name, columns[i].length);
	}
	return visit_database(statement, builder, list_status);
}

/* ------------------------------------------------------------------ OPEN TABLES, TRIGGERS */

/* All tables are open always. In use means under this session's LOCK TABLES: those of others are not to be seen. */
static int list_open(const struct relation *relation, void *argument)
{
	struct listing *listing = argument;
	struct session *session = listing->statement->session;
	if (relation->table == NULL ||
	    (listing->like.data && !show_pattern_matches(listing->like, bytes_of_string(relation->name))))
		return 0;
	result_put_text(listing->builder, relation->database);
	result_put_text(listing->builder, relation->name);
	result_put_uint(listing->builder, session->has_locked_tables && mdl_holds(session->mdl, relation->database,
										   relation->name, MDL_SHARED_READ_ONLY));
	result_put_uint(listing->builder, 0);
	return result_row(listing->builder);
}

int show_open_tables(struct statement *statement, struct result_builder *builder)
{
	const struct ast_show *ast = statement->ast->show;
	struct listing listing = {statement, builder, ast->like};
	result_builder_text(builder, "Database", 64);
	result_builder_text(builder, "Table", 64);
	result_builder_number(builder, "In_use");
	result_builder_number(builder, "Name_locked");
	/* LIKE is about the table, which is not the first column. */
	if (result_builder_filter(builder, bytes_of(NULL, 0), ast->where) != 0)
		return -1;
	return relation_visit(statement->session, ast->object.database.text, NULL, statement->arena, list_open,
			      &listing);
}

/* There are no triggers yet. */
int show_triggers(struct statement *statement, struct result_builder *builder)
{
	static const char *const names[] = {"Trigger", "Event", "Table", "Statement", "Timing", "Created", "sql_mode",
					    "Definer", "character_set_client", "collation_connection",
					    "Database Collation"};
	const char *database;
	for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
		result_builder_text(builder, names[i], 64);
	return open_database(statement, &database) == 0 ? filter(statement, builder) : -1;
}
