#include <assert.h>

#include "type/weights.h"
#include "type/weights_general.inc"

enum { page_limit = 32, run_count = sizeof general_runs / sizeof general_runs[0] };

const uint16_t *general_weight_pages[256];
static uint16_t pages[page_limit][256];

static uint16_t *page_of(uint32_t code, unsigned *used)
{
	if (general_weight_pages[code >> 8] == NULL) {
		assert(*used < page_limit);
		uint16_t *page = pages[(*used)++];
		for (unsigned i = 0; i < 256; i++)
			page[i] = (uint16_t)((code & 0xff00) | i);
		general_weight_pages[code >> 8] = page;
	}
	return (uint16_t *)general_weight_pages[code >> 8];
}

void weights_general_init(void)
{
	unsigned used = 0;
	if (general_weight_pages[0] != NULL)
		return;
	for (const struct weight_run *run = general_runs; run < general_runs + run_count; run++)
		for (uint32_t i = 0; i < run->count; i++) {
			uint32_t code = run->first + i * run->step;
			page_of(code, &used)[code & 0xff] = (uint16_t)(run->weight + (int)i * run->weight_step);
		}
}
