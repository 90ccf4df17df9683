#include "CKernels.h"
#include "exponential.h"

// Turns scores into shares; returns whether their exponentials reach a sum of 1, where the shares are a softmax.
INLINE int shares_of(float *scores, ptrdiff_t count) {
    float top = scores[0];
    for (ptrdiff_t p = 1; p < count; p++) top = scores[p] > top ? scores[p] : top;
    float sum = 0, one = expf(-top);
    for (ptrdiff_t p = 0; p < count; p++) sum += scores[p] = expf(scores[p] - top);
    int is_softmax = sum >= one;
    float inverse = 1.0f / (is_softmax ? sum : one);
    for (ptrdiff_t p = 0; p < count; p++) scores[p] *= inverse;
    return is_softmax;
}

INLINE float dot(const float *a, const float *b, ptrdiff_t n) {
    LANES
    float sum = 0;
    for (ptrdiff_t c = 0; c < n; c++) sum += a[c] * b[c];
    return sum;
}

INLINE void add(float *restrict y, float alpha, const float *x, ptrdiff_t n) {
    LANES
    for (ptrdiff_t c = 0; c < n; c++) y[c] += alpha * x[c];
}

INLINE int attend(
    const struct parent_shape *shape, const float *row, ptrdiff_t node, ptrdiff_t head, float *shares) {
    ptrdiff_t width = shape->width, inner = shape->heads * width, first = shape->starts[node];
    ptrdiff_t count = shape->starts[node + 1] - first;
    const float *query = row + node * 3 * inner + head * width;
    float scale = 1.0f / sqrtf((float)width);
    for (ptrdiff_t p = 0; p < count; p++)
        shares[p] = scale * dot(query, row + shape->parents[first + p] * 3 * inner + inner + head * width, width);
    return shares_of(shares, count);
}

KERNEL void kernel_parent_attention(
    const struct parent_shape *shape, const float *x, float *y, float *scratch, ptrdiff_t first, ptrdiff_t last) {
    ptrdiff_t nodes = shape->nodes, width = shape->width, inner = shape->heads * width;
    for (ptrdiff_t r = first; r < last; r++) {
        const float *row = x + r * nodes * 3 * inner;
        for (ptrdiff_t i = 0; i < nodes; i++) {
            ptrdiff_t start = shape->starts[i], count = shape->starts[i + 1] - start;
            float *result = y + (r * nodes + i) * inner;
            for (ptrdiff_t c = 0; c < inner; c++) result[c] = 0;
            if (count == 0) continue;
            for (ptrdiff_t h = 0; h < shape->heads; h++) {
                attend(shape, row, i, h, scratch);
                for (ptrdiff_t p = 0; p < count; p++)
                    add(result + h * width, scratch[p],
                        row + shape->parents[start + p] * 3 * inner + 2 * inner + h * width, width);
            }
        }
    }
}

KERNEL void kernel_parent_attention_adjoint(
    const struct parent_shape *shape, const float *x, const float *dy, float *dx, float *scratch, ptrdiff_t first,
    ptrdiff_t last) {
    ptrdiff_t nodes = shape->nodes, width = shape->width, inner = shape->heads * width;
    float scale = 1.0f / sqrtf((float)width), *slopes = scratch + nodes;
    for (ptrdiff_t r = first; r < last; r++) {
        const float *row = x + r * nodes * 3 * inner;
        float *drow = dx + r * nodes * 3 * inner;
        for (ptrdiff_t i = 0; i < nodes; i++) {
            ptrdiff_t start = shape->starts[i], count = shape->starts[i + 1] - start;
            if (count == 0) continue;
            for (ptrdiff_t h = 0; h < shape->heads; h++) {
                const float *d = dy + (r * nodes + i) * inner + h * width;
                int is_softmax = attend(shape, row, i, h, scratch);
                float mean = 0;
                for (ptrdiff_t p = 0; p < count; p++) {
                    ptrdiff_t value = shape->parents[start + p] * 3 * inner + 2 * inner + h * width;
                    slopes[p] = dot(d, row + value, width);
                    mean += scratch[p] * slopes[p];
                    add(drow + value, scratch[p], d, width);
                }
                // Shares that add up to less than 1 do not compete.
                if (!is_softmax) mean = 0;
                ptrdiff_t query = i * 3 * inner + h * width;
                for (ptrdiff_t p = 0; p < count; p++) {
                    float slope = scale * scratch[p] * (slopes[p] - mean);
                    ptrdiff_t key = shape->parents[start + p] * 3 * inner + inner + h * width;
                    add(drow + query, slope, row + key, width);
                    add(drow + key, slope, row + query, width);
                }
            }
        }
    }
}

KERNEL void kernel_scalar_attention(
    const float *scores, ptrdiff_t step, const float *z, const double *moments, double epsilon, ptrdiff_t rows,
    ptrdiff_t parents, ptrdiff_t heads, float *shares) {
    LANES
    ptrdiff_t size = parents * 3 * heads;
    for (ptrdiff_t r = 0; r < rows; r++) {
        const float *score = scores + r * step;
        float *share = shares + r * size;
        // First t and r of each parent wait in the places of c and b, while its scores gather in that of a.
        for (ptrdiff_t p = 0; p < parents; p++) {
            const double *v = moments + 3 * p;
            double value = z[r * parents + p];
            double inverse = 1 / sqrt(v[0] * value * value + 2 * v[1] * value + v[2] + epsilon);
            float scale = (float)inverse, product = (float)(inverse * value);
            const float *a = score + p * 3 * heads;
            float *b = share + p * 3 * heads;
            for (ptrdiff_t h = 0; h < heads; h++) {
                b[h] = product * a[h] + scale * a[heads + h] + a[2 * heads + h];
                b[heads + h] = scale;
                b[2 * heads + h] = product;
            }
        }
        for (ptrdiff_t h = 0; h < heads; h++) {
            float top = share[h], sum = 0;
            for (ptrdiff_t p = 1; p < parents; p++)
                top = share[p * 3 * heads + h] > top ? share[p * 3 * heads + h] : top;
            float one = expf(-top);
            for (ptrdiff_t p = 0; p < parents; p++) {
                float *b = share + p * 3 * heads + h;
                sum += *b = expf(*b - top);
            }
            float inverse = 1.0f / (sum >= one ? sum : one);
            for (ptrdiff_t p = 0; p < parents; p++) {
                float *b = share + p * 3 * heads + h, part = *b * inverse;
                b[0] = part * b[2 * heads];
                b[heads] *= part;
                b[2 * heads] = part;
            }
        }
    }
}
