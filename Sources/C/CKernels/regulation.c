#include "regulation.h"
#include "exponential.h"

// A product and a sum that are fused round once instead of twice: not on all processors, so not here.
#pragma STDC FP_CONTRACT OFF

INLINE float from_bits(uint32_t bits) {
    float value;
    memcpy(&value, &bits, 4);
    return value;
}
INLINE uint32_t to_bits(float value) {
    uint32_t bits;
    memcpy(&bits, &value, 4);
    return bits;
}

// x = 2^e (1 + f) with 1 + f in [√½, √2); the polynomial of ln(1 + f) is that of Cephes (Moshier 1992).
#define SPLIT(x, e, f)                                                                                       \
    uint32_t above = to_bits(x) - 0x3F3504F3u;                                                               \
    float e = (float)((int32_t)above >> 23);                                                                 \
    float f = from_bits((above & 0x007FFFFFu) + 0x3F3504F3u) - 1.0f;
INLINE float log_of_sum(float f) {
    float p = 7.0376836292e-2f;
    p = p * f - 1.1514610310e-1f;
    p = p * f + 1.1676998740e-1f;
    p = p * f - 1.2420140846e-1f;
    p = p * f + 1.4249322787e-1f;
    p = p * f - 1.6668057665e-1f;
    p = p * f + 2.0000714765e-1f;
    p = p * f - 2.4999993993e-1f;
    p = p * f + 3.3333331174e-1f;
    float square = f * f;
    return f + (p * f * square - 0.5f * square);
}

// xʰ = 2^(h log₂ x) for x > 0, held within 2^±126; 2^r for |r| ≤ ½ by the polynomial of Cephes.
INLINE float power(float x, float h) {
    SPLIT(x, e, f)
    float y = h * (e + log_of_sum(f) * 1.44269504088896341f);
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
    return p * from_bits((to_bits(shifted) << 23) + 0x3F800000u);
}

// Values made at a time: 2 × 256 words and normals stay in the nearest cache.
#define PAIRS 256

KERNEL void kernel_normals(uint32_t *state, float *z, ptrdiff_t n) {
    typedef uint32_t lanes __attribute__((ext_vector_type(16)));
    lanes s0, s1, s2, s3;
    memcpy(&s0, state, 64);
    memcpy(&s1, state + 16, 64);
    memcpy(&s2, state + 32, 64);
    memcpy(&s3, state + 48, 64);
    uint32_t words[2 * PAIRS];
    float pairs[2 * PAIRS];
    for (ptrdiff_t start = 0; start < n; start += 2 * PAIRS) {
        for (int i = 0; i < 2 * PAIRS; i += 16) {
            lanes sum = s0 + s3, shifted = s1 << 9;
            lanes result = (sum << 7 | sum >> 25) + s0;
            memcpy(words + i, &result, 64);
            s2 ^= s0;
            s3 ^= s1;
            s1 ^= s2;
            s0 ^= s3;
            s2 ^= shifted;
            s3 = s3 << 11 | s3 >> 21;
        }
        for (int i = 0; i < PAIRS; i++) {
            float u = (float)words[i] * 0x1p-32f + 0x1p-33f; // above 0, at most 1
            SPLIT(u, e, f)
            float radius = __builtin_elementwise_sqrt(-2.0f * (e * 0.693147181f + log_of_sum(f)));
            // Two bits choose the quadrant, the other thirty an angle from −π/4 to π/4.
            uint32_t word = words[PAIRS + i];
            float angle = (float)(int32_t)(word << 2) * (1.57079632679f * 0x1p-32f);
            float square = angle * angle;
            float sine = -1.9515295891e-4f;
            sine = sine * square + 8.3321608736e-3f;
            sine = sine * square - 1.6666654611e-1f;
            sine = radius * (sine * square * angle + angle);
            float cosine = 2.443315711809948e-5f;
            cosine = cosine * square - 1.388731625493765e-3f;
            cosine = cosine * square + 4.166664568298827e-2f;
            cosine = cosine * square * square - 0.5f * square + 1.0f;
            cosine = from_bits(to_bits(radius * cosine) ^ (word << 1 & 0x80000000u));
            pairs[i] = word >> 31 ? cosine : sine;
            pairs[PAIRS + i] = word >> 31 ? sine : cosine;
        }
        ptrdiff_t left = n - start;
        memcpy(z + start, pairs, (size_t)(left < 2 * PAIRS ? left : 2 * PAIRS) * sizeof(float));
    }
    memcpy(state, &s0, 64);
    memcpy(state + 16, &s1, 64);
    memcpy(state + 32, &s2, 64);
    memcpy(state + 48, &s3, 64);
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
