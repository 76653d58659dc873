/* EXPLAIN, prepared statements, the server's upkeep. */

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
statement(A) ::= INSTALL ident(W) ident(N) ident(S) text(T). {
	A = statement_new(parser, AST_INSTALL_PLUGIN);
	A->plugin = NEW(struct ast_plugin);
	*A->plugin = (struct ast_plugin){.name = N.text, .library = T};
	if (!name_is(W, "PLUGIN") || !name_is(S, "SONAME"))
		parser_syntax_error(parser, W.span.offset);
}
statement(A) ::= UNINSTALL ident(W) ident(N). {
	A = statement_new(parser, AST_UNINSTALL_PLUGIN);
	A->plugin = NEW(struct ast_plugin);
	*A->plugin = (struct ast_plugin){.name = N.text};
	if (!name_is(W, "PLUGIN"))
		parser_syntax_error(parser, W.span.offset);
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
kill_target(A) ::= QUERY ident(W) number(E). {
	A = NEW(struct ast_kill);
	A->query = true;
	A->query_id = true;
	A->id = E;
	if (!name_is(W, "ID"))
		parser_syntax_error(parser, W.span.offset);
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
statement(A) ::= ALTER INSTANCE word(V) word(W) instance_rest(F). {
	bool reloads_tls = name_is(V, "RELOAD") && name_is(W, "TLS");
	A = reloads_tls ? statement_new(parser, AST_RELOAD_TLS) : statement_unsupported(parser, "ALTER INSTANCE");
	if (reloads_tls)
		A->forced = F;
}

%type instance_rest {bool}
instance_rest(A) ::= . {
	A = false;
}
instance_rest(A) ::= MASTER KEY. {
	A = false;
}
instance_rest(A) ::= FOR CHANNEL word(C). {
	if (!name_is(C, "mysql_main"))
		parser_syntax_error(parser, C.span.offset);
	A = false;
}
instance_rest(A) ::= NO ROLLBACK ON word(E). {
	if (!name_is(E, "ERROR"))
		parser_syntax_error(parser, E.span.offset);
	A = true;
}
