#include "txn/companion.h"

#include <string.h>

static const char magic[] = "gemel-record"; /* its final zero counts */

void companion_put_event(const struct event_writer *writer, struct bytes key, struct bytes value)
{
	struct buf body;
	buf_init(&body);
	buf_put(&body, magic, sizeof magic);
	buf_put_u16(&body, (uint16_t)key.size);
	buf_put_bytes(&body, key);
	buf_put_bytes(&body, value);
	event_put(writer, EVENT_IGNORABLE, EVENT_FLAG_IGNORABLE, buf_bytes(&body));
	buf_deinit(&body);
}

bool companion_read_event(const struct event *event, struct bytes *out_key, struct bytes *out_value)
{
	struct cursor cursor = cursor_of(event->body);
	if (event->type != EVENT_IGNORABLE ||
	    !bytes_equal(cursor_bytes(&cursor, sizeof magic), bytes_of(magic, sizeof magic)))
		return false;
	struct bytes key = cursor_bytes(&cursor, cursor_u16(&cursor));
	struct bytes value = cursor_rest(&cursor);
	if (cursor.failed)
		return false;
	*out_key = key;
	*out_value = value;
	return true;
}
