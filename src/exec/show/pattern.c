#include "exec/show/pattern.h"

static int fold(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

bool show_pattern_matches(struct bytes pattern, struct bytes text)
{
	size_t p = 0, t = 0, retry_pattern = 0, retry_text = 0;
	bool may_retry = false;
	while (t < text.size) {
		bool escaped = p + 1 < pattern.size && pattern.data[p] == '\\';
		if (p < pattern.size && !escaped && pattern.data[p] == '%') {
			retry_pattern = ++p;
			retry_text = t;
			may_retry = true;
		} else if (p < pattern.size && ((!escaped && pattern.data[p] == '_') ||
						fold(pattern.data[p + escaped]) == fold(text.data[t]))) {
			p += 1u + escaped;
			t++;
		} else if (may_retry) {
			p = retry_pattern;
			t = ++retry_text;
		} else {
			return false;
		}
	}
	while (p < pattern.size && pattern.data[p] == '%')
		p++;
	return p == pattern.size;
}
