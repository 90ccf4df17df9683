#!/usr/bin/env python3
"""DoWhy on the worlds that `mechanisms --export FOLDER` wrote: the same errors as there.

usage: mechanisms_peers.py FOLDER (pip install dowhy)
Mechanisms are assigned by gcm.auto as additive noise models, quality GOOD; noise and values by the fitted models.
"""
import collections
import json
import pathlib
import re
import sys
import time

import networkx as nx
import numpy as np
import pandas as pd
from dowhy import gcm

gcm.config.disable_progress_bars()


def rmse(a, b, deviations):
    return np.sqrt((((a - b) / deviations)**2).mean(1)).mean()


def means(model, node, parents, values):
    """The mechanism of a node that has parents, else the mean of its distribution."""
    if not parents:
        return np.full(len(values), centre[node])
    return model.causal_mechanism(node).prediction_model.predict(values[:, parents]).reshape(-1)


def sweep(model, order, parents, noise, setting):
    values = np.zeros_like(noise)
    for node in order:
        if node in setting:
            values[:, node] = setting[node]
        else:
            values[:, node] = means(model, node, parents[node], values) + noise[:, node]
    return values


sums, counts, seconds = collections.defaultdict(lambda: np.zeros(4)), collections.Counter(), collections.Counter()
for file in sorted(pathlib.Path(sys.argv[1]).glob("*.json")):
    key = re.match(r"(.+_\d+_\d+)_\d+", file.stem).group(1)
    world = json.loads(file.read_text())
    parents = world["parents"]
    context, queries, noise = (np.array(world[name]) for name in ["context", "queries", "noise"])
    deviations = np.array(world["deviations"])
    centre = context.mean(0)
    graph = nx.DiGraph()
    graph.add_nodes_from(range(len(parents)))
    graph.add_edges_from((p, node) for node, of in enumerate(parents) for p in of)
    began = time.process_time()
    model = gcm.StructuralCausalModel(graph)
    data = pd.DataFrame(context)
    gcm.auto.assign_causal_mechanisms(model, data, quality=gcm.auto.AssignmentQuality.GOOD)
    gcm.fit(model, data)
    seconds[key] += time.process_time() - began
    # DoWhy hands parents over in the order of its graph.
    parents = [sorted(of) for of in parents]
    order = list(nx.topological_sort(graph))
    found = np.stack([queries[:, n] - means(model, n, parents[n], queries) for n in range(len(parents))], 1)
    # The truth counts a root's mean as part of its mechanism, as these do.
    errors = [rmse(found, noise, deviations), rmse(sweep(model, order, parents, noise, {}), queries, deviations), 0, 0]
    for one in world["interventions"]:
        setting, expected = {one["node"]: one["value"]}, np.array(one["expected"])
        share = 1 / len(world["interventions"])
        errors[2] += share * rmse(sweep(model, order, parents, noise, setting), expected, deviations)
        errors[3] += share * rmse(sweep(model, order, parents, found, setting), expected, deviations)
    sums[key] += errors
    counts[key] += 1
    print("functions_nodes_rows", "noise", "generation", "intervention", "counterfactual", "seconds a world", sep="\t")
    for key in sums:
        print(key, counts[key], *np.round(sums[key] / counts[key], 3), round(seconds[key] / counts[key], 1), sep="\t")
