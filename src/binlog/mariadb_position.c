#include "binlog/mariadb_position.h"

#include <string.h>

/* Where the domain stands, or would. */
static uint32_t place_of(const struct mariadb_position *position, uint32_t domain)
{
	uint32_t place = 0;
	while (place < position->count && position->gtids[place].domain < domain)
		place++;
	return place;
}

static bool is_there(const struct mariadb_position *position, uint32_t place, uint32_t domain)
{
	return place < position->count && position->gtids[place].domain == domain;
}

bool mariadb_position_put(struct mariadb_position *position, const struct mariadb_gtid *gtid)
{
	uint32_t place = place_of(position, gtid->domain);
	struct mariadb_gtid *at = &position->gtids[place];
	if (!is_there(position, place, gtid->domain)) {
		if (position->count == mariadb_domains_max)
			return false;
		memmove(at + 1, at, (position->count - place) * sizeof *at);
		position->count++;
	}
	*at = *gtid;
	return true;
}

const struct mariadb_gtid *mariadb_position_find(const struct mariadb_position *position, uint32_t domain)
{
	uint32_t place = place_of(position, domain);
	return is_there(position, place, domain) ? &position->gtids[place] : NULL;
}

bool mariadb_position_merge(struct mariadb_position *position, const struct mariadb_position *other)
{
	for (uint32_t i = 0; i < other->count; i++) {
		const struct mariadb_gtid *mine = mariadb_position_find(position, other->gtids[i].domain);
		if (mine && mine->sequence >= other->gtids[i].sequence)
			continue;
		if (!mariadb_position_put(position, &other->gtids[i]))
			return false;
	}
	return true;
}

bool mariadb_position_reaches(const struct mariadb_position *position, const struct mariadb_position *wanted)
{
	for (uint32_t i = 0; i < wanted->count; i++) {
		const struct mariadb_gtid *mine = mariadb_position_find(position, wanted->gtids[i].domain);
		if (mine == NULL || mine->sequence < wanted->gtids[i].sequence)
			return false;
	}
	return true;
}

/* ------------------------------------------------------------------------------------------------------------ text */

static void skip_blanks(struct bytes *text)
{
	while (text->size && strchr(" \t\r\n", *text->data))
		*text = bytes_of(text->data + 1, text->size - 1);
}

static bool take_number(struct bytes *text, uint64_t max, uint64_t *out)
{
	size_t digits = 0;
	*out = 0;
	for (; digits < text->size && text->data[digits] >= '0' && text->data[digits] <= '9'; digits++) {
		unsigned digit = text->data[digits] - '0';
		if (*out > (max - digit) / 10)
			return false;
		*out = *out * 10 + digit;
	}
	*text = bytes_of(text->data + digits, text->size - digits);
	return digits > 0;
}

static bool take_character(struct bytes *text, char character)
{
	if (text->size == 0 || *text->data != character)
		return false;
	*text = bytes_of(text->data + 1, text->size - 1);
	return true;
}

static bool take_gtid(struct bytes *text, struct mariadb_gtid *out)
{
	uint64_t domain, server_id, sequence;
	if (!take_number(text, UINT32_MAX, &domain) || !take_character(text, '-') ||
	    !take_number(text, UINT32_MAX, &server_id) || !take_character(text, '-') ||
	    !take_number(text, UINT64_MAX, &sequence) || sequence == 0)
		return false;
	*out = (struct mariadb_gtid){(uint32_t)domain, (uint32_t)server_id, sequence};
	return true;
}

static bool parse(struct bytes text, struct mariadb_position *out)
{
	struct mariadb_gtid gtid;
	skip_blanks(&text);
	if (text.size == 0)
		return true;
	do {
		skip_blanks(&text);
		if (!take_gtid(&text, &gtid) || mariadb_position_find(out, gtid.domain) ||
		    !mariadb_position_put(out, &gtid))
			return false;
		skip_blanks(&text);
	} while (take_character(&text, ','));
	return text.size == 0;
}

int mariadb_position_parse(struct bytes text, struct mariadb_position *out, struct diag *diag)
{
	struct mariadb_position position = {0};
	if (!parse(text, &position))
		return diag_set(diag, ER_INCORRECT_GTID_STATE);
	*out = position;
	return 0;
}

void mariadb_position_print(const struct mariadb_position *position, struct buf *out)
{
	for (uint32_t i = 0; i < position->count; i++) {
		const struct mariadb_gtid *gtid = &position->gtids[i];
		buf_printf(out, "%s%u-%u-%llu", i ? "," : "", gtid->domain, gtid->server_id,
			   (unsigned long long)gtid->sequence);
	}
}

/* ----------------------------------------------------------------------------------------------------------- bytes */

void mariadb_position_encode(const struct mariadb_position *position, struct buf *out)
{
	buf_put_u32(out, position->count);
	for (uint32_t i = 0; i < position->count; i++) {
		buf_put_u32(out, position->gtids[i].domain);
		buf_put_u32(out, position->gtids[i].server_id);
		buf_put_u64(out, position->gtids[i].sequence);
	}
}

bool mariadb_position_decode(struct cursor *cursor, struct mariadb_position *out)
{
	struct mariadb_position position = {0};
	uint32_t count = cursor_u32(cursor);
	for (uint32_t i = 0; i < count && !cursor->failed; i++) {
		struct mariadb_gtid gtid = {.domain = cursor_u32(cursor)};
		gtid.server_id = cursor_u32(cursor);
		gtid.sequence = cursor_u64(cursor);
		if (cursor->failed || !mariadb_position_put(&position, &gtid))
			return false;
	}
	if (cursor->failed)
		return false;
	*out = position;
	return true;
}
