/*
 * The pages of the key spaces of one shard of the page cache: found by key, ordered in a clock, with the changes of each.
 * What is in a directory and what it weighs; which moments mean what is page_cache.c's to know.
 *
 * Not thread safe: the shard's lock guards it.
 */
#pragma once

#include "store/ordered.h"
#include "store/page/page_changes.h"

struct page_space;

/* A page in its directory. */
struct page_slot {
	struct page *page; /* a reference */
	struct page_space *space;
	struct page_slot *clock_next, *clock_previous;
	struct page_change *changes; /* newest first, a reference each */
	unsigned change_count;
	uint32_t change_size; /* in bytes */
	bool was_read;	      /* since the hand came by */
};

enum { page_space_lists = 16 };

struct page_directory {
	struct page_space *spaces[page_space_lists]; /* those that have pages; lists, by the space's number */
	struct page_slot *hand;			     /* of the clock, a ring: the next to be looked at; NULL: empty */
	struct page_change *open;		     /* whose writes are under way */
	uint64_t used;				     /* bytes */
	size_t slot_count;
};

void page_directory_clear(struct page_directory *directory);

/* The slot whose page begins last of those of the space that begin at or before the key. NULL: none does. */
struct page_slot *page_directory_at(const struct page_directory *directory, uint32_t space, struct bytes key);
/* That begin before the key, which may be one of a later space. */
struct page_slot *page_directory_below(const struct page_directory *directory, uint32_t space, struct bytes key);
/* The slot whose page begins first of those that begin behind the key. */
struct page_slot *page_directory_above(const struct page_directory *directory, uint32_t space, struct bytes key);

/* Takes the page over; no other page of the space may overlap it. */
void page_directory_add(struct page_directory *directory, struct page *page);
void page_directory_remove(struct page_directory *directory, struct page_slot *slot);
void page_directory_remove_space(struct page_directory *directory, uint32_t space); /* UINT32_MAX: all */
/* Takes both over. The slot's page goes, and its changes from `applied` on. */
void page_directory_replace(struct page_directory *directory, struct page_slot *slot, struct page *page,
			    struct page_change *applied);
/* Takes the change over, whose write is under way. */
void page_directory_change(struct page_directory *directory, struct page_slot *slot, struct page_change *change);
/* All changes of that write have ended; or it failed, and the pages go that it changed. */
void page_directory_end_write(struct page_directory *directory, uint64_t write, uint64_t now, bool is_done);
/* One step of the clock: who was read stays for another round. */
void page_directory_evict(struct page_directory *directory);
