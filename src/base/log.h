/*
 * The error log: lines a DBA can read, to stderr or a file, in MySQL 8.0's line form
 *   2026-11-21T02:50:32.123456Z 0 [Note] [applier] message
 * Any thread may write; a line is one write.
 */
#pragma once

#include <stdbool.h>

#include "base/diag.h"

enum log_level { LOG_ERROR = 1, LOG_WARNING = 2, LOG_NOTE = 3, LOG_DEBUG = 4 };

/* NULL: stderr. -1 when the file cannot be opened. Call before other threads run; log_reopen on FLUSH LOGS. */
int log_open(const char *path, struct diag *diag);
void log_reopen(void);
void log_set_verbosity(int level); /* log_error_verbosity: 1 errors, 2 and warnings, 3 and notes */
void log_set_thread_id(unsigned long id); /* of this thread's lines: the connection id, 0 for the server's own */
void log_write(enum log_level level, const char *subsystem, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void log_diag(enum log_level level, const char *subsystem, const struct diag *diag); /* with code and context */

#define log_error(subsystem, ...) log_write(LOG_ERROR, subsystem, __VA_ARGS__)
#define log_warning(subsystem, ...) log_write(LOG_WARNING, subsystem, __VA_ARGS__)
#define log_note(subsystem, ...) log_write(LOG_NOTE, subsystem, __VA_ARGS__)
