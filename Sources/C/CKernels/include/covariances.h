#pragma once

// What greedy searches over regressions do with covariances, in double precision. A gene has `width` columns (1…3);
// column k of gene g is number k · genes + g. The symmetric block of a gene's own columns is kept as planes, one value
// a gene each: (0, 0), (1, 0), (1, 1), (2, 0), (2, 1), (2, 2).
#include <stddef.h>
#include <stdint.h>

// y[i] −= Σᵣ factors[r] rows[r, i] for rows of n values.
void kernel_subtract_rows(const double *rows, ptrdiff_t count, ptrdiff_t n, const double *factors, double *y);
// y[i] −= Σᵣ rows[places[r], column] rows[places[r], i] for i < n and `count` places, rows `stride` values apart.
void kernel_subtract_products(
    const float *rows, const int32_t *places, ptrdiff_t count, ptrdiff_t stride, ptrdiff_t column, double *y,
    ptrdiff_t n);
// Takes the products of a row's values with each other out of the planes, for the rows of genes · width values at
// `count` places.
void kernel_subtract_blocks(
    const float *rows, const int32_t *places, ptrdiff_t count, ptrdiff_t genes, ptrdiff_t width, double *planes);
// The same of one row in double precision; and remaining[i] −= factor row[i].
void kernel_take_out(
    const double *row, double factor, ptrdiff_t genes, ptrdiff_t width, double *planes, double *remaining);
// The other way round, of the products of each value with itself alone; and remaining[i] += factor row[i].
void kernel_put_back(const double *row, double factor, ptrdiff_t n, double *plane, double *remaining);
// gains[g] = −half ln(1 − bᵀ A⁻¹ b / variance) − penalty with A the gene's block and b its part of `remaining`, collinear
// columns left out; −∞ where nothing of the variance would be left.
void kernel_search_gains(
    const double *planes, const double *remaining, ptrdiff_t genes, ptrdiff_t width, double variance, double half,
    double penalty, double *gains);
