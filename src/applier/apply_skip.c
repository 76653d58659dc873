/* slave_skip_errors: what the operator wants passed over. */
#include "applier/apply_internal.h"
#include "base/log.h"
#include "base/memory.h"
#include "session/error_list.h"
#include "session/variables.h"

void apply_read_skipped_errors(struct apply *apply)
{
	const char *text =
		global_text(apply->session->server, "slave_skip_errors", &apply->session->statement_arena);
	apply->skipped_errors = memory_alloc(sizeof *apply->skipped_errors);
	if (text == NULL || !error_list_parse(text, apply->skipped_errors))
		error_list_parse("OFF", apply->skipped_errors);
}

bool apply_skips_error(const struct apply *apply, unsigned code)
{
	const struct apply_transaction *transaction = &apply->transaction;
	/* What fails in a batch may be all right once those before it are committed: the bet is lost, no more. */
	return !transaction->is_replayed && !transaction->is_held && error_list_has(apply->skipped_errors, code);
}

bool apply_skip(const struct apply *apply, struct diag *diag)
{
	if (!apply_skips_error(apply, diag->code))
		return false;
	log_warning("applier", "Passed over, as slave_skip_errors says: %s, Error_code: %u", diag->message, diag->code);
	diag_clear(diag);
	return true;
}
