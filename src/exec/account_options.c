#include "exec/account_options.h"

#include <stdio.h>

#include "exec/evaluate_value.h"

static int put_text(struct statement *statement, const char *what, struct bytes text, char *out, size_t size)
{
	if (text.size >= size) {
		char *shown = arena_copy_text(statement->arena, (const char *)text.data, text.size);
		return diag_set(statement->diag, ER_WRONG_STRING_LENGTH, shown, what, (int)size - 1);
	}
	if (text.size)
		memcpy(out, text.data, text.size);
	return 0;
}

static int put_requirement(struct statement *statement, const struct ast_account_options *options,
			   struct account_settings *settings)
{
	static const enum requirement_kind kinds[] = {[AST_TLS_NONE] = REQUIRE_NOTHING, [AST_TLS_ANY] = REQUIRE_TLS,
						      [AST_TLS_X509] = REQUIRE_CERTIFICATE,
						      [AST_TLS_SPECIFIED] = REQUIRE_SPECIFIED};
	struct account_requirement *out = arena_new(statement->arena, struct account_requirement);
	out->kind = kinds[options->tls];
	settings->requirement = out;
	return put_text(statement, "CIPHER", options->tls_cipher, out->cipher, sizeof out->cipher) != 0 ||
			       put_text(statement, "ISSUER", options->tls_issuer, out->issuer, sizeof out->issuer) != 0 ||
			       put_text(statement, "SUBJECT", options->tls_subject, out->subject,
					sizeof out->subject) != 0
		       ? -1
		       : 0;
}

/* ------------------------------------------------------------------ numbers */

static int refuse(struct statement *statement, const struct ast_option *option, enum account_rule rule,
		  struct bytes number)
{
	bool counts_days = rule == RULE_PASSWORD_LIFETIME || rule == RULE_PASSWORD_REUSE;
	const char *shown = arena_copy_text(statement->arena, (const char *)number.data, number.size);
	return diag_set(statement->diag, ER_WRONG_VALUE, counts_days ? "DAY" : option->name, shown);
}

/* The words that stand for numbers. */
static bool find_word(enum account_rule rule, struct bytes text, int64_t *out)
{
	static const struct {
		enum account_rule rule;
		const char *word;
		int64_t number;
	} words[] = {{RULE_PASSWORD_LIFETIME, "NEVER", 0},
		     {RULE_PASSWORD_CURRENT, "OPTIONAL", 0},
		     {RULE_LOCK_DAYS, "UNBOUNDED", rule_default}};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (words[i].rule == rule && text_equal_nocase(text, bytes_of_string(words[i].word))) {
			*out = words[i].number;
			return true;
		}
	return false;
}

/* DEFAULT, a word or a number, as it stands behind an option's name. */
static int read_number(struct statement *statement, const struct ast_option *option, enum account_rule rule, int64_t max,
		       int64_t *out)
{
	struct value value;
	if (option->value->kind == AST_DEFAULT) {
		*out = rule_default;
		return rule <= RULE_PASSWORD_CURRENT ? 0 : refuse(statement, option, rule, bytes_of_string("DEFAULT"));
	}
	if (evaluate_constant(statement, option->value, &value) != 0)
		return -1;
	struct bytes text = value_text(&value, statement->arena);
	if (find_word(rule, text, out))
		return 0;
	int64_t least = rule == RULE_PASSWORD_LIFETIME ? 1 : 0, number = value_to_int(&value);
	if (value.kind == VALUE_STRING || number < least || number > max)
		return refuse(statement, option, rule, text);
	*out = number;
	return 0;
}

static int read_option(struct statement *statement, const struct ast_option *option, struct account_settings *settings)
{
	enum account_rule rule;
	int64_t max;
	if (!account_rule_find(option->name, &rule, &max))
		return diag_set(statement->diag, ER_NOT_SUPPORTED_YET, option->name);
	if (option->value)
		return read_number(statement, option, rule, max, &settings->rules.of[rule]);
	/* Bare, PASSWORD EXPIRE means now, and PASSWORD REQUIRE CURRENT means always. */
	if (rule != RULE_PASSWORD_LIFETIME)
		return diag_set(statement->diag, ER_NOT_SUPPORTED_YET, option->name);
	settings->password_expired = 1;
	return 0;
}

static int read_options(struct statement *statement, const struct ast_options *options, struct account_settings *settings)
{
	for (size_t i = 0; i < options->count; i++)
		if (read_option(statement, &options->items[i], settings) != 0)
			return -1;
	return 0;
}

int account_options_read(struct statement *statement, const struct ast_account_options *options,
			 struct account_settings *settings)
{
	if (options->comment.data)
		return diag_set(statement->diag, ER_NOT_SUPPORTED_YET, "COMMENT and ATTRIBUTE of accounts");
	if (options->locked != AST_UNSPECIFIED)
		settings->locked = options->locked == AST_YES;
	if (read_options(statement, &options->resources, settings) != 0 ||
	    read_options(statement, &options->password, settings) != 0)
		return -1;
	return options->tls == AST_TLS_UNSPECIFIED ? 0 : put_requirement(statement, options, settings);
}

void account_options_put_credential(struct statement *statement, const struct new_credential *credential,
				    struct account_settings *settings)
{
	const struct server *server = statement->session->server;
	settings->method = credential->method;
	settings->credential = credential->is_new ? credential->text : NULL;
	settings->password = credential->password;
	settings->now_us = statement->session->statement_time_us;
	settings->default_history = (int64_t)global_number(server, "password_history");
	settings->default_reuse_days = (int64_t)global_number(server, "password_reuse_interval");
}
