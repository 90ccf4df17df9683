#pragma once
#include <stddef.h>
#include <stdint.h>

// Kernels of the simulation of gene regulation. They use additions, products, quotients and square roots only, each
// rounded on its own (none is fused), and 16 lanes of random numbers whatever the width of the vectors: the same
// bytes on every processor.

// n standard normals from the state, 4 × 16 words that are not all 0, which moves on: 16 lanes of xoshiro128++ (Blackman
// & Vigna 2021, "Scrambled linear pseudorandom number generators"), two words a pair of normals (Box & Muller 1958).
// The radius comes from 32 random bits, so no normal lies beyond 6.77; that cuts off 1.3e-11 of the distribution.
void kernel_normals(uint32_t *state, float *z, ptrdiff_t n);

// y[i] = xʰ / (half[i] + xʰ) with x = x[i] ≥ 0, h = exponent; 0 at x = 0. half holds powers (half response)ʰ.
// Relative error below 1e-6 (1 + h |ln x|).
void kernel_hill(const float *x, float exponent, const float *half, float *y, ptrdiff_t n);

// y[i] += offset + slope x[i]
void kernel_regulate(const float *x, float slope, float offset, float *y, ptrdiff_t n);

// Euler–Maruyama of dx = (P − λ x) dt + ζ (√P dW₁ + √(λ x) dW₂) in every lane by itself, negative values set to 0:
// x[0] is given, x[1]…x[steps] are written (rows of `lanes`). production[t] drives the step from x[t] to x[t + 1];
// normals holds steps × lanes values for W₁, then as many for W₂.
void kernel_langevin(
    const float *production, const float *normals, float dt, float decay, float noise, float *x, ptrdiff_t steps,
    ptrdiff_t lanes);
