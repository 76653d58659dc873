#include "session/result.h"

static int drop_columns(struct result_sink *sink, const struct result_columns *columns, struct diag *diag)
{
	return 0;
}

static int drop_row(struct result_sink *sink, const struct value *values, struct diag *diag)
{
	return 0;
}

static int drop_end(struct result_sink *sink, struct diag *diag)
{
	return 0;
}

static int drop_ok(struct result_sink *sink, uint64_t affected_rows, uint64_t last_insert_id, const char *info,
		   struct diag *diag)
{
	return 0;
}

static struct result_sink null_sink = {.columns = drop_columns, .row = drop_row, .end = drop_end, .ok = drop_ok};
struct result_sink *const result_sink_null = &null_sink;
