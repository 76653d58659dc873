#include "binlog/crc32.h"

#include <zlib.h>

#if defined(__x86_64__)

#include <immintrin.h>

/*
 * Bytes are the coefficients of a polynomial over GF(2), the first bit the highest power, of which the remainder modulo P is
 * wanted. 128 bits at a distance of n bits from the end are worth as much as their halves times x^n mod P, which is 32 bits
 * wide: so a block is folded onto a later one by two multiplications, four blocks side by side to keep the multiplier busy.
 * What is left at the end is reduced by Barrett's method: a multiplication by the inverse of P finds the multiple of P to
 * take away. All numbers are bit-reflected, as the sum is. Intel's paper "Fast CRC Computation for Generic Polynomials Using
 * PCLMULQDQ Instruction" (2009) has the proof.
 */
enum { block_size = 16, blocks_side_by_side = 4, stride = block_size * blocks_side_by_side };

static const uint64_t x_544 = 0x154442bd4, x_480 = 0x1c6e41596; /* x^n mod P: four blocks away */
static const uint64_t x_160 = 0x1751997d0, x_96 = 0x0ccaa009e;	/* one block away */
static const uint64_t x_64 = 0x163cd6124;
static const uint64_t polynomial = 0x1db710641, inverse = 0x1f7011641;

#define FOLDS __attribute__((target("pclmul,sse4.1")))

FOLDS static __m128i load(const uint8_t *place)
{
	return _mm_loadu_si128((const __m128i *)place);
}

FOLDS static __m128i fold(__m128i block, __m128i distance, __m128i onto)
{
	__m128i low = _mm_clmulepi64_si128(block, distance, 0x00), high = _mm_clmulepi64_si128(block, distance, 0x11);
	return _mm_xor_si128(_mm_xor_si128(low, high), onto);
}

/* 128 bits to the 32 of the sum. */
FOLDS static uint32_t reduce(__m128i block)
{
	const __m128i one_away = _mm_set_epi64x((int64_t)x_96, (int64_t)x_160);
	const __m128i barrett = _mm_set_epi64x((int64_t)inverse, (int64_t)polynomial);
	const __m128i low_words = _mm_setr_epi32(-1, 0, -1, 0);
	block = _mm_xor_si128(_mm_srli_si128(block, 8), _mm_clmulepi64_si128(block, one_away, 0x10));
	__m128i words = _mm_and_si128(block, low_words);
	words = _mm_clmulepi64_si128(words, _mm_set_epi64x(0, (int64_t)x_64), 0x00);
	block = _mm_xor_si128(_mm_srli_si128(block, 4), words);
	__m128i multiple = _mm_clmulepi64_si128(_mm_and_si128(block, low_words), barrett, 0x10);
	multiple = _mm_clmulepi64_si128(_mm_and_si128(multiple, low_words), barrett, 0x00);
	return (uint32_t)_mm_extract_epi32(_mm_xor_si128(block, multiple), 1);
}

/* At least four blocks: what they come to, and *at behind the last stride of them. */
FOLDS static __m128i fold_strides(uint32_t crc, const uint8_t **at, const uint8_t *end)
{
	const __m128i four_away = _mm_set_epi64x((int64_t)x_480, (int64_t)x_544);
	const __m128i one_away = _mm_set_epi64x((int64_t)x_96, (int64_t)x_160);
	__m128i blocks[blocks_side_by_side];
	for (int i = 0; i < blocks_side_by_side; i++)
		blocks[i] = load(*at + i * block_size);
	blocks[0] = _mm_xor_si128(blocks[0], _mm_cvtsi32_si128((int)~crc));
	for (*at += stride; end - *at >= stride; *at += stride)
		for (int i = 0; i < blocks_side_by_side; i++)
			blocks[i] = fold(blocks[i], four_away, load(*at + i * block_size));
	__m128i sum = blocks[0];
	for (int i = 1; i < blocks_side_by_side; i++)
		sum = fold(sum, one_away, blocks[i]);
	return sum;
}

/*
 * Less than a block is left, `left` bytes in front of end: they are made one with the bytes of the sum that come before
 * them, and what of the sum is before that is folded onto it. Zeros in front of a number change nothing.
 */
FOLDS static __m128i fold_rest(__m128i sum, const uint8_t *end, size_t left)
{
	static const uint8_t moves[3 * block_size] = {
		/* clang-format off */
		0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
		0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
		0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80,
		/* clang-format on */
	}; /* places in a block; 0x80: nothing */
	const __m128i one_away = _mm_set_epi64x((int64_t)x_96, (int64_t)x_160);
	__m128i to_end = load(moves + left), to_front = load(moves + block_size + left);
	__m128i before = _mm_shuffle_epi8(sum, to_end);
	__m128i last = _mm_blendv_epi8(_mm_shuffle_epi8(sum, to_front), load(end - block_size), to_front);
	return fold(before, one_away, last);
}

/* At least one block. */
FOLDS static uint32_t add_by_folding(uint32_t crc, struct bytes bytes)
{
	const __m128i one_away = _mm_set_epi64x((int64_t)x_96, (int64_t)x_160);
	const uint8_t *at = bytes.data, *end = at + bytes.size;
	__m128i sum;
	if (bytes.size >= stride) {
		sum = fold_strides(crc, &at, end);
	} else {
		sum = _mm_xor_si128(load(at), _mm_cvtsi32_si128((int)~crc));
		at += block_size;
	}
	for (; end - at >= block_size; at += block_size)
		sum = fold(sum, one_away, load(at));
	if (at < end)
		sum = fold_rest(sum, end, (size_t)(end - at));
	return ~reduce(sum);
}

static bool can_fold(struct bytes bytes)
{
	return bytes.size >= block_size && __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse4.1");
}

#else

static uint32_t add_by_folding(uint32_t crc, struct bytes bytes)
{
	(void)bytes;
	return crc;
}

static bool can_fold(struct bytes bytes)
{
	(void)bytes;
	return false;
}

#endif

uint32_t crc32_add(uint32_t crc, struct bytes bytes)
{
	if (can_fold(bytes))
		return add_by_folding(crc, bytes);
	return bytes.size ? (uint32_t)crc32_z(crc, bytes.data, bytes.size) : crc;
}
