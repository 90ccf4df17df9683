"""The cases of `engine`: every contender of a case in a process of its own, one after the other in every round.

    engine.py TIMER PYTHON SCRATCH [--json FILE] [--only TEXT] [--threads 1,2] [--rounds 5] [--blocks 16]
              [--peers jax,torch,torch-composed,torch-compiled] [--no-limits]

TIMER is the executable of EngineTimer, PYTHON the interpreter that has the peers. --only takes the cases whose name contains TEXT,
such as "block", "training", "200x30"; --blocks makes a smaller network, to try this script.
"""
import argparse, array, json, math, os, platform, re, statistics, subprocess, sys, time

HERE = os.path.dirname(os.path.abspath(__file__))
# work, mode, rows, variables, batch, least rounds
CASES = [
    ("block", "forward", 200, 30, 1, 15), ("block", "gradient", 200, 30, 1, 15),
    ("block", "forward", 1000, 30, 1, 5), ("block", "gradient", 1000, 30, 1, 5),
    ("network", "inference", 200, 30, 1, 5), ("network", "inference", 1000, 30, 1, 5),
    ("network", "training", 200, 20, 1, 5), ("network", "training", 200, 20, 4, 5),
    ("network", "training", 200, 30, 1, 5), ("network", "training", 200, 30, 4, 5),
]
# Compiling the whole network takes PyTorch minutes: it is compiled for blocks only.
WHOLE_NETWORK = {"interventome", "jax", "torch", "torch-composed"}
TOLERANCE = 1e-3


class Contender:
    """A process that carries a work out each time it is asked to; its times are divided by the work's `parts`."""

    def __init__(self, who, command, threads, parts, log):
        self.who, self.parts, self.rounds = who, parts, []
        cores = sorted(os.sched_getaffinity(0))[-threads:]
        environment = dict(os.environ, TF_CPP_MIN_LOG_LEVEL="2", PYTHONPATH=HERE)
        for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
            environment[name] = str(threads)
        self.log = open(log, "w+")
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True, env=environment,
            preexec_fn=lambda: os.sched_setaffinity(0, cores))
        self.first = self.answer()
        self.versions = self.answer().get("versions", {})

    def answer(self):
        line = self.process.stdout.readline()
        if not line.startswith("{"):
            self.process.wait()
            self.log.seek(0)
            sys.exit(f"{self.who} ended with status {self.process.returncode}:\n{line}{self.log.read()[-4000:]}")
        return json.loads(line)

    def step(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        answer = self.answer()
        self.rounds.append({key: value if key == "loss" else value / self.parts for key, value in answer.items()})

    def finish(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
        self.process.stdin.close()
        self.process.wait()
        return peak / 1024

    def all(self, key):
        return [round[key] for round in self.rounds]


def gflop(work, mode, rows, variables, batch, blocks):
    """Of the products: 524,288 floating-point operations a token and block for the linear layers and 1,024 a token, block and
    token of its group for the attention; twice as many more for the gradients."""
    tokens = batch * rows * variables
    block = tokens * (524_288 + 512 * (rows + variables))  # the mean of one over variables and one over observations
    return block * (1 if work == "block" else blocks) * (1 if mode in ("forward", "inference") else 3) / 1e9


def numbers(file):
    values = array.array("f")
    with open(file, "rb") as stream:
        values.frombytes(stream.read())
    return values


def difference(a, b):
    """In Euclidean norm, relative to b: the gradient of a unit near the kink of ReLU may be there or not, which is much in one
    value and nothing in all."""
    if len(a) != len(b):
        return float("inf")
    return math.dist(a, b) / math.hypot(*b)


def load():
    return round(os.getloadavg()[0], 2)


def prepare(arguments, *what):
    subprocess.run([arguments.python, f"{HERE}/engine_peers.py", *map(str, what)], check=True, stderr=subprocess.DEVNULL)


def measure(case, threads, arguments):
    work, mode, rows, variables, batch, least = case
    data = os.path.join(arguments.scratch, "data.safetensors")
    prepare(arguments, "data", data, rows, variables, batch)
    contenders, before = [], load()
    # A block is timed as a pair, one over the variables and one over the observations.
    parts = 2 if work == "block" else 1
    for who in ["interventome"] + arguments.peers:
        if work == "network" and who not in WHOLE_NETWORK:
            continue
        result = os.path.join(arguments.scratch, f"{who}.numbers")
        command = [arguments.timer] if who == "interventome" else [arguments.python, f"{HERE}/engine_peers.py", who]
        contenders.append(
            Contender(who, command + [work, mode, arguments.weights, data, str(threads), result], threads, parts, f"{result}.log"))
    for _ in range(max(least, arguments.rounds)):
        for contender in contenders:
            contender.step()
            time.sleep(0.02)
    ours, after = contenders[0], load()
    operations = gflop(work, mode, rows, variables, batch, arguments.blocks)
    outcome = dict(
        case=" ".join([work, mode, f"{rows}x{variables}x{batch}"]), threads=threads, gflop=round(operations, 2),
        load=[before, after], contenders={})
    for contender in contenders:
        processor, wall = contender.all("processor_seconds"), contender.all("seconds")
        entry = dict(
            first=contender.first, rounds=contender.rounds, processor_median=statistics.median(processor),
            processor_least=min(processor), wall_median=statistics.median(wall), wall_least=min(wall),
            gflop_per_processor_second=operations / min(processor), peak_megabytes=round(contender.finish()),
            share_of_its_processor_seconds=statistics.median(
                a / b for a, b in zip(ours.all("processor_seconds"), processor)))
        if contender is not ours:
            files = [os.path.join(arguments.scratch, f"{who}.numbers") for who in ("interventome", contender.who)]
            entry["difference"] = difference(*map(numbers, files))
            if "loss" in ours.first:
                entry["difference"] = max(entry["difference"], difference(ours.all("loss"), contender.all("loss")))
        outcome["contenders"][contender.who] = entry
        arguments.versions.update(contender.versions)
    return outcome


COLUMNS = [
    ("case", 29, "{}"), ("threads", 7, "{}"), ("who", 14, "{}"), ("cpu med", 9, "{:.4f}"), ("cpu min", 9, "{:.4f}"),
    ("wall med", 9, "{:.4f}"), ("wall min", 9, "{:.4f}"), ("GFLOP/cpu-s", 11, "{:.1f}"), ("ours/its", 8, "{:.3f}"),
    ("first cpu", 9, "{:.2f}"), ("peak MB", 8, "{}"), ("differs by", 10, "{:.0e}"), ("load", 11, "{}"),
]


def row(values):
    print("  ".join(f"{value:>{width}}" for value, (_, width, _) in zip(values, COLUMNS)), flush=True)


def show(outcome):
    for who, entry in outcome["contenders"].items():
        values = [
            outcome["case"], outcome["threads"], who, entry["processor_median"], entry["processor_least"], entry["wall_median"],
            entry["wall_least"], entry["gflop_per_processor_second"], entry["share_of_its_processor_seconds"],
            entry["first"]["processor_seconds"], entry["peak_megabytes"], entry.get("difference", 0),
            "{}-{}".format(*outcome["load"])]
        row([form.format(value) for value, (_, _, form) in zip(values, COLUMNS)])


def limits(arguments):
    """What the machine can do: fused multiply-adds, products by OpenBLAS as it comes and for AVX-512, and by the engine."""
    with open("/proc/cpuinfo") as file:
        wide = "avx512f" in file.read()
    found = []
    for core in [None] + ["SkylakeX"] * wide:
        for threads in arguments.threads:
            environment = dict(os.environ, OPENBLAS_NUM_THREADS=str(threads), **({"OPENBLAS_CORETYPE": core} if core else {}))
            before = load()
            output = subprocess.run(
                [arguments.timer, "limits", str(threads)], env=environment, check=True, stdout=subprocess.PIPE, text=True)
            for entry in json.loads(output.stdout):
                # Only OpenBLAS asks for its core type.
                if core is None or entry["name"].startswith("OpenBLAS"):
                    found.append(dict(entry, coretype=core, load=[before, load()]))
    print("GFLOP a second of the clock (median, best) and of a processor (median, best); products are rows x columns x inner")
    for entry in found:
        rates = [entry[f"{kind}_per_{clock}"] for clock in ("second", "processor_second") for kind in ("median", "best")]
        print("{:<26} {:>15} {} thread(s)".format(
            entry["name"], "x".join(map(str, entry.get("product", []))), entry["threads"])
            + "".join(f"{rate:8.1f}" for rate in rates) + "  load {}-{}".format(*entry["load"]))
    return found


def closing(report):
    """How far the threads and the machine's limit are used."""
    walls = {(o["case"], o["threads"]): o["contenders"]["interventome"] for o in report["cases"]}
    products = {}
    for entry in report["limits"]:
        if entry["threads"] == 1 and entry.get("product") == [2048, 2048, 2048] and entry["name"].startswith("OpenBLAS"):
            products[entry["name"]] = entry["best_per_processor_second"]
    for (case, threads), entry in walls.items():
        if threads == 1:
            shares = [
                f"{entry['gflop_per_processor_second'] / best:.0%} of {name} ({best:.0f})" for name, best in products.items()]
            print(f"{case}: {entry['gflop_per_processor_second']:.0f} GFLOP/s" + "".join(f", {share}" for share in shares))
            if (case, 2) in walls:
                print(f"{case}: {entry['wall_median'] / walls[case, 2]['wall_median']:.2f} times as fast on 2 threads (wall)")


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("timer")
    parser.add_argument("python")
    parser.add_argument("scratch")
    parser.add_argument("--json")
    parser.add_argument("--only", default="")
    parser.add_argument("--threads", default="1,2", type=lambda text: [int(word) for word in text.split(",")])
    parser.add_argument("--rounds", default=5, type=int)
    parser.add_argument("--blocks", default=16, type=int)
    parser.add_argument(
        "--peers", default="jax,torch,torch-composed,torch-compiled", type=lambda text: text.split(",") if text else [])
    parser.add_argument("--no-limits", action="store_true")
    arguments = parser.parse_args()
    with open("/proc/cpuinfo") as file:
        processor = next((line.split(":")[1].strip() for line in file if line.startswith("model name")), platform.machine())
    swift = subprocess.run(["swift", "--version"], capture_output=True, text=True).stdout.splitlines()[0]
    arguments.versions = {"swift": re.search(r"[\d.]+", swift).group()}
    report = dict(
        processor=processor, cores=len(os.sched_getaffinity(0)), blocks=arguments.blocks, date=time.strftime("%Y-%m-%d %H:%M"),
        limits=[], cases=[], versions=arguments.versions)
    arguments.weights = os.path.join(arguments.scratch, "weights.safetensors")
    prepare(arguments, "weights", arguments.weights, arguments.blocks)
    if not arguments.no_limits:
        report["limits"] = limits(arguments)
    row([name for name, _, _ in COLUMNS])
    for case in CASES:
        if arguments.only not in "{} {} {}x{}x{}".format(*case):
            continue
        for threads in arguments.threads:
            report["cases"].append(measure(case, threads, arguments))
            show(report["cases"][-1])
            if arguments.json:
                with open(arguments.json, "w") as file:
                    json.dump(report, file, indent=1)
    closing(report)
    versions = [f"{name} {version}" for name, version in arguments.versions.items()]
    print("; ".join([f"{processor}, {report['cores']} cores"] + versions))
    differing = [
        (outcome["case"], who) for outcome in report["cases"] for who, entry in outcome["contenders"].items()
        if not entry.get("difference", 0) <= TOLERANCE]
    if differing:
        sys.exit(f"results differ by more than {TOLERANCE} of the largest value: {differing}")


main()
