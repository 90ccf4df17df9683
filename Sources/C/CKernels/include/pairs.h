#pragma once

// Sums over cells for pairs of columns, and what ordering columns by their distribution does, in single precision.
#include <stddef.h>
#include <stdint.h>

// sums[classes[cell], k] += rows[cell, k] for rows of n values.
void kernel_add_by_class(const float *rows, const uint8_t *classes, ptrdiff_t cells, ptrdiff_t n, float *sums);
// Of u = (y − slope x) scale where both masks are 1: Σ u exp(−u²/2), the exponential as (1 − u²/64)³² within ±8 and 0
// beyond, Σ |u|, and how many.
void kernel_entropy_sums(
    const float *x, const float *y, const float *x_mask, const float *y_mask, ptrdiff_t n, float slope, float scale,
    float *sums);
// Of q = (y − Σ fit[k] x[k])² with x three columns, `step` values apart: Σ q, Σ q², Σ q x[0], Σ q x[1].
void kernel_dependence_sums(const float *x, ptrdiff_t step, const float *y, const float *fit, ptrdiff_t n, float *sums);
// Brings x to mean 0 and variance 1, or to 0 where its variance is at most 1e-8, and writes tanh of it by the rational
// function x (27 + x²)/(27 + 9 x²), bounded to ±1.
void kernel_standardise_squash(float *x, float *squashed, ptrdiff_t n);
// c[i, j] += Σ a[i, k] b[j, k] for k < n, of p rows of a and q of b, so many values apart; c is p × q. The sum over k is in
// single precision: add up long rows part by part.
void kernel_add_row_products(
    const float *a, ptrdiff_t p, ptrdiff_t stride_a, const float *b, ptrdiff_t q, ptrdiff_t stride_b, ptrdiff_t n,
    double *c);
