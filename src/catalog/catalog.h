/*
 * What there is: databases, tables, views, triggers and routines, kept in the store and cached.
 *
 * A struct table is immutable once published and reference counted; DDL publishes a new one with a higher
 * version. Who uses a table in a transaction holds a metadata lock on its name (mdl.h), so that the version
 * it saw stays the current one until the transaction ends.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "store/store.h"
#include "type/column_type.h"

enum column_default { DEFAULT_NONE /* no DEFAULT clause */, DEFAULT_NULL, DEFAULT_VALUE /* a packed field */,
		      DEFAULT_NOW /* CURRENT_TIMESTAMP(decimals) */, DEFAULT_EXPRESSION /* DEFAULT (expr) */ };
enum column_generated { GENERATED_NONE, GENERATED_VIRTUAL, GENERATED_STORED };

struct column {
	const char *name;
	struct column_type type;
	bool nullable;
	bool auto_increment;
	bool on_update_now;
	bool invisible;
	enum column_default default_kind;
	struct bytes default_field;        /* DEFAULT_VALUE: packed */
	const char *default_text;          /* as SHOW CREATE TABLE prints it, without quotes; or the expression */
	enum column_generated generated;
	const char *generated_expression;  /* MySQL text */
	const char *comment;               /* "" when none */
	unsigned position;                 /* in the table, from 0; the field's index in the row image */
};

struct index_part {
	unsigned column;        /* position in the table's columns */
	uint32_t prefix_length; /* characters or bytes, 0: the whole value */
	bool descending;        /* as declared; stored ascending */
};

/* INDEX_FULLTEXT stands among a table's full-text keys only. */
enum index_kind { INDEX_PRIMARY, INDEX_UNIQUE, INDEX_PLAIN, INDEX_FULLTEXT };

struct index {
	const char *name; /* "PRIMARY" for the primary key */
	enum index_kind kind;
	uint32_t space;   /* store key space */
	struct index_part *parts;
	unsigned part_count;
	const char *comment;
	bool invisible;
	bool hidden;      /* the row id or the row hash of a table without primary key; not shown to users */
};

/*
 * A table without a primary key has two hidden indexes without parts, made by table_finish:
 *   indexes[0]     INDEX_PRIMARY "GEN_CLUST_INDEX": the row id, 8 bytes big endian -> row
 *   the last one   INDEX_PLAIN "GEN_HASH_INDEX": hash of the row image, 8 bytes, and row id -> row id
 * so that an UPDATE or DELETE event finds its row without a scan.
 */
static inline bool index_is_row_id(const struct index *index)
{
	return index->hidden && index->kind == INDEX_PRIMARY;
}
static inline bool index_is_row_hash(const struct index *index)
{
	return index->hidden && index->kind == INDEX_PLAIN;
}

/* FK_NO_ACTION is also what a key without the clause has; only it is not printed. */
enum foreign_key_action { FK_RESTRICT, FK_NO_ACTION, FK_CASCADE, FK_SET_NULL, FK_SET_DEFAULT };

struct foreign_key {
	const char *name;
	unsigned *columns;            /* positions in the child table */
	unsigned column_count;
	const char *parent_database;
	const char *parent_table;
	const char **parent_columns;  /* column_count names */
	enum foreign_key_action on_delete, on_update;
};

struct check_constraint {
	const char *name;
	const char *expression; /* MySQL text */
	bool enforced;
};

/* The body of its row events' TABLE_MAP, minimal or full (enum event_table_metadata_level). */
enum { table_map_levels = 2 };
struct table_map {
	size_t size;
	uint8_t body[];
};

struct table {
	_Atomic unsigned references; /* table_ref / table_unref */
	/*
	 * The catalog has another table by its name now, or none. Who has found it there and holds a metadata lock on the
	 * name need not look for it again.
	 */
	atomic_bool is_replaced;
	/* immutable from here on, in the table's own arena */
	uint64_t id;       /* never reused; a new one at each CREATE and each ALTER: TABLE_MAP's table id */
	const char *database;
	const char *name;
	struct column *columns;
	unsigned column_count;
	struct index *indexes; /* [0] is the clustered one: the primary key, or the hidden row id when there is none */
	unsigned index_count;
	bool has_primary_key;  /* false: rows are keyed by a hidden 8-byte row id that is not in the image */
	struct foreign_key *foreign_keys;
	unsigned foreign_key_count;
	struct check_constraint *checks;
	unsigned check_count;
	struct index *fulltext_keys; /* definitions only, without a space: MATCH reads the rows */
	unsigned fulltext_count;
	int auto_increment_column; /* position, or -1 */
	const struct collation *collation; /* table default */
	const char *engine;     /* as declared, canonical case: "InnoDB", "MyISAM", ...: only shown */
	const char *row_format; /* as declared, or NULL */
	const char *comment;
	const char *options;    /* other options to print in SHOW CREATE TABLE, e.g. "CHECKSUM=1" */
	bool temporary;
	int64_t create_time_us;
	const struct column_type **types; /* types[i] == &columns[i].type, for row_split */
	unsigned row_generation;          /* of what is written; some rows may be older: row_generation.h */
	struct stored_column *stored;     /* the fields of rows of all generations; none while row_generation is 0 */
	unsigned stored_count;
	struct arena arena;
	struct table_counters *counters;  /* shared by all versions of the table; has its own locking */
	/* set once, by who logs a row first */
	_Atomic(struct table_map *) maps[table_map_levels]; /* owned */
};

struct table *table_ref(struct table *table);
void table_unref(struct table **table);
int table_find_column(const struct table *table, struct bytes name); /* position or -1; names fold case */
const struct index *table_find_index(const struct table *table, struct bytes name); /* or NULL */

struct view {
	_Atomic unsigned references;
	const char *database, *name;
	const char *select_text;  /* canonical MySQL text */
	const char *definer_user, *definer_host;
	const char **column_names; /* or NULL: the select's own */
	unsigned column_count;
	const char *algorithm, *security, *check_option; /* as SHOW CREATE VIEW prints them */
	const char *charset_client, *collation_connection;
	struct arena arena;
};

struct catalog;

/* Loads everything from the store. */
int catalog_open(struct store *store, struct catalog **out_catalog, struct diag *diag);
void catalog_close(struct catalog **catalog);
struct store *catalog_store(struct catalog *catalog); /* borrowed */

/* What a DDL builds: write with the functions below into the DDL's own store transaction, then, after that has
   committed, publish. Abandon instead when it did not. */
struct catalog_change;
struct catalog_change *catalog_change_begin(struct catalog *catalog);
void catalog_change_publish(struct catalog_change **change); /* the cache follows; dropped spaces are removed */
void catalog_change_abandon(struct catalog_change **change);

int catalog_create_database(struct catalog_change *change, struct store_txn *txn, const char *name,
			    const struct collation *collation, struct diag *diag);
int catalog_alter_database(struct catalog_change *change, struct store_txn *txn, const char *name,
			   const struct collation *collation, struct diag *diag);
int catalog_drop_database(struct catalog_change *change, struct store_txn *txn, const char *name, struct diag *diag);
/*
 * Takes over the caller's reference to the table (built with table_create below), also when it fails, and gives it
 * an id and key spaces where they are 0: from then on rows may be written under them, and the caller that goes
 * on using it takes its own reference first. Errors: 1049, 1050, and the store's.
 * For ALTER and RENAME: drop the old name in the same change; spaces that the new table keeps are not removed,
 * and with the clustered one it keeps the counters (next AUTO_INCREMENT value, row count).
 */
int catalog_put_table(struct catalog_change *change, struct store_txn *txn, struct table *table, struct diag *diag);
int catalog_drop_table(struct catalog_change *change, struct store_txn *txn, const char *database, const char *name,
		       struct diag *diag);
int catalog_put_view(struct catalog_change *change, struct store_txn *txn, struct view *view, struct diag *diag);
int catalog_drop_view(struct catalog_change *change, struct store_txn *txn, const char *database, const char *name,
		      struct diag *diag);
/* An unused key space number without the rows bit, never given again; 0 when the store fails (logged). */
uint64_t catalog_allocate_space(struct catalog *catalog);
/* The id and key spaces of a table that is never published: TEMPORARY ones, and an ALTER's copy. */
int catalog_prepare_table(struct catalog *catalog, struct table *table, struct diag *diag);
/* Removes the rows of a prepared table that was not published. What a crash leaves goes at the next start. */
void catalog_discard_table(struct catalog *catalog, const struct table *table);

/*
 * A fresh table with an empty arena, its own counters and one reference. The caller fills it; every text and array
 * lives in the table's arena. table_finish then makes it whole, and may be called again after changes:
 *   positions and types are computed, auto_increment_column is found, NULL texts that mean "none" become "";
 *   the primary key's columns become NOT NULL; indexes are put in MySQL's order (PRIMARY, unique without
 *   nullable columns, unique, plain; otherwise as they stood), so `indexes` may be another array afterwards;
 *   the hidden indexes are added without a primary key, and removed with one.
 */
struct table *table_create(void);
void table_finish(struct table *table);
struct view *view_create(void);
struct view *view_ref(struct view *view);
void view_unref(struct view **view);

/* Looking. Names: databases and tables compare exactly (lower_case_table_names=0). */
bool catalog_find_database(struct catalog *catalog, const char *name, const struct collation **out_collation);
/* A new reference, or NULL. */
struct table *catalog_find_table(struct catalog *catalog, const char *database, const char *name);
struct view *catalog_find_view(struct catalog *catalog, const char *database, const char *name);
/* Sorted by name; arrays and texts in the arena. */
size_t catalog_list_databases(struct catalog *catalog, struct arena *arena, const char ***out_names);
size_t catalog_list_tables(struct catalog *catalog, const char *database, struct arena *arena, const char ***out_names);
size_t catalog_list_views(struct catalog *catalog, const char *database, struct arena *arena, const char ***out_names);
/* Foreign keys of other tables that point at this one: child tables referenced, in the arena. Unref each. */
size_t catalog_list_children(struct catalog *catalog, const char *database, const char *name, struct arena *arena,
			     struct table ***out_tables);

/*
 * AUTO_INCREMENT. Reserves `count` values of the sequence offset, offset+increment, ... above all values seen,
 * and answers the first. Past the column's largest value it answers that one (so that the row is a duplicate, as
 * in InnoDB); 1467 when even the counter is at its end. An offset above the increment counts modulo the increment.
 *
 * The counter never falls but by auto_increment_set. It is written at a clean close and by auto_increment_set;
 * after a crash it is the larger of that and the largest value in the table, read at first use.
 * auto_increment_observe: a row with this value was written. Any thread.
 */
int auto_increment_reserve(struct catalog *catalog, struct store *store, const struct table *table,
			   uint64_t increment, uint64_t offset, uint64_t count, uint64_t *out_first, struct diag *diag);
void auto_increment_observe(const struct table *table, uint64_t value);
/* The next value of the sequence behind that one, whatever the table holds. */
uint64_t auto_increment_after(uint64_t value, uint64_t increment, uint64_t offset);
int auto_increment_peek(struct catalog *catalog, struct store *store, const struct table *table, uint64_t *out_next,
			struct diag *diag); /* SHOW TABLE STATUS, SHOW CREATE TABLE */
/* The table option AUTO_INCREMENT=n, and TRUNCATE (1): not below the largest value in the table. Before
   catalog_put_table it becomes part of the DDL, after it is written at once. */
void auto_increment_set(const struct table *table, uint64_t next);
uint64_t table_next_row_id(struct catalog *catalog, struct store *store, const struct table *table); /* hidden row ids */
/* Rows, an estimate kept by the change door: SHOW TABLE STATUS, planning. */
void table_count_rows(const struct table *table, int64_t delta);
uint64_t table_row_estimate(const struct table *table);
/*
 * How many rows share a value of the first parts (1 or more) of an index, as far as samples tell; at least 1. Reads the
 * index at first, and when the table has changed much since (a millisecond an index). Any thread.
 */
double table_rows_per_value(const struct table *table, unsigned index, unsigned parts);
/* About what part of an index lies between two keys, 0 to 1, if its keys are spread evenly. Reads both its ends. */
double table_index_share(const struct table *table, unsigned index, struct bytes lower, struct bytes upper);
void table_forget_statistics(const struct table *table); /* ANALYZE TABLE: they are made anew when they are asked for */
