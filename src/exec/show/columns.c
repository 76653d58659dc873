/* SHOW COLUMNS, DESCRIBE, SHOW INDEX: how a table is made. */
#include "exec/relation.h"
#include "exec/show/show.h"

/* ------------------------------------------------------------------ columns */

static void set_up_columns(struct result_builder *builder, bool full)
{
	result_builder_text(builder, "Field", 64);
	result_builder_text(builder, "Type", 65535);
	if (full)
		result_builder_text(builder, "Collation", 64);
	result_builder_text(builder, "Null", 3);
	result_builder_text(builder, "Key", 3);
	result_builder_text(builder, "Default", 65535);
	result_builder_text(builder, "Extra", 256);
	if (full) {
		result_builder_text(builder, "Privileges", 154);
		result_builder_text(builder, "Comment", 1024);
	}
}

static int put_column(struct result_builder *builder, const struct relation_column *column, const char *privileges)
{
	bool has_collation = type_is_text(column->type.kind) && column->type.kind != TYPE_JSON;
	result_put_text(builder, column->name);
	result_put_text(builder, column->type_text);
	if (privileges)
		result_put_text(builder, has_collation ? column->type.collation->name : NULL);
	result_put_text(builder, column->nullable ? "YES" : "NO");
	result_put_text(builder, column->key);
	result_put_text(builder, column->default_text);
	result_put_text(builder, column->extra);
	if (privileges) {
		result_put_text(builder, privileges);
		result_put_text(builder, column->comment);
	}
	return result_row(builder);
}

static int put_columns(struct statement *statement, struct result_builder *builder, const struct relation *relation,
		       bool full)
{
	struct relation_column *columns;
	unsigned count;
	if (relation_columns(statement->session, relation, statement->arena, &columns, &count, statement->diag) != 0)
		return -1;
	const char *privileges =
		full ? relation_column_privileges(statement->session, relation, statement->arena) : NULL;
	for (unsigned i = 0; i < count; i++)
		if (put_column(builder, &columns[i], privileges) != 0)
			return -1;
	return 0;
}

int show_columns_of(struct statement *statement, struct result_builder *builder, const char *database,
		    const char *table, bool full)
{
	struct relation relation;
	if (relation_open(statement->session, database, table, "SELECT", &relation, statement->diag) != 0)
		return -1;
	if (builder->count == 0)
		set_up_columns(builder, full);
	int status = put_columns(statement, builder, &relation, full);
	relation_release(&relation);
	return status;
}

int show_columns(struct statement *statement, struct result_builder *builder)
{
	const struct ast_show *ast = statement->ast->show;
	const char *database;
	set_up_columns(builder, ast->full);
	if (statement_database(statement, ast->object.database.text, &database, statement->diag) != 0 ||
	    result_builder_filter(builder, ast->like, ast->where) != 0)
		return -1;
	return show_columns_of(statement, builder, database, ast->object.name.text, ast->full);
}

/* ------------------------------------------------------------------ indexes */

static void set_up_indexes(struct result_builder *builder)
{
	static const struct {
		const char *name;
		unsigned length; /* 0: a number */
	} columns[] = {{"Table", 64}, {"Non_unique", 0}, {"Key_name", 64}, {"Seq_in_index", 0}, {"Column_name", 64},
		       {"Collation", 1}, {"Cardinality", 0}, {"Sub_part", 0}, {"Packed", 10}, {"Null", 3},
		       {"Index_type", 11}, {"Comment", 8}, {"Index_comment", 2048}, {"Visible", 3},
		       {"Expression", 65535}};
	for (unsigned i = 0; i < sizeof columns / sizeof *columns; i++) {
		if (columns[i].length)
			result_builder_text(builder, columns[i].name, columns[i].length);
		else
			result_builder_number(builder, columns[i].name);
	}
}

static void put_known(struct result_builder *builder, bool known, uint64_t number)
{
	if (known)
		result_put_uint(builder, number);
	else
		result_put_null(builder);
}

static int put_index_part(struct result_builder *builder, const struct table *table, const struct index *index,
			  unsigned number)
{
	const struct index_part *part = &index->parts[number];
	const struct column *column = &table->columns[part->column];
	bool is_fulltext = index->kind == INDEX_FULLTEXT;
	result_put_text(builder, table->name);
	result_put_uint(builder, index->kind == INDEX_PLAIN || is_fulltext);
	result_put_text(builder, index->name);
	result_put_uint(builder, number + 1);
	result_put_text(builder, column->name);
	if (is_fulltext)
		result_put_null(builder);
	else
		result_put_text(builder, part->descending ? "D" : "A");
	result_put_uint(builder, relation_cardinality(table, index, number));
	put_known(builder, part->prefix_length != 0, part->prefix_length);
	result_put_null(builder);
	result_put_text(builder, column->nullable ? "YES" : "");
	result_put_text(builder, is_fulltext ? "FULLTEXT" : "BTREE");
	result_put_text(builder, "");
	result_put_text(builder, index->comment);
	result_put_text(builder, index->invisible ? "NO" : "YES");
	result_put_null(builder);
	return result_row(builder);
}

static int put_indexes(struct result_builder *builder, const struct table *table, const struct index *indexes,
		       unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		const struct index *index = &indexes[i];
		for (unsigned k = 0; k < index->part_count && !index->hidden; k++)
			if (put_index_part(builder, table, index, k) != 0)
				return -1;
	}
	return 0;
}

int show_indexes(struct statement *statement, struct result_builder *builder)
{
	const struct ast_show *ast = statement->ast->show;
	struct relation relation;
	const char *database;
	set_up_indexes(builder);
	if (statement_database(statement, ast->object.database.text, &database, statement->diag) != 0 ||
	    result_builder_filter(builder, bytes_of(NULL, 0), ast->where) != 0 ||
	    relation_open(statement->session, database, ast->object.name.text, "SELECT", &relation,
			  statement->diag) != 0)
		return -1;
	const struct table *table = relation.table;
	int status = table ? put_indexes(builder, table, table->indexes, table->index_count) : 0;
	if (table && status == 0)
		status = put_indexes(builder, table, table->fulltext_keys, table->fulltext_count);
	relation_release(&relation);
	return status;
}
