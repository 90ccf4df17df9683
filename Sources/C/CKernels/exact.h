#pragma once
// What simulations draw and compute with: no operations are fused or reordered, so every processor gives the same
// bytes.
#include "exponential.h"

#define EXACT _Pragma("clang fp contract(off)")

// Number `counter` of the sequence of a key: a mixed counter (SplitMix64: Steele, Lea & Flood 2014, "Fast splittable
// pseudorandom number generators", with Stafford's variant 13 as finaliser), so that all lanes draw at once.
INLINE uint64_t random_bits(uint64_t key, uint64_t counter) {
    uint64_t z = key + (counter + 1) * 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

// log of a normal positive number (Cephes, Moshier 1992): x = 2ᵉ (1 + f), f in √½ − 1…√2 − 1, and a polynomial of
// degree 8 in f; absolute error below 1e-7 there.
INLINE float exact_log(float x) {
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
