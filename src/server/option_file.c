#include "server/option_file.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { include_depth_max = 10, line_size_max = 8192 };

struct option_file {
	const char *path;
	unsigned line;
	unsigned depth;
	bool in_group; /* the section is one of ours */
	struct arena *arena;
	option_visit *visit;
	void *argument;
};

static int read_file(const char *path, bool must_exist, unsigned depth, struct arena *arena, option_visit *visit,
		     void *argument, struct diag *diag);

static char *trim(char *text)
{
	while (isspace((unsigned char)*text))
		text++;
	size_t size = strlen(text);
	while (size > 0 && isspace((unsigned char)text[size - 1]))
		text[--size] = 0;
	return text;
}

static bool is_our_group(const char *name)
{
	static const char *const names[] = {"mysqld", "server", "gemeld", "mysqld-8.0", "mysqld_safe_gemeld"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcasecmp(name, names[i]) == 0)
			return true;
	return false;
}

/* A comment begins at # outside of quotes. */
static void cut_comment(char *value)
{
	char quote = 0;
	for (char *at = value; *at; at++) {
		if (quote && *at == '\\' && at[1])
			at++;
		else if (quote ? *at == quote : *at == '"' || *at == '\'')
			quote = quote ? 0 : *at;
		else if (!quote && *at == '#' && (at == value || isspace((unsigned char)at[-1]))) {
			*at = 0;
			return;
		}
	}
}

/* Takes quotes off and resolves \n, \t, \s, \\ and their like, as MySQL's files have them. */
static char *unquote(char *value)
{
	size_t size = strlen(value);
	if (size >= 2 && (*value == '"' || *value == '\'') && value[size - 1] == *value) {
		value[size - 1] = 0;
		value++;
	}
	char *out = value;
	for (const char *at = value; *at; at++) {
		static const char names[] = "btnrs\\\"'", values[] = "\b\t\n\r \\\"'";
		const char *found = *at == '\\' && at[1] ? strchr(names, at[1]) : NULL;
		*out++ = found ? values[found - names] : *at;
		at += found != NULL;
	}
	*out = 0;
	return value;
}

static int fail(const struct option_file *file, const char *what, struct diag *diag)
{
	return diag_set_message(diag, ER_WRONG_ARGUMENTS, "%s:%u: %s", file->path, file->line, what);
}

static int include_directory(const struct option_file *file, const char *path, struct diag *diag)
{
	struct dirent **names;
	int count = scandir(path, &names, NULL, alphasort);
	if (count < 0)
		return fail(file, "cannot read the directory of !includedir", diag);
	int status = 0;
	for (int i = 0; i < count; i++) {
		size_t size = strlen(names[i]->d_name);
		if (status == 0 && size > 4 && strcmp(names[i]->d_name + size - 4, ".cnf") == 0)
			status = read_file(arena_printf(file->arena, "%s/%s", path, names[i]->d_name), true,
					   file->depth + 1, file->arena, file->visit, file->argument, diag);
		free(names[i]);
	}
	free(names);
	return status;
}

static int include(const struct option_file *file, char *line, struct diag *diag)
{
	if (file->depth >= include_depth_max)
		return fail(file, "too many nested !include", diag);
	if (strncmp(line, "!includedir", 11) == 0)
		return include_directory(file, trim(line + 11), diag);
	if (strncmp(line, "!include", 8) == 0)
		return read_file(trim(line + 8), true, file->depth + 1, file->arena, file->visit, file->argument,
				 diag);
	return fail(file, "unknown directive", diag);
}

static int read_option(const struct option_file *file, char *line, struct diag *diag)
{
	char *equals = strchr(line, '=');
	char *value = NULL;
	if (equals) {
		*equals = 0;
		value = trim(equals + 1);
		cut_comment(value);
		value = arena_copy_string(file->arena, unquote(trim(value)));
	} else {
		cut_comment(line);
	}
	const char *name = arena_copy_string(file->arena, trim(line));
	const char *where = arena_printf(file->arena, "%s:%u", file->path, file->line);
	return file->visit(name, value, where, file->argument, diag);
}

static int read_line(struct option_file *file, char *line, struct diag *diag)
{
	line = trim(line);
	if (*line == 0 || *line == '#' || *line == ';')
		return 0;
	if (*line == '!')
		return include(file, line, diag);
	if (*line == '[') {
		char *end = strchr(line, ']');
		if (end == NULL)
			return fail(file, "a group's name ends with ]", diag);
		*end = 0;
		file->in_group = is_our_group(trim(line + 1));
		return 0;
	}
	return file->in_group ? read_option(file, line, diag) : 0;
}

static int read_file(const char *path, bool must_exist, unsigned depth, struct arena *arena, option_visit *visit,
		     void *argument, struct diag *diag)
{
	struct option_file file = {.path = path, .depth = depth, .arena = arena, .visit = visit,
				   .argument = argument};
	FILE *stream = fopen(path, "re");
	if (stream == NULL)
		return must_exist ? diag_set(diag, ER_CANT_OPEN_FILE, path, errno, strerror(errno)) : 0;
	char line[line_size_max];
	int status = 0;
	while (status == 0 && fgets(line, sizeof line, stream)) {
		file.line++;
		status = read_line(&file, line, diag);
	}
	fclose(stream);
	return status;
}

int option_file_read(const char *path, bool must_exist, struct arena *arena, option_visit *visit, void *argument,
		     struct diag *diag)
{
	return read_file(path, must_exist, 0, arena, visit, argument, diag);
}
