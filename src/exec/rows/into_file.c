/*
 * A query's rows go into a new file on the server, in the form that LOAD DATA reads (load_reader.h).
 *
 * Texts are those a client would see, in the columns' character sets unless the statement names one. Escaped are the
 * escape itself, what ends a line, the zero byte, and within an enclosure that, without one what ends a field.
 */
#include "exec/rows/into_file.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "exec/rows/load_reader.h"
#include "session/server_file.h"
#include "type/value_shown.h"

enum { write_size = 256 * 1024 };

struct output {
	struct statement *statement;
	const struct tree_query *query;
	struct load_format format;
	const struct charset *charset; /* NULL: each column's own */
	bool escaped[2][256];          /* bytes, in a field without and with an enclosure */
	int fd;
	struct buf gathered;
	struct buf converted;
};

static const char *name_of(const struct output *output)
{
	struct bytes file = output->query->into->file;
	return arena_copy_text(output->statement->arena, (const char *)file.data, file.size);
}

static int flush(struct output *output)
{
	struct buf *gathered = &output->gathered;
	for (size_t at = 0; at < gathered->size;) {
		ssize_t step = write(output->fd, gathered->data + at, gathered->size - at);
		if (step < 0 && errno == EINTR)
			continue;
		if (step < 0)
			return diag_set(output->statement->diag, EE_WRITE,
					name_of(output), errno, strerror(errno));
		at += (size_t)step;
	}
	buf_clear(gathered);
	return 0;
}

/* ---------------------------------------------------------------------------------------------------------- OUTFILE */

/* The first byte is enough: what does not begin ends nothing. */
static void note_escapes(struct output *output)
{
	const struct load_format *format = &output->format;
	if (format->escape < 0)
		return;
	for (unsigned i = 0; i < 2; i++) {
		output->escaped[i][0] = output->escaped[i][format->escape] = true;
		if (format->line_terminator.size)
			output->escaped[i][format->line_terminator.data[0]] = true;
	}
	if (format->field_terminator.size)
		output->escaped[false][format->field_terminator.data[0]] = true;
	if (format->enclosure >= 0)
		output->escaped[true][format->enclosure] = true;
}

static void put_escaped(struct output *output, struct bytes text, bool is_enclosed)
{
	const bool *escaped = output->escaped[is_enclosed];
	struct buf *out = &output->gathered;
	size_t start = 0;
	for (size_t i = 0; i < text.size; i++) {
		if (!escaped[text.data[i]])
			continue;
		buf_put(out, text.data + start, i - start);
		buf_put_u8(out, (uint8_t)output->format.escape);
		buf_put_u8(out, text.data[i] ? text.data[i] : '0');
		start = i + 1;
	}
	buf_put(out, text.data + start, text.size - start);
}

static struct bytes in_file_charset(struct output *output, const struct value *value, const struct column_type *type,
				    struct bytes text)
{
	const struct charset *from = value->kind == VALUE_STRING ? value->collation->charset : NULL;
	const struct charset *to = output->charset ? output->charset : type->collation ? type->collation->charset : NULL;
	if (from == NULL || to == NULL || from == to || from->id == CHARSET_BINARY || to->id == CHARSET_BINARY)
		return text;
	buf_clear(&output->converted);
	charset_convert(from, text, to, &output->converted);
	return buf_bytes(&output->converted);
}

static void put_null(struct output *output)
{
	if (output->format.escape < 0) {
		buf_put_string(&output->gathered, "NULL");
		return;
	}
	buf_put_u8(&output->gathered, (uint8_t)output->format.escape);
	buf_put_u8(&output->gathered, 'N');
}

static void put_field(struct output *output, const struct value *value, const struct column_type *type)
{
	const struct load_format *format = &output->format;
	char place[value_shown_max];
	enum value_class class = class_of_type(type);
	bool is_number = class == CLASS_INTEGER || class == CLASS_REAL || class == CLASS_DECIMAL;
	bool is_enclosed = format->enclosure >= 0 && !(format->optionally_enclosed && is_number);
	if (value->kind == VALUE_NULL) {
		put_null(output);
		return;
	}
	struct bytes text = in_file_charset(output, value, type, value_shown(value, type, place));
	if (is_enclosed)
		buf_put_u8(&output->gathered, (uint8_t)format->enclosure);
	put_escaped(output, text, is_enclosed);
	if (is_enclosed)
		buf_put_u8(&output->gathered, (uint8_t)format->enclosure);
}

static void put_line(struct output *output, const struct value *values)
{
	const struct tree_query *query = output->query;
	buf_put_bytes(&output->gathered, output->format.line_start);
	for (unsigned i = 0; i < query->column_count; i++) {
		if (i)
			buf_put_bytes(&output->gathered, output->format.field_terminator);
		put_field(output, &values[i], &query->columns[i].expr->type);
	}
	buf_put_bytes(&output->gathered, output->format.line_terminator);
}

/* --------------------------------------------------------------------------------------------------------- DUMPFILE */

/* Nothing but the bytes; a NULL is a zero byte, as in MySQL. */
static void put_bare(struct output *output, const struct value *values)
{
	char place[value_shown_max];
	for (unsigned i = 0; i < output->query->column_count; i++) {
		const struct column_type *type = &output->query->columns[i].expr->type;
		if (values[i].kind == VALUE_NULL)
			buf_put_u8(&output->gathered, 0);
		else
			buf_put_bytes(&output->gathered,
				      in_file_charset(output, &values[i], type, value_shown(&values[i], type, place)));
	}
}

/* ---------------------------------------------------------------------------------------------------- the statement */

static int write_rows(struct output *output, struct evaluation *evaluation, uint64_t *out_count)
{
	struct diag *diag = output->statement->diag;
	bool is_dump = output->query->into->kind == AST_INTO_DUMPFILE;
	enum evaluation_outcome outcome;
	*out_count = 0;
	while ((outcome = evaluation_step(evaluation, diag)) == EVALUATION_ROW) {
		if (is_dump && *out_count)
			return diag_set(diag, ER_TOO_MANY_ROWS);
		(is_dump ? put_bare : put_line)(output, evaluation_values(evaluation));
		(*out_count)++;
		if (output->gathered.size >= write_size && flush(output) != 0)
			return -1;
	}
	return outcome == EVALUATION_ERROR ? -1 : flush(output);
}

static int settle(struct output *output)
{
	struct statement *statement = output->statement;
	struct session *session = statement->session;
	const struct ast_into *into = output->query->into;
	if (!server_file_allowed(session))
		return diag_set(statement->diag, ER_ACCESS_DENIED_ERROR, session->user, session->host, "YES");
	if (into->kind == AST_INTO_OUTFILE && load_format_init(&output->format, &into->format, statement->diag) != 0)
		return -1;
	note_escapes(output);
	if (into->charset && (output->charset = charset_find(bytes_of_string(into->charset))) == NULL)
		return diag_set(statement->diag, ER_UNKNOWN_CHARACTER_SET, into->charset);
	if (output->charset && output->charset->id == CHARSET_BINARY) /* as the columns have it */
		output->charset = NULL;
	return server_file_create(session, into->file, &output->fd, statement->diag);
}

static void remove_file(struct output *output)
{
	struct diag diag = DIAG_INIT;
	char path[PATH_MAX];
	if (server_file_path(output->statement->session, output->query->into->file, path, &diag) == 0)
		unlink(path);
}

int into_file(struct statement *statement, const struct tree_query *query, struct evaluation *evaluation)
{
	struct output output = {.statement = statement, .query = query};
	uint64_t count;
	if (settle(&output) != 0)
		return -1;
	int status = write_rows(&output, evaluation, &count);
	close(output.fd);
	buf_deinit(&output.gathered);
	buf_deinit(&output.converted);
	if (status != 0) {
		remove_file(&output);
		return -1;
	}
	statement->session->found_rows = count;
	return statement_ok(statement, count, NULL);
}
