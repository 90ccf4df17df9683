"""Queries of identification on random mixed graphs, y0's answers and times to them, and the table beside ours.

  identification.py queries FILE SIZES COUNT SEED    writes queries in the form of `identify --batch`
  identification.py peer QUERIES FILE REPEATS        y0's verdict and least processor milliseconds, a line of JSON each
  identification.py table QUERIES PEER OURS…         per size and kind: median, 90 % quantile and largest time, and ratios

A graph of d nodes has an order of its own; each pair gets a directed edge so that there are 1.75 for every node, and a
bidirected one so that there are 0.2 or 0.5. A random query asks one node of the effect of another; a deep one asks the sink
with most ancestors of the effect of one of these. Times are of one query with the graph at hand, formula built.
"""

import json
import random
import statistics
import sys
import time


def graph(d, per_node, stream):
    nodes = [f"V{i + 1}" for i in range(d)]
    order = nodes[:]
    stream.shuffle(order)
    pairs = d * (d - 1) / 2
    directed, bidirected = [], []
    for later in range(d):
        for earlier in range(later):
            if stream.random() < 1.75 * d / pairs:
                directed.append([order[earlier], order[later]])
            if stream.random() < per_node * d / pairs:
                bidirected.append([order[earlier], order[later]])
    return {"nodes": nodes, "directed": directed, "bidirected": bidirected}


def ancestors(graph, node):
    parents = {name: [] for name in graph["nodes"]}
    for source, target in graph["directed"]:
        parents[target].append(source)
    found, waiting = set(), [node]
    while waiting:
        for parent in parents[waiting.pop()]:
            if parent not in found:
                found.add(parent)
                waiting.append(parent)
    return found


def queries(path, sizes, count, seed):
    records = []
    for d in sizes:
        for per_node in (0.2, 0.5):
            stream = random.Random(f"{seed}/{d}/{per_node}")
            for number in range(count):
                drawn = graph(d, per_node, stream)
                sinks = set(drawn["nodes"]) - {source for source, _ in drawn["directed"]}
                sink = max(sorted(sinks), key=lambda node: len(ancestors(drawn, node)))
                above = sorted(ancestors(drawn, sink))
                treatment, outcome = stream.sample(drawn["nodes"], 2)
                asked = {"random": (treatment, outcome)}
                if above:
                    asked["deep"] = (stream.choice(above), sink)
                for kind, (x, y) in asked.items():
                    records.append(
                        {
                            "id": f"{d}/{kind}/{per_node}/{number}",
                            "graph": drawn,
                            "query": {"outcomes": [y], "treatments": [x], "conditions": []},
                        }
                    )
    with open(path, "w") as file:
        json.dump({"queries": records}, file)


def peer(path, output, repeats):
    from y0.algorithm.identify import Unidentifiable, identify_outcomes
    from y0.dsl import Variable
    from y0.graph import NxMixedGraph

    with open(path) as file:
        records = json.load(file)["queries"]
    with open(output, "w") as file:
        for record in records:
            given = record["graph"]
            mixed = NxMixedGraph.from_edges(
                nodes=[Variable(name) for name in given["nodes"]],
                directed=[(Variable(a), Variable(b)) for a, b in given["directed"]],
                undirected=[(Variable(a), Variable(b)) for a, b in given["bidirected"]],
            )
            outcomes = {Variable(name) for name in record["query"]["outcomes"]}
            treatments = {Variable(name) for name in record["query"]["treatments"]}
            verdict, times = None, []
            for _ in range(repeats):
                start = time.process_time()
                try:
                    verdict = identify_outcomes(mixed, treatments=treatments, outcomes=outcomes) is not None
                except Unidentifiable:
                    verdict = False
                except Exception:  # it fails on some graphs; the time counts all the same
                    verdict = None
                times.append((time.process_time() - start) * 1000)
            file.write(json.dumps({"id": record["id"], "identifiable": verdict, "milliseconds": min(times)}) + "\n")


def lines(path):
    with open(path) as file:
        return {record["id"]: record for record in map(json.loads, file)}


def table(path, theirs, ours):
    theirs = lines(theirs)
    runs = [lines(run) for run in ours]
    least = {key: min(run[key]["microseconds"] for run in runs) for key in runs[0]}
    groups = {}
    for key in theirs:
        d, kind, _, _ = key.split("/")
        groups.setdefault((int(d), kind), []).append(key)
    print("nodes\tquery\tcount\ty0_ms_median\ty0_ms_p90\tours_us_median\tours_us_p90\tours_us_max\tratio_median\t"
          "ratio_p10\tratio_of_sums\tverdicts_differ\ty0_failed")
    for (d, kind), keys in sorted(groups.items()):
        peers = sorted(theirs[key]["milliseconds"] for key in keys)
        own = sorted(least[key] for key in keys)
        ratios = sorted(theirs[key]["milliseconds"] * 1000 / least[key] for key in keys)
        failed = sum(theirs[key]["identifiable"] is None for key in keys)
        differ = sum(theirs[key]["identifiable"] not in (None, runs[0][key]["identifiable"]) for key in keys)
        p90 = int(0.9 * (len(keys) - 1))
        print(d, kind, len(keys), f"{statistics.median(peers):.2f}", f"{peers[p90]:.2f}", f"{statistics.median(own):.1f}",
              f"{own[p90]:.1f}", f"{own[-1]:.1f}", f"{statistics.median(ratios):.0f}",
              f"{ratios[int(0.1 * (len(keys) - 1))]:.0f}", f"{sum(peers) * 1000 / sum(own):.0f}", differ, failed, sep="\t")


if __name__ == "__main__":
    mode, arguments = sys.argv[1], sys.argv[2:]
    if mode == "queries":
        queries(arguments[0], [int(size) for size in arguments[1].split()], int(arguments[2]), arguments[3])
    elif mode == "peer":
        peer(arguments[0], arguments[1], int(arguments[2]))
    else:
        table(arguments[0], arguments[1], arguments[2:])
