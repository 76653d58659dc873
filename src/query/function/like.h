/*
 * A LIKE pattern, made ready once and matched against many texts. Private to the folder of query.
 *
 * Characters match when the collation calls them equal, one by one, so that no expansion or padding plays a part.
 */
#pragma once

#include "base/bytes.h"
#include "type/collation.h"

struct like_pattern {
	const struct collation *collation;
	struct bytes pattern;
	uint32_t escape;    /* its first bytes as a number, or 0 */
	bool bytes;         /* characters are bytes and equal when the same */
	bool is_easy;       /* ASCII is compared with ASCII by itself... */
	bool folds;         /* ...and a = A */
};

/* The pattern is borrowed; bytes: BINARY. Without an escape until like_set_escape. */
void like_init(struct like_pattern *like, const struct collation *collation, struct bytes pattern, bool bytes);
/* Of one character or none; false when it is longer. */
bool like_set_escape(struct like_pattern *like, struct bytes escape, uint64_t sql_mode);
bool like_matches(const struct like_pattern *like, struct bytes text);
