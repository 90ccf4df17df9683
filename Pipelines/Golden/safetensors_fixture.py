#!/usr/bin/env python3
"""Files by the Python package `safetensors` (pip install safetensors torch), as a reference for our reader and writer.

usage: safetensors_fixture.py OUTPUT_FOLDER [FILE]
Writes small.safetensors, types.safetensors and their provenance. With FILE, one that our writer made, reads it back
instead and prints its metadata and tensors.
"""
import hashlib
import importlib.metadata
import json
import pathlib
import sys

import torch
from safetensors import safe_open
from safetensors.torch import save_file

if len(sys.argv) > 2:
    with safe_open(sys.argv[2], "pt") as file:
        print(file.metadata())
        for name in file.keys():
            print(name, file.get_tensor(name))
    sys.exit()
folder = pathlib.Path(sys.argv[1])


def write(name, tensors, metadata, reason):
    save_file(tensors, folder / name, metadata=metadata)
    provenance = {
        "peer": "safetensors (Python package)",
        "version": importlib.metadata.version("safetensors"),
        "command": "python Pipelines/Golden/safetensors_fixture.py Reference/Golden/Networks",
        "seed": None,
        "sha256": hashlib.sha256((folder / name).read_bytes()).hexdigest(),
        "tolerance": 0,
        "reason": reason,
    }
    (folder / f"{name}.provenance.json").write_text(json.dumps(provenance, indent=2) + "\n")


write(
    "small.safetensors",
    {
        "layer.weight": torch.arange(6, dtype=torch.float32).reshape(2, 3) / 4,
        "layer.bias": torch.tensor([-1.5, 3e-8]),
        "scale": torch.tensor(2.5),
        "empty": torch.zeros(0, 3),
    },
    # One text only: the package writes several in an order that changes from run to run.
    {"title \"quoted\"\n": "tab\t, backslash \\, bell \x07, ünïcode 🧬"},
    "a file format is exact",
)
write(
    "types.safetensors",
    {
        # The smallest and largest finite ones, the smallest normal one, and the next after 1.
        "half": torch.tensor([0.0, -0.0, 1.0, -2.5, 2.0**-24, 1023 * 2.0**-24, 2.0**-14, 65504.0, 1 + 2.0**-10,
                              float("inf"), float("-inf"), float("nan")], dtype=torch.float16),
        "brain": torch.tensor([0.0, -0.0, 1.0, -2.5, 2.0**-133, 3.3895313892515355e38, 1 + 2.0**-7,
                               float("inf"), float("nan")], dtype=torch.bfloat16),
        "double": torch.tensor([0.0, 0.5, -1.25, 2.0**-149, 3.4028234663852886e38, float("inf"), float("nan")],
                               dtype=torch.float64),
    },
    None,
    "all values are 32-bit floats exactly",
)
write("inexact.safetensors", {"double": torch.tensor([0.5, 0.1], dtype=torch.float64)}, None, "0.1 is no 32-bit float")
write("integers.safetensors", {"count": torch.tensor([1, 2])}, None, "a type that weights do not have")
