#pragma once
#include <stddef.h>
#include <stdint.h>

// Noise by number: entry i depends on the key and on i only (SplitMix64), so it need not be kept for the way back.
// y[i] = scale x[i], or 0 where the i-th random number of 32 bits lies below the threshold.
void kernel_dropout(const float *x, uint64_t key, uint32_t threshold, float scale, float *y, ptrdiff_t n);
// dx[i] += scale dy[i] where y[i] was kept.
void kernel_dropout_adjoint(
    const float *dy, uint64_t key, uint32_t threshold, float scale, float *dx, ptrdiff_t n);
// y[i] = ln(u/(1 − u)) with u uniform on (0, 1).
void kernel_logistic_noise(uint64_t key, float *y, ptrdiff_t n);
