/* Variables that are worked out when somebody asks. For the table in variable_rows.c alone. */
#pragma once

#include "session/variable_table.h"

variable_compute compute_hostname, compute_version, compute_uuid, compute_datadir, compute_machine,
	compute_warning_count, compute_error_count, compute_last_insert_id, compute_timestamp, compute_pseudo_thread_id,
	compute_log_bin, compute_log_bin_basename, compute_log_bin_index, compute_gtid_owned, compute_have_tls,
	compute_proxy;
