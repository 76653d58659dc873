/* Statements as the source logged them, and what the events in front of them say (INTVAR, RAND, USER_VAR). */
#include <stdio.h>
#include <string.h>

#include "applier/apply_internal.h"
#include "session/variables.h"
#include "type/convert.h"

/* ------------------------------------------------------------------------------------------------------ statements */

static void put_statement(const struct event_query *query, struct buf *text)
{
	enum { shown = 120 };
	bool is_long = query->query.size > shown;
	buf_printf(text, ". Default database: '%.*s'. Query: '%.*s%s'", (int)query->db.size,
		   (const char *)query->db.data, is_long ? (int)shown : (int)query->query.size,
		   (const char *)query->query.data, is_long ? "..." : "");
}

static int tell_failure(struct apply *apply, const struct event *event, const struct event_query *query,
			struct diag *diag)
{
	struct buf text = {0};
	buf_printf(&text, "Error '%.180s' on query", diag->message);
	put_statement(query, &text);
	apply_put_place(apply, event, &text);
	return apply_retell(diag, &text);
}

static int tell_difference(struct apply *apply, const struct event *event, const struct event_query *query,
			   struct diag *diag)
{
	struct buf text = {0};
	buf_printf(&text,
		   "Query caused different errors on master and slave. Error on master: error code=%u ; Error on slave: "
		   "actual message='%.120s', error code=%u",
		   query->error_code, diag->message, diag->code);
	put_statement(query, &text);
	apply_put_place(apply, event, &text);
	diag_set_message(diag, ER_INCONSISTENT_ERROR, "x");
	return apply_retell(diag, &text);
}

/* A statement that was killed half way on the source cannot end the same way here. */
static bool is_about_killing(unsigned code)
{
	return code == ER_QUERY_INTERRUPTED || code == ER_SERVER_SHUTDOWN;
}

int apply_run_statement(struct apply *apply, const struct event *event, const struct event_query *query,
			struct diag *diag)
{
	struct session *session = apply->session;
	int status = apply_set_context(apply, event, query, diag);
	if (status == 0 && !apply_allows_statement(apply, query)) {
		session->variables.insert_id = 0;
		return 0;
	}
	session_set_command(session, "Connect", query->query);
	if (status == 0)
		status = apply->run_query(session, query->query, diag);
	session_set_command(session, "Connect", bytes_of(NULL, 0));
	session->variables.insert_id = 0;
	unsigned expected = is_about_killing(query->error_code) ? 0 : query->error_code;
	if (status == 0 && expected == 0)
		return 0;
	if (status != 0 && diag->code == expected) {
		diag_clear(diag); /* it failed there as well */
		return 0;
	}
	if (status != 0 ? apply_skip(apply, diag) : apply_skips_error(apply, expected))
		return 0;
	return expected ? tell_difference(apply, event, query, diag) : tell_failure(apply, event, query, diag);
}

/* ------------------------------------------------------------------------------------------ in front of statements */

int apply_intvar(struct apply *apply, const struct event *event, struct diag *diag)
{
	struct event_intvar intvar;
	if (event_decode_intvar(event, &intvar, diag) < 0)
		return -1;
	if (intvar.kind == EVENT_INTVAR_INSERT_ID)
		apply->session->variables.insert_id = intvar.value;
	else
		apply->session->last_insert_id = intvar.value;
	return 0;
}

int apply_rand(struct apply *apply, const struct event *event, struct diag *diag)
{
	struct event_rand seeds;
	if (event_decode_rand(event, &seeds, diag) < 0)
		return -1;
	apply->session->rand_seed1 = seeds.seed1;
	apply->session->rand_seed2 = seeds.seed2;
	return 0;
}

static int read_decimal(struct apply *apply, struct bytes packed, struct value *out, struct diag *diag)
{
	struct cursor cursor = cursor_of(packed);
	unsigned precision = cursor_u8(&cursor), scale = cursor_u8(&cursor);
	struct column_type type = {.kind = TYPE_DECIMAL, .length = precision, .decimals = (uint8_t)scale,
				   .collation = collation_binary};
	if (cursor.failed || precision == 0 || precision > 65 || scale > 30 || scale > precision)
		return diag_set(diag, ER_SLAVE_CORRUPT_EVENT);
	return convert_from_packed(&type, cursor_rest(&cursor), time_zone_utc(), &apply->arena, out, diag);
}

static int read_value(struct apply *apply, const struct event_user_var *variable, struct value *out,
		      struct diag *diag)
{
	struct cursor cursor = cursor_of(variable->value);
	const struct collation *collation = collation_find_id(variable->collation_id);
	double real;
	uint64_t bits;
	*out = value_null();
	if (variable->is_null)
		return 0;
	switch (variable->kind) {
	case EVENT_USER_VAR_STRING:
		*out = value_string(variable->value, collation ? collation : collation_binary);
		return 0;
	case EVENT_USER_VAR_REAL:
		bits = cursor_u64(&cursor);
		memcpy(&real, &bits, sizeof real);
		*out = value_double(real);
		break;
	case EVENT_USER_VAR_INTEGER:
		bits = cursor_u64(&cursor);
		*out = variable->is_unsigned ? value_uint(bits) : value_int((int64_t)bits);
		break;
	case EVENT_USER_VAR_DECIMAL:
		return read_decimal(apply, variable->value, out, diag);
	default:
		cursor.failed = true;
	}
	return cursor.failed ? diag_set(diag, ER_SLAVE_CORRUPT_EVENT) : 0;
}

int apply_user_var(struct apply *apply, const struct event *event, struct diag *diag)
{
	struct event_user_var variable;
	struct value value;
	if (event_decode_user_var(event, &variable, diag) < 0 || read_value(apply, &variable, &value, diag) < 0)
		return -1;
	user_variable_set(apply->session, variable.name, &value);
	return 0;
}
