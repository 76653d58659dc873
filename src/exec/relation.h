/*
 * A table, a view or a virtual table, looked at from outside: what SHOW, DESCRIBE and information_schema tell of it.
 * Private to exec.
 */
#pragma once

#include "account/account.h"
#include "catalog/catalog.h"
#include "session/session.h"
#include "sql/resolve/resolve.h"

/* One of the three is set. */
struct relation {
	const char *database, *name;                /* borrowed from what is set */
	struct table *table;                        /* a reference, or NULL */
	struct view *view;                          /* a reference, or NULL */
	const struct virtual_table *virtual_table;  /* or NULL */
};

/* Temporary tables first. False: there is none. */
bool relation_find(struct session *session, const char *database, const char *name, struct relation *out);
void relation_release(struct relation *relation);
/* Any privilege on it is enough. */
bool relation_is_visible(struct session *session, const struct relation *relation);
/* What the account holds on it, without what only holds elsewhere. */
privilege_set relation_privileges(struct session *session, const struct relation *relation);
/* Found and visible, or -1: 1142 naming the command, 1049, 1146. Release it. */
int relation_open(struct session *session, const char *database, const char *name, const char *command,
		  struct relation *out, struct diag *diag);

/*
 * Databases that the account may see, sorted. only: NULL for all, or the one that is asked for. Names live in the arena.
 */
size_t relation_list_databases(struct session *session, const char *only, struct arena *arena, const char ***out_names);
/* The database's collation; also of those that are made up. False: there is no such database. */
bool relation_find_database(struct session *session, const char *name, const struct collation **out_collation);

/*
 * Calls visit for each visible table, view and virtual table, by database and name; a database or name that is not NULL
 * is the only one looked at. Temporary tables are not listed. visit's -1 ends it and is the answer.
 */
typedef int relation_visitor(const struct relation *relation, void *argument);
int relation_visit(struct session *session, const char *database, const char *name, struct arena *arena,
		   relation_visitor *visit, void *argument);

/* A column as SHOW COLUMNS prints it. Texts are UTF-8, in the arena or the relation's own. */
struct relation_column {
	const char *name;
	struct column_type type;
	const char *type_text;          /* "int unsigned" */
	bool nullable;
	bool invisible;
	const char *key;                /* "PRI", "UNI", "MUL", "" */
	const char *default_text;       /* NULL: none */
	const char *extra;              /* "auto_increment", ... or "" */
	const char *comment;            /* "" */
	const char *generation;         /* expression, or "" */
};
/* A view's are those of its query. -1: 1356 and the like, when the view is not valid any more. */
int relation_columns(struct session *session, const struct relation *relation, struct arena *arena,
		     struct relation_column **out_columns, unsigned *out_count, struct diag *diag);
/* Could rows be changed through it? Not when it is not valid any more. */
bool relation_view_is_updatable(struct session *session, const struct view *view, struct arena *arena);
/* "select,insert,update,references" */
const char *relation_column_privileges(struct session *session, const struct relation *relation, struct arena *arena);

/* Numbers of a table's size, as far as they are known without reading it. */
struct relation_size {
	uint64_t rows, row_length, data_length, index_length;
	bool has_next_id;
	uint64_t next_id; /* AUTO_INCREMENT */
};
int relation_size(struct session *session, const struct relation *relation, struct relation_size *out,
		  struct diag *diag);
/* About how many different values the index has up to and with this part. */
uint64_t relation_cardinality(const struct table *table, const struct index *index, unsigned part);
/* "Dynamic", "Compact", ... */
const char *relation_row_format(const struct table *table, struct arena *arena);
/* "row_format=COMPACT ...": what was declared besides. */
const char *relation_create_options(const struct table *table, struct arena *arena);
/* A moment (µs since the epoch) in the session's zone. */
struct value relation_time(struct session *session, int64_t epoch_us);
