/* What every fuzz target offers; libFuzzer brings main. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* For each input. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
