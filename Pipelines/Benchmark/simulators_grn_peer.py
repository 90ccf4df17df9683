"""Processor seconds of one dataset of gene regulation by the package `avici`, mean over repeats.

usage: simulators_grn_peer.py GENES OBSERVATIONAL INTERVENTIONAL REPEATS
"""
import pathlib
import sys
import time

import numpy as np
import avici
from avici.buffer import Sampler
from avici.utils.parse import load_data_config

genes, observational, interventional, repeats = map(int, sys.argv[1:5])
spec = load_data_config(
    pathlib.Path(avici.__file__).parent / "config/train/neurips-grn.yaml", abspath=True,
    force_kwargs=dict(n_observations_obs=observational, n_observations_int=interventional))["data"]["train"]
random = np.random.default_rng(0)
start = time.process_time()
for _ in range(repeats):
    Sampler.generate_data(random, n_vars=genes, spec_list=spec)
print((time.process_time() - start) / repeats)
