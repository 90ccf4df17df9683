#pragma once

// Matrix products in single precision with packed panels and register tiles. Matrices are row-major with any row length
// in memory. An output value is the sum over the inner index in one fixed order, whatever part of the output a call
// computes and however the work is split; other processors may round differently.
#include <stdbool.h>
#include <stddef.h>

// What follows the product in its last pass over a tile.
enum { KERNEL_IDENTITY, KERNEL_RELU, KERNEL_SILU, KERNEL_GELU };

// C = f(A B + beta C + bias) + residual, with C and the residual of rows × columns values.
typedef struct {
    ptrdiff_t rows, columns, inner;
    // rows × inner, or inner × rows where transposed.
    const float *a;
    ptrdiff_t stride_a;
    bool transposed_a;
    // inner × columns, or columns × inner where transposed. With `packed` not null it is read there.
    const float *b;
    ptrdiff_t stride_b;
    bool transposed_b;
    const float *packed;
    // Where given, A is standardised while it is read: (a − mean) rstd, of each of its rows in memory.
    const float *mean, *rstd;
    float beta;
    float *c;
    ptrdiff_t stride_c;
    // One value a column, or null.
    const float *bias;
    int activation;
    // Where given, the argument of the activation is kept here, with the row length of C.
    float *argument;
    // Null for none.
    const float *residual;
    ptrdiff_t stride_residual;
    // Lanes of a vector: 0 for the widest of the processor, else at most so many (16, 8, 4).
    int lanes;
} kernel_product;

void kernel_multiply_matrices(const kernel_product *product);

// How many values kernel_pack_matrix writes.
ptrdiff_t kernel_packed_count(ptrdiff_t inner, ptrdiff_t columns);
// Lays the product's B out in panels for products that use it again; reads inner, columns, b, stride_b, transposed_b,
// lanes. Panels first..<end of kernel_panel_count are written, so that they may be shared out.
void kernel_pack_matrix(const kernel_product *product, float *packed, ptrdiff_t first, ptrdiff_t end);
// Panels of a packed matrix of so many columns.
ptrdiff_t kernel_panel_count(const kernel_product *product);
