#include "covariances.h"

#include "exponential.h"

KERNEL void kernel_subtract_rows(
    const double *rows, ptrdiff_t count, ptrdiff_t n, const double *factors, double *restrict y) {
#pragma clang fp contract(fast)
    ptrdiff_t r = 0;
    for (; r + 4 <= count; r += 4) {
        const double *a = rows + r * n, *b = a + n, *c = b + n, *d = c + n;
        double fa = factors[r], fb = factors[r + 1], fc = factors[r + 2], fd = factors[r + 3];
        for (ptrdiff_t i = 0; i < n; i++) y[i] = y[i] - fa * a[i] - fb * b[i] - fc * c[i] - fd * d[i];
    }
    for (; r < count; r++) {
        const double *a = rows + r * n;
        double f = factors[r];
        for (ptrdiff_t i = 0; i < n; i++) y[i] -= f * a[i];
    }
}

KERNEL void kernel_subtract_products(
    const float *rows, const int32_t *places, ptrdiff_t count, ptrdiff_t stride, ptrdiff_t column,
    double *restrict y, ptrdiff_t n) {
#pragma clang fp contract(fast)
    ptrdiff_t r = 0;
    for (; r + 4 <= count; r += 4) {
        const float *a = rows + places[r] * stride, *b = rows + places[r + 1] * stride;
        const float *c = rows + places[r + 2] * stride, *d = rows + places[r + 3] * stride;
        double fa = a[column], fb = b[column], fc = c[column], fd = d[column];
        for (ptrdiff_t i = 0; i < n; i++) {
            y[i] = y[i] - fa * (double)a[i] - fb * (double)b[i] - fc * (double)c[i] - fd * (double)d[i];
        }
    }
    for (; r < count; r++) {
        const float *a = rows + places[r] * stride;
        double f = a[column];
        for (ptrdiff_t i = 0; i < n; i++) y[i] -= f * (double)a[i];
    }
}

KERNEL void kernel_subtract_blocks(
    const float *rows, const int32_t *places, ptrdiff_t count, ptrdiff_t genes, ptrdiff_t width,
    double *restrict planes) {
#pragma clang fp contract(fast)
    for (ptrdiff_t r = 0; r < count; r++) {
        const float *row = rows + places[r] * genes * width;
        double *plane = planes;
        for (ptrdiff_t a = 0; a < width; a++) {
            for (ptrdiff_t b = 0; b <= a; b++, plane += genes) {
                const float *x = row + a * genes, *y = row + b * genes;
                for (ptrdiff_t g = 0; g < genes; g++) plane[g] -= (double)x[g] * (double)y[g];
            }
        }
    }
}

KERNEL void kernel_take_out(
    const double *row, double factor, ptrdiff_t genes, ptrdiff_t width, double *restrict planes,
    double *restrict remaining) {
#pragma clang fp contract(fast)
    double *plane = planes;
    for (ptrdiff_t a = 0; a < width; a++) {
        for (ptrdiff_t b = 0; b <= a; b++, plane += genes) {
            const double *x = row + a * genes, *y = row + b * genes;
            for (ptrdiff_t g = 0; g < genes; g++) plane[g] -= x[g] * y[g];
        }
    }
    for (ptrdiff_t i = 0; i < genes * width; i++) remaining[i] -= factor * row[i];
}

KERNEL void kernel_put_back(
    const double *row, double factor, ptrdiff_t n, double *restrict plane, double *restrict remaining) {
#pragma clang fp contract(fast)
    for (ptrdiff_t i = 0; i < n; i++) {
        plane[i] += row[i] * row[i];
        remaining[i] += factor * row[i];
    }
}

// ln x for normal numbers, from x = 2^k m with m in [√½, √2) and the series of artanh((m − 1)/(m + 1)), to 1e-15.
INLINE double vector_log_double(double x) {
#pragma clang fp contract(fast)
    uint64_t bits;
    memcpy(&bits, &x, 8);
    int64_t exponent = (int64_t)(bits - 0x3FE6A09E667F3BCDull) >> 52; // √½
    uint64_t fraction = bits - ((uint64_t)exponent << 52);
    double m;
    memcpy(&m, &fraction, 8);
    double s = (m - 1) / (m + 1), q = s * s;
    double p = 1.0 / 19;
    p = p * q + 1.0 / 17;
    p = p * q + 1.0 / 15;
    p = p * q + 1.0 / 13;
    p = p * q + 1.0 / 11;
    p = p * q + 1.0 / 9;
    p = p * q + 1.0 / 7;
    p = p * q + 1.0 / 5;
    p = p * q + 1.0 / 3;
    return (double)exponent * 0.69314718055994530942 + 2 * (s + s * q * p);
}

KERNEL void kernel_search_gains(
    const double *planes, const double *remaining, ptrdiff_t genes, ptrdiff_t width, double variance, double half,
    double penalty, double *restrict gains) {
#pragma clang fp contract(fast)
    // Squares of pivots are more than this; a collinear column adds nothing.
    const double least = 1e-6;
    const double *r0 = remaining, *r1 = r0 + genes, *r2 = r1 + genes;
    const double *a00 = planes, *a10 = a00 + genes, *a11 = a10 + genes, *a20 = a11 + genes, *a21 = a20 + genes,
                 *a22 = a21 + genes;
    for (ptrdiff_t g = 0; g < genes; g++) {
        double v0 = a00[g];
        gains[g] = v0 > least ? r0[g] * r0[g] / v0 : 0;
    }
    if (width >= 2) {
        for (ptrdiff_t g = 0; g < genes; g++) {
            double slope = a10[g] / (a00[g] > least ? a00[g] : 1);
            double v1 = a11[g] - slope * a10[g], x1 = r1[g] - slope * r0[g];
            gains[g] += v1 > least ? x1 * x1 / v1 : 0;
        }
    }
    if (width == 3) {
        for (ptrdiff_t g = 0; g < genes; g++) {
            double v0 = a00[g] > least ? a00[g] : 1, first = a10[g] / v0, second = a20[g] / v0;
            double v1 = a11[g] - first * a10[g], middle = a21[g] - first * a20[g];
            double third = middle / (v1 > least ? v1 : 1);
            double v2 = a22[g] - second * a20[g] - third * middle;
            double x2 = r2[g] - second * r0[g] - third * (r1[g] - first * r0[g]);
            gains[g] += v2 > least ? x2 * x2 / v2 : 0;
        }
    }
    double inverse = 1 / variance;
    for (ptrdiff_t g = 0; g < genes; g++) {
        double left = 1 - gains[g] * inverse;
        double bounded = left > 1e-9 ? left : 1;
        double gain = -half * vector_log_double(bounded) - penalty;
        gains[g] = left > 1e-9 ? gain : -INFINITY;
    }
}
