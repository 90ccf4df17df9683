"""What `Pipelines/Benchmark/structure_accuracy` runs; see there.

Measures are over ordered pairs of different genes. AUROC and AUPRC (average precision) take the scores as they are. For F1 and
SHD an edge is claimed at a probability, or a frequency among bootstraps, of 0.5 and above, and by LiNGAM where its pruned weight
is not zero; SHD counts unordered pairs that differ in any way. ECE (ten bins of equal width, a world at a time) and Brier score
need probabilities. Seconds are the processor's: of the whole process on one thread, for packages without start and reading.
"""
import argparse
import csv
import json
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

# What is asked, and the best of the classical methods (method, AUPRC) on worlds of the same distributions.
TARGETS = {
    ("LINEAR-in", "obs", 30): 0.80, ("LINEAR-in", "int", 30): 0.99, ("LINEAR-out", "obs", 30): 0.92,
    ("LINEAR-out", "int", 30): 0.93, ("RFF-in", "obs", 30): 0.82, ("RFF-in", "int", 30): 0.90,
    ("RFF-out", "obs", 30): 0.60, ("RFF-out", "int", 30): 0.68, ("GENE-in", "obs", 30): 0.35, ("GENE-in", "int", 30): 0.50,
    ("GENE-out", "obs", 30): 0.15, ("GENE-out", "int", 30): 0.30, ("LINEAR-out", "int", 100): 0.693,
    ("RFF-out", "int", 100): 0.396, ("GENE-out", "int", 100): 0.070, ("Sachs", "targets", 11): 0.466,
}
CLASSICAL = {
    ("LINEAR-in", "obs", 30): ("rank average", 0.603), ("LINEAR-in", "int", 30): ("hill-climb", 0.999),
    ("LINEAR-out", "obs", 30): ("DirectLiNGAM", 0.920), ("LINEAR-out", "int", 30): ("DirectLiNGAM", 0.907),
    ("RFF-in", "obs", 30): ("CAM-like", 0.686), ("RFF-in", "int", 30): ("CAM-like", 0.717),
    ("RFF-out", "obs", 30): ("CAM-like", 0.443), ("RFF-out", "int", 30): ("CAM-like", 0.503),
    ("GENE-in", "obs", 30): ("partial correlation", 0.103), ("GENE-in", "int", 30): ("rank average", 0.176),
    ("GENE-out", "obs", 30): ("hill-climb", 0.077), ("GENE-out", "int", 30): ("mean shift", 0.119),
    ("LINEAR-out", "int", 100): ("hill-climb", 0.693), ("RFF-out", "int", 100): ("CAM-like", 0.396),
    ("GENE-out", "int", 100): ("hill-climb", 0.035), ("Sachs", "targets", 11): ("shift, rank correlation", 0.466),
    ("Sachs", "observational", 11): ("CAM-like", 0.349), ("Sachs", "pooled", 11): ("GENIE3-like", 0.353),
}
CALIBRATION = {"in": 0.05, "out": 0.1}
MEASURES = ["AUROC", "AUPRC", "F1", "SHD", "ECE", "Brier", "seconds"]
BINS = 10
# Methods whose scores are no probabilities, and from which score on they claim an edge.
CLAIMED_FROM = {"correlation": None, "partial-correlation": None, "mean-shift": None, "lingam": 1e-9, "forest": None}


def worlds_of(folder: Path, only: str) -> list[dict]:
    index = json.loads((folder / "index.json").read_text())
    worlds = []
    for world in index["worlds"]:
        if only not in f"{world['domain']}.{world['data']}.d{world['genes']}":
            continue
        settings = ["preprocess.minCellsPerGene=0", "preprocess.minGenesPerCell=0"]
        if not world["counts"]:
            settings.append("preprocess.scale=scaled")
        worlds.append({
            "set": index["set"], "name": world["name"], "cell": (world["domain"], world["data"], world["genes"]),
            "counts": world["counts"], "settings": settings, "screen": folder / f"{world['name']}.h5ad",
            "edges": folder / f"{world['name']}.edges.tsv", "generators": [world["graph"], world["mechanism"]]})
    return worlds


def sachs(scratch: Path) -> list[dict]:
    """The Sachs screen with its targets, its cells without a specific reagent, and all cells as if none had been given one."""
    import h5py

    reference = Path(__file__).resolve().parents[2] / "Reference" / "Screens"
    edges = reference / "sachs_consensus.tsv"
    with h5py.File(reference / "sachs.h5ad") as h5:
        values, genes = h5["X"][:], list(h5["var/_index"].asstr()[:])
        controls = h5["obs/is_control"][:].astype(bool)
    files = {"observational": values[controls], "pooled": values}
    from structure_worlds import write_screen

    worlds = []
    for data in ("targets", "observational", "pooled"):
        screen = reference / "sachs.h5ad"
        settings = ["preprocess.minCellsPerGene=0", "preprocess.minGenesPerCell=0"]
        if data == "targets":
            settings += ["screen.perturbationColumn=condition", "screen.targetColumn=target"]
        else:
            screen = scratch / f"sachs.{data}.h5ad"
            write_screen(screen, files[data], None, genes)
        worlds.append({
            "set": "Sachs", "name": f"Sachs.{data}", "cell": ("Sachs", data, len(genes)), "counts": False, "settings": settings,
            "screen": screen, "edges": edges, "generators": ["", ""]})
    return worlds


def read_genes(screen: Path) -> list[str]:
    import h5py

    with h5py.File(screen) as h5:
        return list(h5["var/_index"].asstr()[:])


def read_pairs(table: Path, genes: list[str]) -> np.ndarray:
    """Matrix source × target of a table's column probability or score, zero where a pair is missing; 1 without such a column."""
    place = {gene: i for i, gene in enumerate(genes)}
    scores = np.zeros((len(genes), len(genes)))
    with open(table, newline="") as file:
        rows = csv.DictReader((line for line in file if not line.startswith("#")), delimiter="\t")
        column = next((name for name in ("probability", "score") if name in (rows.fieldnames or [])), None)
        for row in rows:
            scores[place[row["source"]], place[row["target"]]] = float(row[column]) if column else 1.0
    return scores


def measures(scores: np.ndarray, truth: np.ndarray, method: str) -> dict:
    from sklearn.metrics import average_precision_score, roc_auc_score

    off = ~np.eye(len(truth), dtype=bool)
    y, p = truth[off], scores[off]
    row = {"AUROC": roc_auc_score(y, p), "AUPRC": average_precision_score(y, p)}
    claimed_from = CLAIMED_FROM.get(method, 0.5)
    if claimed_from is not None:
        claimed = (scores >= claimed_from) & off
        differs = claimed != truth
        row["F1"] = 2 * int((claimed & truth).sum()) / (claimed.sum() + truth.sum())
        row["SHD"] = int(np.triu(differs | differs.T).sum())
    if method not in CLAIMED_FROM:
        bins = np.minimum((p * BINS).astype(int), BINS - 1)
        count = np.bincount(bins, minlength=BINS)
        predicted, found = np.bincount(bins, p, BINS), np.bincount(bins, y, BINS)
        row["ECE"] = np.abs(predicted - found).sum() / count.sum()
        row["Brier"] = ((p - y) ** 2).mean()
        row["bins"] = [count.tolist(), predicted.tolist(), found.tolist()]
    return row


def call(command: list[str], log: Path) -> float:
    """Runs a command; its processor seconds."""
    with open(log, "w") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)}: exit {process.returncode}\n{log.read_text()}")
    return usage.ru_utime + usage.ru_stime


def scored(world: dict, name: str, method: str, table: Path, seconds: float) -> dict:
    genes = read_genes(world["screen"])
    truth = read_pairs(world["edges"], genes) > 0
    domain, data, d = world["cell"]
    return {"predictor": name, "set": world["set"], "world": world["name"], "domain": domain, "data": data, "genes": d,
            "generators": world["generators"], **measures(read_pairs(table, genes), truth, method), "seconds": seconds}


def answers(method: str, world: dict) -> bool:
    """Without an intervention there is no shift to score."""
    return method != "mean-shift" or world["cell"][1] in ("int", "targets")


def predict(world: dict, predictor: tuple[str, str, str], binary: str, scratch: Path) -> dict:
    """A world read by the tool."""
    name, kind, value = predictor
    table = scratch / f"{world['name']}.{abs(hash(predictor))}.tsv"
    settings = [part for setting in world["settings"] for part in ("--set", setting)]
    chosen = [f"--{kind}", value] if value else []
    command = [binary, "structure", str(world["screen"]), "-o", str(table), "--force", "-q", "--threads", "1"]
    seconds = call([*command, *settings, *chosen], table.with_suffix(".log"))
    return scored(world, name, value if kind == "method" else "", table, seconds)


def predict_by_package(worlds: list[dict], name: str, method: str, python: str, scratch: Path) -> list[dict]:
    """All worlds by one process of Python."""
    worlds = [world for world in worlds if answers(method, world)]
    folder = scratch / f"peers.{method}"
    folder.mkdir()
    script = Path(__file__).with_name("structure_peers_classical.py")
    screens = [(world["name"], str(world["screen"]), world["counts"]) for world in worlds]
    run = subprocess.run([python, script, method, folder], input=json.dumps(screens), text=True, capture_output=True)
    if run.returncode:
        raise RuntimeError(run.stderr)
    seconds = json.loads(run.stdout)
    return [scored(world, name, method, folder / f"{world['name']}.tsv", seconds[world["name"]]) for world in worlds]


def mean_error(values) -> tuple[float, float]:
    values = np.asarray(values, float)
    return values.mean(), values.std(ddof=1) / np.sqrt(len(values)) if len(values) > 1 else float("nan")


def shown(values, digits=3) -> str:
    values = [value for value in values if value is not None]
    if not values:
        return "–"
    mean, error = mean_error(values)
    return f"{mean:.{digits}f}" + (f" ± {error:.{digits}f}" if error == error else "")


def cells_of(rows: list[dict]) -> list[tuple]:
    def order(cell):
        kinds, places, data = ["LINEAR", "RFF", "GENE", "Sachs"], ["in", "out", ""], ["obs", "int"]
        kind, _, where = cell[0].partition("-")
        return kind == "Sachs", cell[2], kinds.index(kind), places.index(where), \
            data.index(cell[1]) if cell[1] in data else 9, cell[1]

    return sorted({(row["domain"], row["data"], row["genes"]) for row in rows}, key=order)


def title(cell: tuple) -> str:
    return f"{cell[0]} {cell[1]}, d {cell[2]}"


def table(rows: list[dict], predictors: list[str]) -> None:
    print("| worlds | predictor | n | AUROC | AUPRC | asked | best classical | F1 | SHD | ECE | Brier | CPU s |")
    print("|---|---|---|---|---|---|---|---|---|---|---|---|")
    for cell in cells_of(rows):
        for place, name in enumerate(predictors):
            mine = [row for row in rows if row["predictor"] == name and (row["domain"], row["data"], row["genes"]) == cell]
            if not mine:
                continue
            column = {measure: [row.get(measure) for row in mine] for measure in MEASURES}
            asked, best = TARGETS.get(cell), CLASSICAL.get(cell)
            auprc = np.mean(column["AUPRC"])
            asked_text = "–" if asked is None else f"{asked:.2f} {'✓' if auprc >= asked else '✗'}"
            ece = shown(column["ECE"])
            limit = CALIBRATION.get(cell[0].partition("-")[2])
            if limit and ece != "–":
                ece += " ✓" if np.mean(column["ECE"]) <= limit else " ✗"
            best_text = "–" if best is None else f"{best[1]:.3f} ({best[0]})"
            print(f"| {title(cell)} | {name} | {len(mine)} | {shown(column['AUROC'])} | **{shown(column['AUPRC'])}** | {asked_text} "
                  f"| {best_text} | {shown(column['F1'])} | {shown(column['SHD'], 1)} | {ece} | {shown(column['Brier'])} "
                  f"| {np.mean(column['seconds']):.2f} |")


def breakdown(rows: list[dict], predictors: list[str], setting: str) -> None:
    """AUPRC by a setting of the generators: `graph` for the kind of graph, else a name such as noise or tech_noise_config."""
    def value(row):
        graph, mechanism = row["generators"]
        if setting == "graph":
            return graph.partition("(")[0]
        found = re.search(rf"\b{re.escape(setting)}=([^,()]+)", mechanism + graph)
        return found[1] if found else None

    print(f"\n**AUPRC by {setting}**\n\n| worlds | {setting} | n | " + " | ".join(predictors) + " |")
    print("|---" * (3 + len(predictors)) + "|")
    for cell in cells_of(rows):
        mine = [row for row in rows if (row["domain"], row["data"], row["genes"]) == cell]
        for each in sorted({value(row) for row in mine} - {None, ""}):
            parts = [[row["AUPRC"] for row in mine if row["predictor"] == name and value(row) == each] for name in predictors]
            print(f"| {title(cell)} | {each} | {max(map(len, parts))} | " + " | ".join(shown(part) for part in parts) + " |")


def comparison(rows: list[dict], predictors: list[str]) -> None:
    """World by world, every predictor beside the first."""
    first = predictors[0]
    at = {(row["predictor"], row["set"], row["world"]): row for row in rows}
    for other in predictors[1:]:
        print(f"\n**{other} − {first}**, the same worlds\n")
        print("| worlds | n | AUPRC | higher in | AUROC | ECE | SHD |\n|---|---|---|---|---|---|---|")
        for cell in [*cells_of(rows), None]:
            pairs = []
            for (name, world_set, world), row in at.items():
                inside = cell is None or (row["domain"], row["data"], row["genes"]) == cell
                if name == other and inside and (first, world_set, world) in at:
                    pairs.append((row, at[first, world_set, world]))
            if not pairs:
                continue

            def difference(measure, digits=3):
                both = [(a[measure], b[measure]) for a, b in pairs if measure in a and measure in b]
                return shown([a - b for a, b in both], digits)

            higher = sum(a["AUPRC"] > b["AUPRC"] for a, b in pairs)
            print(f"| {title(cell) if cell else 'all'} | {len(pairs)} | **{difference('AUPRC')}** | {higher} | {difference('AUROC')} "
                  f"| {difference('ECE')} | {difference('SHD', 1)} |")


def reliability(rows: list[dict], predictors: list[str]) -> None:
    """Pairs of all worlds of a kind together: in each bin of probability the mean belief, the share of edges, the pairs."""
    for name in predictors:
        mine = [row for row in rows if row["predictor"] == name and "bins" in row]
        if not mine:
            continue
        groups = list(dict.fromkeys(cell[0] for cell in cells_of(mine)))
        print(f"\n**Reliability of {name}**: share of edges (pairs) by probability; last column ECE of the pooled pairs\n")
        print("| worlds | " + " | ".join(f".{b}–" + (f".{b + 1}" if b < 9 else "1") for b in range(BINS)) + " | ECE |")
        print("|---" * (BINS + 2) + "|")
        for group in groups:
            count, predicted, found = np.sum([row["bins"] for row in mine if row["domain"] == group], axis=0)
            parts = [f"{f / n:.2f} ({int(n)})" if n else "–" for n, f in zip(count, found)]
            print(f"| {group} | " + " | ".join(parts) + f" | {np.abs(predicted - found).sum() / count.sum():.3f} |")


def earlier_rows(files: str, taken: set[str]) -> list[dict]:
    """Rows kept earlier; a predictor whose name is taken gets that of its file as well."""
    rows = []
    for file in map(Path, filter(None, files.split(","))):
        fresh = json.loads(file.read_text())
        for row in fresh:
            if row["predictor"] in taken:
                row["predictor"] += f" ({file.stem})"
        taken = taken | {row["predictor"] for row in fresh}
        rows += fresh
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(prog="structure_accuracy")
    parser.add_argument("--worlds", type=Path)
    parser.add_argument("--binary", required=True)
    for option in ("--weights", "--method", "--peers"):
        parser.add_argument(option, default="")
    parser.add_argument("--only", default="")
    parser.add_argument("--by", default="")
    parser.add_argument("--sachs", action="store_true")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--with", dest="beside", default="")
    parser.add_argument("--peers-python", default=sys.executable)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    listed = {kind: [value for value in getattr(options, kind).split(",") if value] for kind in ("weights", "method", "peers")}
    predictors = [(Path(value).name.removesuffix(".safetensors"), "weights", value) for value in listed["weights"]]
    predictors += [(value, "method", value) for value in listed["method"]]
    predictors = predictors or ([] if listed["peers"] else [("shipped", "weights", "")])
    if len({name for name, _, _ in predictors}) < len(predictors):
        predictors = [(value or name, kind, value) for name, kind, value in predictors]
    with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor(options.jobs) as pool:
        worlds = worlds_of(options.worlds, options.only) if options.worlds else []
        worlds += sachs(Path(scratch)) if options.sachs else []
        jobs = [(world, predictor) for world in worlds for predictor in predictors if answers(predictor[2], world)]
        rows = list(pool.map(lambda job: predict(*job, options.binary, Path(scratch)), jobs))
        generated = [world for world in worlds if world["set"] != "Sachs"]
        rows += sum(pool.map(lambda method: predict_by_package(
            generated, f"{method} (Python)", method, options.peers_python, Path(scratch)), listed["peers"]), [])
    if options.json:
        options.json.write_text("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n")
    rows = earlier_rows(options.beside, {row["predictor"] for row in rows}) + rows
    names = list(dict.fromkeys(row["predictor"] for row in rows))
    table(rows, names)
    for setting in filter(None, options.by.split(",")):
        breakdown(rows, names, setting)
    comparison(rows, names)
    reliability(rows, names)


if __name__ == "__main__":
    main()
