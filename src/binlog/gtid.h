/*
 * Global transaction identifiers: which transactions a server has seen.
 *
 * A GTID names one transaction forever: the UUID of the server it was first committed on (SID) and a
 * number on that server (GNO, from 1). A gtid_set is any number of them, kept as sorted, disjoint,
 * non-touching intervals under SIDs sorted by their bytes; no SID without an interval. So two sets hold
 * the same GTIDs exactly if their bytes are the same, and every operation is a merge.
 *
 * Text form (MySQL's):  uuid:1-5:7,\nuuid:3        Binary form (PREVIOUS_GTIDS, COM_BINLOG_DUMP_GTID):
 *   u64 number of SIDs, then each: SID 16 bytes, u64 number of intervals, each i64 first, i64 last + 1
 *
 * Pure data: no locks, no I/O. A set belongs to whoever holds it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/diag.h"

enum { uuid_size = 16, uuid_text_size = 36, gtid_text_size = 36 + 1 + 19 };
#define GTID_GNO_MAX INT64_MAX /* never given to a transaction: intervals end before it */

/* 36 lower-case characters and a zero. */
void uuid_print(const uint8_t uuid[uuid_size], char out[uuid_text_size + 1]);
/* With dashes, without, or {in braces}. False when the text is something else. */
bool uuid_parse(struct bytes text, uint8_t out_uuid[uuid_size]);
/* A random (version 4) UUID, for a server that has none yet. */
void uuid_generate(uint8_t out_uuid[uuid_size]);

struct gtid {
	uint8_t sid[uuid_size];
	int64_t gno; /* 1 .. GTID_GNO_MAX - 1; 0: no GTID */
};

size_t gtid_print(const struct gtid *gtid, char out[gtid_text_size + 1]); /* size without the zero */
bool gtid_parse(struct bytes text, struct gtid *out_gtid);                  /* blanks around the parts pass */
bool gtid_equal(const struct gtid *a, const struct gtid *b);

struct gtid_interval {
	int64_t first;
	int64_t last; /* inclusive */
};

struct gtid_source {
	uint8_t sid[uuid_size];
	struct gtid_interval *intervals; /* owned; sorted, a gap between neighbours */
	size_t count;                    /* at least 1 */
	size_t capacity;
};

struct gtid_set {
	struct gtid_source *sources; /* owned; sorted by SID */
	size_t count;
	size_t capacity;
};

void gtid_set_init(struct gtid_set *set);
void gtid_set_deinit(struct gtid_set *set);
void gtid_set_clear(struct gtid_set *set);
void gtid_set_copy(const struct gtid_set *from, struct gtid_set *to); /* to is initialised; its content goes */

void gtid_set_add(struct gtid_set *set, const struct gtid *gtid);
/* 1 <= first <= last < GTID_GNO_MAX. */
void gtid_set_add_interval(struct gtid_set *set, const uint8_t sid[uuid_size], struct gtid_interval interval);
void gtid_set_remove(struct gtid_set *set, const struct gtid *gtid);
void gtid_set_remove_interval(struct gtid_set *set, const uint8_t sid[uuid_size], struct gtid_interval interval);
void gtid_set_add_set(struct gtid_set *set, const struct gtid_set *other);
void gtid_set_subtract(struct gtid_set *set, const struct gtid_set *other);
void gtid_set_intersect(struct gtid_set *set, const struct gtid_set *other);

bool gtid_set_is_empty(const struct gtid_set *set);
bool gtid_set_contains(const struct gtid_set *set, const struct gtid *gtid);
bool gtid_set_is_subset(const struct gtid_set *set, const struct gtid_set *of);
bool gtid_set_intersects(const struct gtid_set *a, const struct gtid_set *b);
bool gtid_set_equal(const struct gtid_set *a, const struct gtid_set *b);
uint64_t gtid_set_count(const struct gtid_set *set); /* GTIDs in it; sticks at UINT64_MAX */
/* The smallest GNO of the SID that is not in the set, and not below the given one; GTID_GNO_MAX when all are taken. */
int64_t gtid_set_next_gno(const struct gtid_set *set, const uint8_t sid[uuid_size], int64_t from);
/* Adds all GTIDs of the SID that the other set has. */
void gtid_set_add_source(struct gtid_set *set, const struct gtid_set *other, const uint8_t sid[uuid_size]);
/* The largest GNO of the SID in the set, 0 when there is none. */
int64_t gtid_set_last_gno(const struct gtid_set *set, const uint8_t sid[uuid_size]);

/*
 * Adds what the text says. The empty text, blanks and stray commas are fine, intervals may overlap, one that
 * ends before it begins is empty (all MySQL's rules). -1: ER_MALFORMED_GTID_SET_SPECIFICATION; the set
 * then holds what stood before the fault.
 */
int gtid_set_parse(struct gtid_set *set, struct bytes text, struct diag *diag);
/* "uuid:1-5:7,\nuuid:3"; separator ",\n" as MySQL prints, or "," for one line. */
void gtid_set_print(const struct gtid_set *set, const char *separator, struct buf *out);

void gtid_set_encode(const struct gtid_set *set, struct buf *out);
size_t gtid_set_encoded_size(const struct gtid_set *set);
/* Adds what the bytes say; all must be used. -1: ER_MALFORMED_GTID_SET_ENCODING, the set is valid but undefined. */
int gtid_set_decode(struct gtid_set *set, struct bytes bytes, struct diag *diag);
