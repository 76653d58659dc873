/* Result types of functions: numbers, times, and what depends on several arguments. Strings: function_texts.c. */
#include "sql/resolve/function_results.h"

enum { fsp_of_arguments = 7, fsp_of_literal = 8, fsp_of_third = 9, fsp_of_both = 10 };

static int give(struct function_call *call, struct column_type type)
{
	call->expr->type = type;
	call->expr->class = class_of_type(&type);
	return 0;
}

bool constant_integer(const struct tree_expr *expr, int64_t *out)
{
	if (expr->kind != TREE_LITERAL || expr->class != CLASS_INTEGER || expr->literal.kind != VALUE_INT)
		return false;
	*out = expr->literal.integer;
	return true;
}

int result_int(struct function_call *call, int parameter, struct diag *diag)
{
	return give(call, type_bigint((unsigned)parameter, false));
}

int result_uint(struct function_call *call, int parameter, struct diag *diag)
{
	return give(call, type_bigint((unsigned)parameter, true));
}

int result_truth(struct function_call *call, int parameter, struct diag *diag)
{
	call->expr->is_truth = true;
	return give(call, type_bigint(1, false));
}

int result_real(struct function_call *call, int parameter, struct diag *diag)
{
	return give(call, type_double());
}

int result_pi(struct function_call *call, int parameter, struct diag *diag)
{
	struct column_type type = type_double();
	type.decimals = 6;
	type.length = 8;
	return give(call, type);
}

/* ------------------------------------------------------------------ times */

int result_date(struct function_call *call, int parameter, struct diag *diag)
{
	return give(call, type_temporal(TYPE_DATE, 0));
}

static int fsp_by(struct function_call *call, int parameter, unsigned *out, struct diag *diag)
{
	int64_t number;
	*out = 0;
	switch (parameter) {
	case fsp_of_arguments: case fsp_of_both:
		for (unsigned i = 0; i < call->count; i++) {
			const struct tree_expr *argument = call->arguments[i];
			unsigned fsp = expr_fsp(argument);
			bool is_time = argument->class == CLASS_TIME || argument->class == CLASS_DATETIME;
			if ((i == 0 || is_time || parameter == fsp_of_both) && fsp > *out)
				*out = fsp;
		}
		return 0;
	case fsp_of_literal:
		if (call->count == 0)
			return 0;
		if (!constant_integer(call->arguments[0], &number) || number < 0)
			return diag_set(diag, ER_WRONG_ARGUMENTS, call->function->name);
		if (number > 6)
			return diag_set(diag, ER_TOO_BIG_PRECISION, (int)number, call->function->name, 6ul);
		*out = (unsigned)number;
		call->count = 0;
		return 0;
	case fsp_of_third:
		*out = expr_fsp(call->arguments[2]);
		return 0;
	default:
		*out = (unsigned)parameter;
		return 0;
	}
}

int result_time(struct function_call *call, int parameter, struct diag *diag)
{
	unsigned fsp;
	return fsp_by(call, parameter, &fsp, diag) ? -1 : give(call, type_temporal(TYPE_TIME, fsp));
}

int result_datetime(struct function_call *call, int parameter, struct diag *diag)
{
	unsigned fsp;
	return fsp_by(call, parameter, &fsp, diag) ? -1 : give(call, type_temporal(TYPE_DATETIME, fsp));
}

static int give_time_text(struct function_call *call, unsigned length)
{
	call->expr->coercibility = COERCIBLE_LITERAL;
	return give(call, type_text(length, call->scope->resolver->environment->collation_connection));
}

int result_add_time(struct function_call *call, int parameter, struct diag *diag)
{
	unsigned a = expr_fsp(call->arguments[0]), b = expr_fsp(call->arguments[1]);
	unsigned fsp = a > b ? a : b;
	if (call->temporal == CLASS_TEXT)
		return give_time_text(call, 29);
	return give(call, type_temporal(call->temporal == CLASS_TIME ? TYPE_TIME : TYPE_DATETIME, fsp));
}

static bool unit_is_of_days(int64_t unit)
{
	return unit == AST_UNIT_DAY || unit == AST_UNIT_WEEK || unit == AST_UNIT_MONTH || unit == AST_UNIT_QUARTER ||
	       unit == AST_UNIT_YEAR || unit == AST_UNIT_YEAR_MONTH;
}

static bool unit_has_days(int64_t unit)
{
	return unit_is_of_days(unit) || unit == AST_UNIT_DAY_MICROSECOND || unit == AST_UNIT_DAY_SECOND ||
	       unit == AST_UNIT_DAY_MINUTE || unit == AST_UNIT_DAY_HOUR;
}

static bool unit_has_microseconds(int64_t unit)
{
	return unit == AST_UNIT_MICROSECOND || unit == AST_UNIT_SECOND_MICROSECOND || unit == AST_UNIT_MINUTE_MICROSECOND ||
	       unit == AST_UNIT_HOUR_MICROSECOND || unit == AST_UNIT_DAY_MICROSECOND;
}

static int64_t unit_of_call(const struct function_call *call)
{
	switch (call->ast->kind) {
	case AST_EXTRACT: return call->ast->extract.unit;
	case AST_DATE_ADD: return call->ast->date_add.unit;
	case AST_DATE_DIFFERENCE: return call->ast->date_difference.unit;
	default: return AST_UNIT_DAY; /* ADDDATE(date, days) */
	}
}

int result_date_add(struct function_call *call, int parameter, struct diag *diag)
{
	int64_t unit = unit_of_call(call);
	unsigned fsp = expr_fsp(call->arguments[0]);
	if (unit_has_microseconds(unit))
		fsp = 6;
	else if (unit == AST_UNIT_SECOND && expr_fsp(call->arguments[1]) > fsp)
		fsp = expr_fsp(call->arguments[1]);
	switch (call->temporal) {
	case CLASS_DATE:
		if (unit_is_of_days(unit))
			return give(call, type_temporal(TYPE_DATE, 0));
		return give(call, type_temporal(TYPE_DATETIME, fsp));
	case CLASS_TIME:
		return give(call, type_temporal(unit_has_days(unit) ? TYPE_DATETIME : TYPE_TIME, fsp));
	case CLASS_DATETIME:
		return give(call, type_temporal(TYPE_DATETIME, fsp));
	default:
		return give_time_text(call, 29);
	}
}

int result_extract(struct function_call *call, int parameter, struct diag *diag)
{
	return give(call, type_bigint(unit_has_microseconds(unit_of_call(call)) ? 20 : 8, false));
}

int result_unix_timestamp(struct function_call *call, int parameter, struct diag *diag)
{
	unsigned fsp = 0;
	if (call->count > 0 && fsp_by(call, fsp_of_arguments, &fsp, diag) != 0)
		return -1;
	return give(call, fsp ? type_decimal(11 + fsp, fsp) : type_bigint(11, false));
}

int result_from_unixtime(struct function_call *call, int parameter, struct diag *diag)
{
	if (call->count == 2)
		return give_time_text(call, 64);
	return give(call, type_temporal(TYPE_DATETIME, expr_fsp(call->arguments[0])));
}

/* Which parts a constant format asks for decides whether a DATE, a TIME or both come out. */
int result_str_to_date(struct function_call *call, int parameter, struct diag *diag)
{
	const struct tree_expr *format = call->arguments[1];
	if (format->kind != TREE_LITERAL || format->class != CLASS_TEXT)
		return give(call, type_temporal(TYPE_DATETIME, 6));
	bool date = false, time = false, fraction = false;
	struct bytes text = format->literal.string;
	for (size_t i = 0; i + 1 < text.size; i++) {
		if (text.data[i] != '%')
			continue;
		char letter = (char)text.data[++i];
		fraction |= letter == 'f';
		time |= strchr("fHISThiklprs", letter) != NULL;
		date |= strchr("MVUXYWabcjmvuxyewdD", letter) != NULL;
	}
	if (!date && !time)
		date = true;
	return give(call, type_temporal(date && time ? TYPE_DATETIME : date ? TYPE_DATE : TYPE_TIME,
					fraction && time ? 6 : 0));
}

/* ------------------------------------------------------------------ arithmetic */

static unsigned digits_of(const struct tree_expr *expr)
{
	return type_integer_digits(&expr->type);
}

static unsigned scale_of(const struct tree_expr *expr)
{
	return type_scale(&expr->type);
}

static unsigned larger(unsigned a, unsigned b)
{
	return a > b ? a : b;
}

static bool any_unsigned(const struct function_call *call)
{
	for (unsigned i = 0; i < call->count; i++)
		if (expr_is_unsigned(call->arguments[i]))
			return true;
	return false;
}

static int give_sum_of_two(struct function_call *call, bool is_unsigned)
{
	const struct tree_expr *a = call->arguments[0], *b = call->arguments[1];
	if (call->numeric == CLASS_REAL)
		return give(call, type_double());
	unsigned digits = larger(digits_of(a), digits_of(b)) + 1;
	if (call->numeric == CLASS_INTEGER)
		return give(call, type_bigint(digits < 20 ? digits + 1 : 21, is_unsigned));
	unsigned scale = larger(scale_of(a), scale_of(b));
	return give(call, type_decimal(digits + scale, scale));
}

int result_add(struct function_call *call, int parameter, struct diag *diag)
{
	return give_sum_of_two(call, any_unsigned(call));
}

int result_subtract(struct function_call *call, int parameter, struct diag *diag)
{
	uint64_t mode = call->scope->resolver->environment->sql_mode;
	return give_sum_of_two(call, any_unsigned(call) && !(mode & SQL_MODE_NO_UNSIGNED_SUBTRACTION));
}

int result_multiply(struct function_call *call, int parameter, struct diag *diag)
{
	const struct tree_expr *a = call->arguments[0], *b = call->arguments[1];
	unsigned digits = digits_of(a) + digits_of(b);
	if (call->numeric == CLASS_REAL)
		return give(call, type_double());
	if (call->numeric == CLASS_INTEGER)
		return give(call, type_bigint(digits < 20 ? digits + 1 : 21, any_unsigned(call)));
	unsigned scale = scale_of(a) + scale_of(b);
	return give(call, type_decimal(digits + scale, scale));
}

int result_divide(struct function_call *call, int parameter, struct diag *diag)
{
	const struct tree_expr *a = call->arguments[0], *b = call->arguments[1];
	if (call->numeric == CLASS_REAL)
		return give(call, type_double());
	call->numeric = CLASS_DECIMAL;
	unsigned increment = call->scope->resolver->environment->div_precision_increment;
	unsigned precision = digits_of(a) + scale_of(a) + scale_of(b) + increment;
	return give(call, type_decimal(precision, scale_of(a) + increment));
}

int result_average(struct function_call *call, int parameter, struct diag *diag)
{
	const struct tree_expr *sum = call->arguments[0];
	enum { digits_of_a_sum = 22 };
	unsigned increment = call->scope->resolver->environment->div_precision_increment;
	unsigned precision = sum->type.length > digits_of_a_sum ? sum->type.length - digits_of_a_sum : sum->type.length;
	return give(call, type_decimal(precision + increment, scale_of(sum) + increment));
}

int result_integer_divide(struct function_call *call, int parameter, struct diag *diag)
{
	if (call->numeric == CLASS_REAL) /* texts and reals divide as DECIMALs */
		call->numeric = CLASS_DECIMAL;
	return give(call, type_bigint(21, any_unsigned(call)));
}

int result_modulo(struct function_call *call, int parameter, struct diag *diag)
{
	const struct tree_expr *a = call->arguments[0], *b = call->arguments[1];
	if (call->numeric == CLASS_REAL)
		return give(call, type_double());
	if (call->numeric == CLASS_INTEGER)
		return give(call, type_bigint(larger(digits_of(a), digits_of(b)) + 1, expr_is_unsigned(a)));
	unsigned scale = larger(scale_of(a), scale_of(b));
	return give(call, type_decimal(larger(digits_of(a), digits_of(b)) + scale, scale));
}

static struct column_type number_like(const struct function_call *call, const struct tree_expr *argument)
{
	if (call->numeric == CLASS_REAL)
		return type_double();
	if (call->numeric == CLASS_DECIMAL)
		return type_decimal(digits_of(argument) + scale_of(argument), scale_of(argument));
	unsigned digits = digits_of(argument);
	return type_bigint(digits < 20 ? digits + 1 : 21, expr_is_unsigned(argument));
}

int result_negate(struct function_call *call, int parameter, struct diag *diag)
{
	struct column_type type = number_like(call, call->arguments[0]);
	type.is_unsigned = false;
	return give(call, type);
}

int result_absolute(struct function_call *call, int parameter, struct diag *diag)
{
	return give(call, number_like(call, call->arguments[0]));
}

int result_ceiling(struct function_call *call, int parameter, struct diag *diag)
{
	enum { digits_of_bigint = 18 };
	const struct tree_expr *argument = call->arguments[0];
	struct column_type type = number_like(call, argument);
	if (call->numeric == CLASS_REAL)
		type.decimals = 0, type.length = 17;
	else if (call->numeric == CLASS_DECIMAL && digits_of(argument) < digits_of_bigint)
		type = type_bigint(digits_of(argument) + 2, false);
	else if (call->numeric == CLASS_DECIMAL)
		type = type_decimal(digits_of(argument) + 1, 0);
	return give(call, type);
}

int result_round(struct function_call *call, int is_truncate, struct diag *diag)
{
	const struct tree_expr *argument = call->arguments[0];
	struct column_type type = number_like(call, argument);
	int64_t digits = 0;
	bool known = call->count == 1 || constant_integer(call->arguments[1], &digits);
	unsigned places = digits < 0 ? 0 : digits > 30 ? 30 : (unsigned)digits;
	if (call->count == 1) {
		call->arguments[1] = node_int(call->scope, 0);
		call->count = 2;
	}
	if (known && call->numeric == CLASS_REAL) {
		type.decimals = (uint8_t)places;
		type.length = 17 + places;
	} else if (known && call->numeric == CLASS_DECIMAL) {
		unsigned scale = scale_of(argument);
		bool carries = !is_truncate && places < scale;
		type = type_decimal(digits_of(argument) + carries + places, places);
	}
	return give(call, type);
}

int result_sum(struct function_call *call, int parameter, struct diag *diag)
{
	enum { extra_digits = 22 };
	const struct tree_expr *argument = call->arguments[0];
	if (call->numeric == CLASS_REAL)
		return give(call, type_double());
	unsigned scale = scale_of(argument);
	return give(call, type_decimal(digits_of(argument) + scale + extra_digits, scale));
}

/* ------------------------------------------------------------------ of several arguments */

int result_of_many(struct scope *scope, struct tree_expr *const *exprs, unsigned count, const char *operation,
		   struct column_type *out_type, unsigned *out_coercibility)
{
	struct column_type type = exprs[0]->type;
	for (unsigned i = 1; i < count; i++)
		type = type_merge_types(&type, &exprs[i]->type);
	*out_coercibility = COERCIBLE_NUMERIC;
	enum value_class class = class_of_type(&type);
	if (class == CLASS_ENUM || class == CLASS_SET) {
		*out_coercibility = COERCIBLE_IMPLICIT;
		type = type_text(type_characters(&type), type.collation);
	} else if (class == CLASS_TEXT || class == CLASS_BINARY) {
		struct collation_pick pick;
		if (collation_aggregate(scope, exprs, count, operation, false, &pick) != 0)
			return -1;
		*out_coercibility = pick.coercibility;
		if (class == CLASS_TEXT && pick.collation != collation_binary)
			type.collation = pick.collation;
	}
	*out_type = type;
	return 0;
}

int result_aggregated(struct function_call *call, int skipped, struct diag *diag)
{
	struct column_type type;
	unsigned coercibility;
	unsigned first = (unsigned)skipped;
	if (result_of_many(call->scope, call->arguments + first, call->count - first, call->function->name, &type,
			   &coercibility) != 0)
		return -1;
	call->expr->coercibility = (uint8_t)coercibility;
	call->expr->nullable = false;
	for (unsigned i = first; i < call->count; i++)
		call->expr->nullable |= call->arguments[i]->nullable;
	call->nullable_known = true;
	return give(call, type);
}

int result_coalesce(struct function_call *call, int parameter, struct diag *diag)
{
	if (result_aggregated(call, 0, diag) != 0)
		return -1;
	call->expr->nullable = true;
	for (unsigned i = 0; i < call->count; i++)
		call->expr->nullable &= call->arguments[i]->nullable;
	/* SQLite's coalesce wants two. */
	if (call->count == 1) {
		call->arguments[1] = call->arguments[0];
		call->count = 2;
	}
	return 0;
}

/* A number beside texts makes the texts numbers. */
int result_extreme(struct function_call *call, int parameter, struct diag *diag)
{
	bool number = false, text = false;
	for (unsigned i = 0; i < call->count; i++) {
		enum value_class class = call->arguments[i]->class;
		number |= class == CLASS_INTEGER || class == CLASS_REAL || class == CLASS_DECIMAL;
		text |= class == CLASS_TEXT || class == CLASS_BINARY || class == CLASS_ENUM || class == CLASS_SET;
	}
	if (number && text)
		return give(call, type_double());
	return result_aggregated(call, 0, diag);
}

int result_extreme_of_group(struct function_call *call, int parameter, struct diag *diag)
{
	struct tree_expr *argument = call->arguments[0];
	call->expr->coercibility = argument->coercibility;
	if (argument->class == CLASS_ENUM || argument->class == CLASS_SET)
		return give(call, type_text(type_characters(&argument->type), argument->type.collation));
	return give(call, argument->type);
}

int result_same(struct function_call *call, int parameter, struct diag *diag)
{
	return result_extreme_of_group(call, parameter, diag);
}

int result_second(struct function_call *call, int parameter, struct diag *diag)
{
	call->expr->coercibility = call->arguments[1]->coercibility;
	return give(call, call->arguments[1]->type);
}

/* LEAD and LAG: the value, and its replacement past the edge. */
int result_shifted(struct function_call *call, int parameter, struct diag *diag)
{
	struct tree_expr *values[] = {call->arguments[0], call->count == 3 ? call->arguments[2] : call->arguments[0]};
	struct column_type type;
	unsigned coercibility;
	if (result_of_many(call->scope, values, 2, call->function->name, &type, &coercibility) != 0)
		return -1;
	call->expr->coercibility = (uint8_t)coercibility;
	return give(call, type);
}
