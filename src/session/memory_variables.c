#include "session/memory_variables.h"

#include "session/variable_values.h"

struct store_memory memory_of_variables(const struct global_variables *variables)
{
	return (struct store_memory){
		.size = global_variables_number(variables, "innodb_buffer_pool_size"),
		.row_percent = (unsigned)global_variables_number(variables, "gemel_row_cache_percent"),
		.page_percent = (unsigned)global_variables_number(variables, "gemel_page_cache_percent"),
	};
}

void memory_changed(struct session *session, struct server *server, enum variable_scope scope)
{
	struct store_memory memory = memory_of_variables(server->variables);
	store_set_memory(server->store, &memory);
}
