#!/usr/bin/env python3
"""Golden values of multi-head attention from PyTorch's scaled_dot_product_attention in double precision (pip install torch).

usage: attention.py OUTPUT_FOLDER
Writes values.json and provenance.json. Inputs follow from their place by whole numbers, so they need not be kept.
"""
import hashlib
import json
import pathlib
import sys

import torch

folder = pathlib.Path(sys.argv[1])


def ramp(count, factor, modulus, scale):
    """(i factor mod modulus) / scale − 1, exact in single precision where the scale is a power of two."""
    return (torch.arange(count, dtype=torch.int64) * factor % modulus).double() / scale - 1


def case(n, heads, width, every):
    """Every so many values of the result and of the gradient of Σ weights ⊙ result by the packed input [n, 3 heads width]."""
    x = ramp(n * 3 * heads * width, 7919, 2003, 512).requires_grad_()
    q, k, v = x.reshape(n, 3, heads, width).permute(1, 2, 0, 3)
    y = torch.nn.functional.scaled_dot_product_attention(q, k, v).permute(1, 0, 2).reshape(-1)
    (y * ramp(y.numel(), 10007, 1009, 512)).sum().backward()
    found = {"result": y.detach()[::every].tolist(), "gradient": x.grad[::every].tolist()}
    shape = {"tokens": n, "heads": heads, "width": width, "every": every}
    return shape | {name: [float(f"{v:.9g}") for v in values] for name, values in found.items()}


text = json.dumps([case(37, 3, 5, 3), case(70, 1, 32, 13)]) + "\n"
(folder / "values.json").write_text(text)
provenance = {
    "peer": "PyTorch, torch.nn.functional.scaled_dot_product_attention in float64",
    "version": torch.__version__,
    "command": "python Pipelines/Golden/attention.py Reference/Golden/Attention",
    "seed": None,
    "sha256": {"values.json": hashlib.sha256(text.encode()).hexdigest()},
    "tolerance": 2e-6,
    "reason": "sums of up to 70 products of order 1 in single precision",
}
(folder / "provenance.json").write_text(json.dumps(provenance, indent=2) + "\n")
