"""Tables of Pipelines/Benchmark/target_estimators: python3 target_estimators.py WORLDS FITS"""

import csv
import json
import pathlib
import sys

import numpy as np


def average_precision(truth, score):
    """Area under the precision–recall curve by steps; ties in the order given."""
    hits = np.asarray(truth, float)[np.argsort(-np.asarray(score), kind="stable")]
    precision = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    return float((precision * hits).sum() / hits.sum())


def targets(folder, truth):
    """AUPRC of (perturbation, gene) at the highest dose, by the map's probability and after seeing the cells."""
    rows = list(csv.DictReader(open(folder / "targets.tsv"), delimiter="\t"))
    highest = max(float(row["dose"]) for row in rows)
    rows = [row for row in rows if float(row["dose"]) == highest]
    names = sorted({row["perturbation"] for row in rows})
    genes = sorted({row["gene"] for row in rows})
    hit = [truth[names.index(row["perturbation"]), genes.index(row["gene"])] != 0 for row in rows]
    return [average_precision(hit, [float(row[key]) for row in rows]) for key in ("probability", "posterior")]


def graph(folder, adjacency):
    rows = list(csv.DictReader(open(folder / "edges.tsv"), delimiter="\t"))
    genes = sorted({row["source"] for row in rows} | {row["target"] for row in rows})
    hit = [adjacency[genes.index(row["source"]), genes.index(row["target"])] != 0 for row in rows]
    return average_precision(hit, [float(row["probability"]) for row in rows])


def main(worlds, fits):
    found = {}
    for folder in sorted(fits.iterdir()):
        if not (folder / "model.json").exists():
            continue
        world, name, _ = folder.name.split(".")
        truth = np.load(worlds / f"{world}_seed0_truth.npz")
        model = json.load(open(folder / "model.json"))
        curve = model["curves"][0]
        score = max(point["validation"] for point in curve if point.get("validation") is not None)
        found.setdefault((world, name), []).append(
            [score, *targets(folder, truth["targets_emax"]), graph(folder, truth["adjacency"])])
    print("| world | targets | held-out score | AUPRC of targets, map | after seeing cells | of edges |")
    print("|---|---|---|---|---|---|")
    for (world, name), rows in found.items():
        rows = np.array(rows)
        cells = [f"{m:.3f} ± {s:.3f}" for m, s in zip(rows.mean(0), rows.std(0, ddof=min(1, len(rows) - 1)))]
        print(f"| {world} | {name} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
