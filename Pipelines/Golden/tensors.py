#!/usr/bin/env python3
"""Golden values and gradients of tensor operations from PyTorch in double precision (pip install torch numpy).

usage: tensors.py OUTPUT_FOLDER
Writes operations.json: for each operation its inputs (rounded to single precision), the weights w of the objective
sum(w * y), the value y and the gradients of the objective; and provenance.json.
"""
import hashlib
import json
import pathlib
import sys

import numpy as np
import torch
import torch.nn.functional as F

folder = pathlib.Path(sys.argv[1])
seed = 5
random = np.random.RandomState(seed)


def layer(activation):
    return lambda x, w, b, r: activation(x @ w + b) + r


def standardised(activation):
    return lambda x, w, b: activation(F.layer_norm(x, x.shape[-1:]) @ w + b)


def identity(x):
    return x


def gelu(x):
    return F.gelu(x)


TARGETS = [0.0, 0.5, 1.0, 0.25, 1.0, 0.0]
# name: (shapes, lowest, highest, operation)
operations = {
    "+": ([[3, 4], [4]], -1.5, 1.5, lambda a, b: a + b),
    "-": ([[3, 1], [1, 4]], -1.5, 1.5, lambda a, b: a - b),
    "*": ([[2, 1, 4], [2, 3, 1]], -1.5, 1.5, lambda a, b: a * b),
    "/": ([[2, 3], [3]], 0.8, 2, lambda a, b: a / b),
    "affine": ([[5]], -1.5, 1.5, lambda x: 3 * x - 2),
    "broadcast": ([[3, 1]], -1.5, 1.5, lambda x: x.expand(2, 3, 4)),
    "sum": ([[2, 3, 4]], -1.5, 1.5, lambda x: x.sum(1)),
    "mean": ([[2, 3, 4]], -1.5, 1.5, lambda x: x.mean((0, 2), keepdim=True)),
    "exp": ([[2, 9]], -8, 8, torch.exp),
    "log": ([[2, 9]], 0.01, 9, torch.log),
    "tanh": ([[2, 9]], -4, 4, torch.tanh),
    "sigmoid": ([[2, 9]], -9, 9, torch.sigmoid),
    "softplus": ([[2, 9]], -9, 9, F.softplus),
    "logSigmoid": ([[2, 9]], -9, 9, F.logsigmoid),
    "relu": ([[2, 9]], -2, 2, torch.relu),
    "silu": ([[2, 9]], -9, 9, F.silu),
    "gelu": ([[2, 9]], -4, 4, gelu),
    "squareRoot": ([[2, 9]], 0.1, 9, torch.sqrt),
    "square": ([[2, 9]], -3, 3, torch.square),
    "binaryCrossEntropy": (
        [[6]], -6, 6,
        lambda x: F.binary_cross_entropy_with_logits(x, torch.tensor(TARGETS, dtype=x.dtype), reduction="none")),
    "softmax": ([[3, 17]], -4, 4, lambda x: x.softmax(-1)),
    "logSumExp": ([[2, 3, 4]], -4, 4, lambda x: x.logsumexp(0)),
    "maximum": ([[2, 5, 4]], -4, 4, lambda x: x.max(1).values),
    "normalised": ([[4, 7]], -1, 1, lambda x: x / x.norm(dim=-1, keepdim=True)),
    "layerNorm": ([[4, 9], [9], [9]], -1, 1, lambda x, g, b: F.layer_norm(x, (9,), g, b)),
    "product": ([[2, 3, 4], [2, 4, 5]], -1, 1, torch.matmul),
    "triangleProduct": ([[5, 5, 3], [5, 5, 3]], -1, 1, lambda a, b: 0.7 * torch.einsum("ikc,kjc->ijc", a, b)),
    "linear": ([[3, 4], [4, 5], [5], [3, 5]], -1, 1, layer(identity)),
    "linear, relu": ([[3, 4], [4, 5], [5], [3, 5]], -1, 1, layer(torch.relu)),
    "linear, silu": ([[3, 4], [4, 5], [5], [3, 5]], -1, 1, layer(F.silu)),
    "linear, gelu": ([[3, 4], [4, 5], [5], [3, 5]], -1, 1, layer(gelu)),
    "standardisedLinear": ([[3, 8], [8, 5], [5]], -1, 1, standardised(identity)),
    "standardisedLinear, gelu": ([[3, 8], [8, 5], [5]], -1, 1, standardised(gelu)),
    "normalisedLinear": (
        [[3, 8], [8], [8], [8, 5], [5]], -1, 1,
        lambda x, g, s, w, b: F.layer_norm(x, (8,), g, s) @ w + b),
}

cases = {}
for name, (shapes, low, high, operation) in operations.items():
    inputs = [random.uniform(low, high, shape).astype("f4") for shape in shapes]
    leaves = [torch.tensor(x.astype("f8"), requires_grad=True) for x in inputs]
    y = operation(*leaves)
    weights = random.uniform(-1, 1, y.shape).astype("f4")
    (y * torch.tensor(weights.astype("f8"))).sum().backward()

    def values(array):
        return [float(f"{v:.9g}") for v in np.asarray(array).ravel()]

    cases[name] = {
        "shapes": shapes,
        "inputs": [values(x) for x in inputs],
        "weights": values(weights),
        "value": values(y.detach()),
        "gradients": [values(leaf.grad) for leaf in leaves],
    }

text = "{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v, separators=(',', ':'))}" for k, v in cases.items()) + "\n}\n"
folder.mkdir(parents=True, exist_ok=True)
(folder / "operations.json").write_text(text)
provenance = {
    "peer": "torch",
    "version": torch.__version__,
    "command": "Pipelines/Golden/tensors.py Reference/Golden/Tensors",
    "seed": seed,
    "sha256": {"operations.json": hashlib.sha256(text.encode()).hexdigest()},
    "tolerance": "4e-6 of the largest value: single precision against double",
}
(folder / "provenance.json").write_text(json.dumps(provenance, indent=2) + "\n")
