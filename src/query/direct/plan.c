/* How a direct read finds its rows. */
#include "base/memory.h"
#include "query/direct/plan.h"

static uint64_t column_bit(unsigned column)
{
	return UINT64_C(1) << (column < 63 ? column : 63);
}

/* SQLite's question, as it would ask best_index of this query. */
struct question {
	sqlite3_index_info info;
	struct sqlite3_index_constraint constraints[direct_conditions_max + 1];
	struct sqlite3_index_constraint_usage usages[direct_conditions_max + 1];
	struct sqlite3_index_orderby orders[direct_orders_max];
	const char *collations[direct_conditions_max + 1];
};

static void put_question(struct question *question, const struct direct_shape *shape)
{
	sqlite3_index_info *info = &question->info;
	*question = (struct question){0};
	for (unsigned i = 0; i < shape->condition_count; i++) {
		const struct direct_condition *condition = &shape->conditions[i];
		question->constraints[i] = (struct sqlite3_index_constraint){
			.iColumn = (int)condition->column, .op = condition->op, .usable = 1};
		question->collations[i] = condition->collation ? condition->collation->name : "BINARY";
		info->colUsed |= column_bit(condition->column);
	}
	for (unsigned i = 0; i < shape->order_count; i++) {
		const struct direct_order *order = &shape->orders[i];
		question->orders[i] = (struct sqlite3_index_orderby){(int)order->column, order->descending};
		info->colUsed |= column_bit(order->column);
	}
	for (unsigned i = 0; i < shape->column_count; i++)
		info->colUsed |= column_bit(shape->columns[i]);
	info->nConstraint = (int)shape->condition_count;
	if (shape->has_limit)
		question->constraints[info->nConstraint++] =
			(struct sqlite3_index_constraint){.op = SQLITE_INDEX_CONSTRAINT_LIMIT};
	info->aConstraint = question->constraints;
	info->aConstraintUsage = question->usages;
	info->nOrderBy = (int)shape->order_count;
	info->aOrderBy = question->orders;
}

/* All conditions are the table's to hold, and the order is the index's. */
static bool answers_all(const struct question *question, const struct direct_shape *shape)
{
	for (unsigned i = 0; i < shape->condition_count; i++)
		if (question->usages[i].argvIndex == 0 || !question->usages[i].omit)
			return false;
	return shape->order_count == 0 || question->info.orderByConsumed;
}

static struct direct_plan *take(struct question *question, const struct direct_shape *shape)
{
	struct direct_plan *plan = memory_zalloc(sizeof *plan);
	plan->number = question->info.idxNum;
	plan->text = question->info.idxStr;
	question->info.idxStr = NULL;
	for (unsigned i = 0; i < shape->condition_count; i++) {
		plan->conditions[question->usages[i].argvIndex - 1] = (uint8_t)i;
		plan->argument_count++;
	}
	return plan;
}

struct direct_plan *direct_plan_make(const struct table_module *module, const struct direct_shape *shape)
{
	struct question question;
	struct direct_plan *plan = NULL;
	put_question(&question, shape);
	struct index_question asked = {&question.info, question.collations};
	if (best_index_answer(module, &asked) == SQLITE_OK && answers_all(&question, shape))
		plan = take(&question, shape);
	sqlite3_free(question.info.idxStr);
	return plan;
}

void direct_plan_destroy(struct direct_plan **place)
{
	if (*place == NULL)
		return;
	sqlite3_free((*place)->text);
	memory_free(*place);
	*place = NULL;
}
