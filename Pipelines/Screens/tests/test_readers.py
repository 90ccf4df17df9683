"""What a run makes opens in anndata and scanpy as it is."""

import os
import shutil
import subprocess
import sys

import anndata
import numpy
import pandas
import pytest
import scanpy
import screen


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    screen.make(folder, "interventome")
    command = [os.environ["INTERVENTOME_BINARY"], "run", "screen.yaml", "-o", "results", "-q", "-@", "1"]
    subprocess.run([*command, "--set", "split.heldOut=[drug1]"], cwd=folder, check=True)
    return folder / "results"


def test_the_screen_opens_in_scanpy(results):
    cells = scanpy.read_h5ad(results / "screen.h5ad")
    raw = anndata.read_h5ad(results.parent / "screen" / "lines.h5ad")
    assert list(cells.obs_names) == list(raw.obs_names)
    assert (cells.obs["perturbation"].astype(str) == raw.obs["perturbation"].astype(str)).all()
    assert set(cells.obs["interventome_role"]) == {"training", "test"}
    counts = raw[:, cells.var_names].X.toarray()
    assert numpy.array_equal(cells.layers["counts"].toarray(), counts)
    # X is what scanpy makes of the counts, with the median total of the cells that were trained on; the last digits of
    # Float32 differ.
    logarithms = cells.X.toarray()
    cells.X = cells.layers["counts"].copy()
    totals = counts.sum(axis=1)[cells.obs["interventome_role"] == "training"]
    scanpy.pp.normalize_total(cells, target_sum=float(numpy.median(totals)))
    numpy.testing.assert_allclose(logarithms, numpy.log1p(cells.X.toarray()), rtol=1e-6)


def test_predictions_open_in_scanpy(results):
    predicted = scanpy.read_h5ad(results / "predictions.h5ad")
    cells = scanpy.read_h5ad(results / "screen.h5ad")
    assert list(predicted.var_names) == list(cells.var_names)
    assert "version" in predicted.uns["interventome"]
    # The controls beside the predicted cells are copies of measured ones.
    controls = predicted[predicted.obs["is_control"]]
    measured = cells[cells.obs["perturbation"] == "control"]
    assert not controls.obs["is_predicted"].any()
    assert numpy.array_equal(controls.X, measured.X.toarray())
    scanpy.tl.rank_genes_groups(predicted, "perturbation", reference="control", method="wilcoxon")
    ranked = scanpy.get.rank_genes_groups_df(predicted, "drug1")
    assert set(ranked["names"]) == set(predicted.var_names)
    assert numpy.isfinite(ranked["scores"]).all()


def test_shifts_join_with_predictions(results):
    shifts = pandas.read_csv(results / "predictions.shifts.tsv", sep="\t")
    predicted = scanpy.read_h5ad(results / "predictions.h5ad")
    assert set(shifts["gene"]) == set(predicted.var_names)
    treated = predicted.obs[predicted.obs["is_predicted"]]
    asked = set(zip(treated["perturbation"], treated["dose"]))
    assert set(zip(shifts["perturbation"], shifts["dose"])) == asked
    assert (shifts["lower"] <= shifts["upper"]).all()


def page_block(screens, language):
    """The code of the page for users of the language."""
    page = screens / "../../Sources/Tool/interventome/interventome.docc/PythonAndR.md"
    return page.read_text().split(f"```{language}\n")[1].split("```")[0]


def test_the_page_for_scanpy_runs(screens, results):
    environment = os.environ | {"NUMBA_CACHE_DIR": str(results.parent / "numba")}
    block = page_block(screens, "python")
    subprocess.run([sys.executable, "-c", block], cwd=results.parent, check=True, env=environment)


def test_the_page_for_seurat_runs(screens, results):
    if not shutil.which("Rscript") or subprocess.run(["Rscript", "-e", "library(Seurat)"]).returncode != 0:
        pytest.skip("R with Seurat is missing")
    program = os.environ["INTERVENTOME_BINARY"]
    subprocess.run(
        [program, "convert", "results/screen.h5ad", "counts10x", "--layer", "counts"], cwd=results.parent, check=True)
    subprocess.run(["Rscript", "-e", page_block(screens, "r")], cwd=results.parent, check=True)
