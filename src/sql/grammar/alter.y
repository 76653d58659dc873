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
