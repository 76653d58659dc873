/* The data directory: made, filled and locked; who this server is. */
#pragma once

#include "base/diag.h"

struct datadir {
	char *path;       /* absolute, owned */
	int lock_fd;      /* holds the lock file */
	char uuid[37];    /* from auto.cnf */
	bool is_fresh;    /* it was empty */
};

/*
 * Makes the directory where it is missing, refuses one that another server runs on or that holds something else,
 * reads or writes auto.cnf. user: the account that shall own it, or NULL.
 */
int datadir_open(struct datadir *datadir, const char *path, const char *user, struct diag *diag);
void datadir_close(struct datadir *datadir);
/* Drops root's rights for this account's. -1: no such account. Nothing when not started by root. */
int datadir_become_user(const char *user, struct diag *diag);
