#!/usr/bin/env python3
"""What `Pipelines/Benchmark/compare` runs of other packages, and how it holds their results against ours.

usage: compare_peers.py scanpy|illico SCREEN.h5ad OUTPUT.npz
       compare_peers.py scperturb SCREEN.h5ad OUTPUT.npz EMBEDDED.h5ad RUNS
       compare_peers.py differences OURS.tsv OUTPUT.npz
       compare_peers.py distances OURS.distances.tsv OUTPUT.npz
Prints one line: processor seconds and seconds of the step alone, or the largest differences.
"""
import sys
import time
import warnings

import numpy as np
import pandas as pd

warnings.simplefilter("ignore")
task, name, output = sys.argv[1:4]
column, control = "perturbation", "non-targeting"


class Step:
    def __enter__(self):
        self.start = time.process_time(), time.time()

    def __exit__(self, *_):
        print(f"{time.process_time() - self.start[0]:.2f}\t{time.time() - self.start[1]:.2f}")


if task in ("scanpy", "illico", "scperturb"):
    import anndata
    import scanpy as sc

    data = anndata.read_h5ad(name)
    data.obs[column] = data.obs[column].astype(object).astype("category")
if task == "scanpy":
    with Step():
        sc.tl.rank_genes_groups(data, column, reference=control, method="wilcoxon", tie_correct=False)
    ranked = data.uns["rank_genes_groups"]
    parts = [
        pd.DataFrame({"group": group, "gene": ranked["names"][group], "score": ranked["scores"][group],
                      "p_value": ranked["pvals"][group], "log2_fold_change": ranked["logfoldchanges"][group]})
        for group in ranked["names"].dtype.names
    ]
    np.savez(output, **{key: pd.concat(parts)[key].to_numpy() for key in parts[0]})
elif task == "illico":
    import illico

    with Step():
        table = illico.asymptotic_wilcoxon(
            data, is_log1p=True, group_keys=column, reference=control, n_threads=2, use_continuity=False,
            tie_correct=False)
    table = table.reset_index()
    pairs = {"group": table.iloc[:, 0], "gene": table.iloc[:, 1], "p_value": table["p_value"]}
    np.savez(output, **{key: np.asarray(value) for key, value in pairs.items()})
elif task == "scperturb":
    from scperturb import edist_to_control, etest

    embedded, runs = sys.argv[4], int(sys.argv[5])
    sc.pp.highly_variable_genes(data, n_top_genes=min(2000, data.n_vars - 1))
    sc.pp.pca(data, n_comps=50)
    anndata.settings.allow_write_nullable_strings = True
    data.write_h5ad(embedded)
    data.obsm["X_pca"] = data.obsm["X_pca"].astype("f8")
    with Step():
        values = edist_to_control(data, column, control, n_jobs=1, verbose=False)["distance"]
        tested = etest(data, column, control=control, runs=runs, n_jobs=1, verbose=False)
    np.savez(output, group=values.index.to_numpy(object), value=values.to_numpy(),
             p_value=tested.loc[values.index, "pvalue"].to_numpy())
elif task == "differences":
    peer = dict(np.load(output, allow_pickle=True))
    keys = ["group", "gene"]
    joined = pd.read_csv(name, sep="\t").merge(pd.DataFrame(peer), on=keys, suffixes=("", "_peer"))
    words = [f"rows {len(joined)}"]
    for key in ("score", "log2_fold_change"):
        if f"{key}_peer" in joined:
            words.append(f"{key} {np.nanmax(np.abs(joined[key] - joined[f'{key}_peer'])):.2g}")
    kept = joined[joined["p_value_peer"] > 1e-290]
    words.append(f"p_value (relative) {(kept['p_value'] / kept['p_value_peer'] - 1).abs().max():.2g}")
    print(", ".join(words))
elif task == "distances":
    peer = pd.DataFrame(dict(np.load(output, allow_pickle=True)))
    joined = pd.read_csv(name, sep="\t").merge(peer, on="group", suffixes=("", "_peer"))
    relative = (joined["value"] - joined["value_peer"]).abs() / joined["value_peer"].abs().clip(lower=1)
    words = [f"groups {len(joined)}", f"E-distance (relative) {relative.max():.2g}"]
    print(", ".join(words + [f"p_value {(joined['p_value'] - joined['p_value_peer']).abs().max():.2g} (random draws)"]))
