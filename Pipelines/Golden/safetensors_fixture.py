"""Writes Reference/Golden/small.safetensors with the Python package `safetensors`, as a reference for our reader."""
import pathlib

import numpy
from safetensors.numpy import save_file

target = pathlib.Path(__file__).resolve().parents[2] / "Reference" / "Golden" / "small.safetensors"
save_file(
    {
        "layer.weight": numpy.arange(6, dtype=numpy.float32).reshape(2, 3) / 4,
        "layer.bias": numpy.array([-1.5, 3e-8], dtype=numpy.float32),
        "scale": numpy.array(2.5, dtype=numpy.float32),
    },
    target,
    metadata={"title": "a small fixture", "note": "quotes \" and ünïcode"},
)
