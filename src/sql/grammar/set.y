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
password_value(A) ::= password(T). {
	A = NEW(struct ast_set_password);
	A->secret = T;
	A->hashed = is_password_hash(T);
}
password_value(A) ::= PASSWORD LP password(T) RP. {
	A = NEW(struct ast_set_password);
	A->function = true;
	A->secret = T;
}
password_value(A) ::= ident(N) LP password(T) RP. {
	A = NEW(struct ast_set_password);
	A->old_function = true;
	A->secret = T;
	if (!name_is(N, "OLD_PASSWORD"))
		parser_syntax_error(parser, N.span.offset);
}

%type set_items {struct ast_set *}
set_items(A) ::= set_item(I). {
	A = NEW(struct ast_set);
	set_append(parser, A, *I);
}
set_items(A) ::= set_items(A) COMMA set_item(I). {
	set_append(parser, A, *I);
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
	A->scope_is_word = true;
}
set_item(A) ::= AT_AT(T) path(P) set_sign set_value(E). {
	A = NEW(struct ast_set_item);
	*A = set_scoped_variable(parser, P, E, T.span.offset);
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
