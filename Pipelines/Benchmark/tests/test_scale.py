"""Reference/Scale.md says what the measurements beside it say, by the laws that numpy and scipy fit to them."""

import re
import shutil
import sys
from pathlib import Path

import numpy
import pandas
import pytest
import scipy.stats

sys.path.append(str(Path(__file__).parent.parent))
import scale_document as document

VARIABLES = ["cells", "genes", "perturbations"]
MEASURED = pandas.read_csv(document.FOLDER / "Scale" / "measured.tsv", sep="\t")


def printed(block):
    """The rows of a table of the document, by its name."""
    text = document.DOCUMENT.read_text().split(f"<!-- {block} -->\n")[1].split("<!--")[0]
    head, _, *rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in text.strip().splitlines()]
    return [dict(zip(map(str.strip, head), row, strict=True)) for row in rows]


def least_squares(rows):
    """Exponents with standard errors of the processor seconds."""
    design = numpy.column_stack([numpy.ones(len(rows)), numpy.log(rows[VARIABLES])])
    values = numpy.log(rows["processor_s"])
    coefficients, (squares,), _, _ = numpy.linalg.lstsq(design, values, rcond=None)
    variance = squares / (len(rows) - 4)
    return coefficients, numpy.sqrt(numpy.diag(variance * numpy.linalg.inv(design.T @ design)))


def fitted(series, stage):
    rows = MEASURED[(MEASURED["series"] == series) & (MEASURED["stage"] == stage)]
    rows = rows[rows["processor_s"] >= document.LEAST_SECONDS]
    return rows[rows["genes"] <= document.LARGEST_CURVED_PANEL] if series == "models" else rows


def test_the_printed_exponents_are_those_of_the_measurements():
    rows = printed("exponents")
    assert {row["stage"] for row in rows} >= {"preprocess, in blocks", "fit", "predict", "explain", "report", "evaluate"}
    for row in rows:
        coefficients, errors = least_squares(fitted(row["series"], row["stage"]))
        for place, variable in enumerate(VARIABLES):
            assert row[variable] == f"{coefficients[place + 1]:.2f} ± {errors[place + 1]:.2f}"


def test_the_printed_seconds_are_those_measured():
    for series in ("files", "models"):
        rows = MEASURED[MEASURED["series"] == series]
        for row in printed(series):
            size = [float(row[name].replace(",", "")) for name in VARIABLES]
            own = rows[(rows[VARIABLES] == size).all(axis=1)].set_index("stage")
            assert len(own) > 0
            for stage, measured in own["processor_s"].items():
                # Two digits are printed.
                assert float(row[stage].replace(",", "")) == pytest.approx(measured, rel=0.05)


def read_cost(stage, cells, genes):
    """The linear law of a stage of files, by weighted least squares, at a size."""
    rows = MEASURED[(MEASURED["series"] == "files") & (MEASURED["stage"] == stage)]

    def design(cells, genes):
        return numpy.array([numpy.ones_like(cells), cells, cells * numpy.minimum(0.073 * genes, 2500)]).T

    weights = 1 / rows["processor_s"].to_numpy()
    places = design(rows["cells"].to_numpy(float), rows["genes"].to_numpy(float)) * weights[:, None]
    scale = numpy.abs(places).max(axis=0)
    coefficients = numpy.linalg.lstsq(places / scale, numpy.ones(len(rows)), rcond=None)[0] / scale
    return design(numpy.array(float(cells)), numpy.array(float(genes))) @ coefficients


def test_the_atlas_is_the_sum_of_its_stages():
    row = printed("atlas")[0]
    name, count, drugs, cells, genes, lines = document.ATLASES[0]
    jobs, own = count * lines * 15, cells / count / lines
    seconds = 0.0
    for law in printed("exponents"):
        if law["series"] == "models" and law["stage"] not in ("read", "preprocess", "evaluate"):
            coefficients = least_squares(fitted("models", law["stage"]))[0]
            seconds += numpy.exp(coefficients @ [1, *numpy.log([own, 50, drugs])])
    for stage in ("read, whole", "preprocess, whole"):
        seconds += read_cost(stage, own, 2000)
    taken = 14 * lines * read_cost("one line of fifty", cells / 14, genes)
    assert row["jobs"] == f"{jobs:,}"
    likely = float(row["processor h in all"].split(" (")[0].replace(",", ""))
    assert likely == pytest.approx((seconds * jobs + taken) / 3600, rel=0.05)


def test_document_and_figures_are_up_to_date():
    for path, text in document.made().items():
        assert path.read_text() == text, f"{path.name}: run scale_document.py write"


# Files, and what stands before the digit that is changed.
CHANGES = {
    "Scale.md": r"\| models \| fit \| \d\.",
    "Scale/measured.tsv": r"models\tfit\t\d+\t\d+\t\d+\t",
    "Scale/plan.tsv": r"11605\t",
    "Scale/models.svg": r'cx="',
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_of_any_file_is_found(name, tmp_path, monkeypatch):
    shutil.copytree(document.FOLDER / "Scale", tmp_path / "Scale")
    shutil.copy(document.DOCUMENT, tmp_path)
    monkeypatch.setattr(document, "FOLDER", tmp_path)
    monkeypatch.setattr(document, "DOCUMENT", tmp_path / "Scale.md")
    document.main("check")
    text = (tmp_path / name).read_text()
    changed = re.sub(f"({CHANGES[name]})(\\d)", lambda match: match[1] + str((int(match[2]) + 5) % 10), text, count=1)
    assert changed != text
    (tmp_path / name).write_text(changed)
    with pytest.raises(SystemExit):
        document.main("check")


def test_quantiles_are_those_of_student():
    expected = scipy.stats.t.ppf(0.95, range(1, len(document.QUANTILES) + 1))
    assert document.QUANTILES == pytest.approx(expected, abs=5e-4)


def test_intervals_hold_as_many_new_values_as_they_say():
    random = numpy.random.default_rng(1)
    inside, times = 0, 2000
    design = [[1.0, float(x), float(x % 3)] for x in range(9)]
    for _ in range(times):
        law = document.Law(design, [2 + 0.5 * row[1] - row[2] + random.normal() for row in design])
        place = [1.0, 12.0, 1.0]
        inside += abs(law.at(place) - (2 + 6 - 1 + random.normal())) <= law.interval(place)
    # Three standard errors of a share of 2,000.
    assert inside / times == pytest.approx(0.9, abs=3 * (0.09 / times) ** 0.5)
