#include "attention.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "exponential.h"

// Queries and keys of a block, whose scores stay in the nearest caches beside their tokens.
#define QUERIES 48
#define KEYS 128

// Where one unit lies, counted in floats.
struct layout {
    ptrdiff_t count, width, channels, row, blocks;
    ptrdiff_t x, y, stride_x, stride_y;
    float scale, scale_of_two;
};

static ptrdiff_t row_of(ptrdiff_t width) { return (width + 15) / 16 * 16; }

static struct layout layout_of(const struct attention_shape *shape, ptrdiff_t unit) {
    ptrdiff_t group = unit / shape->heads, head = unit % shape->heads;
    ptrdiff_t token = group / shape->step * shape->step * shape->count + group % shape->step;
    ptrdiff_t channels = shape->heads * shape->width;
    float scale = 1.0f / sqrtf((float)shape->width);
    return (struct layout){
        .count = shape->count,
        .width = shape->width,
        .channels = channels,
        .row = row_of(shape->width),
        .blocks = (shape->count + KEYS - 1) / KEYS,
        .x = 3 * token * channels + head * shape->width,
        .y = token * channels + head * shape->width,
        .stride_x = 3 * shape->step * channels,
        .stride_y = shape->step * channels,
        .scale = scale,
        .scale_of_two = scale * 1.44269504f, // ln 2 and the exponentials become powers of two
    };
}

// Queries are taken three sixteens at a time; where one would be left over, two twos are.
static ptrdiff_t lanes_from(ptrdiff_t first, ptrdiff_t count) {
    ptrdiff_t sixteens = (count - first + 15) / 16;
    return 16 * (sixteens == 4 ? 2 : sixteens < 3 ? sixteens : 3);
}

static float *take(float **scratch, ptrdiff_t count) {
    float *result = *scratch;
    *scratch += count;
    return result;
}

// Asks for tokens' rows early: they lie too far apart for the processor to foresee.
static void fetch(const float *x, ptrdiff_t stride, ptrdiff_t count, ptrdiff_t width) {
    for (ptrdiff_t i = 0; i < count; i++)
        for (ptrdiff_t c = 0; c < width; c += 16) __builtin_prefetch(x + i * stride + c, 0, 2);
}

ptrdiff_t kernel_attention_scratch(const struct attention_shape *shape) {
    return (2 * shape->count + 3 * QUERIES) * row_of(shape->width) + QUERIES * (KEYS + 3);
}

ptrdiff_t kernel_attention_adjoint_scratch(const struct attention_shape *shape) {
    return (4 * shape->count + 5 * QUERIES) * row_of(shape->width) + QUERIES * (2 * KEYS + 3);
}

#define UP_TO_4(M, wide) M(1, wide) M(2, wide) M(3, wide) M(4, wide)
#define UP_TO_6(M, wide) UP_TO_4(M, wide) M(5, wide) M(6, wide)
#define UP_TO_8(M, wide) UP_TO_6(M, wide) M(7, wide) M(8, wide)
#define UP_TO_12(M, wide) UP_TO_8(M, wide) M(9, wide) M(10, wide) M(11, wide) M(12, wide)

#define NAME(x) x##_4
#define WIDTH 4
#define ROUNDS 2
#define MERGED_LEFT 0, 4, 1, 5
#define MERGED_RIGHT 2, 6, 3, 7
#define TALLEST(wide) ((wide) == 3 ? 4 : (wide) == 2 ? 6 : 8)
#define TILES(M) UP_TO_8(M, 1) UP_TO_6(M, 2) UP_TO_4(M, 3)
#include "attention_products.h"
#include "attention_units.h"

#if defined(__x86_64__) && defined(__linux__)
// 16 registers of 8 lanes.
#pragma clang attribute push(__attribute__((target("arch=x86-64-v3"))), apply_to = function)
#define NAME(x) x##_8
#define WIDTH 8
#define ROUNDS 3
#define MERGED_LEFT 0, 8, 1, 9, 2, 10, 3, 11
#define MERGED_RIGHT 4, 12, 5, 13, 6, 14, 7, 15
#define TALLEST(wide) ((wide) == 3 ? 4 : (wide) == 2 ? 6 : 8)
#define TILES(M) UP_TO_8(M, 1) UP_TO_6(M, 2) UP_TO_4(M, 3)
#include "attention_products.h"
#include "attention_units.h"
#pragma clang attribute pop

// 32 registers of 16 lanes.
#pragma clang attribute push(__attribute__((target("arch=x86-64-v4"))), apply_to = function)
#define NAME(x) x##_16
#define WIDTH 16
#define ROUNDS 4
#define MERGED_LEFT 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23
#define MERGED_RIGHT 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31
#define TALLEST(wide) ((wide) == 3 ? 8 : 12)
#define TILES(M) UP_TO_12(M, 1) UP_TO_12(M, 2) UP_TO_8(M, 3)
#include "attention_products.h"
#include "attention_units.h"
#pragma clang attribute pop

#endif

static const struct {
    void (*forward)(const struct attention_shape *, const float *, float *, float *, float *, ptrdiff_t, ptrdiff_t);
    void (*adjoint)(
        const struct attention_shape *, const float *, const float *, const float *, const float *, float *, float *,
        ptrdiff_t, ptrdiff_t);
} levels[] = {
    {attention_4, attention_adjoint_4},
#if defined(__x86_64__) && defined(__linux__)
    {attention_8, attention_adjoint_8},
    {attention_16, attention_adjoint_16},
#endif
};

ptrdiff_t kernel_attention_level(void) {
#if defined(__x86_64__) && defined(__linux__)
    return __builtin_cpu_supports("x86-64-v4") ? 2 : __builtin_cpu_supports("x86-64-v3") ? 1 : 0;
#else
    return 0;
#endif
}

void kernel_attention(
    const struct attention_shape *shape, const float *x, float *y, float *sums, float *scratch, ptrdiff_t first,
    ptrdiff_t last) {
    for (ptrdiff_t unit = first; unit < last; unit++)
        levels[shape->level].forward(shape, x, y, sums, scratch, unit, unit + 1 < last ? unit + 1 : unit);
}

void kernel_attention_adjoint(
    const struct attention_shape *shape, const float *x, const float *y, const float *sums, const float *dy, float *dx,
    float *scratch, ptrdiff_t first, ptrdiff_t last) {
    for (ptrdiff_t unit = first; unit < last; unit++)
        levels[shape->level].adjoint(shape, x, y, sums, dy, dx, scratch, unit, unit + 1 < last ? unit + 1 : unit);
}
