/* The codes of QUERY's status variables, as they stand in the log. */
#pragma once

enum query_status {
	QUERY_STATUS_FLAGS2 = 0,         /* u32 */
	QUERY_STATUS_SQL_MODE = 1,       /* u64 */
	QUERY_STATUS_CATALOG = 2,        /* size u8, text, 0: servers 5.0.0 to 5.0.3 */
	QUERY_STATUS_AUTO_INCREMENT = 3, /* increment u16, offset u16 */
	QUERY_STATUS_CHARSET = 4,        /* client u16, connection u16, server u16 */
	QUERY_STATUS_TIME_ZONE = 5,      /* size u8, text */
	QUERY_STATUS_CATALOG_NZ = 6,     /* size u8, text */
	QUERY_STATUS_LC_TIME_NAMES = 7,  /* u16 */
	QUERY_STATUS_CHARSET_DATABASE = 8,      /* u16 */
	QUERY_STATUS_TABLE_MAP_FOR_UPDATE = 9,  /* u64 */
	QUERY_STATUS_MASTER_DATA_WRITTEN = 10,  /* u32 */
	QUERY_STATUS_INVOKER = 11,              /* size u8, user, size u8, host */
	QUERY_STATUS_UPDATED_DBS = 12,          /* count u8 (254: too many), each text, 0 */
	QUERY_STATUS_MICROSECONDS = 13,         /* u24 */
	QUERY_STATUS_EXPLICIT_DEFAULTS_TS = 16, /* u8 */
	QUERY_STATUS_DDL_XID = 17,              /* u64 */
	QUERY_STATUS_DEFAULT_COLLATION_UTF8MB4 = 18, /* u16 */
	QUERY_STATUS_REQUIRE_PRIMARY_KEY = 19,  /* u8 */
	QUERY_STATUS_TABLE_ENCRYPTION = 20,     /* u8 */
	QUERY_STATUS_MARIADB_MICROSECONDS = 128,
	QUERY_STATUS_MARIADB_XID = 129,         /* u64 */
	QUERY_STATUS_MARIADB_GTID_FLAGS = 130,  /* u8, [u64] */
	QUERY_STATUS_MARIADB_COLLATIONS = 131,  /* count u8, each u16, u16 */
};
