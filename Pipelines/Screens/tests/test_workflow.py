"""The whole workflow on a small screen: a run is killed, the workflow started again, its results compared."""

import filecmp
import os
import subprocess

import pytest
import screen

# What a run makes, but for its log, which holds seconds, and what says where files lie.
RESULTS = [
    "screen.h5ad",
    "edges.tsv",
    "model/model.safetensors",
    "predictions.h5ad",
    "predictions.shifts.tsv",
    "evaluation.tsv",
    "evaluation.summary.tsv",
    "explanations.json",
]


def snakemake(screens, folder, *options):
    command = ["snakemake", "-s", screens / "workflow/Snakefile", "--profile", screens / "profiles/local", *options]
    return subprocess.run(
        command, cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=600,
        env=os.environ | {"KILLED_MARK": str(folder / "killed")})


@pytest.fixture(scope="module")
def folder(screens, tmp_path_factory):
    """A working folder in which the workflow was started twice."""
    folder = tmp_path_factory.mktemp("workflow")
    screen.make(folder, screens / "tests/killed-once")
    first = snakemake(screens, folder, "--retries", "0")
    assert first.returncode == 1, first.stdout
    assert not (folder / "results/evaluation.tsv").exists()
    second = snakemake(screens, folder)
    assert second.returncode == 0, second.stdout
    return folder


def run_directly(folder, output, split, fold, seed, *options):
    division = ["--set", f"split.file={folder}/results/splits/{split}.tsv", "--set", f"split.fold={fold}"]
    command = [os.environ["INTERVENTOME_BINARY"], "run", folder / "screen.yaml", "-o", output, "--seed", seed]
    subprocess.run([*command, "-q", "-@", "1", *division, *options], check=True)


def test_a_run_that_was_killed_went_on(folder):
    killed = (folder / "killed").read_text().strip()
    log = (folder / killed.replace("results/runs", "results/logs/run")).with_suffix(".log").read_text()
    assert "structure: done already" in log
    assert "fit: done already" not in log


@pytest.mark.parametrize(("sample", "options"), [("all", []), ("A549", ["--set", "screen.where.cell_line=[A549]"])])
def test_results_are_those_of_direct_runs(folder, tmp_path, sample, options):
    fold, seed = 1, 0
    if sample == "all":
        *_, fold, seed = (folder / "killed").read_text().strip().split("/")
        fold, seed = fold.removeprefix("fold"), seed.removeprefix("seed")
    run_directly(folder, tmp_path / "direct", sample, fold, str(seed), *options)
    made = folder / f"results/runs/{sample}/fold{fold}/seed{seed}"
    same, other, missing = filecmp.cmpfiles(made, tmp_path / "direct", RESULTS, shallow=False)
    assert (same, other, missing) == (RESULTS, [], [])


@pytest.mark.parametrize("table", ["evaluation.tsv", "evaluation.summary.tsv"])
def test_gathered_tables_hold_every_run(folder, table):
    header, *rows = (folder / "results" / table).read_text().splitlines()
    expected = []
    for sample, fold, seed in [("all", 1, 0), ("all", 1, 1), ("all", 2, 0), ("all", 2, 1), ("A549", 1, 0)]:
        lines = (folder / f"results/runs/{sample}/fold{fold}/seed{seed}" / table).read_text().splitlines()
        assert header == "sample\tfold\tseed\t" + lines[0]
        expected += [f"{sample}\t{fold}\t{seed}\t{line}" for line in lines[1:]]
    assert rows == expected


def test_costs_of_all_runs_are_gathered(folder):
    header, *rows = (folder / "results/costs.tsv").read_text().splitlines()
    assert header.split("\t")[:3] == ["sample", "fold", "seed"]
    assert len(rows) == 5


def test_nothing_is_left_to_do(screens, folder):
    assert "Nothing to be done" in snakemake(screens, folder, "--dry-run").stdout


def test_the_report_holds_the_summary(screens, folder):
    made = snakemake(screens, folder, "--report", "report.zip")
    assert made.returncode == 0, made.stdout


@pytest.mark.parametrize("option", ["threads=none", "unknown=1"])
def test_a_configuration_out_of_the_schema_is_refused(screens, folder, option):
    refused = snakemake(screens, folder, "--dry-run", "--config", option)
    assert refused.returncode == 1
    assert option.split("=")[0] in refused.stdout


def test_a_faulty_sheet_is_refused_with_its_line(screens, folder):
    (folder / "faulty.tsv").write_text((folder / "samples.tsv").read_text().replace("\tdose\t", "\tdosis\t"))
    refused = snakemake(screens, folder, "--dry-run", "--config", "samples=faulty.tsv")
    assert refused.returncode == 1
    assert "faulty.tsv: line 3, column split: expected one of" in refused.stdout
