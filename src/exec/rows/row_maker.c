#include "exec/rows/row_maker.h"

#include "base/memory.h"
#include "sql/parse/parse.h"
#include "type/row.h"
#include "type/sql_mode.h"

/* ------------------------------------------------------------------ stored expressions */

static int resolve_stored(struct row_maker *maker, const char *text, enum row_expression kind, const char *owner,
			  struct tree_expr **out)
{
	struct statement *statement = maker->statement;
	/* Stored texts are printed by us: the default sql_mode reads them, whatever the session's is. */
	struct parse_input input = {.text = text, .size = strlen(text)};
	struct ast_expr *ast;
	if (parse_expression(&input, statement->arena, &ast, statement->diag) != 0)
		return -1;
	struct resolve_environment environment = *maker->environment;
	environment.text = bytes_of_string(text);
	environment.parameters = NULL;
	environment.parameter_count = 0;
	environment.liftables = NULL;
	return resolve_row_expression(&environment, ast, maker->table, kind, owner, &maker->source, out,
				      statement->diag);
}

static int open_defaults(struct row_maker *maker)
{
	const struct table *table = maker->table;
	struct statement *statement = maker->statement;
	struct tree_expr **exprs = arena_array(statement->arena, struct tree_expr *, table->column_count);
	maker->default_columns = arena_array(statement->arena, unsigned, table->column_count);
	for (unsigned i = 0; i < table->column_count; i++) {
		if (table->columns[i].default_kind != DEFAULT_EXPRESSION)
			continue;
		if (resolve_stored(maker, table->columns[i].default_text, ROW_DEFAULT,
				   table->columns[i].name, &exprs[maker->default_count]) != 0)
			return -1;
		maker->default_columns[maker->default_count++] = i;
	}
	if (maker->default_count == 0)
		return 0;
	return expressions_open(statement->session, exprs, maker->default_count, NULL, 0, &maker->defaults,
				statement->diag);
}

static int open_generated(struct row_maker *maker)
{
	const struct table *table = maker->table;
	struct statement *statement = maker->statement;
	struct tree_expr **exprs = arena_array(statement->arena, struct tree_expr *, table->column_count);
	maker->generated_columns = arena_array(statement->arena, unsigned, table->column_count);
	for (unsigned i = 0; i < table->column_count; i++) {
		if (table->columns[i].generated == GENERATED_NONE)
			continue;
		if (resolve_stored(maker, table->columns[i].generated_expression, ROW_GENERATED,
				   table->columns[i].name, &exprs[maker->generated_count]) != 0)
			return -1;
		maker->generated_columns[maker->generated_count++] = i;
	}
	if (maker->generated_count == 0)
		return 0;
	return expressions_open(statement->session, exprs, maker->generated_count, NULL, 0, &maker->generated,
				statement->diag);
}

static int open_checks(struct row_maker *maker)
{
	const struct table *table = maker->table;
	struct statement *statement = maker->statement;
	struct tree_expr **exprs = arena_array(statement->arena, struct tree_expr *, table->check_count + 1);
	for (unsigned i = 0; i < table->check_count; i++)
		if (resolve_stored(maker, table->checks[i].expression, ROW_CHECK, table->checks[i].name, &exprs[i]) != 0)
			return -1;
	maker->check_count = table->check_count;
	if (maker->check_count == 0)
		return 0;
	return expressions_open(statement->session, exprs, maker->check_count, NULL, 0, &maker->checks,
				statement->diag);
}

int row_maker_init(struct row_maker *maker, struct statement *statement, struct table *table,
		   struct resolve_environment *environment, bool ignore)
{
	*maker = (struct row_maker){.statement = statement, .table = table, .ignore = ignore,
				    .environment = environment};
	session_convert_context(statement->session, &maker->convert);
	maker->convert.ignore = ignore;
	maker->lenient_nulls = ignore;
	maker->fields = arena_array(statement->arena, struct row_field, table->column_count);
	maker->field_bytes = arena_array(statement->arena, struct bytes, table->column_count);
	buf_init(&maker->storage);
	if (open_defaults(maker) != 0 || open_generated(maker) != 0 || open_checks(maker) != 0) {
		row_maker_deinit(maker);
		return -1;
	}
	return 0;
}

void row_maker_deinit(struct row_maker *maker)
{
	if (maker->defaults)
		expressions_close(&maker->defaults);
	if (maker->generated)
		expressions_close(&maker->generated);
	if (maker->checks)
		expressions_close(&maker->checks);
	buf_deinit(&maker->storage);
}

/* ------------------------------------------------------------------ fields */

void row_maker_begin(struct row_maker *maker)
{
	buf_clear(&maker->storage);
	memset(maker->fields, 0, sizeof *maker->fields * maker->table->column_count);
	maker->generated_id = 0;
	maker->is_new = true;
}

int row_maker_load(struct row_maker *maker, struct bytes image)
{
	const struct table *table = maker->table;
	row_maker_begin(maker);
	maker->is_new = false;
	if (row_split(image, table->types, table->column_count, maker->field_bytes, maker->statement->diag) != 0)
		return -1;
	for (unsigned i = 0; i < table->column_count; i++) {
		struct row_field *field = &maker->fields[i];
		struct bytes bytes = maker->field_bytes[i];
		*field = (struct row_field){bytes.data ? ROW_FIELD_SET : ROW_FIELD_NULL, false, maker->storage.size,
					    bytes.size};
		buf_put_bytes(&maker->storage, bytes);
	}
	return 0;
}

const struct bytes *row_maker_fields(struct row_maker *maker)
{
	for (unsigned i = 0; i < maker->table->column_count; i++) {
		const struct row_field *field = &maker->fields[i];
		maker->field_bytes[i] = field->state == ROW_FIELD_SET
						? bytes_of(maker->storage.data + field->at, field->size)
						: bytes_of(NULL, 0);
	}
	return maker->field_bytes;
}

static void put_packed(struct row_maker *maker, unsigned column, struct bytes packed)
{
	struct row_field *field = &maker->fields[column];
	field->state = ROW_FIELD_SET;
	field->at = maker->storage.size;
	field->size = packed.size;
	buf_put_bytes(&maker->storage, packed);
}

static int convert(struct row_maker *maker, unsigned column, const struct value *value)
{
	const struct column *definition = &maker->table->columns[column];
	struct row_field *field = &maker->fields[column];
	size_t at = maker->storage.size;
	const char *name = definition->name;
	if (definition->type.kind == TYPE_JSON) /* MySQL names JSON columns with their table */
		name = arena_printf(maker->statement->arena, "%s.%s", maker->table->name, name);
	if (convert_to_packed(value, &definition->type, name, &maker->convert, &maker->storage,
			      maker->statement->diag) != 0)
		return -1;
	field->state = ROW_FIELD_SET;
	field->at = at;
	field->size = maker->storage.size - at;
	return 0;
}

void row_maker_set_implicit_default(struct row_maker *maker, unsigned column)
{
	struct row_field *field = &maker->fields[column];
	field->state = ROW_FIELD_SET;
	field->at = maker->storage.size;
	convert_put_implicit_default(&maker->table->columns[column].type, &maker->storage);
	field->size = maker->storage.size - field->at;
}

int row_maker_set_now(struct row_maker *maker, unsigned column)
{
	struct session *session = maker->statement->session;
	const struct column *definition = &maker->table->columns[column];
	int64_t local = time_zone_to_local(session->variables.time_zone, session->statement_time_us);
	int64_t fraction = session->statement_time_us % 1000000, unit = 1;
	/* NOW(n) cuts what it does not show; rounding would be in the future. */
	for (unsigned i = definition->type.decimals; i < 6; i++)
		unit *= 10;
	local -= fraction % unit;
	struct value now = {.kind = VALUE_DATETIME, .decimals = definition->type.decimals, .packed = local};
	return convert(maker, column, &now);
}

static int put_null(struct row_maker *maker, unsigned column)
{
	const struct column *definition = &maker->table->columns[column];
	struct session *session = maker->statement->session;
	if (definition->nullable || (definition->auto_increment && maker->is_new)) {
		maker->fields[column].state = ROW_FIELD_NULL;
		return 0;
	}
	/* Before 8.0.2's default a NULL TIMESTAMP meant now. */
	if (definition->type.kind == TYPE_TIMESTAMP && !session->variables.explicit_defaults_for_timestamp)
		return row_maker_set_now(maker, column);
	if (maker->lenient_nulls) {
		warnings_add(&session->warnings, WARNING_WARNING, ER_BAD_NULL_ERROR, definition->name);
		row_maker_set_implicit_default(maker, column);
		return 0;
	}
	return diag_set(maker->statement->diag, ER_BAD_NULL_ERROR, definition->name);
}

int row_maker_set(struct row_maker *maker, unsigned column, const struct value *value)
{
	const struct column *definition = &maker->table->columns[column];
	if (definition->generated != GENERATED_NONE)
		return diag_set(maker->statement->diag, ER_NON_DEFAULT_VALUE_FOR_GENERATED_COLUMN, definition->name,
				maker->table->name);
	maker->fields[column].assigned = true;
	if (value->kind == VALUE_NULL)
		return put_null(maker, column);
	return convert(maker, column, value);
}

/* ------------------------------------------------------------------ defaults */

static int evaluate_into(struct row_maker *maker, struct expressions *expressions, const unsigned *columns,
			 unsigned count, bool only_unset)
{
	struct expression_row row = {.source = maker->source, .fields = row_maker_fields(maker)};
	const struct value *values;
	if (expressions_evaluate(expressions, &row, 1, &values, maker->statement->diag) != 0)
		return -1;
	for (unsigned i = 0; i < count; i++) {
		unsigned column = columns[i];
		if (only_unset && maker->fields[column].state != ROW_FIELD_UNSET)
			continue;
		int status = values[i].kind == VALUE_NULL ? put_null(maker, column)
							  : convert(maker, column, &values[i]);
		if (status != 0)
			return -1;
	}
	return 0;
}

static int lacks_default(struct row_maker *maker, unsigned column)
{
	const struct column *definition = &maker->table->columns[column];
	struct session *session = maker->statement->session;
	bool is_enum = definition->type.kind == TYPE_ENUM; /* its first value is a default that MySQL does not mind */
	if (!is_enum && session_is_strict(session) && !maker->ignore)
		return diag_set(maker->statement->diag, ER_NO_DEFAULT_FOR_FIELD, definition->name);
	if (!is_enum)
		warnings_add(&session->warnings, WARNING_WARNING, ER_NO_DEFAULT_FOR_FIELD, definition->name);
	row_maker_set_implicit_default(maker, column);
	return 0;
}

static int evaluate_one_default(struct row_maker *maker, unsigned column)
{
	for (unsigned i = 0; i < maker->default_count; i++) {
		if (maker->default_columns[i] != column)
			continue;
		struct expression_row row = {.source = maker->source, .fields = row_maker_fields(maker)};
		const struct value *values;
		if (expressions_evaluate(maker->defaults, &row, 1, &values, maker->statement->diag) != 0)
			return -1;
		return values[i].kind == VALUE_NULL ? put_null(maker, column) : convert(maker, column, &values[i]);
	}
	return lacks_default(maker, column);
}

int row_maker_set_default(struct row_maker *maker, unsigned column)
{
	const struct column *definition = &maker->table->columns[column];
	if (definition->generated != GENERATED_NONE || definition->auto_increment) {
		maker->fields[column].state = ROW_FIELD_UNSET;
		return 0;
	}
	maker->fields[column].assigned = true;
	switch (definition->default_kind) {
	case DEFAULT_VALUE:
		put_packed(maker, column, definition->default_field);
		return 0;
	case DEFAULT_NULL:
		maker->fields[column].state = ROW_FIELD_NULL;
		return 0;
	case DEFAULT_NOW:
		return row_maker_set_now(maker, column);
	case DEFAULT_EXPRESSION:
		return evaluate_one_default(maker, column);
	default:
		if (!definition->nullable)
			return lacks_default(maker, column);
		maker->fields[column].state = ROW_FIELD_NULL;
		return 0;
	}
}

static void note_given(struct row_maker *maker)
{
	for (unsigned i = 0; maker->given && i < maker->table->column_count; i++) {
		uint8_t bit = (uint8_t)(1u << i % 8), *byte = &maker->given[i / 8];
		*byte = (uint8_t)(maker->fields[i].assigned ? *byte | bit : *byte & ~bit);
	}
}

static int fill_unset(struct row_maker *maker)
{
	const struct table *table = maker->table;
	note_given(maker); /* what comes now is assigned by nobody */
	/* Plain defaults first: expressions may read them. */
	for (unsigned i = 0; i < table->column_count; i++) {
		const struct column *column = &table->columns[i];
		if (maker->fields[i].state == ROW_FIELD_UNSET && column->default_kind != DEFAULT_EXPRESSION &&
		    !column->auto_increment && column->generated == GENERATED_NONE &&
		    row_maker_set_default(maker, i) != 0)
			return -1;
	}
	if (maker->default_count == 0)
		return 0;
	return evaluate_into(maker, maker->defaults, maker->default_columns, maker->default_count, true);
}

/* ------------------------------------------------------------------ AUTO_INCREMENT */

static bool is_zero(struct bytes field)
{
	for (size_t i = 0; i < field.size; i++)
		if (field.data[i])
			return false;
	return true;
}

/* NULL and nothing ask for a value, and so does 0 but under NO_AUTO_VALUE_ON_ZERO. */
static bool wants_generated(struct row_maker *maker, const struct row_field *field)
{
	if (field->state != ROW_FIELD_SET)
		return true;
	if (maker->convert.sql_mode & SQL_MODE_NO_AUTO_VALUE_ON_ZERO)
		return false;
	return is_zero(bytes_of(maker->storage.data + field->at, field->size));
}

static uint64_t series_after(const struct row_maker *maker, uint64_t value)
{
	const struct session_variables *variables = &maker->statement->session->variables;
	return auto_increment_after(value, variables->auto_increment_increment, variables->auto_increment_offset);
}

static int reserve_ids(struct row_maker *maker, uint64_t count, uint64_t *out_first)
{
	struct session *session = maker->statement->session;
	return auto_increment_reserve(session->server->catalog, session->server->store, maker->table,
				      session->variables.auto_increment_increment,
				      session->variables.auto_increment_offset, count, out_first,
				      maker->statement->diag);
}

static int make_id(struct row_maker *maker, uint64_t *out)
{
	struct session *session = maker->statement->session;
	if (session->variables.insert_id) {
		maker->series_next = session->variables.insert_id;
		session->variables.insert_id = 0; /* it is for one statement */
	}
	if (maker->series_next == 0 && maker->series_count == 0)
		return reserve_ids(maker, 1, out);
	if (maker->series_next == 0 && reserve_ids(maker, maker->series_count, &maker->series_next) != 0)
		return -1;
	*out = maker->series_next;
	maker->series_next = series_after(maker, *out);
	auto_increment_observe(maker->table, *out);
	return 0;
}

/* A series that has begun goes on behind a larger value that a row brings. */
static int follow_given_id(struct row_maker *maker, const struct column *column, struct bytes field)
{
	struct value value;
	if (maker->series_next == 0)
		return 0;
	if (convert_from_packed(&column->type, field, maker->convert.zone, maker->statement->arena, &value,
				maker->statement->diag) != 0)
		return -1;
	uint64_t id = (uint64_t)value_to_int(&value);
	bool is_negative = value.kind == VALUE_INT && value.integer < 0;
	if (!is_negative && id >= maker->series_next)
		maker->series_next = series_after(maker, id);
	return 0;
}

static int fill_auto_increment(struct row_maker *maker)
{
	const struct table *table = maker->table;
	uint64_t id;
	if (table->auto_increment_column < 0)
		return 0;
	unsigned column = (unsigned)table->auto_increment_column;
	const struct row_field *field = &maker->fields[column];
	if (!wants_generated(maker, field))
		return follow_given_id(maker, &table->columns[column],
				       bytes_of(maker->storage.data + field->at, field->size));
	if (make_id(maker, &id) != 0)
		return -1;
	struct value value = value_uint(id);
	maker->generated_id = id;
	return convert(maker, column, &value);
}

uint64_t row_maker_id(const struct row_maker *maker)
{
	const struct table *table = maker->table;
	if (table->auto_increment_column < 0)
		return 0;
	unsigned column = (unsigned)table->auto_increment_column;
	const struct row_field *field = &maker->fields[column];
	struct value value;
	if (field->state != ROW_FIELD_SET ||
	    convert_from_packed(&table->columns[column].type, bytes_of(maker->storage.data + field->at, field->size),
				maker->convert.zone, maker->statement->arena, &value, maker->statement->diag) != 0)
		return 0;
	return (uint64_t)value_to_int(&value);
}

/* ------------------------------------------------------------------ the image */

static int fill_generated(struct row_maker *maker)
{
	if (maker->generated_count == 0)
		return 0;
	/* One after the other: a generated column may read an earlier one. */
	for (unsigned i = 0; i < maker->generated_count; i++)
		maker->fields[maker->generated_columns[i]].state = ROW_FIELD_NULL;
	for (unsigned i = 0; i < maker->generated_count; i++) {
		struct expression_row row = {.source = maker->source, .fields = row_maker_fields(maker)};
		const struct value *values;
		if (expressions_evaluate(maker->generated, &row, 1, &values, maker->statement->diag) != 0)
			return -1;
		unsigned column = maker->generated_columns[i];
		int status = values[i].kind == VALUE_NULL ? put_null(maker, column)
							  : convert(maker, column, &values[i]);
		if (status != 0)
			return -1;
	}
	return 0;
}

static void build(struct row_maker *maker, struct buf *out_image)
{
	struct row_builder builder;
	buf_clear(out_image);
	row_builder_begin(&builder, out_image, maker->table->column_count);
	for (unsigned i = 0; i < maker->table->column_count; i++) {
		const struct row_field *field = &maker->fields[i];
		if (field->state == ROW_FIELD_SET)
			row_builder_field(&builder, bytes_of(maker->storage.data + field->at, field->size));
		else
			row_builder_null(&builder);
	}
}

int row_maker_finish_insert(struct row_maker *maker, struct buf *out_image)
{
	if (fill_unset(maker) != 0 || fill_auto_increment(maker) != 0 || fill_generated(maker) != 0)
		return -1;
	build(maker, out_image);
	return 0;
}

/* Columns that say ON UPDATE CURRENT_TIMESTAMP follow a change of any other column, unless they were assigned. */
static int follow_update(struct row_maker *maker)
{
	for (unsigned i = 0; i < maker->table->column_count; i++)
		if (maker->table->columns[i].on_update_now && !maker->fields[i].assigned &&
		    row_maker_set_now(maker, i) != 0)
			return -1;
	return 0;
}

int row_maker_finish_update(struct row_maker *maker, struct bytes before, struct buf *out_image)
{
	const struct table *table = maker->table;
	/* Numbers are made for new rows only. */
	int numbered = table->auto_increment_column;
	if (numbered >= 0 && maker->fields[numbered].state == ROW_FIELD_UNSET)
		row_maker_set_implicit_default(maker, (unsigned)numbered);
	note_given(maker);
	if (fill_generated(maker) != 0)
		return -1;
	build(maker, out_image);
	if (bytes_equal(buf_bytes(out_image), before))
		return 0;
	if (follow_update(maker) != 0 || fill_generated(maker) != 0)
		return -1;
	build(maker, out_image);
	return 0;
}

int row_maker_check(void *argument, const struct table *table, unsigned check_index, struct bytes image,
		    struct diag *diag)
{
	struct row_maker *maker = argument;
	const struct value *values;
	if (row_split(image, table->types, table->column_count, maker->field_bytes, diag) != 0)
		return -1;
	struct expression_row row = {.source = maker->source, .fields = maker->field_bytes};
	if (expressions_evaluate(maker->checks, &row, 1, &values, diag) != 0)
		return -1;
	const struct value *value = &values[check_index];
	return value->kind == VALUE_NULL || value_to_int(value) != 0;
}
