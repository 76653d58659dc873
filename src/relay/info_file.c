#include "relay/info_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"

static unsigned count_lines(struct bytes lines)
{
	unsigned count = 0;
	for (size_t i = 0; i < lines.size; i++)
		count += lines.data[i] == '\n';
	return count;
}

static FAULT_REGISTERED struct file_replace_faults info_faults = FILE_REPLACE_FAULTS("info");

void info_file_init(struct info_file *file, const char *path, bool counts_itself)
{
	lock_init(&file->lock, "relay.info", LOCK_RANK_RELAY);
	file->path = memory_copy_string(path);
	file->counts_itself = counts_itself;
	buf_init(&file->written);
}

void info_file_deinit(struct info_file *file)
{
	buf_deinit(&file->written);
	memory_free(file->path);
	lock_deinit(&file->lock);
}

static bool replace(const char *path, unsigned count, struct bytes lines)
{
	struct buf content = {0}, temporary = {0};
	buf_printf(&content, "%u\n", count);
	buf_put_bytes(&content, lines);
	buf_printf(&temporary, "%s.tmp", path);
	bool done = file_replace(path, buf_cstring(&temporary), buf_bytes(&content), &info_faults, NULL) == 0;
	if (!done)
		log_warning("relay", "Could not write '%s': %s", path, strerror(errno));
	buf_deinit(&content);
	buf_deinit(&temporary);
	return done;
}

void info_file_write(struct info_file *file, struct bytes lines)
{
	lock_take(&file->lock);
	if (!bytes_equal(buf_bytes(&file->written), lines)) {
		buf_clear(&file->written);
		if (replace(file->path, count_lines(lines) + file->counts_itself, lines))
			buf_put_bytes(&file->written, lines);
	}
	lock_release(&file->lock);
}

void info_file_remove(struct info_file *file)
{
	lock_take(&file->lock);
	FAULT_STEP("info.unlink");
	unlink(file->path);
	buf_clear(&file->written);
	lock_release(&file->lock);
}
