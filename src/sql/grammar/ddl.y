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
key_def(A) ::= constraint_opt(C) PRIMARY(T) KEY ident_opt key_methods(M) LP key_parts(P) RP key_options(O). {
	A = O;
	A->kind = AST_KEY_PRIMARY;
	A->constraint = C;
	A->parts = P;
	if (A->method == AST_INDEX_DEFAULT)
		A->method = M;
	A->span = SPAN_FROM(T.span.offset);
}
key_def(A) ::= constraint_opt(C) UNIQUE(T) index_word_opt if_not_exists_opt(E) ident_opt(N) key_methods(M) LP key_parts(P) RP key_options(O). {
	A = O;
	A->kind = AST_KEY_UNIQUE;
	A->constraint = C;
	A->if_not_exists = E;
	A->name = N;
	A->parts = P;
	if (A->method == AST_INDEX_DEFAULT)
		A->method = M;
	A->span = SPAN_FROM(T.span.offset);
}
key_def(A) ::= index_token(T) if_not_exists_opt(E) ident_opt(N) key_methods(M) LP key_parts(P) RP key_options(O). {
	A = O;
	A->kind = AST_KEY_INDEX;
	A->if_not_exists = E;
	A->name = N;
	A->parts = P;
	if (A->method == AST_INDEX_DEFAULT)
		A->method = M;
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

/* Types. */

%type type {struct ast_type *}
type(A) ::= integer_kind(K) length_opt(L) number_attributes(B). {
	A = type_new(parser, K.kind, K.start);
	A->length = L;
	A->is_unsigned = B & 3;
	A->zerofill = B & 2;
}
type(A) ::= BOOLEAN(T). {
	A = type_new(parser, AST_TYPE_TINYINT, T.span.offset);
	A->length = 1;
}
type(A) ::= BOOL(T). {
	A = type_new(parser, AST_TYPE_TINYINT, T.span.offset);
	A->length = 1;
}
type(A) ::= decimal_word(T) precision_opt(P) number_attributes(B). {
	A = type_new(parser, AST_TYPE_DECIMAL, T.span.offset);
	A->length = P.length;
	A->decimals = P.decimals;
	A->is_unsigned = B & 3;
	A->zerofill = B & 2;
}
type(A) ::= FLOAT(T) precision_opt(P) number_attributes(B). {
	A = type_new(parser, AST_TYPE_FLOAT, T.span.offset);
	A->length = P.length;
	A->decimals = P.decimals;
	A->is_unsigned = B & 3;
	A->zerofill = B & 2;
	type_set_float(A);
}
type(A) ::= double_word(T) precision_opt(P) number_attributes(B). {
	A = type_new(parser, AST_TYPE_DOUBLE, T.span.offset);
	A->length = P.length;
	A->decimals = P.decimals;
	A->is_unsigned = B & 3;
	A->zerofill = B & 2;
}
type(A) ::= BIT(T) length_opt(L). {
	A = type_new(parser, AST_TYPE_BIT, T.span.offset);
	A->length = L;
}
type(A) ::= text_kind(K) length_opt(L) text_attributes(B). {
	A = B;
	A->kind = K.kind;
	A->length = L;
	if (K.national)
		A->charset = "utf8mb3";
	A->span = SPAN_FROM(K.start);
}
type(A) ::= binary_kind(K) length_opt(L). {
	A = type_new(parser, K.kind, K.start);
	A->length = L;
}
type(A) ::= ENUM(T) LP texts(V) RP text_attributes(B). {
	A = B;
	A->kind = AST_TYPE_ENUM;
	A->values = V;
	A->span = SPAN_FROM(T.span.offset);
}
type(A) ::= SET(T) LP texts(V) RP text_attributes(B). {
	A = B;
	A->kind = AST_TYPE_SET;
	A->values = V;
	A->span = SPAN_FROM(T.span.offset);
}
type(A) ::= DATE(T). {
	A = type_new(parser, AST_TYPE_DATE, T.span.offset);
}
type(A) ::= TIME(T) length_opt(L). {
	A = type_new(parser, AST_TYPE_TIME, T.span.offset);
	A->length = L;
}
type(A) ::= DATETIME(T) length_opt(L). {
	A = type_new(parser, AST_TYPE_DATETIME, T.span.offset);
	A->length = L;
}
type(A) ::= TIMESTAMP(T) length_opt(L). {
	A = type_new(parser, AST_TYPE_TIMESTAMP, T.span.offset);
	A->length = L;
}
type(A) ::= YEAR(T) length_opt(L) number_attributes. {
	A = type_new(parser, AST_TYPE_YEAR, T.span.offset);
	A->length = L;
}
type(A) ::= JSON(T). {
	A = type_new(parser, AST_TYPE_JSON, T.span.offset);
}
type(A) ::= IDENT(T). {
	A = type_by_name(parser, token_name(parser, T));
}

%include {
struct type_word {
	enum ast_type_kind kind;
	bool national;
	uint32_t start;
};
}

%type integer_kind {struct type_word}
integer_kind(A) ::= TINYINT(T). {
	A = (struct type_word){AST_TYPE_TINYINT, false, T.span.offset};
}
integer_kind(A) ::= SMALLINT(T). {
	A = (struct type_word){AST_TYPE_SMALLINT, false, T.span.offset};
}
integer_kind(A) ::= MEDIUMINT(T). {
	A = (struct type_word){AST_TYPE_MEDIUMINT, false, T.span.offset};
}
integer_kind(A) ::= INT(T). {
	A = (struct type_word){AST_TYPE_INT, false, T.span.offset};
}
integer_kind(A) ::= BIGINT(T). {
	A = (struct type_word){AST_TYPE_BIGINT, false, T.span.offset};
}

/* Bit 0: UNSIGNED, bit 1: ZEROFILL. */
%type number_attributes {unsigned}
number_attributes(A) ::= . {
	A = 0;
}
number_attributes(A) ::= number_attributes(A) SIGNED.
number_attributes(A) ::= number_attributes(A) UNSIGNED. {
	A |= 1;
}
number_attributes(A) ::= number_attributes(A) ZEROFILL. {
	A |= 2;
}

%type decimal_word {struct token}
decimal_word(A) ::= DECIMAL(A).
decimal_word(A) ::= FIXED(A).

%type double_word {struct token}
double_word(A) ::= DOUBLE(A).
double_word(A) ::= DOUBLE(A) PRECISION.
double_word(A) ::= REAL(A).

%type text_kind {struct type_word}
text_kind(A) ::= CHAR(T). {
	A = (struct type_word){AST_TYPE_CHAR, false, T.span.offset};
}
text_kind(A) ::= CHAR(T) VARYING. {
	A = (struct type_word){AST_TYPE_VARCHAR, false, T.span.offset};
}
text_kind(A) ::= VARCHAR(T). {
	A = (struct type_word){AST_TYPE_VARCHAR, false, T.span.offset};
}
text_kind(A) ::= NCHAR(T). {
	A = (struct type_word){AST_TYPE_CHAR, true, T.span.offset};
}
text_kind(A) ::= NATIONAL(T) CHAR. {
	A = (struct type_word){AST_TYPE_CHAR, true, T.span.offset};
}
text_kind(A) ::= NCHAR(T) varying. {
	A = (struct type_word){AST_TYPE_VARCHAR, true, T.span.offset};
}
text_kind(A) ::= NATIONAL(T) VARCHAR. {
	A = (struct type_word){AST_TYPE_VARCHAR, true, T.span.offset};
}
text_kind(A) ::= NATIONAL(T) CHAR VARYING. {
	A = (struct type_word){AST_TYPE_VARCHAR, true, T.span.offset};
}
text_kind(A) ::= NVARCHAR(T). {
	A = (struct type_word){AST_TYPE_VARCHAR, true, T.span.offset};
}
text_kind(A) ::= TINYTEXT(T). {
	A = (struct type_word){AST_TYPE_TINYTEXT, false, T.span.offset};
}
text_kind(A) ::= TEXT(T). {
	A = (struct type_word){AST_TYPE_TEXT, false, T.span.offset};
}
text_kind(A) ::= MEDIUMTEXT(T). {
	A = (struct type_word){AST_TYPE_MEDIUMTEXT, false, T.span.offset};
}
text_kind(A) ::= LONGTEXT(T). {
	A = (struct type_word){AST_TYPE_LONGTEXT, false, T.span.offset};
}
text_kind(A) ::= LONG(T). {
	A = (struct type_word){AST_TYPE_MEDIUMTEXT, false, T.span.offset};
}
text_kind(A) ::= LONG(T) VARCHAR. {
	A = (struct type_word){AST_TYPE_MEDIUMTEXT, false, T.span.offset};
}

varying ::= VARYING.
varying ::= VARCHAR.

%type binary_kind {struct type_word}
binary_kind(A) ::= BINARY(T). {
	A = (struct type_word){AST_TYPE_BINARY, false, T.span.offset};
}
binary_kind(A) ::= VARBINARY(T). {
	A = (struct type_word){AST_TYPE_VARBINARY, false, T.span.offset};
}
binary_kind(A) ::= TINYBLOB(T). {
	A = (struct type_word){AST_TYPE_TINYBLOB, false, T.span.offset};
}
binary_kind(A) ::= BLOB(T). {
	A = (struct type_word){AST_TYPE_BLOB, false, T.span.offset};
}
binary_kind(A) ::= MEDIUMBLOB(T). {
	A = (struct type_word){AST_TYPE_MEDIUMBLOB, false, T.span.offset};
}
binary_kind(A) ::= LONGBLOB(T). {
	A = (struct type_word){AST_TYPE_LONGBLOB, false, T.span.offset};
}
binary_kind(A) ::= LONG(T) VARBINARY. {
	A = (struct type_word){AST_TYPE_MEDIUMBLOB, false, T.span.offset};
}

%type text_attributes {struct ast_type *}
text_attributes(A) ::= . {
	A = type_new(parser, AST_TYPE_CHAR, parser->previous_end);
}
text_attributes(A) ::= text_attributes(A) type_charset(C). {
	A->charset = C;
}
text_attributes(A) ::= text_attributes(A) BINARY. {
	A->binary = true;
}

%type texts {struct ast_strings}
texts(A) ::= delimiter(T). {
	A = (struct ast_strings){0};
	LIST_APPEND(A, T);
}
texts(A) ::= texts(A) COMMA delimiter(T). {
	LIST_APPEND(A, T);
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

/* ALTER TABLE. */

statement(A) ::= ALTER ignore_opt(I) TABLE if_exists_opt(E) object_name(N) alter_list(L). {
	A = statement_new(parser, AST_ALTER_TABLE);
	A->alter_table = NEW(struct ast_alter_table);
	*A->alter_table = (struct ast_alter_table){I, E, N, L};
}

%type alter_list {struct ast_alter_actions}
alter_list(A) ::= . {
	A = (struct ast_alter_actions){0};
}
alter_list(A) ::= alter_actions(A).
alter_list(A) ::= alter_actions(A) alter_partition(P). {
	LIST_APPEND(A, *P);
}
alter_list(A) ::= alter_partition(P). {
	A = (struct ast_alter_actions){0};
	LIST_APPEND(A, *P);
}
alter_list(A) ::= alter_partition_word(T) opaque. {
	struct ast_alter_action action = {.kind = AST_ALTER_PARTITION, .span = SPAN_FROM(T.span.offset)};
	A = (struct ast_alter_actions){0};
	LIST_APPEND(A, action);
}

%type alter_partition {struct ast_alter_action *}
alter_partition(A) ::= PARTITION(T) BY opaque. {
	A = NEW(struct ast_alter_action);
	A->kind = AST_ALTER_PARTITION;
	A->span = SPAN_FROM(T.span.offset);
}
alter_partition(A) ::= REMOVE(T) PARTITIONING. {
	A = NEW(struct ast_alter_action);
	A->kind = AST_ALTER_PARTITION;
	A->span = SPAN_FROM(T.span.offset);
}

%type alter_partition_word {struct token}
alter_partition_word(A) ::= ADD(A) PARTITION.
alter_partition_word(A) ::= DROP(A) PARTITION.
alter_partition_word(A) ::= TRUNCATE(A) PARTITION.
alter_partition_word(A) ::= ANALYZE(A) PARTITION.
alter_partition_word(A) ::= CHECK(A) PARTITION.
alter_partition_word(A) ::= OPTIMIZE(A) PARTITION.
alter_partition_word(A) ::= REPAIR(A) PARTITION.
alter_partition_word(A) ::= DISCARD(A).
alter_partition_word(A) ::= IMPORT(A).

%type alter_actions {struct ast_alter_actions}
alter_actions(A) ::= alter_item(L). {
	A = L;
}
alter_actions(A) ::= alter_actions(A) COMMA alter_item(L). {
	for (size_t i = 0; i < L.count; i++)
		LIST_APPEND(A, L.items[i]);
}

/* One action, or what counts as several: ADD (a, b), options in a row. */
%type alter_item {struct ast_alter_actions}
alter_item(A) ::= alter_action(R). {
	A = (struct ast_alter_actions){0};
	LIST_APPEND(A, *R);
}
alter_item(A) ::= alter_option_run(A).
alter_item(A) ::= ADD(T) column_word_opt LP table_elements(L) RP. {
	A = (struct ast_alter_actions){0};
	for (size_t i = 0; i < L.count; i++)
		LIST_APPEND(A, alter_add(parser, L.items[i], T.span.offset));
}

%type alter_option_run {struct ast_alter_actions}
alter_option_run(A) ::= table_option(O). {
	struct ast_alter_action action = {.kind = AST_ALTER_OPTION, .option = *O, .span = O->span};
	A = (struct ast_alter_actions){0};
	LIST_APPEND(A, action);
}
alter_option_run(A) ::= alter_option_run(A) table_option(O). {
	struct ast_alter_action action = {.kind = AST_ALTER_OPTION, .option = *O, .span = O->span};
	LIST_APPEND(A, action);
}

%type alter_action {struct ast_alter_action *}
alter_action(A) ::= ADD(T) column_word_opt if_not_exists_opt(E) column_def(C) position(P). {
	column_finish(parser, C);
	A = alter_action_new(parser, AST_ALTER_ADD_COLUMN, T.span.offset);
	A->if_exists = E;
	A->column = C;
	A->position = P.text ? AST_POSITION_AFTER : P.span.size ? AST_POSITION_FIRST : AST_POSITION_NONE;
	A->after = P;
}
alter_action(A) ::= ADD(T) table_constraint(E). {
	A = NEW(struct ast_alter_action);
	*A = alter_add(parser, E, T.span.offset);
}
alter_action(A) ::= MODIFY(T) column_word_opt if_exists_opt(E) column_def(C) position(P). {
	column_finish(parser, C);
	A = alter_action_new(parser, AST_ALTER_MODIFY_COLUMN, T.span.offset);
	A->if_exists = E;
	A->name = C->name;
	A->column = C;
	A->position = P.text ? AST_POSITION_AFTER : P.span.size ? AST_POSITION_FIRST : AST_POSITION_NONE;
	A->after = P;
}
alter_action(A) ::= CHANGE(T) column_word_opt if_exists_opt(E) ident(N) column_def(C) position(P). {
	column_finish(parser, C);
	A = alter_action_new(parser, AST_ALTER_CHANGE_COLUMN, T.span.offset);
	A->if_exists = E;
	A->name = N;
	A->column = C;
	A->position = P.text ? AST_POSITION_AFTER : P.span.size ? AST_POSITION_FIRST : AST_POSITION_NONE;
	A->after = P;
}
alter_action(A) ::= DROP(T) column_word_opt if_exists_opt(E) ident(N) restrict_opt. {
	A = alter_action_new(parser, AST_ALTER_DROP_COLUMN, T.span.offset);
	A->if_exists = E;
	A->name = N;
}
alter_action(A) ::= DROP(T) FOREIGN KEY if_exists_opt(E) ident(N). {
	A = alter_action_new(parser, AST_ALTER_DROP_FOREIGN_KEY, T.span.offset);
	A->if_exists = E;
	A->name = N;
}
alter_action(A) ::= DROP(T) PRIMARY KEY. {
	A = alter_action_new(parser, AST_ALTER_DROP_PRIMARY_KEY, T.span.offset);
}
alter_action(A) ::= DROP(T) index_word if_exists_opt(E) index_name(N). {
	A = alter_action_new(parser, name_is(N, "PRIMARY") ? AST_ALTER_DROP_PRIMARY_KEY : AST_ALTER_DROP_KEY, T.span.offset);
	A->if_exists = E;
	A->name = N;
}
alter_action(A) ::= DROP(T) CHECK ident(N). {
	A = alter_action_new(parser, AST_ALTER_DROP_CHECK, T.span.offset);
	A->name = N;
}
alter_action(A) ::= DROP(T) CONSTRAINT if_exists_opt(E) ident(N). {
	A = alter_action_new(parser, AST_ALTER_DROP_CONSTRAINT, T.span.offset);
	A->if_exists = E;
	A->name = N;
}
alter_action(A) ::= ALTER(T) column_word_opt if_exists_opt(E) ident(N) SET DEFAULT default_value(V). {
	A = alter_action_new(parser, AST_ALTER_SET_DEFAULT, T.span.offset);
	A->if_exists = E;
	A->name = N;
	A->value = V;
}
alter_action(A) ::= ALTER(T) column_word_opt if_exists_opt(E) ident(N) DROP DEFAULT. {
	A = alter_action_new(parser, AST_ALTER_DROP_DEFAULT, T.span.offset);
	A->if_exists = E;
	A->name = N;
}
alter_action(A) ::= ALTER(T) column_word_opt if_exists_opt(E) ident(N) SET visibility(V). {
	A = alter_action_new(parser, AST_ALTER_SET_VISIBLE, T.span.offset);
	A->if_exists = E;
	A->name = N;
	A->visible = V;
}
alter_action(A) ::= ALTER(T) index_word if_exists_opt(E) ident(N) visibility(V). {
	A = alter_action_new(parser, AST_ALTER_KEY_VISIBLE, T.span.offset);
	A->if_exists = E;
	A->name = N;
	A->visible = V;
}
alter_action(A) ::= ALTER(T) check_word ident(N) enforced(F). {
	A = alter_action_new(parser, AST_ALTER_CHECK_ENFORCED, T.span.offset);
	A->name = N;
	A->visible = F;
}
alter_action(A) ::= RENAME(T) to_opt object_name(N). {
	A = alter_action_new(parser, AST_ALTER_RENAME_TABLE, T.span.offset);
	A->table = N;
}
alter_action(A) ::= RENAME(T) COLUMN if_exists_opt(E) ident(N) TO ident(M). {
	A = alter_action_new(parser, AST_ALTER_RENAME_COLUMN, T.span.offset);
	A->if_exists = E;
	A->name = N;
	A->new_name = M;
}
alter_action(A) ::= RENAME(T) index_word if_exists_opt(E) ident(N) TO ident(M). {
	A = alter_action_new(parser, AST_ALTER_RENAME_KEY, T.span.offset);
	A->if_exists = E;
	A->name = N;
	A->new_name = M;
}
alter_action(A) ::= CONVERT(T) TO charset_words charset_or_default(C) collate_opt(L). {
	A = alter_action_new(parser, AST_ALTER_CONVERT_CHARSET, T.span.offset);
	A->charset = C;
	A->collation = L;
}
alter_action(A) ::= ORDER(T) BY orders(L). [SUBQUERY] {
	A = alter_action_new(parser, AST_ALTER_ORDER_BY, T.span.offset);
	A->order_by = L;
}
alter_action(A) ::= DISABLE(T) KEYS. {
	A = alter_action_new(parser, AST_ALTER_DISABLE_KEYS, T.span.offset);
}
alter_action(A) ::= ENABLE(T) KEYS. {
	A = alter_action_new(parser, AST_ALTER_ENABLE_KEYS, T.span.offset);
}
alter_action(A) ::= FORCE(T). {
	A = alter_action_new(parser, AST_ALTER_FORCE, T.span.offset);
}
alter_action(A) ::= ALGORITHM(T) equal_opt word_or_default(W). {
	A = alter_action_new(parser, AST_ALTER_ALGORITHM, T.span.offset);
	A->word = name_upper(parser, W);
}
alter_action(A) ::= LOCK(T) equal_opt word_or_default(W). {
	A = alter_action_new(parser, AST_ALTER_LOCK, T.span.offset);
	A->word = name_upper(parser, W);
}
alter_action(A) ::= WITH(T) VALIDATION. {
	A = alter_action_new(parser, AST_ALTER_VALIDATION, T.span.offset);
	A->visible = true;
}
alter_action(A) ::= WITHOUT(T) VALIDATION. {
	A = alter_action_new(parser, AST_ALTER_VALIDATION, T.span.offset);
}

word_or_default(A) ::= ident(A).
word_or_default(A) ::= DEFAULT(T). {
	A = token_name(parser, T);
}

column_word_opt ::= .
column_word_opt ::= COLUMN.

check_word ::= CHECK.
check_word ::= CONSTRAINT.

restrict_opt ::= .
restrict_opt ::= RESTRICT.
restrict_opt ::= CASCADE.

to_opt ::= .
to_opt ::= TO.
to_opt ::= AS.
to_opt ::= EQUAL.

/* AFTER x: the column. FIRST: text NULL, and a size. */
%type position {struct ast_name}
position(A) ::= . {
	A = (struct ast_name){0};
}
position(A) ::= FIRST(T). {
	A = (struct ast_name){.span = T.span};
}
position(A) ::= AFTER ident(N). {
	A = N;
}

%type collate_opt {const char *}
collate_opt(A) ::= . {
	A = NULL;
}
collate_opt(A) ::= COLLATE equal_opt charset_name(N). {
	A = N;
}

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
