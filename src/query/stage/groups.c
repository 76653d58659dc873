#include "query/stage/groups.h"

#include <errno.h>
#include <string.h>

#include "base/memory.h"
#include "base/sorter.h"
#include "query/function/aggregate.h"
#include "query/stage/cell.h"
#include "query/stage/key_table.h"
#include "query/stage/replay.h"

enum {
	memory_min = 1 << 20,
	recent_count = 256, /* keys known by their bytes */
	recent_size = 64,   /* bytes of such a key */
	call_align = 16,
	sorter_part = 4, /* of the memory again */
};

struct recent {
	uint64_t hash;
	uint32_t size;
	uint8_t image[recent_size];
	struct key_entry *group; /* NULL: free */
};

/* What an entry of the sorter is about: the first byte of its key. Values come first. */
enum spilled { SPILLED_VALUE, SPILLED_ROW };

struct groups {
	/* immutable */
	struct evaluator_handle *handle;
	const struct stage *stage;
	bool has_images;   /* keys' bytes are not what they are equal by */
	size_t cells_size; /* of a group's keys and values */
	size_t payload_size;
	size_t *state_at; /* owned: places of the calls' states in the payload */
	uint64_t memory_max;

	struct key_table table;
	struct key_table *distinct; /* owned: per call: number of the group, key of the value */
	struct recent *recent;	    /* owned */
	struct key_entry *last;	    /* of the row before */
	struct buf key, image;
	struct sorter *sorter;		/* owned; NULL: all is in memory */
	struct replayer *rows, *values; /* owned: of what the sorter has */
	bool values_returned;		/* of the sorter */

	/* reading */
	size_t at; /* entries of the table that were given */
	struct key_entry *current;
	struct groups *one;		 /* owned: the group that is made of the sorter's rows; or NULL */
	struct bytes next_key, next_row; /* the sorter's entry that is not used yet; key.data NULL: none */
};

/* ------------------------------------------------------------------ a group's payload: cells, states */

static struct cell *cells_of(struct key_entry *group)
{
	return (struct cell *)group->payload;
}

static void *state_of(const struct groups *groups, struct key_entry *group, unsigned call)
{
	return group->payload + groups->state_at[call];
}

static size_t state_size(const struct aggregate *aggregate)
{
	return aggregate->plain_size ? aggregate->plain_size : aggregate->size;
}

static void lay_out(struct groups *groups)
{
	const struct stage *stage = groups->stage;
	groups->cells_size = (stage->key_count + stage->value_count) * sizeof(struct cell);
	size_t at = groups->cells_size;
	for (unsigned i = 0; i < stage->call_count; i++) {
		at = (at + call_align - 1) / call_align * call_align;
		groups->state_at[i] = at;
		at += state_size(stage->calls[i].aggregate);
	}
	groups->payload_size = at;
}

static struct key_entry *add_group(struct groups *groups, sqlite3_value **arguments, uint64_t hash)
{
	const struct stage *stage = groups->stage;
	struct key_entry *group = key_table_add(&groups->table, buf_bytes(&groups->key), hash, groups->payload_size);
	struct cell *cells = cells_of(group);
	for (unsigned i = 0; arguments && i < stage->key_count + stage->value_count; i++) {
		cells[i] = cell_of(arguments[i]);
		if (cell_extra_size(&cells[i]))
			cells[i].string.data =
				arena_copy(&groups->table.arena, cells[i].string.data, cells[i].string.size);
	}
	for (unsigned i = 0; i < stage->call_count; i++)
		if (stage->calls[i].aggregate->start)
			stage->calls[i].aggregate->start(state_of(groups, group, i), stage->calls[i].collation);
	return group;
}

static void end_groups(struct groups *groups)
{
	const struct stage *stage = groups->stage;
	for (unsigned i = 0; i < stage->call_count; i++)
		for (size_t j = 0; stage->calls[i].aggregate->end && j < groups->table.count; j++)
			stage->calls[i].aggregate->end(state_of(groups, groups->table.entries[j], i));
}

/* ------------------------------------------------------------------ create, destroy */

struct groups *groups_create(struct evaluator_handle *handle, const struct stage *stage)
{
	struct groups *groups = memory_zalloc(sizeof *groups);
	uint64_t limit = handle->session->variables.tmp_table_size;
	groups->handle = handle;
	groups->stage = stage;
	groups->memory_max = limit < memory_min ? memory_min : limit;
	groups->state_at = memory_zalloc((stage->call_count + 1) * sizeof *groups->state_at);
	groups->distinct = memory_zalloc((stage->call_count + 1) * sizeof *groups->distinct);
	lay_out(groups);
	key_table_init(&groups->table);
	for (unsigned i = 0; i < stage->call_count; i++)
		key_table_init(&groups->distinct[i]);
	for (unsigned i = 0; i < stage->key_count; i++)
		groups->has_images |= stage->keys[i].collation != NULL;
	buf_init(&groups->key);
	buf_init(&groups->image);
	if (stage->key_count == 0)
		groups->last = add_group(groups, NULL, 0);
	return groups;
}

void groups_destroy(struct groups **place)
{
	struct groups *groups = *place;
	if (groups == NULL)
		return;
	end_groups(groups);
	groups_destroy(&groups->one);
	for (unsigned i = 0; i < groups->stage->call_count; i++)
		key_table_deinit(&groups->distinct[i]);
	key_table_deinit(&groups->table);
	sorter_destroy(&groups->sorter);
	replayer_destroy(&groups->rows);
	replayer_destroy(&groups->values);
	buf_deinit(&groups->key);
	buf_deinit(&groups->image);
	memory_free(groups->recent);
	memory_free(groups->distinct);
	memory_free(groups->state_at);
	memory_free(groups);
	*place = NULL;
}

/* ------------------------------------------------------------------ the sorter */

static bool is_full(const struct groups *groups)
{
	uint64_t size = key_table_size(&groups->table);
	for (unsigned i = 0; i < groups->stage->call_count; i++)
		size += groups->stage->calls[i].distinct ? key_table_size(&groups->distinct[i]) : 0;
	return size > groups->memory_max;
}

/* To MySQL groups are a table, which is full when its directory is. */
static int add_to_sorter(struct groups *groups, struct bytes key, struct bytes row)
{
	struct diag *diag = &groups->handle->diag;
	if (sorter_add(groups->sorter, key, row, diag) == 0)
		return 0;
	return errno == ENOSPC ? diag_set(diag, ER_RECORD_FILE_FULL, "(temporary)") : -1;
}

static int spill(struct groups *groups, struct bytes key, sqlite3_value **arguments, unsigned count)
{
	if (groups->sorter == NULL)
		groups->sorter = sorter_create(sqlite3_temp_directory ? sqlite3_temp_directory : "/tmp",
					       (size_t)groups->memory_max / sorter_part, 0);
	struct buf row;
	buf_init(&row);
	for (unsigned i = 0; i < count; i++) {
		struct cell cell = cell_of(arguments[i]);
		cell_pack(&cell, &row);
	}
	int status = add_to_sorter(groups, key, buf_bytes(&row));
	buf_deinit(&row);
	return status;
}

static int spill_row(struct groups *groups, sqlite3_value **arguments)
{
	const struct stage *stage = groups->stage;
	struct buf key;
	buf_init(&key);
	buf_put_u8(&key, SPILLED_ROW);
	buf_put_bytes(&key, buf_bytes(&groups->key));
	int status = spill(groups, buf_bytes(&key), arguments,
			   stage->key_count + stage->value_count + stage->argument_count);
	buf_deinit(&key);
	return status;
}

/* ------------------------------------------------------------------ rows in */

static void call_add(struct groups *groups, unsigned number, struct key_entry *group, sqlite3_value **arguments)
{
	const struct stage_call *call = &groups->stage->calls[number];
	const struct aggregate *aggregate = call->aggregate;
	(aggregate->plain_add ? aggregate->plain_add : aggregate->add)(state_of(groups, group, number),
								       (int)call->argument_count, arguments);
}

/* Its number among the groups: its address would do, if it were not for files. */
static void put_group(struct buf *out, const struct key_entry *group)
{
	uint64_t address = (uint64_t)(uintptr_t)group;
	buf_put(out, &address, sizeof address);
}

/* The value of a DISTINCT call, which is added the first time. */
static int add_distinct(struct groups *groups, unsigned number, struct key_entry *group, sqlite3_value **arguments)
{
	const struct stage_call *call = &groups->stage->calls[number];
	struct cell cell = cell_of(arguments[0]);
	if (cell.type == SQLITE_NULL)
		return 0;
	buf_clear(&groups->image);
	buf_put_u8(&groups->image, SPILLED_VALUE);
	buf_put_u8(&groups->image, (uint8_t)number);
	put_group(&groups->image, group);
	cell_put_key(&cell, call->collation, &groups->image);
	struct bytes key = buf_bytes(&groups->image);
	uint64_t hash = bytes_hash(key);
	if (key_table_find(&groups->distinct[number], key, hash))
		return 0;
	if (groups->sorter || is_full(groups))
		return spill(groups, key, arguments, 1);
	key_table_add(&groups->distinct[number], key, hash, 0);
	call_add(groups, number, group, arguments);
	return 0;
}

static int add_to_group(struct groups *groups, struct key_entry *group, sqlite3_value **arguments)
{
	const struct stage *stage = groups->stage;
	arguments += stage->key_count + stage->value_count;
	for (unsigned i = 0; i < stage->call_count; i++) {
		sqlite3_value **own = arguments + stage->calls[i].argument;
		if (!stage->calls[i].distinct)
			call_add(groups, i, group, own);
		else if (add_distinct(groups, i, group, own) != 0)
			return -1;
	}
	return 0;
}

static void put_row_key(struct groups *groups, sqlite3_value **arguments)
{
	buf_clear(&groups->key);
	for (unsigned i = 0; i < groups->stage->key_count; i++) {
		struct cell cell = cell_of(arguments[i]);
		cell_put_key(&cell, groups->stage->keys[i].collation, &groups->key);
	}
}

/* The group of the row, or NULL where its key is new: then groups->key has it. */
static struct key_entry *find_by_key(struct groups *groups, sqlite3_value **arguments, uint64_t *out_hash)
{
	put_row_key(groups, arguments);
	struct bytes key = buf_bytes(&groups->key);
	struct key_entry *last = groups->last;
	if (last && last->key_size == key.size && memcmp(last->key, key.data, key.size) == 0)
		return last;
	*out_hash = bytes_hash(key);
	return key_table_find(&groups->table, key, *out_hash);
}

/* The place where the row's key, as it lies, is remembered; NULL where it is too long. *out_known: it is there. */
static struct recent *find_recent(struct groups *groups, sqlite3_value **arguments, bool *out_known)
{
	*out_known = false;
	buf_clear(&groups->image);
	for (unsigned i = 0; i < groups->stage->key_count; i++) {
		struct cell cell = cell_of(arguments[i]);
		cell_put_image(&cell, &groups->image);
		if (groups->image.size > recent_size)
			return NULL;
	}
	if (groups->recent == NULL)
		groups->recent = memory_zalloc(recent_count * sizeof *groups->recent);
	struct bytes image = buf_bytes(&groups->image);
	uint64_t hash = bytes_hash(image);
	struct recent *recent = &groups->recent[hash % recent_count];
	*out_known = recent->group && recent->hash == hash && recent->size == image.size &&
		     memcmp(recent->image, image.data, image.size) == 0;
	if (!*out_known) {
		recent->hash = hash;
		recent->size = (uint32_t)image.size;
		memcpy(recent->image, image.data, image.size);
		recent->group = NULL;
	}
	return recent;
}

int groups_add(struct groups *groups, sqlite3_value **arguments)
{
	struct recent *recent = NULL;
	bool known = false;
	if (groups->stage->key_count == 0)
		return add_to_group(groups, groups->last, arguments);
	if (groups->has_images)
		recent = find_recent(groups, arguments, &known);
	if (known)
		return add_to_group(groups, recent->group, arguments);
	uint64_t hash;
	struct key_entry *group = find_by_key(groups, arguments, &hash);
	if (group == NULL) {
		if (groups->sorter || is_full(groups))
			return spill_row(groups, arguments);
		group = add_group(groups, arguments, hash);
	}
	if (recent)
		recent->group = group;
	groups->last = group;
	return add_to_group(groups, group, arguments);
}

/* ------------------------------------------------------------------ groups out */

static int read_spilled(struct groups *groups)
{
	int found = sorter_next(groups->sorter, &groups->next_key, &groups->next_row, &groups->handle->diag);
	if (found <= 0)
		groups->next_key = bytes_of(NULL, 0);
	return found < 0 ? -1 : 0;
}

struct returned_value {
	struct groups *groups;
	unsigned call;
	struct key_entry *group;
};

static int return_value(void *argument, sqlite3_value **arguments)
{
	const struct returned_value *value = argument;
	call_add(value->groups, value->call, value->group, arguments);
	return 0;
}

/* Values of DISTINCTs come sorted: each that is another than the one before is added. */
static int return_values(struct groups *groups)
{
	struct buf before;
	int status = 0;
	buf_init(&before);
	while (status == 0 && groups->next_key.data && groups->next_key.data[0] == SPILLED_VALUE) {
		struct bytes key = groups->next_key;
		if (!groups->values_returned && !bytes_equal(key, buf_bytes(&before))) {
			uint64_t address;
			memcpy(&address, key.data + 2, sizeof address);
			struct returned_value value = {groups, key.data[1], (struct key_entry *)(uintptr_t)address};
			buf_clear(&before);
			buf_put_bytes(&before, key);
			status = replayer_run(groups->values, groups->next_row, return_value, &value);
		}
		if (status == 0)
			status = read_spilled(groups);
	}
	buf_deinit(&before);
	groups->values_returned = true;
	return status;
}

static int make_replayers(struct groups *groups)
{
	const struct stage *stage = groups->stage;
	if (groups->rows == NULL)
		groups->rows = replayer_create(groups->handle,
					       stage->key_count + stage->value_count + stage->argument_count);
	if (groups->values == NULL)
		groups->values = replayer_create(groups->handle, 1);
	return groups->rows && groups->values ? 0 : -1;
}

int groups_rewind(struct groups *groups)
{
	groups->at = 0;
	groups->current = NULL;
	if (groups->sorter == NULL)
		return 0;
	if (make_replayers(groups) != 0)
		return -1;
	if (sorter_begin_reading(groups->sorter, &groups->handle->diag) != 0 || read_spilled(groups) != 0)
		return -1;
	return return_values(groups);
}

static int return_row(void *argument, sqlite3_value **arguments)
{
	struct groups *one = argument;
	return groups_add(one, arguments);
}

/* The group of the sorter's next rows, made by itself: no other is there then. */
static int make_next(struct groups *groups)
{
	struct buf key;
	int status = 0;
	groups_destroy(&groups->one);
	groups->one = groups_create(groups->handle, groups->stage);
	groups->one->memory_max = UINT64_MAX;
	buf_init(&key);
	buf_put_bytes(&key, groups->next_key);
	while (status == 0 && groups->next_key.data && bytes_equal(groups->next_key, buf_bytes(&key))) {
		status = replayer_run(groups->rows, groups->next_row, return_row, groups->one);
		if (status == 0)
			status = read_spilled(groups);
	}
	buf_deinit(&key);
	return status;
}

int groups_next(struct groups *groups)
{
	if (groups->at < groups->table.count) {
		groups->current = groups->table.entries[groups->at++];
		return 1;
	}
	if (groups->next_key.data == NULL)
		return 0;
	if (make_next(groups) != 0)
		return -1;
	groups->current = groups->one->table.entries[0];
	return 1;
}

void groups_column(struct groups *groups, unsigned column, sqlite3_context *context)
{
	const struct stage *stage = groups->stage;
	unsigned cells = stage->key_count + stage->value_count;
	if (column < cells)
		cell_result(&cells_of(groups->current)[column], context);
	else if (column - cells < stage->call_count)
		stage->calls[column - cells].aggregate->answer(state_of(groups, groups->current, column - cells),
							       groups->handle, context);
}
