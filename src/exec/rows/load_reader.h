/*
 * LOAD DATA's input: a stream of bytes becomes lines of fields, by FIELDS and LINES as MySQL's manual ("LOAD DATA
 * Statement") reads them. Pure but for the source. Private to exec.
 *
 *   line    [line_start] field (field_terminator field)* line_terminator
 *   field   bytes and escapes, or enclosure bytes enclosure; within an enclosure terminators mean nothing, and an
 *           enclosure ends the field only in front of a terminator. Doubled it stands for itself.
 *   escape  0 b n r t Z as in SQL, N alone: NULL, anything else itself
 *
 * Fields stand in the reader's buffer, unescaped in place. Memory grows with the longest line, up to load_line_max.
 */
#pragma once

#include "base/diag.h"
#include "sql/parse/ast_query.h"
#include "type/collation.h"

enum { load_line_max = 1024 * 1024 * 1024 };

struct load_format {
	struct bytes field_terminator, line_terminator, line_start;
	int enclosure, escape; /* a byte, or -1: none */
	bool optionally_enclosed;
};
/*
 * The manual's defaults where nothing was written; INTO OUTFILE writes by it as well. -1: 1083, and 1235 for rows of
 * fixed size.
 */
int load_format_init(struct load_format *format, const struct ast_file_format *ast, struct diag *diag);

/* Reads up to room bytes; 0 bytes: the end. */
typedef int load_source(void *argument, uint8_t *at, size_t room, size_t *out_size, struct diag *diag);

struct load_field {
	size_t at, size; /* in the line: load_reader_field */
	bool is_null;
};

struct load_reader {
	/* immutable */
	struct load_format format;
	const struct charset *charset;
	load_source *source;
	void *argument;
	bool special[256]; /* bytes that may mean something */
	/* the buffer: [line_at, to) is the line so far, [at, size) is not looked at yet */
	uint8_t *buffer;
	size_t capacity, size, line_at, to, at;
	bool at_end;       /* of the source */
	/* the line */
	struct load_field *fields; /* wanted of them */
	unsigned wanted, count;
	bool has_more;     /* the line went on behind the wanted fields */
};

/* The fields asked for on each line, at least one; charset is the file's. Memory is the reader's until deinit. */
void load_reader_init(struct load_reader *reader, const struct load_format *format, const struct charset *charset,
		      unsigned wanted, load_source *source, void *argument);
void load_reader_deinit(struct load_reader *reader);

enum load_outcome { LOAD_LINE, LOAD_END, LOAD_FAILED };
/* IGNORE n LINES: one of them. */
enum load_outcome load_reader_skip(struct load_reader *reader, struct diag *diag);
enum load_outcome load_reader_next(struct load_reader *reader, struct diag *diag);
/* Good until the next line. */
struct bytes load_reader_field(const struct load_reader *reader, unsigned index);
