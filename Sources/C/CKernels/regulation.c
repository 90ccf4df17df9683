#include "regulation.h"
#include "exact.h"

// A product and a sum that are fused round once instead of twice: not on all processors, so not here.
#pragma STDC FP_CONTRACT OFF

// xʰ = 2^(h log₂ x) for x > 0, held within 2^±126; 2^r for |r| ≤ ½ by the polynomial of Cephes (Moshier 1992).
INLINE float power(float x, float h) {
    float y = h * (exact_log(x) * 1.44269504088896341f);
    y = y < -126.0f ? -126.0f : y;
    y = y > 126.0f ? 126.0f : y;
    float shifted = y + 12582912.0f; // 1.5 · 2²³: the low bits hold the rounded value
    float r = y - (shifted - 12582912.0f);
    float p = 1.535336188319500e-4f;
    p = p * r + 1.339887440266574e-3f;
    p = p * r + 9.618437357674640e-3f;
    p = p * r + 5.550332471162809e-2f;
    p = p * r + 2.402264791363012e-1f;
    p = p * r + 6.931472028550421e-1f;
    p = p * r + 1.0f;
    uint32_t bits;
    memcpy(&bits, &shifted, 4);
    bits = (bits << 23) + 0x3F800000u; // 2^k: the bits of 1.5 · 2²³ leave by the shift
    float whole;
    memcpy(&whole, &bits, 4);
    return p * whole;
}

KERNEL void kernel_hill(const float *x, float exponent, const float *half, float *restrict y, ptrdiff_t n) {
    for (ptrdiff_t i = 0; i < n; i++) {
        float p = power(x[i], exponent);
        float response = p / (half[i] + p);
        y[i] = x[i] > 0.0f ? response : 0.0f;
    }
}

KERNEL void kernel_regulate(const float *x, float slope, float offset, float *restrict y, ptrdiff_t n) {
    for (ptrdiff_t i = 0; i < n; i++) y[i] = y[i] + (offset + slope * x[i]);
}

KERNEL void kernel_langevin(
    const float *production, const float *normals, float dt, float decay, float noise, float *restrict x,
    ptrdiff_t steps, ptrdiff_t lanes) {
    float root = __builtin_elementwise_sqrt(dt) * noise;
    float decay_root = root * __builtin_elementwise_sqrt(decay), kept = 1.0f - dt * decay;
    // All that does not depend on x first: there every step is free of the one before.
    float *restrict next = x + lanes;
    for (ptrdiff_t i = 0; i < steps * lanes; i++)
        next[i] = dt * production[i] + root * __builtin_elementwise_sqrt(production[i]) * normals[i];
    const float *second = normals + steps * lanes;
    for (ptrdiff_t t = 0; t < steps; t++) {
        float *restrict row = x + t * lanes;
        for (ptrdiff_t lane = 0; lane < lanes; lane++) {
            float value = row[lane];
            float moved = (value * kept + row[lanes + lane])
                + decay_root * __builtin_elementwise_sqrt(value) * second[t * lanes + lane];
            row[lanes + lane] = moved < 0.0f ? 0.0f : moved;
        }
    }
}
