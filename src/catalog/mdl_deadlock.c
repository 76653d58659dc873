/*
 * Deadlocks among metadata locks: a depth-first search along "waits for", from the request that was queued last, which
 * alone can have closed a cycle. It runs under the locks of all shards, so the graph stands still.
 */
#include "catalog/mdl_internal.h"

/* Who gives way in a deadlock: the lowest. DDL has more to lose than a statement that can be tried again. */
static const int weight[MDL_MODE_COUNT] = {
	[MDL_SHARED_READ] = 0, [MDL_SHARED_WRITE] = 0, [MDL_INTENTION_EXCLUSIVE] = 1,
	[MDL_SHARED_READ_ONLY] = 2, [MDL_SHARED_NO_READ_WRITE] = 3, [MDL_EXCLUSIVE] = 4,
};

struct search {
	struct mdl_owner *start;
	struct mdl_owner *victim; /* the cheapest on the cycle */
	uint64_t number;
};

static bool search_owner(struct search *search, struct mdl_owner *owner);

static void consider_victim(struct search *search, struct mdl_owner *owner)
{
	int cost = weight[owner->request->mode], best = weight[search->victim->request->mode];
	if (cost < best || (cost == best && owner->request_number > search->victim->request_number))
		search->victim = owner;
}

/* Follows one edge of the waits-for graph. True when it leads back to the start. */
static bool search_edge(struct search *search, struct mdl_owner *waiter, struct mdl_owner *holder)
{
	if (holder == waiter || (holder != search->start && !search_owner(search, holder)))
		return false;
	consider_victim(search, waiter);
	return true;
}

static bool search_owner(struct search *search, struct mdl_owner *owner)
{
	if (owner->visit == search->number || owner->state != WAIT_QUEUED)
		return false;
	owner->visit = search->number;
	struct ticket *request = owner->request;
	struct name_lock *name = request->name;
	for (struct ticket *held = name->granted.next; held != &name->granted; held = held->next)
		if ((mdl_conflicts[request->mode] & MODE(held->mode)) && search_edge(search, owner, held->owner))
			return true;
	if (mdl_owner_holds_any(owner, name))
		return false;
	for (struct ticket *ahead = name->waiting.next; ahead != request; ahead = ahead->next)
		if ((mdl_conflicts[request->mode] & MODE(ahead->mode)) && search_edge(search, owner, ahead->owner))
			return true;
	return false;
}

void mdl_break_cycles(struct mdl *mdl, struct mdl_owner *owner)
{
	while (owner->state == WAIT_QUEUED) {
		struct search search = {.start = owner, .victim = owner, .number = ++mdl->search_number};
		if (!search_owner(&search, owner))
			return;
		search.victim->state = WAIT_VICTIM;
		condition_signal(&search.victim->condition);
	}
}

bool mdl_meets_row_wait(const struct ticket *request)
{
	const struct name_lock *name = request->name;
	for (const struct ticket *held = name->granted.next; held != &name->granted; held = held->next) {
		const struct mdl_owner *holder = held->owner;
		if ((mdl_conflicts[request->mode] & MODE(held->mode)) && holder != request->owner &&
		    holder->waits_for_row && atomic_load(holder->waits_for_row))
			return true;
	}
	return false;
}
