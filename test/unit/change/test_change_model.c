/*
 * The door against a naive model: random changes in random transactions and statements, some of them taken back. After
 * each transaction the table holds the model's rows, and every index exactly the entries those rows ask for.
 */
#include "change_fixture.h"

enum { rows_max = 64, transactions = 250 };

static unsigned random_below(unsigned *seed, unsigned limit)
{
	return (unsigned)rand_r(seed) % limit;
}

/* ------------------------------------------------------------------------------------------------- unique keys */

struct model_row {
	char text[40];
	int id, u, n;    /* -1: NULL */
	const char *key; /* what the first two characters of s weigh; NULL: NULL */
};

struct model {
	struct model_row rows[rows_max];
	unsigned count;
};

static struct model_row random_row(unsigned *seed)
{
	static const struct {
		const char *text, *key;
	} strings[] = {{"a", "a"}, {"A ", "a"}, {"ab", "ab"}, {"ABx", "ab"}, {"abz", "ab"}, {"b", "b"}, {"NULL", NULL}};
	struct model_row row = {.id = (int)random_below(seed, 40), .u = (int)random_below(seed, 20) - 1,
				.n = (int)random_below(seed, 4) - 1};
	unsigned string = random_below(seed, 7);
	row.key = strings[string].key;
	char u[12] = "NULL", n[12] = "NULL";
	if (row.u >= 0)
		snprintf(u, sizeof u, "%d", row.u);
	if (row.n >= 0)
		snprintf(n, sizeof n, "%d", row.n);
	snprintf(row.text, sizeof row.text, "%d|%s|%s|%s", row.id, u, strings[string].text, n);
	return row;
}

static bool conflicts(const struct model_row *a, const struct model_row *b, bool keyed)
{
	bool same_key = a->key && b->key && strcmp(a->key, b->key) == 0;
	return (keyed && a->id == b->id) || (a->u >= 0 && a->u == b->u) || (same_key && a->n >= 0 && a->n == b->n);
}

/* Does the row fit beside all but the one at `except`? */
static bool fits(const struct model *model, const struct model_row *row, unsigned except, bool keyed)
{
	for (unsigned i = 0; i < model->count; i++)
		if (i != except && conflicts(&model->rows[i], row, keyed))
			return false;
	return true;
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* "x y z" sorted by their words. */
static const char *sorted(struct world *world, const char *text)
{
	char *words[rows_max], *rest;
	unsigned count = 0;
	char *copy = arena_copy_string(&world->arena, text);
	for (char *word = strtok_r(copy, "\n", &rest); word; word = strtok_r(NULL, "\n", &rest))
		words[count++] = word;
	if (count)
		qsort(words, count, sizeof *words, compare_texts);
	struct buf out;
	buf_init(&out);
	for (unsigned i = 0; i < count; i++)
		buf_printf(&out, "%s\n", words[i]);
	const char *result = arena_copy_string(&world->arena, buf_cstring(&out));
	buf_deinit(&out);
	return result;
}

static void assert_equals_model(struct world *world, const struct table *table, const struct model *model)
{
	struct diag diag = DIAG_INIT;
	struct buf expected, found;
	buf_init(&expected);
	buf_init(&found);
	for (unsigned i = 0; i < model->count; i++)
		buf_printf(&expected, "%s\n", model->rows[i].text);
	uint8_t lower[4], upper[4];
	bytes_store_uint_be(lower, table->indexes[0].space, 4);
	bytes_store_uint_be(upper, (uint64_t)table->indexes[0].space + 1, 4);
	struct store_iterator *rows =
		store_iterator_create(world->store, NULL, NULL, bytes_of(lower, 4), bytes_of(upper, 4));
	for (bool more = store_iterator_seek(rows, bytes_of(lower, 4)); more; more = store_iterator_next(rows)) {
		struct bytes value = store_iterator_value(rows);
		buf_printf(&found, "%s\n", text_of(world, table, bytes_of(value.data + 16, value.size - 16)));
	}
	store_iterator_destroy(&rows);
	assert_string_equal(sorted(world, buf_cstring(&found)), sorted(world, buf_cstring(&expected)));
	uint64_t count;
	ok(change_check_table(world->store, table, &count, &diag));
	assert_int_equal(count, model->count);
	buf_deinit(&expected);
	buf_deinit(&found);
}

static void random_change(struct world *world, struct table *table, struct model *model, unsigned *seed)
{
	struct diag diag = DIAG_INIT;
	bool keyed = table->has_primary_key;
	unsigned kind = random_below(seed, 5), at = model->count ? random_below(seed, model->count) : 0;
	struct model_row row = random_row(seed);
	if (kind < 2 || model->count == 0) {
		bool expected = fits(model, &row, rows_max, keyed);
		enum change_outcome outcome = insert(world, table, row.text, &diag);
		assert_int_equal(outcome, expected ? CHANGE_OK : CHANGE_DUPLICATE);
		if (expected)
			model->rows[model->count++] = row;
	} else if (kind < 4) {
		bool same = strcmp(row.text, model->rows[at].text) == 0;
		bool expected = same || fits(model, &row, at, keyed);
		enum change_outcome outcome = update(world, table, model->rows[at].text, row.text, &diag);
		assert_int_equal(outcome, expected ? CHANGE_OK : CHANGE_DUPLICATE);
		if (expected)
			model->rows[at] = row;
	} else {
		ok(delete(world, table, model->rows[at].text, &diag));
		model->rows[at] = model->rows[--model->count];
	}
}

static void random_statement(struct world *world, struct table *table, struct model *model, unsigned *seed)
{
	struct model before = *model;
	txn_statement_begin(world->txn);
	for (unsigned i = random_below(seed, 4); i < 4; i++)
		random_change(world, table, model, seed);
	if (random_below(seed, 4) == 0) {
		txn_statement_rollback(world->txn);
		*model = before;
	} else {
		txn_statement_end(world->txn);
	}
}

static void run_model(struct world *world, struct table *table, unsigned seed)
{
	struct model model = {0};
	for (unsigned i = 0; i < transactions; i++) {
		struct model before = model;
		for (unsigned j = random_below(&seed, 4); j < 4; j++)
			random_statement(world, table, &model, &seed);
		if (random_below(&seed, 5) == 0) {
			txn_rollback(world->txn);
			model = before;
		} else {
			commit(world);
		}
		assert_equals_model(world, table, &model);
		arena_reset(&world->arena);
	}
	assert_true(model.count > 3);
}

static const char model_columns[] = "id:int u:int? s:text10? n:int?";

static void test_with_primary_key(void **state)
{
	static const char indexes[] = "P(id) U:u(u) U:sn(s/2,n) K:n(n) K:su(s,u)";
	for (unsigned seed = 1; seed <= 2; seed++) {
		char name[16];
		snprintf(name, sizeof name, "t%u", seed);
		struct table *table = create_table(*state, name, model_columns, indexes);
		run_model(*state, table, seed);
		table_unref(&table);
	}
}

static void test_without_primary_key(void **state)
{
	struct table *table = create_table(*state, "t", model_columns, "U:u(u) U:sn(s/2,n) K:n(n)");
	run_model(*state, table, 3);
	table_unref(&table);
}

/* ------------------------------------------------------------------------------------------------ foreign keys */

enum { ids = 8, children_max = 24, none = -1 };

/* Parents 0..7; children of three kinds by id, with their parent's number; children of the cascading ones. */
struct family {
	bool parents[ids];
	int follows[children_max], forgets[children_max], refuses[children_max]; /* parent; none: NULL; absent */
	int grandchildren[children_max];                                        /* id in follows */
};

enum { absent = -2 };

struct family_world {
	struct world *world;
	struct table *parents, *follows, *forgets, *refuses, *grandchildren;
};

static void clear_family(struct family *family)
{
	memset(family->parents, 0, sizeof family->parents);
	for (unsigned i = 0; i < children_max; i++)
		family->follows[i] = family->forgets[i] = family->refuses[i] = family->grandchildren[i] = absent;
}

static const char *pair(struct world *world, int id, int other)
{
	if (other == none)
		return arena_printf(&world->arena, "%d|NULL", id);
	return arena_printf(&world->arena, "%d|%d", id, other);
}

static bool has(const int *list, int value)
{
	for (unsigned i = 0; i < children_max; i++)
		if (list[i] == value)
			return true;
	return false;
}

static void replace(int *list, int from, int to)
{
	for (unsigned i = 0; i < children_max; i++)
		if (list[i] == from)
			list[i] = to;
}

static void remove_follower(struct family *family, int id)
{
	family->follows[id] = absent;
	replace(family->grandchildren, id, absent);
}

static void add_child(struct family_world *them, struct table *table, int *list, bool parent_is_there, int id,
		      int parent)
{
	struct diag diag = DIAG_INIT;
	enum change_outcome expected = list[id] != absent     ? CHANGE_DUPLICATE
				       : parent == none       ? CHANGE_OK
				       : parent_is_there      ? CHANGE_OK
							      : CHANGE_NO_PARENT;
	assert_int_equal(insert(them->world, table, pair(them->world, id, parent), &diag), expected);
	if (expected == CHANGE_OK)
		list[id] = parent;
}

static void delete_parent(struct family_world *them, struct family *family, int id)
{
	struct diag diag = DIAG_INIT;
	enum change_outcome expected = !family->parents[id]         ? CHANGE_NO_SUCH_ROW
				       : has(family->refuses, id)   ? CHANGE_HAS_CHILDREN
								    : CHANGE_OK;
	assert_int_equal(delete(them->world, them->parents, pair(them->world, id, 0), &diag), expected);
	if (expected != CHANGE_OK)
		return;
	family->parents[id] = false;
	replace(family->forgets, id, none);
	for (int i = 0; i < children_max; i++)
		if (family->follows[i] == id)
			remove_follower(family, i);
}

static void move_parent(struct family_world *them, struct family *family, int from, int to)
{
	struct diag diag = DIAG_INIT;
	enum change_outcome expected = !family->parents[from]         ? CHANGE_NO_SUCH_ROW
				       : from == to                   ? CHANGE_OK
				       : family->parents[to]          ? CHANGE_DUPLICATE
				       : has(family->refuses, from)   ? CHANGE_HAS_CHILDREN
								      : CHANGE_OK;
	assert_int_equal(update(them->world, them->parents, pair(them->world, from, 0), pair(them->world, to, 0), &diag),
			 expected);
	if (expected != CHANGE_OK || from == to)
		return;
	family->parents[from] = false;
	family->parents[to] = true;
	replace(family->follows, from, to);
	replace(family->forgets, from, none);
}

static void random_family_change(struct family_world *them, struct family *family, unsigned *seed)
{
	struct diag diag = DIAG_INIT;
	int id = (int)random_below(seed, children_max), parent = (int)random_below(seed, ids + 1) - 1;
	int first = (int)random_below(seed, ids), second = (int)random_below(seed, ids);
	bool there = parent >= 0 && family->parents[parent];
	switch (random_below(seed, 8)) {
	case 0:
	case 1:
		assert_int_equal(insert(them->world, them->parents, pair(them->world, first, 0), &diag),
				 family->parents[first] ? CHANGE_DUPLICATE : CHANGE_OK);
		family->parents[first] = true;
		break;
	case 2: add_child(them, them->follows, family->follows, there, id, parent); break;
	case 3: add_child(them, them->forgets, family->forgets, there, id, parent); break;
	case 4: add_child(them, them->refuses, family->refuses, there, id, second == 0 ? parent : none); break;
	case 5: {
		int follower = (int)random_below(seed, children_max);
		add_child(them, them->grandchildren, family->grandchildren, family->follows[follower] != absent, id,
			  follower);
		break;
	}
	case 6: delete_parent(them, family, first); break;
	case 7: move_parent(them, family, first, second); break;
	}
}

static void assert_list(struct family_world *them, const struct table *table, const int *list)
{
	struct buf expected;
	buf_init(&expected);
	for (int i = 0; i < children_max; i++)
		if (list[i] != absent)
			buf_printf(&expected, "%s%s", expected.size ? " " : "", pair(them->world, i, list[i]));
	assert_rows(them->world, table, buf_cstring(&expected));
	buf_deinit(&expected);
}

static struct table *family_table(struct world *world, const char *name, const char *parent,
				  enum foreign_key_action action)
{
	struct table *table = new_table(name, "id:int pid:int?", "P(id) K:pid(pid)");
	add_foreign_key(table, name, "pid", parent, "id", action, action);
	return create(world, table);
}

static void test_family(void **state)
{
	struct world *world = *state;
	struct family_world them = {.world = world, .parents = create_table(world, "p", "id:int n:int", "P(id)")};
	them.follows = family_table(world, "follows", "p", FK_CASCADE);
	them.forgets = family_table(world, "forgets", "p", FK_SET_NULL);
	them.refuses = family_table(world, "refuses", "p", FK_RESTRICT);
	them.grandchildren = family_table(world, "grandchildren", "follows", FK_CASCADE);
	struct family family;
	clear_family(&family);
	unsigned seed = 4;
	for (unsigned i = 0; i < transactions; i++) {
		struct family before = family;
		for (unsigned j = random_below(&seed, 10); j < 10; j++)
			random_family_change(&them, &family, &seed);
		if (random_below(&seed, 5) == 0) {
			txn_rollback(world->txn);
			family = before;
		} else {
			commit(world);
		}
		assert_list(&them, them.follows, family.follows);
		assert_list(&them, them.forgets, family.forgets);
		assert_list(&them, them.refuses, family.refuses);
		assert_list(&them, them.grandchildren, family.grandchildren);
		arena_reset(&world->arena);
	}
	table_unref(&them.parents);
	table_unref(&them.follows);
	table_unref(&them.forgets);
	table_unref(&them.refuses);
	table_unref(&them.grandchildren);
}

int main(void)
{
	collation_init();
	const struct CMUnitTest tests[] = {
		world_test(test_with_primary_key),
		world_test(test_without_primary_key),
		world_test(test_family),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	collation_deinit();
	return failed;
}
