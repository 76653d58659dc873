/* FROM: sources and joins. */
#include <stdio.h>
#include <string.h>

#include "query/write/writer.h"

/* Bit i of the answer: hints leave the i-th index to be used. */
static uint64_t usable_indexes(const struct tree_source *source, bool *out_forced)
{
	uint64_t used = 0, ignored = 0;
	bool has_use = false;
	*out_forced = false;
	for (size_t i = 0; source->hints && i < source->hints->count; i++) {
		const struct ast_index_hint *hint = &source->hints->items[i];
		if (hint->use != AST_HINT_FOR_ALL && hint->use != AST_HINT_FOR_JOIN)
			continue;
		has_use |= hint->kind != AST_HINT_IGNORE;
		*out_forced |= hint->kind == AST_HINT_FORCE;
		for (size_t j = 0; j < hint->indexes.count; j++) {
			const char *name = hint->indexes.items[j].text;
			const struct index *index = table_find_index(source->table, bytes_of_string(name));
			bool is_read = index && index->kind != INDEX_FULLTEXT;
			ptrdiff_t number = is_read ? index - source->table->indexes : 64;
			if (number < 64)
				*(hint->kind == AST_HINT_IGNORE ? &ignored : &used) |= UINT64_C(1) << number;
		}
	}
	uint64_t invisible = 0;
	for (unsigned i = 0; i < source->table->index_count && i < 64; i++)
		if (source->table->indexes[i].invisible || index_is_row_hash(&source->table->indexes[i]))
			invisible |= UINT64_C(1) << i;
	return (has_use ? used : ~UINT64_C(0)) & ~ignored & ~invisible;
}

static enum module_lock lock_of(const struct writer *writer, const struct tree_source *source)
{
	if (source->is_target)
		return MODULE_EXCLUSIVE;
	if (source->has_lock)
		return source->lock_strength == AST_LOCK_UPDATE ? MODULE_EXCLUSIVE : MODULE_SHARED;
	return writer->flags & EVALUATE_SHARE_LOCK ? MODULE_SHARED : MODULE_NO_LOCK;
}

/* t<id>, then what is not the usual: x or s for a lock, n or k for how to wait, i<hex> for hints. */
static void key_of_table(const struct writer *writer, const struct tree_source *source, struct module_key *out)
{
	static const char *const locks[] = {[MODULE_NO_LOCK] = "", [MODULE_SHARED] = "s", [MODULE_EXCLUSIVE] = "x"};
	static const char *const waits[] = {[AST_LOCK_WAIT] = "", [AST_LOCK_NOWAIT] = "n", [AST_LOCK_SKIP_LOCKED] = "k"};
	*out = (struct module_key){.table = source->table, .lock = lock_of(writer, source)};
	if (out->lock != MODULE_NO_LOCK)
		out->wait = source->lock_wait;
	out->usable_indexes = usable_indexes(source, &out->forced);
	int size = snprintf(out->name, sizeof out->name, "t%llu%s%s", (unsigned long long)source->table->id,
			    locks[out->lock], waits[out->wait]);
	if (source->hints && source->hints->count > 0)
		snprintf(out->name + size, sizeof out->name - (size_t)size, "i%llx%s",
			 (unsigned long long)out->usable_indexes, out->forced ? "f" : "");
}

static void add_module(struct writer *writer, const struct module_key *key)
{
	for (unsigned i = 0; i < writer->module_count; i++)
		if (strcmp(writer->modules[i].name, key->name) == 0)
			return;
	if (writer->module_count == writer->module_capacity) {
		unsigned capacity = writer->module_capacity ? writer->module_capacity * 2 : 4;
		struct module_key *modules = arena_array(writer->arena, struct module_key, capacity);
		if (writer->module_count)
			memcpy(modules, writer->modules, sizeof *modules * writer->module_count);
		writer->modules = modules;
		writer->module_capacity = capacity;
	}
	writer->modules[writer->module_count++] = *key;
}

static int write_derived(struct writer *writer, const struct tree_source *source)
{
	if (source->lateral)
		return write_unsupported(writer, "LATERAL");
	bool was_narrowed = writer->is_narrowed;
	writer->is_narrowed |= condition_narrows(writer->where, source);
	put(writer, "(");
	if (write_query(writer, source->query) != 0)
		return -1;
	put(writer, ")");
	writer->is_narrowed = was_narrowed;
	return 0;
}

static int write_source(struct writer *writer, const struct tree_source *source)
{
	struct module_key key = {0};
	switch (source->kind) {
	case SOURCE_TABLE:
		key_of_table(writer, source, &key);
		break;
	case SOURCE_VIRTUAL:
		key.virtual_table = source->virtual_table;
		snprintf(key.name, sizeof key.name, "v%u", source->virtual_id);
		break;
	case SOURCE_DERIVED:
		if (write_derived(writer, source) != 0)
			return -1;
		break;
	case SOURCE_CTE:
		buf_printf(&writer->sql, "w%u", source->cte->number);
		break;
	case SOURCE_ROW:
		return write_unsupported(writer, "a row as a table");
	}
	if (key.name[0]) {
		add_module(writer, &key);
		put(writer, key.name);
	}
	writer->table_sources++;
	put_numbered(writer, " AS t", source->number);
	return 0;
}

static int write_join(struct writer *writer, const struct tree_from *from, bool straight)
{
	static const char *const words[] = {
		[JOIN_INNER] = " JOIN ", [JOIN_LEFT] = " LEFT JOIN ", [JOIN_STRAIGHT] = " CROSS JOIN ",
	};
	if (write_from(writer, from->left, straight) != 0)
		return -1;
	put(writer, words[straight && from->join == JOIN_INNER ? JOIN_STRAIGHT : from->join]);
	bool nested = from->right->kind == FROM_JOIN;
	put(writer, nested ? "(" : "");
	if (write_from(writer, from->right, straight) != 0)
		return -1;
	put(writer, nested ? ")" : "");
	if (from->on) {
		put(writer, " ON ");
		if ((nested ? write_expr(writer, from->on)
			    : write_pushing(writer, from->on, from->right->source)) != 0)
			return -1;
	} else if (from->join == JOIN_LEFT) {
		put(writer, " ON 1");
	}
	return 0;
}

int write_from(struct writer *writer, const struct tree_from *from, bool straight)
{
	return from->kind == FROM_SOURCE ? write_source(writer, from->source) : write_join(writer, from, straight);
}
