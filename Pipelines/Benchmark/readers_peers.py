#!/usr/bin/env python3
"""What `Pipelines/Benchmark/readers` runs beside interventome.

usage: readers_peers.py anndata|scanpy|brisc KIND FILE [OUTPUT]    reads; with OUTPUT writes h5ad packed with gzip
       readers_peers.py limit FILE                        processor seconds to inflate it with libdeflate, nothing else
Prints cells, genes, stored entries that are not 0, and their sum, as far as the peer has them at hand.
"""
import ctypes
import ctypes.util
import sys
import time
import warnings

warnings.simplefilter("ignore")


def limit(path):
    library = ctypes.CDLL(ctypes.util.find_library("deflate") or "libdeflate.so.0")
    library.libdeflate_alloc_decompressor.restype = ctypes.c_void_p
    state = ctypes.c_void_p(library.libdeflate_alloc_decompressor())
    size = ctypes.c_size_t()

    def inflate(function, packed, room):
        began = time.process_time()
        status = function(state, packed, ctypes.c_size_t(len(packed)), room, ctypes.c_size_t(len(room)), ctypes.byref(size))
        assert status == 0, status
        return time.process_time() - began

    if path.endswith(".gz"):
        packed = open(path, "rb").read()
        # The last four bytes of a member are its length.
        room = ctypes.create_string_buffer(int.from_bytes(packed[-4:], "little"))
        return inflate(library.libdeflate_gzip_decompress, packed, room)
    import h5py

    spent = 0.0
    with h5py.File(path) as file:
        matrix = file["matrix" if "matrix" in file else "X"]
        for array in (matrix["data"], matrix["indices"]):
            if array.compression != "gzip":
                return None
            room = ctypes.create_string_buffer(array.chunks[0] * array.dtype.itemsize)
            for first in range(0, array.shape[0], array.chunks[0]):
                spent += inflate(library.libdeflate_zlib_decompress, array.id.read_direct_chunk((first,))[1], room)
    return spent


def read(who, kind, path):
    if who == "brisc":
        from brisc import SingleCell

        return SingleCell(path).X
    if who == "anndata":
        import anndata

        return anndata.read_zarr(path) if kind == "zarr" else anndata.read_h5ad(path)
    import scanpy

    readers = {"h5ad": scanpy.read_h5ad, "10x-hdf5": scanpy.read_10x_h5, "csv": scanpy.read_csv}
    return scanpy.read_10x_mtx(path) if kind == "10x-folder" else readers[kind](path)


if __name__ == "__main__":
    who, *words = sys.argv[1:]
    if who == "limit":
        spent = limit(*words)
        print("-" if spent is None else f"{spent:.2f}")
        sys.exit()
    data = read(who, *words[:2])
    if len(words) > 2:
        data.write_h5ad(words[2], compression="gzip")
    else:
        x = getattr(data, "X", data)
        count = x.nnz if hasattr(x, "nnz") else int((x != 0).sum())
        total = float(x.data.sum(dtype="f8")) if hasattr(x, "nnz") else float(x.sum(dtype="f8"))
        print(x.shape[0], x.shape[1], count, total)
