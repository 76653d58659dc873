#include "sql/resolve/function.h"

#include <stdlib.h>

#include "sql/resolve/function_results.h"

enum {
	AGGREGATE = FUNCTION_AGGREGATE,
	WINDOW = FUNCTION_WINDOW,
	NONDETERMINISTIC = FUNCTION_NONDETERMINISTIC,
	SESSION = FUNCTION_SESSION,
	UNSAFE = FUNCTION_UNSAFE,
	EFFECT = FUNCTION_EFFECT,
	NOT_NULL = FUNCTION_NOT_NULL,
	NULLABLE = FUNCTION_NULLABLE,
	AWARE = FUNCTION_NULL_AWARE,
	COMPARES = FUNCTION_COMPARES,
	RESULT_SUFFIX = FUNCTION_RESULT_SUFFIX,
	LAST_ID = FUNCTION_LAST_ID,
	SEEDED = FUNCTION_SEEDED,
};

static const struct function table[] = {
#define FUNCTION(name, min, max, arguments, result, parameter, flags, extras, evaluator)                              \
	{name, min, max, arguments, result, parameter, flags, extras, evaluator},
#include "sql/resolve/functions.def"
#undef FUNCTION
};

enum { table_size = sizeof table / sizeof table[0] };

static int compare(const void *key, const void *element)
{
	return bytes_compare(*(const struct bytes *)key, bytes_of_string(((const struct function *)element)->name));
}

const struct function *function_find(struct bytes name)
{
	return bsearch(&name, table, table_size, sizeof table[0], compare);
}

const struct function *function_at(unsigned index)
{
	return index < table_size ? &table[index] : NULL;
}
