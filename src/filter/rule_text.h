/*
 * How rules are written: in options, each given once for each entry, and in MariaDB's variables, as lists.
 *
 *   replicate-do-db = db | channel:db               the first colon ends the channel's name; ":a:b" is the database "a:b"
 *   replicate-rewrite-db = from->to | channel:from->to
 */
#pragma once

#include "filter/filter.h"

struct rule_text {
	struct bytes channel; /* data NULL: all channels */
	struct bytes name;
	struct bytes to;      /* REWRITE_DB */
};

/* Borrows from the option's value. -1: 1210. */
int rule_text_read_option(enum filter_rule rule, const char *value, struct rule_text *out, struct diag *diag);
/* Replaces the rule's entries by those of "a,b" ("a->b,c->d"); the empty text is none. -1: nothing changed. */
int rule_text_set_list(struct filter *filter, enum filter_rule rule, const char *list, struct diag *diag);
/* The same text back: a variable's value. Appended. */
void rule_text_print_list(const struct filter *filter, enum filter_rule rule, struct buf *out);
