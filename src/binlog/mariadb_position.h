/*
 * How far a replica has come in a MariaDB source's transactions, as MariaDB says it.
 *
 * MariaDB names a transaction by a domain (a stream of its own), the server it was first committed on, and a number
 * that rises in the domain: "0-1-100". A position is the last one of each domain: "0-1-100,1-2-5". It cannot tell of
 * gaps, as a gtid_set can; what is between two of them only the source knows.
 *
 * Pure data, a plain value: it may be copied. Domains are sorted.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/diag.h"

enum { mariadb_domains_max = 32 };

struct mariadb_gtid {
	uint32_t domain;
	uint32_t server_id;
	uint64_t sequence; /* from 1; 0: no GTID */
};

struct mariadb_position {
	uint32_t count;
	struct mariadb_gtid gtids[mariadb_domains_max]; /* the last of each domain */
};

/* The domain's last one is this now. False: there are mariadb_domains_max domains already, and this is another. */
bool mariadb_position_put(struct mariadb_position *position, const struct mariadb_gtid *gtid);
/* NULL: none of that domain. Borrowed. */
const struct mariadb_gtid *mariadb_position_find(const struct mariadb_position *position, uint32_t domain);
/* In each domain the one with the higher number: what two who follow different sources have together. As put. */
bool mariadb_position_merge(struct mariadb_position *position, const struct mariadb_position *other);
/* Has each domain of `wanted` come at least that far? */
bool mariadb_position_reaches(const struct mariadb_position *position, const struct mariadb_position *wanted);

/* "0-1-100,1-2-5"; blanks around pass, a domain stands there once. -1: 1941. */
int mariadb_position_parse(struct bytes text, struct mariadb_position *out, struct diag *diag);
void mariadb_position_print(const struct mariadb_position *position, struct buf *out); /* appended */

/* count u32, then each: domain u32, server id u32, sequence u64. Appended. */
void mariadb_position_encode(const struct mariadb_position *position, struct buf *out);
/* False: these are not such bytes. */
bool mariadb_position_decode(struct cursor *cursor, struct mariadb_position *out);
