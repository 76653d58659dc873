#include "exec/server_lists.h"

#include "exec/statement.h"

const struct engine_row engine_rows[] = {
	{"InnoDB", "DEFAULT", "Every table: transactions, row locks, foreign keys", "YES", "NO", "YES"},
	{"MyISAM", "YES", "Accepted and shown; stored and transactional as all tables are", "YES", "NO", "YES"},
	{"MEMORY", "YES", "Accepted and shown; stored and transactional as all tables are", "YES", "NO", "YES"},
};
const unsigned engine_row_count = sizeof engine_rows / sizeof *engine_rows;

const struct plugin_row plugin_rows[] = {
	{"mysql_native_password", "AUTHENTICATION", "Native MySQL authentication", NULL},
	{"sha256_password", "AUTHENTICATION", "SHA256 password authentication", NULL},
	{"caching_sha2_password", "AUTHENTICATION", "Caching sha2 authentication", NULL},
	{"auth_socket", "AUTHENTICATION", "Unix Socket based authentication", NULL},
	{"rpl_semi_sync_replica", "REPLICATION", "Acknowledges transactions to their source", "semisync_replica.so"},
	{"rpl_semi_sync_source", "REPLICATION", "Commits wait for replicas", "semisync_source.so"},
	{"InnoDB", "STORAGE ENGINE", "Every table: transactions, row locks, foreign keys", NULL},
};
const unsigned plugin_row_count = sizeof plugin_rows / sizeof *plugin_rows;

struct process_search {
	struct session *own;
	struct arena *arena;
	bool all;
	struct process *first;
};

static const char *text_or_null(struct arena *arena, const char *text)
{
	return *text ? arena_copy_string(arena, text) : NULL;
}

/* A statement says itself what it does where that is worth a word; what it waits for is looked at from here. */
static const char *state_of(const struct session *session)
{
	static const char *const awaited[] = {
		[MDL_SCOPE_GLOBAL] = "Waiting for global read lock",
		[MDL_SCOPE_DATABASE] = "Waiting for schema metadata lock",
		[MDL_SCOPE_TABLE] = "Waiting for table metadata lock",
	};
	enum mdl_scope scope = mdl_awaited(session->mdl);
	if (scope != MDL_SCOPE_NONE)
		return awaited[scope];
	bool runs = strcmp(session->command, "Query") == 0 || strcmp(session->command, "Execute") == 0;
	if (session->state[0] || !runs)
		return session->state;
	return atomic_load(&session->waits_for_row) ? "updating" : "executing";
}

static void note_process(struct session *session, void *argument)
{
	struct process_search *search = argument;
	struct arena *arena = search->arena;
	if (!search->all && strcmp(session->account_user, search->own->account_user) != 0)
		return;
	struct process *process = arena_new(arena, struct process);
	lock_take(&session->lock);
	process->id = session->id;
	process->user = arena_copy_string(arena, session->user);
	process->host = arena_copy_string(arena, session->peer);
	process->database = text_or_null(arena, session->database);
	process->command = arena_copy_string(arena, session->command);
	process->state = arena_copy_string(arena, state_of(session));
	process->info = text_or_null(arena, session->info);
	process->seconds = (clock_monotonic_us() - session->command_started_us) / 1000000;
	lock_release(&session->lock);
	struct process **link = &search->first;
	while (*link && (*link)->id < process->id)
		link = &(*link)->next;
	process->next = *link;
	*link = process;
}

struct process *process_list(struct session *session, struct arena *arena)
{
	struct process_search search = {.own = session, .arena = arena,
					.all = statement_allowed(session, PRIVILEGE(PROCESS), NULL, NULL)};
	server_visit_sessions(session->server, note_process, &search);
	return search.first;
}
