#include "session/compression_list.h"

#include <strings.h>

static unsigned find(struct bytes name)
{
	static const struct {
		const char *name;
		unsigned bit;
	} known[] = {{"zlib", COMPRESSION_ALLOWS_ZLIB},
		     {"zstd", COMPRESSION_ALLOWS_ZSTD},
		     {"uncompressed", COMPRESSION_ALLOWS_NONE}};
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strlen(known[i].name) == name.size &&
		    strncasecmp(known[i].name, (const char *)name.data, name.size) == 0)
			return known[i].bit;
	return 0;
}

bool compression_list_parse(struct bytes text, unsigned *out_set, struct bytes *out_unknown)
{
	unsigned set = 0;
	for (size_t at = 0; at <= text.size;) {
		const uint8_t *begin = text.data + at;
		const uint8_t *comma = text.size > at ? memchr(begin, ',', text.size - at) : NULL;
		struct bytes name = bytes_of(begin, comma ? (size_t)(comma - begin) : text.size - at);
		unsigned bit = find(name);
		if (bit == 0 || (set & bit)) {
			*out_unknown = name;
			return false;
		}
		set |= bit;
		at += name.size + 1;
	}
	*out_set = set;
	return true;
}
