#include "channel/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "binlog/gtid.h"

enum { settings_format = 1 };

static bool accepts_use_gtid(struct bytes text)
{
	static const char *const words[] = {"No", "Slave_Pos", "Current_Pos"};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (text.size == strlen(words[i]) && strncasecmp((const char *)text.data, words[i], text.size) == 0)
			return true;
	return false;
}

static bool accepts_gtid_source(struct bytes text)
{
	uint8_t uuid[uuid_size];
	bool is_word = (text.size == 3 && strncasecmp((const char *)text.data, "OFF", 3) == 0) ||
		       (text.size == 5 && strncasecmp((const char *)text.data, "LOCAL", 5) == 0);
	return is_word || uuid_parse(text, uuid);
}

#define FIELD(name) offsetof(struct channel_settings, name), sizeof((struct channel_settings *)0)->name
#define TEXT(option, field) {option, CHANNEL_OPTION_TEXT, FIELD(field), 0, NULL}
#define NUMBER(option, field, max) {option, CHANNEL_OPTION_NUMBER, FIELD(field), max, NULL}
#define SWITCH(option, field) {option, CHANNEL_OPTION_SWITCH, FIELD(field), 1, NULL}

static const struct channel_option options[] = {
	TEXT("SOURCE_HOST", host),
	TEXT("SOURCE_USER", user),
	TEXT("SOURCE_PASSWORD", password),
	TEXT("SOURCE_BIND", bind_address),
	NUMBER("SOURCE_PORT", port, 65535),
	NUMBER("SOURCE_CONNECT_RETRY", connect_retry_s, UINT32_MAX),
	NUMBER("SOURCE_RETRY_COUNT", retry_count, UINT64_MAX),
	{"SOURCE_HEARTBEAT_PERIOD", CHANNEL_OPTION_SECONDS, FIELD(heartbeat_ms), 4294967, NULL},
	NUMBER("SOURCE_DELAY", delay_s, 2147483647),
	SWITCH("SOURCE_AUTO_POSITION", auto_position),
	{"SOURCE_USE_GTID", CHANNEL_OPTION_TEXT, FIELD(use_gtid), 0, accepts_use_gtid},
	{"ASSIGN_GTIDS_TO_ANONYMOUS_TRANSACTIONS", CHANNEL_OPTION_TEXT, FIELD(assign_gtids), 0, accepts_gtid_source},
	SWITCH("SOURCE_SSL", link.uses_tls),
	SWITCH("SOURCE_SSL_VERIFY_SERVER_CERT", link.verifies_tls),
	TEXT("SOURCE_SSL_CA", link.tls_ca),
	TEXT("SOURCE_SSL_CAPATH", link.tls_capath),
	TEXT("SOURCE_SSL_CERT", link.tls_cert),
	TEXT("SOURCE_SSL_KEY", link.tls_key),
	TEXT("SOURCE_SSL_CIPHER", link.tls_cipher),
	TEXT("SOURCE_SSL_CRL", link.tls_crl),
	TEXT("SOURCE_SSL_CRLPATH", link.tls_crlpath),
	TEXT("SOURCE_TLS_VERSION", link.tls_version),
	TEXT("SOURCE_TLS_CIPHERSUITES", link.tls_ciphersuites),
	TEXT("SOURCE_PUBLIC_KEY_PATH", link.public_key_path),
	SWITCH("GET_SOURCE_PUBLIC_KEY", link.gets_public_key),
	TEXT("SOURCE_COMPRESSION_ALGORITHMS", link.compression),
	NUMBER("SOURCE_ZSTD_COMPRESSION_LEVEL", link.zstd_level, UINT32_MAX),
};

bool channel_settings_use_mariadb_gtids(const struct channel_settings *settings)
{
	return strcasecmp(settings->use_gtid, "No") != 0;
}

bool channel_settings_assign_gtids(const struct channel_settings *settings)
{
	return strcasecmp(settings->assign_gtids, "OFF") != 0;
}

void channel_settings_init(struct channel_settings *settings)
{
	*settings = (struct channel_settings){
		.port = 3306, .connect_retry_s = 60, .retry_count = 86400, .heartbeat_ms = UINT64_MAX,
		.assign_gtids = "OFF", .use_gtid = "No", .link = {.compression = "uncompressed", .zstd_level = 3}};
}

const struct channel_option *channel_option_find(const char *name)
{
	for (size_t i = 0; i < sizeof options / sizeof *options; i++)
		if (strcasecmp(options[i].name, name) == 0)
			return &options[i];
	return NULL;
}

static void *field_of(const struct channel_settings *settings, const struct channel_option *option)
{
	return (char *)settings + option->offset;
}

int channel_option_set_text(struct channel_settings *settings, const struct channel_option *option,
			    struct bytes text, struct diag *diag)
{
	char *field = field_of(settings, option);
	if (option->kind != CHANNEL_OPTION_TEXT || text.size >= option->size ||
	    (text.size && memchr(text.data, 0, text.size)) || (option->accepts && !option->accepts(text)))
		return diag_set_message(diag, ER_WRONG_ARGUMENTS, "Incorrect arguments to %s", option->name);
	if (text.size)
		memcpy(field, text.data, text.size);
	field[text.size] = 0;
	return 0;
}

int channel_option_set_number(struct channel_settings *settings, const struct channel_option *option, double number,
			      struct diag *diag)
{
	bool in_range = number >= 0 && number <= (double)option->max;
	if (option->kind == CHANNEL_OPTION_SECONDS && !in_range)
		return diag_set(diag, ER_SLAVE_HEARTBEAT_VALUE_OUT_OF_RANGE, "4294967");
	if (option->offset == offsetof(struct channel_settings, delay_s) && number > (double)option->max) {
		char text[32];
		snprintf(text, sizeof text, "%.0f", number);
		return diag_set(diag, ER_MASTER_DELAY_VALUE_OUT_OF_RANGE, text, (unsigned)option->max);
	}
	if (option->kind == CHANNEL_OPTION_TEXT || !in_range)
		return diag_set_message(diag, ER_WRONG_ARGUMENTS, "Incorrect arguments to %s", option->name);
	if (option->kind == CHANNEL_OPTION_SWITCH)
		*(bool *)field_of(settings, option) = number != 0;
	else if (option->kind == CHANNEL_OPTION_SECONDS)
		*(uint64_t *)field_of(settings, option) = (uint64_t)(number * 1000 + 0.5);
	else
		*(uint64_t *)field_of(settings, option) = (uint64_t)number;
	return 0;
}

/* ----------------------------------------------------------------------------------------------------- the store */

static void put_pair(struct buf *out, const char *name, const char *value)
{
	buf_put_cstring(out, name);
	buf_put_cstring(out, value);
}

void channel_settings_encode(const struct channel_settings *settings, struct buf *out)
{
	buf_put_u8(out, settings_format);
	for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
		const struct channel_option *option = &options[i];
		const void *field = field_of(settings, option);
		char number[32];
		if (option->kind == CHANNEL_OPTION_SWITCH)
			snprintf(number, sizeof number, "%d", *(const bool *)field);
		else if (option->kind != CHANNEL_OPTION_TEXT)
			snprintf(number, sizeof number, "%llu", (unsigned long long)*(const uint64_t *)field);
		put_pair(out, option->name, option->kind == CHANNEL_OPTION_TEXT ? (const char *)field : number);
	}
	for (uint64_t i = 0; i < settings->ignored_count; i++) {
		char number[32];
		snprintf(number, sizeof number, "%u", settings->ignored_server_ids[i]);
		put_pair(out, "IGNORE_SERVER_ID", number);
	}
}

static void take_pair(struct channel_settings *settings, const char *name, struct bytes value)
{
	const struct channel_option *option = channel_option_find(name);
	char text[32];
	snprintf(text, sizeof text, "%.*s", (int)(value.size < 31 ? value.size : 31), (const char *)value.data);
	uint64_t number = strtoull(text, NULL, 10);
	if (strcmp(name, "IGNORE_SERVER_ID") == 0 && settings->ignored_count < channel_ignored_max)
		settings->ignored_server_ids[settings->ignored_count++] = (uint32_t)number;
	if (option == NULL)
		return; /* of another version */
	if (option->kind == CHANNEL_OPTION_TEXT) {
		struct diag ignored = DIAG_INIT;
		channel_option_set_text(settings, option, value, &ignored);
	} else if (option->kind == CHANNEL_OPTION_SWITCH) {
		*(bool *)field_of(settings, option) = number != 0;
	} else {
		*(uint64_t *)field_of(settings, option) = number;
	}
}

int channel_settings_decode(struct bytes bytes, struct channel_settings *out, struct diag *diag)
{
	struct cursor cursor = cursor_of(bytes);
	channel_settings_init(out);
	uint8_t format = cursor_u8(&cursor);
	while (!cursor.failed && format == settings_format && cursor_left(&cursor)) {
		struct bytes name = cursor_until_zero(&cursor);
		struct bytes value = cursor_until_zero(&cursor);
		if (!cursor.failed)
			take_pair(out, (const char *)name.data, value); /* the zero stands behind it */
	}
	if (cursor.failed || format != settings_format)
		return diag_set(diag, ER_MASTER_INFO);
	return 0;
}
