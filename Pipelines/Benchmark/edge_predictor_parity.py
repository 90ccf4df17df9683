#!/usr/bin/env python3
"""The command line and the package `avici` with the same weights at the published size: logits, seconds and memory.

    python3 Pipelines/Benchmark/edge_predictor_parity.py BINARY [--sizes 200x30 50x10] [--ours-only]

BINARY is a release build of interventome. Needs Python 3.11 with avici 1.0.7, jax 0.6.2, h5py and safetensors.
Weights are drawn here with the variances of an untrained network, stored by our names, and brought to the package by
the table of `Pipelines/Weights/export_avici.py` read backwards. Ours are figures of the whole command; the package's
are processor seconds of its first call, which compiles, and of the fastest of two later ones.
"""
import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import h5py
import numpy

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "Weights"))
import export_avici as export  # noqa: E402

NETWORK = dict(layers=8, dim=128, key_size=32, num_heads=8, widening_factor=4, dropout=0.0, out_dim=128,
               cosine_temp_init=2.0)


def shapes():
    """The shape of each parameter by our names."""
    k, inner, hidden, outputs = 128, 256, 512, 128
    layers = {"input": (2, k), "query": (k, inner), "key": (k, inner), "value": (k, inner), "output": (inner, k),
              "expansion": (k, hidden), "contraction": (hidden, k), "source": (k, outputs), "target": (k, outputs)}
    result = {}
    for name in export.names(NETWORK["layers"]).values():
        part, _, kind = name.rpartition(".")
        part = part.split(".")[-1]
        if name in ("temperature", "bias"):
            result[name] = (1,)
        elif kind in ("scale", "shift"):
            result[name] = (k,)
        else:
            result[name] = layers[part] if kind == "weight" else layers[part][1:]
    return result


def random_weights(draw):
    """No parameter is a plain 0 or 1; residual branches are of the size of what they are added to."""
    result = {}
    for name, shape in shapes().items():
        kind = name.rpartition(".")[2]
        centre = {"scale": 1.0, "temperature": 2.0}.get(kind, -3.0 if name == "bias" else 0.0)
        spread = (2 / shape[0]) ** 0.5 if kind == "weight" else 0.1
        result[name] = (centre + spread * draw.standard_normal(shape)).astype(numpy.float32)
    return result


def write_screen(file, x, interventions):
    """A minimal h5ad with the layer `interventions`."""
    def frame(group, names):
        group.attrs.update({"encoding-type": "dataframe", "encoding-version": "0.2.0", "_index": "_index"})
        group.attrs.create("column-order", [], dtype=h5py.string_dtype())
        values = group.create_dataset("_index", data=names, dtype=h5py.string_dtype())
        values.attrs.update({"encoding-type": "string-array", "encoding-version": "0.2.0"})

    def array(group, name, values):
        group.create_dataset(name, data=values).attrs.update({"encoding-type": "array", "encoding-version": "0.2.0"})

    with h5py.File(file, "w") as h5:
        h5.attrs.update({"encoding-type": "anndata", "encoding-version": "0.1.0"})
        array(h5, "X", x)
        frame(h5.create_group("obs"), [f"cell{i}" for i in range(x.shape[0])])
        frame(h5.create_group("var"), [f"g{j}" for j in range(x.shape[1])])
        layers = h5.create_group("layers")
        layers.attrs.update({"encoding-type": "dict", "encoding-version": "0.1.0"})
        array(layers, "interventions", interventions)


def ours(binary, folder, weights, genes):
    """Logits, processor seconds, seconds and peak megabytes of the command."""
    edges = folder / "edges.tsv"
    command = [binary, "structure", folder / "screen.h5ad", "--weights", weights, "-o", edges, "--force", "-q", "--set",
               "preprocess.scale=scaled", "--set", "preprocess.minCellsPerGene=0", "--set",
               "preprocess.minGenesPerCell=0", "--set", f"structure.genesAtOnce={genes}"]
    started = time.perf_counter()
    process = subprocess.Popen(command)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    if status:
        raise SystemExit("the command failed")
    logits = numpy.full((genes, genes), numpy.nan)
    for line in edges.read_text().splitlines()[1:]:
        source, target, probability = line.split("\t")
        p = float(probability)
        logits[int(source[1:]), int(target[1:])] = numpy.log(p) - numpy.log1p(-p)
    return logits, usage.ru_utime + usage.ru_stime, seconds, usage.ru_maxrss / 1024


def theirs(params, x, interventions):
    """Logits, processor seconds of the first call, and of the fastest of two others."""
    import jax
    from avici.model import BaseModel, InferenceModel
    from avici.utils.data_jax import jax_standardize_default_simple

    model = InferenceModel(model_class=BaseModel, model_kwargs=dict(NETWORK))
    data = jax.numpy.stack([x, interventions], axis=-1)
    call = jax.jit(lambda data: model.net.apply(
        params, jax.random.PRNGKey(0), jax_standardize_default_simple(data), False))
    taken = []
    for _ in range(3):
        before = time.process_time()
        logits = numpy.asarray(call(data))
        taken.append(time.process_time() - before)
    return logits, taken[0], min(taken[1:])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("--sizes", nargs="+", default=["200x30", "50x10"])
    parser.add_argument("--ours-only", action="store_true", help="leave out the package")
    options = parser.parse_args()
    draw = numpy.random.default_rng(1)
    weights = random_weights(draw)
    print("cells\tgenes\tlargest_logit_difference\tprocessor_seconds\tseconds\tpeak_megabytes\t"
          "package_first_call\tpackage_later_call")
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        file = folder / "weights.safetensors"
        export.write(file, export.imported(weights, NETWORK["layers"]), NETWORK, masks_diagonal=True, name="random",
                     version="0", genes=(2, 100), cells=(200, 200), counts=False, worlds="none", steps=0)
        # Ours first: a command's peak memory is never less than that of the process that starts it.
        measured = []
        for size in options.sizes:
            cells, genes = map(int, size.split("x"))
            x = draw.standard_normal((cells, genes)).astype(numpy.float32)
            x = (x @ numpy.tril(draw.standard_normal((genes, genes)) / 2)).astype(numpy.float32)
            interventions = (draw.random((cells, genes)) < 0.3 / genes).astype(numpy.float32)
            write_screen(folder / "screen.h5ad", x, interventions)
            measured.append((x, interventions, *ours(options.binary, folder, file, genes)))
        for x, interventions, logits, *figures in measured:
            row = [*x.shape, "-", *(f"{figure:.2f}" for figure in figures), "-", "-"]
            if not options.ours_only:
                expected, first, later = theirs(export.imported(weights, NETWORK["layers"]), x, interventions)
                others = ~numpy.eye(x.shape[1], dtype=bool)
                row[2] = f"{numpy.abs(logits - expected)[others].max():.1e}"
                row[6:] = [f"{first:.2f}", f"{later:.2f}"]
            print(*row, sep="\t", flush=True)


if __name__ == "__main__":
    main()
