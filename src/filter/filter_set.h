/* The rules of all channels and of single ones, as options give them and CHANGE REPLICATION FILTER changes them. */
#pragma once

#include "filter/rule_text.h"

struct filter_set;

struct filter_set *filter_set_create(void);
void filter_set_destroy(struct filter_set **set);

/* The rules of every channel. Borrowed, to be changed. */
struct filter *filter_set_all(struct filter_set *set);
/* The channel's own rules, made if there are none. Borrowed, to be changed. */
struct filter *filter_set_channel(struct filter_set *set, struct bytes channel);
/* Adds an option's entry where it belongs. -1: as filter_add and rule_text_read_option. */
int filter_set_add_option(struct filter_set *set, enum filter_rule rule, const char *value, struct diag *diag);

/* What a channel of that name begins with: of each rule its own entries, or when it has none, those of all. Replaces. */
void filter_set_resolve(const struct filter_set *set, const char *channel, struct filter *out);
