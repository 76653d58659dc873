#include "exec/rows/load_reader.h"

#include <string.h>

#include "base/memory.h"

enum { buffer_size_min = 256 * 1024 };

/* ---------------------------------------------------------------------------------------------------- the format */

static struct bytes text_or(struct bytes text, const char *otherwise)
{
	return text.data ? text : bytes_of_string(otherwise);
}

static int one_byte(struct bytes text, int *out, struct diag *diag)
{
	if (text.size > 1)
		return diag_set(diag, ER_WRONG_FIELD_TERMINATORS);
	*out = text.size ? text.data[0] : -1;
	return 0;
}

int load_format_init(struct load_format *format, const struct ast_file_format *ast, struct diag *diag)
{
	*format = (struct load_format){
		.field_terminator = text_or(ast->field_terminator, "\t"),
		.line_terminator = text_or(ast->line_terminator, "\n"),
		.line_start = text_or(ast->line_start, ""),
		.optionally_enclosed = ast->optionally_enclosed,
	};
	if (one_byte(text_or(ast->field_enclosure, ""), &format->enclosure, diag) != 0 ||
	    one_byte(text_or(ast->field_escape, "\\"), &format->escape, diag) != 0)
		return -1;
	if (format->field_terminator.size == 0 && format->enclosure < 0)
		return diag_set(diag, ER_NOT_SUPPORTED_YET, "fields of fixed size (FIELDS TERMINATED BY '')");
	return 0;
}

void load_reader_init(struct load_reader *reader, const struct load_format *format, const struct charset *charset,
		      unsigned wanted, load_source *source, void *argument)
{
	*reader = (struct load_reader){.format = *format, .charset = charset, .source = source, .argument = argument,
				       .wanted = wanted};
	/* What ends fields cannot end lines as well: then a line is as many fields as are wanted. */
	if (bytes_equal(format->field_terminator, format->line_terminator))
		reader->format.line_terminator = bytes_of("", 0);
	format = &reader->format;
	reader->fields = memory_zalloc(wanted * sizeof *reader->fields);
	reader->capacity = buffer_size_min;
	reader->buffer = memory_alloc(reader->capacity);
	if (format->escape >= 0)
		reader->special[format->escape] = true;
	if (format->enclosure >= 0)
		reader->special[format->enclosure] = true;
	if (format->field_terminator.size)
		reader->special[format->field_terminator.data[0]] = true;
	if (format->line_terminator.size)
		reader->special[format->line_terminator.data[0]] = true;
	/* Of its two bytes the second may look like a backslash. */
	for (unsigned byte = 0x81; charset->id == CHARSET_GBK && byte < 0xff; byte++)
		reader->special[byte] = true;
}

void load_reader_deinit(struct load_reader *reader)
{
	memory_free(reader->fields);
	memory_free(reader->buffer);
}

struct bytes load_reader_field(const struct load_reader *reader, unsigned index)
{
	const struct load_field *field = &reader->fields[index];
	return bytes_of(reader->buffer + reader->line_at + field->at, field->size);
}

/* ---------------------------------------------------------------------------------------------------- the buffer */

/* The line, and what was not looked at, go to the buffer's front; or the buffer grows. */
static int make_room(struct load_reader *reader, struct diag *diag)
{
	if (reader->line_at > reader->capacity / 2) {
		size_t gap = reader->line_at;
		memmove(reader->buffer, reader->buffer + gap, reader->size - gap);
		reader->size -= gap;
		reader->to -= gap;
		reader->at -= gap;
		reader->line_at = 0;
	}
	if (reader->size < reader->capacity)
		return 0;
	if (reader->capacity >= load_line_max)
		return diag_set_message(diag, ER_TOO_BIG_ROWSIZE, "A line of the file is longer than %d bytes",
					load_line_max);
	reader->capacity *= 2;
	reader->buffer = memory_realloc(reader->buffer, reader->capacity);
	return 0;
}

/* At least count bytes that were not looked at. LOAD_END: there are fewer. */
static enum load_outcome want(struct load_reader *reader, size_t count, struct diag *diag)
{
	while (reader->size - reader->at < count) {
		size_t got;
		if (reader->at_end)
			return LOAD_END;
		if (make_room(reader, diag) != 0 ||
		    reader->source(reader->argument, reader->buffer + reader->size, reader->capacity - reader->size,
				   &got, diag) != 0)
			return LOAD_FAILED;
		reader->size += got;
		reader->at_end = got == 0;
	}
	return LOAD_LINE;
}

/* Does that text stand `offset` bytes ahead? */
static enum load_outcome is_ahead(struct load_reader *reader, size_t offset, struct bytes text, bool *out,
				  struct diag *diag)
{
	*out = false;
	if (text.size == 0)
		return LOAD_LINE;
	enum load_outcome outcome = want(reader, offset + text.size, diag);
	if (outcome == LOAD_LINE)
		*out = memcmp(reader->buffer + reader->at + offset, text.data, text.size) == 0;
	return outcome == LOAD_FAILED ? LOAD_FAILED : LOAD_LINE;
}

/* ------------------------------------------------------------------------------------------------------ one field */

enum field_end { ENDS_FIELD, ENDS_LINE, ENDS_INPUT, ENDS_BADLY, ENDS_NOT };

static void keep(struct load_reader *reader, uint8_t byte)
{
	reader->buffer[reader->to++] = byte;
}

static void keep_run(struct load_reader *reader)
{
	size_t start = reader->at;
	const bool *special = reader->special;
	while (reader->at < reader->size && !special[reader->buffer[reader->at]])
		reader->at++;
	if (reader->to != start)
		memmove(reader->buffer + reader->to, reader->buffer + start, reader->at - start);
	reader->to += reader->at - start;
}

static uint8_t unescape(uint8_t byte, bool *out_is_null)
{
	switch (byte) {
	case '0': return 0;
	case 'b': return '\b';
	case 'n': return '\n';
	case 'r': return '\r';
	case 't': return '\t';
	case 'Z': return 26;
	case 'N': *out_is_null = true; return byte;
	default: return byte;
	}
}

/* At the escape. ENDS_NOT with nothing taken: it is the enclosure as well, and here it is that. */
static enum field_end take_escape(struct load_reader *reader, bool *out_taken, bool *out_is_null, struct diag *diag)
{
	const struct load_format *format = &reader->format;
	enum load_outcome outcome = want(reader, 2, diag);
	*out_taken = true;
	if (outcome == LOAD_FAILED)
		return ENDS_BADLY;
	if (outcome == LOAD_END) {
		keep(reader, reader->buffer[reader->at++]);
		return ENDS_INPUT;
	}
	uint8_t next = reader->buffer[reader->at + 1];
	if (format->escape == format->enclosure && next != format->escape) {
		*out_taken = false;
		return ENDS_NOT;
	}
	keep(reader, format->escape == format->enclosure ? next : unescape(next, out_is_null));
	reader->at += 2;
	return ENDS_NOT;
}

/* At an enclosure within one. */
static enum field_end take_enclosure(struct load_reader *reader, struct diag *diag)
{
	const struct load_format *format = &reader->format;
	bool is_line, is_field;
	enum load_outcome outcome = want(reader, 2, diag);
	if (outcome == LOAD_FAILED)
		return ENDS_BADLY;
	if (outcome == LOAD_END) {
		reader->at++;
		return ENDS_INPUT;
	}
	if (reader->buffer[reader->at + 1] == format->enclosure) {
		keep(reader, (uint8_t)format->enclosure);
		reader->at += 2;
		return ENDS_NOT;
	}
	if (is_ahead(reader, 1, format->line_terminator, &is_line, diag) == LOAD_FAILED ||
	    is_ahead(reader, 1, format->field_terminator, &is_field, diag) == LOAD_FAILED)
		return ENDS_BADLY;
	reader->at++;
	if (is_line || is_field) {
		reader->at += is_line ? format->line_terminator.size : format->field_terminator.size;
		return is_line ? ENDS_LINE : ENDS_FIELD;
	}
	keep(reader, (uint8_t)format->enclosure);
	return ENDS_NOT;
}

/* At a special byte outside of an enclosure: a terminator's first, or nothing. */
static enum field_end take_terminator(struct load_reader *reader, struct diag *diag)
{
	const struct load_format *format = &reader->format;
	bool is_line, is_field;
	if (is_ahead(reader, 0, format->line_terminator, &is_line, diag) == LOAD_FAILED ||
	    is_ahead(reader, 0, format->field_terminator, &is_field, diag) == LOAD_FAILED)
		return ENDS_BADLY;
	if (!is_line && !is_field)
		return ENDS_NOT;
	reader->at += is_line ? format->line_terminator.size : format->field_terminator.size;
	return is_line ? ENDS_LINE : ENDS_FIELD;
}

static bool is_lead(const struct load_reader *reader, uint8_t byte)
{
	return reader->charset->id == CHARSET_GBK && byte > 0x80 && byte < 0xff;
}

static enum field_end take_special(struct load_reader *reader, bool is_enclosed, bool *out_is_closed,
				   bool *out_is_null, struct diag *diag)
{
	const struct load_format *format = &reader->format;
	uint8_t byte = reader->buffer[reader->at];
	bool taken = false;
	if (byte == format->escape) {
		enum field_end end = take_escape(reader, &taken, out_is_null, diag);
		if (taken || end == ENDS_BADLY)
			return end;
	}
	if (is_enclosed && byte == format->enclosure) {
		enum field_end end = take_enclosure(reader, diag);
		*out_is_closed = end != ENDS_NOT;
		return end;
	}
	enum field_end end = is_enclosed ? ENDS_NOT : take_terminator(reader, diag);
	if (end != ENDS_NOT)
		return end;
	enum load_outcome pair = is_lead(reader, byte) ? want(reader, 2, diag) : LOAD_END;
	if (pair == LOAD_FAILED)
		return ENDS_BADLY;
	keep(reader, reader->buffer[reader->at++]);
	if (pair == LOAD_LINE)
		keep(reader, reader->buffer[reader->at++]);
	return ENDS_NOT;
}

static bool is_null_word(const struct load_reader *reader, size_t at, size_t size)
{
	return reader->format.enclosure >= 0 && size == 4 && memcmp(reader->buffer + at, "NULL", 4) == 0;
}

/* With a byte of it in the buffer. ENDS_INPUT: whatever stood there until the input's end is the field. */
static enum field_end read_field(struct load_reader *reader, struct load_field *field, struct diag *diag)
{
	const struct load_format *format = &reader->format;
	bool saw_null = false, is_closed = false;
	size_t start = reader->to - reader->line_at;
	bool is_enclosed = reader->buffer[reader->at] == format->enclosure;
	if (is_enclosed)
		keep(reader, reader->buffer[reader->at++]); /* part of the field if nothing closes it */
	enum field_end end = ENDS_NOT;
	while (end == ENDS_NOT) {
		keep_run(reader);
		enum load_outcome outcome = want(reader, 1, diag);
		if (outcome == LOAD_LINE && !reader->special[reader->buffer[reader->at]])
			continue;
		if (outcome != LOAD_LINE) {
			end = outcome == LOAD_END ? ENDS_INPUT : ENDS_BADLY;
			break;
		}
		end = take_special(reader, is_enclosed, &is_closed, &saw_null, diag);
	}
	size_t size = reader->to - reader->line_at - start;
	bool is_word = !is_closed && is_null_word(reader, reader->line_at + start, size);
	bool is_null = is_word || (size - is_closed == 1 && saw_null);
	*field = (struct load_field){start + is_closed, size - is_closed, is_null};
	return end;
}

/* ------------------------------------------------------------------------------------------------------ one line */

/* The rest of the line. LOAD_END: the input ended there. */
static enum load_outcome skip_rest(struct load_reader *reader, bool *out_had_any, struct diag *diag)
{
	const struct load_format *format = &reader->format;
	bool is_line;
	if (format->line_terminator.size == 0)
		return LOAD_LINE;
	for (;;) {
		enum load_outcome outcome = want(reader, 1, diag);
		if (outcome != LOAD_LINE)
			return outcome;
		uint8_t byte = reader->buffer[reader->at];
		if (byte == format->escape || is_lead(reader, byte)) {
			if (want(reader, 2, diag) == LOAD_FAILED)
				return LOAD_FAILED;
			reader->at += reader->size - reader->at > 1 ? 2 : 1;
			*out_had_any = true;
			continue;
		}
		if (is_ahead(reader, 0, format->line_terminator, &is_line, diag) == LOAD_FAILED)
			return LOAD_FAILED;
		if (is_line) {
			reader->at += format->line_terminator.size;
			return LOAD_LINE;
		}
		reader->at++;
		*out_had_any = true;
	}
}

static void begin_line(struct load_reader *reader)
{
	reader->line_at = reader->to = reader->at;
	reader->count = 0;
	reader->has_more = false;
}

/* What stands in front of LINES STARTING BY is dropped, whole lines of it too. */
static enum load_outcome find_start(struct load_reader *reader, struct diag *diag)
{
	bool is_start = reader->format.line_start.size == 0;
	for (;;) {
		begin_line(reader);
		enum load_outcome outcome = want(reader, 1, diag);
		if (outcome != LOAD_LINE || is_start)
			return outcome;
		if (is_ahead(reader, 0, reader->format.line_start, &is_start, diag) == LOAD_FAILED)
			return LOAD_FAILED;
		reader->at += is_start ? reader->format.line_start.size : 1;
		if (is_start) {
			begin_line(reader);
			return LOAD_LINE;
		}
	}
}

enum load_outcome load_reader_skip(struct load_reader *reader, struct diag *diag)
{
	bool had_any;
	begin_line(reader);
	return skip_rest(reader, &had_any, diag);
}

enum load_outcome load_reader_next(struct load_reader *reader, struct diag *diag)
{
	enum load_outcome outcome = find_start(reader, diag);
	if (outcome != LOAD_LINE)
		return outcome;
	enum field_end end = ENDS_FIELD;
	while (end == ENDS_FIELD && reader->count < reader->wanted) {
		/* An input that ends behind a terminator has no further field, not an empty one. */
		outcome = want(reader, 1, diag);
		if (outcome == LOAD_END)
			return reader->count ? LOAD_LINE : LOAD_END;
		end = outcome == LOAD_FAILED ? ENDS_BADLY : read_field(reader, &reader->fields[reader->count++], diag);
	}
	if (end == ENDS_BADLY)
		return LOAD_FAILED;
	if (end != ENDS_FIELD)
		return LOAD_LINE;
	bool had_any = false;
	outcome = skip_rest(reader, &had_any, diag);
	if (outcome == LOAD_FAILED)
		return LOAD_FAILED;
	reader->has_more = had_any && outcome == LOAD_LINE; /* MySQL says nothing of a rest that the input's end cuts */
	return LOAD_LINE;
}
