/*
 * RocksDB's C API says what went wrong in a text, "Class: details". The classes that matter to a caller:
 *
 *   Operation timed out: Timeout waiting to lock key    a row lock, or its stripe's mutex
 *   Resource busy: Deadlock
 *   IO error: No space left on device: ...              appears in the middle as well
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "store/store_internal.h"

static bool begins_with(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* What passes when somebody makes room, or closes something. */
static bool is_shortage(const char *text)
{
	static const int errors[] = {ENOSPC, EDQUOT, EROFS, EMFILE, ENFILE};
	for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
		if (strstr(text, strerror(errors[i])))
			return true;
	return false;
}

bool store_status_is_lock_timeout(const char *error)
{
	return error && begins_with(error, "Operation timed out");
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
	enum store_outcome outcome = STORE_ERROR;
	if (store_status_is_lock_timeout(error)) {
		outcome = STORE_LOCK_TIMEOUT;
		diag_set(diag, ER_LOCK_WAIT_TIMEOUT);
	} else if (begins_with(error, "Resource busy: Deadlock")) {
		outcome = STORE_DEADLOCK;
		diag_set(diag, ER_LOCK_DEADLOCK);
	} else if (is_shortage(error)) {
		diag_set_message(diag, ER_RECORD_FILE_FULL, "The store cannot grow: %s", error);
	} else {
		diag_set_message(diag, ER_GET_ERRMSG, "Got error from the store: %s", error);
	}
	rocksdb_free(error);
	return outcome;
}

int store_status_check(char *error, struct diag *diag)
{
	return store_status_take(error, diag) == STORE_OK ? 0 : -1;
}
