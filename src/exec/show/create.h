/*
 * Definitions as statements: what SHOW CREATE prints, and what is logged for CREATE TABLE .. SELECT. The text reads
 * back, here and on MySQL and MariaDB, as the same definition.
 */
#pragma once

#include "base/buf.h"
#include "catalog/catalog.h"

struct show_create_context {
	const struct time_zone *zone;  /* of TIMESTAMP defaults: the session's */
	uint64_t auto_increment;       /* the next value; 1 and 0 are not shown */
};

/* Appended, without a semicolon. */
void show_create_table_text(const struct table *table, const struct show_create_context *context, struct buf *out);
/* if_not_exists: SHOW CREATE DATABASE IF NOT EXISTS. */
void show_create_database_text(const char *name, const struct collation *collation, bool if_not_exists, struct buf *out);
void show_create_view_text(const struct view *view, const char *current_database, struct buf *out);
/* The default of a column as its clause's operand: 'x', NULL, CURRENT_TIMESTAMP(3), (uuid()), b'1'. False: none. */
bool show_create_default(const struct column *column, const struct time_zone *zone, struct buf *out);
/* 'text' as MySQL prints comments and defaults: quotes doubled, zero, line ends and backslashes escaped. */
void show_create_quoted(struct bytes text, struct buf *out);
