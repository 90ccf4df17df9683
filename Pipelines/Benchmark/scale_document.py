#!/usr/bin/env python3
"""The tables and figures of Reference/Scale.md, made of the measurements in Reference/Scale.

usage: scale_document.py write    writes them anew
       scale_document.py check    exit 1 where document or figures are not what the measurements say

Costs are power laws, log seconds = c + Σ exponent · log size, by least squares over all sizes of a series at once. Beyond the
sizes measured, reading is taken to be linear in cells and stored entries, with errors relative to the cost; memory is linear in
the numbers that are held. Intervals are those of a prediction (Student's t, 90 %).
"""
import math
import sys
from pathlib import Path

from scale_figures import figure

FOLDER = Path(__file__).parent.parent.parent / "Reference"
DOCUMENT = FOLDER / "Scale.md"
VARIABLES = ["cells", "genes", "perturbations"]
# What is cheaper is mostly the kernel's clock, of 0.01 s.
LEAST_SECONDS = 0.05
# Larger panels get straight mechanisms, which cost less: other laws.
LARGEST_CURVED_PANEL = 200
# Quantiles .95 of Student's t by degrees of freedom, from 1 on.
QUANTILES = [6.314, 2.920, 2.353, 2.132, 2.015, 1.943, 1.895, 1.860, 1.833, 1.812, 1.796, 1.782, 1.771, 1.761, 1.753]

# Atlases: name, files, drugs of a file at three doses each, cells, genes, lines.
ATLASES = [
    ("plate × line", 14, 32, 100e6, 62_710, 50),
    ("line", 1, 379, 100e6, 62_710, 50),
    ("line, 1,100 drugs", 1, 1100, 100e6, 62_710, 50),
]
FOLDS, SEEDS, PANEL, KEPT_GENES = 5, 3, 50, 2000
NODE_CORES, NODE_GIB, CLUSTER_JOBS, THREADS = 64, 512, 200, 2


def read(name):
    """The rows of a table, numbers where they are numbers."""
    lines = [line.split("\t") for line in (FOLDER / "Scale" / name).read_text().splitlines()]
    texts = ("series", "stage")
    return [{k: v if k in texts else float(v) for k, v in zip(lines[0], line, strict=True)} for line in lines[1:]]


class Law:
    """A linear law by least squares: coefficients, their covariance, and predictions with intervals."""

    def __init__(self, design, values):
        size = len(design[0])
        normal = [[sum(row[i] * row[j] for row in design) for j in range(size)] for i in range(size)]
        inverse = invert(normal)
        moments = [sum(row[i] * value for row, value in zip(design, values, strict=True)) for i in range(size)]
        self.coefficients = [sum(a * b for a, b in zip(line, moments, strict=True)) for line in inverse]
        self.freedom = len(values) - size
        errors = [value - self.at(row) for row, value in zip(design, values, strict=True)]
        self.variance = sum(error * error for error in errors) / self.freedom
        self.inverse = inverse

    def at(self, row):
        return sum(a * b for a, b in zip(self.coefficients, row, strict=True))

    def error(self, place):
        """The standard error of a coefficient."""
        return math.sqrt(self.variance * self.inverse[place][place])

    def interval(self, row):
        """Half the width of the interval that holds a new value with 90 %."""
        spread = sum(row[i] * self.inverse[i][j] * row[j] for i in range(len(row)) for j in range(len(row)))
        return QUANTILES[min(self.freedom, len(QUANTILES)) - 1] * math.sqrt(self.variance * (1 + spread))


class RelativeLaw(Law):
    """A linear law of which the errors are relative to the values: no small value is lost beside large ones."""

    def __init__(self, design, values):
        super().__init__([[part / value for part in row] for row, value in zip(design, values, strict=True)],
                         [1.0] * len(values))

    def interval(self, row):
        return super().interval([part / self.at(row) for part in row]) * self.at(row)


def invert(matrix):
    """The inverse of a symmetric positive matrix, by elimination."""
    size = len(matrix)
    rows = [line + [float(i == j) for j in range(size)] for i, line in enumerate(matrix)]
    for i in range(size):
        pivot = max(range(i, size), key=lambda k: abs(rows[k][i]))
        rows[i], rows[pivot] = rows[pivot], rows[i]
        rows[i] = [value / rows[i][i] for value in rows[i]]
        for k in range(size):
            if k != i:
                rows[k] = [a - rows[k][i] * b for a, b in zip(rows[k], rows[i], strict=True)]
    return [line[size:] for line in rows]


def used(row):
    """Whether exponents are fitted to a row."""
    return row["processor_s"] >= LEAST_SECONDS and not (row["series"] == "models" and row["genes"] > LARGEST_CURVED_PANEL)


def logs(sizes):
    return [1.0, *(math.log(size) for size in sizes)]


def laws(rows, series):
    """The law of each stage of a series, in the order of the table; none where a variable takes fewer than three sizes."""
    found = {}
    for stage in dict.fromkeys(row["stage"] for row in rows if row["series"] == series):
        own = [row for row in rows if row["series"] == series and row["stage"] == stage and used(row)]
        if any(len({row[variable] for row in own}) < 3 for variable in VARIABLES) or len(own) < 6:
            continue
        found[stage] = Law([logs(row[v] for v in VARIABLES) for row in own], [math.log(row["processor_s"]) for row in own])
    return found


def entries(cells, genes):
    """Millions of numbers that a file of the series `files` stores."""
    return cells * min(0.073 * genes, 2500) / 1e6


def stored(cells, genes):
    """What reading is linear in: a start, millions of cells, millions of stored entries."""
    return [1.0, cells / 1e6, entries(cells, genes)]


def reading(rows):
    """The linear law of each stage of the series `files`."""
    found = {}
    for stage in dict.fromkeys(row["stage"] for row in rows if row["series"] == "files"):
        own = [row for row in rows if row["stage"] == stage]
        found[stage] = RelativeLaw([stored(row["cells"], row["genes"]) for row in own], [row["processor_s"] for row in own])
    return found


def held(cells, genes, drugs):
    """Millions of numbers of a run: those of the panel's cells, and those of 100 predicted cells of every treatment."""
    return [1.0, cells * genes / 1e6, drugs * 3 * 100 * genes / 1e6]


def memory(rows):
    """Laws of peak memory, in MiB: reading a file whole, and everything in `run` behind it."""
    whole = [row for row in rows if row["stage"] == "preprocess, whole"]
    sizes = dict.fromkeys(tuple(row[v] for v in VARIABLES) for row in rows if row["series"] == "models")
    peaks = [max(row["peak_mb"] for row in rows if row["series"] == "models" and tuple(row[v] for v in VARIABLES) == size)
             for size in sizes]
    return (Law([[1.0, entries(row["cells"], row["genes"])] for row in whole], [row["peak_mb"] for row in whole]),
            Law([held(*size) for size in sizes], peaks))


# MARK: tables


def number(value, digits=2):
    """With so many digits that count, and commas."""
    if value == 0:
        return "0"
    places = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    text = f"{round(value, digits - 1 - math.floor(math.log10(abs(value)))):,.{places}f}"
    return text


def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def exponents(rows):
    """Exponents of each stage with their standard errors, and how far points lie from the law."""
    lines = []
    for series in ("files", "models"):
        for stage, law in laws(rows, series).items():
            cells = [f"{law.coefficients[i + 1]:.2f} ± {law.error(i + 1):.2f}" for i in range(3)]
            scatter = math.exp(math.sqrt(law.variance))
            lines.append([series, stage, *cells, f"× {scatter:.2f}", str(law.freedom + 4)])
    return table(["series", "stage", "cells", "genes", "perturbations", "scatter", "sizes"], lines)


def sizes(rows, series):
    """All that was measured: processor seconds of each stage, and the peak of memory over them."""
    stages = list(dict.fromkeys(row["stage"] for row in rows if row["series"] == series))
    lines = []
    for size in dict.fromkeys(tuple(row[v] for v in VARIABLES) for row in rows if row["series"] == series):
        own = {row["stage"]: row for row in rows if row["series"] == series and tuple(row[v] for v in VARIABLES) == size}
        seconds = [number(own[stage]["processor_s"]) for stage in stages]
        peak = max(row["peak_mb"] for row in own.values())
        lines.append([*(f"{value:,.0f}" for value in size), *seconds, f"{peak:,.0f}"])
    return table([*VARIABLES, *stages, "MiB"], lines)


def total(parts):
    """Seconds of several laws together: least, likely, most. Limits are added, as if all erred in the same direction."""
    sums = [0.0, 0.0, 0.0]
    for law, row in parts:
        centre, half = law.at(row), law.interval(row)
        limits = [max(0.0, centre - half), centre, centre + half]
        if not isinstance(law, RelativeLaw):
            limits = [math.exp(value) for value in (centre - half, centre, centre + half)]
        sums = [a + b for a, b in zip(sums, limits, strict=True)]
    return tuple(sums)


def span(values, scale=1.0):
    low, likely, high = (value / scale for value in values)
    return f"{number(likely)} ({number(low)} to {number(high)})"


def atlas(rows):
    """What an atlas costs, by the laws: one row for each way to divide it."""
    files, models = reading(rows), laws(rows, "models")
    whole, run = memory(rows)
    lines = []
    for name, count, drugs, cells, genes, lines_of_cells in ATLASES:
        jobs = count * lines_of_cells * FOLDS * SEEDS
        taken = total([(files["one line of fifty"], stored(cells / 14, genes))])
        taken = [value * 14 * lines_of_cells / 3600 for value in taken]
        own = cells / count / lines_of_cells
        stages = [(law, logs([own, PANEL, drugs])) for stage, law in models.items() if stage != "evaluate"
                  and stage not in ("read", "preprocess")]
        stages += [(files[stage], stored(own, KEPT_GENES)) for stage in ("read, whole", "preprocess, whole")]
        one = total(stages)
        kept = [1.0, entries(own, KEPT_GENES)]
        fitting = held(own, PANEL, drugs)
        gib = max(whole.at(kept) + whole.interval(kept), run.at(fitting) + run.interval(fitting)) / 1024
        every = [value * jobs / 3600 + extra for value, extra in zip(one, taken, strict=True)]
        beside = min(NODE_CORES // THREADS, int(NODE_GIB / gib))
        lines.append([
            name, f"{jobs:,}", number(own), span(one, 60), f"{number(gib)}", span(taken), span(every),
            span(every, beside * THREADS * 24), span(every, CLUSTER_JOBS * THREADS * 24),
        ])
    return table(["divided by", "jobs", "cells a job", "processor min a job", "GiB a job", "processor h taking out",
                  "processor h in all", f"days, {NODE_CORES} cores", f"days, {CLUSTER_JOBS} jobs"], lines)


def checks(rows):
    """Sizes that no law saw, beside what the laws say of them."""
    found = laws(rows, "models")
    lines = []
    for row in rows:
        if row["series"] != "check" or row["stage"] not in found or row["processor_s"] < LEAST_SECONDS:
            continue
        law, sizes = found[row["stage"]], logs(row[v] for v in VARIABLES)
        low, likely, high = total([(law, sizes)])
        size = " × ".join(f"{row[v]:,.0f}" for v in VARIABLES)
        lines.append([size, row["stage"], number(row["processor_s"]), span((low, likely, high)),
                      "yes" if low <= row["processor_s"] <= high else "no"])
    return table(["size", "stage", "measured, s", "by the law, s", "within"], lines)


def storage(rows):
    """Peak memory as a law of what is held."""
    whole, run = memory(rows)
    return table(["MiB", "at rest", "a million stored entries of the file", "a million values of the panel",
                  "a million predicted values"], [
        ["read and preprocess, whole", f"{whole.coefficients[0]:.0f} ± {whole.error(0):.0f}",
         f"{whole.coefficients[1]:.1f} ± {whole.error(1):.1f}", "", ""],
        ["run, all stages", f"{run.coefficients[0]:.0f} ± {run.error(0):.0f}", "",
         f"{run.coefficients[1]:.1f} ± {run.error(1):.1f}", f"{run.coefficients[2]:.1f} ± {run.error(2):.1f}"]])


def linear(rows):
    """Processor seconds of reading, as linear laws of what a file holds."""
    lines = []
    for stage, law in reading(rows).items():
        lines.append([stage, *(f"{number(law.coefficients[i])} ± {number(law.error(i), 1)}" for i in range(3)),
                      f"{100 * math.sqrt(law.variance):.0f} %"])
    return table(["seconds", "at rest", "a million cells", "a million stored entries", "scatter"], lines)


def plans():
    """What planning costs, as measured by Pipelines/Screens/plan."""
    rows = read("plan.tsv")
    return table(list(rows[0]), [[f"{value:,.0f}" for value in row.values()] for row in rows])


def made():
    """The document and the figures, as the measurements have them: texts by path."""
    rows = read("measured.tsv")
    blocks = {
        "exponents": exponents(rows), "files": sizes(rows, "files"), "models": sizes(rows, "models"), "atlas": atlas(rows),
        "checks": checks(rows), "memory": storage(rows), "linear": linear(rows), "plans": plans(),
    }
    text = DOCUMENT.read_text()
    for name, block in blocks.items():
        begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
        before, rest = text.split(begin)
        text = before + begin + block + "\n" + end + rest.split(end)[1]
    drawn = {FOLDER / "Scale" / f"{series}.svg": figure(series, [row for row in rows if row["series"] == series],
                                                        laws(rows, series), used) for series in ("files", "models")}
    return {DOCUMENT: text} | drawn


def main(verb):
    differing = [path for path, text in made().items() if not path.exists() or path.read_text() != text]
    if verb == "write":
        for path, text in made().items():
            path.write_text(text)
    elif differing:
        sys.exit(f"error: {', '.join(path.name for path in differing)}: not what Reference/Scale says; run "
                 "scale_document.py write")


if __name__ == "__main__":
    main(*sys.argv[1:])
