#include "filter/filter_set.h"

#include <strings.h>

#include "base/memory.h"

struct named_filter {
	char *channel;         /* owned */
	struct filter *filter; /* owned */
};

struct filter_set {
	struct filter *all;         /* owned */
	struct named_filter *named; /* owned */
	size_t count;
};

struct filter_set *filter_set_create(void)
{
	struct filter_set *set = memory_zalloc(sizeof *set);
	set->all = filter_create();
	return set;
}

void filter_set_destroy(struct filter_set **set_place)
{
	struct filter_set *set = *set_place;
	if (set == NULL)
		return;
	filter_destroy(&set->all);
	for (size_t i = 0; i < set->count; i++) {
		memory_free(set->named[i].channel);
		filter_destroy(&set->named[i].filter);
	}
	memory_free(set->named);
	memory_free(set);
	*set_place = NULL;
}

struct filter *filter_set_all(struct filter_set *set)
{
	return set->all;
}

static struct filter *find(const struct filter_set *set, const char *channel)
{
	for (size_t i = 0; i < set->count; i++)
		if (strcasecmp(set->named[i].channel, channel) == 0)
			return set->named[i].filter;
	return NULL;
}

struct filter *filter_set_channel(struct filter_set *set, struct bytes channel)
{
	struct buf name = {0};
	buf_put_bytes(&name, channel);
	struct filter *filter = find(set, buf_cstring(&name));
	if (filter == NULL) {
		filter = filter_create();
		set->named = memory_realloc(set->named, (set->count + 1) * sizeof *set->named);
		set->named[set->count++] = (struct named_filter){memory_copy_string(buf_cstring(&name)), filter};
	}
	buf_deinit(&name);
	return filter;
}

int filter_set_add_option(struct filter_set *set, enum filter_rule rule, const char *value, struct diag *diag)
{
	struct rule_text text;
	if (rule_text_read_option(rule, value, &text, diag) < 0)
		return -1;
	struct filter *filter = text.channel.data ? filter_set_channel(set, text.channel) : set->all;
	return filter_add(filter, rule, text.name, text.to, diag);
}

void filter_set_resolve(const struct filter_set *set, const char *channel, struct filter *out)
{
	const struct filter *own = find(set, channel);
	const char *name, *to;
	for (unsigned rule = 0; rule < FILTER_RULES; rule++) {
		const struct filter *from = own && filter_entry_at(own, rule, 0, &name, &to) ? own : set->all;
		filter_copy_rule(from, rule, out);
	}
}
