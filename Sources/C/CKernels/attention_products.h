// Products of small matrices whose sums stay in registers, for one kind of processor: attention.c includes this file
// once for each, with WIDTH floats to a vector and TILES naming the shapes of sums that fill its registers, up to
// TALLEST(v) rows of v vectors for v = 1, 2 and 3.
typedef float NAME(vector) __attribute__((ext_vector_type(WIDTH)));
typedef int32_t NAME(integers) __attribute__((ext_vector_type(WIDTH)));
#define vector NAME(vector)
#define integers NAME(integers)

INLINE vector NAME(all)(float x) { return (vector)x; }

// C = A B, or C += A B where it adds, with `high` rows of `wide` vectors and `depth` terms. A is read along its rows,
// or down its columns where it is transposed: each of its values is spread over a vector and multiplies a row of B.
INLINE void NAME(tile)(
    const int high, const int wide, const int transposed, ptrdiff_t depth, const float *a, ptrdiff_t row_a,
    const float *b, ptrdiff_t row_b, float *c, ptrdiff_t row_c, int adds) {
    vector sums[12][3];
#pragma clang loop unroll(full)
    for (int i = 0; i < high; i++)
#pragma clang loop unroll(full)
        for (int j = 0; j < wide; j++)
            sums[i][j] = adds ? *(const vector *)(c + i * row_c + j * WIDTH) : NAME(all)(0);
    for (ptrdiff_t k = 0; k < depth; k++) {
        vector terms[3];
#pragma clang loop unroll(full)
        for (int j = 0; j < wide; j++) terms[j] = *(const vector *)(b + k * row_b + j * WIDTH);
#pragma clang loop unroll(full)
        for (int i = 0; i < high; i++) {
            vector value = NAME(all)(transposed ? a[k * row_a + i] : a[i * row_a + k]);
#pragma clang loop unroll(full)
            for (int j = 0; j < wide; j++) sums[i][j] += value * terms[j];
        }
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < high; i++)
#pragma clang loop unroll(full)
        for (int j = 0; j < wide; j++) *(vector *)(c + i * row_c + j * WIDTH) = sums[i][j];
}

#define ARGUMENTS                                                                                            \
    ptrdiff_t depth, const float *a, ptrdiff_t row_a, const float *b, ptrdiff_t row_b, float *c,             \
        ptrdiff_t row_c, int adds
#define DEFINE(high, wide)                                                                                   \
    static void NAME(tile_##high##_##wide)(ARGUMENTS) {                                                      \
        NAME(tile)(high, wide, 0, depth, a, row_a, b, row_b, c, row_c, adds);                                \
    }                                                                                                        \
    static void NAME(transposed_tile_##high##_##wide)(ARGUMENTS) {                                           \
        NAME(tile)(high, wide, 1, depth, a, row_a, b, row_b, c, row_c, adds);                                \
    }
TILES(DEFINE)
#define PLACE(high, wide)                                                                                    \
    [0][wide - 1][high - 1] = NAME(tile_##high##_##wide),                                                    \
    [1][wide - 1][high - 1] = NAME(transposed_tile_##high##_##wide),
static void (*const NAME(tiles)[2][3][12])(ARGUMENTS) = {TILES(PLACE)};
#undef ARGUMENTS
#undef DEFINE
#undef PLACE

// C (+)= A B of any number of rows and vectors, cut into tiles of sizes as even as they come.
static void NAME(product)(
    ptrdiff_t rows, ptrdiff_t vectors, ptrdiff_t depth, int transposed, const float *a, ptrdiff_t row_a,
    const float *b, ptrdiff_t row_b, float *c, ptrdiff_t row_c, int adds) {
    ptrdiff_t across = (vectors + 2) / 3;
    for (ptrdiff_t j = 0; j < across; j++) {
        ptrdiff_t left = j * vectors / across, wide = (j + 1) * vectors / across - left;
        ptrdiff_t down = (rows + TALLEST(wide) - 1) / TALLEST(wide);
        for (ptrdiff_t i = 0; i < down; i++) {
            ptrdiff_t top = i * rows / down, high = (i + 1) * rows / down - top;
            NAME(tiles)[transposed][wide - 1][high - 1](
                depth, a + (transposed ? top : top * row_a), row_a, b + left * WIDTH, row_b,
                c + top * row_c + left * WIDTH, row_c, adds);
        }
    }
}
