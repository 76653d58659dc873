/* Users, roles, privileges. */

%type user {struct ast_user_name *}
user(A) ::= word(N). {
	A = NEW(struct ast_user_name);
	*A = user_name(parser, N, NULL, N.span.offset);
}
user(A) ::= word(N) USER_VARIABLE(H). {
	A = NEW(struct ast_user_name);
	*A = user_name(parser, N, token_lower(parser, H), N.span.offset);
}
user(A) ::= CURRENT_USER(T). {
	A = NEW(struct ast_user_name);
	*A = (struct ast_user_name){.current_user = true, .span = T.span};
}
user(A) ::= word(N) LP RP. {
	A = NEW(struct ast_user_name);
	*A = (struct ast_user_name){.current_user = true, .span = N.span};
	if (!name_is(N, "USER"))
		parser_syntax_error(parser, N.span.offset);
}
user(A) ::= CURRENT_USER(T) LP RP. {
	A = NEW(struct ast_user_name);
	*A = (struct ast_user_name){.current_user = true, .span = T.span};
}

%type users {struct ast_user_names}
users(A) ::= user(U). {
	A = (struct ast_user_names){0};
	LIST_APPEND(A, *U);
}
users(A) ::= users(A) COMMA user(U). {
	LIST_APPEND(A, *U);
}

/* A user and how it proves itself. */
%type user_spec {struct ast_user_spec *}
user_spec(A) ::= user(U). {
	A = NEW(struct ast_user_spec);
	A->user = *U;
	A->span = U->span;
}
user_spec(A) ::= user(U) IDENTIFIED BY password(T) retain_opt(R). {
	A = NEW(struct ast_user_spec);
	*A = (struct ast_user_spec){*U, AST_AUTH_PASSWORD, NULL, T, false, R, SPAN_FROM(U->span.offset)};
}
user_spec(A) ::= user(U) IDENTIFIED BY PASSWORD text(T). {
	A = NEW(struct ast_user_spec);
	*A = (struct ast_user_spec){*U, AST_AUTH_HASH, NULL, T, false, false, SPAN_FROM(U->span.offset)};
}
user_spec(A) ::= user(U) IDENTIFIED BY RANDOM PASSWORD. {
	A = NEW(struct ast_user_spec);
	*A = (struct ast_user_spec){*U, AST_AUTH_RANDOM, NULL, {0}, false, false, SPAN_FROM(U->span.offset)};
}
user_spec(A) ::= user(U) IDENTIFIED with_or_via word(P). {
	A = NEW(struct ast_user_spec);
	*A = (struct ast_user_spec){*U, AST_AUTH_PLUGIN, name_lower(parser, P), {0}, false, false, SPAN_FROM(U->span.offset)};
}
user_spec(A) ::= user(U) IDENTIFIED with_or_via word(P) BY password(T) retain_opt(R). {
	A = NEW(struct ast_user_spec);
	*A = (struct ast_user_spec){*U, AST_AUTH_PASSWORD, name_lower(parser, P), T, false, R, SPAN_FROM(U->span.offset)};
}
user_spec(A) ::= user(U) IDENTIFIED with_or_via word(P) BY RANDOM PASSWORD. {
	A = NEW(struct ast_user_spec);
	*A = (struct ast_user_spec){*U, AST_AUTH_RANDOM, name_lower(parser, P), {0}, false, false, SPAN_FROM(U->span.offset)};
}
user_spec(A) ::= user(U) IDENTIFIED with_or_via word(P) as_or_using delimiter(T). {
	A = NEW(struct ast_user_spec);
	*A = (struct ast_user_spec){*U, AST_AUTH_HASH, name_lower(parser, P), T, false, false, SPAN_FROM(U->span.offset)};
}
user_spec(A) ::= user(U) IDENTIFIED with_or_via word(P) as_or_using PASSWORD LP password(T) RP. {
	A = NEW(struct ast_user_spec);
	*A = (struct ast_user_spec){*U, AST_AUTH_PASSWORD, name_lower(parser, P), T, false, false, SPAN_FROM(U->span.offset)};
}
user_spec(A) ::= user(U) DISCARD OLD PASSWORD. {
	A = NEW(struct ast_user_spec);
	A->user = *U;
	A->discard_old = true;
	A->span = SPAN_FROM(U->span.offset);
}

with_or_via ::= WITH.
with_or_via ::= VIA.

as_or_using ::= AS.
as_or_using ::= USING.

%type retain_opt {bool}
retain_opt(A) ::= . {
	A = false;
}
retain_opt(A) ::= RETAIN CURRENT PASSWORD. {
	A = true;
}

%type user_specs {struct ast_user_specs}
user_specs(A) ::= user_spec(U). {
	A = (struct ast_user_specs){0};
	LIST_APPEND(A, *U);
}
user_specs(A) ::= user_specs(A) COMMA user_spec(U). {
	LIST_APPEND(A, *U);
}

/* REQUIRE, WITH limits, PASSWORD and ACCOUNT clauses, in any order. */
%type account_options {struct ast_account_options *}
account_options(A) ::= . {
	A = NEW(struct ast_account_options);
}
account_options(A) ::= account_options(A) REQUIRE tls(R). {
	A->tls = R->tls;
	A->tls_cipher = R->tls_cipher;
	A->tls_issuer = R->tls_issuer;
	A->tls_subject = R->tls_subject;
}
account_options(A) ::= account_options(A) WITH resource_limits(L). {
	A->resources = L;
}
account_options(A) ::= account_options(A) PASSWORD(T) EXPIRE. {
	LIST_APPEND(A->password, named_option(parser, "PASSWORD EXPIRE", NULL, T.span.offset));
}
account_options(A) ::= account_options(A) PASSWORD(T) EXPIRE NEVER(V). {
	LIST_APPEND(A->password, named_option(parser, "PASSWORD EXPIRE", expr_string(parser, "NEVER", V.span), T.span.offset));
}
account_options(A) ::= account_options(A) PASSWORD(T) EXPIRE DEFAULT(V). {
	struct ast_expr *value = expr_column(parser, AST_DEFAULT, NULL, NULL, NULL, V.span.offset);
	LIST_APPEND(A->password, named_option(parser, "PASSWORD EXPIRE", value, T.span.offset));
}
account_options(A) ::= account_options(A) PASSWORD(T) EXPIRE INTERVAL days(V). {
	LIST_APPEND(A->password, named_option(parser, "PASSWORD EXPIRE", V, T.span.offset));
}
account_options(A) ::= account_options(A) PASSWORD(T) HISTORY option_value(V). {
	LIST_APPEND(A->password, named_option(parser, "PASSWORD HISTORY", V, T.span.offset));
}
account_options(A) ::= account_options(A) PASSWORD(T) REUSE INTERVAL DEFAULT(V). {
	struct ast_expr *value = expr_column(parser, AST_DEFAULT, NULL, NULL, NULL, V.span.offset);
	LIST_APPEND(A->password, named_option(parser, "PASSWORD REUSE INTERVAL", value, T.span.offset));
}
account_options(A) ::= account_options(A) PASSWORD(T) REUSE INTERVAL days(V). {
	LIST_APPEND(A->password, named_option(parser, "PASSWORD REUSE INTERVAL", V, T.span.offset));
}
account_options(A) ::= account_options(A) PASSWORD(T) REQUIRE CURRENT password_require(V). {
	LIST_APPEND(A->password, named_option(parser, "PASSWORD REQUIRE CURRENT", V, T.span.offset));
}
account_options(A) ::= account_options(A) FAILED_LOGIN_ATTEMPTS(T) number(V). {
	LIST_APPEND(A->password, named_option(parser, "FAILED_LOGIN_ATTEMPTS", V, T.span.offset));
}
account_options(A) ::= account_options(A) PASSWORD_LOCK_TIME(T) option_value(V). {
	LIST_APPEND(A->password, named_option(parser, "PASSWORD_LOCK_TIME", V, T.span.offset));
}
account_options(A) ::= account_options(A) ACCOUNT LOCK. {
	A->locked = AST_YES;
}
account_options(A) ::= account_options(A) ACCOUNT UNLOCK. {
	A->locked = AST_NO;
}
account_options(A) ::= account_options(A) COMMENT text(T). {
	A->comment = T;
}
account_options(A) ::= account_options(A) ATTRIBUTE text(T). {
	A->comment = T;
}

%type days {struct ast_expr *}
days(A) ::= number(A) ident(U). {
	if (!name_is(U, "DAY"))
		parser_syntax_error(parser, U.span.offset);
}

%type password_require {struct ast_expr *}
password_require(A) ::= . {
	A = NULL;
}
password_require(A) ::= DEFAULT(V). {
	A = expr_column(parser, AST_DEFAULT, NULL, NULL, NULL, V.span.offset);
}
password_require(A) ::= OPTIONAL(V). {
	A = expr_string(parser, "OPTIONAL", V.span);
}

%type tls {struct ast_account_options *}
tls(A) ::= NONE. {
	A = NEW(struct ast_account_options);
	A->tls = AST_TLS_NONE;
}
tls(A) ::= SSL. {
	A = NEW(struct ast_account_options);
	A->tls = AST_TLS_ANY;
}
tls(A) ::= X509. {
	A = NEW(struct ast_account_options);
	A->tls = AST_TLS_X509;
}
tls(A) ::= tls_parts(A).

%type tls_parts {struct ast_account_options *}
tls_parts(A) ::= tls_part(A).
tls_parts(A) ::= tls_parts(A) and_opt tls_part(P). {
	if (P->tls_cipher.data)
		A->tls_cipher = P->tls_cipher;
	if (P->tls_issuer.data)
		A->tls_issuer = P->tls_issuer;
	if (P->tls_subject.data)
		A->tls_subject = P->tls_subject;
}

and_opt ::= .
and_opt ::= AND.

%type tls_part {struct ast_account_options *}
tls_part(A) ::= CIPHER text(T). {
	A = NEW(struct ast_account_options);
	A->tls = AST_TLS_SPECIFIED;
	A->tls_cipher = T;
}
tls_part(A) ::= ISSUER text(T). {
	A = NEW(struct ast_account_options);
	A->tls = AST_TLS_SPECIFIED;
	A->tls_issuer = T;
}
tls_part(A) ::= SUBJECT text(T). {
	A = NEW(struct ast_account_options);
	A->tls = AST_TLS_SPECIFIED;
	A->tls_subject = T;
}

%type resource_limits {struct ast_options}
resource_limits(A) ::= resource_limit(O). {
	A = (struct ast_options){0};
	LIST_APPEND(A, *O);
}
resource_limits(A) ::= resource_limits(A) resource_limit(O). {
	LIST_APPEND(A, *O);
}

%type resource_limit {struct ast_option *}
resource_limit(A) ::= ident(N) number(V). {
	A = NEW(struct ast_option);
	*A = resource_option(parser, N, V);
}

/* Statements about users and roles. */

statement(A) ::= create(R) USER if_not_exists_opt(E) user_specs(L) default_roles_opt(D) account_options(O). {
	A = statement_new(parser, AST_CREATE_USER);
	A->users = NEW(struct ast_users);
	*A->users = (struct ast_users){E, R, L, D, *O};
}
statement(A) ::= ALTER USER if_exists_opt(E) user_specs(L) account_options(O). {
	A = statement_new(parser, AST_ALTER_USER);
	A->users = NEW(struct ast_users);
	*A->users = (struct ast_users){E, false, L, {0}, *O};
}
statement(A) ::= ALTER USER if_exists_opt user(U) DEFAULT ROLE default_roles(R). {
	A = statement_new(parser, AST_SET_DEFAULT_ROLE);
	A->grant_roles = R;
	LIST_APPEND(R->users, *U);
}
statement(A) ::= DROP USER if_exists_opt(E) users(L). {
	A = statement_new(parser, AST_DROP_USER);
	A->users = NEW(struct ast_users);
	A->users->if_exists = E;
	A->users->users = specs_of_users(parser, L);
}
statement(A) ::= create(R) ROLE if_not_exists_opt(E) users(L). {
	A = statement_new(parser, AST_CREATE_ROLE);
	A->users = NEW(struct ast_users);
	A->users->or_replace = R;
	A->users->if_exists = E;
	A->users->users = specs_of_users(parser, L);
}
statement(A) ::= DROP ROLE if_exists_opt(E) users(L). {
	A = statement_new(parser, AST_DROP_ROLE);
	A->users = NEW(struct ast_users);
	A->users->if_exists = E;
	A->users->users = specs_of_users(parser, L);
}
statement(A) ::= RENAME USER user_renames(L). {
	A = statement_new(parser, AST_RENAME_USER);
	A->rename_users = L;
}

%type default_roles_opt {struct ast_user_names}
default_roles_opt(A) ::= . {
	A = (struct ast_user_names){0};
}
default_roles_opt(A) ::= DEFAULT ROLE users(L). {
	A = L;
}

%type default_roles {struct ast_grant_roles *}
default_roles(A) ::= ALL. {
	A = NEW(struct ast_grant_roles);
	A->all = true;
}
default_roles(A) ::= NONE. {
	A = NEW(struct ast_grant_roles);
	A->none = true;
}
default_roles(A) ::= users(L). {
	A = NEW(struct ast_grant_roles);
	A->roles = L;
}

%type user_renames {struct ast_rename_users *}
user_renames(A) ::= user(F) TO user(T). {
	struct ast_rename_user rename = {*F, *T};
	A = NEW(struct ast_rename_users);
	LIST_APPEND(*A, rename);
}
user_renames(A) ::= user_renames(A) COMMA user(F) TO user(T). {
	struct ast_rename_user rename = {*F, *T};
	LIST_APPEND(*A, rename);
}

/* GRANT and REVOKE. Whether a list was of privileges or of roles shows only behind it. */

statement(A) ::= GRANT grant_items(L) ON grant_target(G) TO user_specs(U) grant_options(O). {
	A = statement_new(parser, AST_GRANT);
	A->grant = G;
	grant_set_privileges(parser, G, L);
	G->users = U;
	G->options = O->account;
	G->grant_option = O->grant_option;
}
statement(A) ::= GRANT PROXY ON user(P) TO user_specs(U) grant_options(O). {
	A = statement_new(parser, AST_GRANT);
	A->grant = NEW(struct ast_grant);
	A->grant->proxy = true;
	A->grant->proxied = P;
	A->grant->users = U;
	A->grant->grant_option = O->grant_option;
}
statement(A) ::= GRANT grant_items(L) TO users(U) admin_option_opt(O). {
	A = statement_new(parser, AST_GRANT_ROLE);
	A->grant_roles = grant_roles(parser, L, U);
	A->grant_roles->admin_option = O;
}
statement(A) ::= REVOKE if_exists_opt(E) grant_items(L) ON grant_target(G) FROM users(U) ignore_unknown_opt. {
	A = statement_new(parser, AST_REVOKE);
	A->grant = G;
	grant_set_privileges(parser, G, L);
	G->if_exists = E;
	G->users = specs_of_users(parser, U);
}
statement(A) ::= REVOKE if_exists_opt(E) PROXY ON user(P) FROM users(U) ignore_unknown_opt. {
	A = statement_new(parser, AST_REVOKE);
	A->grant = NEW(struct ast_grant);
	A->grant->proxy = true;
	A->grant->proxied = P;
	A->grant->if_exists = E;
	A->grant->users = specs_of_users(parser, U);
}
statement(A) ::= REVOKE if_exists_opt(E) grant_items(L) FROM users(U) ignore_unknown_opt. {
	A = statement_revoke(parser, L, U, E);
}

ignore_unknown_opt ::= .
ignore_unknown_opt ::= IGNORE UNKNOWN USER.

%type admin_option_opt {bool}
admin_option_opt(A) ::= . {
	A = false;
}
admin_option_opt(A) ::= WITH ADMIN OPTION. {
	A = true;
}

%type grant_items {struct grant_items *}
grant_items(A) ::= grant_item(I). {
	A = NEW(struct grant_items);
	LIST_APPEND(*A, *I);
}
grant_items(A) ::= grant_items(A) COMMA grant_item(I). {
	LIST_APPEND(*A, *I);
}

%type grant_item {struct grant_item *}
grant_item(A) ::= privilege_words(W) names_in_parens_opt(C). {
	A = NEW(struct grant_item);
	A->words = W;
	A->columns = C;
}
grant_item(A) ::= STRING(T). {
	A = NEW(struct grant_item);
	A->role = NEW(struct ast_user_name);
	*A->role = user_name(parser, token_name(parser, T), NULL, T.span.offset);
}
grant_item(A) ::= word(N) USER_VARIABLE(H). {
	A = NEW(struct grant_item);
	A->role = NEW(struct ast_user_name);
	*A->role = user_name(parser, N, token_lower(parser, H), N.span.offset);
}

%type privilege_words {struct ast_names}
privilege_words(A) ::= privilege_word(W). {
	A = (struct ast_names){0};
	LIST_APPEND(A, W);
}
privilege_words(A) ::= privilege_words(A) privilege_word(W). {
	LIST_APPEND(A, W);
}

privilege_word(A) ::= ident(A).
privilege_word(A) ::= reserved_privilege_word(T). {
	A = token_name(parser, T);
}

%type reserved_privilege_word {struct token}
reserved_privilege_word(A) ::= ALL(A).
reserved_privilege_word(A) ::= ALTER(A).
reserved_privilege_word(A) ::= CREATE(A).
reserved_privilege_word(A) ::= DATABASES(A).
reserved_privilege_word(A) ::= DELETE(A).
reserved_privilege_word(A) ::= DROP(A).
reserved_privilege_word(A) ::= GRANT(A).
reserved_privilege_word(A) ::= INDEX(A).
reserved_privilege_word(A) ::= INSERT(A).
reserved_privilege_word(A) ::= LOCK(A).
reserved_privilege_word(A) ::= OPTION(A).
reserved_privilege_word(A) ::= REFERENCES(A).
reserved_privilege_word(A) ::= SELECT(A).
reserved_privilege_word(A) ::= SHOW(A).
reserved_privilege_word(A) ::= TRIGGER(A).
reserved_privilege_word(A) ::= UPDATE(A).

%type grant_target {struct ast_grant *}
grant_target(A) ::= grant_object(K) grant_level(G). {
	A = G;
	A->object = K;
}

%type grant_object {enum ast_grant_object}
grant_object(A) ::= . {
	A = AST_GRANT_TABLE;
}
grant_object(A) ::= TABLE. {
	A = AST_GRANT_TABLE;
}
grant_object(A) ::= FUNCTION. {
	A = AST_GRANT_FUNCTION;
}
grant_object(A) ::= PROCEDURE. {
	A = AST_GRANT_PROCEDURE;
}

%type grant_level {struct ast_grant *}
grant_level(A) ::= STAR. {
	A = NEW(struct ast_grant);
	A->level = AST_LEVEL_DATABASE;
}
grant_level(A) ::= STAR DOT STAR. {
	A = NEW(struct ast_grant);
	A->level = AST_LEVEL_GLOBAL;
}
grant_level(A) ::= ident(D) DOT STAR. {
	A = NEW(struct ast_grant);
	A->level = AST_LEVEL_DATABASE;
	A->on.database = D;
	A->on.span = D.span;
}
grant_level(A) ::= object_name(N). {
	A = NEW(struct ast_grant);
	A->level = AST_LEVEL_TABLE;
	A->on = N;
}

%include {
struct grant_options {
	struct ast_account_options account;
	bool grant_option;
};
}

%type grant_options {struct grant_options *}
grant_options(A) ::= . {
	A = NEW(struct grant_options);
}
grant_options(A) ::= grant_options(A) REQUIRE tls(R). {
	A->account = *R;
}
grant_options(A) ::= grant_options(A) WITH grant_withs(W). {
	A->grant_option = W->grant_option;
	A->account.resources = W->account.resources;
}

%type grant_withs {struct grant_options *}
grant_withs(A) ::= . {
	A = NEW(struct grant_options);
}
grant_withs(A) ::= grant_withs(A) GRANT OPTION. {
	A->grant_option = true;
}
grant_withs(A) ::= grant_withs(A) resource_limit(O). {
	LIST_APPEND(A->account.resources, *O);
}
