/*
 * What setting a variable needs and what it entails, where no other part answers for it. For the table in variable_rows.c
 * alone.
 */
#pragma once

#include "session/variable_table.h"

variable_check check_compression, check_autocommit, check_connection_compression, check_stays_off, check_locale,
	check_binlog_format, check_preserve_commit_order;
variable_changed verbosity_changed, txn_variable_changed, super_read_only_changed, read_only_changed,
	rand_seed1_changed, rand_seed2_changed, semi_sync_changed;
variable_apply apply_last_insert_id, apply_faults;
