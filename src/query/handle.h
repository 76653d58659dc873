/*
 * An evaluator: one SQLite handle with all our functions, collations and modules, lent to one running statement at a
 * time. What functions find through sqlite3_user_data. Private to this folder.
 *
 * A function of ours is registered with the struct evaluator_handle * as its user data:
 *
 *   static void gm_x(sqlite3_context *context, int count, sqlite3_value **arguments)
 *   {
 *           struct session *session = handle_of(context)->session;
 *           ...
 *           diag_set(handle_diag(context), ER_DATA_OUT_OF_RANGE, "BIGINT", text);
 *           handle_fail(context);
 *   }
 *
 * The session's sql_mode, time zone, character sets, clock and warnings are read from it directly:
 * session->variables, session->statement_time_us, session->warnings. It may be another one at the next call.
 */
#pragma once

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "base/map.h"
#include "session/session.h"
#include "type/decimal.h"
#include "type/value.h"

struct evaluator_pool;
struct evaluation;
struct statement_cache;
struct module_set;
struct table_cursor;

struct evaluator_handle {
	/* immutable */
	struct evaluator_pool *pool;
	sqlite3 *db;

	/* owned by the thread that was lent it */
	struct session *session;        /* whose statement runs; NULL at rest */
	struct evaluation *evaluation;  /* the running one, or NULL while a statement is prepared */
	struct diag diag;               /* the first error raised inside of SQLite; code 0: none */
	struct diag ignored_diag;       /* later ones */
	struct evaluation *evaluation_memory; /* room for the running one */
	/*
	 * Texts and decimals that must outlive a function call within the running statement; emptied when it ends. Not
	 * for each row's scratch: that is `scratch`.
	 */
	struct arena arena;
	struct buf scratch;             /* for a function's own call; whoever uses it clears it first */
	struct buf convert;             /* likewise, of charset conversions: value_sqlite.c, constraint.c */
	struct buf field;               /* likewise, of constraint.c */
	struct statement_cache *cache;
	struct module_set *modules;
	uint64_t sort_memory;           /* @@tmp_table_size of the session that had it last */
	uint64_t recursion_rows;        /* rows that recursive WITH elements made in this statement */
	struct map row_ids;             /* clustered key -> number, where SQLite wanted row ids; emptied with the arena */
	struct table_cursor *cursors;   /* closed ones, to be opened again with the memory they have */
	struct evaluator_handle *next;  /* in the pool's list at rest */
};

static inline struct evaluator_handle *handle_of(sqlite3_context *context)
{
	return sqlite3_user_data(context);
}

/* Where a function says what is wrong, before handle_fail. A second error of a statement is not kept. */
struct diag *handle_diag(sqlite3_context *context);
/* Ends the statement: the diag goes to the client. */
void handle_fail(sqlite3_context *context);

/* ---------------------------------------------------------- values in SQLite, for all functions of the folder */

/*
 * INTEGER class: SQLITE_INTEGER, or an 8 byte BLOB, big endian, for what is above INT64_MAX. Returns true when it is
 * unsigned above INT64_MAX; *out has the 64 bits either way. The value is not NULL.
 */
static inline bool integer_of(sqlite3_value *value, uint64_t *out)
{
	if (sqlite3_value_type(value) != SQLITE_BLOB) {
		*out = (uint64_t)sqlite3_value_int64(value);
		return false;
	}
	const uint8_t *data = sqlite3_value_blob(value);
	*out = sqlite3_value_bytes(value) == 8 ? bytes_load_uint_be(data, 8) : 0;
	return true;
}
/* INTEGER, or the BLOB above INT64_MAX. */
static inline void result_uint(sqlite3_context *context, uint64_t value)
{
	uint8_t bytes[8];
	if (value <= INT64_MAX) {
		sqlite3_result_int64(context, (sqlite3_int64)value);
		return;
	}
	bytes_store_uint_be(bytes, value, 8);
	sqlite3_result_blob(context, bytes, 8, SQLITE_TRANSIENT);
}
/* DECIMAL class. False when the bytes are not one (cannot happen with values of ours). */
bool decimal_of(sqlite3_value *value, struct decimal *out);
void result_decimal(sqlite3_context *context, const struct decimal *value);
/* TEXT and BINARY; results are copied. */
static inline struct bytes text_of(sqlite3_value *value)
{
	/* Of a TEXT its bytes as they lie; sqlite3_value_text would add a zero to them. */
	const void *data = sqlite3_value_blob(value);
	return bytes_of(data, (size_t)sqlite3_value_bytes(value));
}
static inline void result_text(sqlite3_context *context, struct bytes text)
{
	sqlite3_result_text64(context, text.size ? (const char *)text.data : "", text.size, SQLITE_TRANSIENT, SQLITE_UTF8);
}
static inline void result_binary(sqlite3_context *context, struct bytes bytes)
{
	sqlite3_result_blob64(context, bytes.size ? (const void *)bytes.data : "", bytes.size, SQLITE_TRANSIENT);
}

/*
 * The names of an ENUM or SET, gm_text_from_enum(x, names) and gm_text_from_set(x, names): a pointer to the
 * operand's struct column_type, bound by the writer; NULL when it is none.
 */
#define POINTER_COLUMN_TYPE "gemel_column_type"
static inline const struct column_type *column_type_of(sqlite3_value *value)
{
	return sqlite3_value_pointer(value, POINTER_COLUMN_TYPE);
}
