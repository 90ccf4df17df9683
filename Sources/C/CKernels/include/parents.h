#pragma once

// Attention of nodes to their parents in an acyclic graph, several heads side by side, whose shares may add up to less
// than 1: share_p = exp(s_p) / max(1, Σ_q exp(s_q)) of scores s_p, so that a node without parents receives 0.
// Parents of node i are parents[starts[i]] ..< parents[starts[i + 1]].
#include <stddef.h>
#include <stdint.h>

struct parent_shape {
    ptrdiff_t nodes;
    ptrdiff_t heads;
    ptrdiff_t width; // channels of a head
    const int32_t *starts, *parents;
};

// A token holds queries, keys and values of all heads one after the other (3 heads × width channels), a row of `nodes`
// tokens each; y gets heads × width channels a token, for rows first ..< last. s_p = q·k_p/√width. `scratch` has room
// for 2 · nodes.
void kernel_parent_attention(
    const struct parent_shape *shape, const float *x, float *y, float *scratch, ptrdiff_t first, ptrdiff_t last);
// dx += adjoint of dy for the same rows.
void kernel_parent_attention_adjoint(
    const struct parent_shape *shape, const float *x, const float *dy, float *dx, float *scratch, ptrdiff_t first,
    ptrdiff_t last);

// The same of one node whose keys and values are (t a + r b + c) for a row's t = r z and r = 1/√(v₀ z² + 2 v₁ z + v₂ +
// epsilon), z the parent's value: both standardise a vector that is affine in z. scores holds q·a, q·b, q·c of every
// parent (parents × 3 × heads) for each row, `step` values apart (0 where all rows share them); shares gets by what a,
// b, c of the values are to be multiplied, in the same places. z: rows × parents; moments: parents × (v₀, v₁, v₂).
void kernel_scalar_attention(
    const float *scores, ptrdiff_t step, const float *z, const double *moments, double epsilon, ptrdiff_t rows,
    ptrdiff_t parents, ptrdiff_t heads, float *shares);
