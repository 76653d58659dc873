/* Statements that change rows. */

statement(A) ::= insert(I). {
	A = statement_new(parser, AST_INSERT);
	A->insert = I;
}
statement(A) ::= update(U). {
	A = statement_new(parser, AST_UPDATE);
	A->update = U;
}
statement(A) ::= delete(D). {
	A = statement_new(parser, AST_DELETE);
	A->delete_rows = D;
}

/* INSERT and REPLACE. */

%type insert {struct ast_insert *}
insert(A) ::= insert_body(A) on_duplicate_opt(D) returning_opt(R). {
	if (A->replace && D.count)
		parser_syntax_error(parser, D.items[0].column->span.offset);
	A->on_duplicate = D;
	A->returning = R;
}

%type insert_start {struct ast_insert *}
insert_start(A) ::= INSERT insert_priority(P) ignore_opt(I) into_opt object_name(N) partitions_opt(L). {
	A = NEW(struct ast_insert);
	A->ignore = I;
	A->priority = P;
	A->table = N;
	A->partitions = L;
}
insert_start(A) ::= REPLACE insert_priority(P) into_opt object_name(N) partitions_opt(L). {
	A = NEW(struct ast_insert);
	A->replace = true;
	A->priority = P;
	A->table = N;
	A->partitions = L;
}

into_opt ::= .
into_opt ::= INTO.

%type ignore_opt {bool}
ignore_opt(A) ::= . {
	A = false;
}
ignore_opt(A) ::= IGNORE. {
	A = true;
}

%type insert_priority {enum ast_priority}
insert_priority(A) ::= . {
	A = AST_PRIORITY_NORMAL;
}
insert_priority(A) ::= LOW_PRIORITY. {
	A = AST_PRIORITY_LOW;
}
insert_priority(A) ::= HIGH_PRIORITY. {
	A = AST_PRIORITY_HIGH;
}
insert_priority(A) ::= DELAYED. {
	A = AST_PRIORITY_DELAYED;
}

%type insert_body {struct ast_insert *}
insert_body(A) ::= insert_start(A) values_word value_rows row_alias_opt(N). {
	insert_set_rows(parser, A, N->alias, N->columns);
}
insert_body(A) ::= insert_start(A) any_query(Q). {
	A->query = Q;
}
insert_body(A) ::= insert_columns(A) values_word value_rows row_alias_opt(N). {
	insert_set_rows(parser, A, N->alias, N->columns);
}
insert_body(A) ::= insert_columns(A) any_query(Q). {
	A->query = Q;
}
insert_body(A) ::= insert_start(A) SET assignments(L) row_alias_opt(N). {
	struct ast_exprs row = {0};
	for (size_t i = 0; i < L.count; i++) {
		LIST_APPEND(A->columns, L.items[i].column);
		LIST_APPEND(row, L.items[i].value);
	}
	insert_add_row(parser, row);
	insert_set_rows(parser, A, N->alias, N->columns);
	A->has_columns = true;
	A->set_form = true;
}

%type insert_columns {struct ast_insert *}
insert_columns(A) ::= insert_start(A) LP RP. {
	A->has_columns = true;
}
insert_columns(A) ::= insert_start(A) LP columns(C) RP. {
	A->has_columns = true;
	A->columns = C;
}

values_word ::= VALUES. {
	parser->row_follows = true;
}
values_word ::= VALUE. {
	parser->row_follows = true;
}

value_rows ::= value_row.
value_rows ::= value_rows COMMA value_row.

value_row ::= LP RP. {
	insert_add_row(parser, (struct ast_exprs){0});
}
value_row ::= LP values(L) RP. {
	insert_add_row(parser, L);
}
value_row ::= LP PLAIN_ROWS RP. {
	parser->row_follows = true;
}

%type values {struct ast_exprs}
values(A) ::= value(E). {
	A = (struct ast_exprs){0};
	LIST_APPEND(A, E);
}
values(A) ::= values(A) COMMA value(E). {
	LIST_APPEND(A, E);
}

%type value {struct ast_expr *}
value(A) ::= expr(A).
value(A) ::= DEFAULT(T). {
	A = expr_column(parser, AST_DEFAULT, NULL, NULL, NULL, T.span.offset);
}

%type row_alias_opt {struct derived_alias *}
row_alias_opt(A) ::= . {
	A = NEW(struct derived_alias);
}
row_alias_opt(A) ::= AS ident(N) names_in_parens_opt(C). {
	A = NEW(struct derived_alias);
	*A = (struct derived_alias){N, C};
}

%type on_duplicate_opt {struct ast_assignments}
on_duplicate_opt(A) ::= . {
	A = (struct ast_assignments){0};
}
on_duplicate_opt(A) ::= ON_DUPLICATE KEY UPDATE assignments(L). {
	A = L;
}

%type returning_opt {struct ast_select_items}
returning_opt(A) ::= . {
	A = (struct ast_select_items){0};
}
returning_opt(A) ::= RETURNING select_items(L). {
	A = L;
}

%type assignments {struct ast_assignments}
assignments(A) ::= assignment(L). {
	A = (struct ast_assignments){0};
	LIST_APPEND(A, L);
}
assignments(A) ::= assignments(A) COMMA assignment(L). {
	LIST_APPEND(A, L);
}

%type assignment {struct ast_assignment}
assignment(A) ::= column(C) set_sign value(E). {
	A = (struct ast_assignment){C, E};
}

/* UPDATE. */

%type update {struct ast_update *}
update(A) ::= with_opt(W) UPDATE low_priority_opt(P) ignore_opt(I) table_refs(T) SET assignments(L) where_opt(E) order_opt(O) limit_opt(M). {
	A = NEW(struct ast_update);
	A->with = W;
	A->low_priority = P;
	A->ignore = I;
	A->tables = T;
	A->multiple_tables = !table_ref_is_one_table(T);
	A->assignments = L;
	A->where = E;
	A->order_by = O;
	A->limit = M;
}

%type with_opt {struct ast_with *}
with_opt(A) ::= . {
	A = NULL;
}
with_opt(A) ::= WITH recursive_opt(R) common_tables(W). {
	A = W;
	A->recursive = R;
}

%type low_priority_opt {bool}
low_priority_opt(A) ::= . {
	A = false;
}
low_priority_opt(A) ::= LOW_PRIORITY. {
	A = true;
}

/* DELETE. */

%type delete {struct ast_delete *}
delete(A) ::= delete_start(A) FROM table_name_ref(T) where_opt(E) order_opt(O) limit_opt(M) returning_opt(R). {
	A->tables = T;
	A->where = E;
	A->order_by = O;
	A->limit = M;
	A->returning = R;
}
delete(A) ::= delete_start(A) delete_targets(L) FROM table_refs(T) where_opt(E). {
	A->multiple_tables = true;
	A->targets = L;
	A->tables = T;
	A->where = E;
}
delete(A) ::= delete_start(A) FROM delete_targets(L) USING table_refs(T) where_opt(E). {
	A->multiple_tables = true;
	A->targets = L;
	A->tables = T;
	A->where = E;
}

%type delete_start {struct ast_delete *}
delete_start(A) ::= with_opt(W) DELETE. {
	A = NEW(struct ast_delete);
	A->with = W;
}
delete_start(A) ::= delete_start(A) LOW_PRIORITY. {
	A->low_priority = true;
}
delete_start(A) ::= delete_start(A) QUICK. {
	A->quick = true;
}
delete_start(A) ::= delete_start(A) IGNORE. {
	A->ignore = true;
}

%type delete_targets {struct ast_object_names}
delete_targets(A) ::= delete_target(N). {
	A = (struct ast_object_names){0};
	LIST_APPEND(A, *N);
}
delete_targets(A) ::= delete_targets(A) COMMA delete_target(N). {
	LIST_APPEND(A, *N);
}

%type delete_target {struct ast_object_name *}
delete_target(A) ::= object_name(N). {
	A = NEW(struct ast_object_name);
	*A = N;
}
delete_target(A) ::= ident(N) DOT STAR. {
	A = NEW(struct ast_object_name);
	*A = (struct ast_object_name){.name = N, .span = N.span};
}
delete_target(A) ::= ident(D) DOT ident(N) DOT STAR. {
	A = NEW(struct ast_object_name);
	*A = (struct ast_object_name){.database = D, .name = N, .span = span_join(D.span, N.span)};
}

/* LOAD DATA. */

statement(A) ::= load_data(L). {
	A = statement_new(parser, AST_LOAD_DATA);
	A->load_data = L;
}

%type load_data {struct ast_load_data *}
load_data(A) ::= load_start(A) load_duplicates(D) INTO TABLE object_name(N) partitions_opt(P) file_charset_opt(C) file_format(F) ignored_lines(I) load_targets(T) load_set(S). {
	A->duplicates = D;
	A->table = N;
	A->partitions = P;
	A->charset = C;
	A->format = *F;
	A->ignored_lines = I;
	A->targets = T;
	A->assignments = S;
}

%type load_start {struct ast_load_data *}
load_start(A) ::= LOAD load_kind(K) load_priority(P) local_opt(L) INFILE text(F). {
	A = NEW(struct ast_load_data);
	A->xml = K;
	A->priority = P;
	A->local = L;
	A->file = F;
}

%type load_kind {bool}
load_kind(A) ::= DATA. {
	A = false;
}
load_kind(A) ::= XML. {
	A = true;
}

%type load_priority {enum ast_priority}
load_priority(A) ::= . {
	A = AST_PRIORITY_NORMAL;
}
load_priority(A) ::= LOW_PRIORITY. {
	A = AST_PRIORITY_LOW;
}
load_priority(A) ::= CONCURRENT. {
	A = AST_PRIORITY_HIGH;
}

%type local_opt {bool}
local_opt(A) ::= . {
	A = false;
}
local_opt(A) ::= LOCAL. {
	A = true;
}

%type load_duplicates {enum ast_load_duplicates}
load_duplicates(A) ::= . {
	A = AST_LOAD_ERROR;
}
load_duplicates(A) ::= IGNORE. {
	A = AST_LOAD_IGNORE;
}
load_duplicates(A) ::= REPLACE. {
	A = AST_LOAD_REPLACE;
}

%type ignored_lines {uint64_t}
ignored_lines(A) ::= . {
	A = 0;
}
ignored_lines(A) ::= IGNORE integer(N) LINES. {
	A = N;
}
ignored_lines(A) ::= IGNORE integer(N) ROWS. {
	A = N;
}

%type load_targets {struct ast_exprs}
load_targets(A) ::= . {
	A = (struct ast_exprs){0};
}
load_targets(A) ::= LP RP. {
	A = (struct ast_exprs){0};
}
load_targets(A) ::= LP load_target_list(L) RP. {
	A = L;
}

%type load_target_list {struct ast_exprs}
load_target_list(A) ::= load_target(E). {
	A = (struct ast_exprs){0};
	LIST_APPEND(A, E);
}
load_target_list(A) ::= load_target_list(A) COMMA load_target(E). {
	LIST_APPEND(A, E);
}

%type load_target {struct ast_expr *}
load_target(A) ::= column(A).
load_target(A) ::= USER_VARIABLE(V). {
	A = expr_new(parser, AST_USER_VARIABLE, V.span.offset);
	A->variable.name = token_text(parser, V);
}

%type load_set {struct ast_assignments}
load_set(A) ::= . {
	A = (struct ast_assignments){0};
}
load_set(A) ::= SET assignments(L). {
	A = L;
}

/* The small ones. */

statement(A) ::= DO exprs(L). {
	A = statement_new(parser, AST_DO);
	A->exprs = L;
}
statement(A) ::= CALL object_name(N). {
	A = statement_new(parser, AST_CALL_PROCEDURE);
	A->call = NEW(struct ast_call_procedure);
	A->call->name = N;
}
statement(A) ::= CALL object_name(N) LP exprs_opt(L) RP. {
	A = statement_new(parser, AST_CALL_PROCEDURE);
	A->call = NEW(struct ast_call_procedure);
	A->call->name = N;
	A->call->arguments = L;
}
statement(A) ::= TRUNCATE table_word_opt object_name(N). {
	A = statement_new(parser, AST_TRUNCATE);
	A->table = N;
}
statement(A) ::= HANDLER opaque. {
	A = statement_unsupported(parser, "HANDLER");
}

table_word_opt ::= .
table_word_opt ::= TABLE.
