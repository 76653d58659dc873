/*
 * A disk that forgets: a library to preload into a server, which keeps beside a directory what a loss of power would
 * leave of it. The server's death, of whatever kind, leaves the notes; test/harness/forgetful.py makes the loss of them.
 *
 * GEMEL_FORGETFUL=<directory> (absolute, without links). In <directory>.flushed:
 *
 *   inode/<n>    the flushed content of the file with inode number n; none: it was never flushed
 *   live/<n>     a hard link to that file: its present content, and the number is not given away again
 *   folder/<n>   the flushed names of a directory, a line each: "<inode number> <f|d> <name>"
 *
 * A write is remembered as a stretch of its file. fsync and fdatasync of the file copy the stretch, once the real call
 * has returned. A creation, renaming or removal lasts from the fsync of its directory on, as POSIX has it and not as
 * today's file systems are kind enough to: flushing a file does not make its name last. sync_file_range flushes nothing
 * here; what this library cannot follow (shared writable mappings) ends the process rather than to be missed.
 *
 * Nothing is known of stretches written before this process: the first flush of a file copies all of it.
 */
#undef _FILE_OFFSET_BITS /* both names of each call are defined here, at the end */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { files_max = 1 << 16, copy_size = 64 * 1024 };

/* A file below the directory, by inode number; what was written and not flushed is within first..end. */
struct file {
	ino_t inode; /* 0: a free slot */
	off_t first, end;
	bool is_synchronous; /* opened with O_DSYNC: each write is its own flush */
};

static char root[PATH_MAX], notes[PATH_MAX + 16];
static dev_t device;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct file files[files_max]; /* guarded by lock; open addressing, nothing is removed */

#define REAL(name)                                                 \
	({                                                         \
		static __typeof__(&name) function;                 \
		if (function == NULL)                              \
			function = real_function(#name);           \
		function;                                          \
	})

static void *real_function(const char *name)
{
	void *function = dlsym(RTLD_NEXT, name);
	if (function == NULL)
		abort();
	return function;
}

static void give_up(const char *what)
{
	fprintf(stderr, "forgetful: %s: %s\n", what, strerror(errno));
	abort();
}

__attribute__((constructor)) static void begin(void)
{
	const char *directory = getenv("GEMEL_FORGETFUL");
	struct stat status;
	if (directory == NULL)
		return;
	snprintf(notes, sizeof notes, "%s.flushed", directory);
	if (stat(notes, &status) < 0)
		give_up(notes);
	device = status.st_dev;
	snprintf(root, sizeof root, "%s", directory);
}

static void note_path(char out[PATH_MAX + 64], const char *kind, ino_t inode)
{
	snprintf(out, PATH_MAX + 64, "%s/%s/%llu", notes, kind, (unsigned long long)inode);
}

/* The path behind an open file, if it is below the directory or is it. */
static bool path_of(int fd, char out[PATH_MAX])
{
	char link[64];
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	ssize_t size = readlink(link, out, PATH_MAX - 1);
	size_t root_size = strlen(root);
	if (size < 0 || *root == 0)
		return false;
	out[size] = 0;
	return strncmp(out, root, root_size) == 0 && (out[root_size] == 0 || out[root_size] == '/');
}

/* ------------------------------------------------------------------------------------------------------------ files */

/* With the lock. */
static struct file *slot_of(ino_t inode)
{
	size_t at = inode * 0x9e3779b97f4a7c15u >> 48;
	for (size_t tried = 0; tried < files_max; tried++, at = (at + 1) % files_max)
		if (files[at].inode == inode || files[at].inode == 0)
			return &files[at];
	errno = ENFILE;
	give_up("more files than this was made for");
	return NULL;
}

static bool stat_file(int fd, struct stat *out)
{
	return *root && fstat(fd, out) == 0 && S_ISREG(out->st_mode) && out->st_dev == device;
}

static void register_file(int fd, int flags)
{
	struct stat status;
	char path[PATH_MAX], live[PATH_MAX + 64], flushed[PATH_MAX + 64];
	if (fd < 0 || !stat_file(fd, &status) || status.st_nlink == 0 || !path_of(fd, path))
		return;
	pthread_mutex_lock(&lock);
	struct file *file = slot_of(status.st_ino);
	if (file->inode == 0) {
		note_path(live, "live", status.st_ino);
		note_path(flushed, "inode", status.st_ino);
		if (link(path, live) < 0 && errno != EEXIST && errno != ENOENT)
			give_up(live);
		*file = (struct file){status.st_ino, 0, access(flushed, F_OK) == 0 ? status.st_size : 0, false};
	}
	if (flags & (O_DSYNC | O_SYNC))
		file->is_synchronous = true;
	pthread_mutex_unlock(&lock);
}

static void copy_stretch(int from, int to, off_t first, off_t end)
{
	char *buffer = malloc(copy_size);
	while (first < end) {
		size_t wanted = end - first < copy_size ? (size_t)(end - first) : copy_size;
		ssize_t got = pread(from, buffer, wanted, first);
		if (got <= 0)
			break; /* cut meanwhile */
		if (REAL(pwrite)(to, buffer, (size_t)got, first) != got)
			give_up("copying");
		first += got;
	}
	free(buffer);
}

/* Takes what is to be flushed; false when the file is none of ours. */
static bool take_stretch(int fd, struct file *out)
{
	struct stat status;
	if (!stat_file(fd, &status))
		return false;
	pthread_mutex_lock(&lock);
	struct file *file = slot_of(status.st_ino);
	*out = *file;
	file->first = file->end = 0;
	pthread_mutex_unlock(&lock);
	return out->inode != 0;
}

static void keep_stretch(const struct file *file)
{
	char path[PATH_MAX + 64];
	struct stat present, kept;
	note_path(path, "live", file->inode);
	int from = REAL(open)(path, O_RDONLY | O_CLOEXEC);
	note_path(path, "inode", file->inode);
	int to = REAL(open)(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (from < 0 || to < 0 || fstat(from, &present) < 0 || fstat(to, &kept) < 0)
		give_up(path);
	copy_stretch(from, to, file->first, file->end);
	/* Also what came through the C library's own streams, of which nothing is seen here. */
	copy_stretch(from, to, kept.st_size, present.st_size);
	if (REAL(ftruncate)(to, present.st_size) < 0)
		give_up(path);
	close(from);
	close(to);
}

/* After the write itself: a flush that began earlier need not have it. */
static void note_write(int fd, off_t first, off_t size)
{
	struct stat status;
	if (size <= 0 || !stat_file(fd, &status))
		return;
	int error = errno;
	pthread_mutex_lock(&lock);
	struct file *file = slot_of(status.st_ino);
	bool is_synchronous = file->inode && file->is_synchronous;
	if (file->inode && file->first == file->end)
		file->first = first;
	if (file->inode && first < file->first)
		file->first = first;
	if (file->inode && first + size > file->end)
		file->end = first + size;
	struct file now = *file;
	if (is_synchronous)
		file->first = file->end = 0;
	pthread_mutex_unlock(&lock);
	if (is_synchronous)
		keep_stretch(&now);
	errno = error;
}

/* ------------------------------------------------------------------------------------------------------ directories */

static void write_names(DIR *directory, FILE *out)
{
	for (const struct dirent *entry; (entry = readdir(directory));)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			fprintf(out, "%llu %c %s\n", (unsigned long long)entry->d_ino, entry->d_type == DT_DIR ? 'd' : 'f',
				entry->d_name);
}

static void keep_names(const char *path, ino_t inode)
{
	char kept[PATH_MAX + 64], fresh[PATH_MAX + 96];
	note_path(kept, "folder", inode);
	snprintf(fresh, sizeof fresh, "%s.%d", kept, gettid());
	DIR *directory = opendir(path);
	FILE *out = REAL(fopen)(fresh, "we");
	if (directory == NULL || out == NULL)
		give_up(path);
	write_names(directory, out);
	closedir(directory);
	if (fclose(out) != 0 || rename(fresh, kept) < 0)
		give_up(kept);
}

/* ------------------------------------------------------------------------------------------------------ system calls */

static int flush(int fd, int (*call)(int))
{
	struct stat status;
	char path[PATH_MAX];
	struct file file = {0};
	bool is_file = take_stretch(fd, &file);
	int result = call(fd);
	if (result < 0)
		return result;
	if (is_file)
		keep_stretch(&file);
	else if (*root && fstat(fd, &status) == 0 && S_ISDIR(status.st_mode) && path_of(fd, path))
		keep_names(path, status.st_ino);
	return 0;
}

int fsync(int fd)
{
	return flush(fd, REAL(fsync));
}

int fdatasync(int fd)
{
	return flush(fd, REAL(fdatasync));
}

/* The mode of a file that may be made. */
#define TAKE_MODE(mode, flags)                                                                         \
	va_list arguments;                                                                             \
	va_start(arguments, flags);                                                                    \
	bool has_mode = ((flags) & O_CREAT) || ((flags) & O_TMPFILE) == O_TMPFILE;                     \
	mode_t mode = has_mode ? va_arg(arguments, mode_t) : 0;                                        \
	va_end(arguments)

int open(const char *path, int flags, ...)
{
	TAKE_MODE(mode, flags);
	int fd = REAL(open)(path, flags, mode);
	register_file(fd, flags);
	return fd;
}

int openat(int directory, const char *path, int flags, ...)
{
	TAKE_MODE(mode, flags);
	int fd = REAL(openat)(directory, path, flags, mode);
	register_file(fd, flags);
	return fd;
}

FILE *fopen(const char *path, const char *mode)
{
	FILE *stream = REAL(fopen)(path, mode);
	if (stream)
		register_file(fileno(stream), 0);
	return stream;
}

ssize_t write(int fd, const void *data, size_t size)
{
	ssize_t written = REAL(write)(fd, data, size);
	note_write(fd, written > 0 ? lseek(fd, 0, SEEK_CUR) - written : 0, written);
	return written;
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
	ssize_t written = REAL(writev)(fd, parts, count);
	note_write(fd, written > 0 ? lseek(fd, 0, SEEK_CUR) - written : 0, written);
	return written;
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t offset)
{
	ssize_t written = REAL(pwrite)(fd, data, size, offset);
	note_write(fd, offset, written);
	return written;
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset)
{
	ssize_t written = REAL(pwritev)(fd, parts, count, offset);
	note_write(fd, offset, written);
	return written;
}

/* A file that is cut may grow again over what was flushed there: all behind the cut has changed. */
int ftruncate(int fd, off_t size)
{
	struct stat before;
	bool is_file = stat_file(fd, &before);
	int result = REAL(ftruncate)(fd, size);
	if (result == 0 && is_file)
		note_write(fd, size, before.st_size - size);
	return result;
}

int truncate(const char *path, off_t size)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int result = fd < 0 ? -1 : ftruncate(fd, size);
	int error = errno;
	if (fd >= 0)
		close(fd);
	errno = error;
	return result;
}

void *mmap(void *address, size_t size, int protection, int flags, int fd, off_t offset)
{
	char path[PATH_MAX];
	if (fd >= 0 && (flags & MAP_SHARED) && (protection & PROT_WRITE) && path_of(fd, path)) {
		errno = ENOTSUP;
		give_up(path);
	}
	return REAL(mmap)(address, size, protection, flags, fd, offset);
}

/* fallocate and posix_fallocate change no bytes, and a size that grew shows at the next flush. */

/* Programs with large files call them by these names. */
int open64(const char *path, int flags, ...) __attribute__((alias("open")));
int openat64(int directory, const char *path, int flags, ...) __attribute__((alias("openat")));
FILE *fopen64(const char *path, const char *mode) __attribute__((alias("fopen")));
ssize_t pwrite64(int fd, const void *data, size_t size, off_t offset) __attribute__((alias("pwrite")));
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off_t offset) __attribute__((alias("pwritev")));
int ftruncate64(int fd, off_t size) __attribute__((alias("ftruncate")));
int truncate64(const char *path, off_t size) __attribute__((alias("truncate")));
void *mmap64(void *address, size_t size, int protection, int flags, int fd, off_t offset) __attribute__((alias("mmap")));
