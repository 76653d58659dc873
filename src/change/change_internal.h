/* What the files of this folder share; nobody else includes it. */
#pragma once

#include "base/arena.h"
#include "binlog/event_writer.h"
#include "catalog/row_generation.h"
#include "change/change.h"

/* One image of the row being changed, taken apart. */
struct row_state {
	struct bytes image;   /* borrowed for the call */
	struct bytes *fields; /* column_count, owned */
	struct buf key;       /* the clustered key, with its space */
};

/* Which columns the images of a row event hold, bit i of byte i / 8: column i. Owned by the context. */
struct logged_columns {
	uint8_t *before, *after;
};

/* Where this context's last row event stands in the transaction's events. */
struct row_events {
	struct event_rows_writer rows;
	bool is_begun;
	uint64_t end_at; /* where the last event ended: if all events end there too, it is still the last */
	struct logged_columns open, wanted; /* of the last event; of the row to come. FULL images have none */
	struct buf before, after;           /* images of some columns */
};

/* A foreign key of this table, ready for use. */
struct parent_link {
	const struct foreign_key *foreign_key;
	struct table *parent;        /* a reference, or NULL: there is none */
	const struct index *index;   /* on the parent's columns, or NULL */
	bool is_whole_unique_key;    /* one parent row at most: one key to look up */
	bool is_self;
	unsigned *parent_columns;    /* positions in the parent */
};

/* A foreign key of another table (or this one) that points at this table. */
struct child_link {
	const struct foreign_key *foreign_key;
	struct table *child;         /* a reference */
	const struct index *index;   /* of the child, led by the key's columns, or NULL */
	const struct index *parent_index; /* of this table, led by the parent's columns, or NULL */
	unsigned *parent_columns;    /* positions in this table */
	struct change_context *context; /* the child's, once something cascades */
};

struct change_context {
	struct txn *txn;
	struct store_txn *store_txn;
	struct catalog *catalog;
	struct table *table;         /* borrowed from the caller */
	struct change_options options;
	struct arena arena;          /* of the context's life */
	struct row_state before, after;
	struct buf entry_key, entry_value, other_key, value, read; /* one index entry; one row value; one read */
	struct buf lifted;           /* the image of a row that was of an older generation */
	const struct index *conflict_index;
	struct buf conflict_handle;
	bool is_logged;              /* its rows go into the transaction's events */
	bool is_left_out;            /* they would, but for binlog-do-db and binlog-ignore-db */
	struct row_events events;
	bool has_parent_links, has_child_links;
	struct parent_link *parents; /* the table's foreign_key_count, in the arena */
	struct child_link *children; /* in the arena */
	size_t child_count;
	const struct change_context *outer; /* whose cascade this is, or NULL */
	unsigned depth;                     /* of cascades around it */
	int64_t row_count_delta;
};

enum {
	cascade_rows_max = 15, /* parent, child, grandchild, ... */
	handle_at = 4,         /* in a clustered key, behind its space */
};

enum change_outcome change_outcome_of(enum store_outcome outcome);
struct change_context *change_begin_inner(const struct change_context *outer, struct table *table);

/*
 * The key that tells rows apart: the primary key or, without one, the first unique one without nullable columns. NULL:
 * there is none.
 */
const struct index *change_identity(const struct table *table);

/* row_image.c: which columns the event of the context's before and after rows must hold, by its style. */
void change_choose_columns(struct change_context *context, enum event_rows_kind kind, struct logged_columns *out);
/* An image of those columns alone. Replaced. */
void change_put_image(const struct table *table, const uint8_t *columns, const struct bytes *fields, struct buf *out);

/* keys.c */
struct bytes change_handle_of_key(const struct buf *clustered_key);
void change_put_parts(const struct table *table, const struct index *index, unsigned part_count,
		      const struct bytes *fields, struct buf *out);
bool change_has_null_part(const struct table *table, const struct index *index, const struct bytes *fields);
/* The primary key of split fields, with its space. The table has one. */
void change_put_clustered_key(const struct table *table, const struct bytes *fields, struct buf *out);
void change_put_row_key(const struct table *table, struct bytes handle, struct buf *out);
/* One secondary entry: both are replaced. out_unique (may be NULL): the key alone forbids a second row. */
void change_make_entry(const struct table *table, const struct index *index, const struct row_state *row,
		       struct buf *out_key, struct buf *out_value, bool *out_unique);
uint64_t change_row_hash(struct bytes image); /* on disk */
/* All keys of a space, as bounds of an iterator. */
struct key_range {
	uint8_t lower[4], upper[4];
};
void change_put_key_range(uint32_t space, struct key_range *out);
struct store_iterator *change_iterate_space(struct store *store, struct store_txn *txn,
					    const struct store_snapshot *snapshot, uint32_t space,
					    struct key_range *range);
int change_damaged(struct diag *diag, const struct table *table, const char *what); /* always -1 */

/* unique.c */
enum change_outcome change_check_clustered(struct change_context *context, const struct row_state *row,
					   struct diag *diag);
/* before NULL: an insert. Otherwise only keys that change are looked at. */
enum change_outcome change_check_unique(struct change_context *context, const struct row_state *before,
					const struct row_state *after, struct diag *diag);

/* foreign_key.c */
enum change_outcome change_check_parents(struct change_context *context, const struct row_state *before,
					 const struct row_state *after, struct diag *diag);
void change_print_constraint(const struct table *child, const struct foreign_key *key, struct buf *out);
int change_find_columns(const struct table *table, const char **names, unsigned count, unsigned *out_columns);
/* The best index led by these columns, whole values; or NULL. */
const struct index *change_find_index(const struct table *table, const unsigned *columns, unsigned count,
				      bool *out_is_whole_unique_key);
void change_free_links(struct change_context *context);

/* cascade.c: after NULL: a delete. Before anything is written, and after it all is. */
enum change_outcome change_check_children(struct change_context *context, const struct row_state *before,
					  const struct row_state *after, struct diag *diag);
enum change_outcome change_cascade(struct change_context *context, const struct row_state *before,
				   const struct row_state *after, struct diag *diag);
bool change_may_cascade(struct change_context *context, bool is_delete);

/* row_event.c */
void change_log(struct change_context *context, enum event_rows_kind kind, struct bytes before, struct bytes after);

/* change.c, for cascades: takes the images apart itself. */
enum change_outcome change_split(struct change_context *context, struct row_state *row, struct bytes image,
				 struct diag *diag);
enum change_outcome change_read_row(struct change_context *context, struct bytes handle, bool exclusive,
				    struct buf *out_image, struct diag *diag);
