/* Transactions and table locks. */

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
