#include "CKernels.h"
#include "exponential.h"

KERNEL void kernel_moments(
    float *restrict m, float *restrict v, const float *restrict g, float beta1, float rest1, float beta2, float rest2,
    ptrdiff_t n) {
    for (ptrdiff_t i = 0; i < n; i++) {
        m[i] = beta1 * m[i] + rest1 * g[i];
        v[i] = beta2 * v[i] + rest2 * g[i] * g[i];
    }
}

INLINE float direction(float w, float m, float v, float correction1, float correction2, float epsilon, float decay) {
    return correction1 * m / (sqrtf(correction2 * v) + epsilon) + decay * w;
}

KERNEL void kernel_descend(
    float *restrict w, const float *restrict m, const float *restrict v, float correction1, float correction2,
    float epsilon, float decay, float rate, ptrdiff_t n) {
    for (ptrdiff_t i = 0; i < n; i++)
        w[i] -= rate * direction(w[i], m[i], v[i], correction1, correction2, epsilon, decay);
}

KERNEL void kernel_direction_squares(
    const float *restrict w, const float *restrict m, const float *restrict v, float correction1, float correction2,
    float epsilon, float decay, double *weight_square, double *direction_square, ptrdiff_t n) {
    LANES
    double weights = 0, directions = 0;
    for (ptrdiff_t i = 0; i < n; i++) {
        double r = direction(w[i], m[i], v[i], correction1, correction2, epsilon, decay);
        weights += (double)w[i] * (double)w[i];
        directions += r * r;
    }
    *weight_square = weights;
    *direction_square = directions;
}

KERNEL void kernel_blend(float *restrict a, float kept, const float *restrict x, float added, ptrdiff_t n) {
    for (ptrdiff_t i = 0; i < n; i++) a[i] = kept * a[i] + added * x[i];
}
