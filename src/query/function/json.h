/* What the function_json*.c files share. Private to them. */
#pragma once

#include "query/function/tools.h"
#include "type/json_path.h"
#include "type/json_scan.h"
#include "type/json_text.h"

/* The path argument, kept for the statement where it is constant; NULL after error 3143. The value is not NULL. */
const struct json_path *json_path_of(sqlite3_context *context, sqlite3_value **arguments, int number);
/* The same, and error 3149 for a path that may mean several places. */
const struct json_path *json_place_of(sqlite3_context *context, sqlite3_value **arguments, int number);
/* False after error 3154, when it is neither 'one' nor 'all'. */
bool json_wants_all(sqlite3_context *context, sqlite3_value *value, const char *function, bool *out);

/* A built document: error 3157 when it nests too deep, warning 1301 when it is too long. */
void json_answer(sqlite3_context *context, struct bytes document, const char *function);

struct json_member {
	struct bytes name;  /* raw */
	struct bytes value;
	size_t place;       /* of members of one name the one with the highest stays */
};
/* Appends an object; sorts the members. */
void json_put_object(struct json_member *members, size_t count, struct buf *out);
