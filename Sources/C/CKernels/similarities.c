#include "similarities.h"

#include "exponential.h"

// exp for x ≤ 0 by the reduction of vector_exp and the Taylor polynomial of degree 12, whose remainder for |r| ≤ ½ ln 2
// is below 2e−16; exp(−700), about 1e−304, below −700.
INLINE double vector_exp_negative(double x) {
#pragma clang fp contract(fast)
    double c = x < -700.0 ? -700.0 : x;
    double shifted = c * 1.4426950408889634074 + 6755399441055744.0; // 1.5 · 2⁵²
    double k = shifted - 6755399441055744.0;
    double r = c - k * 6.93145751953125e-1;
    r = r - k * 1.42860682030941723212e-6;
    double p = 2.08767569878681e-9;
    p = p * r + 2.505210838544172e-8;
    p = p * r + 2.755731922398589e-7;
    p = p * r + 2.755731922398589e-6;
    p = p * r + 2.480158730158730e-5;
    p = p * r + 1.984126984126984e-4;
    p = p * r + 1.388888888888889e-3;
    p = p * r + 8.333333333333333e-3;
    p = p * r + 4.166666666666666e-2;
    p = p * r + 1.666666666666667e-1;
    p = p * r + 0.5;
    p = p * r * r + r + 1.0;
    uint64_t bits;
    memcpy(&bits, &shifted, 8);
    bits = (bits << 52) + 0x3FF0000000000000u;
    double power;
    memcpy(&power, &bits, 8);
    return p * power;
}

KERNEL void kernel_similarities(
    const struct kernel_similarity *shape, const double *a, ptrdiff_t rows, const double *b, ptrdiff_t columns,
    int triangle, double *scratch, double *y) {
#pragma clang fp contract(fast)
    double *restrict sum = scratch, *restrict distance = scratch + columns;
    for (ptrdiff_t i = 0; i < rows; i++) {
        ptrdiff_t n = triangle ? i + 1 : columns;
        for (ptrdiff_t j = 0; j < n; j++) {
            sum[j] = shape->constant;
            distance[j] = 0;
        }
        for (ptrdiff_t p = 0; p < shape->inputs; p++) {
            double value = a[p * rows + i], joint = shape->joint_rates[p], additive = -shape->additive_rates[p];
            double linear = shape->linear * value, height = shape->additive;
            const double *other = b + p * columns;
            for (ptrdiff_t j = 0; j < n; j++) {
                double difference = value - other[j], square = difference * difference;
                distance[j] += joint * square;
                sum[j] += linear * other[j] + height * vector_exp_negative(additive * square);
            }
        }
        double *row = y + i * columns;
        for (ptrdiff_t j = 0; j < n; j++) row[j] = sum[j] + shape->joint * vector_exp_negative(-distance[j]);
    }
}

KERNEL void kernel_similarity_slopes(
    const struct kernel_similarity *shape, const double *a, ptrdiff_t rows, const double *b, ptrdiff_t columns,
    int triangle, const double *g, double *scratch, double *slopes) {
    LANES
    double *restrict distance = scratch, *restrict joint = scratch + columns, *restrict product = scratch + 2 * columns;
    for (ptrdiff_t i = 0; i < rows; i++) {
        ptrdiff_t n = triangle ? i + 1 : columns;
        const double *weight = g + i * columns;
        for (ptrdiff_t j = 0; j < n; j++) distance[j] = product[j] = 0;
        for (ptrdiff_t p = 0; p < shape->inputs; p++) {
            double value = a[p * rows + i], rate = shape->joint_rates[p];
            const double *other = b + p * columns;
            for (ptrdiff_t j = 0; j < n; j++) {
                double difference = value - other[j];
                distance[j] += rate * difference * difference;
                product[j] += value * other[j];
            }
        }
        double linear = 0, height = 0;
        for (ptrdiff_t j = 0; j < n; j++) {
            joint[j] = weight[j] * shape->joint * vector_exp_negative(-distance[j]);
            height += joint[j];
            linear += weight[j] * product[j];
        }
        slopes[0] += shape->linear * linear;
        slopes[2] += height;
        for (ptrdiff_t p = 0; p < shape->inputs; p++) {
            double value = a[p * rows + i], rate = shape->additive_rates[p];
            const double *other = b + p * columns;
            double additive = 0, additive_length = 0, joint_length = 0;
            for (ptrdiff_t j = 0; j < n; j++) {
                double difference = value - other[j], square = difference * difference;
                double one = weight[j] * vector_exp_negative(-rate * square);
                additive += one;
                additive_length += one * square;
                joint_length += joint[j] * square;
            }
            slopes[1] += shape->additive * additive;
            slopes[3 + p] += 2 * shape->joint_rates[p] * joint_length;
            slopes[3 + shape->inputs + p] += 2 * shape->additive * rate * additive_length;
        }
    }
}
