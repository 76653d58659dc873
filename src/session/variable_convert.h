/* Between a variable's slot and values, texts and options. Private to session. */
#pragma once

#include "session/variable_values.h"

/* The compiled-in default. The slot's text is the caller's. */
struct variable_slot variable_default_slot(const struct variable_row *row);
/* As @@name gives it: numbers as numbers, switches as 0 and 1, names as texts. */
void variable_to_value(const struct variable_row *row, const struct variable_slot *slot, struct arena *arena,
		       struct value *out);
/* As SHOW VARIABLES prints it. */
const char *variable_print(const struct variable_row *row, const struct value *value, struct arena *arena);
/* -1: 1231, 1232, or what the kind's own check says. The slot's text is the caller's. */
int variable_from_value(const struct variable_row *row, const struct value *value, struct warnings *warnings,
			struct variable_slot *out, struct diag *diag);
/* text NULL: the option stood alone. Sizes may end in K, M, G, T. */
int variable_from_option(const struct variable_row *row, const char *text, struct variable_slot *out,
			 struct diag *diag);
