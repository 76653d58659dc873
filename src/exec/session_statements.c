/* USE, KILL, SHUTDOWN. */
#include <stdio.h>
#include <strings.h>

#include "base/log.h"
#include "exec/evaluate_value.h"
#include "exec/relation.h"
#include "exec/statement.h"

int execute_use(struct session *session, const char *name, struct diag *diag)
{
	const struct collation *collation;
	if (strcasecmp(name, "information_schema") == 0)
		name = "information_schema";
	if (!session->is_internal && !accounts_may_see_database(session->server->accounts, session->account_user,
								 session->account_host, name))
		return diag_set(diag, ER_DBACCESS_DENIED_ERROR, session->user, session->host, name);
	if (!relation_find_database(session, name, &collation))
		return diag_set(diag, ER_BAD_DB_ERROR, name);
	session_set_database(session, name);
	session->variables.collation_database = collation;
	return 0;
}

int exec_use(struct statement *statement)
{
	if (execute_use(statement->session, statement->ast->name.text, statement->diag) != 0)
		return -1;
	return statement_ok(statement, 0, NULL);
}

struct kill_search {
	unsigned long id;
	const struct session *killer;
	bool may_kill_all;
	enum session_kill kill;
	enum { KILL_NOT_FOUND, KILL_DENIED, KILL_DONE } outcome;
};

static void kill_if_found(struct session *session, void *argument)
{
	struct kill_search *search = argument;
	if (session->id != search->id)
		return;
	if (!search->may_kill_all && strcmp(session->account_user, search->killer->account_user) != 0) {
		search->outcome = KILL_DENIED;
		return;
	}
	if (session == search->killer)
		session_kill_itself(session, search->kill);
	else
		session_kill(session, search->kill);
	search->outcome = KILL_DONE;
}

int exec_kill(struct statement *statement)
{
	struct session *session = statement->session;
	const struct ast_kill *ast = statement->ast->kill;
	struct value id;
	if (ast->by_user || ast->query_id)
		return diag_set(statement->diag, ER_NOT_SUPPORTED_YET, ast->by_user ? "KILL USER" : "KILL QUERY ID");
	if (evaluate_constant(statement, ast->id, &id) != 0)
		return -1;
	struct kill_search search = {
		.id = (unsigned long)value_to_int(&id),
		.killer = session,
		.may_kill_all = statement_allowed(session, PRIVILEGE(SUPER), NULL, NULL),
		.kill = ast->query ? SESSION_KILL_QUERY : SESSION_KILL_CONNECTION,
	};
	server_visit_sessions(session->server, kill_if_found, &search);
	if (search.outcome == KILL_NOT_FOUND)
		return diag_set(statement->diag, ER_NO_SUCH_THREAD, search.id);
	if (search.outcome == KILL_DENIED)
		return diag_set(statement->diag, ER_KILL_DENIED_ERROR, search.id);
	/* Who kills itself hears so, as MySQL says it. */
	if (search.id == session->id)
		return session_check_killed(session, statement->diag);
	return statement_ok(statement, 0, NULL);
}

/* ALTER INSTANCE RELOAD TLS: CONNECTION_ADMIN in MySQL 8, which SUPER covers here. */
int exec_reload_tls(struct statement *statement)
{
	struct session *session = statement->session;
	struct diag failure = DIAG_INIT;
	bool forced = statement->ast->forced;
	if (statement_require_global(session, PRIVILEGE(SUPER), statement->diag) != 0)
		return -1;
	if (session->server->reload_tls(session->server, forced, &failure) != 0) {
		if (!forced) {
			*statement->diag = failure;
			return -1;
		}
		warnings_add_diag(&session->warnings, WARNING_WARNING, &failure);
	}
	return statement_ok(statement, 0, NULL);
}

int exec_shutdown(struct statement *statement)
{
	struct session *session = statement->session;
	if (statement_require_global(session, PRIVILEGE(SHUTDOWN), statement->diag) != 0)
		return -1;
	if (statement_ok(statement, 0, NULL) != 0)
		return -1;
	log_note("server", "shutdown was asked for by %s@%s, connection %lu", session->user, session->host,
		 session->id);
	session->asks_for_shutdown = true;
	if (session->is_internal) /* nobody waits for an answer */
		session->server->request_shutdown(session->server);
	return 0;
}
