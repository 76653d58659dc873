#include "type/collation_icu.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unicode/ucol.h>
#include <unicode/ustring.h>

#include "base/map.h"
#include "base/memory.h"

enum { collator_count = 3, stack_units = 256, replacement_character = 0xfffd };

static _Atomic(UCollator *) collators[collator_count];
static pthread_mutex_t open_mutex = PTHREAD_MUTEX_INITIALIZER; /* innermost: nothing of ours is locked under it */

static UCollator *open_collator(enum weights strength)
{
	static const UCollationStrength strengths[collator_count] = {UCOL_PRIMARY, UCOL_SECONDARY, UCOL_TERTIARY};
	UErrorCode status = U_ZERO_ERROR;
	UCollator *collator = ucol_open("", &status);
	assert(U_SUCCESS(status)); /* the root collator is part of ICU's own data */
	ucol_setStrength(collator, strengths[strength - WEIGHTS_ICU_PRIMARY]);
	return collator;
}

static const UCollator *get_collator(enum weights strength)
{
	_Atomic(UCollator *) *slot = &collators[strength - WEIGHTS_ICU_PRIMARY];
	UCollator *collator = atomic_load_explicit(slot, memory_order_acquire);
	if (collator != NULL)
		return collator;
	pthread_mutex_lock(&open_mutex);
	collator = atomic_load_explicit(slot, memory_order_relaxed);
	if (collator == NULL) {
		collator = open_collator(strength);
		atomic_store_explicit(slot, collator, memory_order_release);
	}
	pthread_mutex_unlock(&open_mutex);
	return collator;
}

void collation_icu_deinit(void)
{
	for (int i = 0; i < collator_count; i++) {
		UCollator *collator = atomic_exchange(&collators[i], NULL);
		if (collator != NULL)
			ucol_close(collator);
	}
}

uint32_t collation_icu_version(void)
{
	UVersionInfo version;
	ucol_getVersion(get_collator(WEIGHTS_ICU_PRIMARY), version);
	return (uint32_t)bytes_load_uint_be(version, sizeof version);
}

int collation_icu_compare(enum weights strength, struct bytes a, struct bytes b)
{
	UErrorCode status = U_ZERO_ERROR;
	const char *a_text = a.size ? (const char *)a.data : "";
	const char *b_text = b.size ? (const char *)b.data : "";
	return (int)ucol_strcollUTF8(get_collator(strength), a_text, (int32_t)a.size, b_text, (int32_t)b.size,
				     &status);
}

void collation_icu_put_key(enum weights strength, struct bytes text, struct buf *out)
{
	UChar stack[stack_units], *units = stack;
	int32_t count = 0;
	UErrorCode status = U_ZERO_ERROR;
	/* UTF-16 never has more units than UTF-8 has bytes. */
	if (text.size > stack_units)
		units = memory_alloc(text.size * sizeof *units);
	if (text.size)
		u_strFromUTF8WithSub(units, (int32_t)(text.size > stack_units ? text.size : stack_units), &count,
				     (const char *)text.data, (int32_t)text.size, replacement_character, NULL,
				     &status);
	const UCollator *collator = get_collator(strength);
	size_t room = text.size * 2 + 16;
	uint8_t *key = buf_reserve(out, room);
	size_t size = (size_t)ucol_getSortKey(collator, units, count, key, (int32_t)room);
	if (size > room) {
		key = buf_reserve(out, size);
		ucol_getSortKey(collator, units, count, key, (int32_t)size);
	}
	out->size += size;
	if (units != stack)
		memory_free(units);
}

uint64_t collation_icu_hash(enum weights strength, struct bytes text)
{
	struct buf key;
	buf_init(&key);
	collation_icu_put_key(strength, text, &key);
	uint64_t hash = bytes_hash(buf_bytes(&key));
	buf_deinit(&key);
	return hash;
}
