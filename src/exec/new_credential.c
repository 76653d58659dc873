#include "exec/new_credential.h"

#include "exec/log_statement.h"

struct account_name account_name_of(const struct statement *statement, const struct ast_user_name *user)
{
	if (user == NULL || user->current_user)
		return (struct account_name){statement->session->account_user, statement->session->account_host};
	return (struct account_name){user->user, user->host ? user->host : "%"};
}

static enum auth_method default_method(const struct statement *statement)
{
	return (enum auth_method)global_number(statement->session->server, "default_authentication_plugin");
}

/* By the plugin that is named; else the one the account has; else the default. */
static int choose_method(struct statement *statement, const struct ast_user_spec *spec, bool *out_exists,
			 enum auth_method *out)
{
	struct account_name name = account_name_of(statement, &spec->user);
	*out = default_method(statement);
	*out_exists = accounts_method(statement->session->server->accounts, &name, out);
	if (spec->plugin)
		return auth_method_find(spec->plugin, out)
			     ? 0
			     : diag_set(statement->diag, ER_PLUGIN_IS_NOT_LOADED, spec->plugin);
	if (spec->auth == AST_AUTH_HASH)
		*out = AUTH_NATIVE; /* BY PASSWORD knows no other */
	return 0;
}

static int make_of_password(struct statement *statement, enum auth_method method, struct bytes password,
			    struct new_credential *out)
{
	char text[credential_size];
	if (method != AUTH_NATIVE && password.size > sha2_password_max)
		return diag_set(statement->diag, ER_NOT_VALID_PASSWORD);
	*out = (struct new_credential){.is_new = true, .method = method, .password = password};
	if (method == AUTH_SOCKET) {
		out->text = arena_copy_text(statement->arena, (const char *)password.data, password.size);
		return 0;
	}
	credential_make(method, password, text);
	out->text = arena_copy_string(statement->arena, text);
	return 0;
}

static int make_one(struct statement *statement, const struct ast_user_spec *spec, struct new_credential *out)
{
	enum auth_method method;
	bool exists;
	*out = (struct new_credential){0};
	if (spec->retain_current || spec->discard_old)
		return diag_set(statement->diag, ER_NOT_SUPPORTED_YET, "a second password");
	if (choose_method(statement, spec, &exists, &method) != 0)
		return -1;
	switch (spec->auth) {
	case AST_AUTH_PASSWORD: return make_of_password(statement, method, spec->secret, out);
	case AST_AUTH_RANDOM: return diag_set(statement->diag, ER_NOT_SUPPORTED_YET, "RANDOM PASSWORD");
	case AST_AUTH_NONE:
		*out = (struct new_credential){!exists && statement->ast->kind == AST_CREATE_USER, method, "", {0}};
		return 0;
	default:
		*out = (struct new_credential){true, method,
					       arena_copy_text(statement->arena, (const char *)spec->secret.data,
							       spec->secret.size), {0}};
		return 0;
	}
}

int new_credentials_make(struct statement *statement, const struct ast_user_specs *specs,
			 struct new_credential **out_credentials)
{
	struct new_credential *credentials = arena_array(statement->arena, struct new_credential, specs->count);
	for (size_t i = 0; i < specs->count; i++)
		if (make_one(statement, &specs->items[i], &credentials[i]) != 0)
			return -1;
	*out_credentials = credentials;
	return 0;
}

int new_credential_make_for(struct statement *statement, const struct account_name *name, struct bytes password,
			    struct new_credential *out)
{
	enum auth_method method;
	if (!accounts_method(statement->session->server->accounts, name, &method))
		return diag_set(statement->diag, ER_PASSWORD_NO_MATCH);
	return make_of_password(statement, method, password, out);
}

/* ------------------------------------------------------------------ for the log */

static void put_identified(const struct statement *statement, const struct account_name *name,
			   const struct new_credential *credential, struct buf *out)
{
	struct buf text = {0};
	ast_string_print(bytes_of_string(name->user), &text);
	buf_put_u8(&text, '@');
	ast_string_print(bytes_of_string(name->host), &text);
	statement_put_text(statement, buf_bytes(&text), out);
	buf_deinit(&text);
	buf_printf(out, " IDENTIFIED WITH '%s'", auth_method_name(credential->method));
	if (*credential->text) {
		buf_put_string(out, " AS ");
		ast_string_print(bytes_of_string(credential->text), out);
	}
}

static struct bytes finish(struct statement *statement, struct buf *out)
{
	struct bytes text = bytes_of(arena_copy(statement->arena, out->data, out->size), out->size);
	buf_deinit(out);
	return text;
}

/* Clear passwords, and methods that another server's default would not give. */
static bool must_be_replaced(const struct ast_user_spec *spec, const struct new_credential *credential)
{
	return spec->auth == AST_AUTH_PASSWORD ||
	       (spec->auth == AST_AUTH_NONE && credential->is_new && credential->method != AUTH_NATIVE);
}

struct bytes new_credentials_put_in_text(struct statement *statement, const struct ast_user_specs *specs,
					 const struct new_credential *credentials)
{
	size_t base = statement->ast->span.offset, at = 0;
	struct buf out = {0};
	for (size_t i = 0; i < specs->count; i++) {
		const struct ast_user_spec *spec = &specs->items[i];
		if (!must_be_replaced(spec, &credentials[i]))
			continue;
		struct account_name name = account_name_of(statement, &spec->user);
		size_t begin = spec->span.offset - base;
		buf_put(&out, statement->text.data + at, begin - at);
		put_identified(statement, &name, &credentials[i], &out);
		at = begin + spec->span.size;
	}
	buf_put(&out, statement->text.data + at, statement->text.size - at);
	return finish(statement, &out);
}

struct bytes new_credential_alter_text(struct statement *statement, const struct account_name *name,
				       const struct new_credential *credential)
{
	struct buf out = {0};
	buf_put_string(&out, "ALTER USER ");
	put_identified(statement, name, credential, &out);
	return finish(statement, &out);
}
