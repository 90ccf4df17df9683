#include "CKernels.h"
#include "exact.h"

INLINE float kept(uint64_t key, ptrdiff_t i, uint32_t threshold, float scale) {
    return (uint32_t)(random_bits(key, (uint64_t)i) >> 32) < threshold ? 0.0f : scale;
}

KERNEL void kernel_dropout(
    const float *restrict x, uint64_t key, uint32_t threshold, float scale, float *restrict y, ptrdiff_t n) {
    for (ptrdiff_t i = 0; i < n; i++) y[i] = kept(key, i, threshold, scale) * x[i];
}

KERNEL void kernel_dropout_adjoint(
    const float *restrict dy, uint64_t key, uint32_t threshold, float scale, float *restrict dx, ptrdiff_t n) {
    for (ptrdiff_t i = 0; i < n; i++) dx[i] += kept(key, i, threshold, scale) * dy[i];
}

KERNEL void kernel_logistic_noise(uint64_t key, float *y, ptrdiff_t n) {
    for (ptrdiff_t i = 0; i < n; i++) {
        // Half a step off the ends, so that neither logarithm is infinite; both u and 1 − u are exact.
        float u = ((float)(uint32_t)(random_bits(key, (uint64_t)i) >> 41) + 0.5f) * 0x1p-23f;
        y[i] = vector_log(u) - vector_log(1.0f - u);
    }
}
