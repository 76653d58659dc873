#include "session/variable_replication.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "session/error_list.h"
#include "session/replication_hooks.h"

/* ------------------------------------------------------------------ replicate_*, as MariaDB has them */

static int set_rule(struct session *session, const char *name, const struct value *value, struct diag *diag)
{
	const struct replication_hooks *hooks = session->server->replication_hooks;
	if (hooks == NULL)
		return diag_set(diag, ER_BAD_SLAVE);
	struct bytes text = value ? value_text(value, &session->statement_arena) : bytes_of("", 0);
	const char *list = arena_copy_text(&session->statement_arena, (const char *)text.data, text.size);
	return hooks->set_rule(session->server, name, list, diag);
}

static void print_rule(struct session *session, const char *name, struct arena *arena, struct value *out)
{
	const struct replication_hooks *hooks = session->server->replication_hooks;
	const char *list = hooks ? hooks->print_rule(session->server, name, arena) : "";
	*out = value_string(bytes_of_string(list), collation_utf8mb3_general);
}

#define RULE(name)                                                                                                   \
	void compute_##name(struct session *session, struct arena *arena, struct value *out)                         \
	{                                                                                                            \
		print_rule(session, #name, arena, out);                                                              \
	}                                                                                                            \
	int check_##name(struct session *session, enum variable_scope scope, const struct value *value,              \
			 struct diag *diag)                                                                          \
	{                                                                                                            \
		return set_rule(session, #name, value, diag);                                                        \
	}
RULE(replicate_do_db)
RULE(replicate_ignore_db)
RULE(replicate_do_table)
RULE(replicate_ignore_table)
RULE(replicate_wild_do_table)
RULE(replicate_wild_ignore_table)
RULE(replicate_rewrite_db)

/* ------------------------------------------------------------------ the appliers' */

/* The applier itself counts it down. */
int check_skip_counter(struct session *session, enum variable_scope scope, const struct value *value, struct diag *diag)
{
	const struct replication_hooks *hooks = session->server->replication_hooks;
	if (session->is_internal || hooks == NULL)
		return 0;
	return hooks->check_skip_counter(session->server, diag);
}

static int refuse(const char *name, struct bytes text, struct diag *diag)
{
	char shown[65];
	snprintf(shown, sizeof shown, "%.*s", (int)(text.size < 64 ? text.size : 64), (const char *)text.data);
	return diag_set(diag, ER_WRONG_VALUE_FOR_VAR, name, shown);
}

int check_type_conversions(struct session *session, enum variable_scope scope, const struct value *value,
			   struct diag *diag)
{
	static const char *const words[] = {"ALL_LOSSY", "ALL_NON_LOSSY", "ALL_UNSIGNED", "ALL_SIGNED"};
	struct bytes text = value && value->kind == VALUE_STRING ? value->string : bytes_of("", 0);
	const char *at = (const char *)text.data, *end = at + text.size;
	while (at < end) {
		const char *comma = memchr(at, ',', (size_t)(end - at));
		size_t size = (size_t)((comma ? comma : end) - at);
		bool is_known = false;
		for (size_t i = 0; i < sizeof words / sizeof *words; i++)
			is_known |= size == strlen(words[i]) && strncasecmp(at, words[i], size) == 0;
		if (!is_known)
			return refuse("slave_type_conversions", bytes_of(at, size), diag);
		at += size + (comma != NULL);
	}
	return 0;
}

int check_skip_errors(struct session *session, enum variable_scope scope, const struct value *value, struct diag *diag)
{
	struct error_list list;
	char text[1024];
	if (value == NULL || value->kind != VALUE_STRING)
		return 0;
	snprintf(text, sizeof text, "%.*s", (int)value->string.size, (const char *)value->string.data);
	bool fits = value->string.size < sizeof text;
	return fits && error_list_parse(text, &list) ? 0 : refuse("slave_skip_errors", value->string, diag);
}
