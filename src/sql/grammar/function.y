/* Functions: plain calls, those with a grammar of their own, and windows. */

%type exprs {struct ast_exprs}
exprs(A) ::= expr(E). {
	A = (struct ast_exprs){0};
	LIST_APPEND(A, E);
}
exprs(A) ::= exprs(A) COMMA expr(E). {
	LIST_APPEND(A, E);
}

%type exprs_opt {struct ast_exprs}
exprs_opt(A) ::= . {
	A = (struct ast_exprs){0};
}
exprs_opt(A) ::= exprs(A).

%type call {struct ast_expr *}
%type plain_call {struct ast_expr *}
call(A) ::= plain_call(A).
call(A) ::= plain_call(A) OVER window_or_name(W). {
	A->call->over = W;
	A->span = SPAN_FROM(A->span.offset);
}
call(A) ::= plain_call(A) null_treatment(N) OVER window_or_name(W). {
	A->call->over = W;
	A->call->ignore_nulls = N;
	A->span = SPAN_FROM(A->span.offset);
}

%type null_treatment {bool}
null_treatment(A) ::= RESPECT NULLS. {
	A = false;
}
null_treatment(A) ::= IGNORE NULLS. {
	A = true;
}

plain_call(A) ::= ident(N) LP exprs_opt(L) RP. {
	A = expr_call(parser, name_of_call(parser, N), L, N.span.offset);
}
plain_call(A) ::= ident(N) LP DISTINCT exprs(L) RP. {
	A = expr_call(parser, name_of_call(parser, N), L, N.span.offset);
	call_set_distinct(parser, A);
}
plain_call(A) ::= ident(N) LP ALL expr(E) RP. {
	A = expr_call1(parser, name_of_call(parser, N), E, N.span.offset);
}
plain_call(A) ::= ident(D) DOT ident(N) LP exprs_opt(L) RP. {
	A = expr_call(parser, name_lower(parser, N), L, D.span.offset);
	A->call->database = D.text;
}
plain_call(A) ::= COUNT(T) LP STAR RP. {
	A = expr_call(parser, "count", (struct ast_exprs){0}, T.span.offset);
	A->call->star = true;
}
plain_call(A) ::= COUNT(T) LP expr(E) RP. {
	A = expr_call1(parser, "count", E, T.span.offset);
}
plain_call(A) ::= COUNT(T) LP ALL STAR RP. {
	A = expr_call(parser, "count", (struct ast_exprs){0}, T.span.offset);
	A->call->star = true;
}
plain_call(A) ::= COUNT(T) LP ALL expr(E) RP. {
	A = expr_call1(parser, "count", E, T.span.offset);
}
plain_call(A) ::= COUNT(T) LP DISTINCT exprs(L) RP. {
	A = expr_call(parser, "count", L, T.span.offset);
	A->call->distinct = true;
}
plain_call(A) ::= GROUP_CONCAT(T) LP distinct_opt(D) exprs(L) order_opt(O) separator_opt(S) RP. {
	A = expr_call(parser, "group_concat", L, T.span.offset);
	A->call->distinct = D;
	A->call->order_by = O;
	A->call->has_separator = S.data != NULL;
	A->call->separator = S.data ? S : bytes_of_string(",");
}
plain_call(A) ::= reserved_function(T) LP exprs_opt(L) RP. {
	A = expr_call(parser, token_lower(parser, T), L, T.span.offset);
}
plain_call(A) ::= MOD(T) LP expr(L) COMMA expr(R) RP. {
	A = expr_binary(parser, AST_OP_MODULO, L, R);
	A->span = SPAN_FROM(T.span.offset);
}
plain_call(A) ::= DATABASE(T) LP RP. {
	A = expr_call(parser, "database", (struct ast_exprs){0}, T.span.offset);
}
plain_call(A) ::= CHAR(T) LP exprs(L) RP. {
	A = expr_call(parser, "char", L, T.span.offset);
}
plain_call(A) ::= CHAR(T) LP exprs(L) USING charset_name(C) RP. {
	A = expr_call(parser, "char", L, T.span.offset);
	A->call->charset = C;
}
plain_call(A) ::= INTERVAL(T) LP expr(E) COMMA exprs(L) RP. [INTERVAL] {
	struct ast_exprs arguments = {0};
	LIST_APPEND(arguments, E);
	for (size_t i = 0; i < L.count; i++)
		LIST_APPEND(arguments, L.items[i]);
	A = expr_call(parser, "interval", arguments, T.span.offset);
}
plain_call(A) ::= clock(T). {
	A = expr_call(parser, T.text, (struct ast_exprs){0}, T.span.offset);
}
plain_call(A) ::= clock(T) LP exprs_opt(L) RP. {
	A = expr_call(parser, T.text, L, T.span.offset);
}
plain_call(A) ::= SUBSTRING(T) LP exprs(L) RP. {
	A = expr_call(parser, "substring", L, T.span.offset);
}
plain_call(A) ::= SUBSTRING(T) LP expr(S) FROM expr(P) RP. {
	A = expr_call2(parser, "substring", S, P, T.span.offset);
}
plain_call(A) ::= SUBSTRING(T) LP expr(S) FROM expr(P) FOR expr(N) RP. {
	struct ast_exprs arguments = {0};
	LIST_APPEND(arguments, S);
	LIST_APPEND(arguments, P);
	LIST_APPEND(arguments, N);
	A = expr_call(parser, "substring", arguments, T.span.offset);
}
plain_call(A) ::= POSITION(T) LP bit_or(P) IN expr(S) RP. {
	A = expr_call2(parser, "locate", P, S, T.span.offset);
}
plain_call(A) ::= GET_FORMAT(T) LP get_format_type(K) COMMA expr(E) RP. {
	A = expr_call2(parser, "get_format", K, E, T.span.offset);
}
plain_call(A) ::= WEIGHT_STRING(T) LP expr(E) RP. {
	A = expr_call1(parser, "weight_string", E, T.span.offset);
}
plain_call(A) ::= WEIGHT_STRING(T) LP expr(E) AS weight_type(Y) RP. {
	A = expr_call1(parser, "weight_string", expr_cast(parser, E, Y, T.span.offset), T.span.offset);
}

%type weight_type {struct ast_type *}
weight_type(A) ::= CHAR(T) LP integer(N) RP. {
	A = type_new(parser, AST_TYPE_CHAR, T.span.offset);
	A->length = (int64_t)N;
}
weight_type(A) ::= BINARY(T) LP integer(N) RP. {
	A = type_new(parser, AST_TYPE_BINARY, T.span.offset);
	A->length = (int64_t)N;
}

%type get_format_type {struct ast_expr *}
get_format_type(A) ::= DATE(T). {
	A = expr_string(parser, "DATE", T.span);
}
get_format_type(A) ::= TIME(T). {
	A = expr_string(parser, "TIME", T.span);
}
get_format_type(A) ::= DATETIME(T). {
	A = expr_string(parser, "DATETIME", T.span);
}
get_format_type(A) ::= TIMESTAMP(T). {
	A = expr_string(parser, "DATETIME", T.span);
}

/* Reserved words that are functions before a parenthesis. */
%type reserved_function {struct token}
reserved_function(A) ::= IF(A).
reserved_function(A) ::= INSERT(A).
reserved_function(A) ::= LEFT(A).
reserved_function(A) ::= REPEAT(A).
reserved_function(A) ::= REPLACE(A).
reserved_function(A) ::= RIGHT(A).

/* The clock and the user, which need no parentheses: text is the plain function's name. */
%type clock {struct token}
clock(A) ::= CURRENT_TIMESTAMP(A). {
	A.text = "now";
}
clock(A) ::= CURRENT_DATE(A). {
	A.text = "curdate";
}
clock(A) ::= CURRENT_TIME(A). {
	A.text = "curtime";
}
clock(A) ::= UTC_DATE(A). {
	A.text = "utc_date";
}
clock(A) ::= UTC_TIME(A). {
	A.text = "utc_time";
}
clock(A) ::= UTC_TIMESTAMP(A). {
	A.text = "utc_timestamp";
}
clock(A) ::= CURRENT_USER(A). {
	A.text = "current_user";
}

%type distinct_opt {bool}
distinct_opt(A) ::= . {
	A = false;
}
distinct_opt(A) ::= DISTINCT. {
	A = true;
}

%type separator_opt {struct bytes}
separator_opt(A) ::= . {
	A = (struct bytes){0};
}
separator_opt(A) ::= SEPARATOR text(T). {
	A = T;
}

/* Functions with a grammar of their own. */

call(A) ::= CAST(T) LP expr(E) AS cast_type(Y) array_opt RP. {
	A = expr_cast(parser, E, Y, T.span.offset);
}
call(A) ::= CONVERT(T) LP expr(E) COMMA cast_type(Y) RP. {
	A = expr_cast(parser, E, Y, T.span.offset);
}
call(A) ::= CONVERT(T) LP expr(E) USING charset_name(C) RP. {
	A = expr_new(parser, AST_CONVERT, T.span.offset);
	A->convert.operand = E;
	A->convert.charset = C;
	expr_adopt(parser, A, E);
}
call(A) ::= EXTRACT(T) LP unit(U) FROM expr(E) RP. {
	A = expr_new(parser, AST_EXTRACT, T.span.offset);
	A->extract.unit = U;
	A->extract.operand = E;
	expr_adopt(parser, A, E);
}
call(A) ::= DATE_ADD(T) LP expr(D) COMMA INTERVAL expr(E) unit(U) RP. {
	A = expr_date_add(parser, D, E, U, false, T.span.offset);
}
call(A) ::= DATE_SUB(T) LP expr(D) COMMA INTERVAL expr(E) unit(U) RP. {
	A = expr_date_add(parser, D, E, U, true, T.span.offset);
}
call(A) ::= ADDDATE(T) LP expr(D) COMMA INTERVAL expr(E) unit(U) RP. {
	A = expr_date_add(parser, D, E, U, false, T.span.offset);
}
call(A) ::= SUBDATE(T) LP expr(D) COMMA INTERVAL expr(E) unit(U) RP. {
	A = expr_date_add(parser, D, E, U, true, T.span.offset);
}
call(A) ::= ADDDATE(T) LP expr(D) COMMA expr(E) RP. {
	A = expr_date_add(parser, D, E, AST_UNIT_DAY, false, T.span.offset);
}
call(A) ::= SUBDATE(T) LP expr(D) COMMA expr(E) RP. {
	A = expr_date_add(parser, D, E, AST_UNIT_DAY, true, T.span.offset);
}
call(A) ::= TIMESTAMPADD(T) LP unit(U) COMMA expr(E) COMMA expr(D) RP. {
	A = expr_date_add(parser, D, E, U, false, T.span.offset);
}
call(A) ::= TIMESTAMPDIFF(T) LP unit(U) COMMA expr(F) COMMA expr(D) RP. {
	A = expr_new(parser, AST_DATE_DIFFERENCE, T.span.offset);
	A->date_difference.unit = U;
	A->date_difference.from = F;
	A->date_difference.to = D;
	expr_adopt(parser, A, F);
	expr_adopt(parser, A, D);
}
call(A) ::= TRIM(T) LP expr(E) RP. {
	A = expr_trim(parser, AST_TRIM_BOTH, NULL, E, T.span.offset);
}
call(A) ::= TRIM(T) LP expr(R) FROM expr(E) RP. {
	A = expr_trim(parser, AST_TRIM_BOTH, R, E, T.span.offset);
}
call(A) ::= TRIM(T) LP trim_side(S) FROM expr(E) RP. {
	A = expr_trim(parser, S, NULL, E, T.span.offset);
}
call(A) ::= TRIM(T) LP trim_side(S) expr(R) FROM expr(E) RP. {
	A = expr_trim(parser, S, R, E, T.span.offset);
}

%type trim_side {enum ast_trim_side}
trim_side(A) ::= BOTH. {
	A = AST_TRIM_BOTH;
}
trim_side(A) ::= LEADING. {
	A = AST_TRIM_LEADING;
}
trim_side(A) ::= TRAILING. {
	A = AST_TRIM_TRAILING;
}

%type unit {enum ast_interval_unit}
unit(A) ::= ident(N). {
	A = unit_of(parser, N);
}

array_opt ::= .
array_opt ::= ARRAY.

%type cast_type {struct ast_type *}
cast_type(A) ::= BINARY(T) length_opt(L). {
	A = type_new(parser, AST_TYPE_BINARY, T.span.offset);
	A->length = L;
}
cast_type(A) ::= CHAR(T) length_opt(L). {
	A = type_new(parser, AST_TYPE_CHAR, T.span.offset);
	A->length = L;
}
cast_type(A) ::= CHAR(T) length_opt(L) BINARY. {
	A = type_new(parser, AST_TYPE_CHAR, T.span.offset);
	A->length = L;
	A->binary = true;
}
cast_type(A) ::= CHAR(T) length_opt(L) type_charset(C). {
	A = type_new(parser, AST_TYPE_CHAR, T.span.offset);
	A->length = L;
	A->charset = C;
}
cast_type(A) ::= NCHAR(T) length_opt(L). {
	A = type_new(parser, AST_TYPE_CHAR, T.span.offset);
	A->length = L;
	A->charset = "utf8mb3";
}
cast_type(A) ::= SIGNED(T) integer_word_opt. {
	A = type_new(parser, AST_TYPE_CAST_SIGNED, T.span.offset);
}
cast_type(A) ::= UNSIGNED(T) integer_word_opt. {
	A = type_new(parser, AST_TYPE_CAST_UNSIGNED, T.span.offset);
}
cast_type(A) ::= INT(T). {
	A = type_new(parser, AST_TYPE_CAST_SIGNED, T.span.offset);
}
cast_type(A) ::= DATE(T). {
	A = type_new(parser, AST_TYPE_DATE, T.span.offset);
}
cast_type(A) ::= YEAR(T). {
	A = type_new(parser, AST_TYPE_YEAR, T.span.offset);
}
cast_type(A) ::= TIME(T) length_opt(L). {
	A = type_new(parser, AST_TYPE_TIME, T.span.offset);
	A->length = L;
}
cast_type(A) ::= DATETIME(T) length_opt(L). {
	A = type_new(parser, AST_TYPE_DATETIME, T.span.offset);
	A->length = L;
}
cast_type(A) ::= DECIMAL(T) precision_opt(P). {
	A = type_new(parser, AST_TYPE_DECIMAL, T.span.offset);
	A->length = P.length;
	A->decimals = P.decimals;
}
cast_type(A) ::= JSON(T). {
	A = type_new(parser, AST_TYPE_JSON, T.span.offset);
}
cast_type(A) ::= DOUBLE(T). {
	A = type_new(parser, AST_TYPE_DOUBLE, T.span.offset);
}
cast_type(A) ::= DOUBLE(T) PRECISION. {
	A = type_new(parser, AST_TYPE_DOUBLE, T.span.offset);
}
cast_type(A) ::= REAL(T). {
	A = type_new(parser, AST_TYPE_DOUBLE, T.span.offset);
}
cast_type(A) ::= FLOAT(T) length_opt(L). {
	A = type_new(parser, AST_TYPE_FLOAT, T.span.offset);
	A->length = L;
	type_set_float(A);
}

integer_word_opt ::= .
integer_word_opt ::= INT.

%include {
struct precision {
	int64_t length;
	int decimals;
};
}

%type length_opt {int64_t}
length_opt(A) ::= . {
	A = -1;
}
length_opt(A) ::= LP integer(N) RP. {
	A = N > INT64_MAX ? INT64_MAX : (int64_t)N;
}

%type precision_opt {struct precision}
precision_opt(A) ::= length_opt(L). {
	A = (struct precision){L, -1};
}
precision_opt(A) ::= LP integer(N) COMMA integer(D) RP. {
	A = (struct precision){N > INT64_MAX ? INT64_MAX : (int64_t)N, D > INT32_MAX ? INT32_MAX : (int)D};
}

%type type_charset {const char *}
type_charset(A) ::= charset_words charset_name(N). {
	A = N;
}
type_charset(A) ::= ASCII. {
	A = "latin1";
}
type_charset(A) ::= UNICODE. {
	A = "ucs2";
}
type_charset(A) ::= BYTE. {
	A = "binary";
}

/* Windows. */

%type window_or_name {struct ast_window *}
window_or_name(A) ::= ident(N). {
	A = NEW(struct ast_window);
	A->base = N;
	A->reference = true;
}
window_or_name(A) ::= LP window_spec(W) RP. {
	A = W;
}

%type window_spec {struct ast_window *}
window_spec(A) ::= ident_opt(B) partition_by_opt(P) order_opt(O) frame_opt(F). {
	A = NEW(struct ast_window);
	A->base = B;
	A->partition_by = P;
	A->order_by = O;
	A->frame = F;
}

%type partition_by_opt {struct ast_exprs}
partition_by_opt(A) ::= . {
	A = (struct ast_exprs){0};
}
partition_by_opt(A) ::= PARTITION BY exprs(L). {
	A = L;
}

%type frame_opt {struct ast_frame *}
frame_opt(A) ::= . {
	A = NULL;
}
frame_opt(A) ::= frame_unit(U) frame_bound(S). {
	A = NEW(struct ast_frame);
	A->unit = U;
	A->start = *S;
	A->end.kind = AST_BOUND_CURRENT_ROW;
}
frame_opt(A) ::= frame_unit(U) BETWEEN frame_bound(S) AND frame_bound(E). {
	A = NEW(struct ast_frame);
	A->unit = U;
	A->start = *S;
	A->end = *E;
}

%type frame_unit {enum ast_frame_unit}
frame_unit(A) ::= ROWS. {
	A = AST_FRAME_ROWS;
}
frame_unit(A) ::= RANGE. {
	A = AST_FRAME_RANGE;
}
frame_unit(A) ::= GROUPS. {
	A = AST_FRAME_GROUPS;
}

%type frame_bound {struct ast_frame_bound *}
frame_bound(A) ::= UNBOUNDED PRECEDING. {
	A = NEW(struct ast_frame_bound);
	A->kind = AST_BOUND_UNBOUNDED_PRECEDING;
}
frame_bound(A) ::= UNBOUNDED FOLLOWING. {
	A = NEW(struct ast_frame_bound);
	A->kind = AST_BOUND_UNBOUNDED_FOLLOWING;
}
frame_bound(A) ::= CURRENT ident(W). {
	A = NEW(struct ast_frame_bound);
	A->kind = AST_BOUND_CURRENT_ROW;
	if (!name_is(W, "ROW"))
		parser_syntax_error(parser, W.span.offset);
}
frame_bound(A) ::= bit_or(E) PRECEDING. {
	A = NEW(struct ast_frame_bound);
	A->kind = AST_BOUND_PRECEDING;
	A->distance = E;
}
frame_bound(A) ::= bit_or(E) FOLLOWING. {
	A = NEW(struct ast_frame_bound);
	A->kind = AST_BOUND_FOLLOWING;
	A->distance = E;
}
frame_bound(A) ::= INTERVAL expr(E) unit(U) PRECEDING. {
	A = NEW(struct ast_frame_bound);
	A->kind = AST_BOUND_PRECEDING;
	A->distance = E;
	A->has_unit = true;
	A->unit = U;
}
frame_bound(A) ::= INTERVAL expr(E) unit(U) FOLLOWING. {
	A = NEW(struct ast_frame_bound);
	A->kind = AST_BOUND_FOLLOWING;
	A->distance = E;
	A->has_unit = true;
	A->unit = U;
}
