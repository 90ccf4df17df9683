"""What screen_reach prints of a fit: python3 screen_reach.py WORLD MODEL SHIFTS"""
import json
import sys

import numpy as np

from screen_fit import areas, table


def truth(world):
    """Shifts of drugs by name and dose, in the order of the genes, of linear mechanisms."""
    planted = json.load(open(f"{world}/truth.json"))
    genes = [row["gene"] for row in planted["mechanisms"]]
    place = {gene: i for i, gene in enumerate(genes)}
    weights = np.zeros((len(genes), len(genes)))
    for row in planted["mechanisms"]:
        for parent, weight in zip(row["parents"], row["weights"]):
            weights[place[parent], place[row["gene"]]] = weight
    total = np.linalg.inv(np.eye(len(genes)) - weights)
    noise = np.array(planted["noiseScales"])
    deviations = np.sqrt((noise[:, None] ** 2 * total**2).sum(0))
    drugs = {drug["name"]: drug for drug in planted["drugs"]}

    def shift(name, dose):
        drug = drugs[name]
        share = dose ** drug["hillCoefficient"] / (
            dose ** drug["hillCoefficient"] + drug["halfMaximalDose"] ** drug["hillCoefficient"]
        )
        push = np.zeros(len(genes))
        for target in drug["targets"]:
            push[place[target["gene"]]] += share * target["maximumEffect"]
        return push @ total / deviations

    return place, deviations, shift


def main(world, model, shifts):
    place, deviations, shift = truth(world)
    errors = []
    for row in table(shifts):
        gene = place[row["gene"]]
        own = shift(row["perturbation"], float(row["dose"]))
        errors.append(float(row["shift"]) / deviations[gene] - own[gene])
    score = max(max(scores) for scores in json.load(open(f"{model}/model.json"))["searchScores"])
    graph, targets = areas(world, model)
    print(f"{score:.1f}\t{graph:.4f}\t{targets:.4f}\t{np.sqrt(np.mean(np.square(errors))):.4f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
