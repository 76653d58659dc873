/* CHANGE REPLICATION FILTER: from the statement's lists to a channel's rules. */
#include "channel/channel.h"
#include "exec/evaluate_value.h"
#include "exec/statement.h"

/* A name as it stands ([db.]name), or a text. */
static int read_text(struct statement *statement, const struct ast_expr *expr, struct bytes *out)
{
	struct value value;
	if (expr->kind == AST_COLUMN) {
		const char *table = expr->column.table;
		*out = bytes_of_string(table ? arena_printf(statement->arena, "%s.%s", table, expr->column.name)
					     : expr->column.name);
		return 0;
	}
	if (evaluate_constant(statement, expr, &value) != 0)
		return -1;
	*out = value_text(&value, statement->arena);
	return 0;
}

static int add_entry(struct statement *statement, enum filter_rule rule, const struct ast_expr *expr,
		     struct filter *rules)
{
	struct bytes name, to = bytes_of("", 0);
	bool is_pair = expr->kind == AST_ROW;
	if (read_text(statement, is_pair ? expr->row.items[0] : expr, &name) != 0 ||
	    (is_pair && read_text(statement, expr->row.items[1], &to) != 0))
		return -1;
	return filter_add(rules, rule, name, to, statement->diag);
}

/* Of a rule that is given twice the last list counts. */
static int read_rules(struct statement *statement, struct filter *rules, unsigned *out_replaced)
{
	const struct ast_options *options = &statement->ast->change_filter->options;
	for (size_t i = 0; i < options->count; i++) {
		const struct ast_option *option = &options->items[i];
		enum filter_rule rule;
		if (!filter_find_rule(option->name, &rule))
			return diag_set(statement->diag, ER_PARSE_ERROR,
					"You have an error in your SQL syntax; check the manual that corresponds to your "
					"MySQL server version for the right syntax to use", option->name, 1);
		filter_clear(rules, rule);
		*out_replaced |= 1u << rule;
		for (size_t j = 0; j < option->list.count; j++)
			if (add_entry(statement, rule, option->list.items[j], rules) != 0)
				return -1;
	}
	return 0;
}

int exec_change_filter(struct statement *statement)
{
	const char *name = statement->ast->change_filter->channel;
	struct filter *rules = filter_create();
	unsigned replaced = 0;
	int status = statement_require_global(statement->session, PRIVILEGE(SUPER), statement->diag);
	if (status == 0)
		status = read_rules(statement, rules, &replaced);
	if (status == 0)
		status = channels_change_filter(statement->session->server->channels, name, rules, replaced,
						statement->diag);
	filter_destroy(&rules);
	return status == 0 ? statement_ok(statement, 0, NULL) : -1;
}
