/* What the files of this folder share; nobody else includes it. */
#pragma once

#include "base/buf.h"
#include "base/lock.h"
#include "base/map.h"
#include "catalog/catalog.h"

/*
 * Keys in STORE_SPACE_CATALOG: the space, a kind, and names that end in a zero byte.
 *   'd' database           -> format, collation
 *   't' database table     -> catalog_codec.c
 *   'v' database view      -> catalog_codec.c
 *   'a' clustered space    -> the counters of a table, auto_increment.c
 *   'n'                    -> the numbers not to be given again: next space, next table id
 */
enum catalog_kind {
	CATALOG_DATABASE = 'd',
	CATALOG_TABLE = 't',
	CATALOG_VIEW = 'v',
	CATALOG_COUNTERS = 'a',
	CATALOG_NUMBERS = 'n',
};

enum { name_size_max = 64 * 4, names_key_size_max = 2 * (name_size_max + 1) };

/* "database\0" or "database\0name\0": how cached things are found. False: longer than any that exists. */
struct names_key {
	uint8_t data[names_key_size_max];
	size_t size;
};
bool names_key_set(struct names_key *key, const char *database, const char *name);
static inline struct bytes names_key_bytes(const struct names_key *key)
{
	return bytes_of(key->data, key->size);
}
void catalog_put_store_key(struct buf *out, enum catalog_kind kind, struct bytes names);
void catalog_put_counters_key(struct buf *out, uint32_t clustered_space);

struct database {
	char *name;
	const struct collation *collation;
};

/* The children of one parent table, borrowed from catalog.tables. */
struct child_list {
	struct table **tables;
	size_t count;
};

struct catalog {
	struct store *store; /* borrowed */
	struct lock lock;
	/* guarded by lock */
	struct map databases; /* struct database, owned */
	struct map tables;    /* struct table, one reference each */
	struct map views;     /* struct view, one reference each */
	struct map children;  /* parent's names -> struct child_list, owned */
	struct lock numbers_lock; /* held over a flush, once in numbers_reserved */
	/* guarded by numbers_lock */
	uint64_t next_space, next_table_id;         /* to be given next */
	uint64_t reserved_spaces, reserved_ids;     /* the store says that numbers below these are gone */
};

/* catalog_load.c: the store's records into an empty cache, and spaces that no table has out of the store. */
int catalog_load(struct catalog *catalog, struct diag *diag);
/* catalog_numbers.c */
enum { numbers_reserved = 64 };
int catalog_load_numbers(struct catalog *catalog, struct bytes value, bool *out_clean, struct diag *diag);
/* Clean: counters in the store are exact, as long as nobody has opened it. Alone with the catalog. */
int catalog_write_numbers(struct catalog *catalog, bool clean, struct diag *diag);
/* `count` spaces in a row; the store knows before they are used. */
int catalog_take_spaces(struct catalog *catalog, unsigned count, uint64_t *out_first, struct diag *diag);
int catalog_take_table_id(struct catalog *catalog, uint64_t *out_id, struct diag *diag);

/* With the lock held. */
void catalog_rebuild_children(struct catalog *catalog);
struct database *database_create(const char *name, const struct collation *collation);
void database_destroy(struct database *database);
/* Drops every key of these spaces, after what the store's log holds is flushed: who reads the catalog after a
   crash must not find tables whose rows are gone. Failures are logged; the next start tries again. */
void catalog_drop_spaces(struct catalog *catalog, const uint32_t *spaces, size_t count);

/* Codec. Values begin with a format byte. Decoding takes nothing on trust: damage is an error that names `what`. */
void catalog_encode_database(const struct collation *collation, struct buf *out);
int catalog_decode_database(struct bytes value, const struct collation **out, const char *what, struct diag *diag);
void catalog_encode_table(const struct table *table, struct buf *out);
struct table *catalog_decode_table(struct bytes value, const char *what, struct diag *diag); /* NULL: diag */
void catalog_encode_view(const struct view *view, struct buf *out);
struct view *catalog_decode_view(struct bytes value, const char *what, struct diag *diag);
int catalog_damaged(struct diag *diag, const char *what); /* always -1 */

/* Counters: one a clustered key space, shared by all versions of the table. */
struct table_counters {
	_Atomic unsigned references;
	struct lock lock;
	/* guarded by lock */
	struct store *store;          /* where they are written and read from; NULL until the table is prepared */
	uint32_t space;               /* the clustered one */
	uint64_t auto_next;           /* not below any value given out or observed, nor the store's; 0: none */
	bool auto_set;                /* by auto_increment_set, and the store does not know yet */
	bool auto_known;              /* auto_next is also above all values in the table */
	_Atomic bool rows_known;      /* written under lock: row_count is whole, not only what changed since the start */
	struct table_statistics *statistics; /* statistics.c; NULL: none yet */
	/* atomic */
	_Atomic uint64_t row_id_next; /* 0: not known yet */
	_Atomic int64_t row_count;
};
/* Over one key space, of what is committed. */
struct store_iterator *catalog_iterate_space(struct store *store, uint32_t space);

struct table_counters *table_counters_create(void);
struct table_counters *table_counters_ref(struct table_counters *counters);
void table_counters_unref(struct table_counters **counters);
/* The clustered space has just been given to the table: it is empty. */
void table_counters_prepare(struct table_counters *counters, struct store *store, uint32_t space);
/* A new version of a table goes on with the old one's, and the value set for it, if any. */
void table_counters_adopt(struct table *table, const struct table *old);

struct counters_record {
	uint64_t auto_next;
	uint64_t row_count; /* UINT64_MAX: not known */
};
void counters_record_encode(const struct counters_record *record, struct buf *out);
int counters_record_decode(struct bytes value, struct counters_record *out, const char *what, struct diag *diag);
/* What a DDL has to write: false when auto_increment_set was not called, or has written itself. */
bool table_counters_take_set(struct table_counters *counters, struct counters_record *out);
void table_counters_load(struct table_counters *counters, const struct counters_record *record);
struct counters_record table_counters_record(struct table_counters *counters);
