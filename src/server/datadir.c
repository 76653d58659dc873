#include "server/datadir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/memory.h"
#include "binlog/gtid.h"

static const char lock_name[] = "gemeld.lock";
static const char uuid_temporary_name[] = "auto.cnf_tmp";
static FAULT_REGISTERED struct file_replace_faults uuid_faults = FILE_REPLACE_FAULTS("auto_cnf");
static FAULT_REGISTERED struct file_sync_faults uuid_sync_faults = FILE_SYNC_FAULTS("auto_cnf");

static int fail(struct diag *diag, const char *what, const char *path)
{
	return diag_set_message(diag, ER_CANT_OPEN_FILE, "Can't %s '%s' (errno: %d - %s)", what, path, errno,
				strerror(errno));
}

static int make_directory(const char *path, const char *user, struct diag *diag)
{
	if (mkdir(path, 0750) != 0)
		return errno == EEXIST ? 0 : fail(diag, "make the data directory", path);
	const struct passwd *account = user && geteuid() == 0 ? getpwnam(user) : NULL;
	if (account && chown(path, account->pw_uid, account->pw_gid) != 0)
		return fail(diag, "give away the data directory", path);
	return 0;
}

static bool is_entry(const struct datadir *datadir, const char *name)
{
	char path[PATH_MAX];
	snprintf(path, sizeof path, "%s/%s", datadir->path, name);
	return access(path, F_OK) == 0;
}

/* What may lie in a directory that is to become ours: hidden files, a file system's own folder, what a first start that
   ended early has left. */
static bool is_harmless(const char *name)
{
	return *name == '.' || strcmp(name, "lost+found") == 0 || strcmp(name, lock_name) == 0 ||
	       strcmp(name, uuid_temporary_name) == 0;
}

static int check_empty(const struct datadir *datadir, struct diag *diag)
{
	DIR *directory = opendir(datadir->path);
	if (directory == NULL)
		return fail(diag, "read", datadir->path);
	int status = 0;
	for (const struct dirent *entry; status == 0 && (entry = readdir(directory));)
		if (!is_harmless(entry->d_name))
			status = diag_set_message(diag, ER_CANT_OPEN_FILE,
						  "'%s' holds '%s' and is no data directory of ours; choose an empty one",
						  datadir->path, entry->d_name);
	closedir(directory);
	return status;
}

/* A first start that ended early has left auto.cnf, and goes on. */
static int check_content(struct datadir *datadir, struct diag *diag)
{
	datadir->is_fresh = !is_entry(datadir, "store");
	return datadir->is_fresh && !is_entry(datadir, "auto.cnf") ? check_empty(datadir, diag) : 0;
}

static int take_lock(struct datadir *datadir, struct diag *diag)
{
	char path[PATH_MAX];
	snprintf(path, sizeof path, "%s/%s", datadir->path, lock_name);
	datadir->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	if (datadir->lock_fd < 0)
		return fail(diag, "open", path);
	if (flock(datadir->lock_fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	close(datadir->lock_fd);
	datadir->lock_fd = -1;
	return diag_set_message(diag, ER_CANT_OPEN_FILE, "Another server runs on the data directory '%s'",
				datadir->path);
}

static void make_uuid(char out[37])
{
	uint8_t bytes[16];
	random_bytes(bytes, sizeof bytes);
	bytes[6] = (uint8_t)((bytes[6] & 0x0f) | 0x40);
	bytes[8] = (uint8_t)((bytes[8] & 0x3f) | 0x80);
	char *at = out;
	for (int i = 0; i < 16; i++) {
		at += sprintf(at, "%02x", bytes[i]);
		if (i == 3 || i == 5 || i == 7 || i == 9)
			*at++ = '-';
	}
	*at = 0;
}

static bool read_uuid(FILE *file, char out[37])
{
	char line[256];
	uint8_t bytes[16];
	while (fgets(line, sizeof line, file))
		if (sscanf(line, " server-uuid = %36s", out) == 1 || sscanf(line, " server_uuid = %36s", out) == 1)
			return uuid_parse(bytes_of_string(out), bytes);
	return false;
}

static int write_uuid(const struct datadir *datadir, const char *path, struct diag *diag)
{
	char content[128], temporary[PATH_MAX];
	snprintf(content, sizeof content, "[auto]\nserver-uuid=%s\n", datadir->uuid);
	snprintf(temporary, sizeof temporary, "%s/%s", datadir->path, uuid_temporary_name);
	if (file_replace(path, temporary, bytes_of_string(content), &uuid_faults, &uuid_sync_faults) < 0)
		return fail(diag, "write", path);
	return 0;
}

/* auto.cnf in MySQL's form: the server's uuid, made at first start, the same ever after. */
static int settle_uuid(struct datadir *datadir, struct diag *diag)
{
	char path[PATH_MAX];
	snprintf(path, sizeof path, "%s/auto.cnf", datadir->path);
	FILE *file = fopen(path, "re");
	if (file) {
		bool good = read_uuid(file, datadir->uuid);
		fclose(file);
		return good ? 0
			    : diag_set_message(diag, ER_CANT_OPEN_FILE,
					       "There is no server-uuid in '%s': bring the file back from a copy, or remove it, and "
					       "this becomes another server to all who replicate from it", path);
	}
	if (errno != ENOENT)
		return fail(diag, "read", path); /* a new one in its place would be another server */
	make_uuid(datadir->uuid);
	return write_uuid(datadir, path, diag);
}

int datadir_open(struct datadir *datadir, const char *path, const char *user, struct diag *diag)
{
	char absolute[PATH_MAX];
	*datadir = (struct datadir){.lock_fd = -1};
	if (make_directory(path, user, diag) != 0 || datadir_become_user(user, diag) != 0)
		return -1;
	if (realpath(path, absolute) == NULL)
		return fail(diag, "find", path);
	datadir->path = memory_copy_string(absolute);
	if (take_lock(datadir, diag) == 0 && check_content(datadir, diag) == 0 && settle_uuid(datadir, diag) == 0)
		return 0;
	datadir_close(datadir);
	return -1;
}

void datadir_close(struct datadir *datadir)
{
	if (datadir->lock_fd >= 0)
		close(datadir->lock_fd);
	datadir->lock_fd = -1;
	memory_free(datadir->path);
	datadir->path = NULL;
}

int datadir_become_user(const char *user, struct diag *diag)
{
	if (user == NULL || geteuid() != 0 || strcmp(user, "root") == 0)
		return 0;
	const struct passwd *account = getpwnam(user);
	if (account == NULL)
		return diag_set_message(diag, ER_WRONG_ARGUMENTS, "There is no system account '%s' to run as", user);
	if (initgroups(user, account->pw_gid) != 0 || setgid(account->pw_gid) != 0 || setuid(account->pw_uid) != 0)
		return fail(diag, "become the account", user);
	return 0;
}
