#include "query/fulltext.h"

#include <math.h>
#include <string.h>
#include <unicode/uchar.h>

#include "base/arena.h"
#include "base/memory.h"
#include "type/utf8.h"

enum { word_chars_min = 3, word_chars_max = 84, depth_max = 32 };

static const char *const stopwords[] = {
	"a", "about", "an", "are", "as", "at", "be", "by", "com", "de", "en", "for", "from", "how", "i", "in", "is", "it",
	"la", "of", "on", "or", "that", "the", "this", "to", "was", "what", "when", "where", "who", "will", "with", "und",
	"the", "www",
};

struct token { /* a word of a row */
	struct bytes text;
	uint64_t hash;
};

struct word { /* of the search */
	struct bytes text;
	uint64_t hash;
	size_t chars;
	bool is_prefix;  /* a* */
	bool is_ignored; /* too short or a stopword: matters inside a phrase only */
	unsigned occurrences;
};

enum node_kind { NODE_WORD, NODE_PHRASE, NODE_GROUP };
enum node_need { NEED_NONE, NEED_MUST, NEED_MUST_NOT };

struct node {
	enum node_kind kind;
	enum node_need need;
	int adjustment;       /* of the rank: > +1, < and ~ -1 */
	bool only_lowers;     /* ~: does not make a match */
	unsigned *words;      /* WORD: one; PHRASE */
	unsigned word_count;
	unsigned distance;    /* PHRASE: 0: next to one another */
	struct node *first;   /* GROUP: the children */
	struct node *next;
};

struct fulltext_search {
	struct arena arena;
	const struct collation *collation;
	struct word *words; /* owned */
	unsigned word_count, word_capacity;
	struct node root;
	struct token *tokens; /* owned: the row */
	size_t token_count, token_capacity;
};

/* ------------------------------------------------------------------ words in texts */

static bool is_word_char(uint32_t code)
{
	if (code < 0x80)
		return (code >= '0' && code <= '9') || ((code | 0x20) >= 'a' && (code | 0x20) <= 'z') || code == '_';
	return u_isalnum((UChar32)code);
}

/* The next word from *at on; data NULL: there is none. */
static struct bytes next_word(const uint8_t **at, const uint8_t *end)
{
	const uint8_t *start = NULL;
	while (*at < end) {
		uint32_t code;
		size_t size = utf8_decode(*at, end, &code);
		bool belongs = size > 0 && is_word_char(code);
		if (!belongs && start)
			break;
		if (belongs && !start)
			start = *at;
		*at += size ? size : 1;
	}
	return bytes_of(start, start ? (size_t)(*at - start) : 0);
}

static bool is_stopword(struct bytes text)
{
	for (unsigned i = 0; i < sizeof stopwords / sizeof stopwords[0]; i++)
		if (collation_compare_utf8(collation_utf8mb4_default, text, bytes_of_string(stopwords[i])) == 0)
			return true;
	return false;
}

/* The number of the word in the search, which gains it. */
static unsigned add_word(struct fulltext_search *search, struct bytes text, bool is_prefix)
{
	for (unsigned i = 0; i < search->word_count; i++)
		if (search->words[i].is_prefix == is_prefix &&
		    collation_compare_utf8(search->collation, search->words[i].text, text) == 0)
			return i;
	if (search->word_count == search->word_capacity) {
		search->word_capacity = search->word_capacity ? 2 * search->word_capacity : 8;
		search->words = memory_realloc(search->words, search->word_capacity * sizeof *search->words);
	}
	size_t chars = charset_length(charset_get(CHARSET_UTF8MB4), text);
	bool is_short = chars < word_chars_min || chars > word_chars_max || is_stopword(text);
	search->words[search->word_count] = (struct word){
		.text = bytes_of(arena_copy(&search->arena, text.data, text.size), text.size),
		.hash = collation_hash_utf8(search->collation, text), .chars = chars, .is_prefix = is_prefix,
		.is_ignored = is_short && !is_prefix};
	return search->word_count++;
}

/* ------------------------------------------------------------------ reading the search */

struct parser {
	struct fulltext_search *search;
	const uint8_t *at, *end;
	unsigned depth;
};

static struct node *add_node(struct parser *parser, struct node *group, const struct node *node)
{
	struct node **place = &group->first;
	while (*place)
		place = &(*place)->next;
	*place = arena_new(&parser->search->arena, struct node);
	**place = *node;
	return *place;
}

static void put_words(struct parser *parser, struct node *node, struct bytes text)
{
	const uint8_t *at = text.data, *end = text.data + text.size;
	node->words = arena_array(&parser->search->arena, unsigned, text.size / 2 + 1);
	for (struct bytes word = next_word(&at, end); word.data; word = next_word(&at, end))
		node->words[node->word_count++] = add_word(parser->search, word, false);
}

static void read_operators(struct parser *parser, struct node *node)
{
	for (; parser->at < parser->end; parser->at++) {
		switch (*parser->at) {
		case '+': node->need = NEED_MUST; break;
		case '-': node->need = NEED_MUST_NOT; break;
		case '>': node->adjustment = 1; break;
		case '<': node->adjustment = -1; break;
		case '~': node->adjustment = -1, node->only_lowers = true; break;
		default: return;
		}
	}
}

static void read_distance(struct parser *parser, struct node *node)
{
	const uint8_t *at = parser->at;
	while (at < parser->end && *at == ' ')
		at++;
	if (at == parser->end || *at++ != '@')
		return;
	for (; at < parser->end && *at >= '0' && *at <= '9' && node->distance < 100000; at++)
		node->distance = node->distance * 10 + (unsigned)(*at - '0');
	parser->at = at;
}

static void read_phrase(struct parser *parser, struct node *group, struct node *node)
{
	const uint8_t *start = ++parser->at;
	while (parser->at < parser->end && *parser->at != '"')
		parser->at++;
	node->kind = NODE_PHRASE;
	put_words(parser, node, bytes_of(start, (size_t)(parser->at - start)));
	parser->at += parser->at < parser->end;
	read_distance(parser, node);
	if (node->word_count)
		add_node(parser, group, node);
}

static void read_word(struct parser *parser, struct node *group, struct node *node)
{
	struct bytes text = next_word(&parser->at, parser->end);
	if (text.data == NULL)
		return;
	bool is_prefix = parser->at < parser->end && *parser->at == '*';
	parser->at += is_prefix;
	unsigned word = add_word(parser->search, text, is_prefix);
	if (parser->search->words[word].is_ignored)
		return;
	node->kind = NODE_WORD;
	node->words = arena_new(&parser->search->arena, unsigned);
	*node->words = word;
	node->word_count = 1;
	add_node(parser, group, node);
}

static void read_group(struct parser *parser, struct node *group)
{
	parser->depth++;
	while (parser->at < parser->end) {
		struct node node = {0};
		uint32_t code;
		read_operators(parser, &node);
		if (parser->at == parser->end)
			break;
		size_t size = utf8_decode(parser->at, parser->end, &code);
		if (*parser->at == ')' && parser->depth > 1) {
			parser->at++;
			break;
		}
		if (*parser->at == '(' && parser->depth < depth_max) {
			parser->at++;
			node.kind = NODE_GROUP;
			read_group(parser, add_node(parser, group, &node));
		} else if (*parser->at == '"') {
			read_phrase(parser, group, &node);
		} else if (size > 0 && is_word_char(code)) {
			read_word(parser, group, &node);
		} else {
			parser->at += size ? size : 1;
		}
	}
	parser->depth--;
}

struct fulltext_search *fulltext_search_create(struct bytes text, bool boolean_mode, const struct collation *collation)
{
	struct fulltext_search *search = memory_zalloc(sizeof *search);
	arena_init(&search->arena);
	search->collation = collation;
	search->root.kind = NODE_GROUP;
	struct parser parser = {search, text.data, text.data + text.size, 0};
	if (boolean_mode) {
		read_group(&parser, &search->root);
		return search;
	}
	while (parser.at < parser.end) {
		struct node node = {0};
		read_word(&parser, &search->root, &node);
	}
	return search;
}

void fulltext_search_destroy(struct fulltext_search **search_place)
{
	struct fulltext_search *search = *search_place;
	if (search == NULL)
		return;
	memory_free(search->words);
	memory_free(search->tokens);
	arena_deinit(&search->arena);
	memory_free(search);
	*search_place = NULL;
}

/* ------------------------------------------------------------------ a row */

static bool is_word(const struct fulltext_search *search, const struct word *word, const struct token *token)
{
	if (!word->is_prefix)
		return word->hash == token->hash &&
		       collation_compare_utf8(search->collation, word->text, token->text) == 0;
	size_t size = charset_prefix_size(charset_get(CHARSET_UTF8MB4), token->text, word->chars);
	return collation_compare_utf8(search->collation, word->text, bytes_of(token->text.data, size)) == 0;
}

void fulltext_begin_row(struct fulltext_search *search)
{
	search->token_count = 0;
	for (unsigned i = 0; i < search->word_count; i++)
		search->words[i].occurrences = 0;
}

void fulltext_add_text(struct fulltext_search *search, struct bytes text)
{
	const uint8_t *at = text.data, *end = text.data + text.size;
	for (struct bytes found = next_word(&at, end); found.data; found = next_word(&at, end)) {
		if (search->token_count == search->token_capacity) {
			search->token_capacity = search->token_capacity ? 2 * search->token_capacity : 64;
			search->tokens = memory_realloc(search->tokens,
							search->token_capacity * sizeof *search->tokens);
		}
		struct token token = {found, collation_hash_utf8(search->collation, found)};
		search->tokens[search->token_count++] = token;
		for (unsigned i = 0; i < search->word_count; i++)
			search->words[i].occurrences += is_word(search, &search->words[i], &token);
	}
}

unsigned fulltext_word_count(const struct fulltext_search *search)
{
	return search->word_count;
}

void fulltext_count_row(struct fulltext_search *search, uint64_t *counts)
{
	counts[0]++;
	for (unsigned i = 0; i < search->word_count; i++)
		counts[1 + i] += search->words[i].occurrences > 0;
}

/* ------------------------------------------------------------------ matching */

static bool token_is(const struct fulltext_search *search, size_t token, unsigned word)
{
	return token < search->token_count && is_word(search, &search->words[word], &search->tokens[token]);
}

static bool stands_at(const struct fulltext_search *search, const struct node *phrase, size_t token)
{
	for (unsigned i = 0; i < phrase->word_count; i++)
		if (!token_is(search, token + i, phrase->words[i]))
			return false;
	return true;
}

/* All words among `distance` words from this one on. */
static bool stands_near(const struct fulltext_search *search, const struct node *phrase, size_t token)
{
	for (unsigned i = 0; i < phrase->word_count; i++) {
		bool found = false;
		for (size_t k = token; k < token + phrase->distance && k < search->token_count && !found; k++)
			found = token_is(search, k, phrase->words[i]);
		if (!found)
			return false;
	}
	return true;
}

static bool has_phrase(const struct fulltext_search *search, const struct node *phrase)
{
	for (unsigned i = 0; i < phrase->word_count; i++)
		if (search->words[phrase->words[i]].occurrences == 0)
			return false;
	for (size_t token = 0; token < search->token_count; token++)
		if (phrase->distance ? stands_near(search, phrase, token) : stands_at(search, phrase, token))
			return true;
	return false;
}

static float weight(const struct fulltext_search *search, const struct node *node, const uint64_t *counts)
{
	float sum = 0;
	for (unsigned i = 0; i < node->word_count; i++) {
		const struct word *word = &search->words[node->words[i]];
		double rows = (double)counts[0], with = (double)counts[1 + node->words[i]];
		if (word->is_ignored || word->occurrences == 0)
			continue;
		/* A word that is everywhere still ranks above none. */
		double idf = with > 0 && with < rows ? log10(rows / with) : log10(1.0001);
		sum += (float)(word->occurrences * idf * idf);
	}
	return sum;
}

struct score {
	float weight;
	int adjustment;
};

static bool match(const struct fulltext_search *search, const struct node *node, const uint64_t *counts,
		  struct score *score);

static bool match_group(const struct fulltext_search *search, const struct node *group, const uint64_t *counts,
			struct score *score)
{
	bool has_any = false;
	for (const struct node *node = group->first; node; node = node->next) {
		struct score own = {0};
		bool matches = match(search, node, counts, &own);
		if ((node->need == NEED_MUST && !matches) || (node->need == NEED_MUST_NOT && matches))
			return false;
		if (!matches)
			continue;
		has_any |= !node->only_lowers;
		score->weight += own.weight;
		score->adjustment += own.adjustment + node->adjustment;
	}
	return has_any;
}

static bool match(const struct fulltext_search *search, const struct node *node, const uint64_t *counts,
		  struct score *score)
{
	if (node->kind == NODE_GROUP)
		return match_group(search, node, counts, score);
	if (node->kind == NODE_PHRASE ? !has_phrase(search, node) : search->words[node->words[0]].occurrences == 0)
		return false;
	score->weight = weight(search, node, counts);
	return true;
}

double fulltext_rank_row(struct fulltext_search *search, const uint64_t *counts)
{
	struct score score = {0};
	if (!match(search, &search->root, counts, &score))
		return 0;
	float adjustment = score.adjustment > 1 ? 1 : score.adjustment < -1 ? -1 : (float)score.adjustment;
	return (double)(adjustment + score.weight);
}
