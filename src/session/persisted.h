/*
 * The variables that SET PERSIST keeps over restarts: mysqld-auto.cnf in the data directory, read behind all other options.
 *
 * The file is JSON as MySQL 8 writes it (8.0.29 and later; the form before that is read as well):
 *
 *   {"Version": 2,
 *    "mysql_static_variables": {"back_log": {"Value": "100", "Metadata": {"Host": "localhost", "User": "root",
 *                                                                         "Timestamp": 1790994956910939}}},
 *    "mysql_dynamic_variables": {...}}
 *
 * Static are those that take effect at a start only; MySQL has more groups, by when it reads them. Whatever the groups are,
 * an object with a "Value" is a variable. After a crash the file is the old or the new one.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"

struct persisted;
struct persisted_variable {
	const char *name, *value, *user, *host;
	int64_t time_us;
	bool is_static;
};

/* Reads the file; without one nothing is persisted. -1: it is damaged. */
int persisted_open(const char *data_directory, struct persisted **out, struct diag *diag);
void persisted_close(struct persisted **persisted); /* NULL is fine */

/* Any thread. Texts are copied. -1: the file could not be written, and nothing changed. */
int persisted_set(struct persisted *persisted, const struct persisted_variable *variable, struct diag *diag);
/* name NULL: all. *out_found: was there such a variable? */
int persisted_reset(struct persisted *persisted, const char *name, bool *out_found, struct diag *diag);
/* By name; texts in the arena. False past the end. */
bool persisted_at(struct persisted *persisted, size_t index, struct arena *arena, struct persisted_variable *out);
