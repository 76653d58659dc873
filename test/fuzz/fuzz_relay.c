/*
 * What a hostile source can do to a replica's disk: its events go through the receiver into a relay log, and are read
 * back as the applier reads them.
 *
 * The input is a stream of events, as in fuzz_event; their sizes and checksums are made right, so that what is behind
 * those checks is reached. What the receiver lets pass, the reader has to be able to read.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "binlog/reader.h"
#include "fuzz.h"
#include "receiver/receiver_internal.h"

static void nothing(void *argument)
{
}

static void show_nothing(void *argument, const char *state)
{
}

static bool takes_gtids(void *argument)
{
	return true;
}

static void make_right(uint8_t *event, size_t size)
{
	size_t checked = size - event_checksum_size;
	bytes_store_uint(event + 9, size, 4);
	bytes_store_uint(event + checked, event_crc32(bytes_of(event, checked)), 4);
}

static void receive(struct receiver *receiver, const uint8_t *data, size_t size)
{
	enum { size_min = event_header_size + event_checksum_size };
	struct diag diag = DIAG_INIT;
	while (size >= size_min) {
		size_t event_size = (size_t)bytes_load_uint(data + 9, 4);
		if (event_size < size_min || event_size > size)
			event_size = size;
		uint8_t *copy = memory_copy(data, event_size);
		if (receiver->format.checksum == EVENT_CHECKSUM_CRC32)
			make_right(copy, event_size);
		else
			bytes_store_uint(copy + 9, event_size, 4);
		enum receive_outcome outcome = receiver_queue_event(receiver, bytes_of(copy, event_size), &diag);
		memory_free(copy);
		if (outcome != RECEIVE_OK)
			return;
		data += event_size;
		size -= event_size;
	}
}

static void read_file(struct relay_log *log, uint32_t file)
{
	struct log_reader reader;
	struct boundary boundary = {0};
	struct event event;
	struct diag diag = DIAG_INIT;
	char *path = relay_log_file_path(log, file);
	if (log_reader_open(&reader, path, 0, UINT64_MAX, &diag) == READER_EVENT)
		while (log_reader_next(&reader, &event, &diag) == READER_EVENT)
			boundary_feed(&boundary, &event, &diag);
	log_reader_close(&reader);
	struct log_end end;
	log_end_init(&end);
	log_reader_find_end(path, &end, &diag);
	log_end_deinit(&end);
	memory_free(path);
}

static struct relay_log *open_log(void)
{
	static char directory[] = "/dev/shm/fuzz-relay-XXXXXX";
	static bool is_made;
	struct relay_log_options options = {.directory = directory, .base = "relay", .server_id = 2};
	struct relay_log *log;
	struct diag diag = DIAG_INIT;
	if (!is_made && mkdtemp(directory) == NULL)
		abort();
	is_made = true;
	bool is_resumed;
	if (relay_log_open(&log, &options, NULL, &is_resumed, &diag) < 0)
		abort();
	return log;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct receiver_settings settings = {.channel = "", .relay_file_max = 4096};
	static const struct receiver_hooks hooks = {
		.ending = nothing, .moved = nothing, .show = show_nothing, .takes_gtids = takes_gtids};
	struct diag diag = DIAG_INIT;
	struct relay_log *log = open_log();
	struct receiver *receiver = receiver_create(log);
	receiver->settings = &settings;
	receiver->hooks = &hooks;
	receiver->mysql = mysql_init(NULL);
	event_format_init(&receiver->format, EVENT_CHECKSUM_CRC32);
	receive(receiver, data, size);
	relay_log_publish(log, &diag);
	for (uint32_t file = relay_log_start(log).file; file; file = relay_log_next_file(log, file))
		read_file(log, file);
	mysql_close(receiver->mysql);
	receiver->mysql = NULL;
	receiver_destroy(&receiver);
	relay_log_remove(log);
	relay_log_close(&log);
	return 0;
}
