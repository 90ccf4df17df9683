#!/usr/bin/env python3
"""Golden file of the h5ad reader, and the check of the h5ad writer, with anndata as the independent judge.

    python formats.py write ../../Reference/Golden/Formats     makes anndata.h5ad and provenance.json
    python formats.py check FILE.h5ad                          reads a file of ours and compares it with the same data

Needs anndata 0.12, pandas, scipy (PyPI). The data are those of `H5ADTests.example`.
"""
import hashlib
import json
import sys
from importlib.metadata import version
from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import scipy.sparse as sparse


def example() -> anndata.AnnData:
    x = np.array([[1, 0, 2.5], [0, 0, 0], [0, 3, 0], [5, 0, 4]], dtype=np.float64)
    obs = pd.DataFrame(
        {
            "drug": pd.Categorical.from_codes([0, -1, 1, 0], ["control", "imatinib"]),
            "level": pd.Categorical.from_codes([1, 0, 1, 1], ["low", "high"], ordered=True),
            "dose": [0, 0.1, 10, np.inf],
            "plate": np.array([1, 2, 3, 2**63 - 1]),
            "guides": pd.array([1, None, 3, 4], dtype="Int64"),
            "is_control": [True, False, False, True],
            "passed": pd.array([True, None, False, True], dtype="boolean"),
            "note": pd.Series(["", "a", "β", "c"], dtype=object),
            "smiles": pd.array(["C", None, "CC", "O"], dtype="string"),
        }
    )
    obs.index = ["AAAC-1", "AAAG-1", "AAAT-1", "ΑΒΓ"]
    data = anndata.AnnData(sparse.csc_matrix(x), obs=obs, var=pd.DataFrame(index=["TP53", "MYC", "MT-CO1"]))
    data.layers["counts"] = np.arange(12, dtype=np.float32).reshape(4, 3)
    raw = anndata.AnnData(np.array([[1], [2], [3], [4]], dtype=np.float32), obs=obs, var=pd.DataFrame(index=["RAW1"]))
    data.raw = raw
    data.uns = {
        "title": "Größe", "seed": 7, "alpha": 0.25, "isPaired": True, "colors": np.array(["#ff0000", "#00ff00"]),
        "curve": np.array([[1.0, 2.0], [3.0, 4.0]]), "counts": np.array([1, 2]), "mask": np.array([True, False]),
        "nested": {"inner": {"x": 1}, "empty": {}},
    }
    return data


def write(folder: Path) -> None:
    anndata.settings.allow_write_nullable_strings = True
    data = example()
    data.obsm["X_pca"] = np.ones((4, 2))
    data.uns["table"] = pd.DataFrame({"a": [1, 2]})
    target = folder / "anndata.h5ad"
    data.write_h5ad(target, compression="gzip", convert_strings_to_categoricals=False)
    provenance = {
        "file": target.name,
        "peer": {name: version(name) for name in ["anndata", "h5py", "pandas", "scipy", "numpy"]},
        "command": "python Pipelines/Golden/formats.py write Reference/Golden/Formats",
        "sha256": hashlib.sha256(target.read_bytes()).hexdigest(),
        "tolerance": 0,
        "reason": "all values are exact in binary",
    }
    (folder / "provenance.json").write_text(json.dumps(provenance, indent=2, ensure_ascii=False) + "\n")


def check(path: Path) -> None:
    found, expected = anndata.read_h5ad(path), example()
    # Texts of which some are missing are written as categories.
    expected.obs["smiles"] = expected.obs["smiles"].astype(object).astype("category")
    np.testing.assert_array_equal(found.X.toarray(), expected.X.toarray())
    np.testing.assert_array_equal(found.layers["counts"], expected.layers["counts"])
    np.testing.assert_array_equal(found.raw.X, expected.raw.X)
    assert list(found.raw.var_names) == list(expected.raw.var_names)
    pd.testing.assert_frame_equal(found.obs, expected.obs, check_names=False, check_column_type=False)
    pd.testing.assert_frame_equal(found.var, expected.var, check_names=False, check_column_type=False)
    assert set(found.uns) == set(expected.uns), set(found.uns) ^ set(expected.uns)
    for name, value in expected.uns.items():
        np.testing.assert_equal(found.uns[name], value)
    print(f"{path}: equal to anndata's own")


if __name__ == "__main__":
    {"write": write, "check": check}[sys.argv[1]](Path(sys.argv[2]))
