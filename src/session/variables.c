#include "session/variables.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/fault.h"
#include "base/memory.h"
#include "session/variable_convert.h"
#include "session/variable_values.h"

/* ------------------------------------------------------------------ storage */

/* A session has a text of its own where the row is neither another's name nor computed. */
static bool is_session_text(const struct variable_row *row)
{
	return row->kind == VARIABLE_TEXT && (row->traits & IN_SESSION) && !row->alias_of && !row->compute;
}

static void free_texts(const struct global_variables *global, struct session_variables *variables)
{
	for (size_t i = 0; i < global->session_text_count; i++)
		memory_free((void *)(uintptr_t)variables->block[global->session_texts[i]]);
}

struct global_variables *global_variables_create(void)
{
	struct global_variables *variables = memory_zalloc(sizeof *variables);
	lock_init(&variables->lock, "variables", LOCK_RANK_VARIABLES);
	variables->slots = memory_zalloc(sizeof *variables->slots * variable_row_count());
	variables->session_texts = memory_zalloc(sizeof *variables->session_texts * variable_row_count());
	variables->is_fresh_old = true;
	for (size_t i = 0; i < variable_row_count(); i++) {
		const struct variable_row *row = variable_row_at(i);
		if (!row->alias_of)
			variables->slots[i] = variable_default_slot(row);
		if (is_session_text(row))
			variables->session_texts[variables->session_text_count++] = i;
		map_put(&variables->rows, bytes_of_string(row->name), (void *)variable_row_find(bytes_of_string(row->name)));
	}
	return variables;
}

void global_variables_destroy(struct global_variables **variables)
{
	for (size_t i = 0; i < variable_row_count(); i++)
		memory_free((*variables)->slots[i].text);
	free_texts(*variables, &(*variables)->fresh);
	memory_free((*variables)->session_texts);
	memory_free((*variables)->slots);
	map_deinit(&(*variables)->rows);
	lock_deinit(&(*variables)->lock);
	memory_free(*variables);
	*variables = NULL;
}

static struct variable_slot *global_slot(struct global_variables *variables, const struct variable_row *row)
{
	return &variables->slots[variable_row_index(row)];
}

static const struct variable_row *known_row(const struct global_variables *variables, const char *name)
{
	const struct variable_row *row = map_find(&variables->rows, bytes_of_string(name));
	if (row == NULL) {
		fprintf(stderr, "no such system variable: %s\n", name);
		abort(); /* a misspelt name in our own code */
	}
	return row;
}

void global_variables_force_number(struct global_variables *variables, const char *name, uint64_t number)
{
	lock_take(&variables->lock);
	/* Whoever asks for a number takes no lock. */
	__atomic_store_n(&global_slot(variables, known_row(variables, name))->number, number, __ATOMIC_RELAXED);
	variables->is_fresh_old = true;
	lock_release(&variables->lock);
}

uint64_t global_variables_number(const struct global_variables *variables, const char *name)
{
	return __atomic_load_n(&variables->slots[variable_row_index(known_row(variables, name))].number, __ATOMIC_RELAXED);
}

const char *global_variables_text(const struct global_variables *variables, const char *name)
{
	return variables->slots[variable_row_index(known_row(variables, name))].text;
}

uint64_t global_number(const struct server *server, const char *name)
{
	return global_variables_number(server->variables, name);
}

const char *global_text(const struct server *server, const char *name, struct arena *arena)
{
	const struct variable_row *row = known_row(server->variables, name);
	lock_take(&server->variables->lock);
	const char *copy = arena_copy_string(arena, global_slot(server->variables, row)->text);
	lock_release(&server->variables->lock);
	return copy;
}

/* ------------------------------------------------------------------ a session's values */

/* Where the session has the row's number, text pointer or object pointer. Fields have their own widths. */
static uint64_t load_field(const struct session_variables *variables, const struct variable_row *row)
{
	const char *at = (const char *)variables + row->field - 1;
	switch (row->kind) {
	case VARIABLE_BOOL: return *(const bool *)at;
	case VARIABLE_ENUM: return *(const unsigned *)at;
	case VARIABLE_CHARSET:
	case VARIABLE_COLLATION:
	case VARIABLE_TIME_ZONE: return (uintptr_t) * (const void *const *)at;
	default: return *(const uint64_t *)at;
	}
}

static void store_field(struct session_variables *variables, const struct variable_row *row, uint64_t number)
{
	char *at = (char *)variables + row->field - 1;
	switch (row->kind) {
	case VARIABLE_BOOL: *(bool *)at = number != 0; break;
	case VARIABLE_ENUM: *(unsigned *)at = (unsigned)number; break;
	case VARIABLE_CHARSET:
	case VARIABLE_COLLATION:
	case VARIABLE_TIME_ZONE: *(const void **)at = (const void *)(uintptr_t)number; break;
	default: *(uint64_t *)at = number; break;
	}
}

static uint64_t *block_of(struct session_variables *variables, const struct variable_row *row)
{
	return &variables->block[variable_row_index(row)];
}

/* character_set_connection and its like follow a collation; they have no place of their own. */
static const struct collation **followed_collation(struct session_variables *variables,
						   const struct variable_row *row)
{
	if (row->kind != VARIABLE_CHARSET)
		return NULL;
	if (strcmp(row->name, "character_set_connection") == 0)
		return &variables->collation_connection;
	if (strcmp(row->name, "character_set_database") == 0)
		return &variables->collation_database;
	if (strcmp(row->name, "character_set_server") == 0)
		return &variables->collation_server;
	return NULL;
}

static struct variable_slot session_slot(struct session_variables *variables, const struct variable_row *row)
{
	struct variable_slot slot = {0};
	const struct collation **followed = followed_collation(variables, row);
	if (followed)
		slot.number = (uintptr_t)(*followed)->charset;
	else if (row->field)
		slot.number = load_field(variables, row);
	else if (row->kind == VARIABLE_TEXT)
		slot.text = (char *)(uintptr_t)*block_of(variables, row);
	else
		slot.number = *block_of(variables, row);
	return slot;
}

/* The slot's text is copied. */
static void set_session_slot(struct session_variables *variables, const struct variable_row *row,
			     const struct variable_slot *slot)
{
	const struct collation **followed = followed_collation(variables, row);
	if (followed) {
		const struct charset *charset = (const struct charset *)(uintptr_t)slot->number;
		if ((*followed)->charset != charset)
			*followed = charset->default_collation;
	} else if (row->field) {
		store_field(variables, row, slot->number);
	} else if (row->kind == VARIABLE_TEXT) {
		memory_free((void *)(uintptr_t)*block_of(variables, row));
		*block_of(variables, row) = (uintptr_t)memory_copy_string(slot->text);
	} else {
		*block_of(variables, row) = slot->number;
	}
}

void variables_end_session(struct session *session)
{
	free_texts(session->server->variables, &session->variables);
	session->variables = (struct session_variables){0};
}

/* With the lock. */
static void make_fresh(struct global_variables *global)
{
	struct session_variables *fresh = &global->fresh;
	for (size_t i = 0; i < variable_row_count(); i++) {
		const struct variable_row *row = variable_row_at(i);
		if ((row->traits & IN_SESSION) && !row->alias_of && !row->compute && !followed_collation(fresh, row))
			set_session_slot(fresh, row, &global->slots[i]);
	}
	fresh->next_transaction_isolation = ~0u;
	fresh->next_transaction_read_only = -1;
	fresh->timestamp_us = 0;
	global->is_fresh_old = false;
}

void variables_start_session(struct session *session)
{
	struct session_variables *variables = &session->variables;
	struct global_variables *global = session->server->variables;
	free_texts(global, variables);
	lock_take(&global->lock);
	if (global->is_fresh_old)
		make_fresh(global);
	*variables = global->fresh;
	for (size_t i = 0; i < global->session_text_count; i++) {
		uint64_t *text = &variables->block[global->session_texts[i]];
		*text = (uintptr_t)memory_copy_string((const char *)(uintptr_t)*text);
	}
	lock_release(&global->lock);
}

/* ------------------------------------------------------------------ reading */

static int read_row(struct session *session, enum variable_scope scope, const struct variable_row *row,
		    struct arena *arena, struct value *out, struct diag *diag)
{
	if (row->compute) {
		row->compute(session, arena, out);
		return 0;
	}
	if (scope != VARIABLE_GLOBAL && (row->traits & IN_SESSION)) {
		struct variable_slot slot = session_slot(&session->variables, row);
		variable_to_value(row, &slot, arena, out);
		return 0;
	}
	struct global_variables *global = session->server->variables;
	lock_take(&global->lock);
	variable_to_value(row, global_slot(global, row), arena, out);
	lock_release(&global->lock);
	return 0;
}

int variable_get(struct session *session, enum variable_scope scope, struct bytes name, struct arena *arena,
		 struct value *out, struct diag *diag)
{
	const struct variable_row *row = variable_row_find(name);
	char shown[65];
	snprintf(shown, sizeof shown, "%.*s", (int)(name.size < 64 ? name.size : 64), (const char *)name.data);
	if (row == NULL)
		return diag_set(diag, ER_UNKNOWN_SYSTEM_VARIABLE, shown);
	if (scope == VARIABLE_SESSION && !(row->traits & IN_SESSION))
		return diag_set(diag, ER_INCORRECT_GLOBAL_LOCAL_VAR, row->name, "GLOBAL");
	if (scope == VARIABLE_GLOBAL && !(row->traits & IN_GLOBAL))
		return diag_set(diag, ER_INCORRECT_GLOBAL_LOCAL_VAR, row->name, "SESSION");
	return read_row(session, scope, row, arena, out, diag);
}

bool variable_exists(struct bytes name)
{
	return variable_row_find(name) != NULL;
}

bool variable_needs_super(struct bytes name)
{
	const struct variable_row *row = variable_row_find(name);
	return row && (row->traits & NEEDS_SUPER);
}

void variables_visit(struct session *session, enum variable_scope scope, struct arena *arena,
		     void (*visit)(const char *name, const char *text, void *argument), void *argument)
{
	for (size_t i = 0; i < variable_row_count(); i++) {
		const struct variable_row *row = variable_row_at(i), *named = row;
		if (row->alias_of)
			row = variable_row_find(bytes_of_string(row->alias_of));
		if ((row->traits & HIDDEN) || (scope == VARIABLE_GLOBAL && !(row->traits & IN_GLOBAL)))
			continue;
		struct value value;
		struct diag diag = DIAG_INIT;
		if (read_row(session, scope, row, arena, &value, &diag) == 0)
			visit(named->name, variable_print(row, &value, arena), argument);
	}
}

/* ------------------------------------------------------------------ writing */

static int check_scope(const struct variable_row *row, enum variable_scope scope, struct diag *diag)
{
	if (row->traits & READ_ONLY)
		return diag_set(diag, ER_INCORRECT_GLOBAL_LOCAL_VAR, row->name, "read only");
	if (scope == VARIABLE_GLOBAL && !(row->traits & IN_GLOBAL))
		return diag_set(diag, ER_LOCAL_VARIABLE, row->name);
	if (scope != VARIABLE_GLOBAL && !(row->traits & IN_SESSION))
		return diag_set(diag, ER_GLOBAL_VARIABLE, row->name);
	return 0;
}

/* DEFAULT: a session takes the global value, the global the compiled-in one. */
static struct variable_slot default_slot(struct session *session, const struct variable_row *row,
					 enum variable_scope scope)
{
	struct global_variables *global = session->server->variables;
	if (scope == VARIABLE_GLOBAL || !(row->traits & IN_GLOBAL))
		return variable_default_slot(row);
	lock_take(&global->lock);
	struct variable_slot slot = *global_slot(global, row);
	slot.text = memory_copy_string(slot.text);
	lock_release(&global->lock);
	return slot;
}

static void set_global_slot(struct global_variables *global, const struct variable_row *row,
			    const struct variable_slot *slot)
{
	lock_take(&global->lock);
	struct variable_slot *place = global_slot(global, row);
	memory_free(place->text);
	place->text = memory_copy_string(slot->text);
	__atomic_store_n(&place->number, slot->number, __ATOMIC_RELAXED);
	global->is_fresh_old = true;
	lock_release(&global->lock);
}

/* Collations carry their charset along, and charsets their default collation, in both scopes. */
static void follow_charset(struct session *session, enum variable_scope scope, const struct variable_row *row,
			   const struct variable_slot *slot)
{
	static const char *const suffixes[] = {"connection", "database", "server"};
	struct global_variables *global = session->server->variables;
	if (scope != VARIABLE_GLOBAL || (row->kind != VARIABLE_CHARSET && row->kind != VARIABLE_COLLATION))
		return;
	for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
		char charset_name[40], collation_name[40];
		snprintf(charset_name, sizeof charset_name, "character_set_%s", suffixes[i]);
		snprintf(collation_name, sizeof collation_name, "collation_%s", suffixes[i]);
		const struct charset *charset = (const void *)(uintptr_t)slot->number;
		const struct collation *collation = (const void *)(uintptr_t)slot->number;
		if (strcmp(row->name, charset_name) == 0)
			global_variables_force_number(global, collation_name, (uintptr_t)charset->default_collation);
		else if (strcmp(row->name, collation_name) == 0)
			global_variables_force_number(global, charset_name, (uintptr_t)collation->charset);
	}
}

static void store(struct session *session, const struct variable_row *row, enum variable_scope scope,
		  const struct variable_slot *slot)
{
	if (row->apply && row->compute)
		return;
	if (scope == VARIABLE_GLOBAL)
		set_global_slot(session->server->variables, row, slot);
	else
		set_session_slot(&session->variables, row, slot);
	follow_charset(session, scope, row, slot);
}

int variable_set(struct session *session, enum variable_scope scope, struct bytes name, const struct value *value,
		 struct diag *diag)
{
	const struct variable_row *row = variable_row_find(name);
	char shown[65];
	snprintf(shown, sizeof shown, "%.*s", (int)(name.size < 64 ? name.size : 64), (const char *)name.data);
	if (row == NULL)
		return diag_set(diag, ER_UNKNOWN_SYSTEM_VARIABLE, shown);
	if (scope == VARIABLE_DEFAULT_SCOPE)
		scope = VARIABLE_SESSION;
	if (check_scope(row, scope, diag) != 0)
		return -1;
	if (row->check && row->check(session, scope, value, diag) != 0)
		return -1;
	struct variable_slot slot = {0};
	if (value == NULL)
		slot = default_slot(session, row, scope);
	else if (variable_from_value(row, value, &session->warnings, &slot, diag) != 0)
		return -1;
	int status = row->apply ? row->apply(session, scope, &slot, diag) : 0;
	if (status == 0)
		store(session, row, scope, &slot);
	memory_free(slot.text);
	if (status == 0 && row->changed)
		row->changed(session, session->server, scope);
	return status;
}

void variables_set_names(struct session *session, const struct charset *charset, const struct collation *collation)
{
	session->variables.character_set_client = charset;
	session->variables.character_set_results = charset;
	session->variables.collation_connection = collation ? collation : charset->default_collation;
}

/* ------------------------------------------------------------------ options and boot */

int global_variables_set_option(struct global_variables *variables, const struct variable_row *row, const char *text,
				struct diag *diag)
{
	struct variable_slot slot = {0};
	if (variable_from_option(row, text, &slot, diag) != 0)
		return -1;
	set_global_slot(variables, row, &slot);
	memory_free(slot.text);
	return 0;
}

void global_variables_apply(struct server *server)
{
	for (size_t i = 0; i < variable_row_count(); i++) {
		const struct variable_row *row = variable_row_at(i);
		bool is_global_only = (row->traits & (IN_GLOBAL | IN_SESSION)) == IN_GLOBAL;
		if (row->changed && is_global_only)
			row->changed(NULL, server, VARIABLE_GLOBAL);
	}
}

/* ------------------------------------------------------------------ user variables */

static struct bytes fold(struct bytes name, char out[256])
{
	size_t size = name.size < 255 ? name.size : 255;
	for (size_t i = 0; i < size; i++) {
		char c = (char)name.data[i];
		out[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
	}
	return bytes_of(out, size);
}

void user_variable_set(struct session *session, struct bytes name, const struct value *value)
{
	char folded[256];
	struct bytes key = fold(name, folded);
	struct user_variable *variable = map_find(&session->user_variables, key);
	/* The new value may borrow from the old one: SET @a = SUBSTRING(@a, 2). */
	struct arena fresh;
	arena_init(&fresh);
	struct value copy = value_copy(value, &fresh);
	if (variable == NULL) {
		variable = memory_zalloc(sizeof *variable);
		map_put(&session->user_variables, key, variable);
	}
	arena_deinit(&variable->arena);
	variable->arena = fresh;
	variable->value = copy;
}

const struct value *user_variable_find(struct session *session, struct bytes name)
{
	char folded[256];
	const struct user_variable *variable = map_find(&session->user_variables, fold(name, folded));
	return variable ? &variable->value : NULL;
}

void user_variables_forget(struct session *session)
{
	struct map_walk walk = {0};
	struct bytes name;
	void *value;
	while (map_next(&session->user_variables, &walk, &name, &value)) {
		struct user_variable *variable = value;
		arena_deinit(&variable->arena);
		memory_free(variable);
	}
	map_deinit(&session->user_variables);
}
