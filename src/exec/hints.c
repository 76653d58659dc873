#include "exec/hints.h"

static void limit_time(struct statement *statement, const struct ast_hint *hint, bool *is_limited)
{
	struct session *session = statement->session;
	if (!hint->is_of_statement || statement->ast->kind != AST_SELECT) {
		warnings_add(&session->warnings, WARNING_WARNING, ER_WARN_UNSUPPORTED_MAX_EXECUTION_TIME);
	} else if (*is_limited) {
		warnings_add(&session->warnings, WARNING_WARNING, ER_WARN_CONFLICTING_HINT, hint->text);
	} else {
		*is_limited = true;
		if (hint->milliseconds)
			session->variables.max_execution_time = hint->milliseconds;
	}
}

void hints_obey(struct statement *statement)
{
	struct warnings *warnings = &statement->session->warnings;
	const struct ast_hints *hints = &statement->ast->hints;
	bool is_limited = false;
	for (size_t i = 0; i < hints->count; i++) {
		const struct ast_hint *hint = &hints->items[i];
		switch (hint->kind) {
		case AST_HINT_MAX_EXECUTION_TIME:
			limit_time(statement, hint, &is_limited);
			break;
		case AST_HINT_UNBUILT:
			warnings_add(warnings, WARNING_WARNING, ER_NOT_SUPPORTED_YET, hint->text);
			break;
		case AST_HINT_MALFORMED:
			warnings_add(warnings, WARNING_WARNING, ER_PARSE_ERROR, "Optimizer hint syntax error", hint->text,
				     hint->line);
			break;
		}
	}
}
