/* Which replicas are connected, and how a dump is ended from outside. */
#include <string.h>

#include "account/account.h"
#include "base/memory.h"
#include "dump/dump_internal.h"

struct dump_registry *dump_registry_create(void)
{
	struct dump_registry *registry = memory_zalloc(sizeof *registry);
	lock_init(&registry->lock, "dump.registry", LOCK_RANK_DUMP);
	return registry;
}

static void entry_free(struct dump_entry *entry)
{
	memory_free(entry->host);
	memory_free(entry->user);
	memory_free(entry->password);
	memory_free(entry->uuid);
	memory_free(entry);
}

void dump_registry_destroy(struct dump_registry **registry_place)
{
	struct dump_registry *registry = *registry_place;
	if (registry == NULL)
		return;
	while (registry->first) {
		struct dump_entry *entry = registry->first;
		registry->first = entry->next;
		entry_free(entry);
	}
	lock_deinit(&registry->lock);
	memory_free(registry);
	*registry_place = NULL;
}

/* ------------------------------------------------------------------------------------------------ dead entries */

struct id_list {
	unsigned long *ids;
	size_t count, capacity;
};

static void add_id(struct session *session, void *argument)
{
	struct id_list *list = argument;
	if (list->count == list->capacity) {
		list->capacity = list->capacity ? list->capacity * 2 : 64;
		list->ids = memory_realloc(list->ids, list->capacity * sizeof *list->ids);
	}
	list->ids[list->count++] = session->id;
}

static bool has_id(const struct id_list *list, unsigned long id)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->ids[i] == id)
			return true;
	return false;
}

/* A connection that registered and went away without a dump tells nobody: its entry goes when somebody looks. */
static void forget_dead(struct dump_registry *registry, struct server *server)
{
	struct id_list list = {0};
	server_visit_sessions(server, add_id, &list);
	lock_take(&registry->lock);
	for (struct dump_entry **link = &registry->first; *link;) {
		struct dump_entry *entry = *link;
		if (entry->dump || has_id(&list, entry->session_id)) {
			link = &entry->next;
			continue;
		}
		*link = entry->next;
		entry_free(entry);
	}
	lock_release(&registry->lock);
	memory_free(list.ids);
}

/* With the lock. */
static struct dump_entry *find_session(struct dump_registry *registry, const struct session *session)
{
	for (struct dump_entry *entry = registry->first; entry; entry = entry->next)
		if (entry->session_id == session->id)
			return entry;
	return NULL;
}

static char *copy_variable(struct session *session, const char *name)
{
	struct arena arena;
	arena_init(&arena);
	const struct value *value = user_variable_find(session, bytes_of_string(name));
	struct bytes text = value ? value_text(value, &arena) : bytes_of("", 0);
	char *copy = memory_zalloc(text.size + 1);
	if (text.size)
		memcpy(copy, text.data, text.size);
	arena_deinit(&arena);
	return copy;
}

static char *uuid_of(struct session *session)
{
	char *uuid = copy_variable(session, "slave_uuid");
	if (*uuid)
		return uuid;
	memory_free(uuid);
	return copy_variable(session, "replica_uuid");
}

/* With the lock. The session's entry, made if there is none. */
static struct dump_entry *take_entry(struct dump_registry *registry, struct session *session)
{
	struct dump_entry *entry = find_session(registry, session);
	if (entry)
		return entry;
	entry = memory_zalloc(sizeof *entry);
	entry->session_id = session->id;
	entry->host = memory_copy_string("");
	entry->user = memory_copy_string("");
	entry->password = memory_copy_string("");
	entry->uuid = uuid_of(session);
	entry->next = registry->first;
	registry->first = entry;
	return entry;
}

/* ----------------------------------------------------------------------------------------- COM_REGISTER_SLAVE */

static int require_privilege(struct session *session, struct diag *diag)
{
	privilege_set held = accounts_privileges(session->server->accounts, session->account_user,
						 session->account_host, NULL, NULL);
	if (session->is_internal || (held & PRIVILEGE(REPLICATION_SLAVE)))
		return 0;
	return diag_set(diag, ER_SPECIFIC_ACCESS_DENIED_ERROR, "REPLICATION SLAVE");
}

static void set_text(char **place, struct bytes text)
{
	memory_free(*place);
	*place = memory_zalloc(text.size + 1);
	if (text.size)
		memcpy(*place, text.data, text.size);
}

static struct bytes short_text(struct cursor *cursor)
{
	size_t size = cursor_u8(cursor);
	return cursor_bytes(cursor, size);
}

/* server id u32, host, user, password (each size u8, text), port u16, rank u32, source's id u32 */
int dump_register_replica(struct session *session, struct bytes payload, struct diag *diag)
{
	if (require_privilege(session, diag) < 0)
		return -1;
	struct cursor cursor = cursor_of(payload);
	uint32_t server_id = cursor_u32(&cursor);
	struct bytes host = short_text(&cursor), user = short_text(&cursor), password = short_text(&cursor);
	unsigned port = cursor_u16(&cursor);
	cursor_skip(&cursor, 4);
	uint32_t source_id = cursor_u32(&cursor);
	if (cursor.failed)
		return diag_set_message(diag, ER_UNKNOWN_ERROR, "Wrong parameters to function register_slave");
	if (source_id == 0)
		source_id = (uint32_t)global_number(session->server, "server_id");
	struct dump_registry *registry = session->server->dumps;
	lock_take(&registry->lock);
	struct dump_entry *entry = take_entry(registry, session);
	entry->server_id = server_id;
	set_text(&entry->host, host);
	set_text(&entry->user, user);
	set_text(&entry->password, password);
	entry->port = port;
	entry->source_id = source_id;
	entry->is_registered = true;
	lock_release(&registry->lock);
	return 0;
}

bool dump_replica_at(struct session *session, size_t index, struct arena *arena, struct dump_replica *out)
{
	struct dump_registry *registry = session->server->dumps;
	if (index == 0)
		forget_dead(registry, session->server);
	lock_take(&registry->lock);
	struct dump_entry *entry = registry->first;
	for (; entry; entry = entry->next)
		if (entry->is_registered && index-- == 0)
			break;
	if (entry)
		*out = (struct dump_replica){
			.server_id = entry->server_id,
			.host = arena_copy_string(arena, entry->host),
			.user = arena_copy_string(arena, entry->user),
			.password = arena_copy_string(arena, entry->password),
			.port = entry->port,
			.source_id = entry->source_id,
			.uuid = arena_copy_string(arena, entry->uuid),
		};
	lock_release(&registry->lock);
	return entry != NULL;
}

/* ----------------------------------------------------------------------------------------------- running dumps */

/* With the lock, which keeps the dump, its session and its wire alive. */
static void cancel(struct dump *dump)
{
	atomic_store(&dump->cancelled, true);
	wire_wake(dump->wire);
	binlog_wake(dump->binlog);
}

/* KILL's way in, in the killer's thread. */
static void wake(struct session *session)
{
	struct dump_registry *registry = session->server->dumps;
	lock_take(&registry->lock);
	struct dump_entry *entry = find_session(registry, session);
	if (entry && entry->dump)
		cancel(entry->dump);
	lock_release(&registry->lock);
}

/* A replica that comes back has lost its old connection, whether this side noticed or not. */
static bool is_same_replica(const struct dump_entry *a, const struct dump_entry *b)
{
	if (*a->uuid || *b->uuid)
		return strcmp(a->uuid, b->uuid) == 0;
	return a->server_id != 0 && a->server_id == b->server_id;
}

/*
 * With the lock. One that waits has a peer that reads, or none at all: it may say why it ends, which stops a second server
 * with the same uuid. One that sends may be stuck in it.
 */
static void replace(struct dump *dump)
{
	if (!atomic_load(&dump->is_waiting)) {
		cancel(dump);
		return;
	}
	atomic_store(&dump->replaced, true);
	atomic_store(&dump->cancelled, true);
	binlog_wake(dump->binlog);
}

void dump_enter(struct dump *dump)
{
	struct session *session = dump->session;
	struct dump_registry *registry = session->server->dumps;
	lock_take(&registry->lock);
	struct dump_entry *entry = take_entry(registry, session);
	entry->server_id = dump->request->server_id;
	entry->dump = dump;
	for (struct dump_entry *other = registry->first; other; other = other->next)
		if (other != entry && other->dump && is_same_replica(other, entry))
			replace(other->dump);
	lock_release(&registry->lock);
	atomic_store(&session->wake, wake);
	if (session->kill == SESSION_KILL_CONNECTION)
		atomic_store(&dump->cancelled, true);
}

void dump_leave(struct dump *dump)
{
	struct dump_registry *registry = dump->session->server->dumps;
	lock_take(&registry->lock);
	for (struct dump_entry **link = &registry->first; *link; link = &(*link)->next)
		if ((*link)->dump == dump) {
			struct dump_entry *entry = *link;
			*link = entry->next;
			entry_free(entry);
			break;
		}
	lock_release(&registry->lock);
}
