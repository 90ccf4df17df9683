"""A small simulated screen of two cell lines, with a sample sheet and a configuration of the workflow: FOLDER."""

import os
import subprocess
import sys
from pathlib import Path

import anndata

SHAPE = {
    "drugs": 6,
    "classes": 2,
    "causalGenes": 6,
    "backgroundGenes": 4,
    "cellsPerCondition": 16,
    "controlCells": 80,
    "doses": "[0.1,1,10]",
}
CONFIGURATION = """\
title: Two cell lines
input: screen/lines.h5ad
features: screen/features.tsv
preprocess: {scale: counts}
fit:
  responses: {particles: 200, draws: 4, restarts: 1, interventionDraws: 4}
"""
SHEET = """\
sample configuration where split folds seeds
all screen.yaml  perturbation 2 0,1
A549 screen.yaml cell_line=A549 dose 1 0
"""


def make(folder, program):
    """Fills the folder; `program` is what the workflow calls."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = [part for key, value in SHAPE.items() for part in ("--set", f"{key}={value}")]
    command = [os.environ["INTERVENTOME_BINARY"], "simulate", "screen", "-o", folder / "screen", "-q", *settings]
    subprocess.run(command, check=True)
    screen = anndata.read_h5ad(folder / "screen" / "screen.h5ad")
    screen.obs["cell_line"] = ["A549" if cell % 2 else "K562" for cell in range(screen.n_obs)]
    screen.write_h5ad(folder / "screen" / "lines.h5ad")
    (folder / "screen.yaml").write_text(CONFIGURATION)
    (folder / "samples.tsv").write_text(SHEET.replace(" ", "\t"))
    (folder / "config").mkdir(exist_ok=True)
    (folder / "config" / "config.yaml").write_text(
        f"samples: samples.tsv\nprogram: {program}\nthreads: 1\nmemory: 512\nminutes: 10\n")


if __name__ == "__main__":
    make(Path(sys.argv[1]), Path(__file__).parent / "killed-once")
