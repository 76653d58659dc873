/*
 * An arena: many small allocations that end together.
 *
 * Lifetimes nest: statement < transaction < session, and event < transaction < worker. An arena has one
 * owner thread. Nothing that is allocated here is freed alone; arena_reset keeps the first chunk for the
 * next round, so a session that runs small statements stops asking malloc.
 */
#pragma once

#include <stdarg.h>
#include <stddef.h>

#include "base/bytes.h"

struct arena_chunk;

struct arena {
	struct arena_chunk *chunk; /* newest chunk, the others hang behind it */
	size_t used;               /* bytes taken from the newest chunk */
	size_t total;              /* bytes handed out since the last reset, for memory bounds */
};

void arena_init(struct arena *arena);
void arena_deinit(struct arena *arena);
void arena_reset(struct arena *arena); /* all allocations end */
size_t arena_held_size(const struct arena *arena); /* bytes that it has taken, used or not */

void *arena_alloc(struct arena *arena, size_t size); /* aligned for any type, zeroed */
void *arena_copy(struct arena *arena, const void *data, size_t size);
char *arena_copy_string(struct arena *arena, const char *text);             /* NULL stays NULL */
char *arena_copy_text(struct arena *arena, const char *text, size_t size);  /* adds the final zero */
char *arena_printf(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *arena, const char *format, va_list args);

#define arena_new(arena, type) ((type *)arena_alloc((arena), sizeof(type)))
#define arena_array(arena, type, count) ((type *)arena_alloc((arena), sizeof(type) * (size_t)(count)))
