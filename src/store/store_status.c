/* RocksDB's C API says what went wrong in a text, "IO error: While appending to file: ...: No space left on device". */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "store/store_internal.h"

/* What passes when somebody makes room, or closes something. */
static bool is_shortage(const char *text)
{
	static const int errors[] = {ENOSPC, EDQUOT, EROFS, EMFILE, ENFILE};
	for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
		if (strstr(text, strerror(errors[i])))
			return true;
	return false;
}

int store_status_fail(struct diag *diag)
{
	char error[256];
	snprintf(error, sizeof error, "IO error: %s: a fault was asked for", strerror(errno));
	return store_status_check(strdup(error), diag);
}

enum store_outcome store_status_take(char *error, struct diag *diag)
{
	if (error == NULL)
		return STORE_OK;
	if (is_shortage(error))
		diag_set_message(diag, ER_RECORD_FILE_FULL, "The store cannot grow: %s", error);
	else
		diag_set_message(diag, ER_GET_ERRMSG, "Got error from the store: %s", error);
	rocksdb_free(error);
	return STORE_ERROR;
}

int store_status_check(char *error, struct diag *diag)
{
	return store_status_take(error, diag) == STORE_OK ? 0 : -1;
}
