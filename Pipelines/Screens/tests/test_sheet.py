"""Faults of a sample sheet are told with their line and column, all at once."""

import pytest
from sheet import SheetError, read_sheet

COLUMNS = "sample configuration where split covariate folds seeds".split()


def sheet(folder, *rows, columns=COLUMNS):
    path = folder / "samples.tsv"
    path.write_text("".join("\t".join(row) + "\n" for row in [columns, *rows]))
    return path


def test_rows_unfold_into_runs(tmp_path):
    path = sheet(
        tmp_path,
        ["a", "a.yaml", "", "perturbation", "", "2", "0,7"],
        ["b", "b.yaml", "cell_line=MCF=7 x", "covariate", "batch", "1", "3"],
    )
    (tmp_path / "b.yaml").write_text("input: data/b.h5ad\n")
    samples = read_sheet(path)
    assert list(samples) == ["a", "b"]
    assert samples["a"].runs == [(1, 0), (1, 7), (2, 0), (2, 7)]
    assert samples["a"].selection is None
    assert samples["b"].selection == 'screen.where={"cell_line": ["MCF=7 x"]}'
    assert samples["b"].screen == tmp_path / "data/b.h5ad"
    assert samples["b"].features is None


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (["a b", "a.yaml", "", "dose", "", "1", "0"], "column sample: found 'a b'"),
        (["a", "a.json", "", "dose", "", "1", "0"], "column configuration: found 'a.json'"),
        (["a", "a.yaml", "A549", "dose", "", "1", "0"], "column where: found 'A549'"),
        (["a", "a.yaml", "", "drug", "", "1", "0"], "column split: expected one of perturbation, "),
        (["a", "a.yaml", "", "covariate", "", "1", "0"], "column covariate: expected a value, found none"),
        (["a", "a.yaml", "", "dose", "", "0", "0"], "column folds: found '0'"),
        (["a", "a.yaml", "", "dose", "", "1", "0;1"], "column seeds: found '0;1'"),
        (["a", "a.yaml", "", "dose", "", "", "0"], "column folds: expected a value, found none"),
        (["good", "a.yaml", "", "dose", "", "1", "0"], "column sample: 'good' is there twice"),
        (["a", "a.yaml", "dose"], "expected 7 columns, found 3"),
    ],
)
def test_faults_name_line_and_column(tmp_path, row, fault):
    good = ["good", "a.yaml", "", "dose", "", "1", "0"]
    with pytest.raises(SheetError) as error:
        read_sheet(sheet(tmp_path, good, row))
    assert "samples.tsv: line 3" in str(error.value)
    assert fault in str(error.value)


def test_unknown_columns_are_refused_and_all_faults_told(tmp_path):
    rows = [["a", "a.yaml", "dose", "x", "0", "!"], ["b", "a.yaml", "dose", "1", "x", ""]]
    with pytest.raises(SheetError) as error:
        read_sheet(sheet(tmp_path, *rows, columns=["sample", "configuration", "split", "folds", "seeds", "fold"]))
    told = str(error.value).splitlines()
    assert len(told) == 3
    assert any("line 2, column fold: no such column is known" in line for line in told)
    assert any("line 2, column folds: found 'x'" in line for line in told)
    assert any("line 3, column seeds: found 'x'" in line for line in told)


def test_a_sheet_without_rows_is_refused(tmp_path):
    with pytest.raises(SheetError, match="expected a row"):
        read_sheet(sheet(tmp_path))
