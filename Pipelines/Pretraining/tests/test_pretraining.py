"""A small ensemble: a training is killed, the workflow started again, its results compared with direct trainings."""

import csv
import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

PRETRAINING = Path(__file__).parent.parent
TRAINING = {
    "network": {"kind": "pairwise", "blocks": 1, "width": 8},
    "genes": [4, 6],
    "cells": [20, 30],
    "validationGenes": 5,
    "validationCells": 30,
    "validationWorlds": 2,
    "calibrationWorlds": 0,
    "validationInterval": 20,
    "checkpointInterval": 4,
    "steps": 60,
}


def snakemake(folder, *options):
    profile = PRETRAINING.parent / "Screens/profiles/local"
    return subprocess.run(
        ["snakemake", "-s", PRETRAINING / "workflow/Snakefile", "--profile", profile, *options], cwd=folder, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=600,
        env=os.environ | {"KILLED_MARK": str(folder / "killed")})


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A working folder in which the workflow was started twice."""
    folder = tmp_path_factory.mktemp("pretraining")
    (folder / "config").mkdir()
    (folder / "tiny.yaml").write_text(yaml.safe_dump(TRAINING))
    (folder / "config/config.yaml").write_text(yaml.safe_dump({
        "networks": {"tiny": {"learns": "structure", "configuration": "tiny.yaml"}},
        "seeds": [0, 1],
        "program": str(PRETRAINING / "tests/killed-once"),
        "threads": 1,
        "memory": 512,
    }))
    assert snakemake(folder, "--retries", "0").returncode == 1
    second = snakemake(folder)
    assert second.returncode == 0, second.stdout
    return folder


def weights(path):
    """What a file of weights holds, less the seconds that its card tells."""
    content = path.read_bytes()
    end = 8 + int.from_bytes(content[:8], "little")
    header, seconds = re.subn(rb'(trainingSeconds\W+)\d+(\.\d+)?', rb"\1", content[8:end])
    assert seconds == 1
    return header.rstrip(), content[end:]


@pytest.mark.parametrize("seed", ["0", "1"])
def test_members_are_those_of_direct_trainings(folder, tmp_path, seed):
    subprocess.run(
        [os.environ["INTERVENTOME_BINARY"], "pretrain", "structure", "--config", folder / "tiny.yaml", "-o",
         tmp_path / "direct.safetensors", "--seed", seed, "-q", "-@", "1"], check=True)
    made = weights(folder / f"results/tiny/seed{seed}.safetensors")
    assert made == weights(tmp_path / "direct.safetensors")


def test_the_training_that_was_killed_went_on(folder):
    killed = (folder / "killed").read_text().strip()
    for seed in ["0", "1"]:
        log = (folder / f"results/logs/tiny/seed{seed}.log").read_text()
        assert ("begins anew" in log) == (f"seed{seed}." not in killed)


def test_histories_are_gathered(folder):
    with open(folder / "results/history.tsv", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    assert {(row["network"], row["member"]) for row in rows} == {("tiny", "0"), ("tiny", "1")}
    assert {row["step"] for row in rows} == {"20", "40", "60"}
