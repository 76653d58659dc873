/* Texts of clients whose character set is not UTF-8. */
#include "base/buf.h"
#include "sql/grammar.h"
#include "sql/parse/lexer_parts.h"

static bool is_ascii(struct bytes text)
{
	for (size_t i = 0; i < text.size; i++)
		if (text.data[i] >= 0x80)
			return false;
	return true;
}

void lexer_convert_text(struct lexer *lexer, int code, struct token *token)
{
	struct bytes text = token->text ? bytes_of(token->text, token->text_size)
					: bytes_of(lexer->text + token->span.offset, token->span.size);
	if (is_ascii(text) || (code == TK_STRING && lexer->is_introduced))
		return;
	struct buf utf8;
	buf_init(&utf8);
	if (charset_convert(lexer->charset, text, charset_get(CHARSET_UTF8MB4), &utf8) > 0 && code == TK_STRING) {
		token->is_malformed = true;
	} else {
		token->sent = text;
		token->text = arena_copy_text(lexer->arena, (const char *)utf8.data, utf8.size);
		token->text_size = (uint32_t)utf8.size;
	}
	buf_deinit(&utf8);
}
