/* PREPARE, EXECUTE, DEALLOCATE PREPARE: the SQL way to what COM_STMT_PREPARE does in packets. */
#include "base/memory.h"
#include "exec/evaluate_value.h"
#include "exec/log_statement.h"
#include "exec/plan.h"
#include "exec/prepare.h"
#include "exec/statement.h"
#include "session/prepared.h"
#include "sql/parse/parse.h"

int prepare_text(struct session *session, struct bytes text, struct prepared_statement **out, struct diag *diag)
{
	struct prepared_statement *prepared = prepared_statement_create();
	size_t next;
	prepared->text = bytes_of(arena_copy(&prepared->arena, text.data, text.size), text.size);
	prepared->sql_mode = session->variables.sql_mode;
	prepared->plan_unref = plan_unref;
	struct parse_input input = {.text = (const char *)prepared->text.data, .size = text.size,
				    .sql_mode = prepared->sql_mode, .wants_values = true,
				    .charset = session->variables.character_set_client};
	if (parse_statement(&input, &prepared->arena, &prepared->statement, &next, diag) != 0) {
		prepared_statement_unref(prepared);
		return -1;
	}
	enum ast_statement_kind kind = prepared->statement->kind;
	if (kind == AST_PREPARE || kind == AST_EXECUTE || kind == AST_DEALLOCATE || kind == AST_LOAD_DATA) {
		prepared_statement_unref(prepared);
		return diag_set(diag, ER_UNSUPPORTED_PS);
	}
	prepared->parameter_count = prepared->statement->placeholder_count;
	*out = prepared;
	return 0;
}

int prepare_execute(struct session *session, struct prepared_statement *prepared, const struct value *parameters,
		    struct diag *diag)
{
	/* The statement may drop its own name while it runs. */
	prepared->references++;
	const struct ast_statement *statement = prepared->statement;
	struct bytes text = bytes_of(prepared->text.data + statement->span.offset, statement->span.size);
	int status = execute_repeatedly(session, statement, text, parameters, prepared->parameter_count,
					&prepared->plan, diag);
	prepared_statement_unref(prepared);
	return status;
}

/* Names fold case. */
static struct bytes fold_name(struct statement *statement, const char *name)
{
	char *folded = arena_copy_string(statement->arena, name);
	for (char *at = folded; *at; at++)
		if (*at >= 'A' && *at <= 'Z')
			*at = (char)(*at - 'A' + 'a');
	return bytes_of_string(folded);
}

static struct bytes value_of_variable(struct statement *statement, struct bytes name)
{
	const struct value *value = user_variable_find(statement->session, name);
	struct value null = value_null();
	struct bytes content = value_text(value ? value : &null, statement->arena);
	/* An unset variable reads as the word NULL, which then is the syntax error MySQL reports. */
	return content.data ? content : bytes_of_string("NULL");
}

/* As if the client had sent it. */
static struct bytes source_text(struct statement *statement, bool from_variable, struct bytes text)
{
	struct bytes utf8 = from_variable ? value_of_variable(statement, text) : text;
	struct buf sent = {0};
	statement_put_text(statement, utf8, &sent);
	struct bytes copy = bytes_of(arena_copy(statement->arena, sent.data, sent.size), sent.size);
	buf_deinit(&sent);
	return copy;
}

int exec_prepare(struct statement *statement)
{
	struct session *session = statement->session;
	const struct ast_prepare *ast = statement->ast->prepare;
	struct bytes name = fold_name(statement, ast->name.text);
	struct prepared_statement *old = map_remove(&session->prepared_by_name, name);
	if (old)
		prepared_statement_unref(old);
	struct prepared_statement *prepared;
	struct bytes text = source_text(statement, ast->from_variable, ast->text);
	if (prepare_text(session, text, &prepared, statement->diag) != 0)
		return -1;
	if (prepared_statement_count(prepared, session->server, statement->diag) != 0) {
		prepared_statement_unref(prepared);
		return -1;
	}
	map_put(&session->prepared_by_name, name, prepared);
	return statement_ok(statement, 0, "Statement prepared");
}

static int execute_using(struct statement *statement, struct prepared_statement *prepared,
			 const struct ast_names *variables)
{
	if (variables->count != prepared->parameter_count)
		return diag_set(statement->diag, ER_WRONG_ARGUMENTS, "EXECUTE");
	struct value *parameters = arena_array(statement->arena, struct value, variables->count + 1);
	for (size_t i = 0; i < variables->count; i++) {
		const struct value *value =
			user_variable_find(statement->session, bytes_of_string(variables->items[i].text));
		parameters[i] = value ? value_copy(value, statement->arena) : value_null();
	}
	return prepare_execute(statement->session, prepared, parameters, statement->diag);
}

/* MariaDB's EXECUTE IMMEDIATE: prepare, execute, forget. */
static int execute_immediate(struct statement *statement, const struct ast_execute *ast)
{
	struct prepared_statement *prepared;
	struct bytes text = source_text(statement, ast->from_variable, ast->text);
	if (prepare_text(statement->session, text, &prepared, statement->diag) != 0)
		return -1;
	int status = execute_using(statement, prepared, &ast->variables);
	prepared_statement_unref(prepared);
	return status;
}

int exec_execute(struct statement *statement)
{
	const struct ast_execute *ast = statement->ast->execute;
	if (ast->immediate)
		return execute_immediate(statement, ast);
	struct prepared_statement *prepared =
		map_find(&statement->session->prepared_by_name, fold_name(statement, ast->name.text));
	if (prepared == NULL)
		return diag_set(statement->diag, ER_UNKNOWN_STMT_HANDLER, ast->name.text, "EXECUTE");
	return execute_using(statement, prepared, &ast->variables);
}

int exec_deallocate(struct statement *statement)
{
	struct session *session = statement->session;
	const char *name = statement->ast->execute->name.text;
	struct prepared_statement *prepared = map_remove(&session->prepared_by_name, fold_name(statement, name));
	if (prepared == NULL)
		return diag_set(statement->diag, ER_UNKNOWN_STMT_HANDLER, name, "DEALLOCATE PREPARE");
	prepared_statement_unref(prepared);
	return statement_ok(statement, 0, NULL);
}
