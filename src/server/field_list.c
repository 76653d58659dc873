#include "server/field_list.h"

#include "catalog/catalog.h"
#include "exec/execute.h"
#include "exec/show/pattern.h"
#include "sql/parse/parse.h"

/* What SELECT * FROM the table would announce; views come out right as well. */
static int describe(struct connection *connection, const char *table, struct result_column **out_columns,
		    unsigned *out_count, struct diag *diag)
{
	struct session *session = connection->session;
	struct buf text;
	buf_init(&text);
	buf_put_string(&text, "SELECT * FROM ");
	ast_name_print(table, &text);
	struct bytes query = bytes_of(arena_copy(&session->statement_arena, text.data, text.size), text.size);
	buf_deinit(&text);
	struct parse_input input = {.text = (const char *)query.data, .size = query.size};
	struct ast_statement *statement;
	size_t next;
	if (parse_statement(&input, &session->statement_arena, &statement, &next, diag) != 0)
		return -1;
	struct bytes own = bytes_of(query.data + statement->span.offset, statement->span.size);
	return execute_describe(session, statement, own, out_columns, out_count, diag);
}

int field_list_send(struct connection *connection, struct bytes payload, struct diag *diag)
{
	struct session *session = connection->session;
	struct cursor cursor = cursor_of(payload);
	struct bytes table = cursor_until_zero(&cursor);
	struct bytes pattern = cursor_rest(&cursor);
	if (cursor.failed)
		return diag_set(diag, ER_UNKNOWN_COM_ERROR);
	struct result_column *columns;
	unsigned count;
	const char *name = session_name_from_client(session, table);
	if (describe(connection, name, &columns, &count, diag) != 0)
		return -1;
	for (unsigned i = 0; i < count; i++) {
		if (pattern.size && !show_pattern_matches(pattern, bytes_of_string(columns[i].name)))
			continue;
		if (response_send_column(&connection->client, &columns[i], true, diag) != 0)
			return 0; /* the client is gone */
	}
	response_send_eof(&connection->client, 0, diag);
	return 0;
}
