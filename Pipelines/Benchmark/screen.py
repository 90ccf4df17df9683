#!/usr/bin/env python3
"""A simulated Perturb-seq screen as a file: negative-binomial counts with dropout, one control and many perturbations.

usage: screen.py CELLS GENES OUTPUT [--perturbations N] [--density D] [--seed N] [--compression gzip|none|lzf] [--log]

Needs numpy and h5py. Writes h5ad with counts in compressed rows (7 % of them not 0 by default), or with --log their
logarithms after normalisation to 10,000 a cell; obs/perturbation is a category with the control `non-targeting`.
The same arguments give the same counts. `screen_as.py` writes them in other formats.
"""
import argparse

import h5py
import numpy as np

parser = argparse.ArgumentParser()
parser.add_argument("cells", type=int)
parser.add_argument("genes", type=int)
parser.add_argument("output")
parser.add_argument("--perturbations", type=int, default=100)
parser.add_argument("--density", type=float, default=0.073)
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--compression", choices=["gzip", "none", "lzf"], default="gzip")
parser.add_argument("--log", action="store_true")
options = parser.parse_args()
random = np.random.default_rng(options.seed)
cells, genes, perturbations = options.cells, options.genes, options.perturbations

# A gamma-Poisson count of mean m and size r is 0 with probability (r / (r + m))^r; the depth is what gives the density.
share = np.exp(random.normal(0, 2, genes))
share /= share.sum()
size = np.exp(random.normal(np.log(2), 0.6, genes))
probe = np.exp(random.normal(0, 0.45, 64))
low, high = 1.0, 1e7
for _ in range(60):
    depth = np.sqrt(low * high)
    mean = share[None] * depth * probe[:, None]
    low, high = (low, depth) if 1 - ((size / (size + mean)) ** size).mean() > options.density else (depth, high)
weights = np.r_[0.1, np.full(perturbations, 0.9 / perturbations) * np.exp(random.normal(0, 0.3, perturbations))]
label = random.choice(perturbations + 1, cells, p=weights / weights.sum()).astype("i4")
scale = np.exp(random.normal(0, 0.45, cells))
folds = np.ones((perturbations + 1, genes), "f4")
for perturbation in range(1, perturbations + 1):
    changed = random.choice(genes, min(genes, int(random.integers(5, 200))), replace=False)
    folds[perturbation, changed] = np.exp(random.normal(0, 0.6, len(changed)))

packed = {"none": {}, "lzf": {"compression": "lzf"}, "gzip": {"compression": "gzip", "compression_opts": 4}}[
    options.compression]


def text(group, name, values):
    array = group.create_dataset(name, data=np.array(values, dtype=object), dtype=h5py.string_dtype())
    array.attrs["encoding-type"], array.attrs["encoding-version"] = "string-array", "0.2.0"


def frame(file, name, names, columns):
    group = file.create_group(name)
    group.attrs["encoding-type"], group.attrs["encoding-version"] = "dataframe", "0.2.0"
    group.attrs["_index"] = "_index"
    group.attrs.create("column-order", columns, dtype=h5py.string_dtype())
    text(group, "_index", names)
    return group


with h5py.File(options.output, "w") as file:
    file.attrs["encoding-type"], file.attrs["encoding-version"] = "anndata", "0.1.0"
    obs = frame(file, "obs", [f"cell{cell}" for cell in range(cells)], ["perturbation"])
    category = obs.create_group("perturbation")
    category.attrs["encoding-type"], category.attrs["encoding-version"] = "categorical", "0.2.0"
    category.attrs["ordered"] = False
    text(category, "categories", ["non-targeting"] + [f"target{number}" for number in range(1, perturbations + 1)])
    category.create_dataset("codes", data=label)
    frame(file, "var", [f"gene{gene}" for gene in range(genes)], np.array([], dtype=object))
    matrix = file.create_group("X")
    matrix.attrs["encoding-type"], matrix.attrs["encoding-version"] = "csr_matrix", "0.1.0"
    matrix.attrs["shape"] = (cells, genes)
    data = matrix.create_dataset("data", (0,), "f4", maxshape=(None,), chunks=(1 << 16,), **packed)
    indices = matrix.create_dataset("indices", (0,), "i4", maxshape=(None,), chunks=(1 << 16,), **packed)
    starts = [0]
    for first in range(0, cells, 500):
        block = slice(first, min(first + 500, cells))
        mean = share[None] * depth * scale[block, None] * folds[label[block]]
        counts = random.poisson(mean * random.gamma(size[None], 1 / size[None], mean.shape)).astype("f4")
        if options.log:
            counts = np.log1p(counts / np.maximum(counts.sum(1, keepdims=True), 1) * np.float32(1e4))
        rows, columns = np.nonzero(counts)
        values = counts[rows, columns]
        for array, part in ((data, values), (indices, columns)):
            array.resize((starts[-1] + len(values),))
            array[-len(values):] = part
        starts += (starts[-1] + np.cumsum(np.bincount(rows, minlength=mean.shape[0]))).tolist()
    # As scipy: peers expect row starts and columns of one width.
    matrix.create_dataset("indptr", data=np.array(starts, "i4" if starts[-1] < 2**31 else "i8"))
    if options.log:
        group = file.create_group("uns/log1p")
        for place in (file["uns"], group):
            place.attrs["encoding-type"], place.attrs["encoding-version"] = "dict", "0.1.0"
print(f"{cells} cells, {genes} genes, {starts[-1]} stored ({starts[-1] / cells / genes:.4f})")
