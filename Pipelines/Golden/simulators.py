#!/usr/bin/env python3
"""Statistics of many graphs and datasets drawn by the package avici (pip install avici==1.0.7 'igraph<0.11' 'pandas<2.2').

    python Pipelines/Golden/simulators.py Reference/Golden/Simulators

Writes graphs.json (for every family how often each value of each statistic came up), data.tsv (one row a dataset) and
provenance.json. The package's own generators are called, with 30 nodes for graphs and 20 for data.
"""
import hashlib
import json
import sys
import warnings
from collections import Counter
from importlib.metadata import version
from multiprocessing import Pool
from pathlib import Path

import avici
import numpy as np
from avici.synthetic import (
    GRG, SBM, Cauchy, Ecoli, ErdosRenyi, Gaussian, Laplace, LinearAdditive, RFFAdditive, ScaleFree, ScaleFreeTranspose,
    SignedUniform, Uniform, WattsStrogatz, Yeast)
from avici.utils.parse import load_data_config

SEED = 20240607
NODES, GRAPHS = 30, 1000
GENES, OBSERVED, INTERVENED, DATASETS = 20, 300, 120, 400

FAMILIES = {
    "erdosRenyi": (ErdosRenyi(edges_per_var=2.0), GRAPHS),
    "scaleFree": (ScaleFree(edges_per_var=2, power=1.0), GRAPHS),
    "scaleFree/sublinear": (ScaleFree(edges_per_var=3, power=0.5), GRAPHS),
    "scaleFree/superlinear": (ScaleFree(edges_per_var=2, power=1.5), GRAPHS),
    "scaleFreeTransposed": (ScaleFreeTranspose(edges_per_var=2, power=1.5), GRAPHS),
    "wattsStrogatz/2": (WattsStrogatz(dim=2, nei=1, p=0.3), GRAPHS),
    "wattsStrogatz/3": (WattsStrogatz(dim=3, nei=1, p=0.3), GRAPHS),
    "wattsStrogatz/reach": (WattsStrogatz(dim=2, nei=2, p=0.4), GRAPHS),
    "stochasticBlock/2": (SBM(edges_per_var=1, n_blocks=2, damp=0.1), GRAPHS),
    "stochasticBlock/10": (SBM(edges_per_var=2, n_blocks=10, damp=0.1), GRAPHS),
    "geometric": (GRG(radius=0.1), GRAPHS),
    "geometric/wide": (GRG(radius=0.3), GRAPHS),
    "geneNetwork/ecoli": (Ecoli(topk=0.2), 300),
    "geneNetwork/yeast": (Yeast(topk=0.2), 60),
}


def longest_path(graph: np.ndarray) -> int:
    reach, length = graph > 0, 0
    power = reach.copy()
    while power.any():
        length += 1
        power = (power.astype(int) @ reach.astype(int)) > 0
    return length


def graph_statistics(graph: np.ndarray) -> dict[str, int]:
    graph = (np.asarray(graph) > 0).astype(int)
    skeleton = graph + graph.T
    degrees = skeleton.sum(0)
    return {
        "edges": int(graph.sum()), "largestInDegree": int(graph.sum(0).max()),
        "largestOutDegree": int(graph.sum(1).max()), "squaredDegrees": int((degrees**2).sum()),
        "triangles": int(np.trace(skeleton @ skeleton @ skeleton) // 6), "longestPath": longest_path(graph),
        "roots": int((graph.sum(0) == 0).sum()),
    }


def worlds() -> dict:
    """For each kind a function that draws a graph and data."""
    root = Path(avici.__file__).parent / "config" / "train"

    def preset(name):
        specs = load_data_config(root / name, abspath=True)["data"]["train"]

        def draw(rng):
            spec = specs[rng.choice(len(specs))]
            graph = spec.graph(rng=rng, n_vars=GENES)
            return graph, spec.mechanism(rng=rng, g=graph, n_observations_obs=OBSERVED, n_observations_int=INTERVENED)

        return draw

    def single(mechanism):
        graphs = ErdosRenyi(edges_per_var=2.0)

        def draw(rng):
            graph = graphs(rng, GENES)
            return graph, mechanism(rng, graph, OBSERVED, INTERVENED)

        return draw

    constant = dict(noise_scale=Uniform(0.2, 2.0))
    varying = dict(noise_scale_heteroscedastic={"rff": None, "length_scale": 10.0, "output_scale": 2.0})
    interventions = dict(n_interv_vars=0.5, interv_dist=SignedUniform(1.0, 5.0))
    linear = dict(param=SignedUniform(0.5, 2.0), bias=Uniform(-3.0, 3.0), **interventions)
    waves = dict(
        length_scale=Uniform(5.0, 8.0), output_scale=Uniform(8.0, 12.0), bias=Uniform(-3.0, 3.0), **interventions)
    return {
        "linear": preset("neurips-linear.yaml"), "rff": preset("neurips-rff.yaml"), "scm-v0": preset("scm-v0.yaml"),
        "linear/laplace": single(LinearAdditive(noise=Laplace(), **constant, **linear)),
        "linear/cauchy, heteroscedastic": single(LinearAdditive(noise=Cauchy(), **varying, **linear)),
        "rff/gaussian, heteroscedastic": single(RFFAdditive(noise=Gaussian(), **varying, **waves)),
        "rff/cauchy": single(RFFAdditive(noise=Cauchy(), **constant, **waves)),
    }


def data_statistics(graph: np.ndarray, observed: np.ndarray, intervened: np.ndarray) -> dict[str, float]:
    x, mask = observed[..., 0], intervened[..., 1]
    variances = x.var(0)
    centred = (x - x.mean(0)) / np.sqrt(variances)
    correlations = centred.T @ centred / len(x)
    edges = np.argwhere(np.asarray(graph) > 0)
    explained = []
    for gene in range(GENES):
        parents = np.flatnonzero(graph[:, gene])
        if len(parents):
            fit = np.linalg.lstsq(centred[:, parents], centred[:, gene], rcond=None)[0]
            explained.append(1 - ((centred[:, gene] - centred[:, parents] @ fit) ** 2).mean())
    free = np.where(mask == 0, intervened[..., 0], np.nan)
    spread = np.log(np.nanmedian(np.abs(free - np.median(x, axis=0)), axis=0))
    return {
        "meanLogVariance": np.log(variances).mean(), "spreadOfLogVariances": np.log(variances).std(),
        "meanAbsoluteCorrelation": np.abs(correlations[np.triu_indices(GENES, 1)]).mean(),
        "medianKurtosis": np.median((centred**4).mean(0)), "largestKurtosis": (centred**4).mean(0).max(),
        "varianceRises": (variances[edges[:, 0]] < variances[edges[:, 1]]).mean() if len(edges) else 0.5,
        "explainedByParents": np.mean(explained) if explained else 0.0,
        "meanAbsoluteIntervention": np.abs(intervened[..., 0][mask == 1]).mean(),
        "targets": (mask.sum(0) > 0).sum(), "spreadUnderInterventions": spread.mean(),
    }


def draw_graphs(number: int) -> dict[str, dict[str, int]]:
    family, count = list(FAMILIES.values())[number]
    rng = np.random.default_rng([SEED, number])
    drawn = [graph_statistics(family(rng, NODES)) for _ in range(count)]
    return {
        key: {str(value): times for value, times in sorted(Counter(row[key] for row in drawn).items())} for key in drawn[0]
    }


def draw_data(number: int) -> list[dict[str, float]]:
    draw = list(worlds().values())[number]
    rng = np.random.default_rng([SEED, 1000 + number])
    drawn = [draw(rng) for _ in range(DATASETS)]
    return [data_statistics(graph, data.x_obs, data.x_int) for graph, data in drawn]


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    # The package reads its tables by a name that pandas will give up.
    warnings.simplefilter("ignore", FutureWarning)
    kinds = list(worlds())
    with Pool(4) as pool:
        data = pool.map_async(draw_data, range(len(kinds)), chunksize=1)
        graphs = pool.map(draw_graphs, reversed(range(len(FAMILIES))), chunksize=1)[::-1]
        data = data.get()
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(values)}" for name, values in zip(FAMILIES, graphs))
    (folder / "graphs.json").write_text("{\n" + lines + "\n}\n")
    rows = ["\t".join([kind, *(f"{v:.4g}" for v in row.values())]) for kind, drawn in zip(kinds, data) for row in drawn]
    (folder / "data.tsv").write_text("\n".join(["\t".join(["kind", *data[0][0]])] + rows) + "\n")

    provenance = {
        "peer": "avici", "version": version("avici"), "with": {name: version(name) for name in ["igraph", "numpy", "pandas"]},
        "command": "python Pipelines/Golden/simulators.py Reference/Golden/Simulators", "seed": SEED,
        "tolerance": "two-sample tests, see the tests that read the files: the draws of both sides are random",
        "sha256": {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in ["graphs.json", "data.tsv"]},
    }
    (folder / "provenance.json").write_text(json.dumps(provenance, indent=2) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
