#pragma once
#include <math.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__) && defined(__linux__)
#define KERNEL __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define KERNEL
#endif
#define INLINE static inline __attribute__((always_inline))
// Sums may be split over vector lanes; the split is fixed when the kernel is compiled, so results repeat.
#define LANES _Pragma("clang fp reassociate(on) contract(fast)")

// exp by range reduction x = k ln 2 + r and a polynomial of degree 7 in r (Cephes, Moshier 1992); relative error below
// 3e-7; 0 below −87.3, infinity above 88.7. Written without branches so that loops over it become vector code.
INLINE float vector_exp(float x) {
#pragma clang fp contract(fast)
    float c = x < -87.3f ? -87.3f : x;
    float shifted = c * 1.44269504088896341f + 12582912.0f; // 1.5 · 2²³: the low bits hold the rounded quotient
    shifted = shifted > 12583039.0f ? 12583039.0f : shifted; // k ≤ 127: 2^128 is infinite
    float k = shifted - 12582912.0f;
    float r = c - k * 0.693359375f;
    r = r + k * 2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * r * r + r + 1.0f;
    uint32_t bits;
    memcpy(&bits, &shifted, 4);
    bits = (bits << 23) + 0x3F800000u; // 2^k: the constant's own bits leave by the shift
    float power;
    memcpy(&power, &bits, 4);
    float y = p * power;
    y = x < -87.3f ? 0.0f : y;
    return x > 88.7f ? INFINITY : y;
}

INLINE float vector_sigmoid(float x) { return 1.0f / (1.0f + vector_exp(-x)); }

INLINE float vector_tanh(float x) {
    float t = vector_exp(-2.0f * fabsf(x));
    return copysignf((1.0f - t) / (1.0f + t), x);
}

INLINE float vector_silu(float x) { return x * vector_sigmoid(x); }

// f³ P(f) of ln(1 + f) = f − f²/2 + f³ P(f) for 1 + f in [√½, √2); P of degree 8 has the least relative error of the
// whole (8e−10).
INLINE float vector_log_cubic(float f) {
#pragma clang fp contract(fast)
    float p = 6.74660131e-2f;
    p = p * f - 1.16756417e-1f;
    p = p * f + 1.18881747e-1f;
    p = p * f - 1.24055915e-1f;
    p = p * f + 1.42195508e-1f;
    p = p * f - 1.66679963e-1f;
    p = p * f + 2.00021192e-1f;
    p = p * f - 2.50000089e-1f;
    p = p * f + 3.33333135e-1f;
    return f * f * (f * p);
}

// ln x from x = 2^k (1 + f) with 1 + f in [√½, √2). −∞ at 0, NaN below.
INLINE float vector_log(float x) {
#pragma clang fp contract(fast)
    // Numbers too small for a normalised fraction are scaled up by 2²⁴ first.
    float scaled = x < 1.17549435e-38f ? x * 16777216.0f : x;
    uint32_t bits;
    memcpy(&bits, &scaled, 4);
    int32_t exponent = (int32_t)(bits - 0x3F3504F3u) >> 23; // 0x3F3504F3: √½
    uint32_t fraction = bits - ((uint32_t)exponent << 23);
    float m;
    memcpy(&m, &fraction, 4);
    float k = (float)exponent - (x < 1.17549435e-38f ? 24.0f : 0.0f);
    float f = m - 1.0f;
    // k ln 2 in two parts, so that the larger one is exact.
    float y = vector_log_cubic(f) - 0.5f * f * f - k * 2.12194440e-4f;
    y = y + f;
    y = y + k * 0.693359375f;
    y = x > 3.40282347e38f ? x : y;
    y = x == 0 ? -INFINITY : y;
    return x < 0 || x != x ? NAN : y;
}

// ln(1 + t) for t in [0, 1]; above √2 − 1 from (1 + t)/2.
INLINE float vector_log1p(float t) {
#pragma clang fp contract(fast)
    float f = t > 0.41421356f ? 0.5f * t - 0.5f : t;
    float y = f + (vector_log_cubic(f) - 0.5f * f * f);
    return t > 0.41421356f ? y + 0.69314718f : y;
}

INLINE float vector_softplus(float x) { return (x > 0 ? x : 0.0f) + vector_log1p(vector_exp(-fabsf(x))); }

// Φ(x) and φ(x) of the normal distribution. With t = |x| and s = (t − 4)/(t + 4), Φ(−t) = exp(−t²/2) P(s)/(t + 4),
// where P of degree 9 has a relative error below 1e−8.
INLINE float vector_normal(float x, float *density) {
#pragma clang fp contract(fast)
    float t = fabsf(x), e = vector_exp(-0.5f * x * x);
    float inverse = 1.0f / (t + 4.0f), s = t > 1e6f ? 1.0f : (t - 4.0f) * inverse;
    float p = -1.29529319e-4f;
    p = p * s + 1.84628007e-4f;
    p = p * s + 1.57185842e-3f;
    p = p * s - 3.51498136e-3f;
    p = p * s - 7.52672693e-3f;
    p = p * s + 6.04041442e-2f;
    p = p * s - 1.86523199e-1f;
    p = p * s + 3.87136877e-1f;
    p = p * s - 6.07896626e-1f;
    p = p * s + 7.55285144e-1f;
    float tail = e * p * inverse;
    *density = 0.398942280f * e;
    return x > 0 ? 1.0f - tail : tail;
}

INLINE float vector_gelu(float x) {
    float density;
    return x * vector_normal(x, &density);
}
