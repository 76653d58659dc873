/* sql_mode: a set of bits with MySQL's positions, as the log's Q_SQL_MODE_CODE carries them. */
#pragma once

#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/diag.h"

enum sql_mode {
	SQL_MODE_REAL_AS_FLOAT = 1 << 0,
	SQL_MODE_PIPES_AS_CONCAT = 1 << 1,
	SQL_MODE_ANSI_QUOTES = 1 << 2,
	SQL_MODE_IGNORE_SPACE = 1 << 3, /* bit 4 is free */
	SQL_MODE_ONLY_FULL_GROUP_BY = 1 << 5,
	SQL_MODE_NO_UNSIGNED_SUBTRACTION = 1 << 6,
	SQL_MODE_NO_DIR_IN_CREATE = 1 << 7,
	/* 8 to 17 were other servers' dialects; MySQL 8.0 has none of them. */
	SQL_MODE_ANSI = 1 << 18, /* stands for 0 to 3 and 5 together */
	SQL_MODE_NO_AUTO_VALUE_ON_ZERO = 1 << 19,
	SQL_MODE_NO_BACKSLASH_ESCAPES = 1 << 20,
	SQL_MODE_STRICT_TRANS_TABLES = 1 << 21,
	SQL_MODE_STRICT_ALL_TABLES = 1 << 22,
	SQL_MODE_NO_ZERO_IN_DATE = 1 << 23,
	SQL_MODE_NO_ZERO_DATE = 1 << 24,
	SQL_MODE_ALLOW_INVALID_DATES = 1 << 25,
	SQL_MODE_ERROR_FOR_DIVISION_BY_ZERO = 1 << 26,
	SQL_MODE_TRADITIONAL = 1 << 27,
	SQL_MODE_NO_AUTO_CREATE_USER = 1 << 28, /* gone in MySQL 8.0; accepted, for old clients and logs */
	SQL_MODE_HIGH_NOT_PRECEDENCE = 1 << 29,
	SQL_MODE_NO_ENGINE_SUBSTITUTION = 1 << 30,
};

/* Bits past an int's. */
static const uint64_t SQL_MODE_PAD_CHAR_TO_FULL_LENGTH = UINT64_C(1) << 31;
static const uint64_t SQL_MODE_TIME_TRUNCATE_FRACTIONAL = UINT64_C(1) << 32;

/* MySQL 8.0's default. */
static const uint64_t sql_mode_default =
	SQL_MODE_ONLY_FULL_GROUP_BY | SQL_MODE_STRICT_TRANS_TABLES | SQL_MODE_NO_ZERO_IN_DATE |
	SQL_MODE_NO_ZERO_DATE | SQL_MODE_ERROR_FOR_DIVISION_BY_ZERO | SQL_MODE_NO_ENGINE_SUBSTITUTION;

/*
 * Reads a comma separated list of mode names in any case, or a decimal number of bits. Combinations (ANSI,
 * TRADITIONAL) set their parts too. Unknown names and bits: ER_WRONG_VALUE_FOR_VAR naming sql_mode.
 */
int sql_mode_parse(struct bytes text, uint64_t *out_mode, struct diag *diag);

/* The names of all set bits, in bit order, with commas between; bits without a name are left out. */
void sql_mode_print(uint64_t mode, struct buf *out);

/* Combinations gain their parts: what @@sql_mode shows after a value was set as a number. */
uint64_t sql_mode_expand(uint64_t mode);

static inline bool sql_mode_is_strict(uint64_t mode)
{
	return (mode & (SQL_MODE_STRICT_TRANS_TABLES | SQL_MODE_STRICT_ALL_TABLES)) != 0;
}
