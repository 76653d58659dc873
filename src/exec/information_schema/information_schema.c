/*
 * The registry of virtual tables, and what fills them with rows.
 *
 * A definition's columns are one text, "NAME type [not null], NAME type, ...", where a type is
 *   name                  a name of a database or table: varchar(64), compared exactly
 *   varchar(n) char(n)    text that compares as utf8mb3_general_ci
 *   text mediumtext longtext blob binary(n) json timestamp timestamp(6) datetime double
 *   tinyint smallint int bigint, with "unsigned" behind
 * They become columns once, when a table is first asked for, and stay: programs that the evaluator keeps borrow them.
 */
#include "exec/information_schema/information_schema.h"

#include <assert.h>
#include <ctype.h>
#include <pthread.h>
#include <stdlib.h>
#include <strings.h>

#include "exec/statement.h"
#include "exec/virtual_writer.h"

/* ------------------------------------------------------------------ definitions become tables */

static pthread_once_t built = PTHREAD_ONCE_INIT;
static struct virtual_table *tables; /* as virtual_definitions */
static struct arena memory;          /* of the tables, until the process ends */

static const struct {
	const char *word;
	enum type_kind kind;
} type_words[] = {
	{"name", TYPE_VARCHAR}, {"varchar", TYPE_VARCHAR}, {"char", TYPE_CHAR}, {"text", TYPE_TEXT},
	{"mediumtext", TYPE_MEDIUMTEXT}, {"longtext", TYPE_LONGTEXT}, {"blob", TYPE_BLOB}, {"binary", TYPE_BINARY},
	{"json", TYPE_JSON}, {"timestamp", TYPE_TIMESTAMP}, {"datetime", TYPE_DATETIME}, {"tinyint", TYPE_TINYINT},
	{"smallint", TYPE_SMALLINT}, {"int", TYPE_INT}, {"bigint", TYPE_BIGINT}, {"double", TYPE_DOUBLE},
};

static bool is_word(const char *at, size_t size, const char *word)
{
	return strlen(word) == size && strncmp(at, word, size) == 0;
}

/* `type` is what stands behind a column's name, up to `size`. */
static struct column_type type_of_text(const char *type, size_t size)
{
	struct column_type out = {.collation = collation_binary};
	size_t word = 0;
	while (word < size && isalpha((unsigned char)type[word]))
		word++;
	for (unsigned i = 0; i < sizeof type_words / sizeof *type_words; i++)
		if (is_word(type, word, type_words[i].word))
			out.kind = type_words[i].kind;
	if (word < size && type[word] == '(')
		out.length = (uint32_t)strtoul(type + word + 1, NULL, 10);
	if (out.kind == TYPE_TIMESTAMP || out.kind == TYPE_DOUBLE) {
		out.decimals = out.kind == TYPE_DOUBLE ? 31 : (uint8_t)out.length;
		out.length = 0;
	}
	if (type_is_text(out.kind))
		out.collation = out.kind == TYPE_JSON ? collation_utf8mb4_bin : collation_utf8mb3_general;
	if (is_word(type, word, "name")) {
		out.length = 64;
		out.collation = collation_find(bytes_of_string("utf8mb3_bin"));
	}
	out.is_unsigned = memmem(type, size, "unsigned", 8) != NULL;
	return out;
}

static unsigned count_columns(const char *text)
{
	unsigned count = 1;
	for (; *text; text++)
		count += *text == ',';
	return count;
}

static void build_table(struct virtual_table *table, const struct virtual_definition *definition, unsigned id)
{
	unsigned count = count_columns(definition->columns);
	const char **names = arena_array(&memory, const char *, count);
	struct column_type *types = arena_array(&memory, struct column_type, count);
	bool *nullable = arena_array(&memory, bool, count);
	const char *at = definition->columns;
	for (unsigned i = 0; i < count; i++) {
		size_t size = strcspn(at, ","), name = strcspn(at, " ");
		assert(name < size);
		names[i] = arena_copy_text(&memory, at, name);
		types[i] = type_of_text(at + name + 1, size - name - 1);
		nullable[i] = memmem(at, size, "not null", 8) == NULL;
		at += size + (at[size] == ',');
		at += strspn(at, " ");
	}
	*table = (struct virtual_table){.database = definition->database, .name = definition->name,
					.column_names = names, .column_types = types, .column_nullable = nullable,
					.column_count = count, .id = id};
	assert(count <= sizeof ((struct virtual_writer *)0)->values / sizeof(struct value));
}

static int compare_definitions(const struct virtual_definition *a, const struct virtual_definition *b)
{
	int order = strcmp(a->database, b->database);
	return order ? order : strcmp(a->name, b->name);
}

static void build_tables(void)
{
	arena_init(&memory);
	tables = arena_array(&memory, struct virtual_table, virtual_definition_count);
	for (unsigned i = 0; i < virtual_definition_count; i++) {
		assert(i == 0 || compare_definitions(&virtual_definitions[i - 1], &virtual_definitions[i]) < 0);
		build_table(&tables[i], &virtual_definitions[i], i);
	}
}

/* ------------------------------------------------------------------ looking them up */

bool information_schema_has_database(const char *name)
{
	return strcasecmp(name, "information_schema") == 0 || strcasecmp(name, "performance_schema") == 0;
}

const struct virtual_table *information_schema_at(size_t index)
{
	pthread_once(&built, build_tables);
	return index < virtual_definition_count ? &tables[index] : NULL;
}

const struct virtual_table *information_schema_find(const char *database, const char *name)
{
	bool folds = information_schema_has_database(database);
	if (!folds && strcmp(database, "mysql") != 0)
		return NULL;
	const struct virtual_table *table;
	for (size_t i = 0; (table = information_schema_at(i)) != NULL; i++) {
		int (*compare)(const char *, const char *) = folds ? strcasecmp : strcmp;
		if (compare(table->database, database) == 0 && compare(table->name, name) == 0)
			return table;
	}
	return NULL;
}

int information_schema_fill(const struct virtual_request *request, struct virtual_rows *rows, struct diag *diag)
{
	const struct virtual_table *table = request->table;
	struct session *session = request->session;
	struct virtual_writer writer = {.request = request, .session = session, .arena = request->arena, .rows = rows,
					.diag = diag};
	if (strcmp(table->database, "mysql") == 0 &&
	    statement_require(session, PRIVILEGE(SELECT), table->database, table->name, diag) != 0)
		return -1;
	virtual_filler *fill = virtual_definitions[table->id].fill;
	return fill ? fill(&writer) : 0;
}

/* ------------------------------------------------------------------ the writer */

static void put(struct virtual_writer *writer, struct value value)
{
	assert(writer->next < writer->request->table->column_count);
	writer->values[writer->next++] = value;
}

void virtual_put_text(struct virtual_writer *writer, const char *text)
{
	put(writer, text ? value_string(bytes_of_string(text), collation_utf8mb4_default) : value_null());
}

void virtual_put_uint(struct virtual_writer *writer, uint64_t value)
{
	put(writer, value_uint(value));
}

void virtual_put_int(struct virtual_writer *writer, int64_t value)
{
	put(writer, value_int(value));
}

void virtual_put_time(struct virtual_writer *writer, int64_t epoch_us)
{
	put(writer, relation_time(writer->session, epoch_us));
}

void virtual_put_exact_time(struct virtual_writer *writer, int64_t epoch_us)
{
	const struct time_zone *zone = writer->session->variables.time_zone;
	put(writer, (struct value){.kind = VALUE_DATETIME,
				   .decimals = 6,
				   .packed = epoch_us ? time_zone_to_local(zone, epoch_us) : 0});
}

void virtual_put_double(struct virtual_writer *writer, double value)
{
	put(writer, value_double(value));
}

void virtual_put_null(struct virtual_writer *writer)
{
	put(writer, value_null());
}

void virtual_put_nulls(struct virtual_writer *writer, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		virtual_put_null(writer);
}

void virtual_put_known(struct virtual_writer *writer, bool known, uint64_t value)
{
	put(writer, known ? value_uint(value) : value_null());
}

void virtual_put_yes(struct virtual_writer *writer, bool yes)
{
	virtual_put_text(writer, yes ? "YES" : "NO");
}

void virtual_row(struct virtual_writer *writer)
{
	assert(writer->next == writer->request->table->column_count);
	writer->next = 0;
	virtual_rows_add(writer->rows, writer->values);
}

const char *virtual_hint(const struct virtual_writer *writer, unsigned column)
{
	const struct value *equals = writer->request->equals ? writer->request->equals[column] : NULL;
	if (equals == NULL || equals->kind != VALUE_STRING)
		return NULL;
	struct bytes text = equals->string;
	while (text.size && text.data[text.size - 1] == ' ')
		text.size--;
	return arena_copy_text(writer->arena, (const char *)text.data, text.size);
}

bool virtual_wants(const struct virtual_writer *writer, unsigned first, unsigned last)
{
	for (unsigned i = first; i <= last; i++)
		if (writer->request->wanted == NULL || writer->request->wanted[i > 63 ? 63 : i])
			return true;
	return false;
}

int virtual_visit(struct virtual_writer *writer, unsigned database_column, unsigned name_column, relation_visitor *visit)
{
	return relation_visit(writer->session, virtual_hint(writer, database_column), virtual_hint(writer, name_column),
			      writer->arena, visit, writer);
}
