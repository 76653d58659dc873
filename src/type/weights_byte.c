#include "type/weights.h"
#include "type/weights_byte.inc"

struct byte_source {
	const struct weight_run *runs;
	size_t run_count;
};

#define BYTE_SOURCE(index, name) \
	[index - WEIGHTS_FIRST_BYTE] = {name##_runs, sizeof name##_runs / sizeof name##_runs[0]}

static const struct byte_source sources[] = {
	BYTE_SOURCE(WEIGHTS_LATIN1_SWEDISH, latin1_swedish),
	BYTE_SOURCE(WEIGHTS_LATIN1_GERMAN1, latin1_german1),
	BYTE_SOURCE(WEIGHTS_LATIN1_GERMAN2, latin1_german2),
	BYTE_SOURCE(WEIGHTS_LATIN1_DANISH, latin1_danish),
	BYTE_SOURCE(WEIGHTS_LATIN1_SPANISH, latin1_spanish),
	BYTE_SOURCE(WEIGHTS_LATIN1_GENERAL, latin1_general),
	BYTE_SOURCE(WEIGHTS_LATIN1_GENERAL_CS, latin1_general_cs),
	BYTE_SOURCE(WEIGHTS_LATIN2_GENERAL, latin2_general),
	BYTE_SOURCE(WEIGHTS_CP1251_GENERAL, cp1251_general),
	BYTE_SOURCE(WEIGHTS_ASCII_GENERAL, ascii_general),
};

enum { source_count = sizeof sources / sizeof sources[0] };
static struct byte_weights tables[source_count];

static void unfold(const struct byte_source *source, struct byte_weights *out)
{
	for (unsigned byte = 0; byte < 256; byte++)
		out->weight[byte] = (uint8_t)byte;
	for (const struct weight_run *run = source->runs; run < source->runs + source->run_count; run++)
		for (int i = 0; i < run->count; i++)
			out->weight[(int)run->first + i * run->step] = (uint8_t)(run->weight + i * run->weight_step);
}

static void unfold_expansions(const uint16_t *at, const uint16_t *end, struct byte_weights *out)
{
	for (; at < end; at += 3 + at[2]) {
		out->weight[at[1]] = (uint8_t)at[3];
		out->second[at[1]] = (uint8_t)at[4];
	}
	out->has_second = 1;
}

void weights_byte_init(void)
{
	for (int i = 0; i < source_count; i++) {
		unfold(&sources[i], &tables[i]);
		for (int byte = 0; byte < 128; byte++)
			tables[i].ascii[byte] = tables[i].weight[byte];
	}
	unfold_expansions(latin1_german2_expansions,
			  latin1_german2_expansions + sizeof latin1_german2_expansions / sizeof(uint16_t),
			  &tables[WEIGHTS_LATIN1_GERMAN2 - WEIGHTS_FIRST_BYTE]);
}

const struct byte_weights *weights_byte(enum weights weights)
{
	return &tables[weights - WEIGHTS_FIRST_BYTE];
}
