"""What the predictions of each sample are worth: means over folds and seeds, as a table and as a page."""

import csv
import sys
from html import escape
from math import isnan
from statistics import fmean

VARIANT = "disjoint"
COLUMNS = ["sample", "metric", "runs", "model", "baseline", "baseline_value", "gain", "beats", "ties", "loses"]

STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .75rem; border-bottom: 1px solid #8886; text-align: right; }
th:first-child, td:first-child, .text { text-align: left; }
"""


def number(text):
    """A value of a table; not a number where the field is empty."""
    return float(text) if text else float("nan")


def mean(values):
    """The mean of the values that are numbers; not a number where none is."""
    known = [value for value in values if not isnan(value)]
    return fmean(known) if known else float("nan")


def summarise(rows):
    """One row for each sample and metric: the model beside the baseline that comes nearest to it or is farthest ahead.

    `rows` are those of evaluation.summary.tsv of all runs; a gain is positive where the model is better, whatever the
    metric's direction.
    """
    groups = {}
    for row in rows:
        if row["variant"] == VARIANT:
            groups.setdefault((row["sample"], row["metric"]), {}).setdefault(row["baseline"], []).append(row)
    found = []
    for (sample, metric), baselines in groups.items():
        gains = {name: mean(number(row["gain"]) for row in runs) for name, runs in baselines.items()}
        known = {name: gain for name, gain in gains.items() if not isnan(gain)}
        if not known:
            continue
        strongest = min(known, key=known.get)
        runs = baselines[strongest]
        verdicts = [row["verdict"] for row in runs]
        found.append(
            {
                "sample": sample,
                "metric": metric,
                "runs": len(runs),
                "model": mean(number(row["model_value"]) for row in runs),
                "baseline": strongest,
                "baseline_value": mean(number(row["value"]) for row in runs),
                "gain": known[strongest],
            }
            | {verdict: verdicts.count(verdict) for verdict in ("beats", "ties", "loses")}
        )
    return found


def page(rows):
    """The summary as one HTML page without scripts or network."""
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>Predictions of all screens</title><style>{STYLE}</style></head><body><main>",
        "<h1>Predictions of all screens</h1>",
        "<p>Means over folds and seeds, with disjoint controls. Each metric stands beside its strongest baseline: the "
        "one over which the model gains least. A gain is positive where the model is better. The last columns count "
        "runs in which the model beats, ties with or loses to that baseline.</p>",
    ]
    for sample in dict.fromkeys(row["sample"] for row in rows):
        own = [row for row in rows if row["sample"] == sample]
        parts.append(f"<h2>{escape(sample)}</h2>")
        parts.append(f'<div class="wide" tabindex="0" role="region" aria-label="{escape(sample)}">')
        parts.append('<table><thead><tr><th scope="col">metric</th>')
        parts.append('<th scope="col">model</th><th scope="col" class="text">strongest baseline</th>')
        parts.append('<th scope="col">its value</th><th scope="col">gain</th><th scope="col">beats</th>')
        parts.append('<th scope="col">ties</th><th scope="col">loses</th></tr></thead><tbody>')
        for row in own:
            parts.append(
                f"<tr><td>{escape(row['metric'])}</td><td>{row['model']:.3g}</td>"
                f"<td class=\"text\">{escape(row['baseline'])}</td><td>{row['baseline_value']:.3g}</td>"
                f"<td>{row['gain']:+.3g}</td><td>{row['beats']}</td><td>{row['ties']}</td><td>{row['loses']}</td></tr>"
            )
        parts.append("</tbody></table></div>")
    return "\n".join([*parts, "</main></body></html>", ""])


def write(source, table, html):
    """Reads evaluation.summary.tsv of all runs, writes the summary as a table and as a page."""
    with open(source, newline="") as file:
        rows = summarise(csv.DictReader(file, delimiter="\t"))
    with open(table, "w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, delimiter="\t", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    with open(html, "w") as file:
        file.write(page(rows))


if "snakemake" in globals():
    with open(snakemake.log[0], "w") as sys.stderr:
        write(snakemake.input[0], snakemake.output.table, snakemake.output.page)
