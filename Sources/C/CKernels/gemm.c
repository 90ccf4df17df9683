#include "CKernels.h"
#include "exponential.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif
#include <stdbool.h>

// Values of the inner index that are summed in registers before they go to C. A panel of A (14 × 256) and one of B
// (256 × 32) then fit the nearest cache together.
#define BLOCK_INNER 256
// Panels of A packed at a time, and columns of B where it is not packed beforehand: a share of the second cache each.
#define BLOCK_PANELS 8
#define BLOCK_COLUMNS 256
// A panel of transposed A holds so many values for each inner index, one vector's worth.
#define COLUMN_STEP 16
// A row of A that is not transposed, with a cache line to spare: at a power of two, rows would share few lines of the
// cache.
#define ROW_STEP (BLOCK_INNER + 16)
#define LEFT_PANEL (COLUMN_STEP * ROW_STEP)
// Rows in memory that are called for before they are packed.
#define AHEAD 16

#if defined(__x86_64__)
#pragma clang attribute push(                                                                                   \
    __attribute__((target("arch=x86-64-v4"), min_vector_width(512))), apply_to = function)
#define NAME(x) x##_v4
#define LANES_ 16
#define TILE_ROWS 14
#define HAS_PARTS 1
#define ZIP_LOW 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23
#define ZIP_HIGH 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31
#include "gemm.h"
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("arch=x86-64-v3"))), apply_to = function)
#define NAME(x) x##_v3
#define LANES_ 8
#define TILE_ROWS 6
#define HAS_PARTS 0
#define ZIP_LOW 0, 8, 1, 9, 2, 10, 3, 11
#define ZIP_HIGH 4, 12, 5, 13, 6, 14, 7, 15
#include "gemm.h"
#pragma clang attribute pop
#endif

#define NAME(x) x##_plain
#define LANES_ 4
#define TILE_ROWS 6
#define HAS_PARTS 0
#define ZIP_LOW 0, 4, 1, 5
#define ZIP_HIGH 2, 6, 3, 7
#include "gemm.h"

// The widest vectors that the processor has and the product allows.
static int lanes(const kernel_product *p) {
    int limit = p->lanes > 0 ? p->lanes : 16;
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (limit >= 16 && __builtin_cpu_supports("x86-64-v4")) return 16;
    if (limit >= 8 && __builtin_cpu_supports("x86-64-v3")) return 8;
#endif
    return 4;
}

ptrdiff_t kernel_packed_count(ptrdiff_t inner, ptrdiff_t columns) { return inner * ((columns + 31) / 32 * 32); }

ptrdiff_t kernel_panel_count(const kernel_product *p) {
    ptrdiff_t width = 2 * lanes(p);
    return (p->columns + width - 1) / width;
}

void kernel_pack_matrix(const kernel_product *p, float *packed, ptrdiff_t first, ptrdiff_t end) {
    switch (lanes(p)) {
#if defined(__x86_64__)
    case 16:
        pack_v4(p, packed, first, end);
        return;
    case 8:
        pack_v3(p, packed, first, end);
        return;
#endif
    default:
        pack_plain(p, packed, first, end);
    }
}

void kernel_multiply_matrices(const kernel_product *p) {
    if (p->rows <= 0 || p->columns <= 0) return;
    switch (lanes(p)) {
#if defined(__x86_64__)
    case 16:
        multiply_v4(p);
        return;
    case 8:
        multiply_v3(p);
        return;
#endif
    default:
        multiply_plain(p);
    }
}
