/*
 * MySQL's SQL, for Lemon. The build puts the fragments of this folder together, this one first. Actions only
 * call builders of sql/parser.h.
 *
 * A keyword that is not reserved falls back to IDENT wherever the grammar has no use for it there. Words
 * that merely name an option are no keywords at all: rules take an ident and builders look it up.
 */
%name sql_parser
%token_prefix TK_
%token_type {struct token}
%default_type {struct ast_name}
%extra_argument {struct parser *parser}
%stack_size 2000
%start_symbol input

%include {
#include <assert.h>

#include "sql/parse/parser.h"

#define YYNOERRORRECOVERY 1

/* Lemon's template fetches the parser where it has no use for it, and declares nothing. */
#pragma GCC diagnostic ignored "-Wunused-variable"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wmissing-prototypes"
}

%syntax_error {
	(void)yymajor;
	parser_syntax_error(parser, TOKEN.span.offset);
}

%stack_overflow {
	parser_out_of_depth(parser);
}

%fallback IDENT
	ACCOUNT ACTION ADDDATE ADMIN AFTER AGAINST ALGORITHM ALWAYS ANY_CALL ARRAY ASCII ATTRIBUTE AUTHORS
	AUTO_INCREMENT BEGIN BINLOG BIT BOOL BOOLEAN BTREE BYTE CACHE CASCADED CAST CHAIN CHANNEL CHARSET
	CHECKSUM CIPHER CLONE CODE COLLATION COLUMNS COLUMN_FORMAT COMMENT COMMIT COMMITTED CONCURRENT
	CONNECTION CONSISTENT CONTRIBUTORS COUNT CURRENT DATA DATE DATETIME DATE_ADD DATE_SUB DEALLOCATE
	DEFINER DIRECTORY DISABLE DISCARD DO DUMPFILE ENABLE ENCRYPTION END ENFORCED ENGINE ENGINES ENUM
	ERRORS ESCAPE EVENT EVENTS EXECUTE EXPANSION EXPIRE EXPORT EXTENDED EXTRACT FAILED_LOGIN_ATTEMPTS
	FIELDS FILTER FIRST FIXED FLUSH FOLLOWING FORMAT FULL FUNCTION GET GET_FORMAT GLOBAL GRANTS GROUPS
	GROUP_CONCAT GROUP_REPLICATION HANDLER HARD HASH HELP HISTORY HOSTS IDENTIFIED IMMEDIATE IMPORT
	INDEXES INSTALL INSTANCE INVISIBLE INVOKER IO_THREAD ISOLATION ISSUER JSON KEY_BLOCK_SIZE LANGUAGE
	LEVEL LOCAL LOCKED LOGS MASTER MEMBER MERGE MODE MODIFY NAMES NATIONAL NCHAR NEVER NO NONE NOWAIT
	NULLS NVARCHAR OF OFFSET OLD OPEN OPTIONAL OVER PARSER PARTITIONING PARTITIONS PASSWORD
	PASSWORD_LOCK_TIME PERSIST PERSIST_ONLY PLUGINS POSITION PRECEDING PREPARE PRIVILEGES PROCESSLIST
	PROFILE PROFILES PROXY QUERY QUICK RANDOM RECURSIVE RELAYLOG REMOVE REPAIR REPEATABLE REPLICA
	REPLICAS REPLICATION RESET RESPECT RESTART RETAIN RETURNING REUSE ROLE ROLLBACK ROWS ROW_CALL
	RTREE SAVEPOINT SECURITY SERIAL SERIALIZABLE SERVER SESSION SHARE SHUTDOWN SIGNED SKIP SLAVE
	SLAVES SNAPSHOT SOFT SOUNDS SOURCE SQL SQL_AFTER_MTS_GAPS SQL_BUFFER_RESULT SQL_CACHE SQL_NO_CACHE
	SQL_THREAD START STATEMENT STATUS STOP STORAGE STORED SUBDATE SUBJECT SUBSTRING TABLES TABLESPACE
	TEMPORARY TEMPTABLE TEXT TIME TIMESTAMP TIMESTAMPADD TIMESTAMPDIFF TRANSACTION TRIGGERS TRIM
	TRUNCATE TYPE UNBOUNDED UNCOMMITTED UNDEFINED UNICODE UNINSTALL UNKNOWN UNTIL UPGRADE USER
	VALIDATION VALUE VARIABLES VIA VIEW VIRTUAL VISIBLE WARNINGS WEIGHT_STRING WITHOUT WORK X509 XA
	XML YEAR.

%wildcard ANYTHING.

/* What the lexer finds and no rule has. */
%token ILLEGAL SEMICOLON COLON.

%left ROW_CONSTRUCTOR.
%left INTERVAL.
%nonassoc SUBQUERY.
%nonassoc RP COMMA INTO KEY.
%left CROSS_JOIN.
%left JOIN INNER CROSS STRAIGHT_JOIN NATURAL LEFT RIGHT ON USING.

input ::= statement(S). {
	parser->statement = S;
}
input ::= PARSE_EXPRESSION expr(E). {
	parser->expression = E;
}

%type statement {struct ast_statement *}

/* Names. */

ident(A) ::= IDENT(T). {
	A = token_name(parser, T);
}

%type ident_opt {struct ast_name}
ident_opt(A) ::= . {
	A = (struct ast_name){0};
}
ident_opt(A) ::= ident(N). {
	A = N;
}

/* A name or a string, where MySQL takes either. */
word(A) ::= ident(N). {
	A = N;
}
word(A) ::= STRING(T). {
	A = token_name(parser, T);
}

%type object_name {struct ast_object_name}
object_name(A) ::= ident(N). {
	A = (struct ast_object_name){.name = N, .span = N.span};
}
object_name(A) ::= ident(D) DOT ident(N). {
	A = (struct ast_object_name){.database = D, .name = N, .span = span_join(D.span, N.span)};
}

%type object_names {struct ast_object_names}
object_names(A) ::= object_name(N). {
	A = (struct ast_object_names){0};
	LIST_APPEND(A, N);
}
object_names(A) ::= object_names(A) COMMA object_name(N). {
	LIST_APPEND(A, N);
}

%type names {struct ast_names}
names(A) ::= ident(N). {
	A = (struct ast_names){0};
	LIST_APPEND(A, N);
}
names(A) ::= names(A) COMMA ident(N). {
	LIST_APPEND(A, N);
}

%type names_in_parens_opt {struct ast_names}
names_in_parens_opt(A) ::= . {
	A = (struct ast_names){0};
}
names_in_parens_opt(A) ::= LP names(L) RP. {
	A = L;
}

/* a.b.c, as variables have it. */
%type path {struct ast_names}
path(A) ::= ident(N). {
	A = (struct ast_names){0};
	LIST_APPEND(A, N);
}
path(A) ::= path(A) DOT ident(N). {
	LIST_APPEND(A, N);
}

%type text {struct bytes}
text(A) ::= STRING(T). {
	A = token_bytes(parser, T);
}

/* What is compared with bytes that the client hashed. */
%type password {struct bytes}
password(A) ::= STRING(T). {
	A = token_sent_bytes(parser, T);
}

%type integer {uint64_t}
integer(A) ::= INTEGER(T). {
	A = token_integer(parser, T);
}

/* utf8mb4, 'utf8mb4', binary: lower case. */
%type charset_name {const char *}
charset_name(A) ::= word(N). {
	A = name_lower(parser, N);
}
charset_name(A) ::= BINARY. {
	A = "binary";
}

/* NULL is DEFAULT. */
%type charset_or_default {const char *}
charset_or_default(A) ::= charset_name(N). {
	A = N;
}
charset_or_default(A) ::= DEFAULT. {
	A = NULL;
}

charset_words ::= CHARSET.
charset_words ::= CHAR SET.

equal_opt ::= .
equal_opt ::= EQUAL.

set_sign ::= EQUAL.
set_sign ::= ASSIGN.

not_word ::= NOT.
not_word ::= NOT2.

%type if_exists_opt {bool}
if_exists_opt(A) ::= . {
	A = false;
}
if_exists_opt(A) ::= IF EXISTS. {
	A = true;
}

%type if_not_exists_opt {bool}
if_not_exists_opt(A) ::= . {
	A = false;
}
if_not_exists_opt(A) ::= IF not_word EXISTS. {
	A = true;
}

/* Text that is kept as it is, up to the end of the statement. */
opaque ::= .
opaque ::= opaque ANYTHING.
