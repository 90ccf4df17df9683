// Attention of one group and head, for one kind of processor: attention.c includes this file once for each, after
// attention_products.h.
//
// Scores and what follows from them lie as keys × queries, so that a lane is a query: its maximum and its sum need no
// exchange between lanes. Tokens are copied into rows of whole vectors first, padded with zeros.

// 2^x for x up to 0: x = k + r with whole k, and a polynomial of degree 5 in r (minimax of the relative error, 1e-7;
// 2e-7 with rounding) times 2^k. 0 below −127, NaN for NaN.
INLINE vector NAME(power_of_two)(vector x) {
    x = x < -127.0f ? NAME(all)(-127.0f) : x;
    vector shifted = x + 12583039.0f; // 1.5 · 2²³ + 127: the low bits hold k + 127, the exponent of 2^k
    vector r = x - (shifted - 12583039.0f);
    vector p = r * 1.326472731e-3f + 9.671512991e-3f;
    p = p * r + 5.550733581e-2f;
    p = p * r + 2.402224243e-1f;
    p = p * r + 6.931470037e-1f;
    p = p * r + 1.0f;
    return p * (vector)((integers)shifted << 23);
}

// The rows of `count` tokens, one below the other, times a scale.
INLINE void NAME(gather)(
    const float *x, ptrdiff_t stride, ptrdiff_t count, ptrdiff_t width, float scale, float *rows, ptrdiff_t row) {
    ptrdiff_t whole = width / WIDTH * WIDTH;
    for (ptrdiff_t c = 0; c < whole; c += WIDTH)
        for (ptrdiff_t i = 0; i < count; i++) {
            vector v;
            memcpy(&v, x + i * stride + c, sizeof(v));
            *(vector *)(rows + i * row + c) = v * scale;
        }
    if (whole == row) return;
    for (ptrdiff_t i = 0; i < count; i++) {
        for (ptrdiff_t c = whole; c < width; c++) rows[i * row + c] = x[i * stride + c] * scale;
        for (ptrdiff_t c = width; c < row; c++) rows[i * row + c] = 0;
    }
}

// y = scale × rows, or y += scale × rows where it adds, back at the tokens. Each token has a scale of its own, or all
// have the first where the next one lies 0 further.
INLINE void NAME(scatter)(
    const float *rows, ptrdiff_t row, ptrdiff_t count, ptrdiff_t width, const float *scales, ptrdiff_t next_scale,
    int adds, float *y, ptrdiff_t stride) {
    ptrdiff_t whole = width / WIDTH * WIDTH;
    for (ptrdiff_t c = 0; c < whole; c += WIDTH)
        for (ptrdiff_t i = 0; i < count; i++) {
            vector v = *(const vector *)(rows + i * row + c) * scales[i * next_scale], before = {0};
            if (adds) memcpy(&before, y + i * stride + c, sizeof(v));
            v += before;
            memcpy(y + i * stride + c, &v, sizeof(v));
        }
    if (whole == width) return;
    for (ptrdiff_t i = 0; i < count; i++)
        for (ptrdiff_t c = whole; c < width; c++)
            y[i * stride + c] = rows[i * row + c] * scales[i * next_scale] + (adds ? y[i * stride + c] : 0);
}

// Columns of whole vectors from rows of whole vectors: squares of WIDTH × WIDTH values, each by rounds of merging
// every row with the one half a square below.
INLINE void NAME(transpose)(const float *rows, ptrdiff_t row, ptrdiff_t count, float *columns, ptrdiff_t column) {
    for (ptrdiff_t i = 0; i < count; i += WIDTH)
        for (ptrdiff_t j = 0; j < row; j += WIDTH) {
            vector square[2][WIDTH];
#pragma clang loop unroll(full)
            for (int k = 0; k < WIDTH; k++) square[0][k] = *(const vector *)(rows + (i + k) * row + j);
#pragma clang loop unroll(full)
            for (int round = 0; round < ROUNDS; round++)
#pragma clang loop unroll(full)
                for (int k = 0; k < WIDTH / 2; k++) {
                    vector upper = square[round % 2][k], lower = square[round % 2][k + WIDTH / 2];
                    square[1 - round % 2][2 * k] = __builtin_shufflevector(upper, lower, MERGED_LEFT);
                    square[1 - round % 2][2 * k + 1] = __builtin_shufflevector(upper, lower, MERGED_RIGHT);
                }
#pragma clang loop unroll(full)
            for (int k = 0; k < WIDTH; k++)
                *(vector *)(columns + (j + k) * column + i) = square[ROUNDS % 2][k];
        }
}

// Raises each query's maximum to that of its new scores and replaces the scores by exponentials of their distance to
// it. `factors` get what earlier sums are multiplied with. Four maxima and sums run side by side, since each step of
// one waits for the step before.
INLINE void NAME(exponentiate)(
    float *scores, ptrdiff_t row, ptrdiff_t keys, ptrdiff_t lanes, float *maxima, float *sums, float *factors) {
    for (ptrdiff_t q = 0; q < lanes; q += WIDTH) {
        vector before = *(vector *)(maxima + q), tops[4] = {before, before, before, before}, parts[4] = {0};
        for (ptrdiff_t k = 0; k < keys; k += 4)
#pragma clang loop unroll(full)
            for (int i = 0; i < 4; i++) {
                if (k + i == keys) break;
                vector s = *(vector *)(scores + (k + i) * row + q);
                tops[i] = s > tops[i] ? s : tops[i];
            }
        vector left = tops[0] > tops[1] ? tops[0] : tops[1], right = tops[2] > tops[3] ? tops[2] : tops[3];
        vector top = left > right ? left : right;
        for (ptrdiff_t k = 0; k < keys; k += 4)
#pragma clang loop unroll(full)
            for (int i = 0; i < 4; i++) {
                if (k + i == keys) break;
                vector p = NAME(power_of_two)(*(vector *)(scores + (k + i) * row + q) - top);
                parts[i] += p;
                *(vector *)(scores + (k + i) * row + q) = p;
            }
        vector factor = NAME(power_of_two)(before - top), sum = (parts[0] + parts[1]) + (parts[2] + parts[3]);
        *(vector *)(maxima + q) = top;
        *(vector *)(sums + q) = *(vector *)(sums + q) * factor + sum;
        *(vector *)(factors + q) = factor;
    }
}

static void NAME(attention)(
    const struct attention_shape *shape, const float *x, float *y, float *kept, float *scratch, ptrdiff_t unit,
    ptrdiff_t next) {
    const struct layout at = layout_of(shape, unit);
    const ptrdiff_t ahead = layout_of(shape, next).x - at.x;
    float *keys = take(&scratch, at.count * at.row), *values = take(&scratch, at.count * at.row);
    float *rows = take(&scratch, QUERIES * at.row), *columns = take(&scratch, QUERIES * at.row);
    float *scores = take(&scratch, QUERIES * KEYS), *results = take(&scratch, QUERIES * at.row);
    float *maxima = take(&scratch, QUERIES), *sums = take(&scratch, QUERIES), *factors = take(&scratch, QUERIES);
    x += at.x;
    y += at.y;
    NAME(gather)(x + at.channels, at.stride_x, at.count, at.width, 1, keys, at.row);
    NAME(gather)(x + 2 * at.channels, at.stride_x, at.count, at.width, 1, values, at.row);
    for (ptrdiff_t first = 0, lanes; first < at.count; first += lanes) {
        lanes = lanes_from(first, at.count);
        ptrdiff_t queries = at.count - first < lanes ? at.count - first : lanes;
        const float *q = x + first * at.stride_x, *coming = q + ahead;
        NAME(gather)(q, at.stride_x, queries, at.width, at.scale_of_two, rows, at.row);
        memset(rows + queries * at.row, 0, (lanes - queries) * at.row * sizeof(float));
        NAME(transpose)(rows, at.row, lanes, columns, lanes);
        for (ptrdiff_t i = 0; i < lanes; i++) maxima[i] = -FLT_MAX, sums[i] = 0;
        fetch(coming + at.channels, at.stride_x, queries, at.width);
        fetch(y + first * at.stride_y, at.stride_y, queries, at.width);
        for (ptrdiff_t block = 0; block < at.blocks; block++) {
            ptrdiff_t start = block * at.count / at.blocks, count = (block + 1) * at.count / at.blocks - start;
            NAME(product)(
                count, lanes / WIDTH, at.width, 0, keys + start * at.row, at.row, columns, lanes, scores, lanes, 0);
            if (block == 0) fetch(coming + 2 * at.channels, at.stride_x, queries, at.width);
            NAME(exponentiate)(scores, lanes, count, lanes, maxima, sums, factors);
            if (block == 0) fetch(coming, at.stride_x, queries, at.width);
            if (block > 0) NAME(scatter)(results, at.row, queries, at.row, factors, 1, 0, results, at.row);
            NAME(product)(
                queries, at.row / WIDTH, count, 1, scores, lanes, values + start * at.row, at.row, results, at.row,
                block > 0);
        }
        for (ptrdiff_t i = 0; i < lanes; i++) factors[i] = 1.0f / sums[i];
        NAME(scatter)(results, at.row, queries, at.width, factors, 1, 0, y + first * at.stride_y, at.stride_y);
        if (kept) {
            memcpy(kept + 2 * (unit * at.count + first), maxima, queries * sizeof(float));
            memcpy(kept + 2 * (unit * at.count + first) + queries, factors, queries * sizeof(float));
        }
    }
}

static void NAME(attention_adjoint)(
    const struct attention_shape *shape, const float *x, const float *y, const float *kept, const float *dy, float *dx,
    float *scratch, ptrdiff_t unit, ptrdiff_t next) {
    const struct layout at = layout_of(shape, unit);
    const ptrdiff_t ahead_x = layout_of(shape, next).x - at.x, ahead_y = layout_of(shape, next).y - at.y;
    float *keys = take(&scratch, at.count * at.row), *values = take(&scratch, at.count * at.row);
    float *dkeys = take(&scratch, at.count * at.row), *dvalues = take(&scratch, at.count * at.row);
    float *rows = take(&scratch, QUERIES * at.row), *columns = take(&scratch, QUERIES * at.row);
    float *drows = take(&scratch, QUERIES * at.row), *dcolumns = take(&scratch, QUERIES * at.row);
    float *scores = take(&scratch, QUERIES * KEYS), *dscores = take(&scratch, QUERIES * KEYS);
    float *dqueries = take(&scratch, QUERIES * at.row);
    float *maxima = take(&scratch, QUERIES), *inverses = take(&scratch, QUERIES), *dots = take(&scratch, QUERIES);
    x += at.x;
    dx += at.x;
    y += at.y;
    dy += at.y;
    NAME(gather)(x + at.channels, at.stride_x, at.count, at.width, 1, keys, at.row);
    NAME(gather)(x + 2 * at.channels, at.stride_x, at.count, at.width, 1, values, at.row);
    for (ptrdiff_t first = 0, lanes; first < at.count; first += lanes) {
        lanes = lanes_from(first, at.count);
        ptrdiff_t queries = at.count - first < lanes ? at.count - first : lanes;
        const float *coming_x = x + first * at.stride_x + ahead_x, *coming_y = y + first * at.stride_y + ahead_y;
        const float *coming_dy = dy + first * at.stride_y + ahead_y;
        float *dq = dx + first * at.stride_x;
        memset(maxima, 0, lanes * sizeof(float));
        memcpy(maxima, kept + 2 * (unit * at.count + first), queries * sizeof(float));
        memcpy(inverses, kept + 2 * (unit * at.count + first) + queries, queries * sizeof(float));
        NAME(gather)(
            x + first * at.stride_x, at.stride_x, queries, at.width, at.scale_of_two, rows, at.row);
        NAME(gather)(dy + first * at.stride_y, at.stride_y, queries, at.width, 1, drows, at.row);
        memset(rows + queries * at.row, 0, (lanes - queries) * at.row * sizeof(float));
        memset(drows + queries * at.row, 0, (lanes - queries) * at.row * sizeof(float));
        memset(dots, 0, lanes * sizeof(float));
        for (ptrdiff_t i = 0; i < queries; i++) {
            LANES
            const float *d = drows + i * at.row, *o = y + (first + i) * at.stride_y;
            float dot = 0;
            for (ptrdiff_t c = 0; c < at.width; c++) dot += d[c] * o[c];
            dots[i] = dot * inverses[i];
        }
        NAME(scatter)(drows, at.row, queries, at.row, inverses, 1, 0, drows, at.row);
        NAME(transpose)(rows, at.row, lanes, columns, lanes);
        NAME(transpose)(drows, at.row, lanes, dcolumns, lanes);
        for (ptrdiff_t block = 0; block < at.blocks; block++) {
            ptrdiff_t start = block * at.count / at.blocks, count = (block + 1) * at.count / at.blocks - start;
            const float *k = keys + start * at.row, *v = values + start * at.row;
            float *dk = dkeys + start * at.row, *dv = dvalues + start * at.row;
            if (block == 0) fetch(coming_x, at.stride_x, queries, at.width);
            if (block == 0) fetch(dq, at.stride_x, queries, at.width);
            NAME(product)(count, lanes / WIDTH, at.width, 0, k, at.row, columns, lanes, scores, lanes, 0);
            if (block == 0) fetch(coming_x + at.channels, at.stride_x, queries, at.width);
            if (block == 0) fetch(dq + at.channels, at.stride_x, queries, at.width);
            NAME(product)(count, lanes / WIDTH, at.width, 0, v, at.row, dcolumns, lanes, dscores, lanes, 0);
            if (block == 0) fetch(coming_x + 2 * at.channels, at.stride_x, queries, at.width);
            for (ptrdiff_t i = 0; i < lanes; i += WIDTH) {
                vector top = *(vector *)(maxima + i), dot = *(vector *)(dots + i);
#pragma clang loop unroll_count(4)
                for (ptrdiff_t j = 0; j < count; j++) {
                    vector *s = (vector *)(scores + j * lanes + i), *d = (vector *)(dscores + j * lanes + i);
                    vector p = NAME(power_of_two)(*s - top);
                    *s = p;
                    *d = p * (*d - dot);
                }
            }
            NAME(product)(
                count, at.row / WIDTH, queries, 0, scores, lanes, drows, at.row, dv, at.row, first > 0);
            if (block == 0) fetch(dq + 2 * at.channels, at.stride_x, queries, at.width);
            NAME(product)(
                count, at.row / WIDTH, queries, 0, dscores, lanes, rows, at.row, dk, at.row, first > 0);
            if (block == 0) fetch(coming_y, at.stride_y, queries, at.width);
            NAME(product)(
                queries, at.row / WIDTH, count, 1, dscores, lanes, k, at.row, dqueries, at.row, block > 0);
            if (block == 0) fetch(coming_dy, at.stride_y, queries, at.width);
        }
        NAME(scatter)(dqueries, at.row, queries, at.width, &at.scale, 0, 1, dq, at.stride_x);
    }
    // The rows of queries had the factor of powers of two.
    const float natural = 0.69314718f, one = 1;
    NAME(scatter)(dkeys, at.row, at.count, at.width, &natural, 0, 1, dx + at.channels, at.stride_x);
    NAME(scatter)(dvalues, at.row, at.count, at.width, &one, 0, 1, dx + 2 * at.channels, at.stride_x);
}
#undef vector
#undef integers
#undef NAME
#undef WIDTH
#undef ROUNDS
#undef MERGED_LEFT
#undef MERGED_RIGHT
#undef TALLEST
#undef TILES
