// Packing of sparse rows of counts into bytes.
#include "exponential.h"

#include "CKernels.h"

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
