/*
 * Files on the server that statements name: LOAD DATA INFILE, SELECT ... INTO OUTFILE, LOAD_FILE(). Who may, and where:
 * the FILE privilege and secure_file_priv (NULL: nowhere, empty: anywhere, else below that directory).
 */
#pragma once

#include <limits.h>
#include <sys/types.h>

#include "session/session.h"

bool server_file_allowed(const struct session *session); /* the FILE privilege */
/* The path, with relative ones taken from the data directory. -1: 1290, secure_file_priv forbids it. */
int server_file_path(struct session *session, struct bytes name, char out[PATH_MAX], struct diag *diag);
/* Opens an ordinary file. -1: 1290, 13 (not there), 29 (cannot be read), 1085 (not a file). */
int server_file_open(struct session *session, struct bytes name, int *out_fd, off_t *out_size, struct diag *diag);
/* Creates a file that must not exist, mode 0640 as MySQL 8.0 does. -1: 1290, 1086, 1. */
int server_file_create(struct session *session, struct bytes name, int *out_fd, struct diag *diag);
