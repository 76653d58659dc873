#include "query/stage/groups.h"

#include <errno.h>
#include <string.h>

#include "base/memory.h"
#include "base/sorter.h"
#include "query/function/aggregate.h"
#include "query/stage/key_table.h"

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
	struct key_entry **last_distinct; /* owned: per call: of the row before; or NULL */
	struct recent *recent;	    /* owned */
	struct key_entry *last;	    /* of the row before */
	struct buf key, image;
	struct sorter *sorter;	  /* owned; NULL: all is in memory */
	struct cell *spilled_row; /* owned: one of the sorter's */
	bool values_returned;	  /* of the sorter */

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

/* The inputs that are a call's arguments. */
static const struct stage_input *first_of(const struct stage *stage, unsigned call)
{
	return &stage->inputs[stage->key_count + stage->value_count + stage->calls[call].argument];
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

static struct key_entry *add_group(struct groups *groups, const struct cell *row, uint64_t hash)
{
	const struct stage *stage = groups->stage;
	struct key_entry *group = key_table_add(&groups->table, buf_bytes(&groups->key), hash, groups->payload_size);
	struct cell *cells = cells_of(group);
	for (unsigned i = 0; row && i < stage->key_count + stage->value_count; i++) {
		cells[i] = row[i];
		if (cell_extra_size(&cells[i]))
			cells[i].string.data =
				arena_copy(&groups->table.arena, cells[i].string.data, cells[i].string.size);
	}
	for (unsigned i = 0; i < stage->call_count; i++)
		if (stage->calls[i].aggregate->start)
			stage->calls[i].aggregate->start(state_of(groups, group, i), first_of(stage, i)->collation);
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
	groups->last_distinct = memory_zalloc((stage->call_count + 1) * sizeof *groups->last_distinct);
	lay_out(groups);
	key_table_init(&groups->table);
	for (unsigned i = 0; i < stage->call_count; i++)
		key_table_init(&groups->distinct[i]);
	for (unsigned i = 0; i < stage->key_count; i++)
		groups->has_images |= stage->inputs[i].collation != NULL;
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
	buf_deinit(&groups->key);
	buf_deinit(&groups->image);
	memory_free(groups->spilled_row);
	memory_free(groups->recent);
	memory_free(groups->distinct);
	memory_free(groups->last_distinct);
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

static int spill(struct groups *groups, struct bytes key, const struct cell *cells, unsigned count)
{
	if (groups->sorter == NULL)
		groups->sorter = sorter_create(sqlite3_temp_directory ? sqlite3_temp_directory : "/tmp",
					       (size_t)groups->memory_max / sorter_part);
	struct buf row;
	buf_init(&row);
	for (unsigned i = 0; i < count; i++)
		cell_pack(&cells[i], &row);
	int status = add_to_sorter(groups, key, buf_bytes(&row));
	buf_deinit(&row);
	return status;
}

static int spill_row(struct groups *groups, const struct cell *row)
{
	struct buf key;
	buf_init(&key);
	buf_put_u8(&key, SPILLED_ROW);
	buf_put_bytes(&key, buf_bytes(&groups->key));
	int status = spill(groups, buf_bytes(&key), row, groups->stage->input_count);
	buf_deinit(&key);
	return status;
}

/* ------------------------------------------------------------------ rows in */

static void call_add(struct groups *groups, unsigned number, struct key_entry *group, const struct cell *value)
{
	const struct stage_call *call = &groups->stage->calls[number];
	const struct aggregate *aggregate = call->aggregate;
	(aggregate->plain_add ? aggregate->plain_add : aggregate->add)(state_of(groups, group, number), value);
}

static bool key_is_of(const struct key_entry *entry, struct bytes key)
{
	return entry && entry->key_size == key.size && memcmp(entry->key, key.data, key.size) == 0;
}

/* Its number among the groups: its address would do, if it were not for files. */
static void put_group(struct buf *out, const struct key_entry *group)
{
	uint64_t address = (uint64_t)(uintptr_t)group;
	buf_put(out, &address, sizeof address);
}

/* What is added for a call: its argument, if that is one. */
static const struct cell *value_of(const struct stage_call *call, const struct cell *arguments)
{
	return call->argument_count == 1 ? arguments : NULL;
}

/* The values of a DISTINCT call, which are added the first time. */
static int add_distinct(struct groups *groups, unsigned number, struct key_entry *group, const struct cell *arguments)
{
	const struct stage_call *call = &groups->stage->calls[number];
	const struct stage_input *inputs = first_of(groups->stage, number);
	buf_clear(&groups->image);
	buf_put_u8(&groups->image, SPILLED_VALUE);
	buf_put_u8(&groups->image, (uint8_t)number);
	put_group(&groups->image, group);
	for (unsigned i = 0; i < call->argument_count; i++) {
		if (cell_is_null(&arguments[i]))
			return 0;
		cell_put_key(&arguments[i], inputs[i].collation, &groups->image);
	}
	struct bytes key = buf_bytes(&groups->image);
	if (key_is_of(groups->last_distinct[number], key))
		return 0;
	uint64_t hash = bytes_hash(key);
	struct key_entry *known = key_table_find(&groups->distinct[number], key, hash);
	groups->last_distinct[number] = known;
	if (known)
		return 0;
	if (groups->sorter || is_full(groups))
		return spill(groups, key, arguments, call->argument_count);
	groups->last_distinct[number] = key_table_add(&groups->distinct[number], key, hash, 0);
	call_add(groups, number, group, value_of(call, arguments));
	return 0;
}

static int add_to_group(struct groups *groups, struct key_entry *group, const struct cell *row)
{
	const struct stage *stage = groups->stage;
	const struct cell *all = row + stage->key_count + stage->value_count;
	for (unsigned i = 0; i < stage->call_count; i++) {
		const struct cell *arguments = &all[stage->calls[i].argument];
		if (!stage->calls[i].distinct)
			call_add(groups, i, group, value_of(&stage->calls[i], arguments));
		else if (add_distinct(groups, i, group, arguments) != 0)
			return -1;
	}
	return 0;
}

static void put_row_key(struct groups *groups, const struct cell *row)
{
	buf_clear(&groups->key);
	for (unsigned i = 0; i < groups->stage->key_count; i++)
		cell_put_key(&row[i], groups->stage->inputs[i].collation, &groups->key);
}

/* The group of the row, or NULL where its key is new: then groups->key has it. */
static struct key_entry *find_by_key(struct groups *groups, const struct cell *row, uint64_t *out_hash)
{
	put_row_key(groups, row);
	struct bytes key = buf_bytes(&groups->key);
	if (key_is_of(groups->last, key))
		return groups->last;
	*out_hash = bytes_hash(key);
	return key_table_find(&groups->table, key, *out_hash);
}

/* The place where the row's key, as it lies, is remembered; NULL where it is too long. *out_known: it is there. */
static struct recent *find_recent(struct groups *groups, const struct cell *row, bool *out_known)
{
	*out_known = false;
	buf_clear(&groups->image);
	for (unsigned i = 0; i < groups->stage->key_count; i++) {
		cell_put_image(&row[i], &groups->image);
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

int groups_add(struct groups *groups, const struct cell *row)
{
	struct recent *recent = NULL;
	bool known = false;
	if (groups->stage->key_count == 0)
		return add_to_group(groups, groups->last, row);
	if (groups->has_images)
		recent = find_recent(groups, row, &known);
	if (known)
		return add_to_group(groups, recent->group, row);
	uint64_t hash;
	struct key_entry *group = find_by_key(groups, row, &hash);
	if (group == NULL) {
		if (groups->sorter || is_full(groups))
			return spill_row(groups, row);
		group = add_group(groups, row, hash);
	}
	if (recent)
		recent->group = group;
	groups->last = group;
	return add_to_group(groups, group, row);
}

/* ------------------------------------------------------------------ groups out */

static int read_spilled(struct groups *groups)
{
	int found = sorter_next(groups->sorter, &groups->next_key, &groups->next_row, &groups->handle->diag);
	if (found <= 0)
		groups->next_key = bytes_of(NULL, 0);
	return found < 0 ? -1 : 0;
}

/* Cells of the sorter's entry that is next, in groups->spilled_row. */
static int unpack_spilled(struct groups *groups, unsigned count)
{
	struct bytes packed = groups->next_row;
	if (groups->spilled_row == NULL)
		groups->spilled_row = memory_zalloc((groups->stage->input_count + 1) * sizeof *groups->spilled_row);
	for (unsigned i = 0; i < count; i++)
		if (!cell_unpack(&packed, &groups->spilled_row[i]))
			return diag_set(&groups->handle->diag, ER_TEMP_FILE_WRITE_FAILURE);
	return 0;
}

static int return_value(struct groups *groups, unsigned number, struct key_entry *group)
{
	const struct stage_call *call = &groups->stage->calls[number];
	if (unpack_spilled(groups, call->argument_count) != 0)
		return -1;
	call_add(groups, number, group, value_of(call, groups->spilled_row));
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
			buf_clear(&before);
			buf_put_bytes(&before, key);
			status = return_value(groups, key.data[1], (struct key_entry *)(uintptr_t)address);
		}
		if (status == 0)
			status = read_spilled(groups);
	}
	buf_deinit(&before);
	groups->values_returned = true;
	return status;
}

int groups_rewind(struct groups *groups)
{
	groups->at = 0;
	groups->current = NULL;
	if (groups->sorter == NULL)
		return 0;
	if (sorter_begin_reading(groups->sorter, &groups->handle->diag) != 0 || read_spilled(groups) != 0)
		return -1;
	return return_values(groups);
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
		status = unpack_spilled(groups, groups->stage->input_count);
		if (status == 0)
			status = groups_add(groups->one, groups->spilled_row);
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
