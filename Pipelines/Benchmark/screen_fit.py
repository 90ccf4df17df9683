"""Areas under precision-recall curves of a model's edges and targets, against the truth of a simulated screen."""
import json
import sys

from sklearn.metrics import average_precision_score


def table(path):
    lines = [line.split("\t") for line in open(path).read().split("\n") if line]
    return [dict(zip(lines[0], line)) for line in lines[1:]]


def areas(world, model):
    edges = {(row["source"], row["target"]) for row in table(f"{world}/edges.tsv")}
    found = table(f"{model}/edges.tsv")
    graph = average_precision_score(
        [(row["source"], row["target"]) in edges for row in found], [float(row["probability"]) for row in found]
    )
    planted = {
        (drug["name"], target["gene"]) for drug in json.load(open(f"{world}/truth.json"))["drugs"] for target in drug["targets"]
    }
    best = {}
    for row in table(f"{model}/targets.tsv"):
        pair = row["perturbation"], row["gene"]
        best[pair] = max(best.get(pair, 0.0), float(row["posterior"]))
    targets = average_precision_score([pair in planted for pair in best], list(best.values()))
    return graph, targets


def main(world, model):
    graph, targets = areas(world, model)
    print(f"{graph:.3f}\t{targets:.3f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
