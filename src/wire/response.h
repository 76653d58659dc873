/* What the server answers: OK, ERR, EOF, and result sets in the text or the binary form. */
#pragma once

#include "session/result.h"
#include "wire/packet.h"
#include "wire/result_head.h"

enum row_format { ROW_FORMAT_TEXT, ROW_FORMAT_BINARY };

/* A result sink that writes to a client. Initialise once a connection; set the public fields before a statement. */
struct client_sink {
	struct result_sink sink;   /* first: the sink's functions cast back */
	struct wire *wire;         /* borrowed */
	struct session *session;   /* borrowed: status flags, warnings, character_set_results */
	uint32_t capabilities;
	enum row_format row_format;
	bool more_results;         /* another statement's result follows in this command */
	bool cursor_exists;        /* EOF after the columns announces a cursor; rows come with COM_STMT_FETCH */
	bool answered;             /* something was sent for the running statement */
	/* of the running result set */
	struct result_column *columns; /* copies of types, in the arena */
	unsigned column_count;
	struct arena arena;
	struct buf text;           /* one value in the making */
	struct result_heads heads;
};

void client_sink_init(struct client_sink *client, struct wire *wire, struct session *session, uint32_t capabilities);
void client_sink_deinit(struct client_sink *client);
/* Between two statements: the bytes it keeps for the next one; and all of that is given up. */
size_t client_sink_kept_size(const struct client_sink *client);
void client_sink_shrink(struct client_sink *client);

int response_send_ok(struct client_sink *client, uint64_t affected_rows, uint64_t last_insert_id, const char *info,
		     struct diag *diag);
int response_send_eof(struct client_sink *client, unsigned extra_status, struct diag *diag);
/* results: character_set_results, NULL where there is none yet. */
int response_send_error(struct wire *wire, const struct diag *error, const struct charset *results, struct diag *diag);
/* Column definitions only: COM_FIELD_LIST and COM_STMT_PREPARE. with_default: COM_FIELD_LIST's extra field. */
int response_send_column(struct client_sink *client, const struct result_column *column, bool with_default,
			 struct diag *diag);
/* One row in the sink's format, for COM_STMT_FETCH. */
void response_put_row(struct client_sink *client, const struct value *values, struct buf *out);
