#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "sql/parse/parser.h"

/* Builders of definitions, settings, accounts and replication: see parser.h. */

struct ast_statement *statement_new(struct parser *parser, enum ast_statement_kind kind)
{
	struct ast_statement *statement = NEW(struct ast_statement);
	statement->kind = kind;
	statement->charset = parser->lexer.charset;
	return statement;
}

struct ast_statement *transaction_statement(struct parser *parser, enum ast_statement_kind kind)
{
	struct ast_statement *statement = statement_new(parser, kind);
	statement->transaction = NEW(struct ast_transaction);
	return statement;
}

void insert_add_row(struct parser *parser, struct ast_exprs row)
{
	struct ast_insert_row added = {.items = row.items, .count = row.count};
	LIST_APPEND(parser->rows, added);
	parser->row_follows = true;
}

void insert_set_rows(struct parser *parser, struct ast_insert *insert, struct ast_name alias, struct ast_names columns)
{
	insert->rows = parser->rows;
	insert->row_alias = alias;
	insert->column_aliases = columns;
}

struct ast_statement *statement_unsupported(struct parser *parser, const char *what)
{
	struct ast_statement *statement = statement_new(parser, AST_UNSUPPORTED);
	statement->string = bytes_of_string(what);
	return statement;
}

/* Tables. */

void create_table_add(struct parser *parser, struct ast_create_table *table, struct table_element element)
{
	switch (element.kind) {
	case ELEMENT_COLUMN:
		LIST_APPEND(table->columns, (struct ast_column_def *)element.node);
		break;
	case ELEMENT_KEY:
		LIST_APPEND(table->keys, (struct ast_key *)element.node);
		break;
	case ELEMENT_FOREIGN_KEY:
		LIST_APPEND(table->foreign_keys, (struct ast_foreign_key *)element.node);
		break;
	case ELEMENT_CHECK:
		LIST_APPEND(table->checks, *(struct ast_check *)element.node);
		break;
	}
}

struct ast_alter_action alter_add(struct parser *parser, struct table_element element, uint32_t start)
{
	struct ast_alter_action action = {.span = SPAN_FROM(start)};
	switch (element.kind) {
	case ELEMENT_COLUMN:
		action.kind = AST_ALTER_ADD_COLUMN;
		action.column = element.node;
		break;
	case ELEMENT_KEY:
		action.kind = AST_ALTER_ADD_KEY;
		action.key = element.node;
		action.if_exists = action.key->if_not_exists;
		break;
	case ELEMENT_FOREIGN_KEY:
		action.kind = AST_ALTER_ADD_FOREIGN_KEY;
		action.foreign_key = element.node;
		break;
	case ELEMENT_CHECK:
		action.kind = AST_ALTER_ADD_CHECK;
		action.check = element.node;
		break;
	}
	return action;
}

struct ast_alter_action *alter_action_new(struct parser *parser, enum ast_alter_kind kind, uint32_t start)
{
	struct ast_alter_action *action = NEW(struct ast_alter_action);
	action->kind = kind;
	action->span = SPAN_FROM(start);
	return action;
}

struct ast_column_def *column_new(struct parser *parser, struct ast_name name, struct ast_type *type)
{
	struct ast_column_def *column = NEW(struct ast_column_def);
	column->name = name;
	column->type = type;
	column->span.offset = name.span.offset;
	return column;
}

void column_finish(struct parser *parser, struct ast_column_def *column)
{
	column->span = SPAN_FROM(column->span.offset);
}

struct ast_option named_option(struct parser *parser, const char *name, struct ast_expr *value, uint32_t start)
{
	return (struct ast_option){.name = name, .value = value, .span = SPAN_FROM(start)};
}

static const char *const table_option_names[] = {
	"AUTOEXTEND_SIZE", "AUTO_INCREMENT", "AVG_ROW_LENGTH", "CHECKSUM", "COMMENT", "COMPRESSION",
	"CONNECTION", "DELAY_KEY_WRITE", "ENCRYPTED", "ENCRYPTION", "ENCRYPTION_KEY_ID", "ENGINE",
	"ENGINE_ATTRIBUTE", "IETF_QUOTES", "INSERT_METHOD", "KEY_BLOCK_SIZE", "MAX_ROWS", "MIN_ROWS",
	"PACK_KEYS", "PAGE_CHECKSUM", "PAGE_COMPRESSED", "PAGE_COMPRESSION_LEVEL", "PASSWORD", "RAID_TYPE",
	"ROW_FORMAT", "SECONDARY_ENGINE", "SECONDARY_ENGINE_ATTRIBUTE", "SEQUENCE", "STATS_AUTO_RECALC",
	"STATS_PERSISTENT", "STATS_SAMPLE_PAGES", "TABLESPACE", "TABLE_CHECKSUM", "TRANSACTIONAL", "TYPE",
};

struct ast_option table_option(struct parser *parser, const char *name, struct ast_expr *value, uint32_t start)
{
	size_t count = sizeof table_option_names / sizeof *table_option_names;
	size_t i = 0;
	while (i < count && strcmp(name, table_option_names[i]) != 0)
		i++;
	if (i == count)
		parser_syntax_error(parser, start);
	if (strcmp(name, "TYPE") == 0)
		name = "ENGINE";
	if (strcmp(name, "TABLE_CHECKSUM") == 0)
		name = "CHECKSUM";
	return named_option(parser, name, value, start);
}

void database_set_option(struct parser *parser, struct ast_database *database, struct ast_option option)
{
	const char *value = option.value ? (const char *)option.value->literal->text.data : NULL;
	if (strcmp(option.name, "CHARSET") == 0)
		database->charset = value;
	else if (strcmp(option.name, "COLLATE") == 0)
		database->collation = value;
	else
		LIST_APPEND(database->options, option);
}

/* SET. */

struct ast_expr *set_value(struct parser *parser, struct ast_expr *expr)
{
	if (expr->kind != AST_COLUMN || expr->column.table || expr->parenthesised)
		return expr;
	return expr_bare_word(parser, (struct ast_name){expr->column.name, expr->span});
}

struct ast_set_item set_variable(struct parser *parser, struct ast_names path, enum ast_variable_scope scope,
				 struct ast_expr *value, uint32_t start)
{
	struct ast_set_item item = {.kind = AST_SET_SYSTEM_VARIABLE, .scope = scope, .value = value};
	if (path.count > 2)
		parser_syntax_error(parser, path.items[2].span.offset);
	if (path.count == 2)
		item.base = path.items[0].text;
	item.name = name_lower(parser, path.items[path.count - 1]);
	item.span = SPAN_FROM(start);
	return item;
}

struct ast_set_item set_scoped_variable(struct parser *parser, struct ast_names path, struct ast_expr *value,
					uint32_t start)
{
	enum ast_variable_scope scope = AST_SCOPE_DEFAULT;
	if (path.count > 1)
		scope = scope_of(path.items[0]);
	if (scope != AST_SCOPE_DEFAULT) {
		path.items++;
		path.count--;
	}
	return set_variable(parser, path, scope, value, start);
}

/* SET GLOBAL a = 1, b = 2 sets two global ones: a word holds for the names behind it that have none, over what is
   between them (MySQL's manual, "SET Syntax for Variable Assignment"). */
void set_append(struct parser *parser, struct ast_set *set, struct ast_set_item item)
{
	for (size_t i = set->count; i-- && item.scope_is_word && item.scope == AST_SCOPE_DEFAULT;)
		if (set->items[i].scope_is_word)
			item.scope = set->items[i].scope;
	LIST_APPEND(*set, item);
}

struct ast_show *show_new(struct parser *parser, enum ast_show_kind kind)
{
	struct ast_show *show = NEW(struct ast_show);
	show->kind = kind;
	return show;
}

enum ast_explain_format explain_format(struct parser *parser, struct ast_name name)
{
	if (name_is(name, "json"))
		return AST_EXPLAIN_JSON;
	if (name_is(name, "tree"))
		return AST_EXPLAIN_TREE;
	if (!name_is(name, "traditional"))
		parser_syntax_error(parser, name.span.offset);
	return AST_EXPLAIN_TRADITIONAL;
}

/* Accounts. */

struct ast_user_name user_name(struct parser *parser, struct ast_name user, const char *host, uint32_t start)
{
	return (struct ast_user_name){.user = user.text, .host = host, .span = SPAN_FROM(start)};
}

bool is_password_hash(struct bytes text)
{
	enum { hash_size = 41 };
	if (text.size != hash_size || text.data[0] != '*')
		return false;
	for (size_t i = 1; i < text.size; i++)
		if (!isxdigit(text.data[i]))
			return false;
	return true;
}

struct ast_user_specs specs_of_users(struct parser *parser, struct ast_user_names users)
{
	struct ast_user_specs specs = {0};
	for (size_t i = 0; i < users.count; i++) {
		struct ast_user_spec spec = {.user = users.items[i], .span = users.items[i].span};
		LIST_APPEND(specs, spec);
	}
	return specs;
}

struct ast_option resource_option(struct parser *parser, struct ast_name name, struct ast_expr *value)
{
	static const char *const resources[] = {"MAX_QUERIES_PER_HOUR", "MAX_UPDATES_PER_HOUR",
						"MAX_CONNECTIONS_PER_HOUR", "MAX_USER_CONNECTIONS",
						"MAX_STATEMENT_TIME"};
	for (size_t i = 0; i < sizeof resources / sizeof *resources; i++)
		if (name_is(name, resources[i]))
			return named_option(parser, resources[i], value, name.span.offset);
	parser_syntax_error(parser, name.span.offset);
	return (struct ast_option){0};
}

const char *joined_words(struct parser *parser, struct ast_names words)
{
	const char *joined = name_upper(parser, words.items[0]);
	for (size_t i = 1; i < words.count; i++)
		joined = arena_printf(parser->arena, "%s %s", joined, name_upper(parser, words.items[i]));
	return joined;
}

static const char *const privilege_names[] = {
	"ALL", "ALTER", "ALTER ROUTINE", "BINLOG ADMIN", "BINLOG MONITOR", "BINLOG REPLAY", "CONNECTION ADMIN",
	"CREATE", "CREATE ROLE", "CREATE ROUTINE", "CREATE TABLESPACE", "CREATE TEMPORARY TABLES", "CREATE USER",
	"CREATE VIEW", "DELETE", "DELETE HISTORY", "DELETE VERSIONING ROWS", "DROP", "DROP ROLE", "EVENT", "EXECUTE",
	"FEDERATED ADMIN", "FILE", "GRANT OPTION", "INDEX", "INSERT", "LOCK TABLES", "PROCESS", "PROXY",
	"READ ONLY ADMIN", "READ_ONLY ADMIN", "REFERENCES", "RELOAD", "REPLICA MONITOR", "REPLICATION CLIENT",
	"REPLICATION MASTER ADMIN", "REPLICATION REPLICA", "REPLICATION SLAVE", "REPLICATION SLAVE ADMIN",
	"SELECT", "SET USER", "SHOW DATABASES", "SHOW VIEW", "SHUTDOWN", "SLAVE MONITOR", "SUPER", "TRIGGER",
	"UPDATE", "USAGE",
};

/* A privilege's name. One unknown word may be a dynamic privilege; who executes decides. */
static const char *privilege_name(struct parser *parser, struct ast_names words)
{
	const char *name = joined_words(parser, words);
	if (strcmp(name, "ALL PRIVILEGES") == 0)
		return "ALL";
	for (size_t i = 0; i < sizeof privilege_names / sizeof *privilege_names; i++)
		if (strcmp(name, privilege_names[i]) == 0)
			return privilege_names[i];
	if (words.count > 1)
		parser_syntax_error(parser, words.items[1].span.offset);
	return name;
}

void grant_set_privileges(struct parser *parser, struct ast_grant *grant, struct grant_items *items)
{
	for (size_t i = 0; i < items->count; i++) {
		const struct grant_item *item = &items->items[i];
		if (item->role) {
			parser_syntax_error(parser, item->role->span.offset);
			return;
		}
		struct ast_span span =
			span_join(item->words.items[0].span, item->words.items[item->words.count - 1].span);
		struct ast_privilege privilege = {privilege_name(parser, item->words), item->columns, span};
		LIST_APPEND(grant->privileges, privilege);
	}
}

/* A role is one word that is no reserved privilege; anything else is a syntax error. */
static struct ast_user_name role_of(struct parser *parser, const struct grant_item *item)
{
	if (item->role)
		return *item->role;
	struct ast_name word = item->words.items[0];
	if (item->words.count > 1 || item->columns.count)
		parser_syntax_error(parser, item->words.items[item->words.count - 1].span.offset);
	return (struct ast_user_name){.user = word.text, .span = word.span};
}

struct ast_grant_roles *grant_roles(struct parser *parser, struct grant_items *items, struct ast_user_names users)
{
	struct ast_grant_roles *grant = NEW(struct ast_grant_roles);
	grant->users = users;
	for (size_t i = 0; i < items->count; i++)
		LIST_APPEND(grant->roles, role_of(parser, &items->items[i]));
	return grant;
}

struct ast_statement *statement_revoke(struct parser *parser, struct grant_items *items,
				       struct ast_user_names users, bool if_exists)
{
	const struct grant_item *first = &items->items[0];
	bool is_all = first->role == NULL && name_is(first->words.items[0], "ALL");
	struct ast_statement *statement = statement_new(parser, is_all ? AST_REVOKE : AST_REVOKE_ROLE);
	if (!is_all) {
		statement->grant_roles = grant_roles(parser, items, users);
		return statement;
	}
	statement->grant = NEW(struct ast_grant);
	grant_set_privileges(parser, statement->grant, items);
	statement->grant->all_from = true;
	statement->grant->if_exists = if_exists;
	statement->grant->users = specs_of_users(parser, users);
	bool complete = items->count == 2 && items->items[1].role == NULL &&
			strcmp(joined_words(parser, items->items[1].words), "GRANT OPTION") == 0;
	if (!complete)
		parser_syntax_error(parser, users.items[0].span.offset);
	return statement;
}

/* Replication and the server. */

const char *source_option_name(struct parser *parser, struct ast_name name)
{
	const char *upper = name_upper(parser, name);
	if (strncmp(upper, "MASTER_", 7) == 0)
		return arena_printf(parser->arena, "SOURCE_%s", upper + 7);
	if (strcmp(upper, "GET_MASTER_PUBLIC_KEY") == 0)
		return "GET_SOURCE_PUBLIC_KEY";
	return upper;
}

struct flush_word {
	const char *words;
	enum ast_flush what;
};

static const struct flush_word flush_words[] = {
	{"BINARY LOGS", AST_FLUSH_BINARY_LOGS},
	{"CLIENT_STATISTICS", AST_FLUSH_OTHER},
	{"DES_KEY_FILE", AST_FLUSH_DES_KEY_FILE},
	{"ENGINE LOGS", AST_FLUSH_ENGINE_LOGS},
	{"ERROR LOGS", AST_FLUSH_ERROR_LOGS},
	{"GENERAL LOGS", AST_FLUSH_GENERAL_LOGS},
	{"HOSTS", AST_FLUSH_HOSTS},
	{"INDEX_STATISTICS", AST_FLUSH_OTHER},
	{"LOGS", AST_FLUSH_LOGS},
	{"MASTER", AST_FLUSH_MASTER},
	{"OPTIMIZER_COSTS", AST_FLUSH_OPTIMIZER_COSTS},
	{"PRIVILEGES", AST_FLUSH_PRIVILEGES},
	{"QUERY CACHE", AST_FLUSH_QUERY_CACHE},
	{"RELAY LOGS", AST_FLUSH_RELAY_LOGS},
	{"SLAVE", AST_FLUSH_SLAVE},
	{"SLOW LOGS", AST_FLUSH_SLOW_LOGS},
	{"SSL", AST_FLUSH_OTHER},
	{"STATUS", AST_FLUSH_STATUS},
	{"TABLE_STATISTICS", AST_FLUSH_OTHER},
	{"USER_RESOURCES", AST_FLUSH_USER_RESOURCES},
	{"USER_STATISTICS", AST_FLUSH_OTHER},
	{"USER_VARIABLES", AST_FLUSH_OTHER},
};

unsigned flush_target(struct parser *parser, struct ast_names words)
{
	const char *joined = joined_words(parser, words);
	for (size_t i = 0; i < sizeof flush_words / sizeof *flush_words; i++)
		if (strcmp(joined, flush_words[i].words) == 0)
			return flush_words[i].what;
	parser_syntax_error(parser, words.items[words.count - 1].span.offset);
	return 0;
}
