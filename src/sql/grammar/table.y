/* CREATE TABLE. What follows PARTITION BY is kept as text: a SELECT behind it would be part of it. */

statement(A) ::= create_table(T). {
	A = statement_new(parser, AST_CREATE_TABLE);
	A->create_table = T;
}

%type create_table {struct ast_create_table *}
create_table(A) ::= create_table_start(A) LIKE object_name(N). {
	A->like = NEW(struct ast_object_name);
	*A->like = N;
}
create_table(A) ::= create_table_start(A) LP LIKE object_name(N) RP. {
	A->like = NEW(struct ast_object_name);
	*A->like = N;
}
create_table(A) ::= create_table_elements(A) create_query_opt(Q). {
	A->query = Q->query;
	A->duplicates = Q->duplicates;
}
create_table(A) ::= create_table_elements(A) PARTITION(T) BY opaque. {
	A->partition = SPAN_FROM(T.span.offset);
}
create_table(A) ::= create_table_start(A) table_options(O) create_query(Q). {
	A->options = O;
	A->query = Q->query;
	A->duplicates = Q->duplicates;
}
create_table(A) ::= create_table_start(A) create_query(Q). {
	A->query = Q->query;
	A->duplicates = Q->duplicates;
}

%type create_table_elements {struct ast_create_table *}
create_table_elements(A) ::= create_table_start(A) LP table_elements(L) RP table_options_opt(O). {
	for (size_t i = 0; i < L.count; i++)
		create_table_add(parser, A, L.items[i]);
	A->options = O;
}

%type create_table_start {struct ast_create_table *}
create_table_start(A) ::= create(R) temporary_opt(T) TABLE if_not_exists_opt(E) object_name(N). {
	A = NEW(struct ast_create_table);
	A->or_replace = R;
	A->temporary = T;
	A->if_not_exists = E;
	A->name = N;
}

%type temporary_opt {bool}
temporary_opt(A) ::= . {
	A = false;
}
temporary_opt(A) ::= TEMPORARY. {
	A = true;
}

%include {
struct create_query {
	struct ast_query *query;
	enum ast_select_duplicates duplicates;
};
}

%type create_query_opt {struct create_query *}
create_query_opt(A) ::= . {
	A = NEW(struct create_query);
}
create_query_opt(A) ::= create_query(A).

%type create_query {struct create_query *}
create_query(A) ::= any_query(Q). {
	A = NEW(struct create_query);
	A->query = Q;
}
create_query(A) ::= AS any_query(Q). {
	A = NEW(struct create_query);
	A->query = Q;
}
create_query(A) ::= select_duplicates(D) as_opt any_query(Q). {
	A = NEW(struct create_query);
	*A = (struct create_query){Q, D};
}

%type select_duplicates {enum ast_select_duplicates}
select_duplicates(A) ::= IGNORE. {
	A = AST_DUPLICATES_IGNORE;
}
select_duplicates(A) ::= REPLACE. {
	A = AST_DUPLICATES_REPLACE;
}

%type table_elements {struct table_elements}
table_elements(A) ::= table_element(E). {
	A = (struct table_elements){0};
	LIST_APPEND(A, E);
}
table_elements(A) ::= table_elements(A) COMMA table_element(E). {
	LIST_APPEND(A, E);
}

%type table_element {struct table_element}
table_element(A) ::= column_def(C). {
	column_finish(parser, C);
	A = (struct table_element){ELEMENT_COLUMN, C};
}
table_element(A) ::= table_constraint(A).

%type table_constraint {struct table_element}
table_constraint(A) ::= key_def(K). {
	A = (struct table_element){ELEMENT_KEY, K};
}
table_constraint(A) ::= constraint_opt(N) FOREIGN(T) KEY if_not_exists_opt ident_opt(I) LP key_parts(P) RP reference(R). {
	struct ast_foreign_key *key = NEW(struct ast_foreign_key);
	*key = (struct ast_foreign_key){N, I, P, *R, SPAN_FROM(T.span.offset)};
	A = (struct table_element){ELEMENT_FOREIGN_KEY, key};
}
table_constraint(A) ::= constraint_opt(N) CHECK(T) LP expr(E) RP enforced_opt(F). {
	struct ast_check *check = NEW(struct ast_check);
	*check = (struct ast_check){N, E, !F, SPAN_FROM(T.span.offset)};
	A = (struct table_element){ELEMENT_CHECK, check};
}

%type constraint_opt {struct ast_name}
constraint_opt(A) ::= . {
	A = (struct ast_name){0};
}
constraint_opt(A) ::= CONSTRAINT ident_opt(N). {
	A = N;
}

%type enforced_opt {bool}
enforced_opt(A) ::= . {
	A = true;
}
enforced_opt(A) ::= enforced(A).

%type enforced {bool}
enforced(A) ::= ENFORCED. {
	A = true;
}
enforced(A) ::= not_word ENFORCED. {
	A = false;
}

/* Keys. */

%type key_def {struct ast_key *}
key_def(A) ::= constraint_opt(C) PRIMARY(T) KEY key_name(N) LP key_parts(P) RP key_options(O). {
	A = O;
	A->kind = AST_KEY_PRIMARY;
	A->constraint = C;
	A->parts = P;
	if (A->method == AST_INDEX_DEFAULT)
		A->method = N.method;
	A->span = SPAN_FROM(T.span.offset);
}
key_def(A) ::= constraint_opt(C) UNIQUE(T) index_word_opt if_not_exists_opt(E) key_name(N) LP key_parts(P) RP key_options(O). {
	A = O;
	A->kind = AST_KEY_UNIQUE;
	A->constraint = C;
	A->if_not_exists = E;
	A->name = N.name;
	A->parts = P;
	if (A->method == AST_INDEX_DEFAULT)
		A->method = N.method;
	A->span = SPAN_FROM(T.span.offset);
}
key_def(A) ::= index_token(T) if_not_exists_opt(E) key_name(N) LP key_parts(P) RP key_options(O). {
	A = O;
	A->kind = AST_KEY_INDEX;
	A->if_not_exists = E;
	A->name = N.name;
	A->parts = P;
	if (A->method == AST_INDEX_DEFAULT)
		A->method = N.method;
	A->span = SPAN_FROM(T.span.offset);
}
key_def(A) ::= FULLTEXT(T) index_word_opt if_not_exists_opt(E) ident_opt(N) LP key_parts(P) RP key_options(O). {
	A = O;
	A->kind = AST_KEY_FULLTEXT;
	A->if_not_exists = E;
	A->name = N;
	A->parts = P;
	A->span = SPAN_FROM(T.span.offset);
}
key_def(A) ::= SPATIAL(T) index_word_opt if_not_exists_opt(E) ident_opt(N) LP key_parts(P) RP key_options(O). {
	A = O;
	A->kind = AST_KEY_SPATIAL;
	A->if_not_exists = E;
	A->name = N;
	A->parts = P;
	A->span = SPAN_FROM(T.span.offset);
}

%type index_token {struct token}
index_token(A) ::= INDEX(A).
index_token(A) ::= KEY(A).

index_word_opt ::= .
index_word_opt ::= index_word.

%include {
struct key_name {
	struct ast_name name;
	enum ast_index_method method;
};
}

/* A name alone may be "type". */
%type key_name {struct key_name}
key_name(A) ::= ident_opt(N). {
	A = (struct key_name){N, AST_INDEX_DEFAULT};
}
key_name(A) ::= ident_opt(N) USING index_method(M). {
	A = (struct key_name){N, M};
}
key_name(A) ::= ident(N) TYPE index_method(M). {
	A = (struct key_name){N, M};
}

%type key_methods {enum ast_index_method}
key_methods(A) ::= . {
	A = AST_INDEX_DEFAULT;
}
key_methods(A) ::= key_method(A).

%type key_method {enum ast_index_method}
key_method(A) ::= USING index_method(M). {
	A = M;
}
key_method(A) ::= TYPE index_method(M). {
	A = M;
}

%type index_method {enum ast_index_method}
index_method(A) ::= BTREE. {
	A = AST_INDEX_BTREE;
}
index_method(A) ::= HASH. {
	A = AST_INDEX_HASH;
}
index_method(A) ::= RTREE. {
	A = AST_INDEX_RTREE;
}

%type key_options {struct ast_key *}
key_options(A) ::= . {
	A = NEW(struct ast_key);
}
key_options(A) ::= key_options(A) key_method(M). {
	A->method = M;
}
key_options(A) ::= key_options(A) KEY_BLOCK_SIZE equal_opt integer(N). {
	A->block_size = N > UINT32_MAX ? UINT32_MAX : (uint32_t)N;
}
key_options(A) ::= key_options(A) COMMENT text(T). {
	A->comment = T;
}
key_options(A) ::= key_options(A) WITH PARSER ident(N). {
	A->parser = N.text;
}
key_options(A) ::= key_options(A) visibility(V). {
	A->invisible = !V;
}

%type visibility {bool}
visibility(A) ::= VISIBLE. {
	A = true;
}
visibility(A) ::= INVISIBLE. {
	A = false;
}

%type key_parts {struct ast_key_parts}
key_parts(A) ::= key_part(P). {
	A = (struct ast_key_parts){0};
	LIST_APPEND(A, *P);
}
key_parts(A) ::= key_parts(A) COMMA key_part(P). {
	LIST_APPEND(A, *P);
}

%type key_part {struct ast_key_part *}
key_part(A) ::= ident(N) length_opt(L) direction(D). {
	A = NEW(struct ast_key_part);
	A->column = N;
	A->prefix = L < 0 ? 0 : L > UINT32_MAX ? UINT32_MAX : (uint32_t)L;
	A->descending = D;
}
key_part(A) ::= LP expr(E) RP direction(D). {
	A = NEW(struct ast_key_part);
	A->expr = E;
	A->descending = D;
}

%type direction {bool}
direction(A) ::= . {
	A = false;
}
direction(A) ::= ASC. {
	A = false;
}
direction(A) ::= DESC. {
	A = true;
}

/* Foreign keys. */

%type reference {struct ast_reference *}
reference(A) ::= REFERENCES object_name(N). {
	A = NEW(struct ast_reference);
	A->table = N;
}
reference(A) ::= REFERENCES object_name(N) LP key_parts(P) RP. {
	A = NEW(struct ast_reference);
	A->table = N;
	A->columns = P;
}
reference(A) ::= reference(A) MATCH ident(W). {
	if (name_is(W, "FULL"))
		A->match = AST_MATCH_FULL;
	else if (name_is(W, "PARTIAL"))
		A->match = AST_MATCH_PARTIAL;
	else if (name_is(W, "SIMPLE"))
		A->match = AST_MATCH_SIMPLE;
	else
		parser_syntax_error(parser, W.span.offset);
}
reference(A) ::= reference(A) ON DELETE reference_action(R). {
	A->on_delete = R;
}
reference(A) ::= reference(A) ON UPDATE reference_action(R). {
	A->on_update = R;
}

%type reference_action {enum ast_reference_action}
reference_action(A) ::= RESTRICT. {
	A = AST_REFERENCE_RESTRICT;
}
reference_action(A) ::= CASCADE. {
	A = AST_REFERENCE_CASCADE;
}
reference_action(A) ::= SET NULL. {
	A = AST_REFERENCE_SET_NULL;
}
reference_action(A) ::= NO ACTION. {
	A = AST_REFERENCE_NO_ACTION;
}
reference_action(A) ::= SET DEFAULT. {
	A = AST_REFERENCE_SET_DEFAULT;
}

/* Columns. */

%type column_def {struct ast_column_def *}
column_def(A) ::= ident(N) type(T). {
	A = column_new(parser, N, T);
}
column_def(A) ::= ident(N) SERIAL(T). {
	A = column_new(parser, N, type_new(parser, AST_TYPE_BIGINT, T.span.offset));
	A->type->is_unsigned = true;
	A->nullability = AST_NOT_NULL;
	A->auto_increment = true;
	A->unique = true;
}
column_def(A) ::= column_def(A) NULL. {
	A->nullability = AST_NULL;
}
column_def(A) ::= column_def(A) not_word NULL. {
	A->nullability = AST_NOT_NULL;
}
column_def(A) ::= column_def(A) DEFAULT default_value(E). {
	A->default_value = E;
	A->default_is_expression = E->parenthesised;
}
column_def(A) ::= column_def(A) ON UPDATE clock_call(E). {
	A->on_update = E;
}
column_def(A) ::= column_def(A) AUTO_INCREMENT. {
	A->auto_increment = true;
}
column_def(A) ::= column_def(A) SERIAL DEFAULT VALUE. {
	A->nullability = AST_NOT_NULL;
	A->auto_increment = true;
	A->unique = true;
}
column_def(A) ::= column_def(A) UNIQUE. [SUBQUERY] {
	A->unique = true;
}
column_def(A) ::= column_def(A) UNIQUE KEY. {
	A->unique = true;
}
column_def(A) ::= column_def(A) PRIMARY KEY. {
	A->primary = true;
}
column_def(A) ::= column_def(A) KEY. {
	A->primary = true;
}
column_def(A) ::= column_def(A) COMMENT text(T). {
	A->comment = T;
}
column_def(A) ::= column_def(A) COLLATE charset_name(N). {
	A->type->collation = N;
}
column_def(A) ::= column_def(A) COLUMN_FORMAT storage_word.
column_def(A) ::= column_def(A) STORAGE storage_word.
column_def(A) ::= column_def(A) visibility(V). {
	A->invisible = !V;
}
column_def(A) ::= column_def(A) generated_words LP expr(E) RP. {
	A->generated = E;
	A->generation = AST_GENERATED_VIRTUAL;
}
column_def(A) ::= column_def(A) VIRTUAL(T). {
	if (A->generated == NULL)
		parser_syntax_error(parser, T.span.offset);
}
column_def(A) ::= column_def(A) STORED(T). {
	if (A->generated == NULL)
		parser_syntax_error(parser, T.span.offset);
	A->generation = AST_GENERATED_STORED;
}
column_def(A) ::= column_def(A) reference(R). [SUBQUERY] {
	A->reference = R;
}
column_def(A) ::= column_def(A) constraint_opt(N) CHECK(T) LP expr(E) RP. {
	struct ast_check check = {N, E, false, SPAN_FROM(T.span.offset)};
	LIST_APPEND(A->checks, check);
}
column_def(A) ::= column_def(A) enforced(F). {
	if (A->checks.count == 0)
		parser_syntax_error(parser, parser->previous_end);
	else
		A->checks.items[A->checks.count - 1].not_enforced = !F;
}

storage_word ::= ident.
storage_word ::= DEFAULT.

generated_words ::= AS.
generated_words ::= GENERATED ALWAYS AS.

%type default_value {struct ast_expr *}
default_value(A) ::= literal(A).
default_value(A) ::= MINUS(T) number(E). {
	A = expr_unary(parser, AST_OP_NEGATE, T, E);
}
default_value(A) ::= PLUS(T) number(E). {
	A = expr_unary(parser, AST_OP_PLUS, T, E);
}
default_value(A) ::= clock_call(A).
default_value(A) ::= LP(T) expr(E) RP. {
	A = E;
	A->parenthesised = true;
	A->span = SPAN_FROM(T.span.offset);
}

/* now() in all its spellings; MariaDB's uuid() and the like without parentheses around. */
%type clock_call {struct ast_expr *}
clock_call(A) ::= clock(T). {
	A = expr_call(parser, T.text, (struct ast_exprs){0}, T.span.offset);
}
clock_call(A) ::= clock(T) LP exprs_opt(L) RP. {
	A = expr_call(parser, T.text, L, T.span.offset);
}
clock_call(A) ::= ident(N) LP exprs_opt(L) RP. {
	A = expr_call(parser, name_lower(parser, N), L, N.span.offset);
}

/* Table options. */

%type table_options_opt {struct ast_options}
table_options_opt(A) ::= . {
	A = (struct ast_options){0};
}
table_options_opt(A) ::= table_options(A).

%type table_options {struct ast_options}
table_options(A) ::= table_option(O). {
	A = (struct ast_options){0};
	LIST_APPEND(A, *O);
}
table_options(A) ::= table_options(A) table_option(O). {
	LIST_APPEND(A, *O);
}
table_options(A) ::= table_options(A) COMMA table_option(O). {
	LIST_APPEND(A, *O);
}

%type table_option {struct ast_option *}
table_option(A) ::= charset_option(A).
table_option(A) ::= option_ident(N) equal_opt option_value(V). {
	A = NEW(struct ast_option);
	*A = table_option(parser, name_upper(parser, N), V, N.span.offset);
}
table_option(A) ::= DATA(T) DIRECTORY equal_opt text_literal(V). {
	A = NEW(struct ast_option);
	*A = named_option(parser, "DATA DIRECTORY", V, T.span.offset);
}
table_option(A) ::= INDEX(T) DIRECTORY equal_opt text_literal(V). {
	A = NEW(struct ast_option);
	*A = named_option(parser, "INDEX DIRECTORY", V, T.span.offset);
}
table_option(A) ::= UNION(T) equal_opt LP union_tables(L) RP. {
	A = NEW(struct ast_option);
	*A = named_option(parser, "UNION", NULL, T.span.offset);
	A->list = L;
}
table_option(A) ::= STORAGE(T) ident(V). {
	A = NEW(struct ast_option);
	*A = named_option(parser, "STORAGE", expr_bare_word(parser, V), T.span.offset);
}

option_ident(A) ::= IDENT(T). {
	A = token_name(parser, T);
}

%type union_tables {struct ast_exprs}
union_tables(A) ::= . {
	A = (struct ast_exprs){0};
}
union_tables(A) ::= object_names(L). {
	A = (struct ast_exprs){0};
	for (size_t i = 0; i < L.count; i++)
		LIST_APPEND(A, expr_of_object(parser, L.items[i]));
}

%type option_value {struct ast_expr *}
option_value(A) ::= ident(N). {
	A = expr_bare_word(parser, N);
}
option_value(A) ::= literal(A).
option_value(A) ::= MINUS(T) number(E). {
	A = expr_unary(parser, AST_OP_NEGATE, T, E);
}
option_value(A) ::= DEFAULT(T). {
	A = expr_column(parser, AST_DEFAULT, NULL, NULL, NULL, T.span.offset);
}
