/* SHOW's handlers by kind. Private to exec. Each sets the builder's columns up, filters, and sends its rows. */
#pragma once

#include "exec/statement.h"

typedef int show_handler(struct statement *statement, struct result_builder *builder);

/* tables.c */
show_handler show_databases, show_tables, show_table_status, show_columns, show_indexes, show_open_tables,
	show_triggers;
/* show_create_statements.c */
show_handler show_create_database, show_create_table, show_create_view, show_create_user, show_grants;
/* server.c */
show_handler show_variables, show_status, show_warnings, show_count_warnings, show_engines, show_charsets,
	show_collations, show_processlist, show_plugins, show_privileges, show_events, show_routines, show_nothing,
	show_engine_status;
/* A table's columns in SHOW COLUMNS' form: DESCRIBE. pattern data NULL: all. */
int show_columns_of(struct statement *statement, struct result_builder *builder, const char *database,
		    const char *table, bool full);
