#include "session/persisted.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/lock.h"
#include "base/memory.h"
#include "type/json_scan.h"
#include "type/json_text.h"

enum { file_size_max = 1 << 20, integer_base = 10 };

struct persisted_list {
	struct persisted_variable *items; /* by name; texts owned */
	size_t count;
};

struct persisted {
	char *path; /* immutable */
	struct lock lock;
	struct persisted_list list; /* guarded by lock, as the file is */
};

static FAULT_REGISTERED struct file_replace_faults replace_faults = FILE_REPLACE_FAULTS("persisted");
static FAULT_REGISTERED struct file_sync_faults sync_faults = FILE_SYNC_FAULTS("persisted");

/* ------------------------------------------------------------------ the list */

static struct persisted_variable copy_of(const struct persisted_variable *variable)
{
	return (struct persisted_variable){
		.name = memory_copy_string(variable->name),
		.value = memory_copy_string(variable->value),
		.user = memory_copy_string(variable->user),
		.host = memory_copy_string(variable->host),
		.time_us = variable->time_us,
		.is_static = variable->is_static,
	};
}

static void free_texts(struct persisted_variable *variable)
{
	memory_free((char *)variable->name);
	memory_free((char *)variable->value);
	memory_free((char *)variable->user);
	memory_free((char *)variable->host);
}

static void list_put(struct persisted_list *list, const struct persisted_variable *variable)
{
	size_t at = 0;
	while (at < list->count && strcmp(list->items[at].name, variable->name) < 0)
		at++;
	if (at < list->count && strcmp(list->items[at].name, variable->name) == 0) {
		free_texts(&list->items[at]);
	} else {
		list->items = memory_realloc(list->items, (list->count + 1) * sizeof *list->items);
		memmove(list->items + at + 1, list->items + at, (list->count++ - at) * sizeof *list->items);
	}
	list->items[at] = copy_of(variable);
}

static void list_deinit(struct persisted_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free_texts(&list->items[i]);
	memory_free(list->items);
	*list = (struct persisted_list){0};
}

/* Without the variable of that name; NULL: without any. */
static struct persisted_list list_copy_without(const struct persisted_list *list, const char *name)
{
	struct persisted_list copy = {0};
	for (size_t i = 0; i < list->count && name; i++)
		if (strcmp(list->items[i].name, name) != 0)
			list_put(&copy, &list->items[i]);
	return copy;
}

/* ------------------------------------------------------------------ reading the file */

static const char *read_text(struct arena *arena, struct bytes value)
{
	struct buf text = {0};
	if (json_kind_of(value) == JSON_STRING)
		json_unescape(json_string_content(value), &text);
	else
		buf_put_bytes(&text, value);
	const char *copy = arena_copy_text(arena, (const char *)text.data, text.size);
	buf_deinit(&text);
	return copy;
}

static bool find_member(struct bytes object, const char *name, struct bytes *out)
{
	struct json_walk walk = json_walk_of(object);
	while (json_walk_next(&walk))
		if (walk.is_object && json_name_is(walk.name, bytes_of_string(name))) {
			*out = walk.value;
			return true;
		}
	return false;
}

static const char *find_text(struct arena *arena, struct bytes object, const char *name)
{
	struct bytes value;
	return find_member(object, name, &value) ? read_text(arena, value) : "";
}

static void read_variable(struct arena *arena, struct bytes raw_name, struct bytes object, bool is_static,
			  struct persisted_list *out)
{
	struct bytes metadata = bytes_of("{}", 2);
	struct buf name = {0};
	find_member(object, "Metadata", &metadata);
	json_unescape(raw_name, &name);
	struct persisted_variable variable = {
		.name = buf_cstring(&name),
		.value = find_text(arena, object, "Value"),
		.user = find_text(arena, metadata, "User"),
		.host = find_text(arena, metadata, "Host"),
		.time_us = strtoll(find_text(arena, metadata, "Timestamp"), NULL, integer_base),
		.is_static = is_static,
	};
	list_put(out, &variable);
	buf_deinit(&name);
}

/* Groups in groups: as deep as JSON may be. */
static void read_group(struct arena *arena, struct bytes group, bool is_static, struct persisted_list *out)
{
	struct json_walk walk = json_walk_of(group);
	while (json_walk_next(&walk)) {
		struct bytes value;
		if (json_kind_of(walk.value) != JSON_OBJECT)
			continue;
		if (find_member(walk.value, "Value", &value))
			read_variable(arena, walk.name, walk.value, is_static, out);
		else
			read_group(arena, walk.value,
				   is_static || memmem(walk.name.data, walk.name.size, "static", strlen("static")), out);
	}
}

static int refuse(const struct persisted *persisted, const char *why, struct diag *diag)
{
	return diag_set_message(diag, ER_UNKNOWN_ERROR,
				"Persisted config file '%s' is %s: bring it back from a copy, or remove it and persist again what it "
				"set", persisted->path, why);
}

/* MySQL 8.0 writes 1 or 2, and names its groups after it. */
static bool is_known_version(struct arena *arena, struct bytes object)
{
	const char *version = find_text(arena, object, "Version");
	return strcmp(version, "1") == 0 || strcmp(version, "2") == 0;
}

static int read_json(struct persisted *persisted, struct bytes text, struct diag *diag)
{
	struct buf normal = {0};
	struct json_error error;
	struct arena arena;
	int status = 0;
	arena_init(&arena);
	if (!json_text_normalise(text, &normal, &error) || !json_is(buf_bytes(&normal), '{'))
		status = refuse(persisted, "corrupt", diag);
	else if (!is_known_version(&arena, buf_bytes(&normal)))
		status = refuse(persisted, "of another version than 1 and 2", diag);
	else
		read_group(&arena, buf_bytes(&normal), false, &persisted->list);
	arena_deinit(&arena);
	buf_deinit(&normal);
	return status;
}

static int read_file(struct persisted *persisted, struct diag *diag)
{
	FILE *file = fopen(persisted->path, "re");
	if (file == NULL)
		return errno == ENOENT ? 0 : diag_set(diag, ER_CANT_OPEN_FILE, persisted->path, errno, strerror(errno));
	struct buf text = {0};
	text.size = fread(buf_reserve(&text, file_size_max), 1, file_size_max, file);
	int error = ferror(file) ? errno : 0;
	fclose(file);
	int status = error ? diag_set(diag, ER_CANT_OPEN_FILE, persisted->path, error, strerror(error))
			   : read_json(persisted, buf_bytes(&text), diag);
	buf_deinit(&text);
	return status;
}

int persisted_open(const char *data_directory, struct persisted **out, struct diag *diag)
{
	struct persisted *persisted = memory_zalloc(sizeof *persisted);
	struct buf path = {0};
	buf_printf(&path, "%s/mysqld-auto.cnf", data_directory);
	persisted->path = memory_copy_string(buf_cstring(&path));
	buf_deinit(&path);
	lock_init(&persisted->lock, "persisted", LOCK_RANK_LEAF);
	if (read_file(persisted, diag) != 0) {
		persisted_close(&persisted);
		return -1;
	}
	*out = persisted;
	return 0;
}

void persisted_close(struct persisted **persisted)
{
	if (*persisted == NULL)
		return;
	list_deinit(&(*persisted)->list);
	lock_deinit(&(*persisted)->lock);
	memory_free((*persisted)->path);
	memory_free(*persisted);
	*persisted = NULL;
}

/* ------------------------------------------------------------------ writing it */

static void put_member(struct buf *out, const char *name, const char *text)
{
	json_text_quote(bytes_of_string(name), out);
	buf_put_u8(out, ':');
	json_text_quote(bytes_of_string(text), out);
}

static void put_variable(struct buf *out, const struct persisted_variable *variable)
{
	json_text_quote(bytes_of_string(variable->name), out);
	buf_put_string(out, ":{");
	put_member(out, "Value", variable->value);
	buf_put_string(out, ",\"Metadata\":{");
	put_member(out, "User", variable->user);
	buf_put_u8(out, ',');
	put_member(out, "Host", variable->host);
	buf_printf(out, ",\"Timestamp\":%lld}}", (long long)variable->time_us);
}

/* MySQL leaves out what is empty. */
static void put_group(struct buf *out, const char *name, const struct persisted_list *list, bool is_static)
{
	const char *separator = "";
	for (size_t i = 0; i < list->count; i++) {
		if (list->items[i].is_static != is_static)
			continue;
		if (*separator == 0)
			buf_printf(out, ",\"%s\":{", name);
		buf_put_string(out, separator);
		put_variable(out, &list->items[i]);
		separator = ",";
	}
	if (*separator)
		buf_put_u8(out, '}');
}

static int write_file(const struct persisted *persisted, const struct persisted_list *list, struct diag *diag)
{
	struct buf text = {0}, normal = {0}, temporary = {0};
	struct json_error error;
	buf_put_string(&text, "{\"Version\":2");
	put_group(&text, "mysql_static_variables", list, true);
	put_group(&text, "mysql_dynamic_variables", list, false);
	buf_put_u8(&text, '}');
	buf_printf(&temporary, "%s.backup", persisted->path);
	int status = -1;
	if (!json_text_normalise(buf_bytes(&text), &normal, &error))
		diag_set_message(diag, ER_UNKNOWN_ERROR, "What is to be persisted is no text");
	else if (file_replace(persisted->path, buf_cstring(&temporary), buf_bytes(&normal), &replace_faults,
			      &sync_faults) < 0)
		diag_set(diag, EE_WRITE, persisted->path, errno, strerror(errno));
	else
		status = 0;
	buf_deinit(&text);
	buf_deinit(&normal);
	buf_deinit(&temporary);
	return status;
}

/* The list is taken over: in force when the file has it, else freed. The lock is held. */
static int replace_list(struct persisted *persisted, struct persisted_list *list, struct diag *diag)
{
	int status = write_file(persisted, list, diag);
	if (status == 0) {
		struct persisted_list old = persisted->list;
		persisted->list = *list;
		*list = old;
	}
	list_deinit(list);
	return status;
}

int persisted_set(struct persisted *persisted, const struct persisted_variable *variable, struct diag *diag)
{
	lock_take(&persisted->lock);
	struct persisted_list next = list_copy_without(&persisted->list, variable->name);
	list_put(&next, variable);
	int status = replace_list(persisted, &next, diag);
	lock_release(&persisted->lock);
	return status;
}

int persisted_reset(struct persisted *persisted, const char *name, bool *out_found, struct diag *diag)
{
	int status = 0;
	lock_take(&persisted->lock);
	struct persisted_list next = list_copy_without(&persisted->list, name);
	*out_found = next.count < persisted->list.count;
	if (*out_found)
		status = replace_list(persisted, &next, diag);
	else
		list_deinit(&next);
	lock_release(&persisted->lock);
	return status;
}

bool persisted_at(struct persisted *persisted, size_t index, struct arena *arena, struct persisted_variable *out)
{
	lock_take(&persisted->lock);
	bool found = index < persisted->list.count;
	if (found) {
		*out = persisted->list.items[index];
		out->name = arena_copy_string(arena, out->name);
		out->value = arena_copy_string(arena, out->value);
		out->user = arena_copy_string(arena, out->user);
		out->host = arena_copy_string(arena, out->host);
	}
	lock_release(&persisted->lock);
	return found;
}
