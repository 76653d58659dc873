#include "base/fault.h"

#include <assert.h>
#include <errno.h>
#include <fnmatch.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { fault_max = 32, text_max = 2048, crash_exit_code = 137 };

static_assert(sizeof(struct fault_point) == alignof(struct fault_point), "the list of points is an array");

/* What the text says of one name. */
struct setting {
	const char *name;
	struct fault_point fault;
};

/* The linker's: all that stands in the section. */
extern struct fault_point first_point[] __asm__("__start_gemel_faults") __attribute__((weak, visibility("hidden")));
extern struct fault_point points_end[] __asm__("__stop_gemel_faults") __attribute__((weak, visibility("hidden")));

_Atomic bool fault_any_set;

static pthread_mutex_t fault_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t fault_changed = PTHREAD_COND_INITIALIZER;
static unsigned long fault_generation; /* guarded by fault_lock: how often faults were set */

static const struct {
	const char *name;
	int error; /* errno, unless another one is asked for; 0: it fails nothing */
} actions[] = {
	[FAULT_NONE] = {"", 0},            [FAULT_CRASH] = {"crash", 0}, [FAULT_ERROR] = {"error", EIO},
	[FAULT_SHORT] = {"short", ENOSPC}, [FAULT_TORN] = {"torn", 0},   [FAULT_SLEEP] = {"sleep", 0},
	[FAULT_PAUSE] = {"pause", 0},      [FAULT_COUNT] = {"count", 0},
};

size_t fault_count(void)
{
	return (size_t)(points_end - first_point);
}

struct fault_point fault_get(size_t index)
{
	pthread_mutex_lock(&fault_lock);
	struct fault_point point = first_point[index];
	pthread_mutex_unlock(&fault_lock);
	return point;
}

const char *fault_action_name(enum fault_action action)
{
	return actions[action].name;
}

/* ------------------------------------------------------------------------------------------------------- passing */

static void sleep_ms(long ms)
{
	struct timespec span = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
	nanosleep(&span, NULL);
}

/* With the lock. */
static void pause_here(void)
{
	unsigned long generation = fault_generation;
	while (generation == fault_generation)
		pthread_cond_wait(&fault_changed, &fault_lock);
}

/* With the lock. The write behind a short one fails. */
static struct fault_point count_pass(struct fault_point *point)
{
	struct fault_point found = *point;
	point->passed++;
	bool is_here = point->only_at == 0 || point->only_at == point->passed;
	bool is_behind = point->action == FAULT_SHORT &&
			 (point->only_at ? point->passed == point->only_at + 1 : point->passed % 2 == 0);
	if (is_behind)
		found.action = FAULT_ERROR;
	else if (!is_here)
		found.action = FAULT_NONE;
	return found;
}

/* What is left for the caller to do. */
static struct fault_point pass(struct fault_point *point)
{
	pthread_mutex_lock(&fault_lock);
	struct fault_point found = count_pass(point);
	if (found.action == FAULT_PAUSE)
		pause_here();
	pthread_mutex_unlock(&fault_lock);
	if (found.action == FAULT_CRASH)
		_exit(crash_exit_code);
	if (found.action == FAULT_SLEEP)
		sleep_ms(found.sleep_ms);
	return found;
}

static bool is_failure(const struct fault_point *found)
{
	bool fails = found->action == FAULT_ERROR || found->action == FAULT_SHORT;
	if (fails)
		errno = found->error;
	return fails;
}

bool fault_hit(struct fault_point *point)
{
	struct fault_point found = pass(point);
	if (found.action == FAULT_TORN)
		_exit(crash_exit_code);
	return is_failure(&found);
}

/* All parts but the last, and half of that. */
static ssize_t write_half(int fd, const struct iovec *parts, int count, off_t offset)
{
	struct iovec half = parts[count - 1];
	half.iov_len /= 2;
	ssize_t before = count > 1 ? pwritev(fd, parts, count - 1, offset) : 0;
	ssize_t behind = before < 0 ? -1 : pwritev(fd, &half, 1, offset + before);
	return behind < 0 ? -1 : before + behind;
}

ssize_t fault_write(struct fault_point *point, int fd, const struct iovec *parts, int count, off_t offset)
{
	struct fault_point found = {.action = FAULT_NONE};
	if (fault_any_set)
		found = pass(point);
	if (found.action == FAULT_SHORT || found.action == FAULT_TORN) {
		ssize_t written = write_half(fd, parts, count, offset);
		if (found.action == FAULT_TORN)
			_exit(crash_exit_code);
		return written;
	}
	return is_failure(&found) ? -1 : pwritev(fd, parts, count, offset);
}

/* ------------------------------------------------------------------------------------------------------- setting */

static bool parse_errno(const char *name, int *out_error)
{
	static const struct {
		const char *name;
		int number;
	} known[] = {{"EACCES", EACCES}, {"EAGAIN", EAGAIN}, {"EDQUOT", EDQUOT}, {"EFBIG", EFBIG},   {"EIO", EIO},
		     {"EMFILE", EMFILE}, {"ENFILE", ENFILE}, {"ENOMEM", ENOMEM}, {"ENOSPC", ENOSPC}, {"EROFS", EROFS}};
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strcmp(name, known[i].name) == 0) {
			*out_error = known[i].number;
			return true;
		}
	return false;
}

static bool parse_count(const char *text, long *out)
{
	char *end;
	*out = strtol(text, &end, 10);
	return *text && *end == 0 && *out > 0;
}

static bool parse_action(char *text, struct fault_point *out)
{
	char *argument = strchr(text, ':');
	if (argument)
		*argument++ = 0;
	for (int action = FAULT_CRASH; action <= FAULT_COUNT; action++) {
		if (strcmp(text, actions[action].name) != 0)
			continue;
		out->action = (enum fault_action)action;
		out->error = actions[action].error;
		if (action == FAULT_SLEEP)
			return argument && parse_count(argument, &out->sleep_ms);
		return argument == NULL || (out->error && parse_errno(argument, &out->error));
	}
	return false;
}

static bool is_known(const char *name)
{
	for (const struct fault_point *point = first_point; point != points_end; point++)
		if (fnmatch(name, point->name, 0) == 0)
			return true;
	return false;
}

/* name=action[@n] */
static bool parse_setting(char *text, struct setting *out)
{
	*out = (struct setting){.name = text};
	char *action = strchr(text, '=');
	if (action == NULL)
		return false;
	*action++ = 0;
	char *at = strchr(action, '@');
	if (at)
		*at++ = 0;
	return (at == NULL || parse_count(at, &out->fault.only_at)) && parse_action(action, &out->fault) && is_known(text);
}

/* With the lock. Of two settings of a name the first counts. */
static void set_point(struct fault_point *point, const struct setting *settings, size_t count)
{
	struct fault_point fault = {.action = FAULT_NONE};
	for (size_t i = count; i-- > 0;)
		if (fnmatch(settings[i].name, point->name, 0) == 0)
			fault = settings[i].fault;
	fault.name = point->name;
	*point = fault;
}

int fault_set(const char *text, struct diag *diag)
{
	struct setting settings[fault_max];
	size_t count = 0;
	char copy[text_max];
	bool is_good = (size_t)snprintf(copy, sizeof copy, "%s", text) < sizeof copy;
	char *rest = NULL;
	for (char *part = strtok_r(copy, ",", &rest); part && is_good; part = strtok_r(NULL, ",", &rest))
		is_good = count < fault_max && parse_setting(part, &settings[count++]);
	if (!is_good)
		return diag_set(diag, ER_WRONG_VALUE_FOR_VAR, "gemel_faults", text);
	pthread_mutex_lock(&fault_lock);
	for (struct fault_point *point = first_point; point != points_end; point++)
		set_point(point, settings, count);
	fault_any_set = count > 0;
	fault_generation++;
	pthread_cond_broadcast(&fault_changed);
	pthread_mutex_unlock(&fault_lock);
	return 0;
}
