#!/usr/bin/env python3
"""Golden reliability and logit scaling from scikit-learn (pip install scikit-learn numpy).

usage: calibration.py OUTPUT_FOLDER
Writes calibration.json and calibration.provenance.json.
"""
import hashlib
import importlib.metadata
import json
import pathlib
import sys

import numpy
from sklearn.calibration import calibration_curve
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, log_loss

folder = pathlib.Path(sys.argv[1])
random = numpy.random.RandomState(7)

# Logits that are too sure of themselves and too high, in 32 bits as a network gives them.
latent = random.normal(-1.5, 1.2, 400)
truths = (random.uniform(size=400) < 1 / (1 + numpy.exp(-latent))).astype(int)
logits = (2.5 * latent + 0.7).astype("f4").astype("f8")


def reliability(logits):
    probabilities = 1 / (1 + numpy.exp(-logits))
    edges = numpy.linspace(0, 1, 11)
    counts = numpy.bincount(numpy.searchsorted(edges[1:-1], probabilities), minlength=10)
    frequency, mean = calibration_curve(truths, probabilities, n_bins=10, strategy="uniform")
    filled = counts[counts > 0]
    return {
        "counts": counts.tolist(), "meanProbabilities": mean.tolist(), "frequencies": frequency.tolist(),
        "expectedCalibrationError": float((filled * abs(frequency - mean)).sum() / filled.sum()),
        "brierScore": brier_score_loss(truths, probabilities), "logScore": log_loss(truths, probabilities)}


line = LogisticRegression(C=numpy.inf, tol=1e-12, solver="newton-cholesky").fit(logits[:, None], truths)
slope, offset = float(line.coef_[0, 0]), float(line.intercept_[0])
result = {
    "logits": logits.tolist(), "truths": truths.tolist(), "before": reliability(logits), "slope": slope,
    "offset": offset, "after": reliability(slope * logits + offset)}
text = json.dumps(result) + "\n"
(folder / "calibration.json").write_text(text)
provenance = {
    "peer": "scikit-learn",
    "version": importlib.metadata.version("scikit-learn"),
    "command": "python Pipelines/Golden/calibration.py Reference/Golden/Calibration",
    "seed": 7,
    "sha256": {"calibration.json": hashlib.sha256(text.encode()).hexdigest()},
    "tolerance": "1e-12 of reliability, 1e-6 of slope and offset",
    "reason": "sums of 400 doubles in another order; the fits stop where their gradients are about 1e-9",
}
(folder / "calibration.provenance.json").write_text(json.dumps(provenance, indent=2) + "\n")
