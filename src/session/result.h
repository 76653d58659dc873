/*
 * Where a statement's results go: a client's connection (wire implements it), or nowhere (the applier's
 * null sink). The statement writes columns, then rows, then the end; or an OK; errors are returned to the dispatcher,
 * which sends them.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/diag.h"
#include "type/column_type.h"
#include "type/value.h"

enum result_column_flags { /* the protocol's column definition flags */
	COLUMN_NOT_NULL = 1, COLUMN_PRIMARY_KEY = 2, COLUMN_UNIQUE_KEY = 4, COLUMN_MULTIPLE_KEY = 8,
	COLUMN_BLOB = 16, COLUMN_UNSIGNED = 32, COLUMN_ZEROFILL = 64, COLUMN_BINARY = 128, COLUMN_ENUM = 256,
	COLUMN_AUTO_INCREMENT = 512, COLUMN_TIMESTAMP = 1024, COLUMN_SET = 2048, COLUMN_NO_DEFAULT = 4096,
	COLUMN_ON_UPDATE_NOW = 8192, COLUMN_NUM = 32768,
};

struct result_column {
	const char *database;       /* "" when the column is an expression */
	const char *table;          /* alias */
	const char *original_table; /* "" when an expression */
	const char *name;           /* alias */
	const char *original_name;
	struct column_type type;
	unsigned flags;
};

struct result_columns {
	const struct result_column *list;
	unsigned count;
	uint64_t id; /* the same number, the same columns; 0: they were made for this statement alone */
};

struct result_sink {
	/* All return 0, or -1 with diag set when the client is gone. Texts are borrowed for the call. */
	int (*columns)(struct result_sink *sink, const struct result_columns *columns, struct diag *diag);
	/* values: one per column, any kind; the sink formats by column type (text protocol) or encodes (binary). */
	int (*row)(struct result_sink *sink, const struct value *values, struct diag *diag);
	int (*end)(struct result_sink *sink, struct diag *diag); /* of the rows */
	int (*ok)(struct result_sink *sink, uint64_t affected_rows, uint64_t last_insert_id, const char *info,
		  struct diag *diag);
	/* LOAD DATA LOCAL: asks the client for the file; then chunks until size 0. NULL: not a client. */
	int (*request_file)(struct result_sink *sink, const char *name, struct diag *diag);
	int (*read_file)(struct result_sink *sink, struct bytes *out_chunk, struct diag *diag);
	bool (*has_left)(struct result_sink *sink); /* the client has hung up. NULL: not a client */
};

/* Takes everything, keeps nothing: for the applier. */
extern struct result_sink *const result_sink_null;
