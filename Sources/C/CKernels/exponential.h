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
// Nothing is fused: every processor gives the same bytes.
#define EXACT _Pragma("clang fp contract(off)")

// exp by range reduction x = k ln 2 + r and a polynomial of degree 7 in r (Cephes, Moshier 1992); relative error below
// 2e-7; 0 below −87.3, infinity above 88.7. Written without branches so that loops over it become vector code.
INLINE float vector_exp(float x) {
#pragma clang fp contract(fast)
    float c = x < -87.3f ? -87.3f : x;
    c = c > 88.3f ? 88.3f : c;
    float shifted = c * 1.44269504088896341f + 12582912.0f; // 1.5 · 2²³: the low bits hold the rounded quotient
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

// log of a normal positive number (Cephes, Moshier 1992): x = 2ᵉ (1 + f), f in √½ − 1…√2 − 1, and a polynomial of degree 8
// in f; absolute error below 1e-7 there.
INLINE float vector_log(float x) {
    EXACT
    uint32_t bits;
    memcpy(&bits, &x, 4);
    // Adding 1 − √½ in the bits' own scale rounds the exponent at √½.
    bits += 0x3F800000u - 0x3F3504F3u;
    float e = (float)((int32_t)(bits >> 23) - 127);
    bits = (bits & 0x007FFFFFu) + 0x3F3504F3u;
    float f;
    memcpy(&f, &bits, 4);
    f = f - 1.0f;
    float p = 7.0376836292e-2f;
    p = p * f - 1.1514610310e-1f;
    p = p * f + 1.1676998740e-1f;
    p = p * f - 1.2420140846e-1f;
    p = p * f + 1.4249322787e-1f;
    p = p * f - 1.6668057665e-1f;
    p = p * f + 2.0000714765e-1f;
    p = p * f - 2.4999993993e-1f;
    p = p * f + 3.3333331174e-1f;
    float s = f * f;
    p = p * f * s;
    p = p - 2.12194440e-4f * e;
    p = p - 0.5f * s;
    return (f + p) + 0.693359375f * e;
}
