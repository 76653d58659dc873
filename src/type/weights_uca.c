#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "base/memory.h"
#include "type/weights.h"
#include "type/weights_uca_400.inc"
#include "type/weights_uca_520.inc"

static const uint32_t by_rule = UINT32_MAX;

struct uca_source {
	const struct weight_run *runs;
	size_t run_count;
	const uint16_t *expansions; /* code's high and low half, count, weights; again and again */
	size_t expansion_size;
	int is_language; /* differences to 4.0.0 */
};

#define COUNT(array) (sizeof array / sizeof array[0])
#define UCA_SOURCE(index, name, is_language) \
	[index - WEIGHTS_FIRST_UCA] = {name##_runs, COUNT(name##_runs), name##_expansions, \
				       COUNT(name##_expansions), is_language}
#define LANGUAGE(index, name) [index - WEIGHTS_FIRST_UCA] = {name##_runs, COUNT(name##_runs), NULL, 0, 1}

static const struct uca_source sources[] = {
	UCA_SOURCE(WEIGHTS_UCA_400, uca_400, 0),
	LANGUAGE(WEIGHTS_ICELANDIC, icelandic),
	LANGUAGE(WEIGHTS_LATVIAN, latvian),
	LANGUAGE(WEIGHTS_ROMANIAN, romanian),
	LANGUAGE(WEIGHTS_SLOVENIAN, slovenian),
	LANGUAGE(WEIGHTS_POLISH, polish),
	LANGUAGE(WEIGHTS_ESTONIAN, estonian),
	LANGUAGE(WEIGHTS_SPANISH, spanish),
	LANGUAGE(WEIGHTS_SWEDISH, swedish),
	LANGUAGE(WEIGHTS_TURKISH, turkish),
	LANGUAGE(WEIGHTS_ROMAN, roman),
	LANGUAGE(WEIGHTS_PERSIAN, persian),
	LANGUAGE(WEIGHTS_ESPERANTO, esperanto),
	LANGUAGE(WEIGHTS_HUNGARIAN, hungarian),
	LANGUAGE(WEIGHTS_SINHALA, sinhala),
	UCA_SOURCE(WEIGHTS_GERMAN2, german2, 1),
	UCA_SOURCE(WEIGHTS_UCA_520, uca_520, 0),
};

static _Atomic(struct uca_table *) tables[COUNT(sources)];
static pthread_mutex_t build_mutex = PTHREAD_MUTEX_INITIALIZER; /* innermost: nothing is locked under it */

static void set_entry(struct uca_table *table, uint32_t code, unsigned count, uint32_t value)
{
	uint32_t **page = &table->pages[code >> 8];
	if (*page == NULL) {
		*page = memory_alloc(256 * sizeof **page);
		memset(*page, 0xff, 256 * sizeof **page); /* by_rule */
	}
	(*page)[code & 0xff] = count << 24 | value;
}

/* pool_used is where the source's expansions begin in the pool, headers and all. Returns where they end. */
static size_t unfold(const struct uca_source *source, struct uca_table *table, size_t pool_used)
{
	for (const struct weight_run *run = source->runs; run < source->runs + source->run_count; run++)
		for (uint32_t i = 0; i < run->count; i++)
			set_entry(table, run->first + i * run->step, 1,
				  (uint32_t)(run->weight + (int)i * run->weight_step));
	if (source->expansion_size == 0)
		return pool_used;
	memcpy(table->pool + pool_used, source->expansions, source->expansion_size * sizeof(uint16_t));
	for (size_t at = 0; at < source->expansion_size; at += 3 + source->expansions[at + 2]) {
		const uint16_t *header = source->expansions + at;
		set_entry(table, (uint32_t)header[0] << 16 | header[1], header[2], (uint32_t)(pool_used + at + 3));
	}
	return pool_used + source->expansion_size;
}

static struct uca_table *build(const struct uca_source *source)
{
	struct uca_table *table = memory_zalloc(sizeof *table);
	const struct uca_source *base = source->is_language ? &sources[0] : NULL;
	size_t pool_size = source->expansion_size + (base ? base->expansion_size : 0);
	table->pool = memory_alloc(pool_size * sizeof *table->pool);
	unfold(source, table, base ? unfold(base, table, 0) : 0);
	for (int code = 0; code < 128; code++) {
		uint32_t entry = table->pages[0][code];
		table->ascii[code] = entry >> 24 == 1 ? (uint16_t)entry : no_ascii_weight;
	}
	table->space = table->ascii[' '];
	table->has_supplementary = source == &sources[WEIGHTS_UCA_520 - WEIGHTS_FIRST_UCA];
	return table;
}

const struct uca_table *weights_uca(enum weights weights)
{
	_Atomic(struct uca_table *) *slot = &tables[weights - WEIGHTS_FIRST_UCA];
	struct uca_table *table = atomic_load_explicit(slot, memory_order_acquire);
	if (table != NULL)
		return table;
	pthread_mutex_lock(&build_mutex);
	table = atomic_load_explicit(slot, memory_order_relaxed);
	if (table == NULL) {
		table = build(&sources[weights - WEIGHTS_FIRST_UCA]);
		atomic_store_explicit(slot, table, memory_order_release);
	}
	pthread_mutex_unlock(&build_mutex);
	return table;
}

void weights_uca_deinit(void)
{
	for (size_t i = 0; i < COUNT(sources); i++) {
		struct uca_table *table = atomic_exchange(&tables[i], NULL);
		if (table == NULL)
			continue;
		for (size_t page = 0; page < COUNT(table->pages); page++)
			memory_free(table->pages[page]);
		memory_free(table->pool);
		memory_free(table);
	}
}

/* What the algorithm computes for ideographs and for all that its table does not list. */
static unsigned computed_weights(uint32_t code, uint16_t scratch[2])
{
	uint32_t base = 0xfbc0;
	if (code >= 0x3400 && code <= 0x4db5)
		base = 0xfb80;
	else if (code >= 0x4e00 && code <= 0x9fa5)
		base = 0xfb40;
	scratch[0] = (uint16_t)(base + (code >> 15));
	scratch[1] = (uint16_t)((code & 0x7fff) | 0x8000);
	return 2;
}

unsigned uca_weights(const struct uca_table *table, uint32_t code, uint16_t scratch[2], const uint16_t **out_weights)
{
	*out_weights = scratch;
	if (code > 0xffff && !table->has_supplementary) {
		scratch[0] = 0xfffd;
		return 1;
	}
	const uint32_t *page = table->pages[code >> 8];
	uint32_t entry = page ? page[code & 0xff] : by_rule;
	if (entry == by_rule)
		return computed_weights(code, scratch);
	unsigned count = entry >> 24;
	scratch[0] = (uint16_t)entry;
	if (count != 1)
		*out_weights = table->pool + (entry & 0xffffff);
	return count;
}
