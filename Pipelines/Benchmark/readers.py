#!/usr/bin/env python3
"""Measures for `Pipelines/Benchmark/readers`: whole processes in turn, medians, results held against each other.

usage: readers.py EXECUTABLE SCREENS SCRATCH [--small] [--runs N] [TASK…]
Files that are missing in SCREENS are made. Exit status 1 where results differ.
"""
import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import time

here = os.path.dirname(os.path.abspath(__file__))
parser = argparse.ArgumentParser()
parser.add_argument("executable")
parser.add_argument("screens")
parser.add_argument("scratch")
parser.add_argument("--small", action="store_true")
parser.add_argument("--runs", type=int, default=3)
parser.add_argument("tasks", nargs="*")
options = parser.parse_intermixed_args()

# (name, file, kind for the peers, peers, what is asked for)
READING = [
    ("read M h5ad gzip", "M.gzip.h5ad", "h5ad", ["scanpy", "brisc"], "3.5 processor seconds at most"),
    ("read M h5ad", "M.none.h5ad", "h5ad", ["scanpy", "brisc"], ""),
    ("read M h5ad lzf", "M.lzf.h5ad", "h5ad", ["scanpy"], ""),
    ("read M 10x HDF5", "M.10x.h5", "10x-hdf5", ["scanpy"], "1/5 of scanpy at most"),
    ("read S 10x folder", "S.10x", "10x-folder", ["scanpy"], "1/4 of scanpy at most"),
    ("read S h5ad csc gzip", "S.csc.h5ad", "h5ad", ["scanpy"], ""),
    ("read S zarr 2", "S.2.zarr", "zarr", ["anndata"], ""),
    ("read S zarr 3", "S.3.zarr", "zarr", ["anndata"], ""),
    ("read D h5ad dense gzip", "D.dense.h5ad", "h5ad", ["scanpy"], ""),
    ("read D csv.gz", "D.csv.gz", "csv", ["scanpy"], ""),
    ("read D loom", "D.loom", "loom", [], ""),
]
WRITING = ("write M h5ad gzip", "M.none.h5ad", ["anndata"], "1/3 of anndata at most, less reading")
# How each file is made from M.gzip.h5ad: format, and the part of the cells and genes taken.
cells, genes, part, side = (2000, 500, 500, 200) if options.small else (100_000, 20_000, 10_000, 2000)
FORMS = {
    "M.none.h5ad": ("none", 0, 0), "M.lzf.h5ad": ("lzf", 0, 0), "M.10x.h5": ("10x-hdf5", 0, 0),
    "S.10x": ("10x-folder", part, 0), "S.csc.h5ad": ("csc", part, 0), "S.2.zarr": ("zarr2", part, 0),
    "S.3.zarr": ("zarr3", part, 0), "D.dense.h5ad": ("dense", side, side), "D.csv.gz": ("csv", side, side),
    "D.loom": ("loom", side, side),
}


def path(name):
    """Where the file is; it is made first where it is not there."""
    place = os.path.join(options.screens, name)
    if not os.path.exists(place):
        if name == "M.gzip.h5ad":
            command = ["screen.py", str(cells), str(genes), place]
        else:
            form, rows, columns = FORMS[name]
            command = ["screen_as.py", path("M.gzip.h5ad"), form, place, str(rows), str(columns)]
        subprocess.run([sys.executable, os.path.join(here, command[0]), *command[1:]], check=True, stdout=sys.stderr)
    return place


def run(command):
    """Processor seconds, seconds, peak megabytes, and what was printed."""
    printed = os.path.join(options.scratch, "printed")
    began = time.time()
    with open(printed, "wb") as output:
        process = subprocess.Popen(command, stdout=output)
        _, status, usage = os.wait4(process.pid, 0)
    seconds = time.time() - began
    if status != 0:
        sys.exit(f"{' '.join(command)}: status {status}")
    return (usage.ru_utime + usage.ru_stime, seconds, usage.ru_maxrss / 1024), open(printed).read()


def peer(*words):
    return [sys.executable, os.path.join(here, "readers_peers.py"), *words]


def found(who, printed):
    """Cells, genes, stored entries that are not 0, and their sum."""
    if who != "interventome":
        rows, columns, count, total = printed.split()[-4:]
        return int(rows), int(columns), int(count), float(total)
    told = json.loads(printed)
    # Every value of a dense matrix is stored, 0 or not.
    return told["cells"], told["genes"], None if told["layout"] == "dense" else told["stored"], told["sum"]


def agree(ours, theirs):
    same = ours[:2] == theirs[:2] and ours[2] in (None, theirs[2])
    return same and math.isclose(ours[3], theirs[3], rel_tol=1e-12)


def medians(rows):
    return [statistics.median(column) for column in zip(*rows)]


def measure(name, commands, check):
    """Runs the commands in turn and prints their rows; returns each one's median processor seconds."""
    rows, first = {who: [] for who in commands}, None
    for _ in range(options.runs):
        for who, command in commands.items():
            usage, printed = run(command)
            rows[who].append(usage)
            if check:
                result = found(who, printed)
                first = first or result
                if not agree(first, result):
                    print(f"DIFFERS: {name}: {first} by interventome, {result} by {who}")
                    differing.append(name)
    return {who: medians(of) for who, of in rows.items()}


def show(name, medians, wanted, limit):
    ours = medians["interventome"]
    for who, (processor, seconds, memory) in medians.items():
        ratio = "" if who == "interventome" else f"{ours[0] / processor:.3f}"
        last = (wanted, limit) if who == "interventome" else ("", "")
        print(name, who, f"{processor:.2f}", f"{seconds:.2f}", f"{memory:.0f}", ratio, *last, sep="\t", flush=True)


differing = []
print("task", "who", "processor_seconds", "seconds", "peak_megabytes", "ours_to_theirs", "wanted", "inflating_alone", sep="\t")
processor = {}
for name, file, kind, peers, wanted in READING:
    if options.tasks and name not in options.tasks:
        continue
    place = path(file)
    commands = {"interventome": [options.executable, "inspect", "--json", "-q", place]}
    if kind == "csv":
        commands["interventome"] += ["--set", "read.orientation=cellsByGenes"]
    commands.update({who: peer(who, kind, place) for who in peers})
    processor[name] = measure(name, commands, check=True)
    packed = os.path.join(place, "matrix.mtx.gz") if kind == "10x-folder" else place
    limit = "" if kind in ("zarr", "loom") or "dense" in name else subprocess.run(
        peer("limit", packed), check=True, capture_output=True, text=True).stdout.strip()
    show(name, processor[name], wanted, limit)

name, file, peers, wanted = WRITING
if not options.tasks or name in options.tasks:
    place, output = path(file), os.path.join(options.scratch, "written.h5ad")
    commands = {"interventome": [options.executable, "convert", "-q", "--force", place, output]}
    commands.update({who: peer(who, "h5ad", place, os.path.join(options.scratch, f"{who}.h5ad")) for who in peers})
    whole = measure(name, commands, check=False)
    reading = {"interventome": [options.executable, "inspect", "--json", "-q", place]}
    reading.update({who: peer(who, "h5ad", place) for who in peers})
    read = measure(name, reading, check=True)
    show(f"{name}, with reading", whole, "", "")
    less = {who: [whole[who][0] - read[who][0], *whole[who][1:]] for who in whole}
    show(name, less, wanted, "")
    # What we wrote, as we and as anndata read it.
    ours = found("interventome", run([options.executable, "inspect", "--json", "-q", output])[1])
    theirs = found("anndata", run(peer("anndata", "h5ad", output))[1])
    if not agree(ours, theirs):
        print(f"DIFFERS: {name}: {ours} by interventome, {theirs} by anndata")
        differing.append(name)
sys.exit(1 if differing else 0)
