#!/usr/bin/env python3
"""Golden values of guide assignment: simulated guide counts with known carriers, and the Poisson–Gauss mixture of each
guide, fitted here by direct maximisation of the likelihood (L-BFGS-B from many starts), not by EM.

usage: guides.py OUTPUT_FOLDER
Needs numpy, scipy. Writes counts.tsv (cells × guides), carriers.tsv (0 or 1), mixtures.tsv and provenance.json.

p(y) = (1 − w) λ^y e^(−λ) / Γ(y + 1) + w N(y; μ, σ²) over the cells with u ≥ 1, y = log2 u; μ > λ, σ ≥ 0.25, λ ≥ 0.01.
"""
import hashlib
import json
import pathlib
import sys
from importlib.metadata import version

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, gammaln, logsumexp
from scipy.stats import norm

folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
random = np.random.default_rng(17)
cells = 600
# mean molecules of carriers, their dispersion, share of carriers, mean of the background
guides = {
    "TP53_1": (60, 4, 0.10, 0.30),
    "TP53_2": (15, 3, 0.08, 0.15),
    "non-targeting_1": (200, 2, 0.20, 1.00),
    "MYC+MAX_1": (30, 5, 0.05, 0.02),
    "α, β_1": (25, 2, 0.12, 0.60),
}


def terms(parameters, y):
    w, rate, mean, deviation = expit(parameters[0]), *np.exp(parameters[1:2]), parameters[2], np.exp(parameters[3])
    background = np.log1p(-w) + y * np.log(rate) - rate - gammaln(y + 1)
    return background, np.log(w) + norm.logpdf(y, mean, deviation)


def fit(counts):
    y = np.log2(counts[counts > 0])

    def negative(parameters):
        return -logsumexp(np.stack(terms(parameters, y)), axis=0).sum()

    best = None
    bounds = [(-12, 12), (np.log(0.01), np.log(30)), (0, 30), (np.log(0.25), np.log(10))]
    for share in [0.05, 0.2, 0.5, 0.8]:
        for rate in [0.05, 0.3, 1]:
            for mean in [1.5, 3, 4.5, 6, 7.5]:
                start = [np.log(share / (1 - share)), np.log(rate), mean, 0]
                found = minimize(
                    negative, start, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-15, "gtol": 1e-9, "maxiter": 5000}
                )
                if found.x[2] > np.exp(found.x[1]) and (best is None or found.fun < best.fun):
                    best = found
    return best


def threshold(parameters, posterior):
    count = max(1, round(2 ** parameters[2]))

    def foreground(u):
        background, carrier = terms(parameters, np.array([np.log2(u)]))
        return expit(carrier - background)[0]

    assert foreground(count) >= posterior
    while count > 1 and foreground(count - 1) >= posterior:
        count -= 1
    return count


counts, carriers, rows = [], [], []
for name, (mean, dispersion, share, background) in guides.items():
    carrier = random.random(cells) < share
    ambient = random.poisson(background * random.gamma(5, 0.2, cells))
    own = random.negative_binomial(dispersion, dispersion / (dispersion + mean), cells)
    u = ambient + np.where(carrier, own, 0)
    counts.append(u)
    carriers.append(carrier.astype(int))
    found = fit(u)
    x = found.x
    rows.append([name, np.exp(x[1]), x[2], np.exp(x[3]), expit(x[0]), -found.fun, threshold(x, 0.5), threshold(x, 0.99)])

for file, columns in [("counts.tsv", counts), ("carriers.tsv", carriers)]:
    lines = ["\t".join(guides)] + ["\t".join(str(v) for v in row) for row in np.array(columns).T]
    (folder / file).write_text("\n".join(lines) + "\n")
header = "guide background_mean foreground_mean foreground_deviation foreground_share log_likelihood at_0.5 at_0.99"
lines = ["\t".join(header.split())] + ["\t".join(str(v) for v in row) for row in rows]
(folder / "mixtures.tsv").write_text("\n".join(lines) + "\n")
names = ["counts.tsv", "carriers.tsv", "mixtures.tsv"]
provenance = {
    "peer": "the likelihood written down above, maximised by scipy",
    "version": {name: version(name) for name in ["numpy", "scipy"]},
    "command": "python3 Pipelines/Golden/guides.py Reference/Golden/Guides",
    "seed": 17,
    "sha256": {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names},
    "tolerance": {
        "log_likelihood": "1e-6 absolute: both ends are maxima, where it is flat",
        "parameters": "1e-3: at the maximum the likelihood changes with their square",
        "at_0.5, at_0.99": "none: whole numbers",
    },
}
(folder / "provenance.json").write_text(json.dumps(provenance, indent=2, ensure_ascii=False) + "\n")
print((folder / "mixtures.tsv").read_text())
