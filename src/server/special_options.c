#include "server/special_options.h"

#include <string.h>
#include <strings.h>

static int take_datadir(struct options *options, const char *value, struct diag *diag)
{
	options->datadir = value;
	return 0;
}

static int take_user(struct options *options, const char *value, struct diag *diag)
{
	options->user = value;
	return 0;
}

static int take_log_bin(struct options *options, const char *value, struct diag *diag)
{
	options->log_bin_given = true;
	options->log_bin_off = false;
	options->log_bin = value;
	return 0;
}

static int take_skip_log_bin(struct options *options, const char *value, struct diag *diag)
{
	options->log_bin_off = true;
	return 0;
}

static int take_log_bin_index(struct options *options, const char *value, struct diag *diag)
{
	options->log_bin_index = value;
	return 0;
}

static int take_ssl(struct options *options, const char *value, struct diag *diag)
{
	options->tls_off = value && (strcmp(value, "0") == 0 || strcasecmp(value, "OFF") == 0);
	return 0;
}

static int take_skip_ssl(struct options *options, const char *value, struct diag *diag)
{
	options->tls_off = true;
	return 0;
}

static int take_init_file(struct options *options, const char *value, struct diag *diag)
{
	options->init_file = value;
	return 0;
}

static int take_initialize(struct options *options, const char *value, struct diag *diag)
{
	options->initialize = true;
	return 0;
}

/* The option has another name than the variable. */
static int take_default_time_zone(struct options *options, const char *value, struct diag *diag)
{
	return global_variables_set_option(options->variables, variable_row_find(bytes_of_string("time_zone")), value,
					   diag);
}

static int take_help(struct options *options, const char *value, struct diag *diag)
{
	options->help = true;
	return 0;
}

static int take_version(struct options *options, const char *value, struct diag *diag)
{
	options->version = true;
	return 0;
}

static int take_list_faults(struct options *options, const char *value, struct diag *diag)
{
	options->list_faults = true;
	return 0;
}

static int take_print_defaults(struct options *options, const char *value, struct diag *diag)
{
	options->print_defaults = true;
	return 0;
}

static int take_validate(struct options *options, const char *value, struct diag *diag)
{
	options->validate = true;
	return 0;
}

static int take_nothing(struct options *options, const char *value, struct diag *diag)
{
	return 0;
}

/* Given once for each entry: they add up. */
static int take_log_rule(struct options *options, enum filter_rule rule, const char *value, struct diag *diag)
{
	return filter_add(options->log_filter, rule, bytes_of_string(value), bytes_of("", 0), diag);
}

static int take_replicate_rule(struct options *options, enum filter_rule rule, const char *value, struct diag *diag)
{
	return filter_set_add_option(options->replicate_filters, rule, value, diag);
}

#define RULE(function, take_rule, rule)                                                                              \
	static int function(struct options *options, const char *value, struct diag *diag)                           \
	{                                                                                                            \
		return take_rule(options, rule, value, diag);                                                        \
	}
RULE(take_binlog_do_db, take_log_rule, FILTER_DO_DB)
RULE(take_binlog_ignore_db, take_log_rule, FILTER_IGNORE_DB)
RULE(take_do_db, take_replicate_rule, FILTER_DO_DB)
RULE(take_ignore_db, take_replicate_rule, FILTER_IGNORE_DB)
RULE(take_do_table, take_replicate_rule, FILTER_DO_TABLE)
RULE(take_ignore_table, take_replicate_rule, FILTER_IGNORE_TABLE)
RULE(take_wild_do_table, take_replicate_rule, FILTER_WILD_DO_TABLE)
RULE(take_wild_ignore_table, take_replicate_rule, FILTER_WILD_IGNORE_TABLE)
RULE(take_rewrite_db, take_replicate_rule, FILTER_REWRITE_DB)

static const struct special_option specials[] = {
	{"binlog_do_db", take_binlog_do_db, true, "a database that is logged, others then are not; may be repeated"},
	{"binlog_ignore_db", take_binlog_ignore_db, true, "a database that is not logged; may be repeated"},
	{"replicate_do_db", take_do_db, true, "[channel:]db that is applied, others then are not; may be repeated"},
	{"replicate_do_table", take_do_table, true, "[channel:]db.table that is applied, others then are not"},
	{"replicate_ignore_db", take_ignore_db, true, "[channel:]db that is not applied; may be repeated"},
	{"replicate_ignore_table", take_ignore_table, true, "[channel:]db.table that is not applied"},
	{"replicate_rewrite_db", take_rewrite_db, true, "[channel:]from->to: the source's database is another one here"},
	{"replicate_wild_do_table", take_wild_do_table, true, "[channel:]db%.table% that is applied; % and _ match"},
	{"replicate_wild_ignore_table", take_wild_ignore_table, true, "[channel:]db%.table% that is not applied"},
	{"datadir", take_datadir, true, "directory of the data; made and filled when it is empty (gemel-data)"},
	{"default_time_zone", take_default_time_zone, true, "time_zone of sessions, as '+02:00' or SYSTEM"},
	{"help", take_help, false, "print this and exit"},
	{"init_file", take_init_file, true, "file of SQL statements to run at each start"},
	{"initialize", take_initialize, false, "make the data directory and exit"},
	{"initialize_insecure", take_initialize, false, "the same: root has no password until one is set"},
	{"list_faults", take_list_faults, false, "print the names of the fault points, for tests, and exit"},
	{"log_bin", take_log_bin, false, "base name of the binary log (binlog); on unless skip-log-bin"},
	{"log_bin_index", take_log_bin_index, true, "name of the binary log's index file"},
	{"print_defaults", take_print_defaults, false, "print what the option files say and exit"},
	{"skip_log_bin", take_skip_log_bin, false, "no binary log: nothing can replicate from here"},
	{"disable_log_bin", take_skip_log_bin, false, NULL},
	{"skip_grant_tables", NULL, false, NULL},
	{"ssl", take_ssl, false, "offer TLS to clients; on unless skip-ssl or ssl=0"},
	{"skip_ssl", take_skip_ssl, false, NULL},
	{"disable_ssl", take_skip_ssl, false, NULL},
	{"user", take_user, true, "system account to run as, when started by root"},
	{"validate_config", take_validate, false, "check the options and exit"},
	{"verbose", take_nothing, false, NULL},
	{"version", take_version, false, "print the version and exit"},
	{"console", take_nothing, false, NULL},
};

const struct special_option *special_option_at(size_t index)
{
	return index < sizeof specials / sizeof *specials ? &specials[index] : NULL;
}
