#include "query/function/locale.h"

#include <string.h>
#include <strings.h>

#include "session/locales.h"

static const struct time_locale locales[] = {
#include "query/function/locale.inc"
};

static const struct time_locale *find(struct bytes name)
{
	for (size_t i = 0; i < sizeof locales / sizeof locales[0]; i++)
		if (text_equal_nocase(name, bytes_of_string(locales[i].name)))
			return &locales[i];
	return &locales[0];
}

const struct time_locale *locale_of_session(struct session *session)
{
	return find(bytes_of_string(session_locales[session->variables.lc_time_names]));
}

struct bytes locale_name(const char *names, unsigned index)
{
	for (; index > 0; index--) {
		const char *next = strchr(names, '|');
		if (next == NULL)
			return bytes_of(NULL, 0);
		names = next + 1;
	}
	return bytes_of(names, strcspn(names, "|"));
}
