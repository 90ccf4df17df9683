"""Gathered tables hold the rows of all runs as they were; summaries are means by hand."""

import csv

import pytest
from gather import gather
from summarise import page, summarise, write


def test_rows_are_gathered_as_they_are(tmp_path):
    (tmp_path / "a").write_text("metric\tvalue\nx\t0.10\ny\t\n")
    (tmp_path / "b").write_text("metric\tvalue\nx\t1e-3\n")
    gather([tmp_path / "a", tmp_path / "b"], ["fold", "seed"], [[1, 0], [2, 0]], tmp_path / "all")
    assert (tmp_path / "all").read_text() == "fold\tseed\tmetric\tvalue\n1\t0\tx\t0.10\n1\t0\ty\t\n2\t0\tx\t1e-3\n"


def test_tables_of_other_columns_are_refused(tmp_path):
    (tmp_path / "a").write_text("metric\tvalue\n")
    (tmp_path / "b").write_text("value\tmetric\n")
    with pytest.raises(ValueError, match="b: expected the columns"):
        gather([tmp_path / "a", tmp_path / "b"], [], [[], []], tmp_path / "all")


COLUMNS = "sample fold seed metric variant model baseline value verdict model_value gain".split()
ROWS = [
    # A correlation: more is better. Ridge is nearer to the model than no change.
    "s 1 0 correlation disjoint model none 0.0 beats 0.5 0.5",
    "s 1 0 correlation disjoint model ridge 0.6 loses 0.5 -0.1",
    "s 2 0 correlation disjoint model none 0.0 beats 0.7 0.7",
    "s 2 0 correlation disjoint model ridge 0.4 beats 0.7 0.3",
    "s 1 0 correlation shared model ridge 0.9 loses 0.5 -0.4",
    # An error: less is better; the gains say so.
    "s 1 0 error disjoint model none 3.0 ties 2.0 1.0",
    "s 2 0 error disjoint model none  ties  ",
]


def rows():
    return [dict(zip(COLUMNS, row.split(" "), strict=True)) for row in ROWS]


def test_the_strongest_baseline_stands_beside_the_model():
    correlation, error = summarise(rows())
    assert (correlation["metric"], correlation["baseline"], correlation["runs"]) == ("correlation", "ridge", 2)
    assert correlation["model"] == pytest.approx(0.6)
    assert correlation["baseline_value"] == pytest.approx(0.5)
    assert correlation["gain"] == pytest.approx(0.1)
    assert (correlation["beats"], correlation["ties"], correlation["loses"]) == (1, 0, 1)
    # The second run has no values.
    assert (error["model"], error["baseline_value"], error["gain"]) == (2.0, 3.0, 1.0)


def test_summaries_are_written_as_table_and_page(tmp_path):
    with open(tmp_path / "in.tsv", "w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, delimiter="\t")
        writer.writeheader()
        writer.writerows(rows())
    write(tmp_path / "in.tsv", tmp_path / "out.tsv", tmp_path / "out.html")
    assert len((tmp_path / "out.tsv").read_text().splitlines()) == 3
    assert "<td>correlation</td>" in (tmp_path / "out.html").read_text()


def test_names_are_escaped():
    (row,) = summarise(row | {"sample": "<b>"} for row in rows()[:1])
    assert "<h2>&lt;b&gt;</h2>" in page([row])
