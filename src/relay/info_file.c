#include "relay/info_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"

static unsigned count_lines(struct bytes lines)
{
	unsigned count = 0;
	for (size_t i = 0; i < lines.size; i++)
		count += lines.data[i] == '\n';
	return count;
}

static int write_all(const char *path, struct bytes content)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	if (fd < 0)
		return -1;
	size_t done = 0;
	while (done < content.size) {
		ssize_t step = write(fd, content.data + done, content.size - done);
		if (step < 0 && errno == EINTR)
			continue;
		if (step <= 0)
			break;
		done += (size_t)step;
	}
	close(fd);
	return done == content.size ? 0 : -1;
}

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
	const char *temporary_path = buf_cstring(&temporary);
	bool done = write_all(temporary_path, buf_bytes(&content)) == 0 && rename(temporary_path, path) == 0;
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
	unlink(file->path);
	buf_clear(&file->written);
	lock_release(&file->lock);
}
