#!/usr/bin/env python3
"""Golden values of comparisons from scanpy, scperturb and scipy (pip install scanpy scperturb) on a small simulated screen.

usage: comparisons.py OUTPUT_FOLDER
Writes the expression, labels and coordinates of the cells, the ranked genes, the distances and provenance.json.
"""
import hashlib
import importlib.metadata
import itertools
import json
import pathlib
import sys
import warnings

import anndata
import numpy as np
import pandas as pd
import scanpy as sc
import scipy.sparse
import scperturb
from scipy.spatial.distance import cdist, cosine, correlation
from scipy.stats import ttest_ind_from_stats, wasserstein_distance

warnings.simplefilter("ignore")
folder = pathlib.Path(sys.argv[1])
random = np.random.RandomState(7)
cells, genes = 90, 24
labels = np.array(random.choice(["a", "b", "control"], cells, p=[0.2, 0.3, 0.5]), dtype=object)
labels[[4, 40]] = None
fold = np.exp(random.normal(0, 0.7, genes))
mean = np.exp(random.normal(-0.3, 1.3, genes))[None] * np.where((labels == "a")[:, None], fold[None], 1)
# Few different values, so that there are many ties.
values = np.log1p(random.poisson(mean * random.gamma(2.0, 0.5, (cells, genes)))).astype("f4")
values[:, 3] = 0
values[:, 5] = 1
values[:, 7] = np.where(labels == "a", values[:, 0] + 0.5, 0)
values[:, 9] -= np.float32(0.75)
values[:, 11] = random.normal(0, 1, cells)
coordinates = random.normal(1, 1, (cells, 5)).astype("f4")
coordinates[labels == "a"] += np.float32(0.8)
coordinates[labels == "b"] *= np.float32(1.6)
names = [f"c{i}" for i in range(cells)]
data = anndata.AnnData(
    scipy.sparse.csr_matrix(values),
    pd.DataFrame({"label": pd.Categorical(labels)}, index=names),
    pd.DataFrame(index=[f"g{i}" for i in range(genes)]),
    obsm={"X_pca": coordinates.astype("f8")},
)
sums = {}


def write(name, frame, digits=17, index=True):
    text = frame.to_csv(sep="\t", float_format=f"%.{digits}g", na_rep="", index=index)
    (folder / f"{name}.tsv").write_text(text)
    sums[f"{name}.tsv"] = hashlib.sha256(text.encode()).hexdigest()


write("expression", pd.DataFrame(values, names, data.var_names), 9)
write("coordinates", pd.DataFrame(coordinates, names), 9)
write("labels", data.obs)
tables = []
for (method, corrected), reference in itertools.product(
    [("t-test", False), ("t-test_overestim_var", False), ("wilcoxon", False), ("wilcoxon", True)], ["control", "rest"]
):
    ties = {"tie_correct": corrected} if method == "wilcoxon" else {}
    sc.tl.rank_genes_groups(data, "label", method=method, reference=reference, pts=True, **ties)
    ranked = data.uns["rank_genes_groups"]
    for group in ranked["names"].dtype.names:
        gene = ranked["names"][group]
        other = ranked["pts_rest"][group] if reference == "rest" else ranked["pts"][reference]
        table = {"method": method + ("_ties" if corrected else ""), "reference": reference, "group": group}
        table |= {"gene": gene, "score": ranked["scores"][group], "p_value": ranked["pvals"][group]}
        table |= {"p_adjusted": ranked["pvals_adj"][group], "log2_fold_change": ranked["logfoldchanges"][group]}
        table |= {"fraction": ranked["pts"][group].loc[gene].values, "fraction_reference": other.loc[gene].values}
        tables.append(pd.DataFrame(table))
write("genes", pd.concat(tables), index=False)

# scanpy keeps variances in single precision; scipy's tests of the same values in double tell how much that changes.
exact = values.astype("f8")
tests, deviations = [], []
for (method, reference, group), table in pd.concat(tables).groupby(["method", "reference", "group"], sort=False):
    if not method.startswith("t-test"):
        continue
    own = exact[labels == group]
    other = exact[labels == "control" if reference == "control" else labels != group]
    count = len(own) if method.endswith("overestim_var") else len(other)
    moments = [own.mean(0), own.std(0, ddof=1), len(own), other.mean(0), other.std(0, ddof=1), count]
    test = ttest_ind_from_stats(*moments, equal_var=False)
    found = pd.DataFrame({"gene": data.var_names, "score": test.statistic, "p_value": test.pvalue})
    tests.append(found.assign(method=method, reference=reference, group=group))
    both = table.merge(found, on="gene").dropna(subset=["p_value_y"])
    deviations.append((both["p_value_x"] / both["p_value_y"] - 1).abs().max())
write("t_tests", pd.concat(tests)[["method", "reference", "group", "gene", "score", "p_value"]], index=False)

space = coordinates.astype("f8")
reference = space[labels == "control"]
peer = scperturb.edist_to_control(
    data[data.obs["label"].notna()].copy(), "label", "control", n_jobs=1, verbose=False)["distance"]
sample = np.r_[tuple(space[labels == label] for label in ["a", "b", "control"])]
between = cdist(sample, sample)
bandwidth = np.median(between[np.triu_indices(len(sample), 1)])
rows = []
for group in ["a", "b"]:
    own = space[labels == group]
    n, m = len(own), len(reference)

    def energy(kernel, corrected):
        within = [kernel(x, x).sum() / (len(x) * (len(x) - (1 if corrected else 0))) for x in (own, reference)]
        return 2 * kernel(own, reference).sum() / (n * m) - sum(within)

    def squared(x, y):
        return cdist(x, y, "sqeuclidean")

    def gaussian(x, y):
        kernel = np.exp(-cdist(x, y, "sqeuclidean") / (2 * bandwidth**2))
        return kernel

    def without_diagonal(x, y):
        return gaussian(x, y) - (np.eye(len(x)) if x is y else 0)

    transport = [wasserstein_distance(own[:, k], reference[:, k]) for k in range(5)]
    a, b = own.mean(0), reference.mean(0)
    rows += [
        (group, "e-distance", peer[group]),
        (group, "e-distance-biased", energy(squared, False)),
        (group, "energy-distance", energy(cdist, True)),
        (group, "energy-distance-biased", energy(cdist, False)),
        (group, "mmd", -energy(without_diagonal, True)),
        (group, "mmd-biased", -energy(gaussian, False)),
        (group, "mean-pairwise", squared(own, reference).mean()),
        (group, "wasserstein", np.mean(transport)),
        (group, "mean-shift", np.linalg.norm(a - b)),
        (group, "mean-cosine", cosine(a, b)),
        (group, "mean-pearson", correlation(a, b)),
    ]
write("distances", pd.DataFrame(rows, columns=["group", "metric", "value"]), index=False)
provenance = {
    "peer": "scanpy, scperturb, scipy",
    "version": ", ".join(importlib.metadata.version(name) for name in ["scanpy", "scperturb", "scipy"]),
    "command": "python3 Pipelines/Golden/comparisons.py Reference/Golden/Shifts",
    "seed": 7,
    "sha256": sums,
    "tolerance": {
        "genes: score, log2_fold_change": "1e-5: single-precision means in log2_fold_change, single-precision scores",
        "genes: p_value of t-tests": f"1e-6 relative: single-precision variances there, which are {max(deviations):.1e} off scipy's double precision",
        "t_tests": "1e-10 relative: order of summation in double precision",
        "genes: p_value of wilcoxon": "1e-11 relative: order of operations in the score, times its square in the tail",
        "distances": "1e-10: order of summation in double precision",
    },
}
(folder / "provenance.json").write_text(json.dumps(provenance, indent=2, ensure_ascii=False) + "\n")
