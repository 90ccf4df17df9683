#!/usr/bin/env python3
"""Whether other programs read what `structure` writes beside its table, and find the same in every file.

    python structure_outputs.py INTERVENTOME FILE [OPTION…]

runs `INTERVENTOME structure FILE` with every output (further options are passed on), then reads them with networkx, igraph and
anndata, whichever are installed (one of them must be). One line a check; exit status 1 where one fails.
"""
import csv
import importlib.util
import json
import subprocess
import sys
import tempfile
from pathlib import Path

THRESHOLD = 0.3
SAMPLES = 50
failures = 0


def check(what: str, holds: bool) -> None:
    global failures
    failures += not holds
    print(f"{'same' if holds else 'DIFFERENT'}\t{what}")


def table(path: Path) -> list[dict[str, str]]:
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def networkx_checks(folder: Path, edges, kept) -> None:
    import networkx

    graph = networkx.read_graphml(folder / "edges.graphml")
    wanted = {pair: p for pair, p in edges.items() if p >= THRESHOLD}
    check("networkx: edges of the GraphML", set(graph.edges) == set(wanted))
    found = networkx.get_edge_attributes(graph, "probability")
    check("networkx: probabilities", all(found[pair] == p for pair, p in wanted.items()))
    acyclic = {pair for pair, flag in networkx.get_edge_attributes(graph, "acyclic").items() if flag}
    check("networkx: edges of the decoding", acyclic == kept)
    check("networkx: genes", set(graph.nodes) == {gene for pair in edges for gene in pair})
    check("networkx: the decoding is acyclic", networkx.is_directed_acyclic_graph(networkx.DiGraph(list(kept))))
    for row in table(folder / "edges.dag.tsv"):
        if row["decision"] == "dropped":
            closed = networkx.DiGraph([*kept, (row["source"], row["target"])])
            check(f"networkx: {row['cycle']} is a cycle", not networkx.is_directed_acyclic_graph(closed))
    graphs: dict[str, list[tuple[str, str]]] = {}
    for row in table(folder / "edges.samples.tsv"):
        graphs.setdefault(row["sample"], [])
        if row["source"]:
            graphs[row["sample"]].append((row["source"], row["target"]))
    check("networkx: number of samples", len(graphs) == SAMPLES)
    check(
        "networkx: samples are acyclic",
        all(networkx.is_directed_acyclic_graph(networkx.DiGraph(pairs)) for pairs in graphs.values()))


def igraph_checks(folder: Path, edges, kept) -> None:
    import igraph

    graph = igraph.Graph.Read_GraphML(str(folder / "edges.graphml"))
    names = graph.vs["name"]
    found = {(names[edge.source], names[edge.target]): edge for edge in graph.es}
    check("igraph: edges of the GraphML", set(found) == {pair for pair, p in edges.items() if p >= THRESHOLD})
    check("igraph: probabilities", all(edge["probability"] == edges[pair] for pair, edge in found.items()))
    check("igraph: edges of the decoding", {pair for pair, edge in found.items() if edge["acyclic"]} == kept)


def anndata_checks(folder: Path, edges, kept) -> None:
    import anndata

    data = anndata.read_h5ad(folder / "edges.h5ad")
    genes = list(data.var_names)
    matrix, acyclic = data.varp["interventome_edges"], data.varp["interventome_acyclic"]
    check("anndata: shape of varp", matrix.shape == (len(genes), len(genes)))
    # The table holds the shortest digits that give the same number in single precision.
    check(
        "anndata: probabilities",
        all(
            matrix[i, j] == matrix.dtype.type(edges[source, target])
            for i, source in enumerate(genes) for j, target in enumerate(genes) if i != j))
    check("anndata: nothing on the diagonal", not matrix.diagonal().any())
    found = {(genes[i], genes[j]) for i, j in zip(*acyclic.nonzero())}
    check("anndata: edges of the decoding", found == kept)
    check("anndata: provenance", {"version", "weights"} <= set(data.uns["interventome"]))


def main() -> int:
    binary, screen, *options = sys.argv[1:]
    binary = str(Path(binary).resolve())
    readers = {"networkx": networkx_checks, "igraph": igraph_checks, "anndata": anndata_checks}
    present = [name for name in readers if importlib.util.find_spec(name)]
    if not present:
        print(f"install one of {', '.join(readers)}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        files = [
            "-o", "edges.tsv", "--graphml", "edges.graphml", "--sif", "edges.sif", "--dag", "edges.dag.tsv", "--h5ad",
            "edges.h5ad", "--samples", str(SAMPLES), "--threshold", str(THRESHOLD),
        ]
        said = subprocess.run(
            [binary, "structure", str(Path(screen).resolve()), *files, "--json", "-q", *options], cwd=folder, check=True,
            capture_output=True, text=True).stdout
        edges = {(row["source"], row["target"]): float(row["probability"]) for row in table(folder / "edges.tsv")}
        decisions = table(folder / "edges.dag.tsv")
        kept = {(row["source"], row["target"]) for row in decisions if row["decision"] == "kept"}
        lines = (folder / "edges.sif").read_text(encoding="utf-8").splitlines()
        links = [line.split("\t") for line in lines if "\t" in line]
        check("SIF: edges of the decoding", {(source, target) for source, _, target in links} == kept)
        check("--json: edges of the decoding", json.loads(said)["acyclic"]["edges"] == len(kept))
        for name in present:
            readers[name](folder, edges, kept)
    return int(failures > 0)


if __name__ == "__main__":
    sys.exit(main())
