#include "session/server_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "account/account.h"

bool server_file_allowed(const struct session *session)
{
	privilege_set held = accounts_privileges(session->server->accounts, session->account_user,
						 session->account_host, NULL, NULL);
	return session->is_internal || (held & PRIVILEGE(FILE));
}

static bool is_below(const char *path, const char *directory)
{
	size_t size = strlen(directory);
	return strncmp(path, directory, size) == 0 && (directory[size - 1] == '/' || path[size] == '/');
}

/* What the path really is. A file that is to be made has only its directory yet. */
static bool resolve(const char *path, char out[PATH_MAX])
{
	char directory[PATH_MAX], real[PATH_MAX];
	if (realpath(path, out))
		return true;
	const char *name = strrchr(path, '/');
	snprintf(directory, sizeof directory, "%.*s", (int)(name - path) + 1, path);
	if (realpath(directory, real) == NULL)
		return false;
	return snprintf(out, PATH_MAX, "%s/%s", real, name + 1) < PATH_MAX;
}

static bool is_permitted(struct session *session, const char *path)
{
	const char *allowed = global_text(session->server, "secure_file_priv", &session->statement_arena);
	char real[PATH_MAX], real_allowed[PATH_MAX];
	if (session->is_internal || allowed == NULL || *allowed == 0)
		return true;
	return strcasecmp(allowed, "NULL") != 0 && realpath(allowed, real_allowed) && resolve(path, real) &&
	       is_below(real, real_allowed);
}

int server_file_path(struct session *session, struct bytes name, char out[PATH_MAX], struct diag *diag)
{
	bool is_absolute = name.size && name.data[0] == '/';
	int size = snprintf(out, PATH_MAX, "%s%s%.*s", is_absolute ? "" : session->server->data_directory,
			    is_absolute ? "" : "/", (int)name.size, (const char *)name.data);
	if (size >= PATH_MAX || strlen(out) != (size_t)size)
		return diag_set(diag, EE_FILENOTFOUND, "", ENAMETOOLONG, strerror(ENAMETOOLONG));
	if (!is_permitted(session, out))
		return diag_set(diag, ER_OPTION_PREVENTS_STATEMENT, "--secure-file-priv");
	return 0;
}

int server_file_open(struct session *session, struct bytes name, int *out_fd, off_t *out_size, struct diag *diag)
{
	char path[PATH_MAX];
	struct stat status;
	if (server_file_path(session, name, path, diag) < 0)
		return -1;
	if (stat(path, &status) < 0)
		return diag_set(diag, EE_STAT, path, errno, strerror(errno));
	if (!S_ISREG(status.st_mode) && !S_ISFIFO(status.st_mode))
		return diag_set(diag, ER_TEXTFILE_NOT_READABLE, path);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return diag_set(diag, EE_FILENOTFOUND, path, errno, strerror(errno));
	*out_fd = fd;
	*out_size = status.st_size;
	return 0;
}

int server_file_create(struct session *session, struct bytes name, int *out_fd, struct diag *diag)
{
	char path[PATH_MAX];
	if (server_file_path(session, name, path, diag) < 0)
		return -1;
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	if (fd < 0 && errno == EEXIST)
		return diag_set(diag, ER_FILE_EXISTS_ERROR, path);
	if (fd < 0)
		return diag_set(diag, EE_CANTCREATEFILE, path, errno, strerror(errno));
	*out_fd = fd;
	return 0;
}
