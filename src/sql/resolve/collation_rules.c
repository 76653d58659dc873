/* Whose collation wins: MySQL's coercibility rules ("Collation Coercibility in Expressions"). */
#include "sql/resolve/resolver.h"

struct collation_pick collation_of(struct scope *scope, const struct tree_expr *expr)
{
	switch (expr->class) {
	case CLASS_TEXT: case CLASS_BINARY: case CLASS_ENUM: case CLASS_SET:
		return (struct collation_pick){expr->type.collation, expr->coercibility};
	case CLASS_JSON:
		return (struct collation_pick){collation_utf8mb4_bin, COERCIBLE_IMPLICIT};
	case CLASS_NULL:
		return (struct collation_pick){collation_binary, COERCIBLE_IGNORABLE};
	default:
		return (struct collation_pick){scope->resolver->environment->collation_connection, COERCIBLE_NUMERIC};
	}
}

static bool is_unicode(const struct collation *collation)
{
	enum charset_id id = collation->charset->id;
	return id == CHARSET_UTF8MB4 || id == CHARSET_UTF8MB3 || id == CHARSET_UCS2 || id == CHARSET_UTF16 ||
	       id == CHARSET_UTF32;
}

/* Every text of b's character set is one of a's. */
static bool holds(const struct collation *a, const struct collation *b)
{
	if (!is_unicode(a))
		return b->charset->id == CHARSET_ASCII;
	if (!is_unicode(b))
		return true;
	bool small = a->charset->id == CHARSET_UTF8MB3 || a->charset->id == CHARSET_UCS2;
	return !small || b->charset->id == CHARSET_UTF8MB3 || b->charset->id == CHARSET_UCS2;
}

/* False: neither wins. */
static bool pick_of_two_charsets(struct collation_pick *left, struct collation_pick right)
{
	bool take_right;
	if (left->collation == collation_binary)
		take_right = left->coercibility > right.coercibility;
	else if (right.collation == collation_binary)
		take_right = right.coercibility <= left->coercibility;
	else if (left->coercibility <= right.coercibility && holds(left->collation, right.collation))
		take_right = false;
	else if (right.coercibility <= left->coercibility && holds(right.collation, left->collation))
		take_right = true;
	else if (left->coercibility < right.coercibility && right.coercibility >= COERCIBLE_SYSCONST)
		take_right = false;
	else if (right.coercibility < left->coercibility && left->coercibility >= COERCIBLE_SYSCONST)
		take_right = true;
	else
		return false;
	if (take_right)
		*left = right;
	return true;
}

static bool pick_of_one_charset(struct collation_pick *left, struct collation_pick right)
{
	if (left->coercibility != right.coercibility) {
		if (right.coercibility < left->coercibility)
			*left = right;
		return true;
	}
	if (left->collation == right.collation)
		return true;
	if (left->coercibility == COERCIBLE_EXPLICIT)
		return false;
	if (left->collation->is_binary)
		return true;
	if (right.collation->is_binary)
		*left = right;
	else
		*left = (struct collation_pick){left->collation->charset->binary_collation, COERCIBLE_NONE};
	return true;
}

static const char *coercibility_name(unsigned coercibility)
{
	static const char *const names[] = {"EXPLICIT", "NONE", "IMPLICIT", "SYSCONST", "COERCIBLE", "NUMERIC",
					    "IGNORABLE"};
	return names[coercibility];
}

static int mixed(struct scope *scope, struct tree_expr *const *exprs, unsigned count, const char *operation)
{
	struct collation_pick a = collation_of(scope, exprs[0]);
	struct collation_pick b = count > 1 ? collation_of(scope, exprs[1]) : a;
	if (count > 2)
		return diag_set_message(scope->resolver->diag, ER_CANT_AGGREGATE_NCOLLATIONS,
					"Illegal mix of collations for operation '%s'", operation);
	return diag_set(scope->resolver->diag, ER_CANT_AGGREGATE_2COLLATIONS, a.collation->name,
			coercibility_name(a.coercibility), b.collation->name, coercibility_name(b.coercibility),
			operation);
}

int collation_aggregate(struct scope *scope, struct tree_expr *const *exprs, unsigned count, const char *operation,
			bool must_compare, struct collation_pick *out)
{
	if (count == 0) {
		*out = (struct collation_pick){scope->resolver->environment->collation_connection, COERCIBLE_LITERAL};
		return 0;
	}
	struct collation_pick pick = collation_of(scope, exprs[0]);
	for (unsigned i = 1; i < count; i++) {
		struct collation_pick right = collation_of(scope, exprs[i]);
		bool won = pick.collation->charset == right.collation->charset ? pick_of_one_charset(&pick, right)
			: pick_of_two_charsets(&pick, right);
		if (!won)
			return mixed(scope, exprs, count, operation);
	}
	if (must_compare && pick.coercibility == COERCIBLE_NONE)
		return mixed(scope, exprs, count, operation);
	*out = pick;
	return 0;
}
