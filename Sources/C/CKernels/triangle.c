#include "CKernels.h"
#include "exponential.h"

// A tile of TALL × WIDE entries of y, RUN channels each, is summed in registers over DEEP values of k, whose factors
// lie packed in the nearest cache. Channels are the lanes of the vectors, so that nothing is transposed.
#define TALL 4
#define WIDE 6
#define DEEP 64
#define RUN 16
typedef float channels_t __attribute__((ext_vector_type(RUN)));

// `count` entries, `step` apart, of up to RUN channels each, padded with zeros to `room` entries.
INLINE void pack(
    const float *restrict from, ptrdiff_t step, ptrdiff_t count, ptrdiff_t room, ptrdiff_t channels,
    float *restrict to) {
    for (ptrdiff_t e = 0; e < room; e++) {
        if (e < count && channels == RUN)
            for (int c = 0; c < RUN; c++) to[e * RUN + c] = from[e * step + c];
        else
            for (ptrdiff_t c = 0; c < RUN; c++) to[e * RUN + c] = e < count && c < channels ? from[e * step + c] : 0.0f;
    }
}

KERNEL void kernel_triangle_product(
    const float *a, ptrdiff_t a_i, ptrdiff_t a_k, const float *b, ptrdiff_t b_k, ptrdiff_t b_j, float *restrict y,
    ptrdiff_t y_i, ptrdiff_t y_j, ptrdiff_t d, ptrdiff_t channels, float scale, ptrdiff_t first, ptrdiff_t end) {
#pragma clang fp contract(fast)
    float left[DEEP * TALL * RUN] __attribute__((aligned(64)));
    float right[DEEP * WIDE * RUN] __attribute__((aligned(64)));
    for (ptrdiff_t channel = 0; channel < channels; channel += RUN) {
        ptrdiff_t run = channels - channel < RUN ? channels - channel : RUN;
        for (ptrdiff_t start = 0; start < d; start += DEEP) {
            ptrdiff_t depth = d - start < DEEP ? d - start : DEEP;
            for (ptrdiff_t j = 0; j < d; j += WIDE) {
                ptrdiff_t across = d - j < WIDE ? d - j : WIDE;
                for (ptrdiff_t k = 0; k < depth; k++)
                    pack(b + (start + k) * b_k + j * b_j + channel, b_j, across, WIDE, run, right + k * WIDE * RUN);
                for (ptrdiff_t i = first; i < end; i += TALL) {
                    ptrdiff_t down = end - i < TALL ? end - i : TALL;
                    for (ptrdiff_t k = 0; k < depth; k++)
                        pack(a + i * a_i + (start + k) * a_k + channel, a_i, down, TALL, run, left + k * TALL * RUN);
                    channels_t sums[TALL][WIDE];
#pragma clang loop unroll(full)
                    for (int r = 0; r < TALL; r++)
                        for (int s = 0; s < WIDE; s++) sums[r][s] = (channels_t)0.0f;
                    for (ptrdiff_t k = 0; k < depth; k++) {
                        const channels_t *u = (const channels_t *)left + k * TALL;
                        const channels_t *v = (const channels_t *)right + k * WIDE;
#pragma clang loop unroll(full)
                        for (int r = 0; r < TALL; r++)
                            for (int s = 0; s < WIDE; s++) sums[r][s] = u[r] * v[s] + sums[r][s];
                    }
                    float memory[TALL * WIDE * RUN] __attribute__((aligned(64)));
#pragma clang loop unroll(full)
                    for (int r = 0; r < TALL; r++)
                        for (int s = 0; s < WIDE; s++) ((channels_t *)memory)[r * WIDE + s] = sums[r][s];
                    for (ptrdiff_t r = 0; r < down; r++)
                        for (ptrdiff_t s = 0; s < across; s++) {
                            float *restrict to = y + (i + r) * y_i + (j + s) * y_j + channel;
                            for (ptrdiff_t c = 0; c < run; c++) to[c] += scale * memory[(r * WIDE + s) * RUN + c];
                        }
                }
            }
        }
    }
}
