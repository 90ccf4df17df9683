#!/usr/bin/env python3
"""Golden values of classical structure learning from lingam, pgmpy, statsmodels and scikit-learn.

usage: discovery.py OUTPUT_FOLDER (pip install lingam pgmpy statsmodels scikit-learn)
Writes cells of four small models, what the packages make of them (values.json), and provenance.json.
"""
import hashlib
import importlib.metadata
import json
import logging
import pathlib
import sys
import warnings

import lingam
import numpy as np
import pandas as pd
import statsmodels.api as sm
from pgmpy.estimators import BICGauss, HillClimbSearch
from sklearn.covariance import LedoitWolf
from sklearn.linear_model import LinearRegression
from sklearn.preprocessing import SplineTransformer, StandardScaler

warnings.simplefilter("ignore")
logging.disable(logging.WARNING)
folder = pathlib.Path(sys.argv[1])
seed = 11
random = np.random.RandomState(seed)
sums, values = {}, {}


def write(name, text):
    (folder / name).write_text(text)
    sums[name] = hashlib.sha256(text.encode()).hexdigest()


def keep(name, matrix, target=None):
    """Single precision, as the tool reads; the last column names the gene that was intervened on, −1 for none."""
    matrix = matrix.astype("f4")
    frame = pd.DataFrame(matrix, columns=[f"g{i}" for i in range(matrix.shape[1])])
    frame["target"] = -1 if target is None else target
    write(f"{name}.tsv", frame.to_csv(sep="\t", index=False, float_format="%.9g"))
    return matrix.astype("f8")


def linear(cells, genes, noise, share=0.4, target=None):
    """A random acyclic linear model, its genes in random order."""
    order = random.permutation(genes)
    weights = np.zeros((genes, genes))
    for place, gene in enumerate(order):
        for cause in order[:place]:
            if random.uniform() < share:
                weights[cause, gene] = random.choice([-1, 1]) * random.uniform(0.5, 1.5)
    x = np.zeros((cells, genes))
    for gene in order:
        x[:, gene] = x @ weights[:, gene] + noise(cells) * random.uniform(0.5, 1.5)
        if target is not None:
            x[target == gene, gene] = 3 + random.normal(size=(target == gene).sum())
    return x + random.uniform(-2, 2, genes), weights


# Correlations, partial correlations and LiNGAM.
for name, cells, genes, noise in [("laplace", 240, 7, "laplace"), ("uniform", 150, 10, "uniform")]:
    draw = {"laplace": lambda n: random.laplace(size=n), "uniform": lambda n: random.uniform(-1.7, 1.7, n)}[noise]
    x = keep(name, linear(cells, genes, draw)[0])
    shrunk = LedoitWolf().fit(StandardScaler().fit_transform(x))
    scale = np.sqrt(np.diag(shrunk.precision_))
    model = lingam.DirectLiNGAM()
    model.fit(x)
    values[name] = {
        "correlations": np.corrcoef(x.T).tolist(),
        "shrinkage": shrunk.shrinkage_,
        "partialCorrelations": (-shrunk.precision_ / np.outer(scale, scale)).tolist(),
        "causalOrder": [int(i) for i in model.causal_order_],
        "weights": model.adjacency_matrix_.T.tolist(),
    }

# Bayesian criterion and greedy search, without interventions.
x = keep("gaussian", linear(200, 6, lambda n: random.normal(size=n))[0])
frame = pd.DataFrame(x, columns=[f"g{i}" for i in range(6)])
criterion = BICGauss(frame)


def difference(parents):
    """Of the criterion, to the graph without edges."""
    names = frame.columns
    return sum(
        criterion.local_score(names[j], [names[i] for i in causes]) - criterion.local_score(names[j], [])
        for j, causes in enumerate(parents))


graphs = []
for _ in range(4):
    order = random.permutation(6)
    parents = [[] for _ in range(6)]
    for place, gene in enumerate(order):
        parents[gene] = sorted(int(i) for i in order[:place] if random.uniform() < 0.5)
    graphs.append({"parents": parents, "difference": difference(parents)})
found = HillClimbSearch(frame).estimate(scoring_method=criterion, show_progress=False, epsilon=1e-8)
parents = [sorted(int(a[1:]) for a, b in found.edges() if b == f"g{j}") for j in range(6)]
values["gaussian"] = {"graphs": graphs, "search": {"parents": parents, "difference": difference(parents)}}

# The same with interventions: each gene on the cells in which it was left alone. Shifts of means.
target = np.repeat([-1, 0, 1, 2, 3, 4], [120, 25, 20, 25, 15, 25])
x, weights = linear(230, 6, lambda n: random.normal(size=n), target=target)
x = keep("interventions", x, target)


def likelihood(gene, causes):
    own = target != gene
    design = np.column_stack([np.ones(own.sum())] + [x[own, cause] for cause in causes])
    fit = sm.OLS(x[own, gene], design).fit()
    return fit.llf - 0.5 * len(causes) * np.log(own.sum())


truth = [[int(i) for i in np.flatnonzero(weights[:, j])] for j in range(6)]
graphs = []
for parents in [truth, values["gaussian"]["graphs"][0]["parents"]]:
    score = sum(likelihood(j, causes) - likelihood(j, []) for j, causes in enumerate(parents))
    graphs.append({"parents": parents, "difference": score})
control = x[target == -1]
shifts = [
    ((x[target == i].mean(0) - control.mean(0)) / control.std(0)).tolist() if (target == i).any() else [0.0] * 6
    for i in range(6)
]
values["interventions"] = {"truth": truth, "graphs": graphs, "shifts": shifts}

# Additive models: what splines of the parents leave of a gene's variance, on cells where it was left alone.
target = np.repeat([-1, 0, 1, 2], [200, 30, 30, 30])
x = random.normal(size=(290, 4))
x[:, 1] = np.sin(2 * x[:, 0]) + 0.4 * x[:, 1]
x[target == 1, 1] = random.normal(2, 1, 30)
x[:, 2] = x[:, 0] ** 2 - np.tanh(2 * x[:, 1]) + 0.5 * x[:, 2]
x[target == 2, 2] = random.normal(-2, 1, 30)
x[:, 3] = np.abs(x[:, 2]) + 0.5 * x[:, 3]
x = keep("curved", x, target)
basis = SplineTransformer(n_knots=9, degree=3, knots="quantile").fit(x)
columns = basis.transform(x).reshape(290, 4, -1)
regressions = []
for gene, causes in [(1, [0]), (0, [1]), (2, [0, 1]), (3, [2]), (2, [3, 0]), (3, [0, 1, 2])]:
    own = target != gene
    design = columns[own][:, causes].reshape(own.sum(), -1)
    left = x[own, gene] - LinearRegression().fit(design, x[own, gene]).predict(design)
    regressions.append({"gene": gene, "parents": causes, "share": left.var() / x[:, gene].var()})
values["curved"] = {"regressions": regressions}

write("values.json", json.dumps(values, indent=1) + "\n")
peers = ["lingam", "pgmpy", "statsmodels", "scikit-learn", "numpy"]
provenance = {
    "peer": ", ".join(peers),
    "version": ", ".join(importlib.metadata.version(peer) for peer in peers),
    "command": "python3 Pipelines/Golden/discovery.py Reference/Golden/Discovery",
    "seed": seed,
    "sha256": sums,
    "tolerance": {
        "correlations, partialCorrelations, shrinkage, shifts": "1e-10: order of summation in double precision",
        "causalOrder": "exact",
        "weights": "1e-8: least squares by normal equations, whose condition is below 1e4, instead of by SVD",
        "difference": "1e-6: a few hundred cells times the error of a logarithm; pgmpy fits iteratively",
        "share": "1e-8: normal equations of orthogonal columns instead of SVD",
    },
}
(folder / "provenance.json").write_text(json.dumps(provenance, indent=2) + "\n")
