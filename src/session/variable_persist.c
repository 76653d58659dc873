/* SET PERSIST, SET PERSIST_ONLY: which variables may be kept over restarts, and keeping them. */
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "session/persisted.h"
#include "session/variable_convert.h"

/* What must be known before the file is found, or could lock everybody out: MySQL's list, as far as it is here. */
static const char *const never_persisted[] = {
	"auto_generate_certs", "basedir", "bind_address", "caching_sha2_password_private_key_path",
	"caching_sha2_password_public_key_path", "character_sets_dir", "datadir", "init_file", "lc_messages_dir", "log_bin",
	"log_error", "open_files_limit", "persisted_globals_load", "pid_file", "plugin_dir", "port", "relay_log",
	"relay_log_index", "secure_file_priv", "server_id_bits", "skip_networking", "slave_load_tmpdir", "socket", "tmpdir",
};

static int check_persistable(const struct variable_row *row, bool only, struct diag *diag)
{
	bool is_never = row->compute || (row->traits & NOT_OPTION);
	for (size_t i = 0; i < sizeof never_persisted / sizeof *never_persisted; i++)
		is_never |= strcmp(row->name, never_persisted[i]) == 0;
	if (!(row->traits & IN_GLOBAL))
		return diag_set(diag, ER_LOCAL_VARIABLE, row->name);
	if ((row->traits & READ_ONLY) && !only)
		return diag_set(diag, ER_INCORRECT_GLOBAL_LOCAL_VAR, row->name, "read only");
	if (is_never)
		return diag_set(diag, ER_INCORRECT_GLOBAL_LOCAL_VAR, row->name,
				row->traits & READ_ONLY ? "non persistent read only" : "non persistent");
	return 0;
}

/* The text that a start with this value as an option would be given. */
static int print_value(struct session *session, const struct variable_row *row, const struct value *value,
		       const char **out, struct diag *diag)
{
	struct variable_slot slot = {0};
	struct value shown;
	if (value == NULL)
		slot = variable_default_slot(row);
	else if (variable_from_value(row, value, &session->warnings, &slot, diag) != 0)
		return -1;
	variable_to_value(row, &slot, &session->statement_arena, &shown);
	*out = variable_print(row, &shown, &session->statement_arena);
	memory_free(slot.text);
	return 0;
}

int variable_persist(struct session *session, bool only, struct bytes name, const struct value *value, struct diag *diag)
{
	const struct variable_row *row = variable_row_find(name);
	const char *text;
	if (row == NULL)
		return diag_set(diag, ER_UNKNOWN_SYSTEM_VARIABLE,
				arena_copy_text(&session->statement_arena, (const char *)name.data, name.size));
	if (check_persistable(row, only, diag) != 0 || print_value(session, row, value, &text, diag) != 0 ||
	    (!only && variable_set(session, VARIABLE_GLOBAL, name, value, diag) != 0))
		return -1;
	struct persisted_variable variable = {
		.name = row->name,
		.value = text,
		.user = session->account_user,
		.host = session->account_host,
		.time_us = clock_wall_us(),
		.is_static = row->traits & READ_ONLY,
	};
	return persisted_set(session->server->persisted, &variable, diag);
}
