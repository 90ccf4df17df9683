#pragma once

// Vector kernels on Float that Swift cannot express: transcendental functions, reductions and row-wise normalisations.
// Every function is chosen at run time for the processor, gives the same bytes on every call, and touches only the
// memory that it is given. Pointers named d… are gradients and are added to, never overwritten.
#include "attention.h"
#include "cores.h"
#include "covariances.h"
#include "noise.h"
#include "optimisers.h"
#include "pairs.h"
#include "parents.h"
#include "products.h"
#include "regulation.h"
#include "similarities.h"
#include "wide_networks.h"

#include <stddef.h>
#include <stdint.h>

// y[i] = f(x[i]); adjoint: dx[i] += dy[i] f'(x[i]), from x or from y = f(x).
#define KERNEL_UNARY(name)                                       \
    void kernel_##name(const float *x, float *y, ptrdiff_t n);   \
    void kernel_##name##_adjoint(const float *x, const float *y, const float *dy, float *dx, ptrdiff_t n);
KERNEL_UNARY(exp)
KERNEL_UNARY(log)
KERNEL_UNARY(tanh)
KERNEL_UNARY(sigmoid)
KERNEL_UNARY(softplus)
KERNEL_UNARY(log_sigmoid)
KERNEL_UNARY(relu)
KERNEL_UNARY(silu)
KERNEL_UNARY(gelu)
KERNEL_UNARY(sqrt)
KERNEL_UNARY(square)
#undef KERNEL_UNARY

// y[i] = a[i sa] ∘ b[i sb] with strides 0 or 1.
void kernel_add(const float *a, ptrdiff_t sa, const float *b, ptrdiff_t sb, float *y, ptrdiff_t n);
void kernel_subtract(const float *a, ptrdiff_t sa, const float *b, ptrdiff_t sb, float *y, ptrdiff_t n);
void kernel_multiply(const float *a, ptrdiff_t sa, const float *b, ptrdiff_t sb, float *y, ptrdiff_t n);
void kernel_divide(const float *a, ptrdiff_t sa, const float *b, ptrdiff_t sb, float *y, ptrdiff_t n);

// da[i sa] += alpha x[i] b[i sb] with strides 0 or 1; with sa = 0 the sum over i goes to da[0].
void kernel_accumulate_product(
    float *da, ptrdiff_t sa, float alpha, const float *x, const float *b, ptrdiff_t sb, ptrdiff_t n);
// y[i] += alpha x[i].
void kernel_accumulate(float *y, float alpha, const float *x, ptrdiff_t n);
// y[i] += c.
void kernel_accumulate_constant(float *y, float c, ptrdiff_t n);
// y[i] = alpha x[i] + beta.
void kernel_affine(const float *x, float alpha, float beta, float *y, ptrdiff_t n);
// dy[i] *= f'(x[i]) with the activation's argument x; ReLU also takes its value.
void kernel_scale_by_slope(int activation, const float *x, float *dy, ptrdiff_t n);
// Σ x[i], Σ x[i]² in double precision.
double kernel_sum(const float *x, ptrdiff_t n);
double kernel_sum_of_squares(const float *x, ptrdiff_t n);

// Each row of rows × n: y = softmax(x); logs[row] = log Σ exp(x) where logs is given. y may be x.
void kernel_softmax(const float *x, float *y, float *logs, ptrdiff_t rows, ptrdiff_t n);
// dx += y (dy − Σ y dy). dx may not overlap y or dy.
void kernel_softmax_adjoint(const float *y, const float *dy, float *dx, ptrdiff_t rows, ptrdiff_t n);

// Each row: y = (x − mean) rstd gamma + beta with rstd = 1/√(variance + epsilon); mean and rstd are kept per row.
void kernel_layer_norm(
    const float *x, const float *gamma, const float *beta, float epsilon, float *y, float *mean, float *rstd,
    ptrdiff_t rows, ptrdiff_t n);
// Adjoint of the above; dx, dgamma and dbeta may be null.
void kernel_layer_norm_adjoint(
    const float *x, const float *gamma, const float *mean, const float *rstd, const float *dy, float *dx,
    float *dgamma, float *dbeta, ptrdiff_t rows, ptrdiff_t n);

// Mean and 1/√(variance + epsilon) of each row.
void kernel_row_moments(const float *x, float epsilon, float *mean, float *rstd, ptrdiff_t rows, ptrdiff_t n);
// Adjoint of y = (x − mean) rstd: dx = rstd (dy − mean dy − y mean(y dy)) + (adding ? dx : 0).
void kernel_standardise_adjoint(
    const float *x, const float *mean, const float *rstd, const float *dy, bool adding, float *dx, ptrdiff_t rows,
    ptrdiff_t n);
// Each row: y = x/‖x‖, where inverse_norms keeps 1/‖x‖; adjoint dx += (dy − y Σ y dy)/‖x‖.
void kernel_unit_rows(const float *x, float *y, float *inverse_norms, ptrdiff_t rows, ptrdiff_t n);
void kernel_unit_rows_adjoint(
    const float *y, const float *inverse_norms, const float *dy, float *dx, ptrdiff_t rows, ptrdiff_t n);
// y[j] = the largest of x[i, j] over i, rows × n values, and the first i that has it. NaN is never larger.
void kernel_column_maxima(const float *x, float *y, int32_t *places, ptrdiff_t rows, ptrdiff_t n);
// y[i, j] += scale Σₖ a[i, k] b[k, j] for i, j, k < d, each entry being a run of `channels` neighbouring values that
// are multiplied one by one, and for the rows first..<end of y. Steps lie between the entries of a along i and k, of b
// along k and j, and of y along i and j.
void kernel_triangle_product(
    const float *a, ptrdiff_t a_i, ptrdiff_t a_k, const float *b, ptrdiff_t b_k, ptrdiff_t b_j, float *y, ptrdiff_t y_i,
    ptrdiff_t y_j, ptrdiff_t d, ptrdiff_t channels, float scale, ptrdiff_t first, ptrdiff_t end);
// sums[j] = Σ x[row, j].
void kernel_column_sums(const float *x, float *sums, ptrdiff_t rows, ptrdiff_t n);

// Binary cross-entropy of logits: y[i] = max(x, 0) − x t + log(1 + exp(−|x|)); adjoint dx += dy (sigmoid(x) − t).
void kernel_cross_entropy(const float *x, const float *t, float *y, ptrdiff_t n);
void kernel_cross_entropy_adjoint(const float *x, const float *t, const float *dy, float *dx, ptrdiff_t n);

// codes[i] = values[i] where that is a whole number of 1…255, else 0. Answers how many have a code.
ptrdiff_t kernel_count_codes(const float *values, uint8_t *codes, ptrdiff_t n);
// gaps[i] = columns[i] − columns[i − 1], the first one counted from −1, where that is at most 255, else 0. Answers how
// many have a code, −1 where columns do not rise.
ptrdiff_t kernel_column_gaps(const int32_t *columns, uint8_t *gaps, ptrdiff_t n);
// Σ codes[i], and the largest of them (0 for none).
int64_t kernel_code_sum(const uint8_t *codes, ptrdiff_t n);
uint8_t kernel_code_maximum(const uint8_t *codes, ptrdiff_t n);
// columns[i] = gaps[0] + … + gaps[i] − 1, a gap of 0 standing for the next uint32 of `wide`, which need not be aligned.
void kernel_columns(const uint8_t *gaps, const uint8_t *wide, int32_t *columns, ptrdiff_t n);
// As above with positions[column] in place of the column, of the entries whose position is not negative, and their
// codes. Answers how many these are; room for all n is needed.
ptrdiff_t kernel_kept_columns(
    const uint8_t *gaps, const uint8_t *wide, const uint8_t *codes, const int32_t *positions, int32_t *columns,
    uint8_t *kept_codes, ptrdiff_t n);
// values[i] = table[codes[i]], of 256.
void kernel_look_up(const float *table, const uint8_t *codes, float *values, ptrdiff_t n);
// marks[codes[i]] = 1, of 256.
void kernel_mark_codes(const uint8_t *codes, uint8_t *marks, ptrdiff_t n);
// table[columns[i] × bins + codes[i]] += 1 where the code is 1…bins − 1. Writes the other entries to `left`, which
// needs room for all n, and answers how many these are; the first bin of their columns changes.
ptrdiff_t kernel_tally(
    const int32_t *columns, const uint8_t *codes, uint32_t *table, ptrdiff_t bins, int32_t *left, ptrdiff_t n);
// sums[columns[i]] += codes[i]
void kernel_add_codes(const int32_t *columns, const uint8_t *codes, double *sums, ptrdiff_t n);
// Pairs of sums[columns[i]] += table[codes[i]], of 256 pairs.
void kernel_add_pairs(const int32_t *columns, const uint8_t *codes, const double *table, double *sums, ptrdiff_t n);

// Asks for large pages behind fresh memory, where the system knows them: one page fault in place of hundreds.
void kernel_prefer_large_pages(void *memory, size_t bytes);

// Independent draws, number i from counter i of the key: uniform on [0, 1) in steps of 2⁻²⁴; standard normal (values i
// and n/2 + i share a counter); Laplace and Cauchy of location 0 and scale 1. The same bytes on every processor.
void kernel_random_uniform(uint64_t key, float *y, ptrdiff_t n);
void kernel_random_normal(uint64_t key, float *y, ptrdiff_t n);
void kernel_random_laplace(uint64_t key, float *y, ptrdiff_t n);
void kernel_random_cauchy(uint64_t key, float *y, ptrdiff_t n);

// y[r] = bias + Σ_k amplitudes[k] cos 2π (phases[k] + Σ_p frequencies[k, p] x_p[r]), where x_p is column inputs[p] of
// columns, each of `rows` values, and frequencies is features × inputs. The same bytes on every processor.
void kernel_waves(
    const float *columns, ptrdiff_t rows, const ptrdiff_t *inputs, ptrdiff_t input_count, const float *frequencies,
    const float *phases, const float *amplitudes, ptrdiff_t features, float bias, float *y);
