/*
 * What is committed in an interval of keys: read from pages of the page cache where there are, and from RocksDB else, which
 * fills in pages as it goes. RocksDB's iterator, the dear part, is made when a row is first needed from there.
 *
 * Without a snapshot it reads the latest, as of the moment RocksDB's iterator is made, and no pages: those it could be asked
 * for later would be of a later moment.
 *
 * One thread. Outcomes are store_iterator's: moves answer whether there is a key.
 */
#pragma once

#include <rocksdb/c.h>

#include "store/hidden.h"
#include "store/page/page_fill.h"
#include "store/store.h"

struct committed {
	/* immutable while open */
	struct store *store;
	const struct store_snapshot *snapshot; /* borrowed, or NULL */
	struct bytes lower, upper;	       /* borrowed */
	struct page_cache *cache;	       /* borrowed; NULL: no pages */
	uint64_t as_of;			       /* the snapshot's moment */
	uint32_t space;			       /* that the interval is in, with a cache */

	/* owned by the thread */
	bool is_valid;
	struct page *page;		/* where it stands; NULL: in RocksDB */
	unsigned index, first, end;	/* in the page: here, and what lies within the bounds */
	rocksdb_iterator_t *iterator;	/* or NULL */
	rocksdb_readoptions_t *options; /* of the iterator */
	struct hidden_sample sample;
	bool is_descending;  /* its last move */
	struct page_gap gap; /* that the iterator is in */
	struct page_fill fill;
	struct buf edge; /* a key on the way */
};

void committed_open(struct committed *rows, struct store *store, const struct store_snapshot *snapshot,
		    struct bytes lower, struct bytes upper);
void committed_close(struct committed *rows);
bool committed_seek(struct committed *rows, struct bytes key);	     /* the first at or after it */
bool committed_seek_below(struct committed *rows, struct bytes key); /* the last before it */
bool committed_next(struct committed *rows);
bool committed_previous(struct committed *rows);
struct bytes committed_key(const struct committed *rows);
struct bytes committed_value(const struct committed *rows);
int committed_status(const struct committed *rows, struct diag *diag);
