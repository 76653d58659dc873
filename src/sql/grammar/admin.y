/* Transactions, locks, SET, SHOW, prepared statements and the server's upkeep. */

/* Transactions. */

statement(A) ::= START TRANSACTION transaction_options(O). {
	A = statement_new(parser, AST_START_TRANSACTION);
	A->transaction = O;
}
statement(A) ::= BEGIN work_opt. {
	A = transaction_statement(parser, AST_START_TRANSACTION);
}
statement(A) ::= COMMIT work_opt transaction_end(E). {
	A = statement_new(parser, AST_COMMIT);
	A->transaction = E;
}
statement(A) ::= ROLLBACK work_opt transaction_end(E). {
	A = statement_new(parser, AST_ROLLBACK);
	A->transaction = E;
}
statement(A) ::= ROLLBACK work_opt TO savepoint_opt ident(N). {
	A = transaction_statement(parser, AST_ROLLBACK_TO);
	A->transaction->savepoint = N;
}
statement(A) ::= SAVEPOINT ident(N). {
	A = transaction_statement(parser, AST_SAVEPOINT);
	A->transaction->savepoint = N;
}
statement(A) ::= RELEASE SAVEPOINT ident(N). {
	A = transaction_statement(parser, AST_RELEASE_SAVEPOINT);
	A->transaction->savepoint = N;
}
statement(A) ::= SET scope_opt(S) TRANSACTION transaction_modes(M). {
	A = statement_new(parser, AST_SET_TRANSACTION);
	A->transaction = M;
	M->scope = S;
}
statement(A) ::= XA opaque. {
	A = statement_unsupported(parser, "XA");
}

work_opt ::= .
work_opt ::= WORK.

savepoint_opt ::= .
savepoint_opt ::= SAVEPOINT.

%type transaction_options {struct ast_transaction *}
transaction_options(A) ::= . {
	A = NEW(struct ast_transaction);
}
transaction_options(A) ::= transaction_option_list(A).

%type transaction_option_list {struct ast_transaction *}
transaction_option_list(A) ::= transaction_option(A).
transaction_option_list(A) ::= transaction_option_list(A) COMMA transaction_option(O). {
	A->consistent_snapshot |= O->consistent_snapshot;
	if (O->access)
		A->access = O->access;
}

%type transaction_option {struct ast_transaction *}
transaction_option(A) ::= WITH CONSISTENT SNAPSHOT. {
	A = NEW(struct ast_transaction);
	A->consistent_snapshot = true;
}
transaction_option(A) ::= access_mode(M). {
	A = NEW(struct ast_transaction);
	A->access = M;
}

%type access_mode {enum ast_access}
access_mode(A) ::= READ ident(W). {
	A = name_is(W, "ONLY") ? AST_ACCESS_READ_ONLY : AST_ACCESS_UNSPECIFIED;
	if (A == AST_ACCESS_UNSPECIFIED)
		parser_syntax_error(parser, W.span.offset);
}
access_mode(A) ::= READ WRITE. {
	A = AST_ACCESS_READ_WRITE;
}

%type transaction_modes {struct ast_transaction *}
transaction_modes(A) ::= transaction_mode(A).
transaction_modes(A) ::= transaction_modes(A) COMMA transaction_mode(M). {
	if (M->access)
		A->access = M->access;
	if (M->isolation)
		A->isolation = M->isolation;
}

%type transaction_mode {struct ast_transaction *}
transaction_mode(A) ::= access_mode(M). {
	A = NEW(struct ast_transaction);
	A->access = M;
}
transaction_mode(A) ::= ISOLATION LEVEL isolation(L). {
	A = NEW(struct ast_transaction);
	A->isolation = L;
}

%type isolation {enum ast_isolation}
isolation(A) ::= READ UNCOMMITTED. {
	A = AST_ISOLATION_READ_UNCOMMITTED;
}
isolation(A) ::= READ COMMITTED. {
	A = AST_ISOLATION_READ_COMMITTED;
}
isolation(A) ::= REPEATABLE READ. {
	A = AST_ISOLATION_REPEATABLE_READ;
}
isolation(A) ::= SERIALIZABLE. {
	A = AST_ISOLATION_SERIALIZABLE;
}

%type transaction_end {struct ast_transaction *}
transaction_end(A) ::= chain_opt(C) release_opt(R). {
	A = NEW(struct ast_transaction);
	A->chain = C;
	A->release = R;
}

%type chain_opt {enum ast_tristate}
chain_opt(A) ::= . {
	A = AST_UNSPECIFIED;
}
chain_opt(A) ::= AND CHAIN. {
	A = AST_YES;
}
chain_opt(A) ::= AND NO CHAIN. {
	A = AST_NO;
}

%type release_opt {enum ast_tristate}
release_opt(A) ::= . {
	A = AST_UNSPECIFIED;
}
release_opt(A) ::= RELEASE. {
	A = AST_YES;
}
release_opt(A) ::= NO RELEASE. {
	A = AST_NO;
}

/* Table locks. */

statement(A) ::= LOCK table_or_tables lock_list(L). {
	A = statement_new(parser, AST_LOCK_TABLES);
	A->lock_tables = L;
}
statement(A) ::= LOCK INSTANCE opaque. {
	A = statement_unsupported(parser, "LOCK INSTANCE FOR BACKUP");
}
statement(A) ::= UNLOCK table_or_tables. {
	A = statement_new(parser, AST_UNLOCK_TABLES);
}
statement(A) ::= UNLOCK INSTANCE. {
	A = statement_unsupported(parser, "UNLOCK INSTANCE");
}

%type lock_list {struct ast_lock_tables *}
lock_list(A) ::= lock_item(L). {
	A = NEW(struct ast_lock_tables);
	LIST_APPEND(*A, *L);
}
lock_list(A) ::= lock_list(A) COMMA lock_item(L). {
	LIST_APPEND(*A, *L);
}

%type lock_item {struct ast_lock_table *}
lock_item(A) ::= object_name(N) table_alias_opt(L) table_lock(K). {
	A = NEW(struct ast_lock_table);
	*A = (struct ast_lock_table){N, L, K};
}

%type table_lock {enum ast_table_lock}
table_lock(A) ::= READ. {
	A = AST_TABLE_READ;
}
table_lock(A) ::= READ LOCAL. {
	A = AST_TABLE_READ_LOCAL;
}
table_lock(A) ::= WRITE. {
	A = AST_TABLE_WRITE;
}
table_lock(A) ::= WRITE CONCURRENT. {
	A = AST_TABLE_WRITE;
}
table_lock(A) ::= LOW_PRIORITY WRITE. {
	A = AST_TABLE_LOW_PRIORITY_WRITE;
}

/* SET. */

statement(A) ::= SET set_items(L). {
	A = statement_new(parser, AST_SET);
	A->set = L;
}
statement(A) ::= SET PASSWORD set_sign password_value(P). {
	A = statement_new(parser, AST_SET_PASSWORD);
	A->set_password = P;
}
statement(A) ::= SET PASSWORD FOR user(U) set_sign password_value(P). {
	A = statement_new(parser, AST_SET_PASSWORD);
	A->set_password = P;
	P->user = U;
}
statement(A) ::= SET ROLE set_role(R). {
	A = statement_new(parser, AST_SET_ROLE);
	A->grant_roles = R;
}
statement(A) ::= SET DEFAULT ROLE default_roles(R) TO users(U). {
	A = statement_new(parser, AST_SET_DEFAULT_ROLE);
	A->grant_roles = R;
	R->users = U;
}
statement(A) ::= SET STATEMENT opaque. {
	A = statement_unsupported(parser, "SET STATEMENT");
}

%type set_role {struct ast_grant_roles *}
set_role(A) ::= default_roles(A).
set_role(A) ::= DEFAULT. {
	A = NEW(struct ast_grant_roles);
	A->is_default = true;
}
set_role(A) ::= ALL EXCEPT users(L). {
	A = NEW(struct ast_grant_roles);
	A->all = true;
	A->roles = L;
}

%type password_value {struct ast_set_password *}
password_value(A) ::= text(T). {
	A = NEW(struct ast_set_password);
	A->secret = T;
}
password_value(A) ::= PASSWORD LP text(T) RP. {
	A = NEW(struct ast_set_password);
	A->function = true;
	A->secret = T;
}
password_value(A) ::= ident(N) LP text(T) RP. {
	A = NEW(struct ast_set_password);
	A->old_function = true;
	A->secret = T;
	if (!name_is(N, "OLD_PASSWORD"))
		parser_syntax_error(parser, N.span.offset);
}

%type set_items {struct ast_set *}
set_items(A) ::= set_item(I). {
	A = NEW(struct ast_set);
	LIST_APPEND(*A, *I);
}
set_items(A) ::= set_items(A) COMMA set_item(I). {
	LIST_APPEND(*A, *I);
}

%type set_item {struct ast_set_item *}
set_item(A) ::= USER_VARIABLE(V) set_sign expr(E). {
	A = NEW(struct ast_set_item);
	A->kind = AST_SET_USER_VARIABLE;
	A->name = token_text(parser, V);
	A->value = E;
	A->span = SPAN_FROM(V.span.offset);
}
set_item(A) ::= scope_opt(S) path(P) set_sign set_value(E). {
	A = NEW(struct ast_set_item);
	*A = set_variable(parser, P, S, E, P.items[0].span.offset);
}
set_item(A) ::= AT_AT(T) path(P) set_sign set_value(E). {
	A = NEW(struct ast_set_item);
	*A = set_scoped_variable(parser, P, E, T.span.offset);
}
set_item(A) ::= NAMES(T) set_sign set_value. {
	A = NULL;
	parser_syntax_error(parser, T.span.offset);
}
set_item(A) ::= NAMES(T) charset_or_default(C) collate_opt(L). {
	A = NEW(struct ast_set_item);
	A->kind = AST_SET_NAMES;
	A->charset = C;
	A->collation = L;
	A->span = SPAN_FROM(T.span.offset);
}
set_item(A) ::= CHAR(T) SET charset_or_default(C). {
	A = NEW(struct ast_set_item);
	A->kind = AST_SET_CHARACTER_SET;
	A->charset = C;
	A->span = SPAN_FROM(T.span.offset);
}
set_item(A) ::= CHARSET(T) charset_or_default(C). {
	A = NEW(struct ast_set_item);
	A->kind = AST_SET_CHARACTER_SET;
	A->charset = C;
	A->span = SPAN_FROM(T.span.offset);
}

/* NULL is DEFAULT. */
%type set_value {struct ast_expr *}
set_value(A) ::= expr(E). {
	A = set_value(parser, E);
}
set_value(A) ::= DEFAULT. {
	A = NULL;
}
set_value(A) ::= set_word(T). {
	A = expr_bare_word(parser, token_name(parser, T));
}

/* Reserved words that are values. */
%type set_word {struct token}
set_word(A) ::= ON(A).
set_word(A) ::= ALL(A).
set_word(A) ::= BINARY(A).

%type scope_opt {enum ast_variable_scope}
scope_opt(A) ::= . {
	A = AST_SCOPE_DEFAULT;
}
scope_opt(A) ::= GLOBAL. {
	A = AST_SCOPE_GLOBAL;
}
scope_opt(A) ::= SESSION. {
	A = AST_SCOPE_SESSION;
}
scope_opt(A) ::= LOCAL. {
	A = AST_SCOPE_SESSION;
}
scope_opt(A) ::= PERSIST. {
	A = AST_SCOPE_PERSIST;
}
scope_opt(A) ::= PERSIST_ONLY. {
	A = AST_SCOPE_PERSIST_ONLY;
}

/* SHOW. */

statement(A) ::= SHOW show(S). {
	A = statement_new(parser, AST_SHOW);
	A->show = S;
}

%type show {struct ast_show *}
show(A) ::= DATABASES show_filter(F). {
	A = F;
	A->kind = AST_SHOW_DATABASES;
}
show(A) ::= show_full(M) TABLES show_database(D) show_filter(F). {
	A = F;
	A->kind = AST_SHOW_TABLES;
	A->full = M & 1;
	A->extended = M & 2;
	A->object.database = D;
}
show(A) ::= show_full(M) TRIGGERS show_database(D) show_filter(F). {
	A = F;
	A->kind = AST_SHOW_TRIGGERS;
	A->full = M & 1;
	A->object.database = D;
}
show(A) ::= EVENTS show_database(D) show_filter(F). {
	A = F;
	A->kind = AST_SHOW_EVENTS;
	A->object.database = D;
}
show(A) ::= TABLE STATUS show_database(D) show_filter(F). {
	A = F;
	A->kind = AST_SHOW_TABLE_STATUS;
	A->object.database = D;
}
show(A) ::= OPEN TABLES show_database(D) show_filter(F). {
	A = F;
	A->kind = AST_SHOW_OPEN_TABLES;
	A->object.database = D;
}
show(A) ::= show_full(M) field_words from_word object_name(N) show_database(D) show_filter(F). {
	A = F;
	A->kind = AST_SHOW_COLUMNS;
	A->full = M & 1;
	A->extended = M & 2;
	A->object = N;
	if (D.text)
		A->object.database = D;
}
show(A) ::= show_full(M) show_indexes from_word object_name(N) show_database(D) show_filter(F). {
	A = F;
	A->kind = AST_SHOW_INDEXES;
	A->extended = M & 2;
	A->object = N;
	if (D.text)
		A->object.database = D;
}
show(A) ::= show_full(M) PROCESSLIST. {
	A = show_new(parser, AST_SHOW_PROCESSLIST);
	A->full = M & 1;
}
show(A) ::= show_scope(S) VARIABLES show_filter(F). {
	A = F;
	A->kind = AST_SHOW_VARIABLES;
	A->scope = S;
}
show(A) ::= show_scope(S) STATUS show_filter(F). {
	A = F;
	A->kind = AST_SHOW_STATUS;
	A->scope = S;
}
show(A) ::= WARNINGS limit_opt(L). {
	A = show_new(parser, AST_SHOW_WARNINGS);
	A->limit = L;
}
show(A) ::= ERRORS limit_opt(L). {
	A = show_new(parser, AST_SHOW_ERRORS);
	A->limit = L;
}
show(A) ::= COUNT LP STAR RP WARNINGS. {
	A = show_new(parser, AST_SHOW_COUNT_WARNINGS);
}
show(A) ::= COUNT LP STAR RP ERRORS. {
	A = show_new(parser, AST_SHOW_COUNT_ERRORS);
}
show(A) ::= ENGINES. {
	A = show_new(parser, AST_SHOW_ENGINES);
}
show(A) ::= STORAGE ENGINES. {
	A = show_new(parser, AST_SHOW_ENGINES);
}
show(A) ::= ENGINE show_engine(E) ident(W). {
	A = show_new(parser, AST_SHOW_ENGINE);
	A->engine = E.text;
	A->what = name_upper(parser, W);
}
show(A) ::= charset_words show_filter(F). {
	A = F;
	A->kind = AST_SHOW_CHARACTER_SET;
}
show(A) ::= COLLATION show_filter(F). {
	A = F;
	A->kind = AST_SHOW_COLLATION;
}
show(A) ::= PLUGINS show_filter(F). {
	A = F;
	A->kind = AST_SHOW_PLUGINS;
}
show(A) ::= PRIVILEGES. {
	A = show_new(parser, AST_SHOW_PRIVILEGES);
}
show(A) ::= GRANTS. {
	A = show_new(parser, AST_SHOW_GRANTS);
}
show(A) ::= GRANTS FOR user(U). {
	A = show_new(parser, AST_SHOW_GRANTS);
	A->user = U;
}
show(A) ::= GRANTS FOR user(U) USING users. {
	A = show_new(parser, AST_SHOW_GRANTS);
	A->user = U;
}
show(A) ::= PROFILES. {
	A = show_new(parser, AST_SHOW_PROFILES);
}
show(A) ::= PROFILE opaque. {
	A = show_new(parser, AST_SHOW_PROFILE);
}
show(A) ::= PROCEDURE STATUS show_filter(F). {
	A = F;
	A->kind = AST_SHOW_PROCEDURE_STATUS;
}
show(A) ::= FUNCTION STATUS show_filter(F). {
	A = F;
	A->kind = AST_SHOW_FUNCTION_STATUS;
}
show(A) ::= PROCEDURE CODE object_name(N). {
	A = show_new(parser, AST_SHOW_PROCEDURE_CODE);
	A->object = N;
}
show(A) ::= FUNCTION CODE object_name(N). {
	A = show_new(parser, AST_SHOW_FUNCTION_CODE);
	A->object = N;
}
show(A) ::= CREATE show_create_kind(K) object_name(N). {
	A = show_new(parser, K);
	A->object = N;
}
show(A) ::= CREATE DATABASE if_not_exists_opt(E) ident(N). {
	A = show_new(parser, AST_SHOW_CREATE_DATABASE);
	A->if_not_exists = E;
	A->object.name = N;
	A->object.span = N.span;
}
show(A) ::= CREATE USER. {
	A = show_new(parser, AST_SHOW_CREATE_USER);
}
show(A) ::= CREATE USER user(U). {
	A = show_new(parser, AST_SHOW_CREATE_USER);
	A->user = U;
}
show(A) ::= EXPLAIN FOR integer(N). {
	A = show_new(parser, AST_SHOW_EXPLAIN);
	A->connection_id = N;
}

/* SHOW, about replication. */

show(A) ::= binary_or_master LOGS. {
	A = show_new(parser, AST_SHOW_BINARY_LOGS);
}
show(A) ::= MASTER STATUS. {
	A = show_new(parser, AST_SHOW_BINARY_LOG_STATUS);
	A->old_spelling = true;
}
show(A) ::= BINLOG STATUS. {
	A = show_new(parser, AST_SHOW_BINARY_LOG_STATUS);
}
show(A) ::= BINARY ident(W) STATUS. {
	A = show_new(parser, AST_SHOW_BINARY_LOG_STATUS);
	if (!name_is(W, "LOG"))
		parser_syntax_error(parser, W.span.offset);
}
show(A) ::= BINLOG EVENTS events_file(F) events_position(P) limit_opt(L). {
	A = show_new(parser, AST_SHOW_BINLOG_EVENTS);
	A->file = F;
	A->position = P;
	A->limit = L;
}
show(A) ::= RELAYLOG EVENTS events_file(F) events_position(P) limit_opt(L) channel_opt(C). {
	A = show_new(parser, AST_SHOW_RELAYLOG_EVENTS);
	A->file = F;
	A->position = P;
	A->limit = L;
	A->channel = C;
}
show(A) ::= SLAVE HOSTS. {
	A = show_new(parser, AST_SHOW_REPLICAS);
	A->old_spelling = true;
}
show(A) ::= REPLICA HOSTS. {
	A = show_new(parser, AST_SHOW_REPLICAS);
}
show(A) ::= REPLICAS. {
	A = show_new(parser, AST_SHOW_REPLICAS);
}
show(A) ::= slave_or_replica(O) STATUS channel_opt(C). {
	A = show_new(parser, AST_SHOW_REPLICA_STATUS);
	A->old_spelling = O;
	A->channel = C;
}
show(A) ::= slave_or_replica(O) STRING(C) STATUS. {
	A = show_new(parser, AST_SHOW_REPLICA_STATUS);
	A->old_spelling = O;
	A->channel = token_text(parser, C);
}
show(A) ::= ALL slaves_or_replicas(O) STATUS. {
	A = show_new(parser, AST_SHOW_REPLICA_STATUS);
	A->old_spelling = O;
	A->all = true;
}
show(A) ::= AUTHORS. {
	A = show_new(parser, AST_SHOW_AUTHORS);
}
show(A) ::= CONTRIBUTORS. {
	A = show_new(parser, AST_SHOW_CONTRIBUTORS);
}

%type show_create_kind {enum ast_show_kind}
show_create_kind(A) ::= TABLE. {
	A = AST_SHOW_CREATE_TABLE;
}
show_create_kind(A) ::= VIEW. {
	A = AST_SHOW_CREATE_VIEW;
}
show_create_kind(A) ::= TRIGGER. {
	A = AST_SHOW_CREATE_TRIGGER;
}
show_create_kind(A) ::= PROCEDURE. {
	A = AST_SHOW_CREATE_PROCEDURE;
}
show_create_kind(A) ::= FUNCTION. {
	A = AST_SHOW_CREATE_FUNCTION;
}
show_create_kind(A) ::= EVENT. {
	A = AST_SHOW_CREATE_EVENT;
}

/* Bit 0: FULL, bit 1: EXTENDED. */
%type show_full {unsigned}
show_full(A) ::= . {
	A = 0;
}
show_full(A) ::= FULL. {
	A = 1;
}
show_full(A) ::= EXTENDED. {
	A = 2;
}
show_full(A) ::= EXTENDED FULL. {
	A = 3;
}

%type show_scope {enum ast_variable_scope}
show_scope(A) ::= . {
	A = AST_SCOPE_DEFAULT;
}
show_scope(A) ::= GLOBAL. {
	A = AST_SCOPE_GLOBAL;
}
show_scope(A) ::= SESSION. {
	A = AST_SCOPE_SESSION;
}
show_scope(A) ::= LOCAL. {
	A = AST_SCOPE_SESSION;
}

show_indexes ::= INDEX.
show_indexes ::= INDEXES.
show_indexes ::= KEYS.

show_engine(A) ::= word(A).
show_engine(A) ::= ALL(T). {
	A = token_name(parser, T);
}

from_word ::= FROM.
from_word ::= IN.

%type show_database {struct ast_name}
show_database(A) ::= . {
	A = (struct ast_name){0};
}
show_database(A) ::= from_word ident(N). {
	A = N;
}

%type show_filter {struct ast_show *}
show_filter(A) ::= . {
	A = NEW(struct ast_show);
}
show_filter(A) ::= LIKE text(T). {
	A = NEW(struct ast_show);
	A->like = T;
}
show_filter(A) ::= WHERE expr(E). {
	A = NEW(struct ast_show);
	A->where = E;
}

%type events_file {struct bytes}
events_file(A) ::= . {
	A = (struct bytes){0};
}
events_file(A) ::= IN text(T). {
	A = T;
}

%type events_position {struct ast_expr *}
events_position(A) ::= . {
	A = NULL;
}
events_position(A) ::= FROM number(E). {
	A = E;
}

/* DESCRIBE and EXPLAIN. */

statement(A) ::= describe_word object_name(N) describe_column(C). {
	A = statement_new(parser, AST_DESCRIBE);
	A->describe = NEW(struct ast_describe);
	*A->describe = (struct ast_describe){N, C};
}
statement(A) ::= describe_word explain_options(O) explainable(S). {
	A = statement_new(parser, AST_EXPLAIN);
	A->explain = O;
	O->statement = S;
}
statement(A) ::= describe_word explain_options(O) FOR CONNECTION integer(N). {
	A = statement_new(parser, AST_EXPLAIN);
	A->explain = O;
	O->connection_id = N;
}

describe_word ::= DESCRIBE.
describe_word ::= DESC.
describe_word ::= EXPLAIN.

%type describe_column {const char *}
describe_column(A) ::= . {
	A = NULL;
}
describe_column(A) ::= word(N). {
	A = N.text;
}

%type explain_options {struct ast_explain *}
explain_options(A) ::= . {
	A = NEW(struct ast_explain);
}
explain_options(A) ::= EXTENDED. {
	A = NEW(struct ast_explain);
	A->extended = true;
}
explain_options(A) ::= PARTITIONS. {
	A = NEW(struct ast_explain);
	A->partitions = true;
}
explain_options(A) ::= ANALYZE. {
	A = NEW(struct ast_explain);
	A->analyze = true;
}
explain_options(A) ::= FORMAT EQUAL word(N). {
	A = NEW(struct ast_explain);
	A->format = explain_format(parser, N);
}
explain_options(A) ::= ANALYZE FORMAT EQUAL word(N). {
	A = NEW(struct ast_explain);
	A->analyze = true;
	A->format = explain_format(parser, N);
}

%type explainable {struct ast_statement *}
explainable(A) ::= query(Q). {
	A = statement_new(parser, AST_SELECT);
	A->query = Q;
}
explainable(A) ::= query_parens(Q). {
	A = statement_new(parser, AST_SELECT);
	A->query = Q;
}
explainable(A) ::= insert(I). {
	A = statement_new(parser, AST_INSERT);
	A->insert = I;
}
explainable(A) ::= update(U). {
	A = statement_new(parser, AST_UPDATE);
	A->update = U;
}
explainable(A) ::= delete(D). {
	A = statement_new(parser, AST_DELETE);
	A->delete_rows = D;
}

/* The session and the server. */

statement(A) ::= USE ident(N). {
	A = statement_new(parser, AST_USE);
	A->name = N;
}
statement(A) ::= KILL kill(K). {
	A = statement_new(parser, AST_KILL);
	A->kill = K;
}
statement(A) ::= FLUSH flush_local(L) flush_targets(F). {
	A = statement_new(parser, AST_FLUSH);
	A->flush = F;
	F->local = L;
}
statement(A) ::= FLUSH flush_local(L) flush_tables(F). {
	A = statement_new(parser, AST_FLUSH);
	A->flush = F;
	F->local = L;
}
statement(A) ::= RESET resets(R). {
	A = statement_new(parser, AST_RESET);
	A->reset = R;
}
statement(A) ::= HELP word(N). {
	A = statement_new(parser, AST_HELP);
	A->string = name_bytes(N);
}
statement(A) ::= SHUTDOWN. {
	A = statement_new(parser, AST_SHUTDOWN);
}
statement(A) ::= RESTART. {
	A = statement_new(parser, AST_RESTART);
}

%type kill {struct ast_kill *}
kill(A) ::= kill_target(A).
kill(A) ::= HARD kill_target(K). {
	A = K;
}
kill(A) ::= SOFT kill_target(K). {
	A = K;
	A->soft = true;
}

%type kill_target {struct ast_kill *}
kill_target(A) ::= expr(E). {
	A = NEW(struct ast_kill);
	A->id = E;
}
kill_target(A) ::= CONNECTION expr(E). {
	A = NEW(struct ast_kill);
	A->id = E;
}
kill_target(A) ::= QUERY expr(E). {
	A = NEW(struct ast_kill);
	A->query = true;
	A->id = E;
}
kill_target(A) ::= USER user(U). {
	A = NEW(struct ast_kill);
	A->by_user = true;
	A->user = *U;
}

%type flush_local {bool}
flush_local(A) ::= . {
	A = false;
}
flush_local(A) ::= LOCAL. {
	A = true;
}
flush_local(A) ::= NO_WRITE_TO_BINLOG. {
	A = true;
}

%type flush_tables {struct ast_flush_statement *}
flush_tables(A) ::= table_or_tables flush_table_names(L) flush_table_locks(F). {
	A = F;
	A->what = AST_FLUSH_TABLES;
	A->tables = L;
}

%type flush_table_names {struct ast_object_names}
flush_table_names(A) ::= . {
	A = (struct ast_object_names){0};
}
flush_table_names(A) ::= object_names(A).

%type flush_table_locks {struct ast_flush_statement *}
flush_table_locks(A) ::= . {
	A = NEW(struct ast_flush_statement);
}
flush_table_locks(A) ::= WITH READ LOCK. {
	A = NEW(struct ast_flush_statement);
	A->with_read_lock = true;
}
flush_table_locks(A) ::= WITH READ LOCK AND DISABLE ident. {
	A = NEW(struct ast_flush_statement);
	A->with_read_lock = true;
}
flush_table_locks(A) ::= FOR EXPORT. {
	A = NEW(struct ast_flush_statement);
	A->for_export = true;
}

%type flush_targets {struct ast_flush_statement *}
flush_targets(A) ::= flush_target(T) channel_opt(C). {
	A = NEW(struct ast_flush_statement);
	A->what = T;
	A->channel = C;
}
flush_targets(A) ::= flush_targets(A) COMMA flush_target(T) channel_opt(C). {
	A->what |= T;
	if (C)
		A->channel = C;
}

%type flush_target {unsigned}
flush_target(A) ::= flush_words(W). {
	A = flush_target(parser, W);
}

%type flush_words {struct ast_names}
flush_words(A) ::= flush_word(N). {
	A = (struct ast_names){0};
	LIST_APPEND(A, N);
}
flush_words(A) ::= flush_words(A) flush_word(N). {
	LIST_APPEND(A, N);
}

flush_word(A) ::= ident(A).
flush_word(A) ::= BINARY(T). {
	A = token_name(parser, T);
}

/* RESET: the log and the replica's are with replication. */

%type resets {struct ast_reset_statement *}
resets(A) ::= reset(A).
resets(A) ::= resets(A) COMMA reset(R). {
	A->what |= R->what;
	A->all |= R->all;
	if (R->channel)
		A->channel = R->channel;
	if (R->file_number)
		A->file_number = R->file_number;
}

%type reset {struct ast_reset_statement *}
reset(A) ::= QUERY CACHE. {
	A = NEW(struct ast_reset_statement);
	A->what = AST_RESET_QUERY_CACHE;
}
reset(A) ::= PERSIST. {
	A = NEW(struct ast_reset_statement);
	A->what = AST_RESET_PERSIST;
}
reset(A) ::= PERSIST if_exists_opt(E) ident(N). {
	A = NEW(struct ast_reset_statement);
	A->what = AST_RESET_PERSIST;
	A->if_exists = E;
	A->variable = name_lower(parser, N);
}

/* Upkeep of tables. */

statement(A) ::= maintenance(K) flush_local(L) table_or_tables object_names(N) maintenance_options(O). {
	A = statement_new(parser, AST_TABLE_MAINTENANCE);
	A->maintenance = NEW(struct ast_table_maintenance);
	*A->maintenance = (struct ast_table_maintenance){K, L, N, O};
}

%type maintenance {enum ast_maintenance}
maintenance(A) ::= ANALYZE. {
	A = AST_ANALYZE;
}
maintenance(A) ::= CHECK. {
	A = AST_CHECK_TABLE;
}
maintenance(A) ::= CHECKSUM. {
	A = AST_CHECKSUM;
}
maintenance(A) ::= OPTIMIZE. {
	A = AST_OPTIMIZE;
}
maintenance(A) ::= REPAIR. {
	A = AST_REPAIR;
}

%type maintenance_options {struct ast_strings}
maintenance_options(A) ::= . {
	A = (struct ast_strings){0};
}
maintenance_options(A) ::= maintenance_options(A) ident(N). {
	LIST_APPEND(A, bytes_of_string(name_upper(parser, N)));
}
maintenance_options(A) ::= maintenance_options(A) FOR UPGRADE. {
	LIST_APPEND(A, bytes_of_string("FOR UPGRADE"));
}

/* Prepared statements. */

statement(A) ::= PREPARE ident(N) FROM text(T). {
	A = statement_new(parser, AST_PREPARE);
	A->prepare = NEW(struct ast_prepare);
	*A->prepare = (struct ast_prepare){N, false, T};
}
statement(A) ::= PREPARE ident(N) FROM USER_VARIABLE(V). {
	A = statement_new(parser, AST_PREPARE);
	A->prepare = NEW(struct ast_prepare);
	*A->prepare = (struct ast_prepare){N, true, token_bytes(parser, V)};
}
statement(A) ::= EXECUTE ident(N) execute_using(U). {
	A = statement_new(parser, AST_EXECUTE);
	A->execute = NEW(struct ast_execute);
	A->execute->name = N;
	A->execute->variables = U;
}
statement(A) ::= EXECUTE IMMEDIATE text(T) execute_using(U). {
	A = statement_new(parser, AST_EXECUTE);
	A->execute = NEW(struct ast_execute);
	A->execute->immediate = true;
	A->execute->text = T;
	A->execute->variables = U;
}
statement(A) ::= EXECUTE IMMEDIATE USER_VARIABLE(V) execute_using(U). {
	A = statement_new(parser, AST_EXECUTE);
	A->execute = NEW(struct ast_execute);
	A->execute->immediate = true;
	A->execute->from_variable = true;
	A->execute->text = token_bytes(parser, V);
	A->execute->variables = U;
}
statement(A) ::= deallocate PREPARE ident(N). {
	A = statement_new(parser, AST_DEALLOCATE);
	A->execute = NEW(struct ast_execute);
	A->execute->name = N;
}

deallocate ::= DEALLOCATE.
deallocate ::= DROP.

%type execute_using {struct ast_names}
execute_using(A) ::= . {
	A = (struct ast_names){0};
}
execute_using(A) ::= USING user_variables(L). {
	A = L;
}

/* What is recognised and not built. */

statement(A) ::= INSTALL opaque. {
	A = statement_unsupported(parser, "INSTALL PLUGIN");
}
statement(A) ::= UNINSTALL opaque. {
	A = statement_unsupported(parser, "UNINSTALL PLUGIN");
}
statement(A) ::= CACHE INDEX opaque. {
	A = statement_unsupported(parser, "CACHE INDEX");
}
statement(A) ::= LOAD INDEX opaque. {
	A = statement_unsupported(parser, "LOAD INDEX INTO CACHE");
}
statement(A) ::= CLONE opaque. {
	A = statement_unsupported(parser, "CLONE");
}
statement(A) ::= IMPORT opaque. {
	A = statement_unsupported(parser, "IMPORT TABLE");
}
statement(A) ::= SIGNAL opaque. {
	A = statement_unsupported(parser, "SIGNAL");
}
statement(A) ::= RESIGNAL opaque. {
	A = statement_unsupported(parser, "RESIGNAL");
}
statement(A) ::= GET opaque. {
	A = statement_unsupported(parser, "GET DIAGNOSTICS");
}
statement(A) ::= create SERVER opaque. {
	A = statement_unsupported(parser, "CREATE SERVER");
}
statement(A) ::= create TABLESPACE opaque. {
	A = statement_unsupported(parser, "CREATE TABLESPACE");
}
statement(A) ::= ALTER TABLESPACE opaque. {
	A = statement_unsupported(parser, "ALTER TABLESPACE");
}
statement(A) ::= DROP TABLESPACE opaque. {
	A = statement_unsupported(parser, "DROP TABLESPACE");
}
statement(A) ::= DROP SERVER opaque. {
	A = statement_unsupported(parser, "DROP SERVER");
}
statement(A) ::= ALTER INSTANCE opaque. {
	A = statement_unsupported(parser, "ALTER INSTANCE");
}
