#include "filter/pattern.h"

static size_t character_size(const uint8_t *at, const uint8_t *end)
{
	size_t size = *at < 0xc0 ? 1 : *at < 0xe0 ? 2 : *at < 0xf0 ? 3 : 4;
	if (size > (size_t)(end - at))
		return 1;
	for (size_t i = 1; i < size; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 1;
	return size;
}

/*
 * Behind a `%` all is matched greedily from the shortest run on; when that fails, the last `%` takes one character more.
 * An earlier one need not be tried again: what stands between the two was found at its first place.
 */
bool pattern_matches(struct bytes pattern, struct bytes text)
{
	const uint8_t *wanted = pattern.data, *wanted_end = wanted + pattern.size;
	const uint8_t *at = text.data, *end = at + text.size;
	const uint8_t *behind_many = NULL, *resume = NULL;
	for (;;) {
		if (wanted < wanted_end && *wanted == '%') {
			behind_many = ++wanted;
			resume = at;
			continue;
		}
		if (wanted == wanted_end && at == end)
			return true;
		if (wanted < wanted_end && at < end) {
			bool is_escaped = *wanted == '\\' && wanted + 1 < wanted_end;
			if (!is_escaped && *wanted == '_') {
				wanted++;
				at += character_size(at, end);
				continue;
			}
			if (wanted[is_escaped] == *at) {
				wanted += 1 + is_escaped;
				at++;
				continue;
			}
		}
		if (behind_many == NULL || resume == end)
			return false;
		resume += character_size(resume, end);
		wanted = behind_many;
		at = resume;
	}
}
