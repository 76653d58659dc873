#include "query/write/writer.h"

#include <string.h>

void writer_init(struct writer *writer, struct arena *arena, unsigned flags, struct diag *diag)
{
	*writer = (struct writer){.arena = arena, .diag = diag, .flags = flags};
	buf_init(&writer->sql);
	map_init(&writer->bound);
}

void writer_deinit(struct writer *writer)
{
	buf_deinit(&writer->sql);
	map_deinit(&writer->bound);
}

void put_numbered(struct writer *writer, const char *text, unsigned number)
{
	uint8_t digits[10];
	size_t count = 0;
	do {
		digits[count++] = (uint8_t)('0' + number % 10);
		number /= 10;
	} while (number);
	put(writer, text);
	while (count > 0)
		buf_put_u8(&writer->sql, digits[--count]);
}

void put_quoted(struct writer *writer, const char *text)
{
	buf_put_u8(&writer->sql, '\'');
	for (const char *at = text; *at; at++) {
		if (*at == '\'')
			buf_put_u8(&writer->sql, '\'');
		buf_put_u8(&writer->sql, (uint8_t)*at);
	}
	buf_put_u8(&writer->sql, '\'');
}

void put_collation(struct writer *writer, const struct collation *collation)
{
	if (collation == NULL)
		return;
	put(writer, " COLLATE \"");
	put(writer, collation->name);
	put(writer, "\"");
}

static unsigned add_binding(struct writer *writer, const struct binding *binding)
{
	if (writer->binding_count == writer->binding_capacity) {
		unsigned capacity = writer->binding_capacity ? writer->binding_capacity * 2 : 8;
		struct binding *bindings = arena_array(writer->arena, struct binding, capacity);
		if (writer->binding_count)
			memcpy(bindings, writer->bindings, sizeof *bindings * writer->binding_count);
		writer->bindings = bindings;
		writer->binding_capacity = capacity;
	}
	writer->bindings[writer->binding_count] = *binding;
	return ++writer->binding_count;
}

void put_binding(struct writer *writer, const struct binding *binding)
{
	struct bytes key = bytes_of(&binding->node, sizeof binding->node);
	uintptr_t number = binding->node ? (uintptr_t)map_find(&writer->bound, key) : 0;
	if (number == 0) {
		number = add_binding(writer, binding);
		if (binding->node)
			map_put(&writer->bound, key, (void *)number);
	}
	put_numbered(writer, "?", (unsigned)number);
}

int write_unsupported(struct writer *writer, const char *what)
{
	return diag_set(writer->diag, ER_NOT_SUPPORTED_YET, what);
}
