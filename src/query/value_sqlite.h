/*
 * Values of ours as SQLite holds them (enum value_class), and back. Private to this folder.
 */
#pragma once

#include "query/argument.h"
#include "query/handle.h"
#include "query/program.h"

/* Where a converted value goes: to us, to a parameter of a statement, or to a function's or column's result. */
struct value_place {
	struct argument *argument; /* or NULL: */
	struct buf *room;          /* of the argument's bytes; NULL: */
	struct arena *arena;
	sqlite3_stmt *statement;   /* or NULL: */
	int parameter;
	sqlite3_context *context;
	bool may_borrow; /* a field's strings: its bytes stay where they are as long as the value is used */
};
/*
 * The value in the representation of a class; CLASS_NULL: that of its own kind. A value of another kind than the class
 * holds is read as MySQL reads it, without warnings. Texts in another charset become UTF-8. Bytes are copied.
 * type: of ENUM and SET, whose names become numbers; else may be NULL. Returns SQLite's status.
 */
int value_put(const struct value_place *place, struct evaluator_handle *handle, const struct value *value,
	      enum value_class class, const struct column_type *type);

static inline int value_bind(sqlite3_stmt *statement, int parameter, struct evaluator_handle *handle,
			     const struct value *value, enum value_class class, const struct column_type *type)
{
	return value_put(&(struct value_place){.statement = statement, .parameter = parameter}, handle, value, class, type);
}

/* A packed field of a row as the column's class; data NULL: NULL. */
int field_put(const struct value_place *place, struct evaluator_handle *handle, const struct column_type *type,
	      struct bytes field);

/* The bytes of a TEXT's or BINARY's field, not NULL, as SQLite holds them: borrowed, or in handle->convert. */
struct bytes field_string(struct evaluator_handle *handle, const struct column_type *type, struct bytes field);

/*
 * The value of a result column or an argument, in the item's class. Texts, bytes and ENUM names are borrowed; a DECIMAL's
 * digits go to *decimal, a SET's text to *text, which is cleared first.
 */
void value_read(const struct argument *source, const struct program_item *item, struct decimal *decimal, struct buf *text,
		struct value *out);
/* SQLite's value, whatever its type is. */
void value_read_sqlite(sqlite3_value *source, const struct program_item *item, struct decimal *decimal, struct buf *text,
		       struct value *out);
