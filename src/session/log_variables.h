/* What setting the binary log's variables does. For the table in variable_rows.c alone. */
#pragma once

#include "session/variable_table.h"

enum { binlog_expire_default_seconds = 30 * 86400 };

/* Hand values to the parts that keep their own. */
void error_action_changed(struct session *session, struct server *server, enum variable_scope scope);
void sync_changed(struct session *session, struct server *server, enum variable_scope scope);
void binlog_size_changed(struct session *session, struct server *server, enum variable_scope scope);
void cache_size_changed(struct session *session, struct server *server, enum variable_scope scope);
void text_cache_size_changed(struct session *session, struct server *server, enum variable_scope scope);
void row_style_changed(struct session *session, struct server *server, enum variable_scope scope);
void server_id_changed(struct session *session, struct server *server, enum variable_scope scope);

/* Not in the middle of a transaction (1694). */
int check_sql_log_bin(struct session *session, enum variable_scope scope, const struct value *value,
		      struct diag *diag);
/* The log goes on in a file of the new kind. */
int apply_binlog_checksum(struct session *session, enum variable_scope scope, const struct variable_slot *slot,
			  struct diag *diag);
/* One of the two only (3683); the option expire_logs_days puts the other's default out of force. */
int check_expire_logs_days(struct session *session, enum variable_scope scope, const struct value *value,
			   struct diag *diag);
int check_expire_logs_seconds(struct session *session, enum variable_scope scope, const struct value *value,
			      struct diag *diag);
void expire_logs_days_changed(struct session *session, struct server *server, enum variable_scope scope);
