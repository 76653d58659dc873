/* What an ALTER TABLE does with the rows, and whether that is what ALGORITHM asks for. Private to exec. */
#pragma once

#include "exec/definition/alter_table.h"

enum alter_way {
	ALTER_KEEPS_ROWS, /* their images mean the same under both definitions */
	ALTER_AGES_ROWS,  /* columns come and go: rows stay as they are, of an older generation (row_generation.h) */
	ALTER_COPIES_ROWS,
};

enum alter_way alter_choose_way(const struct alteration *alteration, const struct table *made);
/* Gives the table the generation of rows that ALTER_AGES_ROWS needs. */
int alter_age_rows(struct alteration *alteration, struct table *made);
/* -1: 1845 or 1846, ALGORITHM= or LOCK= names what cannot be done. */
int alter_check_algorithm(const struct alteration *alteration, const struct table *made, enum alter_way way);

/* Every packed field of the old type is one of the new type, and means the same. */
bool alter_same_fields(const struct column_type *old, const struct column_type *made);
/* It adds foreign keys that rows must be looked at for. */
bool alter_checks_foreign_keys(const struct table_draft *draft);
