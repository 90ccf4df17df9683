#!/usr/bin/env python3
"""Golden values of a Gaussian process over effects from SciPy.

usage: feature_models.py OUTPUT_FOLDER (pip install scipy)
Writes values.json (inputs, parameters, and what the packages make of them) and provenance.json.
"""
import hashlib
import importlib.metadata
import json
import pathlib
import sys

import numpy as np
from scipy.stats import matrix_normal

folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
seed = 5
random = np.random.default_rng(seed)

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

text = json.dumps(dict(inverse=inverse), indent=1)
(folder / "values.json").write_text(text)
provenance = dict(
    peer="scipy", version=importlib.metadata.version("scipy"),
    command="python3 Pipelines/Golden/feature_models.py Reference/Golden/FeatureModels", seed=seed,
    sha256={"values.json": hashlib.sha256(text.encode()).hexdigest()},
    tolerance={"all": "1e-9 relative: order of summation in double precision, condition numbers below 1e3"})
(folder / "provenance.json").write_text(json.dumps(provenance, indent=2) + "\n")
