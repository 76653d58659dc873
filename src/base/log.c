#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"

/* The process has one error log, as it has one stderr. */
static struct {
	pthread_mutex_t lock; /* guards fd while log_reopen changes it */
	int fd;
	char *path; /* NULL: stderr */
	int verbosity;
} error_log = {.lock = PTHREAD_MUTEX_INITIALIZER, .fd = STDERR_FILENO, .verbosity = LOG_NOTE};

static _Thread_local unsigned long thread_id;

static int open_path(const char *path)
{
	return open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
}

int log_open(const char *path, struct diag *diag)
{
	if (path == NULL)
		return 0;
	int fd = open_path(path);
	if (fd < 0)
		return diag_set(diag, ER_CANT_OPEN_FILE, path, errno, strerror(errno));
	error_log.fd = fd;
	error_log.path = memory_copy_string(path);
	return 0;
}

void log_reopen(void)
{
	pthread_mutex_lock(&error_log.lock);
	int fd = error_log.path ? open_path(error_log.path) : -1;
	if (fd >= 0) {
		close(error_log.fd);
		error_log.fd = fd;
	}
	pthread_mutex_unlock(&error_log.lock);
}

void log_set_verbosity(int level)
{
	error_log.verbosity = level;
}

void log_set_thread_id(unsigned long id)
{
	thread_id = id;
}

static void write_line(enum log_level level, const char *subsystem, const char *message)
{
	static const char *const names[] = {"System", "ERROR", "Warning", "Note", "Debug"};
	char line[2048];
	char time[40];
	clock_print_utc(clock_wall_us(), time);
	int size = snprintf(line, sizeof line, "%s %lu [%s] [%s] %s", time, thread_id, names[level], subsystem,
			    message);
	if (size > (int)sizeof line - 2)
		size = (int)sizeof line - 2;
	for (int i = 0; i < size; i++)
		if (line[i] == '\n' || line[i] == '\r')
			line[i] = ' '; /* one event, one line: a client's text must not forge others */
	line[size++] = '\n';
	pthread_mutex_lock(&error_log.lock);
	ssize_t written = write(error_log.fd, line, (size_t)size);
	(void)written; /* there is nobody left to tell */
	pthread_mutex_unlock(&error_log.lock);
}

void log_write(enum log_level level, const char *subsystem, const char *format, ...)
{
	if ((int)level > error_log.verbosity)
		return;
	char message[1600];
	va_list args;
	va_start(args, format);
	vsnprintf(message, sizeof message, format, args);
	va_end(args);
	write_line(level, subsystem, message);
}

void log_diag(enum log_level level, const char *subsystem, const struct diag *diag)
{
	log_write(level, subsystem, "%s (%u)%s%s", diag->message, diag->code, diag->context[0] ? ": " : "",
		  diag->context);
}
