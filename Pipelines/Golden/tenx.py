#!/usr/bin/env python3
"""Golden files of the 10x HDF5 and loom readers, made with h5py alone, and the check of the 10x writer with scanpy.

    python tenx.py write ../../Reference/Golden/TenX     makes multi.h5, two_genomes.h5, declared.h5, old.loom, recent.loom
    python tenx.py check FILE.h5                         reads a file of ours with scanpy and compares it with the same data

Needs h5py, numpy; for `check` scanpy (PyPI). The data are those of `TenXTests` and `LoomTests`.
"""
import hashlib
import json
import sys
from importlib.metadata import version
from pathlib import Path

import h5py
import numpy as np

CELLS = ["AAAC-1", "AAAG-1", "AAAT-2", "AACA-2"]
GENES = [
    # name, id, type, genome
    ("MT-CO1", "ENSG01", "Gene Expression", "GRCh38"),
    ("TP53", "ENSG02", "Gene Expression", "GRCh38"),
    ("Trp53", "ENSMUSG01", "Gene Expression", "mm10"),
    ("TP53+MDM2_1", "guide1", "CRISPR Guide Capture", ""),
    ("non-targeting_1", "guide2", "CRISPR Guide Capture", ""),
    ("CD3", "ADT1", "Antibody Capture", ""),
]
COUNTS = np.array(
    [
        [3, 0, 0, 7, 0, 16777217],
        [0, 0, 0, 0, 0, 0],
        [1, 2, 0, 0, 5, 1],
        [0, 0, 4, 0, 0, 0],
    ],
    dtype=np.int32,
)


def compressed(matrix: np.ndarray, descending: bool = False):
    data, indices, indptr = [], [], [0]
    for row in matrix:
        columns = np.flatnonzero(row)
        columns = columns[::-1] if descending else columns
        indices += list(columns)
        data += list(row[columns])
        indptr.append(len(data))
    return np.array(data, dtype=matrix.dtype), np.array(indices, dtype=np.int64), np.array(indptr, dtype=np.int64)


def fixed(texts):
    return np.array([text.encode() for text in texts])


def multi(path: Path) -> None:
    """Cell Ranger 3 and later: genes of two genomes, guides and antibodies; indices fall within a barcode."""
    with h5py.File(path, "w") as file:
        file.attrs.update({"filetype": "matrix", "version": 2, "library_ids": np.array([b"lib"])})
        group = file.create_group("matrix")
        data, indices, indptr = compressed(COUNTS, descending=True)
        options = {"compression": "gzip", "shuffle": True}
        group.create_dataset("data", data=data, chunks=(4,), **options)
        group.create_dataset("indices", data=indices, chunks=(4,), **options)
        group.create_dataset("indptr", data=indptr, **options)
        group.create_dataset("shape", data=np.array(COUNTS.shape[::-1], dtype=np.int32))
        group.create_dataset("barcodes", data=fixed(CELLS), **options)
        features = group.create_group("features")
        for column, name in enumerate(["name", "id", "feature_type", "genome"]):
            features.create_dataset(name, data=fixed([gene[column] for gene in GENES]), **options)
        features.create_dataset("pattern", data=fixed(["", "", "", "5P(BC)", "5P(BC)", "^(BC)"]))
        features.create_dataset("_all_tag_keys", data=fixed(["genome", "pattern"]))


def two_genomes(path: Path) -> None:
    """Cell Ranger 1 and 2: a group for each genome."""
    with h5py.File(path, "w") as file:
        for genome in ["GRCh38", "mm10"]:
            columns = [i for i, gene in enumerate(GENES) if gene[3] == genome]
            group = file.create_group(genome)
            data, indices, indptr = compressed(COUNTS[:, columns])
            group.create_dataset("data", data=data)
            group.create_dataset("indices", data=indices)
            group.create_dataset("indptr", data=indptr)
            group.create_dataset("shape", data=np.array([len(columns), len(CELLS)], dtype=np.int32))
            group.create_dataset("barcodes", data=fixed(CELLS))
            group.create_dataset("genes", data=fixed([GENES[i][1] for i in columns]))
            group.create_dataset("gene_names", data=fixed([GENES[i][0] for i in columns]))


def declared(path: Path) -> None:
    """Nine million entries of which none was ever written."""
    size = 3000
    names = fixed([f"{i:04}" for i in range(size)])
    with h5py.File(path, "w") as file:
        group = file.create_group("matrix")
        for name in ["data", "indices"]:
            group.create_dataset(name, shape=(size * size,), dtype="i8", chunks=(1 << 16,))
        group.create_dataset("indptr", data=np.arange(size + 1) * size, compression="gzip", shuffle=True)
        group.create_dataset("shape", data=np.array([size, size], dtype=np.int32))
        group.create_dataset("barcodes", data=names, compression="gzip", shuffle=True)
        group.create_dataset("features/name", data=names, compression="gzip", shuffle=True)
        group.create_dataset("features/id", data=names, compression="gzip", shuffle=True)


def loom(path: Path, recent: bool) -> None:
    """Loom 2 keeps texts in ASCII with entities of HTML, loom 3 in UTF-8 of varying length."""
    texts = h5py.string_dtype()

    def values(strings):
        if recent:
            return np.array(strings, dtype=object)
        return np.array([s.replace("&", "&amp;").encode("ascii", "xmlcharrefreplace") for s in strings])

    with h5py.File(path, "w") as file:
        if recent:
            file.create_group("attrs").create_dataset("LOOM_SPEC_VERSION", data="3.0.0", dtype=texts)
        else:
            file.attrs["LOOM_SPEC_VERSION"] = "2.0.1"
        matrix = COUNTS.T.astype(np.float64) + np.where(COUNTS.T > 0, 0.1, 0)
        file.create_dataset("matrix", data=matrix if recent else COUNTS.T, chunks=(2, 3), compression="gzip")
        file.create_group("layers").create_dataset("spliced", data=(COUNTS.T // 2).astype(np.uint32))
        rows = file.create_group("row_attrs")
        rows["Gene" if recent else "var_names"] = values([gene[0] for gene in GENES])
        rows["Accession"] = values([gene[1] for gene in GENES])
        columns = file.create_group("col_attrs")
        columns["CellID" if recent else "obs_names"] = values(CELLS)
        columns["drug"] = values(["TGF-β", "A & B", "β+", "A&B;"])
        columns["n_counts"] = COUNTS.sum(axis=1)
        columns["X_pca"] = np.arange(8, dtype=np.float32).reshape(4, 2)
        graph = file.create_group("col_graphs/knn")
        graph["a"], graph["b"], graph["w"] = [0, 1], [1, 0], [1.0, 1.0]
        file.create_group("row_graphs")


def write(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    multi(folder / "multi.h5")
    two_genomes(folder / "two_genomes.h5")
    declared(folder / "declared.h5")
    loom(folder / "old.loom", recent=False)
    loom(folder / "recent.loom", recent=True)
    names = ["multi.h5", "two_genomes.h5", "declared.h5", "old.loom", "recent.loom"]
    provenance = {
        "peer": {name: version(name) for name in ["h5py", "numpy"]},
        "command": "python Pipelines/Golden/tenx.py write Reference/Golden/TenX",
        "sha256": {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names},
        "tolerance": 0,
        "reason": "values are compared as they are stored; what single precision rounds is named in the tests",
    }
    (folder / "provenance.json").write_text(json.dumps(provenance, indent=2, ensure_ascii=False) + "\n")


def check(path: Path) -> None:
    import scanpy

    found = scanpy.read_10x_h5(path, gex_only=False)
    # scanpy reads int32 as float32.
    np.testing.assert_array_equal(found.X.toarray(), COUNTS.astype(np.float32))
    assert list(found.obs_names) == CELLS
    assert list(found.var_names) == [gene[0] for gene in GENES]
    for position, column in enumerate(["gene_ids", "feature_types", "genome"], start=1):
        assert list(found.var[column]) == [gene[position] for gene in GENES], column
    assert list(found.var["pattern"]) == ["", "", "", "5P(BC)", "5P(BC)", "^(BC)"]
    with h5py.File(path) as file:
        group = file["matrix"]
        assert (group["data"].dtype, group["indices"].dtype, group["indptr"].dtype) == ("<i4", "<i8", "<i8")
        assert group["barcodes"].dtype.kind == "S" and group["features/name"].dtype.kind == "S"
        assert list(group["shape"][()]) == [len(GENES), len(CELLS)] and group["shape"].dtype == "<i4"
        assert file.attrs["filetype"] == "matrix" and file.attrs["version"] == 2
        assert list(group["features/_all_tag_keys"][()]) == [b"genome", b"pattern"]
    print(f"{path}: equal to the data, as scanpy reads it")


if __name__ == "__main__":
    {"write": write, "check": check}[sys.argv[1]](Path(sys.argv[2]))
