#pragma once

// The covariance of the outputs of a two-layer network with very many hidden units (Williams 1998).
#include <stddef.h>
#include <stdint.h>

// With t[i] = Σ_j factors[j] rows[places[j] n + i], the inner products of one input with n others:
// y[i] = constant + linear t[i] + amplitude (2/π) asin(2 t[i] shrink shrinks[i]), where shrink and shrinks are
// 1/√(1 + 2 squared length) of the one input and of the others.
void kernel_wide_network(
    const double *rows, ptrdiff_t n, const int32_t *places, const double *factors, ptrdiff_t count, double constant,
    double linear, double amplitude, double shrink, const double *shrinks, double *y);
