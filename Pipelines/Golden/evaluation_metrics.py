#!/usr/bin/env python3
"""Golden values of the metrics that judge predictions, from the packages that field papers use (pip install cell-eval pertpy "statsmodels<0.15" filelock).

usage: evaluation_metrics.py OUTPUT_FOLDER
Writes real.tsv and predicted.tsv (treatment, then one value a gene), metrics.tsv (treatment, metric, value),
genes.tsv (side, treatment, gene, log2 fold change, adjusted p) and provenance.json.

What has no package that installs is written out here from its paper: Systema's two metrics, PerturBench's cosine and rank.
"""
import hashlib
import importlib.metadata
import json
import logging
import pathlib
import sys

import anndata as ad
import numpy as np
import polars as pl
from cell_eval._types import PerturbationAnndataPair, initialize_de_comparison
from cell_eval.metrics import _anndata as shifts
from cell_eval.metrics import _de as genes_of
from pdex import pdex
from pertpy.tools._distances._distances import Edistance, MMD
from scipy.stats import false_discovery_control, mannwhitneyu, spearmanr, wasserstein_distance
from sklearn.metrics import pairwise_distances

logging.disable(logging.WARNING)
folder = pathlib.Path(sys.argv[1])
random = np.random.RandomState(5)
genes = [f"g{j}" for j in range(24)]
names = ["g3", "g7", "drug a", "drug b", "drug c", "drug d"]
level = random.gamma(2.0, 0.5, len(genes))
effects = {name: random.normal(0, 0.5, len(genes)) * (random.rand(len(genes)) < 0.5) for name in names}
effects["drug d"] *= 0  # nothing to be told apart


def cells(count, effect):
    """ln(1 + counts), as 9 digits of single precision keep them."""
    rate = np.maximum(level + effect, 0.02)
    return np.log1p(random.poisson(rate * 3, (count, len(genes)))).astype("f4")


real = {"control": cells(20, 0)} | {name: cells(9 + i, effects[name]) for i, name in enumerate(names)}
predicted = {"control": cells(18, 0)} | {
    name: cells(15 - i, 0.7 * effects[name] + random.normal(0, 0.15, len(genes))) for i, name in enumerate(names)
}
sums = {}


def write(name, text):
    (folder / name).write_text(text)
    sums[name] = hashlib.sha256(text.encode()).hexdigest()


for side, groups in (("real", real), ("predicted", predicted)):
    write(f"{side}.tsv", "".join(
        f"{name}\t" + "\t".join(f"{x:.9g}" for x in row) + "\n" for name, block in groups.items() for row in block))


def annotated(groups):
    x = np.concatenate(list(groups.values())).astype("f8")
    labels = [name for name, block in groups.items() for _ in block]
    data = ad.AnnData(x)
    data.obs["target"] = labels
    data.var_names = genes
    return data


pair = PerturbationAnndataPair(
    real=annotated(real), pred=annotated(predicted), pert_col="target", control_pert="control")
values = {}
for metric, found in {
    "pearson": shifts.pearson_delta(pair),
    "meanAbsoluteError": shifts.mae_delta(pair),
    "rootMeanSquareError": {name: value**0.5 for name, value in shifts.mse_delta(pair).items()},
    "discriminationByManhattan": shifts.discrimination_score(pair, metric="l1"),
}.items():
    for name in names:
        values[name, metric] = found[name]
# cell-eval ranks among all treatments, the own one included: shares of the others are (score − 1/N) N / (N − 1).
count = len(names)
for name, score in shifts.discrimination_score(pair, metric="cosine", exclude_target_gene=False).items():
    values[name, "discrimination"] = (score - 1 / count) * count / (count - 1)


def table(groups):
    """Wilcoxon's rank sum, normal approximation with ties and without correction for continuity, as scanpy's."""
    control = groups["control"].astype("f8")
    rows = []
    for name in names:
        block = groups[name].astype("f8")
        p = np.array([
            mannwhitneyu(block[:, j], control[:, j], use_continuity=False, method="asymptotic").pvalue
            if np.ptp(np.concatenate([block[:, j], control[:, j]])) > 0 else 1.0
            for j in range(len(genes))])
        fold = np.log2((np.expm1(block.mean(0)) + 1e-9) / (np.expm1(control.mean(0)) + 1e-9))
        for gene, f, one, q in zip(genes, fold, p, false_discovery_control(p, method="bh")):
            rows.append({"target": name, "feature": gene, "log2_fold_change": f, "p_value": one, "fdr": q})
    return pl.DataFrame(rows)


tables = {"real": table(real), "predicted": table(predicted)}
write("genes.tsv", "".join(
    f"{side}\t{row['target']}\t{row['feature']}\t{row['log2_fold_change']!r}\t{row['fdr']!r}\n"
    for side, rows in tables.items() for row in rows.iter_rows(named=True)))
# pdex, cell-eval's own test, corrects for continuity; its fold changes are the same.
own = pdex(annotated(real), groupby="target", mode="ref", is_log1p=True, reference="control")
columns = {"target": "target", "feature": "feature", "fold": "log2_fold_change"}
merged = tables["real"].join(own.select(["target", "feature", "log2_fold_change"]), on=["target", "feature"], suffix="_pdex")
both = merged.select(["log2_fold_change", "log2_fold_change_pdex"]).to_numpy()
print("largest difference from pdex's log2 fold changes", np.nanmax(np.abs(both[:, 0] - both[:, 1])))
comparison = initialize_de_comparison(real=tables["real"], pred=tables["predicted"])
counts = genes_of.DENsigCounts()(comparison)
for metric, found in {
    "geneOverlap": genes_of.de_overlap_metric(comparison, k=None),
    "geneRecall": genes_of.DESigGenesRecall()(comparison),
    "geneDirection": genes_of.DEDirectionMatch()(comparison),
    "geneFolds": genes_of.DESpearmanLFC()(comparison),
    "genePrecisionCurve": genes_of.compute_pr_auc(comparison),
    "geneCurve": genes_of.compute_roc_auc(comparison),
}.items():
    for name in names:
        # Without a gene that is truly told apart there is nothing to find; cell-eval leaves it out or counts 0.
        if counts[name]["real"] > (2 if metric == "geneFolds" else 0):
            values[name, metric] = found[name]
for name in names:
    if counts[name]["real"] and counts[name]["pred"]:
        sides = [set(t.filter((pl.col("target") == name) & (pl.col("fdr") < 0.05))["feature"]) for t in tables.values()]
        values[name, "genePrecision"] = len(sides[0] & sides[1]) / len(sides[1])
values["all", "geneCounts"] = spearmanr(
    [counts[n]["real"] for n in names], [counts[n]["pred"] for n in names]).statistic

means = {side: {name: block.astype("f8").mean(0) for name, block in groups.items()}
         for side, groups in (("real", real), ("predicted", predicted))}
reference = np.mean([means["real"][name] for name in names[:3]], axis=0)  # as if the first three were the training


def cosine(a, b):
    return a @ b / np.linalg.norm(a) / np.linalg.norm(b)


def energy(x, y):
    """Over different cells, as pertpy has it from 1.2 on (1.0 and cell-eval divide by n²)."""
    n, m = len(x), len(y)
    return (2 * pairwise_distances(x, y).mean() - pairwise_distances(x).sum() / n / (n - 1)
            - pairwise_distances(y).sum() / m / (m - 1))


for name in names:
    p, t = means["predicted"][name], means["real"][name]
    values[name, "spearman"] = spearmanr(p - means["predicted"]["control"], t - means["real"]["control"]).statistic
    # Systema (Viñas Torné et al. 2025): shifts from the centroid of the perturbed, and centroid accuracy.
    values[name, "pearsonAboutPerturbedMean"] = np.corrcoef(p - reference, t - reference)[0, 1]
    own = np.linalg.norm(p - t)
    values[name, "centroidAccuracy"] = np.mean(
        [np.linalg.norm(p - means["real"][other]) > own for other in names if other != name])
    # PerturBench (Wu et al. 2024): log2((mean + 0.1) / (control + 0.1)); rank of a prediction among all predictions.
    folds = [np.log2((means[s][name] + 0.1) / (means[s]["control"] + 0.1)) for s in ("predicted", "real")]
    values[name, "cosineOfFolds"] = cosine(*folds)
    truth = t - means["real"]["control"]
    own = cosine(p - means["predicted"]["control"], truth)
    values[name, "retrieval"] = np.mean([
        cosine(means["predicted"][other] - means["predicted"]["control"], truth) < own
        for other in names if other != name])
    x, y = predicted[name].astype("f8"), real[name].astype("f8")
    values[name, "energyDistance"] = energy(x, y)
    values[name, "energyDistanceBiased"] = Edistance()(x, y)
    # pertpy's MMD is |difference of means|²: half of the biased squared E-distance where all components are kept.
    values[name, "eDistanceBiased"] = 2 * MMD()(x, y)
    n, m = len(x), len(y)
    squares = [pairwise_distances(a, b, "sqeuclidean").sum() for a, b in ((x, y), (x, x), (y, y))]
    values[name, "eDistance"] = 2 * squares[0] / n / m - squares[1] / n / (n - 1) - squares[2] / m / (m - 1)
    values[name, "wasserstein"] = np.mean([wasserstein_distance(x[:, j], y[:, j]) for j in range(len(genes))])
strengths = [[energy(groups[name].astype("f8"), groups["control"].astype("f8")) for name in names]
             for groups in (predicted, real)]
values["all", "strength"] = np.corrcoef(*strengths)[0, 1]
write("metrics.tsv", "".join(f"{name}\t{metric}\t{float(value)!r}\n" for (name, metric), value in values.items()))
versions = {name: importlib.metadata.version(name) for name in ("cell-eval", "pdex", "pertpy", "scipy", "scikit-learn")}
(folder / "provenance.json").write_text(json.dumps({
    "peer": ", ".join(versions), "version": ", ".join(versions.values()),
    "command": "python3 Pipelines/Golden/evaluation_metrics.py Reference/Golden/Evaluations", "seed": 5, "sha256": sums,
    "tolerance": {
        "metrics": "1e-9: order of summation in double precision; distances as differences of squares lose some digits",
        "genes of cell-eval": "1e-6: cell-eval keeps fold changes and p-values in single precision",
    }}, indent=2) + "\n")
