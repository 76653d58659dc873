/* The values of lc_time_names. A locale's place is its number in statements that are logged. */
#pragma once

enum { session_locale_count = 111 };
extern const char *const session_locales[]; /* MySQL's order; NULL ends */
