#pragma once
#include <stddef.h>

// Moments of gradients: m = beta1 m + rest1 g, v = beta2 v + rest2 g².
void kernel_moments(
    float *m, float *v, const float *g, float beta1, float rest1, float beta2, float rest2, ptrdiff_t n);
// The direction of Adam, r = (correction1 m)/(√(correction2 v) + epsilon) + decay w, is not stored:
// w −= rate r, and
void kernel_descend(
    float *w, const float *m, const float *v, float correction1, float correction2, float epsilon, float decay,
    float rate, ptrdiff_t n);
// Σ w² and Σ r² in double precision.
void kernel_direction_squares(
    const float *w, const float *m, const float *v, float correction1, float correction2, float epsilon, float decay,
    double *weight_square, double *direction_square, ptrdiff_t n);
// a = kept a + added x.
void kernel_blend(float *a, float kept, const float *x, float added, ptrdiff_t n);
