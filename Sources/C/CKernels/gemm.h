// The product's kernels for one set of instructions. Included once for each, with
//   NAME(x)   a name of its own for each set
//   LANES_    values of a vector
//   TILE_ROWS rows of a register tile; it is two vectors wide
//   HAS_PARTS whether part of a vector can be read and written
//   ZIP_LOW, ZIP_HIGH  the indices that interleave the first and the last halves of two vectors
// Layout of packed operands: B in panels of two vectors, [block of inner][panel][inner][2 · LANES_], padded with zeros;
// A in panels of up to TILE_ROWS rows, as it lies in memory: row by row, or inner index by inner index where it is
// transposed.

#define PANEL (2 * LANES_)

typedef float NAME(vector) __attribute__((ext_vector_type(LANES_)));
typedef float NAME(unaligned) __attribute__((ext_vector_type(LANES_), aligned(4)));
#define VECTOR NAME(vector)
// A vector, or where the processor can leave lanes out its first `count` values.
#if HAS_PARTS
#define LOAD(pointer, count) ((VECTOR)_mm512_maskz_loadu_ps((__mmask16)((1 << (count)) - 1), pointer))
#define STORE(pointer, count, x) _mm512_mask_storeu_ps(pointer, (__mmask16)((1 << (count)) - 1), (__m512)(x))
#else
#define LOAD(pointer, count) AT_CONST(pointer)
#define STORE(pointer, count, x) (AT(pointer) = (x))
#endif
#define AT(pointer) (*(NAME(unaligned) *)(pointer))
#define AT_CONST(pointer) (*(const NAME(unaligned) *)(pointer))

// What becomes of a tile.
typedef struct {
    float *c;
    ptrdiff_t stride;
    int columns;
    float beta;
    const float *bias;
    int activation;
    float *argument;
    const float *residual;
    ptrdiff_t stride_residual;
} NAME(target);

// The general case, from a tile in memory: edges, and activations that need an exponential.
static __attribute__((noinline)) void NAME(finish)(
    const float *tile, int rows, const NAME(target) *restrict t) {
    for (int r = 0; r < rows; r++) {
        const float *restrict x = tile + r * PANEL;
        float *restrict c = t->c + r * t->stride;
        float y[PANEL];
        int columns = t->columns;
        memcpy(y, x, sizeof(y));
        if (t->beta != 0)
            for (int j = 0; j < columns; j++) y[j] += t->beta * c[j];
        if (t->bias)
            for (int j = 0; j < columns; j++) y[j] += t->bias[j];
        if (t->argument) memcpy(t->argument + r * t->stride, y, (size_t)columns * sizeof(float));
        switch (t->activation) {
        case KERNEL_RELU:
            for (int j = 0; j < PANEL; j++) y[j] = y[j] > 0 ? y[j] : 0.0f;
            break;
        case KERNEL_SILU:
            for (int j = 0; j < PANEL; j++) y[j] = vector_silu(y[j]);
            break;
        case KERNEL_GELU:
            for (int j = 0; j < PANEL; j++) y[j] = vector_gelu(y[j]);
            break;
        }
        if (t->residual) {
            const float *restrict other = t->residual + r * t->stride_residual;
            for (int j = 0; j < columns; j++) y[j] += other[j];
        }
        memcpy(c, y, (size_t)columns * sizeof(float));
    }
}

// rows × (vectors · LANES_) values of C; the first two arguments are constants at every call, so that the sums stay in
// registers.
INLINE void NAME(tile)(
    const int rows, const int vectors, ptrdiff_t stride_a, ptrdiff_t step_a, ptrdiff_t inner,
    const float *a, const float *b, const NAME(target) *t) {
#pragma clang fp contract(fast)
    VECTOR sum[TILE_ROWS][2];
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++)
        for (int v = 0; v < vectors; v++) sum[r][v] = (VECTOR)0.0f;
    // What the tile goes to arrives while its sums are formed.
    for (int r = 0; r < rows; r++)
        for (int v = 0; v < vectors; v++) {
            __builtin_prefetch(t->c + r * t->stride + v * LANES_, 1);
            if (t->residual) __builtin_prefetch(t->residual + r * t->stride_residual + v * LANES_);
        }
    for (ptrdiff_t k = 0; k < inner; k++, a += step_a, b += PANEL) {
        VECTOR right[2];
        for (int v = 0; v < vectors; v++) right[v] = AT_CONST(b + v * LANES_);
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; r++) {
            VECTOR left = (VECTOR)a[r * stride_a];
            for (int v = 0; v < vectors; v++) sum[r][v] = left * right[v] + sum[r][v];
        }
    }
    int last = t->columns - (vectors - 1) * LANES_;
    if ((last == LANES_ || HAS_PARTS) && t->activation <= KERNEL_RELU && !t->argument) {
        int count[2] = {vectors == 2 ? LANES_ : last, last};
        VECTOR bias[2] = {(VECTOR)0.0f, (VECTOR)0.0f};
        if (t->bias)
            for (int v = 0; v < vectors; v++) bias[v] = LOAD(t->bias + v * LANES_, count[v]);
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; r++)
            for (int v = 0; v < vectors; v++) {
                float *c = t->c + r * t->stride + v * LANES_;
                VECTOR y = sum[r][v];
                if (t->beta != 0) y = LOAD(c, count[v]) * (VECTOR)t->beta + y;
                y += bias[v];
                if (t->activation == KERNEL_RELU) y = y > 0 ? y : (VECTOR)0.0f;
                if (t->residual) y += LOAD(t->residual + r * t->stride_residual + v * LANES_, count[v]);
                STORE(c, count[v], y);
            }
    } else {
        float memory[TILE_ROWS * PANEL] __attribute__((aligned(64)));
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; r++)
            for (int v = 0; v < 2; v++)
                AT(memory + r * PANEL + v * LANES_) = v < vectors ? sum[r][v] : (VECTOR)0.0f;
        NAME(finish)(memory, rows, t);
    }
}

// The strides of packed rows are constants, which saves the work on addresses.
#define TILE_CASE(R)                                                                                              \
    case R:                                                                                                       \
        if (t->columns > LANES_) TILE(R, 2)                                                                       \
        else TILE(R, 1)                                                                                           \
        break;
#define TILE(R, V)                                                                                                \
    {                                                                                                             \
        if (stride_a == ROW_STEP && step_a == 1) NAME(tile)(R, V, ROW_STEP, 1, inner, a, b, t);                   \
        else if (stride_a == 1 && step_a == COLUMN_STEP) NAME(tile)(R, V, 1, COLUMN_STEP, inner, a, b, t);        \
        else NAME(tile)(R, V, stride_a, step_a, inner, a, b, t);                                                  \
    }

static void NAME(any_tile)(
    int rows, ptrdiff_t stride_a, ptrdiff_t step_a, ptrdiff_t inner, const float *a, const float *b,
    const NAME(target) *t) {
    switch (rows) {
        TILE_CASE(1)
        TILE_CASE(2)
        TILE_CASE(3)
        TILE_CASE(4)
        TILE_CASE(5)
        TILE_CASE(6)
#if TILE_ROWS > 6
        TILE_CASE(7)
        TILE_CASE(8)
        TILE_CASE(9)
        TILE_CASE(10)
        TILE_CASE(11)
        TILE_CASE(12)
        TILE_CASE(13)
        TILE_CASE(14)
#endif
    }
}

// A row of n values. The last vector overlaps the one before it, rather than leave single values. `ahead` values
// further a row lies that will be copied soon; rows lie too far apart for the processor to see that.
INLINE void NAME(copy)(
    const float *restrict from, float *restrict to, ptrdiff_t n, ptrdiff_t ahead, float mean, float rstd) {
    VECTOR centre = (VECTOR)mean, scale = (VECTOR)rstd;
    if (n < LANES_) {
        for (ptrdiff_t i = 0; i < n; i++) to[i] = (from[i] - mean) * rstd;
        return;
    }
    for (ptrdiff_t i = 0; i + LANES_ <= n; i += LANES_) {
        __builtin_prefetch(from + i + ahead);
        AT(to + i) = (AT_CONST(from + i) - centre) * scale;
    }
    if (n % LANES_ != 0) AT(to + n - LANES_) = (AT_CONST(from + n - LANES_) - centre) * scale;
}

// The panels of a block of A from row `first` and inner index `start` on; panel i holds rows low[i]..<low[i + 1] of it.
INLINE void NAME(pack_left)(
    const kernel_product *p, ptrdiff_t first, const int *low, int panels, ptrdiff_t start, ptrdiff_t inner,
    float *restrict to) {
    int rows = low[panels];
    if (p->transposed_a) {
        for (ptrdiff_t k = 0; k < inner; k++) {
            const float *restrict from = p->a + (start + k) * p->stride_a + first;
            ptrdiff_t ahead = start + k + AHEAD < p->inner ? AHEAD * p->stride_a : 0;
            float mean = p->mean ? p->mean[start + k] : 0.0f, rstd = p->mean ? p->rstd[start + k] : 1.0f;
            for (int i = 0; i < panels; i++)
                NAME(copy)(
                    from + low[i], to + i * LEFT_PANEL + k * COLUMN_STEP,
                    low[i] + COLUMN_STEP <= rows ? COLUMN_STEP : low[i + 1] - low[i], ahead, mean, rstd);
        }
        return;
    }
    for (int i = 0; i < panels; i++)
        for (int r = low[i]; r < low[i + 1]; r++)
            NAME(copy)(
                p->a + (first + r) * p->stride_a + start, to + i * LEFT_PANEL + (r - low[i]) * ROW_STEP, inner,
                r + AHEAD < rows ? AHEAD * p->stride_a : 0, p->mean ? p->mean[first + r] : 0.0f,
                p->mean ? p->rstd[first + r] : 1.0f);
}

// LANES_ × LANES_ values transposed: interleaving the halves as often as 2 goes into LANES_.
INLINE void NAME(transpose)(const float *from, ptrdiff_t stride, float *to) {
    VECTOR x[LANES_], y[LANES_];
#pragma clang loop unroll(full)
    for (int i = 0; i < LANES_; i++) x[i] = AT_CONST(from + i * stride);
#pragma clang loop unroll(full)
    for (int pass = LANES_; pass > 1; pass /= 2) {
#pragma clang loop unroll(full)
        for (int i = 0; i < LANES_ / 2; i++) {
            y[2 * i] = __builtin_shufflevector(x[i], x[i + LANES_ / 2], ZIP_LOW);
            y[2 * i + 1] = __builtin_shufflevector(x[i], x[i + LANES_ / 2], ZIP_HIGH);
        }
#pragma clang loop unroll(full)
        for (int i = 0; i < LANES_; i++) x[i] = y[i];
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < LANES_; i++) AT(to + i * PANEL) = x[i];
}

// One panel of transposed B: columns from `first` on and `inner` values of the inner index from `start` on.
INLINE void NAME(pack_transposed)(
    const kernel_product *p, ptrdiff_t first, ptrdiff_t start, ptrdiff_t inner, float *restrict to) {
    ptrdiff_t columns = p->columns - first;
    const float *from = p->b + first * p->stride_b + start;
    for (int half = 0; half < PANEL; half += LANES_) {
        ptrdiff_t blocks = columns >= half + LANES_ ? inner / LANES_ * LANES_ : 0;
        for (ptrdiff_t k = 0; k < blocks; k += LANES_)
            NAME(transpose)(from + half * p->stride_b + k, p->stride_b, to + k * PANEL + half);
        for (int j = half; j < half + LANES_; j++)
            for (ptrdiff_t k = blocks; k < inner; k++)
                to[k * PANEL + j] = j < columns ? from[j * p->stride_b + k] : 0.0f;
    }
}

// Panels of B: columns first..<end and `inner` values of the inner index from `start` on.
static void NAME(pack_right)(
    const kernel_product *p, ptrdiff_t first, ptrdiff_t end, ptrdiff_t start, ptrdiff_t inner, float *restrict to) {
    if (p->transposed_b) {
        for (ptrdiff_t j = first; j < end; j += PANEL)
            NAME(pack_transposed)(p, j, start, inner, to + (j - first) * inner);
        return;
    }
    for (ptrdiff_t k = 0; k < inner; k++) {
        const float *restrict from = p->b + (start + k) * p->stride_b;
        if (start + k + AHEAD < p->inner)
            for (ptrdiff_t j = first; j < end; j += 16) __builtin_prefetch(from + AHEAD * p->stride_b + j);
        for (ptrdiff_t j = first; j < end; j += PANEL) {
            float *restrict row = to + (j - first) * inner + k * PANEL;
            if (j + PANEL <= end)
                for (int c = 0; c < PANEL; c++) row[c] = from[j + c];
            else
                for (int c = 0; c < PANEL; c++) row[c] = j + c < end ? from[j + c] : 0.0f;
        }
    }
}

static void NAME(pack)(const kernel_product *p, float *packed, ptrdiff_t first, ptrdiff_t end) {
    ptrdiff_t panels = (p->columns + PANEL - 1) / PANEL;
    for (ptrdiff_t start = 0; start < p->inner; start += BLOCK_INNER) {
        ptrdiff_t inner = p->inner - start < BLOCK_INNER ? p->inner - start : BLOCK_INNER;
        ptrdiff_t last = end * PANEL < p->columns ? end * PANEL : p->columns;
        NAME(pack_right)(
            p, first * PANEL, last, start, inner, packed + (start * panels + first * inner) * PANEL);
    }
}

// One block of rows times one block of columns, for one block of the inner index.
static void NAME(block)(
    const kernel_product *p, ptrdiff_t row, ptrdiff_t rows, ptrdiff_t column, ptrdiff_t columns, ptrdiff_t start,
    ptrdiff_t inner, const float *right, float *restrict left) {
    int panels = (int)((rows + TILE_ROWS - 1) / TILE_ROWS), low[BLOCK_PANELS + 1];
    for (int i = 0; i <= panels; i++) low[i] = (int)(i * rows / panels);
    // A is packed unless few columns use it and its rows are short.
    bool packs = p->mean || columns > 4 * PANEL || (!p->transposed_a && p->stride_a > BLOCK_INNER);
    ptrdiff_t stride_a = packs ? ROW_STEP : p->stride_a, step_a = 1;
    if (p->transposed_a) stride_a = 1, step_a = packs ? COLUMN_STEP : p->stride_a;
    if (packs) NAME(pack_left)(p, row, low, panels, start, inner, left);
    bool first = start == 0, last = start + inner >= p->inner;
    for (ptrdiff_t j = 0; j < columns; j += PANEL) {
        NAME(target) t;
        t.columns = (int)(columns - j < PANEL ? columns - j : PANEL);
        t.stride = p->stride_c;
        t.stride_residual = p->stride_residual;
        t.beta = first ? p->beta : 1.0f;
        t.bias = last && p->bias ? p->bias + column + j : 0;
        t.activation = last ? p->activation : KERNEL_IDENTITY;
        for (int i = 0; i < panels; i++) {
            ptrdiff_t place = (row + low[i]) * p->stride_c + column + j;
            t.c = p->c + place;
            t.argument = last && p->argument ? p->argument + place : 0;
            t.residual = last && p->residual
                             ? p->residual + (row + low[i]) * p->stride_residual + column + j
                             : 0;
            const float *a = packs ? left + i * LEFT_PANEL : p->a + (row + low[i]) * stride_a + start * step_a;
            NAME(any_tile)(low[i + 1] - low[i], stride_a, step_a, inner, a, right + j * inner, &t);
        }
    }
}

static void NAME(multiply)(const kernel_product *p) {
    float left[BLOCK_PANELS * LEFT_PANEL] __attribute__((aligned(64)));
    // Blocks of rows of about the same size, each of whole tiles.
    const ptrdiff_t most = BLOCK_PANELS * TILE_ROWS, blocks = (p->rows + most - 1) / most;
    const ptrdiff_t block_rows = ((p->rows + blocks - 1) / blocks + TILE_ROWS - 1) / TILE_ROWS * TILE_ROWS;
    if (p->packed) {
        ptrdiff_t panels = (p->columns + PANEL - 1) / PANEL;
        for (ptrdiff_t row = 0; row < p->rows; row += block_rows) {
            ptrdiff_t rows = p->rows - row < block_rows ? p->rows - row : block_rows;
            ptrdiff_t start = 0;
            do {
                ptrdiff_t inner = p->inner - start < BLOCK_INNER ? p->inner - start : BLOCK_INNER;
                NAME(block)(
                    p, row, rows, 0, p->columns, start, inner, p->packed + start * panels * PANEL, left);
                start += BLOCK_INNER;
            } while (start < p->inner);
        }
        return;
    }
    float right[BLOCK_COLUMNS * BLOCK_INNER] __attribute__((aligned(64)));
    for (ptrdiff_t column = 0; column < p->columns; column += BLOCK_COLUMNS) {
        ptrdiff_t columns = p->columns - column < BLOCK_COLUMNS ? p->columns - column : BLOCK_COLUMNS;
        ptrdiff_t start = 0;
        do {
            ptrdiff_t inner = p->inner - start < BLOCK_INNER ? p->inner - start : BLOCK_INNER;
            NAME(pack_right)(p, column, column + columns, start, inner, right);
            for (ptrdiff_t row = 0; row < p->rows; row += block_rows) {
                ptrdiff_t rows = p->rows - row < block_rows ? p->rows - row : block_rows;
                NAME(block)(p, row, rows, column, columns, start, inner, right, left);
            }
            start += BLOCK_INNER;
        } while (start < p->inner);
    }
}

#undef PANEL
#undef VECTOR
#undef AT
#undef AT_CONST
#undef TILE_CASE
#undef TILE
#undef NAME
#undef LANES_
#undef TILE_ROWS
#undef ZIP_LOW
#undef ZIP_HIGH
#undef HAS_PARTS
#undef LOAD
#undef STORE
