#include "peak.h"

#if defined(__AVX512F__)
enum { lanes = 16 };
#elif defined(__AVX__)
enum { lanes = 8 };
#else
enum { lanes = 4 };
#endif

typedef float vector __attribute__((vector_size(lanes * sizeof(float))));

int peak_lanes(void) { return lanes; }

// Twelve chains hide the latency of two units of four cycles and, with the two factors, fit into sixteen registers.
float peak_multiply_adds(long rounds, float scale, float shift) {
#pragma clang fp contract(fast)
    vector sums[12];
    for (int i = 0; i < 12; i++) sums[i] = (vector){0} + (float)i;
    for (long round = 0; round < rounds; round++) {
#pragma clang loop unroll(full)
        for (int i = 0; i < 12; i++) sums[i] = sums[i] * scale + shift;
    }
    float total = 0;
    for (int i = 0; i < 12; i++)
        for (int lane = 0; lane < lanes; lane++) total += sums[i][lane];
    return total;
}
