/* CHANGE REPLICATION SOURCE's settings: bounds, and the way into the store and back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "channel/settings.h"

static int set_text(struct channel_settings *settings, const char *name, const char *text)
{
	struct diag diag = DIAG_INIT;
	return channel_option_set_text(settings, channel_option_find(name), bytes_of_string(text), &diag);
}

static unsigned set_number(struct channel_settings *settings, const char *name, double number)
{
	struct diag diag = DIAG_INIT;
	channel_option_set_number(settings, channel_option_find(name), number, &diag);
	return diag.code;
}

static void defaults_are_mysqls(void **state)
{
	struct channel_settings settings;
	channel_settings_init(&settings);
	assert_int_equal(settings.port, 3306);
	assert_int_equal(settings.connect_retry_s, 60);
	assert_int_equal(settings.retry_count, 86400);
	assert_int_equal(settings.heartbeat_ms, UINT64_MAX);
}

static void bounds(void **state)
{
	struct channel_settings settings;
	char long_text[600];
	memset(long_text, 'x', sizeof long_text - 1);
	long_text[sizeof long_text - 1] = 0;
	channel_settings_init(&settings);
	assert_null(channel_option_find("SOURCE_NOTHING"));
	assert_non_null(channel_option_find("source_host"));
	assert_int_equal(set_text(&settings, "SOURCE_HOST", "db.example"), 0);
	assert_int_equal(set_text(&settings, "SOURCE_HOST", long_text), -1);
	assert_string_equal(settings.host, "db.example");
	assert_int_equal(set_number(&settings, "SOURCE_PORT", 65535), 0);
	assert_int_equal(set_number(&settings, "SOURCE_PORT", 65536), ER_WRONG_ARGUMENTS);
	assert_int_equal(set_number(&settings, "SOURCE_PORT", -1), ER_WRONG_ARGUMENTS);
	assert_int_equal(settings.port, 65535);
	assert_int_equal(set_number(&settings, "SOURCE_HEARTBEAT_PERIOD", 1.5), 0);
	assert_int_equal(settings.heartbeat_ms, 1500);
	assert_int_equal(set_number(&settings, "SOURCE_HEARTBEAT_PERIOD", 4294968), ER_SLAVE_HEARTBEAT_VALUE_OUT_OF_RANGE);
	assert_int_equal(set_number(&settings, "SOURCE_HOST", 1), ER_WRONG_ARGUMENTS);
}

static void into_the_store_and_back(void **state)
{
	struct channel_settings settings, back;
	struct buf bytes = {0};
	struct diag diag = DIAG_INIT;
	channel_settings_init(&settings);
	set_text(&settings, "SOURCE_HOST", "10.1.2.3");
	set_text(&settings, "SOURCE_PASSWORD", "p'w \n=x");
	set_number(&settings, "SOURCE_PORT", 7001);
	set_number(&settings, "SOURCE_AUTO_POSITION", 1);
	settings.ignored_server_ids[0] = 4000000000u;
	settings.ignored_server_ids[1] = 2;
	settings.ignored_count = 2;
	channel_settings_encode(&settings, &bytes);
	assert_int_equal(channel_settings_decode(buf_bytes(&bytes), &back, &diag), 0);
	assert_memory_equal(&back, &settings, sizeof back);
	for (size_t size = 0; size < bytes.size; size++) /* cut anywhere: an error or fewer fields, never a crash */
		channel_settings_decode(bytes_of(bytes.data, size), &back, &diag);
	buf_deinit(&bytes);
}

static void ways_to_find_the_place(void **state)
{
	struct channel_settings settings;
	channel_settings_init(&settings);
	assert_false(channel_settings_use_mariadb_gtids(&settings));
	assert_false(channel_settings_assign_gtids(&settings));
	assert_int_equal(set_text(&settings, "SOURCE_USE_GTID", "sideways"), -1);
	assert_int_equal(set_text(&settings, "SOURCE_USE_GTID", "slave_pos"), 0);
	assert_true(channel_settings_use_mariadb_gtids(&settings));
	assert_int_equal(set_text(&settings, "SOURCE_USE_GTID", "NO"), 0);
	assert_false(channel_settings_use_mariadb_gtids(&settings));
	static const char *const names = "ASSIGN_GTIDS_TO_ANONYMOUS_TRANSACTIONS";
	assert_int_equal(set_text(&settings, names, "anything"), -1);
	assert_int_equal(set_text(&settings, names, "11111111-2222-3333-4444-55555555555"), -1);
	assert_int_equal(set_text(&settings, names, "11111111-2222-3333-4444-555555555555"), 0);
	assert_true(channel_settings_assign_gtids(&settings));
	assert_int_equal(set_text(&settings, names, "off"), 0);
	assert_false(channel_settings_assign_gtids(&settings));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ways_to_find_the_place),
		cmocka_unit_test(defaults_are_mysqls),
		cmocka_unit_test(bounds),
		cmocka_unit_test(into_the_store_and_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
