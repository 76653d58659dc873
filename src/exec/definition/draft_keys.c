/* Keys and CHECKs on the drawing board. */
#include <strings.h>

#include "base/buf.h"
#include "exec/definition/table_draft.h"

enum { key_size_max = 3072, keys_max = 64, key_parts_max = 16, name_length_max = 64, index_comment_max = 1024 };

struct draft_key *draft_find_key(const struct table_draft *draft, const char *name)
{
	struct draft_key *key = draft->keys;
	while (key && !(key->name && draft_same_name(key->name, name)))
		key = key->next;
	return key;
}

struct draft_key *draft_append_key(struct table_draft *draft)
{
	struct draft_key **place = &draft->keys;
	while (*place)
		place = &(*place)->next;
	*place = arena_new(draft->statement->arena, struct draft_key);
	(*place)->comment = "";
	return *place;
}

static int check_key_name(struct table_draft *draft, const char *name)
{
	struct diag *diag = draft->statement->diag;
	if (strcasecmp(name, "PRIMARY") == 0 || *name == 0)
		return diag_set(diag, ER_WRONG_NAME_FOR_INDEX, name);
	if (charset_length(charset_get(CHARSET_UTF8MB4), bytes_of_string(name)) > name_length_max)
		return diag_set(diag, ER_TOO_LONG_IDENT, name);
	return 0;
}

static int set_parts(struct table_draft *draft, const struct ast_key_parts *ast, struct draft_key *key)
{
	key->part_count = (unsigned)ast->count;
	key->parts = arena_array(draft->statement->arena, struct draft_part, ast->count);
	for (size_t i = 0; i < ast->count; i++) {
		if (ast->items[i].expr)
			return diag_set(draft->statement->diag, ER_NOT_SUPPORTED_YET, "functional key parts");
		key->parts[i] = (struct draft_part){ast->items[i].column.text, ast->items[i].prefix,
						    ast->items[i].descending};
	}
	return 0;
}

/* MariaDB's IF NOT EXISTS; and a second PRIMARY KEY. */
static int check_presence(struct table_draft *draft, const struct ast_key *ast, const char *name, bool *out_skip)
{
	struct session *session = draft->statement->session;
	*out_skip = false;
	if (name == NULL || draft_find_key(draft, name) == NULL)
		return 0;
	if (ast->if_not_exists) {
		warnings_add(&session->warnings, WARNING_NOTE, ER_DUP_KEYNAME, name);
		*out_skip = true;
		return 0;
	}
	if (ast->kind == AST_KEY_PRIMARY)
		return diag_set(draft->statement->diag, ER_MULTIPLE_PRI_KEY);
	return 0; /* draft_check_keys tells 1061, in the order MySQL does */
}

static enum index_kind kind_of(enum ast_key_kind kind)
{
	switch (kind) {
	case AST_KEY_PRIMARY: return INDEX_PRIMARY;
	case AST_KEY_UNIQUE: return INDEX_UNIQUE;
	case AST_KEY_FULLTEXT: return INDEX_FULLTEXT;
	default: return INDEX_PLAIN;
	}
}

int draft_add_key(struct table_draft *draft, const struct ast_key *ast)
{
	struct statement *statement = draft->statement;
	const char *name = ast->name.text ? ast->name.text : ast->constraint.text;
	bool skip;
	if (ast->kind == AST_KEY_SPATIAL)
		return diag_set(statement->diag, ER_NOT_SUPPORTED_YET, "SPATIAL INDEX");
	if (ast->kind == AST_KEY_PRIMARY)
		name = "PRIMARY";
	else if (name && check_key_name(draft, name) != 0)
		return -1;
	if (check_presence(draft, ast, name, &skip) != 0 || skip)
		return skip ? 0 : -1;
	if (ast->kind == AST_KEY_PRIMARY && ast->invisible)
		return diag_set(statement->diag, ER_PK_INDEX_CANT_BE_INVISIBLE);
	struct draft_key *key = draft_append_key(draft);
	key->name = name;
	key->kind = kind_of(ast->kind);
	key->invisible = ast->invisible;
	if (ast->comment.data)
		key->comment = arena_copy_text(statement->arena, (const char *)ast->comment.data, ast->comment.size);
	if (charset_length(charset_get(CHARSET_UTF8MB4), ast->comment) > index_comment_max)
		return diag_set(statement->diag, ER_TOO_LONG_INDEX_COMMENT, name ? name : "",
				(unsigned long)index_comment_max);
	return set_parts(draft, &ast->parts, key);
}

static int add_inline_key(struct table_draft *draft, const char *column, enum index_kind kind)
{
	if (kind == INDEX_PRIMARY && draft_find_key(draft, "PRIMARY"))
		return diag_set(draft->statement->diag, ER_MULTIPLE_PRI_KEY);
	struct draft_key *key = draft_append_key(draft);
	key->kind = kind;
	key->name = kind == INDEX_PRIMARY ? "PRIMARY" : NULL;
	key->part_count = 1;
	key->parts = arena_new(draft->statement->arena, struct draft_part);
	key->parts[0].column = column;
	return 0;
}

int draft_add_column_constraints(struct table_draft *draft, const struct ast_column_def *ast)
{
	if (ast->primary && add_inline_key(draft, ast->name.text, INDEX_PRIMARY) != 0)
		return -1;
	if (ast->unique && add_inline_key(draft, ast->name.text, INDEX_UNIQUE) != 0)
		return -1;
	for (size_t i = 0; i < ast->checks.count; i++)
		if (draft_add_check(draft, &ast->checks.items[i]) != 0)
			return -1;
	return 0;
}

/* ------------------------------------------------------------------ checking keys */

/* Octets that `count` characters (bytes of binary strings) of the column take in a key. */
static uint64_t part_octets(const struct column_type *type, uint32_t prefix)
{
	if (prefix)
		return (uint64_t)prefix * (type_is_text(type->kind) ? type->collation->charset->max_char_size : 1);
	if (type->kind == TYPE_VARCHAR || type->kind == TYPE_CHAR)
		return (uint64_t)type->length * type->collation->charset->max_char_size;
	if (type->kind == TYPE_VARBINARY || type->kind == TYPE_BINARY)
		return type->length;
	return type_packed_size_max(type);
}

static bool takes_prefix(enum type_kind kind)
{
	return type_is_blob(kind) || (kind >= TYPE_CHAR && kind <= TYPE_VARBINARY);
}

/* A prefix as long as the column is none; a part that is too long is cut in a plain key when nobody is strict. */
static int settle_prefix(struct table_draft *draft, const struct draft_key *key, struct draft_part *part,
			 const struct column *column)
{
	struct statement *statement = draft->statement;
	const struct column_type *type = &column->type;
	if (type->kind == TYPE_JSON)
		return diag_set(statement->diag, ER_JSON_USED_AS_KEY, column->name);
	if (part->prefix && !takes_prefix(type->kind))
		return diag_set(statement->diag, ER_WRONG_SUB_KEY);
	if (type_is_blob(type->kind)) {
		if (part->prefix == 0)
			return diag_set(statement->diag, ER_BLOB_KEY_WITHOUT_LENGTH, column->name);
	} else if (part->prefix > type->length) {
		return diag_set(statement->diag, ER_WRONG_SUB_KEY);
	} else if (part->prefix == type->length) {
		part->prefix = 0;
	}
	if (part_octets(type, part->prefix) <= key_size_max)
		return 0;
	if (key->kind != INDEX_PLAIN || session_is_strict(statement->session))
		return diag_set(statement->diag, ER_TOO_LONG_KEY, key_size_max);
	warnings_add(&statement->session->warnings, WARNING_WARNING, ER_TOO_LONG_KEY, key_size_max);
	part->prefix = key_size_max / (type_is_text(type->kind) ? type->collation->charset->max_char_size : 1);
	return 0;
}

/* Texts alone, and all of a key in one collation; a prefix has no meaning. */
static int check_fulltext_part(struct table_draft *draft, const struct draft_key *key, struct draft_part *part,
			       const struct column *column)
{
	const struct column *first = &draft_find_column(draft, key->parts[0].column)->column;
	part->prefix = 0;
	part->descending = false;
	if (type_is_text(column->type.kind) && column->type.kind != TYPE_JSON && column->type.kind != TYPE_ENUM &&
	    column->type.kind != TYPE_SET && column->type.collation != collation_binary &&
	    column->type.collation == first->type.collation)
		return 0;
	return diag_set(draft->statement->diag, ER_BAD_FT_COLUMN, column->name);
}

static int check_part(struct table_draft *draft, const struct draft_key *key, unsigned number)
{
	struct diag *diag = draft->statement->diag;
	struct draft_part *part = &key->parts[number];
	struct draft_column *it = draft_find_column(draft, part->column);
	if (it == NULL)
		return diag_set(diag, ER_KEY_COLUMN_DOES_NOT_EXITS, part->column);
	part->column = it->column.name;
	for (unsigned i = 0; i < number; i++)
		if (draft_same_name(key->parts[i].column, part->column))
			return diag_set(diag, ER_DUP_FIELDNAME, part->column);
	if (key->kind == INDEX_FULLTEXT)
		return check_fulltext_part(draft, key, part, &it->column);
	if (key->kind != INDEX_PRIMARY)
		return settle_prefix(draft, key, part, &it->column);
	if (it->null_given)
		return diag_set(diag, ER_PRIMARY_CANT_HAVE_NULL);
	if (it->column.nullable && it->default_given && it->column.default_kind == DEFAULT_NULL)
		return diag_set(diag, ER_INVALID_DEFAULT, it->column.name);
	it->column.nullable = false;
	if (it->column.default_kind == DEFAULT_NULL)
		it->column.default_kind = DEFAULT_NONE;
	return settle_prefix(draft, key, part, &it->column);
}

static int check_key(struct table_draft *draft, struct draft_key *key)
{
	struct diag *diag = draft->statement->diag;
	uint64_t size = 0;
	if (key->part_count > key_parts_max)
		return diag_set(diag, ER_TOO_MANY_KEY_PARTS, key_parts_max);
	for (unsigned i = 0; i < key->part_count; i++) {
		if (check_part(draft, key, i) != 0)
			return -1;
		if (key->kind != INDEX_FULLTEXT)
			size += part_octets(&draft_find_column(draft, key->parts[i].column)->column.type,
					    key->parts[i].prefix);
	}
	return size > key_size_max ? diag_set(diag, ER_TOO_LONG_KEY, key_size_max) : 0;
}

/* The first column's name, with a number behind it when that is taken. */
static void name_key(struct table_draft *draft, struct draft_key *key)
{
	const char *base = key->parts[0].column;
	const char *name = base;
	for (unsigned i = 2; draft_find_key(draft, name) || strcasecmp(name, "PRIMARY") == 0; i++)
		name = arena_printf(draft->statement->arena, "%s_%u", base, i);
	key->name = name;
}

/* AUTO_INCREMENT finds its largest value through a key that begins with it. */
static int check_auto_increment(struct table_draft *draft)
{
	struct draft_column *column = draft->columns;
	while (column && !column->column.auto_increment)
		column = column->next;
	if (column == NULL)
		return 0;
	for (struct draft_key *key = draft->keys; key; key = key->next)
		if (draft_same_name(key->parts[0].column, column->column.name))
			return 0;
	return diag_set(draft->statement->diag, ER_WRONG_AUTO_KEY);
}

static bool same_parts(const struct draft_key *a, const struct draft_key *b)
{
	if (a->part_count != b->part_count || a->kind != b->kind)
		return false;
	for (unsigned i = 0; i < a->part_count; i++)
		if (!draft_same_name(a->parts[i].column, b->parts[i].column) || a->parts[i].prefix != b->parts[i].prefix ||
		    a->parts[i].descending != b->parts[i].descending)
			return false;
	return true;
}

static void warn_duplicate(struct table_draft *draft, const struct draft_key *key)
{
	for (const struct draft_key *other = draft->keys; other != key; other = other->next) {
		if (!same_parts(other, key))
			continue;
		warnings_add(&draft->statement->session->warnings, WARNING_WARNING, ER_DUP_INDEX, key->name,
			     draft->database, draft->name);
		return;
	}
}

int draft_check_keys(struct table_draft *draft)
{
	struct diag *diag = draft->statement->diag;
	unsigned count = 0;
	for (struct draft_key *key = draft->keys; key; key = key->next) {
		if (check_key(draft, key) != 0)
			return -1;
		if (key->name == NULL)
			name_key(draft, key);
		count++;
	}
	for (struct draft_key *key = draft->keys; key; key = key->next) {
		if (draft_find_key(draft, key->name) != key)
			return diag_set(diag, ER_DUP_KEYNAME, key->name);
		if (key->space == 0)
			warn_duplicate(draft, key);
	}
	if (count > keys_max)
		return diag_set(diag, ER_TOO_MANY_KEYS, keys_max);
	return check_auto_increment(draft);
}

/* ------------------------------------------------------------------ CHECKs */

struct draft_check *draft_find_check(const struct table_draft *draft, const char *name)
{
	struct draft_check *check = draft->checks;
	while (check && !(check->name && draft_same_name(check->name, name)))
		check = check->next;
	return check;
}

int draft_add_check(struct table_draft *draft, const struct ast_check *ast)
{
	struct draft_check **place = &draft->checks;
	struct buf text;
	while (*place)
		place = &(*place)->next;
	buf_init(&text);
	ast_expr_print(ast->expr, &text);
	*place = arena_new(draft->statement->arena, struct draft_check);
	(*place)->name = ast->constraint.text;
	(*place)->enforced = !ast->not_enforced;
	(*place)->expression = arena_copy_text(draft->statement->arena, (const char *)text.data, text.size);
	buf_deinit(&text);
	return 0;
}

int draft_check_checks(struct table_draft *draft)
{
	unsigned number = 1;
	for (struct draft_check *check = draft->checks; check; check = check->next) {
		while (check->name == NULL) {
			const char *name = arena_printf(draft->statement->arena, "%s_chk_%u", draft->name, number++);
			if (draft_find_check(draft, name) == NULL)
				check->name = name;
		}
		if (draft_find_check(draft, check->name) != check)
			return diag_set(draft->statement->diag, ER_CHECK_CONSTRAINT_DUP_NAME, check->name);
	}
	return 0;
}
