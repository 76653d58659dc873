/* Result types of functions that give strings. Lengths are the longest a result can be. */
#include "sql/resolve/function_results.h"

enum { text_characters_max = 1073741823 };

static int give(struct function_call *call, struct column_type type, unsigned coercibility)
{
	call->expr->type = type;
	call->expr->class = class_of_type(&type);
	call->expr->coercibility = (uint8_t)coercibility;
	return 0;
}

static const struct collation *connection_collation(const struct function_call *call)
{
	return call->scope->resolver->environment->collation_connection;
}

/* Of the 's' arguments' kind. */
static int give_string(struct function_call *call, uint64_t length)
{
	const struct collation *collation = call->is_binary ? collation_binary : call->text.collation;
	if (collation == collation_binary && !call->is_binary)
		collation = connection_collation(call); /* all arguments are NULL */
	if (length > text_characters_max)
		length = text_characters_max;
	return give(call, type_text(length, collation), call->text.coercibility);
}

static uint64_t length_of(const struct function_call *call, unsigned argument)
{
	return type_characters(&call->arguments[argument]->type);
}

int result_text(struct function_call *call, int parameter, struct diag *diag)
{
	return give(call, type_text((uint64_t)parameter, connection_collation(call)), COERCIBLE_LITERAL);
}

int result_system_text(struct function_call *call, int parameter, struct diag *diag)
{
	return give(call, type_text((uint64_t)parameter, collation_utf8mb3_general), COERCIBLE_SYSCONST);
}

int result_binary(struct function_call *call, int parameter, struct diag *diag)
{
	return give(call, type_text((uint64_t)parameter, collation_binary), COERCIBLE_LITERAL);
}

int result_binary_each(struct function_call *call, int bytes, struct diag *diag)
{
	return give(call, type_text((uint64_t)bytes * call->count, collation_binary), COERCIBLE_LITERAL);
}

int result_binary_same(struct function_call *call, int parameter, struct diag *diag)
{
	return give(call, type_text(length_of(call, 0) * 4, collation_binary), COERCIBLE_LITERAL);
}

int result_aes(struct function_call *call, int parameter, struct diag *diag)
{
	return give(call, type_text((length_of(call, 0) * 4 / 16 + 1) * 16, collation_binary), COERCIBLE_LITERAL);
}

int result_compressed(struct function_call *call, int parameter, struct diag *diag)
{
	return give(call, type_text(length_of(call, 0) * 4 + 120, collation_binary), COERCIBLE_LITERAL);
}

int result_json(struct function_call *call, int parameter, struct diag *diag)
{
	return give(call, (struct column_type){.kind = TYPE_JSON, .collation = collation_utf8mb4_bin},
		    COERCIBLE_IMPLICIT);
}

int result_json_text(struct function_call *call, int parameter, struct diag *diag)
{
	return give(call, type_text(text_characters_max, collation_utf8mb4_bin), COERCIBLE_IMPLICIT);
}

int result_string_same(struct function_call *call, int parameter, struct diag *diag)
{
	return give_string(call, length_of(call, 0));
}

int result_soundex(struct function_call *call, int parameter, struct diag *diag)
{
	return give_string(call, length_of(call, 0) > 4 ? length_of(call, 0) : 4);
}

int result_quote(struct function_call *call, int parameter, struct diag *diag)
{
	return give_string(call, length_of(call, 0) * 2 + 2);
}

int result_hex(struct function_call *call, int parameter, struct diag *diag)
{
	uint64_t bytes = length_of(call, 0);
	if (call->arguments[0]->class == CLASS_TEXT)
		bytes *= call->arguments[0]->type.collation->charset->max_char_size;
	return give(call, type_text(bytes * 2, connection_collation(call)), COERCIBLE_LITERAL);
}

int result_unhex(struct function_call *call, int parameter, struct diag *diag)
{
	return give(call, type_text((length_of(call, 0) + 1) / 2, collation_binary), COERCIBLE_LITERAL);
}

int result_to_base64(struct function_call *call, int parameter, struct diag *diag)
{
	uint64_t digits = (length_of(call, 0) * 4 + 2) / 3 * 4;
	return give(call, type_text(digits + digits / 76, connection_collation(call)), COERCIBLE_LITERAL);
}

int result_from_base64(struct function_call *call, int parameter, struct diag *diag)
{
	return give(call, type_text(length_of(call, 0) * 3 / 4 + 3, collation_binary), COERCIBLE_LITERAL);
}

int result_format(struct function_call *call, int parameter, struct diag *diag)
{
	uint64_t length = length_of(call, 0);
	return give(call, type_text(length + length / 3 + 32, connection_collation(call)), COERCIBLE_LITERAL);
}

/* The longest text that a letter behind % stands for. */
static unsigned format_part_length(uint8_t letter)
{
	static const struct { const char *letters; unsigned length; } parts[] = {
		{"WM", 64}, {"ab", 32}, {"r", 11}, {"T", 8}, {"Hk", 7}, {"f", 6}, {"YXxD", 4}, {"j", 3},
		{"ymdhIilsScepUuVv", 2},
	};
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
		if (strchr(parts[i].letters, letter) != NULL)
			return parts[i].length;
	return 1;
}

int result_date_format(struct function_call *call, int is_time, struct diag *diag)
{
	enum { longest_part = 10, longest_hour = 7, short_hour = 2 };
	const struct tree_expr *format = call->arguments[1];
	uint64_t length = 0;
	if (format->kind != TREE_LITERAL || format->class != CLASS_TEXT)
		return give(call, type_text(length_of(call, 1) * longest_part, connection_collation(call)),
			    COERCIBLE_LITERAL);
	struct bytes text = format->literal.string;
	for (size_t i = 0; i < text.size; i++) {
		bool is_part = text.data[i] == '%' && i + 1 < text.size;
		unsigned part = is_part ? format_part_length(text.data[++i]) : 1;
		/* The hours of a TIME pass 24. */
		length += part == longest_hour && !is_time ? short_hour : part;
	}
	return give(call, type_text(length, connection_collation(call)), COERCIBLE_LITERAL);
}

static uint64_t sum_of_lengths(const struct function_call *call, unsigned first)
{
	uint64_t length = 0;
	for (unsigned i = first; i < call->count; i++)
		length += length_of(call, i);
	return length;
}

int result_concat(struct function_call *call, int parameter, struct diag *diag)
{
	return give_string(call, sum_of_lengths(call, 0));
}

int result_concat_ws(struct function_call *call, int parameter, struct diag *diag)
{
	call->expr->nullable = call->arguments[0]->nullable;
	call->nullable_known = true;
	uint64_t separators = call->count > 2 ? length_of(call, 0) * (call->count - 2) : 0;
	return give_string(call, sum_of_lengths(call, 1) + separators);
}

int result_make_set(struct function_call *call, int parameter, struct diag *diag)
{
	call->expr->nullable = call->arguments[0]->nullable;
	call->nullable_known = true;
	return give_string(call, sum_of_lengths(call, 1) + call->count);
}

int result_elt(struct function_call *call, int parameter, struct diag *diag)
{
	uint64_t longest = 0;
	for (unsigned i = 1; i < call->count; i++)
		if (length_of(call, i) > longest)
			longest = length_of(call, i);
	return give_string(call, longest);
}

int result_export_set(struct function_call *call, int parameter, struct diag *diag)
{
	uint64_t on = length_of(call, 1), off = length_of(call, 2);
	uint64_t separator = call->count > 3 ? length_of(call, 3) : 1;
	return give_string(call, (on > off ? on : off) * 64 + separator * 63);
}

int result_replace(struct function_call *call, int parameter, struct diag *diag)
{
	uint64_t length = length_of(call, 0), from = length_of(call, 1), to = length_of(call, 2);
	if (to > from)
		length = from ? length / from * to + length : length;
	return give_string(call, length);
}

int result_insert(struct function_call *call, int parameter, struct diag *diag)
{
	return give_string(call, length_of(call, 0) + length_of(call, 3));
}

static int64_t constant_or(const struct function_call *call, unsigned argument, int64_t otherwise)
{
	int64_t number;
	if (argument < call->count && constant_integer(call->arguments[argument], &number))
		return number < 0 ? 0 : number;
	return otherwise;
}

int result_left(struct function_call *call, int parameter, struct diag *diag)
{
	int64_t length = (int64_t)length_of(call, 0), wanted = constant_or(call, 1, length);
	return give_string(call, (uint64_t)(wanted < length ? wanted : length));
}

int result_substring(struct function_call *call, int parameter, struct diag *diag)
{
	int64_t length = (int64_t)length_of(call, 0), wanted = constant_or(call, 2, length);
	return give_string(call, (uint64_t)(wanted < length ? wanted : length));
}

int result_pad(struct function_call *call, int parameter, struct diag *diag)
{
	return give_string(call, (uint64_t)constant_or(call, 1, text_characters_max));
}

int result_space(struct function_call *call, int parameter, struct diag *diag)
{
	return give(call, type_text((uint64_t)constant_or(call, 0, text_characters_max), connection_collation(call)),
		    COERCIBLE_LITERAL);
}

int result_repeat(struct function_call *call, int parameter, struct diag *diag)
{
	int64_t times = constant_or(call, 1, text_characters_max);
	uint64_t length = length_of(call, 0);
	return give_string(call, length && (uint64_t)times > text_characters_max / length ? text_characters_max
			   : (uint64_t)times * length);
}

int result_group_concat(struct function_call *call, int parameter, struct diag *diag)
{
	uint64_t length = call->scope->resolver->environment->group_concat_max_len;
	give_string(call, length);
	if (length <= 65535)
		call->expr->type.kind = call->expr->class == CLASS_BINARY ? TYPE_BLOB : TYPE_TEXT;
	return 0;
}
