/* Virtual tables about replication: which GTIDs were executed. */
#include "exec/virtual_writer.h"

static void put_source(struct virtual_writer *writer, const struct gtid_source *source)
{
	char uuid[uuid_text_size + 1];
	uuid_print(source->sid, uuid);
	for (size_t i = 0; i < source->count; i++) {
		virtual_put_text(writer, uuid);
		virtual_put_int(writer, source->intervals[i].first);
		virtual_put_int(writer, source->intervals[i].last);
		virtual_row(writer);
	}
}

int fill_gtid_executed(struct virtual_writer *writer)
{
	struct gtid_set executed;
	gtid_set_init(&executed);
	txn_manager_get_executed(writer->session->server->txn_manager, &executed);
	for (size_t i = 0; i < executed.count; i++)
		put_source(writer, &executed.sources[i]);
	gtid_set_deinit(&executed);
	return 0;
}
