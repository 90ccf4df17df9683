#!/usr/bin/env python3
"""What `Pipelines/Benchmark/simulators` runs of the package avici.

usage: simulators_peer.py CONFIGURATION GENES DATASETS
Draws datasets of 600 + 200 cells from a training configuration of the package, as its sampler does, and prints the
processor seconds of the median one.
"""
import statistics
import sys
import time
import warnings
from pathlib import Path

warnings.simplefilter("ignore")
import avici
import numpy as np
from avici.utils.parse import load_data_config

configuration, genes, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
path = Path(avici.__file__).parent / "config" / "train" / f"{configuration}.yaml"
cells = {"n_observations_obs": 600, "n_observations_int": 200}
specs = load_data_config(path, abspath=True, force_kwargs=cells)["data"]["train"]
rng = np.random.default_rng(0)
seconds = []
for _ in range(count):
    start = time.process_time()
    spec = specs[rng.choice(len(specs))]
    graph = spec.graph(rng=rng, n_vars=genes)
    spec.mechanism(rng=rng, g=graph, n_observations_obs=600, n_observations_int=200)
    seconds.append(time.process_time() - start)
print(f"{statistics.median(seconds):.6f}")
