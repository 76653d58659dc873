#include "filter/rule_text.h"

#include <string.h>

static struct bytes trim(struct bytes text)
{
	while (text.size && (text.data[0] == ' ' || text.data[0] == '\t'))
		text = bytes_of(text.data + 1, text.size - 1);
	while (text.size && (text.data[text.size - 1] == ' ' || text.data[text.size - 1] == '\t'))
		text.size--;
	return text;
}

/* "from->to" */
static bool split_pair(struct bytes text, struct rule_text *out)
{
	const uint8_t *arrow = memmem(text.data, text.size, "->", 2);
	if (arrow == NULL)
		return false;
	out->name = trim(bytes_of(text.data, (size_t)(arrow - text.data)));
	out->to = trim(bytes_of(arrow + 2, (size_t)(text.data + text.size - arrow - 2)));
	return out->name.size && out->to.size;
}

static int read_entry(enum filter_rule rule, struct bytes text, struct rule_text *out, struct diag *diag)
{
	out->name = trim(text);
	out->to = bytes_of("", 0);
	if (rule == FILTER_REWRITE_DB && !split_pair(text, out))
		return diag_set(diag, ER_WRONG_ARGUMENTS, filter_rule_name(rule));
	return 0;
}

int rule_text_read_option(enum filter_rule rule, const char *value, struct rule_text *out, struct diag *diag)
{
	const char *colon = strchr(value, ':');
	out->channel = colon ? bytes_of(value, (size_t)(colon - value)) : bytes_of(NULL, 0);
	return read_entry(rule, bytes_of_string(colon ? colon + 1 : value), out, diag);
}

static int add_each(struct filter *filter, enum filter_rule rule, const char *list, struct diag *diag)
{
	while (*list) {
		struct rule_text text;
		size_t size = strcspn(list, ",");
		if (read_entry(rule, bytes_of(list, size), &text, diag) < 0 ||
		    filter_add(filter, rule, text.name, text.to, diag) < 0)
			return -1;
		list += size + (list[size] == ',');
	}
	return 0;
}

int rule_text_set_list(struct filter *filter, enum filter_rule rule, const char *list, struct diag *diag)
{
	struct filter *changed = filter_create();
	filter_copy(filter, changed);
	filter_clear(changed, rule);
	int status = add_each(changed, rule, list, diag);
	if (status == 0)
		filter_copy(changed, filter);
	filter_destroy(&changed);
	return status;
}

void rule_text_print_list(const struct filter *filter, enum filter_rule rule, struct buf *out)
{
	const char *name, *to;
	for (size_t i = 0; filter_entry_at(filter, rule, i, &name, &to); i++)
		buf_printf(out, "%s%s%s%s", i ? "," : "", name, *to ? "->" : "", to);
}
