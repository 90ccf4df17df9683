"""The package `avici` in `structure`, as its user would call it, and the screens.

    structure_peers.py screen FILE.h5ad CELLSxGENES
    structure_peers.py predict FILE.h5ad WEIGHTS.safetensors EDGES.tsv
    structure_peers.py differences OURS.tsv THEIRS.tsv
    structure_peers.py versions
"""
import os, sys

import numpy as np


def write_screen(file, size):
    import h5py

    cells, genes = map(int, size.split("x"))
    random = np.random.default_rng(0)
    values = random.standard_normal((cells, genes)) @ np.tril(random.standard_normal((genes, genes)))
    interventions = random.random((cells, genes)) < 0.25 / genes

    def frame(group, names):
        group.attrs.update({"encoding-type": "dataframe", "encoding-version": "0.2.0", "_index": "_index"})
        group.attrs.create("column-order", [], dtype=h5py.string_dtype())
        index = group.create_dataset("_index", data=names, dtype=h5py.string_dtype())
        index.attrs.update({"encoding-type": "string-array", "encoding-version": "0.2.0"})

    with h5py.File(file, "w") as h5:
        h5.attrs.update({"encoding-type": "anndata", "encoding-version": "0.1.0"})
        frame(h5.create_group("obs"), [f"cell{i}" for i in range(cells)])
        frame(h5.create_group("var"), [f"gene{j}" for j in range(genes)])
        h5.create_group("layers").attrs.update({"encoding-type": "dict", "encoding-version": "0.1.0"})
        for name, matrix in (("X", values), ("layers/interventions", interventions)):
            h5.create_dataset(name, data=matrix.astype(np.float32)).attrs.update(
                {"encoding-type": "array", "encoding-version": "0.2.0"})


def predict(screen, weights, edges):
    import h5py
    from avici.pretrain import AVICIModel
    from engine_peers import export_avici, inference_model
    from safetensors.numpy import load_file

    tensors = load_file(weights)
    blocks = sum(name.endswith(".query.weight") for name in tensors)
    model = AVICIModel(
        params=export_avici.imported(tensors, blocks // 2), model=inference_model(blocks), expects_counts=False)
    with h5py.File(screen) as h5:
        values, interventions, genes = h5["X"][:], h5["layers/interventions"][:], h5["var/_index"].asstr()[:]
    probabilities = model(x=values, interv=interventions)
    with open(edges, "w") as file:
        file.write("source\ttarget\tprobability\n")
        for i, j in zip(*np.nonzero(~np.eye(len(genes), dtype=bool))):
            file.write(f"{genes[i]}\t{genes[j]}\t{probabilities[i, j]:.9g}\n")


def read(edges):
    with open(edges) as file:
        rows = [line.rstrip("\n").split("\t") for line in list(file)[1:]]
    return {(source, target): float(probability) for source, target, probability in rows}


def differences(ours, theirs):
    ours, theirs = read(ours), read(theirs)
    if ours.keys() != theirs.keys():
        sys.exit("the tables have other edges")
    # Where the table rounds probabilities, logits of rare edges are rounded more.
    print(f"largest difference of probabilities: {max(abs(ours[edge] - theirs[edge]) for edge in ours):.1e}")


def versions():
    from importlib.metadata import version

    print("; ".join(f"{name} {version(name)}" for name in ("avici", "jax", "jaxlib", "dm-haiku", "numpy")))


if __name__ == "__main__":
    sys.path.append(os.path.dirname(os.path.abspath(__file__)))
    {"screen": write_screen, "predict": predict, "differences": differences, "versions": versions}[sys.argv[1]](*sys.argv[2:])
