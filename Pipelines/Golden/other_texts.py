#!/usr/bin/env python3
"""Shapes and sums of text matrices that other packages ship, read with scipy and pandas: the figures of `TextZooTests`.

usage: other_texts.py FOLDER
FOLDER holds the files by package, as the tests have them. Needs scipy, pandas (PyPI). Prints one line a file: cells, genes,
sum. Folders and .mtx files of these packages have genes as rows, but sceptre's gene_mat.mtx, whose rows are cells.
"""
import gzip
import pathlib
import sys

import pandas as pd
import scipy.io

FOLDERS = [
    "monocle3/cr2.0", "monocle3/cr3.0", "scanpy/10x_data/1.2.0/filtered_gene_bc_matrices",
    "scanpy/10x_data/3.0.0/filtered_feature_bc_matrix", "scanpy/10x_data/int-ids", "sceptre/highmoi_example/gem_group_1",
    "sceptre/highmoi_example/gem_group_2", "scprep/test_10X", "scprep/test_10X_cellranger3",
    "scprep/test_10X_duplicate_gene_names", "seurat/matrix.mtx", "seurat/cr3.0", "sceptre/parse_example/gene_mat.mtx",
]
# The separator, and whether rows are genes.
TABLES = {
    "scprep/test_small.csv": (",", False), "scprep/test_small.tsv": ("\t", False),
    "scprep/test_small_duplicate_gene_names.csv": (",", False), "seurat/pbmc_raw.txt": (r"\s+", True),
    "scanpy_datasets/toggleswitch.txt": (r"\s+", False),
}
root = pathlib.Path(sys.argv[1])
for name in FOLDERS:
    path = root / name
    path = path if path.is_file() else next(iter(sorted(path.rglob("*.mtx*"))))
    with (gzip.open if path.suffix == ".gz" else open)(path) as file:
        matrix = scipy.io.mmread(file)
    genes, cells = matrix.shape[::-1] if name.endswith("gene_mat.mtx") else matrix.shape
    print(name, cells, genes, matrix.sum(), sep="\t")
for name, (separator, has_gene_rows) in TABLES.items():
    # Numbers alone, without names on either side.
    bare = name.endswith("toggleswitch.txt")
    options = {"index_col": None, "header": None, "skipinitialspace": True} if bare else {"index_col": 0}
    table = pd.read_csv(root / name, sep=separator, engine="python", **options)
    rows, columns = table.shape
    print(name, *((columns, rows) if has_gene_rows else (rows, columns)), table.to_numpy().sum(), sep="\t")
