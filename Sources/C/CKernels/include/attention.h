#pragma once

// Softmax attention O = softmax(Q Kᵀ/√width) V of groups of tokens, several heads side by side, and its adjoint.
//
// A token holds queries, keys and values of all heads one after the other (3 heads × width channels), and its result
// has heads × width channels. Group g has tokens g / step · step · count + g % step + step i for i < count: those
// along one axis of an array of tokens. Unit u is head u % heads of group u / heads; units are independent of each
// other, and each is worked out in an order of its own, so any threads may share them.
#include <stddef.h>

struct attention_shape {
    ptrdiff_t count; // tokens of a group
    ptrdiff_t step;  // tokens from one of a group to the next
    ptrdiff_t heads;
    ptrdiff_t width; // channels of a head
    ptrdiff_t level; // which code runs, at most kernel_attention_level()
};

// The code for this processor: 0 is for any, 1 has vectors of 8 floats, 2 of 16. Lower levels differ in rounding
// only.
ptrdiff_t kernel_attention_level(void);

// How many floats of scratch memory, aligned to 64 bytes, a call needs: linear in the count.
ptrdiff_t kernel_attention_scratch(const struct attention_shape *shape);
ptrdiff_t kernel_attention_adjoint_scratch(const struct attention_shape *shape);

// y = attention of x for units first ..< last. `sums`, where given, gets 2 × count values a unit that the adjoint
// needs.
void kernel_attention(
    const struct attention_shape *shape, const float *x, float *y, float *sums, float *scratch, ptrdiff_t first,
    ptrdiff_t last);
// dx += adjoint of dy for the same units.
void kernel_attention_adjoint(
    const struct attention_shape *shape, const float *x, const float *y, const float *sums, const float *dy, float *dx,
    float *scratch, ptrdiff_t first, ptrdiff_t last);
