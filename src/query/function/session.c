/* What the session and the server are. One value a statement, so FN_PURE, but for what statements change as they go. */
#include <stdio.h>
#include <unicode/uversion.h>
#include <unistd.h>

#include "base/memory.h"
#include "query/function/tools.h"
#include "session/server_file.h"

static void answer_text(sqlite3_context *context, const char *text)
{
	result_utf8(context, text, strlen(text));
}

static void gm_connection_id(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	const struct session *session = session_of(context);
	uint64_t pseudo = session->variables.pseudo_thread_id;
	result_uint(context, pseudo ? pseudo : session->id);
}

static void gm_user(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	char text[400];
	const struct session *session = session_of(context);
	snprintf(text, sizeof text, "%s@%s", session->user, session->host);
	answer_text(context, text);
}

static void gm_current_user(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	char text[400];
	const struct session *session = session_of(context);
	snprintf(text, sizeof text, "%s@%s", session->account_user, session->account_host);
	answer_text(context, text);
}

static void gm_current_role(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	answer_text(context, "NONE");
}

static void gm_database(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	const struct session *session = session_of(context);
	if (session->database[0])
		answer_text(context, session->database);
}

static void gm_version(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	answer_text(context, session_of(context)->version);
}

static void gm_icu_version(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	answer_text(context, U_ICU_VERSION);
}

static void gm_row_count(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	sqlite3_result_int64(context, session_of(context)->row_count);
}

static void gm_found_rows(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	result_uint(context, session_of(context)->found_rows);
}

/* With an argument: what the next LAST_INSERT_ID() answers, and the client sees as its insert id. */
static void gm_last_insert_id(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct session *session = session_of(context);
	if (count == 0) {
		result_uint(context, session->last_insert_id);
		return;
	}
	uint64_t bits = 0;
	if (!is_null(arguments[0])) {
		integer_of(arguments[0], &bits);
		result_uint(context, bits);
	}
	session->last_insert_id = session->statement_insert_id = bits;
}

/* A file that may not be read, is not there or is larger than max_allowed_packet is NULL. */
static void gm_load_file(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct session *session = session_of(context);
	struct diag ignored = DIAG_INIT;
	int fd = -1;
	off_t size = 0;
	sqlite3_result_null(context);
	if (is_null(arguments[0]) || !server_file_allowed(session) ||
	    server_file_open(session, text_of(arguments[0]), &fd, &size, &ignored) != 0)
		return;
	if (size > 0 && (uint64_t)size <= session->variables.max_allowed_packet) {
		uint8_t *content = memory_alloc((size_t)size);
		ssize_t got = pread(fd, content, (size_t)size, 0);
		if (got >= 0)
			sqlite3_result_blob64(context, content, (sqlite3_uint64)got, SQLITE_TRANSIENT);
		memory_free(content);
	} else if (size == 0) {
		sqlite3_result_zeroblob(context, 0);
	}
	close(fd);
}

/* As in a server without the component validate_password. */
static void gm_validate_password_strength(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	if (!any_null(1, arguments))
		sqlite3_result_int(context, 0);
}

static void gm_statement_digest(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	FUNCTION_FAIL(context, ER_NOT_SUPPORTED_YET, "STATEMENT_DIGEST()");
}

static const struct function_row rows[] = {
	{"gm_connection_id", 0, 0, FN_PURE, gm_connection_id, 0, 0, 0},
	{"gm_user", 0, 0, FN_PURE, gm_user, 0, 0, 0},
	{"gm_current_user", 0, 0, FN_PURE, gm_current_user, 0, 0, 0},
	{"gm_current_role", 0, 0, FN_PURE, gm_current_role, 0, 0, 0},
	{"gm_database", 0, 0, FN_PURE, gm_database, 0, 0, 0},
	{"gm_version", 0, 0, FN_PURE, gm_version, 0, 0, 0},
	{"gm_icu_version", 0, 0, FN_PURE, gm_icu_version, 0, 0, 0},
	{"gm_row_count", 0, 0, FN_PURE, gm_row_count, 0, 0, 0},
	{"gm_found_rows", 0, 0, FN_PURE, gm_found_rows, 0, 0, 0},
	{"gm_last_insert_id", 0, 1, FN_VOLATILE, gm_last_insert_id, 0, 0, 0},
	{"gm_load_file", 1, 1, FN_VOLATILE, gm_load_file, 0, 0, 0},
	{"gm_validate_password_strength", 1, 1, FN_PURE, gm_validate_password_strength, 0, 0, 0},
	{"gm_statement_digest", 1, 1, FN_VOLATILE, gm_statement_digest, 0, 0, 0},
};
const struct function_rows function_rows_session = FUNCTION_ROWS(rows);
