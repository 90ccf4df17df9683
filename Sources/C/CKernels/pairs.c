#include "pairs.h"

#include "exponential.h"

KERNEL void kernel_add_by_class(
    const float *rows, const uint8_t *classes, ptrdiff_t cells, ptrdiff_t n, float *restrict sums) {
    for (ptrdiff_t cell = 0; cell < cells; cell++) {
        const float *from = rows + cell * n;
        float *into = sums + classes[cell] * n;
        for (ptrdiff_t k = 0; k < n; k++) into[k] += from[k];
    }
}

KERNEL void kernel_entropy_sums(
    const float *x, const float *y, const float *x_mask, const float *y_mask, ptrdiff_t n, float slope, float scale,
    float *sums) {
    LANES
    float odd = 0, sparse = 0, count = 0;
    for (ptrdiff_t i = 0; i < n; i++) {
        float both = x_mask[i] * y_mask[i];
        float u = (y[i] - slope * x[i]) * scale * both;
        float bell = 1 - u * u * 0.015625f;
        bell = bell > 0 ? bell : 0;
        bell *= bell;
        bell *= bell;
        bell *= bell;
        bell *= bell;
        bell *= bell;
        odd += u * bell;
        sparse += fabsf(u);
        count += both;
    }
    sums[0] = odd;
    sums[1] = sparse;
    sums[2] = count;
}

KERNEL void kernel_dependence_sums(
    const float *x, ptrdiff_t step, const float *y, const float *fit, ptrdiff_t n, float *sums) {
    LANES
    const float *curved = x + step, *cubic = curved + step;
    float a = fit[0], b = fit[1], c = fit[2];
    float sum = 0, squares = 0, first = 0, second = 0;
    for (ptrdiff_t i = 0; i < n; i++) {
        float residual = y[i] - a * x[i] - b * curved[i] - c * cubic[i];
        float square = residual * residual;
        sum += square;
        squares += square * square;
        first += square * x[i];
        second += square * curved[i];
    }
    sums[0] = sum;
    sums[1] = squares;
    sums[2] = first;
    sums[3] = second;
}

KERNEL void kernel_standardise_squash(float *x, float *restrict squashed, ptrdiff_t n) {
    LANES
    float sum = 0, squares = 0;
    for (ptrdiff_t i = 0; i < n; i++) sum += x[i];
    float mean = sum / (float)n;
    for (ptrdiff_t i = 0; i < n; i++) squares += (x[i] - mean) * (x[i] - mean);
    float scale = squares > 1e-8f * (float)n ? 1 / sqrtf(squares / (float)n) : 0;
    for (ptrdiff_t i = 0; i < n; i++) {
        float value = (x[i] - mean) * scale, square = value * value;
        float y = value * (27 + square) / (27 + 9 * square);
        x[i] = value;
        y = y > 1 ? 1 : y;
        squashed[i] = y < -1 ? -1 : y;
    }
}

typedef float lanes16 __attribute__((ext_vector_type(16), aligned(4)));
typedef float lanes8 __attribute__((ext_vector_type(8)));
typedef float lanes4 __attribute__((ext_vector_type(4)));

enum { TILE = 4 };

__attribute__((min_vector_width(512))) KERNEL void kernel_add_row_products(
    const float *a, ptrdiff_t p, ptrdiff_t stride_a, const float *b, ptrdiff_t q, ptrdiff_t stride_b, ptrdiff_t n,
    double *c) {
#pragma clang fp contract(fast)
    // Products of rows with themselves are symmetric: one triangle is enough.
    int is_symmetric = a == b && p == q && stride_a == stride_b;
    for (ptrdiff_t i = 0; i < p; i += TILE) {
        for (ptrdiff_t j = is_symmetric ? i : 0; j < q; j += TILE) {
            // Beyond the edge the last row stands in.
            const float *x[TILE], *y[TILE];
            for (int k = 0; k < TILE; k++) {
                x[k] = a + (i + k < p ? i + k : p - 1) * stride_a;
                y[k] = b + (j + k < q ? j + k : q - 1) * stride_b;
            }
            lanes16 sums[TILE][TILE];
#pragma clang loop unroll(full)
            for (int r = 0; r < TILE; r++)
#pragma clang loop unroll(full)
                for (int s = 0; s < TILE; s++) sums[r][s] = 0;
            ptrdiff_t cell = 0;
            for (; cell + 16 <= n; cell += 16) {
                lanes16 right[TILE];
#pragma clang loop unroll(full)
                for (int s = 0; s < TILE; s++) right[s] = *(const lanes16 *)(y[s] + cell);
#pragma clang loop unroll(full)
                for (int r = 0; r < TILE; r++) {
                    lanes16 left = *(const lanes16 *)(x[r] + cell);
#pragma clang loop unroll(full)
                    for (int s = 0; s < TILE; s++) sums[r][s] += left * right[s];
                }
            }
            for (int r = 0; r < TILE && i + r < p; r++) {
                for (int s = 0; s < TILE && j + s < q; s++) {
                    lanes8 half = sums[r][s].lo + sums[r][s].hi;
                    lanes4 quarter = half.lo + half.hi;
                    float sum = (quarter.x + quarter.z) + (quarter.y + quarter.w);
                    for (ptrdiff_t rest = cell; rest < n; rest++) sum += x[r][rest] * y[s][rest];
                    c[(i + r) * q + j + s] += (double)sum;
                    if (is_symmetric && j > i) c[(j + s) * q + i + r] += (double)sum;
                }
            }
        }
    }
}
