#include "base/fault.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { fault_max = 32, fault_name_size = 64 };
enum fault_action { FAULT_CRASH, FAULT_ERROR, FAULT_SLEEP };

struct fault {
	char name[fault_name_size];
	enum fault_action action;
	long sleep_ms;
	long only_at; /* 0: every time */
	long passed;
};

_Atomic bool fault_any_set;

static pthread_mutex_t fault_lock = PTHREAD_MUTEX_INITIALIZER;
static struct fault faults[fault_max]; /* guarded by fault_lock */
static unsigned fault_count;           /* guarded by fault_lock */

static void sleep_ms(long ms)
{
	struct timespec span = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
	nanosleep(&span, NULL);
}

bool fault_hit(const char *name)
{
	bool hit = false;
	struct fault found = {0};
	pthread_mutex_lock(&fault_lock);
	for (unsigned i = 0; i < fault_count; i++) {
		if (strcmp(faults[i].name, name) != 0)
			continue;
		faults[i].passed++;
		hit = faults[i].only_at == 0 || faults[i].only_at == faults[i].passed;
		found = faults[i];
		break;
	}
	pthread_mutex_unlock(&fault_lock);
	if (!hit)
		return false;
	if (found.action == FAULT_CRASH)
		_exit(137);
	if (found.action == FAULT_SLEEP)
		sleep_ms(found.sleep_ms);
	return found.action == FAULT_ERROR;
}

/* name=action[@n] */
static int parse_fault(char *text, struct fault *out)
{
	char *equals = strchr(text, '=');
	if (equals == NULL || equals - text >= fault_name_size)
		return -1;
	*equals = 0;
	char *action = equals + 1;
	*out = (struct fault){0};
	snprintf(out->name, sizeof out->name, "%s", text);
	char *at = strchr(action, '@');
	if (at) {
		*at = 0;
		out->only_at = strtol(at + 1, NULL, 10);
	}
	if (strcmp(action, "crash") == 0)
		out->action = FAULT_CRASH;
	else if (strcmp(action, "error") == 0)
		out->action = FAULT_ERROR;
	else if (strncmp(action, "sleep:", 6) == 0) {
		out->action = FAULT_SLEEP;
		out->sleep_ms = strtol(action + 6, NULL, 10);
	} else
		return -1;
	return 0;
}

int fault_set(const char *text, struct diag *diag)
{
	struct fault parsed[fault_max];
	unsigned count = 0;
	char copy[2048];
	snprintf(copy, sizeof copy, "%s", text);
	char *rest = NULL;
	for (char *part = strtok_r(copy, ",", &rest); part; part = strtok_r(NULL, ",", &rest))
		if (count == fault_max || parse_fault(part, &parsed[count++]) != 0)
			return diag_set(diag, ER_WRONG_ARGUMENTS, "gemel_faults");
	pthread_mutex_lock(&fault_lock);
	memcpy(faults, parsed, sizeof *parsed * count);
	fault_count = count;
	fault_any_set = count > 0;
	pthread_mutex_unlock(&fault_lock);
	return 0;
}
