/*
 * The utf8mb4_0900_* collations, by ICU: the Unicode Collation Algorithm's root order at primary, secondary
 * or tertiary strength. Private to this folder. Any thread; a collator is opened by the first that asks and
 * never changes afterwards.
 */
#pragma once

#include <stdint.h>

#include "base/buf.h"
#include "type/weights.h"

int collation_icu_compare(enum weights strength, struct bytes a, struct bytes b);
uint64_t collation_icu_hash(enum weights strength, struct bytes text);
/* ICU's sort key: no zero byte but the one that ends it. */
void collation_icu_put_key(enum weights strength, struct bytes text, struct buf *out);
uint32_t collation_icu_version(void); /* of the order, as ICU counts it */
void collation_icu_deinit(void);
