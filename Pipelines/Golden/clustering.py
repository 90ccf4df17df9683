#!/usr/bin/env python3
"""Golden values of hierarchical clustering from scipy (pip install numpy scipy): average linkage of Euclidean distances,
its leaf order, and, of few rows, the shortest of all orders that the tree allows, by trying them all (scipy's
"optimal" order of 1.17 is longer than that in some cases).

usage: clustering.py OUTPUT_FOLDER
Writes values.json (matrices, linkages, orders) and provenance.json.
"""
import hashlib
import json
import pathlib
import sys

import numpy as np
import scipy
from scipy.cluster.hierarchy import leaves_list, linkage
from scipy.spatial.distance import pdist, squareform

folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
random = np.random.RandomState(11)


def least_length(tree, square):
    """The least sum of distances between neighbours over every flip of every cluster."""
    orders = [[[row]] for row in range(len(square))]
    for row in tree:
        pairs = [(a, b) for a in orders[int(row[0])] for b in orders[int(row[1])]]
        orders.append([a + b for a, b in pairs] + [b + a for a, b in pairs])
    return min(float(square[order[:-1], order[1:]].sum()) for order in orders[-1])


def case(name, values):
    distances = pdist(values)
    tree = linkage(distances, method="average", optimal_ordering=True)
    order = leaves_list(tree)
    square = squareform(distances)
    plain = leaves_list(linkage(distances, method="average"))
    return {
        "name": name,
        "rows": values.tolist(),
        # Pairs of clusters by rising height; clusters from `rows` on are earlier merges.
        "merges": [sorted(int(x) for x in row[:2]) for row in tree],
        "heights": tree[:, 2].tolist(),
        "order": order.tolist(),
        "least": least_length(tree, square) if len(values) <= 12 else None,
        "length": float(square[order[:-1], order[1:]].sum()),
        "lengthWithoutOrdering": float(square[plain[:-1], plain[1:]].sum()),
    }


blocks = np.repeat(random.normal(0, 2, (4, 9)), [6, 9, 11, 5], axis=0)[random.permutation(31)]
cases = [
    case("three rows", np.array([[0.0, 0], [5, 1], [1, 0.5]])),
    case("twelve rows", random.normal(0, 1, (12, 3))),
    case("noise", random.normal(0, 1, (24, 7))),
    case("blocks", blocks + random.normal(0, 0.4, blocks.shape)),
    case("one dimension", random.normal(0, 1, (40, 1))),
]
text = json.dumps({"cases": cases}, indent=1) + "\n"
(folder / "values.json").write_text(text)
(folder / "provenance.json").write_text(
    json.dumps(
        {
            "peer": "scipy",
            "version": scipy.__version__,
            "command": "python3 Pipelines/Golden/clustering.py Reference/Golden/Clustering",
            "seed": 11,
            "sha256": {"values.json": hashlib.sha256(text.encode()).hexdigest()},
            "tolerance": "relative 1e-12: means and sums of distances in another order; merges exact",
        },
        indent=2,
    )
    + "\n"
)
