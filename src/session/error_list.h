/* slave_skip_errors: which errors an applier passes over. Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { error_list_max = 65535 };

struct error_list {
	bool is_empty;
	bool has_all;
	uint8_t bits[(error_list_max + 1) / 8];
};

/* "OFF", "ALL", or numbers and "ddl_exist_errors", by commas. False: it is none of them. */
bool error_list_parse(const char *text, struct error_list *out);
bool error_list_has(const struct error_list *list, unsigned code);
