#!/usr/bin/env python3
"""Golden values of a Gaussian process over treatments from scikit-learn and SciPy.

usage: shift_processes.py OUTPUT_FOLDER (pip install scikit-learn scipy)
Writes values.json (inputs, parameters, and what the packages make of them) and provenance.json.
"""
import hashlib
import importlib.metadata
import json
import pathlib
import sys

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.stats import multivariate_normal
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, DotProduct, WhiteKernel

folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
seed = 5
random = np.random.default_rng(seed)


def single(x):
    """Exact in single precision, which shifts and features are kept in."""
    return np.round(x * 256) / 256


# Features in, one shift a perturbation out; no controls in common.
n, p = 12, 4
features = single(random.normal(size=(n, p)) * [1, 1.2, 0.9, 1.1])
shifts = single(random.normal(size=n))
unseen = single(random.normal(size=(3, p)))
cells = random.integers(2, 20, n).astype(float)
common, own, radial, linear = 0.36, 0.16, 0.64, 0.25
x = (features - features.mean(0)) / features.std(0)
kernel = (ConstantKernel(common) + ConstantKernel(radial) * RBF(np.sqrt(p))
          + ConstantKernel(linear / p) * DotProduct(0, "fixed") + WhiteKernel(own))
process = GaussianProcessRegressor(kernel, alpha=1 / cells, optimizer=None).fit(x, shifts)
mean, spread = process.predict((unseen - features.mean(0)) / features.std(0), return_std=True)
by_features = dict(
    features=features.tolist(), shifts=shifts.tolist(), unseen=unseen.tolist(), cells=cells.tolist(),
    weights=[common, own, radial, linear], mean=mean.tolist(), variance=(spread**2).tolist())

# Perturbations at doses in steps of e, three genes of unlike signal, controls that two perturbations share.
names = [k for k in range(5) for _ in range(3)]
steps = [s for _ in range(5) for s in (-1.0, 0.0, 1.0)]
n = len(names)
cells = random.integers(2, 20, n).astype(float)
groups = [k // 2 for k in names]
control_cells = [3.0, 5.0, 4.0]
weights = dict(common=0.3, own=0.4, near=0.5, treatment=0.2)
growth = 0.25
variances = [0.5, 1.0, 2.0]
scales = [0.5, 1.0, 4.0]
shifts = single(random.normal(size=(n, 3)))


def covariance(a, b, same):
    """Of treatments (name, step); the deepest term is of the very treatment."""
    value = weights["common"]
    if a[0] == b[0]:
        value += weights["own"] + weights["near"] * np.exp(-0.5 * (a[1] - b[1])**2)
    if same:
        value += weights["treatment"]
    return np.exp(growth * (a[1] + b[1])) * value


treatments = list(zip(names, steps))
k = np.array([[covariance(a, b, i == j) for j, b in enumerate(treatments)] for i, a in enumerate(treatments)])
noise = np.diag(1 / cells) + np.array(
    [[1 / control_cells[a] if a == b else 0 for b in groups] for a in groups])


def posterior(cross, prior, rows, gene):
    """Of the true shift, from some rows of what was measured."""
    total = (scales[gene] * k + noise)[np.ix_(rows, rows)]
    solved = np.linalg.solve(total, np.stack([shifts[rows, gene], scales[gene] * cross], 1))
    return [scales[gene] * cross @ solved[:, 0], variances[gene] * (scales[gene] * prior - scales[gene] * cross @ solved[:, 1])]


asked = [(0, 0.5), (9, 1.0)]
predicted = [[posterior(np.array([covariance(a, b, False) for b in treatments]), covariance(a, a, True), np.arange(n), g)
              for g in range(3)] for a in asked]
held = []
for i in range(n):
    rest = np.array([j for j in range(n) if names[j] != names[i]])
    held.append([posterior(k[i, rest], k[i, i], rest, g) for g in range(3)])


def log_posterior(log_scale, gene):
    """Of one gene's shifts in units of its noise, at one scale of its signal; the prior's constant left out."""
    density = multivariate_normal(cov=np.exp(log_scale) * k + noise).logpdf(shifts[:, gene] / np.sqrt(variances[gene]))
    return density - 0.5 * (log_scale / 1.5)**2


found = [minimize_scalar(lambda s: -log_posterior(s, g), bounds=(-8, 8), method="bounded", options=dict(xatol=1e-10))
         for g in range(3)]
by_dose = dict(
    names=names, steps=steps, cells=cells.tolist(), groups=groups, controlCells=control_cells,
    weights=[weights[w] for w in ("common", "own", "near", "treatment")], growth=growth, variances=variances,
    scales=scales, shifts=shifts.tolist(), asked=asked, predicted=predicted, heldOut=held,
    logPosterior=-sum(float(f.fun) for f in found), logDeterminant=float(np.linalg.slogdet(noise)[1]))

text = json.dumps(dict(byFeatures=by_features, byDose=by_dose), indent=1)
(folder / "values.json").write_text(text)
provenance = dict(
    peer="scikit-learn, scipy",
    version=", ".join(importlib.metadata.version(name) for name in ("scikit-learn", "scipy")),
    command="python3 Pipelines/Golden/shift_processes.py Reference/Golden/ShiftProcesses", seed=seed,
    sha256={"values.json": hashlib.sha256(text.encode()).hexdigest()},
    tolerance={"all": "1e-9 relative: order of summation in double precision, condition numbers below 1e3"})
(folder / "provenance.json").write_text(json.dumps(provenance, indent=2) + "\n")
