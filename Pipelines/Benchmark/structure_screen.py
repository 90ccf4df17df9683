"""A linear world of any size, written block by block, for `structure_scaling`.

    structure_screen.py FILE.h5ad CELLS GENES labels|layer

Every gene has about two parents among the genes before it in a hidden order; in a fifth of the cells one gene is set to a value
independent of its parents. A gene is divided by the sum of its weights, so that scales stay alike down the order. Who was
intervened on is said by a column `perturbation` (the gene or `control`), or by a layer `interventions`.
"""
import sys

import h5py
import numpy as np

BLOCK = 5000


def main(file, cells, genes, form):
    random = np.random.default_rng([cells, genes])
    order = random.permutation(genes)
    parents = [order[random.choice(place, min(place, 2), replace=False)] if place else order[:0] for place in range(genes)]
    weights = [random.choice([-1, 1], len(p)) * random.uniform(0.5, 1.5, len(p)) for p in parents]

    def block(count):
        x = np.zeros((genes, count))
        targets = np.where(random.random(count) < 0.2, random.integers(genes, size=count), -1)
        for place, gene in enumerate(order):
            x[gene] = weights[place] @ x[parents[place]] + random.standard_normal(count)
            x[gene] /= 1 + np.abs(weights[place]).sum()
            x[gene, targets == gene] = random.standard_normal((targets == gene).sum()) + 2
        return x.T, targets

    def frame(group, prefix, count):
        group.attrs.update({"encoding-type": "dataframe", "encoding-version": "0.2.0", "_index": "_index"})
        group.attrs.create("column-order", [], dtype=h5py.string_dtype())
        index = group.create_dataset("_index", data=[f"{prefix}{i}" for i in range(count)], dtype=h5py.string_dtype())
        index.attrs.update({"encoding-type": "string-array", "encoding-version": "0.2.0"})

    with h5py.File(file, "w") as h5:
        h5.attrs.update({"encoding-type": "anndata", "encoding-version": "0.1.0"})
        frame(h5.create_group("obs"), "cell", cells)
        frame(h5.create_group("var"), "gene", genes)
        matrices = {"X": matrix(h5, "X", (cells, genes))}
        if form == "layer":
            h5.create_group("layers").attrs.update({"encoding-type": "dict", "encoding-version": "0.1.0"})
            matrices["layer"] = matrix(h5, "layers/interventions", (cells, genes))
        labels = np.empty(cells, np.int32)
        for start in range(0, cells, BLOCK):
            rows = slice(start, min(start + BLOCK, cells))
            matrices["X"][rows], labels[rows] = block(rows.stop - rows.start)
            if form == "layer":
                matrices["layer"][rows] = labels[rows, None] == np.arange(genes)
        if form == "labels":
            h5["obs"].attrs["column-order"] = ["perturbation"]
            column = h5.create_group("obs/perturbation")
            column.attrs.update({"encoding-type": "categorical", "encoding-version": "0.2.0", "ordered": False})
            names = column.create_dataset(
                "categories", data=["control"] + [f"gene{j}" for j in range(genes)], dtype=h5py.string_dtype())
            names.attrs.update({"encoding-type": "string-array", "encoding-version": "0.2.0"})
            codes = column.create_dataset("codes", data=labels + 1)
            codes.attrs.update({"encoding-type": "array", "encoding-version": "0.2.0"})


def matrix(h5, name, shape):
    data = h5.create_dataset(name, shape, np.float32, chunks=(min(shape[0], 1000), shape[1]))
    data.attrs.update({"encoding-type": "array", "encoding-version": "0.2.0"})
    return data


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
