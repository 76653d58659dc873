/* information_schema's tables about databases, tables, columns, indexes and views. */
#include <ctype.h>

#include "exec/information_schema/information_schema.h"
#include "exec/virtual_writer.h"

static void put_names(struct virtual_writer *writer, const struct relation *relation)
{
	virtual_put_text(writer, "def");
	virtual_put_text(writer, relation->database);
	virtual_put_text(writer, relation->name);
}

int fill_schemata(struct virtual_writer *writer)
{
	const char **names;
	size_t count = relation_list_databases(writer->session, virtual_hint(writer, 1), writer->arena, &names);
	for (size_t i = 0; i < count; i++) {
		const struct collation *collation;
		if (!relation_find_database(writer->session, names[i], &collation))
			continue; /* dropped since it was listed */
		virtual_put_text(writer, "def");
		virtual_put_text(writer, names[i]);
		virtual_put_text(writer, collation->charset->name);
		virtual_put_text(writer, collation->name);
		virtual_put_null(writer);
		virtual_put_yes(writer, false);
		virtual_row(writer);
	}
	return 0;
}

/* ------------------------------------------------------------------ TABLES, PARTITIONS, VIEWS */

/* The sizes cost a look into the store for each index: only who reads them pays. */
static int read_size(struct virtual_writer *writer, const struct relation *relation, unsigned first, unsigned last,
		     struct relation_size *out)
{
	*out = (struct relation_size){0};
	if (!virtual_wants(writer, first, last))
		return 0;
	return relation_size(writer->session, relation, out, writer->diag);
}

enum { TABLES_ROWS = 7, TABLES_AUTO_INCREMENT = 13 };

static int put_base_table(struct virtual_writer *writer, const struct relation *relation)
{
	const struct table *table = relation->table;
	struct relation_size size;
	if (read_size(writer, relation, TABLES_ROWS, TABLES_AUTO_INCREMENT, &size) != 0)
		return -1;
	virtual_put_text(writer, "BASE TABLE");
	virtual_put_text(writer, table->engine);
	virtual_put_uint(writer, 10);
	virtual_put_text(writer, relation_row_format(table, writer->arena));
	virtual_put_uint(writer, size.rows);
	virtual_put_uint(writer, size.row_length);
	virtual_put_uint(writer, size.data_length);
	virtual_put_uint(writer, 0);
	virtual_put_uint(writer, size.index_length);
	virtual_put_uint(writer, 0);
	virtual_put_known(writer, size.has_next_id, size.next_id);
	virtual_put_time(writer, table->create_time_us);
	virtual_put_nulls(writer, 2);
	virtual_put_text(writer, table->collation->name);
	virtual_put_null(writer);
	virtual_put_text(writer, relation_create_options(table, writer->arena));
	virtual_put_text(writer, table->comment);
	return 0;
}

/* What is a plain table in MySQL says so here too: programs tell views by the engine that they do not have. */
static void put_virtual_table(struct virtual_writer *writer, const struct virtual_table *table)
{
	bool is_plain = !information_schema_has_database(table->database);
	virtual_put_text(writer, is_plain ? "BASE TABLE" : "SYSTEM VIEW");
	virtual_put_text(writer, is_plain ? "InnoDB" : NULL);
	virtual_put_uint(writer, 10);
	virtual_put_text(writer, is_plain ? "Dynamic" : NULL);
	for (unsigned i = 0; i < 6; i++)
		virtual_put_uint(writer, 0);
	virtual_put_nulls(writer, 4);
	virtual_put_text(writer, collation_utf8mb3_general->name);
	virtual_put_null(writer);
	virtual_put_text(writer, "");
	virtual_put_text(writer, "");
}

static int add_table(const struct relation *relation, void *argument)
{
	struct virtual_writer *writer = argument;
	put_names(writer, relation);
	if (relation->table) {
		if (put_base_table(writer, relation) != 0)
			return -1;
	} else if (relation->view) {
		virtual_put_text(writer, "VIEW");
		virtual_put_nulls(writer, 16);
		virtual_put_text(writer, "VIEW");
	} else {
		put_virtual_table(writer, relation->virtual_table);
	}
	virtual_row(writer);
	return 0;
}

int fill_tables(struct virtual_writer *writer)
{
	return virtual_visit(writer, 1, 2, add_table);
}

enum { PARTITIONS_ROWS = 12, PARTITIONS_DATA_FREE = 17 };

/* No table is partitioned: each is one nameless part. */
static int add_partition(const struct relation *relation, void *argument)
{
	struct virtual_writer *writer = argument;
	struct relation_size size;
	if (relation->table == NULL)
		return 0;
	if (read_size(writer, relation, PARTITIONS_ROWS, PARTITIONS_DATA_FREE, &size) != 0)
		return -1;
	put_names(writer, relation);
	virtual_put_nulls(writer, 9);
	virtual_put_uint(writer, size.rows);
	virtual_put_uint(writer, size.row_length);
	virtual_put_uint(writer, size.data_length);
	virtual_put_uint(writer, 0);
	virtual_put_uint(writer, size.index_length);
	virtual_put_uint(writer, 0);
	virtual_put_time(writer, relation->table->create_time_us);
	virtual_put_nulls(writer, 3);
	virtual_put_text(writer, "");
	virtual_put_nulls(writer, 2);
	virtual_row(writer);
	return 0;
}

int fill_partitions(struct virtual_writer *writer)
{
	return virtual_visit(writer, 1, 2, add_partition);
}

static const char *or_else(const char *text, const char *otherwise)
{
	return text && *text ? text : otherwise;
}

enum { VIEWS_IS_UPDATABLE = 5 };

/* Who may not see how a view is made gets an empty definition. */
static int add_view(const struct relation *relation, void *argument)
{
	struct virtual_writer *writer = argument;
	const struct view *view = relation->view;
	if (view == NULL)
		return 0;
	bool may_see = relation_privileges(writer->session, relation) & PRIVILEGE(SHOW_VIEW);
	put_names(writer, relation);
	virtual_put_text(writer, may_see ? view->select_text : "");
	virtual_put_text(writer, or_else(view->check_option, "NONE"));
	virtual_put_yes(writer, virtual_wants(writer, VIEWS_IS_UPDATABLE, VIEWS_IS_UPDATABLE) &&
					relation_view_is_updatable(writer->session, view, writer->arena));
	virtual_put_text(writer, arena_printf(writer->arena, "%s@%s", view->definer_user, view->definer_host));
	virtual_put_text(writer, or_else(view->security, "DEFINER"));
	virtual_put_text(writer, or_else(view->charset_client, "utf8mb4"));
	virtual_put_text(writer, or_else(view->collation_connection, collation_utf8mb4_default->name));
	virtual_row(writer);
	return 0;
}

int fill_views(struct virtual_writer *writer)
{
	return virtual_visit(writer, 1, 2, add_view);
}

/* ------------------------------------------------------------------ COLUMNS */

/* "int unsigned" -> "int" */
static const char *bare_type(const char *type_text, struct arena *arena)
{
	size_t size = 0;
	while (isalnum((unsigned char)type_text[size]))
		size++;
	return arena_copy_text(arena, type_text, size);
}

static void put_lengths(struct virtual_writer *writer, const struct column_type *type)
{
	if (!type_is_string(type->kind) || type->kind == TYPE_JSON) {
		virtual_put_nulls(writer, 2);
		return;
	}
	uint64_t octets = type_octet_length(type);
	if (type->kind == TYPE_CHAR || type->kind == TYPE_VARCHAR || type->kind == TYPE_ENUM || type->kind == TYPE_SET) {
		unsigned width = type->collation->charset->max_char_size;
		uint64_t chars = type->kind == TYPE_CHAR || type->kind == TYPE_VARCHAR ? type->length : octets / width;
		virtual_put_uint(writer, chars);
		virtual_put_uint(writer, chars * width);
		return;
	}
	virtual_put_uint(writer, octets);
	virtual_put_uint(writer, octets);
}

/* Precision and scale. */
static void put_numeric(struct virtual_writer *writer, const struct column_type *type)
{
	static const unsigned digits[] = {[TYPE_TINYINT] = 3, [TYPE_SMALLINT] = 5, [TYPE_MEDIUMINT] = 7,
					  [TYPE_INT] = 10, [TYPE_BIGINT] = 19};
	bool has_scale = true;
	uint64_t precision = 0, scale = 0;
	if (type_is_integer(type->kind)) {
		precision = digits[type->kind] + (type->kind == TYPE_BIGINT && type->is_unsigned);
	} else if (type->kind == TYPE_FLOAT || type->kind == TYPE_DOUBLE) {
		has_scale = type->decimals < 31;
		scale = type->decimals;
		precision = has_scale ? type->length : type->kind == TYPE_FLOAT ? 12 : 22;
	} else if (type->kind == TYPE_DECIMAL) {
		precision = type->length;
		scale = type->decimals;
	} else if (type->kind == TYPE_BIT) {
		precision = type->length;
		has_scale = false;
	} else {
		virtual_put_nulls(writer, 2);
		return;
	}
	virtual_put_uint(writer, precision);
	virtual_put_known(writer, has_scale, scale);
}

static void put_type(struct virtual_writer *writer, const struct relation_column *column)
{
	const struct column_type *type = &column->type;
	bool has_charset = type_is_text(type->kind) && type->kind != TYPE_JSON;
	bool has_fraction = type_is_temporal(type->kind) && type->kind != TYPE_DATE;
	virtual_put_text(writer, bare_type(column->type_text, writer->arena));
	put_lengths(writer, type);
	put_numeric(writer, type);
	virtual_put_known(writer, has_fraction, type->decimals);
	virtual_put_text(writer, has_charset ? type->collation->charset->name : NULL);
	virtual_put_text(writer, has_charset ? type->collation->name : NULL);
	virtual_put_text(writer, column->type_text);
}

static void add_column(struct virtual_writer *writer, const struct relation *relation,
		       const struct relation_column *column, unsigned position, const char *privileges)
{
	put_names(writer, relation);
	virtual_put_text(writer, column->name);
	virtual_put_uint(writer, position + 1);
	virtual_put_text(writer, column->default_text);
	virtual_put_yes(writer, column->nullable);
	put_type(writer, column);
	virtual_put_text(writer, column->key);
	virtual_put_text(writer, column->extra);
	virtual_put_text(writer, privileges);
	virtual_put_text(writer, column->comment);
	virtual_put_text(writer, column->generation);
	virtual_put_null(writer);
	virtual_row(writer);
}

static int add_columns(const struct relation *relation, void *argument)
{
	struct virtual_writer *writer = argument;
	struct diag diag = DIAG_INIT;
	struct relation_column *columns;
	unsigned count;
	/* A view that is not valid any more has no columns; that is no reason to fail for all others. */
	if (relation_columns(writer->session, relation, writer->arena, &columns, &count, &diag) != 0)
		return 0;
	const char *privileges = relation_column_privileges(writer->session, relation, writer->arena);
	for (unsigned i = 0; i < count; i++)
		add_column(writer, relation, &columns[i], i, privileges);
	return 0;
}

int fill_columns(struct virtual_writer *writer)
{
	return virtual_visit(writer, 1, 2, add_columns);
}

/* ------------------------------------------------------------------ STATISTICS */

static void add_index_part(struct virtual_writer *writer, const struct relation *relation, const struct index *index,
			   unsigned number)
{
	const struct index_part *part = &index->parts[number];
	const struct column *column = &relation->table->columns[part->column];
	bool is_fulltext = index->kind == INDEX_FULLTEXT;
	put_names(writer, relation);
	virtual_put_uint(writer, index->kind == INDEX_PLAIN || is_fulltext);
	virtual_put_text(writer, relation->database);
	virtual_put_text(writer, index->name);
	virtual_put_uint(writer, number + 1);
	virtual_put_text(writer, column->name);
	if (is_fulltext)
		virtual_put_null(writer);
	else
		virtual_put_text(writer, part->descending ? "D" : "A");
	virtual_put_uint(writer, relation_cardinality(relation->table, index, number));
	virtual_put_known(writer, part->prefix_length != 0, part->prefix_length);
	virtual_put_null(writer);
	virtual_put_text(writer, column->nullable ? "YES" : "");
	virtual_put_text(writer, is_fulltext ? "FULLTEXT" : "BTREE");
	virtual_put_text(writer, "");
	virtual_put_text(writer, index->comment);
	virtual_put_yes(writer, !index->invisible);
	virtual_put_null(writer);
	virtual_row(writer);
}

static void add_keys(struct virtual_writer *writer, const struct relation *relation, const struct index *indexes,
		     unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		for (unsigned k = 0; k < indexes[i].part_count && !indexes[i].hidden; k++)
			add_index_part(writer, relation, &indexes[i], k);
}

static int add_indexes(const struct relation *relation, void *argument)
{
	struct virtual_writer *writer = argument;
	const struct table *table = relation->table;
	if (table) {
		add_keys(writer, relation, table->indexes, table->index_count);
		add_keys(writer, relation, table->fulltext_keys, table->fulltext_count);
	}
	return 0;
}

int fill_statistics(struct virtual_writer *writer)
{
	return virtual_visit(writer, 1, 2, add_indexes);
}
