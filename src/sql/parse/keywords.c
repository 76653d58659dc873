#include "sql/parse/keywords.h"

#include <string.h>

#include "sql/grammar.h"
#include "sql/parse/lexer_parts.h"

static const struct keyword keywords[] = {
#define LETTER(letter)
#define KEYWORD(word, token, rule) {word, sizeof word - 1, rule, TK_##token},
#include "sql/parse/keywords.def"
#undef KEYWORD
#undef LETTER
};

/* first_X is the index of the first keyword that begins with X: the enum counts keywords, not letters. */
enum {
#define LETTER(letter) first_##letter, before_##letter = first_##letter - 1,
#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define KEYWORD(word, token, rule) JOIN(keyword_at_line_, __LINE__),
#include "sql/parse/keywords.def"
#undef KEYWORD
#undef LETTER
	keyword_count
};

static const uint16_t first_of_letter[] = {
#define LETTER(letter) first_##letter,
#define KEYWORD(word, token, rule)
#include "sql/parse/keywords.def"
#undef KEYWORD
#undef LETTER
	keyword_count,
};

enum { keyword_size_max = 40 };

const struct keyword *keyword_find(const char *word, size_t size)
{
	char folded[keyword_size_max];
	if (size > keyword_size_max)
		return NULL;
	for (size_t i = 0; i < size; i++)
		folded[i] = upper(word[i]);
	if (folded[0] < 'A' || folded[0] > 'Z')
		return NULL;
	size_t low = first_of_letter[folded[0] - 'A'];
	size_t high = first_of_letter[folded[0] - 'A' + 1];
	while (low < high) {
		size_t middle = (low + high) / 2;
		const struct keyword *keyword = &keywords[middle];
		int order = memcmp(folded, keyword->word, size < keyword->size ? size : keyword->size);
		if (order == 0 && size == keyword->size)
			return keyword;
		if (order < 0 || (order == 0 && size < keyword->size))
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}
