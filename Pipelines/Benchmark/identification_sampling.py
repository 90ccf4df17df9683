"""Draws of `interventome sample` beside known effects: the tables of `identification_sampling`."""
import argparse
import collections
import csv
import itertools
import json
import math
import random
import resource
import subprocess
import time

ROWS = 20_000
DRAWS = 100_000

GRAPHS = {
    "napkin": (["w1>w2", "w2>x", "x>y"], ["w1-x", "w1-y"]),
    "front door": (["x>s", "s>y"], ["x-y"]),
    "figure 2": (["x>w1", "w1>w2", "w2>y"], ["x-w2", "w1-y"]),
    "reports": (["x>e", "x>a", "x>l", "n>e", "n>a", "n>l", "e>a", "e>l", "e>y", "a>l", "a>y", "l>y"], ["n-x"]),
}


class Tool:
    """Calls the binary and reads what it wrote."""

    def __init__(self, binary, scratch):
        self.binary, self.scratch = binary, scratch

    def write_rows(self, rows, name="rows"):
        path = f"{self.scratch}/{name}.csv"
        with open(path, "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(rows[0].keys())
            writer.writerows(row.values() for row in rows)
        return path

    def write_graph(self, nodes, directed, bidirected):
        path = f"{self.scratch}/graph.json"
        graph = {"nodes": nodes, "directed": directed, "bidirected": bidirected}
        json.dump(graph, open(path, "w"))
        return path

    def sample(self, graph, query, rows, draws, settings=None, options=()):
        output = f"{self.scratch}/draws.csv"
        command = [self.binary, "sample", "--graph", graph, "--query", query, "--data", rows, "-n", str(draws)]
        command += ["-o", output, "--force", "-q", "--effective-rows", "0", *options]
        if settings:
            command += ["--at", self.write_rows(settings, "settings")]
        subprocess.run(command, check=True)
        return output

    def rows(self, *arguments):
        return list(csv.DictReader(open(self.sample(*arguments))))


def edges(name):
    directed, bidirected = GRAPHS[name]
    return [edge.split(">") for edge in directed], [edge.split("-") for edge in bidirected]


class World:
    """A discrete structural causal model with a latent of three levels for each bidirected edge."""

    def __init__(self, name, levels, stream):
        directed, bidirected = edges(name)
        self.name, self.levels = name, levels
        nodes = list(dict.fromkeys(node for edge in directed for node in edge))
        parents = {node: [a for a, b in directed if b == node] for node in nodes}
        order = []
        while len(order) < len(nodes):
            order += [n for n in nodes if n not in order and all(p in order for p in parents[n])]
        self.nodes = order
        self.latents = [f"u{i}" for i in range(len(bidirected))]
        for latent, pair in zip(self.latents, bidirected):
            for node in pair:
                parents[node].append(latent)
        self.parents = parents
        self.extent = {node: levels for node in nodes} | {latent: 3 for latent in self.latents}

        def uneven(count):
            raw = [0.03 + stream.random() ** 4 for _ in range(count)]
            return [value / sum(raw) for value in raw]

        self.tables = {latent: {(): uneven(3)} for latent in self.latents}
        for node in order:
            strata = itertools.product(*(range(self.extent[p]) for p in parents[node]))
            self.tables[node] = {stratum: uneven(levels) for stratum in strata}
        self.all = self.latents + order
        self.parents |= {latent: [] for latent in self.latents}

    def rows(self, count, stream):
        rows = []
        for _ in range(count):
            values = {}
            for node in self.all:
                table = self.tables[node][tuple(values[p] for p in self.parents[node])]
                values[node] = stream.choices(range(len(table)), table)[0]
            rows.append({node: values[node] for node in self.nodes})
        return rows

    def effect(self, set_value):
        """P(y | do(x)) by summing over everything."""
        return self._sum(set_value, True)

    def conditional(self, value):
        return self._sum(value, False)

    def _sum(self, value, is_set):
        result = [0.0] * self.levels
        values = {}

        def descend(place, weight):
            if weight == 0:
                return
            if place == len(self.all):
                result[values["y"]] += weight
                return
            node = self.all[place]
            table = self.tables[node][tuple(values[p] for p in self.parents[node])]
            for level, p in enumerate(table):
                if node == "x" and level != value:
                    continue
                values[node] = level
                descend(place + 1, weight * (1 if node == "x" and is_set else p))

        descend(0, 1.0)
        total = sum(result)
        return [p / total for p in result]


def distance(p, q):
    return sum(abs(a - b) for a, b in zip(p, q)) / 2


def shares(draws, levels, value):
    counts = collections.Counter(int(row["y"]) for row in draws if int(row["x"]) == value)
    total = sum(counts.values())
    return [counts[level] / total for level in range(levels)]


def plug_in(world, rows, value):
    """The formula of each graph with relative frequencies put in."""
    counts = collections.Counter(tuple(row[node] for node in world.nodes) for row in rows)
    place = {node: i for i, node in enumerate(world.nodes)}

    def count(**fixed):
        return sum(n for key, n in counts.items() if all(key[place[node]] == level for node, level in fixed.items()))

    memory = {}

    def p(target, **given):
        key = (tuple(sorted(target.items())), tuple(sorted(given.items())))
        if key not in memory:
            below = count(**given)
            memory[key] = count(**target, **given) / below if below else 1 / world.levels ** len(target)
        return memory[key]

    levels = range(world.levels)
    if world.name == "napkin":
        totals = [0.0] * world.levels
        for w2 in levels:
            x = sum(p({"w1": w1}) * p({"x": value}, w1=w1, w2=w2) for w1 in levels)
            for y in levels:
                both = sum(p({"w1": w1}) * p({"x": value, "y": y}, w1=w1, w2=w2) for w1 in levels)
                totals[y] += p({"w2": w2}) * (both / x if x else 1 / world.levels)
        return totals
    if world.name == "front door":
        return [
            sum(p({"s": s}, x=value) * sum(p({"x": x}) * p({"y": y}, x=x, s=s) for x in levels) for s in levels)
            for y in levels
        ]
    if world.name == "figure 2":
        return [
            sum(
                sum(p({"x": x}) * p({"w2": w2}, x=x, w1=w1) for x in levels)
                * p({"w1": w1}, x=value)
                * p({"y": y}, x=value, w1=w1, w2=w2)
                for w1 in levels
                for w2 in levels
            )
            for y in levels
        ]
    return [sum(p({"n": n}) * p({"y": y}, x=value, n=n) for n in levels) for y in levels]


def comparison(tool, seeds, _):
    print("graph\tseed\tsample\tconditional\twithout latents\tplug-in formula")
    means = collections.defaultdict(list)
    for name in GRAPHS:
        for seed in range(1, seeds + 1):
            # Of a hundred worlds the one in which the observed conditional distribution is farthest from the effect.
            worlds = [World(name, 3 if name != "reports" else 2, random.Random(f"{name} {seed} {k}")) for k in range(100)]
            world = max(
                worlds, key=lambda w: sum(distance(w.effect(v), w.conditional(v)) for v in range(w.levels)))
            rows = world.rows(ROWS, random.Random(seed))
            directed, bidirected = edges(name)
            data = tool.write_rows(rows)
            settings = [{"x": value} for value in range(world.levels)]
            truth = [world.effect(value) for value in range(world.levels)]

            def judged(query, arcs):
                graph = tool.write_graph(world.nodes, directed, arcs)
                draws = tool.rows(graph, query, data, DRAWS, settings)
                return [shares(draws, world.levels, value) for value in range(world.levels)]

            answers = [
                judged("P(y | do(x))", bidirected), judged("P(y | x)", bidirected), judged("P(y | do(x))", []),
                [plug_in(world, rows, value) for value in range(world.levels)],
            ]
            errors = [sum(map(distance, answer, truth)) / world.levels for answer in answers]
            means[name].append(errors)
            print("\t".join([name, str(seed)] + [f"{error:.4f}" for error in errors]), flush=True)
    for name, errors in means.items():
        print("\t".join([name, "mean"] + [f"{sum(column) / len(column):.4f}" for column in zip(*errors)]))


def noised(value, levels, stream, noise=0.1):
    """Kept with probability .9, else uniform."""
    return value if stream.random() >= noise else stream.randrange(levels)


def mnist_rows(count, stream):
    """Labels of Napkin-MNIST (Rahman et al. 2024, section 5.1 and appendix): red is bit 0 of {r, g, b}, green 1."""
    rows = []
    for _ in range(count):
        colour, thickness = stream.randrange(6), stream.randrange(3)
        w1 = (stream.randrange(10), noised(colour, 6, stream), noised(thickness, 3, stream))
        w2 = (noised(w1[0], 10, stream), noised(int(w1[1] >= 3), 2, stream))
        x = (noised(w2[0], 10, stream), noised(w2[1], 2, stream), noised(thickness, 3, stream))
        y = (noised(x[0], 10, stream), noised(colour, 6, stream), noised(x[2], 3, stream))
        rows.append((w1, w2, x, y))
    return rows


def napkin(tool, seeds, _):
    """do(x): digit and thickness of y are x's with .9 and else uniform, colour is uniform."""
    rows_count = 60_000
    directed, bidirected = edges("napkin")
    graph = tool.write_graph(["w1", "w2", "x", "y"], directed, bidirected)
    print(f"label\tseed\tsample\tconditional\trows {rows_count}")

    def kept(levels, value):
        return [0.9 * (level == value) + 0.1 / levels for level in range(levels)]

    def run(label, seed, rows, settings, truths, judge):
        data = tool.write_rows(rows)
        errors = []
        for query in ["P(y | do(x))", "P(y | x)"]:
            kinds = [f"--kind={node}=category" for node in ("w1", "w2", "x", "y")]
            draws = tool.rows(graph, query, data, 20_000, settings, kinds)
            groups = collections.defaultdict(list)
            for row in draws:
                groups[row["x"]].append(row["y"])
            errors.append(sum(judge(groups[str(s["x"])], truth) for s, truth in zip(settings, truths)) / len(truths))
        print("\t".join([label, str(seed)] + [f"{error:.4f}" for error in errors]), flush=True)

    def tv(values, truth):
        counts = collections.Counter(values)
        return distance([counts[str(level)] / len(values) for level in range(len(truth))], truth)

    for seed in range(1, seeds + 1):
        labels = mnist_rows(rows_count, random.Random(seed))
        colour = [{"w1": a[1], "w2": b[1], "x": c[1], "y": d[1]} for a, b, c, d in labels]
        run("colour", seed, colour, [{"x": 0}, {"x": 1}], [[1 / 6] * 6] * 2, tv)
        digit = [{"w1": a[0], "w2": b[0], "x": c[0], "y": d[0]} for a, b, c, d in labels]
        run("digit", seed, digit, [{"x": v} for v in range(10)], [kept(10, v) for v in range(10)], tv)
        # Thickness passes through w2 unseen: what w2 says of it is its digit.
        thick = [{"w1": a[2], "w2": b[0], "x": c[2], "y": d[2]} for a, b, c, d in labels]
        run("thickness", seed, thick, [{"x": v} for v in range(3)], [kept(3, v) for v in range(3)], tv)


def vectors(tool, seeds, _):
    """Napkin with X and Y of 50 numbers: x = a w2 + b u + noise, y = mean(x)² c + x/2 + d v + noise."""
    width = 50
    directed, bidirected = edges("napkin")
    names = {node: [f"{node}{i}" for i in range(width)] for node in "xy"}
    graph = tool.write_graph(["w1", "w2", "x", "y"], directed, bidirected)
    modules = [f"--module={node}={','.join(names[node])}" for node in "xy"]
    print("seed\tsample: error of means\tof deviations\tconditional: error of means\tof deviations\tseconds")
    for seed in range(1, seeds + 1):
        stream = random.Random(seed)
        gauss = stream.gauss
        a, b, c, d = ([gauss(0, 1) for _ in range(width)] for _ in range(4))

        def y_of(x, v):
            bend = (sum(p * q for p, q in zip(a, x)) / width) ** 2
            return [0.5 * x[i] + bend * c[i] + d[i] * v + 0.5 * gauss(0, 1) for i in range(width)]

        rows = []
        for _ in range(ROWS):
            u, v = gauss(0, 1), gauss(0, 1)
            w1 = u + v + 0.5 * gauss(0, 1)
            w2 = math.sin(w1) + 0.7 * gauss(0, 1)
            x = [a[i] * w2 + 0.7 * b[i] * u + 0.5 * gauss(0, 1) for i in range(width)]
            rows.append(dict(zip(["w1", "w2", *names["x"], *names["y"]], [w1, w2, *x, *y_of(x, v)])))
        data = tool.write_rows(rows)
        settings = [[a[i] * w for i in range(width)] for w in (-1.0, 1.0)]
        table = [dict(zip(names["x"], setting)) for setting in settings]
        line = [str(seed)]
        start = time.time()
        for query in ["P(y | do(x))", "P(y | x)"]:
            draws = tool.rows(graph, query, data, 2000, table, modules)
            errors = [[], []]
            for place, setting in enumerate(settings):
                truth = [y_of(setting, gauss(0, 1)) for _ in range(4000)]
                own = draws[place * 2000:(place + 1) * 2000]
                for i, name in enumerate(names["y"]):
                    found, real = [float(row[name]) for row in own], [row[i] for row in truth]
                    mean = [sum(values) / len(values) for values in (found, real)]
                    sd = [
                        math.sqrt(sum((value - m) ** 2 for value in values) / len(values))
                        for values, m in zip((found, real), mean)
                    ]
                    errors[0].append(abs(mean[0] - mean[1]) / sd[1])
                    errors[1].append(abs(sd[0] - sd[1]) / sd[1])
            line += [f"{sum(values) / len(values):.3f}" for values in errors]
        print("\t".join(line + [f"{time.time() - start:.0f}"]), flush=True)


def given(tool, seeds, data):
    cases = json.load(open(f"{data}/identification/numeric_given.json"))["cases"]
    print("case\tsample\tplug-in formula (mean)\tconditional\tgoal")
    for case in cases:
        axes, shape, joint = (case["joint"][key] for key in ("axes", "shape", "p"))
        cells = list(itertools.product(*map(range, shape)))
        graph = tool.write_graph(case["graph"]["nodes"], case["graph"]["directed"], case["graph"]["bidirected"])
        question, truth = case["query"], case["truth"]
        fixed = question["treatments"] + question["conditions"]
        entries = [dict(zip(truth["axes"], cell)) for cell in itertools.product(*map(range, truth["shape"]))]
        settings = [dict(zip(fixed, cell)) for cell in sorted({tuple(e[name] for name in fixed) for e in entries})]
        given_part = ", ".join([f"do({', '.join(question['treatments'])})"] + question["conditions"])
        query = f"P({', '.join(question['outcomes'])} | {given_part})"
        errors = []
        for seed in range(1, seeds + 1):
            rows = [dict(zip(axes, cell)) for cell in random.Random(seed).choices(cells, joint, k=ROWS)]
            draws = tool.rows(graph, query, tool.write_rows(rows), DRAWS, settings)
            counts = collections.Counter(tuple(int(row[name]) for name in truth["axes"]) for row in draws)
            found = [counts[tuple(entry[name] for name in truth["axes"])] / DRAWS for entry in entries]
            errors.append(distance(found, truth["p"]) / len(settings))
        plugin, naive = case["plugin_tvd_mean_by_n"]["20000"], case["naive_tvd_mean"]
        goal = min(2 * plugin + 0.01, naive / 3 if naive > 0.1 else 1)
        print("\t".join([case["id"]] + [f"{x:.4f}" for x in (sum(errors) / seeds, plugin, naive, goal)]), flush=True)
    print("case\tseed\tslope\ttrue slope\tmean off by (sd)")
    for case in json.load(open(f"{data}/identification/gaussian_given.json"))["cases"]:
        scm, truth = case["scm"], case["truth"]
        order, matrix = scm["order"], scm["B"]
        done = []
        while len(done) < len(order):
            done += [
                i for i in range(len(order))
                if i not in done and all(matrix[i][j] == 0 or j in done for j in range(len(order)))]
        graph = tool.write_graph(case["graph"]["nodes"], case["graph"]["directed"], case["graph"]["bidirected"])
        treatment, outcome = case["query"]["treatments"][0], case["query"]["outcomes"][0]
        for seed in range(1, seeds + 1):
            stream, rows = random.Random(seed), []
            for _ in range(ROWS):
                values = [0.0] * len(order)
                for i in done:
                    values[i] = scm["intercept"][i] + sum(matrix[i][j] * values[j] for j in range(len(order)))
                    values[i] += stream.gauss(0, math.sqrt(scm["noise_variance"][i]))
                rows.append({name: values[order.index(name)] for name in case["graph"]["nodes"]})
            settings = [{treatment: -1}, {treatment: 1}]
            draws = tool.rows(graph, f"P({outcome} | do({treatment}))", tool.write_rows(rows), DRAWS, settings)
            means = [
                sum(float(row[outcome]) for row in draws[k * DRAWS:(k + 1) * DRAWS]) / DRAWS for k in range(2)]
            off = ((means[0] + means[1]) / 2 - truth["mean_intercept"][0]) / math.sqrt(truth["covariance"][0][0])
            slope, true = (means[1] - means[0]) / 2, truth["mean_coef_treatments"][0][0]
            print(f"{case['name']}\t{seed}\t{slope:.4f}\t{true:.4f}\t{off:+.4f}", flush=True)


def speed(tool, seeds, _):
    directed, bidirected = edges("napkin")
    graph = tool.write_graph(["w1", "w2", "x", "y"], directed, bidirected)
    stream = random.Random(1)
    rows = []
    for _ in range(ROWS):
        u, v = stream.gauss(0, 1), stream.gauss(0, 1)
        w1 = u + v + 0.5 * stream.gauss(0, 1)
        w2 = math.sin(w1) + 0.7 * stream.gauss(0, 1)
        x = w2 + 0.8 * u + 0.5 * stream.gauss(0, 1)
        rows.append({"w1": w1, "w2": w2, "x": x, "y": 0.5 * x * x + v + 0.5 * stream.gauss(0, 1)})
    labels = [{name: min(5, max(0, int(value + 3))) for name, value in row.items()} for row in rows]
    print("world\trows drawn\tseconds (least)\tprocessor seconds (least)")
    for world, table, query in [("numbers", rows, "P(y | do(x=1))"), ("labels", labels, "P(y | do(x=3))")]:
        data = tool.write_rows(table)
        for draws in [100_000, 1_000_000]:
            times = []
            for _ in range(seeds):
                before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.time()
                tool.sample(graph, query, data, draws)
                after = resource.getrusage(resource.RUSAGE_CHILDREN)
                processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
                times.append((time.time() - start, processor))
            print(f"{world}\t{draws}\t" + "\t".join(f"{min(column):.2f}" for column in zip(*times)), flush=True)


def main():
    tables = {"comparison": comparison, "napkin": napkin, "vectors": vectors, "given": given, "speed": speed}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("table", choices=tables)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--scratch", required=True)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--data")
    options = parser.parse_args()
    if options.table == "given" and not options.data:
        parser.error("given needs --data")
    tables[options.table](Tool(options.binary, options.scratch), options.seeds, options.data)


if __name__ == "__main__":
    main()
