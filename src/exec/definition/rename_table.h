/* Tables that one statement moves: what RENAME TABLE and ALTER TABLE .. RENAME share. Private to exec. */
#pragma once

#include "exec/definition/ddl.h"
#include "exec/definition/table_draft.h"

struct renamed_table {
	struct ddl_name now;
	struct table *table; /* a reference; NULL: is_gone */
	bool is_gone;
};

/* The statement's own view of names that it has changed and not yet published. */
struct renames {
	struct statement *statement;
	struct renamed_table *tables;
	size_t count, capacity;
};

/* A new reference, or NULL. */
struct table *renames_find(struct renames *renames, const char *database, const char *name);
/* The table's next version, as the draft has it, over the same rows. */
int renames_put_version(struct renames *renames, struct catalog_change *change, struct table_draft *draft,
			const struct table *old);
/* Foreign keys of other tables that reference `from` reference `to`. */
int renames_redirect_children(struct renames *renames, struct catalog_change *change, const struct ddl_name *from,
			      const struct ddl_name *to);
void renames_deinit(struct renames *renames);
