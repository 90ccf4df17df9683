#!/usr/bin/env python3
"""Golden values of preprocessing from scanpy (pip install scanpy) on a small simulated screen.

usage: preprocessing.py OUTPUT_FOLDER
Writes one table each for counts, normalised values, logarithms, scaled values, cells, genes and pseudobulk, and
provenance.json.
"""
import hashlib
import json
import pathlib
import sys
import warnings

import anndata
import numpy as np
import pandas as pd
import scanpy as sc
import scipy.sparse

warnings.simplefilter("ignore")
folder = pathlib.Path(sys.argv[1])
random = np.random.RandomState(5)
cells, genes = 60, 50
mean = np.exp(random.normal(0, 1.2, genes))
size = np.exp(random.normal(0, 0.4, cells))
counts = random.poisson(mean[None] * size[:, None] * random.gamma(2.0, 0.5, (cells, genes)))
counts[7] = 0
counts[:, 11] = 0
counts[3, 12], counts[:3, 12], counts[4:, 12] = 1, 0, 0
data = anndata.AnnData(
    scipy.sparse.csr_matrix(counts.astype("f4")),
    pd.DataFrame({"group": random.choice(["a", "b", "c"], cells)}, index=[f"c{i}" for i in range(cells)]),
    pd.DataFrame({"mt": np.arange(genes) < 4}, index=[f"MT-{i}" if i < 4 else f"G{i}" for i in range(genes)]),
)
sums = {}


def write(name, frame, digits):
    text = frame.to_csv(sep="\t", float_format=f"%.{digits}g", na_rep="nan")
    (folder / f"{name}.tsv").write_text(text)
    sums[f"{name}.tsv"] = hashlib.sha256(text.encode()).hexdigest()


def matrix(name, source, values=None, digits=9):
    values = source.X if values is None else values
    values = values.toarray() if scipy.sparse.issparse(values) else values
    write(name, pd.DataFrame(values, source.obs_names, source.var_names), digits)


matrix("counts", data)
quality = data.copy()
sc.pp.calculate_qc_metrics(quality, qc_vars=["mt"], percent_top=None, log1p=False, inplace=True)
write("cells", quality.obs, 9)
sc.pp.filter_cells(data, min_genes=3)
sc.pp.filter_genes(data, min_cells=3)
sums_by_group = sc.get.aggregate(data, by="group", func=["mean"])
matrix("pseudobulk", sums_by_group, sums_by_group.layers["mean"], 17)
sc.pp.normalize_total(data)
matrix("normalised", data)
sc.pp.log1p(data)
matrix("log1p", data)
table = pd.DataFrame(index=data.var_names)
for flavor in ["seurat", "cell_ranger"]:
    ranked = data.copy()
    sc.pp.highly_variable_genes(ranked, flavor=flavor, n_top_genes=12)
    cut = data.copy()
    sc.pp.highly_variable_genes(cut, flavor=flavor)
    for column in ["means", "dispersions", "dispersions_norm"]:
        table[f"{flavor}_{column}"] = ranked.var[column].astype("f8")
    table[f"{flavor}_top12"] = ranked.var["highly_variable"].astype(int)
    table[f"{flavor}_cutoffs"] = cut.var["highly_variable"].astype(int)
write("variability", table, 17)
scaled = data.copy()
scaled.X = scaled.X.toarray().astype("f8")
sc.pp.scale(scaled, max_value=2)
matrix("scaled", scaled)
provenance = {
    "peer": "scanpy",
    "version": sc.__version__,
    "command": "python3 Pipelines/Golden/preprocessing.py Reference/Golden/Preprocessing",
    "seed": 5,
    "sha256": sums,
    "tolerance": {
        "normalised": "none: the same divisions in single precision",
        "log1p": "2 units in the last place: numpy's single-precision log1p is not correctly rounded",
        "variability": "1e-5 relative: built on single-precision expm1 and, for dispersions_norm, stored in it",
        "scaled": "1e-6: single-precision result",
        "pseudobulk": "1e-12: order of summation in double precision",
    },
}
(folder / "provenance.json").write_text(json.dumps(provenance, indent=2) + "\n")
