#!/usr/bin/env python3
"""Statistics of simulated gene regulation by the package `avici`, over many repeats of the same settings.

usage: sergio.py OUTPUT_FOLDER
Needs avici 1.0.7 with jax 0.6.2. Writes gene_regulation.json and gene_regulation_provenance.json.

Three parts, each a list of statistics with mean and variance over independent repeats:
expression  one network with fixed kinetics, no technical noise: mean, standard deviation and share of zeros of every gene,
            correlation of every regulator with its target; wild type and two knock-outs
technical   the chain of technical noise on one fixed matrix (type, gene, cell: 0.5 + ((7 cell + 13 gene + 5 type) mod 31) / 5):
            share of outlier genes, mean and deviation of log totals, zeros after dropout and after counting
worlds      whole datasets of the training distribution, at 8 genes, 60 + 32 cells
"""
import hashlib
import json
import pathlib
import platform
import sys
from importlib.metadata import version

import numpy as np
import avici
from avici.buffer import Sampler
from avici.synthetic.sergio.sim import Sergio
from avici.utils.load import load_yaml
from avici.utils.parse import load_data_config

folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
random = np.random.default_rng(41)


def summary(names, repeats):
    values = np.array(repeats)
    return [
        {"name": n, "mean": m, "variance": v}
        for n, m, v in zip(names, np.nanmean(values, 0).tolist(), np.nanvar(values, 0, ddof=1).tolist())
    ]


# ---- expression
network = {
    "edges": [[0, 2], [1, 2], [0, 3], [2, 4], [3, 4], [2, 5]],
    "strengths": [3.0, -2.0, 4.0, 2.5, -3.5, -2.0],
    "basalRates": [[1.0, 2.0, 3.0], [2.5, 1.5, 2.0]] + [[0.0] * 3] * 4,
    "decay": 0.8, "noise": 1.0, "hill": 2.1, "cellTypes": 3,
}
d = 6
g, k = np.zeros((d, d)), np.zeros((d, d))
for (i, j), strength in zip(network["edges"], network["strengths"]):
    g[i, j], k[i, j] = 1, strength


def expression(cells, target):
    sim = Sergio(
        rng=random, number_genes=d, number_bins=3, number_sc=cells, noise_params=network["noise"], noise_type="dpd",
        decays=network["decay"], sampling_state=15, kout=np.arange(d) == (-1 if target is None else target), dt=0.01,
        safety_steps=10)
    sim.custom_graph(g=g, k=k, b=np.array(network["basalRates"]), hill=network["hill"] * np.ones((d, d)))
    sim.simulate()
    return np.concatenate(sim.getExpressions(), axis=1)  # genes × cells


def correlation(a, b):
    return np.corrcoef(a, b)[0, 1] if a.std() > 0 and b.std() > 0 else np.nan


parts = {"expression": []}
for target, cells, repeats in [(None, 12, 600), (0, 2, 600), (2, 2, 600)]:
    rows = []
    for _ in range(repeats):
        x = expression(cells, target)
        rows.append(
            list(x.mean(1)) + list(x.std(1)) + list((x == 0).mean(1))
            + ([correlation(x[i], x[j]) for i, j in network["edges"]] if target is None else []))
    names = [f"{s} {n}" for s in ["mean", "deviation", "zeros"] for n in range(d)]
    names += [f"correlation {i} {j}" for i, j in network["edges"]] if target is None else []
    parts["expression"].append(
        {"target": target, "cellsPerType": cells, "repeats": repeats, "statistics": summary(names, rows)})
    print("expression", target, flush=True)

# ---- technical
types, genes, cells = 3, 12, 20
t, j, c = np.meshgrid(np.arange(types), np.arange(genes), np.arange(cells), indexing="ij")
fixed = 0.5 + ((7 * c + 13 * j + 5 * t) % 31) / 5
config = load_yaml(pathlib.Path(avici.__file__).parent / "synthetic/sergio/noise_config.yaml")
parts["technical"] = []
for technology in ["10x-chromium", "illumina", "drop-seq", "smart-seq"]:
    rows = []
    fields = ["outlier_prob", "outlier_mean", "outlier_scale", "lib_size_mean", "lib_size_scale", "dropout_shape",
              "dropout_percentile"]
    for repeat in range(1500):
        chosen = {f: random.choice(config[technology][f]) for f in fields}
        sim = Sergio(rng=random, number_genes=genes, number_bins=types, number_sc=cells, noise_params=1.0,
                     noise_type="dpd", decays=0.8, kout=np.zeros(genes, bool), sampling_state=15)
        outlying = sim.outlier_effect(fixed, chosen["outlier_prob"], chosen["outlier_mean"], chosen["outlier_scale"])
        factors, scaled = sim.lib_size_effect(outlying, chosen["lib_size_mean"], chosen["lib_size_scale"])
        kept = sim.dropout_indicator(scaled, chosen["dropout_shape"], chosen["dropout_percentile"]) * scaled
        counts = sim.convert_to_UMIcounts(kept)
        totals = np.log(scaled.sum(1))
        ratio = (outlying / fixed).mean((0, 2))
        rows.append([
            (np.abs(ratio - 1) > 1e-9).mean(), totals.mean(), totals.std(), (kept == 0).mean(), (counts == 0).mean(),
            np.log1p(counts).mean(), np.log1p(counts.sum(1)).mean(), np.log1p(counts).std()])
    names = ["outliers", "log total", "deviation of log totals", "dropped", "zeros", "log count", "log total count",
             "deviation of log counts"]
    parts["technical"].append({"technology": technology, "repeats": 1500, "statistics": summary(names, rows)})
    print("technical", technology, flush=True)

# ---- worlds
spec = load_data_config(
    pathlib.Path(avici.__file__).parent / "config/train/neurips-grn.yaml", abspath=True,
    force_kwargs=dict(n_observations_obs=60, n_observations_int=32))["data"]["train"]
rows = []
repeats = 300
for repeat in range(repeats):
    data = Sampler.generate_data(random, n_vars=8, spec_list=spec)
    obs, int_, graph = data["x_obs"][..., 0], data["x_int"][..., 0], data["g"]
    totals = np.log1p(obs.sum(1))
    logs = np.log1p(obs)
    related = [correlation(logs[:, i], logs[:, j]) for i, j in zip(*np.nonzero(graph))]
    rows.append([
        graph.sum(), (graph.sum(1) == 0).mean(), graph.sum(0).max(), (obs == 0).mean(), (int_ == 0).mean(), totals.mean(),
        totals.std(), logs.mean(), logs.std(), np.nanmean(related) if len(related) else np.nan,
        (int_[data["x_int"][..., 1] == 1] == 0).mean()])
names = ["edges", "sinks", "largest in-degree", "zeros", "zeros under intervention", "log total",
         "deviation of log totals", "log count", "deviation of log counts", "correlation of edges", "zeros of targets"]
parts["worlds"] = {"genes": 8, "observational": 60, "interventional": 32, "repeats": repeats,
                   "statistics": summary(names, rows)}

file = folder / "gene_regulation.json"
file.write_text(json.dumps({"network": network, **parts}, indent=1) + "\n")
provenance = {
    "peer": "avici, Sergio and GRNSergio",
    "version": {"python": platform.python_version(), **{name: version(name) for name in ["avici", "numpy", "igraph"]}},
    "command": "python Pipelines/Golden/sergio.py Reference/Golden/Simulators",
    "seed": 41,
    "sha256": {file.name: hashlib.sha256(file.read_bytes()).hexdigest()},
    "tolerance": "two-sample z tests of means over repeats, 1 % over all statistics of a part (Bonferroni)",
}
(folder / "gene_regulation_provenance.json").write_text(json.dumps(provenance, indent=2) + "\n")
