#!/usr/bin/env python3
"""Golden values of preprocessing from scanpy (pip install scanpy scikit-misc) on small simulated screens.

usage: preprocessing.py OUTPUT_FOLDER
Writes one table each for counts, normalised values, logarithms, scaled values, cells, genes, pseudobulk, principal
components, a screen in batches with its variable genes, and local regressions, and provenance.json.
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
import sklearn
from skmisc import __version__ as skmisc_version
from skmisc.loess import loess

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
sparse = data.copy()
sc.pp.scale(sparse, zero_center=False, max_value=1.5)
masked = data.copy()
masked.X = masked.X.toarray().astype("f8")
sc.pp.scale(masked, mask_obs=np.arange(data.n_obs) < 40)
matrix("scaled_sparse", sparse)
matrix("scaled_masked", masked)


def components(name, source, count, **options):
    values = source.X.toarray().astype("f8")
    work = anndata.AnnData(values, source.obs, source.var)
    sc.pp.pca(work, n_comps=count, svd_solver="arpack", dtype="float64", **options)
    axes = [f"PC{i + 1}" for i in range(count)]
    write(f"{name}_loadings", pd.DataFrame(work.varm["PCs"], work.var_names, axes), 17)
    write(f"{name}_scores", pd.DataFrame(work.obsm["X_pca"], work.obs_names, axes), 17)
    info = {key: work.uns["pca"][key] for key in ["variance", "variance_ratio"]}
    write(f"{name}_variances", pd.DataFrame(info, axes), 17)


components("pca", data, 8)
components("pca_uncentred", data, 5, zero_center=False)

# A screen in three batches of different depth, so large that local regressions have something to stand on.
random = np.random.RandomState(17)
cells, genes = 120, 200
mean = np.exp(random.normal(0.3, 1.3, genes))
batch = np.sort(random.choice(3, cells, p=[0.5, 0.3, 0.2]))
size = np.exp(random.normal(0, 0.3, cells)) * np.array([1.0, 0.6, 1.7])[batch]
shift = np.exp(random.normal(0, 0.3, (3, genes)))[batch]
counts = random.poisson(mean[None] * size[:, None] * shift * random.gamma(2.0, 0.5, (cells, genes)))
counts[batch == 1, :5] = 0
order = random.permutation(genes)
batched = anndata.AnnData(
    scipy.sparse.csr_matrix(counts.astype("f4")),
    pd.DataFrame({"batch": pd.Categorical(batch.astype(str))}, index=[f"c{i}" for i in range(cells)]),
    pd.DataFrame(index=[f"G{i}" for i in order]),
)
batched = batched[:, (batched.X > 0).sum(axis=0).A1 > 2].copy()
matrix("batched_counts", batched)
write("batched_cells", batched.obs, 9)
logs = batched.copy()
sc.pp.normalize_total(logs, target_sum=200)
sc.pp.log1p(logs)
table = pd.DataFrame(index=batched.var_names)
for name, source, options in [
    ("seurat_top", logs, dict(flavor="seurat", n_top_genes=30, batch_key="batch")),
    ("seurat_cutoffs", logs, dict(flavor="seurat", batch_key="batch")),
    ("seurat_narrow", logs, dict(flavor="seurat", min_mean=0.5, max_mean=2.5, min_disp=0.2, max_disp=2, n_bins=8)),
    ("cell_ranger_top", logs, dict(flavor="cell_ranger", n_top_genes=30, batch_key="batch")),
    ("v3", batched, dict(flavor="seurat_v3", n_top_genes=40)),
    ("v3_span", batched, dict(flavor="seurat_v3", n_top_genes=40, span=0.6)),
    ("v3_batch", batched, dict(flavor="seurat_v3", n_top_genes=40, batch_key="batch")),
    ("paper_batch", batched, dict(flavor="seurat_v3_paper", n_top_genes=40, batch_key="batch")),
]:
    ranked = source.copy()
    sc.pp.highly_variable_genes(ranked, **options)
    for column in ranked.var.columns:
        values = ranked.var[column]
        table[f"{name}_{column}"] = values.astype(int if values.dtype.kind in "bi" else "f8")
write("batched_variability", table, 12)

# Local regressions as seurat_v3 asks for them: untied, tied, few points, another span.
random = np.random.RandomState(23)
rows = []
for name, count, digits, span in [
    ("plain", 300, 15, 0.3), ("few", 25, 15, 0.3), ("tied", 300, 2, 0.3), ("coarse", 150, 1, 0.3),
    ("wide", 120, 15, 0.75), ("all", 60, 15, 1.0), ("narrow", 200, 15, 0.1),
]:
    x = np.round(random.normal(-0.5, 0.8, count), digits)
    y = 1.2 * x + 0.2 * x * x + random.normal(0, 0.3, count)
    model = loess(x, y, span=span, degree=2)
    model.fit()
    rows.append(pd.DataFrame({"span": span, "x": x, "y": y, "fitted": model.outputs.fitted_values}, [name] * count))
write("loess", pd.concat(rows), 17)
provenance = {
    "peer": "scanpy",
    "version": sc.__version__,
    "with": {"scikit-learn": sklearn.__version__, "scikit-misc": skmisc_version},
    "command": "python3 Pipelines/Golden/preprocessing.py Reference/Golden/Preprocessing",
    "seed": 5,
    "sha256": sums,
    "tolerance": {
        "normalised": "none: the same divisions in single precision",
        "log1p": "2 units in the last place: numpy's single-precision log1p is not correctly rounded",
        "variability": "1e-5 relative: built on single-precision expm1 and, for dispersions_norm, stored in it",
        "scaled": "1e-6: single-precision result",
        "scaled_sparse": "1e-6: single-precision result",
        "scaled_masked": "1e-6: single-precision result",
        "pca": "1e-9 relative for variances, 1e-6 for loadings and scores: eigenvectors turn by the rounding of the input "
        "(1e-7 for scores in single precision) over the gap between eigenvalues",
        "batched_variability": "1e-5 relative for dispersions (as variability); 1e-9 for seurat_v3: sums of whole numbers "
        "are exact, local regressions agree to 1e-12",
        "loess": "1e-11 of the range of y: both solve well-conditioned least squares in double precision",
        "pseudobulk": "1e-12: order of summation in double precision",
    },
}
(folder / "provenance.json").write_text(json.dumps(provenance, indent=2) + "\n")
