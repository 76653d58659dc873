/* information_schema's tables about keys: primary, unique, foreign, and CHECK. */
#include "exec/virtual_writer.h"

static void put_constraint(struct virtual_writer *writer, const struct table *table, const char *name)
{
	virtual_put_text(writer, "def");
	virtual_put_text(writer, table->database);
	virtual_put_text(writer, name);
}

/* A constraint is in its table's database: either column may name it. */
static int visit_tables(struct virtual_writer *writer, unsigned constraint_schema, unsigned table_schema,
			unsigned table_name, relation_visitor *visit)
{
	const char *database = virtual_hint(writer, table_schema);
	const char *name = table_name ? virtual_hint(writer, table_name) : NULL;
	if (database == NULL)
		database = virtual_hint(writer, constraint_schema);
	return relation_visit(writer->session, database, name, writer->arena, visit, writer);
}

static bool is_key(const struct index *index)
{
	return !index->hidden && index->kind != INDEX_PLAIN;
}

/* ------------------------------------------------------------------ TABLE_CONSTRAINTS */

static void add_constraint(struct virtual_writer *writer, const struct table *table, const char *name,
			   const char *type, bool enforced)
{
	put_constraint(writer, table, name);
	virtual_put_text(writer, table->database);
	virtual_put_text(writer, table->name);
	virtual_put_text(writer, type);
	virtual_put_yes(writer, enforced);
	virtual_row(writer);
}

static int add_constraints(const struct relation *relation, void *argument)
{
	struct virtual_writer *writer = argument;
	const struct table *table = relation->table;
	if (table == NULL)
		return 0;
	for (unsigned i = 0; i < table->index_count; i++)
		if (is_key(&table->indexes[i]))
			add_constraint(writer, table, table->indexes[i].name,
				       table->indexes[i].kind == INDEX_PRIMARY ? "PRIMARY KEY" : "UNIQUE", true);
	for (unsigned i = 0; i < table->foreign_key_count; i++)
		add_constraint(writer, table, table->foreign_keys[i].name, "FOREIGN KEY", true);
	for (unsigned i = 0; i < table->check_count; i++)
		add_constraint(writer, table, table->checks[i].name, "CHECK", table->checks[i].enforced);
	return 0;
}

int fill_table_constraints(struct virtual_writer *writer)
{
	return visit_tables(writer, 1, 3, 4, add_constraints);
}

/* ------------------------------------------------------------------ KEY_COLUMN_USAGE */

static void put_key_column(struct virtual_writer *writer, const struct table *table, const char *constraint,
			   unsigned column, unsigned number)
{
	put_constraint(writer, table, constraint);
	virtual_put_text(writer, "def");
	virtual_put_text(writer, table->database);
	virtual_put_text(writer, table->name);
	virtual_put_text(writer, table->columns[column].name);
	virtual_put_uint(writer, number + 1);
}

static void add_foreign_key_column(struct virtual_writer *writer, const struct table *table,
				   const struct foreign_key *key, unsigned number)
{
	put_key_column(writer, table, key->name, key->columns[number], number);
	virtual_put_uint(writer, number + 1);
	virtual_put_text(writer, key->parent_database);
	virtual_put_text(writer, key->parent_table);
	virtual_put_text(writer, key->parent_columns[number]);
	virtual_row(writer);
}

static int add_key_columns(const struct relation *relation, void *argument)
{
	struct virtual_writer *writer = argument;
	const struct table *table = relation->table;
	if (table == NULL)
		return 0;
	for (unsigned i = 0; i < table->index_count; i++) {
		const struct index *index = &table->indexes[i];
		for (unsigned k = 0; is_key(index) && k < index->part_count; k++) {
			put_key_column(writer, table, index->name, index->parts[k].column, k);
			virtual_put_nulls(writer, 4);
			virtual_row(writer);
		}
	}
	for (unsigned i = 0; i < table->foreign_key_count; i++)
		for (unsigned k = 0; k < table->foreign_keys[i].column_count; k++)
			add_foreign_key_column(writer, table, &table->foreign_keys[i], k);
	return 0;
}

int fill_key_column_usage(struct virtual_writer *writer)
{
	return visit_tables(writer, 1, 4, 5, add_key_columns);
}

/* ------------------------------------------------------------------ REFERENTIAL_CONSTRAINTS, CHECK_CONSTRAINTS */

static bool is_over(const struct table *parent, const struct index *index, const struct foreign_key *key)
{
	if (!is_key(index) || index->part_count < key->column_count)
		return false;
	for (unsigned i = 0; i < key->column_count; i++) {
		struct bytes name = bytes_of_string(key->parent_columns[i]);
		if (table_find_column(parent, name) != (int)index->parts[i].column)
			return false;
	}
	return true;
}

/* The parent's unique key that the foreign key stands on, or NULL. In the arena. */
static const char *parent_key(struct virtual_writer *writer, const struct foreign_key *key)
{
	struct catalog *catalog = writer->session->server->catalog;
	struct table *parent = catalog_find_table(catalog, key->parent_database, key->parent_table);
	const char *name = NULL;
	if (parent == NULL)
		return NULL;
	for (unsigned i = 0; i < parent->index_count && name == NULL; i++)
		if (is_over(parent, &parent->indexes[i], key))
			name = arena_copy_string(writer->arena, parent->indexes[i].name);
	table_unref(&parent);
	return name;
}

static const char *rule(enum foreign_key_action action)
{
	switch (action) {
	case FK_RESTRICT: return "RESTRICT";
	case FK_CASCADE: return "CASCADE";
	case FK_SET_NULL: return "SET NULL";
	case FK_SET_DEFAULT: return "SET DEFAULT";
	default: return "NO ACTION";
	}
}

static int add_references(const struct relation *relation, void *argument)
{
	struct virtual_writer *writer = argument;
	const struct table *table = relation->table;
	for (unsigned i = 0; table && i < table->foreign_key_count; i++) {
		const struct foreign_key *key = &table->foreign_keys[i];
		put_constraint(writer, table, key->name);
		virtual_put_text(writer, "def");
		virtual_put_text(writer, key->parent_database);
		virtual_put_text(writer, parent_key(writer, key));
		virtual_put_text(writer, "NONE");
		virtual_put_text(writer, rule(key->on_update));
		virtual_put_text(writer, rule(key->on_delete));
		virtual_put_text(writer, table->name);
		virtual_put_text(writer, key->parent_table);
		virtual_row(writer);
	}
	return 0;
}

int fill_referential_constraints(struct virtual_writer *writer)
{
	return visit_tables(writer, 1, 1, 9, add_references);
}

static int add_checks(const struct relation *relation, void *argument)
{
	struct virtual_writer *writer = argument;
	const struct table *table = relation->table;
	for (unsigned i = 0; table && i < table->check_count; i++) {
		put_constraint(writer, table, table->checks[i].name);
		virtual_put_text(writer, table->checks[i].expression);
		virtual_row(writer);
	}
	return 0;
}

int fill_check_constraints(struct virtual_writer *writer)
{
	return visit_tables(writer, 1, 1, 0, add_checks);
}
