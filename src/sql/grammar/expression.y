/* Expressions, in MySQL's layers from the loosest operator to the tightest. */

%type expr {struct ast_expr *}
%type or_expr {struct ast_expr *}
%type xor_expr {struct ast_expr *}
%type and_expr {struct ast_expr *}
%type not_expr {struct ast_expr *}
%type comparison {struct ast_expr *}
%type predicate {struct ast_expr *}
%type bit_or {struct ast_expr *}
%type bit_and {struct ast_expr *}
%type shift {struct ast_expr *}
%type sum {struct ast_expr *}
%type product {struct ast_expr *}
%type bit_xor {struct ast_expr *}
%type concat {struct ast_expr *}
%type unary {struct ast_expr *}
%type collated {struct ast_expr *}
%type primary {struct ast_expr *}

expr(A) ::= or_expr(A).
expr(A) ::= USER_VARIABLE(V) ASSIGN expr(E). {
	A = expr_new(parser, AST_ASSIGN, V.span.offset);
	A->assign.name = token_text(parser, V);
	A->assign.value = E;
	expr_adopt(parser, A, E);
}

or_expr(A) ::= xor_expr(A).
or_expr(A) ::= or_expr(L) OR xor_expr(R). {
	A = expr_logical(parser, AST_OP_OR, L, R);
}

xor_expr(A) ::= and_expr(A).
xor_expr(A) ::= xor_expr(L) XOR and_expr(R). {
	A = expr_binary(parser, AST_OP_XOR, L, R);
}

and_expr(A) ::= not_expr(A).
and_expr(A) ::= and_expr(L) AND not_expr(R). {
	A = expr_logical(parser, AST_OP_AND, L, R);
}

not_expr(A) ::= comparison(A).
not_expr(A) ::= NOT(T) not_expr(E). {
	A = expr_unary(parser, AST_OP_NOT, T, E);
}

comparison(A) ::= predicate(A).
comparison(A) ::= comparison(L) compare(O) predicate(R). {
	A = expr_binary(parser, O, L, R);
}
comparison(A) ::= comparison(L) compare(O) quantifier(Q) query_parens(S). {
	A = expr_quantified(parser, L, O, Q, S);
}
comparison(A) ::= comparison(E) IS test(T). {
	A = expr_is(parser, E, false, T);
}
comparison(A) ::= comparison(E) IS not_word test(T). {
	A = expr_is(parser, E, true, T);
}

%type compare {enum ast_operator}
compare(A) ::= EQUAL. {
	A = AST_OP_EQUAL;
}
compare(A) ::= NULL_SAFE_EQUAL. {
	A = AST_OP_NULL_SAFE_EQUAL;
}
compare(A) ::= NOT_EQUAL. {
	A = AST_OP_NOT_EQUAL;
}
compare(A) ::= LESS. {
	A = AST_OP_LESS;
}
compare(A) ::= LESS_EQUAL. {
	A = AST_OP_LESS_EQUAL;
}
compare(A) ::= GREATER. {
	A = AST_OP_GREATER;
}
compare(A) ::= GREATER_EQUAL. {
	A = AST_OP_GREATER_EQUAL;
}

%type quantifier {bool}
quantifier(A) ::= ALL. {
	A = true;
}
quantifier(A) ::= ANY_CALL. {
	A = false;
}

%type test {enum ast_test}
test(A) ::= NULL. {
	A = AST_TEST_NULL;
}
test(A) ::= TRUE. {
	A = AST_TEST_TRUE;
}
test(A) ::= FALSE. {
	A = AST_TEST_FALSE;
}
test(A) ::= UNKNOWN. {
	A = AST_TEST_UNKNOWN;
}

predicate(A) ::= bit_or(A).
predicate(A) ::= bit_or(E) negation_opt(N) IN query_parens(S). {
	A = expr_in(parser, E, N, (struct ast_exprs){0}, S);
}
predicate(A) ::= bit_or(E) negation_opt(N) IN LP exprs(L) RP. {
	A = expr_in(parser, E, N, L, NULL);
}
predicate(A) ::= bit_or(E) negation_opt(N) BETWEEN bit_or(L) AND predicate(H). {
	A = expr_between(parser, E, N, L, H);
}
predicate(A) ::= bit_or(E) negation_opt(N) LIKE unary(P). {
	A = expr_like(parser, E, N, P, NULL);
}
predicate(A) ::= bit_or(E) negation_opt(N) LIKE unary(P) ESCAPE unary(C). {
	A = expr_like(parser, E, N, P, C);
}
predicate(A) ::= bit_or(E) negation_opt(N) REGEXP bit_or(P). {
	A = expr_binary(parser, AST_OP_REGEXP, E, P);
	A->binary.negated = N;
}
predicate(A) ::= bit_or(L) SOUNDS LIKE bit_or(R). {
	A = expr_binary(parser, AST_OP_SOUNDS_LIKE, L, R);
}
predicate(A) ::= bit_or(L) MEMBER OF LP unary(R) RP. {
	A = expr_binary(parser, AST_OP_MEMBER_OF, L, R);
}
predicate(A) ::= bit_or(L) MEMBER LP unary(R) RP. {
	A = expr_binary(parser, AST_OP_MEMBER_OF, L, R);
}

%type negation_opt {bool}
negation_opt(A) ::= . {
	A = false;
}
negation_opt(A) ::= not_word. {
	A = true;
}

bit_or(A) ::= bit_and(A).
bit_or(A) ::= bit_or(L) BAR bit_and(R). {
	A = expr_binary(parser, AST_OP_BIT_OR, L, R);
}

bit_and(A) ::= shift(A).
bit_and(A) ::= bit_and(L) AMPERSAND shift(R). {
	A = expr_binary(parser, AST_OP_BIT_AND, L, R);
}

shift(A) ::= sum(A).
shift(A) ::= shift(L) SHIFT_LEFT sum(R). {
	A = expr_binary(parser, AST_OP_SHIFT_LEFT, L, R);
}
shift(A) ::= shift(L) SHIFT_RIGHT sum(R). {
	A = expr_binary(parser, AST_OP_SHIFT_RIGHT, L, R);
}

sum(A) ::= product(A).
sum(A) ::= sum(L) PLUS product(R). {
	A = expr_binary(parser, AST_OP_ADD, L, R);
}
sum(A) ::= sum(L) MINUS product(R). {
	A = expr_binary(parser, AST_OP_SUBTRACT, L, R);
}
sum(A) ::= sum(L) PLUS INTERVAL expr(E) unit(U). {
	A = expr_date_add(parser, L, E, U, false, L->span.offset);
}
sum(A) ::= sum(L) MINUS INTERVAL expr(E) unit(U). {
	A = expr_date_add(parser, L, E, U, true, L->span.offset);
}
sum(A) ::= INTERVAL(T) expr(E) unit(U) PLUS product(R). {
	A = expr_date_add(parser, R, E, U, false, T.span.offset);
}

product(A) ::= bit_xor(A).
product(A) ::= product(L) STAR bit_xor(R). {
	A = expr_binary(parser, AST_OP_MULTIPLY, L, R);
}
product(A) ::= product(L) SLASH bit_xor(R). {
	A = expr_binary(parser, AST_OP_DIVIDE, L, R);
}
product(A) ::= product(L) DIV bit_xor(R). {
	A = expr_binary(parser, AST_OP_INTEGER_DIVIDE, L, R);
}
product(A) ::= product(L) PERCENT bit_xor(R). {
	A = expr_binary(parser, AST_OP_MODULO, L, R);
}
product(A) ::= product(L) MOD bit_xor(R). {
	A = expr_binary(parser, AST_OP_MODULO, L, R);
}

bit_xor(A) ::= concat(A).
bit_xor(A) ::= bit_xor(L) CARET concat(R). {
	A = expr_binary(parser, AST_OP_BIT_XOR, L, R);
}

concat(A) ::= unary(A).
concat(A) ::= concat(L) CONCAT unary(R). {
	A = expr_call2(parser, "concat", L, R, L->span.offset);
}

unary(A) ::= collated(A).
unary(A) ::= MINUS(T) unary(E). {
	A = expr_unary(parser, AST_OP_NEGATE, T, E);
}
unary(A) ::= PLUS(T) unary(E). {
	A = expr_unary(parser, AST_OP_PLUS, T, E);
}
unary(A) ::= TILDE(T) unary(E). {
	A = expr_unary(parser, AST_OP_BIT_NOT, T, E);
}
unary(A) ::= BANG(T) unary(E). {
	A = expr_unary(parser, AST_OP_NOT, T, E);
}
unary(A) ::= NOT2(T) unary(E). {
	A = expr_unary(parser, AST_OP_NOT, T, E);
}
unary(A) ::= BINARY(T) unary(E). {
	A = expr_cast(parser, E, type_new(parser, AST_TYPE_BINARY, T.span.offset), T.span.offset);
}

collated(A) ::= primary(A).
collated(A) ::= collated(E) COLLATE charset_name(N). {
	A = expr_new(parser, AST_COLLATE, E->span.offset);
	A->collate.operand = E;
	A->collate.collation = N;
	expr_adopt(parser, A, E);
}

primary(A) ::= literal(A).
primary(A) ::= column(A).
primary(A) ::= call(A).
primary(A) ::= PLACEHOLDER(T). {
	A = expr_new(parser, AST_PLACEHOLDER, T.span.offset);
	A->placeholder = parser->placeholder_count++;
}
primary(A) ::= column(C) ARROW text_literal(P). {
	A = expr_binary(parser, AST_OP_JSON_EXTRACT, C, P);
}
primary(A) ::= column(C) ARROW_TEXT text_literal(P). {
	A = expr_binary(parser, AST_OP_JSON_UNQUOTE, C, P);
}
primary(A) ::= USER_VARIABLE(V). {
	A = expr_new(parser, AST_USER_VARIABLE, V.span.offset);
	A->variable.name = token_text(parser, V);
}
primary(A) ::= AT_AT(T) path(P). {
	A = expr_system_variable(parser, P, T.span.offset);
}
primary(A) ::= LP(T) expr(E) RP. {
	A = E;
	A->parenthesised = true;
	A->span = SPAN_FROM(T.span.offset);
}
primary(A) ::= LP(T) expr(E) COMMA exprs(L) RP. [ROW_CONSTRUCTOR] {
	struct ast_exprs row = {0};
	LIST_APPEND(row, E);
	for (size_t i = 0; i < L.count; i++)
		LIST_APPEND(row, L.items[i]);
	A = expr_row(parser, row, T.span.offset);
}
primary(A) ::= ROW_CALL(T) LP exprs(L) RP. {
	A = expr_row(parser, L, T.span.offset);
}
primary(A) ::= query_parens(S). [SUBQUERY] {
	A = expr_query(parser, AST_SUBQUERY, S, S->parentheses.offset);
}
primary(A) ::= EXISTS(T) query_parens(S). {
	A = expr_query(parser, AST_EXISTS, S, T.span.offset);
}
primary(A) ::= CASE(T) case_value(V) case_arms(L) case_else(E) END. {
	A = expr_case(parser, V, L, E, T.span.offset);
}
primary(A) ::= DEFAULT(T) LP column(C) RP. {
	A = C;
	A->kind = AST_DEFAULT;
	A->span = SPAN_FROM(T.span.offset);
}
primary(A) ::= VALUES(T) LP column(C) RP. {
	A = C;
	A->kind = AST_VALUES;
	A->span = SPAN_FROM(T.span.offset);
}
primary(A) ::= MATCH(T) columns(C) AGAINST LP sum(E) match_mode(M) RP. {
	A = expr_new(parser, AST_MATCH, T.span.offset);
	A->match.columns = C;
	A->match.against = E;
	A->match.boolean_mode = M & 1;
	A->match.query_expansion = M & 2;
	expr_adopt(parser, A, E);
}
primary(A) ::= MATCH(T) LP columns(C) RP AGAINST LP sum(E) match_mode(M) RP. {
	A = expr_new(parser, AST_MATCH, T.span.offset);
	A->match.columns = C;
	A->match.against = E;
	A->match.boolean_mode = M & 1;
	A->match.query_expansion = M & 2;
	expr_adopt(parser, A, E);
}
primary(A) ::= LBRACE(T) ident(K) expr(E) RBRACE. {
	A = expr_odbc(K, E);
	A->span = SPAN_FROM(T.span.offset);
}

%type match_mode {unsigned}
match_mode(A) ::= . {
	A = 0;
}
match_mode(A) ::= IN NATURAL LANGUAGE MODE. {
	A = 0;
}
match_mode(A) ::= IN NATURAL LANGUAGE MODE WITH QUERY EXPANSION. {
	A = 2;
}
match_mode(A) ::= IN BOOLEAN MODE. {
	A = 1;
}
match_mode(A) ::= WITH QUERY EXPANSION. {
	A = 2;
}

%type case_value {struct ast_expr *}
case_value(A) ::= . {
	A = NULL;
}
case_value(A) ::= expr(A).

%type case_else {struct ast_expr *}
case_else(A) ::= . {
	A = NULL;
}
case_else(A) ::= ELSE expr(E). {
	A = E;
}

%type case_arms {struct ast_case *}
case_arms(A) ::= WHEN expr(W) THEN expr(T). {
	A = NEW(struct ast_case);
	case_add(parser, A, W, T);
}
case_arms(A) ::= case_arms(A) WHEN expr(W) THEN expr(T). {
	case_add(parser, A, W, T);
}

/* Columns. */

%type column {struct ast_expr *}
column(A) ::= ident(N). {
	A = expr_column(parser, AST_COLUMN, NULL, NULL, N.text, N.span.offset);
}
column(A) ::= ident(T) DOT ident(N). {
	A = expr_column(parser, AST_COLUMN, NULL, T.text, N.text, T.span.offset);
}
column(A) ::= ident(D) DOT ident(T) DOT ident(N). {
	A = expr_column(parser, AST_COLUMN, D.text, T.text, N.text, D.span.offset);
}

%type columns {struct ast_exprs}
columns(A) ::= column(C). {
	A = (struct ast_exprs){0};
	LIST_APPEND(A, C);
}
columns(A) ::= columns(A) COMMA column(C). {
	LIST_APPEND(A, C);
}

/* Literals. */

%type literal {struct ast_expr *}
literal(A) ::= text_literal(A).
literal(A) ::= number(A).
literal(A) ::= binary_literal(A).
literal(A) ::= NATIONAL_STRING(T). {
	A = expr_literal(parser, AST_LITERAL_STRING, T);
	A->literal->charset = "utf8mb3";
}
literal(A) ::= INTRODUCER(C) text_literal(L). {
	A = expr_introduced(parser, C, L);
}
literal(A) ::= INTRODUCER(C) binary_literal(L). {
	A = expr_introduced(parser, C, L);
}
literal(A) ::= NULL(T). {
	A = expr_literal(parser, AST_LITERAL_NULL, T);
}
literal(A) ::= TRUE(T). {
	A = expr_literal(parser, AST_LITERAL_TRUE, T);
}
literal(A) ::= FALSE(T). {
	A = expr_literal(parser, AST_LITERAL_FALSE, T);
}
literal(A) ::= DATE_PREFIX(P) STRING(T). {
	A = expr_literal(parser, AST_LITERAL_DATE, T);
	A->span = SPAN_FROM(P.span.offset);
}
literal(A) ::= TIME_PREFIX(P) STRING(T). {
	A = expr_literal(parser, AST_LITERAL_TIME, T);
	A->span = SPAN_FROM(P.span.offset);
}
literal(A) ::= TIMESTAMP_PREFIX(P) STRING(T). {
	A = expr_literal(parser, AST_LITERAL_TIMESTAMP, T);
	A->span = SPAN_FROM(P.span.offset);
}

%type text_literal {struct ast_expr *}
text_literal(A) ::= STRING(T). {
	A = expr_literal(parser, AST_LITERAL_STRING, T);
}

%type binary_literal {struct ast_expr *}
binary_literal(A) ::= HEX_STRING(T). {
	A = expr_literal(parser, AST_LITERAL_HEX, T);
}
binary_literal(A) ::= BIT_STRING(T). {
	A = expr_literal(parser, AST_LITERAL_BIT, T);
}

%type number {struct ast_expr *}
number(A) ::= INTEGER(T). {
	A = expr_number(parser, AST_LITERAL_INTEGER, T);
}
number(A) ::= DECIMAL_NUMBER(T). {
	A = expr_number(parser, AST_LITERAL_DECIMAL, T);
}
number(A) ::= FLOAT_NUMBER(T). {
	A = expr_number(parser, AST_LITERAL_FLOAT, T);
}
