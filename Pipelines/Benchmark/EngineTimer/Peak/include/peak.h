#pragma once

// Floats in one vector of the widest instruction set.
int peak_lanes(void);

// Carries out `rounds` times 12 independent fused multiply-adds of one vector each, x ← scale x + shift; returns the sum,
// so that none is left out. Floating-point operations: 24 · lanes · rounds.
float peak_multiply_adds(long rounds, float scale, float shift);
