"""Expected values of DistributionsTests and NormalDistributionTests: points and distribution functions.

Made with scipy 1.17.1: python3 distributions.py
"""

from scipy import stats

CONTINUOUS = {
    "normal(2, 3)": stats.norm(2, 3),
    "logNormal(1, 0.5)": stats.lognorm(0.5, scale=2.718281828459045),
    "exponential": stats.expon(),
    "laplace": stats.laplace(),
    "cauchy": stats.cauchy(),
    **{f"gamma({a})": stats.gamma(a) for a in (0.3, 1, 7.5)},
    **{f"beta({a}, {b})": stats.beta(a, b) for a, b in ((0.5, 0.5), (0.2588, 0.2499), (3, 2))},
}
DISCRETE = {
    **{f"poisson({m})": stats.poisson(m) for m in (0.7, 9.5, 10.5, 300)},
    **{f"binomial({n}, {p})": stats.binom(n, p) for n, p in ((12, 0.3), (40, 0.24), (60, 0.9), (500, 0.35))},
}
for name, law in {**CONTINUOUS, **DISCRETE}.items():
    points = [float(law.ppf(q)) for q in (0.05, 0.25, 0.5, 0.75, 0.95)]
    points = sorted({int(x) for x in points}) if name in DISCRETE else [float(f"{x:.4g}") for x in points]
    print(name, [(x, float(f"{law.cdf(x):.10g}")) for x in points])
for x in (-8, -1.5, 0.3, 6):
    print("normal", x, stats.norm.cdf(x), stats.norm.logpdf(x, 1, 2))
for p in (1e-300, 1e-10, 0.01, 0.3, 0.975, 1 - 1e-12):
    print("normal quantile", p, stats.norm.ppf(p))
