/*
 * Filling virtual tables: how each is declared, and the cursor that its rows are written with. Private to
 * information_schema*.c.
 */
#pragma once

#include "exec/relation.h"
#include "query/evaluate.h"

struct virtual_writer {
	/* immutable */
	const struct virtual_request *request;
	struct session *session;
	struct arena *arena;     /* lives until the rows are read */
	struct virtual_rows *rows;
	struct diag *diag;
	/* the row in the making */
	struct value values[64];
	unsigned next;
};

/* 0, or -1 with writer->diag set. */
typedef int virtual_filler(struct virtual_writer *writer);

struct virtual_definition {
	const char *database, *name;
	const char *columns;   /* "NAME type [not null], ...", see information_schema.c */
	virtual_filler *fill;  /* NULL: there is never a row */
};

/* Sorted by database and name. information_schema/tables.c */
extern const struct virtual_definition virtual_definitions[];
extern const unsigned virtual_definition_count;

/* Values in column order; a text of NULL is SQL NULL. Texts are UTF-8 and borrowed until virtual_row. */
void virtual_put_text(struct virtual_writer *writer, const char *text);
void virtual_put_uint(struct virtual_writer *writer, uint64_t value);
void virtual_put_int(struct virtual_writer *writer, int64_t value);
void virtual_put_time(struct virtual_writer *writer, int64_t epoch_us);
void virtual_put_exact_time(struct virtual_writer *writer, int64_t epoch_us); /* for timestamp(6); 0: 0000-00-00 */
void virtual_put_double(struct virtual_writer *writer, double value);
void virtual_put_null(struct virtual_writer *writer);
void virtual_put_nulls(struct virtual_writer *writer, unsigned count);
void virtual_put_known(struct virtual_writer *writer, bool known, uint64_t value); /* else NULL */
void virtual_put_yes(struct virtual_writer *writer, bool yes); /* YES, NO */
void virtual_row(struct virtual_writer *writer);

/* What a column must equal for a row to be of interest; NULL: anything. Trailing blanks, which do not count, are gone. */
const char *virtual_hint(const struct virtual_writer *writer, unsigned column);
/* Does the query read one of the columns first..last? */
bool virtual_wants(const struct virtual_writer *writer, unsigned first, unsigned last);
/* Visits the relations that the hints on these two columns leave. */
int virtual_visit(struct virtual_writer *writer, unsigned database_column, unsigned name_column, relation_visitor *visit);

/* information_schema/catalog.c */
virtual_filler fill_schemata, fill_tables, fill_columns, fill_statistics, fill_partitions, fill_views;
/* information_schema/constraints.c */
virtual_filler fill_table_constraints, fill_key_column_usage, fill_referential_constraints, fill_check_constraints;
/* information_schema/replication.c */
virtual_filler fill_gtid_executed, fill_connection_configuration, fill_connection_status, fill_applier_configuration,
	fill_applier_status, fill_applier_coordinators, fill_applier_workers;
/* information_schema/slave_info.c */
virtual_filler fill_slave_master_info, fill_slave_relay_log_info;
/* information_schema/server.c */
virtual_filler fill_engines, fill_plugins, fill_character_sets, fill_collations, fill_applicability,
	fill_processlist, fill_global_variables, fill_persisted_variables, fill_session_variables, fill_global_status,
	fill_session_status, fill_faults;
/* information_schema/accounts.c */
virtual_filler fill_user_privileges, fill_schema_privileges, fill_table_privileges, fill_mysql_user, fill_mysql_db,
	fill_mysql_tables_priv;
