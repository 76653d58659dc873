/*
 * As what two values compare: MySQL's "Type Conversion in Expression Evaluation", in the order the cases below have.
 *
 * Against a column the constant side bends, so that an index stays usable: a text becomes the DATETIME it spells, '5'
 * the integer 5, an ENUM's member its index.
 */
#include "sql/resolve/resolver.h"

static bool is_column(const struct tree_expr *expr)
{
	return expr->kind == TREE_COLUMN || expr->kind == TREE_OUTPUT;
}

static bool is_date_like(const struct tree_expr *expr)
{
	return expr->class == CLASS_DATE || expr->class == CLASS_DATETIME;
}

static bool is_time_like(const struct tree_expr *expr)
{
	return is_date_like(expr) || expr->class == CLASS_TIME;
}

static bool is_text_like(const struct tree_expr *expr)
{
	return expr->class == CLASS_TEXT || expr->class == CLASS_ENUM || expr->class == CLASS_SET ||
	       (expr->class == CLASS_BINARY && !expr->is_hex);
}

static int settle(struct compare_pair *pair, enum value_class class)
{
	pair->class = class;
	pair->collation = NULL;
	return pair->left == NULL || pair->right == NULL ? -1 : 0;
}

static int both_to(struct scope *scope, struct compare_pair *pair, enum value_class class)
{
	pair->left = convert_to_class(scope, pair->left, class);
	pair->right = convert_to_class(scope, pair->right, class);
	return settle(pair, class);
}

/* ------------------------------------------------------------------ times */

static struct tree_expr *to_time_side(struct scope *scope, struct tree_expr *expr, enum value_class class)
{
	if (expr->class == CLASS_DATE && class == CLASS_DATETIME)
		return expr;
	if (expr->kind == TREE_LITERAL && expr->class == CLASS_INTEGER && expr->literal.integer == 0)
		return node_of_value(scope, &(struct value){.kind = class == CLASS_TIME ? VALUE_TIME : VALUE_DATETIME});
	return convert_to_temporal(scope, expr, class, CONVERT_COMPARE);
}

static int as_times(struct scope *scope, struct compare_pair *pair, enum value_class class)
{
	pair->left = to_time_side(scope, pair->left, class);
	if (pair->left != NULL)
		pair->right = to_time_side(scope, pair->right, class);
	return settle(pair, class);
}

static int unify_numbers(struct scope *scope, struct compare_pair *pair);

/* At least one side is a time. */
static int unify_times(struct scope *scope, struct compare_pair *pair)
{
	struct tree_expr *time = is_time_like(pair->left) ? pair->left : pair->right;
	struct tree_expr *other = time == pair->left ? pair->right : pair->left;
	if (is_time_like(other)) {
		if (time->class == CLASS_TIME && other->class == CLASS_TIME)
			return settle(pair, CLASS_TIME);
		return as_times(scope, pair, CLASS_DATETIME);
	}
	enum value_class class = time->class == CLASS_TIME ? CLASS_TIME : CLASS_DATETIME;
	if (is_text_like(other))
		return as_times(scope, pair, class);
	if (is_column(time) && tree_is_constant(other) && other->class != CLASS_REAL)
		return as_times(scope, pair, class);
	return unify_numbers(scope, pair);
}

/* ------------------------------------------------------------------ ENUM and SET */

static int find_member(const struct column_type *type, const struct tree_expr *literal)
{
	for (unsigned i = 0; i < type->name_count; i++) {
		struct buf utf8;
		buf_init(&utf8);
		charset_convert(type->collation->charset, type->names[i], charset_get(CHARSET_UTF8MB4), &utf8);
		bool same = collation_compare_utf8(type->collation, buf_bytes(&utf8), literal->literal.string) == 0;
		buf_deinit(&utf8);
		if (same)
			return (int)i + 1;
	}
	return literal->literal.string.size == 0 ? 0 : -1;
}

/* An ENUM column equal to a text: to its number, or to a number none has. */
static bool unify_member(struct scope *scope, enum ast_operator op, struct compare_pair *pair)
{
	struct tree_expr **column = pair->left->class == CLASS_ENUM ? &pair->left : &pair->right;
	struct tree_expr **other = column == &pair->left ? &pair->right : &pair->left;
	bool equality = op == AST_OP_EQUAL || op == AST_OP_NOT_EQUAL || op == AST_OP_NULL_SAFE_EQUAL;
	if ((*column)->class != CLASS_ENUM || !equality)
		return false;
	if ((*other)->class == CLASS_ENUM && (*other)->type.names == (*column)->type.names) {
		settle(pair, CLASS_INTEGER);
		return true;
	}
	if ((*other)->kind != TREE_LITERAL || (*other)->class != CLASS_TEXT ||
	    (*other)->coercibility <= (*column)->coercibility)
		return false;
	*other = node_int(scope, find_member(&(*column)->type, *other));
	settle(pair, CLASS_INTEGER);
	return true;
}

/* ------------------------------------------------------------------ texts */

static int unify_texts(struct scope *scope, enum ast_operator op, struct compare_pair *pair)
{
	struct collation_pick pick;
	struct tree_expr *sides[] = {pair->left, pair->right};
	if (unify_member(scope, op, pair))
		return 0;
	if (collation_aggregate(scope, sides, 2, ast_operator_text(op), true, &pick) != 0)
		return -1;
	if (pick.collation == collation_binary)
		return both_to(scope, pair, CLASS_BINARY);
	struct column_type type = type_text(0, pick.collation);
	for (int i = 0; i < 2; i++) {
		struct tree_expr **side = i == 0 ? &pair->left : &pair->right;
		if ((*side)->class == CLASS_BINARY)
			*side = convert_to_type(scope, *side, &type, CONVERT_IMPLICIT);
		else
			*side = convert_to_class(scope, *side, CLASS_TEXT);
	}
	settle(pair, CLASS_TEXT);
	pair->collation = pick.collation;
	return 0;
}

/* ------------------------------------------------------------------ numbers */

static struct tree_expr *convert_by(struct scope *scope, struct tree_expr *operand, const char *name)
{
	struct tree_expr *expr = node_new(scope, TREE_CONVERT, CLASS_INTEGER);
	expr->convert.operand = operand;
	expr->convert.reason = CONVERT_COMPARE;
	expr->convert.name = name;
	expr->type = type_bigint(20, false);
	node_adopt(expr, operand);
	return expr;
}

/* A number is that of an INTEGER column when it is whole. NULL: it is not, or not known to be. */
static struct tree_expr *literal_as_integer(struct scope *scope, struct tree_expr *literal)
{
	struct decimal decimal;
	size_t used;
	if (literal->class == CLASS_DECIMAL)
		decimal = *literal->literal.decimal;
	else if (literal->class == CLASS_REAL) {
		if (decimal_from_double(&decimal, literal->literal.real) != DECIMAL_OK)
			return NULL;
	} else if (decimal_parse(&decimal, literal->literal.string, &used) != DECIMAL_OK ||
		   used != literal->literal.string.size)
		return NULL;
	struct decimal whole = decimal;
	int64_t integer;
	uint64_t natural;
	decimal_truncate(&whole, 0);
	if (decimal_compare(&whole, &decimal) != 0)
		return NULL;
	if (decimal_to_int(&whole, &integer) == DECIMAL_OK)
		return node_int(scope, integer);
	return decimal_to_uint(&whole, &natural) == DECIMAL_OK ? node_uint(scope, natural) : NULL;
}

static struct tree_expr *year_of(struct scope *scope, struct tree_expr *constant)
{
	if (constant->kind != TREE_LITERAL)
		return convert_by(scope, constant, constant->class == CLASS_TEXT ? "gm_year_from_text"
				  : "gm_year_from_int");
	int64_t year = constant->literal.integer;
	if (year > 0 && year < 100)
		return node_int(scope, year + (year < 70 ? 2000 : 1900));
	return constant;
}

/*
 * INTEGER column against a constant that is none. Answers the constant to compare with, or NULL when the general
 * rules shall decide.
 */
static struct tree_expr *bend_to_integer(struct scope *scope, struct tree_expr *column, struct tree_expr *constant)
{
	if (!is_column(column) || column->class != CLASS_INTEGER || !tree_is_constant(constant))
		return NULL;
	bool is_number = constant->class == CLASS_DECIMAL || constant->class == CLASS_REAL;
	if (!is_number && constant->class != CLASS_TEXT && constant->class != CLASS_INTEGER)
		return NULL;
	if (constant->kind == TREE_LITERAL && constant->class != CLASS_INTEGER) {
		constant = literal_as_integer(scope, constant);
		if (constant == NULL)
			return NULL;
	}
	if (column->type.kind == TYPE_YEAR && (constant->class == CLASS_INTEGER || constant->class == CLASS_TEXT))
		return year_of(scope, constant);
	if (constant->class == CLASS_INTEGER)
		return constant;
	return convert_by(scope, constant, constant->class == CLASS_TEXT ? "gm_key_from_text"
			  : constant->class == CLASS_REAL ? "gm_key_from_real" : "gm_key_from_dec");
}

/* DECIMAL column against a text: a literal must be exactly a number, of others we hope so as MySQL's key lookup does. */
static struct tree_expr *bend_to_decimal(struct scope *scope, struct tree_expr *column, struct tree_expr *constant)
{
	if (!is_column(column) || column->class != CLASS_DECIMAL || constant->class != CLASS_TEXT ||
	    !tree_is_constant(constant))
		return NULL;
	struct tree_expr *number = convert_to_class(scope, constant, CLASS_DECIMAL);
	return number->kind == TREE_LITERAL || constant->kind != TREE_LITERAL ? number : NULL;
}

/* INTEGER column against 5.5: as a double it lies between the same two integers. */
static struct tree_expr *bend_to_real(struct scope *scope, struct tree_expr *column, struct tree_expr *constant)
{
	enum { digits_max = 15 };
	if (!is_column(column) || column->class != CLASS_INTEGER || type_has_big_unsigned(&column->type) ||
	    constant->kind != TREE_LITERAL || constant->class != CLASS_DECIMAL ||
	    type_integer_digits(&constant->type) + type_scale(&constant->type) > digits_max)
		return NULL;
	return convert_to_class(scope, constant, CLASS_REAL);
}

static struct tree_expr *as_real_side(struct scope *scope, struct tree_expr *expr)
{
	/* SQLite compares integers with reals exactly; only our unsigned giants are no SQLite integers. */
	if ((expr->class == CLASS_INTEGER && !type_has_big_unsigned(&expr->type)) || expr->class == CLASS_ENUM ||
	    expr->class == CLASS_SET)
		return expr;
	return convert_to_class(scope, expr, CLASS_REAL);
}

static struct tree_expr *as_integer_side(struct scope *scope, struct tree_expr *expr)
{
	return expr->class == CLASS_ENUM || expr->class == CLASS_SET ? expr : convert_to_class(scope, expr, CLASS_INTEGER);
}

static int unify_numbers(struct scope *scope, struct compare_pair *pair)
{
	struct tree_expr *bent = bend_to_integer(scope, pair->left, pair->right);
	if (bent != NULL) {
		pair->right = bent;
		return settle(pair, CLASS_INTEGER);
	}
	if ((bent = bend_to_integer(scope, pair->right, pair->left)) != NULL) {
		pair->left = bent;
		return settle(pair, CLASS_INTEGER);
	}
	if ((bent = bend_to_decimal(scope, pair->left, pair->right)) != NULL ||
	    (bent = bend_to_real(scope, pair->left, pair->right)) != NULL)
		pair->right = bent;
	else if ((bent = bend_to_decimal(scope, pair->right, pair->left)) != NULL ||
		 (bent = bend_to_real(scope, pair->right, pair->left)) != NULL)
		pair->left = bent;
	enum value_class left = numeric_class(pair->left), right = numeric_class(pair->right);
	/* A member's number is what an ENUM is beside numbers. */
	if (pair->left->class == CLASS_ENUM || pair->left->class == CLASS_SET)
		left = CLASS_INTEGER;
	if (pair->right->class == CLASS_ENUM || pair->right->class == CLASS_SET)
		right = CLASS_INTEGER;
	if (left == CLASS_REAL || right == CLASS_REAL) {
		pair->left = as_real_side(scope, pair->left);
		pair->right = as_real_side(scope, pair->right);
		return settle(pair, CLASS_REAL);
	}
	if (left == CLASS_DECIMAL || right == CLASS_DECIMAL)
		return both_to(scope, pair, CLASS_DECIMAL);
	pair->left = as_integer_side(scope, pair->left);
	pair->right = as_integer_side(scope, pair->right);
	return settle(pair, CLASS_INTEGER);
}

int compare_unify(struct scope *scope, enum ast_operator op, struct compare_pair *pair)
{
	struct tree_expr *left = pair->left, *right = pair->right;
	if (left == NULL || right == NULL)
		return -1;
	if (left->class == CLASS_NULL || right->class == CLASS_NULL)
		return settle(pair, left->class == CLASS_NULL ? right->class : left->class);
	if (left->class == CLASS_JSON || right->class == CLASS_JSON)
		return both_to(scope, pair, CLASS_JSON);
	if (is_time_like(left) || is_time_like(right))
		return unify_times(scope, pair);
	bool left_text = is_text_like(left) || left->is_hex, right_text = is_text_like(right) || right->is_hex;
	if (left_text && right_text)
		return unify_texts(scope, op, pair);
	return unify_numbers(scope, pair);
}
