#!/usr/bin/env python3
"""Golden scores of predictions from numpy, scipy and scikit-learn (pip install scipy scikit-learn) on small random cells.

usage: predictions.py OUTPUT_FOLDER
Writes predicted.tsv, measured.tsv, predictions.tsv (metric, value) and predictions.provenance.json.
"""
import hashlib
import importlib.metadata
import json
import pathlib
import sys

import numpy as np
from scipy.spatial.distance import cdist, pdist
from scipy.stats import pearsonr, wasserstein_distance
from sklearn.decomposition import PCA
from sklearn.metrics import r2_score, root_mean_squared_error
from sklearn.metrics.pairwise import cosine_similarity, rbf_kernel

folder = pathlib.Path(sys.argv[1])
random = np.random.RandomState(11)
genes = 60
scale = random.gamma(2.0, 0.4, genes)
measured = (random.normal(0, 1, (17, genes)) * scale + 0.5).astype("f4")
predicted = (random.normal(0, 1.3, (23, genes)) * scale + 0.2).astype("f4")
measured[:, 3] = 0
predicted[:, 5] = np.round(predicted[:, 5])
control = random.normal(0.1, 0.2, genes).astype("f4")
sums = {}


def write(name, text):
    (folder / name).write_text(text)
    sums[name] = hashlib.sha256(text.encode()).hexdigest()


def table(values):
    return "".join("\t".join(f"{x:.9g}" for x in row) + "\n" for row in np.atleast_2d(values))


write("predicted.tsv", table(predicted))
write("measured.tsv", table(measured))
write("control.tsv", table(control))
p, t, c = predicted.astype("f8"), measured.astype("f8"), control.astype("f8")
a, b = p.mean(0) - c, t.mean(0) - c
top = np.argsort(-np.abs(b), kind="stable")[:50]
values = {
    "pearson": pearsonr(a, b).statistic,
    "pearsonOfTopGenes": pearsonr(a[top], b[top]).statistic,
    "rootMeanSquareError": root_mean_squared_error(b, a),
    "determination": r2_score(b, a),
    "cosine": cosine_similarity(a[None], b[None])[0, 0],
    "signAccuracy": np.mean(np.sign(a[top]) == np.sign(b[top])),
}


def unbiased(kernel):
    n, m = len(p), len(t)
    pp, tt, pt = kernel(p, p), kernel(t, t), kernel(p, t)
    np.fill_diagonal(pp, 0)
    np.fill_diagonal(tt, 0)
    return pp.sum() / (n * (n - 1)) + tt.sum() / (m * (m - 1)) - 2 * pt.mean()


both = np.concatenate([p, t])
width = np.median(pdist(both))
values["bandwidth"] = width
values["energyDistance"] = -unbiased(cdist)
values["meanDiscrepancy"] = unbiased(lambda x, y: rbf_kernel(x, y, gamma=1 / (2 * width**2)))
# All components that 40 cells have: 39.
frame = PCA().fit(both)
frame.components_ = frame.components_[:39]
projected = frame.transform(p), frame.transform(t)
swap = p, t
p, t = projected
values["eDistance"] = -unbiased(lambda x, y: cdist(x, y, "sqeuclidean"))
p, t = swap
values["wasserstein"] = np.mean([wasserstein_distance(p[:, j], t[:, j]) for j in range(genes)])
variable = t.var(0) > 0
values["varianceRatio"] = np.median(p.var(0, ddof=1)[variable] / t.var(0, ddof=1)[variable])
write("predictions.tsv", "".join(f"{name}\t{value:.17g}\n" for name, value in values.items()))
peers = ["numpy", "scipy", "scikit-learn"]
provenance = {
    "peer": ", ".join(peers),
    "version": ", ".join(importlib.metadata.version(peer) for peer in peers),
    "command": "python3 Pipelines/Golden/predictions.py Reference/Golden/Predictions",
    "seed": 11,
    "sha256": sums,
    "tolerance": {
        "predictions": "1e-9: order of summation in double precision; distances as differences of squares lose some digits"
    },
}
(folder / "provenance.json").write_text(json.dumps(provenance, indent=2) + "\n")
