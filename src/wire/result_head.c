#include "wire/result_head.h"

#include "base/memory.h"

static struct result_head *place_of(const struct result_heads *heads, uint64_t columns_id)
{
	return &heads->kept[columns_id % result_heads_max];
}

void result_heads_deinit(struct result_heads *heads)
{
	for (unsigned i = 0; heads->kept && i < result_heads_max; i++)
		buf_deinit(&heads->kept[i].packets);
	memory_free(heads->kept);
	heads->kept = NULL;
}

bool result_head_repeat(const struct result_heads *heads, uint64_t columns_id, const struct charset *results,
			struct wire *wire)
{
	if (columns_id == 0 || heads->kept == NULL)
		return false;
	const struct result_head *head = place_of(heads, columns_id);
	if (head->columns_id != columns_id || head->results != results || head->first_number != wire->sequence)
		return false;
	buf_put_bytes(&wire->out, buf_bytes(&head->packets));
	wire->sequence += head->packet_count;
	return true;
}

struct result_head_start result_head_begin(const struct wire *wire)
{
	return (struct result_head_start){wire->bytes_sent, wire->out.size, wire->sequence};
}

void result_head_keep(struct result_heads *heads, uint64_t columns_id, const struct charset *results,
		      const struct wire *wire, const struct result_head_start *start)
{
	bool is_whole = wire->bytes_sent == start->bytes_sent && !wire->failed;
	if (columns_id == 0 || !is_whole || wire->out.size - start->size > result_head_size_max)
		return;
	if (heads->kept == NULL)
		heads->kept = memory_zalloc(sizeof *heads->kept * result_heads_max);
	struct result_head *head = place_of(heads, columns_id);
	head->columns_id = columns_id;
	head->results = results;
	head->first_number = start->number;
	head->packet_count = (uint8_t)(wire->sequence - start->number);
	buf_clear(&head->packets);
	buf_put(&head->packets, wire->out.data + start->size, wire->out.size - start->size);
}
