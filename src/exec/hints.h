/* What a statement's optimizer hints ask for, beside advice. Private to exec. */
#pragma once

#include "exec/statement.h"

/* Obeys those that can be; warns of the others, and of what is no hint. What it sets of the session is the statement's only. */
void hints_obey(struct statement *statement);
