/*
 * What stands in front of a result set's rows, as it was sent before: the packets that define the columns. A client that
 * runs a statement again and again is sent the same bytes again and again.
 *
 * Known by the number that the statement's plan gave its columns (session/result.h). The newest ones of a connection are
 * kept; owned by its thread.
 */
#pragma once

#include "session/result.h"
#include "wire/packet.h"

enum { result_heads_max = 8, result_head_size_max = 2048 };

struct result_head {
	uint64_t columns_id;           /* 0: none is kept here */
	const struct charset *results; /* character_set_results then */
	struct buf packets;            /* with their headers */
	uint8_t first_number, packet_count;
};

struct result_heads {
	struct result_head *kept; /* result_heads_max of them, or NULL until there is one */
};

/* Where a head begins among what a wire has sent. */
struct result_head_start {
	uint64_t bytes_sent;
	size_t size;
	uint8_t number;
};

void result_heads_deinit(struct result_heads *heads);
/* True: it has been put to the packets that wait to be sent. */
bool result_head_repeat(const struct result_heads *heads, uint64_t columns_id, const struct charset *results,
			struct wire *wire);
struct result_head_start result_head_begin(const struct wire *wire);
/* What wire has got since the start. Large ones are not kept. */
void result_head_keep(struct result_heads *heads, uint64_t columns_id, const struct charset *results,
		      const struct wire *wire, const struct result_head_start *start);
