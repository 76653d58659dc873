/* Definitions: databases, tables, indexes, views, stored programs. */

%type create {bool}
create(A) ::= CREATE. {
	A = false;
}
create(A) ::= CREATE OR REPLACE. {
	A = true;
}

/* Databases. */

statement(A) ::= create(R) DATABASE if_not_exists_opt(E) ident(N) database_options(D). {
	A = statement_new(parser, AST_CREATE_DATABASE);
	A->database = D;
	D->or_replace = R;
	D->if_exists = E;
	D->name = N;
}
statement(A) ::= ALTER DATABASE ident(N) database_options(D). {
	A = statement_new(parser, AST_ALTER_DATABASE);
	A->database = D;
	D->name = N;
}
statement(A) ::= ALTER DATABASE database_options(D). {
	A = statement_new(parser, AST_ALTER_DATABASE);
	A->database = D;
}
statement(A) ::= DROP DATABASE if_exists_opt(E) ident(N). {
	A = statement_new(parser, AST_DROP_DATABASE);
	A->database = NEW(struct ast_database);
	A->database->if_exists = E;
	A->database->name = N;
}

%type database_options {struct ast_database *}
database_options(A) ::= . {
	A = NEW(struct ast_database);
}
database_options(A) ::= database_options(A) charset_option(O). {
	database_set_option(parser, A, *O);
}
database_options(A) ::= database_options(A) COMMENT(T) equal_opt text_literal(V). {
	database_set_option(parser, A, named_option(parser, "COMMENT", V, T.span.offset));
}
database_options(A) ::= database_options(A) default_word ENCRYPTION(T) equal_opt text_literal(V). {
	database_set_option(parser, A, named_option(parser, "ENCRYPTION", V, T.span.offset));
}

/* [DEFAULT] CHARACTER SET x and COLLATE x, of databases and tables. */
%type charset_option {struct ast_option *}
charset_option(A) ::= default_word charset_words equal_opt charset_or_default(N). {
	A = NEW(struct ast_option);
	*A = named_option(parser, "CHARSET", N ? expr_string(parser, N, SPAN_FROM(parser->previous_end)) : NULL, parser->previous_end);
}
charset_option(A) ::= default_word COLLATE equal_opt charset_name(N). {
	A = NEW(struct ast_option);
	*A = named_option(parser, "COLLATE", expr_string(parser, N, SPAN_FROM(parser->previous_end)), parser->previous_end);
}

default_word ::= .
default_word ::= DEFAULT.

/* Indexes. */

statement(A) ::= create(R) index_kind(K) INDEX(T) if_not_exists_opt(E) ident(N) key_methods(M) ON object_name(O) LP key_parts(P) RP index_options(S). {
	A = statement_new(parser, AST_CREATE_INDEX);
	A->create_index = NEW(struct ast_create_index);
	S->kind = K;
	S->if_not_exists = E;
	S->name = N;
	S->parts = P;
	if (S->method == AST_INDEX_DEFAULT)
		S->method = M;
	S->span = SPAN_FROM(T.span.offset);
	*A->create_index = (struct ast_create_index){R, O, S};
}
statement(A) ::= DROP INDEX if_exists_opt(E) index_name(N) ON object_name(T) index_locks. {
	A = statement_new(parser, AST_DROP_INDEX);
	A->drop_index = NEW(struct ast_drop_index);
	*A->drop_index = (struct ast_drop_index){E, N, T};
}

%type index_kind {enum ast_key_kind}
index_kind(A) ::= . {
	A = AST_KEY_INDEX;
}
index_kind(A) ::= UNIQUE. {
	A = AST_KEY_UNIQUE;
}
index_kind(A) ::= FULLTEXT. {
	A = AST_KEY_FULLTEXT;
}
index_kind(A) ::= SPATIAL. {
	A = AST_KEY_SPATIAL;
}

%type index_options {struct ast_key *}
index_options(A) ::= key_options(A) index_locks.

index_locks ::= .
index_locks ::= index_locks ALGORITHM equal_opt word_or_default.
index_locks ::= index_locks LOCK equal_opt word_or_default.

/* Tables as wholes. */

statement(A) ::= DROP temporary_opt(T) table_or_tables if_exists_opt(E) object_names(L) restrict_opt. {
	A = statement_new(parser, AST_DROP_TABLE);
	A->drop_tables = NEW(struct ast_drop_tables);
	*A->drop_tables = (struct ast_drop_tables){T, E, L};
}
statement(A) ::= DROP VIEW if_exists_opt(E) object_names(L) restrict_opt. {
	A = statement_new(parser, AST_DROP_VIEW);
	A->drop_tables = NEW(struct ast_drop_tables);
	*A->drop_tables = (struct ast_drop_tables){false, E, L};
}
statement(A) ::= RENAME table_or_tables table_renames(L). {
	A = statement_new(parser, AST_RENAME_TABLE);
	A->rename_tables = L;
}

table_or_tables ::= TABLE.
table_or_tables ::= TABLES.

%type table_renames {struct ast_rename_tables *}
table_renames(A) ::= object_name(F) TO object_name(T). {
	struct ast_rename rename = {F, T};
	A = NEW(struct ast_rename_tables);
	LIST_APPEND(*A, rename);
}
table_renames(A) ::= table_renames(A) COMMA object_name(F) TO object_name(T). {
	struct ast_rename rename = {F, T};
	LIST_APPEND(*A, rename);
}

/* Views. */

%include {
struct program_options {
	struct ast_user_name *definer;
	enum ast_view_algorithm algorithm;
	bool invoker;
};
}

/* ALGORITHM, DEFINER and SQL SECURITY, before VIEW or a stored program's kind. */
%type program_options {struct program_options *}
program_options(A) ::= . {
	A = NEW(struct program_options);
}
program_options(A) ::= program_options(A) ALGORITHM EQUAL view_algorithm(L). {
	A->algorithm = L;
}
program_options(A) ::= program_options(A) DEFINER EQUAL user(U). {
	A->definer = U;
}
program_options(A) ::= program_options(A) SQL SECURITY DEFINER. {
	A->invoker = false;
}
program_options(A) ::= program_options(A) SQL SECURITY INVOKER. {
	A->invoker = true;
}

%type view_algorithm {enum ast_view_algorithm}
view_algorithm(A) ::= UNDEFINED. {
	A = AST_VIEW_UNDEFINED;
}
view_algorithm(A) ::= MERGE. {
	A = AST_VIEW_MERGE;
}
view_algorithm(A) ::= TEMPTABLE. {
	A = AST_VIEW_TEMPTABLE;
}

statement(A) ::= create(R) program_options(O) VIEW if_not_exists_opt(E) view(V). {
	A = statement_new(parser, AST_CREATE_VIEW);
	A->create_view = V;
	V->or_replace = R;
	V->if_not_exists = E;
	V->algorithm = O->algorithm;
	V->definer = O->definer;
	V->security_invoker = O->invoker;
}
statement(A) ::= ALTER program_options(O) VIEW view(V). {
	A = statement_new(parser, AST_CREATE_VIEW);
	A->create_view = V;
	V->alter = true;
	V->algorithm = O->algorithm;
	V->definer = O->definer;
	V->security_invoker = O->invoker;
}

%type view {struct ast_create_view *}
view(A) ::= object_name(N) names_in_parens_opt(C) AS view_query(Q) view_check(K). {
	A = NEW(struct ast_create_view);
	A->name = N;
	A->columns = C;
	A->query = Q->query;
	A->query_span = Q->span;
	A->check = K;
}

%include {
struct view_query {
	struct ast_query *query;
	struct ast_span span;
};
}

%type view_query {struct view_query *}
view_query(A) ::= any_query(Q). {
	A = NEW(struct view_query);
	*A = (struct view_query){Q, Q->span};
}

%type view_check {enum ast_view_check}
view_check(A) ::= . {
	A = AST_VIEW_CHECK_NONE;
}
view_check(A) ::= WITH CHECK OPTION. {
	A = AST_VIEW_CHECK_CASCADED;
}
view_check(A) ::= WITH CASCADED CHECK OPTION. {
	A = AST_VIEW_CHECK_CASCADED;
}
view_check(A) ::= WITH LOCAL CHECK OPTION. {
	A = AST_VIEW_CHECK_LOCAL;
}

/* Stored programs. From their kind on, semicolons belong to the body: see parse.c. */

statement(A) ::= create(R) program_options(O) trigger_word if_not_exists_opt(E) object_name(N) trigger_time(M) trigger_event(V) ON object_name(T) FOR EACH row_word program_body(B). {
	struct ast_create_program *program = NEW(struct ast_create_program);
	program->kind = AST_TRIGGER;
	program->or_replace = R;
	program->if_not_exists = E;
	program->definer = O->definer;
	program->name = N;
	program->timing = M;
	program->event = V;
	program->table = T;
	program->body = B;
	A = statement_new(parser, AST_CREATE_PROGRAM);
	A->create_program = program;
}
statement(A) ::= create(R) program_options(O) program_kind(K) if_not_exists_opt(E) object_name(N) program_body(B). {
	struct ast_create_program *program = NEW(struct ast_create_program);
	program->kind = K;
	program->or_replace = R;
	program->if_not_exists = E;
	program->definer = O->definer;
	program->name = N;
	program->body = B;
	A = statement_new(parser, AST_CREATE_PROGRAM);
	A->create_program = program;
}
statement(A) ::= ALTER program_options program_kind(K) object_name opaque. {
	static const char *const what[] = {"ALTER TRIGGER", "ALTER PROCEDURE", "ALTER FUNCTION", "ALTER EVENT"};
	A = statement_unsupported(parser, what[K]);
}
statement(A) ::= DROP program_or_trigger(K) if_exists_opt(E) object_name(N). {
	A = statement_new(parser, AST_DROP_PROGRAM);
	A->drop_program = NEW(struct ast_drop_program);
	*A->drop_program = (struct ast_drop_program){K, E, N};
}

trigger_word ::= TRIGGER. {
	parser->in_program = true;
}

%type program_kind {enum ast_program_kind}
program_kind(A) ::= PROCEDURE. {
	parser->in_program = true;
	A = AST_PROCEDURE;
}
program_kind(A) ::= FUNCTION. {
	parser->in_program = true;
	A = AST_FUNCTION;
}
program_kind(A) ::= ident(W) FUNCTION. {
	parser->in_program = true;
	A = AST_FUNCTION;
	if (!name_is(W, "AGGREGATE"))
		parser_syntax_error(parser, W.span.offset);
}
program_kind(A) ::= EVENT. {
	parser->in_program = true;
	A = AST_EVENT;
}

%type program_or_trigger {enum ast_program_kind}
program_or_trigger(A) ::= TRIGGER. {
	A = AST_TRIGGER;
}
program_or_trigger(A) ::= PROCEDURE. {
	A = AST_PROCEDURE;
}
program_or_trigger(A) ::= FUNCTION. {
	A = AST_FUNCTION;
}
program_or_trigger(A) ::= EVENT. {
	A = AST_EVENT;
}

row_word ::= IDENT.

%type trigger_time {const char *}
trigger_time(A) ::= BEFORE. {
	A = "BEFORE";
}
trigger_time(A) ::= AFTER. {
	A = "AFTER";
}

%type trigger_event {const char *}
trigger_event(A) ::= INSERT. {
	A = "INSERT";
}
trigger_event(A) ::= UPDATE. {
	A = "UPDATE";
}
trigger_event(A) ::= DELETE. {
	A = "DELETE";
}

%type program_body {struct ast_span}
program_body(A) ::= ANYTHING(T) opaque. {
	A = SPAN_FROM(T.span.offset);
}
