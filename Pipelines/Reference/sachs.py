#!/usr/bin/env python3
"""The Sachs 2005 flow cytometry screen and its consensus network, from the PyPI package cdt, as files that ship here.

    python Pipelines/Reference/sachs.py Reference/Screens

Needs pip, anndata and pandas (PyPI). Writes sachs.h5ad (7,466 cells × 11 proteins, raw fluorescence, in the order of the
package), sachs_consensus.tsv (`source target`) and provenance.json. The package holds values and network only. Which
reagents a cell was given follows from the order: the cells stand experiment after experiment, with the numbers of cells of
the published design. That is checked here: around every boundary between experiments the jump of the means is largest at
the boundary and larger than anywhere else in the data.
"""
import hashlib
import json
import subprocess
import sys
import tempfile
import zipfile
from importlib.metadata import version
from pathlib import Path

import anndata
import numpy as np
import pandas as pd

PACKAGE, VERSION = "cdt", "0.6.0"
VALUES = "cdt/data/resources/cyto_full_data.csv"
NETWORK = "cdt/data/resources/cyto_full_target.csv"
# The package's names (with its spelling of phosphorylation sites), and those of the paper's figure 3.
PROTEINS = {
    "praf": "Raf", "pmek": "Mek", "plcg": "PLCg", "PIP2": "PIP2", "PIP3": "PIP3", "p44/42": "Erk", "pakts473": "Akt",
    "PKA": "PKA", "PKC": "PKC", "P38": "p38", "pjnk": "JNK",
}
# Experiments 1 to 9 of Sachs et al. 2005 (table 1 and supplement): reagents, the protein whose activity or abundance the
# specific reagent sets (`none` for general stimulation), cells.
EXPERIMENTS = [
    ("cd3cd28", "none", 853), ("cd3cd28+icam2", "none", 902), ("cd3cd28+aktinhib", "Akt", 911),
    ("cd3cd28+g0076", "PKC", 723), ("cd3cd28+psitect", "PIP2", 810), ("cd3cd28+u0126", "Mek", 799),
    ("cd3cd28+ly", "PIP3", 848), ("pma", "PKC", 913), ("b2camp", "PKA", 707),
]


def check_boundaries(values: np.ndarray, boundaries: list[int], window: int = 150, tolerance: int = 5) -> dict:
    """The summed squared Welch statistic of log values before and after a row peaks at the boundaries and only there."""
    logs = np.log1p(values.astype(float))

    def jump(row: int) -> float:
        a, b = logs[row - window:row], logs[row:row + window]
        return float(((a.mean(0) - b.mean(0)) ** 2 / (a.var(0) / window + b.var(0) / window)).sum())

    jumps = {row: jump(row) for row in range(window, len(logs) - window + 1)}
    elsewhere = max(value for row, value in jumps.items() if min(abs(row - b) for b in boundaries) > window)
    for boundary in boundaries:
        near = range(boundary - window // 2, boundary + window // 2 + 1)
        peak = max(near, key=lambda row: jumps[row])
        assert abs(peak - boundary) <= tolerance and jumps[peak] > elsewhere, (boundary, peak, jumps[peak], elsewhere)
    return {"smallest_jump_at_a_boundary": round(min(jumps[b] for b in boundaries), 1),
            "largest_jump_elsewhere": round(elsewhere, 1)}


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def main(folder: Path) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run(
            [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", scratch, f"{PACKAGE}=={VERSION}"],
            check=True)
        wheel = next(Path(scratch).glob("*.whl"))
        wheel_digest = digest(wheel.read_bytes())
        with zipfile.ZipFile(wheel) as archive:
            members = {name: archive.read(name) for name in [VALUES, NETWORK]}
            archive.extractall(scratch, [VALUES, NETWORK])
        values = pd.read_csv(Path(scratch) / VALUES)
        network = pd.read_csv(Path(scratch) / NETWORK)

    assert list(values.columns) == list(PROTEINS) and values.shape == (7466, 11)
    counts = [cells for _, _, cells in EXPERIMENTS]
    assert sum(counts) == len(values)
    evidence = check_boundaries(values.to_numpy(), np.cumsum(counts)[:-1].tolist())

    def column(place: int) -> pd.Categorical:
        levels = list(dict.fromkeys(row[place] for row in EXPERIMENTS))
        return pd.Categorical(np.repeat([row[place] for row in EXPERIMENTS], counts), categories=levels)

    data = anndata.AnnData(
        values.to_numpy(dtype=np.float32),
        obs=pd.DataFrame(
            {"condition": column(0), "target": column(1),
             "is_control": np.repeat([target == "none" for _, target, _ in EXPERIMENTS], counts)},
            index=[f"cell{i + 1}" for i in range(len(values))]),
        var=pd.DataFrame({"name_in_package": list(PROTEINS)}, index=list(PROTEINS.values())))
    data.uns["note"] = (
        "Sachs et al. 2005, Science 308:523, flow cytometry: raw fluorescence of 11 proteins in 7,466 cells, "
        f"as in the PyPI package {PACKAGE} {VERSION}; conditions from the published design by the order of cells")
    data.write_h5ad(folder / "sachs.h5ad", compression="gzip", convert_strings_to_categoricals=False)

    edges = network.replace(PROTEINS).rename(columns={"Cause": "source", "Effect": "target"})
    edges.to_csv(folder / "sachs_consensus.tsv", sep="\t", index=False)

    provenance = {
        "source": {
            "registry": "PyPI", "package": PACKAGE, "version": VERSION, "wheel_sha256": wheel_digest,
            "files": {name: digest(content) for name, content in members.items()},
            "licence": "LICENSE.md in the wheel: MIT License, Copyright (c) 2018 Diviyan Kalainathan; "
            "the wheel's METADATA says Apache 2.0",
            "cite": "Sachs, Perez, Pe'er, Lauffenburger, Nolan (2005) Causal protein-signaling networks derived from "
            "multiparameter single-cell data. Science 308:523-529",
        },
        "command": "python Pipelines/Reference/sachs.py Reference/Screens",
        "written_with": {name: version(name) for name in ["anndata", "h5py", "pandas"]},
        "renamed": PROTEINS,
        "conditions": {
            "from": "experiments 1-9 and their numbers of cells in Sachs et al. 2005, by the order of cells in the package",
            "experiments": [{"condition": c, "target": t, "cells": n} for c, t, n in EXPERIMENTS],
            "checked": evidence,
        },
        "files": {
            name: {"sha256": digest((folder / name).read_bytes()), "holds": holds}
            for name, holds in [
                ("sachs.h5ad", f"{values.shape[0]} cells x {values.shape[1]} proteins, 9 conditions"),
                ("sachs_consensus.tsv", f"{len(edges)} edges"),
            ]
        },
    }
    (folder / "provenance.json").write_text(json.dumps(provenance, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
