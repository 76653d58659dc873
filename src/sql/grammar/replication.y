/* Replication, in both vocabularies. */

%type slave_or_replica {bool}
slave_or_replica(A) ::= SLAVE. {
	A = true;
}
slave_or_replica(A) ::= REPLICA. {
	A = false;
}

%type slaves_or_replicas {bool}
slaves_or_replicas(A) ::= SLAVES. {
	A = true;
}
slaves_or_replicas(A) ::= REPLICAS. {
	A = false;
}

binary_or_master ::= BINARY.
binary_or_master ::= MASTER.

%type channel_opt {const char *}
channel_opt(A) ::= . {
	A = NULL;
}
channel_opt(A) ::= FOR CHANNEL word(N). {
	A = N.text;
}

/* MariaDB's connection name stands where MySQL has no word. */
%type connection_name_opt {const char *}
connection_name_opt(A) ::= . {
	A = NULL;
}
connection_name_opt(A) ::= STRING(T). {
	A = token_text(parser, T);
}

/* CHANGE MASTER, CHANGE REPLICATION SOURCE. */

statement(A) ::= CHANGE MASTER connection_name_opt(N) TO source_options(O) channel_opt(C). {
	A = statement_new(parser, AST_CHANGE_SOURCE);
	A->change_source = NEW(struct ast_change_source);
	*A->change_source = (struct ast_change_source){O, C ? C : N};
}
statement(A) ::= CHANGE REPLICATION SOURCE TO source_options(O) channel_opt(C). {
	A = statement_new(parser, AST_CHANGE_SOURCE);
	A->change_source = NEW(struct ast_change_source);
	*A->change_source = (struct ast_change_source){O, C};
}

%type source_options {struct ast_options}
source_options(A) ::= source_option(O). {
	A = (struct ast_options){0};
	LIST_APPEND(A, *O);
}
source_options(A) ::= source_options(A) COMMA source_option(O). {
	LIST_APPEND(A, *O);
}

%type source_option {struct ast_option *}
source_option(A) ::= ident(N) EQUAL source_value(V). {
	A = NEW(struct ast_option);
	*A = named_option(parser, source_option_name(parser, N), V, N.span.offset);
}
source_option(A) ::= ident(N) EQUAL LP server_ids(L) RP. {
	A = NEW(struct ast_option);
	*A = named_option(parser, source_option_name(parser, N), NULL, N.span.offset);
	A->list = L;
}

%type source_value {struct ast_expr *}
source_value(A) ::= literal(A).
source_value(A) ::= MINUS(T) number(E). {
	A = expr_unary(parser, AST_OP_NEGATE, T, E);
}
source_value(A) ::= ident(N). {
	A = expr_bare_word(parser, N);
}
source_value(A) ::= word(N) USER_VARIABLE(H). {
	A = expr_account(parser, N, H);
}
source_value(A) ::= ON(T). {
	A = expr_bare_word(parser, token_name(parser, T));
}

%type server_ids {struct ast_exprs}
server_ids(A) ::= . {
	A = (struct ast_exprs){0};
}
server_ids(A) ::= server_id_list(A).

%type server_id_list {struct ast_exprs}
server_id_list(A) ::= number(E). {
	A = (struct ast_exprs){0};
	LIST_APPEND(A, E);
}
server_id_list(A) ::= server_id_list(A) COMMA number(E). {
	LIST_APPEND(A, E);
}

/* CHANGE REPLICATION FILTER. */

statement(A) ::= CHANGE REPLICATION FILTER filters(O) channel_opt(C). {
	A = statement_new(parser, AST_CHANGE_FILTER);
	A->change_filter = NEW(struct ast_change_filter);
	*A->change_filter = (struct ast_change_filter){O, C};
}

%type filters {struct ast_options}
filters(A) ::= filter(O). {
	A = (struct ast_options){0};
	LIST_APPEND(A, *O);
}
filters(A) ::= filters(A) COMMA filter(O). {
	LIST_APPEND(A, *O);
}

%type filter {struct ast_option *}
filter(A) ::= ident(N) EQUAL LP filter_values(L) RP. {
	A = NEW(struct ast_option);
	*A = named_option(parser, name_upper(parser, N), NULL, N.span.offset);
	A->list = L;
}

%type filter_values {struct ast_exprs}
filter_values(A) ::= . {
	A = (struct ast_exprs){0};
}
filter_values(A) ::= filter_value_list(A).

%type filter_value_list {struct ast_exprs}
filter_value_list(A) ::= filter_value(E). {
	A = (struct ast_exprs){0};
	LIST_APPEND(A, E);
}
filter_value_list(A) ::= filter_value_list(A) COMMA filter_value(E). {
	LIST_APPEND(A, E);
}

%type filter_value {struct ast_expr *}
filter_value(A) ::= filter_name(A).
filter_value(A) ::= LP(T) filter_name(F) COMMA filter_name(S) RP. {
	struct ast_exprs pair = {0};
	LIST_APPEND(pair, F);
	LIST_APPEND(pair, S);
	A = expr_row(parser, pair, T.span.offset);
}

%type filter_name {struct ast_expr *}
filter_name(A) ::= text_literal(A).
filter_name(A) ::= object_name(N). {
	A = expr_of_object(parser, N);
}

/* START and STOP. */

statement(A) ::= START slave_or_replica connection_name_opt(N) replica_threads(T) until_opt(U) replica_connection(P) channel_opt(C). {
	A = statement_new(parser, AST_START_REPLICA);
	A->replica = NEW(struct ast_replica);
	A->replica->threads = T;
	A->replica->until = U;
	A->replica->connection = P;
	A->replica->channel = C ? C : N;
}
statement(A) ::= START ALL slaves_or_replicas replica_threads(T). {
	A = statement_new(parser, AST_START_REPLICA);
	A->replica = NEW(struct ast_replica);
	A->replica->all = true;
	A->replica->threads = T;
}
statement(A) ::= STOP slave_or_replica connection_name_opt(N) replica_threads(T) channel_opt(C). {
	A = statement_new(parser, AST_STOP_REPLICA);
	A->replica = NEW(struct ast_replica);
	A->replica->threads = T;
	A->replica->channel = C ? C : N;
}
statement(A) ::= STOP ALL slaves_or_replicas replica_threads(T). {
	A = statement_new(parser, AST_STOP_REPLICA);
	A->replica = NEW(struct ast_replica);
	A->replica->all = true;
	A->replica->threads = T;
}
/* MySQL's own until 5.6. */
statement(A) ::= SLAVE START replica_threads(T). {
	A = statement_new(parser, AST_START_REPLICA);
	A->replica = NEW(struct ast_replica);
	A->replica->threads = T;
}
statement(A) ::= SLAVE STOP replica_threads(T). {
	A = statement_new(parser, AST_STOP_REPLICA);
	A->replica = NEW(struct ast_replica);
	A->replica->threads = T;
}
statement(A) ::= START GROUP_REPLICATION opaque. {
	A = statement_unsupported(parser, "START GROUP_REPLICATION");
}
statement(A) ::= STOP GROUP_REPLICATION. {
	A = statement_unsupported(parser, "STOP GROUP_REPLICATION");
}

%type replica_threads {unsigned}
replica_threads(A) ::= . {
	A = 0;
}
replica_threads(A) ::= replica_thread_list(A).

%type replica_thread_list {unsigned}
replica_thread_list(A) ::= replica_thread(A).
replica_thread_list(A) ::= replica_thread_list(A) COMMA replica_thread(T). {
	A |= T;
}

%type replica_thread {unsigned}
replica_thread(A) ::= IO_THREAD. {
	A = AST_THREAD_IO;
}
replica_thread(A) ::= SQL_THREAD. {
	A = AST_THREAD_SQL;
}

%type until_opt {struct ast_options}
until_opt(A) ::= . {
	A = (struct ast_options){0};
}
until_opt(A) ::= UNTIL until_conditions(L). {
	A = L;
}

%type until_conditions {struct ast_options}
until_conditions(A) ::= until_condition(O). {
	A = (struct ast_options){0};
	LIST_APPEND(A, *O);
}
until_conditions(A) ::= until_conditions(A) COMMA until_condition(O). {
	LIST_APPEND(A, *O);
}

%type until_condition {struct ast_option *}
until_condition(A) ::= source_option(A).
until_condition(A) ::= SQL_AFTER_MTS_GAPS(T). {
	A = NEW(struct ast_option);
	*A = named_option(parser, "SQL_AFTER_MTS_GAPS", NULL, T.span.offset);
}

%type replica_connection {struct ast_options}
replica_connection(A) ::= . {
	A = (struct ast_options){0};
}
replica_connection(A) ::= replica_connection(A) ident(N) EQUAL text_literal(V). {
	LIST_APPEND(A, named_option(parser, name_upper(parser, N), V, N.span.offset));
}

/* The log. */

statement(A) ::= PURGE binary_or_master LOGS TO text(T). {
	A = statement_new(parser, AST_PURGE_LOGS);
	A->purge_logs = NEW(struct ast_purge_logs);
	A->purge_logs->to = T;
}
statement(A) ::= PURGE binary_or_master LOGS BEFORE expr(E). {
	A = statement_new(parser, AST_PURGE_LOGS);
	A->purge_logs = NEW(struct ast_purge_logs);
	A->purge_logs->before = E;
}
statement(A) ::= BINLOG text(T). {
	A = statement_new(parser, AST_BINLOG);
	A->binlog = NEW(struct ast_binlog);
	A->binlog->text = T;
}
statement(A) ::= BINLOG user_variables(L). {
	A = statement_new(parser, AST_BINLOG);
	A->binlog = NEW(struct ast_binlog);
	A->binlog->fragments = L;
}

reset(A) ::= MASTER. {
	A = NEW(struct ast_reset_statement);
	A->what = AST_RESET_BINARY_LOGS;
}
reset(A) ::= MASTER TO integer(N). {
	A = NEW(struct ast_reset_statement);
	A->what = AST_RESET_BINARY_LOGS;
	A->file_number = N;
}
reset(A) ::= BINARY LOGS AND ident(W). {
	A = NEW(struct ast_reset_statement);
	A->what = AST_RESET_BINARY_LOGS;
	if (!name_is(W, "GTIDS"))
		parser_syntax_error(parser, W.span.offset);
}
reset(A) ::= BINARY LOGS AND ident(W) TO integer(N). {
	A = NEW(struct ast_reset_statement);
	A->what = AST_RESET_BINARY_LOGS;
	A->file_number = N;
	if (!name_is(W, "GTIDS"))
		parser_syntax_error(parser, W.span.offset);
}
reset(A) ::= slave_or_replica connection_name_opt(N) all_opt(L) channel_opt(C). {
	A = NEW(struct ast_reset_statement);
	A->what = AST_RESET_REPLICA;
	A->all = L;
	A->channel = C ? C : N;
}

%type all_opt {bool}
all_opt(A) ::= . {
	A = false;
}
all_opt(A) ::= ALL. {
	A = true;
}
