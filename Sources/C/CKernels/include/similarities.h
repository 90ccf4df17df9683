#pragma once

// Covariances of a Gaussian process over a few inputs, in double precision:
//
//     k(a, b) = constant + linear Σ_p a_p b_p + additive Σ_p exp(−additive_rates[p] (a_p − b_p)²)
//                        + joint exp(−Σ_p joint_rates[p] (a_p − b_p)²)
//
// Inputs are stored one after another: value r of input p of a is a[p · rows + r].
#include <stddef.h>

struct kernel_similarity {
    ptrdiff_t inputs;
    double constant, linear, additive, joint;
    const double *additive_rates, *joint_rates;
};

// y[i · columns + j] = k(a_i, b_j); with `triangle`, where b is a, only for j ≤ i. `scratch` has room for 2 · columns.
void kernel_similarities(
    const struct kernel_similarity *shape, const double *a, ptrdiff_t rows, const double *b, ptrdiff_t columns,
    int triangle, double *scratch, double *y);

// Adds to `slopes` the sums over all pairs (with `triangle`, those of j ≤ i) of g[i · columns + j] times the derivative of
// k(a_i, b_j) by: log linear, log additive, log joint, then for each input the logarithm of the joint length and then of
// the additive length, where a rate is 1 / (2 length²). `scratch` has room for 3 · columns.
void kernel_similarity_slopes(
    const struct kernel_similarity *shape, const double *a, ptrdiff_t rows, const double *b, ptrdiff_t columns,
    int triangle, const double *g, double *scratch, double *slopes);
