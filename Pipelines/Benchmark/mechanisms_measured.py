#!/usr/bin/env python3
"""New cells of `mechanisms generate` against held-out cells: Sachs' proteins, and the network ecoli70.

usage: mechanisms_measured.py INTERVENTOME [--ecoli70 FILE] [--splits N] [--methods amortised,evidence,linear]
(pip install h5py numpy; FILE is ecoli70.json of the package pgmpy)

After Mahajan et al. 2026 (arXiv 2410.06128): 800 cells, 400 to read mechanisms from and 400 held out, each gene
standardised by all 800; MMD of 400 new cells against the held-out ones. What the paper leaves open is chosen here: cells
without inhibitors or activators (`cd3cd28`), as measured and as logarithms; the square of the MMD with its diagonal, under
a Gaussian kernel whose width is the median distance of the pooled cells. Beside it what the cells of the context would
have, which nothing that is learned from them undercuts but by chance, and a linear Gaussian network by least squares.
"""
import argparse
import json
import pathlib
import subprocess
import tempfile

import numpy as np

# The consensus has a ring PIP2 → PIP3 → PLCg → PIP2; two of its edges run the other way here, as in the usual acyclic
# one.
TURNED = {("PIP2", "PIP3"), ("PIP3", "PLCg")}


def mmd(a, b):
    pooled = np.concatenate([a, b])
    square = np.maximum(0, (pooled**2).sum(1)[:, None] + (pooled**2).sum(1) - 2 * pooled @ pooled.T)
    kernel = np.exp(-square / (2 * np.median(square[np.triu_indices(len(pooled), 1)])))
    n = len(a)
    return kernel[:n, :n].mean() + kernel[n:, n:].mean() - 2 * kernel[:n, n:].mean()


def ordered(names, edges):
    parents = {name: [a for a, b in edges if b == name] for name in names}
    order = []
    while len(order) < len(names):
        order += [name for name in names if name not in order and all(p in order for p in parents[name])]
    return order, parents


def linear_gaussian(context, names, edges, rows, random):
    order, parents = ordered(names, edges)
    place = {name: i for i, name in enumerate(names)}
    result = np.zeros((rows, len(names)))
    for name in order:
        of = [place[p] for p in parents[name]]
        design = np.column_stack([np.ones(len(context)), context[:, of]])
        slopes, *_ = np.linalg.lstsq(design, context[:, place[name]], rcond=None)
        left = context[:, place[name]] - design @ slopes
        deviation = np.sqrt((left**2).sum() / (len(context) - design.shape[1]))
        means = np.column_stack([np.ones(rows), result[:, of]]) @ slopes
        result[:, place[name]] = means + deviation * random.normal(size=rows)
    return result


def generated(program, context, names, edges, rows, method, seed):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        lines = [",".join(["cell", *names])]
        lines += [f"c{i}," + ",".join(repr(float(value)) for value in row) for i, row in enumerate(context)]
        (folder / "cells.csv").write_text("\n".join(lines) + "\n")
        (folder / "graph.json").write_text(json.dumps({"nodes": names, "directed": edges}))
        subprocess.run(
            [program, "mechanisms", "generate", folder / "cells.csv", "--graph", folder / "graph.json", "-n", str(rows),
             "--method", method, "--seed", str(seed), "-o", folder / "out.csv", "-q"], check=True)
        return np.loadtxt(folder / "out.csv", delimiter=",", skiprows=1, usecols=range(1, len(names) + 1))


def sachs(root):
    import h5py
    with h5py.File(root / "Reference/Screens/sachs.h5ad") as file:
        names = [name.decode() for name in file["var"][file["var"].attrs["_index"]][:]]
        condition = file["obs/condition"]
        wanted = [label.decode() for label in condition["categories"][:]].index("cd3cd28")
        values = file["X"][:][condition["codes"][:] == wanted].astype(float)
    lines = (root / "Reference/Screens/sachs_consensus.tsv").read_text().splitlines()[1:]
    edges = [tuple(line.split()[:2]) for line in lines]
    return values, names, [tuple(reversed(edge)) if edge in TURNED else edge for edge in edges]


def ecoli70(file, rows, random):
    network = json.loads(pathlib.Path(file).read_text())
    names, edges = network["nodes"], [tuple(arc) for arc in network["arcs"]]
    order, _ = ordered(names, edges)
    values = {}
    for name in order:
        density = network["cpds"][name]
        mean = sum(c[0] * (1 if of == "(Intercept)" else values[of]) for of, c in density["coefficients"].items())
        values[name] = mean + np.sqrt(density["variance"][0]) * random.normal(size=rows)
    return np.stack([values[name] for name in names], 1), names, edges


parser = argparse.ArgumentParser()
parser.add_argument("program")
parser.add_argument("--ecoli70")
parser.add_argument("--splits", type=int, default=5)
parser.add_argument("--methods", default="amortised,linear")
arguments = parser.parse_args()
root = pathlib.Path(__file__).resolve().parents[2]
values, names, edges = sachs(root)
kinds = {"sachs": (values, names, edges), "sachs, logarithms": (np.log(values), names, edges)}
if arguments.ecoli70:
    kinds["ecoli70"] = ecoli70(arguments.ecoli70, 20_000, np.random.default_rng(70))
print("data", "cells", "genes", "from", "MMD", "standard error", sep="\t", flush=True)
for kind, (values, names, edges) in kinds.items():
    found = {}
    for split in range(arguments.splits):
        random = np.random.default_rng([2026, split])
        chosen = values[random.permutation(len(values))[:800]]
        mean, deviation = chosen.mean(0), chosen.std(0, ddof=1)
        context, held = np.split((chosen - mean) / deviation, 2)
        rows = {"context": context, "linear Gaussian": linear_gaussian(context, names, edges, 400, random)}
        for method in arguments.methods.split(","):
            rows[f"--method {method}"] = generated(arguments.program, context, names, edges, 400, method, split)
        for name, cells in rows.items():
            found.setdefault(name, []).append(mmd(cells, held))
    for name, errors in found.items():
        print(kind, 800, len(names), name, f"{np.mean(errors):.4f}", f"{np.std(errors, ddof=1) / len(errors)**0.5:.4f}",
              sep="\t", flush=True)
