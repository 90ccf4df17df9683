"""A cell line that was taken out of a large file, as Reference/Scale.md does it, runs as a screen of its own."""

import os
import subprocess

import anndata
import screen


def test_a_line_taken_out_of_a_file_runs(tmp_path):
    screen.make(tmp_path, "interventome")
    program = os.environ["INTERVENTOME_BINARY"]
    subprocess.run(
        [program, "preprocess", "screen/lines.h5ad", "-o", "line.h5ad", "--set", "screen.where.cell_line=[A549]",
         "--set", "preprocess.scale=counts", "--top-genes", "8", "--drop-counts", "-q"], cwd=tmp_path, check=True)
    cells = anndata.read_h5ad(tmp_path / "line.h5ad")
    assert set(cells.obs["cell_line"]) == {"A549"}
    assert cells.n_vars == 8 and not cells.layers
    # So few genes have one variability in bins of the mean: they are ranked by variance.
    settings = [
        "input=line.h5ad", "split.heldOut=[drug1]", "preprocess.scale=log1p", "preprocess.topGenes=6",
        "preprocess.geneSelection=variance",
    ]
    subprocess.run(
        [program, "run", "screen.yaml", "-o", "results", "-q", *(word for one in settings for word in ("--set", one))],
        cwd=tmp_path, check=True)
    kept = anndata.read_h5ad(tmp_path / "results" / "screen.h5ad")
    assert list(kept.obs_names) == list(cells.obs_names)
    assert kept.n_vars == 6
