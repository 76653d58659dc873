/* One my.cnf file, with what it includes. */
#pragma once

#include "base/arena.h"
#include "base/diag.h"

/* value NULL: the option stood alone. where: "file:line", for messages. -1 ends the reading. */
typedef int option_visit(const char *name, const char *value, const char *where, void *argument, struct diag *diag);

/* must_exist false: a file that is not there is as good as empty. */
int option_file_read(const char *path, bool must_exist, struct arena *arena, option_visit *visit, void *argument,
		     struct diag *diag);
