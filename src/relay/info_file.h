/*
 * master.info and relay-log.info: lines for people to read, in MySQL's format, the first one being the count of
 * lines. The store is the truth (law 6): nothing reads them back, and they are not flushed.
 */
#pragma once

#include "base/buf.h"

/* Replaces the file by one with these lines, whose count this puts in front. Failures are logged. */
void info_file_write(const char *path, struct bytes lines);
