#pragma once
#include <stddef.h>
#include <stdint.h>

// RDKit behind a C door. Every function catches all C++ exceptions; RDKit's own log is silent.
// Built without the package trait RDKit, every function answers CRDKIT_UNAVAILABLE.

#ifdef __cplusplus
extern "C" {
#endif

enum crdkit_status {
    CRDKIT_OK = 0,
    CRDKIT_UNAVAILABLE = 1,
    CRDKIT_BAD_SMILES = 2,
    CRDKIT_FAILED = 3
};

// The descriptors that `crdkit_descriptors` writes, in this order.
enum { CRDKIT_DESCRIPTOR_COUNT = 8 };

// RDKit's version, or "" where it is not built in.
const char *crdkit_version(void);

// Morgan fingerprint as a bit vector of `bits` bits (a multiple of 8); bit i is bit 7 - i % 8 of packed[i / 8].
// `error` receives a terminated text of at most `error_capacity` bytes when the answer is not CRDKIT_OK.
enum crdkit_status crdkit_morgan(const char *smiles, uint32_t radius, uint32_t bits, uint8_t *packed, char *error,
                                 size_t error_capacity);

// Molecular weight, Wildman-Crippen logP and molar refractivity, topological polar surface area, heavy atoms,
// hydrogen-bond donors, rotatable bonds, rings. (Acceptors are left out: RDKit has changed what it counts as one.)
enum crdkit_status crdkit_descriptors(const char *smiles, double *descriptors, char *error, size_t error_capacity);

// The Bemis-Murcko scaffold (ring systems and what links them) as canonical SMILES, terminated; "" without rings.
enum crdkit_status crdkit_scaffold(const char *smiles, char *scaffold, size_t capacity, char *error,
                                   size_t error_capacity);

#ifdef __cplusplus
}
#endif
