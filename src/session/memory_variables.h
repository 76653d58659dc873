/* The variables that share the store's memory out. */
#pragma once

#include "session/server.h"
#include "session/variables.h"
#include "store/store.h"

struct store_memory memory_of_variables(const struct global_variables *variables);
void memory_changed(struct session *session, struct server *server, enum variable_scope scope);
