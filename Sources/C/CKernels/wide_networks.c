#include "wide_networks.h"
#include "exponential.h"

// asin: on |x| ≤ ½ x times a polynomial in x², beyond π/2 − 2 asin √((1 − |x|)/2). The polynomial is the Chebyshev
// interpolant of asin(√y)/√y on [0, ¼]; relative error below 3e-17 before rounding. Without branches, for vector code.
INLINE double vector_asin(double x) {
    double size = x < 0 ? -x : x;
    size = size > 1 ? 1 : size;
    double far = 0.5 * (1 - size);
    double y = size > 0.5 ? far : size * size;
    double s = size > 0.5 ? __builtin_elementwise_sqrt(y) : size;
    double p = 0.03187962140081283943;
    p = p * y - 0.01618739227159913321;
    p = p * y + 0.019513468251252168;
    p = p * y + 0.006529302004736569282;
    p = p * y + 0.01217013859239172629;
    p = p * y + 0.01388484282640208075;
    p = p * y + 0.01735977964134998007;
    p = p * y + 0.02237174973316405413;
    p = p * y + 0.03038195969768513823;
    p = p * y + 0.04464285680599893842;
    p = p * y + 0.07500000000385201673;
    p = p * y + 0.1666666666666494118;
    p = p * y + 1.0;
    double r = s * p;
    r = size > 0.5 ? 1.57079632679489661923 - 2 * r : r;
    return x < 0 ? -r : r;
}

KERNEL void kernel_wide_network(
    const double *restrict rows, ptrdiff_t n, const int32_t *places, const double *factors, ptrdiff_t count,
    double constant, double linear, double amplitude, double shrink, const double *restrict shrinks,
    double *restrict y) {
    LANES
    for (ptrdiff_t i = 0; i < n; i++) y[i] = 0;
    for (ptrdiff_t j = 0; j < count; j++) {
        const double *row = rows + places[j] * n;
        double factor = factors[j];
        for (ptrdiff_t i = 0; i < n; i++) y[i] += factor * row[i];
    }
    double scale = amplitude * 0.63661977236758134308;
    for (ptrdiff_t i = 0; i < n; i++)
        y[i] = constant + linear * y[i] + scale * vector_asin(2 * y[i] * shrink * shrinks[i]);
}
