#!/usr/bin/env python3
"""A screen of `screen.py` in another format.

usage: screen_as.py SCREEN.h5ad FORMAT OUTPUT [CELLS [GENES]]

FORMAT is gzip, none, lzf (h5ad in compressed rows, so packed), csc, dense (h5ad, gzip), 10x-hdf5, 10x-folder, zarr2, zarr3,
loom or csv (packed with gzip, cells in rows). CELLS and GENES take that many from the start. Needs anndata.
"""
import gzip
import os
import sys
import warnings

import anndata
import h5py
import numpy as np
import scipy.sparse

warnings.simplefilter("ignore")
screen, form, output = sys.argv[1:4]
cells, genes = (int(word) for word in (sys.argv[4:] + ["0", "0"])[:2])
data = anndata.read_h5ad(screen)
if cells or genes:
    data = data[: cells or None, : genes or None].copy()
for table in (data.obs, data.var):
    table.index = table.index.astype(object)


def tenx_hdf5():
    packed = {"compression": "gzip", "compression_opts": 1, "shuffle": True}
    names = data.var_names.to_numpy("S")
    with h5py.File(output, "w") as file:
        file.attrs["filetype"], file.attrs["version"] = "matrix", 2
        matrix, features = file.create_group("matrix"), file.create_group("matrix/features")
        matrix.create_dataset("barcodes", data=data.obs_names.to_numpy("S"), **packed)
        for name, kind in (("data", "i4"), ("indices", "i8"), ("indptr", "i8")):
            matrix.create_dataset(name, data=getattr(data.X, name).astype(kind), chunks=(80000,), maxshape=(None,), **packed)
        matrix["shape"] = np.array(data.shape[::-1], "i4")
        features["_all_tag_keys"] = np.array([b"genome"])
        for name, values in (("id", names), ("name", names), ("feature_type", np.full(len(names), b"Gene Expression")),
                             ("genome", np.full(len(names), b"GRCh38"))):
            features.create_dataset(name, data=values, **packed)


def tenx_folder():
    os.makedirs(output)

    def write(name, lines):
        with gzip.open(os.path.join(output, name), "wt", compresslevel=6) as file:
            file.writelines(lines)

    write("barcodes.tsv.gz", (f"{name}\n" for name in data.obs_names))
    write("features.tsv.gz", (f"{name}\t{name}\tGene Expression\n" for name in data.var_names))
    with gzip.open(os.path.join(output, "matrix.mtx.gz"), "wt", compresslevel=6) as file:
        file.write("%%MatrixMarket matrix coordinate integer general\n%made of a simulated screen\n")
        file.write(f"{data.n_vars} {data.n_obs} {data.X.nnz}\n")
        for first in range(0, data.n_obs, 1000):
            part = data.X[first:first + 1000].tocoo()
            rows, columns = part.col + 1, part.row + first + 1
            file.writelines(f"{i} {j} {x}\n" for i, j, x in zip(rows.tolist(), columns.tolist(), part.data.astype(int).tolist()))


def loom():
    with h5py.File(output, "w") as file:
        file.create_dataset("matrix", data=data.X.T.toarray(), chunks=(64, 64), compression="gzip", compression_opts=2)
        for name in ("row_graphs", "col_graphs", "layers", "attrs"):
            file.create_group(name)
        text = h5py.string_dtype()
        file["attrs"].create_dataset("LOOM_SPEC_VERSION", data="3.0.0", dtype=text)
        file.create_dataset("row_attrs/Gene", data=data.var_names.to_numpy(object), dtype=text)
        file.create_dataset("col_attrs/CellID", data=data.obs_names.to_numpy(object), dtype=text)


def zarr(version):
    anndata.settings.zarr_write_format = version
    data.write_zarr(output)


if form in ("gzip", "none", "lzf"):
    data.write_h5ad(output, compression=None if form == "none" else form)
elif form in ("csc", "dense"):
    data.X = scipy.sparse.csc_matrix(data.X) if form == "csc" else data.X.toarray()
    data.write_h5ad(output, compression="gzip")
elif form == "csv":
    data.to_df().astype(int).to_csv(output, compression="gzip")
else:
    {"10x-hdf5": tenx_hdf5, "10x-folder": tenx_folder, "loom": loom, "zarr2": lambda: zarr(2), "zarr3": lambda: zarr(3)}[form]()
