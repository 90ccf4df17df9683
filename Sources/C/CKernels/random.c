// Random numbers by counter: number i of a key does not depend on the others.
#include "CKernels.h"
#include "exact.h"

static const float PI = 3.14159265358979f;

// On (0, 1], finest near 0: (k + 1/2) / 2³².
INLINE float positive(uint32_t k) {
    EXACT
    return ((float)k + 0.5f) * 0x1p-32f;
}

// sin a and cos a for |a| ≤ π/2 by their Taylor series, errors below 6e-8 and 5e-7.
INLINE float vector_sine(float a) {
    EXACT
    float s = a * a;
    float p = -2.5052108e-8f;
    p = p * s + 2.7557319e-6f;
    p = p * s - 1.9841270e-4f;
    p = p * s + 8.3333333e-3f;
    p = p * s - 1.6666667e-1f;
    return a + a * s * p;
}
INLINE float vector_cosine(float a) {
    EXACT
    float s = a * a;
    float p = 2.0876757e-9f;
    p = p * s - 2.7557319e-7f;
    p = p * s + 2.4801587e-5f;
    p = p * s - 1.3888889e-3f;
    p = p * s + 4.1666667e-2f;
    p = p * s - 0.5f;
    return 1.0f + s * p;
}

KERNEL void kernel_random_uniform(uint64_t key, float *y, ptrdiff_t n) {
    EXACT
    for (ptrdiff_t i = 0; i < n; i++) y[i] = (float)(uint32_t)(random_bits(key, (uint64_t)i) >> 40) * 0x1p-24f;
}

// Box & Muller 1958: a radius from the low half of a number, an angle of 2π t from the high half, |t| ≤ 1/2. The sine
// and cosine of twice an angle keep |πt| within the reach of the series.
INLINE void normal_pair(uint64_t bits, float *a, float *b) {
    EXACT
    float radius = __builtin_elementwise_sqrt(-2.0f * exact_log(positive((uint32_t)bits)));
    float angle = (float)(int32_t)(bits >> 32) * (0x1p-32f * PI);
    float s = vector_sine(angle), c = vector_cosine(angle);
    *a = radius * (1.0f - 2.0f * s * s);
    *b = radius * (2.0f * s * c);
}

KERNEL void kernel_random_normal(uint64_t key, float *restrict y, ptrdiff_t n) {
    ptrdiff_t half = n / 2;
    for (ptrdiff_t i = 0; i < half; i++) normal_pair(random_bits(key, (uint64_t)i), y + i, y + half + i);
    float unused;
    if (n % 2) normal_pair(random_bits(key, (uint64_t)half), y + n - 1, &unused);
}

KERNEL void kernel_random_laplace(uint64_t key, float *y, ptrdiff_t n) {
    EXACT
    for (ptrdiff_t i = 0; i < n; i++) {
        uint64_t bits = random_bits(key, (uint64_t)i);
        y[i] = copysignf(exact_log(positive((uint32_t)bits)), (float)(int32_t)(bits >> 32));
    }
}

// tan πt with t uniform on −1/2…1/2; beyond 1/4 as the reciprocal of the tangent of what is left to 1/2, which keeps
// the tails exact.
KERNEL void kernel_random_cauchy(uint64_t key, float *y, ptrdiff_t n) {
    EXACT
    for (ptrdiff_t i = 0; i < n; i++) {
        uint64_t bits = random_bits(key, (uint64_t)i);
        uint32_t size = (uint32_t)bits & 0x7FFFFFFFu, rest = 0x7FFFFFFFu - size;
        uint32_t small = size < rest ? size : rest;
        float angle = ((float)(int32_t)small + 0.5f) * (0x1p-32f * PI);
        float s = vector_sine(angle), c = vector_cosine(angle);
        float tangent = size < rest ? s / c : c / s;
        y[i] = copysignf(tangent, (float)(int32_t)(bits >> 32));
    }
}
