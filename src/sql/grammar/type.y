/* The types of columns. */

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
