#include "query/sqlite_error.h"

#include <string.h>

#include "base/memory.h"

int sqlite_error(struct evaluator_handle *handle, int status, struct diag *diag)
{
	if (handle->diag.code) {
		*diag = handle->diag;
		return -1;
	}
	const char *message = sqlite3_errmsg(handle->db);
	switch (status & 0xff) {
	case SQLITE_NOMEM: return memory_check(diag) != 0 ? -1 : diag_set(diag, ER_OUTOFMEMORY, 0);
	case SQLITE_FULL: return diag_set(diag, ER_RECORD_FILE_FULL, "(temporary)");
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN: return diag_set(diag, ER_TEMP_FILE_WRITE_FAILURE);
	case SQLITE_INTERRUPT: return diag_set(diag, ER_QUERY_INTERRUPTED);
	case SQLITE_TOOBIG: return diag_set_message(diag, ER_UNKNOWN_ERROR, "A value is larger than the evaluator can hold");
	default: break;
	}
	if (strstr(message, "parser stack overflow"))
		return diag_set(diag, ER_NOT_SUPPORTED_YET, "queries nested this deep");
	diag_add_context(diag, "evaluating: %s", message);
	return diag_set_message(diag, ER_UNKNOWN_ERROR, "Evaluator: %s", message);
}

struct diag *handle_diag(sqlite3_context *context)
{
	struct evaluator_handle *handle = handle_of(context);
	/* A second error goes to a place nobody reads. */
	return handle->diag.code ? &handle->ignored_diag : &handle->diag;
}

void handle_fail(sqlite3_context *context)
{
	sqlite3_result_error(context, handle_of(context)->diag.message, -1);
}
