#include "session/error_list.h"

#include <string.h>
#include <strings.h>

#include "base/diag.h"

/* What a definition says that was carried out before. */
static const uint16_t ddl_exist_errors[] = {
	ER_DB_CREATE_EXISTS, ER_DB_DROP_EXISTS, ER_TABLE_EXISTS_ERROR, ER_BAD_TABLE_ERROR, ER_BAD_FIELD_ERROR,
	ER_DUP_FIELDNAME, ER_DUP_KEYNAME, ER_MULTIPLE_PRI_KEY, ER_CANT_DROP_FIELD_OR_KEY, ER_NO_SUCH_TABLE};

static void add(struct error_list *list, unsigned code)
{
	list->bits[code / 8] |= (uint8_t)(1u << code % 8);
	list->is_empty = false;
}

static bool is_word(const char *text, size_t size, const char *word)
{
	return size == strlen(word) && strncasecmp(text, word, size) == 0;
}

static bool add_number(struct error_list *list, const char *text, size_t size)
{
	unsigned code = 0;
	for (size_t i = 0; i < size; i++) {
		if (text[i] < '0' || text[i] > '9' || code > error_list_max)
			return false;
		code = code * 10 + (unsigned)(text[i] - '0');
	}
	if (size == 0 || code == 0 || code > error_list_max)
		return false;
	add(list, code);
	return true;
}

static bool add_item(struct error_list *list, const char *text, size_t size)
{
	if (is_word(text, size, "all")) {
		list->has_all = true;
		list->is_empty = false;
		return true;
	}
	if (!is_word(text, size, "ddl_exist_errors"))
		return add_number(list, text, size);
	for (size_t i = 0; i < sizeof ddl_exist_errors / sizeof *ddl_exist_errors; i++)
		add(list, ddl_exist_errors[i]);
	return true;
}

bool error_list_parse(const char *text, struct error_list *out)
{
	*out = (struct error_list){.is_empty = true};
	if (strcasecmp(text, "off") == 0 || *text == 0)
		return true;
	for (;;) {
		text += strspn(text, " \t");
		size_t size = strcspn(text, ", \t");
		if (!add_item(out, text, size))
			return false;
		text += size;
		text += strspn(text, " \t");
		if (*text == 0)
			return true;
		if (*text++ != ',')
			return false;
	}
}

bool error_list_has(const struct error_list *list, unsigned code)
{
	if (list->is_empty || code == 0 || code > error_list_max)
		return false;
	return list->has_all || (list->bits[code / 8] >> code % 8 & 1);
}
