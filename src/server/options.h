/*
 * Options: the command line and my.cnf files, with mysqld's names.
 *
 * Order, later wins: the option files, the command line, mysqld-auto.cnf. Files: --defaults-file alone; or
 * /etc/gemel/my.cnf, --defaults-extra-file, ~/.gemel.cnf. Groups [mysqld], [server], [gemeld], [mysqld-8.0]. `-` and
 * `_` are alike; a name may be cut where it stays unique; loose_ makes an unknown one a warning; skip_x and disable_x are
 * x=0, enable_x is x=1. Obsolete options warn, unknown ones end the start by name.
 *
 * Files are not read by a library: the ones at hand know neither options without a value nor !include.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/diag.h"
#include "filter/filter_set.h"
#include "session/variable_table.h"

/* What is not a system variable. Texts live in the options' arena; NULL: not given. */
struct options {
	struct arena arena;
	const char *datadir;
	const char *user;          /* the system account to run as */
	const char *log_bin;       /* base name; "" with log_bin_given: the default name */
	bool log_bin_given;
	bool log_bin_off;          /* skip-log-bin */
	const char *log_bin_index;
	const char *init_file;
	bool tls_off;              /* skip-ssl */
	bool initialize;           /* make the data directory and exit */
	bool help, version, print_defaults, validate, list_faults;
	struct warnings warnings;  /* obsolete options, for the error log once it is open */
	struct filter *log_filter;            /* binlog-do-db, binlog-ignore-db */
	struct filter_set *replicate_filters; /* replicate-* */
	struct global_variables *variables; /* borrowed */
};

/* Reads everything. -1: diag says which option of which file. */
int options_read(struct options *options, struct global_variables *variables, int argc, char **argv,
		 struct diag *diag);
/* mysqld-auto.cnf: what SET PERSIST kept wins over all that was read before. -1: a variable is unknown or its value bad. */
struct persisted;
int options_take_persisted(struct options *options, struct persisted *persisted, struct diag *diag);
void options_deinit(struct options *options);
void options_print_help(void); /* to stdout: each option with its default */
