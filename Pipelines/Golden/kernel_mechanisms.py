#!/usr/bin/env python3
"""Golden values of the Gaussian process of a mechanism from scikit-learn.

usage: kernel_mechanisms.py OUTPUT_FOLDER (pip install scikit-learn)
Writes values.json (rows, parameters, and what the package makes of them) and provenance.json.
"""
import hashlib
import importlib.metadata
import json
import pathlib
import sys

import numpy as np
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, DotProduct

folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
seed = 8
random = np.random.default_rng(seed)
n, parents = 24, 2
rows = np.round(random.normal(size=(n, parents)) * 256) / 256
queries = np.round(random.normal(size=(6, parents)) * 512) / 256
targets = np.round((np.sin(2 * rows[:, 0]) + rows[:, 1] + 0.3 * random.normal(size=n)) * 256) / 256
squared_residuals = np.round(random.chisquare(1, size=n) * 256) / 256
linear, additive, joint, noise, tail = 0.7, 0.4, 0.9, 0.12, 0.5
joint_lengths, additive_lengths = [1.3, 0.6], [0.8, 2.1]
least_noise = 1e-6

# A length of 1e9 leaves a parent out: the kernel changes by less than 1e-16.
kernel = (ConstantKernel(1) + ConstantKernel(linear) * DotProduct(0, "fixed")
          + ConstantKernel(additive) * RBF([additive_lengths[0], 1e9], "fixed")
          + ConstantKernel(additive) * RBF([1e9, additive_lengths[1]], "fixed")
          + ConstantKernel(joint) * RBF(joint_lengths))
variances = least_noise + noise * (1 + tail * squared_residuals) / (1 + tail)


def process(keep):
    return GaussianProcessRegressor(kernel, alpha=variances[keep], optimizer=None).fit(rows[keep], targets[keep])


everything = np.arange(n)
fitted = process(everything)
means, deviations = fitted.predict(queries, return_std=True)
left_out = []
for row in everything:
    mean, deviation = process(everything != row).predict(rows[[row]], return_std=True)
    left_out.append((targets[row] - mean[0], deviation[0]**2 + variances[row]))

values = dict(
    rows=rows.tolist(), targets=targets.tolist(), queries=queries.tolist(), squaredResiduals=squared_residuals.tolist(),
    parameters=np.log([linear, additive, joint, noise, tail] + joint_lengths + additive_lengths).tolist(),
    logEvidence=fitted.log_marginal_likelihood_value_, means=means.tolist(), variances=(deviations**2).tolist(),
    leftOutResiduals=[a for a, _ in left_out], leftOutVariances=[b for _, b in left_out])
text = json.dumps(values, indent=1)
(folder / "values.json").write_text(text + "\n")
(folder / "provenance.json").write_text(json.dumps(dict(
    peer="scikit-learn", version=importlib.metadata.version("scikit-learn"),
    command="python3 Pipelines/Golden/kernel_mechanisms.py Reference/Golden/KernelMechanisms", seed=seed,
    sha256={"values.json": hashlib.sha256((text + "\n").encode()).hexdigest()},
    tolerance={"all": "1e-9: order of summation in double precision, condition number below 1e3"}), indent=2) + "\n")
