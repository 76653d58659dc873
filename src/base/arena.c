#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"

enum { chunk_size_min = 4096 };

struct arena_chunk {
	struct arena_chunk *older;
	size_t size;
	alignas(max_align_t) uint8_t data[];
};

void arena_init(struct arena *arena)
{
	*arena = (struct arena){0};
}

static void free_chunks(struct arena_chunk *chunk)
{
	while (chunk) {
		struct arena_chunk *older = chunk->older;
		memory_free(chunk);
		chunk = older;
	}
}

void arena_deinit(struct arena *arena)
{
	free_chunks(arena->chunk);
	*arena = (struct arena){0};
}

size_t arena_held_size(const struct arena *arena)
{
	size_t size = 0;
	for (const struct arena_chunk *chunk = arena->chunk; chunk; chunk = chunk->older)
		size += chunk->size;
	return size;
}

void arena_reset(struct arena *arena)
{
	struct arena_chunk *chunk = arena->chunk;
	if (chunk) {
		/* The oldest chunk is the small one; a giant statement must not leave its memory behind. */
		struct arena_chunk *oldest = chunk;
		while (oldest->older)
			oldest = oldest->older;
		while (chunk != oldest) {
			struct arena_chunk *older = chunk->older;
			memory_free(chunk);
			chunk = older;
		}
	}
	arena->chunk = chunk;
	arena->used = 0;
	arena->total = 0;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	size_t const align = alignof(max_align_t);
	size = (size + align - 1) / align * align;
	struct arena_chunk *chunk = arena->chunk;
	if (chunk == NULL || chunk->size - arena->used < size) {
		size_t chunk_size = chunk ? chunk->size * 2 : chunk_size_min;
		if (chunk_size > 1024 * 1024)
			chunk_size = 1024 * 1024;
		if (chunk_size < size)
			chunk_size = size;
		struct arena_chunk *fresh = memory_alloc(sizeof *fresh + chunk_size);
		fresh->older = chunk;
		fresh->size = chunk_size;
		arena->chunk = chunk = fresh;
		arena->used = 0;
	}
	void *memory = chunk->data + arena->used;
	arena->used += size;
	arena->total += size;
	return memset(memory, 0, size);
}

void *arena_copy(struct arena *arena, const void *data, size_t size)
{
	void *copy = arena_alloc(arena, size ? size : 1);
	if (size)
		memcpy(copy, data, size);
	return copy;
}

char *arena_copy_text(struct arena *arena, const char *text, size_t size)
{
	char *copy = arena_alloc(arena, size + 1);
	if (size)
		memcpy(copy, text, size);
	return copy;
}

char *arena_copy_string(struct arena *arena, const char *text)
{
	return text ? arena_copy_text(arena, text, strlen(text)) : NULL;
}

char *arena_vprintf(struct arena *arena, const char *format, va_list args)
{
	va_list again;
	va_copy(again, args);
	int size = vsnprintf(NULL, 0, format, args);
	char *text = arena_alloc(arena, (size_t)size + 1);
	vsnprintf(text, (size_t)size + 1, format, again);
	va_end(again);
	return text;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	char *text = arena_vprintf(arena, format, args);
	va_end(args);
	return text;
}
