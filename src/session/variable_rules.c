#include "session/variable_rules.h"

#include <stdio.h>

#include "base/fault.h"
#include "base/log.h"
#include "session/compression_list.h"
#include "session/locales.h"
#include "session/variable_values.h"

int apply_last_insert_id(struct session *session, enum variable_scope scope, const struct variable_slot *slot,
			 struct diag *diag)
{
	session->last_insert_id = slot->number;
	return 0;
}

void verbosity_changed(struct session *session, struct server *server, enum variable_scope scope)
{
	log_set_verbosity((int)global_number(server, "log_error_verbosity"));
}

/* What txn keeps a copy of. */
void txn_variable_changed(struct session *session, struct server *server, enum variable_scope scope)
{
	if (scope != VARIABLE_GLOBAL)
		session_brief_txn(session);
}

int check_compression(struct session *session, enum variable_scope scope, const struct value *value,
		      struct diag *diag)
{
	if (scope != VARIABLE_GLOBAL && session->in_transaction)
		return diag_set(diag, ER_VARIABLE_NOT_SETTABLE_IN_TRANSACTION, "binlog_transaction_compression");
	return 0;
}

/* SET autocommit = 1 in the middle of a transaction commits it. The commit's error shows at the next statement that
   needs the transaction; here there is nothing left to undo. */
int check_autocommit(struct session *session, enum variable_scope scope, const struct value *value,
		     struct diag *diag)
{
	if (scope == VARIABLE_GLOBAL || value == NULL || value_to_int(value) == 0 || session->variables.autocommit)
		return 0;
	session->in_transaction = session->read_only_transaction = false;
	int status = txn_commit(session->txn, diag);
	mdl_release(session->mdl, MDL_TRANSACTION);
	return status;
}

void super_read_only_changed(struct session *session, struct server *server, enum variable_scope scope)
{
	if (global_number(server, "super_read_only"))
		global_variables_force_number(server->variables, "read_only", 1);
}

void read_only_changed(struct session *session, struct server *server, enum variable_scope scope)
{
	atomic_store(&server->read_only_by_itself, false); /* somebody has decided */
	if (session && !global_number(server, "read_only")) /* at boot super_read_only alone is enough */
		global_variables_force_number(server->variables, "super_read_only", 0);
}

int check_connection_compression(struct session *session, enum variable_scope scope,
				 const struct value *value, struct diag *diag)
{
	unsigned set;
	struct bytes unknown;
	if (value == NULL || (value->kind == VALUE_STRING && compression_list_parse(value->string, &set, &unknown)))
		return 0;
	char shown[65] = "NULL";
	if (value->kind == VALUE_STRING)
		snprintf(shown, sizeof shown, "%.*s", (int)(value->string.size < 64 ? value->string.size : 64),
			 (const char *)value->string.data);
	return diag_set(diag, ER_WRONG_VALUE_FOR_VAR, "protocol_compression_algorithms", shown);
}

/* What logs of other servers set to what it always is here. */
int check_stays_off(struct session *session, enum variable_scope scope, const struct value *value,
		    struct diag *diag)
{
	bool is_on = value && (value->kind == VALUE_STRING ? text_equal_nocase(value->string, bytes_of_string("ON"))
							   : value_to_int(value) != 0);
	return is_on ? diag_set(diag, ER_NOT_SUPPORTED_YET, "this variable's value ON") : 0;
}

int apply_faults(struct session *session, enum variable_scope scope, const struct variable_slot *slot,
		 struct diag *diag)
{
	return fault_set(slot->text ? slot->text : "", diag);
}

int check_locale(struct session *session, enum variable_scope scope, const struct value *value,
		 struct diag *diag)
{
	char text[65];
	unsigned count = 0;
	bool known = value == NULL;
	for (; session_locales[count]; count++)
		known |= value && value->kind == VALUE_STRING &&
			 text_equal_nocase(value->string, bytes_of_string(session_locales[count]));
	if (known || (value->kind != VALUE_STRING && value_to_int(value) >= 0 && value_to_int(value) < count))
		return 0;
	if (value->kind == VALUE_STRING)
		snprintf(text, sizeof text, "%.*s", (int)(value->string.size < 64 ? value->string.size : 64),
			 (const char *)value->string.data);
	else
		snprintf(text, sizeof text, "%lld", (long long)value_to_int(value));
	return diag_set(diag, ER_UNKNOWN_LOCALE, text);
}

void rand_seed1_changed(struct session *session, struct server *server, enum variable_scope scope)
{
	session->rand_seed1 = session->variables.rand_seed1;
}

void rand_seed2_changed(struct session *session, struct server *server, enum variable_scope scope)
{
	session->rand_seed2 = session->variables.rand_seed2;
}

void semi_sync_changed(struct session *session, struct server *server, enum variable_scope scope)
{
	if (server->semi_sync_changed)
		server->semi_sync_changed(server);
}

/* A transaction has one format from its beginning to its end. */
int check_binlog_format(struct session *session, enum variable_scope scope, const struct value *value,
			struct diag *diag)
{
	if (scope == VARIABLE_GLOBAL)
		return 0;
	if (session->temporary_tables.count)
		return diag_set(diag, ER_TEMP_TABLE_PREVENTS_SWITCH_SESSION_BINLOG_FORMAT);
	if (session->in_transaction || txn_is_active(session->txn))
		return diag_set(diag, ER_INSIDE_TRANSACTION_PREVENTS_SWITCH_BINLOG_FORMAT);
	return 0;
}

static bool is_off(const struct value *value)
{
	if (value->kind != VALUE_STRING)
		return value_to_int(value) == 0;
	return text_equal_nocase(value->string, bytes_of_string("OFF")) ||
	       text_equal_nocase(value->string, bytes_of_string("FALSE")) ||
	       text_equal_nocase(value->string, bytes_of_string("0"));
}

int check_preserve_commit_order(struct session *session, enum variable_scope scope, const struct value *value,
				struct diag *diag)
{
	if (value && is_off(value))
		return diag_set(diag, ER_WRONG_VALUE_FOR_VAR, "slave_preserve_commit_order", "OFF");
	return 0;
}
