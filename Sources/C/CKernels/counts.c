// Packing of sparse rows of counts into bytes.
#include "exponential.h"

#include "CKernels.h"

#include <string.h>

KERNEL ptrdiff_t kernel_count_codes(const float *values, uint8_t *codes, ptrdiff_t n) {
    ptrdiff_t coded = 0;
    for (ptrdiff_t i = 0; i < n; i++) {
        float v = values[i];
        // Also false where v is NaN: the conversion below is defined for every value it sees.
        int32_t whole = (int32_t)(v >= 1.0f && v < 256.0f ? v : 0.0f);
        whole = (float)whole == v ? whole : 0;
        codes[i] = (uint8_t)whole;
        coded += whole != 0;
    }
    return coded;
}

KERNEL ptrdiff_t kernel_column_gaps(const int32_t *columns, uint8_t *gaps, ptrdiff_t n) {
    if (n == 0) return 0;
    int64_t first = (int64_t)columns[0] + 1;
    int falling = first < 1;
    gaps[0] = first < 1 || first > 255 ? 0 : (uint8_t)first;
    ptrdiff_t coded = gaps[0] != 0;
    for (ptrdiff_t i = 1; i < n; i++) {
        int32_t gap = (int32_t)((uint32_t)columns[i] - (uint32_t)columns[i - 1]);
        falling |= gap < 1;
        gap = gap > 255 ? 0 : gap;
        gaps[i] = (uint8_t)gap;
        coded += gap != 0;
    }
    return falling ? -1 : coded;
}

KERNEL int64_t kernel_code_sum(const uint8_t *codes, ptrdiff_t n) {
    int64_t sum = 0;
    for (ptrdiff_t i = 0; i < n; i++) sum += codes[i];
    return sum;
}

KERNEL uint8_t kernel_code_maximum(const uint8_t *codes, ptrdiff_t n) {
    uint8_t largest = 0;
    for (ptrdiff_t i = 0; i < n; i++) largest = codes[i] > largest ? codes[i] : largest;
    return largest;
}

// The next of the numbers that have no code.
static inline uint32_t wide_number(const uint8_t **wide) {
    uint32_t number;
    memcpy(&number, *wide, sizeof number);
    *wide += sizeof number;
    return number;
}

void kernel_columns(const uint8_t *gaps, const uint8_t *wide, int32_t *columns, ptrdiff_t n) {
    uint32_t column = UINT32_MAX;
    for (ptrdiff_t i = 0; i < n; i++) {
        column += gaps[i] != 0 ? gaps[i] : wide_number(&wide);
        columns[i] = (int32_t)column;
    }
}

ptrdiff_t kernel_kept_columns(
    const uint8_t *gaps, const uint8_t *wide, const uint8_t *codes, const int32_t *positions, int32_t *columns,
    uint8_t *kept_codes, ptrdiff_t n) {
    uint32_t column = UINT32_MAX;
    ptrdiff_t kept = 0;
    for (ptrdiff_t i = 0; i < n; i++) {
        column += gaps[i] != 0 ? gaps[i] : wide_number(&wide);
        int32_t position = positions[column];
        // Overwritten by the next entry where this one is left out.
        columns[kept] = position;
        kept_codes[kept] = codes[i];
        kept += position >= 0;
    }
    return kept;
}

KERNEL void kernel_look_up(const float *table, const uint8_t *codes, float *values, ptrdiff_t n) {
    for (ptrdiff_t i = 0; i < n; i++) values[i] = table[codes[i]];
}

void kernel_mark_codes(const uint8_t *codes, uint8_t *marks, ptrdiff_t n) {
    for (ptrdiff_t i = 0; i < n; i++) marks[codes[i]] = 1;
}

ptrdiff_t kernel_tally(
    const int32_t *columns, const uint8_t *codes, uint32_t *table, ptrdiff_t bins, int32_t *left, ptrdiff_t n) {
    ptrdiff_t left_count = 0;
    for (ptrdiff_t i = 0; i < n; i++) {
        // Bin 0 of a gene is nobody's: what has no bin goes there, without a branch.
        ptrdiff_t bin = codes[i] < bins ? codes[i] : 0;
        table[columns[i] * bins + bin]++;
        left[left_count] = (int32_t)i;
        left_count += bin == 0;
    }
    return left_count;
}

void kernel_add_codes(const int32_t *columns, const uint8_t *codes, double *sums, ptrdiff_t n) {
    for (ptrdiff_t i = 0; i < n; i++) sums[columns[i]] += codes[i];
}

void kernel_add_pairs(
    const int32_t *columns, const uint8_t *codes, const double *table, double *sums, ptrdiff_t n) {
    for (ptrdiff_t i = 0; i < n; i++) {
        double *pair = sums + 2 * (ptrdiff_t)columns[i];
        const double *term = table + 2 * (ptrdiff_t)codes[i];
        pair[0] += term[0];
        pair[1] += term[1];
    }
}
