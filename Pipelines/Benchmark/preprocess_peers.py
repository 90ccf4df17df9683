#!/usr/bin/env python3
"""What `Pipelines/Benchmark/preprocess` runs beside interventome.

usage: preprocess_peers.py scanpy SCREEN OUTPUT      all steps with scanpy; writes OUTPUT and OUTPUT.bulk.h5ad
       preprocess_peers.py brisc SCREEN OUTPUT       the steps that brisc has (no flavour seurat, no filter of genes)
       preprocess_peers.py limit SCREEN              processor seconds to inflate X with libdeflate, and nothing else
       preprocess_peers.py agree OURS BULK THEIRS    compares results with scanpy's; exit 1 where they differ
"""
import ctypes
import ctypes.util
import sys
import time
import warnings

warnings.simplefilter("ignore")


def scanpy(screen, output):
    import anndata
    import scanpy as sc

    data = anndata.read_h5ad(screen)
    sc.pp.calculate_qc_metrics(data, percent_top=None, log1p=False, inplace=True)
    sc.pp.filter_cells(data, min_genes=200)
    sc.pp.filter_genes(data, min_cells=10)
    sc.pp.highly_variable_genes(data, flavor="seurat_v3", n_top_genes=2000)
    data.var["chosen_v3"] = data.var["highly_variable"].to_numpy()
    sums = sc.get.aggregate(data, by="perturbation", func="sum")
    sc.pp.normalize_total(data, target_sum=1e4)
    sc.pp.log1p(data)
    sc.pp.highly_variable_genes(data, flavor="seurat", n_top_genes=2000)
    data.write_h5ad(output)
    sums.write_h5ad(output + ".bulk.h5ad")


def brisc(screen, output):
    import polars
    from brisc import SingleCell

    data = SingleCell(screen)
    data = data.qc_metrics(allow_float=True)
    data = data.qc(max_mito_fraction=None, min_genes=200, nonzero_MALAT1=False, allow_float=True, subset=True)
    data = data.hvg(num_genes=2000, min_cells=10)
    data = data.with_columns_obs(all_=polars.lit("all"))
    data.pseudobulk("all_", "perturbation")
    data = data.normalize(method="logCP10k")
    data.save(output, overwrite=True)


def limit(screen):
    import h5py

    library = ctypes.CDLL(ctypes.util.find_library("deflate") or "libdeflate.so.0")
    library.libdeflate_alloc_decompressor.restype = ctypes.c_void_p
    inflate = library.libdeflate_zlib_decompress
    inflate.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_void_p]
    state = library.libdeflate_alloc_decompressor()
    spent = 0.0
    with h5py.File(screen) as file:
        for name in ("X/data", "X/indices"):
            array = file[name]
            room = ctypes.create_string_buffer(array.chunks[0] * array.dtype.itemsize)
            size = ctypes.c_size_t()
            for first in range(0, array.shape[0], array.chunks[0]):
                packed = array.id.read_direct_chunk((first,))[1]
                began = time.process_time()
                assert inflate(state, packed, len(packed), room, len(room), ctypes.byref(size)) == 0
                spent += time.process_time() - began
    print(f"{spent:.2f}")


def agree(ours, bulk, theirs):
    import anndata
    import numpy as np

    a, b = anndata.read_h5ad(ours), anndata.read_h5ad(theirs)
    sums, expected = anndata.read_h5ad(bulk), anndata.read_h5ad(theirs + ".bulk.h5ad")
    checks = {
        "cells kept": list(a.obs_names) == list(b.obs_names),
        "genes kept": list(a.var_names) == list(b.var_names),
        "total_counts": np.array_equal(a.obs["total_counts"], b.obs["total_counts"]),
        "n_cells": np.array_equal(a.var["n_cells"], b.var["n_cells"]),
        "groups": list(sums.obs_names) == list(expected.obs_names),
        "pseudobulk": np.array_equal(sums.layers["sum"], np.asarray(expected.layers["sum"])),
        "same entries": np.array_equal(a.X.indptr, b.X.indptr) and np.array_equal(a.X.indices, b.X.indices),
    }
    ulps = np.abs(a.X.data - b.X.data) / np.spacing(np.abs(b.X.data)) if checks["same entries"] else np.array([np.inf])
    # numpy's logarithm of single precision is not rounded correctly, nor need ours be.
    checks["values within 2 ulp"] = ulps.max() <= 2
    shared = {}
    for name, mine, other in (
        ("seurat_v3", "highly_variable", "chosen_v3"), ("seurat", "highly_variable_seurat", "highly_variable")
    ):
        shared[name] = int((a.var[mine].to_numpy() & b.var[other].to_numpy()).sum())
        # A gene at the cut-off may change sides by rounding.
        checks[f"genes chosen by {name}"] = shared[name] >= 1996
    print("largest difference of a value:", ulps.max(), "ulp; genes chosen alike:", shared)
    for name, holds in checks.items():
        print("agrees" if holds else "DIFFERS", name)
    sys.exit(0 if all(checks.values()) else 1)


if __name__ == "__main__":
    {"scanpy": scanpy, "brisc": brisc, "limit": limit, "agree": agree}[sys.argv[1]](*sys.argv[2:])
