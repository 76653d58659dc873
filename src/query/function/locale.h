/*
 * Names of months and days in the languages of lc_time_names. Private to the functions of time. The rows are in
 * function_locale.inc, which tools/locale_names.py writes.
 */
#pragma once

#include "session/session.h"

struct time_locale {
	const char *name; /* "de_DE" */
	/* Names with '|' between, January and Monday first. */
	const char *months, *short_months, *days, *short_days;
};

const struct time_locale *locale_of_session(struct session *session); /* en_US for what is unknown. Borrowed forever */
struct bytes locale_name(const char *names, unsigned index);          /* empty past the end */
