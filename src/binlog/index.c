#include "binlog/index.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/memory.h"
#include "binlog/logfile.h"

static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

static char *join(const char *directory, const char *name)
{
	if (name[0] == '/')
		return memory_copy_string(name);
	if (strncmp(name, "./", 2) == 0)
		name += 2;
	struct buf path;
	buf_init(&path);
	buf_printf(&path, "%s/%s", directory, name);
	buf_cstring(&path);
	return (char *)path.data; /* memory_free is what frees a buf's bytes, too */
}

/* "binlog.log" and "binlog" both become "./binlog", as MySQL cuts extensions; directories keep their dots. */
static char *normal_base(const char *base)
{
	struct buf out;
	buf_init(&out);
	if (strchr(base, '/') == NULL)
		buf_put_string(&out, "./");
	size_t directory_size = (size_t)(name_of(base) - base);
	const char *dot = strrchr(base + directory_size, '.');
	if (dot == base + directory_size)
		dot = NULL; /* a name that begins with it */
	buf_put(&out, base, dot ? (size_t)(dot - base) : strlen(base));
	buf_cstring(&out);
	return (char *)out.data;
}

static uint32_t parse_number(struct bytes text)
{
	uint64_t number = 0;
	if (text.size < 6 || text.size > 10)
		return 0;
	for (size_t i = 0; i < text.size; i++) {
		if (!isdigit(text.data[i]))
			return 0;
		number = number * 10 + (text.data[i] - '0');
	}
	return number <= UINT32_MAX ? (uint32_t)number : 0;
}

/* The number in "<prefix>.<digits>", 0 when the name is another. */
static uint32_t number_behind(const char *prefix, struct bytes name)
{
	size_t size = strlen(prefix);
	if (name.size <= size + 1 || memcmp(name.data, prefix, size) != 0 || name.data[size] != '.')
		return 0;
	return parse_number(bytes_of(name.data + size + 1, name.size - size - 1));
}

uint32_t log_index_parse_name(const struct log_index *index, struct bytes name)
{
	uint32_t number = number_behind(index->base, name);
	if (number == 0)
		number = number_behind(name_of(index->base), name);
	if (number == 0) {
		char *path = join(index->directory, index->base);
		number = number_behind(path, name);
		memory_free(path);
	}
	return number;
}

void log_index_file_name(const struct log_index *index, uint32_t number, char out[log_file_name_max + 1])
{
	snprintf(out, log_file_name_max + 1, "%s.%06u", name_of(index->base), number);
}

char *log_index_file_path(const struct log_index *index, uint32_t number)
{
	struct buf name;
	buf_init(&name);
	buf_printf(&name, "%s.%06u", index->base, number);
	char *path = join(index->directory, buf_cstring(&name));
	buf_deinit(&name);
	return path;
}

static void push_number(struct log_index *index, uint32_t number)
{
	if (index->count == index->capacity) {
		index->capacity = index->capacity ? index->capacity * 2 : 8;
		index->numbers = memory_realloc(index->numbers, index->capacity * sizeof *index->numbers);
	}
	index->numbers[index->count++] = number;
}

static int take_line(struct log_index *index, struct bytes line, struct diag *diag)
{
	while (line.size && isspace(line.data[line.size - 1]))
		line.size--;
	if (line.size == 0)
		return 0;
	const size_t shown_max = 100;
	uint32_t number = log_index_parse_name(index, line);
	if (number <= log_index_last(index))
		return diag_set_message(diag, ER_IO_ERR_LOG_INDEX_READ,
					"I/O error reading log index file '%s': '%.*s' is no %s file of '%s'", index->path,
					(int)(line.size < shown_max ? line.size : shown_max),
					(const char *)line.data, number ? "later" : "log", index->base);
	push_number(index, number);
	return 0;
}

static int take_lines(struct log_index *index, struct bytes text, struct diag *diag)
{
	while (text.size) {
		const uint8_t *end = memchr(text.data, '\n', text.size);
		size_t size = end ? (size_t)(end - text.data) : text.size;
		if (take_line(index, bytes_of(text.data, size), diag) < 0)
			return -1;
		size += end != NULL;
		text = bytes_of(text.data + size, text.size - size);
	}
	return 0;
}

/* Lines of the file at path, if there is one, into the numbers. */
static int read_numbers(struct log_index *index, const char *path, struct diag *diag)
{
	struct buf text;
	buf_init(&text);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return 0;
	ssize_t got = fd < 0 ? -1 : 1;
	while (got > 0) {
		got = read(fd, buf_reserve(&text, 4096), 4096);
		if (got > 0)
			text.size += (size_t)got;
		else if (got < 0 && errno == EINTR)
			got = 1;
	}
	int result;
	if (got < 0)
		result = diag_set_message(diag, ER_IO_ERR_LOG_INDEX_READ,
					  "I/O error reading log index file '%s' (errno: %d - %s)", path, errno,
					  strerror(errno));
	else
		result = take_lines(index, buf_bytes(&text), diag);
	if (fd >= 0)
		close(fd);
	buf_deinit(&text);
	return result;
}

uint32_t log_index_first(const struct log_index *index)
{
	return index->count ? index->numbers[0] : 0;
}

uint32_t log_index_last(const struct log_index *index)
{
	return index->count ? index->numbers[index->count - 1] : 0;
}

/* The place of the first number that is not below. */
static size_t place_of(const struct log_index *index, uint32_t number)
{
	size_t low = 0, high = index->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (index->numbers[middle] < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool log_index_contains(const struct log_index *index, uint32_t number)
{
	size_t place = place_of(index, number);
	return number && place < index->count && index->numbers[place] == number;
}

uint32_t log_index_next(const struct log_index *index, uint32_t number)
{
	size_t place = number == UINT32_MAX ? index->count : place_of(index, number + 1);
	return place < index->count ? index->numbers[place] : 0;
}

/* The list of them goes last, and only when they are gone. */
static void remove_files(const struct log_index *index, const uint32_t *numbers, size_t count)
{
	bool is_done = true;
	for (size_t i = 0; i < count; i++) {
		if (log_index_contains(index, numbers[i]))
			continue;
		char *path = log_index_file_path(index, numbers[i]);
		if (logfile_remove(path, index->faults) < 0 && errno != ENOENT) {
			log_warning("binlog", "Could not remove '%s': %s", path, strerror(errno));
			is_done = false;
		}
		memory_free(path);
	}
	if (is_done)
		unlink(index->leaving_path);
}

/* Removes what was leaving when the server died. A list that is damaged is none: files stay, and cost space. */
static void finish_leaving(struct log_index *index)
{
	struct log_index leaving = *index;
	struct diag diag = DIAG_INIT;
	leaving.numbers = NULL;
	leaving.count = leaving.capacity = 0;
	if (read_numbers(&leaving, index->leaving_path, &diag) < 0)
		log_diag(LOG_WARNING, "binlog", &diag);
	else
		remove_files(index, leaving.numbers, leaving.count);
	memory_free(leaving.numbers);
}

/* MySQL's: the index's name with another extension. */
static char *path_of_leaving(const char *index_path)
{
	struct buf path;
	buf_init(&path);
	const char *dot = strrchr(name_of(index_path), '.');
	buf_put(&path, index_path, dot ? (size_t)(dot - index_path) : strlen(index_path));
	buf_put_string(&path, ".~rec~");
	buf_cstring(&path);
	return (char *)path.data;
}

int log_index_open(struct log_index *index, const char *directory, const char *base, const char *index_name,
		   struct log_faults *faults, struct diag *diag)
{
	struct log_index opened = {
		.faults = faults,
		.directory = memory_copy_string(directory),
		.base = normal_base(base),
	};
	struct buf name;
	buf_init(&name);
	if (index_name)
		buf_put_string(&name, index_name);
	else
		buf_printf(&name, "%s.index", opened.base);
	opened.path = join(directory, buf_cstring(&name));
	opened.leaving_path = path_of_leaving(opened.path);
	buf_deinit(&name);
	if (read_numbers(&opened, opened.path, diag) < 0) {
		log_index_close(&opened);
		return -1;
	}
	finish_leaving(&opened);
	*index = opened;
	return 0;
}

void log_index_close(struct log_index *index)
{
	memory_free(index->path);
	memory_free(index->leaving_path);
	memory_free(index->directory);
	memory_free(index->base);
	memory_free(index->numbers);
	*index = (struct log_index){0};
}

static int write_numbers(const struct log_index *index, const char *path, const uint32_t *numbers, size_t count,
			 struct file_replace_faults *faults, struct file_sync_faults *sync_faults, struct diag *diag)
{
	struct buf text, temporary;
	buf_init(&text);
	buf_init(&temporary);
	for (size_t i = 0; i < count; i++)
		buf_printf(&text, "%s.%06u\n", index->base, numbers[i]);
	buf_printf(&temporary, "%s_tmp", path);
	int result = file_replace(path, buf_cstring(&temporary), buf_bytes(&text), faults, sync_faults);
	if (result < 0)
		diag_set(diag, ER_ERROR_ON_WRITE, path, errno, strerror(errno));
	buf_deinit(&text);
	buf_deinit(&temporary);
	return result;
}

static int write_index(const struct log_index *index, const uint32_t *numbers, size_t count, struct diag *diag)
{
	return write_numbers(index, index->path, numbers, count, &index->faults->index, &index->faults->index_flush, diag);
}

int log_index_add(struct log_index *index, uint32_t number, struct diag *diag)
{
	push_number(index, number);
	int result = write_index(index, index->numbers, index->count, diag);
	if (result < 0)
		index->count--;
	return result;
}

/* Only the numbers from first up to end stay. */
static int keep_only(struct log_index *index, size_t first, size_t end, struct diag *diag)
{
	struct log_faults *faults = index->faults;
	size_t kept = end - first, count = index->count - kept;
	if (count == 0)
		return 0;
	uint32_t *leaving = memory_alloc(count * sizeof *leaving);
	memcpy(leaving, index->numbers, first * sizeof *leaving);
	memcpy(leaving + first, index->numbers + end, (index->count - end) * sizeof *leaving);
	int result = write_numbers(index, index->leaving_path, leaving, count, &faults->leaving, &faults->leaving_flush,
				   diag);
	if (result == 0)
		result = write_index(index, index->numbers + first, kept, diag);
	if (result == 0) {
		memmove(index->numbers, index->numbers + first, kept * sizeof *index->numbers);
		index->count = kept;
		remove_files(index, leaving, count);
	} else {
		unlink(index->leaving_path);
	}
	memory_free(leaving);
	return result;
}

int log_index_remove_before(struct log_index *index, uint32_t number, struct diag *diag)
{
	return keep_only(index, place_of(index, number), index->count, diag);
}

int log_index_remove_behind(struct log_index *index, uint32_t number, struct diag *diag)
{
	return keep_only(index, 0, place_of(index, number + 1), diag);
}

int log_index_clear(struct log_index *index, struct diag *diag)
{
	return keep_only(index, 0, 0, diag);
}
