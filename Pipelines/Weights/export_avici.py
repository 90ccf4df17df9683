#!/usr/bin/env python3
"""Turns a checkpoint of the package `avici` into weights that `interventome structure --weights FILE` reads.

    python3 Pipelines/Weights/export_avici.py FOLDER FILE.safetensors --name neurips-linear

FOLDER holds `kwargs.json` and `checkpoint_*.pkl`, as the package's `load_pretrained` reads them (its cache, or the
folder given as `checkpoint_dir`). Needs Python 3.11 with avici 1.0.7, jax 0.6.2 and safetensors.
"""
import argparse
import inspect
import json
import pathlib

import numpy
from safetensors.numpy import save_file

# What is known of the published checkpoints beside what their files say (Lorch et al. 2022, section 5 and appendix).
PUBLISHED = {
    "neurips-linear": dict(genes=(2, 50), counts=False, worlds="linear mechanisms with Gaussian noise"),
    "neurips-rff": dict(genes=(2, 50), counts=False, worlds="random Fourier mechanisms with Gaussian noise"),
    "neurips-grn": dict(genes=(2, 50), counts=True, worlds="gene regulatory networks (SERGIO), 10x-chromium noise"),
    "scm-v0": dict(genes=(2, 100), counts=False, worlds="linear and random Fourier mechanisms, several noises"),
}


def names(layers):
    """Our name of each parameter by the package's (module, parameter), for `layers` double layers."""

    def numbered(module, index):
        return f"BaseModel/{module}" + (f"_{index}" if index else "")

    table = {}

    def linear(ours, module):
        table[module, "w"], table[module, "b"] = f"{ours}.weight", f"{ours}.bias"

    def norm(ours, index):
        module = numbered("layer_norm", index)
        table[module, "scale"], table[module, "offset"] = f"{ours}.scale", f"{ours}.shift"

    linear("input", numbered("linear", 0))
    for t in range(2 * layers):
        for place, part in enumerate(("queryNorm", "keyNorm", "valueNorm", "feedForwardNorm")):
            norm(f"block{t}.{part}", 4 * t + place)
        attention = numbered("multi_head_attention", t)
        for part in ("query", "key", "value"):
            linear(f"block{t}.{part}", f"{attention}/{part}")
        linear(f"block{t}.output", f"{attention}/linear")
        linear(f"block{t}.expansion", numbered("linear", 2 * t + 1))
        linear(f"block{t}.contraction", numbered("linear", 2 * t + 2))
    norm("norm", 8 * layers)
    for place, part in enumerate(("source", "target"), start=1):
        norm(f"{part}Norm", 8 * layers + place)
        linear(part, numbered("linear", 4 * layers + place))
    table["BaseModel", "learned_temp"] = "temperature"
    table["BaseModel", "final_matrix_bias"] = "bias"
    return table


def exported(params, layers):
    """The package's parameters by our names."""
    table = names(layers)
    found = {(module, name): value for module, part in params.items() for name, value in part.items()}
    if found.keys() != table.keys():
        raise SystemExit(f"other parameters than expected: {sorted(found.keys() ^ table.keys())}")
    return {
        ours: numpy.ascontiguousarray(numpy.asarray(found[theirs], numpy.float32).reshape(
            (1,) if ours in ("temperature", "bias") else numpy.shape(found[theirs])))
        for theirs, ours in table.items()
    }


def imported(tensors, layers):
    """The same backwards: parameters for the package from ours."""
    params = {}
    for (module, name), ours in names(layers).items():
        value = tensors[ours]
        params.setdefault(module, {})[name] = value.reshape((1, 1, 1)) if module == "BaseModel" else value
    return params


def card(network, masks_diagonal, name, version, genes, cells, counts, worlds, steps):
    """What `weights show` tells of them; `network` holds the arguments of the package's BaseModel."""
    return {
        "name": name,
        "version": version,
        "network": {
            "kind": "avici",
            "layers": network["layers"],
            "width": network["dim"],
            "heads": network["num_heads"],
            "keySize": network["key_size"],
            "widening": network["widening_factor"],
            "dropout": network["dropout"],
            "outputs": network["out_dim"] or network["dim"],
            "masksDiagonal": masks_diagonal,
            "input": "counts" if counts else "zScores",
        },
        "trainingDistribution": f"Simulated worlds: {worlds} (Lorch et al. 2022).",
        "genes": list(genes),
        "cells": list(cells),
        "steps": steps,
        "validation": [],
        "intendedUse": "Predicting which genes of a panel cause which, from observations and known interventions.",
        "limits": "Trained on simulated acyclic worlds without hidden common causes; probabilities are not calibrated "
        "on real data, and beliefs need not be acyclic.",
    }


def write(file, params, network, **about):
    tensors = exported(params, network["layers"])
    save_file(tensors, file, metadata={"card": json.dumps(card(network, **about), sort_keys=True)})


def network_arguments(given):
    """The arguments of BaseModel with its defaults; what it no longer takes is left out, as the package does."""
    from avici.model import BaseModel

    known = inspect.signature(BaseModel.__init__).parameters
    result = {name: value.default for name, value in known.items() if name not in ("self", "name")}
    result.update({name: value for name, value in given.items() if name in result})
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("file", type=pathlib.Path)
    parser.add_argument("--name", required=True, help=f"what to call them; known: {', '.join(PUBLISHED)}")
    parser.add_argument("--genes", type=int, nargs=2, metavar=("LEAST", "MOST"), help="panels of the training")
    parser.add_argument("--cells", type=int, nargs=2, metavar=("LEAST", "MOST"), default=(200, 200))
    parser.add_argument("--counts", action="store_true", help="the weights expect counts of molecules")
    parser.add_argument("--worlds", help="what they were trained on, in a few words")
    options = parser.parse_args()
    known = PUBLISHED.get(options.name, {})
    genes, worlds = options.genes or known.get("genes"), options.worlds or known.get("worlds")
    if genes is None or worlds is None:
        parser.error(f"{options.name} is not among the published weights: say --genes and --worlds")

    from avici.utils.load import load_checkpoint

    state, arguments = load_checkpoint(options.folder)
    network = arguments["neural_net_kwargs"]
    write(
        options.file, state.params, network_arguments(network.get("model_kwargs", network)),
        masks_diagonal=arguments["inference_model_kwargs"].get("mask_diag", True), name=options.name, version="1",
        genes=genes, cells=options.cells, counts=options.counts or known.get("counts", False), worlds=worlds,
        steps=int(numpy.asarray(state.step)))


if __name__ == "__main__":
    main()
