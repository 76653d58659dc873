/*
 * The fault points (base/fault.h) of a log's files and index. The binary log and the relay logs are made of the same parts
 * and have points of their own: `binlog.write`, `relay.write`, `binlog_index.rename`, ...
 */
#pragma once

#include "base/file.h"

struct log_faults {
	struct file_write_faults content;
	struct file_sync_faults flush;
	struct fault_point create, after_create; /* an empty file in the directory */
	struct fault_point truncate, after_truncate;
	struct fault_point unlink, after_unlink;
	struct file_replace_faults index;
	struct file_sync_faults index_flush;
	struct file_replace_faults leaving; /* the list of files that leave the index (index.h) */
	struct file_sync_faults leaving_flush;
};

#define LOG_FAULTS(name_)                                                                                              \
	{                                                                                                              \
		.content = FILE_WRITE_FAULTS(name_), .flush = FILE_SYNC_FAULTS(name_),                                 \
		.create = {.name = name_ ".create"}, .after_create = {.name = name_ ".after_create"},                  \
		.truncate = {.name = name_ ".truncate"}, .after_truncate = {.name = name_ ".after_truncate"},          \
		.unlink = {.name = name_ ".unlink"}, .after_unlink = {.name = name_ ".after_unlink"},                  \
		.index = FILE_REPLACE_FAULTS(name_ "_index"), .index_flush = FILE_SYNC_FAULTS(name_ "_index"),         \
		.leaving = FILE_REPLACE_FAULTS(name_ "_leaving"),                                                      \
		.leaving_flush = FILE_SYNC_FAULTS(name_ "_leaving"),                                                   \
	}

extern struct log_faults binlog_faults;
