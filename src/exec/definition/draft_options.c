/* Table options on the drawing board. */
#include <stdio.h>
#include <strings.h>

#include "base/buf.h"
#include "exec/definition/table_draft.h"
#include "type/sql_mode.h"

enum { table_comment_max = 2048 };

/* Engines that a MySQL or MariaDB knows, as they are shown. All tables are kept alike. */
static const char *const engines[][2] = {
	{"INNODB", "InnoDB"},     {"MYISAM", "MyISAM"},           {"MEMORY", "MEMORY"},       {"HEAP", "MEMORY"},
	{"MRG_MYISAM", "MRG_MYISAM"}, {"MERGE", "MRG_MYISAM"},    {"CSV", "CSV"},             {"ARCHIVE", "ARCHIVE"},
	{"BLACKHOLE", "BLACKHOLE"}, {"FEDERATED", "FEDERATED"},   {"NDBCLUSTER", "ndbcluster"}, {"NDB", "ndbcluster"},
	{"ARIA", "Aria"},         {"ROCKSDB", "ROCKSDB"},         {"TOKUDB", "TokuDB"},       {"INNOBASE", "InnoDB"},
};

static const char *find_engine(const char *name)
{
	for (size_t i = 0; i < sizeof engines / sizeof *engines; i++)
		if (strcasecmp(engines[i][0], name) == 0)
			return engines[i][1];
	return NULL;
}

/* Options that are kept only to be shown again, in the order they are shown. */
static const char *const shown_options[] = {
	"MIN_ROWS", "MAX_ROWS", "AVG_ROW_LENGTH", "PACK_KEYS", "STATS_PERSISTENT", "STATS_AUTO_RECALC",
	"STATS_SAMPLE_PAGES", "CHECKSUM", "DELAY_KEY_WRITE", "KEY_BLOCK_SIZE",
};
enum { shown_option_count = sizeof shown_options / sizeof *shown_options };

static bool is_default(const struct ast_option *option)
{
	return option->value == NULL || option->value->kind != AST_LITERAL;
}

static const char *text_of(struct statement *statement, const struct ast_option *option)
{
	const struct ast_literal *literal = option->value->literal;
	if (literal->kind == AST_LITERAL_INTEGER)
		return arena_printf(statement->arena, "%llu", (unsigned long long)literal->integer);
	return arena_copy_text(statement->arena, (const char *)literal->text.data, literal->text.size);
}

static uint64_t number_of(const struct ast_option *option)
{
	const struct ast_literal *literal = option->value->literal;
	return literal->kind == AST_LITERAL_INTEGER ? literal->integer : 0;
}

/* ------------------------------------------------------------------ the text of options that are only shown */

/* The value of NAME in "A=1 B=2", or NULL. */
static const char *find_shown(struct arena *arena, const char *options, const char *name)
{
	size_t size = strlen(name);
	for (const char *at = options; at && *at; at = strchr(at, ' ')) {
		at += *at == ' ';
		if (strncmp(at, name, size) == 0 && at[size] == '=')
			return arena_copy_text(arena, at + size + 1, strcspn(at + size + 1, " "));
	}
	return NULL;
}

/* 0 is what these have when nobody says anything; only for the statistics it is a choice. */
static bool is_silent(const char *name, const char *value)
{
	return strcmp(value, "DEFAULT") == 0 || (strncmp(name, "STATS_", 6) != 0 && strcmp(name, "PACK_KEYS") != 0 &&
						 strcmp(value, "0") == 0);
}

static void set_shown(struct table_draft *draft, const char *name, const char *value)
{
	struct arena *arena = draft->statement->arena;
	const char *text = "";
	for (size_t i = 0; i < shown_option_count; i++) {
		const char *kept = strcmp(shown_options[i], name) == 0 ? value
								       : find_shown(arena, draft->options, shown_options[i]);
		if (kept && !is_silent(shown_options[i], kept))
			text = arena_printf(arena, "%s%s%s=%s", text, *text ? " " : "", shown_options[i], kept);
	}
	draft->options = text;
}

/* ------------------------------------------------------------------ options with a meaning */

static int set_engine(struct table_draft *draft, const char *name)
{
	struct statement *statement = draft->statement;
	struct warnings *warnings = &statement->session->warnings;
	const char *engine = find_engine(name);
	if (engine) {
		draft->engine = engine;
		return 0;
	}
	if (statement->session->variables.sql_mode & SQL_MODE_NO_ENGINE_SUBSTITUTION)
		return diag_set(statement->diag, ER_UNKNOWN_STORAGE_ENGINE, name);
	warnings_add(warnings, WARNING_WARNING, ER_UNKNOWN_STORAGE_ENGINE, name);
	warnings_add(warnings, WARNING_WARNING, ER_WARN_USING_OTHER_HANDLER, draft->engine, draft->name);
	return 0;
}

static const char *row_format_of(const char *text)
{
	static const char *const formats[] = {"DYNAMIC", "FIXED", "COMPRESSED", "REDUNDANT", "COMPACT", "PAGE"};
	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
		if (strcasecmp(formats[i], text) == 0)
			return formats[i];
	return NULL;
}

static int set_comment(struct table_draft *draft, const char *text)
{
	if (charset_length(charset_get(CHARSET_UTF8MB4), bytes_of_string(text)) > table_comment_max)
		return diag_set(draft->statement->diag, ER_TOO_LONG_TABLE_COMMENT, draft->name,
				(unsigned long)table_comment_max);
	draft->comment = text;
	return 0;
}

int draft_find_collation(struct statement *statement, const char *charset_name, const char *collation_name,
			 const struct collation *fallback, const struct collation **out)
{
	struct diag *diag = statement->diag;
	const struct charset *charset = NULL;
	*out = fallback;
	if (charset_name) {
		charset = charset_find(bytes_of_string(charset_name));
		if (charset == NULL)
			return diag_set(diag, ER_UNKNOWN_CHARACTER_SET, charset_name);
		*out = charset->default_collation;
	}
	if (collation_name == NULL)
		return 0;
	*out = collation_find(bytes_of_string(collation_name));
	if (*out == NULL)
		return diag_set(diag, ER_UNKNOWN_COLLATION, collation_name);
	if (charset && (*out)->charset != charset)
		return diag_set(diag, ER_COLLATION_CHARSET_MISMATCH, (*out)->name, charset->name);
	return 0;
}

int draft_set_option(struct table_draft *draft, const struct ast_option *option)
{
	const char *name = option->name;
	bool has_value = !is_default(option);
	const char *text = has_value ? text_of(draft->statement, option) : "DEFAULT";
	if (strcmp(name, "ENGINE") == 0)
		return set_engine(draft, text);
	if (strcmp(name, "COMMENT") == 0)
		return set_comment(draft, has_value ? text : "");
	if (strcmp(name, "ROW_FORMAT") == 0)
		draft->row_format = row_format_of(text);
	else if (strcmp(name, "AUTO_INCREMENT") == 0)
		draft->auto_increment = has_value ? number_of(option) : 0;
	else
		set_shown(draft, name, text);
	return 0;
}

/* CHARSET and COLLATE count together, in whatever order they stand. */
static int set_collation(struct table_draft *draft, const struct ast_options *options)
{
	const char *charset = NULL, *collation = NULL;
	for (size_t i = 0; i < options->count; i++) {
		const struct ast_option *option = &options->items[i];
		if (is_default(option))
			continue;
		if (strcmp(option->name, "CHARSET") == 0)
			charset = text_of(draft->statement, option);
		else if (strcmp(option->name, "COLLATE") == 0)
			collation = text_of(draft->statement, option);
	}
	return draft_find_collation(draft->statement, charset, collation, draft->collation, &draft->collation);
}

int draft_set_options(struct table_draft *draft, const struct ast_options *options)
{
	if (set_collation(draft, options) != 0)
		return -1;
	for (size_t i = 0; i < options->count; i++) {
		const char *name = options->items[i].name;
		if (strcmp(name, "CHARSET") == 0 || strcmp(name, "COLLATE") == 0)
			continue;
		if (draft_set_option(draft, &options->items[i]) != 0)
			return -1;
	}
	return 0;
}
