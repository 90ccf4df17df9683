#!/usr/bin/env python3
"""Golden values of Gaussian processes over features and over effects from scikit-learn and SciPy.

usage: feature_models.py OUTPUT_FOLDER (pip install scikit-learn scipy)
Writes values.json (inputs, parameters, and what the packages make of them) and provenance.json.
"""
import hashlib
import importlib.metadata
import json
import pathlib
import sys

import numpy as np
from scipy.stats import matrix_normal
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, DotProduct, WhiteKernel

folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
seed = 5
random = np.random.default_rng(seed)

# Features in, response out: mean course, radial and linear parts, own course and noise.
n, p = 12, 4
# Exact in single precision, which the models keep features in.
features = np.round(random.normal(size=(n, p)) * [1, 1.2, 0.9, 1.1] * 256) / 256
response = np.round(random.normal(size=n), 3)
unseen = np.round(random.normal(size=(3, p)), 3)
mean, own, noise, radial, linear, length = 0.6, 0.4, 0.3, 0.8, 0.5, 1.3
deviation = np.sqrt(features.var(0).mean())
x = (features - features.mean(0)) / deviation
kernel = (ConstantKernel(mean**2) + ConstantKernel(radial**2) * RBF(length * np.sqrt(p))
          + ConstantKernel(linear**2 / p) * DotProduct(0, "fixed") + WhiteKernel(own**2 + noise**2 + 1e-6))
process = GaussianProcessRegressor(kernel, alpha=0, optimizer=None).fit(x, response)
predicted, spread = process.predict((unseen - features.mean(0)) / deviation, return_std=True)
held = []
for i in range(n):
    rest = np.arange(n) != i
    m, s = GaussianProcessRegressor(kernel, alpha=0, optimizer=None).fit(x[rest], response[rest]).predict(
        x[i:i + 1], return_std=True)
    held.append([float(m[0]), float(s[0] ** 2)])
direct = dict(
    features=features.tolist(), response=response.tolist(), unseen=unseen.tolist(),
    parameters=[mean, own, noise, radial, linear, length], evidence=process.log_marginal_likelihood(kernel.theta),
    mean=predicted.tolist(), variance=(spread**2 - noise**2 - 1e-6).tolist(), heldOut=held)

# Effects in, features out: constant, linear and arcsine covariance.
n, d, q, p = 9, 4, 2, 5
z = np.round(random.normal(size=(n, d + q)), 3)
outputs = np.round(random.normal(size=(n, p)), 3)
lengths, bias, network, affine, constant, noise = [0.7, 0.4, 0.6], 0.5, 1.1, 0.3, 0.2, 0.25
scale = np.array([lengths[0]] * d + lengths[1:])
u = np.hstack([z * scale, np.full((n, 1), bias)])
dots = u @ u.T
size = 1 + 2 * np.diag(dots)
covariance = (constant**2 + affine**2 * dots + network**2 * 2 / np.pi * np.arcsin(2 * dots / np.sqrt(np.outer(size, size)))
              + (noise**2 + 1e-6) * np.eye(n))
inverse = dict(
    coordinates=z.tolist(), outputs=outputs.tolist(), genes=d,
    parameters=lengths + [bias, network, affine, constant, noise], covariance=covariance.tolist(),
    evidence=float(matrix_normal(rowcov=covariance, colcov=np.eye(p)).logpdf(outputs)))

text = json.dumps(dict(direct=direct, inverse=inverse), indent=1)
(folder / "values.json").write_text(text)
provenance = dict(
    peer="scikit-learn, scipy",
    version=", ".join(importlib.metadata.version(name) for name in ("scikit-learn", "scipy")),
    command="python3 Pipelines/Golden/feature_models.py Reference/Golden/FeatureModels", seed=seed,
    sha256={"values.json": hashlib.sha256(text.encode()).hexdigest()},
    tolerance={"all": "1e-9 relative: order of summation in double precision, condition numbers below 1e3"})
(folder / "provenance.json").write_text(json.dumps(provenance, indent=2) + "\n")
