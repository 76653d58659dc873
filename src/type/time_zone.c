/*
 * Time zones: fixed offsets, and zones of the tz database read from TZif files (RFC 8536).
 *
 * A TZif file holds the instants at which a zone's offset changed and the offset from then on. Version 2 and
 * later repeat the block with 64-bit instants, followed by a POSIX rule for the time after the last one. We
 * read the 64-bit block, and expand the rule up to the end of TIMESTAMP's range.
 *
 * Zones are created when first asked for and never go: the cache hands out borrowed pointers. Their number is
 * bounded by the files there are and by the 1,680 offsets there can be.
 */
#include <ctype.h>
#include <dirent.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/buf.h"
#include "base/memory.h"
#include "type/temporal.h"
#include "type/time_zone_rule.h"

enum { name_size_max = 64, file_size_max = 256 * 1024, transitions_max = 4096, epoch_days = 719528,
       day_seconds = 86400 };

static const int64_t timestamp_last = INT64_C(2147483647);

struct time_zone {
	/* immutable */
	char name[name_size_max + 1];
	int first_offset;            /* seconds east before the first transition, or always */
	unsigned count;              /* transitions */
	struct zone_transition *transition; /* owned, rising */
	struct time_zone *next;      /* in the cache, older ones */
};

static const struct time_zone utc = {.name = "UTC"};

/* The cache is a list that only grows at its head: readers need no lock. */
static _Atomic(struct time_zone *) zones;
static pthread_mutex_t load_mutex = PTHREAD_MUTEX_INITIALIZER;

static struct time_zone *find_cached(const char *name)
{
	struct time_zone *zone = atomic_load_explicit(&zones, memory_order_acquire);
	while (zone && strcasecmp(zone->name, name) != 0)
		zone = zone->next;
	return zone;
}

static const struct time_zone *add_to_cache(struct time_zone *zone)
{
	zone->next = atomic_load_explicit(&zones, memory_order_relaxed);
	atomic_store_explicit(&zones, zone, memory_order_release);
	return zone;
}

struct tzif_header {
	uint8_t version;
	uint32_t isutc, isstd, leap, time, type, chars;
};

static void read_header(struct cursor *cursor, struct tzif_header *out)
{
	cursor->failed |= cursor_u32_be(cursor) != 0x545a6966; /* "TZif" */
	out->version = cursor_u8(cursor);
	cursor_skip(cursor, 15);
	out->isutc = cursor_u32_be(cursor);
	out->isstd = cursor_u32_be(cursor);
	out->leap = cursor_u32_be(cursor);
	out->time = cursor_u32_be(cursor);
	out->type = cursor_u32_be(cursor);
	out->chars = cursor_u32_be(cursor);
	if (out->time > transitions_max || out->type == 0 || out->type > 256 || out->chars > 4096 ||
	    out->leap > 4096 || out->isutc > 256 || out->isstd > 256)
		cursor->failed = true;
}

static void skip_block(struct cursor *cursor, const struct tzif_header *header, size_t time_size)
{
	cursor_skip(cursor, header->time * (time_size + 1) + header->type * 6u + header->chars +
				    header->leap * (time_size + 4) + header->isstd + header->isutc);
}

/* The offsets are behind the transitions, which refer to them: two passes. */
static void read_block(struct cursor *cursor, const struct tzif_header *header, size_t time_size,
		       struct time_zone *zone)
{
	struct bytes times = cursor_bytes(cursor, header->time * time_size);
	struct bytes kinds = cursor_bytes(cursor, header->time);
	struct bytes types = cursor_bytes(cursor, header->type * 6u);
	cursor_skip(cursor, header->chars + header->leap * (time_size + 4) + header->isstd + header->isutc);
	if (cursor->failed)
		return;
	zone->first_offset = (int32_t)bytes_load_uint_be(types.data, 4);
	zone->transition = memory_alloc((header->time + zone_rule_transitions_max) * sizeof *zone->transition);
	for (uint32_t i = 0; i < header->time; i++) {
		uint64_t at = bytes_load_uint_be(times.data + i * time_size, time_size);
		if (kinds.data[i] >= header->type) {
			cursor->failed = true;
			return;
		}
		zone->transition[i].at = time_size == 4 ? (int32_t)at : (int64_t)at;
		zone->transition[i].offset = (int32_t)bytes_load_uint_be(types.data + kinds.data[i] * 6u, 4);
	}
	zone->count = header->time;
}

static bool read_tzif(struct bytes file, struct time_zone *zone)
{
	struct cursor cursor = cursor_of(file);
	struct tzif_header header;
	read_header(&cursor, &header);
	size_t time_size = 4;
	if (!cursor.failed && header.version >= '2') {
		skip_block(&cursor, &header, 4);
		read_header(&cursor, &header);
		time_size = 8;
	}
	if (cursor.failed)
		return false;
	read_block(&cursor, &header, time_size, zone);
	if (cursor.failed)
		return false;
	if (time_size == 8 && cursor_u8(&cursor) == '\n') {
		const uint8_t *end = memchr(cursor.at, '\n', cursor_left(&cursor));
		int64_t after = zone->count ? zone->transition[zone->count - 1].at : INT64_MIN;
		if (end)
			zone->count += zone_rule_expand(bytes_of(cursor.at, (size_t)(end - cursor.at)), after,
							zone->transition + zone->count, &zone->first_offset);
	}
	return true;
}

static bool read_file(const char *path, struct buf *out)
{
	struct stat info;
	FILE *file = fopen(path, "re");
	if (file == NULL)
		return false;
	bool good = fstat(fileno(file), &info) == 0 && S_ISREG(info.st_mode) && info.st_size <= file_size_max;
	if (good)
		out->size = fread(buf_reserve(out, (size_t)info.st_size + 1), 1, (size_t)info.st_size, file);
	fclose(file);
	return good;
}

/* A zone from a file, not yet in the cache; NULL when there is none or it is no TZif. */
static struct time_zone *load_zone(const char *path, const char *name)
{
	struct buf file;
	struct time_zone *zone = NULL;
	buf_init(&file);
	if (read_file(path, &file)) {
		zone = memory_zalloc(sizeof *zone);
		snprintf(zone->name, sizeof zone->name, "%s", name);
		if (!read_tzif(buf_bytes(&file), zone)) {
			memory_free(zone->transition);
			memory_free(zone);
			zone = NULL;
		}
	}
	buf_deinit(&file);
	return zone;
}

/* Appends the folder's entry that is `part` in some case. */
static bool find_entry(char *path, size_t size, const char *part, size_t part_size)
{
	DIR *folder = opendir(path);
	if (folder == NULL)
		return false;
	bool found = false;
	struct dirent *entry;
	size_t used = strlen(path);
	while (!found && (entry = readdir(folder)) != NULL) {
		found = strlen(entry->d_name) == part_size && strncasecmp(entry->d_name, part, part_size) == 0;
		if (found)
			snprintf(path + used, size - used, "/%s", entry->d_name);
	}
	closedir(folder);
	return found;
}

/* The file of a zone's name, in whatever case it is written. */
static bool find_zone_path(const char *name, char *path, size_t size, size_t *out_root_size)
{
	const char *root = getenv("TZDIR");
	snprintf(path, size, "%s", root && *root ? root : "/usr/share/zoneinfo");
	*out_root_size = strlen(path) + 1;
	for (const char *part = name; *part;) {
		size_t part_size = strcspn(part, "/");
		if (part_size == 0 || part[0] == '.' || !find_entry(path, size, part, part_size))
			return false;
		part += part_size;
		part += *part == '/';
	}
	return *name != 0;
}

static bool is_zone_name(const char *name)
{
	for (const char *at = name; *at; at++)
		if (!isalnum((unsigned char)*at) && strchr("_+-/", *at) == NULL)
			return false;
	return isalpha((unsigned char)name[0]);
}

static const struct time_zone *find_named(const char *name)
{
	const struct time_zone *zone = find_cached(name);
	if (zone || !is_zone_name(name))
		return zone;
	pthread_mutex_lock(&load_mutex);
	zone = find_cached(name);
	char path[512];
	size_t root_size;
	if (zone == NULL && find_zone_path(name, path, sizeof path, &root_size)) {
		struct time_zone *loaded = load_zone(path, path + root_size);
		zone = loaded ? add_to_cache(loaded) : NULL;
	}
	pthread_mutex_unlock(&load_mutex);
	return zone;
}

/* "+2:00" and "+02:00", -13:59 to +14:00. */
static bool parse_offset(const char *text, int *out_seconds)
{
	unsigned hours = 0, minutes = 0;
	const char *at = text + 1;
	if (text[0] != '+' && text[0] != '-')
		return false;
	for (unsigned i = 0; i < 2 && isdigit((unsigned char)*at); i++)
		hours = hours * 10 + (unsigned)(*at++ - '0');
	if (at == text + 1 || *at++ != ':')
		return false;
	for (unsigned i = 0; i < 2 && isdigit((unsigned char)*at); i++)
		minutes = minutes * 10 + (unsigned)(*at++ - '0');
	int seconds = (int)(hours * 3600 + minutes * 60);
	*out_seconds = text[0] == '-' ? -seconds : seconds;
	return *at == 0 && isdigit((unsigned char)at[-1]) && minutes < 60 && *out_seconds <= 14 * 3600 &&
	       *out_seconds > -14 * 3600;
}

static const struct time_zone *find_offset(const char *text)
{
	int seconds;
	if (!parse_offset(text, &seconds))
		return NULL;
	char name[name_size_max + 1];
	int minutes = abs(seconds) / 60;
	snprintf(name, sizeof name, "%c%02d:%02d", seconds < 0 ? '-' : '+', minutes / 60, minutes % 60);
	pthread_mutex_lock(&load_mutex);
	const struct time_zone *zone = find_cached(name);
	if (zone == NULL) {
		struct time_zone *fresh = memory_zalloc(sizeof *fresh);
		memcpy(fresh->name, name, sizeof name);
		fresh->first_offset = seconds;
		zone = add_to_cache(fresh);
	}
	pthread_mutex_unlock(&load_mutex);
	return zone;
}

const struct time_zone *time_zone_find(struct bytes name)
{
	char text[name_size_max + 1];
	if (name.size == 0 || name.size >= sizeof text || memchr(name.data, 0, name.size))
		return NULL;
	memcpy(text, name.data, name.size);
	text[name.size] = 0;
	if (strcasecmp(text, "SYSTEM") == 0)
		return time_zone_system();
	if (text[0] == '+' || text[0] == '-')
		return find_offset(text);
	return find_named(text);
}

/* TZ as the C library reads it: a file, a zone's name or a POSIX rule; unset means /etc/localtime. */
static struct time_zone *load_system(void)
{
	const char *tz = getenv("TZ");
	struct time_zone *zone = NULL;
	if (tz == NULL)
		zone = load_zone("/etc/localtime", "SYSTEM");
	else if (*(tz += *tz == ':') == '/')
		zone = load_zone(tz, "SYSTEM");
	char path[512];
	size_t root_size;
	if (zone == NULL && tz && is_zone_name(tz) && find_zone_path(tz, path, sizeof path, &root_size))
		zone = load_zone(path, "SYSTEM");
	if (zone)
		return zone;
	zone = memory_zalloc(sizeof *zone);
	strcpy(zone->name, "SYSTEM");
	if (tz && *tz) {
		zone->transition = memory_alloc(zone_rule_transitions_max * sizeof *zone->transition);
		zone->count = zone_rule_expand(bytes_of_string(tz), INT64_MIN, zone->transition,
					       &zone->first_offset);
	}
	return zone;
}

const struct time_zone *time_zone_system(void)
{
	const struct time_zone *zone = find_cached("SYSTEM");
	if (zone)
		return zone;
	pthread_mutex_lock(&load_mutex);
	zone = find_cached("SYSTEM");
	if (zone == NULL)
		zone = add_to_cache(load_system());
	pthread_mutex_unlock(&load_mutex);
	return zone;
}

const struct time_zone *time_zone_utc(void)
{
	return &utc;
}

const char *time_zone_name(const struct time_zone *zone)
{
	return zone->name;
}

/* How many transitions are at or before the instant. */
static unsigned passed_transitions(const struct time_zone *zone, int64_t epoch_seconds)
{
	unsigned low = 0, high = zone->count;
	while (low < high) {
		unsigned middle = (low + high) / 2;
		if (zone->transition[middle].at <= epoch_seconds)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

int time_zone_offset(const struct time_zone *zone, int64_t epoch_seconds)
{
	if (zone->count == 0)
		return zone->first_offset;
	unsigned passed = passed_transitions(zone, epoch_seconds);
	return passed ? zone->transition[passed - 1].offset : zone->first_offset;
}

static int64_t floor_divide(int64_t value, int64_t divisor)
{
	return value / divisor - (value % divisor < 0);
}

int64_t time_zone_to_local(const struct time_zone *zone, int64_t epoch_us)
{
	int64_t seconds = floor_divide(epoch_us, 1000000);
	unsigned micro = (unsigned)(epoch_us - seconds * 1000000);
	seconds += time_zone_offset(zone, seconds);
	int64_t days = floor_divide(seconds, day_seconds);
	unsigned rest = (unsigned)(seconds - days * day_seconds);
	struct datetime local;
	date_from_days(days + epoch_days, &local);
	local.hour = rest / 3600;
	local.minute = rest / 60 % 60;
	local.second = rest % 60;
	local.microsecond = micro;
	return datetime_pack(&local);
}

/*
 * The instant whose local time is `local` seconds. Where clocks were put back there are two: the earlier is
 * taken. Where they were put forward there is none: the instant of the change is.
 */
static int64_t instant_of(const struct time_zone *zone, int64_t local)
{
	if (zone->count == 0)
		return local - zone->first_offset;
	int before = time_zone_offset(zone, local - day_seconds);
	int after = time_zone_offset(zone, local + day_seconds);
	int earlier_offset = before > after ? before : after;
	int later_offset = before > after ? after : before;
	if (time_zone_offset(zone, local - earlier_offset) == earlier_offset)
		return local - earlier_offset;
	if (time_zone_offset(zone, local - later_offset) == later_offset)
		return local - later_offset;
	unsigned passed = passed_transitions(zone, local - later_offset);
	return passed ? zone->transition[passed - 1].at : local - later_offset;
}

bool time_zone_to_epoch(const struct time_zone *zone, int64_t packed_local, int64_t *out_epoch_us)
{
	struct datetime local;
	datetime_unpack(packed_local, &local);
	if (local.month == 0 || local.day == 0 || local.year < 1969 || local.year > 2038)
		return false;
	int64_t days = days_from_date(local.year, local.month, local.day) - epoch_days;
	int64_t wanted = days * day_seconds + local.hour * 3600 + local.minute * 60 + local.second;
	int64_t seconds = instant_of(zone, wanted);
	if (seconds < 1 || seconds > timestamp_last)
		return false;
	/* A time that a gap moved has no fraction left. */
	bool moved = seconds + time_zone_offset(zone, seconds) != wanted;
	*out_epoch_us = seconds * 1000000 + (moved ? 0 : local.microsecond);
	return true;
}
