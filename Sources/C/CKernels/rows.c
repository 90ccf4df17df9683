#include "CKernels.h"
#include "exponential.h"

// Rows are often short, and the exponentials of a row's last few values would not fill a vector: so they are taken over
// several rows at once, as many as stay in the nearest cache.
#define BLOCK_VALUES 4096
INLINE ptrdiff_t rows_at_once(ptrdiff_t rows, ptrdiff_t n) {
    ptrdiff_t count = n > 0 ? BLOCK_VALUES / n : rows;
    return count < 1 ? 1 : count < rows ? count : rows;
}

// The largest of a row's values; a NaN may be passed over. Sixteen run side by side, and the last sixteen overlap those
// before them, since a value may count twice.
INLINE float maximum(const float *x, ptrdiff_t n) {
    float tops[16] = {x[0]};
    if (n < 16) {
        for (ptrdiff_t i = 1; i < n; i++) tops[0] = x[i] > tops[0] ? x[i] : tops[0];
        return tops[0];
    }
    for (ptrdiff_t i = 0; i < 16; i++) tops[i] = x[i];
    for (ptrdiff_t start = 16; start < n; start += 16) {
        const float *a = x + (start + 16 < n ? start : n - 16);
        for (ptrdiff_t i = 0; i < 16; i++) tops[i] = a[i] > tops[i] ? a[i] : tops[i];
    }
    for (ptrdiff_t half = 8; half > 0; half /= 2)
        for (ptrdiff_t i = 0; i < half; i++) tops[i] = tops[i + half] > tops[i] ? tops[i + half] : tops[i];
    return tops[0];
}

KERNEL void kernel_softmax(const float *x, float *y, float *logs, ptrdiff_t rows, ptrdiff_t n) {
    LANES
    ptrdiff_t step = rows_at_once(rows, n);
    for (ptrdiff_t start = 0; start < rows; start += step) {
        ptrdiff_t end = start + step < rows ? start + step : rows;
        for (ptrdiff_t r = start; r < end; r++) {
            const float *a = x + r * n;
            float *b = y + r * n;
            float top = maximum(a, n);
            for (ptrdiff_t i = 0; i < n; i++) b[i] = a[i] - top;
            if (logs) logs[r] = top;
        }
        for (ptrdiff_t i = start * n; i < end * n; i++) y[i] = vector_exp(y[i]);
        // A row that holds only −∞ or an infinity gives NaN, as the definition does.
        for (ptrdiff_t r = start; r < end; r++) {
            float *b = y + r * n;
            float sum = 0;
            for (ptrdiff_t i = 0; i < n; i++) sum += b[i];
            float inverse = 1.0f / sum;
            for (ptrdiff_t i = 0; i < n; i++) b[i] *= inverse;
            if (logs) logs[r] += logf(sum);
        }
    }
}

KERNEL void kernel_softmax_adjoint(
    const float *y, const float *dy, float *restrict dx, ptrdiff_t rows, ptrdiff_t n) {
    LANES
    for (ptrdiff_t r = 0; r < rows; r++) {
        const float *b = y + r * n, *d = dy + r * n;
        float *a = dx + r * n;
        float dot = 0;
        for (ptrdiff_t i = 0; i < n; i++) dot += b[i] * d[i];
        for (ptrdiff_t i = 0; i < n; i++) a[i] += b[i] * (d[i] - dot);
    }
}

KERNEL void kernel_layer_norm(
    const float *x, const float *gamma, const float *beta, float epsilon, float *y, float *mean, float *rstd,
    ptrdiff_t rows, ptrdiff_t n) {
    LANES
    for (ptrdiff_t r = 0; r < rows; r++) {
        const float *a = x + r * n;
        float *b = y + r * n;
        float sum = 0;
        for (ptrdiff_t i = 0; i < n; i++) sum += a[i];
        float centre = sum / (float)n, squares = 0;
        for (ptrdiff_t i = 0; i < n; i++) squares += (a[i] - centre) * (a[i] - centre);
        float inverse = 1.0f / sqrtf(squares / (float)n + epsilon);
        for (ptrdiff_t i = 0; i < n; i++) b[i] = (a[i] - centre) * inverse * gamma[i] + beta[i];
        mean[r] = centre;
        rstd[r] = inverse;
    }
}

KERNEL void kernel_layer_norm_adjoint(
    const float *x, const float *gamma, const float *mean, const float *rstd, const float *dy, float *dx,
    float *dgamma, float *dbeta, ptrdiff_t rows, ptrdiff_t n) {
    LANES
    for (ptrdiff_t r = 0; r < rows; r++) {
        const float *a = x + r * n, *d = dy + r * n;
        float centre = mean[r], inverse = rstd[r];
        if (dgamma) {
            float *restrict g = dgamma;
            for (ptrdiff_t i = 0; i < n; i++) g[i] += d[i] * (a[i] - centre) * inverse;
        }
        if (dbeta) {
            float *restrict g = dbeta;
            for (ptrdiff_t i = 0; i < n; i++) g[i] += d[i];
        }
        if (dx) {
            float *restrict g = dx + r * n;
            float sum = 0, product = 0;
            for (ptrdiff_t i = 0; i < n; i++) {
                float e = d[i] * gamma[i];
                sum += e;
                product += e * (a[i] - centre);
            }
            sum /= (float)n;
            product *= inverse * inverse / (float)n;
            for (ptrdiff_t i = 0; i < n; i++)
                g[i] += inverse * (d[i] * gamma[i] - sum - (a[i] - centre) * product);
        }
    }
}

KERNEL void kernel_row_moments(
    const float *x, float epsilon, float *mean, float *rstd, ptrdiff_t rows, ptrdiff_t n) {
    LANES
    for (ptrdiff_t r = 0; r < rows; r++) {
        const float *a = x + r * n;
        float sum = 0, squares = 0;
        for (ptrdiff_t i = 0; i < n; i++) sum += a[i];
        float centre = sum / (float)n;
        for (ptrdiff_t i = 0; i < n; i++) squares += (a[i] - centre) * (a[i] - centre);
        mean[r] = centre;
        rstd[r] = 1.0f / sqrtf(squares / (float)n + epsilon);
    }
}

KERNEL void kernel_standardise_adjoint(
    const float *x, const float *mean, const float *rstd, const float *dy, bool adding, float *restrict dx,
    ptrdiff_t rows, ptrdiff_t n) {
    LANES
    for (ptrdiff_t r = 0; r < rows; r++) {
        const float *a = x + r * n, *d = dy + r * n;
        float *restrict g = dx + r * n;
        float centre = mean[r], inverse = rstd[r], sum = 0, product = 0;
        for (ptrdiff_t i = 0; i < n; i++) {
            sum += d[i];
            product += d[i] * (a[i] - centre);
        }
        sum /= (float)n;
        product *= inverse * inverse / (float)n;
        if (adding)
            for (ptrdiff_t i = 0; i < n; i++) g[i] += inverse * (d[i] - sum - (a[i] - centre) * product);
        else
            for (ptrdiff_t i = 0; i < n; i++) g[i] = inverse * (d[i] - sum - (a[i] - centre) * product);
    }
}

KERNEL void kernel_column_sums(const float *x, float *restrict sums, ptrdiff_t rows, ptrdiff_t n) {
    for (ptrdiff_t i = 0; i < n; i++) sums[i] = 0;
    for (ptrdiff_t r = 0; r < rows; r++)
        for (ptrdiff_t i = 0; i < n; i++) sums[i] += x[r * n + i];
}

KERNEL void kernel_unit_rows(const float *x, float *y, float *inverse_norms, ptrdiff_t rows, ptrdiff_t n) {
    LANES
    for (ptrdiff_t r = 0; r < rows; r++) {
        const float *a = x + r * n;
        float squares = 0;
        for (ptrdiff_t i = 0; i < n; i++) squares += a[i] * a[i];
        float inverse = 1.0f / sqrtf(squares);
        for (ptrdiff_t i = 0; i < n; i++) y[r * n + i] = a[i] * inverse;
        inverse_norms[r] = inverse;
    }
}

KERNEL void kernel_unit_rows_adjoint(
    const float *y, const float *inverse_norms, const float *dy, float *restrict dx, ptrdiff_t rows, ptrdiff_t n) {
    LANES
    for (ptrdiff_t r = 0; r < rows; r++) {
        const float *b = y + r * n, *d = dy + r * n;
        float dot = 0;
        for (ptrdiff_t i = 0; i < n; i++) dot += b[i] * d[i];
        for (ptrdiff_t i = 0; i < n; i++) dx[r * n + i] += inverse_norms[r] * (d[i] - b[i] * dot);
    }
}

KERNEL void kernel_column_maxima(
    const float *x, float *restrict y, int32_t *restrict places, ptrdiff_t rows, ptrdiff_t n) {
    for (ptrdiff_t i = 0; i < n; i++) {
        y[i] = x[i];
        places[i] = 0;
    }
    for (ptrdiff_t r = 1; r < rows; r++)
        for (ptrdiff_t i = 0; i < n; i++) {
            float a = x[r * n + i];
            places[i] = a > y[i] ? (int32_t)r : places[i];
            y[i] = a > y[i] ? a : y[i];
        }
}
