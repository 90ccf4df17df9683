#!/usr/bin/env python3
"""Golden values and gradients of losses from PyTorch (pip install torch numpy), in double precision.

usage: losses.py OUTPUT_FOLDER
Writes losses.json and losses.provenance.json.
"""
import hashlib
import importlib.metadata
import json
import pathlib
import sys

import numpy
import torch
import torch.nn.functional as functional

folder = pathlib.Path(sys.argv[1])
random = numpy.random.RandomState(3)


def draws(scale, size=12):
    return torch.tensor(random.normal(0, scale, size).astype("f4").astype("f8"))


x, targets, labels, spread = draws(3), draws(2), torch.tensor(random.randint(0, 2, 12).astype("f8")), draws(1.5)
x[0], x[1] = 40.0, -40.0
weights = torch.tensor(random.randint(0, 3, 12).astype("f8"))
result = {name: value.tolist() for name, value in [
    ("x", x), ("targets", targets), ("labels", labels), ("logVariance", spread), ("weights", weights)]}


def evaluate(name, loss, *inputs):
    inputs = [value.clone().requires_grad_() for value in inputs]
    values = loss(*inputs)
    mean = (values * weights).sum() / weights.sum()
    mean.backward()
    result[name] = {
        "values": values.tolist(), "mean": mean.item(), "gradients": [value.grad.tolist() for value in inputs]}


evaluate("binaryCrossEntropy", lambda x: functional.binary_cross_entropy_with_logits(x, labels, reduction="none"), x)
evaluate("squaredError", lambda x: functional.mse_loss(x, targets, reduction="none"), x)
evaluate(
    "gaussian",
    lambda x, s: functional.gaussian_nll_loss(x, targets, s.exp(), full=True, eps=1e-30, reduction="none"),
    x, spread)
text = json.dumps(result) + "\n"
(folder / "losses.json").write_text(text)
provenance = {
    "peer": "torch",
    "version": importlib.metadata.version("torch"),
    "command": "python Pipelines/Golden/losses.py Reference/Golden/Networks",
    "seed": 3,
    "sha256": {"losses.json": hashlib.sha256(text.encode()).hexdigest()},
    "tolerance": "2e-6 of the value, and of 1",
    "reason": "a dozen roundings of 6e-8 each in single precision, in sums whose terms are no larger than the result",
}
(folder / "losses.provenance.json").write_text(json.dumps(provenance, indent=2) + "\n")
