/* Network addresses. */
#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>

#include "query/function/tools.h"

/* Four numbers of up to three digits each, 255 at most. */
static bool parse_ipv4(struct bytes text, uint8_t out[4])
{
	size_t at = 0;
	for (unsigned part = 0; part < 4; part++) {
		unsigned number = 0, digits = 0;
		if (part > 0 && (at == text.size || text.data[at++] != '.'))
			return false;
		for (; at < text.size && isdigit(text.data[at]) && digits < 4; digits++)
			number = number * 10 + (text.data[at++] - 0u - '0');
		if (digits == 0 || digits > 3 || number > 255)
			return false;
		out[part] = (uint8_t)number;
	}
	return at == text.size;
}

static bool parse_ipv6(struct bytes text, uint8_t out[16])
{
	char copy[64];
	if (text.size >= sizeof copy || memchr(text.data, 0, text.size))
		return false;
	memcpy(copy, text.data, text.size);
	copy[text.size] = 0;
	return inet_pton(AF_INET6, copy, out) == 1;
}

static void warn_bad_address(sqlite3_context *context, struct bytes text, const char *function)
{
	char shown[128];
	FUNCTION_WARN(context, ER_WRONG_VALUE_FOR_TYPE, "string", message_text(text, shown), function);
}

/* Short forms too: 127.1 is 127.0.0.1. Longer ones go on, as MySQL's do. */
static bool parse_short_ipv4(struct bytes text, uint64_t *out)
{
	uint64_t sum = 0;
	unsigned number = 0, dots = 0;
	if (text.size == 0 || text.data[text.size - 1] == '.')
		return false;
	for (size_t i = 0; i < text.size; i++) {
		if (isdigit(text.data[i])) {
			number = number * 10 + (text.data[i] - 0u - '0');
			if (number > 255)
				return false;
		} else if (text.data[i] == '.') {
			dots++;
			sum = sum << 8 | number;
			number = 0;
		} else {
			return false;
		}
	}
	if (dots == 1 || dots == 2)
		sum <<= 8 * (3 - dots);
	*out = sum << 8 | number;
	return true;
}

static void gm_inet_aton(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	uint64_t number;
	if (any_null(1, arguments))
		return;
	if (parse_short_ipv4(string_of(arguments[0]), &number))
		sqlite3_result_int64(context, (int64_t)number);
	else
		warn_bad_address(context, string_of(arguments[0]), "inet_aton");
}

static void gm_inet_ntoa(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	char text[32];
	uint64_t bits;
	if (any_null(1, arguments))
		return;
	integer_of(arguments[0], &bits);
	if (bits > UINT32_MAX)
		return;
	int size = snprintf(text, sizeof text, "%u.%u.%u.%u", (unsigned)(bits >> 24), (unsigned)(bits >> 16 & 255),
			    (unsigned)(bits >> 8 & 255), (unsigned)(bits & 255));
	result_utf8(context, text, (size_t)size);
}

static void gm_inet6_aton(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	uint8_t address[16];
	if (any_null(1, arguments))
		return;
	struct bytes text = string_of(arguments[0]);
	if (parse_ipv4(text, address))
		result_binary(context, bytes_of(address, 4));
	else if (parse_ipv6(text, address))
		result_binary(context, bytes_of(address, 16));
	else
		warn_bad_address(context, text, "inet6_aton");
}

static void gm_inet6_ntoa(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	char text[64];
	if (any_null(1, arguments))
		return;
	struct bytes bytes = string_of(arguments[0]);
	if ((bytes.size == 4 && inet_ntop(AF_INET, bytes.data, text, sizeof text)) ||
	    (bytes.size == 16 && inet_ntop(AF_INET6, bytes.data, text, sizeof text)))
		result_utf8(context, text, strlen(text));
	else
		warn_bad_address(context, bytes, "inet6_ntoa");
}

static void gm_is_ipv4(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	uint8_t address[4];
	sqlite3_result_int(context, !any_null(1, arguments) && parse_ipv4(string_of(arguments[0]), address));
}

static void gm_is_ipv6(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	uint8_t address[16];
	sqlite3_result_int(context, !any_null(1, arguments) && parse_ipv6(string_of(arguments[0]), address));
}

static bool starts_with(sqlite3_value *value, const uint8_t prefix[12])
{
	struct bytes bytes = is_null(value) ? bytes_of(NULL, 0) : string_of(value);
	return bytes.size == 16 && memcmp(bytes.data, prefix, 12) == 0;
}

/* ::1.2.3.4, but neither :: nor ::1 */
static void gm_is_ipv4_compat(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	static const uint8_t prefix[12];
	bool is = starts_with(arguments[0], prefix) && bytes_load_uint_be(string_of(arguments[0]).data + 12, 4) > 1;
	sqlite3_result_int(context, is);
}

/* ::ffff:1.2.3.4 */
static void gm_is_ipv4_mapped(sqlite3_context *context, int count, sqlite3_value **arguments)
{
	static const uint8_t prefix[12] = {[10] = 0xff, [11] = 0xff};
	sqlite3_result_int(context, starts_with(arguments[0], prefix));
}

static const struct function_row rows[] = {
	{"gm_inet_aton", 1, 1, FN_PURE, gm_inet_aton, 0, 0, 0},
	{"gm_inet_ntoa", 1, 1, FN_PURE, gm_inet_ntoa, 0, 0, 0},
	{"gm_inet6_aton", 1, 1, FN_PURE, gm_inet6_aton, 0, 0, 0},
	{"gm_inet6_ntoa", 1, 1, FN_PURE, gm_inet6_ntoa, 0, 0, 0},
	{"gm_is_ipv4", 1, 1, FN_PURE, gm_is_ipv4, 0, 0, 0},
	{"gm_is_ipv6", 1, 1, FN_PURE, gm_is_ipv6, 0, 0, 0},
	{"gm_is_ipv4_compat", 1, 1, FN_PURE, gm_is_ipv4_compat, 0, 0, 0},
	{"gm_is_ipv4_mapped", 1, 1, FN_PURE, gm_is_ipv4_mapped, 0, 0, 0},
};
const struct function_rows function_rows_inet = FUNCTION_ROWS(rows);
