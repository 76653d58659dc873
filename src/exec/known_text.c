#include "exec/known_text.h"

#include <stdatomic.h>
#include <string.h>

#include "base/lock.h"
#include "base/map.h"
#include "base/memory.h"
#include "exec/plan.h"
#include "exec/statement.h"
#include "session/status.h"

enum { shard_count = 16, bucket_count = 512, seen_count = 1024, variants_max = 8 };

struct known_text {
	_Atomic unsigned references;
	/* immutable once it is in the cache */
	uint64_t hash;
	struct bytes key;             /* what make_key wrote */
	struct arena arena;           /* text, tree, and what is below */
	struct bytes text;
	const struct ast_statement *ast;
	unsigned literal_count;
	struct known_literal {
		struct ast_span span; /* in text */
		bool is_fixed;        /* only the same bytes will do */
	} *literals;
	struct plan *plan;            /* one reference; NULL: all literals are fixed, and the tree is resolved each time */
	size_t size;
	/* guarded by its shard's lock */
	struct known_text *next;      /* in its bucket */
	struct known_text *younger;   /* in order of arrival */
	bool was_used;                /* since the hand last passed */
};

struct shard {
	struct lock lock;
	/* guarded by lock */
	struct known_text *buckets[bucket_count];
	struct known_text *oldest, **youngest; /* where the next one is hung */
	size_t size;
	uint32_t seen[seen_count];   /* hashes of shapes that were met, each in its only place */
};

struct text_cache {
	struct shard shards[shard_count];
	_Atomic size_t count;
};

/* ------------------------------------------------------------------ one known text */

static void unref(struct known_text **place)
{
	struct known_text *known = *place;
	*place = NULL;
	if (known == NULL || atomic_fetch_sub_explicit(&known->references, 1, memory_order_acq_rel) != 1)
		return;
	plan_unref(&known->plan);
	arena_deinit(&known->arena);
	memory_free(known);
}

static struct known_text *create(struct text_visit *visit, struct bytes key)
{
	struct known_text *known = memory_zalloc(sizeof *known);
	atomic_init(&known->references, 1);
	arena_init(&known->arena);
	known->hash = visit->hash;
	known->key = bytes_of(arena_copy(&known->arena, key.data, key.size), key.size);
	known->text = bytes_of(arena_copy(&known->arena, visit->text.data, visit->text.size), visit->text.size);
	return known;
}

/* What differs only in literals that may. */
static bool is_alike(const struct known_text *known, const struct text_shape *shape)
{
	for (unsigned i = 0; i < known->literal_count; i++) {
		const struct known_literal *literal = &known->literals[i];
		if (literal->is_fixed && !bytes_equal(bytes_of(known->text.data + literal->span.offset, literal->span.size),
						      shape_literal_text(shape, i)))
			return false;
	}
	return true;
}

/* ------------------------------------------------------------------ the cache */

struct text_cache *text_cache_create(void)
{
	struct text_cache *cache = memory_zalloc(sizeof *cache);
	for (unsigned i = 0; i < shard_count; i++) {
		lock_init(&cache->shards[i].lock, "known texts", LOCK_RANK_LEAF);
		cache->shards[i].youngest = &cache->shards[i].oldest;
	}
	return cache;
}

static struct shard *shard_of(struct text_cache *cache, uint64_t hash)
{
	return &cache->shards[hash >> 32 & (shard_count - 1)];
}

static struct known_text **bucket_of(struct shard *shard, uint64_t hash)
{
	return &shard->buckets[hash & (bucket_count - 1)];
}

static void leave_bucket(struct shard *shard, struct known_text *known)
{
	struct known_text **link = bucket_of(shard, known->hash);
	while (*link != known)
		link = &(*link)->next;
	*link = known->next;
}

/* Takes it out; the caller has its reference, to be given back without the lock. */
static struct known_text *take_oldest(struct text_cache *cache, struct shard *shard)
{
	struct known_text *known = shard->oldest;
	shard->oldest = known->younger;
	if (shard->oldest == NULL)
		shard->youngest = &shard->oldest;
	leave_bucket(shard, known);
	shard->size -= known->size;
	atomic_fetch_sub(&cache->count, 1);
	return known;
}

static void hang_youngest(struct shard *shard, struct known_text *known)
{
	known->younger = NULL;
	*shard->youngest = known;
	shard->youngest = &known->younger;
}

/* Those that were used go round once more. What is left has room for `size`; the rest comes out, linked by next. */
static struct known_text *make_room(struct text_cache *cache, struct shard *shard, size_t size, size_t size_max)
{
	struct known_text *gone = NULL;
	while (shard->oldest && shard->size + size > size_max) {
		struct known_text *known = shard->oldest;
		if (known->was_used) {
			known->was_used = false;
			if (known->younger) {
				shard->oldest = known->younger;
				hang_youngest(shard, known);
			}
			continue;
		}
		known = take_oldest(cache, shard);
		known->next = gone;
		gone = known;
	}
	return gone;
}

static void unref_all(struct known_text *gone)
{
	while (gone) {
		struct known_text *next = gone->next;
		unref(&gone);
		gone = next;
	}
}

static void empty(struct text_cache *cache)
{
	for (unsigned i = 0; i < shard_count; i++) {
		struct shard *shard = &cache->shards[i];
		struct known_text *gone = NULL;
		lock_take(&shard->lock);
		while (shard->oldest) {
			struct known_text *known = take_oldest(cache, shard);
			known->next = gone;
			gone = known;
		}
		lock_release(&shard->lock);
		unref_all(gone);
	}
}

void text_cache_destroy(struct text_cache **place)
{
	struct text_cache *cache = *place;
	*place = NULL;
	empty(cache);
	for (unsigned i = 0; i < shard_count; i++)
		lock_deinit(&cache->shards[i].lock);
	memory_free(cache);
}

/* A new reference or NULL. *out_is_worthy: the shape was met before, and has not too many texts that it knows already. */
static struct known_text *find(struct text_cache *cache, uint64_t hash, struct bytes key, const struct text_shape *shape,
			       bool *out_is_worthy)
{
	struct shard *shard = shard_of(cache, hash);
	struct known_text *found = NULL;
	unsigned variants = 0;
	lock_take(&shard->lock);
	for (struct known_text *at = *bucket_of(shard, hash); at && found == NULL; at = at->next) {
		if (at->hash != hash || !bytes_equal(at->key, key))
			continue;
		variants++;
		if (is_alike(at, shape))
			found = at;
	}
	if (found) {
		found->was_used = true;
		atomic_fetch_add_explicit(&found->references, 1, memory_order_relaxed);
	} else {
		uint32_t *seen = &shard->seen[hash >> 10 & (seen_count - 1)];
		*out_is_worthy = *seen == (uint32_t)hash && variants < variants_max;
		*seen = (uint32_t)hash;
	}
	lock_release(&shard->lock);
	return found;
}

/* Takes over the caller's reference. */
static void keep(struct text_cache *cache, struct known_text *known, size_t size_max)
{
	struct shard *shard = shard_of(cache, known->hash);
	struct known_text *gone = known;
	known->size = sizeof *known + known->arena.total + (known->plan ? known->plan->own_arena.total : 0);
	if (known->size <= size_max / 4) {
		lock_take(&shard->lock);
		gone = make_room(cache, shard, known->size, size_max);
		struct known_text **bucket = bucket_of(shard, known->hash);
		known->next = *bucket;
		*bucket = known;
		hang_youngest(shard, known);
		shard->size += known->size;
		atomic_fetch_add(&cache->count, 1);
		lock_release(&shard->lock);
	}
	unref_all(gone);
}

/* Its plan holds no longer. */
static void forget(struct text_cache *cache, struct known_text *known)
{
	struct shard *shard = shard_of(cache, known->hash);
	struct known_text *gone = NULL, **link = &shard->oldest;
	lock_take(&shard->lock);
	while (*link && *link != known)
		link = &(*link)->younger;
	if (*link) {
		gone = known;
		*link = known->younger;
		if (*link == NULL)
			shard->youngest = link;
		leave_bucket(shard, known);
		shard->size -= known->size;
		atomic_fetch_sub(&cache->count, 1);
	}
	lock_release(&shard->lock);
	unref(&gone);
}

/* ------------------------------------------------------------------ a visit */

static size_t size_max(const struct session *session)
{
	return (size_t)atomic_load_explicit(&session->server->text_cache_size, memory_order_relaxed);
}

static bool may_know(const struct session *session)
{
	const struct session_variables *variables = &session->variables;
	enum charset_id client = variables->character_set_client->id;
	return variables->gemel_plan_cache && variables->binlog_format == BINLOG_FORMAT_ROW &&
	       !variables->binlog_rows_query_log_events && (client == CHARSET_UTF8MB4 || client == CHARSET_UTF8MB3) &&
	       variables->collation_connection->charset->id != CHARSET_BINARY;
}

/* All that a plan of a text may differ by (struct plan_ground), then the shape. False: it has none. */
static bool make_key(struct text_visit *visit, struct bytes *out_key)
{
	const struct session_variables *variables = &visit->session->variables;
	const uint64_t ground[] = {
		variables->sql_mode, (uintptr_t)variables->character_set_client, (uintptr_t)variables->collation_connection,
		(uintptr_t)variables->time_zone, variables->div_precision_increment, variables->group_concat_max_len};
	size_t database_size = strlen(visit->session->database) + 1, head = sizeof ground + database_size;
	if (visit->text.size > shape_text_max)
		return false;
	uint8_t *key = arena_alloc(&visit->session->statement_arena, head + visit->text.size);
	memcpy(key, ground, sizeof ground);
	memcpy(key + sizeof ground, visit->session->database, database_size);
	if (!shape_find(visit->text, variables->sql_mode, key + head, &visit->shape))
		return false;
	*out_key = bytes_of(key, head + visit->shape.bytes.size);
	return true;
}

/* A string that is not what it says to be is warned of: by whoever resolves it. */
static bool has_clean_texts(const struct text_visit *visit)
{
	const struct charset *charset = visit->session->variables.character_set_client;
	for (unsigned i = 0; i < visit->shape.count; i++) {
		struct bytes text = shape_literal_text(&visit->shape, i);
		if (!visit->shape.literals[i].is_ascii && charset_valid_size(charset, text) < text.size)
			return false;
	}
	return true;
}

static void look_up(struct text_visit *visit, struct bytes key)
{
	struct text_cache *cache = visit->session->server->texts;
	bool is_worthy = false;
	visit->hash = bytes_hash(key);
	visit->known = find(cache, visit->hash, key, &visit->shape, &is_worthy);
	if (visit->known && visit->known->plan)
		visit->plan = plan_ref(visit->known->plan);
	else if (visit->known == NULL && is_worthy)
		visit->learned = create(visit, key);
}

bool text_visit_begin(struct text_visit *visit, struct session *session, struct bytes text)
{
	visit->session = session;
	visit->text = text;
	visit->known = visit->learned = NULL;
	visit->plan = NULL;
	visit->is_tree_kept = false;
	if (size_max(session) == 0) {
		if (atomic_load_explicit(&session->server->texts->count, memory_order_relaxed))
			empty(session->server->texts);
		return false;
	}
	if (!may_know(session))
		return false;
	struct bytes key;
	if (make_key(visit, &key) && has_clean_texts(visit))
		look_up(visit, key);
	return visit->known != NULL;
}

static struct value *values_of(const struct text_visit *visit)
{
	struct arena *arena = &visit->session->statement_arena;
	struct value *values = arena_array(arena, struct value, visit->shape.count + 1);
	for (unsigned i = 0; i < visit->shape.count; i++)
		values[i] = shape_value(&visit->shape, i, arena);
	return values;
}

static int execute(struct text_visit *visit, const struct ast_statement *ast, struct bytes text, bool is_look_alike,
		   struct diag *diag)
{
	struct statement statement = {
		.session = visit->session,
		.ast = ast,
		.text = text,
		.parameters = values_of(visit),
		.parameter_count = visit->shape.count,
		.liftables = &visit->liftables,
		.is_look_alike = is_look_alike,
		.plan_place = &visit->plan,
		.diag = diag,
	};
	return statement_execute(&statement);
}

int text_visit_repeat(struct text_visit *visit, struct diag *diag)
{
	const struct known_text *known = visit->known;
	/* In front of the first literal and behind the last one the two are the same. */
	struct ast_span span = known->ast->span;
	size_t behind = known->text.size - span.offset - span.size;
	struct bytes own = bytes_of(visit->text.data + span.offset, visit->text.size - span.offset - behind);
	if (known->plan == NULL)
		return execute_statement(visit->session, known->ast, own, NULL, 0, diag);
	return execute(visit, known->ast, own, true, diag);
}

struct arena *text_visit_arena(struct text_visit *visit)
{
	return visit->learned ? &visit->learned->arena : &visit->session->statement_arena;
}

static void learn_literals(struct text_visit *visit)
{
	struct known_text *known = visit->learned;
	known->literal_count = visit->shape.count;
	known->literals = arena_array(&known->arena, struct known_literal, visit->shape.count + 1);
	for (unsigned i = 0; i < visit->shape.count; i++) {
		const struct resolve_liftables *liftables = &visit->liftables;
		bool is_lifted = visit->plan && liftables->met[i] && liftables->met[i] == liftables->lifted[i];
		known->literals[i] = (struct known_literal){visit->shape.literals[i].span, !is_lifted};
	}
}

/* Executed from its tree and nothing else. */
static bool is_repeatable(const struct ast_statement *ast)
{
	switch (ast->kind) {
	case AST_SELECT: case AST_INSERT: case AST_UPDATE: case AST_DELETE: case AST_SET:
	case AST_START_TRANSACTION: case AST_COMMIT: case AST_ROLLBACK:
		return true;
	default:
		return false;
	}
}

int text_visit_execute(struct text_visit *visit, const struct ast_statement *ast, bool is_alone, struct diag *diag)
{
	struct bytes own = bytes_of(visit->text.data + ast->span.offset, ast->span.size);
	if (visit->learned == NULL || !is_alone || !is_repeatable(ast))
		return execute_statement(visit->session, ast, own, NULL, 0, diag);
	visit->learned->ast = ast;
	visit->liftables = (struct resolve_liftables){.shape = &visit->shape};
	int status = execute(visit, ast, own, false, diag);
	visit->is_tree_kept = status == 0;
	return status;
}

void text_visit_end(struct text_visit *visit)
{
	struct text_cache *cache = visit->session->server->texts;
	if (visit->learned && (visit->plan || visit->is_tree_kept)) {
		learn_literals(visit);
		if (visit->plan)
			visit->learned->plan = plan_ref(visit->plan);
		keep(cache, visit->learned, size_max(visit->session) / shard_count);
		visit->learned = NULL;
	} else if (visit->known && visit->known->plan && visit->plan == NULL) {
		forget(cache, visit->known);
	}
	plan_unref(&visit->plan);
	unref(&visit->known);
	unref(&visit->learned);
}
