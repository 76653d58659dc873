/* What a statement's optimizer hints ask for, beside advice. Private to exec. */
#pragma once

#include "exec/statement.h"

/* Obeys those that can be, by variables of the session, which the caller restores; warns of all others. */
void hints_obey(struct statement *statement);
