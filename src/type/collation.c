#include "type/charset_codec.h"
#include "type/collation_icu.h"
#include "type/collation_table.h"

enum { DEFAULT = 1, BINARY = 2, NO_PAD = 4 };

const struct collation collation_table[COLLATION_COUNT] = {
#define COLLATION(symbol_, id_, name_, charset_, weights_, sort_length_, flags)                                  \
	[C_##symbol_] = {.id = id_, .name = name_, .charset = &charset_table[CHARSET_##charset_],                 \
			 .is_default = ((flags) & DEFAULT) != 0, .is_binary = ((flags) & BINARY) != 0,            \
			 .pad_space = ((flags) & NO_PAD) == 0, .sort_length = sort_length_,                       \
			 .weights = WEIGHTS_##weights_},
	COLLATION_LIST(COLLATION)
#undef COLLATION
};

const struct collation *const collation_binary = &collation_table[C_BINARY];
const struct collation *const collation_utf8mb4_default = &collation_table[C_UTF8MB4_GENERAL_CI];
const struct collation *const collation_utf8mb4_bin = &collation_table[C_UTF8MB4_BIN];
const struct collation *const collation_utf8mb3_general = &collation_table[C_UTF8MB3_GENERAL_CI];
const struct collation *const collation_latin1_default = &collation_table[C_LATIN1_SWEDISH_CI];
const struct collation *const collation_ascii_default = &collation_table[C_ASCII_GENERAL_CI];

void collation_init(void)
{
	charset_codec_init();
	weights_byte_init();
	weights_general_init();
}

void collation_deinit(void)
{
	weights_uca_deinit();
	collation_icu_deinit();
}

/* "utf8_bin" names utf8mb3_bin: compare what follows the old prefix. */
static bool is_named(const struct collation *collation, struct bytes name)
{
	static const char old_prefix[] = "utf8_", new_prefix[] = "utf8mb3_";
	const size_t old_size = sizeof old_prefix - 1, new_size = sizeof new_prefix - 1;
	if (text_equal_nocase(name, bytes_of_string(collation->name)))
		return true;
	return collation->charset->id == CHARSET_UTF8MB3 && name.size > old_size &&
	       text_equal_nocase(bytes_of(name.data, old_size), bytes_of(old_prefix, old_size)) &&
	       text_equal_nocase(bytes_of(name.data + old_size, name.size - old_size),
				 bytes_of_string(collation->name + new_size));
}

const struct collation *collation_find(struct bytes name)
{
	for (size_t i = 0; i < COLLATION_COUNT; i++)
		if (is_named(&collation_table[i], name))
			return &collation_table[i];
	return NULL;
}

const struct collation *collation_find_id(unsigned id)
{
	for (size_t i = 0; i < COLLATION_COUNT; i++)
		if (collation_table[i].id == id)
			return &collation_table[i];
	return NULL;
}

const struct collation *collation_at(size_t index)
{
	return index < COLLATION_COUNT ? &collation_table[index] : NULL;
}
