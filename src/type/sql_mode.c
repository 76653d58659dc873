#include "type/sql_mode.h"

#include <strings.h>

struct sql_mode_name {
	const char *name;
	uint64_t bits;  /* what the name sets */
	uint64_t shown; /* the one bit that prints the name */
};

#define ANSI_PARTS                                                                                            \
	((uint64_t)(SQL_MODE_REAL_AS_FLOAT | SQL_MODE_PIPES_AS_CONCAT | SQL_MODE_ANSI_QUOTES |                \
		    SQL_MODE_IGNORE_SPACE | SQL_MODE_ONLY_FULL_GROUP_BY))
#define TRADITIONAL_PARTS                                                                                     \
	((uint64_t)(SQL_MODE_STRICT_TRANS_TABLES | SQL_MODE_STRICT_ALL_TABLES | SQL_MODE_NO_ZERO_IN_DATE |    \
		    SQL_MODE_NO_ZERO_DATE | SQL_MODE_ERROR_FOR_DIVISION_BY_ZERO |                             \
		    SQL_MODE_NO_ENGINE_SUBSTITUTION))
#define PLAIN(name) {#name, SQL_MODE_##name, SQL_MODE_##name}

/* In bit order, which is the order of printing. */
static const struct sql_mode_name names[] = {
	PLAIN(REAL_AS_FLOAT),
	PLAIN(PIPES_AS_CONCAT),
	PLAIN(ANSI_QUOTES),
	PLAIN(IGNORE_SPACE),
	PLAIN(ONLY_FULL_GROUP_BY),
	PLAIN(NO_UNSIGNED_SUBTRACTION),
	PLAIN(NO_DIR_IN_CREATE),
	{"ANSI", SQL_MODE_ANSI | ANSI_PARTS, SQL_MODE_ANSI},
	PLAIN(NO_AUTO_VALUE_ON_ZERO),
	PLAIN(NO_BACKSLASH_ESCAPES),
	PLAIN(STRICT_TRANS_TABLES),
	PLAIN(STRICT_ALL_TABLES),
	PLAIN(NO_ZERO_IN_DATE),
	PLAIN(NO_ZERO_DATE),
	PLAIN(ALLOW_INVALID_DATES),
	PLAIN(ERROR_FOR_DIVISION_BY_ZERO),
	{"TRADITIONAL", SQL_MODE_TRADITIONAL | TRADITIONAL_PARTS, SQL_MODE_TRADITIONAL},
	PLAIN(NO_AUTO_CREATE_USER),
	PLAIN(HIGH_NOT_PRECEDENCE),
	PLAIN(NO_ENGINE_SUBSTITUTION),
	{"PAD_CHAR_TO_FULL_LENGTH", UINT64_C(1) << 31, UINT64_C(1) << 31},
	{"TIME_TRUNCATE_FRACTIONAL", UINT64_C(1) << 32, UINT64_C(1) << 32},
};

static const size_t name_count = sizeof names / sizeof *names;

uint64_t sql_mode_expand(uint64_t mode)
{
	if (mode & SQL_MODE_ANSI)
		mode |= ANSI_PARTS;
	if (mode & SQL_MODE_TRADITIONAL)
		mode |= TRADITIONAL_PARTS;
	return mode;
}

static int refuse(struct bytes text, struct diag *diag)
{
	char shown[128];
	size_t size = text.size < sizeof shown - 1 ? text.size : sizeof shown - 1;
	memcpy(shown, text.data, size);
	shown[size] = 0;
	return diag_set(diag, ER_WRONG_VALUE_FOR_VAR, "sql_mode", shown);
}

static int parse_number(struct bytes text, uint64_t *out_mode, struct diag *diag)
{
	uint64_t known = 0;
	for (size_t i = 0; i < name_count; i++)
		known |= names[i].shown;
	uint64_t mode = 0;
	for (size_t i = 0; i < text.size; i++) {
		if (text.data[i] < '0' || text.data[i] > '9' || mode > known)
			return refuse(text, diag);
		mode = mode * 10 + (uint64_t)(text.data[i] - '0');
	}
	if (mode & ~known)
		return refuse(text, diag);
	*out_mode = sql_mode_expand(mode);
	return 0;
}

static const struct sql_mode_name *find_name(struct bytes word)
{
	for (size_t i = 0; i < name_count; i++)
		if (strlen(names[i].name) == word.size &&
		    strncasecmp(names[i].name, (const char *)word.data, word.size) == 0)
			return &names[i];
	return NULL;
}

int sql_mode_parse(struct bytes text, uint64_t *out_mode, struct diag *diag)
{
	if (text.size > 0 && text.data[0] >= '0' && text.data[0] <= '9')
		return parse_number(text, out_mode, diag);
	uint64_t mode = 0;
	size_t start = 0;
	while (start < text.size) {
		const uint8_t *comma = memchr(text.data + start, ',', text.size - start);
		size_t end = comma ? (size_t)(comma - text.data) : text.size;
		struct bytes word = bytes_of(text.data + start, end - start);
		const struct sql_mode_name *name = find_name(word);
		if (name == NULL && word.size > 0)
			return refuse(word, diag);
		if (name)
			mode |= name->bits;
		start = end + 1;
	}
	*out_mode = mode;
	return 0;
}

void sql_mode_print(uint64_t mode, struct buf *out)
{
	const char *comma = "";
	for (size_t i = 0; i < name_count; i++) {
		if (!(mode & names[i].shown))
			continue;
		buf_put_string(out, comma);
		buf_put_string(out, names[i].name);
		comma = ",";
	}
}
