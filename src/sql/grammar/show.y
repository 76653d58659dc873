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
