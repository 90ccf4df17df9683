#include "CKernels.h"
#include "exact.h"

// cos 2πt = 1 − 2 sin² πt, with t reduced to −1/2…1/2 by adding and subtracting 1.5 · 2²³, which rounds to an integer,
// and sin by its Taylor series to the 11th power: to 3e-7 where |t| is small. Beyond ±2²² a float has no fraction left
// to speak of.
INLINE float wave(float turns) {
#pragma clang fp contract(off)
    float bounded = turns > 4194304.0f ? 4194304.0f : turns;
    bounded = bounded < -4194304.0f ? -4194304.0f : bounded;
    float a = (bounded - ((bounded + 12582912.0f) - 12582912.0f)) * 3.14159265f;
    float s = a * a;
    float p = -2.5052108e-8f;
    p = p * s + 2.7557319e-6f;
    p = p * s - 1.9841270e-4f;
    p = p * s + 8.3333333e-3f;
    p = p * s - 1.6666667e-1f;
    float sine = a + a * s * p;
    return 1.0f - 2.0f * sine * sine;
}

enum { BLOCK = 64 };

KERNEL void kernel_waves(
    const float *columns, ptrdiff_t rows, const ptrdiff_t *inputs, ptrdiff_t input_count, const float *frequencies,
    const float *phases, const float *amplitudes, ptrdiff_t features, float bias, float *y) {
#pragma clang fp contract(off)
    for (ptrdiff_t start = 0; start < rows; start += BLOCK) {
        ptrdiff_t count = rows - start < BLOCK ? rows - start : BLOCK;
        float sums[BLOCK], turns[BLOCK];
        for (ptrdiff_t i = 0; i < BLOCK; i++) sums[i] = bias;
        for (ptrdiff_t feature = 0; feature < features; feature++) {
            for (ptrdiff_t i = 0; i < BLOCK; i++) turns[i] = phases[feature];
            for (ptrdiff_t input = 0; input < input_count; input++) {
                const float *x = columns + inputs[input] * rows + start;
                float frequency = frequencies[feature * input_count + input];
                if (count == BLOCK) {
                    for (ptrdiff_t i = 0; i < BLOCK; i++) turns[i] += frequency * x[i];
                } else {
                    for (ptrdiff_t i = 0; i < count; i++) turns[i] += frequency * x[i];
                }
            }
            float amplitude = amplitudes[feature];
            for (ptrdiff_t i = 0; i < BLOCK; i++) sums[i] += amplitude * wave(turns[i]);
        }
        for (ptrdiff_t i = 0; i < count; i++) y[start + i] = sums[i];
    }
}
