/* The list of collations, by id, and the charset table. Private to this folder. */
#pragma once

#include "type/collation.h"
#include "type/weights.h"

/*
 * symbol, id, charset, weights, sort length, then any of DEFAULT (of its charset), BINARY (compares code
 * points or bytes), NO_PAD.
 *
 * Missing on purpose, because their order is not what our tables give: gbk_chinese_ci, and the languages
 * where two letters sort as one (czech, danish, slovak, lithuanian, spanish2, croatian).
 */
#define COLLATION_LIST(X)                                                             \
	X(LATIN1_GERMAN1_CI, 5, "latin1_german1_ci", LATIN1, LATIN1_GERMAN1, 1, 0)    \
	X(LATIN1_SWEDISH_CI, 8, "latin1_swedish_ci", LATIN1, LATIN1_SWEDISH, 1, DEFAULT) \
	X(LATIN2_GENERAL_CI, 9, "latin2_general_ci", LATIN2, LATIN2_GENERAL, 1, DEFAULT) \
	X(ASCII_GENERAL_CI, 11, "ascii_general_ci", ASCII, ASCII_GENERAL, 1, DEFAULT) \
	X(LATIN1_DANISH_CI, 15, "latin1_danish_ci", LATIN1, LATIN1_DANISH, 1, 0)      \
	X(LATIN1_GERMAN2_CI, 31, "latin1_german2_ci", LATIN1, LATIN1_GERMAN2, 2, 0)   \
	X(UTF8MB3_GENERAL_CI, 33, "utf8mb3_general_ci", UTF8MB3, GENERAL, 1, DEFAULT) \
	X(UCS2_GENERAL_CI, 35, "ucs2_general_ci", UCS2, GENERAL, 1, DEFAULT)          \
	X(UTF8MB4_GENERAL_CI, 45, "utf8mb4_general_ci", UTF8MB4, GENERAL, 1, DEFAULT) \
	X(UTF8MB4_BIN, 46, "utf8mb4_bin", UTF8MB4, BYTES, 1, BINARY)                  \
	X(LATIN1_BIN, 47, "latin1_bin", LATIN1, BYTES, 1, BINARY)                     \
	X(LATIN1_GENERAL_CI, 48, "latin1_general_ci", LATIN1, LATIN1_GENERAL, 1, 0)   \
	X(LATIN1_GENERAL_CS, 49, "latin1_general_cs", LATIN1, LATIN1_GENERAL_CS, 1, 0) \
	X(CP1251_BIN, 50, "cp1251_bin", CP1251, BYTES, 1, BINARY)                     \
	X(CP1251_GENERAL_CI, 51, "cp1251_general_ci", CP1251, CP1251_GENERAL, 1, DEFAULT) \
	X(UTF16_GENERAL_CI, 54, "utf16_general_ci", UTF16, GENERAL, 1, DEFAULT)       \
	X(UTF16_BIN, 55, "utf16_bin", UTF16, CODES, 1, BINARY)                        \
	X(UTF32_GENERAL_CI, 60, "utf32_general_ci", UTF32, GENERAL, 1, DEFAULT)       \
	X(UTF32_BIN, 61, "utf32_bin", UTF32, CODES, 1, BINARY)                        \
	X(BINARY, 63, "binary", BINARY, BYTES, 1, DEFAULT | BINARY | NO_PAD)          \
	X(ASCII_BIN, 65, "ascii_bin", ASCII, BYTES, 1, BINARY)                        \
	X(LATIN2_BIN, 77, "latin2_bin", LATIN2, BYTES, 1, BINARY)                     \
	X(UTF8MB3_BIN, 83, "utf8mb3_bin", UTF8MB3, BYTES, 1, BINARY)                  \
	X(GBK_BIN, 87, "gbk_bin", GBK, BYTES, 1, DEFAULT | BINARY)                    \
	X(UCS2_BIN, 90, "ucs2_bin", UCS2, CODES, 1, BINARY)                           \
	X(LATIN1_SPANISH_CI, 94, "latin1_spanish_ci", LATIN1, LATIN1_SPANISH, 1, 0)   \
	X(UTF16_UNICODE_CI, 101, "utf16_unicode_ci", UTF16, UCA_400, 8, 0)            \
	X(UCS2_UNICODE_CI, 128, "ucs2_unicode_ci", UCS2, UCA_400, 8, 0)               \
	X(UTF32_UNICODE_CI, 160, "utf32_unicode_ci", UTF32, UCA_400, 8, 0)            \
	X(UTF8MB3_UNICODE_CI, 192, "utf8mb3_unicode_ci", UTF8MB3, UCA_400, 8, 0)      \
	X(UTF8MB3_UNICODE_520_CI, 214, "utf8mb3_unicode_520_ci", UTF8MB3, UCA_520, 8, 0) \
	X(UTF8MB4_UNICODE_CI, 224, "utf8mb4_unicode_ci", UTF8MB4, UCA_400, 8, 0)      \
	X(UTF8MB4_ICELANDIC_CI, 225, "utf8mb4_icelandic_ci", UTF8MB4, ICELANDIC, 8, 0) \
	X(UTF8MB4_LATVIAN_CI, 226, "utf8mb4_latvian_ci", UTF8MB4, LATVIAN, 8, 0)      \
	X(UTF8MB4_ROMANIAN_CI, 227, "utf8mb4_romanian_ci", UTF8MB4, ROMANIAN, 8, 0)   \
	X(UTF8MB4_SLOVENIAN_CI, 228, "utf8mb4_slovenian_ci", UTF8MB4, SLOVENIAN, 8, 0) \
	X(UTF8MB4_POLISH_CI, 229, "utf8mb4_polish_ci", UTF8MB4, POLISH, 8, 0)         \
	X(UTF8MB4_ESTONIAN_CI, 230, "utf8mb4_estonian_ci", UTF8MB4, ESTONIAN, 8, 0)   \
	X(UTF8MB4_SPANISH_CI, 231, "utf8mb4_spanish_ci", UTF8MB4, SPANISH, 8, 0)      \
	X(UTF8MB4_SWEDISH_CI, 232, "utf8mb4_swedish_ci", UTF8MB4, SWEDISH, 8, 0)      \
	X(UTF8MB4_TURKISH_CI, 233, "utf8mb4_turkish_ci", UTF8MB4, TURKISH, 8, 0)      \
	X(UTF8MB4_ROMAN_CI, 239, "utf8mb4_roman_ci", UTF8MB4, ROMAN, 8, 0)            \
	X(UTF8MB4_PERSIAN_CI, 240, "utf8mb4_persian_ci", UTF8MB4, PERSIAN, 8, 0)      \
	X(UTF8MB4_ESPERANTO_CI, 241, "utf8mb4_esperanto_ci", UTF8MB4, ESPERANTO, 8, 0) \
	X(UTF8MB4_HUNGARIAN_CI, 242, "utf8mb4_hungarian_ci", UTF8MB4, HUNGARIAN, 8, 0) \
	X(UTF8MB4_SINHALA_CI, 243, "utf8mb4_sinhala_ci", UTF8MB4, SINHALA, 8, 0)      \
	X(UTF8MB4_GERMAN2_CI, 244, "utf8mb4_german2_ci", UTF8MB4, GERMAN2, 8, 0)      \
	X(UTF8MB4_UNICODE_520_CI, 246, "utf8mb4_unicode_520_ci", UTF8MB4, UCA_520, 8, 0) \
	X(UTF8MB4_0900_AI_CI, 255, "utf8mb4_0900_ai_ci", UTF8MB4, ICU_PRIMARY, 0, NO_PAD) \
	X(UTF8MB4_0900_AS_CS, 278, "utf8mb4_0900_as_cs", UTF8MB4, ICU_TERTIARY, 0, NO_PAD) \
	X(UTF8MB4_0900_AS_CI, 305, "utf8mb4_0900_as_ci", UTF8MB4, ICU_SECONDARY, 0, NO_PAD) \
	X(UTF8MB4_0900_BIN, 309, "utf8mb4_0900_bin", UTF8MB4, BYTES, 1, BINARY | NO_PAD)

enum collation_index {
#define COLLATION_INDEX(symbol, id, name, charset, weights, sort_length, flags) C_##symbol,
	COLLATION_LIST(COLLATION_INDEX)
#undef COLLATION_INDEX
	COLLATION_COUNT,
};

extern const struct collation collation_table[COLLATION_COUNT];
extern const struct charset charset_table[CHARSET_COUNT];
