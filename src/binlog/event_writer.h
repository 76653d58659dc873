/*
 * Events as we write them: as MySQL 8.0 does, so that stock mysqlbinlog, mariadb-binlog and replicas read them.
 *
 * Each function appends one complete event to a buffer: header, body, and four bytes of room for the CRC32.
 * Position and checksum are not known until the group-commit leader puts the transaction at its place in
 * the file: event_run_finalise (binlog/log.h calls it) fills both in.
 *
 * A transaction's cache so is: put_query BEGIN, then for each statement table maps and rows, then put_xid. The
 * GTID event in front is made by the leader. DDL is one put_query with ddl_xid.
 */
#pragma once

#include "binlog/event.h"

#define BINLOG_SERVER_VERSION "8.0.35-gemel-" GEMEL_VERSION /* at most 50 characters */
enum { binlog_server_version_number = 80035 };

/* What the headers of a run of events share. */
struct event_writer {
	struct buf *out;     /* the caller's */
	uint32_t timestamp;  /* seconds since the epoch: the statement's start */
	uint32_t server_id;
	uint16_t flags;      /* of all of them, beside their own */
	bool has_checksum;   /* room for it behind each event: always true for what goes into the binary log */
};

/*
 * In a run of complete events that is to begin at file_offset: sets each header's end position and each checksum.
 * -1 (ER_SLAVE_CORRUPT_EVENT) when the run is no sequence of events: only possible for bytes that came from
 * elsewhere. with_checksum false: no room was left for checksums, only positions are set.
 */
int event_run_finalise(uint8_t *run, size_t size, uint64_t file_offset, bool with_checksum, struct diag *diag);

/* Any event as an opaque body: foreign types, load data blocks. */
void event_put(const struct event_writer *writer, uint8_t type, uint16_t flags, struct bytes body);

/* The description at a file's head. created: server start, or 0 behind a rotation. Sets BINLOG_IN_USE if asked. */
void event_put_format(const struct event_writer *writer, enum event_checksum checksum, uint32_t created, bool in_use);
void event_put_rotate(const struct event_writer *writer, struct bytes next_file, uint64_t position, uint16_t flags);
void event_put_stop(const struct event_writer *writer);
void event_put_previous_gtids(const struct event_writer *writer, const struct gtid_set *set);
void event_put_xid(const struct event_writer *writer, uint64_t xid);
void event_put_intvar(const struct event_writer *writer, enum event_intvar_kind kind, uint64_t value);
void event_put_rand(const struct event_writer *writer, uint64_t seed1, uint64_t seed2);
void event_put_user_var(const struct event_writer *writer, const struct event_user_var *variable);
void event_put_incident(const struct event_writer *writer, uint16_t incident, struct bytes message);
void event_put_rows_query(const struct event_writer *writer, struct bytes query);
/* Version 1 (position in the header's end position) or 2. Sent, never logged. */
void event_put_heartbeat(const struct event_writer *writer, const struct event_heartbeat *heartbeat, int version);

/*
 * GTID, or ANONYMOUS_GTID when gtid.gno is 0. Of the struct the fields up to the versions are used;
 * transaction_size must be that of the events behind it: this event's own size is added here.
 */
void event_put_gtid(const struct event_writer *writer, const struct event_gtid *gtid);

/*
 * The status variables whose bits are in query->has are written, in MySQL's order, those that MariaDB knows
 * first; MASTER_DATA_WRITTEN and MariaDB's own never.
 *
 * event_query_init makes a query that carries flags2 0, sql_mode 0, catalog "std" and utf8mb4_general_ci three times:
 * the session sets its own values, and the bits of what else it has (auto increment unless 1 and 1, a time zone
 * if the statement used it, ...).
 */
void event_query_init(struct event_query *query, struct bytes db, struct bytes text);
void event_put_query(const struct event_writer *writer, const struct event_query *query, uint16_t flags);
/* "BEGIN" or "COMMIT" in that session, as MySQL logs them: flagged as needing no current database. */
void event_put_transaction_query(const struct event_writer *writer, const struct event_query *session,
				 const char *text);

/* ------------------------------------------------------------------------------------------ tables and rows */

enum event_table_metadata_level { EVENT_METADATA_MINIMAL, EVENT_METADATA_FULL }; /* binlog_row_metadata */
enum event_row_image { EVENT_IMAGE_FULL, EVENT_IMAGE_NOBLOB, EVENT_IMAGE_MINIMAL }; /* binlog_row_image */

/* What a server's or a session's settings say of its row events. Zeroes: MySQL's defaults. */
struct event_row_style {
	enum event_row_image image;
	enum event_table_metadata_level metadata;
	size_t event_size_max; /* binlog_row_event_max_size; 0: 8 KiB */
};

/* A column as TABLE_MAP describes it. */
struct event_table_column {
	enum field_type type;       /* ENUM and SET as FIELD_STRING with metadata, as MySQL logs them */
	uint8_t metadata[2];        /* as in the event's bytes */
	uint8_t metadata_size;      /* 0..2 */
	bool is_nullable;
	bool is_unsigned;
	bool is_invisible;
	uint32_t collation_id;      /* of CHAR..TEXT, ENUM, SET; 63 for binary strings */
	struct bytes name;          /* FULL only */
	const struct bytes *names;  /* ENUM, SET; FULL only */
	unsigned name_count;
};
/* From a column's type; the name and the nullability are the caller's to add. JSON becomes LONGBLOB. */
void event_table_column_from_type(const struct column_type *type, struct event_table_column *out);

struct event_table {
	uint64_t table_id;      /* below 2^48, not 0xffffff: new for each version of a table's definition */
	struct bytes db, table; /* at most 255 bytes each */
	const struct event_table_column *columns;
	unsigned column_count;
	const unsigned *primary_key;        /* column numbers, FULL only */
	const uint32_t *primary_key_prefix; /* characters of each, 0: whole; NULL: all whole */
	unsigned primary_key_size;
};
void event_put_table_map(const struct event_writer *writer, const struct event_table *table,
			 enum event_table_metadata_level level);
/* Its body alone, appended: the same in every event of the table, and event_put makes an event of it. */
void event_put_table_map_body(const struct event_table *table, enum event_table_metadata_level level, struct buf *out);

/*
 * Rows of one kind and table, cut into events of about size_max bytes. Between begin and end nothing else
 * may be written to the buffer. Nothing is written when no row was added.
 *
 *	event_rows_begin(&rows, &writer, EVENT_ROWS_UPDATE, table_id, 3, NULL, NULL, flags, 8192);
 *	event_rows_add(&rows, before, after); ...
 *	event_rows_end(&rows, true);
 */
struct event_rows_writer {
	struct event_writer writer;    /* its buffer is borrowed */
	enum event_rows_kind kind;
	uint64_t table_id;
	unsigned column_count;
	const uint8_t *before_columns; /* NULL: all */
	const uint8_t *after_columns;  /* NULL: all */
	uint16_t flags;
	size_t size_max;               /* binlog_row_event_max_size */
	size_t event_at;               /* where the open event begins in the buffer */
	bool is_open;
};
void event_rows_begin(struct event_rows_writer *rows, const struct event_writer *writer, enum event_rows_kind kind,
		      uint64_t table_id, unsigned column_count, const uint8_t *before_columns,
		      const uint8_t *after_columns, uint16_t flags, size_t size_max);
/* WRITE: after only; DELETE: before only. The other is empty. */
void event_rows_add(struct event_rows_writer *rows, struct bytes before, struct bytes after);
/* Closes the last event; statement_end sets STMT_END_F in it. */
void event_rows_end(struct event_rows_writer *rows, bool statement_end);
/*
 * Sets or clears STMT_END_F in the rows event that begins there: for a statement that learns late which of its
 * events is the last.
 */
void event_rows_set_statement_end(struct buf *out, size_t event_at, bool statement_end);
