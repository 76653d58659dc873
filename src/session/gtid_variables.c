#include "session/gtid_variables.h"

#include "session/gtid_next.h"
#include "session/variable_values.h"

/* ------------------------------------------------------------------ reading */

static void put_text(struct arena *arena, struct value *out, const char *text)
{
	*out = value_string(bytes_of_string(arena_copy_string(arena, text)), collation_utf8mb3_general);
}

static void compute_set(struct session *session, struct arena *arena, struct value *out,
			void (*get)(struct txn_manager *manager, struct gtid_set *out_set))
{
	struct gtid_set set;
	struct buf printed = {0};
	gtid_set_init(&set);
	get(session->server->txn_manager, &set);
	gtid_set_print(&set, ",\n", &printed);
	put_text(arena, out, buf_cstring(&printed));
	buf_deinit(&printed);
	gtid_set_deinit(&set);
}

void compute_gtid_executed(struct session *session, struct arena *arena, struct value *out)
{
	compute_set(session, arena, out, txn_manager_get_executed);
}

void compute_gtid_purged(struct session *session, struct arena *arena, struct value *out)
{
	compute_set(session, arena, out, txn_manager_get_purged);
}

void compute_gtid_next(struct session *session, struct arena *arena, struct value *out)
{
	put_text(arena, out, gtid_next_print(session, arena));
}

/* ------------------------------------------------------------------ gtid_mode */

static const char *const mode_names[] = {"OFF", "OFF_PERMISSIVE", "ON_PERMISSIVE", "ON"};

static int refuse_mode(enum txn_gtid_mode mode, const char *why, struct diag *diag)
{
	return diag_set(diag, ER_CANT_SET_GTID_MODE, mode_names[mode], why);
}

static int check_on(const struct server *server, struct diag *diag)
{
	if (global_number(server, "sql_slave_skip_counter"))
		return refuse_mode(TXN_GTID_ON, "@@GLOBAL.SQL_SLAVE_SKIP_COUNTER is greater than zero", diag);
	if (global_number(server, "enforce_gtid_consistency") != GTID_CONSISTENCY_ON)
		return refuse_mode(TXN_GTID_ON, "ENFORCE_GTID_CONSISTENCY is not ON", diag);
	return 0;
}

static int check_off(struct server *server, struct diag *diag)
{
	if (txn_manager_has_owned(server->txn_manager))
		return refuse_mode(TXN_GTID_OFF,
				   "there are ongoing transactions that have a GTID. Before you set @@GLOBAL.GTID_MODE "
				   "= OFF, wait until SELECT @@GLOBAL.GTID_OWNED returns the empty string", diag);
	return 0;
}

int apply_gtid_mode(struct session *session, enum variable_scope scope, const struct variable_slot *slot,
		    struct diag *diag)
{
	struct server *server = session->server;
	enum txn_gtid_mode mode = (enum txn_gtid_mode)slot->number, old = txn_manager_gtid_mode(server->txn_manager);
	if (session->in_transaction)
		return diag_set(diag, ER_VARIABLE_NOT_SETTABLE_IN_TRANSACTION, "gtid_mode");
	if (mode == old)
		return 0;
	if (mode > old + 1 || mode + 1 < old)
		return diag_set(diag, ER_GTID_MODE_CAN_ONLY_CHANGE_ONE_STEP_AT_A_TIME);
	if ((mode == TXN_GTID_ON && check_on(server, diag) < 0) ||
	    (mode == TXN_GTID_OFF && check_off(server, diag) < 0) ||
	    (server->check_gtid_mode && server->check_gtid_mode(server, mode, diag) < 0))
		return -1;
	return txn_manager_set_gtid_mode(server->txn_manager, mode, diag);
}

int apply_enforce_gtid_consistency(struct session *session, enum variable_scope scope,
				   const struct variable_slot *slot, struct diag *diag)
{
	if (slot->number != GTID_CONSISTENCY_ON &&
	    txn_manager_gtid_mode(session->server->txn_manager) == TXN_GTID_ON)
		return diag_set(diag, ER_GTID_MODE_ON_REQUIRES_ENFORCE_GTID_CONSISTENCY_ON);
	return 0;
}

/* ------------------------------------------------------------------ gtid_next, gtid_purged */

int apply_gtid_next(struct session *session, enum variable_scope scope, const struct variable_slot *slot,
		    struct diag *diag)
{
	return gtid_next_set(session, slot->text, diag);
}

/* What a new value of gtid_purged adds to the old one, which it must hold. */
static int find_added(struct txn_manager *manager, struct gtid_set *value, struct diag *diag)
{
	struct gtid_set old;
	gtid_set_init(&old);
	txn_manager_get_purged(manager, &old);
	int status = 0;
	if (gtid_set_is_subset(&old, value))
		gtid_set_subtract(value, &old);
	else
		status = diag_set(diag, ER_CANT_SET_GTID_PURGED_DUE_SETS_CONSTRAINTS,
				  "the new value must be a superset of the old value");
	gtid_set_deinit(&old);
	return status;
}

int apply_gtid_purged(struct session *session, enum variable_scope scope, const struct variable_slot *slot,
		      struct diag *diag)
{
	struct txn_manager *manager = session->server->txn_manager;
	struct bytes text = bytes_of_string(slot->text ? slot->text : "");
	struct gtid_set added;
	if (session->in_transaction)
		return diag_set(diag, ER_VARIABLE_NOT_SETTABLE_IN_TRANSACTION, "gtid_purged");
	while (text.size && (*text.data == ' ' || *text.data == '\n'))
		text = bytes_of(text.data + 1, text.size - 1);
	bool adds = text.size && *text.data == '+';
	if (adds)
		text = bytes_of(text.data + 1, text.size - 1);
	gtid_set_init(&added);
	int status = gtid_set_parse(&added, text, diag);
	if (status == 0 && !adds)
		status = find_added(manager, &added, diag);
	if (status == 0 && !gtid_set_is_empty(&added))
		status = txn_manager_add_purged(manager, &added, diag);
	gtid_set_deinit(&added);
	return status;
}

/* ------------------------------------------------------------------ MariaDB's */

void compute_gtid_slave_pos(struct session *session, struct arena *arena, struct value *out)
{
	struct server *server = session->server;
	struct buf printed = {0};
	if (server->print_mariadb_position)
		server->print_mariadb_position(server, &printed);
	put_text(arena, out, buf_cstring(&printed));
	buf_deinit(&printed);
}

int apply_gtid_slave_pos(struct session *session, enum variable_scope scope, const struct variable_slot *slot,
			 struct diag *diag)
{
	struct server *server = session->server;
	struct bytes text = bytes_of_string(slot->text ? slot->text : "");
	if (session->in_transaction)
		return diag_set(diag, ER_VARIABLE_NOT_SETTABLE_IN_TRANSACTION, "gtid_slave_pos");
	return server->set_mariadb_position ? server->set_mariadb_position(server, text, diag) : 0;
}

int refuse_mariadb_gtid(struct session *session, enum variable_scope scope, const struct variable_slot *slot,
			struct diag *diag)
{
	return slot->number == 0 ? 0 : diag_set(diag, ER_NOT_SUPPORTED_YET, "MariaDB's GTIDs in its own log");
}
