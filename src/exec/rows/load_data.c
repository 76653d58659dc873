/*
 * LOAD DATA: a file's lines become rows, one transaction's, through the row maker and the one door as INSERT's do.
 *
 * The file is the server's (FILE, secure_file_priv) or, with LOCAL, the client's, which sends it when asked. It is
 * read as it comes; no more than a line of it is in memory. What changes is logged as rows in every binlog_format.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "exec/rows/change_table.h"
#include "exec/rows/load_reader.h"
#include "session/server_file.h"

struct load {
	struct statement *statement;
	const struct ast_load_data *ast;
	struct environment environment;
	struct tree_load *tree;
	struct changed_table changed;
	struct expressions **assignments; /* one each: a later one reads what an earlier one gave; NULL: DEFAULT */
	const struct collation *collation; /* of the file's text */
	bool ignore;
	struct load_reader reader;
	bool is_reading;
	struct arena row_arena;           /* what a line's conversions need */
	/* the input */
	int fd;                           /* the server's file, or -1 */
	struct bytes chunk;               /* the client's, what is left of it */
	bool client_is_done;
	/* counts of the info message */
	uint64_t records, deleted, skipped, affected;
	uint64_t first_id;
};

/* ----------------------------------------------------------------------------------------------------- the input */

static int read_server_file(void *argument, uint8_t *at, size_t room, size_t *out_size, struct diag *diag)
{
	struct load *load = argument;
	ssize_t got;
	while ((got = read(load->fd, at, room)) < 0)
		if (errno != EINTR)
			return diag_set(diag, ER_ERROR_ON_READ, "", errno, strerror(errno));
	*out_size = (size_t)got;
	return 0;
}

static int next_chunk(struct load *load, struct diag *diag)
{
	struct result_sink *sink = load->statement->session->sink;
	if (load->client_is_done)
		return 0;
	int status = sink->read_file(sink, &load->chunk, diag);
	load->client_is_done = status < 0 || load->chunk.size == 0;
	return status;
}

static int read_client_file(void *argument, uint8_t *at, size_t room, size_t *out_size, struct diag *diag)
{
	struct load *load = argument;
	if (load->chunk.size == 0 && next_chunk(load, diag) != 0)
		return -1;
	*out_size = load->chunk.size < room ? load->chunk.size : room;
	if (*out_size)
		memcpy(at, load->chunk.data, *out_size);
	load->chunk = bytes_of(load->chunk.data + *out_size, load->chunk.size - *out_size);
	return 0;
}

/* The client sends all of its file, whatever became of the statement: it listens for no answer before. */
static void drain_client(struct load *load)
{
	struct diag diag = DIAG_INIT;
	while (load->ast->local && load->is_reading && !load->client_is_done)
		if (next_chunk(load, &diag) != 0)
			return;
}

static int request_client_file(struct load *load)
{
	struct statement *statement = load->statement;
	struct result_sink *sink = statement->session->sink;
	if (sink->request_file == NULL || !global_number(statement->session->server, "local_infile"))
		return diag_set(statement->diag, ER_CLIENT_LOCAL_FILES_DISABLED);
	return sink->request_file(sink,
				  arena_copy_text(statement->arena, (const char *)load->ast->file.data,
						  load->ast->file.size),
				  statement->diag);
}

static int open_input(struct load *load)
{
	struct statement *statement = load->statement;
	struct load_format format;
	off_t size;
	if (load_format_init(&format, &load->ast->format, statement->diag) != 0)
		return -1;
	if (load->ast->local ? request_client_file(load)
			     : server_file_open(statement->session, load->ast->file, &load->fd, &size, statement->diag))
		return -1;
	load_reader_init(&load->reader, &format, load->collation->charset, load->tree->field_count,
			 load->ast->local ? read_client_file : read_server_file, load);
	load->is_reading = true;
	return 0;
}

/* ------------------------------------------------------------------------------------------------------- one row */

static bool is_strict(const struct load *load)
{
	return session_is_strict(load->statement->session) && !load->ignore;
}

/* NULL for a column that takes none. */
static int set_null(struct load *load, unsigned position)
{
	struct row_maker *maker = &load->changed.maker;
	const struct column *column = &load->changed.table->columns[position];
	struct session *session = load->statement->session;
	struct value null = value_null();
	if (column->nullable || column->auto_increment || column->generated != GENERATED_NONE)
		return row_maker_set(maker, position, &null);
	if (column->type.kind == TYPE_TIMESTAMP && !session->variables.explicit_defaults_for_timestamp)
		return row_maker_set_now(maker, position);
	if (is_strict(load))
		return diag_set(load->statement->diag, ER_WARN_NULL_TO_NOTNULL, column->name,
				maker->convert.row_number);
	warnings_add(&session->warnings, WARNING_WARNING, ER_WARN_NULL_TO_NOTNULL, column->name,
		     maker->convert.row_number);
	row_maker_set_implicit_default(maker, position);
	return 0;
}

static int set_field(struct load *load, unsigned index)
{
	const struct tree_load_field *field = &load->tree->fields[index];
	bool is_null = load->reader.fields[index].is_null;
	struct value value = is_null ? value_null()
				     : value_string(load_reader_field(&load->reader, index), load->collation);
	if (field->column < 0) {
		user_variable_set(load->statement->session, bytes_of_string(field->variable), &value);
		return 0;
	}
	if (is_null)
		return set_null(load, (unsigned)field->column);
	return row_maker_set(&load->changed.maker, (unsigned)field->column, &value);
}

/* Of a column that the line did not come to; its default, without a word more if it has none. */
static void leave_field(struct load *load, unsigned index)
{
	const struct tree_load_field *field = &load->tree->fields[index];
	struct value null = value_null();
	if (field->column < 0) {
		user_variable_set(load->statement->session, bytes_of_string(field->variable), &null);
		return;
	}
	const struct column *column = &load->changed.table->columns[field->column];
	if (column->default_kind == DEFAULT_NONE && !column->nullable && !column->auto_increment &&
	    column->generated == GENERATED_NONE)
		row_maker_set_implicit_default(&load->changed.maker, (unsigned)field->column);
}

/* What is an error in strict mode and a warning else, with the row's number. */
static int complain(struct load *load, enum error_code code)
{
	unsigned long row = load->changed.maker.convert.row_number;
	if (is_strict(load))
		return diag_set(load->statement->diag, code, row);
	warnings_add(&load->statement->session->warnings, WARNING_WARNING, code, row);
	return 0;
}

static int set_fields(struct load *load)
{
	for (unsigned i = 0; i < load->reader.count; i++)
		if (set_field(load, i) != 0)
			return -1;
	for (unsigned i = load->reader.count; i < load->tree->field_count; i++) {
		if (complain(load, ER_WARN_TOO_FEW_RECORDS) != 0)
			return -1;
		leave_field(load, i);
	}
	return load->reader.has_more ? complain(load, ER_WARN_TOO_MANY_RECORDS) : 0;
}

static int assign(struct load *load)
{
	struct row_maker *maker = &load->changed.maker;
	for (unsigned i = 0; i < load->tree->assignment_count; i++) {
		unsigned column = load->tree->assignments[i].column;
		const struct value *value;
		if (load->assignments[i] == NULL) {
			if (row_maker_set_default(maker, column) != 0)
				return -1;
			continue;
		}
		struct expression_row row = {.source = load->tree->row, .fields = row_maker_fields(maker)};
		if (expressions_evaluate(load->assignments[i], &row, 1, &value, load->statement->diag) != 0 ||
		    row_maker_set(maker, column, value) != 0)
			return -1;
	}
	return 0;
}

static enum change_outcome insert(struct load *load)
{
	struct changed_table *changed = &load->changed;
	uint64_t replaced = 0;
	if (load->ast->duplicates != AST_LOAD_REPLACE)
		return change_insert(changed->context, buf_bytes(&changed->image), load->statement->diag);
	enum change_outcome outcome = changed_table_replace(changed, &replaced);
	load->deleted += replaced;
	load->affected += replaced;
	return outcome;
}

static int put_line(struct load *load)
{
	struct changed_table *changed = &load->changed;
	row_maker_begin(&changed->maker);
	if (set_fields(load) != 0 || assign(load) != 0 ||
	    row_maker_finish_insert(&changed->maker, &changed->image) != 0)
		return -1;
	uint64_t id = changed->maker.generated_id;
	enum change_verdict verdict = changed_table_judge(changed, insert(load), load->ignore);
	if (verdict == CHANGE_FAILED)
		return -1;
	load->records++;
	load->skipped += verdict == CHANGE_SKIPPED;
	load->affected += verdict == CHANGE_GOES_ON;
	if (verdict == CHANGE_GOES_ON && load->first_id == 0)
		load->first_id = id;
	changed->maker.convert.row_number++;
	arena_reset(&load->row_arena);
	return session_check_killed(load->statement->session, load->statement->diag);
}

static int put_lines(struct load *load)
{
	struct diag *diag = load->statement->diag;
	enum load_outcome outcome = LOAD_LINE;
	for (uint64_t i = 0; i < load->ast->ignored_lines && outcome == LOAD_LINE; i++)
		outcome = load_reader_skip(&load->reader, diag);
	while (outcome == LOAD_LINE && (outcome = load_reader_next(&load->reader, diag)) == LOAD_LINE)
		if (put_line(load) != 0)
			return -1;
	return outcome == LOAD_FAILED ? -1 : 0;
}

/* ------------------------------------------------------------------------------------------------- the statement */

static int settle_charset(struct load *load)
{
	struct session *session = load->statement->session;
	const struct charset *charset = session->variables.collation_database->charset;
	const char *name = load->ast->charset;
	if (name && (charset = charset_find(bytes_of_string(name))) == NULL)
		return diag_set(load->statement->diag, ER_UNKNOWN_CHARACTER_SET, name);
	if (charset->id == CHARSET_UCS2 || charset->id == CHARSET_UTF16 || charset->id == CHARSET_UTF32)
		return diag_set(load->statement->diag, ER_NOT_SUPPORTED_YET, "LOAD DATA in UCS2, UTF16 or UTF32");
	load->collation = charset->default_collation;
	return 0;
}

static int check_statement(struct load *load)
{
	struct statement *statement = load->statement;
	struct session *session = statement->session;
	if (load->ast->xml || load->ast->partitions.count)
		return diag_set(statement->diag, ER_NOT_SUPPORTED_YET, load->ast->xml ? "LOAD XML" : "PARTITION");
	if (!load->ast->local && !server_file_allowed(session))
		return diag_set(statement->diag, ER_ACCESS_DENIED_ERROR, session->user, session->host,
				"YES");
	return settle_charset(load);
}

/* Lines give their variables texts, and expressions are resolved before the first line is read. */
static void prepare_variables(struct load *load)
{
	struct value empty = value_string(bytes_of("", 0), load->collation);
	for (size_t i = 0; i < load->ast->targets.count; i++)
		if (load->ast->targets.items[i]->kind == AST_USER_VARIABLE)
			user_variable_set(load->statement->session,
					  bytes_of_string(load->ast->targets.items[i]->variable.name), &empty);
}

static int open_assignments(struct load *load)
{
	struct statement *statement = load->statement;
	unsigned count = load->tree->assignment_count;
	load->assignments = arena_array(statement->arena, struct expressions *, count + 1);
	for (unsigned i = 0; i < count; i++) {
		struct tree_expr *value = load->tree->assignments[i].value;
		if (value->kind != TREE_DEFAULT &&
		    expressions_open(statement->session, &value, 1, statement->parameters,
				     statement->parameter_count, &load->assignments[i], statement->diag) != 0)
			return -1;
	}
	return 0;
}

static int run(struct load *load)
{
	struct statement *statement = load->statement;
	struct environment *environment = &load->environment;
	if (check_statement(load) != 0)
		return -1;
	prepare_variables(load);
	if (resolve_load_data(&environment->resolve, load->ast, &load->tree, statement->diag) != 0 ||
	    changed_table_open(&load->changed, environment, load->tree->target->table, load->ignore) != 0)
		return -1;
	load->changed.maker.convert.arena = &load->row_arena;
	if (open_assignments(load) != 0 || open_input(load) != 0)
		return -1;
	return put_lines(load);
}

static void close_all(struct load *load)
{
	drain_client(load);
	for (unsigned i = 0; load->assignments && i < load->tree->assignment_count; i++)
		if (load->assignments[i])
			expressions_close(&load->assignments[i]);
	if (load->is_reading)
		load_reader_deinit(&load->reader);
	if (load->fd >= 0)
		close(load->fd);
	changed_table_close(&load->changed);
	environment_deinit(&load->environment);
	arena_deinit(&load->row_arena);
}

static int finish(struct load *load)
{
	struct session *session = load->statement->session;
	char info[160];
	if (load->first_id)
		session->last_insert_id = load->first_id;
	session->statement_insert_id = load->first_id;
	snprintf(info, sizeof info, "Records: %llu  Deleted: %llu  Skipped: %llu  Warnings: %zu",
		 (unsigned long long)load->records, (unsigned long long)load->deleted,
		 (unsigned long long)load->skipped, session->warnings.total);
	return statement_ok(load->statement, load->affected, info);
}

int exec_load_data(struct statement *statement)
{
	const struct ast_load_data *ast = statement->ast->load_data;
	struct load load = {.statement = statement, .ast = ast, .fd = -1};
	bool replaces = ast->duplicates == AST_LOAD_REPLACE;
	/* A client cannot be stopped in the middle of its file, so what is wrong with a line is passed over. */
	load.ignore = ast->duplicates == AST_LOAD_IGNORE || (ast->local && !replaces);
	arena_init(&load.row_arena);
	environment_init(&load.environment, statement, MDL_SHARED_WRITE);
	load.environment.target_privileges = PRIVILEGE(INSERT) | (replaces ? PRIVILEGE(DELETE) : 0);
	load.environment.written_privileges = PRIVILEGE(INSERT);
	int status = run(&load);
	close_all(&load);
	return status == 0 ? finish(&load) : -1;
}
