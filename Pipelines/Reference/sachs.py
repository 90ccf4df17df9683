#!/usr/bin/env python3
"""The Sachs 2005 flow cytometry screen and its consensus network, from the PyPI package cdt, as files that ship here.

    python Pipelines/Reference/sachs.py Reference/Screens

Needs pip, anndata and pandas (PyPI). Writes sachs.h5ad (7,466 cells × 11 proteins, raw fluorescence, in the order of the
package), sachs_consensus.tsv (`source target`) and provenance.json. The package holds values and network only: it does not
say which reagents a cell was given, so neither do these files.
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
    data = anndata.AnnData(
        values.to_numpy(dtype=np.float32),
        obs=pd.DataFrame(index=[f"cell{i + 1}" for i in range(len(values))]),
        var=pd.DataFrame({"name_in_package": list(PROTEINS)}, index=list(PROTEINS.values())))
    data.uns["note"] = (
        "Sachs et al. 2005, Science 308:523, flow cytometry: raw fluorescence of 11 proteins in 7,466 cells, "
        f"as in the PyPI package {PACKAGE} {VERSION}, which does not say which reagents a cell was given")
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
        "conditions": "none: the package holds values and network only",
        "files": {
            name: {"sha256": digest((folder / name).read_bytes()), "holds": holds}
            for name, holds in [
                ("sachs.h5ad", f"{values.shape[0]} cells x {values.shape[1]} proteins"),
                ("sachs_consensus.tsv", f"{len(edges)} edges"),
            ]
        },
    }
    (folder / "provenance.json").write_text(json.dumps(provenance, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
