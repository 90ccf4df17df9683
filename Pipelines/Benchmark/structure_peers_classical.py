"""Classical scores of ordered pairs of genes by Python packages, for `structure_accuracy`.

    structure_peers_classical.py METHOD FOLDER < SCREENS

SCREENS is a JSON list of [name, screen.h5ad, counts]. Writes FOLDER/NAME.tsv (source, target, score) for each and prints a JSON
object of processor seconds by name. Counts are brought to their median total and to ln(1 + x); all rows are used together, each
gene standardised over them. Methods: correlation (numpy), partial-correlation (scikit-learn, Ledoit-Wolf), mean-shift (scipy,
Welch's t of a gene where another was intervened on against the cells without intervention), lingam (DirectLiNGAM of the
package lingam), forest (GENIE3's importances, scikit-learn).
"""
import os

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

import json
import sys
import time
import warnings
from pathlib import Path

import h5py
import numpy as np


def correlation(values, interventions):
    return np.abs(np.corrcoef(values.T))


def partial_correlation(values, interventions):
    from sklearn.covariance import LedoitWolf

    precision = LedoitWolf().fit(values).precision_
    scale = np.sqrt(np.diag(precision))
    return np.abs(precision / np.outer(scale, scale))


def mean_shift(values, interventions):
    from scipy.stats import ttest_ind

    scores = np.zeros((values.shape[1],) * 2)
    free = values[~interventions.any(1)]
    for gene in np.flatnonzero(interventions.sum(0) >= 2):
        scores[gene] = np.abs(ttest_ind(values[interventions[:, gene]], free, equal_var=False).statistic)
    return scores


def lingam(values, interventions):
    from lingam import DirectLiNGAM

    model = DirectLiNGAM()
    model.fit(values)
    return np.abs(model.adjacency_matrix_).T


def forest(values, interventions):
    from sklearn.ensemble import RandomForestRegressor

    genes = values.shape[1]
    scores = np.zeros((genes, genes))
    for gene in range(genes):
        others = np.arange(genes) != gene
        model = RandomForestRegressor(100, max_features="sqrt", random_state=gene).fit(values[:, others], values[:, gene])
        scores[others, gene] = model.feature_importances_
    return scores


METHODS = {"correlation": correlation, "partial-correlation": partial_correlation, "mean-shift": mean_shift,
           "lingam": lingam, "forest": forest}


def read(screen, counts):
    with h5py.File(screen) as h5:
        values, genes = h5["X"][:].astype(float), h5["var/_index"].asstr()[:]
        masks = h5["layers/interventions"][:] > 0 if "layers/interventions" in h5 else np.zeros(values.shape, bool)
    if counts:
        totals = values.sum(1, keepdims=True)
        values = np.log1p(values * (np.median(totals[totals > 0]) / np.maximum(totals, 1)))
    spread = values.std(0)
    return (values - values.mean(0)) / np.where(spread > 0, spread, 1), masks, genes


def main(method, folder):
    warnings.simplefilter("ignore")
    seconds = {}
    for name, screen, counts in json.load(sys.stdin):
        values, interventions, genes = read(screen, counts)
        start = time.process_time()
        scores = np.nan_to_num(METHODS[method](values, interventions))
        seconds[name] = time.process_time() - start
        with open(Path(folder) / f"{name}.tsv", "w") as table:
            table.write("source\ttarget\tscore\n")
            for i, j in np.argwhere(~np.eye(len(genes), dtype=bool)):
                table.write(f"{genes[i]}\t{genes[j]}\t{scores[i, j]:.6g}\n")
    print(json.dumps(seconds))


if __name__ == "__main__":
    main(*sys.argv[1:])
