#!/usr/bin/env python3
"""Processor seconds, seconds and peak memory of every stage, over cells, genes and perturbations; what `scale` runs.

usage: scale.py PROGRAM OUTPUT.tsv [--threads N] [--scratch FOLDER] [SERIES…]

Needs numpy and h5py. SERIES are names of SERIES below; by default all. Rows are written as they are measured, and those that
OUTPUT holds already are not measured again. A stage of `run` is told by the events of `--progress jsonl`: at each the kernel
is asked for the seconds of the process, and its peak of memory is set back.
"""
import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

import h5py
import numpy as np

HERE = Path(__file__).parent
COLUMNS = ["series", "stage", "cells", "genes", "perturbations", "processor_s", "seconds", "peak_mb", "runs", "load"]

# Sizes are cells × genes × perturbations. In `files` genes are all that the file holds, in `models` those of the panel.
# `check` is not used where exponents are fitted: it says how far they carry.
SERIES = {
    "files": [
        *[(cells, 2000, 100) for cells in (1000, 10_000, 100_000, 1_000_000)],
        *[(10_000, genes, 100) for genes in (60, 600, 6000, 60_000)],
        *[(10_000, 2000, perturbations) for perturbations in (1, 10, 1000)],
        *[(100_000, genes, 100) for genes in (200, 600)],
        (1_000_000, 200, 100),
    ],
    "models": [
        *[(cells, 10, 10) for cells in (1000, 10_000, 100_000)],
        *[(10_000, genes, 10) for genes in (5, 20, 50, 100)],
        *[(10_000, 10, perturbations) for perturbations in (5, 30, 100)],
    ],
    "check": [(30_000, 20, 30)],
}
# Lines into which the cells of `files` are divided: what taking one of them out of a file costs.
LINES = 50
# More runs of what is cheaper than this, in processor seconds; their median counts.
CHEAP = 5.0
# Cells of `screen.py` at most; more are these over again.
DRAWN = 100_000


class Process:
    """A command of which seconds and memory are asked while it runs."""

    TICK = os.sysconf("SC_CLK_TCK")

    def __init__(self, command, **options):
        self.began = time.monotonic()
        self.child = subprocess.Popen([str(word) for word in command], text=True, **options)

    def seconds(self):
        """User and system seconds of all its threads up to now."""
        fields = Path(f"/proc/{self.child.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / self.TICK

    def peak(self):
        """MiB of resident memory at most since the last call."""
        status = Path(f"/proc/{self.child.pid}/status").read_text()
        Path(f"/proc/{self.child.pid}/clear_refs").write_text("5")
        return int(status.split("VmHWM:")[1].split()[0]) / 1024

    def end(self):
        """Processor seconds, seconds and the MiB at most since `peak` was asked last."""
        _, status, used = os.wait4(self.child.pid, 0)
        self.child.returncode = os.waitstatus_to_exitcode(status)
        return used.ru_utime + used.ru_stime, time.monotonic() - self.began, used.ru_maxrss / 1024


def command(*words):
    """Runs a command: its processor seconds, seconds and peak MiB."""
    process = Process(words, stdout=subprocess.DEVNULL)
    cost = process.end()
    if process.child.returncode != 0:
        sys.exit(f"error: {' '.join(map(str, words))} ended with {process.child.returncode}")
    return cost


def stages(words, last=None):
    """Runs `run`: the cost of each stage by name. `last` names the stage after which it is stopped."""
    process = Process([*words, "--progress", "jsonl"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    costs, before, began, name, said = {}, 0.0, process.began, "", []
    for line in process.child.stderr:
        said.append(line)
        event = json.loads(line) if line.startswith("{") else {}
        if event.get("event") == "begin":
            name = event["stage"]
        if event.get("event") != "end":
            continue
        if name == "report":
            break
        spent, now = process.seconds(), time.monotonic()
        costs[name] = (spent - before, now - began, process.peak())
        before, began = spent, now
        if name == last:
            process.child.terminate()
            process.child.stderr.read()
            process.end()
            return costs
    said.append(process.child.stderr.read())
    spent, seconds, peak = process.end()
    if process.child.returncode != 0:
        sys.exit(f"error: {' '.join(map(str, words))} ended with {process.child.returncode}:\n{''.join(said[-5:])}")
    costs["report"] = (spent - before, process.began + seconds - began, peak)
    return costs


def repeat(screen, times):
    """Writes the cells of a screen over again, so many times in all, and divides them into lines."""
    with h5py.File(screen, "r+") as file:
        obs, matrix = file["obs"], file["X"]
        for name in ("data", "indices"):
            values = matrix[name][:]
            matrix[name].resize((len(values) * times,))
            for turn in range(1, times):
                matrix[name][len(values) * turn:len(values) * (turn + 1)] = values
        starts = matrix["indptr"][:].astype("i8")
        turns = [starts[:-1] + starts[-1] * turn for turn in range(times)] + [starts[-1:] * times]
        codes = np.tile(obs["perturbation/codes"][:], times)
        cells = len(codes)
        for place, name, values in (
            (matrix, "indptr", np.concatenate(turns)), (obs["perturbation"], "codes", codes),
            (obs, "_index", np.array([f"cell{cell}" for cell in range(cells)], dtype=object)),
        ):
            attributes = dict(place[name].attrs)
            del place[name]
            place.create_dataset(name, data=values, dtype=h5py.string_dtype() if name == "_index" else None)
            place[name].attrs.update(attributes)
        matrix.attrs["shape"] = (cells, matrix.attrs["shape"][1])
        line = obs.create_group("cell_line")
        line.attrs["encoding-type"], line.attrs["encoding-version"] = "categorical", "0.2.0"
        line.attrs["ordered"] = False
        names = np.array([f"line{number}" for number in range(LINES)], dtype=object)
        line.create_dataset("categories", data=names, dtype=h5py.string_dtype())
        line["categories"].attrs["encoding-type"] = "string-array"
        line["categories"].attrs["encoding-version"] = "0.2.0"
        line.create_dataset("codes", data=np.arange(cells, dtype="i4") % LINES)
        obs.attrs.create("column-order", ["perturbation", "cell_line"], dtype=h5py.string_dtype())


class Files:
    """What files cost: `preprocess` block by block, one line taken out of many, and the stages of `run` that read whole."""

    def __init__(self, program, threads, folder, size):
        self.program, self.threads, self.folder = program, threads, folder
        cells, genes, perturbations = size
        self.screen = folder / "screen.h5ad"
        drawn = min(cells, DRAWN)
        # As many genes in a cell at most as a deep screen of cell lines shows: a few thousand.
        density = min(0.073, 2500 / genes)
        command(sys.executable, HERE / "screen.py", drawn, genes, self.screen, "--perturbations", perturbations,
                "--density", density)
        repeat(self.screen, cells // drawn)
        (folder / "screen.yaml").write_text(
            f"input: {self.screen}\nscreen: {{perturbationColumn: perturbation}}\n")

    def costs(self):
        blocks = [self.program, "preprocess", self.screen, "-o", self.folder / "ready.h5ad", "--force", "-q", "-@",
                  self.threads, "--config", self.folder / "screen.yaml", "--set", "preprocess.topGenes=null"]
        run = [self.program, "run", self.folder / "screen.yaml", "-o", self.folder / "run", "--force", "-@", self.threads]
        return {
            "preprocess, in blocks": command(*blocks, "--top-genes", 50),
            "one line of fifty": command(*blocks, "--set", "screen.where.cell_line=[line0]", "--set",
                                         "screen.requireControls=false"),
        } | {f"{name}, whole": cost for name, cost in stages(run, last="preprocess").items()}


class Models:
    """What models cost: every stage of `run` on a simulated drug screen, its split, and `evaluate` by itself."""

    def __init__(self, program, threads, folder, size):
        self.program, self.threads, self.folder = program, threads, folder
        cells, genes, perturbations = size
        shape = {
            "causalGenes": genes, "backgroundGenes": genes, "drugs": perturbations, "targetSharing": "none",
            "controlCells": cells // 10, "cellsPerCondition": max(1, cells * 9 // 10 // perturbations // 3),
        }
        settings = [word for key, value in shape.items() for word in ("--set", f"{key}={value}")]
        command(program, "simulate", "screen", "-o", folder / "world", "--seed", 1, "--force", "-q", *settings)
        (folder / "screen.yaml").write_text(
            f"input: world/screen.h5ad\nfeatures: world/features.tsv\nsplit: {{file: split.tsv}}\n"
            f"preprocess: {{scale: counts, topGenes: {genes}}}\n")

    def costs(self):
        folder, threads = self.folder, ["-@", self.threads]
        screen = folder / "world" / "screen.h5ad"
        split = command(self.program, "split", screen, "-o", folder / "split.tsv", "--folds", 5, "--force", "-q", *threads)
        costs = stages([self.program, "run", folder / "screen.yaml", "-o", folder / "run", "--force", *threads])
        evaluate = command(self.program, "evaluate", folder / "run" / "predictions.h5ad", folder / "run" / "screen.h5ad",
                           "--split", folder / "split.tsv", "--fold", 1, "-o", folder / "table.tsv", "--force", "-q", *threads)
        return {"split": split} | costs | {"evaluate": evaluate}


def measured(table):
    """The sizes that a table holds already."""
    if not table.exists():
        return set()
    rows = [line.split("\t") for line in table.read_text().splitlines()[1:]]
    return {(row[0], *map(int, row[2:5])) for row in rows}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("series", nargs="*", metavar="SERIES", default=list(SERIES))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--scratch", type=Path, required=True)
    options = parser.parse_intermixed_args()
    done = measured(options.output)
    with options.output.open("a") as table:
        if not done:
            print(*COLUMNS, sep="\t", file=table, flush=True)
        for series in options.series:
            # The cheap ones first.
            for size in sorted(SERIES[series], key=np.prod):
                if (series, *size) in done:
                    continue
                folder = options.scratch / "work"
                folder.mkdir()
                work = (Files if series == "files" else Models)(options.program.resolve(), options.threads, folder, size)
                runs = [work.costs()]
                while len(runs) < 3 and sum(cost[0] for cost in runs[0].values()) < CHEAP:
                    runs.append(work.costs())
                load = os.getloadavg()[0]
                for stage in runs[0]:
                    costs = [statistics.median(column) for column in zip(*(run[stage] for run in runs), strict=True)]
                    print(series, stage, *size, *(f"{cost:.2f}" for cost in costs[:2]), f"{costs[2]:.0f}", len(runs),
                          f"{load:.1f}", sep="\t", file=table, flush=True)
                shutil.rmtree(folder)


if __name__ == "__main__":
    main()
