#!/usr/bin/env python3
"""An AnnData with every kind of element, and the comparison of a file with it.

    python roundtrip.py make FILE.h5ad        writes it with the anndata of this environment
    python roundtrip.py compare FILE.h5ad     reads a file and compares every field; exit status 1 on any difference

Runs with anndata 0.8 and all later ones. What 0.8 cannot read (an entry without a value) is not in it; texts of which some
are missing are, where anndata can write them, and must come back as categories: the one encoding that all versions read.
"""
import sys
from importlib.metadata import version

import anndata
import numpy as np
import pandas as pd
import scipy.sparse as sparse

CELLS, GENES = 7, 5
IS_OLD = version("anndata").startswith("0.8.")


def example() -> anndata.AnnData:
    random = np.random.default_rng(3)
    x = sparse.random(CELLS, GENES, density=0.5, format="csr", dtype=np.float32, random_state=1)
    drugs = ["control", "imatinib + 5-FU", "α-amanitin"]
    obs = pd.DataFrame(
        {
            "drug": pd.Categorical.from_codes([0, -1, 1, 0, 2, 1, 1], drugs),
            "level": pd.Categorical.from_codes([1, 0, 1, 1, 0, 0, 1], ["low", "high"], ordered=True),
            "plate": pd.Categorical([3, 1, 2, 2, 1, 3, 3]),
            "dose": pd.Categorical([0.1, 10, 10, 0.1, np.nan, 1e-5, 10]),
            "passed": pd.Categorical([True, False, False, True, True, True, False]),
            "n_counts": np.array([0, 0.1, 10, np.inf, np.nan, -1.5, 1e300]),
            "fraction": np.linspace(0, 1, CELLS, dtype=np.float32),
            "n_genes": np.array([1, 2, 3, 4, 5, 6, 2**63 - 1]),
            "lane": np.arange(CELLS, dtype=np.int32) - 3,
            "small": np.arange(CELLS, dtype=np.uint8) + 249,
            "short": (np.arange(CELLS) * 1000 - 3000).astype(np.int16),
            "guides": pd.array([1, None, 3, 4, None, 6, 7], dtype="Int64"),
            "umis": pd.array([1, 2, 3, 4, 5, 6, 7], dtype="UInt16"),
            "is_control": np.array([True, False, False, True, True, False, False]),
            "is_doublet": pd.array([True, None, False, True, None, False, False], dtype="boolean"),
            "note": ["", "a", "β", "x,y", 'quote"', "line\nbreak", "a/b"],
        }
    )
    obs.index = pd.Index([f"CELL{i}-1" for i in range(CELLS - 1)] + ["ΑΒΓ"], name="barcode")
    var = pd.DataFrame({"symbol": [f"S{i}" for i in range(GENES)]}, index=[f"ENSG{i}" for i in range(GENES)])
    data = anndata.AnnData(x, obs=obs, var=var)
    data.layers["counts"] = sparse.csr_matrix((x * 100).astype(np.int32))
    data.layers["scaled"] = random.normal(size=(CELLS, GENES))
    raw_var = pd.DataFrame({"in_panel": [True, False] * 3}, index=[f"RAW{i}" for i in range(6)])
    raw = anndata.AnnData(sparse.csr_matrix(np.arange(CELLS * 6).reshape(CELLS, 6).astype(np.float32)), obs=obs, var=raw_var)
    raw.varm["PCs"] = random.normal(size=(6, 2))
    data.raw = raw
    data.obsm["X_pca"] = random.normal(size=(CELLS, 3)).astype(np.float32)
    data.obsm["cube"] = random.normal(size=(CELLS, 2, 2))
    data.obsm["guides"] = sparse.csr_matrix(np.eye(CELLS, 4, dtype=np.int64))
    data.obsm["table"] = pd.DataFrame({"a": np.arange(CELLS), "b": pd.Categorical(list("xyxyxyx"))}, index=obs.index)
    data.varm["PCs"] = random.normal(size=(GENES, 3))
    data.obsp["distances"] = sparse.csr_matrix(np.triu(random.uniform(size=(CELLS, CELLS))))
    data.obsp["dense"] = np.eye(CELLS, dtype=np.float32)
    data.varp["correlation"] = sparse.csc_matrix(np.tril(random.uniform(size=(GENES, GENES))))
    data.uns = {
        "title": "Größe", "seed": 7, "alpha": 0.25, "isPaired": True,
        "colors": np.array(["#ff0000", "#00ff00"], dtype=object),
        "curve": np.array([[1.0, 2.0], [3.0, 4.0]]), "counts": np.array([1, 2]), "mask": np.array([True, False]),
        "half": np.arange(4, dtype=np.float32), "bytes": np.arange(6, dtype=np.uint8).reshape(1, 2, 3),
        "nested": {"inner": {"x": 1, "deep": {"y": "z"}}, "empty": {}},
        "table": pd.DataFrame({"a": [1.5, 2.5], "b": ["x", "y"]}, index=["r0", "r1"]),
        "sparse": sparse.csr_matrix(np.array([[0, 1.5], [2, 0]])),
        "sparse_columns": sparse.csc_matrix(np.array([[0, 1], [2, 0], [0, 3]])),
        "categories": pd.Categorical(["u", "v", "u"], categories=["v", "u"]),
        "rank_genes_groups": {
            "params": {"groupby": "drug", "method": "wilcoxon", "use_raw": False},
            "names": np.array([("ENSG1", "ENSG0"), ("ENSG2", "ENSG4")], dtype=[("imatinib", "O"), ("5-FU", "O")]),
            "scores": np.array([(1.5, 0.1), (-2, 3)], dtype=[("imatinib", "f4"), ("5-FU", "f4")]),
            "pvals": np.array([(1e-300, 0.1), (0.5, 1)], dtype=[("imatinib", "f8"), ("5-FU", "f8")]),
        },
    }
    if not IS_OLD:
        data.obs["smiles"] = pd.array(["C", None, "CC", "O", "C", None, "N"], dtype="string")
        data.uns["levels"] = pd.array([1, None, 3], dtype="Int64")
    return data


def make(path: str) -> None:
    if IS_OLD:
        example().write_h5ad(path)
    else:
        anndata.settings.allow_write_nullable_strings = True
        example().write_h5ad(path, convert_strings_to_categoricals=False)


def expected(found: anndata.AnnData) -> anndata.AnnData:
    """The example as a file of either version gives it back."""
    data = example()
    if IS_OLD:
        # Writing makes categories of repeated texts; and a file of a later version has more.
        data.strings_to_categoricals()
        for name in ["smiles"]:
            if name in found.obs:
                data.obs[name] = pd.Categorical(["C", None, "CC", "O", "C", None, "N"])
        if "levels" in found.uns:
            data.uns["levels"] = pd.array([1, None, 3], dtype="Int64")
    elif "smiles" in found.obs:
        data.obs["smiles"] = data.obs["smiles"].astype(object).astype("category")
    else:
        # A file that anndata 0.8 wrote.
        del data.obs["smiles"], data.uns["levels"]
    return data


def difference(found, wanted) -> str:
    """Empty where equal, types included."""
    if isinstance(wanted, dict) or hasattr(wanted, "keys") and not isinstance(wanted, (pd.DataFrame, np.ndarray)):
        names = set(found.keys()) ^ set(wanted.keys())
        if names:
            return f"only in one: {sorted(names)}"
        for name in wanted.keys():
            problem = difference(found[name], wanted[name])
            if problem:
                return f"{name}: {problem}"
        return ""
    if isinstance(wanted, pd.DataFrame):
        try:
            pd.testing.assert_frame_equal(found, wanted, check_column_type=False, check_index_type=False, check_exact=True)
        except AssertionError as error:
            return " ".join(str(error).split())
        return ""
    if sparse.issparse(wanted):
        if type(found) is not type(wanted) or found.format != wanted.format:
            return f"{type(found).__name__} instead of {type(wanted).__name__}"
        if found.dtype != wanted.dtype or found.shape != wanted.shape:
            return f"{found.dtype} {found.shape} instead of {wanted.dtype} {wanted.shape}"
        return "" if (found != wanted).nnz == 0 and found.nnz == wanted.nnz else "other values"
    if isinstance(wanted, (pd.Categorical, pd.api.extensions.ExtensionArray)):
        try:
            pd.testing.assert_series_equal(pd.Series(found), pd.Series(wanted))
        except AssertionError as error:
            return " ".join(str(error).split())
        return ""
    if isinstance(wanted, np.ndarray):
        if found.dtype != wanted.dtype or found.shape != wanted.shape:
            return f"{found.dtype} {found.shape} instead of {wanted.dtype} {wanted.shape}"
        return "" if np.array_equal(found, wanted) else "other values"
    return "" if found == wanted else f"{found!r} instead of {wanted!r}"


def compare(path: str) -> int:
    found = anndata.read_h5ad(path)
    wanted = expected(found)
    differences = 0
    fields = [("X", found.X, wanted.X), ("raw/X", found.raw.X, wanted.raw.X), ("raw/var", found.raw.var, wanted.raw.var)]
    fields += [("raw/varm", dict(found.raw.varm), dict(wanted.raw.varm))]
    for name in ["obs", "var"]:
        left, right = getattr(found, name), getattr(wanted, name)
        if list(left.columns) != list(right.columns):
            # Later versions add columns at the end of the example.
            fields.append((f"{name} columns", {column: 0 for column in left}, {column: 0 for column in right}))
        fields += [(f"{name} names", left[[]], right[[]])]
        fields += [(f"{name}/{column}", left[[column]], right[[column]]) for column in right if column in left]
    for name in ["layers", "obsm", "varm", "obsp", "varp", "uns"]:
        left, right = dict(getattr(found, name)), dict(getattr(wanted, name))
        for key in sorted(set(left) ^ set(right)):
            fields.append((f"{name}/{key}", key in left, key in right))
        fields += [(f"{name}/{key}", left[key], right[key]) for key in right if key in left]
    for name, left, right in fields:
        problem = difference(left, right)
        differences += bool(problem)
        print(f"anndata {version('anndata')}\t{name}\t{'different: ' + problem if problem else 'equal'}")
    return 1 if differences else 0


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(sys.argv[2])
    else:
        sys.exit(compare(sys.argv[2]))
