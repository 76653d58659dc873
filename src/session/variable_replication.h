/* Variables that are the channels' to answer for: functions for the rows of variable_rows.c. Private to session. */
#pragma once

#include "session/variable_table.h"

variable_compute compute_replicate_do_db, compute_replicate_ignore_db, compute_replicate_do_table,
	compute_replicate_ignore_table, compute_replicate_wild_do_table, compute_replicate_wild_ignore_table,
	compute_replicate_rewrite_db;
variable_check check_replicate_do_db, check_replicate_ignore_db, check_replicate_do_table,
	check_replicate_ignore_table, check_replicate_wild_do_table, check_replicate_wild_ignore_table,
	check_replicate_rewrite_db;
variable_check check_skip_counter;
/* Lists of names: ALL_LOSSY, ...; ER_WRONG_VALUE_FOR_VAR names what is none of them. */
variable_check check_type_conversions;
/* "OFF", "ALL", "DDL_EXIST_ERRORS", or numbers of errors. */
variable_check check_skip_errors;
