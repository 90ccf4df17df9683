#!/usr/bin/env python3
"""Worlds with a known graph, drawn by the package avici from the distributions of its paper, as screens for `structure`.

    python Pipelines/Benchmark/structure_worlds.py FOLDER NAME [--genes 30] [--worlds 10] [--only TEXT] [--jobs 2]

Needs avici 1.0.7 and h5py (Pipelines/Benchmark/engine_environment makes such an environment). NAME names the random streams:
sets of other names have nothing in common. Twelve cells of a table, {LINEAR, RFF, GENE}-{in, out} × {obs, int}: `in` is what
the published networks were trained on, `out` changes graphs, mechanisms, noise and interventions at once. obs has 1,000
observational cells, int 800 and 200 with one gene intervened on. Worlds that are there already are kept.

FOLDER gets a screen NAME.h5ad and a table NAME.edges.tsv (source, target) a world, index.json (one entry a world) and
FORMAT.txt.
"""
import os

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

import argparse
import hashlib
import itertools
import json
import time
import warnings
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import numpy as np

CELLS = {"obs": (1000, 0), "int": (800, 200)}
FORMAT = """\
index.json: {"set": NAME, "versions": …, "worlds": [{"name", "domain" (LINEAR-in … GENE-out), "data" (obs | int), "genes",
"cells", "intervened" (cells), "edges", "counts" (true: X holds counts, else values to be read as they are), "seconds",
"graph" and "mechanism" (the generators' settings)}, …]}
NAME.h5ad: X cells × genes (float32; counts unnormalised); for `int` also layers/interventions, 1 where a gene is intervened
on in a cell, else 0; var index gene0 …; obs index cell0 …; nothing else.
NAME.edges.tsv: `source target`, the true edges.
"""


def options(cls, **choices):
    """The generator with every combination of the choices."""
    for values in itertools.product(*choices.values()):
        yield cls(**dict(zip(choices, values)))


def distributions(domain: str):
    """Graphs and mechanisms of a domain; a world draws one of each, uniformly."""
    from avici import synthetic as s

    kind, where = domain.split("-")
    bias = [s.Uniform(-3.0, 3.0)]
    if kind == "GENE":
        shared = dict(add_outlier_effect=[True], add_lib_size_effect=[True], add_dropout_effect=[True],
                      return_count_data=[True], n_ko_genes=[-1])
        if where == "in":
            graphs = [*options(s.ScaleFreeTranspose, edges_per_var=[1, 2, 3], power=[0.5, 0.8, 1.0, 1.2, 1.5]),
                      *options(s.ErdosRenyi, edges_per_var=[1.0, 2.0, 3.0])]
            return graphs, list(options(
                s.GRNSergio, tech_noise_config=["10x-chromium"], cell_types=[s.RandInt(5, 5)], decays=[0.7, 0.8, 0.9],
                noise_params=[0.9, 1.0, 1.1], b=[s.Uniform(1.0, 3.0)], k_param=[s.Uniform(1.0, 5.0)],
                k_sign_p=[s.Beta(1.0, 1.0), s.Beta(0.5, 0.5)], hill=[1.9, 2.0, 2.1], **shared))
        return [s.Ecoli(topk=0.2), s.Yeast(topk=0.2)], list(options(
            s.GRNSergio, tech_noise_config=["illumina", "drop-seq", "smart-seq"], cell_types=[s.RandInt(10, 10)],
            decays=[0.5, 1.5], noise_params=[0.5, 1.5], b=[s.Uniform(0.5, 2.0), s.Uniform(2.0, 4.0)],
            k_param=[s.Uniform(1.0, 3.0), s.Uniform(3.0, 7.0)], k_sign_p=[s.Beta(0.2588, 0.2499)], hill=[1.5, 2.5], **shared))
    if where == "in":
        graphs = [*options(s.ScaleFree, edges_per_var=[1, 2, 3], power=[1.0]),
                  *options(s.ScaleFreeTranspose, edges_per_var=[1, 2, 3], power=[1.0]),
                  *options(s.ErdosRenyi, edges_per_var=[1.0, 2.0, 3.0])]
        noise = dict(noise=[s.Gaussian()], noise_scale=[s.Uniform(0.2, 2.0)])
        interventions = dict(n_interv_vars=[-1], interv_dist=[s.SignedUniform(1.0, 3.0)])
        mechanism = (dict(param=[s.SignedUniform(1.0, 3.0)]) if kind == "LINEAR"
                     else dict(length_scale=[s.Uniform(7.0, 10.0)], output_scale=[s.Uniform(10.0, 20.0)]))
    else:
        graphs = [*options(s.ScaleFreeTranspose, edges_per_var=[2], power=[0.5, 1.5]),
                  *options(s.WattsStrogatz, dim=[2, 3], nei=[1], p=[0.3]),
                  *options(s.SBM, edges_per_var=[2], n_blocks=[5, 10], damp=[0.1]), *options(s.GRG, radius=[0.1])]
        noise = dict(noise=[s.Laplace(), s.Cauchy()],
                     noise_scale_heteroscedastic=[{"rff": None, "length_scale": 10.0, "output_scale": 2.0}])
        # Half of the genes: 15 of 30, 50 of 100.
        interventions = dict(n_interv_vars=[0.5], interv_dist=[s.SignedUniform(1.0, 5.0)])
        mechanism = (dict(param=[s.SignedUniform(0.5, 2.0), s.SignedUniform(2.0, 4.0)]) if kind == "LINEAR"
                     else dict(length_scale=[s.Uniform(5.0, 8.0), s.Uniform(8.0, 12.0)],
                               output_scale=[s.Uniform(8.0, 12.0), s.Uniform(18.0, 22.0)]))
    cls = s.LinearAdditive if kind == "LINEAR" else s.RFFAdditive
    return graphs, list(options(cls, **mechanism, bias=bias, **noise, **interventions))


def settings(generator) -> str:
    """What a generator is, without the addresses of its parts."""
    if isinstance(generator, dict):
        return "{" + ", ".join(f"{key}: {settings(value)}" for key, value in generator.items()) + "}"
    if not hasattr(generator, "__dict__"):
        return str(generator)
    return f"{type(generator).__name__}({', '.join(f'{k}={settings(v)}' for k, v in vars(generator).items())})"


def write_screen(file: Path, values: np.ndarray, interventions: np.ndarray | None, genes: list[str] | None = None) -> None:
    import h5py

    def frame(group, names):
        group.attrs.update({"encoding-type": "dataframe", "encoding-version": "0.2.0", "_index": "_index"})
        group.attrs.create("column-order", [], dtype=h5py.string_dtype())
        index = group.create_dataset("_index", data=names, dtype=h5py.string_dtype())
        index.attrs.update({"encoding-type": "string-array", "encoding-version": "0.2.0"})

    def matrix(place, content):
        data = h5.create_dataset(place, data=content.astype(np.float32), compression="gzip", compression_opts=1, shuffle=True)
        data.attrs.update({"encoding-type": "array", "encoding-version": "0.2.0"})

    with h5py.File(file, "w") as h5:
        h5.attrs.update({"encoding-type": "anndata", "encoding-version": "0.1.0"})
        frame(h5.create_group("obs"), [f"cell{i}" for i in range(values.shape[0])])
        frame(h5.create_group("var"), genes or [f"gene{j}" for j in range(values.shape[1])])
        matrix("X", values)
        if interventions is not None:
            h5.create_group("layers").attrs.update({"encoding-type": "dict", "encoding-version": "0.1.0"})
            matrix("layers/interventions", interventions)


def world(folder: Path, stream: str, domain: str, data: str, genes: int, number: int) -> dict:
    """Draws one world and writes its files, the entry of the index last."""
    # The package reads its tables by a name that pandas gives up.
    warnings.simplefilter("ignore", FutureWarning)
    name = f"{domain}.{data}.d{genes}.{number:02d}"
    entry_file = folder / f".{name}.json"
    if entry_file.exists():
        return json.loads(entry_file.read_text())
    digest = hashlib.sha256(f"{stream}/{name}".encode()).digest()
    random = np.random.default_rng(int.from_bytes(digest[:16], "little"))
    graphs, mechanisms = distributions(domain)
    start = time.process_time()
    graph_model = graphs[random.choice(len(graphs))]
    mechanism = mechanisms[random.choice(len(mechanisms))]
    graph = np.asarray(graph_model(rng=random, n_vars=genes)) > 0
    observed, intervened = CELLS[data]
    drawn = mechanism(rng=random, g=graph.astype(int), n_observations_obs=observed, n_observations_int=intervened)
    cells = np.concatenate([drawn.x_obs, drawn.x_int])
    assert cells.shape == (observed + intervened, genes, 2) and np.isfinite(cells).all() and graph.any()
    write_screen(folder / f"{name}.h5ad", cells[..., 0], cells[..., 1] if intervened else None)
    edges = "".join(f"gene{i}\tgene{j}\n" for i, j in np.argwhere(graph))
    (folder / f"{name}.edges.tsv").write_text("source\ttarget\n" + edges)
    entry = {
        "name": name, "domain": domain, "data": data, "genes": genes, "cells": len(cells), "intervened": intervened,
        "edges": int(graph.sum()), "counts": bool(drawn.is_count_data), "seconds": round(time.process_time() - start, 2),
        "graph": settings(graph_model), "mechanism": settings(mechanism),
    }
    entry_file.write_text(json.dumps(entry))
    return entry


def main() -> None:
    from importlib.metadata import version

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("name")
    parser.add_argument("--genes", type=int, default=30)
    parser.add_argument("--worlds", type=int, default=10)
    parser.add_argument("--only", default="", help="only cells of the table whose name (LINEAR-in.obs) holds this")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    (options.folder / "FORMAT.txt").write_text(FORMAT)
    # World by world, so that every cell of the table has some early; the slow ones last.
    wanted = [(f"{kind}-{where}", data, options.genes, number)
              for kinds in (("LINEAR", "RFF"), ("GENE",)) for number in range(options.worlds) for kind in kinds
              for where in ("in", "out") for data in CELLS if options.only in f"{kind}-{where}.{data}"]
    with ProcessPoolExecutor(options.jobs) as pool:
        for job in as_completed([pool.submit(world, options.folder, options.name, *each) for each in wanted]):
            print(job.result()["name"], job.result()["seconds"], flush=True)
            write_index(options.folder, options.name, {name: version(name) for name in ("avici", "igraph", "numpy", "pandas")})


def write_index(folder: Path, name: str, versions: dict) -> None:
    entries = [json.loads(file.read_text()) for file in sorted(folder.glob(".*.json"))]
    rows = ",\n".join("  " + json.dumps(entry) for entry in entries)
    head = json.dumps({"set": name, "versions": versions})[:-1]
    fresh = folder / "index.json.new"
    fresh.write_text(f'{head}, "worlds": [\n{rows}\n]}}\n')
    fresh.replace(folder / "index.json")


if __name__ == "__main__":
    main()
