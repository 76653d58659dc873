/*
 * The changes that were made to a page's interval since the page is as it is (page_cache.h says what they mean): newest
 * first.
 *
 * A change has a count of references: a reader takes those it sees and applies them without a lock. Its moments are guarded
 * by whoever owns the list, key and value never change.
 */
#pragma once

#include "store/page/page.h"

enum { page_changes_max = 32 };

struct page_change {
	_Atomic unsigned references;
	/* guarded by the list's owner */
	struct page_change *next;		       /* older */
	struct page_change *open_next, *open_previous; /* among those whose write is under way; NULL: it has ended */
	void *owner;				       /* borrowed, whom the list belongs to */
	uint64_t end;				       /* 0: its write is under way */
	/* immutable */
	uint64_t write;
	uint64_t before;
	bool is_deletion;
	uint32_t key_size, value_size;
	uint8_t bytes[]; /* key, value */
};

struct page_change *page_change_create(uint64_t write, uint64_t before, struct bytes key, const struct bytes *value);
void page_change_unref(struct page_change *change);
struct bytes page_change_key(const struct page_change *change);
size_t page_change_size(const struct page_change *change);

/* What a reader sees of a list: of each key the newest, by key. */
struct page_changes_seen {
	struct page_change *items[page_changes_max]; /* a reference each */
	unsigned count;
	struct page_change *newest; /* of the list: it and all older ones are seen. NULL: not all older ones */
	uint64_t since;		    /* the newest end among them */
};
/* False: of one of them it cannot be told whether it is to be seen as of the moment; nothing is taken. */
bool page_changes_see(struct page_change *list, uint64_t as_of, struct page_changes_seen *out);
void page_changes_seen_release(struct page_changes_seen *seen);

/* A page with what was seen in it, the old one is as it was. */
struct page *page_changes_apply(const struct page *page, const struct page_changes_seen *seen);
