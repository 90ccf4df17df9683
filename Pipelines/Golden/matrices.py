#!/usr/bin/env python3
"""Prints the values that MatrixStatisticsTests expects, from numpy and scipy (pip install numpy scipy)."""
import numpy as np
from scipy import stats

x = np.array([[1, 2, 0], [4, -1, 3], [0.5, 2, 7], [3, 0, 1.5]], dtype=float)
y = np.array([[1, 0], [2, 1], [-1, 3], [0.5, 2]], dtype=float)
np.set_printoptions(precision=17)
print("numpy", np.__version__)
print("variances", x.var(axis=0, ddof=1), x.var(axis=0, ddof=0))
print("covariance", np.cov(x, rowvar=False))
print("correlation", np.corrcoef(x, rowvar=False))
print("quantiles", np.quantile([3, 1, 4, 1.5, 9, 2.6], [0, 0.1, 0.25, 0.5, 0.9, 1]))
print("ranks", stats.rankdata([3, 1, 4, 1, 5, 3, 3]))
print("spearman", stats.spearmanr([3, 1, 4, 1, 5], [2, 7, 1, 8, 2]).statistic)
print("eigenvalues", np.linalg.eigvalsh(np.cov(x, rowvar=False)))
centred = x - x.mean(0)
w = np.linalg.solve(centred.T @ centred + 0.7 * np.eye(3), centred.T @ (y - y.mean(0)))
print("ridge", w, y.mean(0) - x.mean(0) @ w)
