#include "server/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "server/option_file.h"
#include "server/special_options.h"
#include "session/persisted.h"

/* Options of older servers and of engines that are not here: accepted with a warning. Ends in _ or is a whole name. */
static const char *const obsolete[] = {
	"bdb_", "innodb_", "myisam_", "aria_", "ndb_", "query_cache_", "performance_schema_", "federated", "archive",
	"skip_bdb", "skip_innodb", "skip_locking", "skip_ndbcluster", "skip_federated", "skip_archive",
	"skip_blackhole", "skip_host_cache", "skip_symbolic_links", "skip_character_set_client_handshake",
	"skip_stack_trace", "skip_safemalloc", "key_buffer", "table_cache", "thread_concurrency", "record_buffer",
	"sort_buffer", "myisam_recover", "log_isam", "bdb", "innodb", "skip_thread_priority", "safe_show_database",
	"log_slow_queries", "log_long_format", "log_short_format", "set_variable", "external_locking", "symbolic_links",
	"language", "delayed_insert_limit", "delayed_queue_size", "delayed_insert_timeout", "ft_", "old_alter_table",
	"slave_load_tmpdir", "large_pages", "memlock", "core_file", "mysqlx", "mysqlx_", "skip_mysqlx", "plugin_load",
	"plugin_load_add", "early_plugin_load", "default_table_type", "storage_engine", "secure_auth", "sync_frm",
	"table_lock_wait_timeout", "thread_pool_", "optimizer_", "host_cache_size", "character_set_client_handshake",
	"default_character_set", "temp_pool", "port_open_timeout", "slow_query_log_use_global_control",
	"caching_sha2_password_", "sha256_password_", "general_log_", "admin_", "performance_schema", "log_timestamps",
};

static bool is_obsolete(const char *name)
{
	for (size_t i = 0; i < sizeof obsolete / sizeof *obsolete; i++) {
		size_t size = strlen(obsolete[i]);
		bool is_family = obsolete[i][size - 1] == '_';
		if (is_family ? strncmp(name, obsolete[i], size) == 0 : strcmp(name, obsolete[i]) == 0)
			return true;
	}
	return false;
}

/* ------------------------------------------------------------------ finding a name */

struct option_match {
	const struct special_option *special;
	const struct variable_row *row;
	unsigned prefixes;         /* names that the given one is a beginning of */
};

static bool is_option(const struct variable_row *row)
{
	return row && !(row->traits & NOT_OPTION);
}

static void find_exact(const char *name, struct option_match *out)
{
	*out = (struct option_match){0};
	const struct special_option *special;
	for (size_t i = 0; (special = special_option_at(i)); i++)
		if (strcmp(special->name, name) == 0)
			out->special = special;
	const struct variable_row *row = variable_row_find(bytes_of_string(name));
	if (!out->special && is_option(row))
		out->row = row;
}

static void find_by_prefix(const char *name, struct option_match *out)
{
	size_t size = strlen(name);
	*out = (struct option_match){0};
	const struct special_option *special;
	for (size_t i = 0; (special = special_option_at(i)); i++)
		if (strncmp(special->name, name, size) == 0) {
			out->special = special;
			out->prefixes++;
		}
	for (size_t i = 0; i < variable_row_count(); i++) {
		const struct variable_row *row = variable_row_at(i);
		if (!row->alias_of && is_option(row) && strncmp(row->name, name, size) == 0) {
			out->row = row;
			out->prefixes++;
		}
	}
}

static bool found(const struct option_match *match)
{
	return match->special || match->row;
}

static char *normalise(struct arena *arena, const char *name)
{
	char *copy = arena_copy_string(arena, name);
	for (char *at = copy; *at; at++)
		if (*at == '-')
			*at = '_';
	return copy;
}

/* skip_x, disable_x, enable_x of a switch. */
static bool find_switch(const char *name, struct option_match *out, const char **out_value)
{
	static const struct {
		const char *prefix, *value;
	} forms[] = {{"skip_", "0"}, {"disable_", "0"}, {"enable_", "1"}};
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		size_t size = strlen(forms[i].prefix);
		if (strncmp(name, forms[i].prefix, size) != 0)
			continue;
		find_exact(name + size, out);
		if (out->row && out->row->kind == VARIABLE_BOOL) {
			*out_value = forms[i].value;
			return true;
		}
	}
	return false;
}

/* ------------------------------------------------------------------ taking an option */

static int add_where(struct diag *diag, const char *where)
{
	char message[diag_message_size];
	snprintf(message, sizeof message, "%s", diag->message);
	return diag_set_message(diag, (enum error_code)diag->code, "%s: %s", where, message);
}

static int apply(struct options *options, const struct option_match *match, const char *name, const char *value,
		 const char *where, struct diag *diag)
{
	if (match->special && match->special->take == NULL)
		return diag_set_message(diag, ER_NOT_SUPPORTED_YET, "%s: the option '%s' is not supported", where,
					name);
	if (match->special && match->special->needs_value && value == NULL)
		return diag_set_message(diag, ER_WRONG_ARGUMENTS, "%s: the option '%s' requires an argument", where,
					name);
	if (match->special)
		return match->special->take(options, value, diag) == 0 ? 0 : add_where(diag, where);
	if (match->row->check && value) {
		struct value text = value_string(bytes_of_string(value), collation_utf8mb4_default);
		if (match->row->check(NULL, VARIABLE_GLOBAL, &text, diag) != 0)
			return add_where(diag, where);
	}
	if (global_variables_set_option(options->variables, match->row, value, diag) != 0)
		return add_where(diag, where);
	return 0;
}

static int take_option(const char *given, const char *value, const char *where, void *argument, struct diag *diag)
{
	struct options *options = argument;
	const char *name = normalise(&options->arena, given);
	bool loose = strncmp(name, "loose_", 6) == 0;
	struct option_match match;
	name += loose ? 6 : 0;
	find_exact(name, &match);
	if (!found(&match))
		find_switch(name, &match, &value);
	if (!found(&match) && is_obsolete(name)) {
		warnings_add_message(&options->warnings, WARNING_WARNING, ER_WARN_DEPRECATED_SYNTAX,
				     "%s: the option '%s' means nothing here and is ignored", where, given);
		return 0;
	}
	if (!found(&match)) {
		find_by_prefix(name, &match);
		if (match.prefixes > 1)
			return diag_set_message(diag, ER_UNKNOWN_SYSTEM_VARIABLE, "%s: ambiguous option '%s'", where,
						given);
	}
	if (found(&match))
		return apply(options, &match, given, value, where, diag);
	if (!loose)
		return diag_set_message(diag, ER_UNKNOWN_SYSTEM_VARIABLE, "%s: unknown %s '%s%s%s'", where,
					value ? "variable" : "option", given, value ? "=" : "", value ? value : "");
	warnings_add_message(&options->warnings, WARNING_WARNING, ER_UNKNOWN_SYSTEM_VARIABLE,
			     "%s: unknown option '%s' is ignored", where, given);
	return 0;
}

/* ------------------------------------------------------------------ files, then the command line */

struct file_choice {
	const char *only, *extra;
	bool none;
	int first_argument; /* behind the file options, which must come first */
};

static const char *value_of(const char *argument, const char *name)
{
	size_t size = strlen(name);
	return strncmp(argument, name, size) == 0 ? argument + size : NULL;
}

static void choose_files(int argc, char **argv, struct file_choice *out)
{
	*out = (struct file_choice){.first_argument = 1};
	for (int i = 1; i < argc; i++) {
		const char *only = value_of(argv[i], "--defaults-file=");
		const char *extra = value_of(argv[i], "--defaults-extra-file=");
		if (only)
			out->only = only;
		else if (extra)
			out->extra = extra;
		else if (strcmp(argv[i], "--no-defaults") == 0)
			out->none = true;
		else
			break;
		out->first_argument = i + 1;
	}
}

static int read_files(struct options *options, const struct file_choice *choice, struct diag *diag)
{
	struct arena *arena = &options->arena;
	if (choice->none)
		return 0;
	if (choice->only)
		return option_file_read(choice->only, true, arena, take_option, options, diag);
	if (option_file_read("/etc/gemel/my.cnf", false, arena, take_option, options, diag) != 0)
		return -1;
	if (choice->extra && option_file_read(choice->extra, true, arena, take_option, options, diag) != 0)
		return -1;
	const char *home = getenv("HOME");
	if (home == NULL)
		return 0;
	return option_file_read(arena_printf(arena, "%s/.gemel.cnf", home), false, arena, take_option, options, diag);
}

/* The short forms mysqld has. */
static const char *long_form(char letter)
{
	static const struct {
		char letter;
		const char *name;
	} forms[] = {{'P', "port"}, {'S', "socket"}, {'h', "datadir"}, {'u', "user"}, {'b', "basedir"},
		     {'t', "tmpdir"}, {'?', "help"}, {'V', "version"}, {'v', "verbose"}};
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
		if (forms[i].letter == letter)
			return forms[i].name;
	return NULL;
}

static bool takes_value(const char *name)
{
	struct option_match match;
	find_exact(name, &match);
	return match.special ? match.special->needs_value : match.row && match.row->kind != VARIABLE_BOOL;
}

static int read_command_line(struct options *options, int first, int argc, char **argv, struct diag *diag)
{
	const char *where = "command line";
	for (int i = first; i < argc; i++) {
		char *argument = arena_copy_string(&options->arena, argv[i]);
		const char *short_name = argument[0] == '-' && argument[1] != '-' ? long_form(argument[1]) : NULL;
		const char *name, *value = NULL;
		if (short_name) {
			name = short_name;
			value = argument[2] ? argument + 2 : NULL;
		} else if (strncmp(argument, "--", 2) == 0 && argument[2]) {
			char *equals = strchr(argument, '=');
			name = argument + 2;
			if (equals) {
				*equals = 0;
				value = equals + 1;
			}
		} else {
			return diag_set_message(diag, ER_UNKNOWN_SYSTEM_VARIABLE, "%s: unknown argument '%s'", where,
						argv[i]);
		}
		if (value == NULL && takes_value(normalise(&options->arena, name)) && i + 1 < argc)
			value = arena_copy_string(&options->arena, argv[++i]);
		if (take_option(name, value, where, options, diag) != 0)
			return -1;
	}
	return 0;
}

int options_read(struct options *options, struct global_variables *variables, int argc, char **argv,
		 struct diag *diag)
{
	*options = (struct options){.variables = variables};
	arena_init(&options->arena);
	warnings_init(&options->warnings, 1000);
	options->log_filter = filter_create();
	options->replicate_filters = filter_set_create();
	struct file_choice choice;
	choose_files(argc, argv, &choice);
	if (read_files(options, &choice, diag) != 0)
		return -1;
	return read_command_line(options, choice.first_argument, argc, argv, diag);
}

int options_take_persisted(struct options *options, struct persisted *persisted, struct diag *diag)
{
	struct persisted_variable variable;
	for (size_t i = 0; persisted_at(persisted, i, &options->arena, &variable); i++)
		if (take_option(variable.name, variable.value, "mysqld-auto.cnf", options, diag) != 0)
			return -1;
	return 0;
}

void options_deinit(struct options *options)
{
	warnings_deinit(&options->warnings);
	filter_destroy(&options->log_filter);
	filter_set_destroy(&options->replicate_filters);
	arena_deinit(&options->arena);
}

/* ------------------------------------------------------------------ --help */

static void print_dashed(const char *name)
{
	for (; *name; name++)
		putchar(*name == '_' ? '-' : *name);
}

void options_print_help(void)
{
	puts("gemeld " GEMEL_VERSION ", a SQL server that speaks MySQL\n\n"
	     "Usage: gemeld [--defaults-file=FILE | --no-defaults] [OPTIONS]\n\n"
	     "Option files: /etc/gemel/my.cnf, ~/.gemel.cnf; groups [mysqld], [server], [gemeld]\n");
	const struct special_option *special;
	for (size_t i = 0; (special = special_option_at(i)); i++) {
		if (special->help == NULL)
			continue;
		printf("  --");
		print_dashed(special->name);
		printf("\n        %s\n", special->help);
	}
	struct buf text;
	buf_init(&text);
	for (size_t i = 0; i < variable_row_count(); i++) {
		const struct variable_row *row = variable_row_at(i);
		if (row->alias_of || !is_option(row))
			continue;
		buf_clear(&text);
		variable_print_default(row, &text);
		printf("  --");
		print_dashed(row->name);
		printf("=%s\n", buf_cstring(&text));
		if (row->help)
			printf("        %s\n", row->help);
	}
	buf_deinit(&text);
}
