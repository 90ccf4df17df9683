#pragma once
#include <stddef.h>

// Kernels of the simulation of gene regulation. They use additions, products, quotients and square roots only, each
// rounded on its own (none is fused): the same bytes on every processor.

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
