/*
 * The shape of a text: its bytes, with a mark in place of each number and string. Texts of one shape are parsed to trees
 * that differ in those literals alone, so that what one was made to may serve another (exec/known_text.h).
 *
 * That holds without knowing what a byte means to the parser. A literal of a shape is only a candidate: it is one when the
 * parser has met a literal at just that span. Up to there two texts of a shape are the same to the lexer, which then reads
 * one token of the same kind in both; and so on. What is no candidate (a number in a comment, 1e5, x'41', N'a') or none
 * that the parser knows is compared byte by byte by whoever keeps what a shape stands for.
 */
#pragma once

#include "base/arena.h"
#include "sql/parse/ast_expr.h"
#include "type/value.h"

enum { shape_literals_max = 128, shape_text_max = 8192 };

enum shape_literal_kind {
	SHAPE_INTEGER = 1,     /* the marks in the shape's bytes */
	SHAPE_NEGATIVE_INTEGER,/* the sign belongs to it, where no number or name is in front */
	SHAPE_DECIMAL,
	SHAPE_NEGATIVE_DECIMAL,
	SHAPE_STRING,
	shape_mark_end,        /* a text with one of these bytes in it has no shape */
};

struct shape_literal {
	struct ast_span span; /* in the text */
	uint8_t kind;         /* enum shape_literal_kind */
	bool is_escaped;      /* STRING: holds quotes or backslashes that mean something else */
	bool is_ascii;        /* STRING */
};

struct text_shape {
	struct bytes text; /* what it is the shape of */
	uint64_t sql_mode;
	struct bytes bytes;
	unsigned count;
	struct shape_literal literals[shape_literals_max];
};

/*
 * Writes the shape's bytes to out, which has room for the text's size. False: the text has none, as it is too long, has
 * too many literals, more than one statement, a ?, or a quote that is not closed.
 */
bool shape_find(struct bytes text, uint64_t sql_mode, uint8_t *out, struct text_shape *shape);

/* A literal's text in the text. */
static inline struct bytes shape_literal_text(const struct text_shape *shape, unsigned number)
{
	const struct ast_span *span = &shape->literals[number].span;
	return bytes_of(shape->text.data + span->offset, span->size);
}

/* The value as the resolver gives it to the literal's node; a string's bytes are as the client sent them. */
struct value shape_value(const struct text_shape *shape, unsigned number, struct arena *arena);
