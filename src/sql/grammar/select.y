/*
 * Queries. A query_parens is a query in parentheses; a query never is one alone, which keeps "((SELECT 1))"
 * from having two readings. Where a closing parenthesis could end either a subquery inside an expression or
 * one more pair of parentheses around a query, the latter wins.
 */

statement(A) ::= query(Q). {
	A = statement_new(parser, AST_SELECT);
	A->query = Q;
}
statement(A) ::= query_parens(Q). {
	A = statement_new(parser, AST_SELECT);
	A->query = Q;
}

%type query {struct ast_query *}
query(A) ::= query_plain(A). {
	query_finish(parser, A);
}
query(A) ::= WITH(T) recursive_opt(R) common_tables(W) query_plain(Q). {
	A = Q;
	W->recursive = R;
	query_set_with(parser, A, W, T.span.offset);
	query_finish(parser, A);
}
query(A) ::= WITH(T) recursive_opt(R) common_tables(W) query_parens(Q). {
	A = query_new(parser, body_query(parser, Q));
	W->recursive = R;
	query_set_with(parser, A, W, T.span.offset);
	query_finish(parser, A);
}

/* Without WITH. */
%type query_plain {struct ast_query *}
query_plain(A) ::= query_ordered(A).
query_plain(A) ::= query_parens(Q) query_ending(E). {
	A = query_new(parser, body_query(parser, Q));
	if (E.into)
		query_set_into(parser, A, E.into, E.offset);
	else
		LIST_APPEND(A->locks, *E.lock);
}
query_plain(A) ::= query_plain(A) query_ending(E). {
	if (E.into)
		query_set_into(parser, A, E.into, E.offset);
	else
		LIST_APPEND(A->locks, *E.lock);
}

%type query_ordered {struct ast_query *}
query_ordered(A) ::= body(B) order_opt(O) limit_opt(L). {
	A = query_new(parser, B);
	A->order_by = O;
	A->limit = L;
}
query_ordered(A) ::= query_parens(Q) order_by(O) limit_opt(L). {
	A = query_new(parser, body_query(parser, Q));
	A->order_by = O;
	A->limit = L;
}
query_ordered(A) ::= query_parens(Q) limit(L). {
	A = query_new(parser, body_query(parser, Q));
	A->limit = L;
}

%type query_parens {struct ast_query *}
query_parens(A) ::= LP(T) query(Q) RP. {
	A = Q;
	A->parentheses = SPAN_FROM(T.span.offset);
}
query_parens(A) ::= LP(T) query_parens(Q) RP. {
	A = Q;
	A->parentheses = SPAN_FROM(T.span.offset);
}

/* What may stand where a query is a part: INSERT ... query, CREATE VIEW ... AS query. */
%type any_query {struct ast_query *}
any_query(A) ::= query(A).
any_query(A) ::= query_parens(A).

%include {
struct query_ending {
	struct ast_into *into;
	struct ast_row_lock *lock;
	uint32_t offset;
};
}

%type query_ending {struct query_ending}
query_ending(A) ::= INTO(T) into(I). {
	A = (struct query_ending){.into = I, .offset = T.span.offset};
}
query_ending(A) ::= FOR UPDATE lock_tables_opt(L) lock_wait_opt(W). {
	A = (struct query_ending){.lock = NEW(struct ast_row_lock)};
	*A.lock = (struct ast_row_lock){AST_LOCK_UPDATE, W, L};
}
query_ending(A) ::= FOR SHARE lock_tables_opt(L) lock_wait_opt(W). {
	A = (struct query_ending){.lock = NEW(struct ast_row_lock)};
	*A.lock = (struct ast_row_lock){AST_LOCK_SHARE, W, L};
}
query_ending(A) ::= LOCK IN SHARE MODE. {
	A = (struct query_ending){.lock = NEW(struct ast_row_lock)};
	A.lock->strength = AST_LOCK_SHARE;
}

%type lock_tables_opt {struct ast_object_names}
lock_tables_opt(A) ::= . {
	A = (struct ast_object_names){0};
}
lock_tables_opt(A) ::= OF object_names(L). {
	A = L;
}

%type lock_wait_opt {enum ast_lock_wait}
lock_wait_opt(A) ::= . {
	A = AST_LOCK_WAIT;
}
lock_wait_opt(A) ::= NOWAIT. {
	A = AST_LOCK_NOWAIT;
}
lock_wait_opt(A) ::= SKIP LOCKED. {
	A = AST_LOCK_SKIP_LOCKED;
}

/* WITH. */

%type recursive_opt {bool}
recursive_opt(A) ::= . {
	A = false;
}
recursive_opt(A) ::= RECURSIVE. {
	A = true;
}

%type common_tables {struct ast_with *}
common_tables(A) ::= common_table(T). {
	A = NEW(struct ast_with);
	LIST_APPEND(*A, *T);
}
common_tables(A) ::= common_tables(A) COMMA common_table(T). {
	LIST_APPEND(*A, *T);
}

%type common_table {struct ast_common_table *}
common_table(A) ::= ident(N) names_in_parens_opt(C) AS query_parens(Q). {
	A = NEW(struct ast_common_table);
	*A = (struct ast_common_table){N, C, Q};
}

/* Bodies: INTERSECT binds tighter than UNION and EXCEPT. */

%type body {struct ast_body *}
body(A) ::= intersection(A).
body(A) ::= body_or_parens(L) UNION set_all(S) intersection_or_parens(R). {
	A = body_set(parser, AST_UNION, S, L, R);
}
body(A) ::= body_or_parens(L) EXCEPT set_all(S) intersection_or_parens(R). {
	A = body_set(parser, AST_EXCEPT, S, L, R);
}

%type body_or_parens {struct ast_body *}
body_or_parens(A) ::= body(A).
body_or_parens(A) ::= query_parens(Q). {
	A = body_query(parser, Q);
}

%type intersection {struct ast_body *}
intersection(A) ::= simple_body(A).
intersection(A) ::= intersection_or_parens(L) INTERSECT set_all(S) simple_or_parens(R). {
	A = body_set(parser, AST_INTERSECT, S, L, R);
}

%type intersection_or_parens {struct ast_body *}
intersection_or_parens(A) ::= intersection(A).
intersection_or_parens(A) ::= query_parens(Q). {
	A = body_query(parser, Q);
}

%type simple_or_parens {struct ast_body *}
simple_or_parens(A) ::= simple_body(A).
simple_or_parens(A) ::= query_parens(Q). {
	A = body_query(parser, Q);
}

%type set_all {bool}
set_all(A) ::= . {
	A = false;
}
set_all(A) ::= DISTINCT. {
	A = false;
}
set_all(A) ::= ALL. {
	A = true;
}

%type simple_body {struct ast_body *}
simple_body(A) ::= select(S). {
	A = body_select(parser, S);
}
simple_body(A) ::= VALUES(T) row_constructors(R). {
	A = body_values(parser, R, T.span.offset);
}
simple_body(A) ::= TABLE(T) object_name(N). {
	A = body_table(parser, N, T.span.offset);
}

%type row_constructors {struct ast_rows}
row_constructors(A) ::= ROW_CALL LP exprs_opt(L) RP. {
	A = (struct ast_rows){0};
	LIST_APPEND(A, L);
}
row_constructors(A) ::= row_constructors(A) COMMA ROW_CALL LP exprs_opt(L) RP. {
	LIST_APPEND(A, L);
}

/* SELECT. */

%type select {struct ast_select *}
select(A) ::= select_start(A) where_opt(W) group_by_opt(G) having_opt(H) windows_opt(D). {
	A->where = W;
	A->group_by = G.orders;
	A->rollup = G.rollup;
	A->having = H;
	A->windows = D;
	A->span = SPAN_FROM(A->span.offset);
}

%type select_start {struct ast_select *}
select_start(A) ::= SELECT(T) select_options(O) select_items(I) select_into_opt(N) from_opt(F). {
	A = NEW(struct ast_select);
	A->span = T.span;
	A->options = O;
	A->items = I;
	A->into = N;
	A->from = F;
}

/* SELECT items INTO @a FROM: the query that is made of the select takes it over. */
%type select_into_opt {struct ast_into *}
select_into_opt(A) ::= . [SUBQUERY] {
	A = NULL;
}
select_into_opt(A) ::= INTO into(I). {
	A = I;
}

%type select_options {unsigned}
select_options(A) ::= . {
	A = 0;
}
select_options(A) ::= select_options(A) select_option(O). {
	A |= O;
}

%type select_option {unsigned}
select_option(A) ::= ALL. {
	A = AST_SELECT_ALL;
}
select_option(A) ::= DISTINCT. {
	A = AST_SELECT_DISTINCT;
}
select_option(A) ::= STRAIGHT_JOIN. {
	A = AST_SELECT_STRAIGHT_JOIN;
}
select_option(A) ::= HIGH_PRIORITY. {
	A = AST_SELECT_HIGH_PRIORITY;
}
select_option(A) ::= SQL_SMALL_RESULT. {
	A = AST_SELECT_SMALL_RESULT;
}
select_option(A) ::= SQL_BIG_RESULT. {
	A = AST_SELECT_BIG_RESULT;
}
select_option(A) ::= SQL_BUFFER_RESULT. {
	A = AST_SELECT_BUFFER_RESULT;
}
select_option(A) ::= SQL_CALC_FOUND_ROWS. {
	A = AST_SELECT_CALC_FOUND_ROWS;
}
select_option(A) ::= SQL_NO_CACHE. {
	A = AST_SELECT_NO_CACHE;
}
select_option(A) ::= SQL_CACHE. {
	A = AST_SELECT_CACHE;
}

%type select_items {struct ast_select_items}
select_items(A) ::= select_item_or_star(I). {
	A = (struct ast_select_items){0};
	LIST_APPEND(A, *I);
}
select_items(A) ::= select_items(A) COMMA select_item(I). {
	LIST_APPEND(A, *I);
}

%type select_item_or_star {struct ast_select_item *}
select_item_or_star(A) ::= select_item(A).
select_item_or_star(A) ::= STAR(T). {
	A = NEW(struct ast_select_item);
	A->expr = expr_column(parser, AST_STAR, NULL, NULL, NULL, T.span.offset);
}

%type select_item {struct ast_select_item *}
select_item(A) ::= expr(E) select_alias_opt(N). {
	A = NEW(struct ast_select_item);
	*A = select_item(parser, E, N);
}
select_item(A) ::= ident(T) DOT STAR. {
	A = NEW(struct ast_select_item);
	A->expr = expr_column(parser, AST_STAR, NULL, T.text, NULL, T.span.offset);
}
select_item(A) ::= ident(D) DOT ident(T) DOT STAR. {
	A = NEW(struct ast_select_item);
	A->expr = expr_column(parser, AST_STAR, D.text, T.text, NULL, D.span.offset);
}

%type select_alias_opt {struct ast_name}
select_alias_opt(A) ::= . {
	A = (struct ast_name){0};
}
select_alias_opt(A) ::= word(N). {
	A = N;
}
select_alias_opt(A) ::= AS word(N). {
	A = N;
}

%type where_opt {struct ast_expr *}
where_opt(A) ::= . {
	A = NULL;
}
where_opt(A) ::= WHERE expr(E). {
	A = E;
}

%include {
struct grouping {
	struct ast_orders orders;
	bool rollup;
};
}

%type group_by_opt {struct grouping}
group_by_opt(A) ::= . {
	A = (struct grouping){0};
}
group_by_opt(A) ::= GROUP BY groups(L). {
	A = (struct grouping){L, false};
}
group_by_opt(A) ::= GROUP BY groups(L) WITH_ROLLUP. {
	A = (struct grouping){L, true};
}

%type groups {struct ast_orders}
groups(A) ::= expr(E). {
	A = (struct ast_orders){0};
	LIST_APPEND(A, ((struct ast_order){.expr = E}));
}
groups(A) ::= groups(A) COMMA expr(E). {
	LIST_APPEND(A, ((struct ast_order){.expr = E}));
}

%type having_opt {struct ast_expr *}
having_opt(A) ::= . {
	A = NULL;
}
having_opt(A) ::= HAVING expr(E). {
	A = E;
}

%type windows_opt {struct ast_windows}
windows_opt(A) ::= . {
	A = (struct ast_windows){0};
}
windows_opt(A) ::= WINDOW windows(L). {
	A = L;
}

%type windows {struct ast_windows}
windows(A) ::= window(W). {
	A = (struct ast_windows){0};
	LIST_APPEND(A, W);
}
windows(A) ::= windows(A) COMMA window(W). {
	LIST_APPEND(A, W);
}

%type window {struct ast_window *}
window(A) ::= ident(N) AS LP window_spec(W) RP. {
	A = W;
	A->name = N;
}

%type order_opt {struct ast_orders}
order_opt(A) ::= . {
	A = (struct ast_orders){0};
}
order_opt(A) ::= order_by(A).

%type order_by {struct ast_orders}
order_by(A) ::= ORDER BY orders(L). {
	A = L;
}

%type orders {struct ast_orders}
orders(A) ::= order(O). {
	A = (struct ast_orders){0};
	LIST_APPEND(A, O);
}
orders(A) ::= orders(A) COMMA order(O). {
	LIST_APPEND(A, O);
}

%type order {struct ast_order}
order(A) ::= expr(E). {
	A = (struct ast_order){.expr = E};
}
order(A) ::= expr(E) ASC. {
	A = (struct ast_order){.expr = E, .directed = true};
}
order(A) ::= expr(E) DESC. {
	A = (struct ast_order){.expr = E, .directed = true, .descending = true};
}

%type limit_opt {struct ast_limit *}
limit_opt(A) ::= . {
	A = NULL;
}
limit_opt(A) ::= limit(A).

%type limit {struct ast_limit *}
limit(A) ::= LIMIT limit_value(C). {
	A = NEW(struct ast_limit);
	A->count = C;
}
limit(A) ::= LIMIT limit_value(O) COMMA limit_value(C). {
	A = NEW(struct ast_limit);
	A->count = C;
	A->offset = O;
}
limit(A) ::= LIMIT limit_value(C) OFFSET limit_value(O). {
	A = NEW(struct ast_limit);
	A->count = C;
	A->offset = O;
}

%type limit_value {struct ast_expr *}
limit_value(A) ::= INTEGER(T). {
	A = expr_number(parser, AST_LITERAL_INTEGER, T);
}
limit_value(A) ::= HEX_STRING(T). {
	A = expr_literal(parser, AST_LITERAL_HEX, T);
}
limit_value(A) ::= PLACEHOLDER(T). {
	A = expr_new(parser, AST_PLACEHOLDER, T.span.offset);
	A->placeholder = parser->placeholder_count++;
}

/* INTO. */

%type into {struct ast_into *}
into(A) ::= OUTFILE text(F) file_charset_opt(C) file_format(M). {
	A = NEW(struct ast_into);
	A->kind = AST_INTO_OUTFILE;
	A->file = F;
	A->charset = C;
	A->format = *M;
}
into(A) ::= DUMPFILE text(F). {
	A = NEW(struct ast_into);
	A->kind = AST_INTO_DUMPFILE;
	A->file = F;
}
into(A) ::= user_variables(V). {
	A = NEW(struct ast_into);
	A->kind = AST_INTO_VARIABLES;
	A->variables = V;
}

%type user_variables {struct ast_names}
user_variables(A) ::= USER_VARIABLE(V). {
	A = (struct ast_names){0};
	LIST_APPEND(A, token_name(parser, V));
}
user_variables(A) ::= user_variables(A) COMMA USER_VARIABLE(V). {
	LIST_APPEND(A, token_name(parser, V));
}

%type file_charset_opt {const char *}
file_charset_opt(A) ::= . {
	A = NULL;
}
file_charset_opt(A) ::= charset_words charset_name(N). {
	A = N;
}

%type file_format {struct ast_file_format *}
file_format(A) ::= . {
	A = NEW(struct ast_file_format);
}
file_format(A) ::= file_format(A) field_words field_terms(F). {
	file_format_merge(A, F);
}
file_format(A) ::= file_format(A) LINES line_terms(F). {
	file_format_merge(A, F);
}

field_words ::= FIELDS.
field_words ::= COLUMNS.

%type field_terms {struct ast_file_format *}
field_terms(A) ::= field_term(A).
field_terms(A) ::= field_terms(A) field_term(F). {
	file_format_merge(A, F);
}

%type field_term {struct ast_file_format *}
field_term(A) ::= TERMINATED BY delimiter(T). {
	A = NEW(struct ast_file_format);
	*A = (struct ast_file_format){.field_terminator = T};
}
field_term(A) ::= ENCLOSED BY delimiter(T). {
	A = NEW(struct ast_file_format);
	*A = (struct ast_file_format){.field_enclosure = T};
}
field_term(A) ::= OPTIONALLY ENCLOSED BY delimiter(T). {
	A = NEW(struct ast_file_format);
	*A = (struct ast_file_format){.field_enclosure = T, .optionally_enclosed = true};
}
field_term(A) ::= ESCAPED BY delimiter(T). {
	A = NEW(struct ast_file_format);
	*A = (struct ast_file_format){.field_escape = T};
}

%type line_terms {struct ast_file_format *}
line_terms(A) ::= line_term(A).
line_terms(A) ::= line_terms(A) line_term(F). {
	file_format_merge(A, F);
}

%type line_term {struct ast_file_format *}
line_term(A) ::= TERMINATED BY delimiter(T). {
	A = NEW(struct ast_file_format);
	*A = (struct ast_file_format){.line_terminator = T};
}
line_term(A) ::= STARTING BY delimiter(T). {
	A = NEW(struct ast_file_format);
	*A = (struct ast_file_format){.line_start = T};
}

%type delimiter {struct bytes}
delimiter(A) ::= text(A).
delimiter(A) ::= binary_literal(L). {
	A = L->literal->text;
}

/* FROM. */

%type from_opt {struct ast_table_ref *}
from_opt(A) ::= . {
	A = NULL;
}
from_opt(A) ::= FROM DUAL. {
	A = NULL;
}
from_opt(A) ::= FROM table_refs(T). {
	A = T;
}

%type table_refs {struct ast_table_ref *}
table_refs(A) ::= table_ref(A).
table_refs(A) ::= table_refs(L) COMMA table_ref(R). {
	A = table_ref_join(parser, L, AST_JOIN_INNER, R);
	A->join.comma = true;
}

%type table_ref {struct ast_table_ref *}
table_ref(A) ::= table_factor(A).
table_ref(A) ::= table_ref(L) inner_join(K) table_ref(R). [CROSS_JOIN] {
	A = table_ref_cross_join(parser, L, K, R);
}
table_ref(A) ::= table_ref(L) inner_join(K) table_ref(R) ON expr(E). [ON] {
	A = table_ref_join(parser, L, K, R);
	A->join.on = E;
}
table_ref(A) ::= table_ref(L) inner_join(K) table_ref(R) USING LP names(N) RP. [ON] {
	A = table_ref_join(parser, L, K, R);
	A->join.using = N;
}
table_ref(A) ::= table_ref(L) outer_join(K) table_ref(R) ON expr(E). [ON] {
	A = table_ref_join(parser, L, K, R);
	A->join.on = E;
}
table_ref(A) ::= table_ref(L) outer_join(K) table_ref(R) USING LP names(N) RP. [ON] {
	A = table_ref_join(parser, L, K, R);
	A->join.using = N;
}
table_ref(A) ::= table_ref(L) natural_join(K) table_factor(R). {
	A = table_ref_join(parser, L, K, R);
	A->join.natural = true;
}

%type inner_join {enum ast_join_kind}
inner_join(A) ::= JOIN. {
	A = AST_JOIN_INNER;
}
inner_join(A) ::= INNER JOIN. {
	A = AST_JOIN_INNER;
}
inner_join(A) ::= CROSS JOIN. {
	A = AST_JOIN_INNER;
}
inner_join(A) ::= STRAIGHT_JOIN. {
	A = AST_JOIN_STRAIGHT;
}

%type outer_join {enum ast_join_kind}
outer_join(A) ::= LEFT outer_opt JOIN. {
	A = AST_JOIN_LEFT;
}
outer_join(A) ::= RIGHT outer_opt JOIN. {
	A = AST_JOIN_RIGHT;
}

%type natural_join {enum ast_join_kind}
natural_join(A) ::= NATURAL JOIN. {
	A = AST_JOIN_INNER;
}
natural_join(A) ::= NATURAL INNER JOIN. {
	A = AST_JOIN_INNER;
}
natural_join(A) ::= NATURAL outer_join(K). {
	A = K;
}

outer_opt ::= .
outer_opt ::= OUTER.

%type table_factor {struct ast_table_ref *}
table_factor(A) ::= table_name_ref(A) index_hints(H). {
	A->table.hints = H;
}
table_factor(A) ::= query_parens(Q) derived_alias(N). [SUBQUERY] {
	A = table_ref_derived(parser, Q, N->alias, N->columns, false, Q->parentheses.offset);
}
table_factor(A) ::= LATERAL(T) query_parens(Q) derived_alias(N). {
	A = table_ref_derived(parser, Q, N->alias, N->columns, true, T.span.offset);
}
table_factor(A) ::= LP table_refs(T) RP. {
	A = T;
	A->parenthesised = true;
}
table_factor(A) ::= LBRACE ident(K) table_ref(T) RBRACE. {
	A = T;
	A->parenthesised = true;
	if (!name_is(K, "OJ"))
		parser_syntax_error(parser, K.span.offset);
}

%include {
struct derived_alias {
	struct ast_name alias;
	struct ast_names columns;
};
}

%type derived_alias {struct derived_alias *}
derived_alias(A) ::= . [SUBQUERY] {
	A = NEW(struct derived_alias);
}
derived_alias(A) ::= as_opt ident(N) names_in_parens_opt(C). {
	A = NEW(struct derived_alias);
	*A = (struct derived_alias){N, C};
}

as_opt ::= .
as_opt ::= AS.

/* A table with its partitions and alias. */
%type table_name_ref {struct ast_table_ref *}
table_name_ref(A) ::= object_name(N) partitions_opt(P) table_alias_opt(L). {
	A = table_ref_new(parser, AST_TABLE, N.span.offset);
	A->table.name = N;
	A->table.partitions = P;
	A->alias = L;
}

%type partitions_opt {struct ast_names}
partitions_opt(A) ::= . {
	A = (struct ast_names){0};
}
partitions_opt(A) ::= PARTITION LP names(L) RP. {
	A = L;
}

%type table_alias_opt {struct ast_name}
table_alias_opt(A) ::= . {
	A = (struct ast_name){0};
}
table_alias_opt(A) ::= as_opt ident(N). {
	A = N;
}

%type index_hints {struct ast_index_hints}
index_hints(A) ::= . {
	A = (struct ast_index_hints){0};
}
index_hints(A) ::= index_hints(A) index_hint_kind(K) index_word index_hint_use(U) LP index_names_opt(L) RP. {
	struct ast_index_hint hint = {K, U, L};
	LIST_APPEND(A, hint);
}

%type index_hint_kind {enum ast_index_hint_kind}
index_hint_kind(A) ::= USE. {
	A = AST_HINT_USE;
}
index_hint_kind(A) ::= IGNORE. {
	A = AST_HINT_IGNORE;
}
index_hint_kind(A) ::= FORCE. {
	A = AST_HINT_FORCE;
}

index_word ::= INDEX.
index_word ::= KEY.

%type index_hint_use {enum ast_index_hint_use}
index_hint_use(A) ::= . {
	A = AST_HINT_FOR_ALL;
}
index_hint_use(A) ::= FOR JOIN. {
	A = AST_HINT_FOR_JOIN;
}
index_hint_use(A) ::= FOR ORDER BY. {
	A = AST_HINT_FOR_ORDER;
}
index_hint_use(A) ::= FOR GROUP BY. {
	A = AST_HINT_FOR_GROUP;
}

%type index_names_opt {struct ast_names}
index_names_opt(A) ::= . {
	A = (struct ast_names){0};
}
index_names_opt(A) ::= index_names(A).

%type index_names {struct ast_names}
index_names(A) ::= index_name(N). {
	A = (struct ast_names){0};
	LIST_APPEND(A, N);
}
index_names(A) ::= index_names(A) COMMA index_name(N). {
	LIST_APPEND(A, N);
}

index_name(A) ::= ident(A).
index_name(A) ::= PRIMARY(T). {
	A = token_name(parser, T);
}
