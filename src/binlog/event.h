/*
 * The events of the binary log, version 4: what is in their bytes.
 *
 * Every event is a header of 19 bytes, a body, and (if the file's FORMAT_DESCRIPTION says so) a CRC32 of all
 * before it, little endian:
 *
 *   0 timestamp u32 | 4 type u8 | 5 server id u32 | 9 size u32 | 13 end position in its file u32 | 17 flags u16
 *
 * A file is the four bytes fe 'b' 'i' 'n', a FORMAT_DESCRIPTION event, and events. A transaction in it is
 * GTID or ANONYMOUS_GTID, QUERY "BEGIN", for each statement its TABLE_MAPs and ROWS, then XID (or QUERY
 * "COMMIT"); or GTID and one QUERY, for DDL.
 *
 * Decoders check every size and fill structs that borrow from the event's bytes and live as long as those.
 * They take nothing on trust and use no global, clock or I/O. What they refuse is -1 with
 * ER_SLAVE_CORRUPT_EVENT, the event's type and what is wrong. The body's layout stands at its decoder in
 * event_control.c, event_query.c, event_table_map.c and event_rows.c; what we write, in event_writer.h.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/diag.h"
#include "binlog/gtid.h"
#include "type/column_type.h"

enum event_type {
	EVENT_UNKNOWN = 0,
	EVENT_START_V3 = 1,
	EVENT_QUERY = 2,
	EVENT_STOP = 3,
	EVENT_ROTATE = 4,
	EVENT_INTVAR = 5,
	EVENT_LOAD = 6,
	EVENT_SLAVE = 7,
	EVENT_CREATE_FILE = 8,
	EVENT_APPEND_BLOCK = 9,
	EVENT_EXEC_LOAD = 10,
	EVENT_DELETE_FILE = 11,
	EVENT_NEW_LOAD = 12,
	EVENT_RAND = 13,
	EVENT_USER_VAR = 14,
	EVENT_FORMAT_DESCRIPTION = 15,
	EVENT_XID = 16,
	EVENT_BEGIN_LOAD_QUERY = 17,
	EVENT_EXECUTE_LOAD_QUERY = 18,
	EVENT_TABLE_MAP = 19,
	EVENT_WRITE_ROWS_V0 = 20,
	EVENT_UPDATE_ROWS_V0 = 21,
	EVENT_DELETE_ROWS_V0 = 22,
	EVENT_WRITE_ROWS_V1 = 23,
	EVENT_UPDATE_ROWS_V1 = 24,
	EVENT_DELETE_ROWS_V1 = 25,
	EVENT_INCIDENT = 26,
	EVENT_HEARTBEAT = 27,
	EVENT_IGNORABLE = 28,
	EVENT_ROWS_QUERY = 29,
	EVENT_WRITE_ROWS = 30,
	EVENT_UPDATE_ROWS = 31,
	EVENT_DELETE_ROWS = 32,
	EVENT_GTID = 33,
	EVENT_ANONYMOUS_GTID = 34,
	EVENT_PREVIOUS_GTIDS = 35,
	EVENT_TRANSACTION_CONTEXT = 36,
	EVENT_VIEW_CHANGE = 37,
	EVENT_XA_PREPARE = 38,
	EVENT_PARTIAL_UPDATE_ROWS = 39,
	EVENT_TRANSACTION_PAYLOAD = 40,
	EVENT_HEARTBEAT_V2 = 41,
	EVENT_TYPE_COUNT = 41, /* types that our FORMAT_DESCRIPTION lists: 1 .. 41 */
	/* MariaDB's own */
	EVENT_ANNOTATE_ROWS = 160,
	EVENT_BINLOG_CHECKPOINT = 161,
	EVENT_MARIADB_GTID = 162,
	EVENT_MARIADB_GTID_LIST = 163,
	EVENT_START_ENCRYPTION = 164,
	EVENT_QUERY_COMPRESSED = 165,
	EVENT_WRITE_ROWS_COMPRESSED_V1 = 166,
	EVENT_UPDATE_ROWS_COMPRESSED_V1 = 167,
	EVENT_DELETE_ROWS_COMPRESSED_V1 = 168,
	EVENT_WRITE_ROWS_COMPRESSED = 169,
	EVENT_UPDATE_ROWS_COMPRESSED = 170,
	EVENT_DELETE_ROWS_COMPRESSED = 171,
};

enum event_flags {
	EVENT_FLAG_BINLOG_IN_USE = 0x1,    /* in FORMAT_DESCRIPTION: the file was not closed (nor in its checksum) */
	EVENT_FLAG_THREAD_SPECIFIC = 0x4,  /* depends on the connection: temporary tables */
	EVENT_FLAG_SUPPRESS_USE = 0x8,     /* the query needs no current database */
	EVENT_FLAG_ARTIFICIAL = 0x20,      /* made up on the way, is in no source's log */
	EVENT_FLAG_RELAY_LOG = 0x40,       /* written by the replica itself */
	EVENT_FLAG_IGNORABLE = 0x80,       /* who does not know the type may pass over it */
	EVENT_FLAG_NO_FILTER = 0x100,
	EVENT_FLAG_MTS_ISOLATE = 0x200,
	EVENT_FLAG_SKIP_REPLICATION = 0x8000, /* MariaDB's: skip_replication was set */
};

enum event_checksum { EVENT_CHECKSUM_OFF = 0, EVENT_CHECKSUM_CRC32 = 1, EVENT_CHECKSUM_UNDEFINED = 255 };

enum {
	event_header_size = 19,
	event_checksum_size = 4,
	event_size_max = 1024 * 1024 * 1024 + 64 * 1024 * 1024, /* larger ones are corrupt: 1 GiB row, its frame */
	binlog_magic_size = 4,
};
extern const uint8_t binlog_magic[binlog_magic_size]; /* fe 62 69 6e */

/* A FORMAT_DESCRIPTION: how to read the events behind it. */
struct event_format {
	uint16_t binlog_version;
	char server_version[51];
	uint32_t created;               /* when the server started, 0 for a file that followed by rotation */
	uint8_t header_size;            /* 19 */
	uint8_t post_header_size[256];  /* by type; 0 for unknown ones too */
	unsigned type_count;
	enum event_checksum checksum;   /* what the events behind it carry; the description itself always has one
	                                   unless this is UNDEFINED (servers before 5.6) */
	bool is_mariadb;                /* 160.. are MariaDB's */
};
/* What our server writes, and a reader assumes before it has seen the first description. */
void event_format_init(struct event_format *format, enum event_checksum checksum);

struct event {
	uint32_t timestamp; /* seconds since the epoch, 0 in artificial events */
	uint8_t type;       /* enum event_type, or a number we do not know */
	uint32_t server_id;
	uint32_t size;      /* checksum included */
	uint32_t log_pos;   /* where it ends in its file, cut to 32 bits; 0 when unknown */
	uint16_t flags;
	struct bytes raw;   /* all of it */
	struct bytes body;  /* behind the header, before the checksum */
	const struct event_format *format; /* borrowed */
};

/* Changes a complete event in place into one that every server passes over, of the same size. */
void event_make_ignorable(uint8_t *event, size_t size, bool has_checksum);
/* Where an event ends whose header says log_pos, in the same file and not before last. */
uint64_t event_widen_position(uint64_t last, uint32_t log_pos);

/*
 * Takes the event that is exactly these bytes apart. Does not look at the checksum's value, only cuts it off.
 * -1 when the bytes are no event of the size they claim.
 */
int event_parse(struct bytes raw, const struct event_format *format, struct event *out_event, struct diag *diag);
/* The same with the first event of a run of whole events, which is cut off it. -1 also when it is not whole. */
int event_take(struct bytes *run, const struct event_format *format, struct event *out_event, struct diag *diag);
/* True when the format has no checksums or this one is right. */
bool event_checksum_is_right(const struct event *event);
uint32_t event_crc32(struct bytes bytes); /* of all but the checksum itself */
/*
 * The event as a replica wants it that declared no checksums: 4 bytes shorter, or as it is when it has none. Not for
 * descriptions:
 */
void event_put_without_checksum(struct buf *out, const struct event *event);
/*
 * The FORMAT_DESCRIPTION as a replica is sent it: without the in-use flag, saying that events come with these
 * checksums. in_middle: the stream does not begin at the file's head, so its position and creation time are
 * cleared and the replica keeps its temporary tables.
 */
void event_put_format_for_replica(struct buf *out, const struct event *event, enum event_checksum checksum,
				  bool in_middle);
const char *event_type_name(uint8_t type); /* SHOW BINLOG EVENTS' Event_type; "Unknown" */
bool event_is_rows(uint8_t type);          /* v1, v2, compressed or not */

/* ------------------------------------------------------------------------------------------- control events */

/* Needs no format: it is one. out_format->checksum is what follows it. */
int event_decode_format(struct bytes raw, struct event_format *out_format, struct diag *diag);

struct event_rotate {
	uint64_t position;
	struct bytes file_name;
};
int event_decode_rotate(const struct event *event, struct event_rotate *out, struct diag *diag);

enum event_gtid_flags {
	EVENT_GTID_MAY_HOLD_STATEMENTS = 0x1,
	/* Ours: all before it in its file was flushed before it was written. Damage in front is no torn write. */
	EVENT_GTID_FLUSHED_BEFORE = 0x80,
};

/* GTID and ANONYMOUS_GTID. */
struct event_gtid {
	struct gtid gtid;               /* gno 0 when anonymous */
	uint8_t flags;                  /* enum event_gtid_flags */
	bool has_logical_clock;
	int64_t last_committed;         /* this may run beside all later than that, in this file */
	int64_t sequence_number;        /* 1, 2, ... in this file */
	bool has_timestamps;            /* since 8.0.1; the fields below are 0 without */
	uint64_t immediate_commit_us;   /* at the server whose log this is */
	uint64_t original_commit_us;    /* where it was first committed */
	uint64_t transaction_size;      /* this event included; 0 when unknown */
	uint32_t immediate_server_version; /* 80035; 0 when unknown */
	uint32_t original_server_version;
};
int event_decode_gtid(const struct event *event, struct event_gtid *out, struct diag *diag);
/* Adds to the set. */
int event_decode_previous_gtids(const struct event *event, struct gtid_set *out, struct diag *diag);

int event_decode_xid(const struct event *event, uint64_t *out_xid, struct diag *diag);

enum event_intvar_kind { EVENT_INTVAR_LAST_INSERT_ID = 1, EVENT_INTVAR_INSERT_ID = 2 };
struct event_intvar {
	uint8_t kind; /* enum event_intvar_kind */
	uint64_t value;
};
int event_decode_intvar(const struct event *event, struct event_intvar *out, struct diag *diag);

struct event_rand {
	uint64_t seed1, seed2;
};
int event_decode_rand(const struct event *event, struct event_rand *out, struct diag *diag);

enum event_user_var_kind {
	EVENT_USER_VAR_STRING = 0,
	EVENT_USER_VAR_REAL = 1,    /* 8 bytes IEEE */
	EVENT_USER_VAR_INTEGER = 2, /* 8 bytes */
	EVENT_USER_VAR_DECIMAL = 4, /* precision u8, scale u8, packed decimal */
};
struct event_user_var {
	struct bytes name;
	bool is_null;
	uint8_t kind;           /* enum event_user_var_kind */
	uint32_t collation_id;
	struct bytes value;
	bool is_unsigned;
};
int event_decode_user_var(const struct event *event, struct event_user_var *out, struct diag *diag);

struct event_incident {
	uint16_t incident; /* 1: LOST_EVENTS */
	struct bytes message;
};
int event_decode_incident(const struct event *event, struct event_incident *out, struct diag *diag);

/* HEARTBEAT and HEARTBEAT_V2: where the source's log ends. */
struct event_heartbeat {
	struct bytes file_name;
	uint64_t position;
};
int event_decode_heartbeat(const struct event *event, struct event_heartbeat *out, struct diag *diag);

/* ROWS_QUERY and ANNOTATE_ROWS: the statement that made the rows. */
int event_decode_rows_query(const struct event *event, struct bytes *out_query, struct diag *diag);

/* XA_PREPARE. */
struct event_xa_prepare {
	bool one_phase;
	uint32_t format_id;
	struct bytes gtrid;
	struct bytes bqual;
};
int event_decode_xa_prepare(const struct event *event, struct event_xa_prepare *out, struct diag *diag);

enum event_mariadb_gtid_flags {
	EVENT_MARIADB_GTID_STANDALONE = 1, /* one event follows, without BEGIN and COMMIT: DDL */
	EVENT_MARIADB_GTID_GROUP_COMMIT = 2,
	EVENT_MARIADB_GTID_TRANSACTIONAL = 4,
	EVENT_MARIADB_GTID_ALLOW_PARALLEL = 8,
	EVENT_MARIADB_GTID_WAITED = 16,
	EVENT_MARIADB_GTID_DDL = 32,
	EVENT_MARIADB_GTID_PREPARED_XA = 64,
	EVENT_MARIADB_GTID_COMPLETED_XA = 128,
};
struct event_mariadb_gtid {
	uint32_t domain_id;
	uint32_t server_id;  /* the header's */
	uint64_t sequence;
	uint8_t flags;       /* enum event_mariadb_gtid_flags; without STANDALONE it stands for a BEGIN as well */
	uint64_t commit_id;  /* transactions with the same one were committed together; 0 for none */
	uint32_t xa_format_id; /* with PREPARED_XA or COMPLETED_XA: which XA transaction */
	struct bytes xa_gtrid, xa_bqual;
};
int event_decode_mariadb_gtid(const struct event *event, struct event_mariadb_gtid *out, struct diag *diag);

/* GTID_LIST: the count is out_list's, element by element. */
struct event_mariadb_gtid_list {
	uint32_t count;
	uint32_t flags;
	struct cursor cursor; /* private to event_mariadb_gtid_list_next */
};
int event_decode_mariadb_gtid_list(const struct event *event, struct event_mariadb_gtid_list *out, struct diag *diag);
bool event_mariadb_gtid_list_next(struct event_mariadb_gtid_list *list, struct event_mariadb_gtid *out);

int event_decode_binlog_checkpoint(const struct event *event, struct bytes *out_file_name, struct diag *diag);

struct event_start_encryption {
	uint8_t scheme;
	uint32_t key_version;
	struct bytes nonce;
};
int event_decode_start_encryption(const struct event *event, struct event_start_encryption *out, struct diag *diag);

/* --------------------------------------------------------------------------------------------------- queries */

/* Which status variables the event carried; the order is that of MySQL's codes. */
enum event_query_has {
	EVENT_QUERY_FLAGS2 = 1 << 0,
	EVENT_QUERY_SQL_MODE = 1 << 1,
	EVENT_QUERY_CATALOG = 1 << 2,
	EVENT_QUERY_AUTO_INCREMENT = 1 << 3,
	EVENT_QUERY_CHARSET = 1 << 4,
	EVENT_QUERY_TIME_ZONE = 1 << 5,
	EVENT_QUERY_LC_TIME_NAMES = 1 << 6,
	EVENT_QUERY_CHARSET_DATABASE = 1 << 7,
	EVENT_QUERY_TABLE_MAP_FOR_UPDATE = 1 << 8,
	EVENT_QUERY_MASTER_DATA_WRITTEN = 1 << 9,
	EVENT_QUERY_INVOKER = 1 << 10,
	EVENT_QUERY_UPDATED_DBS = 1 << 11,
	EVENT_QUERY_MICROSECONDS = 1 << 12,
	EVENT_QUERY_EXPLICIT_DEFAULTS_TS = 1 << 13,
	EVENT_QUERY_DDL_XID = 1 << 14,
	EVENT_QUERY_DEFAULT_COLLATION_UTF8MB4 = 1 << 15,
	EVENT_QUERY_REQUIRE_PRIMARY_KEY = 1 << 16,
	EVENT_QUERY_TABLE_ENCRYPTION = 1 << 17,
	EVENT_QUERY_MARIADB_XID = 1 << 18,
	EVENT_QUERY_MARIADB_GTID_FLAGS = 1 << 19,
	EVENT_QUERY_MARIADB_COLLATIONS = 1 << 20,
};

/* FLAGS2: the session's switches, OPTION_* bits of MySQL. */
enum event_query_flags2 {
	EVENT_OPTION_AUTO_IS_NULL = 1u << 14,
	EVENT_OPTION_NOT_AUTOCOMMIT = 1u << 19,
	EVENT_OPTION_MARIADB_EXPLICIT_DEFAULTS = 1u << 24, /* explicit_defaults_for_timestamp, from MariaDB alone */
	EVENT_OPTION_NO_FOREIGN_KEY_CHECKS = 1u << 26,
	EVENT_OPTION_RELAXED_UNIQUE_CHECKS = 1u << 27,
};

enum { event_query_db_max = 16 }; /* MAX_DBS_IN_EVENT_MTS */

struct event_query {
	uint32_t thread_id;
	uint32_t exec_time;     /* seconds */
	uint16_t error_code;    /* what the statement ended with on the source */
	struct bytes db;        /* the current database, may be empty */
	struct bytes query;     /* in character_set_client */
	uint32_t has;           /* enum event_query_has: which of the following were there; all else is 0 */
	uint32_t flags2;        /* enum event_query_flags2 */
	uint64_t sql_mode;
	struct bytes catalog;   /* "std" */
	uint16_t auto_increment_increment, auto_increment_offset;
	uint16_t character_set_client, collation_connection, collation_server; /* collation ids */
	struct bytes time_zone;
	uint16_t lc_time_names;      /* locale number */
	uint16_t collation_database; /* collation id */
	uint64_t table_map_for_update;
	uint32_t master_data_written;
	struct bytes invoker_user, invoker_host;
	unsigned db_count;      /* updated databases; 254 and more: too many to list, none is */
	struct bytes updated_dbs[event_query_db_max];
	uint32_t microseconds;  /* of the timestamp */
	bool explicit_defaults_ts;
	uint64_t ddl_xid;
	uint16_t default_collation_utf8mb4;
	uint8_t require_primary_key;
	uint8_t table_encryption;
	uint64_t mariadb_xid;
	uint8_t mariadb_gtid_flags;
};
int event_decode_query(const struct event *event, struct event_query *out, struct diag *diag);
bool event_query_is(const struct event_query *query, const char *statement); /* "BEGIN", "COMMIT": exact but for case */
/*
 * A QUERY of ours as a MariaDB replica understands it, in place: it has another code for the microseconds, and reads no
 * status variable behind one that it does not know. The checksum is set anew.
 */
void event_query_suit_mariadb(uint8_t *event, size_t size, bool has_checksum);

/* LOAD DATA as a statement: its file in blocks (BEGIN_LOAD_QUERY, APPEND_BLOCK), then the statement, or DELETE_FILE. */
struct event_load_block {
	uint32_t file_id;
	struct bytes data; /* of DELETE_FILE: empty */
};
int event_decode_load_block(const struct event *event, struct event_load_block *out, struct diag *diag);
enum event_load_duplicates { EVENT_LOAD_ERROR, EVENT_LOAD_IGNORE, EVENT_LOAD_REPLACE };
struct event_load_query {
	struct event_query query;
	uint32_t file_id;
	/* of the text: what stands from LOCAL or INFILE to INTO, both included, and goes for the file at hand */
	uint32_t file_start, file_end;
	enum event_load_duplicates duplicates;
};
int event_decode_load_query(const struct event *event, struct event_load_query *out, struct diag *diag);

/* ------------------------------------------------------------------------------------------ tables and rows */

/*
 * TABLE_MAP. metadata[i] is MySQL's 16-bit value: VARCHAR bytes; BLOB, GEOMETRY, JSON bytes of length; FLOAT,
 * DOUBLE size; BIT bytes << 8 | bits; NEWDECIMAL precision << 8 | scale; STRING, ENUM, SET real type << 8 |
 * size, see event_column_real_type; TIME2, DATETIME2, TIMESTAMP2 digits of fraction.
 */
struct event_table_map {
	uint64_t table_id;
	uint16_t flags;
	struct bytes db, table;
	unsigned column_count;
	const uint8_t *types;        /* borrowed from the event; enum field_type each */
	const uint16_t *metadata;    /* in the arena */
	const uint8_t *null_bits;    /* borrowed; bit i: column i may be NULL */
	struct bytes optional;       /* the type-length-values, undecoded */
};
int event_decode_table_map(const struct event *event, struct arena *arena, struct event_table_map *out,
			   struct diag *diag);
/* A copy in the arena that needs the event's bytes no more. */
void event_table_map_copy(const struct event_table_map *from, struct arena *arena, struct event_table_map *out);
/* STRING hides ENUM, SET and sizes past 255 in its metadata. out_size: bytes of ENUM/SET, most bytes of CHAR. */
enum field_type event_column_real_type(const struct event_table_map *map, unsigned column, unsigned *out_size);
static inline bool event_column_nullable(const struct event_table_map *map, unsigned column)
{
	return map->null_bits[column / 8] >> (column % 8) & 1;
}

/* What the optional metadata says of one column; zeroes where it is silent. */
struct event_column_metadata {
	struct bytes name;          /* empty unless binlog_row_metadata=FULL */
	bool is_unsigned;
	uint32_t collation_id;      /* of text, ENUM and SET; 0: not said */
	const struct bytes *names;  /* ENUM's and SET's values, in the arena */
	unsigned name_count;
	bool is_invisible;
	bool in_primary_key;
	uint32_t key_prefix;        /* characters of it that are in the primary key, 0: all */
};
struct event_table_metadata {
	bool has_signedness, has_charsets, has_names, has_primary_key;
	struct event_column_metadata *columns; /* column_count of them, in the arena */
	const unsigned *primary_key;           /* column numbers in key order, in the arena */
	unsigned primary_key_size;
};
int event_decode_table_metadata(const struct event_table_map *map, struct arena *arena,
				struct event_table_metadata *out, struct diag *diag);

enum event_rows_kind { EVENT_ROWS_WRITE, EVENT_ROWS_UPDATE, EVENT_ROWS_DELETE };
enum event_rows_flags {
	EVENT_ROWS_STMT_END = 1,
	EVENT_ROWS_NO_FOREIGN_KEY_CHECKS = 2,
	EVENT_ROWS_RELAXED_UNIQUE_CHECKS = 4,
	EVENT_ROWS_COMPLETE = 8,
};

/*
 * WRITE, UPDATE, DELETE of v1 and v2, plain (compressed ones go through event_decompress first). An event with
 * no rows only ends its statement: its table id may be one that no TABLE_MAP gave.
 */
struct event_rows {
	enum event_rows_kind kind;
	uint64_t table_id;
	uint16_t flags;               /* enum event_rows_flags */
	unsigned column_count;
	const uint8_t *before_columns; /* bit i: the before-images hold column i. WRITE: the same as after_columns */
	const uint8_t *after_columns;  /* DELETE: the same as before_columns */
	struct bytes rows;            /* the images, one behind the other */
};
int event_decode_rows(const struct event *event, struct event_rows *out, struct diag *diag);
static inline bool event_bit(const uint8_t *bits, unsigned column)
{
	return bits[column / 8] >> (column % 8) & 1;
}
/* All columns are there: the image is a row image as in type/row.h. */
bool event_columns_are_complete(const uint8_t *columns, unsigned column_count);

struct event_row {
	struct bytes before; /* null bitmap over the columns that are there, and fields; {NULL,0} of WRITE */
	struct bytes after;  /* {NULL,0} of DELETE */
};
struct event_rows_walk {
	const struct event_rows *rows;
	const struct event_table_map *map;
	struct cursor cursor;
};
enum event_walk_outcome { EVENT_WALK_ROW, EVENT_WALK_END, EVENT_WALK_CORRUPT /* and a diag */ };
/* The map must be that of the rows' table_id; a different number of columns is corruption. */
void event_rows_walk_init(struct event_rows_walk *walk, const struct event_rows *rows,
			  const struct event_table_map *map);
enum event_walk_outcome event_rows_next(struct event_rows_walk *walk, struct event_row *out_row, struct diag *diag);
/*
 * Cuts an image into packed fields, length prefixes included; fields has column_count entries. A NULL is
 * {NULL, 0}; so is a column that is not in `columns`: ask event_bit.
 */
int event_image_split(const struct event_table_map *map, const uint8_t *columns, struct bytes image,
		      struct bytes *fields, struct diag *diag);
/* The size of the packed field at data by its TABLE_MAP type and metadata, or -1: too few bytes, unknown type. */
int64_t event_field_size(uint8_t type, uint16_t metadata, const uint8_t *data, size_t left);

/* ------------------------------------------------------------------------------------------ compressed events */

bool event_is_compressed(uint8_t type); /* MariaDB's 165..171 */
/*
 * Appends the plain event that a compressed one of MariaDB's stands for: same header but type and size, no
 * checksum (parse it with a format whose checksum is OFF).
 */
int event_decompress(const struct event *event, struct buf *out, struct diag *diag);

enum event_payload_compression { EVENT_PAYLOAD_ZSTD = 0, EVENT_PAYLOAD_PLAIN = 255 };
struct event_payload {
	uint64_t compression;       /* enum event_payload_compression, or one we do not know */
	uint64_t uncompressed_size; /* what the event claims; 0: nothing */
	struct bytes bytes;
};
int event_decode_payload_head(const struct event *event, struct event_payload *out, struct diag *diag);
/*
 * TRANSACTION_PAYLOAD: appends its events, one behind the other, without checksums. The size the event claims is
 * a hint only; more than size_max bytes are refused.
 */
int event_decode_payload(const struct event *event, size_t size_max, struct buf *out, struct diag *diag);
