#include "base/thread.h"

#include <signal.h>
#include <stdio.h>

int thread_start(pthread_t *out_thread, const char *name, void *(*run)(void *), void *argument, struct diag *diag)
{
	sigset_t all, old;
	sigfillset(&all);
	pthread_attr_t attributes;
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, thread_stack_size);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	int status = pthread_create(out_thread, &attributes, run, argument);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attributes);
	if (status != 0)
		return diag_set(diag, ER_OUTOFMEMORY, (int)thread_stack_size);
	char short_name[16];
	snprintf(short_name, sizeof short_name, "%s", name);
	pthread_setname_np(*out_thread, short_name);
	return 0;
}
