#!/usr/bin/env python3
"""How well the mechanisms of random Fourier worlds can be known at all: noise errors of regressions that know all there
is to know beforehand, beside those that find it out by maximum evidence.

usage: mechanisms_bound.py [--worlds N] (pip install numpy scipy)

Worlds in the ranges of Mahajan et al. 2026 (arXiv 2410.06128): 20 nodes, Erdős–Rényi graphs of 1 to 3 edges a node,
functions from a Gaussian process with a length of 7 to 10 and a scale of 10 to 20 (100 random Fourier features), Gaussian
noise of 0.2 to 2. `known`: the posterior mean under the process that drew the function, with its length, scale and noise;
nothing that is learned from the same rows is better on average. `evidence`: a length for each parent, scale, slopes and
noise by maximum evidence.
"""
import argparse

import numpy as np
from scipy.optimize import minimize

NODES, QUERIES = 20, 200


def world(rows, random):
    density = min(1, 2 * random.choice([1, 2, 3]) / (NODES - 1))
    parents = [[j for j in range(i) if random.random() < density] for i in range(NODES)]
    values, laws = np.zeros((rows + QUERIES, NODES)), []
    for node, of in enumerate(parents):
        noise, length, scale = random.uniform(.2, 2), random.uniform(7, 10), random.uniform(10, 20)
        mean = np.full(len(values), random.uniform(-3, 3))
        if of:
            frequencies = random.normal(size=(len(of), 100)) / length
            waves = np.cos(values[:, of] @ frequencies + random.uniform(0, 2 * np.pi, 100))
            mean += waves @ random.normal(size=100) * scale * .02**.5
        values[:, node] = mean + noise * random.normal(size=len(values))
        laws.append((length, scale, noise, mean))
    return values, parents, laws


def known(inputs, targets, queries, length, scale, noise):
    def covariance(a, b):
        # The offset is uniform within ±3.
        return 3 + scale**2 * np.exp(-.5 * ((a[:, None] - b[None])**2 / length**2).sum(-1))
    full = covariance(inputs, inputs) + noise**2 * np.eye(len(inputs))
    return covariance(queries, inputs) @ np.linalg.solve(full, targets)


def evidence(inputs, targets, queries):
    """Of standardised rows."""
    n, k = inputs.shape
    squares = [(inputs[:, p][:, None] - inputs[:, p][None])**2 for p in range(k)]
    products = inputs @ inputs.T
    centres, widths = np.array([0, -3, -2] + [.7] * k), np.array([3, 3, 3] + [1.5] * k)

    def value(theta):
        scale, noise, slope, lengths = np.exp(theta[0]), np.exp(theta[1]) + 1e-6, np.exp(theta[2]), np.exp(theta[3:])
        smooth = scale * np.exp(-.5 * sum(s / l**2 for s, l in zip(squares, lengths)))
        full = smooth + slope * products + 1 + noise * np.eye(n)
        inverse = np.linalg.inv(full)
        weights = inverse @ targets
        half = .5 * (inverse - np.outer(weights, weights))
        gradient = [(half * smooth).sum(), np.diag(half).sum() * np.exp(theta[1]), (half * products).sum() * slope]
        gradient += [(half * smooth * s).sum() / l**2 for s, l in zip(squares, lengths)]
        offset = (theta - centres) / widths
        height = .5 * (targets @ weights + np.linalg.slogdet(full)[1] + offset @ offset)
        return height, np.array(gradient) + offset / widths

    bounds = [(-12, 5), (-12, .7), (-12, 4)] + [(-2, 5)] * k
    ends = [
        minimize(value, [start, -2, 0] + [.7] * k, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 60})
        for start in (0., -5.)
    ]
    theta = min(ends, key=lambda end: end.fun).x
    scale, noise, slope, lengths = np.exp(theta[0]), np.exp(theta[1]) + 1e-6, np.exp(theta[2]), np.exp(theta[3:])

    def covariance(a, b):
        return 1 + slope * a @ b.T + scale * np.exp(-.5 * ((a[:, None] - b[None])**2 / lengths**2).sum(-1))
    return covariance(queries, inputs) @ np.linalg.solve(covariance(inputs, inputs) + noise * np.eye(n), targets)


parser = argparse.ArgumentParser()
parser.add_argument("--worlds", type=int, default=12)
worlds = parser.parse_args().worlds
print("rows", "worlds", "known", "evidence", sep="\t")
for rows in (50, 100):
    found = []
    for number in range(worlds):
        values, parents, laws = world(rows, np.random.default_rng([rows, number]))
        mean, deviation = values[:rows].mean(0), values[:rows].std(0)
        unit = (values - mean) / deviation
        errors = np.zeros((2, QUERIES, NODES))
        for node, of in enumerate(parents):
            truth = laws[node][3][rows:]
            if not of:
                errors[:, :, node] = mean[node] - truth
                continue
            best = known(values[:rows, of], values[:rows, node], values[rows:, of], *laws[node][:3])
            found_out = evidence(unit[:rows, of], unit[:rows, node], unit[rows:, of]) * deviation[node] + mean[node]
            errors[:, :, node] = best - truth, found_out - truth
        found.append(np.sqrt(((errors / values.std(0))**2).mean(2)).mean(1))
    print(rows, worlds, *np.round(np.mean(found, 0), 3), sep="\t", flush=True)
