#include "CKernels.h"
#include "exponential.h"

// In place has a loop of its own: where two pointers may overlap, compiled code tests them and takes one number at a time.
#define UNARY(name, value, slope)                                                                            \
    KERNEL void kernel_##name(const float *x, float *y, ptrdiff_t n) {                                       \
        if (x == y) {                                                                                        \
            for (ptrdiff_t i = 0; i < n; i++) {                                                              \
                float a = y[i];                                                                              \
                y[i] = value;                                                                                \
            }                                                                                                \
            return;                                                                                          \
        }                                                                                                    \
        for (ptrdiff_t i = 0; i < n; i++) {                                                                  \
            float a = x[i];                                                                                  \
            y[i] = value;                                                                                    \
        }                                                                                                    \
    }                                                                                                        \
    KERNEL void kernel_##name##_adjoint(                                                                     \
        const float *x, const float *y, const float *dy, float *restrict dx, ptrdiff_t n) {                  \
        for (ptrdiff_t i = 0; i < n; i++) {                                                                  \
            float a = x[i], b = y[i];                                                                        \
            (void)a;                                                                                         \
            (void)b;                                                                                         \
            dx[i] += dy[i] * (slope);                                                                        \
        }                                                                                                    \
    }

INLINE float silu_slope(float a) {
    float s = vector_sigmoid(a);
    return s * (1.0f + a * (1.0f - s));
}
INLINE float gelu_slope(float a) {
    float density, cumulative = vector_normal(a, &density);
    return cumulative + a * density;
}

UNARY(exp, vector_exp(a), b)
UNARY(log, vector_log(a), 1.0f / a)
UNARY(tanh, vector_tanh(a), 1.0f - b * b)
UNARY(sigmoid, vector_sigmoid(a), b * (1.0f - b))
UNARY(softplus, vector_softplus(a), vector_sigmoid(a))
UNARY(log_sigmoid, (a < 0 ? a : 0.0f) - vector_log1p(vector_exp(-fabsf(a))), vector_sigmoid(-a))
UNARY(relu, a > 0 ? a : 0.0f, a > 0 ? 1.0f : 0.0f)
UNARY(silu, vector_silu(a), silu_slope(a))
UNARY(gelu, vector_gelu(a), gelu_slope(a))
// The instruction alone: the library's sqrtf sets errno, which no vector code can.
UNARY(sqrt, __builtin_elementwise_sqrt(a), 0.5f / b)
UNARY(square, a * a, 2.0f * a)

KERNEL void kernel_scale_by_slope(int activation, const float *x, float *restrict dy, ptrdiff_t n) {
    switch (activation) {
    case KERNEL_RELU:
        for (ptrdiff_t i = 0; i < n; i++) dy[i] = x[i] > 0 ? dy[i] : 0.0f;
        break;
    case KERNEL_SILU:
        for (ptrdiff_t i = 0; i < n; i++) dy[i] *= silu_slope(x[i]);
        break;
    case KERNEL_GELU:
        for (ptrdiff_t i = 0; i < n; i++) dy[i] *= gelu_slope(x[i]);
        break;
    }
}

// The four cases of strides are written out so that each becomes vector code.
#define BINARY(name, op)                                                                                     \
    KERNEL void kernel_##name(                                                                               \
        const float *a, ptrdiff_t sa, const float *b, ptrdiff_t sb, float *y, ptrdiff_t n) {                 \
        if (sa && sb) {                                                                                      \
            for (ptrdiff_t i = 0; i < n; i++) y[i] = a[i] op b[i];                                           \
        } else if (sa) {                                                                                     \
            float c = b[0];                                                                                  \
            for (ptrdiff_t i = 0; i < n; i++) y[i] = a[i] op c;                                              \
        } else if (sb) {                                                                                     \
            float c = a[0];                                                                                  \
            for (ptrdiff_t i = 0; i < n; i++) y[i] = c op b[i];                                              \
        } else {                                                                                             \
            float c = a[0] op b[0];                                                                          \
            for (ptrdiff_t i = 0; i < n; i++) y[i] = c;                                                      \
        }                                                                                                    \
    }
BINARY(add, +)
BINARY(subtract, -)
BINARY(multiply, *)
BINARY(divide, /)

KERNEL void kernel_accumulate_product(
    float *restrict da, ptrdiff_t sa, float alpha, const float *x, const float *b, ptrdiff_t sb, ptrdiff_t n) {
    LANES
    if (sa && sb) {
        for (ptrdiff_t i = 0; i < n; i++) da[i] += alpha * x[i] * b[i];
    } else if (sa) {
        float c = alpha * b[0];
        for (ptrdiff_t i = 0; i < n; i++) da[i] += c * x[i];
    } else if (sb) {
        float sum = 0;
        for (ptrdiff_t i = 0; i < n; i++) sum += x[i] * b[i];
        da[0] += alpha * sum;
    } else {
        float sum = 0;
        for (ptrdiff_t i = 0; i < n; i++) sum += x[i];
        da[0] += alpha * b[0] * sum;
    }
}

KERNEL void kernel_accumulate(float *restrict y, float alpha, const float *x, ptrdiff_t n) {
    for (ptrdiff_t i = 0; i < n; i++) y[i] += alpha * x[i];
}

KERNEL void kernel_accumulate_constant(float *y, float c, ptrdiff_t n) {
    for (ptrdiff_t i = 0; i < n; i++) y[i] += c;
}

KERNEL void kernel_affine(const float *x, float alpha, float beta, float *y, ptrdiff_t n) {
    if (x == y) {
        for (ptrdiff_t i = 0; i < n; i++) y[i] = alpha * y[i] + beta;
        return;
    }
    for (ptrdiff_t i = 0; i < n; i++) y[i] = alpha * x[i] + beta;
}

KERNEL double kernel_sum(const float *x, ptrdiff_t n) {
    LANES
    double sum = 0;
    for (ptrdiff_t i = 0; i < n; i++) sum += (double)x[i];
    return sum;
}

KERNEL double kernel_sum_of_squares(const float *x, ptrdiff_t n) {
    LANES
    double sum = 0;
    for (ptrdiff_t i = 0; i < n; i++) sum += (double)x[i] * (double)x[i];
    return sum;
}

KERNEL void kernel_cross_entropy(const float *x, const float *t, float *y, ptrdiff_t n) {
    for (ptrdiff_t i = 0; i < n; i++)
        y[i] = vector_softplus(x[i]) - x[i] * t[i];
}

KERNEL void kernel_cross_entropy_adjoint(
    const float *x, const float *t, const float *dy, float *restrict dx, ptrdiff_t n) {
    for (ptrdiff_t i = 0; i < n; i++) dx[i] += dy[i] * (vector_sigmoid(x[i]) - t[i]);
}
