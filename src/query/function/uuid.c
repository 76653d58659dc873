/*
 * UUIDs and UUID_SHORT().
 *
 * A new UUID is of version 1: the server's logical clock, which never gives a time twice, and 14 + 48 bits made of the
 * server's own UUID in place of a network address.
 */
#include <ctype.h>
#include <stdio.h>

#include "binlog/gtid.h"
#include "query/function/tools.h"

static void gm_uuid(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	/* 100 ns from 1582-10-15 to 1970-01-01 */
	static const uint64_t calendar_reform = UINT64_C(0x01b21dd213814000);
	uint8_t own[uuid_size] = {0};
	char text[uuid_text_size + 1];
	struct server *server = session_of(context)->server;
	uint64_t time = (uint64_t)hlc_next(&server->clock) * 10 + calendar_reform;
	uuid_parse(bytes_of_string(server->uuid), own);
	unsigned sequence = ((own[0] << 8 | own[1]) & 0x3fff) | 0x8000;
	snprintf(text, sizeof text, "%08x-%04x-%04x-%04x-%02x%02x%02x%02x%02x%02x", (unsigned)time,
		 (unsigned)(time >> 32 & 0xffff), (unsigned)(time >> 48 & 0xfff) | 0x1000, sequence, own[10] | 1, own[11],
		 own[12], own[13], own[14], own[15]);
	result_utf8(context, text, uuid_text_size);
}

static void gm_uuid_short(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	struct server *server = session_of(context)->server;
	uint64_t time = (uint64_t)hlc_next(&server->clock) & ((UINT64_C(1) << 56) - 1);
	result_uint(context, (global_number(server, "server_id") & 255) << 56 | time);
}

static bool is_uuid(struct bytes text, uint8_t out[uuid_size])
{
	bool form = text.size == 32 || text.size == 36 || text.size == 38;
	return form && uuid_parse(text, out);
}

static void gm_is_uuid(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	uint8_t uuid[uuid_size];
	if (!any_null(1, arguments))
		sqlite3_result_int(context, is_uuid(string_of(arguments[0]), uuid));
}

/* Swapped: the time's high part first, so that later UUIDs sort behind. */
static void swap_time(const uint8_t in[uuid_size], uint8_t out[uuid_size])
{
	memcpy(out, in + 6, 2);
	memcpy(out + 2, in + 4, 2);
	memcpy(out + 4, in, 4);
	memcpy(out + 8, in + 8, 8);
}

static void unswap_time(const uint8_t in[uuid_size], uint8_t out[uuid_size])
{
	memcpy(out, in + 4, 4);
	memcpy(out + 4, in + 2, 2);
	memcpy(out + 6, in, 2);
	memcpy(out + 8, in + 8, 8);
}

static bool wants_swap(int count, sqlite3_value **arguments)
{
	return count > 1 && !is_null(arguments[1]) && whole_of(arguments[1]) != 0;
}

static void gm_uuid_to_bin(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	uint8_t uuid[uuid_size], swapped[uuid_size];
	char shown[128];
	if (any_null(1, arguments))
		return;
	if (!is_uuid(string_of(arguments[0]), uuid)) {
		FUNCTION_FAIL(context, ER_WRONG_VALUE_FOR_TYPE, "string", message_text(string_of(arguments[0]), shown),
			      "uuid_to_bin");
		return;
	}
	swap_time(uuid, swapped);
	result_binary(context, bytes_of(wants_swap(count, arguments) ? swapped : uuid, uuid_size));
}

static void gm_bin_to_uuid(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	uint8_t plain[uuid_size];
	char text[uuid_text_size + 1], shown[128];
	if (any_null(1, arguments))
		return;
	struct bytes bytes = string_of(arguments[0]);
	if (bytes.size != uuid_size) {
		FUNCTION_FAIL(context, ER_WRONG_VALUE_FOR_TYPE, "string", message_text(bytes, shown), "bin_to_uuid");
		return;
	}
	unswap_time(bytes.data, plain);
	uuid_print(wants_swap(count, arguments) ? plain : bytes.data, text);
	result_utf8(context, text, uuid_text_size);
}

static const struct function_row rows[] = {
	{"gm_uuid", 0, 0, FN_VOLATILE, gm_uuid, 0, 0, 0},
	{"gm_uuid_short", 0, 0, FN_VOLATILE, gm_uuid_short, 0, 0, 0},
	{"gm_is_uuid", 1, 1, FN_PURE, gm_is_uuid, 0, 0, 0},
	{"gm_uuid_to_bin", 1, 2, FN_PURE, gm_uuid_to_bin, 0, 0, 0},
	{"gm_bin_to_uuid", 1, 2, FN_PURE, gm_bin_to_uuid, 0, 0, 0},
};
const struct function_rows function_rows_uuid = FUNCTION_ROWS(rows);
