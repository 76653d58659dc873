/*
 * The table of SQL functions and operators: what they are called, what they take, what they give, and which function
 * of the evaluator computes them. functions.def holds the rows; this header says how to read one.
 *
 *   FUNCTION(sql_name, min, max, arguments, result, result_parameter, flags, extras, evaluator_name)
 *
 * sql_name     lower case, as in the AST. Operators and special syntax begin with '$' and cannot be called by name.
 * min, max     number of arguments; -1: any number. Otherwise error 1582.
 * arguments    one letter an argument; the last one stands for all that follow, or, with a '+', the letters behind
 *              that repeat ("j+tJ": j, t, J, t, J, ...). The resolver converts:
 *
 *   i  INTEGER              texts by their leading number with warning 1292, REAL and DECIMAL rounded
 *   r  REAL                 n  DECIMAL (the argument's own scale; integers scale 0; REAL and TEXT as parsed)
 *   t  TEXT                 BINARY is read as UTF-8, numbers and times as they print
 *   s  string               TEXT as it is; BINARY when any 's' argument is BINARY, then all are. SQLite's value type
 *                           says which: TEXT counts characters, BLOB counts bytes
 *   b  BINARY               TEXT becomes its bytes in its own character set
 *   B  bytes                as b, but TEXT stays what it is where those are the bytes it has: it is only counted or summed
 *   d  DATE     m  TIME     D  DATETIME
 *   N  number               all 'N' arguments get one class, INTEGER, DECIMAL or REAL (texts: REAL; times: INTEGER, or
 *                           DECIMAL when they have a fraction): suffix _int, _uint (INTEGER and the result is
 *                           unsigned), _dec, _real
 *   V  temporal             DATE, TIME and DATETIME stay what they are, all else becomes TEXT, to be read as the function
 *                           likes: suffix _date, _time, _dt, _text
 *   A  aggregated           all 'A' arguments are converted to the result's class; no suffix
 *   T  truth value          INTEGER 0, 1, NULL
 *   j  JSON document        JSON; a TEXT is parsed, error 3141 if it does not
 *   J  JSON value           JSON; SQL values become JSON scalars (a TEXT becomes a JSON string)
 *   *  any                  no conversion but ENUM and SET to TEXT
 *
 * NULL arguments arrive as NULL whatever the letter; unless FUNCTION_NULL_AWARE the answer is then NULL.
 *
 * extras       constants appended behind the arguments, one letter each:
 *   s  scale (DECIMAL digits behind the point) of the result       f  fsp of the result
 *   S  scale of the first argument (31 for REAL without scale)     F  fsp of the first argument
 *   c  id of the collation the arguments compare by (63 for BINARY)
 *   C  id of the result's collation                                w  text of the expression for error 1690 (TEXT)
 *   u  1 when the first argument is unsigned, else 0                l  result length, characters or bytes
 *   m  class letter of each argument as they arrived, one string: i r n t b d m D j 0 (NULL)
 *
 *   r  class word of the result ("text", "dt", ...)              U  unit of an INTERVAL: "day_second" (TEXT)
 *
 * evaluator_name   begins with "gm_" when it is ours; suffixes by class are appended: those of the letters, or, with
 *                  FUNCTION_RESULT_SUFFIX, the result's class. Else SQLite's own function, and TEXT arguments then
 *                  carry their collation in the SQL (min, max, coalesce).
 *                  An evaluator's function answers in the class of the node: INTEGER (8 byte BLOB above INT64_MAX),
 *                  REAL, DECIMAL BLOB, TEXT, BLOB, packed times; text functions keep TEXT or BLOB as they got it.
 *
 * DISTINCT aggregates have one argument and no extras, so that SQLite can do the DISTINCT. COUNT(DISTINCT a, b)
 * counts gm_tuple(a, collation id of a, b, collation id of b, ...): one BLOB, equal when all are, NULL when any is.
 * AVG of INTEGER or DECIMAL is gm_avg_dec(gm_sum_...(x), count(x), scale). GROUP_CONCAT is printed as
 * gm_group_concat(text, separator, form, key, key, ...): form is "<d or -><collation id of the text>" and for each
 * ORDER BY key a or d and the collation id (0: none), e.g. "-45a0d45"; d: DISTINCT.
 *
 * Conversions (TREE_CONVERT.convert.name) are called gm_<to>_from_<from>, class words as in class_name:
 *   int uint real dec text bin date time dt json; `from` has also float, bit, enum, set, year.
 *   gm_int_from_{real,dec,text,bin,date,time,dt,json}(x)          rounds; text by its leading number; dates 20240131
 *   gm_uint_from_{int,real,dec,text,...}(x)                       CAST AS UNSIGNED: modulo 2^64 for negative integers
 *   gm_int_from_uint(x)                                           CAST AS SIGNED: modulo 2^64
 *   gm_real_from_{int,dec,text,bin,date,time,dt,json}(x)
 *   gm_dec_from_{int,real,text,bin,date,time,dt,json}(x, precision, scale)   precision 0: as many digits as it has
 *   gm_dec_from_dec(x, precision, scale)                          CAST: rounds, warning 1264 when it does not fit
 *   gm_text_from_int(x)      gm_text_from_int(x, width)           ZEROFILL and YEAR
 *   gm_text_from_real(x, decimals)  gm_text_from_float(x, decimals)   31: shortest
 *   gm_text_from_dec(x, scale)
 *   gm_text_from_date(x)     gm_text_from_time(x, fsp)   gm_text_from_dt(x, fsp)
 *   gm_text_from_enum(x, names)  gm_text_from_set(x, names)       names: the operand's type.names, as the writer passes
 *                                                                 them; not among the extras
 *   gm_text_from_bin(x, charset)                                  the bytes are text in that charset (enum charset_id);
 *                                                                 bad ones: NULL and warning 1300
 *   gm_text_from_text(x, charset)                                 what the charset lacks becomes '?'
 *   gm_text_cut(x, characters)   gm_bin_cut(x, bytes)             CAST(x AS CHAR(n)): warning 1292 when cut
 *   gm_bin_pad(x, bytes)                                          CAST(x AS BINARY(n)): zero bytes
 *   gm_bin_from_text(x, charset)  gm_bin_from_bit(x, bits)
 *   gm_date_from_{int,real,dec,text,bin,dt,time}(x, strict)       strict 1: CONVERT_COMPARE, bad texts are error 1525,
 *   gm_time_from_{int,real,dec,text,bin,dt,date}(x, fsp, strict)  0: NULL and warning 1292
 *   gm_dt_from_{int,real,dec,text,bin,time}(x, fsp, strict)       gm_dt_round(x, fsp), gm_time_round(x, fsp)
 *   gm_json_from_{int,real,dec,text,bin,date,time,dt}(x [, fsp of times | scale])   an SQL value as JSON scalar
 *   gm_json_from_bool(x)                                          0, 1: false, true
 *   gm_json_parse(x, argument, function)                          a text that is JSON; for error 3141: the argument's
 *                                                                 number from 1, the function's name as TEXT
 *   gm_key_from_{text,real,dec}(x)                                a constant to compare with an INTEGER column: INTEGER
 *                                                                 when x is exactly one, else REAL
 *   gm_year_from_text(x), gm_year_from_int(x)                     the same for YEAR columns: 70 and '70' are 1970
 * CONVERT_STORE uses the same functions.
 */
#pragma once

#include <stdbool.h>

#include "base/bytes.h"
#include "sql/resolve/tree.h"

enum function_flags {
	FUNCTION_AGGREGATE = 1 << 0,        /* may be used as a window function too */
	FUNCTION_WINDOW = 1 << 1,           /* only with OVER */
	FUNCTION_NONDETERMINISTIC = 1 << 2, /* RAND(), UUID() */
	FUNCTION_SESSION = 1 << 3,          /* one value a statement, another in the next: NOW(), DATABASE() */
	FUNCTION_UNSAFE = 1 << 4,           /* statement format */
	FUNCTION_EFFECT = 1 << 5,           /* SLEEP(), GET_LOCK() */
	FUNCTION_NOT_NULL = 1 << 6,         /* never NULL */
	FUNCTION_NULLABLE = 1 << 7,         /* may be NULL although no argument is */
	FUNCTION_NULL_AWARE = 1 << 8,       /* NULL arguments do not make the result NULL by themselves */
	FUNCTION_COMPARES = 1 << 9,         /* the strings' collations must agree: error 1267 */
	FUNCTION_RESULT_SUFFIX = 1 << 10,   /* the result's class is appended to the evaluator's name */
	FUNCTION_LAST_ID = 1 << 11,         /* statement format: the LAST_INSERT_ID of the session travels along */
	FUNCTION_SEEDED = 1 << 12,          /* statement format: without arguments, so do the seeds of the session */
};

/* The resolver's: decides the result's type and class from the arguments as they arrived. -1 with diag. */
struct function_call;
typedef int function_result(struct function_call *call, int parameter, struct diag *diag);

struct function {
	const char *name;
	int min, max;
	const char *arguments;
	function_result *result;
	int parameter;
	unsigned flags;
	const char *extras;
	const char *evaluator_name;
};

const struct function *function_find(struct bytes name); /* exact, lower case; or NULL */
const struct function *function_at(unsigned index);      /* NULL past the end: for tests and for whoever registers them */
