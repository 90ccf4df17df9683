#!/usr/bin/env python3
"""Golden values of optimisers from optax and PyTorch (pip install optax torch): ten steps on a few small tensors.

usage: optimisers.py OUTPUT_FOLDER
Writes optimisers.json: first weights, gradients of every step, and the weights after every step by each rule; and
optimisers.provenance.json. All arithmetic is in double precision on single-precision inputs.
"""
import hashlib
import importlib.metadata
import json
import pathlib
import sys

import jax
import numpy as np
import optax
import torch

jax.config.update("jax_enable_x64", True)
folder = pathlib.Path(sys.argv[1])
random = np.random.RandomState(11)
STEPS, RATE, DECAY, CLIP = 10, 0.05, 0.1, 2.0
# "zeros" starts with norm 0 and moves; "still" has weights but never a gradient.
shapes = {"bias": (5,), "matrix": (3, 4), "still": (2,), "zeros": (2, 2)}
start = {name: random.normal(0, 1, shape).astype("f4").astype("f8") for name, shape in shapes.items()}
start["zeros"] *= 0
gradients = []
for step in range(STEPS):
    scale = 10.0 ** random.uniform(-2, 1)
    gradient = {name: random.normal(0, scale, shape).astype("f4").astype("f8") for name, shape in shapes.items()}
    gradient["still"] *= 0
    gradients.append(gradient)


def matrices(tree):
    return {name: value.ndim >= 2 for name, value in tree.items()}


def run(rule):
    weights, state, path = start, rule.init(start), []
    for gradient in gradients:
        updates, state = rule.update(gradient, state, weights)
        weights = optax.apply_updates(weights, updates)
        path.append({name: np.asarray(value).ravel().tolist() for name, value in weights.items()})
    return path


rules = {
    "adam": run(optax.adam(RATE)),
    "adamW": run(optax.adamw(RATE, weight_decay=DECAY, mask=matrices)),
    "lamb": run(optax.lamb(RATE)),
    "lamb, decaying": run(optax.lamb(RATE, weight_decay=DECAY, mask=matrices)),
    "lamb, clipped": run(optax.chain(optax.clip_by_global_norm(CLIP), optax.lamb(RATE))),
}

# PyTorch's AdamW, written independently, has to agree with optax's.
parameters = {name: torch.nn.Parameter(torch.tensor(value)) for name, value in start.items()}
groups = [
    {"params": [p for p in parameters.values() if p.ndim >= 2], "weight_decay": DECAY},
    {"params": [p for p in parameters.values() if p.ndim < 2], "weight_decay": 0.0},
]
adamw = torch.optim.AdamW(groups, lr=RATE)
for gradient, expected in zip(gradients, rules["adamW"]):
    for name, parameter in parameters.items():
        parameter.grad = torch.tensor(gradient[name])
    adamw.step()
    for name, parameter in parameters.items():
        assert np.allclose(parameter.detach().numpy().ravel(), expected[name], rtol=1e-12, atol=1e-12), name

text = json.dumps(
    {
        "learningRate": RATE,
        "weightDecay": DECAY,
        "clip": CLIP,
        "shapes": shapes,
        "start": {name: value.ravel().tolist() for name, value in start.items()},
        "gradients": [{name: value.ravel().tolist() for name, value in step.items()} for step in gradients],
        "weights": rules,
    }
)
(folder / "optimisers.json").write_text(text + "\n")
provenance = {
    "peer": "optax, torch",
    "version": ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ["optax", "jax", "torch"]),
    "command": "python Pipelines/Golden/optimisers.py Reference/Golden/Networks",
    "seed": 11,
    "sha256": {"optimisers.json": hashlib.sha256((text + "\n").encode()).hexdigest()},
    "tolerance": 3e-6,
    "reason": "ten updates of weights up to 3 in single precision, each rounded to 1.2e-7 of the weight, and directions "
    "up to 3 times 0.05 long with a relative error of 1e-6 at most",
}
(folder / "optimisers.provenance.json").write_text(json.dumps(provenance, indent=2) + "\n")
